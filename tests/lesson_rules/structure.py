"""What a lesson consists of, and in which order."""

import re
from collections.abc import Iterator

from .lesson import CLOSING_SECTIONS, Lesson, tags_of, words

WORDS = (1200, 1800)
CODE_LINES = (120, 200)  # without blank ones
CODE_LINES_OF_START = (30, 200)  # 00 opens the way, asks eight questions, explains two tables
CONCEPTS = (4, 7)
LONGEST_CELL = 15  # lines
TAGS_PER_LESSON = {"raises-exception": 3, "nbval-ignore-output": 2}
CARD = "00_start_here.ipynb#The-notation-card"
NETWORK = r"https?://|urllib|requests\.|socket|fetch_|[!%]\s*(pip|conda|wget|curl)"


def title(lesson: Lesson) -> Iterator[str]:
    """The first cell: number and title, minutes, prerequisites, three to five outcomes."""
    first = lesson.cells[0]
    if first.cell_type != "markdown" or not first.source.startswith(f"# {lesson.number} "):
        yield f"the first cell does not start with '# {lesson.number} '"
    for needed in (r"\b\d+ minutes", r"\*\*Prerequisites", r"\*\*Afterwards you can"):
        if not re.search(needed, first.source):
            yield f"the first cell lacks {needed}"
    outcomes = len(re.findall(r"^- ", first.source, re.MULTILINE))
    if not 3 <= outcomes <= 5:
        yield f"the first cell lists {outcomes} outcomes, not three to five"


def headings(lesson: Lesson) -> Iterator[str]:
    """One title; below it no level is left out, no name comes twice, each starts its cell."""
    level, seen = 0, set()
    for cell in lesson.prose:
        for number, line in enumerate(cell.source.splitlines()):
            heading = re.match(r"(#+) (.*)", line)
            if not heading:
                continue
            if number:
                yield f"a heading in the middle of a cell: {line!r}"
            deeper = len(heading[1])
            if deeper > level + 1 or (deeper == 1) != (cell is lesson.cells[0]):
                yield f"a heading of level {deeper} after one of level {level}: {line!r}"
            if heading[2] in seen:
                yield f"a heading that comes twice: {line!r}"
            level = deeper
            seen.add(heading[2])


def closing_sections(lesson: Lesson) -> Iterator[str]:
    """The last sections, in order; a recap of five lines, two questions due later, answered."""
    expected = CLOSING_SECTIONS if not lesson.opens_the_way else CLOSING_SECTIONS[-1:]
    last = lesson.headings()[-len(expected) :]
    if last != expected:
        yield f"the last sections are {last}, not {expected}"
    for name, count in {"Recap": 5, "Ask yourself later": 2}.items():
        for cell in lesson.sections().get(name, [])[:1]:
            if len(re.findall(r"^(?:-|\d\.) ", cell.source, re.MULTILINE)) != count:
                yield f"{name} is not a list of {count}"
    for cell in lesson.sections().get("Ask yourself later", [])[:1]:
        if cell.source.count("<details><summary>Answer</summary>") != 2:
            yield "a question due later has no answer to open"


def notation_card(lesson: Lesson) -> Iterator[str]:
    """The lesson's own table of notation leads to the whole card."""
    cells = lesson.sections().get("Notation", [])
    if cells and not any(f"{CARD})" in cell.source for cell in cells):
        yield f"the notation does not link to {CARD}"


def length(lesson: Lesson) -> Iterator[str]:
    """Words and lines of the lesson, and how many concepts; the lecturer's words do not count."""
    total = sum(words(cell.source) for cell in lesson.read)
    least, most = WORDS
    if not least <= total <= most:
        yield f"{total} words, not {least} to {most}"
    total = sum(bool(line.strip()) for cell in lesson.code for line in cell.source.splitlines())
    least, most = CODE_LINES_OF_START if lesson.opens_the_way else CODE_LINES
    if not least <= total <= most:
        yield f"{total} lines of code, not {least} to {most}"
    least, most = CONCEPTS
    if not least <= len(lesson.concepts()) <= most:
        yield f"{len(lesson.concepts())} sections that teach, not {least} to {most}"


def code_length(lesson: Lesson) -> Iterator[str]:
    """Code fits on a slide."""
    for cell in lesson.code:
        lines = cell.source.splitlines()
        if len(lines) > LONGEST_CELL:
            yield f"a cell of {len(lines)} lines: {lines[0]!r}"


def counts(lesson: Lesson) -> Iterator[str]:
    """Every code cell was run, in order: nbval compares only those."""
    for number, cell in enumerate(lesson.code, start=1):
        if cell.execution_count != number:
            yield f"code cell {number} has count {cell.execution_count}"


def network(lesson: Lesson) -> Iterator[str]:
    """No cell asks for a network."""
    for cell in lesson.code:
        if match := re.search(NETWORK, cell.source):
            yield f"code that may use a network: {match[0]!r}"


def tags(lesson: Lesson) -> Iterator[str]:
    """Exceptions and outputs that are not compared are rare, and marked by tags only."""
    used = [tag for cell in lesson.cells for tag in tags_of(cell)]
    for tag in sorted(set(used)):
        if used.count(tag) > TAGS_PER_LESSON.get(tag, 0):
            yield f"tag {tag!r} {used.count(tag)} times; allowed {TAGS_PER_LESSON.get(tag, 0)}"
    for cell, following in zip(lesson.code, [*lesson.code[1:], None], strict=True):
        unchecked = "nbval-ignore-output" in tags_of(cell)
        if unchecked and not (following and re.search(r"^assert ", following.source, re.M)):
            yield "an output that is not compared, and no assert in the next code cell"
        if re.search(r"#\s*(NBVAL|PYTEST)_", cell.source):
            yield "a comment for nbval: use a tag, which readers do not see"


def links(lesson: Lesson) -> Iterator[str]:
    """Links within the course lead to files that are there, and say where; pictures have alt."""
    for cell in lesson.prose:
        text = re.sub(r"\$[^$]*\$", " ", cell.source)  # W^{[l]}(x) is no link
        for bang, label, target in re.findall(r"(!?)\[([^]]*)\]\(([^)\s]*)", text):
            if bang and not label.strip():
                yield f"a picture without alt text: {target}"
            vague = label.strip().lower() in ("here", "link", "this", "click here")
            if vague or not re.search(r"[^\W\d_]{3}", label):
                yield f"a link that does not say where it leads: {label!r}"
            file, _, anchor = target.partition("#")
            path = lesson.path.parent / file
            if re.match(r"https?://|#|attachment:", target):
                continue
            if not path.is_file():
                yield f"a link to a file that is not there: {target!r}"
            elif anchor and f'"## {anchor.replace("-", " ")}' not in path.read_text(
                encoding="utf-8"
            ):
                yield f"a link to a heading that is not there: {target!r}"


def chapters_are_linked(lesson: Lesson) -> Iterator[str]:
    """The title's prerequisites lead to the lessons that they name, where these are written."""
    _, _, text = lesson.cells[0].source.partition("\n")
    unlinked = re.sub(r"\[[^]]*\]\([^)]*\)", "", text)
    for number in re.findall(r"\b(\d\d)\b(?! minutes)", unlinked):
        if any(lesson.path.parent.glob(f"{number}_*.ipynb")):
            yield f"lesson {number} is named and not linked"


RULES = (
    title,
    headings,
    closing_sections,
    notation_card,
    length,
    code_length,
    counts,
    network,
    tags,
    links,
    chapters_are_linked,
)
