"""What is known of a submission once it is marked: plain data, as it stands in JSON files."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class ExerciseMark:
    """The points of one exercise, and what is said about it.

    `kind`, `code`, `text`, `trace` and `note` are those of a Diagnosis, which a learner's own
    `check` would have shown; besides its kinds there are "missing" (no cell defines it), "lost"
    (the code ended the process that ran it) and "hidden" (right for the numbers that `check` uses,
    and not for those drawn for marking).
    """

    id: str
    points: float
    out_of: float
    kind: str
    code: str = ""
    text: str = ""
    trace: str = ""
    note: str = ""


@dataclass(frozen=True)
class Mark:
    """One student's submission.

    `source` is where it was found, below the folder of submissions; `digest` the SHA-256 of its
    bytes; `failure` says in one line why nothing of it could be run, and is empty if it could;
    `remarks` are lines for the student: cells that stopped with an error, a cell that comes twice.
    """

    student: str
    source: str
    digest: str
    exercises: tuple[ExerciseMark, ...]
    late: bool = False
    failure: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def out_of(self) -> float:
        return sum(exercise.out_of for exercise in self.exercises)

    def as_json(self) -> dict:
        """A form that json.dumps takes; `Mark.of_json` reads it back."""
        return asdict(self)

    @classmethod
    def of_json(cls, found: dict) -> Mark:
        """The inverse of `as_json`. Raises TypeError or KeyError on anything else."""
        exercises = tuple(ExerciseMark(**entry) for entry in found["exercises"])
        return cls(**{**found, "exercises": exercises, "remarks": tuple(found["remarks"])})
