"""What a run leaves behind: a page for each student, a page for the instructor, tables.

The same marks give the same bytes, in whatever order they come: no page holds a time, the name of a
machine or a path on it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from math import isfinite
from pathlib import Path, PurePosixPath

from ...files import replaced
from ..marks import Mark
from .class_page import class_html
from .student import student_html, student_markdown
from .tables import grades_csv, results_json

__all__ = ["page_files", "write"]

PLAIN = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?|.*\.|.*-[0-9a-f]{16}")


def page_files(students: Iterable[str]) -> dict[str, str]:
    """For each student the path of their page below the results: `students/NAME.html`.

    A name that some system takes for another, or refuses, gets letters and digits of its own, which
    depend on the name alone. So a page keeps its path, whoever else hands in.
    """
    return {student: f"students/{_file_name(student)}.html" for student in students}


def _file_name(student: str) -> str:
    if PLAIN.fullmatch(student) and not RESERVED.fullmatch(student):
        return student
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    readable = re.sub(r"[^a-z0-9]+", "-", student[:60].lower())[:40].strip("-")
    return f"{readable or 'student'}-{digest}"


def write(
    marks: Sequence[Mark],
    folder: Path,
    *,
    title: str,
    unmatched: Sequence[tuple[str, str]],
    guards: str,
    limits: str,
    by_hand: dict[str, float],
    files: dict[str, str],
) -> None:
    """Write class.html, grades.csv, results.json, and for each student a .html and a .md.

    `unmatched` are (path, reason) of files that belong to no submission, `guards` and `limits` what
    protected the run and what a submission may use, in words, `by_hand` the points of each cell
    that waits for a person, `files` what `page_files` gives. A file that already holds the same is
    left alone, and each other one is replaced whole; the class page, which leads to all others, is
    the last. Nothing is ever deleted: the page of a student who is not in `marks` stays, and no
    page leads to it.

    Raises ValueError if two marks are one student's, if points are no finite numbers, or if a path
    in `files` is missing, leads elsewhere or is another student's too, all before anything is
    written; OSError if it cannot be written.
    """
    _refuse_what_does_not_fit(marks, files)
    folder = Path(folder)
    (folder / "students").mkdir(parents=True, exist_ok=True)
    said = {"title": title, "by_hand": by_hand}
    for mark in marks:
        path = folder / files[mark.student]
        _store(path, student_html(mark, limits=limits, **said))
        _store(path.with_suffix(".md"), student_markdown(mark, limits=limits, **said))
    common = {**said, "unmatched": unmatched, "guards": guards}
    # Spreadsheets take a file without this mark for one of their own country's encoding.
    _store(folder / "grades.csv", "\ufeff" + grades_csv(marks))
    _store(folder / "results.json", results_json(marks, limits=limits, **common))
    _store(folder / "class.html", class_html(marks, files=files, **common))


def _refuse_what_does_not_fit(marks: Sequence[Mark], files: dict[str, str]) -> None:
    students, taken = set(), {}
    for mark in marks:
        student, path = mark.student, files.get(mark.student, "")
        if student in students:
            raise ValueError(f"two marks of {student!r}, where one is expected")
        students.add(student)
        parts = PurePosixPath(path).parts
        if (
            len(parts) != 2
            or parts[0] != "students"
            or not re.fullmatch(r"[^\\/:]+\.html", parts[1])
        ):
            raise ValueError(f"the page of {student!r} is {path!r}, expected students/NAME.html")
        other = taken.setdefault(path.casefold(), student)
        if other != student:
            raise ValueError(f"{student!r} and {other!r} have the same page, {path!r}")
        for found in mark.exercises:
            if not (isfinite(found.points) and isfinite(found.out_of)):
                raise ValueError(
                    f"{found.points} of {found.out_of} points for {found.id} of {student!r}: "
                    "expected numbers"
                )


def _store(path: Path, text: str) -> None:
    """Replace the file, unless it already holds this."""
    data = text.encode()
    try:
        if path.read_bytes() == data:
            return
    except FileNotFoundError:
        pass
    with replaced(path) as unfinished:
        unfinished.write_bytes(data)
