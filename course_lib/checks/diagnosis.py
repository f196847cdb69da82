"""From results to the name of the mistake.

In this order: is it right; is it a known misconception, or the answer to a sibling exercise; has it
the right shape; is it finite; of a trained model, how many labels are right; is it right but for a
sign, a factor, a transpose. What nothing explains gets the first hint's question. A name is only
given when every instance agrees.

Known misconceptions go before shape and finiteness because some of them have another shape, and one
is nan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from . import near
from .exercise import Case, Exercise
from .published import PublishedExercise
from .texts import exercise_texts, say
from .values import Parts, written


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
        expected = [exercise.of_sibling(sibling, case) for _, case in pairs]
        found = [result for result, _ in pairs]
        if None not in expected and all(map(sibling.same, found, expected)):
            return Diagnosis(exercise.id, "sibling", answer_to(sibling), code=sibling.id)
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
    """What is said to a right answer: of a trained model's labels also how many are right, and
    where it could be tried on one instance only, that it will be on others.
    """
    if exercise.agreement == 1:
        text = say("right")
    else:
        count = len(found[0])
        text = say("right_labels", right=np.sum(found[0] == case.expected[0]), count=count)
    if isinstance(exercise, PublishedExercise) and exercise.marked_on_others:
        return f"{text} {say('right_so_far')}"
    return text


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


def answer_to(sibling: Exercise) -> str:
    """What is said when an answer belongs to another exercise."""
    return f"{say('not_yet')} " + say("sibling", id=sibling.id, name=sibling.name)


def _said(exercise: Exercise, kind: str, code: str, found: str) -> Diagnosis:
    return _told(exercise, kind, code, say(f"{kind}.{code}", found=found))


def _told(exercise: Exercise, kind: str, code: str, text: str) -> Diagnosis:
    """A generic finding, followed by the exercise's first question where it asks none itself."""
    if "?" not in text:
        text = f"{text} {exercise_texts(exercise.id)['hints'][0]}"
    return Diagnosis(exercise.id, kind, f"{say('not_yet')} {text}", code=code)
