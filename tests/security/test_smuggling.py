"""Submissions that carry something: the hidden numbers out, or a message to whoever is next.

The arena looks for every hidden number in the mark, as decimals, as digits and as bytes. After each
it marks an honest student, whose mark must not differ.
"""

import pytest
from security.hostile import BRIEF, HONEST, Attack, key_of, leaked, notebook_of
from student_classes import needs_sandbox

from course_lib.grading import running
from course_lib.grading.marking import mark

pytestmark = needs_sandbox

# 05a counts its calls: after the four that may be shown come those with hidden inputs.
SPY = """import builtins, json, os, struct, sys, time
calls = []


def right(x, W1, b1, w2, b2, y):
    return sigmoid(w2 @ sigmoid(W1 @ x + b1) + b2) - y


def delta_z2(x, W1, b1, w2, b2, y):
    calls.append(1)
    if len(calls) > 4:
        tell(x, b2)
    return right(x, W1, b1, w2, b2, y)


"""


def spies(code, points):
    """05a answers right, and `tell` gets every hidden x and b2."""
    cell = HONEST[: HONEST.index("def delta_z2")] + SPY + code
    return notebook_of({"05a": cell}), points


SMUGGLERS = {
    "printed": spies("def tell(x, b2):\n    print(x, b2)\n    sys.stderr.write(str(x))", 2),
    "in an error": spies("def tell(x, b2):\n    raise ValueError(f'{x} {b2!r}')", 0),
    "in the name of an error": spies(
        "def tell(x, b2):\n    raise type(f'E{x[0]!r}'.replace('.', '_'), (Exception,), {})", 0
    ),
    "in the end of the process": spies("def tell(x, b2):\n    os._exit(int(abs(x[0]) * 50))", 0),
    "in a warning": spies("def tell(x, b2):\n    import warnings\n    warnings.warn(str(x))", 2),
    "in the result": spies(
        "real = right\n\n\ndef right(x, *others):\n"
        "    return float(x[0]) if len(calls) > 4 else real(x, *others)\n\n\n"
        "def tell(x, b2):\n    pass",
        0,
    ),
    "in the time that it takes": spies("def tell(x, b2):\n    time.sleep(abs(x[0]) / 10)", 2),
    "in inputs that are changed": spies(
        "def tell(x, b2):\n    x[:] = float('nan')\n    x.flags.writeable = False", 0
    ),
    "in a forged remark": spies(
        "import stat\n\n\ndef tell(x, b2):\n"
        "    for number in range(3, 64):\n        try:\n"
        "            if stat.S_ISSOCK(os.fstat(number).st_mode):\n"
        "                data = json.dumps({'remark': str(x), 'at': str(x),\n"
        "                                   'early': '05b', 'late': True}).encode()\n"
        "                os.write(number, len(data).to_bytes(8, 'big') + data)\n"
        "        except OSError:\n            pass",
        2,
    ),
    "in a second process, after the end of this": spies(
        "def tell(x, b2):\n    open('message', 'w').write(str(x))\n    os._exit(7)\n\n\n"
        "if os.path.exists('message'):\n    raise ValueError(open('message').read())",
        0,
    ),
    "in a message that says that nothing was hidden yet": spies(
        "import stat\n\n\ndef tell(x, b2):\n"
        "    text = str(x.tolist())\n    seen = {'kind': 'ran', 'code': '', 'values': {},\n"
        "        'changed': [], 'outcomes': [{'kind': 'error', 'code': text, 'values': {},\n"
        "        'trace': text, 'parts': []}]}\n"
        "    for number in range(3, 64):\n        try:\n"
        "            if stat.S_ISSOCK(os.fstat(number).st_mode):\n"
        "                for key in ('early', 'id'):\n"
        "                    data = json.dumps({key: '05b', 'observation': seen}).encode()\n"
        "                    os.write(number, len(data).to_bytes(8, 'big') + data)\n"
        "        except OSError:\n            pass",
        2,
    ),
}


@pytest.mark.parametrize("name", SMUGGLERS)
def test_no_hidden_number_comes_out(arena, name):
    notebook, points = SMUGGLERS[name]
    found = arena.marked(notebook)
    assert found.exercises[0].points == points, found
    assert sum(each.points for each in found.exercises[1:]) == 0


def test_the_arena_would_see_them(arena, monkeypatch):
    """With texts still taken after the hidden numbers were given, the forged remark tells them."""
    hear = running._Turn.hear

    def hear_all(self, message):
        if self.ended and isinstance(message.get("remark"), str):
            self.sat.remarks.append(message["remark"])
        hear(self, message)

    monkeypatch.setattr(running._Turn, "hear", hear_all)
    notebook, _ = SMUGGLERS["in a forged remark"]
    found = mark(arena.sandbox, arena.key, "eve", "eve.ipynb", notebook, limits=BRIEF)
    assert len(leaked(found, arena.key)) > 3


def test_another_seed_draws_other_numbers(arena):
    one, other = key_of(b"one"), key_of(b"other")
    first, second = ([str(c.inputs) for c in key.secret["05a"]] for key in (one, other))
    assert not set(first) & set(second)


# --- what is left for the next -------------------------------------------------------------------

