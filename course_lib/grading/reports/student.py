"""A student's page: the words of `check` about each exercise, and what to do next."""

from __future__ import annotations

from html import escape

from ...checks.feedback import WRONG
from ..marks import ExerciseMark, Mark
from .page import SIGNS, page, table
from .statistics import idea
from .untrusted import clean, code_in_markdown, in_html, in_markdown, number, one_line

STATES = {"right": "right", "unwritten": "not written yet", "missing": "not found"}
UNHINTED = ("missing", "lost", "slow", "error", "type")  # where the text itself says what to do


def student_html(mark: Mark, *, title: str, limits: str, by_hand: dict[str, float]) -> str:
    """The page as HTML."""
    body = [
        "<main>",
        f"<h1>{in_html(title)}</h1>",
        f"<p>Marks of <b><bdi>{escape(name(mark))}</bdi></b></p>",
        *(f"<p>{in_html(sentence)}</p>" for sentence in _overview(mark, by_hand)),
        _list_in_html("About your notebook", mark.remarks),
        _points_in_html(mark, by_hand),
    ]
    if not mark.failure:
        body += [_finding_in_html(n, found) for n, found in enumerate(mark.exercises, 1)]
    body += ["</main>", "<footer>"]
    if limits:
        body.append(f"<h2>How it was run</h2><p>{in_html(limits)}</p>")
    body += [f'<p class="faint">{in_html(_origin(mark))}</p>', "</footer>"]
    return page(f"{one_line(title)}: {name(mark)}", body)


def student_markdown(mark: Mark, *, title: str, limits: str, by_hand: dict[str, float]) -> str:
    """The page as Markdown."""
    blocks = [
        f"# {in_markdown(title)}",
        f"Marks of **{in_markdown(name(mark))}**",
        *map(in_markdown, _overview(mark, by_hand)),
    ]
    if mark.remarks:
        remarks = "\n".join(f"- {in_markdown(remark)}" for remark in mark.remarks)
        blocks += ["## About your notebook", remarks]
    rows = "\n".join(f"| {' | '.join(map(in_markdown, row))} |" for row in _rows(mark, by_hand))
    if rows:
        heads = "| exercise | points | out of | state |\n|---|--:|--:|---|"
        blocks += ["## Points", f"{heads}\n{rows}"]
    if not mark.failure:
        for found in mark.exercises:
            blocks += _finding_in_markdown(found)
    if limits:
        blocks += ["## How it was run", in_markdown(limits)]
    return "\n\n".join([*blocks, in_markdown(_origin(mark))]) + "\n"


def name(mark: Mark) -> str:
    """The student's name as text for a page."""
    return one_line(mark.student, 200) or "(no name)"


# --- what both say -------------------------------------------------------------------------------


def _overview(mark: Mark, by_hand: dict[str, float]) -> list[str]:
    """Points, what went wrong with all of it, and what to do next; `backticks` mark code."""
    right = sum(found.kind == "right" for found in mark.exercises)
    points = f"{number(mark.points)} of {number(mark.out_of)} points"
    said = [f"{points}. Exercises right: {right} of {len(mark.exercises)}."]
    if mark.failure:
        said = [f"{points}. Nothing of this could be run: {mark.failure}"]
    if by_hand:
        said.append(
            f"Besides, a person reads {', '.join(by_hand)}, for up to "
            f"{number(sum(by_hand.values()))} points."
        )
    if mark.late:
        said.append("It came after the date on which it was due.")
    return [*said, _next_step(mark)]


def _next_step(mark: Mark) -> str:
    if mark.failure:
        return (
            "What next? Open the notebook in JupyterLab, choose Run, then Run All Cells, save it, "
            "and ask whether you may hand it in again."
        )
    open_ones = [found for found in mark.exercises if found.kind != "right"]
    if not open_ones:
        return "Nothing is left to do here."
    first = open_ones[0]
    step = f"What next? Begin with {first.id}: what is said about it below leads on."
    if first.kind not in UNHINTED:
        step += f' In the notebook, `hint("{first.id}")` asks something smaller.'
    return step


def _rows(mark: Mark, by_hand: dict[str, float]) -> list[tuple[str, str, str, str]]:
    marked = [(f.id, number(f.points), number(f.out_of), _state(f)) for f in mark.exercises]
    waiting = [
        (cell, "–", number(points), "waits for a person") for cell, points in by_hand.items()
    ]
    return marked + waiting


def _sign(found: ExerciseMark) -> str:
    return SIGNS.get(found.kind, WRONG)[0]


def _state(found: ExerciseMark) -> str:
    return f"{_sign(found)} {STATES.get(found.kind, 'not yet right')}"


def _idea(found: ExerciseMark) -> str:
    """The misconception's name as a sentence, and nothing where there is none."""
    named = found.kind == "misconception" and idea(found.id, found.code)
    return f"The idea behind it: {named}." if named else ""


def _heading(found: ExerciseMark) -> str:
    points = f"{number(found.points)} of {number(found.out_of)} points"
    return f"{_sign(found)} {found.id}: {points}"


def _origin(mark: Mark) -> str:
    """Which file it was, for a student who handed in several."""
    source = one_line(mark.source, 300).replace("`", "'")
    return f"Marked: `{source}`, SHA-256 {clean(mark.digest)[:12]}…"


# --- HTML and Markdown ---------------------------------------------------------------------------


def _list_in_html(heading: str, lines: tuple[str, ...]) -> str:
    entries = "".join(f"<li>{in_html(line)}</li>" for line in lines)
    return f"<h2>{heading}</h2><ul>{entries}</ul>" if lines else ""


def _points_in_html(mark: Mark, by_hand: dict[str, float]) -> str:
    rows = [[in_html(cell) for cell in row] for row in _rows(mark, by_hand)]
    if not rows:
        return ""
    if not mark.failure:
        for n, row in enumerate(rows[: len(mark.exercises)], 1):
            row[0] = f'<a href="#exercise-{n}">{row[0]}</a>'
    heads = ("exercise", "points", "out of", "state")
    return "<h2>Points</h2>" + table(heads, rows, numbers=(1, 2))


def _finding_in_html(n: int, found: ExerciseMark) -> str:
    kind = {"right": "right", "unwritten": "unwritten", "missing": "unwritten"}.get(found.kind, "")
    parts = [f"<h2>{in_html(_heading(found))}</h2>", f"<p>{in_html(found.text)}</p>"]
    if found.trace:
        label = f"where {one_line(found.id)} stopped"
        trace = escape(clean(found.trace), quote=False)
        parts.append(
            f'<pre dir="ltr" tabindex="0" role="region" aria-label="{escape(label)}">{trace}</pre>'
        )
    parts += [f"<p>{in_html(said)}</p>" for said in (_idea(found), found.note) if said]
    return f'<section class="finding {kind}" id="exercise-{n}">{"".join(parts)}</section>'


def _finding_in_markdown(found: ExerciseMark) -> list[str]:
    blocks = [f"## {in_markdown(_heading(found))}", in_markdown(found.text)]
    if found.trace:
        blocks.append(code_in_markdown(found.trace))
    return blocks + [in_markdown(said) for said in (_idea(found), found.note) if said]
