"""`mistakes()`: the page of misconceptions that a review is made of, one's own and common ones."""

from __future__ import annotations

import html
from collections.abc import Iterator

from . import bank, record
from .exercise import MODEL
from .feedback import marked_up, show
from .reviewing import STEPS, mistakes_of, numbers, samples
from .texts import exercise_texts, say


def mistakes() -> None:
    """List the misconceptions on record; where they are few, common ones fill up the list.

    `review(ahead=True)` asks them again, with new numbers.
    """
    show(Mistakes(record.read()))


class Mistakes:
    """Rows of exercise, idea, and how often it was reviewed, below a heading for whose they are."""

    def __init__(self, found: dict):
        self.own = [(id, _idea(id, code), _state(id, m)) for id, code, m in mistakes_of(found)]
        done = found.get("samples", [])
        self.samples = [
            (id, _idea(id, code), say("mistakes.done" if [id, code] in done else "mistakes.open"))
            for id, code in samples(found)
        ]

    def groups(self) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
        """(heading, rows) of what there is."""
        for key in ("own", "samples"):
            rows = getattr(self, key)
            if rows:
                yield say(f"mistakes.{key}", count=len(rows)), rows

    def __str__(self) -> str:
        lines = []
        for heading, rows in self.groups():
            width = max(len(idea) for _, idea, _ in rows)
            lines += [heading, *(f"  {id}  {idea:{width}}  {state}" for id, idea, state in rows)]
        return "\n".join([*lines, _how().replace("`", "")])

    def _repr_html_(self) -> str:
        left = 'style="text-align:left"'
        columns = ("exercise", "idea", "reviewed")
        heads = "".join(f'<th scope="col" {left}>{say(f"mistakes.{key}")}</th>' for key in columns)
        parts = [f"<table><thead><tr>{heads}</tr></thead>"]
        for heading, rows in self.groups():
            first = f'<tr><th scope="rowgroup" colspan="3" {left}>{html.escape(heading)}</th></tr>'
            parts.append(f"<tbody>{first}")
            for row in rows:
                cells = "".join(f"<td {left}>{html.escape(cell)}</td>" for cell in row)
                parts.append(f"<tr>{cells}</tr>")
            parts.append("</tbody>")
        return "".join([*parts, "</table>", f"<p>{marked_up(_how())}</p>"])


def _how() -> str:
    return say("mistakes.how", numbers=numbers())


def _idea(id: str, code: str) -> str:
    return exercise_texts(id)["wrong"][code]["name"]


def _state(id: str, missed: dict) -> str:
    if bank.find(id).kind is MODEL:
        return say("mistakes.by_hand")
    if missed["stage"] >= len(STEPS):
        return say("mistakes.learned")
    return say("mistakes.times", stage=missed["stage"], count=len(STEPS))
