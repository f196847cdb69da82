"""The benchmark: all implementations compute the same, and its report says what was measured.

Each implementation, written with another library, is a test of ours too.
"""

import argparse
import importlib.util
import io
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import growth
import measure
import numpy as np
import pytest
import report
import worker
import workloads
from implementations import IMPLEMENTATIONS
from measure import Failed, Worker, disagreement, interleaved, summary
from workloads import WORKLOADS

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, str(ROOT / "tests" / "benchmarks")]
STORED = ROOT / "tests" / "benchmarks" / "results" / "one_thread.json"
README_COLUMNS = ("PyTorch", "NumPy by hand", "JAX, jit")
INSTALLED = [name for name, it in IMPLEMENTATIONS.items() if it.is_installed()]


def test_continuous_integration_has_every_library():
    assert list(IMPLEMENTATIONS) == INSTALLED or not os.environ.get("CI")


@pytest.mark.parametrize(
    ("name", "workload"),
    [
        (name, workload)
        for name in INSTALLED
        for workload in WORKLOADS
        if IMPLEMENTATIONS[name].runs(WORKLOADS[workload].kind) and name != "course_lib"
        if workload != "W3b"  # W3 with a larger vocabulary
    ],
)
def test_agreement_after_three_steps(name, workload):
    with Worker("course_lib", workload, threads=1) as ours, Worker(name, workload, 1) as theirs:
        assert disagreement(theirs.state(), ours.state()) <= 1


@pytest.mark.parametrize("workload", ["W2", "W3", "W4"])
def test_three_steps_move_every_parameter_far_enough_to_compare(workload):
    """Moves of float32 numbers of size 4 are known to 5e-7."""
    with Worker("course_lib", workload, threads=1) as process:
        moves = process.state()
    assert moves.keys() == workloads.data_of(WORKLOADS[workload])["start"].keys()
    assert all(np.abs(move).max() > 2e-3 for move in moves.values())


@pytest.mark.parametrize("name", INSTALLED)
def test_every_worker_has_the_threads_it_was_given(name):
    workload = next(w for w in WORKLOADS if IMPLEMENTATIONS[name].runs(WORKLOADS[w].kind))
    for threads in (1, 2):
        with Worker(name, workload, threads) as process:
            found = process.threads()
        assert found
        assert set(found.values()) <= {threads, min(threads, os.cpu_count())}, found


def test_what_counts_as_disagreement():
    x = {"W": np.array([[1.0, -4.0, 2.0]])}
    assert disagreement({"W": x["W"] * (1 + 1e-12)}, x) <= 1
    assert disagreement({"W": x["W"] + [[0, 0, 1e-8]]}, x) > 1
    assert disagreement({"W": x["W"].astype(np.float32)}, x) == np.inf
    assert disagreement({"W": x["W"][0]}, x) == np.inf
    assert disagreement({"W": x["W"] * np.nan}, x) == np.inf
    assert disagreement({}, x) == np.inf


def test_a_worker_that_dies_says_why():
    with Worker("course_lib", "W99", threads=1) as process, pytest.raises(Failed, match="W99"):
        process.ready()
    with Worker("course_lib", "W1", threads=1) as process:
        process.ready()
        process.process.kill()
        process.process.wait()
        with pytest.raises(Failed, match="course_lib, W1: ended without a word"):
            process.seconds(1)


def test_a_worker_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(measure, "LIMIT", 0.01)
    late = pytest.raises(Failed, match=r"course_lib, W3: no answer in 0.01 seconds")
    with Worker("course_lib", "W3", threads=1) as process, late:
        process.ready()


class Clock:
    """Stands for a worker whose step takes a known time."""

    def __init__(self, step):
        self.step, self.blocks = step, 0

    def seconds(self, calls):
        self.blocks += 1
        return self.step * (1 + 0.1 * self.blocks)  # a machine that slows down


def test_slow_ones_take_part_in_fewer_rounds_and_never_alone():
    fast, slow = Clock(1e-5), Clock(10.0)
    found, failed = interleaved({"fast": fast, "slow": slow}, rounds=61, threads=1)
    assert failed == []
    assert len(found["fast"]) == 61
    assert 4 <= len(found["slow"]) <= 10
    assert found["slow"].keys() <= found["fast"].keys()


