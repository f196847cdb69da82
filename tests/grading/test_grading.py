"""A class is marked, kept and marked on: what stops it, what damages it, what never differs."""

import errno
import json
import os
import random
import shutil
import stat
import subprocess
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from student_classes import (
    FIVE,
    KINDS,
    SEED,
    kept,
    lay,
    needs_sandbox,
    notebook,
    reports,
    seeded,
    unfinished,
)

from course_lib.grading import batches, grading, keeping, versions
from course_lib.grading.grading import grade
from course_lib.grading.keeping import Busy, Kept, Results
from course_lib.grading.limits import LIMITS
from course_lib.grading.marks import ExerciseMark, Mark
from course_lib.grading.sandbox import Broken, Unavailable


@pytest.fixture(autouse=True)
def no_progress(monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")


@pytest.fixture
def told(monkeypatch):
    """Marks without a sandbox, at once: a point for each byte that a notebook has more than 10,000.

    Returns the students that were marked, in the order in which that happened.
    """
    students = []

    class Nowhere:
        class guards:
            told = staticmethod(lambda: "no walls at all")

        load = ()
        closed = False

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.close()

        def close(self):
            self.closed = True

    def mark(sandbox, key, student, source, notebook, late=False, limits=LIMITS):
        students.append(student)
        points = float(len(notebook) % 10)
        exercises = tuple(
            ExerciseMark(id, points if id == "05a" else 0.0, 9.0, "right") for id in key.exercises
        )
        return Mark(student, source, versions.hashlib.sha256(notebook).hexdigest(), exercises, late)

    monkeypatch.setattr(batches, "_sandbox", lambda batch: Nowhere())
    monkeypatch.setattr(batches, "mark", mark)
    monkeypatch.setattr(grading, "program", lambda: "bwrap")
    return students


def points(found):
    return {mark.student: mark.points for mark in found.marks}


def damaged(out):
    """One of the files that hold marks."""
    return min((out / "private" / "05").glob("*.json"))


# --- a class -------------------------------------------------------------------------------------


@needs_sandbox
def test_a_class_gets_the_points_that_were_counted_by_hand(tmp_path):
    expected = lay(tmp_path / "in", 2 * len(KINDS))
    (tmp_path / "in" / "torn.ipynb").write_bytes(notebook()[:5000])
    (tmp_path / "in" / "huge.ipynb").write_bytes(b" " * (16 * 2**20 + 1))
    (tmp_path / "in" / "essay.docx").write_bytes(b"words")
    [found] = grade(tmp_path / "in", tmp_path / "out", chapter=5)
    assert points(found) == {**expected, "torn": 0, "huge": 0}
    assert found.before == 0
    assert found.unmatched == [("essay.docx", "no notebook")]
    failures = {mark.student: mark.failure for mark in found.marks if mark.failure}
    assert set(failures) == {"torn", "huge"} and "16 MB" in failures["huge"]
    assert (found.folder / "class.html").exists() and found.folder.name == FIVE
    guards = json.loads((found.folder / "results.json").read_text(encoding="utf-8"))["guards"]
    assert guards.startswith("bubblewrap, ") and ";" not in guards


def test_sets_of_one_run_have_folders_of_their_own(tmp_path, told):
    for name in (FIVE, "08_backprop_with_forks", "00_start_here"):
        folder = tmp_path / "in" / "submitted" / "ada" / name
        folder.mkdir(parents=True)
        (folder / "problems.ipynb").write_bytes(notebook())
    five, eight = grade(tmp_path / "in", tmp_path / "out")
    assert [five.folder.name, eight.folder.name] == [FIVE, "08_backprop_with_forks"]
    stray = ("ada/00_start_here/problems.ipynb", "there is no problem set 00")
    assert stray in five.unmatched


# --- going on ------------------------------------------------------------------------------------


def test_what_is_marked_is_not_marked_again(tmp_path, told):
    lay(tmp_path / "in", 9)
    grade(tmp_path / "in", tmp_path / "out")
    assert len(told) == len(set(told)) == 9
    before, times = reports(tmp_path / "out"), kept(tmp_path / "out")
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert len(told) == found.before == 9
    assert reports(tmp_path / "out") == before
    assert kept(tmp_path / "out") == times, "not even written again"


def test_what_has_changed_and_what_is_new_is_marked(tmp_path, told):
    lay(tmp_path / "in", 4, ["solved"])
    grade(tmp_path / "in", tmp_path / "out")
    told.clear()
    (tmp_path / "in" / "solved001.ipynb").write_bytes(notebook("sign"))
    (tmp_path / "in" / "new.ipynb").write_bytes(notebook())
    (tmp_path / "in" / "solved002.ipynb").unlink()
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert sorted(told) == ["new", "solved001"]
    assert sorted(points(found)) == ["new", "solved000", "solved001", "solved003"]
    assert found.before == 2


def test_a_file_that_moved_or_came_late_is_told_so_without_being_marked_again(tmp_path, told):
    lay(tmp_path / "in", 2, ["solved"])
    grade(tmp_path / "in", tmp_path / "out")
    (tmp_path / "in" / "late").mkdir()
    (tmp_path / "in" / "solved001.ipynb").rename(tmp_path / "in" / "late" / "solved001.ipynb")
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert found.before == 2 and len(told) == 2
    assert [(mark.source, mark.late) for mark in found.marks] == [
        ("solved000.ipynb", False),
        ("late/solved001.ipynb", True),
    ]


def test_another_version_of_the_course_marks_anew_with_the_same_numbers(
    tmp_path, told, monkeypatch
):
    lay(tmp_path / "in", 3)
    seeds = []
    real = batches.mark

    def watching(sandbox, key, *arguments, **options):
        seeds.append(key.seed)
        return real(sandbox, key, *arguments, **options)

    monkeypatch.setattr(batches, "mark", watching)
    grade(tmp_path / "in", tmp_path / "out")
    for module in (grading, batches):
        monkeypatch.setattr(module, "version", lambda: "of next year")
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert found.before == 0 and len(told) == 6
    assert len(set(seeds)) == 1 and len(seeds[0]) == 32


def test_other_limits_mark_anew(tmp_path, told):
    lay(tmp_path / "in", 2)
    grade(tmp_path / "in", tmp_path / "out")
    [found] = grade(tmp_path / "in", tmp_path / "out", limits=replace(LIMITS, cells=5.0))
    assert found.before == 0


def test_the_version_is_another_if_a_file_changes_its_words_or_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(versions, "LIBRARY", tmp_path)
    found = set()
    for name, text in [
        ("a.py", "1"),
        ("a.py", "2"),
        ("b.py", "2"),
        ("c/b.py", "2"),
        ("b.toml", "2"),
    ]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        found.add(versions.version.__wrapped__())
        path.unlink()
    (tmp_path / "picture.svg").write_text("no code", encoding="utf-8")
    assert len(found) == 5
    assert versions.version.__wrapped__() == versions.version.__wrapped__()


def test_marks_given_without_a_sandbox_do_not_hold_where_there_is_one(tmp_path, told):
    lay(tmp_path / "in", 2)
    grade(tmp_path / "in", tmp_path / "out", sandboxed=False)
    assert grade(tmp_path / "in", tmp_path / "out", sandboxed=False)[0].before == 2
    assert grade(tmp_path / "in", tmp_path / "out")[0].before == 0
    assert grade(tmp_path / "in", tmp_path / "out", sandboxed=False)[0].before == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "null",
        lambda text: "[1]",
        lambda text: '"stamp"',
        lambda text: text.replace('"points": ', '"points": 1', 1),
        lambda text: text.replace('"content"', '"contents"'),
        lambda text: text.replace('"student": "', '"student": "x', 1),
        lambda text: json.dumps({**json.loads(text), "content": 1}),
    ],
)
def test_a_damaged_mark_is_given_anew(tmp_path, told, damage):
    lay(tmp_path / "in", 3)
    [whole] = grade(tmp_path / "in", tmp_path / "out")
    path = damaged(tmp_path / "out")
    text = path.read_text(encoding="utf-8")
    assert damage(text) != text
    path.write_text(damage(text), encoding="utf-8")
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert found.before == 2 and len(told) == 4
    assert found.marks == whole.marks
    assert path.read_text(encoding="utf-8") == text


