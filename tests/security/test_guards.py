"""Each wall taken away, to see that it is what kept an attack out.

An attack tells in a remark whether it came through; with all walls it does not.
"""

import json
from dataclasses import replace

import numpy as np
import pytest
from security.hostile import BRIEF, CANARY, HONEST, notebook_of
from student_classes import needs_sandbox

from course_lib.checks import bank
from course_lib.grading import limits, marking, running
from course_lib.grading.marking import Key, mark
from course_lib.grading.sandbox import (
    Bare,
    Guards,
    Sandbox,
    Unavailable,
    bubblewrap,
    link,
    places,
    possible,
)

pytestmark = needs_sandbox

KEY = Key(5, b"a secret")
ALL = Guards(True, True, True, True, True)
BARE = Guards(False, False, False, False, False)
THROUGH = "came through"
HEAD = "import ctypes, os, socket, sys, threading, time\nlibc = ctypes.CDLL(None, use_errno=True)\n"


def tried(code, sandbox, bounds=BRIEF):
    """Whether an attack of this code, which raises where it is kept out, comes through."""
    cell = f"{HEAD}{code}\nraise KeyError('{THROUGH}')"
    with sandbox:
        found = mark(sandbox, KEY, "eve", "", notebook_of({"attack": cell}), limits=bounds)
    assert found.remarks or found.failure, "it was tried"
    return THROUGH in json.dumps(found.remarks)


def walled(**guards):
    return Sandbox(replace(ALL, **guards), BRIEF)


def test_this_machine_builds_every_wall():
    with Sandbox(possible(True), BRIEF) as sandbox:
        assert sandbox.guards == ALL


@pytest.fixture
def canary(tmp_path):
    path = tmp_path / "canary.txt"
    path.write_text(CANARY, encoding="utf-8")
    return path


# --- the outer wall ------------------------------------------------------------------------------


def test_without_bubblewrap_and_landlock_files_are_read(canary):
    read = f"assert open({str(canary)!r}).read() == {CANARY!r}"
    assert tried(read, Bare(BARE, BRIEF))
    assert not tried(read, walled(paths=False)), "bubblewrap alone keeps it out"
    assert not tried(read, Bare(replace(BARE, paths=True), BRIEF)), "and Landlock alone"


def test_without_bubblewrap_and_landlock_files_are_changed(canary):
    write = f"open({str(canary)!r}, 'a').write('x')"
    assert not tried(write, walled(paths=False))
    assert not tried(write, Bare(replace(BARE, paths=True), BRIEF))
    assert canary.read_text(encoding="utf-8") == CANARY
    assert tried(write, Bare(BARE, BRIEF))
    assert canary.read_text(encoding="utf-8") == CANARY + "x"


def test_the_answers_are_hidden(monkeypatch):
    read = f"assert 'EXERCISES' in open({bank.c05_backprop_without_forks.__file__!r}).read()"
    assert not tried(read, walled())
    monkeypatch.setattr(bubblewrap, "HIDDEN", {})
    assert tried(read, walled())


def test_what_lies_beside_the_library_is_not_shown(monkeypatch):
    see = f"assert os.path.exists({str(places.ROOT / 'solutions')!r})"
    assert not tried(see, walled())
    shown = places.readable()
    monkeypatch.setattr(bubblewrap, "readable", lambda: [*shown, places.ROOT / "solutions"])
    assert tried(see, walled())


def test_variables_of_the_grader_are_not_handed_on(monkeypatch):
    monkeypatch.setenv("CANARY", CANARY)
    read = f"assert os.environ['CANARY'] == {CANARY!r}"
    assert not tried(read, walled())
    assert tried(read, Bare(BARE, BRIEF))


def test_there_is_no_network():
    """Landlock and seccomp away, it is bubblewrap that leaves only a machine by itself."""
    connect = (
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.connect(('192.0.2.1', 9))"
    )
    assert not tried(connect, walled(calls=False, paths=False))
    assert not tried(connect, walled())


# --- the walls within ----------------------------------------------------------------------------


def test_without_a_tree_of_its_own_a_job_sees_the_worker():
    see = "assert os.getpid() != 1"
    assert not tried(see, walled())
    assert tried(see, walled(tree=False))
    look = "assert os.path.exists('/proc/1/cmdline') and open('/proc/1/cmdline').read()"
    assert not tried(look, walled(tree=False)), "but Landlock still keeps it from /proc"


@pytest.mark.parametrize("away", ["paths", "calls"])
def test_a_sandbox_with_a_hole_is_refused(away):
    with pytest.raises(Unavailable, match="The sandbox cannot be closed"):
        walled(tree=False, **{away: False}).__enter__()


def test_without_a_tree_of_its_own_files_have_no_limit_in_number():
    many = "for n in range(150):\n    open(f'f{n}', 'w').close()"
    assert not tried(many, walled())
    assert tried(many, walled(tree=False))


def test_what_lies_in_the_scratch_folder_is_swept_without_a_tree():
    left = notebook_of({"a": "import os\nos.makedirs('a/b')\nos.chmod('a', 0)\nopen('c', 'w')"})
    look = notebook_of({"a": "import os\nraise KeyError(os.listdir('.'))"})
    with walled(tree=False) as sandbox:
        mark(sandbox, KEY, "eve", "", left, limits=BRIEF)
        found = mark(sandbox, KEY, "bob", "", look, limits=BRIEF)
    assert "KeyError: []" in found.remarks[0]


def test_without_seccomp_there_are_processes():
    fork = "if os.fork() == 0:\n    os._exit(0)\nos.wait()"
    assert not tried(fork, walled())
    assert tried(fork, walled(calls=False))


