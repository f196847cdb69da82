"""What of a lesson is on which slide, and what is on paper.

The deck is the lesson: no cell is written twice. On stage the notes go to the speaker, what is
folded at home opens with the next step, and what only a learner at a keyboard needs is left out.
"""

import ast
import base64
import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from ..authoring.canonical import WIDGET_VIEW
from ..checks.feedback import MARKS
from ..checks.texts import say
from ..explore.figure import HINT
from ..plotting import STYLE

FIGURE = "AnyModel"  # the model of a widget that needs no kernel
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
FOR_THE_LECTURER = re.compile(
    r"<details><summary>For the lecturer, (minute \d+)</summary>\n\n(.*?)\n\n</details>", re.DOTALL
)
# Code and formulas are matched first, since a[0](x) in them is no link.
LINK = re.compile(r"`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]*\$|\[([^]]+)\]\(([^)\s]+)\)", re.DOTALL)
IN_WORDS = "<details><summary>In words</summary>"  # in a deck the image has it as its alt text
SVG_IMAGE = re.compile(r'<img (?=[^>]*src="data:image/svg\+xml;base64,([^"]+)")')
MINUTES = re.compile(r"^\d+ minutes\. ", re.MULTILINE)  # that a learner needs
TO_A_LEARNER = {"predict", "echo", "hint", "quiz", "progress", "review"}
ALT = re.compile(r"(\bshow\(\w+), alt=.*?\)$", re.DOTALL | re.MULTILINE)
AT_A_KEYBOARD = re.compile(r" (?:(?:Type|Put) (?:[^.]|\.\d)*\bthe dots\b|Run the cell)[^.]*\.")
LETTER = re.compile(r"<br>Answer with its letter:.*?(?=</div>)")
NO_GUESS = say("echo.none", truth="\0").partition("\0")[2]
ECHO = re.compile(r"<b>[^<]*</b> (It is .*?)" + re.escape(NO_GUESS))
TEXT, CODE = 18, 16  # the smallest of each on a page of 1280 by 720, in pixels


class NoSlides(ValueError):
    """A notebook of which nothing would be shown."""


def on_stage(notebook: NotebookNode, lessons: set[str], *, alive: bool = True) -> NotebookNode:
    """The lesson's deck: slides with their fragments, each followed by a cell of notes.

    lessons: names of the lessons that have a deck beside this one; other links lose their ends.
    alive: whether its figures are widgets; otherwise their stills stand alone.

    Raises NoSlides.
    """
    if all(slide_type(cell) in ("notes", "skip") for cell in notebook.cells):
        raise NoSlides("it has no slides: expected a cell that is neither notes nor skipped")
    staged = deepcopy(notebook)
    figures = set(_figures(notebook))
    if not alive:
        staged.metadata.pop("widgets", None)
    staged.cells[0].source = MINUTES.sub("", staged.cells[0].source)
    for cell in staged.cells:
        if cell.cell_type == "markdown":
            cell.source = AT_A_KEYBOARD.sub("", _linked(cell.source, lessons))
        else:
            cell.source = without_asides(cell.source)
            _trim(cell, figures, alive)
            cell.metadata.transient = {"remove_source": not cell.source}
    staged.cells = [cell for cell in staged.cells if cell.source or cell.get("outputs")]
    staged.cells = [cell for section in _sections(staged.cells) for cell in _with_notes(section)]
    return staged


def on_paper(notebook: NotebookNode) -> NotebookNode:
    """The lesson for a reader with a pencil: whole, without what is the lecturer's.

    What is said in words of a picture becomes its caption, in the metadata of the picture.
    """
    lesson = deepcopy(notebook)
    lesson.metadata.pop("widgets", None)
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            cell.source = _linked(FOR_THE_LECTURER.sub("", cell.source), set())
        else:
            _add_captions(cell.outputs)
            _trim(cell, set(), alive=False)
    lesson.cells = [cell for cell in lesson.cells if cell.source.strip()]
    return lesson


def _add_captions(outputs: list[NotebookNode]) -> None:
    for output, following in pairwise(outputs):
        words = following.get("data", {}).get("text/html", "")
        if words.startswith(IN_WORDS) and "image/png" in output.get("data", {}):
            caption = words.removeprefix(IN_WORDS).removesuffix("</details>")
            output.metadata["image/png"]["caption"] = caption


def slide_type(cell: NotebookNode) -> str:
    """What the cell is in a deck; without a word of it, a part of the slide before."""
    return cell.metadata.get("slideshow", {}).get("slide_type", "-")


