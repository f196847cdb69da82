"""Make decks of lessons: one HTML file each, in build/decks.

    python start.py slides             every lesson
    python start.py slides 8 10        lessons 08 and 10
    python start.py slides --paper 8   beside the deck of 08, it and a handout as PDF files

Open the file in a browser: arrow keys or a clicker turn the pages, S opens the speaker's window,
T changes between light and dark, ? lists all keys. Nothing is asked of a network.

The scripts of a deck come from npm, once. Without npm or a network the decks are plain: figures
stand still, and all else is there.

A lesson is run once and its outputs are kept in build/executions, until it or the library changes.
On paper it is printed by the browser of this machine. A handout is the whole lesson for students,
without the lecturer's notes, and with the answers to its questions at the end.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..authoring.browser import NoBrowser, installed
from ..authoring.kernel import ROOT
from ..authoring.store import NotStored, find_notebooks, read
from ..files import replaced
from . import formulas, packages
from .cells import NoSlides
from .deck import deck
from .executions import executed
from .handout import handout
from .paper import NotPrinted, print_pdf

FOLDER = ROOT / "build" / "decks"
FAILURES = (NotStored, NoSlides, NotPrinted, OSError)


def main(arguments: list[str] | None = None) -> int:
    """Make the decks that the command line names; 0 if all went well, otherwise 1."""
    parser = argparse.ArgumentParser(prog="slides", description="Make decks of lessons.")
    parser.add_argument("lessons", nargs="*", help="names, numbers or paths; none: all of them")
    parser.add_argument("--paper", action="store_true", help="PDF files, too: deck and handout")
    options = parser.parse_args(arguments)
    try:
        paths = find_lessons(options.lessons)
        return 0 if make(paths, without_packages(), options.paper) else 1
    except NotStored as reason:
        print(reason, file=sys.stderr)
    except OSError as error:
        print(f"decks cannot be kept in {place(FOLDER)}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped")
    return 1


def make(paths: list[Path], plain: bool, paper: bool) -> bool:
    """Make the files of each lesson, a line of a table for each; whether all went well."""
    printing = paper and can_print()
    ok = printing == paper
    width = max(len(path.stem) for path in paths)
    print(f"{'lesson':{width}}  seconds    size  file")
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in paths:
        page = FOLDER / f"{path.stem}.html"
        files = [(page, partial(write_deck, plain=plain), path)]
        if printing:
            files.append((page.with_suffix(".pdf"), print_pdf, page))
            of_handout = FOLDER / f"{path.stem}_handout.pdf"
            files.append((of_handout, partial(print_handout, plain=plain), path))
        for target, write, source in files:
            print(f"{path.stem:{width}}", end="  ", flush=True)
            if not written(target, write, source):
                ok = False
                break
    return ok


def can_print() -> bool:
    """Whether there is a browser; if not, a line says so."""
    try:
        installed()
    except NoBrowser as reason:
        print(f"nothing on paper: {reason}", file=sys.stderr, flush=True)
        return False
    return True


def written(target: Path, write: Callable[[Path, Path], None], source: Path) -> bool:
    """Call `write(source, target)` and say how that went; whether it went well."""
    start = time.perf_counter()
    try:
        write(source, target)
    except FAILURES as reason:
        print("failed", flush=True)
        print(f"{target.name}: {reason}", file=sys.stderr, flush=True)
        return False
    seconds, size = time.perf_counter() - start, target.stat().st_size
    print(f"{seconds:7.1f}  {size / 1e6:3.1f} MB  {place(target)}", flush=True)
    return True


def place(path: Path) -> str:
    """The path as seen from the course's folder."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def write_deck(lesson: Path, target: Path, plain: bool) -> None:
    known = {path.stem for path in find_lessons([])}
    page = deck(executed(lesson), known, plain=plain)
    with replaced(target) as unfinished:
        unfinished.write_bytes(page.encode())


def print_handout(lesson: Path, target: Path, plain: bool) -> None:
    # Beside the target: some browsers may read nothing in the system's folder for such files.
    page = target.with_name(f".{os.getpid()}.{target.stem}.html")
    try:
        html = handout(read(lesson), plain=plain)
        page.write_text(html, encoding="utf-8")
        print_pdf(page, target)
    finally:
        page.unlink(missing_ok=True)


def without_packages() -> bool:
    """Fetch what decks carry; if that cannot be, say in a line what they lack, and return True."""
    try:
        packages.fetch()
    except packages.NoPackage as reason:
        lacking = "their figures stand still"
        if not formulas.KNOWS_TEX:
            lacking += " and formulas are shown as TeX (pip install latex2mathml sets them)"
        once = "once that is mended, make them again"
        print(f"plain decks: {lacking}, for {reason}; {once}", file=sys.stderr, flush=True)
        return True
    return False


def find_lessons(names: list[str]) -> list[Path]:
    """The lessons called `names`, or all. Raises NotStored with what there is."""
    found = [path for path in find_notebooks(names) if path.stem != "problems"]
    if not found:
        raise NotStored("a problem set has no slides: name a lesson")
    return found


if __name__ == "__main__":
    sys.exit(main())
