"""`python -m course_lib.grading grade SUBMISSIONS --out RESULTS`, and `release --out BUNDLE`."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from .batches import Lost
from .cluster import cluster
from .filenames import printable
from .grading import SETS, Graded, grade
from .keeping import Busy
from .release import NotReleased, release
from .sandbox import Unavailable

PROGRAM = "python -m course_lib.grading"
EPILOG = f"""examples:
  {PROGRAM} grade submitted --out results
  {PROGRAM} grade submissions.zip --set 05 --roster grades.csv --out results
  {PROGRAM} release --out for_students
"""
GRADE = """\
Marks every notebook in SUBMISSIONS. That may be nbgrader's folder "submitted", a folder
of notebooks or of a folder for each student, or what Canvas or Moodle let you download,
as a zip or unpacked. What students wrote runs in a sandbox, where it can reach nothing.

RESULTS gets a folder for each problem set: class.html is for you, students/ has a page
for each student, grades.csv and results.json hold all points. The same command marks only
what has come or changed since, with the same hidden numbers: they, and all marks, are kept
in RESULTS/private, which nobody else should read. Ctrl-C loses nothing that is marked.
"""


class _Parser(argparse.ArgumentParser):
    """One that says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{printable(message)} ({self.prog} --help says more)\n")


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for; 0 if all of it was done, else 1, with one line why."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        _complain("Stopped. What is marked is kept; the same command goes on from there.")
        return 130
    except Lost as reason:
        _complain(
            f"The run could not end: {reason}. What is marked is kept; the same command goes on "
            "from there."
        )
    except Unavailable as reason:
        _complain(
            f"{str(reason).rstrip('.')}. With --no-sandbox the students' code would run with your "
            "own rights."
        )
    except OSError as reason:
        _complain(f"{_said(reason)}. What is marked is kept; the same command goes on from there.")
    except (Busy, NotReleased, ValueError) as reason:
        _complain(str(reason))
    return 1


def _complain(line: str) -> None:
    print(printable(line), file=sys.stderr)


def _said(error: OSError) -> str:
    """What an error of the system says, without its number."""
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Marks for a whole class, which no submission can forge.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    marking = commands.add_parser(
        "grade",
        help="mark what was handed in",
        description=GRADE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    marking.set_defaults(run=_grade)
    marking.add_argument(
        "submissions", metavar="SUBMISSIONS", type=Path, help="a folder or a zip of notebooks"
    )
    marking.add_argument(
        "--out", metavar="RESULTS", type=Path, required=True, help="the folder of results"
    )
    marking.add_argument(
        "--set",
        metavar="NUMBER",
        dest="chapter",
        type=_problem_set,
        help="the problem set, such as 05; needed where neither folders nor notebooks tell it",
    )
    marking.add_argument(
        "--roster",
        metavar="CSV",
        type=Path,
        help="a gradebook exported from Canvas or Moodle; RESULTS gets it with points filled in",
    )
    marking.add_argument(
        "--column", metavar="TITLE", help="the column of the gradebook that is filled in"
    )
    marking.add_argument(
        "--due", metavar="TIME", type=_time, help='when it was due, as "2026-12-01 23:59"'
    )
    marking.add_argument(
        "--dask", metavar="ADDRESS", help="mark on a Dask cluster, such as tcp://10.0.0.1:8786"
    )
    marking.add_argument(
        "--no-sandbox",
        action="store_false",
        dest="sandboxed",
        help="run the students' code with your own rights, slowly, where there is no sandbox",
    )
    giving = commands.add_parser(
        "release",
        help="make the course that students are given",
        description="Makes the course that students are given: no answers, no solutions.",
    )
    giving.set_defaults(run=_release)
    giving.add_argument(
        "--out", metavar="BUNDLE", type=Path, required=True, help="the folder to make"
    )
    return parser


def _problem_set(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
    if number not in SETS:
        raise argparse.ArgumentTypeError(
            f'found "{text}", expected the number of a problem set, {min(SETS):02} to {max(SETS)}'
        )
    return number


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f'found "{text}", expected a time such as "2026-12-01 23:59"'
        ) from None


def _grade(options: argparse.Namespace) -> int:
    if options.column and not options.roster:
        raise ValueError("--column is the column of a gradebook: say which one by --roster")
    with _executor(options.dask) as (executor, workers):
        graded = grade(
            options.submissions,
            options.out,
            chapter=options.chapter,
            roster=options.roster,
            column=options.column,
            due=options.due,
            executor=executor,
            workers=workers,
            sandboxed=options.sandboxed,
        )
    for found in graded:
        _tell(found)
    if not options.sandboxed:
        print("No sandbox stood: what the students wrote ran with your own rights.")
    return 0


def _executor(address: str | None) -> AbstractContextManager:
    return contextlib.nullcontext((None, None)) if address is None else cluster(address)


def _tell(found: Graded) -> None:
    """What there is to know before a page is opened."""
    count = len(found.marks)
    mean = sum(mark.points for mark in found.marks) / count
    title = f"{found.chapter.number:02} {found.chapter.title}"
    out_of = found.marks[0].out_of
    print(
        f"{title}: {_counted(count, 'notebook')} marked, {mean:.1f} of {out_of:g} points on average"
    )
    if found.before:
        print(f"  {found.before} of them before, and not changed since")
    if failed := sum(bool(mark.failure) for mark in found.marks):
        print(f"  {failed} could not be run")
    if found.unmatched:
        print(f"  {_counted(len(found.unmatched), 'file')} not marked: class.html says why")
    for warning in found.warnings:
        print(f"  {printable(warning)}")
    for path in (found.folder / "class.html", found.gradebook):
        if path:
            print(f"  {path}")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _release(options: argparse.Namespace) -> int:
    print(release(options.out))
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack a letter of a name
    sys.exit(main())
