"""The lines of a text file of unknown origin: decoded, numbered, with a progress bar."""

import codecs
import io
import os
from collections.abc import Iterator
from contextlib import nullcontext

from ...progress import progress_bar
from ...values import shown

LARGE = 4_000_000  # bytes; a smaller file is read before a progress bar could be seen
BYTE_ORDER_MARKS = {  # the longer ones first: that of UTF-32 begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def numbered_lines(
    path: str | os.PathLike, progress: bool, encoding: str | None = None
) -> Iterator[tuple[int, str]]:
    r"""(number, line) of a file, counted from 1, without holding more than a few lines of it.

    Lines may end in \n, \r\n or \r; each is given with "\n" at its end, but for the last one if
    the file stops without. Without an encoding it is the one that the byte order mark tells, and
    UTF-8 if there is none.

    Close the iterator (contextlib.closing), or an error leaves the file open, which Windows then
    lets nobody replace.

    Raises ValueError, with file and line, for bytes that are no text; and as open() does.
    """
    with open(path, "rb") as file, _bar_of_bytes(file, progress) as bar:
        start = file.peek(4)
        marked = (name for mark, name in BYTE_ORDER_MARKS.items() if start.startswith(mark))
        number = 0
        try:
            text = io.TextIOWrapper(file, encoding or next(marked, "utf-8"))
            for number, line in enumerate(text, start=1):
                if "\0" in line:
                    found = "a NUL byte (a binary file, or UTF-16 without a byte order mark?)"
                    raise broken(path, number, found, "text in UTF-8")
                yield number, line
                if bar is not None and not number % 10_000:
                    bar.update(file.tell() - bar.n)
            if bar is not None:
                bar.update(file.tell() - bar.n)
        except UnicodeDecodeError as error:
            raise _undecodable(path, number, error, text.encoding) from None


def _bar_of_bytes(file, progress: bool):
    """A progress bar over a file; None, inside a context, for a small file or a pipe."""
    size = os.fstat(file.fileno()).st_size
    if not progress or size < LARGE:
        return nullcontext()
    return progress_bar(total=size, desc=os.path.basename(file.name), unit="B", unit_scale=True)


def _undecodable(path, number: int, error: UnicodeDecodeError, encoding: str) -> ValueError:
    """The error to raise where decoding failed after `number` whole lines."""
    before = bytes(error.object[: error.start]).decode(error.encoding, "replace")
    number += 1 + before.replace("\r\n", "\n").replace("\r", "\n").count("\n")
    if error.reason in ("unexpected end of data", "truncated data"):
        found = "the end of the file inside a character (is it still being written?)"
    else:
        found = f"the byte 0x{error.object[error.start]:02x}"
    name = encoding.removesuffix("-sig").upper()
    return broken(path, number, found, f"text in {name}: save the file as UTF-8")


def broken(path, number: int, found: str, expected: str, line: str = "\n") -> ValueError:
    """What every reader raises for a file that is not what it should be.

    line: the line as read; if it has no line break the message asks whether the file is whole.
    """
    if not line.endswith("\n"):
        found += " (the last line, without a line break: is the file still being written?)"
    number = max(number, 1)  # an empty file ends on its first line
    return ValueError(f"{os.fspath(path)}, line {number}: found {found}, expected {expected}")


def start_of(text: str) -> str:
    """The start of a string as an error message shows it; the string may have any length."""
    return shown(text[:60])
