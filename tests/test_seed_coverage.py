"""Nothing of the sources is missing from the lessons."""

from pathlib import Path

import nbformat
import pytest
from lesson_rules.lesson import pictures, shown
from seed_coverage import CHAPTERS, COVERED, WORDING_ONLY

import course_lib.chapters

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LAST = {"A": 32, "B": 17, "C": 14, "D": 35}
LESSONS = {path.name[:2]: path for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
LESSONS.pop("16", None)  # the capstone has no part of the sources of its own

each_lesson = pytest.mark.parametrize("chapter", LESSONS)


def cells_of(chapter):
    return {cell.id: cell for cell in nbformat.read(LESSONS[chapter], as_version=4).cells}


def everything(cell):
    return "\n".join([cell.source, shown(cell), *pictures(cell)])


def test_every_part_of_the_sources_belongs_somewhere():
    assigned = " ".join([*CHAPTERS.values(), WORDING_ONLY]).split()
    parts = {f"{source}{n}" for source, last in LAST.items() for n in range(1, last + 1)}
    assert {part.rstrip("abcd") for part in assigned} == parts | {f"E{n:02d}" for n in range(1, 51)}


def test_every_chapter_has_its_lesson():
    names = {path.stem for path in NOTEBOOKS.glob("*.ipynb")}
    assert names == {chapter.name for chapter in course_lib.chapters.CHAPTERS}
    assert set(COVERED) == set(CHAPTERS) == set(LESSONS)


@each_lesson
def test_the_table_has_what_belongs_in_the_lesson(chapter):
    assert sorted(COVERED.get(chapter, ())) == sorted(CHAPTERS[chapter].split())


@each_lesson
def test_the_cell_says_what_the_table_promises(chapter):
    cells = cells_of(chapter)
    missing = {
        part: text
        for part, (cell, text) in COVERED[chapter].items()
        if cell not in cells or text not in everything(cells[cell])
    }
    assert missing == {}


@each_lesson
def test_every_erratum_stands_in_the_closing_table_too(chapter):
    (table,) = [c for c in cells_of(chapter).values() if c.source.startswith("## Errata of")]
    rows = [line for line in table.source.splitlines() if line.startswith("|")][2:]
    assert "| the source says | we checked |" in table.source
    assert len(rows) == sum(part.startswith("E") for part in COVERED[chapter])
