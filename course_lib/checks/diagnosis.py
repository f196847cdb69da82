"""From an answer to the name of the mistake.

In this order: is it written at all; is it of the asked type; did it run; is the result readable;
is it right; is it a known misconception, or the answer to a sibling exercise; has it the right
shape; is it finite; of a trained model, how many labels are right; is it right but for a sign, a
factor, a transpose. What nothing explains gets the first hint's question. A name is only given when
every instance agrees.

Known misconceptions go before shape and finiteness because some of them have another shape, and one
is nan.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from . import near
from .exercise import GATE, NUMBER, BugHunt, Case, Exercise
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
from .values import Parts, Unreadable, parts_of, short, written


@dataclass(frozen=True)
class Diagnosis:
    """What is said about an answer.

    `kind` is "right", "unwritten" or what went wrong: "type", "error", "slow", "misconception",
    "shape", "finite", "near", "sibling" or "wrong"; `code` says which one of that kind. `text` is
    for the learner, `trace` their own traceback, `note` a remark on a right answer.
    """

    id: str
    kind: str
    text: str
    code: str = ""
    trace: str = ""
    note: str = ""

    @property
    def right(self) -> bool:
        return self.kind == "right"


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


@np.errstate(all="ignore")  # the learner's numbers may be of any size
def judge(
    exercise: Exercise,
    results: list[Parts],
    cases: list[Case],
    siblings: tuple[Exercise, ...] = (),
) -> Diagnosis:
    """Say what is right or wrong with results that were computed on these cases."""
    pairs = list(zip(results, cases, strict=True))
    right = [exercise.same(found, case.expected) for found, case in pairs]
    if all(right):
        return Diagnosis(exercise.id, "right", _praise(exercise, *pairs[0]))
    return (
        _misconception(exercise, pairs)
        or _sibling(exercise, pairs, siblings)
        or _other_shape(exercise, pairs)
        or _not_finite(exercise, pairs)
        or _too_few_labels(exercise, pairs, right)
        or _near_miss(exercise, pairs, right)
        or _unexplained(exercise, results[0])
    )


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
            return Diagnosis(exercise.id, "sibling", _for_sibling(sibling), code=sibling.id)
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


# --- the results are judged ----------------------------------------------------------------------


def _misconception(exercise: Exercise, pairs) -> Diagnosis | None:
    """The misconception that gives these results on every instance.

    Where a function returns several parts that do not belong together, some may be right and the
    others the misconception's, if that leaves only one candidate.
    """
    texts = exercise_texts(exercise.id)["wrong"]

    def named(code: str, shown: Parts) -> Diagnosis:
        text = texts[code]["text"].format(found=written(shown))
        return Diagnosis(exercise.id, "misconception", f"{say('not_yet')} {text}", code=code)

    for code in exercise.wrong:
        if all(exercise.same(found, case.wrong[code]) for found, case in pairs):
            long = sum(part.size for part in pairs[0][0]) > 12
            return named(code, near.wrong_parts(exercise, pairs)[0][0] if long else pairs[0][0])
    if exercise.together or len(pairs[0][0]) == 1:
        return None
    partly = [
        code
        for code in exercise.wrong
        if all(_part_by_part(exercise, found, case, code) for found, case in pairs)
    ]
    if len(partly) != 1:
        return None
    return named(partly[0], near.wrong_parts(exercise, pairs)[0][0])


def _part_by_part(exercise: Exercise, found: Parts, case: Case, code: str) -> bool:
    """Whether each part is the right one or the misconception's."""
    wrong = case.wrong[code]
    if not len(found) == len(wrong) == len(case.expected):
        return False
    return all(
        exercise.same((f,), (e,)) or exercise.same((f,), (w,))
        for f, e, w in zip(found, case.expected, wrong, strict=True)
    )


def _sibling(exercise: Exercise, pairs, siblings) -> Diagnosis | None:
    """The answer to another exercise that has the same inputs."""
    for sibling in siblings:
        if sibling.arguments != exercise.arguments or sibling.kind is not exercise.kind:
            continue
        if exercise.kind is NUMBER:
            expected = [sibling.case().expected]
        else:
            expected = [sibling.result(sibling.reference, case.inputs) for _, case in pairs]
        found = [result for result, _ in pairs]
        if all(map(sibling.same, found, expected)):
            return Diagnosis(exercise.id, "sibling", _for_sibling(sibling), code=sibling.id)
    return None