def test_the_order_is_another_in_each_round():
    asked = []

    class Asked(Clock):
        def seconds(self, calls):
            asked.append(self)
            return self.step

    a, b = Asked(0.02), Asked(0.02)
    interleaved({"a": a, "b": b}, rounds=40, threads=1)
    rounds = {tuple(asked[i : i + 2]) for i in range(2, len(asked), 2)}
    assert rounds == {(a, b), (b, a)}


def test_one_that_dies_is_left_out_and_named():
    class Dying(Clock):
        def seconds(self, calls):
            if self.blocks == 5:
                raise Failed("theirs, W1: MemoryError")
            return super().seconds(calls)

    workers = {"ours": Clock(0.02), "theirs": Dying(0.02)}
    found, failed = interleaved(workers, rounds=40, threads=1)
    assert (list(found), failed) == (["ours"], ["theirs, W1: MemoryError"])
    assert len(found["ours"]) == 40


def test_seconds_are_those_of_one_step_without_the_first(monkeypatch):
    """The clock is one that only steps move: two seconds each, the first twenty."""
    now, steps = [0.0], []

    def step(i):
        now[0] += 2.0 if steps else 20.0
        steps.append(i)

    monkeypatch.setattr(worker.time, "perf_counter", lambda: now[0])
    assert worker.seconds(step, itertools.count(), 5) == 2.0
    assert steps == [0, 1, 2, 3, 4, 5]


def load_command():
    spec = importlib.util.spec_from_file_location("command", COMMAND[1] + "/__main__.py")
    command = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(command)
    return command


class Fake:
    """Stands for a worker that has another result, or dies before it has one."""

    def __init__(self, name, workload, threads):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def state(self):
        if self.name == "micrograd":
            raise Failed("micrograd, W1: RecursionError")
        return {"x": np.array([2.0 if self.name == "PyTorch" else 1.0])}

    def seconds(self, calls):
        return 0.02


def test_who_disagrees_or_dies_is_named_and_not_measured(monkeypatch):
    command = load_command()
    monkeypatch.setattr(command, "Worker", Fake)
    options, failed = argparse.Namespace(threads=1, quick=False), []
    names = ["course_lib", "PyTorch", "HIPS autograd", "micrograd"]
    found = command.step_times("W1", names, 7, options, failed)
    assert failed == [
        "micrograd, W1: RecursionError",
        "PyTorch, W1: another result than course_lib",
    ]
    assert list(found["seconds"]) == ["course_lib", "HIPS autograd"]
    assert found["ratios"] == {"HIPS autograd": 1.0}
    assert found["goals"] == WORKLOADS["W1"].goals


@pytest.mark.parametrize("left_out", [(), ("JAX, jit", "micrograd"), ("PyTorch",)])
def test_the_figure_needs_no_peer(left_out, tmp_path):
    results = json.loads(STORED.read_text(encoding="utf-8"))
    for found in results["steps"].values():
        for name in left_out:
            found["seconds"].pop(name, None)
    report.draw(results, tmp_path / "speed.svg")
    assert (tmp_path / "speed.svg").stat().st_size > 10_000


def test_the_stored_figure_shows_the_stored_results():
    """By its own words: places of marks depend on the version of matplotlib."""
    words = report.description(json.loads(STORED.read_text(encoding="utf-8"))["steps"])
    assert "convolution 1x28x28 to 8 filters: course_lib 0." in words
    stored = (ROOT / ".github" / "speed.svg").read_text(encoding="utf-8")
    assert f"<dc:description>{words}</dc:description>" in " ".join(stored.split())


def test_ratios_compare_times_of_the_same_round():
    ours = {0: 1.0, 1: 2.0, 2: 3.0, 3: 10.0, 4: 5.0}
    theirs = {0: 4.0, 2: 6.0, 4: 20.0}
    found = summary({"ours": ours, "theirs": theirs}, "ours")
    assert found["seconds"] == {"ours": 3.0, "theirs": 6.0}
    assert found["ratios"] == {"theirs": 0.25}  # of 0.25, 0.5 and 0.25


