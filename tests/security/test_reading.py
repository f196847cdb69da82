"""Submissions that look for the answers, for secrets, and for what others handed in.

Each collects what it comes upon and ends with it in an error, which its mark tells.
"""

import pytest
from security.hostile import Attack
from student_classes import needs_sandbox

pytestmark = needs_sandbox

# Above each attack. `found` is what it came upon, with the names of the errors on its way.
TOOLS = """import collections, contextlib, ctypes, gc, importlib, inspect, os, select, stat, sys
from pathlib import Path
import course_lib

found = []
LIBRARY = Path(course_lib.__file__).parent
ROOT = LIBRARY.parent
BANK = LIBRARY / "checks/bank/c05_backprop_without_forks.py"
libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def trying():
    try:
        yield
    except Exception as error:
        found.append(type(error).__name__)


def others():
    return "".join(reversed("yerpso-1540-lertsek"))  # which would else be found here itself


def denied(name, *arguments):
    result = getattr(libc, name)(*arguments)
    found.append(os.strerror(ctypes.get_errno()) if result < 0 else f"{name}: {result}")


def end():
    raise RuntimeError(f"came upon {dict(collections.Counter(map(str, found)))}")


"""


def finds(code, what):
    """An attack of this code that comes upon nothing else, each so many times."""
    return Attack(f"{TOOLS}{code}\nend()", f"came upon {what}")


GONE, REFUSED = "FileNotFoundError", "PermissionError"
NOT_PERMITTED = "Operation not permitted"

