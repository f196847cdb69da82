"""A table in a CSV file, read and written in the dialect of whoever made it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

SEPARATORS = (",", ";", "\t")
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
LARGEST = 64 * 2**20  # bytes; a gradebook of thousands of students is a few million


@dataclass(frozen=True)
class Table:
    """`header` and `rows` are the cells; a row may be shorter than the header."""

    header: list[str]
    rows: list[list[str]]
    encoding: str = "utf-8"
    separator: str = ","
    line_end: str = "\r\n"

    @classmethod
    def read(cls, path: Path) -> Table:
        """The table in a file. Raises ValueError, with one line, if there is none."""
        try:
            with open(path, "rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
        if len(data) > LARGEST:
            raise ValueError(f"{path}: larger than {LARGEST // 2**20} MB, expected a gradebook")
        text, encoding = _decoded(path, data)
        separator, line_end = _dialect(text)
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        try:
            rows = [row for row in lines if any(row)]
        except csv.Error as error:
            raise ValueError(f"{path}, line {lines.line_num}: {error}") from None
        if not rows:
            raise ValueError(f"{path}: an empty file, expected a gradebook")
        return cls(rows[0], rows[1:], encoding, separator, line_end)

    def written(self, header: list[str], rows: list[list[str]]) -> bytes:
        """Other cells in this table's dialect."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.separator, lineterminator=self.line_end)
        writer.writerows([header, *rows])
        return text.getvalue().encode(self.encoding, "replace")

    def column(self, *names: str) -> int | None:
        """The first column of one of these names, in small letters or capitals."""
        titles = [title.strip().casefold() for title in self.header]
        found = (titles.index(name.casefold()) for name in names if name.casefold() in titles)
        return next(found, None)


def cell(row: list[str], column: int | None) -> str:
    """A cell; empty where there is none."""
    return row[column] if column is not None and column < len(row) else ""


def _decoded(path: Path, data: bytes) -> tuple[str, str]:
    marked = [name for mark, name in MARKS.items() if data.startswith(mark)]
    for encoding in marked or ("utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise ValueError(f"{path}: found bytes that are no text, expected a gradebook saved as CSV")


def _dialect(text: str) -> tuple[str, str]:
    """(separator, line end), as the header has them outside of quotes."""
    header = re.sub('"[^"]*"', "", text[:100_000]).lstrip("\r\n")
    line, line_end = re.match(r"([^\r\n]*)(\r?\n|\r|)", header).groups()
    return max(SEPARATORS, key=line.count), line_end or "\r\n"
