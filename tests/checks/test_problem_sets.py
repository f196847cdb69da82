"""Problem sets: no solution is released, solutions get all points and untouched sets none."""

import io
import re
from contextlib import redirect_stdout
from itertools import pairwise

import nbformat
import pytest
from checks.chapters import known

from course_lib.authoring.canonical import faults, normalize, to_json
from course_lib.authoring.kernel import ROOT
from course_lib.checks import bank
from course_lib.checks.exercise import BugHunt, Exercise
from course_lib.checks.texts import exercise_texts

SOLUTIONS = sorted((ROOT / "solutions").glob("*/problems.ipynb"))
NAMES = [path.parent.name for path in SOLUTIONS]
EXERCISES = [ROOT / "exercises" / name / "problems.ipynb" for name in NAMES]
# In text the markers stand in comments, which a reader does not see: <!-- BEGIN SOLUTION -->
REGION = re.compile(r"BEGIN SOLUTION[^\n]*\n(.*?)[^\n]*END SOLUTION", re.DOTALL)
LETTERS = re.compile(r"  # ([A-Z])$", re.MULTILINE)


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def chapter(path):
    return int(path.parent.name[:2])


def by_hand(cell):
    """Whether a person marks it: an answer of its own, code or text, whose points no run earns."""
    grading = cell.metadata.get("nbgrader", {})
    return bool(grading.get("grade") and grading.get("solution"))


def points_of(cell):
    """The points that executing this cell earns."""
    return 0 if by_hand(cell) else cell.metadata.get("nbgrader", {}).get("points", 0)


