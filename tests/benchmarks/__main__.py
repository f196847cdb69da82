"""How fast the library is, beside hand-written NumPy, PyTorch, autograd, micrograd and JAX.

    python tests/benchmarks                  everything, about eight minutes
    python tests/benchmarks --quick          a first impression in less than a minute
    python tests/benchmarks W3 W5a           some workloads only
    python tests/benchmarks --threads 2      two threads, fewer rounds

What is not installed is left out; `pip install -e ".[benchmarks]"` brings all of it. Every
implementation runs in a process of its own, on one thread; first all must agree on the parameters
after three steps, then one at a time is measured, in random order, over many rounds. A run of
everything on one thread replaces results/one_thread.json and the README's figure; any other
writes into the folder build/.
"""

import argparse
import json
import os
import platform
import sys
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import report
from growth import growth
from implementations import IMPLEMENTATIONS
from import_time import import_times
from measure import HERE, Failed, Worker, disagreement, interleaved, states, summary
from whole_course import lesson_times
from workloads import GROWTH, WORKLOADS

OURS = "course_lib"
OTHERS = ("W7", "W8", "W9", "W10")
LONG = ("W3b", "W6a", "W9", "W10")  # left out of a quick run
ROUNDS, FEWER, QUICK = 61, 21, 7


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python tests/benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="W1", help="workloads; none: all of them")
    parser.add_argument(
        "--quick", action="store_true", help=f"few rounds, without {', '.join(LONG)}"
    )
    parser.add_argument("--threads", type=int, choices=(1, 2), default=1)
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in (*WORKLOADS, *OTHERS)]:
        parser.error(f"no workload {', '.join(unknown)}: {', '.join((*WORKLOADS, *OTHERS))}")
    wanted = options.names or [*WORKLOADS, *(OTHERS if options.threads == 1 else ())]
    if options.quick:
        wanted = [name for name in wanted if name not in LONG]
    rounds = QUICK if options.quick else FEWER if options.threads > 1 else ROUNDS
    names = [name for name, it in IMPLEMENTATIONS.items() if it.is_installed()]
    results = {"machine": machine(), "threads": options.threads, "rounds": rounds, "steps": {}}
    results["failed"] = []
    print(report.heading(results, names), flush=True)
    for name in (name for name in WORKLOADS if name in wanted):
        found = step_times(name, names, rounds, options, results["failed"])
        results["steps"][name] = found
        print(report.row(name, found, names), flush=True)
    if "W7" in wanted:
        results["imports"] = import_times(min(rounds, 41))
    if "W8" in wanted:
        steps = 5 if options.quick else 60
        results["memory"] = peak_memory(names, steps, options.threads, results["failed"])
    if "W9" in wanted:
        results["growth"] = {name: growth(name, FEWER, options.threads) for name in GROWTH}
    if "W10" in wanted:
        results["lessons"] = lesson_times()
    print(report.closing(results))
    write(results, complete=not (options.names or options.quick))
    return 1 if results["failed"] else 0


def step_times(name, names, rounds, options, failed) -> dict:
    """Start all that can run a workload, compare what they compute, measure those that agree."""
    kind = WORKLOADS[name].kind
    with ExitStack() as stack:
        started = {
            implementation: stack.enter_context(Worker(implementation, name, options.threads))
            for implementation in names
            if IMPLEMENTATIONS[implementation].runs(kind)
        }
        workers = {}
        for implementation, worker in started.items():
            try:
                worker.answer()
                workers[implementation] = worker
            except Failed as reason:
                failed.append(str(reason))
        found = states(workers)
        differences = {
            implementation: disagreement(state, found[OURS])
            for implementation, state in found.items()
        }
        for implementation, difference in differences.items():
            if difference > 1:
                failed.append(f"{implementation}, {name}: another result than {OURS}")
                del workers[implementation]
        times = summary(interleaved(workers, rounds, options.quick), OURS)
    return {**times, "goals": WORKLOADS[name].goals, "differences": differences}


def peak_memory(names, steps, threads, failed) -> dict[str, int]:
    """W8: the most bytes that so many steps of W3 needed beyond the loaded library."""
    found = {}
    for implementation in names:
        if IMPLEMENTATIONS[implementation].runs(WORKLOADS["W3"].kind):
            with Worker(implementation, "W3", threads) as worker:
                try:
                    worker.answer()
                    found[implementation] = worker.ask("memory", steps)
                except Failed as reason:
                    failed.append(str(reason))
    return found


def machine() -> dict:
    """What the figures depend on."""
    packages = {}
    for package in ("numpy", "torch", "autograd", "micrograd", "jax"):
        try:
            packages[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "packages": packages,
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def write(results: dict, complete: bool) -> None:
    root = HERE.parents[1]
    name = "one_thread" if results["threads"] == 1 else "two_threads"
    folder = HERE / "results" if complete else root / "build" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report.rounded(results), indent=1)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"written: {(folder / name).relative_to(root)}.json")
    if complete and results["threads"] == 1:
        report.draw(results, root / ".github" / "speed.svg")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("stopped: nothing was written")