def _other_shape(exercise: Exercise, pairs) -> Diagnosis | None:
    found, case = pairs[0]
    for number, (f, e) in enumerate(zip(found, case.expected, strict=True)):
        if f.shape == e.shape:
            continue
        code = near.shape_code(exercise, pairs, number)
        part = say("shape.part", number=number + 1) if len(found) > 1 else say("shape.whole")
        text = say(f"shape.{code}", part=part, found=_form(f), expected=_form(e))
        return _told(exercise, "shape", code, text)
    return None


def _form(part: np.ndarray) -> str:
    """The shape of a result in words: nobody has to know that a number's is ()."""
    return say("shape.array", shape=part.shape) if part.ndim else say("shape.number")


def _not_finite(exercise: Exercise, pairs) -> Diagnosis | None:
    for found, case in pairs:
        for f, e in zip(found, case.expected, strict=True):
            if np.isfinite(e).all() and not np.isfinite(f).all():
                code = "nan" if np.isnan(f).any() else "inf"
                return _said(exercise, "finite", code, written(found))
    return None


def _praise(exercise: Exercise, found: Parts, case: Case) -> str:
    """What is said to a right answer: of a trained model's labels also how many are right."""
    if exercise.agreement == 1:
        return say("right")
    return say("right_labels", right=np.sum(found[0] == case.expected[0]), count=len(found[0]))


def _too_few_labels(exercise: Exercise, pairs, right: list[bool]) -> Diagnosis | None:
    """Of a trained model: numbers that are no labels, or how many labels are right.

    A sign, a factor or a pattern of the right ones would say nothing about a model.
    """
    number = right.index(False)
    (found, *_), (expected, *_) = pairs[number][0], pairs[number][1].expected
    if exercise.agreement == 1 or found.shape != expected.shape:
        return None
    if (found != np.trunc(found)).any():
        return _said(exercise, "near", "no_labels", written((found,)))
    code = "too_few" if number == 0 else "too_few_elsewhere"
    text = say(
        f"near.{code}",
        found=written((found,)),
        right=np.sum(found == expected),
        count=len(expected),
        wanted=math.ceil(exercise.agreement * len(expected)),
    )
    return _told(exercise, "near", code, text)


def _near_miss(exercise: Exercise, pairs, right: list[bool]) -> Diagnosis | None:
    if right[0]:
        return _told(exercise, "near", "published_only", say("near.published_only"))
    wrong = near.wrong_parts(exercise, pairs)
    shown = written(wrong[0][0])
    if len(pairs) > 1 and near.is_constant(exercise, wrong):
        return _said(exercise, "near", "constant", shown)
    code = near.code(exercise, wrong)
    if code:
        return _said(exercise, "near", code, shown)
    if len(wrong[0][0]) < len(pairs[0][0]):
        return _said(exercise, "near", "parts", shown)
    for found, case in pairs[1:]:
        for f, e in zip(found, case.expected, strict=True):
            if f.shape != e.shape:
                text = say("shape.elsewhere", found=_form(f), expected=_form(e))
                return _told(exercise, "shape", "elsewhere", text)
    return None


def _unexplained(exercise: Exercise, found: Parts) -> Diagnosis:
    key = "values" if any(part.ndim for part in found) else "numbers"
    return _told(exercise, "wrong", "values", say(f"wrong.{key}", found=written(found)))


def _for_sibling(sibling: Exercise) -> str:
    return f"{say('not_yet')} " + say("sibling", id=sibling.id, name=sibling.name)


def _said(exercise: Exercise, kind: str, code: str, found: str) -> Diagnosis:
    return _told(exercise, kind, code, say(f"{kind}.{code}", found=found))


def _told(exercise: Exercise, kind: str, code: str, text: str) -> Diagnosis:
    """A generic finding, followed by the exercise's first question where it asks none itself."""
    if "?" not in text:
        text = f"{text} {exercise_texts(exercise.id)['hints'][0]}"
    return Diagnosis(exercise.id, kind, f"{say('not_yet')} {text}", code=code)
