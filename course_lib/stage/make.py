"""Make decks of lessons: one HTML file each, in build/decks.

    python start.py slides             every lesson
    python start.py slides 8 10        lessons 08 and 10

Open the file in a browser: arrow keys or a clicker turn the pages, S opens the speaker's window,
T changes between light and dark, ? lists all keys. Nothing is asked of a network.

The scripts of a deck come from npm, once. Without npm or a network the decks are plain: figures
stand still, and all else is there.

A lesson is run once and its outputs are kept in build/executions, until it or the library changes.
"""

import argparse
import sys
import time
from pathlib import Path

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from ..authoring.kernel import ROOT
from ..authoring.store import NotStored, find_notebooks
from ..files import replaced
from . import formulas, packages
from .deck import deck
from .executions import executed

FOLDER = ROOT / "build" / "decks"


def main(arguments: list[str] | None = None) -> int:
    """Make the decks that the command line names; 0 if all went well, otherwise 1."""
    parser = argparse.ArgumentParser(prog="slides", description="Make decks of lessons.")
    parser.add_argument("lessons", nargs="*", help="names, numbers or paths; none: all of them")
    options = parser.parse_args(arguments)
    try:
        paths = find_lessons(options.lessons)
        plain = without_packages()
    except NotStored as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped")
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    known = {path.stem for path in find_lessons([])}
    width = max(len(path.stem) for path in paths)
    print(f"{'lesson':{width}}  seconds    size  deck")
    ok = True
    for path in paths:
        print(f"{path.stem:{width}}", end="  ", flush=True)
        start = time.perf_counter()
        try:
            page = deck(executed(path), known, plain=plain).encode()
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            ok = False
            print("failed", flush=True)
            print(f"{path}: {str(error).strip().splitlines()[-1]}", file=sys.stderr, flush=True)
            continue
        except KeyboardInterrupt:
            print("stopped")
            return 1
        target = FOLDER / f"{path.stem}.html"
        with replaced(target) as unfinished:
            unfinished.write_bytes(page)
        seconds = time.perf_counter() - start
        place = target.relative_to(ROOT).as_posix()
        print(f"{seconds:7.1f}  {len(page) / 1e6:3.1f} MB  {place}", flush=True)
    return 0 if ok else 1


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
    return [path for path in find_notebooks(names) if path.stem != "problems"]


if __name__ == "__main__":
    sys.exit(main())
