"""The command as it is typed: what it says, what stops it, and systems that lack something."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from student_classes import (
    FIVE,
    environment,
    kept,
    lay,
    needs_sandbox,
    notebook,
    offspring,
    reports,
    run,
    running,
    seeded,
    start,
    stop,
    unfinished,
    until,
)

from course_lib.grading.__main__ import main

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals or limits")


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """A class that takes some seconds, and what an undisturbed run makes of it."""
    folder = tmp_path_factory.mktemp("class")
    lay(folder / "in", 10, ["pauses", "sign", "pauses", "idle"])
    found = run("grade", folder / "in", "--out", seeded(folder / "out"))
    assert (found.returncode, found.stderr) == (0, "")
    return folder / "in", reports(folder / "out")


# --- what it says --------------------------------------------------------------------------------


@needs_sandbox
def test_what_a_user_reads(tmp_path):
    lay(tmp_path / "in", 4, ["solved", "sign"])
    (tmp_path / "in" / "torn.ipynb").write_bytes(b"{")
    (tmp_path / "in" / "notes.txt").write_bytes(b"")
    (tmp_path / "in" / "evil\x1b[31m\n.txt").write_bytes(b"") if os.name != "nt" else None
    out = tmp_path / "out"
    found = run("grade", tmp_path / "in", "--out", out)
    page = out / FIVE / "class.html"
    nobody = "2 files" if os.name != "nt" else "1 file"
    assert found.stdout.splitlines() == [
        "05 Backprop without forks: 5 notebooks marked, 4.4 of 9 points on average",  # 22 / 5
        "  1 could not be run",
        f"  {nobody} not marked: class.html says why",
        f"  {page}",
    ]
    assert (found.returncode, found.stderr) == (0, "")
    (tmp_path / "in" / "late").mkdir()
    (tmp_path / "in" / "late" / "eve.ipynb").write_bytes(notebook())
    found = run("grade", tmp_path / "in", "--out", out)
    assert found.stdout.splitlines()[:2] == [
        "05 Backprop without forks: 6 notebooks marked, 5.2 of 9 points on average",  # 31 / 6
        "  5 of them before, and not changed since",
    ]


@needs_sandbox
def test_progress_is_shown_unless_it_is_turned_off(tmp_path):
    lay(tmp_path / "in", 2, ["solved"])
    arguments = ("grade", tmp_path / "in", "--out", tmp_path / "out")
    shown = run(*arguments, variables={"TQDM_DISABLE": ""})
    assert "05_backprop_without_forks: 100%" in shown.stderr and "2/2" in shown.stderr
    assert "\x1b" not in shown.stdout


def test_help_says_what_each_option_takes(capsys):
    for arguments in (["--help"], ["grade", "--help"], ["release", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
    said = capsys.readouterr().out
    for option in ("--out", "--set", "--roster", "--column", "--due", "--dask", "--no-sandbox"):
        assert re.search(rf"^  {option}", said, re.M), option
    assert all(len(line) <= 100 for line in said.splitlines())


@needs_sandbox
def test_the_gradebook_and_who_is_not_in_it_are_named_on_any_terminal(tmp_path):
    lay(tmp_path / "in", 1, ["solved"])
    (tmp_path / "in" / "zoë.ipynb").write_bytes(notebook("sign"))
    (tmp_path / "all.csv").write_text(
        "First name,Last name,Email address,05 problems\nAda,L,solved000@x.org,\n",
        encoding="utf-8",
    )
    out, ascii_only = tmp_path / "out", {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    arguments = ("grade", tmp_path / "in", "--out", out, "--roster", tmp_path / "all.csv")
    found = run(*arguments, variables=ascii_only)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines()[1:] == [
        r"  zo\xeb: not in the gradebook: nobody in the gradebook, or not only one",
        f"  {out / FIVE / 'class.html'}",
        f"  {out / FIVE / 'gradebook.csv'}",
    ]
    assert "solved000@x.org,9\n" in (out / FIVE / "gradebook.csv").read_text(encoding="utf-8")


@needs_sandbox
def test_it_works_from_any_folder_and_on_paths_with_spaces_and_letters(tmp_path):
    course = tmp_path / "mein Kurs ∂"
    lay(course / "submitted hier", 2, ["solved"])
    found = run("grade", "submitted hier", "--out", "results", cwd=course)
    assert (found.returncode, found.stderr) == (0, "")
    assert (course / "results" / FIVE / "class.html").exists()


# --- wrong input ---------------------------------------------------------------------------------


def wrong(*arguments, code=1, said):
    return pytest.param([str(a) for a in arguments], code, said, id=said[:40])


TO_X = ("--out", "x")


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        wrong(code=2, said="arguments are required: COMMAND"),
        wrong("mark", code=2, said="invalid choice: 'mark'"),
        wrong("grade", code=2, said="arguments are required: SUBMISSIONS, --out"),
        wrong("grade", "in", code=2, said="are required: --out"),
        wrong("grade", "nowhere", *TO_X, said="nowhere: found no folder and no zip there"),
        wrong("grade", "empty", *TO_X, said="empty: found no notebook that could be marked"),
        wrong("grade", "words", *TO_X, said="but a.txt (no notebook) and 1 more"),
        wrong("grade", "a.file", *TO_X, said="a.file: found no folder and no zip there"),
        wrong("grade", "bad.zip", *TO_X, said="bad.zip: a damaged zip"),
        wrong("grade", "in", "--out", "a.file", said="a.file: found a file, expected a folder"),
        wrong("grade", "in", "--out", "a.file/x", said="x: Not a directory"),
        wrong("grade", "in", "--out", "in/x", said="x, which lies in in, where submissions are"),
        wrong("grade", "in", "--out", "in", said="in, which lies in in, where submissions are"),
        wrong("grade", "in", "--out", "site-packages/x", said="which submissions can read"),
        wrong("grade", "in", *TO_X, "--set", "99", code=2, said='found "99", expected the number'),
        wrong("grade", "in", *TO_X, "--set", "0", code=2, said='found "0", expected the number'),
        wrong("grade", "in", *TO_X, "--set", "٥", code=2, said="of a problem set, 01 to 16"),
        wrong("grade", "in", *TO_X, "--due", "soon", code=2, said='found "soon", expected a time'),
        wrong("grade", "in", *TO_X, "--roster", "no.csv", said="no.csv: cannot be read: No such"),
        wrong("grade", "in", *TO_X, "--roster", "a.file", said="a.file: found the columns 'words'"),
        wrong("grade", "in", *TO_X, "--roster", "empty", said="empty: cannot be read: Is a"),
        wrong("grade", "in", *TO_X, "--column", "A", said="--column is the column of a gradebook"),
        wrong("grade", "in", *TO_X, "--dask", "", said="--dask: expected the address"),
        wrong("release", "--out", "in", said="in exists and is no bundle"),
    ],
)
def test_wrong_input_is_one_line(tmp_path, monkeypatch, capsys, arguments, code, said):
    if "--dask" in arguments:
        pytest.importorskip("distributed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("course_lib.grading.grading.program", lambda: "bwrap")
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    lay(tmp_path / "in", 1)
    for name in ("empty", "words", "site-packages"):
        (tmp_path / name).mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "words" / name).write_bytes(b"")
    (tmp_path / "a.file").write_bytes(b"words")
    (tmp_path / "bad.zip").write_bytes(b"PK")
    try:
        ended = main(arguments)
    except SystemExit as error:
        ended = error.code
    found = capsys.readouterr()
    assert (ended, found.out) == (code, "")
    assert re.fullmatch(r"[^\n]+\n", found.err) and said in found.err
    assert not (tmp_path / "x").exists()


def test_what_is_in_a_name_stays_in_one_printable_line(capsys):
    assert main(["grade", "no\x1b[31m\nwhere", "--out", "x"]) == 1
    assert capsys.readouterr().err.startswith(r"no\x1b[31m\nwhere: found no folder")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_that_may_not_be_written_is_one_line(tmp_path, monkeypatch, capsys, number):
    def refused(path, *_, **__):
        raise OSError(number, os.strerror(number), str(path))

    lay(tmp_path / "in", 1)
    monkeypatch.setattr("course_lib.grading.grading.program", lambda: "bwrap")
    monkeypatch.setattr(Path, "mkdir", refused)
    assert main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{tmp_path / 'out'}: {os.strerror(number)}. ")
    assert said.count("\n") == 1


# --- stopped -------------------------------------------------------------------------------------


@needs_sandbox
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_run_that_is_stopped_leaves_no_process_and_goes_on(tmp_path, handed_in, name):
    submissions, expected = handed_in
    out = seeded(tmp_path / "out")
    process = start("grade", submissions, "--out", out)
    try:
        below = []

        def in_the_middle():
            below[:] = running(offspring(process.pid))
            return below and kept(out)

        until(in_the_middle, process=process)
        number = getattr(signal, name)
        if name == "SIGINT":
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
        began = time.monotonic()
        said, errors = process.communicate(timeout=30)
        assert time.monotonic() - began < 5
        until(lambda: not running(below), 5)
    finally:
        stop(process)
    if name == "SIGKILL":
        assert process.returncode == -number
    else:
        assert (process.returncode, said) == (130, "")
        assert errors == ("Stopped. What is marked is kept; the same command goes on from there.\n")
        assert not unfinished(out)
    marks = kept(out)
    assert 0 < len(marks) < 10 and not reports(out)
    found = run("grade", submissions, "--out", out)
    assert (found.returncode, found.stderr) == (0, "")
    assert f"  {len(marks)} of them before" in found.stdout
    assert reports(out) == expected and not unfinished(out)
    assert {name: kept(out)[name] for name in marks} == marks, "these were not marked again"


@needs_sandbox
def test_a_second_command_waits_for_nobody_and_harms_nobody(tmp_path, handed_in):
    submissions, expected = handed_in
    out = seeded(tmp_path / "out")
    first = start("grade", submissions, "--out", out)
    try:
        until(lambda: kept(out), process=first)
        second = run("grade", submissions, "--out", out)
        assert first.poll() is None, "it is still at work"
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr == f"another grader is at work in {out}; try again later\n"
        _, errors = first.communicate(timeout=60)
    finally:
        stop(first)
    assert (first.returncode, errors) == (0, "")
    assert reports(out) == expected


@needs_sandbox
@posix
def test_a_disk_that_takes_no_more_is_one_line_and_the_next_run_completes(tmp_path, handed_in):
    submissions, expected = handed_in
    out = seeded(tmp_path / "out")
    # Marks are smaller than this, results.json and class.html are larger.
    small = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))"
    found = run("grade", submissions, "--out", out, before=small)
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == (
        "File too large. What is marked is kept; the same command goes on from there.\n"
    )
    written = reports(out)
    assert len(kept(out)) == 10 and not unfinished(out)
    assert f"{FIVE}/results.json" not in written and written.items() <= expected.items()
    found = run("grade", submissions, "--out", out)
    assert (found.returncode, found.stderr) == (0, "")
    assert "  10 of them before" in found.stdout
    assert reports(out) == expected


# --- without a sandbox ---------------------------------------------------------------------------

NO_BWRAP = "import shutil; shutil.which = lambda *_, **__: None"


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    lay(folder, 2, ["solved", "sign"])
    return folder


def test_without_bubblewrap_one_line_says_what_to_do(tmp_path, two):
    path = environment(PATH=str(tmp_path))
    found = subprocess.run(
        [sys.executable, "-m", "course_lib.grading", "grade", two, "--out", tmp_path / "out"],
        env=path,
        capture_output=True,
        encoding="utf-8",
    )
    assert (found.returncode, found.stdout) == (1, "")
    assert re.fullmatch(
        r"there is no sandbox on this machine: bubblewrap \(bwrap\).*"
        r"apt install bubblewrap.*not found.*--no-sandbox.*your own rights\.\n",
        found.stderr,
    )
    assert not (tmp_path / "out").exists()


def test_without_a_sandbox_the_page_and_the_command_say_so(tmp_path, two):
    found = run("grade", two, "--out", tmp_path / "out", "--no-sandbox", before=NO_BWRAP)
    assert (found.returncode, found.stderr) == (0, "")
    lines = found.stdout.splitlines()
    assert lines[0] == "05 Backprop without forks: 2 notebooks marked, 5.5 of 9 points on average"
    assert lines[-1] == "No sandbox stood: what the students wrote ran with your own rights."
    page = (tmp_path / "out" / FIVE / "class.html").read_text(encoding="utf-8")
    assert "no sandbox" in page.lower()


@needs_sandbox
def test_a_sandbox_that_cannot_be_built_is_one_line(tmp_path, two):
    broken = tmp_path / "bin"
    broken.mkdir()
    (broken / "bwrap").write_text(
        "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n",
        encoding="utf-8",
    )
    (broken / "bwrap").chmod(0o755)
    path = os.pathsep.join([str(broken), os.environ["PATH"]])
    out = tmp_path / "out"
    found = run("grade", two, "--out", out, variables={"PATH": path})
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith(
        "The sandbox cannot be started: bwrap: setting up uid map: Permission denied. With --no-"
    )
    assert found.stderr.count("\n") == 1 and not kept(out)


LACKING = """
import os, sys
import IPython, matplotlib.pyplot, numpy, tqdm.auto  # others' modules, which look at the system
sys.platform = {platform!r}
for name in ("fcntl", "resource", "pyseccomp", "posix_spawn"):
    sys.modules[name] = None
