"""Misconceptions come back, with new numbers, after 1, 3 and 7 days or chapters."""

from __future__ import annotations

import dataclasses

import numpy as np

from . import bank, record
from .diagnosis import judge
from .exercise import GATE, MODEL, Case, Exercise
from .feedback import Feedback, show
from .running import is_unwritten
from .texts import exercise_texts, say
from .values import Unreadable, parts_of

DAY = 86_400.0
STEPS = (1, 3, 7)  # days, or chapters, until the next review; after the last it is learned
TYPED = 1e-3  # the tolerance for a result that was perhaps typed in


def review(*answer) -> None:
    """Ask again, with new numbers, what once went wrong; `review(your_result)` answers.

    Several results are given one after another or as a tuple. What is right comes back later, what
    is wrong sooner. Nothing happens when nothing is due.
    """
    found = record.read()
    served = found.get("review")
    if served is None or not _still_known(found, served):
        due = due_items(found)
        if not due:
            return show(Feedback(say("review.name"), say("review.nothing"), "note"))
        served = {"id": due[0][0], "code": due[0][1], "seed": int(record.now() * 1000) % 2**32}
        record.change(lambda found: found.update(review=served))
        return show(_question(served))
    if all(map(is_unwritten, answer)):
        return show(_question(served))
    return show(_reply(found, served, answer[0] if len(answer) == 1 else answer))


def due_items(found: dict) -> list[tuple[str, str]]:
    """(exercise, misconception) of everything due, the longest overdue first."""
    reached = record.chapter_reached(found)
    waiting = []
    for id, entry in found["exercises"].items():
        for code, missed in entry["missed"].items():
            stage = missed["stage"]
            if stage >= len(STEPS) or not _reviewable(id, code):
                continue
            days = (record.now() - missed["time"]) / DAY - STEPS[stage]
            chapters = reached - missed["chapter"] - STEPS[stage]
            if max(days, chapters) >= 0:
                waiting.append((-max(days, chapters), id, code))
    return [(id, code) for _, id, code in sorted(waiting)]


def _reviewable(id: str, code: str) -> bool:
    """Whether it is still in the bank, and can be asked in two minutes."""
    try:
        exercise = bank.find(id)
    except KeyError:
        return False
    return isinstance(exercise, Exercise) and exercise.kind is not MODEL and code in exercise.wrong


def _still_known(found: dict, served: dict) -> bool:
    entry = found["exercises"].get(served["id"], {"missed": {}})
    return served["code"] in entry["missed"] and _reviewable(served["id"], served["code"])


def _instance(served: dict) -> tuple[Exercise, Case]:
    """The exercise as it is reviewed, with its new numbers."""
    exercise = dataclasses.replace(bank.find(served["id"]), tolerance=TYPED)
    if exercise.draw is None:
        return exercise, exercise.case()
    return exercise, exercise.case(served["seed"])


def _question(served: dict) -> Feedback:
    exercise, case = _instance(served)
    lines = [
        f"{name} = {_as_code(value)}"
        for name, value in zip(exercise.arguments, case.inputs, strict=True)
    ]
    if any("np." in line for line in lines):
        lines.insert(0, "import numpy as np")
    asked = "review.gate" if exercise.kind is GATE else "review.question"
    task = exercise_texts(exercise.id)["task"]
    text = say(asked, id=exercise.id, task=task, name=exercise.name)
    count = len(case.expected)
    results = ", ".join(f"result_{n + 1}" for n in range(count)) if count > 1 else "your_result"
    how = say("review.how", results=results)
    return Feedback(say("review.name"), text, "note", trace="\n".join(lines), note=how)


def _as_code(value) -> str:
    """A value as it can be pasted into a cell: in full, no 6.9e-04, and no -0."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        value = value + 0.0
    with np.printoptions(
        suppress=True, floatmode="unique", threshold=1000, formatter=None, legacy=False
    ):
        text = repr(value).replace("array(", "np.array(").replace("dtype=", "dtype=np.")
    return text.replace("np.np.", "np.")


def _reply(found: dict, served: dict, answer) -> Feedback:
    exercise, case = _instance(served)
    try:
        diagnosis = judge(exercise, [parts_of(answer, len(case.expected))], [case])
    except Unreadable as reason:
        text = say(f"type.{reason.code}", name=exercise.name, **reason.values)
        return Feedback(say("review.name"), text, "type")

    missed = found["exercises"][served["id"]]["missed"][served["code"]]
    stage = missed["stage"] + 1 if diagnosis.right else 0

    def edit(found: dict) -> None:
        if found["review"] != served:  # answered in another notebook a moment ago
            return
        found["review"] = None
        entry = record.of_exercise(found, served["id"])
        record.miss(found, entry, served["code"], stage)
        if diagnosis.kind == "misconception" and diagnosis.code != served["code"]:
            record.miss(found, entry, diagnosis.code)

    record.change(edit)
    if not diagnosis.right:
        return Feedback(exercise.id, diagnosis.text, diagnosis.kind, note=say("review.again"))
    name = exercise_texts(exercise.id)["wrong"][served["code"]]["name"]
    later = say("review.later", days=STEPS[stage]) if stage < len(STEPS) else say("review.learned")
    return Feedback(exercise.id, say("review.right", name=name), "right", note=later)
