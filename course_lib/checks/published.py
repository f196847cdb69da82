"""Exercises as students get them: values in place of functions.

A copy of the course for students has no modules in bank/. For each chapter it has a file in
bank/published/ with the inputs of the notebook and what comes out for them: the right result, that
of each misconception, and the right ones of other exercises with the same inputs. So `check` names
mistakes, and no code of an answer is there. That a function does more than return these numbers is
for the marker to find, with other inputs.

The right letter of a bug hunt stands in the file as it is. A learner is to hear at once whether it
is right, and of ten letters one is soon found, however it is hidden.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from .exercise import FUNCTION, GATE, MODEL, NUMBER, BugHunt, Case, Exercise, Kind
from .plain import of_plain, to_plain
from .values import Parts, same

KINDS = {"FUNCTION": FUNCTION, "GATE": GATE, "NUMBER": NUMBER, "MODEL": MODEL}
AS_IT_IS = ("id", "name", "points", "tolerance", "together", "agreement")


@dataclass(frozen=True)
class PublishedExercise:
    """An exercise that knows one instance; it stands wherever an `Exercise` does.

    `wrong` holds the result of each misconception, `related` the right results of the exercises of
    the chapter that ask for the same inputs; `marked_on_others` says whether the marker tries an
    answer on other inputs, too.
    """

    id: str
    name: str
    points: int
    tolerance: float
    together: bool
    agreement: float
    kind: Kind
    marked_on_others: bool
    arguments: tuple[str, ...]
    published: tuple
    expected: Parts
    wrong: Mapping[str, Parts]
    related: Mapping[str, Parts]

    draw: ClassVar[None] = None

    @property
    def chapter(self) -> int:
        return int(self.id[:2])

    @property
    def cases(self) -> list[Case]:
        return [self.case()]

    def case(self, seed: int | None = None) -> Case:
        """The published instance, whatever the seed."""
        return Case(self.published, self.expected, dict(self.wrong))

    def of_sibling(self, sibling: PublishedExercise, case: Case) -> Parts | None:
        """The right answer to another exercise on this instance; None if it has other inputs."""
        return self.related.get(sibling.id)

    def same(self, found: Parts, expected: Parts, tolerance: float | None = None) -> bool:
        """Whether two results are the same answer to this exercise."""
        return same(found, expected, tolerance or self.tolerance, self.agreement)


def to_json(exercises: Iterable[Exercise | BugHunt]) -> str:
    """A chapter's exercises as a file for students. Raises TypeError as `to_plain` does."""
    exercises = list(exercises)
    functions = [exercise for exercise in exercises if not isinstance(exercise, BugHunt)]
    found = [
        _plain_hunt(exercise) if isinstance(exercise, BugHunt) else _plain(exercise, functions)
        for exercise in exercises
    ]
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def read(path: Path) -> list[PublishedExercise | BugHunt]:
    """The exercises that `to_json` wrote."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return [BugHunt(**data) if "line" in data else _exercise(data) for data in found]


def _plain_hunt(hunt: BugHunt) -> dict:
    return {"id": hunt.id, "line": hunt.line, "points": hunt.points}


def _plain(exercise: Exercise, family: list[Exercise]) -> dict:
    case = exercise.case()
    answers = {
        other.id: exercise.of_sibling(other, case) for other in family if other is not exercise
    }
    return {
        **{key: getattr(exercise, key) for key in AS_IT_IS},
        "kind": next(name for name, kind in KINDS.items() if kind is exercise.kind),
        "marked_on_others": bool(exercise.draw and exercise.kind.drawn),
        "arguments": list(exercise.arguments),
        "inputs": to_plain(case.inputs),
        "expected": to_plain(case.expected),
        "wrong": {code: to_plain(parts) for code, parts in case.wrong.items()},
        "related": {id: to_plain(parts) for id, parts in answers.items() if parts is not None},
    }


def _exercise(data: dict) -> PublishedExercise:
    return PublishedExercise(
        **{key: data[key] for key in AS_IT_IS},
        kind=KINDS[data["kind"]],
        marked_on_others=data["marked_on_others"],
        arguments=tuple(data["arguments"]),
        published=of_plain(data["inputs"]),
        expected=of_plain(data["expected"]),
        wrong={code: of_plain(parts) for code, parts in data["wrong"].items()},
        related={id: of_plain(parts) for id, parts in data["related"].items()},
    )