def test_a_mark_in_the_place_of_anothers_is_given_anew(tmp_path, told):
    lay(tmp_path / "in", 2, ["solved"])
    [whole] = grade(tmp_path / "in", tmp_path / "out")
    one, other = sorted((tmp_path / "out" / "private" / "05").glob("*.json"))
    shutil.copy(one, other)
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert found.before == 1 and found.marks == whole.marks


def test_what_could_not_be_read_is_tried_again(tmp_path, told):
    lay(tmp_path / "in", 2, ["solved"])
    (tmp_path / "in" / "pipe.ipynb").write_bytes(b" " * (16 * 2**20 + 1))
    [found] = grade(tmp_path / "in", tmp_path / "out", chapter=5)
    assert points(found)["pipe"] == 0 and found.marks[0].failure
    (tmp_path / "in" / "pipe.ipynb").write_bytes(notebook())
    [found] = grade(tmp_path / "in", tmp_path / "out", chapter=5)
    assert found.before == 2 and not found.marks[0].failure
    (tmp_path / "in" / "pipe.ipynb").write_bytes(b"")
    [found] = grade(tmp_path / "in", tmp_path / "out", chapter=5)
    assert found.before == 2 and told[-1] == "pipe"


def test_a_file_that_is_gone_before_its_turn_costs_nobody_else(tmp_path, told, monkeypatch):
    lay(tmp_path / "in", 4, ["solved"])
    known = grading._known

    def taken_away(*arguments):
        result = known(*arguments)
        (tmp_path / "in" / "solved002.ipynb").unlink()
        return result

    monkeypatch.setattr(grading, "_known", taken_away)
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert [bool(mark.failure) for mark in found.marks] == [False, False, True, False]