def without_asides(source: str) -> str:
    """Code without what is said to a learner alone, or of a picture to those who cannot see it.

    The words for a picture would tell a class what they are about to see.
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a magic command, or an error that is to be shown
        return source
    lines = source.splitlines()
    for statement in reversed(statements):
        if _is_aside(statement):
            del lines[statement.lineno - 1 : statement.end_lineno]
    source = "\n".join(lines).strip()
    return ALT.sub(r"\1)", source)


def _is_aside(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "course_lib.checks"
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0]) == "alt"
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and ast.unparse(call.func) in TO_A_LEARNER


def _sections(cells: list[NotebookNode]) -> Iterator[list[list[NotebookNode]]]:
    """The slides of each section; each slide as its cells, notes among them."""
    section = []
    for cell in cells:
        kind = slide_type(cell)
        if kind == "slide" and section:
            yield section
            section = []
        if kind == "subslide" or not section:
            section.append([])
        if kind != "skip":
            section[-1].append(cell)
    yield section


def _figures(notebook: NotebookNode) -> Iterator[str]:
    """The ids of the widgets that live without a kernel."""
    state = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {"state": {}})["state"]
    return (name for name, model in state.items() if model["model_name"] == FIGURE)


def _with_notes(section: list[list[NotebookNode]]) -> Iterator[NotebookNode]:
    """What is shown on each slide, then one cell of notes, as reveal.js knows only the first.

    A slide without notes of its own has those for the lecturer that were last in its section, or
    the first that come: so the question of the hour is there when its section begins.
    """
    notes = [[cell.source for cell in slide if slide_type(cell) == "notes"] for slide in section]
    for_lecturer = [[note for note in own if FOR_THE_LECTURER.match(note)] for own in notes]
    current = next(filter(None, for_lecturer), [])
    for slide, own, lecturer in zip(section, notes, for_lecturer, strict=True):
        yield from (cell for cell in slide if slide_type(cell) != "notes")
        current = lecturer or current
        text = "\n\n".join(own) if own else "\n\n".join(["*In this section:*", *current])
        if own or current:
            unfolded = FOR_THE_LECTURER.sub(r"**At \1.** \2", text)
            yield new_markdown_cell(unfolded, metadata={"slideshow": {"slide_type": "notes"}})


def _linked(markdown: str, lessons: set[str]) -> str:
    """The text with links to other decks instead of notebooks, none to what a deck lacks."""

    def link(found: re.Match) -> str:
        text, address = found.groups()
        if address is None:
            return found[0]
        name = re.fullmatch(r"(\w+)\.ipynb", address)
        if name and name[1] in lessons:
            return f"[{text}]({name[1]}.html)"
        return found[0] if address.startswith(("http://", "https://")) else text

    return LINK.sub(link, markdown)


def _trim(cell: NotebookNode, figures: set[str], alive: bool) -> None:
    """Leave of a cell of code what is shown."""
    cell.source = cell.source.replace("\n\n\n", "\n\n")  # two empty lines take too much room
    found = [_shown(output, figures, alive) for output in cell.outputs]
    cell.outputs = [output for output in found if output]


def _shown(output: NotebookNode, figures: set[str], alive: bool) -> NotebookNode | None:
    """The output as it is on a slide, None if it is not there at all."""
    data = output.get("data", {})
    view = data.pop(WIDGET_VIEW, None)
    if view and view["model_id"] in figures:
        if not alive:
            return None
        data[WIDGET_VIEW] = view
    text, html = data.get("text/plain", ""), data.get("text/html", "")
    if text.startswith(MARKS["unwritten"][0]) or html.startswith(IN_WORDS):
        return None
    if text == HINT and WIDGET_VIEW not in data:
        return None
    if view and WIDGET_VIEW not in data and not html:  # a button, which is dead without its kernel
        return None
    if alive and "course-still" in html:
        return None
    if html:
        html = LETTER.sub("", html)
        data["text/html"] = SVG_IMAGE.sub(_sized, ECHO.sub(r"<b>\1.</b>", html))
    if "image/png" in data:
        output.metadata["image/png"]["least"] = TEXT / (STYLE["font.size"] * 96 / 72)
    return output


def _sized(image: re.Match) -> str:
    """The beginning of an image's tag with its width and how much it must be enlarged at least."""
    drawing = base64.b64decode(image[1]).decode()
    width = re.search(r'viewBox="\S+ \S+ (\S+)', drawing)[1]
    smallest = min(map(float, re.findall(r'font-size="([\d.]+)', drawing)))
    return f'<img data-width="{width}" data-least="{CODE / smallest:.3f}" '
