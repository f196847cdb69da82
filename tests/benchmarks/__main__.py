"""How fast the library is, beside hand-written NumPy, PyTorch, autograd, micrograd and JAX.

    python tests/benchmarks                  everything, about four minutes
    python tests/benchmarks --quick          a first impression in less than a minute
    python tests/benchmarks W3 W5a           some workloads only
    python tests/benchmarks --threads 2      two threads, fewer rounds

What is not installed is left out; `pip install -e ".[benchmarks]"` brings all of it. Every
implementation runs in a process of its own. First all must agree on what three steps do to the
parameters; then one at a time is measured, in random order, over many rounds.
"""

import argparse
import importlib.util
import json
import shutil
import sys
import tempfile
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

OURS = report.OURS
OTHERS = ("W7", "W8", "W9", "W10")
LONG = ("W3b", "W6a", "W9", "W10")  # left out of a quick run
ROUNDS, FEWER, QUICK = 61, 21, 7
IMPORTS = 41
BUILD = HERE.parents[1] / "build" / "benchmarks"
MEMORY_STEPS, QUICK_MEMORY_STEPS = 60, 5


def main() -> int:
    sys.stdout.reconfigure(errors="replace")  # a terminal may have no sign for a square
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
        series = {name: growth(name, min(rounds, FEWER), options.threads) for name in GROWTH}
        results["growth"] = series
    if "W10" in options.names:
        results["lessons"] = lesson_times()
    results["missed"] = report.missed(results)
    print(report.closing(results))
    try:
        write(results, options)
    except OSError as reason:  # the disk is full, say; the table is on the screen
        raise Failed(str(reason)) from None
    return 1 if failed else 0


def arguments() -> argparse.Namespace:
    """The command line, checked: what is found wrong later would cost minutes."""
    parser = argparse.ArgumentParser(
        prog="python tests/benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="W1", help="workloads; none: all of them")
    parser.add_argument("--quick", action="store_true", help=f"few rounds, no {', '.join(LONG)}")
    parser.add_argument("--threads", type=int, choices=(1, 2), default=1)
    parser.add_argument(
        "--output", type=Path, default=BUILD, help="folder for the results: build/benchmarks"
    )
    parser.add_argument(
        "--store", action="store_true", help="replace the stored results and the README's figure"
    )
    options = parser.parse_args()
    everything = [*WORKLOADS, *(OTHERS if options.threads == 1 else ("W8",))]
    if unknown := [name for name in options.names if name not in everything]:
        parser.error(f"no workload {', '.join(unknown)}; there are {', '.join(everything)}")
    if options.store and (options.names or options.quick):
        parser.error("--store takes a run of everything")
    options.names = options.names or [x for x in everything if not (options.quick and x in LONG)]
    if "W10" in options.names and not importlib.util.find_spec("nbclient"):
        parser.error("W10 runs notebooks, and nbclient, which does it, is not installed")
    try:
        options.output.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=options.output).close()
    except OSError as reason:
        parser.error(f"cannot write into --output {options.output}: {reason.strerror}")
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
        states = {OURS: workers[OURS].state()}
        for other, worker in workers.items():
            try:
                states[other] = states.get(other) or worker.state()
            except Failed as reason:
                failed.append(str(reason))
        differences = {other: disagreement(x, states[OURS]) for other, x in states.items()}
        agreeing = {other: workers[other] for other, x in differences.items() if x <= 1}
        failed += [
            f"{other}, {name}: another result than {OURS}"
            for other in differences
            if other not in agreeing
        ]
        found, dead = interleaved(agreeing, rounds, options.threads, options.quick)
    failed += dead
    if OURS not in found:
        raise Failed(dead[0])
    goals = WORKLOADS[name].goals if options.threads == 1 else {}
    return {**summary(found, OURS), "goals": goals, "differences": differences}


def peak_memory(names, steps, threads, failed) -> dict[str, int]:
    """W8: the most bytes that the model of W3 and so many steps needed."""
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
    """The results as JSON and as a figure; both into the repository where --store asks for it."""
    name = "one_thread" if options.threads == 1 else "two_threads"
    results = report.rounded(results)
    text = json.dumps(results, indent=1) + "\n"
    (options.output / f"{name}.json").write_text(text, encoding="utf-8")
    report.draw(results, options.output / f"{name}.svg")
    print(f"written: {name}.json and {name}.svg in {options.output}")
    if options.store and not results["failed"]:
        shutil.copy(options.output / f"{name}.json", HERE / "results")
        if options.threads == 1:
            shutil.copy(options.output / f"{name}.svg", HERE.parents[1] / ".github" / "speed.svg")
        print("stored")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as reason:
        sys.exit(f"stopped, nothing was written: {reason}")
    except KeyboardInterrupt:
        sys.exit("stopped, nothing was written")
