"""Every lesson as it is stored: canonical form, outputs fit for readers, and the house rules."""

from pathlib import Path

import nbformat
import pytest
from lesson_rules import RULES, Lesson

from course_lib.authoring.canonical import faults, normalize, to_json

LESSONS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
LARGEST_LESSON, LARGEST_COURSE = 1_000_000, 8_000_000  # bytes

each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def test_there_are_lessons():
    assert LESSONS[0].name == "00_start_here.ipynb"


@each_lesson
def test_is_stored_in_canonical_form(path):
    stored = path.read_bytes().decode("utf-8")
    assert to_json(normalize(read(path))) == stored, f"run: python start.py store {path.stem}"


@each_lesson
def test_was_run_and_its_outputs_are_fit_for_readers(path):
    assert [str(fault) for fault in faults(read(path))] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@each_lesson
def test_keeps_the_house_rules(path, rule):
    assert list(rule(Lesson(read(path), path))) == []


def test_sizes():
    sizes = {path.name: path.stat().st_size for path in LESSONS}
    assert {name: size for name, size in sizes.items() if size > LARGEST_LESSON} == {}
    assert sum(sizes.values()) <= LARGEST_COURSE
