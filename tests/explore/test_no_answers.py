"""No figure begins with the answer of an exercise: nobody works out what can be read off.

Numbers are compared as they are read, to four significant digits and without their sign. One that
has fewer than three such digits, as 0, 12, 0.5 and 0.03 have, says nothing by itself and is left
out. Instead no figure works on a table that an exercise prints: step by step its answer, whatever
digits it has, would come out.
"""

import re
import sys
from collections.abc import Mapping

import numpy as np
import pytest
from figure_examples import NAMES, make

from course_lib import explore
from course_lib.checks.bank import of_chapter
from course_lib.checks.exercise import Exercise

OF_LEARNERS = {"backprop"}  # walks through any graph, and has none of its own


def chapters_of(name):
    module = sys.modules[getattr(explore, name).__module__]
    return map(int, re.findall(r"\d+", re.search(r"\(chapters? ([\d, and]+)\)", module.__doc__)[1]))


FIGURES = [(name, n) for name in NAMES if name not in OF_LEARNERS for n in chapters_of(name)]


def exercises(chapter):
    return [found for found in of_chapter(chapter).values() if isinstance(found, Exercise)]


def leaves(found):
    """The numbers of a tree of arrays, lists and texts."""
    if isinstance(found, Mapping):
        found = list(found.values())
    if isinstance(found, list | tuple):
        return [x for part in found for x in leaves(part)]
    array = np.asarray(found)
    return array.ravel().tolist() if array.dtype.kind in "iuf" else []


def readings(found):
    """The numbers of a tree that tell something, as they are read."""
    texts = {f"{abs(x):.3e}" for x in leaves(found) if np.isfinite(x)}
    return {text for text in texts if len(text.partition("e")[0].rstrip("0").replace(".", "")) > 2}


def given_away(figure, chapter, settings):
    """The exercises of which a component of the published answer can be read off."""
    shown = readings(figure.numbers(settings))
    return {found.id for found in exercises(chapter) if shown & readings(found.case().expected)}


def tables(found):
    """The tables in a tree, as lists of rows."""
    if isinstance(found, Mapping):
        found = list(found.values())
    if isinstance(found, np.ndarray):
        found = found.tolist()
    if not isinstance(found, list | tuple):
        return []
    if found and all(isinstance(row, list) and row and not tables(row) for row in found):
        return [found]
    return [table for part in found for table in tables(part)]


@pytest.mark.parametrize(("name", "chapter"), FIGURES)
def test_a_figure_begins_without_answers(name, chapter):
    figure = make(name)
    assert not given_away(figure, chapter, figure.settings)


@pytest.mark.parametrize(("name", "chapter"), FIGURES)
def test_a_figure_has_tables_of_its_own(name, chapter):
    printed = [table for found in exercises(chapter) for table in tables(found.published)]
    assert not [table for table in tables(make(name).data) if table in printed]


@pytest.mark.parametrize(
    ("name", "settings", "exercise"),
    [
        ("half_planes", {"bias": -5.0}, "04a"),
        ("tug_of_war", {"z1": 2.0, "z2": 1.0, "z3": 0.0}, "09a"),
        ("depth_and_gain", {"depth": 10}, "11b"),
    ],
)
def test_an_answer_would_be_seen(name, settings, exercise):
    figure = make(name)
    assert exercise in given_away(figure, int(exercise[:2]), figure.settings | settings)


def test_a_table_would_be_seen():
    assert tables({"a": [[1, 2], [3, 4]], "b": (np.ones((1, 2)), "X", [5, 6])}) == [
        [[1, 2], [3, 4]],
        [[1, 1]],
    ]


def test_what_numbers_tell():
    assert readings([{"a": np.array([0.5, -0.3348]), "b": ["x", 12.0]}, 1002, 0.03, np.nan]) == {
        "3.348e-01",
        "1.002e+03",
    }
