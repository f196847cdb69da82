"""Marks of whole notebooks: points by hand-counted parts, words as a learner reads them."""

import json
import re

import nbformat
import numpy as np
import pytest
from student_classes import needs_sandbox

from course_lib.authoring.kernel import ROOT
from course_lib.checks import bank
from course_lib.checks.answers import diagnose
from course_lib.grading.marking import Key, mark
from course_lib.grading.sandbox import Sandbox, possible

pytestmark = needs_sandbox
KEY = Key(5, b"a seed")
SETS = sorted(path.parent.name for path in (ROOT / "solutions").glob("*/problems.ipynb"))


def notebook_of(name="05_backprop_without_forks", **sources):
    """A solution with other sources in the cells of these ids, written with _ for -."""
    found = nbformat.read(ROOT / "solutions" / name / "problems.ipynb", as_version=4)
    for id, source in sources.items():
        next(c for c in found.cells if c.id == id.strip("_").replace("_", "-")).source = source
    return nbformat.writes(found).encode()


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(possible(True)) as found:
        yield found


def marked(sandbox, notebook, key=KEY):
    return mark(sandbox, key, "student", "a.ipynb", notebook)


def points(found):
    return {exercise.id: exercise.points for exercise in found.exercises}


@pytest.mark.parametrize("name", SETS)
def test_solutions_earn_every_point_and_untouched_sets_none(sandbox, name):
    key = Key(int(name[:2]), b"another")
    solved = marked(sandbox, notebook_of(name), key)
    assert solved.points == solved.out_of == sum(e.points for e in key.exercises.values())
    assert not solved.remarks
    idle = (ROOT / "exercises" / name / "problems.ipynb").read_bytes()
    found = marked(sandbox, idle, key)
    assert found.points == 0
    assert {exercise.kind for exercise in found.exercises} == {"unwritten"}


def test_what_is_said_is_what_check_says(sandbox):
    wrong = "def delta_z2(x, W1, b1, w2, b2, y):\n    return y - forward(x, W1, b1, w2, b2)"
    helper = (
        "def forward(x, W1, b1, w2, b2):\n    return sigmoid(w2 @ sigmoid(W1 @ x + b1) + b2)\n\n\n"
    )
    found = marked(sandbox, notebook_of(_05a=helper + wrong))
    said = found.exercises[0]

    def delta_z2(x, W1, b1, w2, b2, y):
        a1 = 1 / (1 + np.exp(-(W1 @ x + b1)))
        return y - 1 / (1 + np.exp(-(w2 @ a1 + b2)))

    told = diagnose(bank.find("05a"), delta_z2)
    assert (said.kind, said.code, said.text) == (told.kind, told.code, told.text)
    assert said.kind == "misconception"
    assert points(found) == {"05a": 0, "05b": 0, "05c": 0, "05bug": 2}, "05b and 05c call 05a"


def test_an_error_is_shown_with_the_students_own_line(sandbox):
    cell = "def delta_z2(x, W1, b1, w2, b2, y):\n    return undefined_name"
    said = marked(sandbox, notebook_of(_05a=cell)).exercises[0]
    assert (said.kind, said.code) == ("error", "NameError")
    assert said.trace.splitlines() == [
        "in delta_z2, line 2:",
        "    return undefined_name",
        "NameError: name 'undefined_name' is not defined",
    ]


def test_the_numbers_of_the_notebook_and_of_check_are_not_enough(sandbox):
    """All that a student can look up, hard-coded: right for check, no points."""
    table = {case.inputs[0].tobytes().hex(): float(case.expected[0]) for case in KEY.open["05a"]}
    cell = (
        f"TABLE = {table!r}\n\n\ndef delta_z2(x, W1, b1, w2, b2, y):\n"
        "    return TABLE.get(x.tobytes().hex(), 0.0)"
    )
    said = marked(sandbox, notebook_of(_05a=cell)).exercises[0]
    assert (said.kind, said.points) == ("hidden", 0)
    assert "not for others" in said.text


def test_points_for_the_parts_that_are_right(sandbox):
    """Of the three results of 10c, worth 3 points, one is wrong; of the gate 07d, worth 3, half."""
    head = """
def three_class_head(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    loss = -np.mean(np.log(P[np.arange(len(y)), y]))
    return loss, P - np.eye(3)[y], P.argmax(axis=1)
"""
    found = marked(sandbox, notebook_of("10_iris_classifiers", _10c=head), Key(10, b"s"))
    assert points(found)["10c"] == 2
    assert found.points == found.out_of - 1
    gate = """
class SigmoidGate:
    def forward(self, x):
        self.s = 1 / (1 + np.exp(-x))
        return self.s

    def backward(self, delta):
        return delta * self.s
"""
    found = marked(sandbox, notebook_of("07_computational_graphs", _07d=gate), Key(7, b"s"))
    assert points(found)["07d"] == 1.5


def test_the_seed_draws_the_inputs():
    first, again, other = Key(5, b"one"), Key(5, b"one"), Key(5, b"two")
    for id, cases in first.secret.items():
        for case, same, another in zip(cases, again.secret[id], other.secret[id], strict=True):
            assert all(map(np.array_equal, case.inputs, same.inputs))
            assert not all(map(np.array_equal, case.inputs, another.inputs))
    drawn = [case.inputs[0].tolist() for case in first.secret["05a"] + first.open["05a"]]
    assert len({json.dumps(x) for x in drawn}) == len(drawn) == 7
    assert first.secret["05bug"] == []


def test_one_exercise_that_ends_the_process_costs_itself_only(sandbox):
    cell = "import os\n\n\ndef delta_w2(x, W1, b1, w2, b2, y):\n    os._exit(3)\n"
    found = marked(sandbox, notebook_of(_05b=cell))
    assert points(found) == {"05a": 2, "05b": 0, "05c": 3, "05bug": 2}
    assert "exit code 3" in found.exercises[1].text
    cell = "def delta_w2(x, W1, b1, w2, b2, y):\n    return 1\n\n\nimport os\nos._exit(4)"
    found = marked(sandbox, notebook_of(_05b=cell))
    assert points(found) == {"05a": 2, "05b": 0, "05c": 3, "05bug": 2}
    assert any("exit code 4" in remark for remark in found.remarks)


def test_names_that_a_later_cell_changes(sandbox):
    """10c is looked at where its check stands, before `softmax` is given another meaning."""
    cell = """
def softmax(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def three_class_head(Z, y):
    P = softmax(Z)
    loss = -np.mean(np.log(P[np.arange(len(y)), y]))
    return loss, (P - np.eye(3)[y]) / len(y), P.argmax(axis=1)
"""
    later = "def softmax(z):\n    raise TypeError('one row only')\n\n\nwrong_line = 'I'"
    notebook = notebook_of("10_iris_classifiers", _10c=cell, _10bug=later)
    found = marked(sandbox, notebook, Key(10, b"s"))
    assert found.points == found.out_of


def test_the_points_of_marks_by_hand_are_those_of_the_set():
    from course_lib.checks.bank.c16_capstone import BY_HAND

    source = nbformat.read(ROOT / "solutions" / SETS[-1] / "problems.ipynb", as_version=4)
    found = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points
        for cell in source.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
        and not re.match("check-", cell.metadata.nbgrader.grade_id)
    }
    assert found == BY_HAND