def test_no_more_of_a_class_is_in_memory_than_a_few_batches(tmp_path, told, monkeypatch):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(100):
        (folder / f"s{number}.ipynb").write_bytes(notebook() + b" " * 2**20)
    at_once, under_way = [], []
    real, make = batches.mark_among, grading.Batch

    def marked(sandboxes, batch):
        found = real(sandboxes, batch)
        under_way.remove(sum(len(entry.notebook) for entry in batch.entries))
        return found

    def made(*given):
        batch = make(*given)
        under_way.append(sum(len(entry.notebook) for entry in batch.entries))
        at_once.append(sum(under_way))
        return batch

    monkeypatch.setattr(batches, "mark_among", marked)
    monkeypatch.setattr(grading, "Batch", made)
    [found] = grade(folder, tmp_path / "out", workers=2)
    assert len(found.marks) == 100 and sorted(told) == sorted(points(found))
    assert max(at_once) < 40 * 2**20  # four batches


# --- the sandbox breaks --------------------------------------------------------------------------


def test_a_sandbox_that_breaks_is_started_anew_and_costs_only_who_breaks_it_twice(
    tmp_path, told, monkeypatch
):
    lay(tmp_path / "in", 6, ["solved"])
    real, began, tries = batches.mark, [], []

    def fragile(sandbox, key, student, *arguments, **options):
        assert not sandbox.closed
        assert sandbox not in began, "a sandbox that broke is used no more"
        if student in ("solved001", "solved004") and tries.count(student) < 2:
            tries.append(student)
            if student == "solved001" or tries.count(student) == 1:
                began.append(sandbox)
                raise Broken("no answer")
        return real(sandbox, key, student, *arguments, **options)

    monkeypatch.setattr(batches, "mark", fragile)
    [found] = grade(tmp_path / "in", tmp_path / "out", workers=1)
    failures = [mark.failure for mark in found.marks]
    assert failures == ["", "The sandbox broke down: no answer.", "", "", "", ""]
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert found.before == 5 and not any(mark.failure for mark in found.marks)


def test_a_sandbox_stands_from_one_submission_to_the_next(tmp_path, told, monkeypatch):
    lay(tmp_path / "in", 12, ["solved"])
    for number in (3, 7):
        draws = notebook().replace(b"import numpy", b"import matplotlib, numpy", 1)
        assert draws != notebook()
        (tmp_path / "in" / f"solved{number:03}_draws.ipynb").write_bytes(draws)
    real, started, where = batches._sandbox, [], {}
    mark = batches.mark

    def begun(batch):
        started.append(real(batch))
        started[-1].load = batches._loaded(batch)
        return started[-1]

    def marked(sandbox, key, student, *arguments, **options):
        where[student] = sandbox.load
        return mark(sandbox, key, student, *arguments, **options)

    monkeypatch.setattr(batches, "_sandbox", begun)
    monkeypatch.setattr(batches, "mark", marked)
    [found] = grade(tmp_path / "in", tmp_path / "out", workers=1)
    assert len(found.marks) == 14
    assert [sandbox.load for sandbox in started] == [(), ("matplotlib.pyplot",)]
    assert [where[f"solved{number:03}_draws"] for number in (3, 7)] == [("matplotlib.pyplot",)] * 2
    assert all(sandbox.closed for sandbox in started)


