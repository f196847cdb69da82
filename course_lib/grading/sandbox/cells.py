"""The code cells of a notebook, and after which of them each exercise's answer stands."""

from __future__ import annotations

import ast
import contextlib
import json
from dataclasses import dataclass
from functools import cached_property

from IPython.core.inputtransformer2 import TransformerManager

from ...checks.observing import Question


class NoNotebook(Exception):
    """Bytes that are no notebook; the one line says why."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its place among all cells, counted from 1, its names, and its source."""

    number: int
    names: tuple[str, ...]
    source: str

    @property
    def python(self) -> str:
        """The source with IPython's own words, such as `%matplotlib inline`, as calls."""
        return self._read[0]

    @property
    def tree(self) -> ast.Module | None:
        """None where the cell is no Python."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[str, ast.Module | None]:
        """Most cells have no such words, and what Python can read has none."""
        for form in (str, TransformerManager().transform_cell):
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                python = form(self.source)
                return python, ast.parse(python)
        return self.source, None


@dataclass(frozen=True)
class Place:
    """After which code cell (an index) an answer is looked at, and how many cells define it."""

    after: int
    cells: int


def code_cells(notebook: bytes) -> list[Cell]:
    """The code cells of a notebook of format 3 or 4. Raises NoNotebook."""
    try:
        content = json.loads(notebook.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NoNotebook("The file is not UTF-8 text, which every notebook is.") from None
    except (ValueError, RecursionError, MemoryError):
        raise NoNotebook("The file is no notebook: it is cut off, or something else.") from None
    if isinstance(content, dict) and isinstance(content.get("worksheets"), list):
        sheets = [sheet for sheet in content["worksheets"] if isinstance(sheet, dict)]
        content = {"cells": [c for sheet in sheets for c in _list(sheet.get("cells"))]}
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise NoNotebook("The file is no notebook: it has no list of cells.")
    return [
        Cell(number, _names(cell), source)
        for number, cell in enumerate(content["cells"], 1)
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
        for source in [_source(cell)]
        if source.strip()
    ]


def _list(value) -> list:
    return value if isinstance(value, list) else []


def _source(cell: dict) -> str:
    source = cell.get("source", cell.get("input", ""))  # format 3 says input
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _names(cell: dict) -> tuple[str, ...]:
    """The cell's id and its grade id, where it has them."""
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return tuple(name for name in (cell.get("id"), grade) if isinstance(name, str))


def place_of(question: Question, cells: list[Cell]) -> Place | None:
    """Where the answer to a question is looked at: after its check, or else where it is defined.

    It is defined in the cell with the exercise's id or, if that does not define the name, in
    whichever does. Of several the last counts. None if no cell defines it.
    """
    defining = [i for i, cell in enumerate(cells) if question.name in _defined(cell)]
    by_id = [i for i in defining if question.id in cells[i].names]
    wanted = by_id or defining
    if not wanted:
        return None
    checks = [i for i, cell in enumerate(cells) if _checks(cell, question.id)]
    return Place(max(wanted + checks), len(wanted))


def _checks(cell: Cell, id: str) -> bool:
    """Whether this is the cell that checks the exercise."""
    if f"check-{id}" in cell.names:
        return True
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value == id
        for statement in _statements(cell)
        for node in ast.walk(statement)
    )


def _defined(cell: Cell) -> set[str]:
    """The names that a cell's own statements define, not those inside its functions."""
    found: set[str] = set()
    for statement in _statements(cell):
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            found.add(statement.name)
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name) for alias in statement.names}
        else:
            stored = (n for n in ast.walk(statement) if isinstance(n, ast.Name))
            found |= {name.id for name in stored if isinstance(name.ctx, ast.Store)}
    return found


def _statements(cell: Cell) -> list[ast.stmt]:
    return cell.tree.body if cell.tree else []
