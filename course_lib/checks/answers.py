"""From an answer to its diagnosis: observing.py runs it, here and in diagnosis.py it is judged.

The words for what is no result are here: not written, not of the asked type, ended with an error.
Results go on to diagnosis.py.
"""

from __future__ import annotations

from dataclasses import replace

from .diagnosis import Diagnosis, answer_to, judge
from .exercise import NUMBER, BugHunt, Exercise
from .observing import LETTER, Observation, Outcome, observe, question_of
from .running import under_nbgrader
from .texts import exercise_texts, say


def diagnose(
    exercise: Exercise | BugHunt, answer, siblings: tuple[Exercise, ...] = ()
) -> Diagnosis:
    """Run an answer on the exercise's instances and say what is right or wrong with it."""
    instances = [case.inputs for case in cases_of(exercise)]
    found = observe(question_of(exercise), answer, instances, quiet=under_nbgrader())
    return diagnosis_of(exercise, found, siblings)


def cases_of(exercise: Exercise | BugHunt) -> list:
    """The instances that an answer is tried on: of a bug hunt none, of a number the published."""
    return [] if isinstance(exercise, BugHunt) else exercise.cases


def diagnosis_of(
    exercise: Exercise | BugHunt, found: Observation, siblings: tuple[Exercise, ...] = ()
) -> Diagnosis:
    """What is right or wrong with what came of an answer on the exercise's instances."""
    if found.kind == "unwritten":
        return _unwritten(exercise)
    if isinstance(exercise, BugHunt):
        return _of_letter(exercise, found)
    if found.kind == "misfit":
        return _of_misfit(exercise, found, siblings)
    return _of_outcomes(exercise, found, siblings)


def _unwritten(exercise: Exercise | BugHunt) -> Diagnosis:
    wanted = LETTER if isinstance(exercise, BugHunt) else exercise.kind.name
    text = say(f"unwritten.{wanted}", name=exercise.name, id=exercise.id)
    return Diagnosis(exercise.id, "unwritten", text)


def _of_letter(hunt: BugHunt, found: Observation) -> Diagnosis:
    texts = exercise_texts(hunt.id)
    lines = {**texts["lines"], hunt.line: ""}
    if found.code == hunt.line:
        return Diagnosis(hunt.id, "right", say("right"), note=texts["found"])
    if found.code in lines:
        text = say("not_yet") + " " + texts["lines"][found.code]
        return Diagnosis(hunt.id, "misconception", text, code=found.code)
    text = say("type.letter", found=found.values["found"], first=min(lines), last=max(lines))
    return Diagnosis(hunt.id, "type", text, code=LETTER)


def _of_misfit(exercise: Exercise, found: Observation, siblings) -> Diagnosis:
    values = {"arguments": ", ".join(exercise.arguments), **found.values}
    if found.code == "arguments":
        for sibling in siblings:
            if values["called"] == sibling.name != exercise.name:
                return Diagnosis(exercise.id, "sibling", answer_to(sibling), code=sibling.id)
    if found.code == "methods":
        values["missing"] = say("and").join(values["missing"])
    text = say(f"type.{found.code}", name=exercise.name, wanted=exercise.kind.name, **values)
    return Diagnosis(exercise.id, "type", text, code=found.code)


def _of_outcomes(exercise: Exercise, found: Observation, siblings) -> Diagnosis:
    results = [outcome.parts for outcome in found.outcomes if outcome.kind == "parts"]
    cases = [exercise.case()] if exercise.kind is NUMBER else exercise.cases
    last = found.outcomes[-1]
    # What is wrong with the numbers of the notebook comes first.
    first_is_right = bool(results) and exercise.same(results[0], cases[0].expected)
    if last.kind == "unreadable" or (last.kind != "parts" and (not results or first_is_right)):
        return _failure(exercise, last, "error_elsewhere" if results else "error")
    judged = judge(exercise, results, cases[: len(results)], siblings)
    if not found.changed:
        return judged
    return replace(judged, note=say("changed", names=say("and").join(found.changed)))


def _failure(exercise: Exercise, ended: Outcome, message: str) -> Diagnosis:
    """What is said of an instance that gave no result."""
    if ended.kind == "unwritten":
        return _unwritten(exercise)
    if ended.kind == "unreadable":
        text = say(f"type.{ended.code}", **ended.values)
        return Diagnosis(exercise.id, "type", text, code=ended.code)
    if ended.kind == "slow":
        text = say("slow", seconds=f"{exercise.kind.seconds:g}", name=exercise.name)
        return Diagnosis(exercise.id, "slow", text, trace=ended.trace)
    text = say(message, name=exercise.name)
    return Diagnosis(exercise.id, "error", text, code=ended.code, trace=ended.trace)
