"""A submission run to its end: what ends its process costs the cell or exercise where it was."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ..checks.observing import Observation, Question
from ..checks.plain import to_plain
from .limits import Limits
from .sandbox import Bare, End, Sandbox
from .sandbox.link import Garbled, observation_unpacked, text_of

REMARKS = 30  # as many as anybody reads

Instances = dict[str, list[tuple]]  # by exercise, the inputs of each


@dataclass
class Sat:
    """What came of a submission's run.

    `shown`: by exercise, what came of the instances that may be shown; `hidden`: of the others, of
    which nothing is to be told but whether it is right. `lost`: by exercise, how the process ended
    while its answer ran; `lost_hidden`: exercises with which it ended on other instances.
    `failure`: why nothing could be run. `late`: exercises whose answers stood only after all cells.
    """

    shown: dict[str, Observation] = field(default_factory=dict)
    hidden: dict[str, Observation] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    lost_hidden: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    failure: str = ""
    late: list[str] = field(default_factory=list)


class _Turn:
    """What the messages of one process say.

    `over`: it has been given hidden inputs, or another one has, which may have ended on purpose to
    tell this one something by it. So nothing that it says is kept as a text.
    """

    def __init__(self, sat: Sat, ids: list[str], over: bool):
        self.sat, self.ids, self.over = sat, ids, over
        self.at, self.ended = "", False  # ended: it was through with what may be shown
        self.early: dict[str, Observation] = {}

    def hear(self, message: dict) -> None:
        """Take one message in; what it is not is ignored."""
        if isinstance(at := message.get("at"), str):
            self.at = at
        if self.ended:
            self._enter(message, "id", self.sat.hidden)
        elif not self.over:
            self._hear_what_is_shown(message)
        if "shown" in message:
            self.sat.shown = self.early | self.sat.shown
            self.ended = self.over = True

    def _hear_what_is_shown(self, message: dict) -> None:
        with contextlib.suppress(Garbled):
            self.sat.remarks.append(text_of(message.get("remark")))
        with contextlib.suppress(Garbled):
            self.sat.failure = text_of(message.get("failure"))
        self._enter(message, "early", self.early)
        late = self._enter(message, "id", self.sat.shown) and message.get("late") is True
        if late and message["id"] not in self.sat.late:
            self.sat.late.append(message["id"])

    def _enter(self, message: dict, key: str, found: dict[str, Observation]) -> bool:
        id = message.get(key)
        if not isinstance(id, str) or id not in self.ids:
            return False
        try:
            found[id] = observation_unpacked(message.get("observation"))
        except Garbled:
            found[id] = Observation("garbled")
        return True


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
    says on which others. All these runs together take no longer than two may. Raises
    sandbox.Broken.
    """
    sat, skip, over = Sat(), [], False
    ids = [question.id for question in questions]
    ends = time.monotonic() + 2 * limits.seconds(questions)
    for _ in range(2 * len(questions) + 4):
        turn = _Turn(sat, ids, over)
        seconds = min(limits.seconds(questions), ends - time.monotonic())
        if seconds <= 0:
            break
        end = _one_run(sandbox, turn, notebook, questions, shown, hidden, skip, limits, seconds)
        sat.shown = turn.early | sat.shown
        over = turn.over
        if end.whole or not _without_what_ended_it(sat, turn, end, skip):
            break
    if not over and not end.whole:  # it was never asked for the rest
        sat.lost |= {id: end.why for id in ids if id not in sat.shown and id not in sat.lost}
    sat.remarks = list(dict.fromkeys(sat.remarks))[:REMARKS]
    return sat


def _without_what_ended_it(sat: Sat, turn: _Turn, end: End, skip: list[int]) -> bool:
    """Note what is to be left out when it is run again; False if that is not known."""
    cell = re.fullmatch(r"cell (\d{1,9})", turn.at)
    if turn.ended and turn.at in turn.ids and turn.at not in sat.lost_hidden:
        sat.lost_hidden.append(turn.at)
        sat.hidden.pop(turn.at, None)
        return True
    if turn.over:
        return False
    if turn.at in turn.ids and turn.at not in sat.lost:
        sat.lost[turn.at] = end.why
        sat.shown.pop(turn.at, None)
        return True
    if cell and int(cell[1]) not in skip:
        skip.append(int(cell[1]))
        sat.remarks.append(f"Cell {cell[1]} ended the notebook: {end.why}. It was left out.")
        return True
    sat.failure = f"The notebook could not be run: {end.why}."
    return False


def _one_run(
    sandbox: Sandbox | Bare,
    turn: _Turn,
    notebook: bytes,
    questions: list[Question],
    shown: Instances,
    hidden: Callable[[Sat], Instances],
    skip: list[int],
    limits: Limits,
    seconds: float,
) -> End:
    """Run it once; what comes of it goes into `turn`."""
    sat = turn.sat

    def packed(instances: Instances, known: Collection[str]) -> dict:
        return {id: to_plain(found) for id, found in instances.items() if id not in known}

    def then() -> dict:
        return {"instances": packed(hidden(sat), [*sat.hidden, *sat.lost_hidden])}

    task = {
        "questions": [vars(question) for question in questions],
        "instances": packed(shown, [*sat.shown, *sat.lost]),
        "skip": skip,
        "late": sat.late,
        "seconds": limits.cells,
        "most": limits.result,
    }
    for message in sandbox.run(task, notebook, then, seconds):
        if isinstance(message, End):
            return message
        turn.hear(message)
    raise AssertionError("a run ends with an End")
