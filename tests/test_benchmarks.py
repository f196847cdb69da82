"""The benchmark: all implementations compute the same, and its report says what was measured.

Each implementation, written with another library, is a test of ours too.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import growth
import numpy as np
import pytest
import report
import workloads
from implementations import IMPLEMENTATIONS
from measure import Failed, Worker, disagreement, environment, interleaved, summary
from workloads import WORKLOADS

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, str(ROOT / "tests" / "benchmarks")]
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


def test_three_steps_move_every_parameter():
    """Or all could agree by standing still."""
    for name in ("W2", "W4"):
        start = workloads.data_of(WORKLOADS[name])["start"]
        with Worker("course_lib", name, threads=1) as worker:
            state = worker.state()
        assert all(np.abs(state[key] - start[key]).max() > 1e-4 for key in start)


def test_what_counts_as_disagreement():
    x = {"W": np.array([[1.0, -4.0, 2.0]])}
    assert disagreement({"W": x["W"] * (1 + 1e-12)}, x) <= 1
    assert disagreement({"W": x["W"] + [[0, 0, 1e-9]]}, x) > 1
    assert disagreement({"W": x["W"].astype(np.float32)}, x) == np.inf
    assert disagreement({"W": x["W"][0]}, x) == np.inf
    assert disagreement({"W": x["W"] * np.nan}, x) == np.inf
    assert disagreement({}, x) == np.inf


def test_one_thread_is_set_before_numpy_is_loaded():
    """threadpoolctl, which scikit-learn brings, asks the loaded libraries themselves."""
    code = (
        "import numpy, threadpoolctl as t; print([x['num_threads'] for x in t.threadpool_info()])"
    )
    for threads in (1, 2):
        run = subprocess.run(
            [sys.executable, "-c", code],
            env=environment(threads),
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        assert json.loads(run.stdout) == [threads]


def test_a_worker_that_dies_says_why():
    with Worker("course_lib", "W99", threads=1) as worker, pytest.raises(Failed, match="W99"):
        worker.ready()
    with Worker("course_lib", "W1", threads=1) as worker:
        worker.ready()
        worker.process.kill()
        worker.process.wait()
        with pytest.raises(Failed, match="course_lib, W1: ended without a word"):
            worker.seconds(1)


class Clock:
    """Stands for a worker whose step takes a known time."""

    def __init__(self, step):
        self.step, self.blocks = step, 0

    def seconds(self, calls):
        self.blocks += 1
        return self.step * (1 + 0.1 * self.blocks)  # a machine that slows down


def test_slow_ones_take_part_in_fewer_rounds_and_never_alone():
    fast, slow = Clock(1e-5), Clock(10.0)
    found = interleaved({"fast": fast, "slow": slow}, rounds=61, threads=1)
    assert len(found["fast"]) == 61
    assert 4 <= len(found["slow"]) <= 10
    assert found["slow"].keys() <= found["fast"].keys()


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
        (["--output", __file__, "W1"], "that is a file, expected a folder"),
    ],
)
def test_a_wrong_command_says_what_there_is(arguments, message):
    run = subprocess.run([*COMMAND, *arguments], capture_output=True, encoding="utf-8")
    assert run.returncode == 2
    assert message in run.stderr


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
    path = ROOT / "tests" / "benchmarks" / "results" / "one_thread.json"
    steps = json.loads(path.read_text(encoding="utf-8"))["steps"]
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (W\d\w?), [^|]*\|(.*)\|$", text, re.M)
    assert len(rows) >= 5
    for name, cells in rows:
        ratios, seconds = steps[name]["ratios"], steps[name]["seconds"]["course_lib"]
        expected = [report.duration(seconds).replace("us", "µs")]
        expected += [f"{ratios[x]:.2f}" if x in ratios else "" for x in README_COLUMNS]
        assert [cell.strip() for cell in cells.split("|")] == expected, name
