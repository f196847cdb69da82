"""Run lessons and store them with their outputs in canonical form.

    python start.py store                  every notebook in notebooks/ and solutions/
    python start.py store 8 10             lessons 08 and 10
    python start.py store path/to.ipynb    any notebook
    python start.py store --check          run them, write nothing, say what would change

The notebook is its own source; nothing else is kept beside it. To edit one as code:

    jupytext --to py:percent notebooks/08_backprop_with_forks.ipynb
    ... edit notebooks/08_backprop_with_forks.py ...
    jupytext --update --to ipynb notebooks/08_backprop_with_forks.py
    python start.py store 8

`--update` finds every cell again, so ids and tags stay; delete the .py file afterwards. JupyterLab
is as good an editor: save, then store.

A notebook whose bytes would be the same is not written. One that fails, or prints what must not be
stored, is named with its cell and stays as it was; so do all when Ctrl-C stops the command.
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from ..files import replaced
from .canonical import faults, normalize, to_json
from .kernel import LONGEST_CELL, ROOT, Run

_COLORS = re.compile(r"\x1b\[[0-9;]*m")


class NotStored(Exception):
    """Why a notebook was not stored, in words for its author."""


def main(arguments: list[str] | None = None) -> int:
    """Store the notebooks that the command line names; 0 if all went well, otherwise 1."""
    parser = argparse.ArgumentParser(prog="store", description="Run and store notebooks.")
    parser.add_argument("notebooks", nargs="*", help="names, numbers or paths; none: all of them")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if bytes differ")
    options = parser.parse_args(arguments)
    try:
        paths = find_notebooks(options.notebooks)
    except NotStored as reason:
        print(reason, file=sys.stderr)
        return 1
    labels = [p.stem if p.stem != "problems" else f"{p.parent.name}, problems" for p in paths]
    ok, width = True, max(map(len, labels))
    print(f"{'notebook':{width}}  seconds  memory    size")
    for path, label in zip(paths, labels, strict=True):
        print(f"{label:{width}}", end="  ", flush=True)
        try:
            run, text = execute(path)
        except NotStored as reason:
            ok = False
            print("failed; the file is as it was", flush=True)
            print(f"{path}: {reason}", file=sys.stderr, flush=True)
            continue
        except KeyboardInterrupt:
            print("stopped; the file is as it was")
            return 1
        same = path.read_bytes() == text.encode()
        state = "unchanged" if same else "would change" if options.check else "stored"
        ok = ok and state != "would change"
        if state == "stored":
            write(path, text)
        sizes = f"{run.memory / 1e6:4.0f} MB  {len(text.encode()) / 1e3:3.0f} kB"
        print(f"{run.seconds:7.1f}  {sizes}  {state}", flush=True)
    return 0 if ok else 1


def find_notebooks(names: list[str], root: Path = ROOT) -> list[Path]:
    """The notebooks called `names`: "8", "08_backprop" or a path. No names: all of them."""
    everything = sorted(root.glob("notebooks/*.ipynb")) + sorted(root.glob("solutions/*/*.ipynb"))
    if not names and not everything:
        raise NotStored(f"there are no notebooks in {root}: expected notebooks/*.ipynb")
    found = []
    for name in names:
        prefix = f"{int(name):02d}_" if name.isdecimal() else name
        if name.endswith(".ipynb") and Path(name).is_file():
            matches = [Path(name).resolve()]
        else:
            matches = [path for path in everything if prefix in path.relative_to(root).as_posix()]
        if not matches:
            known = ", ".join(path.relative_to(root).as_posix() for path in everything)
            raise NotStored(f"there is no notebook {name!r}; there are: {known or 'none'}")
        found += matches
    return found or everything


def execute(path: Path) -> tuple[Run, str]:
    """Run the notebook at `path`; the run and the text to be stored. Raises NotStored."""
    finished = run(read(path), path.parent)
    unfit = faults(finished.notebook)
    if unfit:
        raise NotStored("\n".join(map(str, unfit)))
    return finished, to_json(normalize(finished.notebook))


def read(path: Path) -> nbformat.NotebookNode:
    """The notebook at `path` in canonical form. Raises NotStored."""
    try:
        # nbformat.read would give doubled ids new random ones; normalize has a fixed way.
        return normalize(nbformat.reader.reads(path.read_text(encoding="utf-8")))
    except (ValueError, AttributeError, nbformat.ValidationError) as error:
        raise NotStored(f"not a notebook of format 4: {str(error).splitlines()[0]}") from error


def run(notebook: nbformat.NotebookNode, folder: Path, *, widgets: bool = False) -> Run:
    """Run every cell in `folder`, see `Run`. Raises NotStored, which names the cell that failed."""
    started = Run(notebook, widgets=widgets)
    try:
        started.execute(folder)
    except CellExecutionError as error:
        lines = _COLORS.sub("", error.traceback).strip().splitlines()
        raise NotStored(_in_cell(started, "failed", lines[-8:])) from error
    except CellTimeoutError as error:
        raise NotStored(_in_cell(started, f"took more than {LONGEST_CELL} s")) from error
    except DeadKernelError as error:
        raise NotStored(_in_cell(started, "ended its kernel (out of memory?)")) from error
    except RuntimeError as error:
        raise NotStored(f"its kernel did not start: {error}") from error
    return started


def _in_cell(run: Run, event: str, details: list[str] = ()) -> str:
    first_line = run.notebook.cells[run.cell - 1].source.splitlines()[0]
    lines = [f"cell {run.cell} {event}", f"its first line: {first_line}", *details]
    return "\n    ".join(lines)


def write(path: Path, text: str) -> None:
    """Replace the file at once: whoever reads it finds the old text or the new one."""
    with replaced(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
