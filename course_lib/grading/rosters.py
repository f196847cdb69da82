"""Gradebooks exported from Canvas and Moodle: who is in them, and the same with points filled in.

Three forms are read: Canvas's gradebook, the grading worksheet of a Moodle assignment, and Moodle's
gradebook. Of their cells only those of one column change, and Moodle's feedback comments.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..chapters import Chapter
from .filenames import Name, below, printable, system_names
from .marks import Mark
from .tables import Table, cell

CANVAS_STUDENT = (
    "Student",
    "LastName",
    "FirstName",
    "ID",
    "SIS User ID",
    "SIS Login ID",
    "Integration ID",
    "Root Account",
    "Section",
)
MOODLE_STUDENT = (
    "First name",
    "Last name",
    "Surname",
    "ID number",
    "Username",
    "Institution",
    "Department",
    "Email address",
    "Last downloaded from this course",
)
READ_ONLY = "(read only)"
EXCUSED = "ex"
CANVAS_ID = re.compile(r"\s*\([0-9]+\)\s*$")  # behind the title of an assignment
NO_POINTS = re.compile(r"\((?:feedback|percentage|letter)\)\s*$", re.I)
OUR_COMMENT = re.compile(r"\s*(?:<p>)?[0-9.]+ of [0-9.]+ points\b")


@dataclass(frozen=True)
class Filled:
    """A gradebook with points, to be written as a file and imported.

    `column` is the title of the one that was filled; `unmatched` has (student, why) for each mark
    that is in no row; `warnings` are lines for the one who imports it.
    """

    data: bytes
    column: str
    unmatched: list[tuple[str, str]]
    warnings: list[str]


@dataclass(frozen=True)
class Form:
    """One of the systems' tables: the columns that tell it, and those that hold somebody's ids."""

    name: str
    needs: tuple[tuple[str, ...], ...]
    ids: tuple[str, ...]


CANVAS = Form(
    "Canvas's gradebook",
    (("Student", "LastName"), ("ID",), ("Section",)),
    ("ID", "SIS User ID", "SIS Login ID", "Integration ID"),
)
WORKSHEET = Form(
    "Moodle's grading worksheet",
    (("Identifier",), ("Grade",)),
    ("Email address", "ID number", "Username"),
)
MOODLE = Form(
    "Moodle's gradebook",
    (("First name",), ("Last name", "Surname")),
    ("Email address", "ID number", "Username"),
)


class Roster:
    """A gradebook, and whom it lists."""

    def __init__(self, table: Table, form: Form, path: Path):
        self.table = table
        self.form = form
        self.path = path

    @classmethod
    def read(cls, path: Path) -> Roster:
        """The gradebook in a CSV file. Raises ValueError, with one line, if it is none."""
        table = Table.read(path)
        for form in (CANVAS, WORKSHEET, MOODLE):
            if all(table.column(*names) is not None for names in form.needs):
                return cls(table, form, Path(path))
        raise ValueError(
            f"{path}: found the columns {_listed(table.header)}, expected a gradebook exported "
            "from Canvas (Student, ID, Section) or Moodle (Identifier, Grade; or First name, "
            "Last name)"
        )

    # --- who ---

    def match(self, student: str, source: str = "") -> int | None:
        """The row of a student, as a place in `table.rows`; None if it is no row or several.

        `source` is where the submission was found, below the folder of submissions: what Canvas or
        Moodle called it decides, though not in a student's own zip. Otherwise `student` is an id
        or e-mail address, or what stands before its @, in small letters or capitals.
        """
        parts, _, zipped = below(tuple(source.split("/")))
        if zipped != student and (names := system_names(parts[0])):
            rows = {row for name in names if (row := self.row_of(name)) is not None}
        else:
            rows = self._rows_by_id[student.strip().casefold()]
        return next(iter(rows)) if len(rows) == 1 else None

    def row_of(self, name: Name) -> int | None:
        """The row that a name in a bulk download means; None if it is no row or several.

        Moodle's grading worksheet is asked by the participant's number, and the names must have a
        word in common: the number of a group may be that of somebody else.
        """
        rows: set[int] = set()
        if (name.system, self.form) == ("canvas", CANVAS):
            rows = self._rows_by_number[name.number]
        elif (name.system, self.form) == ("moodle", MOODLE):
            rows = self._rows_by_name[_letters(name.name)]
        elif (name.system, self.form) == ("moodle", WORKSHEET):
            words = _words(name.name)
            rows = {row for row in self._rows_by_number[name.number] if words & self._words_in(row)}
        return next(iter(rows)) if len(rows) == 1 else None

    @cached_property
    def _students(self) -> list[int]:
        """The rows that are students; Canvas has up to two others, without an ID."""
        column = self.table.column("ID" if self.form is CANVAS else self.form.needs[0][0])
        rows = enumerate(self.table.rows)
        return [at for at, row in rows if self.form is MOODLE or cell(row, column).strip()]

    @cached_property
    def _rows_by_id(self) -> dict[str, set[int]]:
        columns = [self.table.column(name) for name in self.form.ids]
        found = defaultdict(set)
        for at in self._students:
            for column in columns:
                id = cell(self.table.rows[at], column).strip().casefold()
                for form in {id, id.partition("@")[0]} - {""}:
                    found[form].add(at)
        return found

    @cached_property
    def _rows_by_number(self) -> dict[str, set[int]]:
        column = self.table.column("ID" if self.form is CANVAS else "Identifier")
        found = defaultdict(set)
        for at in self._students:
            number = re.search(r"[0-9]+\s*$", cell(self.table.rows[at], column))
            if number:
                found[number[0].strip()].add(at)
        return found

    @cached_property
    def _rows_by_name(self) -> dict[str, set[int]]:
        first, last = self.table.column("First name"), self.table.column("Last name", "Surname")
        found = defaultdict(set)
        for at in self._students:
            row = self.table.rows[at]
            found[_letters(cell(row, first) + cell(row, last))].add(at)
        return found

    def _words_in(self, row: int) -> set[str]:
        cells = self.table.rows[row]
        columns = self.table.column("Identifier"), self.table.column("Full name")
        return set().union(*(_words(cell(cells, column)) for column in columns))

    # --- points ---

    def filled(self, marks: Iterable[Mark], chapter: Chapter, column: str | None = None) -> Filled:
        """The gradebook with the points of a problem set.

        They go into the column titled `column`; without one, into Moodle's "Grade" of a worksheet,
        or into the only column that has the set's number and "Problems" or the chapter's title in
        its own title; if there is none, Canvas gets a new one. Who is not marked keeps the cell.

        Raises ValueError, with one line, if no column or more than one is meant.
        """
        at = self._column(chapter, column)
        title = (
            f"{chapter.number:02d} Problems: {chapter.title}"
            if at is None
            else self.table.header[at]
        )
        by_row, unmatched = self._placed(marks)
        place = len(self.table.header) if at is None else at
        rows = [list(row) for row in self.table.rows]
        warnings = self._warnings(by_row, at)
        for row, mark in by_row.items():
            if cell(rows[row], at).strip().casefold() == EXCUSED:
                warnings.append(
                    f"{printable(mark.student)} is excused in the gradebook, and stays so; "
                    f"the submission has {_number(mark.points)} points"
                )
                continue
            _put(rows[row], place, _number(mark.points))
            warnings += self._comment(rows[row], mark)
        header = [*self.table.header, title] if at is None else self.table.header
        if at is None and by_row:
            self._put_maximum(rows, place, next(iter(by_row.values())))
        if self.form is CANVAS:
            header, rows = self._importable(header, rows, place)
        return Filled(self.table.written(header, rows), title, unmatched, warnings)

    def _placed(self, marks: Iterable[Mark]) -> tuple[dict[int, Mark], list[tuple[str, str]]]:
        """The marks by their rows, in the order of these; and those that are in none."""
        marks = sorted(marks, key=lambda mark: mark.student)
        rows = [self.match(mark.student, mark.source) for mark in marks]
        counts = Counter(rows)
        placed, unmatched = {}, []
        for mark, row in zip(marks, rows, strict=True):
            if row is None:
                unmatched.append(
                    (printable(mark.student), "nobody in the gradebook, or not only one")
                )
            elif counts[row] > 1:
                reason = f"one of {counts[row]} submissions of one person in the gradebook"
                unmatched.append((printable(mark.student), reason))
            else:
                placed[row] = mark
        return dict(sorted(placed.items())), unmatched

    def _column(self, chapter: Chapter, title: str | None) -> int | None:
        """The column to fill; None for a new one. Raises ValueError."""
        columns = self._columns_of_points()
        if title is not None:
            wanted = title.strip().casefold()
            found = [at for at, name in columns.items() if wanted in _titles(name)]
            asked = f"the column {printable(title)!r}"
        elif self.form is WORKSHEET:
            return self.table.column("Grade")
        else:
            found = [at for at, name in columns.items() if _is_for(chapter, name)]
            asked = f"a column for problem set {chapter.number:02d}"
        if len(found) == 1:
            return found[0]
        if not found and title is None and self.form is CANVAS:
            return None
        listed = _listed(columns[at] for at in found or columns)
        raise ValueError(
            f"{self.path}: found {listed}, expected {asked}, once: say which by --column"
        )

    def _columns_of_points(self) -> dict[int, str]:
        """The titles of the columns that may be filled, by their places."""
        header = self.table.header
        if self.form is WORKSHEET:
            at = self.table.column("Grade")
            return {at: header[at]}
        if self.form is CANVAS:
            maxima = self._points_possible()
            return {
                at: title
                for at, title in enumerate(header)
                if CANVAS_ID.search(title) and cell(maxima, at).strip() != READ_ONLY
            }
        return {
            at: title
            for at, title in enumerate(header)
            if title.strip() not in MOODLE_STUDENT and not NO_POINTS.search(title)
        }

    def _points_possible(self) -> list[str]:
        """Canvas's row with the maximum of each column; empty if there is none."""
        for row in self.table.rows:
            if cell(row, 0).strip().casefold() == "points possible":
                return row
        return []

    def _put_maximum(self, rows: list[list[str]], place: int, mark: Mark) -> None:
        for row, before in zip(rows, self.table.rows, strict=True):
            if before is self._points_possible():
                _put(row, place, _number(mark.out_of))

    def _importable(
        self, header: list[str], rows: list[list[str]], place: int
    ) -> tuple[list[str], list[list[str]]]:
        """The columns that tell Canvas who somebody is, and the one that was filled."""
        known = {name.casefold() for name in CANVAS_STUDENT}
        columns = [at for at, title in enumerate(header) if title.strip().casefold() in known]
        columns.append(place)
        return (
            [header[at] for at in columns],
            [[cell(row, at) for at in columns] for row in rows],
        )

    def _comment(self, row: list[str], mark: Mark) -> list[str]:
        """Fills in Moodle's feedback comments; what a person wrote there stays, with a warning."""
        column = self.table.column("Feedback comments") if self.form is WORKSHEET else None
        if column is None:
            return []
        if (before := cell(row, column)).strip() and not OUR_COMMENT.match(before):
            return [f"{printable(mark.student)} has a feedback comment already, which was kept"]
        _put(row, column, comment(mark))
        return []

    def _warnings(self, by_row: dict[int, Mark], column: int | None) -> list[str]:
        """A line for each maximum in the gradebook that is not the one of the marks."""
        if self.form is CANVAS:
            maxima = {row: cell(self._points_possible(), column) for row in by_row}
        else:
            place = self.table.column("Maximum Grade")
            maxima = {row: cell(self.table.rows[row], place) for row in by_row}
        pairs = Counter((maxima[row].strip(), mark.out_of) for row, mark in by_row.items())
        return [
            f"the gradebook has a maximum of {printable(maximum)} points, "
            f"the problem set one of {_number(out_of)}"
            for maximum, out_of in sorted(pairs)
            if maximum and _value(maximum) != out_of
        ]


