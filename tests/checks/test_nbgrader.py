"""A standard nbgrader course with our folders: released, submitted, marked, given back."""

import csv
import os
import re
import subprocess
import sys

import nbformat
import pytest

pytest.importorskip("nbgrader")

from course_lib.authoring.kernel import ROOT, Run, environment
from course_lib.authoring.problem_sets import STUB
from course_lib.checks import bank

SETS = ("05_backprop_without_forks", "07_computational_graphs")
PAGE = (ROOT / "solutions" / "INSTRUCTORS.md").read_text(encoding="utf-8")
CONFIG = re.search(r"```python\n(c = get_config.*?)```", PAGE, re.DOTALL)[1]


def read(path):
    return nbformat.read(path, as_version=4)


def nbgrader(course, *arguments):
    command = [sys.executable, "-m", "nbgrader", *arguments]
    bin_first = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    variables = environment(course / "scratch") | {"PATH": bin_first, "HOME": str(course)}
    done = subprocess.run(
        command, cwd=course, env=variables, capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done


def submit(course, student, name, notebook):
    folder = course / "submitted" / student / name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "problems.ipynb")


def with_a_mistake(notebook):
    """The solutions, but for target minus prediction in 05a, and an endless 05b."""
    for cell in notebook.cells:
        if cell.id == "05a":
            cell.source = cell.source.replace("return yhat - y", "return y - yhat")
        if cell.id == "05b":
            cell.source = "def delta_w2(x, W1, b1, w2, b2, y):\n    return undefined"
    return notebook


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = tmp_path_factory.mktemp("course")
    (course / "scratch").mkdir()
    (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    for name in SETS:
        source = ROOT / "solutions" / name / "problems.ipynb"
        (course / "solutions" / name).mkdir(parents=True)
        (course / "solutions" / name / "problems.ipynb").write_bytes(source.read_bytes())
        nbgrader(course, "generate_assignment", name)
        submit(course, "solver", name, read(source))
        # one set as nbgrader released it, the other as it ships
        released = (course if name == SETS[0] else ROOT) / "exercises" / name / "problems.ipynb"
        submit(course, "idle", name, read(released))
    source = ROOT / "solutions" / SETS[0] / "problems.ipynb"
    submit(course, "human", SETS[0], with_a_mistake(read(source)))
    for name in SETS:
        nbgrader(course, "autograde", name)
        nbgrader(course, "generate_feedback", name)
    nbgrader(course, "export")
    return course


def scores(course):
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {(row["student_id"], row["assignment"]): row for row in csv.DictReader(file)}


def test_marks(course):
    found = scores(course)
    for name in SETS:
        exercises = bank.of_chapter(int(name[:2])).values()
        total = sum(exercise.points for exercise in exercises)
        assert float(found["solver", name]["max_score"]) == total
        assert float(found["solver", name]["score"]) == total
        assert float(found["idle", name]["score"]) == 0
    # 05a and 05b are wrong, and 05c calls 05a
    assert float(found["human", SETS[0]]["score"]) == bank.find("05bug").points


def test_the_feedback_page_names_the_mistake(course):
    page = course / "feedback" / "human" / SETS[0] / "problems.html"
    text = page.read_text(encoding="utf-8")
    assert "y − ŷ" in text
    assert "NameError" in text
    assert "checking.py" not in text, "whose lines say nothing to a student"
    told = [line for line in text.splitlines() if "✗ 05a" in line]
    assert len(told) == 1
    assert len(told[0]) < 120, "a line of an error is not wrapped there"


def test_what_a_student_gets_holds_no_solution_and_runs_to_its_end(course, tmp_path):
    for name in SETS:
        released = read(course / "exercises" / name / "problems.ipynb")
        assert "SOLUTION" not in str(released)
        assert STUB in str(released)
        Run(released).execute(tmp_path)
