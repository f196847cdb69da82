"""The instructor's page: what the class can do, which ideas it missed, and what needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ..marks import Mark
from .page import page, table
from .plots import drawn
from .statistics import ClassSummary, Item, Misconception, in_order, items, summary
from .student import name
from .untrusted import in_html, number, one_line

FEW = 20  # submissions, below which discrimination is mostly chance
SHOWN = 5  # lines for an exercise: the commonest

KINDS = {
    "right": "right",
    "unwritten": "not written",
    "missing": "not found",
    "misconception": "known misconception",
    "lost": "ended the process",
    "hidden": "right only for the printed numbers",
    "type": "not what was asked for",
    "error": "stopped with an error",
    "slow": "too slow",
    "shape": "wrong shape",
    "finite": "nan or infinity",
    "near": "near miss",
    "sibling": "answers another exercise",
    "wrong": "unexplained",
}

EXPLANATION = f"""<p><b>Facility</b> is the mean share of an exercise's points: 1 if everybody has
all of them. Below 0.3, look whether the task is understood; above 0.95, it tells little about
anybody. <b>Discrimination</b> is the correlation of an exercise's points with those of all the
other exercises: whether those who can do the rest can do this one. From 0.3 on it is good; below
0.1 the exercise asks for something else, and below 0 those who know more do worse: look for an
ambiguous task or a check that is too strict. Where everybody has the same points it is undefined.
With fewer than {FEW} submissions it is mostly chance, and nothing is said about it.</p>"""


def class_html(
    marks: Sequence[Mark],
    *,
    title: str,
    unmatched: Sequence[tuple[str, str]],
    guards: str,
    by_hand: dict[str, float],
    files: dict[str, str],
) -> str:
    """The page as HTML; `files` has for each student the path of their page, relative to it."""
    marks = in_order(marks)
    totals, analysis = summary(marks), items(marks)
    shown = {mark.student: _linked(mark, files) for mark in marks}
    body = [
        "<main>",
        f"<h1>{in_html(title)}</h1>",
        *_overview(marks, totals),
        _picture(totals, analysis),
        *_attention(marks, shown, unmatched, by_hand),
        *_analysis(analysis),
        *_misconceptions(analysis),
        *_others(analysis),
        *_students(marks, shown, analysis),
        "</main>",
    ]
    if guards:
        body.append(f"<footer><h2>How it was run</h2><p>{in_html(guards)}</p></footer>")
    return page(title, body, wide=True)


def _linked(mark: Mark, files: dict[str, str]) -> str:
    """The name, which leads to the student's page where there is one."""
    shown = f"<bdi>{in_html(name(mark).replace('`', chr(39)))}</bdi>"
    path = files.get(mark.student)
    return f'<a href="{quote(path)}">{shown}</a>' if path else shown


def _overview(marks: list[Mark], totals: ClassSummary) -> list[str]:
    failed = sum(bool(mark.failure) for mark in marks)
    count = f"{_count(len(marks), 'submission')}"
    if failed:
        count += f", of which {failed} could not be run; what follows is about the other {totals.n}"
    lines = [f"<p>{count}.</p>"]
    if totals.n:
        low, high = totals.quartiles
        rows = [
            ("mean", f"{number(totals.mean)} of {number(totals.out_of)} points"),
            ("median", number(totals.median)),
            ("middle half", f"{number(low)} to {number(high)}"),
            ("Cronbach's alpha", number(totals.alpha)),
        ]
        lines.append(table(("of the totals", "points"), rows))
        lines.append(
            '<p class="faint">Cronbach\'s alpha says how well the exercises agree on who knows '
            "more; from 0.7 on, a total ranks a class reliably.</p>"
        )
    return lines


def _count(n: int, thing: str) -> str:
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


def _picture(totals: ClassSummary, analysis: list[Item]) -> str:
    if not totals.n or not analysis:
        return ""
    return f"<h2>Points and exercises</h2><figure>{drawn(totals, analysis)}</figure>"


def _attention(marks, shown, unmatched, by_hand) -> list[str]:
    """What waits for a person, and what went wrong."""
    parts = ["<h2>What needs you</h2>"]
    if by_hand:
        rows = [(in_html(cell), number(points)) for cell, points in by_hand.items()]
        caption = "To be read and marked by a person, in every submission"
        parts.append(table(("cell", "points"), rows, numbers=(1,), caption=caption))
    failed = [mark for mark in marks if mark.failure]
    if failed:
        rows = [(shown[m.student], _path(m.source), in_html(m.failure)) for m in failed]
        caption = f"Could not be run: {len(failed)}"
        heads = ("student", "file", "why")
        parts.append(table(heads, rows, caption=caption, scrolling="Could not be run"))
    if unmatched:
        rows = [(_path(path), in_html(reason)) for path, reason in sorted(unmatched)]
        caption = f"Files that belong to no submission: {len(rows)}"
        heads = ("file", "why")
        parts.append(table(heads, rows, caption=caption, scrolling="Files of no submission"))
    late = [shown[mark.student] for mark in marks if mark.late]
    if late:
        parts.append(f"<p>Late: {len(late)}. {', '.join(late)}.</p>")
    if len(parts) == 1:
        parts.append("<p>Nothing: all files were read, all could be run, none was late.</p>")
    return parts


