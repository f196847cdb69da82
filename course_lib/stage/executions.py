"""Executions of lessons that keep their figures alive, each made once and kept in build/.

A stored lesson has no widgets (they would die with their kernel), so a deck needs an execution of
its own. It is kept under a key that follows from the lesson's cells, the library and the versions
of what it runs on: whatever changes one of these asks for a new execution.
"""

import contextlib
import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ..authoring.kernel import ROOT
from ..authoring.store import read, run
from ..files import replaced

FOLDER = ROOT / "build" / "executions"
RUNS_ON = ("numpy", "matplotlib", "scikit-learn", "ipywidgets", "anywidget")


def executed(path: Path, folder: Path = FOLDER) -> NotebookNode:
    """The lesson at `path` with outputs and the state of its widgets, run if it was not yet.

    Raises NotStored, in words for its author.
    """
    notebook = read(path)
    kept = folder / f"{path.stem}-{key(notebook)}.ipynb"
    with contextlib.suppress(FileNotFoundError, nbformat.reader.NotJSONError):
        return nbformat.read(kept, as_version=4)
    run(notebook, path.parent, widgets=True)
    folder.mkdir(parents=True, exist_ok=True)
    with replaced(kept) as unfinished:
        nbformat.write(notebook, unfinished)
    for old in folder.glob(f"{path.stem}-*.ipynb"):
        if old != kept:
            old.unlink(missing_ok=True)
    return notebook


def key(notebook: NotebookNode) -> str:
    """What an execution of these cells depends on, as sixteen digits."""
    digest = hashlib.sha256()
    for cell in notebook.cells:
        digest.update(json.dumps([cell.cell_type, cell.source, cell.metadata]).encode())
    for path in sorted((ROOT / "course_lib").rglob("*")):
        name = path.relative_to(ROOT / "course_lib")
        if path.is_file() and name.parts[0] != "stage" and "__pycache__" not in name.parts:
            digest.update(f"{name.as_posix()}\n".encode())
            digest.update(path.read_bytes())
    versions = [sys.version, *(version(name) for name in RUNS_ON)]
    digest.update(json.dumps(versions).encode())
    return digest.hexdigest()[:16]
