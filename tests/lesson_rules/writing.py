"""How a lesson reads, also to those who listen to it or see it in other colors."""

import re
from collections.abc import Iterator
from itertools import pairwise

from .lesson import Lesson, pictures, words

LONGEST_PARAGRAPH = 120  # words
SHORTEST_ALT = 12  # words
FILLER = "simply|obviously|trivially|clearly|needless to say|in this (notebook|lesson) we will"


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


def tables(lesson: Lesson) -> Iterator[str]:
    """Every column of a table says in its header what it holds."""
    for cell in lesson.prose:
        lines = cell.source.splitlines()
        for header, below in pairwise(lines):
            names = header.strip().strip("|").split("|")
            if re.fullmatch(r"\s*\|(\s*:?-+:?\s*\|)+\s*", below) and not all(map(str.strip, names)):
                yield f"a column without a header: {header!r}"


def alt_texts(lesson: Lesson) -> Iterator[str]:
    """What a picture shows is said in words, and no two pictures are said to show the same."""
    found = [(alt, cell) for cell in lesson.code for alt in pictures(cell)]
    for alt, cell in found:
        if words(alt) + len(re.findall(r"\d+", alt)) < SHORTEST_ALT:
            yield f"alt text that says little: {alt!r} in {cell.source[:30]!r}"
    texts = [alt for alt, _ in found]
    for alt in sorted({alt for alt in texts if texts.count(alt) > 1}):
        yield f"two pictures with one alt text: {alt[:50]!r}"


def sources(lesson: Lesson) -> Iterator[str]:
    """A source has a title in italics, and a year or an address."""
    for cell in lesson.sections().get("Sources", []):
        for line in re.findall(r"^- .*", cell.source, re.MULTILINE):
            if not re.search(r"\*[^*]+\*", line) or not re.search(
                r"\b(19|20)\d\d\b|http|no year", line
            ):
                yield f"a source without title, or without year and address: {line[:60]!r}"


RULES = (paragraphs, wording, tables, alt_texts, sources)
