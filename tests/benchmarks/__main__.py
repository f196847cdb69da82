"""How fast the library is, beside hand-written NumPy, PyTorch, autograd, micrograd and JAX.

    python tests/benchmarks                  everything, about ten minutes
    python tests/benchmarks --quick          a first impression in less than a minute
    python tests/benchmarks W3 W5a           some workloads only
    python tests/benchmarks --threads 2      two threads, fewer rounds

What is not installed is left out; `pip install -e ".[benchmarks]"` brings all of it. Every
implementation runs in a process of its own. First all must agree on the parameters after three
steps; then one at a time is measured, in random order, over many rounds.
"""

import argparse
import importlib.util
import json
import sys
from contextlib import ExitStack
from pathlib import Path

import report
from growth import growth
from implementations import IMPLEMENTATIONS
from import_time import import_times
from machine import machine
from measure import HERE, Failed, Worker, disagreement, interleaved, summary
from whole_course import lesson_times
from workloads import GROWTH, WORKLOADS

OURS = "course_lib"
OTHERS = ("W7", "W8", "W9", "W10")
LONG = ("W3b", "W6a", "W9", "W10")  # left out of a quick run
ROUNDS, FEWER, QUICK = 61, 21, 7
IMPORTS = 41
MEMORY_STEPS, QUICK_MEMORY_STEPS = 60, 5


def main() -> int:
    options = arguments()
    rounds = QUICK if options.quick else FEWER if options.threads > 1 else ROUNDS
    names = [name for name, it in IMPLEMENTATIONS.items() if it.is_installed()]
    results = {"machine": machine(), "threads": options.threads, "rounds": rounds, "steps": {}}
    failed = results["failed"] = []
    print(report.heading(results, names), flush=True)
    for name in (name for name in WORKLOADS if name in options.names):
        found = step_times(name, names, rounds, options, failed)
        results["steps"][name] = found
        print(report.row(name, found, names), flush=True)
    if "W7" in options.names:
        results["imports"] = import_times(min(rounds, IMPORTS))
    if "W8" in options.names:
        steps = QUICK_MEMORY_STEPS if options.quick else MEMORY_STEPS
        results["memory"] = peak_memory(names, steps, options.threads, failed)
    if "W9" in options.names:
        results["growth"] = {name: growth(name, FEWER, options.threads) for name in GROWTH}
    if "W10" in options.names:
        results["lessons"] = lesson_times()
    print(report.closing(results))
    write(results, options)
    return 1 if failed else 0


def arguments() -> argparse.Namespace:
    """The command line; `names` holds the workloads to run, `complete` tells that these are all."""
    parser = argparse.ArgumentParser(
        prog="python tests/benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="W1", help="workloads; none: all of them")
    parser.add_argument("--quick", action="store_true", help=f"few rounds, no {', '.join(LONG)}")
    parser.add_argument("--threads", type=int, choices=(1, 2), default=1)
    parser.add_argument(
        "--output",
        type=Path,
        help="folder for the results; by default a complete run replaces those that are stored "
        "here and the README's figure, another one writes into build/benchmarks",
    )
    options = parser.parse_args()
    everything = [*WORKLOADS, *(OTHERS if options.threads == 1 else ())]
    if unknown := [name for name in options.names if name not in (*WORKLOADS, *OTHERS)]:
        parser.error(f"no workload {', '.join(unknown)}; there are {', '.join(everything)}")
    options.complete = not (options.names or options.quick)
    options.names = options.names or [x for x in everything if not (options.quick and x in LONG)]
    if "W10" in options.names and not importlib.util.find_spec("nbclient"):
        parser.error(
            'W10 runs notebooks, and nbclient is not installed: pip install -e ".[lessons]"'
        )
    if options.output and options.output.exists() and not options.output.is_dir():
        parser.error(f"--output {options.output}: that is a file, expected a folder")
    return options


def step_times(name, names, rounds, options, failed) -> dict:
    """Start all that can run a workload, compare what they compute, measure those that agree."""
    kind = WORKLOADS[name].kind
    with ExitStack() as stack:
        workers = {
            other: stack.enter_context(Worker(other, name, options.threads))
            for other in names
            if IMPLEMENTATIONS[other].runs(kind)
        }
        states = {}
        for other, worker in workers.items():
            try:
                states[other] = worker.state()
            except Failed as reason:
                failed.append(str(reason))
        if OURS not in states:
            raise Failed(failed[0])
        differences = {other: disagreement(x, states[OURS]) for other, x in states.items()}
        agreeing = {other: workers[other] for other, x in differences.items() if x <= 1}
        failed += [
            f"{other}, {name}: another result than {OURS}"
            for other in differences
            if other not in agreeing
        ]
        times = summary(interleaved(agreeing, rounds, options.threads, options.quick), OURS)
    goals = WORKLOADS[name].goals if options.threads == 1 else {}
    return {**times, "goals": goals, "differences": differences}


def peak_memory(names, steps, threads, failed) -> dict[str, int]:
    """W8: the most bytes that so many steps of W3 needed beyond the loaded library."""
    found = {}
    for other in names:
        if IMPLEMENTATIONS[other].runs(WORKLOADS["W3"].kind):
            with Worker(other, "W3", threads) as worker:
                try:
                    found[other] = worker.memory(steps)
                except Failed as reason:
                    failed.append(str(reason))
    return found


def write(results: dict, options: argparse.Namespace) -> None:
    """The results as JSON, and of a complete run on one thread the README's figure."""
    root, stored = HERE.parents[1], options.complete and options.output is None
    folder = options.output or (HERE / "results" if stored else root / "build" / "benchmarks")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ("one_thread.json" if options.threads == 1 else "two_threads.json")
    path.write_text(json.dumps(report.rounded(results), indent=1) + "\n", encoding="utf-8")
    print(f"written: {path}")
    if stored and options.threads == 1:
        report.draw(results, root / ".github" / "speed.svg")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as reason:
        sys.exit(f"stopped, nothing was written: {reason}")
    except KeyboardInterrupt:
        sys.exit("stopped, nothing was written")
