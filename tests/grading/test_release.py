"""The bundle for students: it names mistakes, holds no answer, and is there whole or not at all."""

import json
import os
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from course_lib.checks import bank, published
from course_lib.checks.checking import examine
from course_lib.checks.diagnosis import judge
from course_lib.checks.exercise import NUMBER, BugHunt, Exercise
from course_lib.checks.plain import of_plain, to_plain
from course_lib.checks.texts import common_texts, exercise_texts
from course_lib.grading import release as releasing
from course_lib.grading.release import NotReleased, release, without_solutions

ROOT = Path(__file__).resolve().parents[2]
ALL = bank.all_exercises()
EXERCISES = {id: e for id, e in ALL.items() if isinstance(e, Exercise)}
HUNTS = {id: e for id, e in ALL.items() if isinstance(e, BugHunt)}
SO_FAR = " These were the numbers of the notebook; marking uses others, too."
REGION = re.compile(r"BEGIN SOLUTION[^\n]*\n(.*?)[^\n]*END SOLUTION", re.DOTALL)
LONG = 20  # letters from which on a line of code is somebody's own


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return release(tmp_path_factory.mktemp("release") / "für alle" / "the bundle").folder


@pytest.fixture
def run(bundle, tmp_path):
    """A function that runs code with the bundle's library and returns what it printed."""

    def run(code, *arguments):
        code = f"import course_lib\nprint(course_lib.__file__)\n{code}"
        names = {"PYTHONPATH": str(bundle), "PYTHONIOENCODING": "utf-8"}
        names |= {"COURSE_RECORD": str(tmp_path / "record.json"), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | names,
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        place, _, said = done.stdout.partition("\n")
        assert Path(place).is_relative_to(bundle)
        return said

    return run


def texts_in(folder):
    """{name: text} of the files below a folder; of notebooks the sources of their cells."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found[path.relative_to(folder).as_posix()] = (
                "\n".join(cells(path))
                if path.suffix == ".ipynb"
                else path.read_text(encoding="utf-8")
            )
    return found


def cells(path, kinds=("code", "markdown")):
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] in kinds]


def long_lines(text):
    return {line.strip() for line in text.splitlines() if len(line.strip()) > LONG}


# --- no answer is in it --------------------------------------------------------------------------


def test_the_library_and_the_problem_sets_hold_no_line_of_a_solution(bundle):
    library = "\n".join(texts_in(bundle / "course_lib").values())
    seen = 0
    for path in sorted((ROOT / "solutions").glob("*/problems.ipynb")):
        sources = "\n\n".join(cells(path))
        asked = long_lines("\n".join(REGION.findall(sources)))
        given = long_lines(REGION.sub("", sources))  # helpers, and the passes of bug hunts
        released = "\n".join(cells(bundle / "exercises" / path.parent.name / path.name))
        assert [line for line in asked if line in library] == []
        assert asked & long_lines(released) <= given
        seen += len(asked)
    assert seen > 150


def test_no_worked_solution_is_in_any_file(bundle):
    library = "\n".join(texts_in(bundle / "course_lib").values())
    problems = "\n".join(texts_in(bundle / "exercises").values())
    for id in ALL:
        texts = exercise_texts(id)
        assert texts["worked"] not in library + problems, id
        lines = long_lines(texts.get("code", ""))
        assert [line for line in lines if line in library and "def " not in line] == [], id


def test_there_is_no_bank_no_grader_no_test_and_nothing_that_tools_left(bundle):
    names = [path.relative_to(bundle).as_posix() for path in bundle.rglob("*")]
    inside = "course_lib/checks/bank/"
    assert {name for name in names if name.startswith(inside)} == {
        f"{inside}__init__.py",
        f"{inside}published",
        *(f"{inside}published/{number:02}.json" for number in range(17)),
    }
    bad = re.compile(r"(^|/)(grading|tests|solutions|\.git.*|__pycache__|\..*checkpoints)(/|$)")
    assert [name for name in names if bad.search(name)] == []
    assert sorted(path.name for path in bundle.iterdir()) == [
        ".released.json",
        "ERRATA.md",
        "LICENSE",
        "README.md",
        "course_lib",
        "exercises",
        "notebooks",
        "pyproject.toml",
        "requirements.txt",
        "start.py",
    ]


CODE = """
import gc, importlib, io, json, pkgutil, sys, types
from contextlib import redirect_stdout
for module in pkgutil.walk_packages(course_lib.__path__, "course_lib."):
    importlib.import_module(module.name)
from course_lib import checks
from course_lib.checks.bank import all_exercises
with redirect_stdout(io.StringIO()):
    for id in all_exercises():
        checks.check(id, lambda *v: v)
        checks.hint(id)
found, waiting = set(), [o.__code__ for o in gc.get_objects() if isinstance(o, types.FunctionType)]
while waiting:
    code = waiting.pop()
    waiting += [c for c in code.co_consts if isinstance(c, types.CodeType)]
    found.add(f"{code.co_name} {code.co_varnames} {code.co_names} {code.co_code.hex()}")
print(json.dumps(sorted(found)))
"""


def codes_of(module):
    """The functions of a module of the bank, as `CODE` writes them."""
    waiting = [compile(Path(module.__file__).read_text(encoding="utf-8"), module.__file__, "exec")]
    while waiting:
        code = waiting.pop()
        waiting += [c for c in code.co_consts if hasattr(c, "co_code")]
        if code.co_name not in ("<module>", "__init__") and len(code.co_code) > 60:
            names = f"{code.co_name} {code.co_varnames} {code.co_names}"
            yield f"{names} {code.co_code.hex()}"


def test_no_function_of_the_bank_can_be_found_in_memory(run):
    found = set(json.loads(run(CODE)))
    assert len(found) > 1000
    modules = {sys.modules[e.draw.__module__] for e in EXERCISES.values()}
    assert len(modules) == 17
    codes = {code for module in modules for code in codes_of(module)}
    assert len(codes) > 300
    assert {code.split(" ")[0] for code in codes & found} == set()


# --- what is published ---------------------------------------------------------------------------


def packed_and_back(value):
    return of_plain(json.loads(json.dumps(to_plain(value))))


@pytest.mark.parametrize(
    "array",
    [
        np.array([0.1, -0.0, np.nan, -np.nan, np.inf, -np.inf, 5e-324, 1.7976931348623157e308]),
        np.array(0x7FF8000000000123, np.uint64).view(float),  # a nan of its own
        np.array(1 / 3),
        np.array([2**63 - 1, -(2**63)]),
        np.zeros((0, 3)),
        np.arange(6.0).reshape(2, 3).T,
        np.arange(8.0)[::-2],
        np.array([0.1], ">f8"),
        np.array([1, 2], np.float32),
    ],
)
def test_an_array_keeps_every_bit(array):
    found = packed_and_back(array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()
    found[...] = 0  # it can be written to, as any input can


def test_other_inputs_keep_their_types():
    value = ("ein Häuschen", [1, (2, [])], (), 0.1 + 0.2, 2**70, True, "1")
    found = packed_and_back(value)
    assert repr(found) == repr(value)
    assert np.isnan(packed_and_back(float("nan")))
    assert str(packed_and_back((-0.0, float("-inf")))) == "(-0.0, -inf)"


@pytest.mark.parametrize("value", [None, 1j, {"a": 1}, np.float64(1), np.array([None])])
def test_what_no_file_can_hold_is_one_line(value, monkeypatch, tmp_path):
    exercise = Exercise("00a", lambda x: 1, (value,), None, {})
    monkeypatch.setattr(bank, "of_chapter", lambda number: {} if number else {"00a": exercise})
    with pytest.raises(NotReleased, match=r"an exercise cannot be published: .* is no plain value"):
        release(tmp_path / "bundle")
    assert [*tmp_path.iterdir()] == []


def test_the_files_say_what_the_bank_says(bundle):
    for number in range(17):
        file = bundle / f"course_lib/checks/bank/published/{number:02}.json"
        found = {e.id: e for e in published.read(file)}
        expected = bank.of_chapter(number)
        assert [*found] == [*expected]
        for id, exercise in expected.items():
            if id in HUNTS:
                assert found[id] == exercise
                continue
            for key in ("chapter", "name", "points", "tolerance", "together", "agreement"):
                assert getattr(found[id], key) == getattr(exercise, key)
            assert found[id].kind is exercise.kind
            assert found[id].arguments == exercise.arguments
            assert [*found[id].wrong] == [*exercise.wrong]
            assert repr(found[id].cases) == repr([exercise.case()])
            assert repr(found[id].case(7)) == repr(exercise.case())


# --- it names mistakes ---------------------------------------------------------------------------

# Once the bundle has read its exercises, the bank's modules are let in, as the answers to hand in.
ASK = """
import json, sys
from importlib import import_module
from pathlib import Path
import numpy as np
from course_lib.checks import bank
from course_lib.checks.checking import examine
from course_lib.checks.exercise import NUMBER, BugHunt

bank.all_exercises()
bank.__path__.append(sys.argv[1])

def reply(exercise, function):
    answer = function(*exercise.published) if exercise.kind is NUMBER else function
    found = examine(exercise.id, answer)
    return found.kind, found.code, found.text

np.seterr(all="ignore")
said = {}
for path in sorted(Path(sys.argv[1]).glob("c*.py")):
    module = import_module(f"course_lib.checks.bank.{path.stem}")
    family = [e for e in module.EXERCISES if not isinstance(e, BugHunt)]
    for exercise in family:
        assert type(bank.find(exercise.id)).__name__ == "PublishedExercise"
        answers = {"right": exercise.reference, **exercise.wrong}
        answers |= {other.id: other.reference for other in family if other is not exercise}
        said[exercise.id] = {code: reply(exercise, answers[code]) for code in answers}
print(json.dumps(said))
"""


@pytest.fixture
def said(run):
    return json.loads(run(ASK, Path(bank.__file__).parent))


def test_it_says_what_the_whole_course_says_of_the_numbers_of_the_notebook(said):
    """And of all misconceptions: one instance is enough to tell them apart."""
    assert [*said] == [*EXERCISES]
    for id, exercise in EXERCISES.items():
        case = exercise.case()
        others = exercise.draw is not None and exercise.kind is not NUMBER
        right = judge(exercise, [case.expected], [case]).text + SO_FAR * others
        assert said[id]["right"] == ["right", "", right]
        for code in exercise.wrong:
            found = judge(exercise, [case.wrong[code]], [case])
            assert said[id][code] == ["misconception", code, found.text]
    assert SO_FAR not in said["00a"]["right"][2], "a number is marked as it stands"


def test_it_names_the_exercise_that_an_answer_belongs_to(said):
    family = {}
    for id in EXERCISES:
        for other in EXERCISES.keys() & said[id].keys():
            with np.errstate(all="ignore"):
                found = examine(id, EXERCISES[other].reference)
            if "sibling" in (found.kind, said[id][other][0]):
                family[id, other] = [found.kind, found.code, found.text]
    assert {(id, other): said[id][other] for id, other in family} == family
    assert {("05a", "05b"), ("05c", "05b"), ("07d", "07e"), ("13b", "13c")} <= {*family}


LEARN = """
import dataclasses, sys
import numpy as np
from course_lib.checks import (check, echo, hint, mistakes, predict, progress, quiz, review, record)
from course_lib.checks import bank
from course_lib.checks.answers import diagnose

def part(name):
    print(f"== {name}")

def delta_w2(x, W1, b1, w2, b2, y):
    return x.nothing
part("error"); check("05b", delta_w2)
def delta_w2(x, W1, b1, w2, b2, y): ...
part("unwritten"); check("05b", delta_w2)
part("arguments"); check("05b", lambda x: x)
part("value"); check("05b", 3)
part("shape"); check("05b", lambda *v: np.zeros((3, 2)))
part("nan"); check("05b", lambda *v: np.full(2, np.nan))
right = bank.find("05b").expected[0]
part("twice"); check("05b", lambda *v: 2 * right)
part("right"); check("05b", lambda *v: right)
part("prints"); check("05b", lambda *v: (print("hello"), right)[1])
def slow(*v):
    while True: pass
kind = dataclasses.replace(bank.find("05b").kind, seconds=0.1)
quick = dataclasses.replace(bank.find("05b"), kind=kind)
part("slow"); print(diagnose(quick, slow).text)
part("letter"); check("05bug", "g")
part("other letter"); check("05bug", "E")
part("no letter"); check("05bug", 5)
part("no exercise"); check("05z", 5)
for number in (1, 2, 3, 4):
    part(f"hint {number}"); hint("05b", number)
part("number"); check("00a", bank.find("00a").expected[0])
part("misconception"); check("05a", lambda *v: -bank.find("05a").expected[0])
part("mistakes"); mistakes()
part("progress"); progress()
part("nothing due"); review()
part("review"); review(ahead=True)
part("reviewed"); review(bank.find("05a").expected[0])
part("quiz"); quiz("05q1", "c")
part("predict"); predict("05p", 2, 50)
part("echo"); echo("05p", 4)
"""


@pytest.fixture(scope="module")
def learned(bundle, tmp_path_factory):
    folder = tmp_path_factory.mktemp("learned")
    names = {"PYTHONPATH": str(bundle), "PYTHONIOENCODING": "utf-8"}
    names["COURSE_RECORD"] = str(folder / "record.json")
    (folder / "learn.py").write_text(LEARN, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-P", "learn.py"],
        cwd=folder,
        env=os.environ | names | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    parts = re.findall(r"== (.*)\n((?:(?!== ).*\n)*)", done.stdout)
    return dict(parts)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("error", "stopped with an error, in the line below.\nin delta_w2, line "),
        ("error", "return x.nothing\nAttributeError"),
        ("unwritten", "… 05b: delta_w2 is not written yet"),
        ("arguments", "must take (x, W1, b1, w2, b2, y), in this order; yours takes (x)"),
        ("value", "This asks for a function"),
        ("shape", "asks for an array of shape (2,), and the result is an array of shape (3, 2)"),
        ("nan", "holds nan"),
        ("twice", "exactly twice what is asked"),
        ("right", f"✓ 05b: Right.{SO_FAR}"),
        ("prints", "hello"),
        ("slow", "After 0.1 seconds `delta_w2` was still running"),
        ("letter", "✓ 05bug: Right.\nIt keeps every sign"),
        ("other letter", "✗ 05bug: Not yet. Line E is ŷ − y"),
        ("no letter", "Name the line by its letter, A to H"),
        ("no exercise", "no exercise '05z'; this chapter has 05a, 05b, 05c, 05bug"),
        ("hint 1", "→ 05b, hint 1 of 4: z2 = w2ᵀa1 + b2"),
        ("hint 2", "→ 05b, hint 2 of 4: A weight's gradient"),
        ("hint 3", "→ 05b, hint 3 of 4: Smaller"),
        ("hint 4", "→ 05b: The worked solution is not in this copy of the course"),
        ("number", "✓ 00a: Right.\n"),
        ("misconception", "is y − ŷ, which has the right size"),
        ("mistakes", "05a  target minus prediction"),
        ("mistakes", "asks the next one, with the numbers of the notebook."),
        ("progress", "05 Backprop without forks      ◐ a  ● b  ○ c  ◆ bug"),
        ("nothing due", "or chapters, with the numbers of the notebook."),
        ("review", "05a once more, with the numbers of the notebook: the error signal of z2"),
        ("quiz", "✓ 05q1: Yes"),
        ("predict", "Noted: 2."),
        ("echo", "You predicted 2 and were 50 % sure; it is 4."),
    ],
)
def test_what_a_learner_meets(learned, part, words):
    assert words in learned[part], learned[part]


RUN = """
import io, json, sys
from contextlib import redirect_stdout
for path in sys.argv[1:]:
    namespace, said = {"__name__": "__main__"}, io.StringIO()
    with open(path, encoding="utf-8") as file:
        cells = json.load(file)["cells"]
    with redirect_stdout(said):
        for cell in cells:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), namespace)
    print(said.getvalue().count("is not written yet"))
