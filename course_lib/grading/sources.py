"""The files in a folder or a zip, as they lie there: no link is followed, nothing is unpacked.

Names and bytes come from strangers, so nothing is opened that is not a regular file, and of no file
is more read than MAX_BYTES and one byte more, whatever its directory entry or a zip's header says.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

MAX_BYTES = 16 * 2**20  # of a notebook, or of a zip inside a zip
MAX_LISTING = 8 * 2**20  # bytes of the list in a zip that says what is in it
MAX_FILES = 1000  # in a zip inside a zip, which is one student's
MAX_DEPTH = 16  # folders inside folders
CHUNK = 2**20

IGNORED = {"__macosx", ".ds_store", ".ipynb_checkpoints", "desktop.ini", "thumbs.db"}
JUNCTION = 0xA0000003  # the tag that Windows gives to a folder that is a link
CAREFUL = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"))


class Unfit(Exception):
    """A file that cannot be read. The message is one line."""


@dataclass(frozen=True)
class File:
    """One file. Plain data: it can be sent to another process, and read there.

    `parts` are the names from the top folder down, a zip counting as a folder. `place` is the file
    on disk; `members` leads from there into a zip, as (number, name) of an entry, and of an entry
    in the zip that this entry is. `problem` says in one line why the file is not to be read.
    """

    parts: tuple[str, ...]
    place: Path
    members: tuple[tuple[int, str], ...] = ()
    problem: str = ""

    def read(self) -> bytes:
        """Its bytes. Raises Unfit, with one line, for whatever stands in the way."""
        if self.problem:
            raise Unfit(self.problem)
        if not self.members:
            return _bytes_on_disk(self.place)
        number, name = self.members[-1]
        with _errors_of_zips():
            archive = self._outside()._archive()
            entries = archive.infolist()
            if number >= len(entries) or entries[number].filename != name:
                raise Unfit("the zip is no longer what it was")
            with archive.open(entries[number]) as file:
                return _limited(file)

    def _outside(self) -> File:
        """The zip that this file is in."""
        return File(self.parts, self.place, self.members[:-1])

    def _archive(self) -> zipfile.ZipFile:
        if self.members:
            return zipfile.ZipFile(_Guarded(io.BytesIO(self.read())))
        found = os.stat(self.place)
        return _archive_on_disk(self.place, found.st_mtime_ns, found.st_size, os.getpid())


def listed(top: Path) -> list[File]:
    """All files of a folder or zip, sorted by their parts; those of zips in it are there as well.

    What operating systems leave in folders by themselves is not listed. A zip, folder or link that
    cannot be looked into is listed with its problem, an empty folder too: nothing is passed over.

    Raises ValueError, with one line, if `top` is neither a folder nor a zip.
    """
    top = Path(top)
    real = top.resolve()  # a link that the one who marks made is theirs to follow
    if real.is_dir():
        found = list(_in_folder(real, ()))
    elif real.is_file() and _is_zip(real.name):
        found = list(_in_zip(File((), real), real.stem))
    else:
        raise ValueError(f"{top}: found no folder and no zip there, expected submissions in either")
    if len(found) == 1 and not found[0].parts:
        raise ValueError(f"{top}: {found[0].problem}")
    return sorted(found, key=lambda file: (file.parts, file.members))


def _in_folder(folder: Path, parts: tuple[str, ...]) -> Iterator[File]:
    if len(parts) > MAX_DEPTH:
        yield File(parts, folder, problem=f"more than {MAX_DEPTH} folders inside each other")
        return
    try:
        entries = [each for each in os.scandir(folder) if not _is_ignored(each.name)]
    except OSError as error:
        yield File(parts, folder, problem=f"a folder that does not open: {_said(error)}")
        return
    if not entries and parts:
        yield File(parts, folder, problem="an empty folder")
    for entry in entries:
        yield from _entry(Path(entry.path), (*parts, entry.name))


def _entry(path: Path, parts: tuple[str, ...]) -> Iterator[File]:
    try:
        found = os.lstat(path)
    except OSError as error:
        yield File(parts, path, problem=f"cannot be looked at: {_said(error)}")
        return
    mode = found.st_mode
    if stat.S_ISLNK(mode) or getattr(found, "st_reparse_tag", 0) == JUNCTION:
        yield File(parts, path, problem="a link, which is not followed")
    elif stat.S_ISDIR(mode):
        yield from _in_folder(path, parts)
    elif not stat.S_ISREG(mode):
        yield File(parts, path, problem="no regular file, and not opened")
    elif _is_zip(parts[-1]):
        yield from _in_zip(File(parts, path), Path(parts[-1]).stem)
    else:
        yield File(parts, path)


def _in_zip(file: File, name: str) -> Iterator[File]:
    """What is in a zip; `name` is its own, without the ending."""
    try:
        with _errors_of_zips():
            entries = _entries(file)
    except Unfit as error:
        yield File(file.parts, file.place, file.members, problem=str(error))
        return
    if not entries:
        yield File(file.parts, file.place, file.members, "an empty zip")
    wrapped = all(parts[0] == name for _, _, parts in entries)  # as systems do that zip a folder
    for number, entry, parts in entries:
        inner = parts[1:] if wrapped and len(parts) > 1 else parts
        found = File(
            (*file.parts, *inner),
            file.place,
            (*file.members, (number, entry.filename)),
            _problem_of_entry(entry),
        )
        if _is_zip(inner[-1]) and not found.problem:
            yield from _in_zip(found, Path(inner[-1]).stem)
        else:
            yield found


def _entries(file: File) -> list[tuple[int, zipfile.ZipInfo, tuple[str, ...]]]:
    """(number, entry, names on the way to it) of the files in a zip."""
    if len(file.members) > 1:
        raise Unfit("a zip in a zip in a zip, which is not looked into")
    entries = file._archive().infolist()
    if file.members and len(entries) > MAX_FILES:
        raise Unfit(f"a zip of {len(entries):,} files; at most {MAX_FILES:,} are looked at")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unfit("a zip with a password; save it without")
    found = [
        (number, entry, _parts_of(entry))
        for number, entry in enumerate(entries)
        if not entry.is_dir()
    ]
    return [each for each in found if not any(map(_is_ignored, each[2]))]


def _parts_of(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    name = entry.filename
    if not entry.flag_bits & 0x800:  # macOS writes UTF-8 and does not say so
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    names = name.replace("\\", "/").split("/")
    return tuple(name for name in names if name not in ("", ".")) or ("?",)


def _problem_of_entry(entry: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/"):
        return "its path leads out of the zip"
    if kind == stat.S_IFLNK:
        return "a link, which is not followed"
    if kind not in (0, stat.S_IFREG):
        return "no regular file, and not opened"
    # of the other methods zipfile reads at once whatever there is
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"packed by method {entry.compress_type}; zip it the usual way"
    return ""


class _Guarded(io.BufferedReader):
    """The bytes of a zip, so that zipfile, which believes a header, cannot fill the memory."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_LISTING:
            raise Unfit("a zip that lists too many files")
        return super().read(size)

    def __del__(self):
        self.close()


