"""One implementation of one workload in a process of its own, asked for by __main__.py.

Reads one JSON object a line, answers with one: {"calls": 10} times ten steps and gives the seconds
of one, {"check": path} stores what must agree after three steps, {"memory": 60} gives the most
bytes that 60 steps needed. The environment sets the number of threads before NumPy is loaded.
"""

import json
import sys
import time
from itertools import count

import numpy as np
import workloads
from implementations import IMPLEMENTATIONS

LINUX = sys.platform == "linux"  # the only system that tells a process how much memory it had


def main(implementation: str, workload: str) -> None:
    kind = workloads.find(workload).kind
    program = IMPLEMENTATIONS[implementation].program(kind)  # imports the library
    at_rest = resident("VmRSS") if LINUX else None
    data = workloads.data_of(workloads.find(workload))
    step, state = program(data)
    numbers = count()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        (order, argument), *_ = json.loads(line).items()
        if order == "check":
            for _ in range(workloads.CHECKED_STEPS):
                step(next(numbers))
            np.savez(argument, **{name: np.asarray(x) for name, x in state().items()})
            answer = "checked"
        elif order == "memory":
            for _ in range(argument):
                step(next(numbers))
            answer = resident("VmHWM") - at_rest if LINUX else None
        else:
            answer = seconds(step, numbers, argument)
        print(json.dumps(answer), flush=True)


def seconds(step, numbers, calls: int) -> float:
    """The seconds of one step, short ones after one that brings them back into the caches."""
    if calls > 1:
        step(next(numbers))
    todo = [next(numbers) for _ in range(calls)]
    start = time.perf_counter()
    for i in todo:
        step(i)
    return (time.perf_counter() - start) / calls


def resident(field: str) -> int:
    """Bytes of memory held now (VmRSS) or at most so far (VmHWM), as Linux counts them."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith(field))


if __name__ == "__main__":
    main(*sys.argv[1:])
