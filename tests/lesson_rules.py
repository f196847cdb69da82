"""The house rules of a lesson, as far as a program can tell. One function per rule, and a table.

A rule takes a Lesson and yields what is wrong, in words. `RULES` at the end lists them all.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

WORDS = (1200, 1800)
WORDS_OF_START = (400, 1200)  # 00 opens the way, asks eight questions, explains two tables
LONGEST_PARAGRAPH = 120  # words
LONGEST_CELL = 15  # lines
SLIDES = {"slide", "subslide", "fragment", "notes", "skip"}
TAGS_PER_LESSON = {"raises-exception": 3, "nbval-ignore-output": 2}
CLOSING_SECTIONS = ["Recap", "Notation", "Ask yourself later", "Errata of the sources", "Sources"]
FILLER = "simply|obviously|trivially|clearly|needless to say|in this (notebook|lesson) we will"
NETWORK = r"https?://|urllib|requests\.|socket|fetch_|[!%]\s*(pip|conda|wget|curl)"


class Lesson:
    """A notebook with what the rules ask for; `path` tells its number and where links start."""

    def __init__(self, notebook: nbformat.NotebookNode, path: Path):
        self.path, self.cells = path, notebook.cells
        self.number = path.name[:2]
        self.code = [cell for cell in self.cells if cell.cell_type == "code"]
        self.prose = [cell for cell in self.cells if cell.cell_type == "markdown"]

    def headings(self) -> list[str]:
        lines = [line for cell in self.prose for line in cell.source.splitlines()]
        return [line[3:].strip() for line in lines if line.startswith("## ")]


def words(markdown: str) -> int:
    """How many words a reader reads: no formulas, no code blocks, no addresses, no markup."""
    text = re.sub(r"```.*?```|\$\$.*?\$\$", " ", markdown, flags=re.DOTALL)
    text = re.sub(r"\$[^$\n]+\$|\]\([^)]*\)|<[^>]+>|https?://\S+", " ", text)
    return len(re.findall(r"[^\W\d_][\w'’.-]*", text))


def slide_type(cell) -> str | None:
    return cell.metadata.get("slideshow", {}).get("slide_type")


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


def closing_sections(lesson: Lesson) -> Iterator[str]:
    """The last sections, in this order; the recap has five lines."""
    expected = CLOSING_SECTIONS if lesson.number != "00" else CLOSING_SECTIONS[-1:]
    last = lesson.headings()[-len(expected) :]
    if last != expected:
        yield f"the last sections are {last}, not {expected}"
    for cell in lesson.prose:
        recap = re.match(r"## Recap\n(.*)", cell.source, re.DOTALL)
        if recap and len(re.findall(r"^(?:-|\d\.) ", recap[1], re.MULTILINE)) != 5:
            yield "the recap is not a list of five"


def length(lesson: Lesson) -> Iterator[str]:
    """Words of the lesson; what is for the speaker does not count."""
    total = sum(words(cell.source) for cell in lesson.prose if slide_type(cell) != "notes")
    least, most = WORDS if lesson.number != "00" else WORDS_OF_START
    if not least <= total <= most:
        yield f"{total} words, not {least} to {most}"


def paragraphs(lesson: Lesson) -> Iterator[str]:
    """No paragraph or list item is a wall of text; tables are not read in one breath."""
    for cell in lesson.prose:
        for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.) ?)", cell.source):
            if words(block) > LONGEST_PARAGRAPH and not block.lstrip().startswith("|"):
                yield f"a paragraph of {words(block)} words: {block[:50]!r}"


def wording(lesson: Lesson) -> Iterator[str]:
    """No filler: what is simple needs no such word, and what is not is made worse by it."""
    for cell in lesson.prose:
        for match in re.finditer(rf"\b({FILLER})\b", cell.source, re.IGNORECASE):
            yield f"filler: {match[0]!r}"


def code_length(lesson: Lesson) -> Iterator[str]:
    """Code fits on a slide."""
    for cell in lesson.code:
        lines = cell.source.splitlines()
        if len(lines) > LONGEST_CELL:
            yield f"a cell of {len(lines)} lines: {lines[0]!r}"


def network(lesson: Lesson) -> Iterator[str]:
    """No cell asks for a network."""
    for cell in lesson.code:
        if match := re.search(NETWORK, cell.source):
            yield f"code that may use a network: {match[0]!r}"


def slides(lesson: Lesson) -> Iterator[str]:
    """Every cell says what it is in the deck."""
    for number, cell in enumerate(lesson.cells, start=1):
        if slide_type(cell) not in SLIDES:
            yield f"cell {number} has slide type {slide_type(cell)!r}, not one of {sorted(SLIDES)}"
    if slide_type(lesson.cells[0]) != "slide":
        yield "the first cell is not a slide"


def tags(lesson: Lesson) -> Iterator[str]:
    """Exceptions and outputs that are not compared are rare, and marked by tags only."""
    used = [tag for cell in lesson.cells for tag in cell.metadata.get("tags", ())]
    for tag in sorted(set(used)):
        if used.count(tag) > TAGS_PER_LESSON.get(tag, 0):
            yield f"tag {tag!r} {used.count(tag)} times; allowed {TAGS_PER_LESSON.get(tag, 0)}"
    for cell, following in zip(lesson.code, [*lesson.code[1:], None], strict=True):
        unchecked = "nbval-ignore-output" in cell.metadata.get("tags", ())
        if unchecked and not (following and re.search(r"^assert ", following.source, re.M)):
            yield "an output that is not compared, and no assert in the next code cell"
        if re.search(r"#\s*(NBVAL|PYTEST)_", cell.source):
            yield "a comment for nbval: use a tag, which readers do not see"


def links(lesson: Lesson) -> Iterator[str]:
    """Links within the course lead to files that are there; pictures have alt text."""
    for cell in lesson.prose:
        text = re.sub(r"\$[^$]*\$", " ", cell.source)  # W^{[l]}(x) is no link
        for bang, label, target in re.findall(r"(!?)\[([^]]*)\]\(([^)\s]*)", text):
            if bang and not label.strip():
                yield f"a picture without alt text: {target}"
            inside = not re.match(r"https?://|#|attachment:", target)
            if inside and not (lesson.path.parent / target.partition("#")[0]).is_file():
                yield f"a link to a file that is not there: {target!r}"


def verified(lesson: Lesson) -> Iterator[str]:
    """A lesson that displays a derivative verifies one."""
    displayed = any(re.search(r"\$\$[^$]*\\partial", cell.source) for cell in lesson.prose)
    if displayed and not any(re.search(r"\bverify\(", cell.source) for cell in lesson.code):
        yield "a displayed derivative and no call of verify()"


RULES = (
    title,
    closing_sections,
    length,
    paragraphs,
    wording,
    code_length,
    network,
    slides,
    tags,
    links,
    verified,
)
