"""From an answer to its results: is it written at all, is it of the asked type, did it run.

The results go on to diagnosis.py, which judges them without the answer itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace

from .diagnosis import Diagnosis, answer_to, judge
from .exercise import GATE, NUMBER, BugHunt, Exercise
from .running import (
    Run,
    TimeLimit,
    arguments_wanted,
    holds_dots,
    is_unwritten,
    run,
    under_nbgrader,
)
from .texts import exercise_texts, say
from .values import Unreadable, parts_of, short


def diagnose(
    exercise: Exercise | BugHunt, answer, siblings: tuple[Exercise, ...] = ()
) -> Diagnosis:
    """Run an answer on the exercise's instances and say what is right or wrong with it."""
    if is_unwritten(answer):
        return _unwritten(exercise)
    if isinstance(exercise, BugHunt):
        return _diagnose_letter(exercise, answer)
    if exercise.kind is NUMBER:
        return _diagnose_value(exercise, answer, siblings)
    misfit = _misfit(exercise, answer, siblings)
    return misfit or _diagnose_callable(exercise, answer, siblings)


# --- before anything runs ------------------------------------------------------------------------


def _unwritten(exercise: Exercise | BugHunt) -> Diagnosis:
    wanted = "letter" if isinstance(exercise, BugHunt) else exercise.kind.name
    text = say(f"unwritten.{wanted}", name=exercise.name, id=exercise.id)
    return Diagnosis(exercise.id, "unwritten", text)


def _diagnose_letter(hunt: BugHunt, answer) -> Diagnosis:
    texts = exercise_texts(hunt.id)
    lines = {**texts["lines"], hunt.line: ""}
    letter = answer.strip().upper() if isinstance(answer, str) else None
    if letter == hunt.line:
        return Diagnosis(hunt.id, "right", say("right"), note=texts["found"])
    if letter in lines:
        text = say("not_yet") + " " + texts["lines"][letter]
        return Diagnosis(hunt.id, "misconception", text, code=letter)
    text = say("type.letter", found=short(answer), first=min(lines), last=max(lines))
    return Diagnosis(hunt.id, "type", text, code="letter")


def _misfit(exercise: Exercise, answer, siblings) -> Diagnosis | None:
    """A number for a function, an instance for a class, a sibling's function, other arguments."""
    wanted = exercise.kind.name

    def told(code: str, **values) -> Diagnosis:
        text = say(f"type.{code}", name=exercise.name, wanted=wanted, **values)
        return Diagnosis(exercise.id, "type", text, code=code)

    if not callable(answer) or (wanted == "function" and inspect.isclass(answer)):
        return told("value", found=short(answer))
    if wanted == "class" and not inspect.isclass(answer):
        return told("instance", found=short(answer))
    if wanted == "class":
        missing = [m for m in ("forward", "backward") if not hasattr(answer, m)]
        if missing:
            return told("methods", missing=say("and").join(missing))
        return _unfit_method(exercise, answer, told)
    takes = arguments_wanted(answer, exercise.arguments)
    if takes is None:
        return None
    for sibling in siblings:
        if getattr(answer, "__name__", "") == sibling.name != exercise.name:
            return Diagnosis(exercise.id, "sibling", answer_to(sibling), code=sibling.id)
    return told("arguments", takes=takes, arguments=", ".join(exercise.arguments))


def _unfit_method(exercise: Exercise, answer: type, told: Callable) -> Diagnosis | None:
    """A method of a gate that takes other arguments than it is given; most often `self` lacks."""
    *inputs, signal = exercise.arguments
    for method, wanted in (("forward", ("self", *inputs)), ("backward", ("self", signal))):
        function = inspect.getattr_static(answer, method)
        takes = arguments_wanted(function, wanted) if inspect.isfunction(function) else None
        if takes is not None:
            return told("method", method=method, arguments=", ".join(wanted), takes=takes)
    return None


# --- the answer runs -----------------------------------------------------------------------------


def _diagnose_value(exercise: Exercise, answer, siblings) -> Diagnosis:
    case = exercise.case()
    if callable(answer):
        text = say("type.callable", name=exercise.name)
        return Diagnosis(exercise.id, "type", text, code="callable")
    try:
        result = parts_of(answer, len(case.expected))
    except Unreadable as reason:
        return _unreadable(exercise, reason, answer)
    return judge(exercise, [result], [case], siblings)


def _diagnose_callable(exercise: Exercise, answer: Callable, siblings) -> Diagnosis:
    results, changed = [], []
    for number, case in enumerate(exercise.cases):
        outcome = run(
            lambda inputs: exercise.kind.run(answer, inputs),
            case.inputs,
            exercise.arguments,
            exercise.kind.seconds,
            quiet=number > 0 or under_nbgrader(),
        )
        failure = _failure(exercise, outcome, "error" if number == 0 else "error_elsewhere")
        if failure and results and not exercise.same(results[0], exercise.cases[0].expected):
            break  # what is wrong with the numbers of the notebook comes first
        if failure:
            return failure
        try:
            results.append(parts_of(outcome.result, len(case.expected)))
        except Unreadable as reason:
            return _unreadable(exercise, reason, outcome.result)
        changed += [name for name in outcome.changed if name not in changed]
    found = judge(exercise, results, exercise.cases[: len(results)], siblings)
    return replace(found, note=say("changed", names=say("and").join(changed))) if changed else found


def _failure(exercise: Exercise, outcome: Run, message: str) -> Diagnosis | None:
    """What is said of a call that ended without a result."""
    # A task that was never begun holds dots or, as nbgrader hands it out by itself, that error.
    if isinstance(outcome.error, NotImplementedError) or holds_dots(outcome.result):
        return _unwritten(exercise)
    if isinstance(outcome.error, TimeLimit):
        text = say("slow", seconds=f"{exercise.kind.seconds:g}", name=exercise.name)
        where = "\n".join(outcome.trace.splitlines()[:-1])  # without the name of the limit
        return Diagnosis(exercise.id, "slow", text, trace=where)
    if outcome.error is None:
        return None
    text, code = say(message, name=exercise.name), type(outcome.error).__name__
    return Diagnosis(exercise.id, "error", text, code=code, trace=outcome.trace)


def _unreadable(exercise: Exercise, reason: Unreadable, result) -> Diagnosis:
    name = exercise.name
    if exercise.kind is GATE:
        name += ".backward" if _is_readable(result[0]) else ".forward"
    text = say(f"type.{reason.code}", name=name, **reason.values)
    return Diagnosis(exercise.id, "type", text, code=reason.code)


def _is_readable(part) -> bool:
    try:
        parts_of(part, 1)
    except Unreadable:
        return False
    return True
