"""Classes of students made by code, points counted by hand, and the command that marks them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from course_lib.grading.sandbox.bubblewrap import program

ROOT = Path(__file__).resolve().parents[1]
FIVE = "05_backprop_without_forks"
needs_sandbox = pytest.mark.skipif(not program(), reason="there is no bubblewrap here")
SEED = "c0ffee" * 10 + "c0de"  # 32 bytes

SIGN = """def delta_z2(x, W1, b1, w2, b2, y):
    return y - sigmoid(w2 @ sigmoid(W1 @ x + b1) + b2)
"""
RAISES = "def delta_W1(x, W1, b1, w2, b2, y):\n    return x @ nothing\n"
PAUSE = "import time\n\ntime.sleep(0.15)\n"


@dataclass(frozen=True)
class Kind:
    """A way to hand in set 05: the sources that differ from the solution, and what it earns."""

    sources: dict
    points: float


# 05a, 05b, 05bug are of 2 points, 05c is of 3; 05b and 05c call 05a.
KINDS = {
    "solved": Kind({}, 9),
    "sign": Kind({"05a": SIGN}, 2),
    "raises": Kind({"05c": RAISES}, 6),
    "line": Kind({"05bug": 'wrong_line = "A"'}, 7),
    "ends": Kind({"step": "import os\n\nos._exit(3)"}, 9),
    "idle": Kind(dict.fromkeys(("05a", "05b", "05c", "05bug"), "..."), 0),
    "pauses": Kind({"setup": PAUSE}, 9),
}


@cache
def _solution() -> str:
    return (ROOT / "solutions" / FIVE / "problems.ipynb").read_text(encoding="utf-8")


def notebook(kind="solved", extra=""):
    """The bytes of a notebook; `extra` is code in its last cell."""
    content = json.loads(_solution())
    for cell in content["cells"]:
        source = KINDS[kind].sources.get(cell.get("id"))
        if source is not None:
            before = "".join(cell["source"]) + "\n" if cell["id"] == "setup" else ""
            cell["source"] = before + source
    if extra:
        content["cells"][-1] = content["cells"][0] | {"cell_type": "code", "source": extra}
    return json.dumps(content).encode()


def lay(folder, count, kinds=tuple(KINDS)):
    """A flat folder of so many notebooks, of all kinds in turn; {student: points}."""
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}
    for number in range(count):
        kind = kinds[number % len(kinds)]
        student = f"{kind}{number:03}"
        (folder / f"{student}.ipynb").write_bytes(notebook(kind))
        expected[student] = KINDS[kind].points
    return expected


def seeded(out, seed=SEED):
    """A folder of results that has its seed already."""
    (out / "private").mkdir(parents=True)
    (out / "private" / "seed").write_text(seed, encoding="ascii")
    return out


def reports(out):
    """All that a run has written but what is private: {path: bytes}."""
    files = (path for path in out.rglob("*") if path.is_file())
    found = {path.relative_to(out).as_posix(): path.read_bytes() for path in files}
    return {path: data for path, data in found.items() if not path.startswith("private/")}


def kept(out):
    """The files that hold marks, with when each was written."""
    return {
        path.name: path.stat().st_mtime_ns
        for path in (out / "private").glob("[0-9]*/[0-9a-f]*.json")
    }


def unfinished(out):
    """What is half-written."""
    return [path.name for path in out.rglob(".*")]


# --- the command ---------------------------------------------------------------------------------


def _call(*arguments, before=""):
    """`before` is code that runs first."""
    words = [str(argument) for argument in arguments]
    if not before:
        return [sys.executable, "-m", "course_lib.grading", *words]
    code = f"{before}\nimport sys\nfrom course_lib.grading.__main__ import main\nsys.exit(main())"
    return [sys.executable, "-c", code, *words]


def environment(**variables):
    quiet = {"TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return {**os.environ, **quiet, **variables}


def run(*arguments, before="", variables=None, timeout=120, **options):
    """Call the command and wait: code, out and err."""
    return subprocess.run(
        _call(*arguments, before=before),
        env=environment(**(variables or {})),
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        **options,
    )


def start(*arguments, before=""):
    """Call the command as a terminal does, in a group of processes of its own."""
    return subprocess.Popen(
        _call(*arguments, before=before),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def until(condition, seconds=60, process=None):
    """Wait until something holds; fails if it takes longer, or if the process ends before."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        if process is not None and process.poll() is not None:
            raise AssertionError(f"it ended: {process.communicate()}")
        time.sleep(0.01)


def offspring(pid):
    """The numbers of all processes that a process has started, and of those that these have."""
    found, looking = [], [pid]
    while looking:
        for path in Path(f"/proc/{looking.pop()}/task").glob("*/children"):
            try:
                children = [int(word) for word in path.read_text(encoding="ascii").split()]
            except OSError:  # it has just ended
                continue
            found += children
            looking += children
    return found


def running(pids):
    """Those of these processes that have not ended."""
    return [pid for pid in pids if _state(pid) not in ("", "Z", "X")]


def _state(pid):
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[0]


def stop(process):
    """End a process of `start` and all its group, whatever state it is in."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
