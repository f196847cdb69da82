"""The same marks from every executor, here or elsewhere; and what is left when one is lost."""

import contextlib
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest
from student_classes import (
    ROOT,
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

from course_lib.grading import cluster as clusters
from course_lib.grading.batches import Batch, Entry, Lost, Marked, mark_batch, run_batches
from course_lib.grading.cluster import Watched, cluster
from course_lib.grading.grading import grade
from course_lib.grading.sandbox import Unavailable


@pytest.fixture(autouse=True)
def no_progress(monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """A class that takes some seconds, and what this process makes of it."""
    folder = tmp_path_factory.mktemp("class")
    lay(folder / "in", 8, ["pauses", "sign", "ends", "pauses"])
    (folder / "in" / "torn.ipynb").write_bytes(b"{")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TQDM_DISABLE", "1")
        grade(folder / "in", seeded(folder / "out"), workers=2)
    return folder / "in", reports(folder / "out")


# --- executors of the standard library -----------------------------------------------------------


def executors():
    yield "threads", lambda: ThreadPoolExecutor(3)
    for method in ("spawn", "forkserver"):
        if method in multiprocessing.get_all_start_methods():
            context = multiprocessing.get_context(method)
            yield method, lambda context=context: ProcessPoolExecutor(2, mp_context=context)


@needs_sandbox
@pytest.mark.parametrize("executor", [pytest.param(make, id=name) for name, make in executors()])
def test_threads_and_processes_give_the_same_bytes(tmp_path, handed_in, executor):
    submissions, expected = handed_in
    with executor() as pool:
        grade(submissions, seeded(tmp_path / "out"), executor=pool, workers=2)
    assert reports(tmp_path / "out") == expected


@needs_sandbox
def test_a_process_that_is_killed_ends_the_run_and_what_is_done_is_kept(tmp_path, handed_in):
    submissions, expected = handed_in
    out = seeded(tmp_path / "out")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:

        def killer():
            until(lambda: kept(out))
            os.kill(next(iter(pool._processes)), signal.SIGKILL)

        thread = threading.Thread(target=killer)
        thread.start()
        with pytest.raises(Lost, match=r"^BrokenProcessPool: A process in the process"):
            grade(submissions, out, executor=pool, workers=2)
        thread.join()
    assert kept(out) and not reports(out) and not unfinished(out)
    [found] = grade(submissions, out)
    assert 0 < found.before < 9
    assert reports(out) == expected


def test_an_executor_that_was_shut_down_is_lost(tmp_path, handed_in):
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(Lost, match="cannot schedule new futures after shutdown"):
        grade(handed_in[0], tmp_path / "out", executor=pool)


class Scripted(Executor):
    """Gives back the same outcomes whatever it is asked: a result, an error, or None for never."""

    def __init__(self, *outcomes):
        self.outcomes, self.futures = list(outcomes), []

    def submit(self, function, /, *arguments):
        future = Future()
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        elif outcome is not None:
            future.set_result(outcome)
        self.futures.append(future)
        return future


DONE = Marked((), (), "walls")


@pytest.mark.parametrize(
    "error, expected",
    [
        (BrokenProcessPool("it\nis gone"), (Lost, "^BrokenProcessPool: it is gone$")),
        (ModuleNotFoundError("No module named 'course_lib'"), (Lost, "No module named")),
        (TypeError("cannot pickle"), (Lost, "cannot pickle")),
        (Lost("another version"), (Lost, "^another version$")),
        (Unavailable("no bwrap"), (Unavailable, "^no bwrap$")),
        (OSError(28, "No space left on device"), (OSError, "No space left")),
    ],
)
def test_what_is_finished_comes_before_the_failure_of_another_batch(error, expected):
    executor = Scripted(error, DONE, None, DONE)
    found = run_batches(range(4), executor, 2)
    assert [next(found), next(found)] == [DONE, DONE]
    kind, message = expected
    with pytest.raises(kind, match=message):
        next(found)
    assert executor.futures[2].cancelled(), "nobody waits for it any more"


def test_what_an_executor_gives_up_is_lost():
    executor = Scripted(None, None)

    def give_up():
        until(lambda: len(executor.futures) == 2)
        executor.futures[1].cancel()
        executor.futures[1].set_running_or_notify_cancel()  # as Dask does, so that others wake up

    threading.Thread(target=give_up).start()
    with pytest.raises(Lost, match="gave up its work"):
        next(run_batches(range(2), executor, 1))


def test_no_more_batches_are_read_than_keep_the_workers_busy():
    read = []

    def batches():
        for number in range(100):
            read.append(number)
            yield number

    executor = Scripted(*[DONE] * 3, *[None] * 97)
    found = run_batches(batches(), executor, 2)
    assert len(read) == 0
    next(found)
    assert len(read) == 4
    next(found), next(found)
    assert len(read) <= 7
    found.close()
    assert all(future.done() for future in executor.futures)


def test_a_worker_with_another_course_does_not_mark():
    entry = Entry("ada", "ada.ipynb", False, notebook())
    with pytest.raises(Lost, match="another version of the course"):
        mark_batch(Batch("of last year", 5, b"0" * 32, (entry,)))


# --- futures that would never end ----------------------------------------------------------------


def test_futures_end_when_nobody_is_left_to_work_on_them(monkeypatch):
    monkeypatch.setattr(clusters, "LOOKING", 0.01)
    monkeypatch.setattr(clusters, "PATIENCE", 0.1)
    losses = ["no worker is left"]
    with Watched(Scripted(None, DONE, None), lambda: losses[0]) as executor:
        never, done = executor.submit(print), executor.submit(print)
        with pytest.raises(Lost, match="no worker is left"):
            never.result(5)
        assert done.result() == DONE
        losses[0] = ""
        time.sleep(0.05)
        again = executor.submit(print)
        time.sleep(0.3)
        assert not again.done(), "all is well again"


def test_a_loss_that_passes_ends_nothing(monkeypatch):
    monkeypatch.setattr(clusters, "LOOKING", 0.01)
    monkeypatch.setattr(clusters, "PATIENCE", 0.2)
    looks = iter(range(10**6))
    with Watched(Scripted(None), lambda: "" if next(looks) % 3 == 0 else "gone") as executor:
        future = executor.submit(print)
        time.sleep(0.6)
        assert not future.done()


# --- Dask ----------------------------------------------------------------------------------------

HOST = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    cluster = LocalCluster(
        n_workers=int(sys.argv[1]), threads_per_worker=1, processes=True, host="127.0.0.1",
        dashboard_address=None, worker_dashboard_address=None,
    )
    print(cluster.scheduler_address, flush=True)
    for line in sys.stdin:
        cluster.scale(int(line))
"""


class Host:
    """A scheduler and workers in processes of their own."""

    def __init__(self, folder, workers, variables):
        pytest.importorskip("distributed")
        script = folder / "host.py"
        script.write_text(HOST, encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(workers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env=environment(**variables),
            cwd=folder,
            start_new_session=True,
        )
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("tcp://127.0.0.1:")

    def scale(self, workers):
        self.process.stdin.write(f"{workers}\n")
        self.process.stdin.flush()

    def workers(self):
        """The numbers of the workers' processes."""
        from distributed import Client

        with Client(self.address) as client:
            return list(client.run(os.getpid).values())


@contextlib.contextmanager
def host(folder, workers=2, **variables):
    found = Host(folder, workers, variables)
    try:
        yield found
    finally:
        below = offspring(found.process.pid)
        stop(found.process)
        until(lambda: not running(below), 20)


@pytest.fixture(scope="module")
def dask(tmp_path_factory):
    with host(tmp_path_factory.mktemp("dask")) as found:
        yield found


@needs_sandbox
def test_a_dask_cluster_gives_the_same_bytes_and_says_no_more(tmp_path, handed_in, dask):
    submissions, expected = handed_in
    found = run("grade", submissions, "--out", seeded(tmp_path / "out"), "--dask", dask.address)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines()[0].startswith("05 Backprop without forks: 9 notebooks")
    assert reports(tmp_path / "out") == expected


@needs_sandbox
def test_the_batch_of_a_lost_worker_is_marked_by_another(tmp_path, handed_in, dask):
    submissions, expected = handed_in
    out = seeded(tmp_path / "out")
    victim = dask.workers()[0]
    process = start("grade", submissions, "--out", out, "--dask", dask.address)
    try:
        until(lambda: kept(out), process=process)
        os.kill(victim, signal.SIGKILL)
        said, errors = process.communicate(timeout=60)
    finally:
        stop(process)
    assert (process.returncode, errors) == (0, "")
    assert said.splitlines()[0].startswith("05 Backprop without forks: 9 notebooks")
    assert reports(out) == expected


@needs_sandbox
def test_a_lost_scheduler_ends_the_run_and_the_same_command_goes_on(tmp_path, handed_in, dask):
    submissions, expected = handed_in
    out = seeded(tmp_path / "out")
    with host(tmp_path) as other:
        process = start("grade", submissions, "--out", out, "--dask", other.address)
        try:
            until(lambda: kept(out), process=process)
            os.kill(other.process.pid, signal.SIGKILL)
            began = time.monotonic()
            said, errors = process.communicate(timeout=60)
        finally:
            stop(process)
    assert time.monotonic() - began < 15
    assert (process.returncode, said) == (1, "")
    assert re.fullmatch(r"The run could not end: the scheduler is gone; Dask at tcp.*\n", errors)
    marks = kept(out)
    assert 0 < len(marks) < 9 and not unfinished(out) and not reports(out)
    found = run("grade", submissions, "--out", out, "--dask", dask.address)
    assert (found.returncode, found.stderr) == (0, "")
    assert f"  {len(marks)} of them before" in found.stdout
    assert reports(out) == expected


@needs_sandbox
def test_a_cluster_whose_workers_are_all_gone_is_lost(tmp_path, handed_in, monkeypatch):
    monkeypatch.setattr(clusters, "LOOKING", 0.1)
    monkeypatch.setattr(clusters, "PATIENCE", 1.0)
    submissions, _ = handed_in
    out = seeded(tmp_path / "out")
    with host(tmp_path, workers=1) as other:

        def removed():
            until(lambda: kept(out))
            other.scale(0)

        thread = threading.Thread(target=removed)
        with cluster(other.address) as (executor, workers):
            assert workers == 1
            thread.start()
            with pytest.raises(Lost, match="no worker is left"):
                grade(submissions, out, executor=executor, workers=workers)
        thread.join()
        with (
            pytest.raises(ValueError, match=r"the Dask scheduler at tcp.* has no workers"),
            cluster(other.address),
        ):
            pass
    assert kept(out) and not reports(out)


OTHERS = {
    "none": "import sys; sys.modules['course_lib'] = None",
    "another": "import numpy; numpy.__version__ = '1.0'",
}


@pytest.mark.parametrize("course", OTHERS)
def test_workers_with_another_course_or_none_are_one_line(tmp_path, course):
    (tmp_path / "sitecustomize.py").write_text(OTHERS[course], encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    with (
        host(tmp_path, workers=1, PYTHONPATH=path) as other,
        pytest.raises(ValueError, match=r"the Dask worker at tcp.* lacks this course, or has ano"),
        cluster(other.address),
    ):
        pass


def test_an_address_where_no_scheduler_is_is_one_line(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(clusters, "CONNECTING", 1.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        at = "tcp://127.0.0.1"
        addresses = ["", "nonsense", f"{at}:99999", f"{at}:{silent.getsockname()[1]}", "x://y"]
        for address in addresses:
            began = time.monotonic()
            with pytest.raises(ValueError) as error, cluster(address):
                pass
            assert time.monotonic() - began < 5
            assert "scheduler" in str(error.value) and "\n" not in str(error.value)


def test_where_dask_is_not_installed_one_line_says_so(tmp_path):
    lay(tmp_path / "in", 1)
    before = "import sys; sys.modules['distributed'] = None"
    found = run(
        *("grade", tmp_path / "in", "--out", tmp_path / "out", "--dask", "tcp://127.0.0.1:1"),
        before=before,
    )
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == '--dask needs Dask: pip install "distributed"\n'
    assert not (tmp_path / "out").exists()