"""


def test_untouched_problem_sets_run_from_top_to_end(run, bundle):
    paths = sorted((bundle / "exercises").glob("*/problems.ipynb"))
    assert len(paths) == 16
    said = list(map(int, run(RUN, *paths).split()))
    assert said == [len(bank.of_chapter(int(path.parent.name[:2]))) for path in paths]


# --- the texts -----------------------------------------------------------------------------------

MESSAGES = (
    """# A heading.

[05a]
task = "the slope"
hints = ["one?", "two"]
worked = "A \\"quoted\\" = sign, and # no comment." # gone with it
code = '''
worked = 1
def slope(): ...
'''

# About what goes wrong.
[05a.wrong.encoded]
text = "worked = out" # kept
[05bug]
worked=[
  "a",
]
found = """
    + '"""\ncodes = 1\n"""\n'
)
KEPT = (
    """# A heading.

[05a]
task = "the slope"
hints = ["one?", "two"]

# About what goes wrong.
[05a.wrong.encoded]
text = "worked = out" # kept
[05bug]
found = """
    + '"""\ncodes = 1\n"""\n'
)


def test_solutions_leave_the_messages_and_nothing_else_does():
    assert without_solutions(MESSAGES) == KEPT
    assert without_solutions(MESSAGES.replace("\n", "\r\n")) == KEPT.replace("\n", "\r\n")
    assert without_solutions("") == ""


@pytest.mark.parametrize(
    "text",
    [
        '[05a]\n"worked" = "a quoted key"\n',
        '[05a]\n  worked = "indented"\n',
        '05a.worked = "dotted"\n',
        'found = """\ncode = 1\n"""\n',
        "[05a.wrong.code]\nname = 'a misconception of this name'\n",
    ],
)
def test_a_solution_that_is_written_otherwise_is_not_overlooked(text):
    with pytest.raises(NotReleased, match="a worked solution in messages/ does not begin a line"):
        without_solutions(text)


def test_the_messages_of_the_course_lose_their_solutions_only(bundle):
    for path in sorted((ROOT / "course_lib/checks/messages").glob("*.toml")):
        whole = path.read_text(encoding="utf-8")
        kept = (bundle / path.relative_to(ROOT)).read_text(encoding="utf-8")
        texts = tomllib.loads(whole)
        solved = [t for t in texts.values() if isinstance(t, dict) and "worked" in t]
        assert solved or path.stem == "common"
        for entry in solved:
            entry.pop("worked")
            entry.pop("code", None)
        assert tomllib.loads(kept) == texts
        left = iter(whole.splitlines())
        assert all(line in left for line in kept.splitlines()), "the same lines in the same order"
        comments = [line for line in whole.splitlines() if line.startswith("#")]
        assert [line for line in kept.splitlines() if line.startswith("#")] == comments


def test_words_for_students_are_among_the_common_texts():
    assert common_texts()["right_so_far"] == SO_FAR.strip()


# --- the pages, and what pip installs ------------------------------------------------------------


def test_what_a_page_or_a_lesson_points_to_is_there(bundle):
    pages = {path: path.read_text(encoding="utf-8") for path in bundle.rglob("*.md")}
    pages |= {path: "\n".join(cells(path, ["markdown"])) for path in bundle.rglob("*.ipynb")}
    found = [
        path.parent / target.split("#")[0]
        for path, text in pages.items()
        for target in re.findall(r"\]\(([^)\s]+)\)", text)
        if not target.startswith(("http", "#"))
    ]
    assert len(found) > 100
    assert [target for target in found if not target.exists()] == []


def test_the_first_page_names_what_is_there(bundle):
    page = (bundle / "README.md").read_text(encoding="utf-8")
    named = [name for name in re.findall(r"`([^`\n]+)`", page) if "/" in name or "." in name]
    named = [name for name in named if not name.startswith(("python", "my_course", ".venv"))]
    assert len(named) >= 5
    assert [name for name in named if not (bundle / name).exists()] == []
    for word in re.findall(r"python start.py (\w+)", page):
        assert f'"{word}":' in (bundle / "start.py").read_text(encoding="utf-8")


def test_pip_installs_all_of_the_library(bundle):
    project = tomllib.loads((bundle / "pyproject.toml").read_text(encoding="utf-8"))
    library = bundle / "course_lib"
    patterns = project["tool"]["setuptools"]["package-data"]["course_lib"]
    installed = {path for pattern in ["**/*.py", *patterns] for path in library.glob(pattern)}
    assert {path for path in library.rglob("*") if path.is_file()} == {
        path for path in installed if path.is_file()
    }
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"] == whole["project"]


def test_what_is_copied_is_the_same_to_the_byte(bundle):
    changed = ("README.md", "pyproject.toml", ".released.json")
    for path in bundle.rglob("*"):
        name = path.relative_to(bundle).as_posix()
        new = name in changed or re.search(r"checks/(messages|bank/published)/", name)
        if path.is_file() and not new:
            assert path.read_bytes() == (ROOT / name).read_bytes(), name


# --- whole or not at all -------------------------------------------------------------------------


def state(folder):
    """{name: bytes} of all that lies in a folder."""
    found = sorted(folder.rglob("*"))
    return {p.relative_to(folder): p.read_bytes() if p.is_file() else None for p in found}


@pytest.fixture(scope="module")
def files(bundle):
    """What a bundle holds, so that it need not be computed for each test."""
    return {
        path.relative_to(bundle).as_posix(): path.read_bytes()
        for path in bundle.rglob("*")
        if path.is_file() and path.name != releasing.MANIFEST
    }


@pytest.fixture
def few(monkeypatch):
    """A bundle of two files."""
    found = {"README.md": b"one", "course_lib/__init__.py": b"two"}
    monkeypatch.setattr(releasing, "contents", lambda: found)
    return found


def refusal(out):
    with pytest.raises(NotReleased) as caught:
        release(out)
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_two_runs_give_the_same_bytes(bundle, tmp_path):
    code = "import sys; from course_lib.grading.release import release; release(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", code, tmp_path / "again"],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        check=True,
    )
    assert state(tmp_path / "again") == state(bundle)


def test_it_says_what_was_written(tmp_path):
    found = release(tmp_path / "new" / "bundle")
    assert (found.folder, found.lessons) == (tmp_path / "new" / "bundle", 17)
    assert (found.problem_sets, found.exercises) == (16, len(ALL))
    assert [*(tmp_path / "new").iterdir()] == [found.folder], "nothing is left beside it"


def test_a_bundle_is_replaced_whole(few, tmp_path):
    out = release(tmp_path / "bundle").folder
    few.pop("README.md")
    few["LICENSE"] = b"three"
    cache = out / "course_lib" / "__pycache__"
    cache.mkdir()
    (cache / "__init__.cpython-311.pyc").write_bytes(b"from trying it out")
    release(out)
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert names == {"LICENSE", "course_lib/__init__.py", ".released.json"}
    assert [*tmp_path.iterdir()] == [out]


def test_an_empty_folder_may_be_filled(few, tmp_path):
    (tmp_path / "bundle").mkdir()
    release(tmp_path / "bundle")
    assert (tmp_path / "bundle" / "README.md").read_bytes() == b"one"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("notes.txt", b"mine"),
        ("README.md", b"my own words"),
        ("course_lib/__pycache__/notes.txt", b"mine"),
        ("my_course/progress.json", b"{}"),
    ],
)
def test_nothing_of_somebody_else_s_is_deleted(few, tmp_path, monkeypatch, name, data):
    out = release(tmp_path / "bundle").folder
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_bytes(data)
    before = state(tmp_path)
    monkeypatch.setattr(os, "rename", None)  # nothing is even moved
    assert f"{out} holds {name}, which is not as it was released" in refusal(out)
    assert state(tmp_path) == before


def test_a_link_in_a_bundle_is_somebody_s(few, tmp_path):
    out = release(tmp_path / "bundle").folder
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "data.txt").write_text("1", encoding="utf-8")
    try:
        (out / "link").symlink_to(tmp_path / "precious")
    except OSError:
        pytest.skip("no links here")
    assert "holds link, which is not" in refusal(out)
    (out / "link").unlink()
    (tmp_path / "shortcut").symlink_to(out)
    few["README.md"] = b"new"
    assert release(tmp_path / "shortcut").folder == out
    assert (out / "README.md").read_bytes() == b"new"


@pytest.mark.parametrize("manifest", [None, b"", b"[]", b"\xff", b"{", b"{}"])
def test_a_folder_that_is_no_bundle_is_left_alone(few, tmp_path, manifest):
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "thesis.tex").write_text("years", encoding="utf-8")
    if manifest is not None:
        (out / releasing.MANIFEST).write_bytes(manifest)
    before = state(tmp_path)
    assert "is no bundle" in refusal(out) or manifest == b"{}"
    assert state(tmp_path) == before


def test_a_file_in_the_place_is_left_alone(few, tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert "exists and is no bundle" in refusal(tmp_path / "file")
    assert "could not be written" in refusal(tmp_path / "file" / "bundle")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.fixture
def course(monkeypatch, tmp_path):
    """A folder that is taken for the checkout of the course."""
    folder = tmp_path / "course"
    for name in ("course_lib", "exercises", "notebooks"):
        (folder / name).mkdir(parents=True)
    (folder / "start.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(releasing, "ROOT", folder)
    return folder


@pytest.mark.parametrize("place", ["course_lib/bundle", "exercises", "notebooks/a/b"])
def test_not_into_the_course_itself(few, course, place):
    before = state(course)
    assert "lies in the course itself" in refusal(course / place)
    assert state(course) == before
    assert release(course / "build" / "bundle").folder == course / "build" / "bundle"


def test_the_course_itself_is_no_bundle(few, course):
    before = state(course)
    assert "exists and is no bundle" in refusal(course)
    assert state(course) == before


def test_a_library_without_the_rest_of_the_course_says_what_it_lacks(monkeypatch, tmp_path):
    installed = tmp_path / "site-packages"
    (installed / "course_lib").mkdir(parents=True)
    monkeypatch.setattr(releasing, "ROOT", installed)
    line = refusal(tmp_path / "bundle")
    assert "made from a checkout of the course" in line
    for name in ("notebooks/", "exercises/", "start.py", "pyproject.toml"):
        assert name in line
    assert not (tmp_path / "bundle").exists()


def test_what_tools_and_authors_leave_behind_is_not_released(monkeypatch, tmp_path):
    """A copy of a course with backups of all that holds answers."""
    left = [
        "exercises/05/.ipynb_checkpoints/problems-checkpoint.ipynb",
        "exercises/05/solved.ipynb",
    ]
    left += ["course_lib/checks/bank/c05.py", "course_lib/checks/bank/old/c05.py"]
    left += ["course_lib/checks/bank/c05.py.orig", "course_lib/checks/messages/05.toml~"]
    left += ["course_lib/__pycache__/graph.pyc", "course_lib/grading/seed.py", "solutions/a.ipynb"]
    wanted = ["LICENSE", "ERRATA.md", "requirements.txt", "start.py", "notebooks/05.ipynb"]
    wanted += ["exercises/05/problems.ipynb", "course_lib/graph.py"]
    wanted += ["course_lib/checks/bank/__init__.py", "course_lib/checks/messages/05.toml"]
    for name in left + wanted:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_bytes()
    (tmp_path / "pyproject.toml").write_bytes(project)
    monkeypatch.setattr(releasing, "ROOT", tmp_path)
    monkeypatch.setattr(bank, "of_chapter", lambda number: {})
    assert sorted(releasing.contents()) == sorted([*wanted, "README.md", "pyproject.toml"])


def full_disk(after):
    """Path.write_bytes of a disk that has room for so many files."""
    written = []

    def write_bytes(path, data):
        written.append(path)
        if len(written) > after:
            raise OSError(28, "No space left on device")
        with path.open("wb") as file:
            return file.write(data)

    return write_bytes


@pytest.mark.parametrize("existing", [False, True])
@pytest.mark.parametrize("room", [0, 1])
def test_a_full_disk_leaves_what_was_there(few, tmp_path, monkeypatch, existing, room):
    if existing:
        release(tmp_path / "bundle")
    before = state(tmp_path)
    few["README.md"] = b"new"
    monkeypatch.setattr(Path, "write_bytes", full_disk(room))
    assert "could not be written: [Errno 28] No space left on device" in refusal(
        tmp_path / "bundle"
    )
    assert state(tmp_path) == before


@pytest.mark.parametrize("error", [OSError(13, "Permission denied"), KeyboardInterrupt()])
def test_a_rename_that_fails_leaves_what_was_there(few, tmp_path, monkeypatch, error):
    release(tmp_path / "bundle")
    before = state(tmp_path)
    few["README.md"] = b"new"
    rename, done = os.rename, []

    def second_fails(source, target):
        done.append(source)
        if len(done) == 2:
            raise error
        rename(source, target)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises((NotReleased, KeyboardInterrupt)):
        release(tmp_path / "bundle")
    assert len(done) == 3
    assert state(tmp_path) == before


def test_what_is_put_in_at_the_last_moment_is_kept(few, tmp_path, monkeypatch):
    out = release(tmp_path / "bundle").folder
    rename = os.rename

    def late(source, target):
        if Path(source) == out:
            (out / "notes.txt").write_text("mine", encoding="utf-8")
        rename(source, target)

    monkeypatch.setattr(os, "rename", late)
    assert f"{out} holds notes.txt" in refusal(out)
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (out / "README.md").read_bytes() == b"one"
    assert [*tmp_path.iterdir()] == [out]


def test_it_is_kept_even_where_it_cannot_be_put_back(few, tmp_path, monkeypatch):
    out = release(tmp_path / "bundle").folder
    rename = os.rename

    def meanwhile(source, target):
        rename(source, target)
        if Path(source) == out:
            (Path(target) / "notes.txt").write_text("mine", encoding="utf-8")
            out.mkdir()

    monkeypatch.setattr(os, "rename", meanwhile)
    refusal(out)
    (kept,) = tmp_path.rglob("notes.txt")
    assert kept.read_text(encoding="utf-8") == "mine"


def test_several_at_once_leave_one_whole_bundle(files, tmp_path, monkeypatch):
    monkeypatch.setattr(releasing, "contents", lambda: files)

    def attempt(_):
        try:
            return release(tmp_path / "bundle").folder
        except NotReleased as reason:
            return str(reason)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(attempt, range(8)))
    assert tmp_path / "bundle" in results
    assert [*tmp_path.iterdir()] == [tmp_path / "bundle"]
    written = releasing._manifest(tmp_path / "bundle")
    assert written.keys() == files.keys()
    assert releasing._not_written(tmp_path / "bundle", written) is None
