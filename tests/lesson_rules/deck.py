"""A lesson on stage: what each cell is in the deck, and that no slide is too full."""

import re
from collections.abc import Iterator
from itertools import pairwise

from .lesson import LECTURER, Lesson, pictures, slide_type, words

SLIDES = {"slide", "subslide", "fragment", "notes", "skip"}
WORDS_ON_A_SLIDE = 80
LINES_ON_A_SLIDE = 16
LONGEST_LECTURE = 50  # minutes


def slides(lesson: Lesson) -> Iterator[str]:
    """Every cell says what it is in the deck; a section begins a slide."""
    for number, cell in enumerate(lesson.cells, start=1):
        kind = slide_type(cell)
        if kind not in SLIDES:
            yield f"cell {number} has slide type {kind!r}, not one of {sorted(SLIDES)}"
        if cell.source.startswith("## ") and kind not in ("slide", "subslide", "skip"):
            yield f"cell {number}, a heading, has slide type {kind!r}"
        if cell.source.startswith(LECTURER) and kind != "notes":
            yield f"cell {number}, for the lecturer, has slide type {kind!r}"
    if slide_type(lesson.cells[0]) != "slide":
        yield "the first cell is not a slide"


def one_idea(lesson: Lesson) -> Iterator[str]:
    """What is on screen together can be taken in together. What is opened by a click is not."""
    for cells in lesson.slides():
        prose = [cell.source for cell in cells if cell.cell_type == "markdown"]
        closed = [re.sub(r"<details>.*?</details>", " ", text, flags=re.DOTALL) for text in prose]
        total = sum(words(re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)) for text in closed)
        code = [cell for cell in cells if cell.cell_type == "code"]
        lines = sum(len(cell.source.splitlines()) for cell in code)
        figures = sum(len(pictures(cell)) for cell in code)
        name = cells[0].source.splitlines()[0][:40]
        if total > WORDS_ON_A_SLIDE:
            yield f"{total} words on the slide {name!r}; at most {WORDS_ON_A_SLIDE}"
        if lines > LINES_ON_A_SLIDE:
            yield f"{lines} lines of code on the slide {name!r}; at most {LINES_ON_A_SLIDE}"
        if figures > 1:
            yield f"{figures} pictures on the slide {name!r}"


def speaker_notes(lesson: Lesson) -> Iterator[str]:
    """In each section what to ask, what is usually answered, what if nobody does, and when."""
    last = -1
    for cell in lesson.lecturer:
        name = cell.source[:50]
        minute = re.match(r"\D+(\d+)</summary>\n\n.+\n\n</details>$", cell.source, re.DOTALL)
        if not minute:
            yield f"not folded, or without a minute: {name!r}"
            continue
        if not last < int(minute[1]) <= LONGEST_LECTURE:
            yield f"minute {minute[1]} after minute {last}; the last is {LONGEST_LECTURE}"
        last = int(minute[1])
        for needed in (r"\?", r"\b[Uu]sual", r"[Nn]obody (answers|has|knows|says|asks)"):
            if not re.search(needed, cell.source):
                yield f"{name!r} lacks {needed}"
    for before, cell in pairwise(lesson.cells):
        if cell in lesson.lecturer and slide_type(before) == "notes":
            yield f"the speaker reads other notes first: {before.source[:50]!r}"
    for name, cells in lesson.concepts().items():
        if not any(cell.source.startswith(LECTURER) for cell in cells):
            yield f"no notes for the lecturer in {name!r}"


RULES = (slides, one_idea, speaker_notes)
