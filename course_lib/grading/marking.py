"""From a submission to its mark. Here are the right answers, and nothing of a stranger's code runs.

An answer is first run on numbers that everybody may see, those of the notebook and those that
`check` draws: what is said about it comes from there, so it can be shown. Only when a submission
has said all that it has to say does its process get numbers drawn from the secret seed. From then
on nothing is taken from it but whether each part of a result is right, so nothing can carry these
numbers out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property

import numpy as np

from ..checks import bank
from ..checks.answers import cases_of, diagnosis_of
from ..checks.diagnosis import Diagnosis
from ..checks.exercise import BugHunt, Case, Exercise
from ..checks.observing import Observation, Question, question_of
from ..checks.texts import say
from .limits import LIMITS, Limits
from .marks import ExerciseMark, Mark
from .running import Sat, run_through
from .sandbox import Bare, Sandbox


@dataclass(frozen=True)
class Key:
    """What marking a problem set takes: its exercises, and inputs drawn from the secret seed."""

    chapter: int
    seed: bytes

    @cached_property
    def exercises(self) -> dict[str, Exercise | BugHunt]:
        """The exercises of the set, by id."""
        return bank.of_chapter(self.chapter)

    @cached_property
    def questions(self) -> dict[str, Question]:
        """What the sandbox is told of each."""
        return {id: question_of(exercise) for id, exercise in self.exercises.items()}

    @cached_property
    def open(self) -> dict[str, list[Case]]:
        """The instances that a learner's `check` uses."""
        return {id: cases_of(exercise) for id, exercise in self.exercises.items()}

    @cached_property
    def secret(self) -> dict[str, list[Case]]:
        """As many instances as `check` draws, drawn from the seed; none where nothing is drawn."""
        return {
            id: [exercise.case(seed) for seed in self._seeds(exercise)]
            for id, exercise in self.exercises.items()
        }

    def _seeds(self, exercise: Exercise | BugHunt) -> Iterator[int]:
        drawn = 0 if isinstance(exercise, BugHunt) or not exercise.draw else exercise.kind.drawn
        for number in range(drawn):
            words = b"%s %s %d" % (self.seed, exercise.id.encode(), number)
            yield int.from_bytes(hashlib.sha256(words).digest()[:16], "big")


def mark(
    sandbox: Sandbox | Bare,
    key: Key,
    student: str,
    source: str,
    notebook: bytes,
    late: bool = False,
    limits: Limits = LIMITS,
) -> Mark:
    """Run a submission and mark it. Raises sandbox.Broken if the sandbox has to be started anew."""

    def hidden(sat: Sat) -> dict[str, list[tuple]]:
        """The secret inputs, for what is right, in part at least, on those that may be shown."""
        right = (id for id in key.exercises if any(_right_parts(key, id, sat.shown, key.open)))
        return {id: _inputs(key.secret[id]) for id in right if key.secret[id]}

    shown = {id: _inputs(cases) for id, cases in key.open.items()}
    sat = run_through(sandbox, notebook, list(key.questions.values()), shown, hidden, limits)
    exercises = tuple(
        _with_points(key, _of_shown(key, id, sat), _earned(key, id, sat)) for id in key.exercises
    )
    digest = hashlib.sha256(notebook).hexdigest()
    return Mark(student, source, digest, exercises, late, sat.failure, tuple(sat.remarks))


def _inputs(cases: list[Case]) -> list[tuple]:
    return [case.inputs for case in cases]


def _earned(key: Key, id: str, sat: Sat) -> list[bool]:
    """The parts of a result that are right in all that was tried."""
    parts = _right_parts(key, id, sat.shown, key.open)
    if not key.secret[id]:
        return parts
    also = _right_parts(key, id, sat.hidden, key.secret)
    return [a and b for a, b in zip(parts, also, strict=True)]


def not_run(key: Key, student: str, source: str, notebook: bytes, late: bool, why: str) -> Mark:
    """The mark of a submission that could not be run at all; `why` is one line."""
    digest = hashlib.sha256(notebook).hexdigest()
    exercises = tuple(_of_shown(key, id, Sat(failure=why)) for id in key.exercises)
    return Mark(student, source, digest, exercises, late, why)


def _of_shown(key: Key, id: str, sat: Sat) -> ExerciseMark:
    """What is said about an exercise, without points."""
    exercise = key.exercises[id]
    blank = ExerciseMark(id, 0.0, exercise.points, "missing")
    if sat.failure:
        return replace(blank, text=say("marking.not_run"))
    if id in sat.lost:
        text = say("marking.lost", name=exercise.name, why=sat.lost[id])
        return replace(blank, kind="lost", text=text)
    if id not in sat.shown:
        return replace(blank, text=say("marking.missing", name=exercise.name, id=id))
    return replace(blank, **asdict(_judged(exercise, sat.shown[id], key.open[id])))


def _judged(exercise: Exercise | BugHunt, found: Observation, cases: list[Case]) -> Diagnosis:
    """The diagnosis that a learner would get; of what no honest run sends, that it is odd."""
    family = bank.siblings(exercise) if isinstance(exercise, Exercise) else ()
    try:
        diagnosis = diagnosis_of(exercise, found, family)
        if diagnosis.right and len(found.outcomes) != len(cases):
            raise ValueError("some instances are missing")
    except Exception:  # whatever a stranger's process has made up
        text = say("type.odd", name=exercise.name, found=say("marking.odd"))
        return Diagnosis(exercise.id, "type", text, code="odd")
    return diagnosis


@np.errstate(all="ignore")
def _right_parts(
    key: Key, id: str, observed: dict[str, Observation], cases: dict[str, list[Case]]
) -> list[bool]:
    """Which parts of a result are right on every instance; of what is not one result, none is."""
    exercise, found = key.exercises[id], observed.get(id, Observation("unwritten"))
    if isinstance(exercise, BugHunt):
        return [found.code == exercise.line and found.kind == "letter"]
    parts = key.questions[id].parts
    results = [outcome.parts for outcome in found.outcomes if outcome.kind == "parts"]
    if len(results) != len(cases[id]) or any(len(result) != parts for result in results):
        return [False] * parts
    pairs = [(r, case.expected) for r, case in zip(results, cases[id], strict=True)]
    try:
        right = [
            all(exercise.same((found[part],), (expected[part],)) for found, expected in pairs)
            for part in range(parts)
        ]
    except Exception:  # numbers that break the comparison are not the right ones
        return [False] * parts
    return [all(right)] * parts if exercise.together else right


def _with_points(key: Key, mark: ExerciseMark, parts: list[bool]) -> ExerciseMark:
    """The points for the parts that are right; what is right in one run only gets its own words."""
    points = round(mark.out_of * sum(parts) / len(parts), 2)
    if mark.kind == "right" and not all(parts):
        name = key.exercises[mark.id].name
        text = say("marking.hidden", name=name)
        return replace(mark, points=points, kind="hidden", text=text, note="")
    return replace(mark, points=points)