def test_without_a_sandbox_nothing_is_marked(tmp_path, monkeypatch):
    lay(tmp_path / "in", 2)
    monkeypatch.setattr(grading, "program", lambda: None)
    with pytest.raises(Unavailable, match=r"bubblewrap \(bwrap\), .* was not found"):
        grade(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


# --- what is private -----------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_seed_and_marks_are_for_nobody_else(tmp_path, told, mask):
    lay(tmp_path / "in", 2)
    before = os.umask(mask)
    try:
        grade(tmp_path / "in", tmp_path / "out")
    finally:
        os.umask(before)
    private = tmp_path / "out" / "private"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert stat.S_IMODE((private / "seed").stat().st_mode) == 0o600
    private.chmod(0o755)
    grade(tmp_path / "in", tmp_path / "out")
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_the_seed_is_drawn_once_and_in_no_report(tmp_path, told):
    lay(tmp_path / "in", 2)
    seeds = set()
    for name in ("one", "two"):
        grade(tmp_path / "in", tmp_path / name)
        seed = (tmp_path / name / "private" / "seed").read_text(encoding="ascii")
        assert len(bytes.fromhex(seed)) == 32
        seeds.add(seed)
        grade(tmp_path / "in", tmp_path / name)
        assert (tmp_path / name / "private" / "seed").read_text(encoding="ascii") == seed
        assert not any(seed.encode() in data for data in reports(tmp_path / name).values())
    assert len(seeds) == 2


@pytest.mark.parametrize("damage", ["", SEED[:-2], SEED[:-1] + "x", "é", SEED * 2])
def test_a_damaged_seed_is_one_line_and_nothing_is_lost(tmp_path, told, damage):
    lay(tmp_path / "in", 2)
    grade(tmp_path / "in", seeded(tmp_path / "out"))
    before, times = reports(tmp_path / "out"), kept(tmp_path / "out")
    seed = tmp_path / "out" / "private" / "seed"
    seed.write_text(damage, encoding="utf-8")
    with pytest.raises(ValueError, match=r"seed holds no seed of 32 bytes; bring it back"):
        grade(tmp_path / "in", tmp_path / "out")
    assert reports(tmp_path / "out") == before and kept(tmp_path / "out") == times
    assert seed.read_text(encoding="utf-8") == damage
    seed.write_text(SEED, encoding="ascii")
    assert grade(tmp_path / "in", tmp_path / "out")[0].before == 2


# --- two at once, and disks that fail ------------------------------------------------------------


def test_a_second_grader_on_the_same_folder_is_told_so(tmp_path, told, monkeypatch):
    lay(tmp_path / "in", 3)
    real, second = batches.mark, []

    def meanwhile(*arguments, **options):
        if not second:
            with pytest.raises(
                Busy, match=r"another grader is at work in .*; try again later"
            ) as e:
                grade(tmp_path / "in", tmp_path / "out")
            second.append(str(e.value))
        return real(*arguments, **options)

    monkeypatch.setattr(batches, "mark", meanwhile)
    [found] = grade(tmp_path / "in", tmp_path / "out", workers=1)
    assert len(second) == 1 and len(found.marks) == len(told) == 3
    assert grade(tmp_path / "in", tmp_path / "out")[0].before == 3, "the lock is free again"


def test_of_many_that_start_at_once_one_works_and_there_is_one_seed(tmp_path):
    code = (
        "import sys; from course_lib.grading.keeping import Results, Busy\n"
        "results = Results(sys.argv[1], '')\n"
        "sys.stdin.readline()\n"
        "try:\n"
        "    with results.locked():\n"
        "        print(results.seed.hex(), flush=True); sys.stdin.readline()\n"
        "except Busy: print('busy', flush=True)\n"
    )
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf-8"}
    call = [sys.executable, "-c", code, str(tmp_path / "out")]
    graders = [subprocess.Popen(call, **options) for _ in range(4)]
    for grader in graders:
        grader.stdin.write("\n")
        grader.stdin.flush()
    said = [grader.stdout.readline().strip() for grader in graders]
    for grader in graders:
        grader.communicate("\n")
    assert said.count("busy") == 3
    seed = (tmp_path / "out" / "private" / "seed").read_text(encoding="ascii")
    assert seed in said


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_disk_without_locks_is_one_line(tmp_path, told, monkeypatch, number):
    def fails(descriptor):
        raise OSError(number, os.strerror(number))

    lay(tmp_path / "in", 1)
    monkeypatch.setattr(keeping, "_lock", fails)
    with pytest.raises(ValueError, match=r"is on a disk without locks .*; choose a folder on this"):
        grade(tmp_path / "in", tmp_path / "out")
    assert not told


def test_windows_locks_a_byte_of_the_file(tmp_path, monkeypatch):
    calls = []

    class Msvcrt:
        LK_NBLCK = 2

        @staticmethod
        def locking(descriptor, mode, size):
            calls.append((mode, size))
            if len(calls) > 1:
                raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setitem(sys.modules, "msvcrt", Msvcrt)
    monkeypatch.setattr(keeping.os, "name", "nt")
    locked = keeping._lock
    with open(tmp_path / "lock", "a", encoding="utf-8") as file:
        locked(file.fileno())
        with pytest.raises(PermissionError):
            locked(file.fileno())
    assert calls == [(2, 1), (2, 1)]


class Full:
    """A disk that is full after so many files were written, each half of the way."""

    def __init__(self, monkeypatch, room, *modules):
        self.room = room
        for module in modules:
            monkeypatch.setattr(module, "replaced", self.replaced)
        self.real = __import__("course_lib.files", fromlist=["replaced"]).replaced

    def replaced(self, path):
        from contextlib import contextmanager

        @contextmanager
        def writing():
            with self.real(path) as unfinished:
                if self.room == 0:
                    unfinished.write_bytes(b"{")
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
                self.room -= 1
                yield unfinished

        return writing()


def test_a_full_disk_while_marks_are_kept_loses_none_of_them(tmp_path, told, monkeypatch):
    lay(tmp_path / "in", 9, ["solved"])
    with monkeypatch.context() as patch:
        Full(patch, 5, keeping)
        with pytest.raises(OSError, match="No space left"):
            grade(tmp_path / "in", seeded(tmp_path / "out"), workers=1)
    assert len(kept(tmp_path / "out")) == 5 and not unfinished(tmp_path / "out")
    assert not reports(tmp_path / "out")
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert found.before == 5
    grade(tmp_path / "in", seeded(tmp_path / "other"))
    assert reports(tmp_path / "out") == reports(tmp_path / "other")


@pytest.mark.parametrize("room", [0, 1, 7, 8])
def test_a_full_disk_while_reports_are_written_leaves_whole_files(
    tmp_path, told, monkeypatch, room
):
    lay(tmp_path / "in", 3, ["solved"])
    grade(tmp_path / "in", seeded(tmp_path / "out"))
    before = reports(tmp_path / "out")
    for path in (tmp_path / "in").glob("*.ipynb"):
        path.write_bytes(path.read_bytes() + b"  ")  # other bytes, other points
    grade(tmp_path / "in", seeded(tmp_path / "other"))
    after = reports(tmp_path / "other")
    assert before.keys() == after.keys() and all(before[name] != after[name] for name in after)
    with monkeypatch.context() as patch:
        Full(patch, room, grading.reports)
        with pytest.raises(OSError, match="No space left"):
            grade(tmp_path / "in", tmp_path / "out")
    now = reports(tmp_path / "out")
    assert sum(now[name] == after[name] for name in now) == room
    assert sum(now[name] == before[name] for name in now) == len(now) - room
    assert not unfinished(tmp_path / "out")
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert found.before == 3
    assert reports(tmp_path / "out") == after


def test_what_a_killed_run_left_unfinished_is_taken_away(tmp_path, told):
    lay(tmp_path / "in", 2)
    grade(tmp_path / "in", tmp_path / "out")
    before = reports(tmp_path / "out")
    (tmp_path / "out" / "private" / "05" / ".123.abc.json").write_bytes(b"{")
    (tmp_path / "out" / "private" / ".123.seed").write_bytes(b"0")
    (tmp_path / "out" / FIVE / "students" / ".4.ada.html").write_bytes(b"<")
    mine = [tmp_path / "out" / ".123.note", tmp_path / "out" / FIVE / ".hidden"]
    for path in mine:
        path.write_bytes(b"mine")
    grade(tmp_path / "in", tmp_path / "out")
    assert sorted(unfinished(tmp_path / "out")) == [".123.note", ".hidden"]
    for path in mine:
        path.unlink()
    assert reports(tmp_path / "out") == before


def test_an_error_in_the_middle_ends_threads_and_sandboxes(tmp_path, told, monkeypatch):
    lay(tmp_path / "in", 12, ["solved"])
    standing = []
    real = batches._sandbox
    monkeypatch.setattr(
        batches, "_sandbox", lambda batch: standing.append(real(batch)) or standing[-1]
    )

    def interrupted(self, chapter, kept):
        raise KeyboardInterrupt

    monkeypatch.setattr(Results, "keep", interrupted)
    monkeypatch.setattr("tqdm.std.tqdm.monitor_interval", 0)  # a thread that stays
    before = threading.enumerate()
    with pytest.raises(KeyboardInterrupt):
        grade(tmp_path / "in", tmp_path / "out", workers=2)
    assert threading.enumerate() == before
    assert standing and all(sandbox.closed for sandbox in standing)


@pytest.mark.parametrize("begin", [True, False], ids=["one stands", "none does"])
def test_after_the_end_nobody_gets_a_sandbox(told, begin):
    batch = grading.Batch(versions.version(), 5, b"0" * 32, ())
    sandboxes = batches.Sandboxes()
    if begin:
        with sandboxes.lent(batch) as sandbox:
            assert not sandbox.closed
    sandboxes.end()
    assert not begin or sandbox.closed
    with pytest.raises(batches.Lost, match="the run was stopped"), sandboxes.lent(batch):
        pass


def test_a_sandbox_that_starts_while_the_run_ends_is_closed(told, monkeypatch):
    batch = grading.Batch(versions.version(), 5, b"0" * 32, ())
    sandboxes, started = batches.Sandboxes(), []
    real = batches._sandbox

    def while_the_run_ends(batch):
        started.append(real(batch))
        sandboxes.end()
        return started[0]

    monkeypatch.setattr(batches, "_sandbox", while_the_run_ends)
    with pytest.raises(batches.Lost, match="the run was stopped"), sandboxes.lent(batch):
        pass
    assert started[0].closed


def test_each_mark_is_kept_as_soon_as_it_is_given(tmp_path, told, monkeypatch):
    lay(tmp_path / "in", 12, ["solved"])
    real, kept = Results.keep, []

    def interrupted(self, chapter, mark):
        if len(kept) == 5:
            raise KeyboardInterrupt
        kept.append(mark)
        real(self, chapter, mark)

    with monkeypatch.context() as patch:
        patch.setattr(Results, "keep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            grade(tmp_path / "in", tmp_path / "out", workers=2)
    assert len(told) < 12, "the rest was not begun"
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert found.before == 5 and len(found.marks) == 12


# --- the gradebook -------------------------------------------------------------------------------

MOODLE = "First name,Last name,Email address,Set 05 problems,Quiz\r\nAda,L,solved000@x.org,,1\r\n"


def test_points_are_filled_into_a_gradebook(tmp_path, told):
    lay(tmp_path / "in", 2)
    (tmp_path / "roster.csv").write_text(MOODLE, encoding="utf-8")
    [found] = grade(tmp_path / "in", tmp_path / "out", roster=tmp_path / "roster.csv")
    filled = (found.folder / "gradebook.csv").read_text(encoding="utf-8")
    wanted = f"{points(found)['solved000']:g}"
    assert filled.splitlines()[1] == f"Ada,L,solved000@x.org,{wanted},1"
    assert [line.startswith("sign001: not in the gradebook") for line in found.warnings] == [True]


def test_what_is_wrong_with_a_gradebook_is_said_before_anything_is_marked(tmp_path, told):
    lay(tmp_path / "in", 2)
    (tmp_path / "roster.csv").write_text(MOODLE, encoding="utf-8")
    roster = tmp_path / "roster.csv"
    with pytest.raises(ValueError, match="expected the column 'Homework', once"):
        grade(tmp_path / "in", tmp_path / "out", roster=roster, column="Homework")
    roster.write_text(MOODLE.replace("Set 05", "Set 06"), encoding="utf-8")
    with pytest.raises(ValueError, match="expected a column for problem set 05, once"):
        grade(tmp_path / "in", tmp_path / "out", roster=roster)
    roster.write_bytes(b"\0\1\2")
    with pytest.raises(ValueError, match="expected a gradebook saved as CSV"):
        grade(tmp_path / "in", tmp_path / "out", roster=roster)
    assert not told and not (tmp_path / "out").exists()


def test_two_submissions_of_one_person_are_both_left_aside(tmp_path, told):
    lay(tmp_path / "in", 2, ["solved"])
    (tmp_path / "in" / "solved000").mkdir()
    (tmp_path / "in" / "solved000" / "mine.ipynb").write_bytes(notebook("sign"))
    [found] = grade(tmp_path / "in", tmp_path / "out")
    assert list(points(found)) == ["solved001"]
    assert len(found.unmatched) == 2
    assert all("none of which says it counts" in why for _, why in found.unmatched)


# --- nothing but the notebooks and the seed decides ----------------------------------------------


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A class, and what one worker made of it in one run."""
    folder = tmp_path_factory.mktemp("class")
    lay(folder / "in", 9)
    (folder / "in" / "torn.ipynb").write_bytes(b"{")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TQDM_DISABLE", "1")
        grade(folder / "in", seeded(folder / "out"), workers=1)
    return folder / "in", reports(folder / "out")


@needs_sandbox
@pytest.mark.parametrize("workers", [2, 3])
def test_the_number_of_workers_changes_no_byte(tmp_path, undisturbed, workers):
    handed_in, expected = undisturbed
    grade(handed_in, seeded(tmp_path / "out"), workers=workers)
    assert reports(tmp_path / "out") == expected


@needs_sandbox
@pytest.mark.parametrize("largest", [2, 40])
def test_batches_change_no_byte(tmp_path, undisturbed, monkeypatch, largest):
    handed_in, expected = undisturbed
    monkeypatch.setattr(batches, "LARGEST", largest)
    with ThreadPoolExecutor(2) as executor:
        grade(handed_in, seeded(tmp_path / "out"), executor=executor, workers=2)
    assert reports(tmp_path / "out") == expected


@needs_sandbox
def test_order_and_container_change_no_byte(tmp_path, undisturbed, monkeypatch):
    handed_in, expected = undisturbed
    paths = sorted(handed_in.iterdir())
    random.Random(3).shuffle(paths)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in paths:
            archive.write(path, path.name)
    real = batches.run_here

    def backward(some, workers):
        return real(reversed(list(some)), workers)

    monkeypatch.setattr(grading, "run_here", backward)
    grade(tmp_path / "in.zip", seeded(tmp_path / "out"))
    assert reports(tmp_path / "out") == expected


@needs_sandbox
def test_going_on_changes_no_byte(tmp_path, undisturbed):
    handed_in, expected = undisturbed
    out = seeded(tmp_path / "out")
    some = tmp_path / "some"
    some.mkdir()
    for path in sorted(handed_in.iterdir())[::2]:
        shutil.copy(path, some)
    grade(some, out)
    [found] = grade(handed_in, out)
    assert 0 < found.before < len(found.marks)
    assert reports(out) == expected


# --- keeping -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "student", ["ada", "Ada", "../../etc", "a" * 5000, "\ud800", "", "con", "é\n"]
)
def test_a_mark_is_read_back_whatever_the_name(tmp_path, student):
    results = Results(tmp_path / "out", "basis")
    exercise = ExerciseMark("05a", 0.1 + 0.2, 2.0, "right", text="δ \ud800 \0", note="{}")
    given = Kept(Mark(student, "a\\b", "d" * 64, (exercise,), True, "", ("x",)), "walls", True)
    results.keep(5, given)
    assert results.kept(5, student, "d" * 64) == given
    assert results.kept(6, student, "d" * 64) is None
    assert results.kept(5, student, "e" * 64) is None
    assert results.kept(5, student + "x", "d" * 64) is None
    assert Results(tmp_path / "out", "another").kept(5, student, "d" * 64) is None
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
