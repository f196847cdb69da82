"""The base of all figures: a Python module and a JavaScript module of one name.

The Python side says what the figure is called, which controls it has, what data it needs, and
computes its numbers with the library; the JavaScript side draws, computing the same numbers itself,
so that it moves at full speed, and in an exported page that has no kernel. Tests hold the two to
each other.
"""

from __future__ import annotations

import base64
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path

import numpy as np
import traitlets

from ..checks.feedback import in_notebook
from ..drawing.labels import number
from .controls import Button, Control

try:
    import anywidget
except ImportError as error:
    raise ImportError(
        "the figures need the package anywidget: run python start.py install"
    ) from error

FOLDER = Path(__file__).parent
HINT = "Run this cell, and the figure can be moved."


@cache
def script(name: str) -> str:
    """The JavaScript module `name` and those that it imports from this folder, as one module.

    A browser that gets a module as text has no folder to import from.
    """
    pieces = _with_imports(name, [])
    return "\n".join(pieces.values())


def _with_imports(name: str, ancestors: Sequence[str]) -> dict[str, str]:
    source = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    line = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./(\w+)\.js";\n', re.MULTILINE)
    pieces = {}
    for imported in line.findall(source):
        pieces |= _with_imports(imported, [*ancestors, name])
    source = line.sub("", source)
    if ancestors:  # only the figure's own module exports
        source = re.sub(r"^export (?=function|const|class|let)", "", source, flags=re.MULTILINE)
    return pieces | {name: source}


class Figure(anywidget.AnyWidget):
    """An interactive figure; show it as the last line of a cell.

    A subclass stands in a module `name.py` beside `name.js` and sets `title`, `caption`, `alt`
    (what its still shows, in words), `controls`, and `labels`: which of its numbers stand in the
    table, and as what. It defines `numbers(settings)`.
    """

    title = ""
    caption = ""
    alt = ""
    controls: Sequence[Control] = ()
    labels: Mapping[str, str] = {}
    own_still = ""  # the SVG of a figure of the learner's own graph or model

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)
    data = traitlets.Dict().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)

    def __init__(self, data: Mapping | None = None):
        self.name = type(self).__module__.rpartition(".")[2]
        controls = [control for control in self.controls if not isinstance(control, Button)]
        super().__init__(
            _esm=script(self.name),
            _css=(FOLDER / "base.css").read_text(encoding="utf-8"),
            spec={
                "title": self.title,
                "caption": self.caption,
                "controls": [control.as_dict() for control in self.controls],
                "labels": dict(self.labels),
            },
            data=plain(data or {}),
            settings={control.name: control.value for control in controls},
        )
        self.on_msg(self._hear)

    def numbers(self, settings: Mapping) -> dict:
        """What the figure shows at these settings, computed by the library."""
        raise TypeError(f"{type(self).__name__} does not say what its numbers are")

    def answer(self, question) -> dict:
        """Python's answer where the figure has to ask for one."""
        raise TypeError(f"{type(self).__name__} answers no questions")

    def still(self) -> str:
        """The SVG that stands where the figure cannot move."""
        stored = FOLDER / "stills" / f"{self.name}.svg"
        return self.own_still or stored.read_text(encoding="utf-8")

    def rows(self, settings: Mapping | None = None) -> list[list[str]]:
        """The table of numbers as texts: a label and what it stands for, in a line each."""
        numbers, found = self.numbers(settings or self.settings), []
        for key, label in self.labels.items():
            if key not in numbers:
                continue
            value = numbers[key]
            nested = np.ndim(value) == 2 if not isinstance(value, str) else False
            lines = value if nested else [[value] if np.ndim(value) == 0 else value]
            for i, line in enumerate(lines, 1):
                name = f"{label}, row {i}" if len(lines) > 1 else label
                found.append([name, *(x if isinstance(x, str) else number(x) for x in line)])
        return found

    def _hear(self, _, message, __):
        self.send({"tag": message["tag"], "answer": plain(self.answer(message["question"]))})

    def __repr__(self) -> str:
        table = "\n".join(f"  {label}: {', '.join(cells)}" for label, *cells in self.rows())
        return f"{self.title}. {self.alt}\n{table}"

    def _ipython_display_(self) -> None:
        """Show the still and, after it, the figure that hides it.

        Two outputs, as a figure dies with its kernel: a notebook that is opened again has the
        first. Where no notebook is, the numbers in words.
        """
        from IPython.display import display

        if not in_notebook():
            print(self)
            return
        _shown_by_this_cell(self)
        reopen = super().open  # does nothing to a figure that was not closed with its cell
        reopen()
        display(still_bundle(self), raw=True)
        view = super()._repr_mimebundle_() or {}
        bundle = view[0] if isinstance(view, tuple) else view
        display(bundle | {"text/plain": HINT, "text/html": f"<em>{HINT}</em>"}, raw=True)


