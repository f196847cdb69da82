"""Lesson 00 asks for a number first, and names the idea behind each usual answer."""

from pathlib import Path

import nbformat
import pytest

from course_lib.checks.checking import examine

LESSON = Path(__file__).parents[1] / "notebooks" / "00_start_here.ipynb"


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1.8, "uphill"),
        (4, "no_eta"),
        (1.9, "loss_for_slope"),
        (2.1, "no_two"),
        (-0.2, None),
        (7, None),
        (0.2, "step_only"),
    ],
)
def test_the_idea_behind_a_number_is_named(number, name):
    found = examine("00a", number)
    assert found.kind == ("misconception" if name else found.kind)
    assert found.code == (name or found.code)
    assert not found.right


def test_the_lesson_asks_before_it_tells():
    cells = nbformat.read(LESSON, as_version=4).cells
    (asked,) = [n for n, cell in enumerate(cells) if 'check("00a", w_new)' in cell.source]
    assert cells[asked].source.startswith("w_new = ...")
    told = [n for n, cell in enumerate(cells) if "2.2" in cell.source + str(cell.get("outputs"))]
    assert min(told, default=asked + 1) > asked
    assert examine("00a", 2.2).right
