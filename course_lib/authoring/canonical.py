"""The one form in which a notebook is stored, so that a diff shows what an author changed.

`normalize` brings a notebook into that form and `to_json` spells it out; both depend on nothing
but the notebook, and doing it twice changes nothing. `faults` lists the outputs that must not be
stored at all, because they differ from run to run, or because a reader could not use them.

`normalize` leaves alone what nbval compares (texts, HTML, SVG, streams): a stored output that had
been tidied would no longer equal a fresh one. What would need tidying is therefore a fault, and is
mended in the cell that prints it.

Cell ids are kept when they are short and unique, so that an id survives every edit of its cell;
others (JupyterLab's long ones, copies) are derived from the source. A cell that nbgrader knows has
the id that it has there.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

# What a kernel reports about itself, without the version of Python.
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
CELL_METADATA = ("nbgrader", "slideshow", "tags")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
LARGEST_PICTURE = 60_000  # bytes

_SHORT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,23}")
_OVERWRITTEN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)  # up to the last carriage return


def normalize(notebook: NotebookNode) -> NotebookNode:
    """A copy of `notebook` in canonical form; empty cells are left out."""
    cells, taken = [], set()
    for old in notebook.cells:
        source = old.source.replace("\r\n", "\n").rstrip()
        if not source:
            continue
        metadata = {key: old.metadata[key] for key in CELL_METADATA if old.metadata.get(key)}
        cell = {"cell_type": old.cell_type, "metadata": metadata, "source": source}
        # An editor invents ids; those of nbgrader can be typed, and everything else goes by them.
        wanted = metadata.get("nbgrader", {}).get("grade_id") or old.get("id", "")
        cell["id"] = _free_id(wanted, old.cell_type + source, taken)
        taken.add(cell["id"])
        if old.get("attachments"):
            cell["attachments"] = old.attachments
        if old.cell_type == "code":
            cell["execution_count"] = old.execution_count
            cell["outputs"] = [_output(o, old.execution_count) for o in _merged(old.outputs)]
        cells.append(cell)
    content = {"cells": cells, "metadata": NOTEBOOK_METADATA, "nbformat": 4, "nbformat_minor": 5}
    canonical = nbformat.from_dict(content)
    nbformat.validate(canonical)
    return canonical


def to_json(notebook: NotebookNode) -> str:
    """The text of the file: keys sorted, one space of indentation, a newline at the end."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def _free_id(wanted: str, content: str, taken: set[str]) -> str:
    """`wanted` if it is short and not taken, otherwise one that follows from the content."""
    if not _SHORT_ID.fullmatch(wanted):
        wanted = hashlib.sha256(content.encode()).hexdigest()[:8]
    candidate, copy = wanted, 1
    while candidate in taken:
        copy += 1
        candidate = f"{wanted[:20]}-{copy}"
    return candidate


def _merged(outputs: list[NotebookNode]) -> list[dict]:
    """The outputs with one stream of each name; overwritten lines go, as in a terminal."""
    merged, streams = [], {}
    for output in map(dict, outputs):
        if output["output_type"] != "stream":
            merged.append(output)
        elif output["name"] in streams:
            streams[output["name"]]["text"] += output["text"]
        else:
            streams[output["name"]] = output
            merged.append(output)
    for stream in streams.values():
        stream["text"] = _OVERWRITTEN.sub("", stream["text"])
    return merged


def _output(output: dict, count: int | None) -> dict:
    """One output without what changes from run to run and is not compared."""
    if output["output_type"] == "error":
        # A traceback names files of this computer and is worded differently by each Python.
        return output | {"traceback": [f"{output['ename']}: {output['evalue']}"]}
    if "data" in output:
        # Without its kernel a widget is one line of text; readers see what stands beside it.
        data = {mime: value for mime, value in output["data"].items() if mime != WIDGET_VIEW}
        for mime in ("image/png", "image/jpeg"):
            if mime in data:
                data[mime] = "".join(data[mime].split())
        output = output | {"data": data}
    if output["output_type"] == "execute_result":
        output = output | {"execution_count": count}
    return output


class Fault(NamedTuple):
    """What is wrong with one cell of a notebook; cells are counted from 1."""

    cell: int
    first_line: str
    message: str

    def __str__(self) -> str:
        return f"cell {self.cell} {self.message}\n    its first line: {self.first_line}"


_UNSTABLE_TEXT = (
    (r"<Figure size", "shows a bare figure: use course_lib.plotting.show(figure, alt=...)"),
    (r"0x[0-9a-fA-F]{8}", "prints the address of an object, which differs in every run"),
    (r"UsageError:", "calls a magic command that is not there"),
    (r"Wall time:|CPU times:", "prints a running time, which differs in every run"),
    (r"/home/|/Users/|/tmp/|\b[A-Z]:\\|site-packages", "prints a path of this computer"),
)


def faults(notebook: NotebookNode) -> list[Fault]:
    """Everything in the outputs that must not be stored, in the order of the cells."""
    found, count = [], 0
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        count += 1
        first_line = cell.source.strip().splitlines()[0]
        messages = [message for output in cell.outputs for message in _output_faults(output, cell)]
        if cell.execution_count != count:
            messages.insert(0, f"has execution count {cell.execution_count}, not {count}")
        found += [Fault(number, first_line, message) for message in messages]
    return found


def _output_faults(output: NotebookNode, cell: NotebookNode) -> Iterator[str]:
    for text in _texts(output):
        yield from (message for pattern, message in _UNSTABLE_TEXT if re.search(pattern, text))
    if output.output_type == "error" and "raises-exception" not in cell.metadata.get("tags", ()):
        yield f"raises {output.ename} and has no tag raises-exception"
    if output.output_type == "stream" and output.name == "stderr":
        yield f"writes on stderr: {output.text.strip().splitlines()[-1:]}"
    yield from _picture_faults(output)


def _texts(output: NotebookNode) -> Iterator[str]:
    """The parts of an output that are compared as text."""
    if output.output_type == "stream":
        yield output.text
    elif output.output_type == "error":
        yield output.evalue
    else:
        for mime, value in output.data.items():
            if mime.startswith("text/") or mime == "image/svg+xml":
                yield value


def _picture_faults(output: NotebookNode) -> Iterator[str]:
    data = output.get("data", {})
    html = data.get("text/html", "")
    pictures = [mime for mime in data if mime.startswith("image/")]
    if WIDGET_VIEW in data and not pictures and not html:
        yield "shows a widget without a still or a text, so a fresh clone shows one line"
    for mime in pictures:
        if not str(output.metadata.get(mime, {}).get("alt", "")).strip():
            yield f"shows a picture ({mime}) without alt text in the output's metadata"
        size = len(data[mime].encode()) if mime == "image/svg+xml" else len(data[mime]) * 3 // 4
        if size > LARGEST_PICTURE:
            yield f"shows a picture of {size:,} bytes; at most {LARGEST_PICTURE:,} are allowed"
    for tag in re.findall(r"<img\b[^>]*>", html):
        if not re.search(r"""\balt=(["'])\s*[^"'\s]""", tag):
            yield "shows an HTML image without an alt attribute"
        if len(tag) > LARGEST_PICTURE * 4 // 3:
            yield f"shows an HTML image of {len(tag):,} characters"
