"""What students wrote, made fit for a page, for Markdown and for a spreadsheet.

Names, file names, error messages and tracebacks are anybody's strings. What could act goes: escape
sequences of terminals, control characters, marks that turn the direction of writing around. The
rest is quoted, so that it is read and never obeyed.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ...checks.feedback import marked_up

LONGEST_LINE = 4_000  # characters of a text that a page shows
LONGEST_TRACE = 12_000

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colors and moves
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles, links
    r"|\x1b[ -/]*[0-~]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_BROKEN = re.compile("[\ud800-\udfff\ufffe\uffff]")  # halves of a character, and none

_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILES = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")  # accents that would cover other lines

_FORMULA = re.compile("((?:^|[;,])[\\s\"']*)([=+\\-@＝＋－＠])")


def clean(text: str, longest: int = LONGEST_TRACE) -> str:
    """The text in lines, without what acts or cannot be seen; a longer one ends in dots."""
    cut = text[:longest]
    if not cut.isprintable():
        cut = _LINE_ENDS.sub("\n", _ESCAPES.sub("", cut))
        cut = _BROKEN.sub("\ufffd", _UNSEEN.sub("", cut)).expandtabs(4)
    if not cut.isascii():
        cut = _PILES.sub(r"\1", cut)
    return f"{cut} …" if len(text) > longest else cut


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """The text on a single line."""
    return " ".join(clean(text, longest).split())


def in_html(text: str) -> str:
    """A line as HTML, with `backticks` as code."""
    return _html(one_line(text))


def in_markdown(text: str) -> str:
    """A line as Markdown, with `backticks` as code; nothing else in it is markup."""
    return _markdown(one_line(text))


# A class is told the same things again and again.
_html = lru_cache(1024)(marked_up)


@lru_cache(1024)
def _markdown(line: str) -> str:
    parts = re.split("(`[^`]+`)", line)
    quoted = "".join(
        part if n % 2 and not re.search(r"[<&|]", part) else _quoted(part)
        for n, part in enumerate(parts)
    )
    return re.sub(r"^([-+=:#]|\d+(?=[.)]))", lambda found: _after(found[1]), quoted)


def _quoted(text: str) -> str:
    """Entities stand for < and &: unlike a backslash, every Markdown knows them."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace("`", "&#96;")
    text = re.sub(r"[\\*_\[\]|~$^@]", r"\\\g<0>", text)
    return re.sub(r":(?=//)|(?<=www)\.", r"\\\g<0>", text, flags=re.IGNORECASE)


def _after(start: str) -> str:
    """The start of a line that would begin a list or a heading, and now does not."""
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def code_in_markdown(text: str) -> str:
    """Lines as an indented block, which nothing inside it can end."""
    return "\n".join(f"    {line}" for line in clean(text).split("\n"))


def in_cell(text: str) -> str:
    """A line for a spreadsheet, which would compute what begins like a formula.

    Where semicolons separate cells, one begins after each.
    """
    return _FORMULA.sub(r"\1'\2", one_line(text))


def number(value: float | None) -> str:
    """At most two digits after the point; a dash for what there is not."""
    return "–" if value is None else f"{round(value, 2) + 0:.12g}"