for name in ("pidfd_open", "sched_getaffinity", "fork", "killpg", "O_NOFOLLOW", "O_NONBLOCK"):
    if hasattr(os, name):
        delattr(os, name)
import socket
for name in ("send_fds", "recv_fds", "AF_UNIX"):
    if hasattr(socket, name):
        delattr(socket, name)
import shutil; shutil.which = lambda *_, **__: None
"""


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_systems_that_lack_much_say_the_same_line(tmp_path, two, platform):
    before = LACKING.format(platform=platform)
    found = run("grade", two, "--out", tmp_path / "out", before=before)
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith("there is no sandbox on this machine: bubblewrap")
    assert found.stderr.count("\n") == 1


# --- memory --------------------------------------------------------------------------------------


def memory(pid):
    """Bytes that a process and all below it use; what they share is divided among them."""
    total = 0
    for each in [pid, *offspring(pid)]:
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        total += int(re.search(r"^Pss: +(\d+) kB", text, re.M)[1]) * 1024
    return total


@needs_sandbox
def test_memory_of_all_processes_together_stays_below_400_mb(tmp_path):
    lay(tmp_path / "in", 8)
    large = notebook("sign") + b" " * (15 * 2**20)
    for number in range(4):
        (tmp_path / "in" / f"large{number}.ipynb").write_bytes(large)
    process = start("grade", tmp_path / "in", "--out", tmp_path / "out")
    most = 0
    try:
        while process.poll() is None:
            most = max(most, memory(process.pid))
            time.sleep(0.05)
        assert process.returncode == 0, process.communicate()
    finally:
        stop(process)
    assert 50 * 2**20 < most < 400 * 2**20
