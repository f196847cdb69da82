"""W7: what `import course_lib` costs beside `import numpy`.

Each import runs in a process of its own, in random order over many rounds; medians are compared,
less the time that a bare Python takes. One thread, and no settings of the user.
"""

import random
import statistics
import subprocess
import sys
import time

from measure import HERE, Failed, environment

PATH = f"import sys; sys.path.insert(0, {str(HERE.parents[1])!r})"
PROGRAMS = {
    "bare Python": PATH,
    "numpy": f"{PATH}; import numpy",
    "course_lib": f"{PATH}; import course_lib",
}


def import_times(rounds: int) -> dict:
    """Medians in seconds, and the time of course_lib as a multiple of numpy's."""
    measured = {name: [] for name in PROGRAMS}
    for _ in range(rounds):
        for name in random.sample(list(PROGRAMS), len(PROGRAMS)):
            measured[name].append(_seconds(PROGRAMS[name]))
    seconds = {name: statistics.median(times) for name, times in measured.items()}
    bare = seconds["bare Python"]
    ratio = (seconds["course_lib"] - bare) / (seconds["numpy"] - bare)
    return {"seconds": seconds, "ratio": ratio}


def _seconds(program: str) -> float:
    start = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-I", "-c", program], env=environment(1), stderr=subprocess.PIPE
    )
    if run.returncode:
        raise Failed(f"{program}: {run.stderr.decode('utf-8', 'replace').splitlines()[-1]}")
    return time.perf_counter() - start
