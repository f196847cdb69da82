"""How long `check` takes to answer: every exercise, right answer and each misconception.

    python tests/benchmarks/check_time.py

One thread. "first" is the first call for an exercise, which computes its expected results and, for
the first of a chapter, reads its texts; "later" is the median of 30 calls, the slowest answer of
each exercise. The record is written to a file at each call, as it is for a learner. The goal is
50 ms for all but trained models.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy is loaded

import contextlib
import io
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from course_lib.checks import check
from course_lib.checks.bank import all_exercises
from course_lib.checks.exercise import MODEL, NUMBER, BugHunt

GOAL = 50.0  # milliseconds
ROUNDS = 30


def answers(exercise):
    """What learners hand in: the right answer, and every known wrong one."""
    if isinstance(exercise, BugHunt):
        return [exercise.line, "A", "B"]
    functions = [exercise.reference, *exercise.wrong.values()]
    if exercise.kind is NUMBER:
        return [function(*exercise.published) for function in functions]
    return functions


def milliseconds(id, answer):
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        check(id, answer)
    return (time.perf_counter() - start) * 1000


def main():
    warnings.simplefilter("ignore")  # what learners' mistakes make NumPy say
    slow = []
    print(f"{'exercise':10} {'first':>8} {'later':>8}   milliseconds")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COURSE_RECORD"] = str(Path(folder) / "progress.json")
        for id, exercise in all_exercises().items():
            right, *wrong = answers(exercise)
            first = milliseconds(id, right)
            rounds = 3 if getattr(exercise, "kind", None) is MODEL else ROUNDS
            later = max(
                statistics.median(milliseconds(id, answer) for _ in range(rounds))
                for answer in [right, *wrong]
            )
            model = "   a trained model" if rounds < ROUNDS else ""
            print(f"{id:10} {first:8.1f} {later:8.1f}{model}")
            if max(first, later) > GOAL and not model:
                slow.append(id)
    print(f"above {GOAL:g} ms: {', '.join(slow) or 'none'}")


if __name__ == "__main__":
    main()
