"""A submission run to its end: what ends its process costs the cell or exercise where it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..checks.observing import Observation, Question
from .limits import Limits
from .sandbox import Bare, End, Sandbox
from .sandbox.link import TEXT, Garbled, instances_packed, observation_unpacked

REMARKS = 30  # as many as anybody reads

Instances = dict[str, list[tuple]]  # by exercise, the inputs of each


@dataclass
class Sat:
    """What came of a submission's run.

    `shown`: by exercise, what came of the instances that may be shown; `hidden`: of the others, of
    which nothing is to be told but whether it is right. `lost` and `lost_hidden`: by exercise, how
    the process ended while its answer ran. `failure`: why nothing could be run. `late`: exercises
    whose answers stood only after all cells.
    """

    shown: dict[str, Observation] = field(default_factory=dict)
    hidden: dict[str, Observation] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    lost_hidden: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    failure: str = ""
    late: list[str] = field(default_factory=list)


class _Turn:
    """What the messages of one process say."""

    def __init__(self, sat: Sat, ids: list[str]):
        self.sat, self.ids = sat, ids
        self.at, self.over = "", False  # over: that which may be shown
        self.early: dict[str, Observation] = {}

    def hear(self, message: dict) -> None:
        """Take one message in; what it is not is ignored.

        Once the process has been given hidden inputs, nothing that it says is kept as a text.
        """
        if isinstance(at := message.get("at"), str):
            self.at = at
        if self.over:
            self._enter(message, "id", self.sat.hidden)
            return
        if isinstance(remark := message.get("remark"), str):
            self.sat.remarks.append(remark[:TEXT])
        if isinstance(failure := message.get("failure"), str):
            self.sat.failure = failure[:TEXT]
        self._enter(message, "early", self.early)
        self._enter(message, "id", self.sat.shown)
        if message.get("late") is True and message.get("id") in self.ids:
            self.sat.late.append(message["id"])
        if "shown" in message:
            self.sat.shown = self.early | self.sat.shown
            self.over = True

    def _enter(self, message: dict, key: str, found: dict[str, Observation]) -> None:
        id = message.get(key)
        if id in self.ids and isinstance(message.get("observation"), dict):
            try:
                found[id] = observation_unpacked(message["observation"])
            except Garbled:
                found[id] = Observation("garbled")


def run_through(
    sandbox: Sandbox | Bare,
    notebook: bytes,
    questions: list[Question],
    shown: Instances,
    hidden: Callable[[Sat], Instances],
    limits: Limits,
) -> Sat:
    """Run a notebook, and again without the cell or exercise that ended it, until it comes through.

    `shown` are the inputs that an answer is first tried on; when all of that is heard, `hidden`
    says on which others. Raises sandbox.Broken.
    """
    sat, skip = Sat(), []
    for _ in range(2 * len(questions) + 4):
        turn, end = _one_run(sandbox, sat, notebook, questions, shown, hidden, skip, limits)
        sat.shown = turn.early | sat.shown
        if end.whole or not _without_what_ended_it(sat, turn, end, skip):
            break
    sat.remarks = list(dict.fromkeys(sat.remarks))[:REMARKS]
    return sat


def _without_what_ended_it(sat: Sat, turn: _Turn, end: End, skip: list[int]) -> bool:
    """Note what is to be left out when it is run again; False if that is not known."""
    if turn.over and turn.at in turn.ids:
        sat.lost_hidden[turn.at] = end.why
        sat.hidden.pop(turn.at, None)
    elif turn.at in turn.ids:
        sat.lost[turn.at] = end.why
        sat.shown.pop(turn.at, None)
    elif cell := re.fullmatch(r"cell (\d{1,9})", turn.at):
        skip.append(int(cell[1]))
        if not turn.over:
            sat.remarks.append(f"Cell {cell[1]} ended the notebook: {end.why}. It was left out.")
    elif not turn.over:
        sat.failure = f"The notebook could not be run: {end.why}."
        return False
    return not turn.over or turn.at in turn.ids


def _one_run(sandbox, sat, notebook, questions, shown, hidden, skip, limits) -> tuple[_Turn, End]:
    def packed(instances: Instances, known: dict, lost: dict) -> dict:
        return {
            id: instances_packed(found)
            for id, found in instances.items()
            if id not in known and id not in lost
        }

    def then() -> dict:
        return {"instances": packed(hidden(sat), sat.hidden, sat.lost_hidden)}

    turn = _Turn(sat, [question.id for question in questions])
    task = {
        "questions": [vars(question) for question in questions],
        "instances": packed(shown, sat.shown, sat.lost),
        "skip": skip,
        "late": sat.late,
        "seconds": limits.cells,
        "most": limits.result,
    }
    for message in sandbox.run(task, notebook, then, limits.seconds(questions)):
        if isinstance(message, End):
            return turn, message
        turn.hear(message)
    raise AssertionError("a run ends with an End")