def still_bundle(figure: Figure) -> dict[str, str]:
    """The still as an image, which GitHub and JupyterLab also show in a notebook never run."""
    source = base64.b64encode(figure.still().encode()).decode()
    alt = escape(" ".join(figure.alt.split()))
    return {
        "text/html": (
            f'<div class="course-still"><img alt="{alt}" '
            f'src="data:image/svg+xml;base64,{source}"><p>{escape(figure.caption)}</p></div>'
        ),
        "text/plain": f"{figure.title}. {figure.alt}",
    }


def in_words(*lines: str) -> str:
    """An SVG that says what there is no picture of before the figure is run."""
    wrapped = [part for line in lines for part in textwrap.wrap(line, 105)]
    height = 24 * len(wrapped) + 24
    size = f'width="820" height="{height}"'
    texts = "\n".join(
        f'<text x="16" y="{32 + 24 * i}">{escape(part)}</text>' for i, part in enumerate(wrapped)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 820 {height}" '
        f'font-family="sans-serif" font-size="14" fill="#1f2328">\n'
        f'<rect {size} rx="6" fill="#ffffff" stroke="#d0d7de"/>\n{texts}\n</svg>\n'
    )


def plain(data):
    """Data as JSON can hold it: arrays as lists, what is not finite as its name."""
    if isinstance(data, Mapping):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, np.ndarray | np.generic):
        return plain(data.tolist())
    if isinstance(data, list | tuple):
        return [plain(value) for value in data]
    if isinstance(data, float) and not np.isfinite(data):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(data)]
    return data


def halves(array) -> dict:
    """An array as 16-bit floats, two bytes an entry: how weights travel with a figure."""
    array = np.asarray(array)
    small = base64.b64encode(array.astype("<f2").tobytes()).decode()
    return {"shape": list(array.shape), "half": small}


_of_cell: dict[str, tuple[int, list[Figure]]] = {}  # cell: its run, what it showed


def _shown_by_this_cell(figure: Figure) -> None:
    """Close what the last run of this cell showed, unless another cell still shows it."""
    shell = _shell()
    shell.events.register("pre_run_cell", _close_of_deleted_cells)
    cell = _metadata().get("cellId")
    if cell is None:  # not every front end says which cell it runs
        return
    run, shown = _of_cell.get(cell, (-1, []))
    same = run == shell.execution_count
    _of_cell[cell] = shell.execution_count, [*(shown if same else []), figure]
    _close_unseen(shown)


def _close_of_deleted_cells(_) -> None:
    """JupyterLab says with each run which cells were deleted since the last one."""
    for cell in _metadata().get("deletedCells", ()):
        _close_unseen(_of_cell.pop(cell, (-1, []))[1])


def _close_unseen(figures: Sequence[Figure]) -> None:
    for figure in figures:
        if not any(figure in shown for _, shown in _of_cell.values()):
            figure.close()


def _metadata() -> Mapping:
    """What the front end says about the cell that is running."""
    return _shell().get_parent().get("metadata", {})


def _shell():
    return sys.modules["IPython"].get_ipython()
