"""Submissions that claim to be right: by objects, by patches, by forged messages.

Each has the honest 05a, worth 2 points, and wants those of 05b, 05c or 05bug.
"""

import pytest
from security.hostile import Attack, notebook_of
from student_classes import needs_sandbox

pytestmark = needs_sandbox

SIGNATURE = "(x, W1, b1, w2, b2, y)"

# Below it, `say` sends any message through the job's own socket, wherever that is.
SOCKET = """import base64, json, os, stat, struct, sys

links = []
for number in range(3, 64):
    try:
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            links.append(number)
    except OSError:
        pass
if not links:
    raise RuntimeError("no socket")


def raw(data):
    for number in links:
        os.write(number, data)


def frame(data):
    raw(len(data).to_bytes(8, "big") + data)


def say(**message):
    frame(json.dumps(message).encode())


def array(*values, shape=None):
    data = base64.b64encode(struct.pack(f"<{len(values)}d", *values)).decode()
    return {"dtype": "<f8", "shape": shape or [len(values)], "data": data}


def seen(outcomes, kind="ran", **more):
    return {"kind": kind, "code": "", "values": {}, "outcomes": outcomes, "changed": [], **more}


def gave(*parts):
    return {"kind": "parts", "code": "", "values": {}, "trace": "", "parts": list(parts)}


def claim(observation, key="id", id="05b"):
    say(**{key: id, "observation": observation})


"""


def answer(body, before="", name="delta_w2"):
    lines = "\n".join(f"    {line}" for line in body.strip("\n").splitlines())
    return f"{before}\n\n\ndef {name}{SIGNATURE}:\n{lines}\n"


def forged(code, says=""):
    return Attack(SOCKET + code, says)


