"""How a lesson teaches: a guess first, proof after each claim, something to answer and to touch."""

import re
from collections.abc import Iterator

from .lesson import Lesson, displayed, shown

# The left-hand side of a claim: d.../d... = or delta_... =
GRADIENT = r"(?:\\frac\{\\partial[^=&]*|\\delta_(?:\w|\{[^=&]*\})(?:\^\{[^=&]*\})?\s*)&?="
NUMBER = r"(?<![\w.])(\d*\.\d+)(?![\w.]*\d)"
NEAR = 3  # code cells within which a claim is verified


def prediction_first(lesson: Lesson) -> Iterator[str]:
    """The first thing that runs is the learner's guess, and the lesson comes back to it."""
    hook = f'"{lesson.number}.hook"'
    if not lesson.code or f"predict({hook}, ...)" not in lesson.code[0].source:
        yield f"the first code cell does not ask predict({hook}, ...)"
    if not any(f"echo({hook}" in cell.source for cell in lesson.code[1:]):
        yield f"no echo({hook}, ...) comes back to the guess"
    before = lesson.cells[: lesson.cells.index(lesson.code[0])] if lesson.code else []
    if not any("?" in cell.source for cell in before[1:] if cell in lesson.read):
        yield "no question stands before the first code cell"


def verified(lesson: Lesson) -> Iterator[str]:
    """Every displayed gradient is verified within the next few code cells of its section."""
    for name, cells in lesson.concepts().items():
        for number, cell in enumerate(cells):
            claims = [text for text in displayed(cell) if re.search(GRADIENT, text)]
            if cell.cell_type != "markdown" or not claims:
                continue
            following = [c for c in cells[number:] if c.cell_type == "code"][:NEAR]
            if not any(re.search(r"\bverify\(", c.source) for c in following):
                yield f"no verify() after the gradient in {name!r}: {claims[0].strip()[:50]!r}"


def shapes(lesson: Lesson) -> Iterator[str]:
    """Where a section that teaches displays an equation, a line below says the shapes."""
    for name, cells in lesson.concepts().items():
        for cell in cells:
            if cell.cell_type == "markdown" and displayed(cell):
                below = cell.source.rpartition("$$")[2]
                if "*Shapes:*" not in below:
                    yield f"no line '*Shapes:*' below the equation in {name!r}"


def checked(lesson: Lesson) -> Iterator[str]:
    """Each section that teaches asks something, with an answer to open; one cell is checked."""
    if not any(re.search(rf'\bcheck\("{lesson.number}', cell.source) for cell in lesson.code):
        yield f'no check("{lesson.number}...")'
    for name, cells in lesson.concepts().items():
        texts = [cell.source for cell in cells]
        answered = re.compile(
            r"\*\*Check yourself\b.*?\?.*?<details>\s*<summary>", re.DOTALL | re.IGNORECASE
        )
        asks = any(answered.search(t) or re.search(r"\b(check|quiz)\(", t) for t in texts)
        if not asks and not (lesson.opens_the_way and "?" in "".join(texts)):
            yield f"nothing to answer in {name!r}"


def touched(lesson: Lesson) -> Iterator[str]:
    """One figure can be moved, and a still of it stands there before it is run."""
    found = [cell for cell in lesson.code if re.search(r"^explore\.\w+\(", cell.source, re.M)]
    if len(found) != 1:
        yield f"{len(found)} cells show a figure of explore, not one"
    for cell in found:
        stills = [o for o in cell.outputs if "<img" in o.get("data", {}).get("text/html", "")]
        if not stills:
            yield "the figure of explore has no still"


def errata_boxes(lesson: Lesson) -> Iterator[str]:
    """'The source says' and 'We checked' come together, and a cell after them does check."""
    for cell in lesson.read:
        says, checked_it = "**The source says" in cell.source, "**We checked" in cell.source
        if says != checked_it:
            yield f"half a box: {cell.source[:50]!r}"
        after = lesson.cells[lesson.cells.index(cell) + 1 :][:2]
        if says and not any(c.cell_type == "code" for c in after):
            yield f"no cell checks after {cell.source[:50]!r}"


def numbers(lesson: Lesson) -> Iterator[str]:
    """Every decimal number in the text is, rounded as it stands there, in a cell or its output."""
    pool = "\n".join(cell.source + "\n" + shown(cell) for cell in lesson.code)
    known = {abs(float(number)) for number in re.findall(r"\d*\.\d+(?:e[-+]?\d+)?|\d+", pool)}
    known |= {100 * number for number in known}  # 0.96 is 96.0 %
    for cell in lesson.read:
        text = re.sub(r"`[^`]*`|\]\([^)]*\)|https?://\S+|[Ss]ections? [\d.]+", " ", cell.source)
        for written in re.findall(NUMBER, re.sub(r"(?<=\d)\{?,\}?(?=\d{3}\b)", "", text)):
            half = 0.5 * 10.0 ** -len(written.partition(".")[2]) * (1 + 1e-9)
            if not any(abs(number - float(written)) <= half for number in known):
                yield f"{written} is in no cell and no output: {cell.source[:50]!r}"


RULES = (prediction_first, verified, shapes, checked, touched, errata_boxes, numbers)
