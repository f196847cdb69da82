"""What was handed in: one notebook of each student for each problem set, and what was not matched.

Read are nbgrader's submitted/STUDENT/ASSIGNMENT/, flat folders of notebooks or of a folder for
each student, what Canvas and Moodle let one download, and zips of any of these. Nothing is guessed:
where names do not say whose a notebook is, or which of two counts, it is listed with the reason.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..chapters import CHAPTERS
from .filenames import SUBMITTED, Name, below, printable, system_names
from .rosters import Roster
from .sources import File, Unfit, listed

SETS = {chapter.name for chapter in CHAPTERS}
NUMBERS = {chapter.number for chapter in CHAPTERS}
NOTEBOOK = ".ipynb"
HANDED_OUT = "problems.ipynb"  # in every problem set
TIMESTAMP = "timestamp.txt"  # nbgrader's, beside a notebook
NUMBERED = re.compile(r"(?s)(?P<title>.*?)(?:-(?P<number>[0-9]{1,9}))?(?P<ending>\.[^.]*)?")
CELL_ID = re.compile(rb'"(?:grade_)?id"\s*:\s*"((?:[a-z]{1,9}-)?([0-9]{2})[a-z]{1,9})"')


@dataclass(frozen=True)
class Submission:
    """A notebook that counts. `student` and `source`, its path below the folder, are printable."""

    student: str
    source: str
    late: bool
    file: File

    def read(self) -> bytes:
        """The notebook. Raises Unfit, with one line, if it is too large or cannot be read."""
        return self.file.read()


@dataclass(frozen=True)
class Found:
    """`by_set` has the submissions for each chapter's number, by student; `unmatched` the rest:
    (path below the folder, why), in the order of the paths."""

    by_set: dict[int, list[Submission]]
    unmatched: list[tuple[str, str]]


@dataclass(frozen=True)
class _Claim:
    """A notebook whose name says whose it is.

    `chapter` is None where no folder names a problem set. Of notebooks that differ in nothing but
    the number in `attempt` the highest counts; None says that there is no number. `zipped` is true
    for one that has its name from the zip it is in.
    """

    student: str
    file: File
    late: bool = False
    chapter: int | None = None
    attempt: tuple[str, int] | None = None
    zipped: bool = False

    @property
    def source(self) -> str:
        return source_of(self.file)


def find(
    folder: Path,
    roster: Roster | None = None,
    due: datetime | None = None,
    chapter: int | None = None,
) -> Found:
    """The submissions in a folder or zip.

    Late is what lies in a folder "late", what Canvas calls LATE, and what nbgrader's timestamp.txt
    says came after `due` (without a time zone: this machine's).

    With `chapter`, notebooks outside of nbgrader's folders are taken for its problem set, and in
    nbgrader's layout those of other sets are left alone. Without, the former are taken for one
    set: the one that most of them belong to, by the ids of their cells.

    With a roster, a zip of the name of one person in it is theirs, whatever the names in it, and
    two submissions of one person are both unmatched. Those of nobody in it are found all the same.

    Raises ValueError, with one line, if there is no such folder, or if nothing tells the set.
    """
    folder = Path(folder)
    submitted = folder / SUBMITTED
    files = listed(submitted if submitted.is_dir() and not submitted.is_symlink() else folder)
    claims, unmatched = _claims(files, roster)
    claims, reasons = _timed(claims, files, due)
    unmatched += reasons
    claims, reasons = _with_chapters(claims, chapter)
    unmatched += reasons
    by_set: dict[int, list[Submission]] = {}
    for number, submissions, reasons in _by_set(claims):
        kept, doubled = _one_for_each_row(submissions, roster)
        by_set[number] = kept
        unmatched += reasons + doubled
    return Found(by_set, sorted(unmatched))


def source_of(file: File) -> str:
    """The path of a file below the folder of submissions, in one printable line."""
    return printable("/".join(file.parts))


def _claims(
    files: Iterable[File], roster: Roster | None
) -> tuple[list[_Claim], list[tuple[str, str]]]:
    claims, others = [], []
    for file in files:
        claim = file.problem or _claim_of(file, roster)
        if isinstance(claim, _Claim):
            claims.append(claim)
        else:
            others.append((file, claim))
    stamps = {_stamp_beside(claim) for claim in claims if claim.chapter is not None}
    unmatched = [
        (source_of(file), reason)
        for file, reason in others
        if file.problem or file.parts not in stamps
    ]
    return _without_stray(claims, unmatched)


def _stamp_beside(claim: _Claim) -> tuple[str, ...]:
    return (*claim.file.parts[:-1], TIMESTAMP)


def _without_stray(
    claims: list[_Claim], unmatched: list[tuple[str, str]]
) -> tuple[list[_Claim], list[tuple[str, str]]]:
    """A zip's name is a student's only where no notebook in it says otherwise."""
    named = {_zip_of(claim) for claim in claims if not claim.zipped}
    kept = []
    for claim in claims:
        if claim.zipped and _zip_of(claim) in named:
            unmatched.append((claim.source, "its name tells no student"))
        else:
            kept.append(claim)
    return kept, unmatched


def _zip_of(claim: _Claim) -> tuple:
    """The zip on the way to a notebook whose name may be a student's."""
    parts, _, _ = below(claim.file.parts)
    return claim.file.parts[: len(claim.file.parts) - len(parts)]


def _claim_of(file: File, roster: Roster | None) -> _Claim | str:
    """Whose notebook it is, or the reason why that is not known."""
    parts, late, zipped = below(file.parts)
    head, rest = parts[0], parts[1:]
    if not file.parts[-1].lower().endswith(NOTEBOOK):
        return "no notebook"
    if roster and zipped and roster.match(zipped) is not None:
        return _Claim(printable(zipped), file, late)
    if names := system_names(head):
        return _downloaded(file, names, late, roster)
    if _is_nobody(head):
        if zipped and not _is_nobody(zipped):
            return _Claim(printable(zipped), file, late, zipped=True)
        return "its name tells no student"
    student = printable(head if rest else head[: -len(NOTEBOOK)])
    if not rest:
        return _Claim(student, file, late)
    if len(rest) > 1 and _chapter_of(rest[0]) is not None:
        return _in_assignment(file, student, rest, late)
    attempt = None
    if len(rest) > 1 and re.fullmatch("[0-9]{1,9}", rest[0]):
        attempt, rest = ("", int(rest[0])), rest[1:]
    if len(rest) == 1 or rest[0].lower().endswith(".zip"):
        return _Claim(student, file, late, attempt=attempt)
    return "in a folder that is neither a problem set's nor the number of an attempt"


def _downloaded(file: File, names: list[Name], late: bool, roster: Roster | None) -> _Claim | str:
    """The claim of what Canvas or Moodle named."""
    if roster and len(names) > 1:
        known = [name for name in names if roster.row_of(name) is not None]
        names = known or names
        if len(known) > 1:
            return f"may be {known[0].student}'s or {known[1].student}'s"
    name = names[0]
    late = late or name.late
    if name.system == "moodle":
        return _Claim(printable(name.student), file, late)
    found = NUMBERED.fullmatch(name.title)
    attempt = (f"{found['title']}{found['ending']}", int(found["number"] or 0))
    return _Claim(printable(name.student), file, late, attempt=attempt)


def _in_assignment(file: File, student: str, rest: tuple[str, ...], late: bool) -> _Claim | str:
    """The claim of a notebook in nbgrader's layout, where the one that was handed out counts."""
    number = _chapter_of(rest[0])
    if number not in NUMBERS:
        return f"there is no problem set {rest[0][:2]}"
    if len(rest) > 2:
        return "deeper than the notebook of a problem set"
    handed_out = rest[1].lower() == HANDED_OUT
    return _Claim(student, file, late, number, ("", int(handed_out)))


def _is_nobody(name: str) -> bool:
    """Whether a name is that of a problem set, or of the notebook in all of them."""
    stem = name.removesuffix(NOTEBOOK)
    return stem in SETS or re.match(r"problems(?![^\W\d_])", stem, re.I) is not None


def _chapter_of(name: str) -> int | None:
    """The number with which the name of a problem set's folder begins."""
    found = re.match("([0-9]{2})_", name)
    return int(found[1]) if found else None


# --- late or not ---------------------------------------------------------------------------------


def _timed(
    claims: list[_Claim], files: Iterable[File], due: datetime | None
) -> tuple[list[_Claim], list[tuple[str, str]]]:
    """Late, where nbgrader's file says so; and the lines about such files that say nothing."""
    if due is None:
        return claims, []
    stamps = {file.parts: file for file in files if not file.problem}
    due, unmatched, timed = due.astimezone(UTC), {}, []
    for claim in claims:
        stamp = stamps.get(_stamp_beside(claim))
        if stamp is not None and claim.chapter is not None:
            try:
                claim = replace(claim, late=claim.late or time_of(stamp.read()) > due)
            except (Unfit, ValueError) as error:
                unmatched[source_of(stamp)] = f"{error}, so that it counts as in time"
        timed.append(claim)
    return timed, list(unmatched.items())


def time_of(stamp: bytes) -> datetime:
    """What nbgrader writes, such as "2026-11-30 23:59:00.123456 UTC"; without a zone it is UTC.

    Raises ValueError if it is no time.
    """
    text = stamp[:80].decode("ascii", "replace")
    words = text.split()
    zone = words.pop() if len(words) == 3 else ""
    try:
        moment = datetime.fromisoformat(" ".join(words))
        if zone.startswith(("+", "-")):
            moment = datetime.fromisoformat(f"{moment.isoformat()}{zone}")
        elif zone:
            moment = moment.replace(tzinfo=_zone(zone))
    except (ValueError, ZoneInfoNotFoundError, OSError):
        raise ValueError(f"found {text!a}, expected a time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _zone(name: str) -> tzinfo:
    return UTC if name in ("UTC", "UCT", "GMT", "Z") else ZoneInfo(name)


# --- which problem set, and which notebook -------------------------------------------------------


def _with_chapters(
    claims: list[_Claim], chapter: int | None
) -> tuple[list[_Claim], list[tuple[str, str]]]:
    """All claims with a chapter, and what none is known of. Raises ValueError if that is all."""
    named = [claim for claim in claims if claim.chapter is not None]
    flat = [claim for claim in claims if claim.chapter is None]
    if chapter is not None:
        wanted = [claim for claim in named if claim.chapter == chapter]
        return wanted + [replace(claim, chapter=chapter) for claim in flat], []
    votes = Counter(vote for claim in flat if (vote := _vote(claim.file)) is not None)
    if (most := _commonest(votes)) is not None:
        return named + [replace(claim, chapter=most) for claim in flat], []
    if flat and not named:
        found = " and ".join(
            f"{count} of set {number:02d}" for number, count in sorted(votes.items())
        )
        raise ValueError(
            f"found {found or 'no notebook with cells of a problem set'}, "
            "expected those of one set: say which by --set"
        )
    return named, [(claim.source, "nothing tells its problem set") for claim in flat]


def _vote(file: File) -> int | None:
    """The chapter that most of a notebook's cells belong to, by their ids.

    The bytes are not parsed, for they may be anything; an id that comes often counts once.
    """
    try:
        ids = set(CELL_ID.findall(file.read()))
    except Unfit:
        return None
    return _commonest(Counter(int(number) for _, number in ids if int(number) in NUMBERS))


def _commonest(counts: Counter) -> int | None:
    """What was counted most often; None if two were, or nothing."""
    (first, most), (_, next_most), *_ = [*counts.most_common(2), (None, 0), (None, 0)]
    return first if most > next_most else None


def _by_set(
    claims: list[_Claim],
) -> Iterator[tuple[int, list[Submission], list[tuple[str, str]]]]:
    """(chapter, the submissions that count, the lines about others) for each set, in order."""
    students = defaultdict(lambda: defaultdict(list))
    for claim in claims:
        students[claim.chapter][claim.student].append(claim)
    for number, claims_of in sorted(students.items()):
        kept, unmatched = [], []
        for student, claims_here in sorted(claims_of.items()):
            best = _best(claims_here)
            unmatched += _reasons(claims_here, best)
            if best is not None:
                kept.append(Submission(student, best.source, best.late, best.file))
        yield number, kept, unmatched


def _best(claims: list[_Claim]) -> _Claim | None:
    """The only notebook, or the one of the highest number; None if neither is there."""
    if len(claims) == 1:
        return claims[0]
    if any(claim.attempt is None for claim in claims):
        return None
    highest = max(claim.attempt[1] for claim in claims)
    best = [claim for claim in claims if claim.attempt[1] == highest]
    titles = {claim.attempt[0] for claim in claims}
    return best[0] if len(best) == len(titles) == 1 else None


def _reasons(claims: list[_Claim], best: _Claim | None) -> list[tuple[str, str]]:
    """A line for each notebook that does not count."""
    if best is not None:
        reason = f"superseded by {best.source}"
    else:
        reason = (
            f"one of {len(claims)} notebooks of {claims[0].student}, none of which says it counts"
        )
    return [(claim.source, reason) for claim in claims if claim is not best]


def _one_for_each_row(
    submissions: list[Submission], roster: Roster | None
) -> tuple[list[Submission], list[tuple[str, str]]]:
    """The submissions without those that share a row of the roster, and the lines about these."""
    if roster is None:
        return submissions, []
    rows = [roster.match(each.student, each.source) for each in submissions]
    counts = Counter(row for row in rows if row is not None)
    kept = [each for each, row in zip(submissions, rows, strict=True) if counts[row] < 2]
    doubled = [
        (each.source, f"one of {counts[row]} submissions of one person in the gradebook")
        for each, row in zip(submissions, rows, strict=True)
        if counts[row] > 1
    ]
    return kept, doubled
