"""Item analysis: how hard an exercise is, whether it tells students apart, which ideas are missed.

Submissions that could not be run say nothing about an exercise and are left out.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from ...checks import bank
from ...checks.texts import exercise_texts
from ..marks import ExerciseMark, Mark

UNFOUND = ("right", "unwritten", "missing", "misconception")  # no findings, or counted elsewhere


@dataclass(frozen=True)
class Misconception:
    """One wrong idea, and in how many submissions of an exercise it was.

    In a bug hunt, code and name are the letter of the line that was taken for the wrong one.
    """

    code: str
    name: str
    count: int


@dataclass(frozen=True)
class Finding:
    """What else was found, such as ("error", "NameError") or ("shape", "transposed")."""

    kind: str
    code: str
    count: int


@dataclass(frozen=True)
class Item:
    """One exercise over the class of the `n` who have it; lists begin with the commonest."""

    id: str
    n: int
    out_of: float
    facility: float | None
    discrimination: float | None
    kinds: dict[str, int]
    misconceptions: tuple[Misconception, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Bar:
    """How many totals are at least `start` and less than `stop`; full points have their own bar."""

    start: float
    stop: float
    count: int


@dataclass(frozen=True)
class ClassSummary:
    """The totals of the `n` submissions that ran; None where there are too few of them."""

    n: int
    out_of: float
    mean: float | None
    median: float | None
    quartiles: tuple[float, float] | None
    alpha: float | None
    histogram: tuple[Bar, ...]


def in_order(marks: Sequence[Mark]) -> list[Mark]:
    """By name, whatever the order in which they were made."""
    return sorted(marks, key=lambda mark: (mark.student.casefold(), mark.student, mark.source))


def exercise_ids(marks: Sequence[Mark]) -> list[str]:
    """Every exercise that occurs, in the order of the problem set."""
    found = {exercise.id for mark in marks for exercise in mark.exercises}
    chapters = sorted({int(id[:2]) for id in found if id[:2].isdecimal()})
    known = [id for chapter in chapters for id in bank.of_chapter(chapter) if id in found]
    return known + sorted(found.difference(known))


def items(marks: Sequence[Mark]) -> list[Item]:
    """The analysis of each exercise."""
    ran = [mark for mark in in_order(marks) if not mark.failure]
    ids = exercise_ids(marks)
    found: dict[str, list[ExerciseMark]] = {id: [] for id in ids}
    rests: dict[str, list[float]] = {id: [] for id in ids}
    for mark in ran:
        points = [exercise.points for exercise in mark.exercises]
        for n, exercise in enumerate(mark.exercises):
            found[exercise.id].append(exercise)
            rests[exercise.id].append(_total(points[:n] + points[n + 1 :]))
    return [_item(id, found[id], rests[id]) for id in ids]


def _item(id: str, found: list[ExerciseMark], rests: list[float]) -> Item:
    kinds = Counter(exercise.kind for exercise in found)
    ideas = Counter(e.code for e in found if e.kind == "misconception")
    others = Counter((e.kind, e.code) for e in found if e.kind not in UNFOUND)
    return Item(
        id=id,
        n=len(found),
        out_of=max((exercise.out_of for exercise in found), default=0.0),
        facility=facility(found),
        discrimination=correlation([exercise.points for exercise in found], rests),
        kinds=dict(_commonest(kinds)),
        misconceptions=tuple(
            Misconception(code, idea(id, code) or code, count) for code, count in _commonest(ideas)
        ),
        findings=tuple(Finding(*key, count) for key, count in _commonest(others)),
    )


def _commonest(counts: Counter) -> list[tuple]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def idea(id: str, code: str) -> str:
    """What a misconception is called; empty where it has no name."""
    try:
        return exercise_texts(id)["wrong"][code]["name"]
    except (KeyError, IndexError, ValueError):
        return ""


def facility(found: Sequence[ExerciseMark]) -> float | None:
    """The mean share of the points: 1 if all got all, 0 if nobody got any; None of nobody."""
    shares = [exercise.points / exercise.out_of for exercise in found if exercise.out_of]
    return statistics.fmean(shares) if shares else None


def correlation(scores: Sequence[float], rests: Sequence[float]) -> float | None:
    """Discrimination: the correlation of an exercise's points with those of all *other* exercises.

    With the exercise in the total, it would correlate with itself: S. Henrysson, "Correction of
    item-total correlations in item analysis", Psychometrika 28 (1963), 211-218. None where it is
    undefined: fewer than two submissions, or one of the two never varies.
    """
    if len(scores) < 2 or len(set(scores)) == 1 or len(set(rests)) == 1:
        return None
    return statistics.correlation(scores, rests)


def summary(marks: Sequence[Mark]) -> ClassSummary:
    """The totals of the class."""
    ran = [mark for mark in in_order(marks) if not mark.failure]
    out_of = max((mark.out_of for mark in ran), default=0.0)
    totals = sorted(_total([exercise.points for exercise in mark.exercises]) for mark in ran)
    if not totals:
        return ClassSummary(0, out_of, None, None, None, None, ())
    quartiles = statistics.quantiles(totals, method="inclusive") if len(totals) > 1 else totals * 3
    return ClassSummary(
        n=len(totals),
        out_of=out_of,
        mean=statistics.fmean(totals),
        median=statistics.median(totals),
        quartiles=(quartiles[0], quartiles[2]),
        alpha=alpha(ran),
        histogram=histogram(totals, out_of),
    )


def _total(points: Sequence[float]) -> float:
    """The sum, rounded, so that thirds that add up to the same are the same."""
    return round(fsum(points), 9)


def alpha(marks: Sequence[Mark]) -> float | None:
    """How consistently the exercises rank the class: L. J. Cronbach, "Coefficient alpha and the
    internal structure of tests", Psychometrika 16 (1951), 297-334.

    k / (k − 1) · (1 − Σ variances of the exercises / variance of the total); None where there are
    fewer than two exercises or submissions, totals never vary, or exercises are not the same.
    """
    rows = [[exercise.points for exercise in mark.exercises] for mark in marks]
    count = len(rows[0]) if rows else 0
    if len(rows) < 2 or count < 2 or len({tuple(e.id for e in m.exercises) for m in marks}) > 1:
        return None
    totals = [_total(row) for row in rows]
    if len(set(totals)) == 1:
        return None
    single = fsum(statistics.variance(column) for column in zip(*rows, strict=True))
    return count / (count - 1) * (1 - single / statistics.variance(totals))


def histogram(totals: Sequence[float], out_of: float) -> tuple[Bar, ...]:
    """At most a dozen bars of 1, 2, 5, 10 ... points each, and one for full points."""
    width = next(m * 10**e for e in range(300) for m in (1, 2, 5) if out_of <= 12 * m * 10**e)
    starts = [float(n * width) for n in range(12) if n * width < out_of] + [float(out_of)]
    stops = [*starts[1:], float(out_of)]
    places = Counter(max(sum(total >= s - 1e-9 for s in starts) - 1, 0) for total in totals)
    return tuple(
        Bar(start, stop, places[n])
        for n, (start, stop) in enumerate(zip(starts, stops, strict=True))
    )