def execute(path, monkeypatch, after=lambda cell, namespace: None):
    """Run every code cell as nbgrader would; returns the points of the checks that do not raise."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    namespace, earned = {"__name__": "__main__"}, 0
    for cell in code_cells(path):
        grading = cell.metadata.get("nbgrader", {})
        try:
            with redirect_stdout(io.StringIO()):
                exec(compile(cell.source, cell.id, "exec"), namespace)
        except AssertionError:
            assert grading.get("grade"), f"{cell.id} raises, and is no check"
        else:
            earned += points_of(cell)
        after(cell, namespace)
    return earned


def points(path):
    return sum(map(points_of, code_cells(path)))


@pytest.mark.parametrize(
    "path", SOLUTIONS + EXERCISES, ids=lambda path: "/".join(path.parts[-3:-1])
)
def test_is_stored_in_canonical_form(path):
    assert to_json(normalize(read(path))) == path.read_bytes().decode("utf-8")


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_outputs_are_fit_for_readers(path):
    assert [str(fault) for fault in faults(read(path))] == []


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_a_solution_gets_full_marks(path, monkeypatch):
    assert execute(path, monkeypatch) == points(path) > 0


@pytest.mark.parametrize("path", EXERCISES, ids=NAMES)
def test_an_untouched_set_gets_no_points_and_stops_nowhere(path, monkeypatch, tmp_path):
    assert execute(path, monkeypatch) == 0
    monkeypatch.delenv("NBGRADER_EXECUTION")
    monkeypatch.setenv("COURSE_RECORD", str(tmp_path / "record.json"))
    namespace, said = {"__name__": "__main__"}, io.StringIO()
    with redirect_stdout(said):
        for cell in code_cells(path):
            exec(compile(cell.source, cell.id, "exec"), namespace)
    assert said.getvalue().count("is not written yet") == len(bank.of_chapter(chapter(path)))


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_every_exercise_of_the_bank_is_asked_for_its_points(path):
    asked = {}
    for cell in code_cells(path):
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("grade") and not by_hand(cell):
            call = re.fullmatch(r'check\("(\w+)", (\w+)\)', cell.source)
            assert call, cell.source
            asked[call[1]] = (call[2], grading["points"])
            assert (cell.id, grading["grade_id"]) == (f"check-{call[1]}",) * 2
            assert grading["locked"]
            assert not grading["solution"]
    expected = bank.of_chapter(chapter(path))
    assert asked == {id: (e.name, e.points) for id, e in expected.items()}


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_the_numbers_of_the_notebook_are_the_published_ones(path, monkeypatch):
    """A cell `given-05a` gives the inputs of 05a and of what follows, until the next such cell."""
    exercises = bank.of_chapter(chapter(path))
    given, compared = [], []

    def compare(cell, namespace):
        if cell.id.startswith("given-"):
            given[:] = [dict(namespace)]
        exercise = exercises.get(cell.id)
        if isinstance(exercise, Exercise) and given:
            for name, value in zip(exercise.arguments, exercise.published, strict=True):
                assert repr(given[0][name]) == repr(value), (exercise.id, name)
            compared.append(exercise.id)

    execute(path, monkeypatch, compare)
    wanted = [id for id, e in exercises.items() if isinstance(e, Exercise) and e.published]
    assert compared == wanted


@pytest.mark.parametrize("path", EXERCISES, ids=NAMES)
def test_a_released_set_holds_no_solution_and_no_reference(path):
    released = path.read_text(encoding="utf-8")
    assert "SOLUTION" not in released
    assert "checks.bank" not in released
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(path))
    given = {line.strip() for cell in read(path).cells for line in cell.source.splitlines()}
    solutions = read(ROOT / "solutions" / path.parent.name / path.name)
    for cell in solutions.cells:
        for region in REGION.findall(cell.source):
            lines = [line.strip() for line in region.splitlines() if line.strip()]
            assert not all(line in given for line in lines), cell.id
    assert all("reference" not in cell.source for cell in code_cells(path))


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_what_a_person_marks_has_a_rubric_and_a_model_answer(path):
    """The cell before it says what each point is for; nbgrader gives 0 to an untouched answer."""
    cells = read(path).cells
    released = read(ROOT / "exercises" / path.parent.name / path.name).cells
    for before, cell in pairwise(cells):
        if not by_hand(cell):
            continue
        rows = re.findall(r"^\| [^|\n]+ \| (\d) \| [^|\n]+ \|$", before.source, re.MULTILINE)
        points = cell.metadata.nbgrader.points
        assert sum(map(int, rows)) == points > 0, cell.id
        assert f"**{points} points**" in before.source
        assert REGION.search(cell.source)
        assert (cell.metadata.nbgrader.grade_id, cell.metadata.nbgrader.locked) == (cell.id, False)

        utils = pytest.importorskip("nbgrader.utils")
        (answer,) = (c for c in released if c.id == cell.id)
        assert utils.determine_grade(answer) == (0, points)
        answer.source += "\nI tried."
        assert utils.determine_grade(answer) == (None, points), "it waits for its marker"


def test_what_ships_is_what_nbgrader_makes_of_the_solutions():
    problem_sets = pytest.importorskip("course_lib.authoring.problem_sets")
    pytest.importorskip("nbgrader")
    said = io.StringIO()
    with redirect_stdout(said):
        assert problem_sets.main(["--check"]) == 0, said.getvalue()
    assert sorted((ROOT / "exercises").glob("*/*")) == EXERCISES


@pytest.mark.parametrize("path", SOLUTIONS, ids=NAMES)
def test_the_planted_bug_is_the_only_one(path, monkeypatch):
    hunts = [e for e in bank.of_chapter(chapter(path)).values() if isinstance(e, BugHunt)]
    for hunt in hunts:
        source = next(c.source for c in code_cells(path) if c.id == f"code-{hunt.id}")
        letters = LETTERS.findall(source)
        assert letters == [chr(ord("A") + i) for i in range(len(letters))]
        assert hunt.line in letters
        others = [letter for letter in letters if letter != hunt.line]
        assert [*exercise_texts(hunt.id)["lines"]] == others

        module = known(chapter(path))
        line = next(x for x in source.splitlines() if x.endswith(f"  # {hunt.line}"))
        indent = line[: len(line) - len(line.lstrip())]
        mended = source.replace(line, indent + module.FIX[hunt.line])
        before = namespace_before(path, f"code-{hunt.id}", monkeypatch)
        exec(compile(source, "planted", "exec"), before)
        planted = module.bug_error(before[defined(source)])
        exec(compile(mended, "mended", "exec"), before)
        assert module.bug_error(before[defined(source)]) < 1e-6
        assert not planted < 1e-3, "nan counts as an error too"


def defined(source):
    """The name of the function or class that a cell defines last."""
    return re.findall(r"^(?:def|class) (\w+)", source, re.MULTILINE)[-1]


def namespace_before(path, id, monkeypatch):
    """What the cells before the one with this id define."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    namespace = {"__name__": "__main__"}
    for cell in code_cells(path):
        if cell.id == id:
            return namespace
        with redirect_stdout(io.StringIO()):
            exec(compile(cell.source, cell.id, "exec"), namespace)
    raise AssertionError(f"no cell {id}")
