"""What `import course_lib` costs beside `import numpy`: python tests/benchmarks/import_time.py

Each import runs in a process of its own, in random order over many rounds; medians are compared,
less the time that a bare Python takes. One thread, and no settings of the user.
"""

import os
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 41
PATH = f"import sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})"
PROGRAMS = {
    "bare Python": PATH,
    "numpy": f"{PATH}; import numpy",
    "course_lib": f"{PATH}; import course_lib",
}


def seconds(program: str) -> float:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    start = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-c", program], env=environment, check=True)
    return time.perf_counter() - start


def main() -> None:
    measured = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name in random.sample(list(PROGRAMS), len(PROGRAMS)):
            measured[name].append(seconds(PROGRAMS[name]))
    median = {name: statistics.median(times) for name, times in measured.items()}
    for name, time_taken in median.items():
        print(f"{name:12} {1000 * time_taken:6.1f} ms")
    bare = median["bare Python"]
    print(f"course_lib / numpy: {(median['course_lib'] - bare) / (median['numpy'] - bare):.2f}")


if __name__ == "__main__":
    main()