ATTACKS = {
    "the solution, by its path": finds(
        """
for path in (ROOT / "solutions/05_backprop_without_forks/problems.ipynb", "../solutions",
             f"/proc/self/root{ROOT}/solutions", f"{LIBRARY}/../solutions"):
    with trying():
        found.append(os.stat(path))
    with trying():
        found.append(open(path).read())
""",
        {GONE: 8},
    ),
    "the bank, by its path": finds(
        """
for path in (BANK, f"/proc/1/root{BANK}", f"/proc/self/cwd/..{BANK}"):
    with trying():
        found.append(open(path).read())
with trying():
    found.append(os.open(BANK, os.O_PATH))
with trying():
    found += [name for name in os.listdir(BANK.parent) if name != "__init__.py"]
""",
        {GONE: 4},
    ),
    "the bank, as a module": finds(
        """
name = "course_lib.checks.bank.c05_backprop_without_forks"
with trying():
    importlib.import_module(name)
with trying():
    found.append(importlib.util.find_spec(name))
with trying():
    import course_lib.checks.bank as bank
    found.append(bank.find("05b").reference)
with trying():
    found += [m for m in sys.modules if "bank.c" in m]
""",
        {"ModuleNotFoundError": 1, "None": 1, "KeyError": 1},
    ),
    "the bank, compiled": finds(
        """
for folder in (BANK.parent, ROOT, "/tmp", "/usr/lib"):
    found += [str(p) for p in Path(folder).rglob("c05_back*.py*")][:3]
found += [str(p) for p in Path("/").glob("*/__pycache__/c05*")]
""",
        {},
    ),
    "every file, from the root": finds(
        """
for folder, folders, names in os.walk("/"):
    if any(word in folder for word in ("-packages/", "/lib/x86", "/share", "/python3")):
        folders.clear()
    found += [f"{folder}/{n}" for n in names if "c05_" in n or n in ("problems.ipynb", "seed")]
""",
        {},
    ),
    "texts that tell the answers": finds(
        """
found += [p.name for p in (LIBRARY / "checks/messages").iterdir() if p.name != "common.toml"]
with trying():
    from course_lib.checks.texts import exercise_texts
    found.append(exercise_texts("05bug"))
""",
        {"KeyError": 1},
    ),
    "what lies beside the library": finds(
        """
with trying():
    found += os.listdir(ROOT)
for name in ("pyproject.toml", "exercises", "tests", ".git", "notebooks"):
    with trying():
        found.append(os.stat(ROOT / name))
""",
        {REFUSED: 1, GONE: 5},
    ),
    "the folders of this machine": finds(
        """
for folder in ("/root", "/home", "/mnt", "/srv", "/opt", "/var/tmp", "/run", "/sys", "/boot",
               "/dev/shm", "/dev/mqueue", "/dev/pts"):
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                found += os.listdir(f"{folder}/{name}")
                open(f"{folder}/{name}").read()
""",
        {},
    ),
    "/proc": finds(
        """
for path in ("self/environ", "self/maps", "self/mem", "self/fd", "1/environ", "1/cmdline", "1/cwd",
             "1/root", "2/fd", "self/mountinfo", "thread-self/mem", "keys", "kcore", "kmsg"):
    with trying():
        found.append(os.stat(f"/proc/{path}"))
with trying():
    found += os.listdir("/proc")
""",
        {GONE: 14, REFUSED: 1},
    ),
    "files that are open": finds(
        """
os.chdir("/")
for number in range(3, 64):
    with contextlib.suppress(OSError):
        if stat.S_ISSOCK(os.fstat(number).st_mode):
            poll = select.poll()
            poll.register(number, select.POLLIN)
            if poll.poll(0):
                found.append(os.read(number, 65536))
        else:
            found.append(os.read(number, 65536))
for folder in ("/dev/fd", "/proc/self/fd"):
    with trying():
        found += os.listdir(folder)
""",
        {GONE: 2},
    ),
    "variables": finds(
        """
found += [name for name, value in os.environ.items() if others() in value or "CANARY" in name]
libc.getenv.restype = ctypes.c_char_p
found += [v for v in map(libc.getenv, (b"CANARY", b"USER", b"VIRTUAL_ENV")) if v]
""",
        {},
    ),
    "a link to elsewhere": finds(
        """
os.symlink(ROOT / "solutions", "solutions")
os.symlink(BANK, "bank.py")
for path in ("solutions/05_backprop_without_forks/problems.ipynb", "bank.py"):
    with trying():
        found.append(open(path).read())
with trying():
    os.link(BANK, "hard.py")
""",
        {GONE: 3},
    ),
    "the way up from a folder": finds(
        """
with trying():
    os.open("..", os.O_RDONLY | os.O_DIRECTORY)
up = os.open("..", os.O_PATH)
for path in ("../" * 9 + str(BANK), "root/.bashrc", "etc/passwd", "etc/shadow", "etc/hostname"):
    with trying():
        found.append(os.read(os.open(path, os.O_RDONLY, dir_fd=up), 100))
""",
        {REFUSED: 1, GONE: 5},
    ),
    "programs that would read": finds(
        """
import subprocess
with trying():
    found.append(subprocess.run(["cat", str(BANK)], capture_output=True).stdout)
with trying():
    found.append(os.popen(f"cat {BANK}").read())
with trying():
    found.append(os.system(f"cat {BANK}"))
with trying():
    os.execv("/bin/cat", ["cat", str(BANK)])
with trying():
    os.posix_spawn("/bin/cat", ["cat"], {})
""",
        {REFUSED: 4, "32512": 1},
    ),
    "commands of IPython": finds(
        """
found += get_ipython().getoutput(f"cat {BANK}")
lines = !cat /etc/passwd
found += lines
%load /etc/passwd
found += [n for n in ("In", "Out", "_ih", "_oh") if n in globals()]
get_ipython().ast_transformers = [print]
get_ipython().input_transformers_post = [print]
""",
        {},
    ),
    "another submission, among all objects": finds(
        """
for thing in gc.get_objects():
    if type(thing) in (dict, list, tuple, set):
        values = list(thing.values() if type(thing) is dict else thing)
        found += [1 for v in values if type(v) in (str, bytes) and others() in str(v)]
""",
        {},
    ),
    "right answers, among all objects": finds(
        """
for thing in gc.get_objects():
    kind = type(thing).__name__
    if kind in ("Case", "Exercise", "BugHunt", "Key", "Mark"):
        found.append(kind)
""",
        {},
    ),
    "frames above": finds(
        """
frame = sys._getframe()
while frame:
    for name, value in list(frame.f_locals.items()):
        if name in ("expected", "hidden", "key", "cases", "seed", "wrong"):
            found.append(name)
    frame = frame.f_back
""",
        {},
    ),
    "threads beside": finds(
        """
found += [n for n, f in sys._current_frames().items() if "expected" in str(f.f_locals)]
""",
        {},
    ),
    "all calls, traced": finds(
        """
def watch(frame, event, argument):
    found.extend(name for name in frame.f_code.co_varnames if name in ("expected", "hidden"))


def delta_w2(x, W1, b1, w2, b2, y):
    sys.setprofile(None)
    end()


sys.setprofile(watch)
delta_w2
""",
        {},
    ),
    "memory that another left": finds(
        """
import numpy as np
for size in (100, 4096, 10**6, 64 * 2**20):
    data = np.empty(size, np.uint8).tobytes()
    if others().encode() in data:
        found.append(size)
""",
        {},
    ),
    "memory beyond an object": finds(
        """
for thing in (found, sys, course_lib, os.environ):
    data = ctypes.string_at(id(thing), 1000)
    if others().encode() in data or b"after_the" in data:
        found.append("more")
""",
        {},
    ),
    "memory of other processes": finds(
        """
buffer = ctypes.create_string_buffer(64)
for pid in (1, 2, os.getppid()):
    denied("process_vm_readv", pid, buffer, 1, buffer, 1, 0)
    denied("ptrace", 16, pid, 0, 0)
""",
        {NOT_PERMITTED: 6},
    ),
    "files by their handles": finds(
        """
handle = ctypes.create_string_buffer(200)
denied("name_to_handle_at", -100, str(LIBRARY).encode(), handle, handle, 0)
denied("open_by_handle_at", 3, handle, 0)
""",
        {NOT_PERMITTED: 2},
    ),
    "devices": finds(
        """
for path in ("/dev/mem", "/dev/kmem", "/dev/port", "/dev/tty", "/dev/console", "/dev/ptmx",
             "/dev/vda", "/dev/sda", "/dev/kvm", "/dev/fuse", "/dev/net/tun", "/dev/stdin"):
    with contextlib.suppress(OSError):
        found.append(os.open(path, os.O_RDWR))
""",
        {},
    ),
    "what libraries say of answers": finds(
        """
from course_lib.checks import answers, check, exercise
found += [n for n in ("delta_w2", "CASES") if n in inspect.getsource(answers)]
with trying():
    check("05b", lambda x, W1, b1, w2, b2, y: w2)
with trying():
    from course_lib.checks.answers import cases_of
    from course_lib.checks import bank
    found.append(cases_of(bank.find("05b"))[0].expected)
""",
        {"KeyError": 1},
    ),
    "names of the grader": finds(
        """
with trying():
    from course_lib.grading.marking import Key
    found.append(Key(5, b"").open)
with trying():
    from course_lib.grading import keeping
    found.append(keeping.Results(ROOT, "").seed)
""",
        {"{}": 1, "OSError": 1},
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_it_finds_nothing(arena, name):
    arena.attacked(ATTACKS[name])
