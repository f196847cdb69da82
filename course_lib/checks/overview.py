"""`progress()`: the map of chapters, drawn from the learner's record."""

from __future__ import annotations

import html

from ..chapters import CHAPTERS
from . import bank, record
from .feedback import marked_up, show
from .reviewing import due_items
from .texts import say

# Told apart by their shape; no color keeps its contrast in light and in dark themes.
SIGNS = {"open": "○", "tried": "◐", "done": "●", "mended": "◆", "due": "↻"}


def progress() -> None:
    """Draw the map: what is done, wrong then right, tried, open, or due for review."""
    show(Overview(record.read()))


class Overview:
    """Each chapter with a sign for each exercise."""

    def __init__(self, found: dict):
        self.due = due_items(found)
        self.rows = []
        for chapter in CHAPTERS:
            states = [self._state(found, id) for id in bank.of_chapter(chapter.number)]
            self.rows.append((chapter, states))
        entries = [found["exercises"].get(id) for _, row in self.rows for id, _ in row]
        self.solved = sum(entry is not None and entry["solved"] is not None for entry in entries)
        self.total = len(entries)

    def _state(self, found: dict, id: str) -> tuple[str, str]:
        """(id, state) of an exercise."""
        entry = found["exercises"].get(id)
        if entry is None or not entry["attempts"]:
            return id, "open"
        if any(id == other for other, _ in self.due):
            return id, "due"
        if entry["solved"] is None:
            return id, "tried"
        return id, "mended" if entry["missed"] else "done"

    def legend(self) -> str:
        return "   ".join(f"{sign} {say(f'progress.{state}')}" for state, sign in SIGNS.items())

    def closing(self) -> str:
        text = say("progress.solved", done=self.solved, total=self.total)
        return f"{text} {say('progress.waiting', count=len(self.due))}" if self.due else text

    def __str__(self) -> str:
        lines = [
            f"{c.number:02} {c.title:27} {'  '.join(map(_signed, row))}".rstrip()
            for c, row in self.rows
        ]
        return "\n".join([*lines, "", self.legend(), self.closing().replace("`", "")])

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><th scope="row" style="text-align:left">{c.number:02} {html.escape(c.title)}</th>'
            f'<td style="text-align:left">{" ".join(map(_sign, row))}</td></tr>'
            for c, row in self.rows
        )
        heads = "".join(
            f'<th scope="col" style="text-align:left">{say(f"progress.{key}")}</th>'
            for key in ("chapter", "exercises")
        )
        legend = "&emsp;".join(html.escape(part) for part in self.legend().split("   "))
        return (
            f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
            f"<p>{legend}</p><p>{marked_up(self.closing())}</p>"
        )


def _signed(item: tuple[str, str]) -> str:
    """The sign and the letter of an exercise."""
    id, state = item
    return f"{SIGNS[state]} {id[2:]}"


def _sign(item: tuple[str, str]) -> str:
    id, state = item
    words = f"{id}: {say(f'progress.{state}')}"
    return (
        f'<span role="img" aria-label="{words}" title="{words}" style="padding-right:.6em">'
        f"{_signed(item)}</span>"
    )
