"""One implementation of one workload in a process of its own, asked for by measure.py.

Reads one JSON object a line, answers with one: {"state": path} stores what must agree after three
steps, {"calls": 10} times ten steps and gives the seconds of one, {"memory": 60} gives the most
bytes that model and 60 steps needed, {"threads": 0} the threads of linear algebra that are set.
"""

import contextlib
import json
import os
import sys
import time
from itertools import count

import numpy as np
import workloads
from implementations import IMPLEMENTATIONS, pin_processors

# What malloc learns when course_lib is imported it learns here, for all implementations.
np.empty(31 << 20, np.uint8)


def main(implementation: str, workload: str) -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is not an answer
    kind = workloads.find(workload).kind
    program = IMPLEMENTATIONS[implementation].program(kind)  # imports the library
    data = workloads.data_of(workloads.find(workload))
    before = memory_now()
    step, state = program(data)
    pin_processors()
    numbers = count()
    print(json.dumps("ready"), file=answers, flush=True)
    for line in sys.stdin:
        (order, argument), *_ = json.loads(line).items()
        if order == "state":
            for _ in range(workloads.CHECKED_STEPS):
                step(next(numbers))
            np.savez(argument, **moves(state(), data))
            answer = "stored"
        elif order == "memory":
            for _ in range(argument):
                step(next(numbers))
            answer = most_memory() - before if before else None
        elif order == "threads":
            answer = threads()
        else:
            answer = seconds(step, numbers, argument)
        print(json.dumps(answer), file=answers, flush=True)


def moves(state: dict, data: dict) -> dict[str, np.ndarray]:
    """How far parameters have moved from their start; gradients as they are.

    A parameter that stands still differs little from one that moves little; its move does not.
    """
    arrays = {name: np.asarray(x) for name, x in state.items()}
    if "learning_rate" not in data:
        return arrays
    return {name: x - data["start"][name] for name, x in arrays.items()}


def seconds(step, numbers, calls: int) -> float:
    """The seconds of one step; of several after one that brings them back into the caches."""
    if calls > 1:
        step(next(numbers))
    todo = [next(numbers) for _ in range(calls)]
    start = time.perf_counter()
    for i in todo:
        step(i)
    return (time.perf_counter() - start) / calls


def threads() -> dict[str, int]:
    """By library that has a setting; threads of JAX are limited by its processors."""
    import threadpoolctl  # scikit-learn brings it

    found = {x["internal_api"]: x["num_threads"] for x in threadpoolctl.threadpool_info()}
    if "torch" in sys.modules:
        found["torch"] = sys.modules["torch"].get_num_threads()
    if hasattr(os, "sched_getaffinity"):
        found["processors"] = len(os.sched_getaffinity(0))
    return found


def memory_now() -> int | None:
    """Bytes held now, from where the most is counted afresh; None where the system has no count."""
    with contextlib.suppress(OSError):
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
        return _status("VmRSS")
    return None


def most_memory() -> int:
    return _status("VmHWM")


def _status(field: str) -> int:
    with open("/proc/self/status", encoding="ascii") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith(field))


if __name__ == "__main__":
    main(*sys.argv[1:])