def test_without_seccomp_there_are_sockets():
    assert not tried("socket.socket(socket.AF_UNIX)", walled())
    assert tried("socket.socket(socket.AF_UNIX)", walled(calls=False))


def test_without_seccomp_there_is_shared_memory():
    share = "assert libc.shmget(4711, 4096, 0o1600) >= 0"
    assert not tried(share, walled())
    assert tried(share, walled(calls=False))  # in a space of its own, which ends with the job


def test_without_limits_a_file_and_memory_grow():
    grow = f"with open('big', 'wb') as file:\n    file.write(bytes({BRIEF.file + 2**20}))"
    assert not tried(grow, walled())
    assert tried(grow, walled(amounts=False))
    hoard = f"hoard = bytes({BRIEF.memory})\nassert len(hoard)"
    assert not tried(hoard, walled())
    assert tried(hoard, walled(amounts=False))


def test_without_limits_many_files_are_open():
    many = "files = [open('/dev/null') for _ in range(100)]"
    assert not tried(many, walled())
    assert tried(many, walled(amounts=False))


def test_the_wall_clock_ends_what_the_soft_limit_does_not():
    """A sleep in C is not cut short from within; the keeper ends the process."""
    asleep = notebook_of({"05a": HONEST, "sleep": f"{HEAD}libc.usleep(900_000)"})
    with walled() as sandbox:
        hasty = replace(BRIEF, cells=0.1)
        object.__setattr__(hasty, "seconds", lambda questions: 0.5)
        ended = mark(sandbox, KEY, "eve", "", asleep, limits=hasty)
        object.__setattr__(hasty, "seconds", lambda questions: 20.0)
        came_through = mark(sandbox, KEY, "eve", "", asleep, limits=hasty)
    assert "longer than all of it may" in ended.remarks[0]
    assert not any("longer than all" in remark for remark in came_through.remarks)


# --- what the marker believes --------------------------------------------------------------------

LINKS = """import base64, json, os, stat, struct
def say(**message):
    data = json.dumps(message).encode()
    for number in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                os.write(number, len(data).to_bytes(8, "big") + data)
        except OSError:
            pass
"""


def marked(cells):
    with walled() as sandbox:
        return mark(sandbox, KEY, "eve", "", notebook_of(cells), limits=BRIEF)


def test_fewer_outcomes_than_instances_are_not_believed(monkeypatch):
    """One right number, of the notebook, for what should be four."""
    right = float(KEY.open["05a"][0].expected[0])
    claim = (
        f"{LINKS}part = {{'dtype': '<f8', 'shape': [],"
        f" 'data': base64.b64encode(struct.pack('<d', {right!r})).decode()}}\n"
        "seen = {'kind': 'parts', 'code': '', 'values': {}, 'trace': '', 'parts': [part]}\n"
        "say(id='05a', observation={'kind': 'ran', 'code': '', 'values': {}, 'changed': [],"
        " 'outcomes': [seen]})\n"
    )
    found = marked({"claim": claim}).exercises[0]
    assert (found.points, found.kind) == (0, "type")


def test_a_secret_seed_keeps_points_from_whoever_knows_what_is_shown(monkeypatch):
    table = {case.inputs[0].tobytes().hex(): float(case.expected[0]) for case in KEY.open["05a"]}
    cell = f"def delta_z2(x, *others):\n    return {table!r}.get(x.tobytes().hex(), 0.0)"
    cell = "def delta_z2(x, W1, b1, w2, b2, y):\n" + cell.split("\n", 1)[1]
    assert marked({"05a": cell}).exercises[0].points == 0
    monkeypatch.setattr(marking.Key, "secret", property(lambda key: key.open))
    assert marked({"05a": cell}).exercises[0].points == 2


def test_what_is_said_after_the_hidden_numbers_is_not_kept(monkeypatch):
    cell = f"{LINKS}{HONEST}\nright, calls = delta_z2, []\n\n\n" + (
        "def delta_z2(x, W1, b1, w2, b2, y):\n    calls.append(1)\n"
        "    if len(calls) > 4:\n        say(remark='told')\n"
        "    return right(x, W1, b1, w2, b2, y)"
    )
    assert "told" not in marked({"05a": cell}).remarks

    class Believing(running._Turn):
        ended = property(lambda self: False, lambda self, value: None)
        over = property(lambda self: False, lambda self, value: None)

    monkeypatch.setattr(running, "_Turn", Believing)
    assert "told" in marked({"05a": cell}).remarks


def test_an_array_is_as_long_as_its_shape_says(monkeypatch):
    claim = link.packed({"part": np.zeros(2)}).replace(b"[2]", b"[1000000000]")
    with pytest.raises(link.Garbled, match="as long as its shape says"):
        link.unpacked(claim)
    monkeypatch.setattr(link.math, "prod", lambda shape: 2)
    with pytest.raises(link.Garbled, match="no message"):  # NumPy says it, after all
        link.unpacked(claim)


def test_a_frame_is_refused_before_it_is_read():
    class Endless:
        taken = 0

        def read(self, count):
            self.taken += count
            return (2**62).to_bytes(8, "big")

    stream = Endless()
    with pytest.raises(link.Garbled, match="a frame of"):
        link.receive(stream, link.FRAME)
    assert stream.taken == 8


def test_limits_told_to_students_are_those_that_hold():
    told = limits.LIMITS.told()
    for number in ("60 seconds", "2,048 MiB of memory", "64 threads", "64 MiB of files"):
        assert number in told
    assert limits.LIMITS.memory == 2048 * 2**20 and limits.LIMITS.scratch == 64 * 2**20
