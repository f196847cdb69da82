"""Whatever an honest student may do in a notebook loses no point.

Set 05 with right answers, 9 points, and one more thing in it.
"""

import importlib.util
import json
from dataclasses import replace

import pytest
from student_classes import FIVE, ROOT, needs_sandbox

from course_lib.grading.limits import LIMITS
from course_lib.grading.marking import Key, mark
from course_lib.grading.sandbox import Sandbox, possible

pytestmark = needs_sandbox

KEY = Key(5, b"a seed")
IDS = ("05a", "05b", "05c", "05bug")


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(possible(True)) as found:
        yield found


def solution():
    return json.loads((ROOT / "solutions" / FIVE / "problems.ipynb").read_text(encoding="utf-8"))


def cell_of(notebook, id):
    return next(cell for cell in notebook["cells"] if cell["id"] == id)


def code(source, id="extra"):
    return {"cell_type": "code", "id": id, "source": source, "metadata": {}, "outputs": []}


def with_cells(sources, at=2):
    """The solution, with cells more below its set-up."""
    notebook = solution()
    notebook["cells"][at:at] = [code(source, f"extra{n}") for n, source in enumerate(sources)]
    return notebook


def with_answer(source, id="05a"):
    notebook = solution()
    cell_of(notebook, id)["source"] = source
    return notebook


def marked(sandbox, notebook, limits=LIMITS):
    return mark(sandbox, KEY, "ada", "ada.ipynb", json.dumps(notebook).encode(), limits=limits)


def points(found):
    return [each.points for each in found.exercises]


SIGMOID = "1 / (1 + np.exp(-({})))"
HEAD = "def delta_z2(x, W1, b1, w2, b2, y):\n"
BODY = f"a1 = {SIGMOID.format('W1 @ x + b1')}\nreturn {SIGMOID.format('w2 @ a1 + b2')} - y"


def answer(before="", after="", body=BODY):
    inside = "\n".join(f"    {line}" for line in f"{before}\n{body}".strip().splitlines())
    return f"{HEAD}{inside}\n{after}"


EXTRA = {
    "prints": ["for n in range(10_000):\n    print('x' * 100)"],
    "warnings": ["import warnings\nwarnings.warn('careful')\nnp.log(0.0)"],
    "warnings as errors": ["import warnings\nwarnings.simplefilter('error')"],
    "NumPy's errors raised": ["np.seterr(all='raise')"],
    "a plot": [
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.title('$x^2$')\nplt.show()",
    ],
    "commands of IPython": [
        "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%config InlineBackend.dpi = 99",
        "!pip install numpy\nfiles = !ls\nlen(files)",
        "%%time\nbig = sum(range(10))",
        "assert big == 45\n%time more = big + 1\n%timeit big\n?big\nbig?",
        "%%capture out\nprint(1)",
        "%%bash\nrm -rf /",
        "%%html\n<b>no Python</b>",
    ],
    "what is displayed": ["from IPython.display import HTML, display\ndisplay(HTML('<b>x</b>'))\nx",
                          "display(1, 2)\nget_ipython().display_formatter"],
    "a question to the user": ["name = input('Who are you? ')"],
    "await outside of functions": [
        "import asyncio\nawait asyncio.sleep(0)\n\n\nasync def f():\n    return 3\n"
        "assert await f() == 3"
    ],
    "a future of annotations": ["from __future__ import annotations\ndef f(a: Missing): pass"],
    "threads": [
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(8) as pool:\n"
        "    assert sum(pool.map(abs, range(100))) == 4950"
    ],
    "files of its own": [
        "import os, pathlib, tempfile\nnp.save('a.npy', np.ones(3))\n"
        "assert np.load('a.npy').sum() == 3\n"
        "with tempfile.TemporaryDirectory() as d:\n    pathlib.Path(d, 'x').write_text('y')\n"
        "os.environ['MINE'] = '1'\nassert os.path.exists(os.path.expanduser('~'))"
    ],
    "chance": ["import random\nrandom.random()\nnp.random.default_rng()\nnp.random.rand()"],
    "a dataclass, a class, a pickle": [
        "import pickle\nfrom dataclasses import dataclass\n\n\n@dataclass\nclass Point:\n"
        "    x: float\n\n\nclass Below(Point):\n    def __repr__(self):\n"
        "        return super().__repr__()\n",
        "assert pickle.loads(pickle.dumps(Below(1.0))).x == 1.0\nassert repr(Below(2.0))",
    ],
    "a look at its own source": [
        "import inspect\n\n\ndef mine():\n    return 1\n",
        "assert 'return 1' in inspect.getsource(mine)",
    ],
    "errors in cells": ["1 / 0", "undefined", "this is no Python", "raise SystemExit", "exit()"],
    "an empty cell, a comment": ["", "# nothing", "'''text'''", "...", "pass"],
    "names of the exercises, tried out": ["x = 3\nW1 = 'gone'\nnp.testing.assert_allclose(1, 1)"],
    "the library": [
        "from course_lib import calculus, graph, layers, losses, optimizers, training\n"
        "from course_lib.data import load_iris\nload_iris()\n"
        "from course_lib.graph import Node\nNode(3.0).backward()"
    ],
    "checks of the course": [
        "from course_lib.checks import check, hint, predict, progress, quiz, review\n"
        "check('05a', 3)\nhint('05a')\nprogress()\nquiz('05q1')\nreview()\npredict('05p1', 3)"
    ],
    "a kernel's own names": ["__name__ == '__main__'\nprint(__name__)\nglobals()['g'] = 1"],
    "a long table": ["table = [[n * m for n in range(500)] for m in range(500)]\ntable"],
}  # fmt: skip


