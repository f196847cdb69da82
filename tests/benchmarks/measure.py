"""Workers side by side: processes that wait while one of them is measured."""

import contextlib
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
BLOCK = 0.02  # seconds that the clock runs, or one step if that takes longer
PATIENCE = 6.0  # seconds for one implementation of one workload,
MINIMUM = 8  # but not fewer rounds than this
SETTLE = 0.1  # seconds: idle threads of a process that was just measured spin before they sleep
LIMIT = 300  # seconds without an answer, after which a process is ended
# Of the largest entry; the move of a float32 parameter is a small difference of large numbers.
TOLERANCE = {"float32": 1e-3, "float64": 1e-9}


class Failed(Exception):
    """An implementation that could not run, and why."""


def environment(threads: int) -> dict[str, str]:
    """The number of threads for all that NumPy and its peers may use, before they are loaded."""
    number = str(threads)
    names = ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")
    path = os.pathsep.join(filter(None, [str(HERE.parents[1]), os.environ.get("PYTHONPATH")]))
    eigen = "" if threads > 1 else "--xla_cpu_multi_thread_eigen=false"
    return {
        **os.environ,
        **{f"{name}_NUM_THREADS": number for name in names},
        "XLA_FLAGS": eigen,
        "JAX_PLATFORMS": "cpu",
        "PYTHONPATH": path,
    }


class Worker:
    """A process that runs one implementation of one workload; use it as a context."""

    def __init__(self, implementation: str, workload: str, threads: int):
        self.name, self.is_ready = f"{implementation}, {workload}", False
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115, closed in __exit__
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), implementation, workload],
            env=environment(threads),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self.errors.close()

    def ready(self) -> None:
        """Wait until library, data and model are there."""
        if not self.is_ready:
            self._answer()
            self.is_ready = True

    def state(self) -> dict[str, np.ndarray]:
        """What three steps have done: the moves of parameters, or gradients."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "state.npz")
            self._ask("state", path)
            with np.load(path) as file:
                return {name: file[name] for name in file.files}

    def threads(self) -> dict[str, int]:
        """The number of threads by library, and of processors."""
        return self._ask("threads", 0)

    def seconds(self, calls: int) -> float:
        """Of one step, the mean of so many."""
        return self._ask("calls", calls)

    def memory(self, steps: int) -> int | None:
        """The most bytes that model and so many steps needed; None where no system tells."""
        return self._ask("memory", steps)

    def _ask(self, order: str, argument):
        self.ready()
        # A process that has died reads nothing: then the answer says why.
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps({order: argument}) + "\n")
            self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        late = []
        watch = threading.Timer(LIMIT, lambda: (late.append(True), self.process.kill()))
        watch.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watch.cancel()  # also for Ctrl-C, which must not wait for it
        if line:
            return json.loads(line)
        self.process.wait()
        if late:
            raise Failed(f"{self.name}: no answer in {LIMIT} seconds")
        self.errors.seek(0)
        words = self.errors.read().decode("utf-8", "replace").strip().splitlines()
        raise Failed(f"{self.name}: {words[-1] if words else 'ended without a word'}")


def disagreement(state: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> float:
    """The largest difference in units of what is tolerated: above 1 they disagree."""
    if state.keys() != expected.keys():
        return math.inf
    return max(_difference(state[key], expected[key]) for key in expected)


def _difference(x, y):
    if x.shape != y.shape or x.dtype != y.dtype or not np.isfinite(x).all():
        return math.inf
    return float(np.max(np.abs(x - y)) / np.max(np.abs(y)) / TOLERANCE[str(y.dtype)])


def interleaved(
    workers: dict[str, Worker], rounds: int, threads: int, quick: bool = False
) -> tuple[dict[str, dict[int, float]], list[str]]:
    """Seconds of one step by implementation and round, in random order within each round.

    A slow implementation takes part in every second, fourth, ... round only, so that it always
    has the faster ones beside it. One that dies is left out, and the reason is returned.
    """
    block, patience, minimum = BLOCK, PATIENCE, MINIMUM
    if quick:
        block, patience, minimum = BLOCK / 4, PATIENCE / 20, 2
    calls, every, found, failed = {}, {}, {}, []
    for name, worker in workers.items():
        try:
            calls[name], seconds = calibrated(worker, block)
        except Failed as reason:
            failed.append(str(reason))
            continue
        affordable = max(minimum, int(patience / (seconds * (calls[name] + 1))))
        every[name] = 1 << math.ceil(math.log2(max(1, rounds / affordable)))
        found[name] = {}
    for i in range(rounds):
        for name in random.sample(list(found), len(found)):
            if i % every[name] == 0:
                if threads > 1:
                    time.sleep(SETTLE)
                try:
                    found[name][i] = workers[name].seconds(calls[name])
                except Failed as reason:
                    failed.append(str(reason))
                    del found[name]
    return found, failed


def calibrated(worker: Worker, block: float) -> tuple[int, float]:
    """How many steps fill a block, and the seconds of one: doubled until the clock can tell."""
    calls, seconds = 1, worker.seconds(1)
    while calls * seconds < block / 4:
        calls *= 2
        seconds = worker.seconds(calls)
    return max(1, round(block / seconds)), seconds


def summary(found: dict[str, dict[int, float]], ours: str) -> dict:
    """Medians, and the ratios of ours to each other one with their quartiles, round by round."""
    seconds = {name: statistics.median(times.values()) for name, times in found.items()}
    ratios, quartiles = {}, {}
    for name, times in found.items():
        if name != ours:
            pairs = [found[ours][i] / times[i] for i in times.keys() & found[ours].keys()]
            low, middle, high = statistics.quantiles(pairs, n=4)
            ratios[name], quartiles[name] = middle, [low, high]
    return {"seconds": seconds, "ratios": ratios, "quartiles": quartiles}
