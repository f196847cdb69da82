"""W9: how the time of a step grows with the vocabulary and with the batch.

The slope of log(time) over log(size), fitted by least squares, is the exponent of growth; that of
hand-written NumPy is what the mathematics and the caches of this machine ask for.
"""

from contextlib import ExitStack

import numpy as np
from measure import Failed, Worker, interleaved, summary
from workloads import GROWTH

COMPARED = ("course_lib", "NumPy by hand")


def growth(series: str, rounds: int, threads: int) -> dict:
    """Seconds by implementation for every size of a series, the ratios, and both slopes."""
    sizes = list(GROWTH[series])
    seconds, ratios = {name: [] for name in COMPARED}, []
    for size in sizes:
        with ExitStack() as stack:
            workers = {
                name: stack.enter_context(Worker(name, f"{series} {size}", threads))
                for name in COMPARED
            }
            for worker in workers.values():
                worker.ready()
            times, failed = interleaved(workers, rounds, threads)
            if failed:
                raise Failed(failed[0])
            found = summary(times, "course_lib")
        ratios.append(found["ratios"]["NumPy by hand"])
        for name in COMPARED:
            seconds[name].append(found["seconds"][name])
    slopes = {name: slope(sizes, times) for name, times in seconds.items()}
    return {"sizes": sizes, "seconds": seconds, "ratios": ratios, "slopes": slopes}


def slope(sizes: list[int], seconds: list[float]) -> float:
    """The exponent e of seconds = c * sizes**e."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
