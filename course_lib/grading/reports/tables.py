"""All marks as a table for a spreadsheet, and as JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict

from ..marks import Mark
from .statistics import exercise_ids, in_order, items, summary
from .untrusted import in_cell


def grades_csv(marks: Sequence[Mark]) -> str:
    """A row for each student: student, points of each exercise, total, out_of, late, failure.

    Text is quoted, whatever it holds: a semicolon in it starts no cell where semicolons do, and
    nothing a student wrote is computed as a formula.
    """
    ids = exercise_ids(marks)
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(["student", *ids, "total", "out_of", "late", "failure"])
    for mark in in_order(marks):
        points = {exercise.id: _short(exercise.points) for exercise in mark.exercises}
        writer.writerow(
            [
                in_cell(mark.student),
                *(points.get(id, "") for id in ids),
                _short(mark.points),
                _short(mark.out_of),
                "late" if mark.late else "",
                in_cell(mark.failure),
            ]
        )
    return out.getvalue()


def _short(value: float) -> float | int:
    """2 for 2.0, so that spreadsheets of any language read it."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def results_json(
    marks: Sequence[Mark],
    *,
    title: str = "",
    unmatched: Sequence[tuple[str, str]] = (),
    guards: str = "",
    limits: str = "",
    by_hand: dict[str, float] | None = None,
) -> str:
    """Everything, as JSON; `Mark.of_json` reads each entry of its "marks" back."""
    found = {
        "title": title,
        "guards": guards,
        "limits": limits,
        "by_hand": by_hand or {},
        "unmatched": [{"path": path, "reason": reason} for path, reason in sorted(unmatched)],
        "class": _rounded(asdict(summary(marks))),
        "exercises": [_rounded(asdict(item)) for item in items(marks)],
        "marks": [mark.as_json() for mark in in_order(marks)],
    }
    return json.dumps(found, indent=1, sort_keys=True, allow_nan=False) + "\n"


def _rounded(found: dict) -> dict:
    """Statistics to nine digits after the point, which all processors agree on."""
    return {
        name: round(value, 9) if isinstance(value, float) else value
        for name, value in found.items()
    }
