"""A class: what was handed in is found, marked, kept and reported."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path

from ..chapters import CHAPTERS, Chapter
from ..checks import bank
from ..files import replaced
from ..progress import progress_bar
from . import reports
from .batches import HEAVIEST, Batch, Entry, Marked, batch_size, run_batches, run_here
from .keeping import Kept, Results
from .limits import LIMITS, Limits
from .marks import Mark
from .rosters import Roster
from .sandbox import Unavailable
from .sandbox.bubblewrap import program
from .sandbox.places import covers
from .sources import Unfit
from .submissions import Found, Submission, find
from .versions import version

SETS = {chapter.number: chapter for chapter in CHAPTERS if chapter.number > 0}


@dataclass(frozen=True)
class Graded:
    """What came of one problem set.

    `folder` holds its pages and tables; `before` is how many of the marks are from an earlier run;
    `unmatched` has (path, why) for what is nobody's. `gradebook` is the one with points filled in,
    None where none was given, and `warnings` are lines for who imports it.
    """

    chapter: Chapter
    folder: Path
    marks: list[Mark]
    before: int
    unmatched: list[tuple[str, str]]
    gradebook: Path | None
    warnings: list[str]


def grade(
    submissions: Path,
    out: Path,
    *,
    chapter: int | None = None,
    roster: Path | None = None,
    column: str | None = None,
    due: datetime | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    sandboxed: bool = True,
    limits: Limits = LIMITS,
) -> list[Graded]:
    """Mark all submissions in a folder or zip, and write results into the folder `out`.

    `chapter` is the problem set where the folders do not say it; `roster` a gradebook of Canvas or
    Moodle, whose `column` is filled in; `due` when the submissions were due. `executor` runs the
    batches, `workers` at once; the default is a thread for each processor of this machine.
    `sandboxed=False` runs strangers' code with your own rights.

    What is already marked in `out` is not marked again, unless the notebook, the course or `limits`
    have changed, or no sandbox stood then and one does now. After an error or Ctrl-C all marks that
    were given are kept, and the same call goes on. Raises ValueError, with one line, for what was
    handed in wrongly; keeping.Busy; sandbox.Unavailable; batches.Lost; OSError.
    """
    submissions, out = Path(submissions), Path(out)
    _refuse_what_cannot_be(submissions, out, chapter)
    if sandboxed and executor is None and not program():
        raise Unavailable(
            "there is no sandbox on this machine: bubblewrap (bwrap), which Linux has (apt install "
            "bubblewrap), was not found"
        )
    gradebook = Roster.read(roster) if roster else None
    found = find(submissions, gradebook, due, chapter)
    by_set, unmatched = _problem_sets(found)
    if not by_set:
        raise ValueError(f"{submissions}: {_nothing(unmatched)}")
    if gradebook:
        for each in by_set:
            gradebook.filled([], each, column)  # a column that is not there is said before marking
    results = Results(out, f"{version()} {limits}")
    with results.locked():
        run = _Run(results, executor, workers or _processors(), sandboxed, limits)
        return [
            _one_set(run, each, some, unmatched, gradebook, column) for each, some in by_set.items()
        ]


@dataclass
class _Run:
    """What all problem sets of a call share."""

    results: Results
    executor: Executor | None
    workers: int
    sandboxed: bool
    limits: Limits


def _refuse_what_cannot_be(submissions: Path, out: Path, chapter: int | None) -> None:
    """Raises ValueError, with one line."""
    if chapter is not None and chapter not in SETS:
        raise ValueError(
            f"found problem set {chapter}, expected one from {min(SETS)} to {max(SETS)}"
        )
    for path in (submissions, out):
        if shown := covers(path):
            raise ValueError(
                f"{path} lies in {shown}, which submissions can read; choose another folder"
            )
    if out.resolve().is_relative_to(submissions.resolve()):
        raise ValueError(
            f"the results are to be in {out}, which lies in {submissions}, where submissions are "
            "looked for; choose a folder outside"
        )


def _problem_sets(
    found: Found,
) -> tuple[dict[Chapter, list[Submission]], list[tuple[str, str]]]:
    """The submissions for each problem set that there is, and what is nobody's."""
    by_set, unmatched = {}, list(found.unmatched)
    for number, submissions in sorted(found.by_set.items()):
        if number not in SETS:
            unmatched += [(s.source, f"there is no problem set {number:02}") for s in submissions]
        elif submissions:
            by_set[SETS[number]] = submissions
    return by_set, sorted(unmatched)