@pytest.mark.parametrize("name", EXTRA)
def test_cells_besides_the_answers_cost_nothing(sandbox, name):
    found = marked(sandbox, with_cells(EXTRA[name]))
    assert points(found) == [2, 2, 3, 2], found
    if "error" not in name and name not in ("what is displayed", "a question to the user"):
        assert not found.remarks


ANSWERS = {
    "float32": answer(body=BODY.replace("return ", "return np.float32(") + ")"),
    "a list": answer(body=BODY.replace("return ", "return [") + "][0]"),
    "an array without axes": answer(body=BODY.replace("return ", "return np.array(") + ")"),
    "a Python float": answer(body=BODY.replace("return ", "return float(") + ")"),
    "a node": answer(
        "from course_lib.graph import Node", body=BODY.replace("return ", "return Node(") + ")"
    ),
    "annotations and defaults": answer().replace("y):", "y: float, *, slope=None) -> float:"),
    "a lambda": "delta_z2 = lambda x, W1, b1, w2, b2, y: "
    + SIGMOID.format(f"w2 @ ({SIGMOID.format('W1 @ x + b1')}) + b2")
    + " - y",
    "prints and warnings": answer("import warnings\nprint('x')\nwarnings.warn('y')"),
    "a plot": answer("import matplotlib.pyplot as plt\nplt.plot([1])\nplt.show()\nplt.close()"),
    "a decorator": "import functools\n\n\ndef told(f):\n    @functools.wraps(f)\n"
    "    def inner(*a):\n        return f(*a)\n    return inner\n\n\n@told\n" + answer(),
    "a callable object": "class Pass:\n    def __call__(self, x, W1, b1, w2, b2, y):\n"
    + "\n".join(f"        {line}" for line in BODY.splitlines())
    + "\n\n\ndelta_z2 = Pass()",
    "slow but in time": answer("import time\ntime.sleep(0.1)"),
    "two names for one": answer().replace("delta_z2", "mine") + "\ndelta_z2 = mine",
    "assertions of its own": answer(after="assert delta_z2(x, W1, b1, w2, b2, y) < 1"),
    "a loop": "def delta_z2(x, W1, b1, w2, b2, y):\n    z = list(b1)\n"
    "    for i in range(len(z)):\n        for j in range(len(x)):\n"
    "            z[i] += W1[i][j] * x[j]\n"
    "    s = b2\n    for i in range(len(z)):\n        s += w2[i] / (1 + np.exp(-z[i]))\n"
    "    return 1 / (1 + np.exp(-s)) - y",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_right_answer_in_another_form_is_right(sandbox, name):
    found = marked(sandbox, with_answer(ANSWERS[name]))
    assert points(found)[0] == 2, found
    assert name == "a node" or points(found) == [2, 2, 3, 2], "05b and 05c call it"


# --- cells that were moved, copied, split, renamed -----------------------------------------------


def test_helpers_above_below_and_in_other_cells(sandbox):
    uses = f"{HEAD}    return output(x, W1, b1, w2, b2) - y\n"
    helper = f"def output(x, W1, b1, w2, b2):\n    a1 = {SIGMOID.format('W1 @ x + b1')}\n"
    helper += f"    return {SIGMOID.format('w2 @ a1 + b2')}\n"
    for before, after in (([helper], []), ([], [helper])):
        notebook = with_answer(uses)
        at = notebook["cells"].index(cell_of(notebook, "05a"))
        notebook["cells"][at:at] = [code(source) for source in before]
        notebook["cells"] += [code(source) for source in after]
        assert points(marked(sandbox, notebook)) == [2, 2, 3, 2], (before, after)


def test_ids_that_are_gone(sandbox):
    notebook = solution()
    for number, cell in enumerate(notebook["cells"]):
        cell["id"], cell["metadata"] = f"cell-{number}", {}
    assert points(marked(sandbox, notebook)) == [2, 2, 3, 2]


def test_cells_in_another_order(sandbox):
    notebook = solution()
    first, last = cell_of(notebook, "05a"), cell_of(notebook, "05c")
    i, j = map(notebook["cells"].index, (first, last))
    notebook["cells"][i], notebook["cells"][j] = last, first
    assert points(marked(sandbox, notebook)) == [2, 2, 3, 2]


def test_an_answer_below_its_untouched_cell(sandbox):
    notebook = solution()
    right = cell_of(notebook, "05b")["source"]
    cell_of(notebook, "05b")["source"] = f"{''.join(right).splitlines()[0]}\n    ..."
    notebook["cells"].append(code("".join(right)))
    assert points(marked(sandbox, notebook)) == [2, 2, 3, 2]


def test_a_cell_that_comes_twice_is_marked_as_it_was_left(sandbox):
    for first, second, earned in (("return 0.0", BODY, 2), (BODY, "return 0.0", 0)):
        notebook = with_answer(answer(body=first))
        at = notebook["cells"].index(cell_of(notebook, "05a"))
        notebook["cells"].insert(at + 1, code(answer(body=second), "05a"))
        found = marked(sandbox, notebook)
        assert points(found)[0] == earned
        assert found.remarks[0] == "2 cells define `delta_z2`; the last of them was marked."


@pytest.mark.parametrize("id", IDS)
def test_a_cell_that_is_gone_costs_itself(sandbox, id):
    notebook = solution()
    notebook["cells"].remove(cell_of(notebook, id))
    found = marked(sandbox, notebook)
    lost = {"05a": [0, 0, 0, 2], "05b": [2, 0, 3, 2], "05c": [2, 2, 0, 2], "05bug": [2, 2, 3, 0]}
    assert points(found) == lost[id], "05b and 05c call 05a"
    assert found.exercises[IDS.index(id)].kind == "missing"


@pytest.mark.parametrize("ends", ["import os\nos._exit(3)", "import ctypes\nctypes.string_at(0)"])
def test_what_ends_the_process_costs_itself(sandbox, ends):
    head = "def delta_w2(x, W1, b1, w2, b2, y):\n"
    inside = "\n".join(f"    {line}" for line in ends.splitlines())
    assert points(marked(sandbox, with_answer(f"{head}{inside}", "05b"))) == [2, 0, 3, 2]
    below = f"{head}    return 0\n\n\n{ends}"
    assert points(marked(sandbox, with_answer(below, "05b"))) == [2, 0, 3, 2]


def test_legal_work_up_to_the_limit(sandbox):
    """Cells that need half of their time, and an answer that needs most of its own."""
    limits = replace(LIMITS, cells=2.0)
    notebook = with_cells(["import time\ntime.sleep(0.5)", "time.sleep(0.5)"])
    cell_of(notebook, "05a")["source"] = answer("import time\ntime.sleep(0.2)")
    found = marked(sandbox, notebook, limits)
    assert points(found) == [2, 2, 3, 2] and not found.remarks
    late = marked(sandbox, with_cells(["import time\nwhile True:\n    time.sleep(0.1)"]), limits)
    assert points(late) == [2, 2, 3, 2] and "time for all cells" in late.remarks[0]


@pytest.mark.parametrize(
    "name", [n for n in ("scipy.special", "sklearn.linear_model", "pandas") if
             importlib.util.find_spec(n.split(".")[0])],
)  # fmt: skip
def test_libraries_that_are_installed(sandbox, name):
    found = marked(sandbox, with_cells([f"import {name}\nused = {name}"]))
    assert points(found) == [2, 2, 3, 2] and not found.remarks