def _path(path: str) -> str:
    return in_html(one_line(path, 300).replace("`", "'"))


def _analysis(analysis: list[Item]) -> list[str]:
    if not any(item.n for item in analysis):
        return []
    heads = (
        "exercise",
        "points",
        "facility",
        "discrimi&shy;nation",
        "right",
        "not written",
        "miscon&shy;ception",
        "other",
        "worth a look",
    )
    rows = [
        (
            in_html(item.id),
            number(item.out_of),
            _two_digits(item.facility),
            _two_digits(item.discrimination),
            *map(str, _counts(item)),
            "; ".join(worth_a_look(item)),
        )
        for item in analysis
    ]
    found = table(heads, rows, numbers=range(1, 8), scrolling="Exercises")
    return ["<h2>Exercises</h2>", EXPLANATION, found]


def _two_digits(value: float | None) -> str:
    """As 0.50 or −0.05; a dash where it is undefined."""
    return "–" if value is None else f"{round(value, 2) + 0:.2f}".replace("-", "−")


def _counts(item: Item) -> tuple[int, int, int, int]:
    """How many are right, not written, misconceptions, and anything else."""
    right = item.kinds.get("right", 0)
    unwritten = item.kinds.get("unwritten", 0) + item.kinds.get("missing", 0)
    missed = item.kinds.get("misconception", 0)
    return right, unwritten, missed, item.n - right - unwritten - missed


def worth_a_look(item: Item) -> list[str]:
    """What an instructor would want to look into, in words."""
    said = []
    if item.facility is not None and item.facility < 0.3:
        said.append("hard")
    if item.facility is not None and item.facility > 0.95:
        said.append("nearly all have it")
    if item.discrimination is not None and item.n >= FEW and item.discrimination < 0.1:
        negative = item.discrimination < 0
        said.append("those who know more do worse" if negative else "tells nobody apart")
    unexplained = item.kinds.get("wrong", 0)
    if unexplained >= 3 and unexplained >= 0.1 * item.n:
        said.append(f"{unexplained} unexplained answers: perhaps a misconception not known yet")
    lost = item.kinds.get("lost", 0) + item.kinds.get("hidden", 0)
    if lost:
        said.append(f"{_count(lost, 'answer')} to read: {KINDS['lost']}, or {KINDS['hidden']}")
    return said


def _misconceptions(analysis: list[Item]) -> list[str]:
    rows = [
        (in_html(item.id), in_html(_idea(found)), _of(found.count, item.n))
        for item in analysis
        for found in item.misconceptions[:SHOWN]
    ]
    if not rows:
        return []
    heads = ("exercise", "idea", "submissions")
    caption = f"For each exercise the commonest, up to {SHOWN}"
    found = table(heads, rows, numbers=(2,), caption=caption, scrolling="Misconceptions")
    return ["<h2>Misconceptions</h2>", found]


def _others(analysis: list[Item]) -> list[str]:
    rows = [
        (
            in_html(item.id),
            KINDS.get(found.kind, in_html(found.kind)),
            in_html(found.code.replace("_", " ")[:80]),
            _of(found.count, item.n),
        )
        for item in analysis
        for found in item.findings[:SHOWN]
    ]
    if not rows:
        return []
    heads = ("exercise", "finding", "which", "submissions")
    caption = f"For each exercise the commonest, up to {SHOWN}"
    found = table(heads, rows, numbers=(3,), caption=caption, scrolling="Other findings")
    return ["<h2>Other findings</h2>", found]


def _idea(found: Misconception) -> str:
    """Its name, or in a bug hunt the letter that was answered."""
    return f"line {found.name}" if len(found.name) == 1 else found.name


def _of(count: int, n: int) -> str:
    return f"{count} ({count / n:.0%})"


def _students(marks: list[Mark], shown: dict[str, str], analysis: list[Item]) -> list[str]:
    if not marks:
        return []
    ids = [item.id for item in analysis]
    rows = []
    for mark in marks:
        points = {found.id: number(found.points) for found in mark.exercises}
        state = ["could not be run"] * bool(mark.failure) + ["late"] * mark.late
        rows.append(
            (
                shown[mark.student],
                number(mark.points),
                number(mark.out_of),
                *(points.get(id, "–") for id in ids),
                ", ".join(state),
            )
        )
    heads = ("student", "total", "out of", *map(in_html, ids), "remark")
    numbers = range(1, len(ids) + 3)
    return ["<h2>Students</h2>", table(heads, rows, numbers=numbers, scrolling="Students")]