def test_slope_of_a_known_power():
    sizes = [10, 100, 1000]
    assert growth.slope(sizes, [3 * n**1.5 for n in sizes]) == pytest.approx(1.5)


def some_results():
    return {
        "threads": 1,
        "steps": {
            "W1": {
                "seconds": {"course_lib": 1e-6, "PyTorch": 5e-6},
                "ratios": {"PyTorch": 0.2, "micrograd": 0.3},
                "goals": {"PyTorch": 0.13, "JAX, jit": 1.0},
            }
        },
        "imports": {"seconds": {"numpy": 0.07}, "ratio": 1.2},
        "memory": {"course_lib": 50_000_000},
        "lessons": {"a": 30.0, "b": 100.0},
        "failed": ["micrograd, W1: RecursionError"],
    }


def test_every_missed_goal_is_named():
    assert report.missed(some_results()) == [  # W7 is within a tenth of its goal
        "W1 against PyTorch: 0.2, goal 0.13",
        "a: 30, goal 20",
        "b: 100, goal 20",
    ]
    words = report.closing(some_results())
    assert "failed: micrograd, W1: RecursionError" in words
    assert "2 lessons in 130.0 s, the slowest b 100.0 s" in words


def test_durations_and_ratios_in_the_table():
    times = [report.duration(x) for x in (None, 2.5, 0.0123, 6.2e-6)]
    assert times == ["-", "2.5 s", "12.3 ms", "6.2 us"]
    shares = [report.ratio(*x) for x in ((None, 1), (0.5, None), (0.109, 0.1), (0.111, 0.1))]
    assert shares == ["", "0.500", "0.109", "0.111!"]


def test_the_command_measures_and_writes(tmp_path):
    run = subprocess.run(
        [*COMMAND, "--quick", "--output", str(tmp_path), "W1", "W7"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    results = json.loads((tmp_path / "one_thread.json").read_text(encoding="utf-8"))
    assert list(results["steps"]) == ["W1"]
    assert results["steps"]["W1"]["seconds"].keys() >= {"course_lib"}
    assert all(0 < s < 1 for s in results["steps"]["W1"]["seconds"].values())
    assert results["imports"]["seconds"]["numpy"] > results["imports"]["seconds"]["bare Python"]
    assert run.stderr == ""
    assert "(x + sigmoid(y)) / (x² + y)" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["W11"], "no workload W11; there are W1, W2, W3"),
        (["--threads", "3"], "invalid choice: 3"),
        (["--output", __file__, "W1"], "cannot write into --output"),
        (["--output", os.path.join(__file__, "new"), "W1"], "cannot write into --output"),
        (["--threads", "2", "W10"], "no workload W10"),
        (["--store", "W1"], "--store takes a run of everything"),
    ],
)
def test_a_wrong_command_says_what_there_is(arguments, message):
    run = subprocess.run([*COMMAND, *arguments], capture_output=True, encoding="utf-8")
    assert run.returncode == 2
    assert message in run.stderr


def test_a_full_disk_is_one_line(monkeypatch, tmp_path):
    command = load_command()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "write", full)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--quick", "--output", str(tmp_path), "W7"])
    with pytest.raises(command.Failed, match="No space left on device"):
        command.main()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_ctrl_c_ends_all_and_writes_nothing(tmp_path):
    process = subprocess.Popen(
        [*COMMAND, "--output", str(tmp_path), "W3"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    process.stdout.readline()
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)  # ends only when no worker holds the pipes
    assert process.returncode == 1
    assert errors.endswith("stopped, nothing was written\n")
    assert list(tmp_path.iterdir()) == []


def test_the_readme_quotes_what_is_stored():
    """Its table holds the medians of the stored run, and the ratios, rounded."""
    steps = json.loads(STORED.read_text(encoding="utf-8"))["steps"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (W\d\w?), [^|]*\|(.*)\|$", text, re.M)
    assert len(rows) >= 5
    for name, cells in rows:
        ratios, seconds = steps[name]["ratios"], steps[name]["seconds"]["course_lib"]
        expected = [report.duration(seconds).replace("us", "µs")]
        expected += [f"{ratios[x]:.2f}" if x in ratios else "" for x in README_COLUMNS]
        assert [cell.strip() for cell in cells.split("|")] == expected, name