def _nothing(unmatched: list[tuple[str, str]]) -> str:
    """Why there is nothing to mark."""
    said = "found no notebook that could be marked"
    if not unmatched:
        return f"{said}, nor anything else"
    path, why = unmatched[0]
    more = f" and {len(unmatched) - 1} more" if len(unmatched) > 1 else ""
    return f"{said}, but {path} ({why}){more}"


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _one_set(
    run: _Run,
    chapter: Chapter,
    submissions: list[Submission],
    unmatched: list[tuple[str, str]],
    gradebook: Roster | None,
    column: str | None,
) -> Graded:
    """Mark one problem set and write its reports."""
    known, waiting = _known(run, chapter, submissions)
    marks, guards = [kept.mark for kept in known], {kept.guards for kept in known}
    with (
        progress_bar(
            total=len(submissions), initial=len(known), desc=chapter.name, unit=" notebooks"
        ) as bar,
        closing(_marked(run, chapter, waiting)) as batches,
    ):
        for marked in batches:
            for mark in marked.marks:
                run.results.keep(chapter.number, Kept(mark, marked.guards, run.sandboxed))
            marks += [*marked.marks, *marked.failed]
            guards.add(marked.guards)
            bar.update(len(marked.marks) + len(marked.failed))
    marks.sort(key=lambda mark: mark.student)
    folder = run.results.out / chapter.name
    reports.write(
        marks,
        folder,
        title=f"{chapter.number:02} {chapter.title}",
        unmatched=unmatched,
        guards="; ".join(sorted(guards - {""})),
        limits=run.limits.told(),
        by_hand=_by_hand(chapter),
        files=reports.page_files(mark.student for mark in marks),
    )
    filled, warnings = None, []
    if gradebook:
        filled = folder / "gradebook.csv"
        warnings = _fill_in(gradebook, filled, chapter, marks, column)
    return Graded(chapter, folder, marks, len(known), unmatched, filled, warnings)


def _by_hand(chapter: Chapter) -> dict[str, float]:
    """The cells of a problem set that a person marks, and their points."""
    return getattr(import_module(f"{bank.__name__}.c{chapter.name}"), "BY_HAND", {})


def _known(
    run: _Run, chapter: Chapter, submissions: list[Submission]
) -> tuple[list[Kept], list[Submission]]:
    """The marks from before that still hold, and what is to be marked."""
    known, waiting = [], []
    for submission in submissions:
        entry = _entry(submission)
        digest = hashlib.sha256(entry.notebook).hexdigest()
        kept = run.results.kept(chapter.number, entry.student, digest)
        if entry.problem or kept is None or (run.sandboxed and not kept.sandboxed):
            waiting.append(submission)
        else:
            mark = replace(kept.mark, source=entry.source, late=entry.late)
            known.append(replace(kept, mark=mark))
    return known, waiting


def _entry(submission: Submission) -> Entry:
    told = submission.student, submission.source, submission.late
    try:
        return Entry(*told, submission.read())
    except Unfit as reason:
        return Entry(*told, b"", str(reason))


def _marked(run: _Run, chapter: Chapter, waiting: list[Submission]) -> Iterator[Marked]:
    """Mark what is waiting: elsewhere in batches, here one by one."""
    if run.executor:
        size = batch_size(len(waiting), run.workers)
        return run_batches(_batches(run, chapter, waiting, size), run.executor, run.workers)
    return run_here(_batches(run, chapter, waiting, 1), run.workers)


def _batches(run: _Run, chapter: Chapter, waiting: list[Submission], size: int) -> Iterator[Batch]:
    """Read just before they are handed out, so that a class need not fit into memory."""
    some, read = [], 0
    for number, submission in enumerate(waiting, 1):
        some.append(_entry(submission))
        read += len(some[-1].notebook)
        if len(some) == size or read > HEAVIEST or number == len(waiting):
            given = version(), chapter.number, run.results.seed, tuple(some)
            yield Batch(*given, run.sandboxed, run.limits)
            some, read = [], 0


def _fill_in(
    gradebook: Roster, path: Path, chapter: Chapter, marks: list[Mark], column: str | None
) -> list[str]:
    """Write the gradebook with points; what there is to say of it."""
    filled = gradebook.filled(marks, chapter, column)
    with replaced(path) as unfinished:
        unfinished.write_bytes(filled.data)
    unplaced = [f"{student}: not in the gradebook: {why}" for student, why in filled.unmatched]
    return unplaced + filled.warnings
