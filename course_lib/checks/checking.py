"""`check`: what a learner calls."""

from __future__ import annotations

import textwrap

from . import bank, record
from .answers import diagnose
from .diagnosis import Diagnosis
from .exercise import BugHunt
from .feedback import Feedback, print_anywhere, show
from .hints import offer_hints
from .running import under_nbgrader
from .texts import say
from .values import short


class NotRight(AssertionError):
    """What nbgrader hears of an answer that is not right."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows, and so the feedback page: the words alone, in lines that fit it."""
        return [textwrap.fill(line, 90) for line in str(self).splitlines()]


def check(id: str, answer) -> None:
    """Say whether an answer is right, and if it is not, which idea leads to it.

    `id` is the exercise's, such as "05a"; `answer` what it asks for: a function, a class, a number,
    the letter of a line. Nothing is raised, so "Run All" goes on, except when nbgrader executes the
    notebook: then an AssertionError is, which costs the cell its points.
    """
    graded = under_nbgrader()
    try:
        exercise = bank.find(id)
    except KeyError as error:
        if graded:
            raise
        print(error.args[0])
        return
    try:
        diagnosis = examine(exercise.id, answer)
    except Exception as error:  # the answer is an object that fails when it is looked at
        text = say("type.odd", name=exercise.name, found=short(error))
        diagnosis = Diagnosis(exercise.id, "type", text, code="odd")
    feedback = Feedback.of(diagnosis)
    if graded:
        if not diagnosis.right:
            raise NotRight(str(feedback))
        print_anywhere(feedback)
        return
    if diagnosis.kind != "unwritten":
        record.change(lambda found: _enter(found, diagnosis))
    show(feedback)
    if not diagnosis.right and diagnosis.kind != "unwritten":
        offer_hints(exercise.id)


def examine(id: str, answer) -> Diagnosis:
    """The diagnosis of an answer; nothing is shown or recorded. Raises KeyError for unknown ids."""
    exercise = bank.find(id)
    siblings = () if isinstance(exercise, BugHunt) else bank.siblings(exercise)
    return diagnose(exercise, answer, siblings)


def _enter(found: dict, diagnosis: Diagnosis) -> None:
    """Put an attempt into the record."""
    entry = record.of_exercise(found, diagnosis.id)
    entry["attempts"] += 1
    if diagnosis.right:
        entry["solved"] = entry["solved"] or record.now()
    elif diagnosis.kind == "misconception":
        record.miss(found, entry, diagnosis.code)
