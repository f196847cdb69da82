"""Misconceptions come back, with new numbers, after 1, 3 and 7 days or chapters."""

from __future__ import annotations

import dataclasses

import numpy as np

from . import bank, record
from .diagnosis import judge
from .exercise import GATE, MODEL, BugHunt, Case, Exercise
from .feedback import Feedback, show
from .running import is_unwritten
from .texts import exercise_texts, say
from .values import Unreadable, parts_of

DAY = 86_400.0
STEPS = (1, 3, 7)  # days, or chapters, until the next review; after the last it is learned
TYPED = 1e-3  # the tolerance for a result that was perhaps typed in
SAMPLES = (  # what many get wrong once: they fill up a review that has few mistakes of one's own
    ("01a", "square_only"),
    ("02b", "no_transpose"),
    ("03c", "x_missing"),
    ("05c", "w2_moved_first"),
    ("06b", "product_of_means"),
    ("08a", "overwritten"),
    ("09a", "true_class_only"),
    ("13c", "not_turned"),
)


def review(*answer, ahead: bool = False) -> None:
    """Ask again, with new numbers, what once went wrong; `review(your_result)` answers.

    In a copy of the course for students, which cannot draw any, it is the notebook's numbers.

    Several results are given one after another or as a tuple. What is right comes back later, what
    is wrong sooner; either way the question is closed. Nothing happens when nothing is due; with
    `ahead`, what is not yet due is asked too, unless it was right within a day, and then what
    `mistakes()` lists as common ones.
    """
    found = record.read()
    served = found.get("review")
    if served is None or not _still_known(found, served):
        if not all(map(is_unwritten, answer)):
            return show(Feedback(say("review.name"), say("review.not_open"), "note"))
        waiting = ahead_of_time(found) if ahead else due_items(found)
        if not waiting:
            text = say("review.nothing_left") if ahead else say("review.nothing", numbers=numbers())
            return show(Feedback(say("review.name"), text, "note"))
        served = _served(found, *waiting[0])
        record.change(lambda found: found.update(review=served))
        return show(_question(served))
    if all(map(is_unwritten, answer)):
        return show(_question(served))
    return show(_reply(found, served, answer[0] if len(answer) == 1 else answer))


def numbers() -> str:
    """Which numbers are asked with, in words."""
    return say("review.published" if bank.is_for_students() else "review.fresh")


def due_items(found: dict) -> list[tuple[str, str]]:
    """(exercise, misconception) of everything due, the longest overdue first."""
    reached = record.chapter_reached(found)
    waiting = []
    for id, code, missed in _unlearned(found):
        days = (record.now() - missed["time"]) / DAY - STEPS[missed["stage"]]
        chapters = reached - missed["chapter"] - STEPS[missed["stage"]]
        if max(days, chapters) >= 0:
            waiting.append((-max(days, chapters), id, code))
    return [(id, code) for _, id, code in sorted(waiting)]


def ahead_of_time(found: dict) -> list[tuple[str, str]]:
    """(exercise, misconception) of all that can be asked: one's own, the longest not asked first,
    without what is learned or was right within a day; then the samples that were not yet right.
    """
    waiting = [
        (missed["time"], id, code)
        for id, code, missed in _unlearned(found)
        if missed["stage"] == 0 or record.now() - missed["time"] >= DAY
    ]
    done = found.get("samples", [])
    own = [(id, code) for _, id, code in sorted(waiting)]
    return own + [item for item in samples(found) if list(item) not in done]


def mistakes_of(found: dict) -> list[tuple[str, str, dict]]:
    """(exercise, misconception, when it was met and how often reviewed), as far as known here."""
    return [
        (id, code, missed)
        for id, entry in sorted(found["exercises"].items())
        for code, missed in entry["missed"].items()
        if _known(id, code)
    ]


def samples(found: dict) -> list[tuple[str, str]]:
    """The common misconceptions that bring somebody's own up to as many as `SAMPLES` has."""
    own = [(id, code) for id, code, _ in mistakes_of(found)]
    return [item for item in SAMPLES if item not in own][: max(len(SAMPLES) - len(own), 0)]


def _unlearned(found: dict) -> list[tuple[str, str, dict]]:
    """Of `mistakes_of` what still has a review before it."""
    return [
        (id, code, missed)
        for id, code, missed in mistakes_of(found)
        if missed["stage"] < len(STEPS) and _reviewable(id, code)
    ]


def _known(id: str, code: str) -> bool:
    try:
        exercise = bank.find(id)
    except KeyError:
        return False
    return not isinstance(exercise, BugHunt) and code in exercise.wrong


def _reviewable(id: str, code: str) -> bool:
    """Whether it is still in the bank, and can be asked in two minutes."""
    return _known(id, code) and bank.find(id).kind is not MODEL


def _served(found: dict, id: str, code: str) -> dict:
    """A question as it is kept until it is answered; a sample has one set of numbers for all."""
    seed = int(record.now() * 1000) % 2**32 if _is_own(found, id, code) else 16
    return {"id": id, "code": code, "seed": seed}


def _is_own(found: dict, id: str, code: str) -> bool:
    return code in found["exercises"].get(id, {"missed": {}})["missed"]


def _still_known(found: dict, served: dict) -> bool:
    item = served["id"], served["code"]
    return _reviewable(*item) and (_is_own(found, *item) or item in SAMPLES)


def _instance(served: dict) -> tuple[Exercise, Case]:
    """The exercise as it is reviewed, with its new numbers where it can draw any."""
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
    text = say(asked, id=exercise.id, task=task, name=exercise.name, numbers=numbers())
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

    own = _is_own(found, served["id"], served["code"])
    stage = 0
    if own and diagnosis.right:
        stage = found["exercises"][served["id"]]["missed"][served["code"]]["stage"] + 1

    def edit(found: dict) -> None:
        if found["review"] != served:  # answered in another notebook a moment ago
            return
        found["review"] = None
        if diagnosis.right and not own:
            found.setdefault("samples", []).append([served["id"], served["code"]])
            return
        if own:
            record.miss(found, record.of_exercise(found, served["id"]), served["code"], stage)
        if diagnosis.kind == "misconception" and not (own and diagnosis.code == served["code"]):
            record.miss(found, record.of_exercise(found, served["id"]), diagnosis.code)

    record.change(edit)
    if not diagnosis.right:
        kept = own or diagnosis.kind == "misconception"
        note = say("review.again" if kept else "review.sample_again")
        return Feedback(exercise.id, diagnosis.text, diagnosis.kind, note=note)
    name = exercise_texts(exercise.id)["wrong"][served["code"]]["name"]
    if not own:
        return Feedback(exercise.id, say("review.right", name=name), "right")
    later = say("review.later", days=STEPS[stage]) if stage < len(STEPS) else say("review.learned")
    return Feedback(exercise.id, say("review.right", name=name), "right", note=later)
