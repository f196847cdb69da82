"""A lesson with what the rules ask for."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat

LECTURER = "<details><summary>For the lecturer, minute "
CLOSING_SECTIONS = ["Recap", "Notation", "Ask yourself later", "Errata of the sources", "Sources"]


class Lesson:
    """A notebook; `path` tells its number, and where its links start."""

    def __init__(self, notebook: nbformat.NotebookNode, path: Path):
        self.path, self.cells = path, notebook.cells
        self.number = path.name[:2]
        self.code = [cell for cell in self.cells if cell.cell_type == "code"]
        self.prose = [cell for cell in self.cells if cell.cell_type == "markdown"]

    @property
    def opens_the_way(self) -> bool:
        """Lesson 00 is shorter, has no errata and no recap of mathematics."""
        return self.number == "00"

    @property
    def read(self) -> list[nbformat.NotebookNode]:
        """The markdown cells that a learner reads: all but those for the lecturer."""
        return [cell for cell in self.prose if not cell.source.startswith(LECTURER)]

    @property
    def lecturer(self) -> list[nbformat.NotebookNode]:
        return [cell for cell in self.prose if cell.source.startswith(LECTURER)]

    def headings(self) -> list[str]:
        lines = [line for cell in self.prose for line in cell.source.splitlines()]
        return [line[3:].strip() for line in lines if line.startswith("## ")]

    def sections(self) -> dict[str, list[nbformat.NotebookNode]]:
        """The cells below each heading of the second level, the heading's own first."""
        found, current = {}, []
        for cell in self.cells:
            if heading := re.match(r"## (.*)", cell.source):
                current = found.setdefault(heading[1].strip(), [])
            current.append(cell)
        return found

    def concepts(self) -> dict[str, list[nbformat.NotebookNode]]:
        """The sections that teach: all but the opening question and what closes the lesson."""
        closing = [*CLOSING_SECTIONS, "Worth reading beside it"]
        names = [name for name in self.sections() if name not in closing]
        return {name: self.sections()[name] for name in names[1:]}

    def slides(self) -> Iterator[list[nbformat.NotebookNode]]:
        """What is on screen together: a slide or subslide and its fragments."""
        current = []
        for cell in self.cells:
            if slide_type(cell) in ("slide", "subslide"):
                if current:
                    yield current
                current = []
            if slide_type(cell) not in ("notes", "skip"):
                current.append(cell)
        yield current


def slide_type(cell) -> str | None:
    return cell.metadata.get("slideshow", {}).get("slide_type")


def tags_of(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def words(markdown: str) -> int:
    """How many words a reader reads: no formulas, no code blocks, no addresses, no markup."""
    text = re.sub(r"```.*?```|\$\$.*?\$\$", " ", markdown, flags=re.DOTALL)
    text = re.sub(r"\$[^$\n]+\$|\]\([^)]*\)|<[^>]+>|https?://\S+", " ", text)
    return len(re.findall(r"[^\W\d_][\w'’.-]*", text))


def displayed(cell) -> list[str]:
    """The displayed equations of a markdown cell."""
    return re.findall(r"\$\$(.*?)\$\$", cell.source, re.DOTALL)


def shown(cell) -> str:
    """Everything that an output of a code cell says in text."""
    texts = []
    for output in cell.get("outputs", ()):
        texts.append(output.get("text", "") + output.get("evalue", ""))
        data = output.get("data", {})
        texts += [data.get("text/plain", ""), re.sub(r"<img[^>]*>", "", data.get("text/html", ""))]
    return "\n".join(texts)


def pictures(cell) -> list[str]:
    """The alt text of each picture among the outputs of a code cell."""
    found = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        for mime in data:
            if mime.startswith("image/"):
                found.append(output.get("metadata", {}).get(mime, {}).get("alt", ""))
        found += re.findall(r'<img\b[^>]*?\balt="([^"]*)"', data.get("text/html", ""))
    return found