def comment(mark: Mark) -> str:
    """What Moodle tells a student: the points. It begins with a number, so it is no formula."""
    lines = [f"{_number(mark.points)} of {_number(mark.out_of)} points"]
    lines += [
        f"{each.id}: {_number(each.points)} of {_number(each.out_of)}" for each in mark.exercises
    ]
    if mark.late:
        lines.append("late")
    if mark.failure:
        lines.append(html.escape(printable(mark.failure), quote=False))
    return "; ".join(lines)


def _is_for(chapter: Chapter, title: str) -> bool:
    """Whether a title has the two-digit number of a set, and "Problems" or the chapter's title."""
    title = CANVAS_ID.sub("", title).casefold()
    numbered = re.search(rf"(?<![0-9]){chapter.number:02d}(?![0-9])", title) is not None
    return numbered and ("problem" in title or chapter.title.casefold() in title)


def _titles(title: str) -> set[str]:
    """The ways in which a column may be named: with the number of the assignment, or without."""
    return {title.strip().casefold(), CANVAS_ID.sub("", title).strip().casefold()}


def _put(row: list[str], column: int, text: str) -> None:
    row += [""] * (column + 1 - len(row))
    row[column] = text


def _number(points: float) -> str:
    """Such as 7 or 6.5."""
    return f"{round(points, 2):.12g}"


def _value(text: str) -> float | None:
    """What a number in a gradebook says, written 14.00 or 14,00."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _letters(name: str) -> str:
    """What of a name file systems and spelling leave alone."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", name).casefold()))


def _words(name: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", name).casefold()))


def _listed(titles: Iterable[str]) -> str:
    """Titles in one line, not all of very many."""
    titles = [repr(printable(title))[:80] for title in titles]
    more = f" and {len(titles) - 12} more" if len(titles) > 12 else ""
    return (", ".join(titles[:12]) or "none") + more