@contextmanager
def _errors_of_zips() -> Iterator[None]:
    """Turns what zipfile raises on hostile bytes, which may be anything, into Unfit."""
    try:
        yield
    except Unfit:
        raise
    except Exception as error:
        raise Unfit(f"a damaged zip: {_said(error)}") from None


@lru_cache(maxsize=8)
def _archive_on_disk(path: Path, changed: int, size: int, process: int) -> zipfile.ZipFile:
    """A zip, kept open: its list of files is long. A forked process opens its own."""
    return zipfile.ZipFile(_Guarded(os.fdopen(_opened(path), "rb", buffering=0)))


def _opened(path: Path) -> int:
    """A descriptor of a regular file. Raises OSError and Unfit."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | CAREFUL)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unfit("no regular file, and not opened")
    return descriptor


def _bytes_on_disk(path: Path) -> bytes:
    try:
        with os.fdopen(_opened(path), "rb") as file:
            return _limited(file)
    except OSError as error:
        raise Unfit(f"cannot be read: {_said(error)}") from None


def _limited(file) -> bytes:
    """All that is in a file. Raises Unfit if that is more than MAX_BYTES."""
    data = bytearray()
    while chunk := file.read(min(CHUNK, MAX_BYTES + 1 - len(data))):
        data += chunk
        if len(data) > MAX_BYTES:
            raise Unfit(f"larger than {MAX_BYTES // 2**20} MB")
    return bytes(data)


def _said(error: Exception) -> str:
    """What an error says, in one line and without the path."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return ascii(said)[1:-1][:200]


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip")


def _is_ignored(name: str) -> bool:
    return name.lower() in IGNORED or name.startswith("._")