ATTACKS = {
    # --- objects ---
    "an object that equals everything": Attack(
        answer(
            "return Yes()",
            "class Yes:\n"
            "    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = lambda self, other: True\n"
            "    __bool__ = lambda self: True\n"
            "    __sub__ = __rsub__ = lambda self, other: 0.0\n"
            "    __float__ = lambda self: 0.0\n    __abs__ = lambda self: 0.0",
        ),
        "05b type",
    ),
    "an array that equals everything": Attack(
        answer(
            "return np.zeros(2).view(Yes)",
            "class Yes(np.ndarray):\n"
            "    def __array_finalize__(self, other):\n        pass\n"
            "    def __array_ufunc__(self, *a, **k):\n        return np.True_\n"
            "    def __array_function__(self, *a, **k):\n        return np.True_\n"
            "    __eq__ = lambda self, other: np.ones(2, bool)\n",
        ),
        "05b",
    ),
    "an object that is another array each time": Attack(
        answer(
            "return Changing()",
            "class Changing:\n    count = 0\n"
            "    def __array__(self, dtype=None, copy=None):\n"
            "        Changing.count += 1\n        return np.full(2, float(Changing.count))\n",
        ),
        "05b",
    ),
    "a masked array": Attack(answer("return np.ma.masked_all(2)"), "05b"),
    "nothing but nan": Attack(answer("return np.full(2, np.nan)"), "05b finite"),
    "a structured array": Attack(
        answer('return np.zeros(2, dtype=[("a", float), ("b", object)])'), "05b type"
    ),
    "an array of objects": Attack(answer("return np.array([object(), object()])"), "05b type"),
    "a class in place of a function": Attack("delta_w2 = type", "05b type"),
    "a function with a forged signature": Attack(
        answer("return w2") + "delta_w2.__wrapped__ = delta_w2.__signature__ = print", "05b"
    ),
    "more entries than a terabyte holds": Attack(
        answer("return np.broadcast_to(0.0, (10**6, 10**6))"), "05b"
    ),
    "a letter that is all letters": Attack(
        "class Letter(str):\n    __eq__ = lambda self, other: True\n    __hash__ = str.__hash__\n"
        '    strip = upper = lambda self: self\n\n\nwrong_line = Letter("H")\ndelta_w2 = ...',
        "05bug",
    ),
    # --- patches ---
    "patched comparisons of NumPy": Attack(
        answer(
            "return np.zeros(2)",
            "import numpy.testing\n"
            "for name in ('allclose', 'array_equal', 'isclose', 'isfinite', 'abs', 'max'):\n"
            "    setattr(np, name, lambda *a, **k: True)\n"
            "np.testing.assert_allclose = lambda *a, **k: None",
        ),
        "05b",
    ),
    "a patched library": Attack(
        answer(
            "return np.zeros(2)",
            "from course_lib.checks import answers, diagnosis, exercise, values\n"
            "for module in (answers, diagnosis, exercise, values):\n"
            "    for name in ('same', 'judge', 'diagnose', 'diagnosis_of', '_same'):\n"
            "        setattr(module, name, lambda *a, **k: True)\n"
            "exercise.Exercise.same = lambda *a, **k: True",
        ),
        "05b",
    ),
    "patched builtins": Attack(
        answer(
            "return np.zeros(2)",
            "import builtins\nbuiltins.all = builtins.any = lambda *a: True\n"
            "builtins.isinstance = lambda *a: True\nbuiltins.len = lambda *a: 2",
        ),
    ),
    "patched json and base64": Attack(
        answer(
            "return np.zeros(2)",
            "import base64, json\njson.dumps = lambda *a, **k: '{\"end\": true}'\n"
            "base64.b64encode = lambda data: b'AAAA'",
        ),
    ),
    "a patched observer": Attack(
        answer(
            "return np.zeros(2)",
            "from course_lib.grading.sandbox import job\n"
            "from course_lib.checks.observing import Observation, Outcome\n"
            "job.observe = lambda *a, **k: Observation('ran', outcomes=())",
        ),
    ),
    "questions asked of another exercise": Attack(
        "import sys\nframe = sys._getframe()\nwhile frame:\n"
        "    here = frame.f_locals.get('self')\n"
        "    if hasattr(here, 'questions'):\n"
        "        from dataclasses import replace\n"
        "        here.questions = [replace(q, name='delta_z2', parts=1) for q in here.questions]\n"
        "    frame = frame.f_back\ndelta_w2 = delta_W1 = delta_z2\n",
    ),
    "transformers of code": Attack(
        "import ast, builtins, codeop\n"
        "codeop.Compile.__call__ = lambda self, *a: (lambda: 0).__code__\n"
        "builtins.compile = lambda *a, **k: (lambda: 0).__code__\ndelta_w2 = ...",
    ),
    # --- messages ---
    "right, it says": forged('claim("right")\nclaim({"right": True})\ndelta_w2 = ...'),
    "no outcome at all": forged("claim(seen([]))\ndelta_w2 = ..."),
    "fewer outcomes than instances": forged("claim(seen([gave(array(0.0, 0.0))]))\nos._exit(0)"),
    "hundreds of outcomes": forged("claim(seen([gave(array(0.0, 0.0))] * 90))\nos._exit(0)"),
    "a thousand outcomes": forged("claim(seen([gave(array(0.0, 0.0))] * 1000))\nos._exit(0)"),
    "outcomes of no part": forged("claim(seen([gave()] * 4))\nos._exit(0)"),
    "the end at once": forged("say(end=True)\nimport time\ntime.sleep(60)"),
    "hidden before shown": forged(
        "say(shown=True)\nclaim(seen([gave(array(0.0, 0.0))] * 3))\nsay(end=True)"
    ),
    "late, and of another exercise": forged(
        'say(id="05bug", late=True, observation=seen([], "letter", code="Z"))\n'
        'say(id="01a", late=True, observation=seen([]))\nsay(id=["05b"], observation=1)\n'
        "delta_w2 = ..."
    ),
    "an array of a billion, it says": forged(
        "claim(seen([gave(array(0.0, shape=[10**9]))] * 4))\ndelta_w2 = ..."
    ),
    "an array of negative length": forged(
        "claim(seen([gave(array(0.0, shape=[-1, -1]))] * 4))\ndelta_w2 = ..."
    ),
    "an array of objects, it says": forged(
        'bad = {**array(0.0, 0.0), "dtype": "|O"}\nclaim(seen([gave(bad)] * 4))\ndelta_w2 = ...'
    ),
    "an array of a hundred axes": forged(
        "claim(seen([gave(array(0.0, shape=[1] * 100))] * 4))\ndelta_w2 = ..."
    ),
    "whole numbers beyond all bounds": forged(
        'raw_number = "9" * 5000\n'
        'frame((\'{"id": "05b", "observation": \' + raw_number + "}").encode())\ndelta_w2 = ...'
    ),
    "lists a hundred thousand deep": forged('frame(b"[" * 100_000)\ndelta_w2 = ...'),
    "no JSON": forged('frame(b"\\xff\\x00 no")\ndelta_w2 = ...'),
    "pickles": forged(
        'import pickle\nframe(pickle.dumps({"end": True}))\n'
        'class Evil:\n    def __reduce__(self):\n        return os.system, ("id",)\n\n\n'
        "frame(pickle.dumps(Evil()))\ndelta_w2 = ..."
    ),
    "a frame of an exabyte": forged('raw((2**60).to_bytes(8, "big"))\ndelta_w2 = ...'),
    "half a frame": forged('raw((100).to_bytes(8, "big") + b"{")\nos._exit(0)'),
    "a flood of messages": forged("while True:\n    say(remark='x' * 1_000_000)", "more than"),
    "words that a format fills in": forged(
        'bad = "{0.__class__.__mro__} {name.__init__.__globals__} %s {"\n'
        'claim(seen([], "misfit", code="arguments", values={"takes": bad, "called": bad}))\n'
        "say(remark=bad)\ndelta_w2 = ..."
    ),
    "messages of the grader's own": forged(
        'for code in ("__class__", "", "a.b", "value.found", "0"):\n'
        '    claim(seen([], "misfit", code=code, values={"name": "n", "wanted": "w", "key": 1}))\n'
        "delta_w2 = ..."
    ),
    "halves of characters": forged(
        'say(remark="\\ud800 \\udfff", at="\\ud800")\n'
        'claim(seen([{"kind": "error", "code": "\\ud800", "values": {}, "trace": "\\udc00",'
        ' "parts": []}]))\ndelta_w2 = ...'
    ),
    "the socket, closed": forged("for number in links:\n    os.close(number)"),
    "another place in the notebook": forged(
        'for place in ("05a", "05c", "cell 999999999", "cell -1", "cell " + "9" * 400):\n'
        "    say(at=place)\nos._exit(1)"
    ),
}

# Of these 05a is lost with the rest: what they do to their own process comes back to them.
TO_THEMSELVES = {
    "patched builtins",
    "patched json and base64",
    "the socket, closed",
    "a frame of an exabyte",
    "a patched observer",
    "the end at once",
    "hidden before shown",
    "another place in the notebook",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_it_earns_what_its_honest_cells_do(arena, name):
    attack = ATTACKS[name]
    found = arena.marked(attack.notebook, attack.limits)
    earned = {each.id: each.points for each in found.exercises}
    assert earned["05a"] in ((0, 2) if name in TO_THEMSELVES else (2,)), found
    assert (earned["05b"], earned["05c"], earned["05bug"]) == (0, 0, 0), found


def test_the_whole_key_is_no_better_than_an_answer(arena):
    """Who knows every shown result has the words of a right answer, and no points."""
    table = {
        case.inputs[0].tobytes().hex(): case.expected[0].tolist() for case in arena.key.open["05b"]
    }
    cells = {
        "05a": "import numpy as np",
        "05b": answer(f"return np.array({table!r}.get(x.tobytes().hex(), [0.0, 0.0]))"),
    }
    found = arena.marked(notebook_of(cells)).exercises[1]
    assert (found.kind, found.points) == ("hidden", 0)
