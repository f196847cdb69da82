"""How fast a class is marked: this grader, and nbgrader's autograde on the same notebooks.

    python tests/benchmarks/grading.py --store     # and writes results/grading.md and grading.json
    python tests/benchmarks/grading.py --rounds 1 --sample 300     # nbgrader marks the whole class

The class hands in problem set 05: right answers, known mistakes, crashes, untouched sets, made by
code. In each round both mark it, nbgrader a part, one after the other: rates are compared within a
round, so that a slow minute of the machine slows both. Then how the time grows with the class, and
the most memory that all processes of a run held together (PSS: shared pages are counted once).
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
from machine import machine

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).parent / "results"
SET = "05_backprop_without_forks"
CLASS = 300
OTHER_ANSWERS = {
    "05a": ("return y - yhat", "return (yhat - y) * yhat * (1 - yhat)", "return undefined", "..."),
    "05b": ("return np.zeros(2)", "return delta_z2(x, W1, b1, w2, b2, y) * w2", "return None"),
    "05c": ("return np.outer(x, w2)", "raise ValueError(W1)", "..."),
    "05bug": ('wrong_line = "A"', 'wrong_line = "F"'),
}


def notebook(number: int) -> nbformat.NotebookNode:
    """One of the class: every third is all right, the others have one or more other answers."""
    found = nbformat.read(ROOT / "solutions" / SET / "problems.ipynb", as_version=4)
    for place, (id, others) in enumerate(OTHER_ANSWERS.items()):
        if number % 3 == 0 or number % (place + 2):
            continue
        cell = next(cell for cell in found.cells if cell.id == id)
        other = others[number % len(others)]
        head = re.match(r"def .*\n", cell.source)
        cell.source = f"{head[0]}    {other}\n" if head else other
    return found


def hand_in(folder: Path, count: int) -> Path:
    """nbgrader's layout, which both read."""
    for number in range(count):
        place = folder / "submitted" / f"student{number:04}" / SET
        place.mkdir(parents=True)
        nbformat.write(notebook(number), place / "problems.ipynb")
    return folder


def timed(command: list[str], folder: Path) -> tuple[float, int]:
    """Seconds, and the most bytes that the command and all that it started held."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment()
    )
    most = [0]
    watch = threading.Thread(target=watch_memory, args=(process.pid, most), daemon=True)
    watch.start()
    output = process.communicate()[0]
    seconds = time.perf_counter() - start
    watch.join()
    if process.returncode:
        raise SystemExit(output.decode(errors="replace"))
    return seconds, most[0]


def environment() -> dict[str, str]:
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return os.environ | threads | {"TQDM_DISABLE": "1", "PATH": path, "PYTHONPATH": str(ROOT)}


def watch_memory(process_id: int, most: list[int]) -> None:
    while psutil.pid_exists(process_id):
        try:
            parent = psutil.Process(process_id)
            family = [parent, *parent.children(recursive=True)]
        except psutil.Error:
            return
        held = 0
        for process in family:
            try:
                held += process.memory_full_info().pss
            except psutil.Error:  # it has just ended
                continue
        most[0] = max(most[0], held)
        time.sleep(0.2)


def ours(folder: Path, out: Path) -> tuple[float, int]:
    grade = [sys.executable, "-m", "course_lib.grading", "grade", str(folder), "--out", str(out)]
    return timed(grade, folder)


def nbgraders(folder: Path) -> float:
    config = (
        "c = get_config()\n"
        'c.CourseDirectory.course_id = "learning"\n'
        'c.CourseDirectory.source_directory = "solutions"\n'
        'c.CourseDirectory.release_directory = "exercises"\n'
    )
    (folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    source = folder / "solutions" / SET
    source.mkdir(parents=True, exist_ok=True)
    (source / "problems.ipynb").write_bytes(
        (ROOT / "solutions" / SET / "problems.ipynb").read_bytes()
    )
    nbgrader = [sys.executable, "-m", "nbgrader"]
    timed([*nbgrader, "generate_assignment", SET, "--force"], folder)
    return timed([*nbgrader, "autograde", SET, "--force"], folder)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sample", type=int, default=60, help="how many nbgrader marks")
    parser.add_argument("--large", type=int, default=3000, help="the largest class")
    parser.add_argument("--store", action="store_true", help="write results/grading.md and .json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(Path(scratch), options.rounds, options.sample, options.large)
    found["machine"] = machine()
    print(page(found))
    if options.store:
        (RESULTS / "grading.md").write_text(page(found), encoding="utf-8")
        text = json.dumps(found, indent=1) + "\n"
        (RESULTS / "grading.json").write_text(text, encoding="utf-8")


def measure(scratch: Path, rounds: int, sample: int, large: int) -> dict:
    theirs_to_mark = hand_in(scratch / "sample", sample)
    whole = hand_in(scratch / "class", CLASS)
    seconds, theirs, memory = [], [], []
    for number in range(rounds):
        theirs.append(nbgraders(theirs_to_mark))
        second, most = ours(whole, scratch / f"out{number}")
        seconds.append(second)
        memory.append(most)
    growth = {}
    for count in sorted({30, CLASS, large}):
        folder = whole if count == CLASS else hand_in(scratch / f"of{count}", count)
        growth[count] = ours(folder, scratch / f"growth{count}")
    return {
        "class": CLASS,
        "sample": sample,
        "seconds": seconds,
        "nbgrader_seconds": theirs,
        "ratios": [
            (CLASS / mine) / (sample / other) for mine, other in zip(seconds, theirs, strict=True)
        ],
        "memory": max(memory),
        "growth": growth,
    }


def page(found: dict) -> str:
    """The results as Markdown."""
    mine, theirs = map(statistics.median, (found["seconds"], found["nbgrader_seconds"]))
    ratios = found["ratios"]
    lines = [
        "# Marking a class",
        "",
        f"{found['machine']['processor']}, {found['machine']['cores']} cores, Python "
        f"{found['machine']['python']}, {found['machine']['date']}. Written by",
        "`python tests/benchmarks/grading.py --store`. Problem set 05: right answers, mistakes,",
        f"crashes, untouched sets; medians of {len(ratios)} rounds.",
        "",
        f"- {found['class']} submissions in {mine:.1f} s: {found['class'] / mine:.1f} a second.",
        f"- nbgrader's autograde: {found['sample']} of them in {theirs:.1f} s, "
        f"{found['sample'] / theirs:.2f} a second.",
        f"- {statistics.median(ratios):.0f} times as fast "
        f"({min(ratios):.0f} to {max(ratios):.0f}).",
        f"- All processes together held at most {found['memory'] / 2**20:.0f} MB.",
        "",
        "| submissions | seconds | ms each | MB |",
        "|---|---|---|---|",
    ]
    for count, (seconds, most) in found["growth"].items():
        each = 1000 * seconds / int(count)
        lines.append(f"| {count} | {seconds:.1f} | {each:.1f} | {most / 2**20:.0f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