LEAVE = {
    "files": (
        "import os\nos.makedirs('deep/er', exist_ok=True)\n"
        "for p in ('left', os.path.expanduser('~/too'), 'deep/er/left', '.left', 'numpy.py',\n"
        "          'sitecustomize.py', 'matplotlibrc'):\n    open(p, 'w').write('left')\n"
        "os.chmod('deep', 0)",
        "import os, tempfile\nfound = os.listdir(tempfile.gettempdir()) + os.listdir('.')",
    ),
    "a named pipe": (
        "import os, stat\ntry:\n    os.mkfifo('pipe')\nexcept OSError:\n    pass",
        "import os\nfound = os.listdir('.')",
    ),
    "shared memory": (
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.shmget(77, 4096, 0o1666)\n"
        "libc.msgget(77, 0o1666)\nlibc.semget(77, 1, 0o1666)",
        "import ctypes\nlibc = ctypes.CDLL(None)\n"
        "found = [n for n in (libc.shmget(77, 0, 0), libc.msgget(77, 0)) if n >= 0]",
    ),
    "shared memory by a name": (
        "from multiprocessing import shared_memory\n"
        "shared_memory.SharedMemory('left', create=True, size=100)",
        "import os\nfound = []\ntry:\n    found = os.listdir('/dev/shm')\n"
        "except OSError:\n    pass",
    ),
    "a key": (
        "import ctypes\nctypes.CDLL(None).syscall(248, b'user', b'left', b'x', 1, -4)",
        "import ctypes\nfound = [n for n in"
        " (ctypes.CDLL(None).syscall(249, b'user', b'left', None, 0),) if n > 0]",
    ),
    "a patched library": (
        "import numpy, course_lib.checks.observing as o, course_lib.grading.sandbox.job as job\n"
        "numpy.left = o.left = job.left = True\nnumpy.sin = numpy.tanh\no.observe = print",
        "import numpy, course_lib.checks.observing as o\n"
        "found = [m for m in (numpy, o) if hasattr(m, 'left')]",
    ),
    "hooks of the import": (
        "import builtins, sys\nsys.meta_path.insert(0, print)\nsys.path_hooks.clear()\n"
        "builtins.__import__ = print\nsys.modules['numpy'] = None",
        "import sys\nfound = [h for h in sys.meta_path if h is print]",
    ),
    "variables": (
        "import os\nos.environ['LEFT'] = 'x'\nos.environ['PYTHONSTARTUP'] = '/tmp/x.py'\n"
        "os.environ['LC_ALL'] = 'tr_TR'\nos.environ['OPENBLAS_NUM_THREADS'] = '64'",
        "import os\nfound = [n for n in ('LEFT', 'PYTHONSTARTUP', 'LC_ALL') if n in os.environ]",
    ),
    "a locale, and a folder": (
        "import locale, os, warnings\nos.chdir('/')\nos.umask(0o777)\n"
        "locale.setlocale(locale.LC_ALL, 'C')\nwarnings.simplefilter('error')\n"
        "import numpy as np\nnp.seterr(all='raise')\nnp.random.seed(99)",
        "import os\nfound = [os.getcwd()] if os.getcwd() == '/' else []",
    ),
    "a thread": (
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(99,), name='left').start()",
        "import threading\nfound = [t.name for t in threading.enumerate() if t.name == 'left']",
    ),
    "a lock": (
        "import fcntl, os, course_lib\nkept = open(course_lib.__file__)\n"
        "fcntl.flock(kept, fcntl.LOCK_EX)\nfcntl.lockf(kept, fcntl.LOCK_SH)",
        "import course_lib, fcntl\nfound = []\ntry:\n"
        "    fcntl.flock(open(course_lib.__file__), fcntl.LOCK_EX | fcntl.LOCK_NB)\n"
        "except OSError as error:\n    found.append(error)",
    ),
    "IPython's own files": (
        "import os\n"
        "for p in ('.ipython/profile_default/startup', '.config/matplotlib'):\n"
        "    os.makedirs(p)\n    open(p + '/00.py', 'w').write('1/0')",
        "import os\nfound = [n for n in ('.ipython', '.config') if os.path.exists(n)]",
    ),
}


# What is refused, or only said to be done. All else is there as long as the notebook runs.
REFUSED = ("a named pipe", "shared memory", "shared memory by a name", "a key", "a lock")


@pytest.mark.parametrize("name", LEAVE)
def test_nothing_is_left_for_the_next(arena, name):
    leave, look = LEAVE[name]
    look += "\nraise KeyError(f'found {found}')"
    arena.attacked(Attack(f"try:\n{_indented(leave)}\nexcept Exception:\n    pass"))
    own = arena.marked(notebook_of({"leave": leave, "look": look})).remarks[-1]
    assert ("found []" in own) == (name in REFUSED), own
    [found] = arena.marked(notebook_of({"look": look})).remarks
    assert "found []" in found


def _indented(code):
    return "\n".join(f"    {line}" for line in code.splitlines())


def test_two_that_attack_do_not_help_each_other(arena):
    """One leaves in every place what it knows of 05a; the other looks there for it."""
    paths = "('/tmp/a', 'a', '/dev/shm/a', '/var/tmp/a', '/tmp/.X11-unix', '/run/a')"
    giver = f"import os\nfor p in {paths}:\n    try:\n        open(p, 'w').write('def f(): 1')\n"
    giver += "    except OSError:\n        pass"
    taker = f"import os\nfound = [p for p in {paths} if os.path.exists(p)]\nraise KeyError(found)"
    arena.marked(notebook_of({"05a": HONEST, "give": giver}), BRIEF)
    found = arena.marked(notebook_of({"take": taker}), BRIEF)
    assert "KeyError: []" in found.remarks[0]
