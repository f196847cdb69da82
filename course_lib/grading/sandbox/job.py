"""One submission: its cells run, its answers are run on instances, what comes of them is sent.

This is where a stranger's code gets control. Nothing in this process is worth stealing: it knows
the questions and the inputs, and neither a right answer nor another submission. What it sends is
only believed to be what it says it is; whether it is right is decided elsewhere.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import codeop
import contextlib
import inspect
import io
import linecache
import os
import random
import re
import sys
import time
import traceback
import types
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

import numpy as np

from ...checks.observing import Observation, Question, observe
from ...checks.plain import of_plain
from ...checks.running import TimeLimit, limited
from .cells import Cell, NoNotebook, code_cells, place_of
from .guards import Guards, build
from .link import observation_packed, packed, receive, send, unpacked

TASK = 64 * 2**20  # bytes, the most of a task or a notebook: both are ours, or were measured
ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # another in every run
MAGIC_CELLS = ("time", "capture", "prun")  # whose body is the learner's code


class Shell:
    """What stands for IPython: its commands do nothing, and code that they time is run."""

    def __init__(self, run: Callable[[str], None]):
        self._run = run

    def run_cell_magic(self, name: str, line: str, body: str) -> None:
        if name in MAGIC_CELLS:
            self._run(body)

    def run_line_magic(self, name: str, line: str, *_) -> None:
        if name == "time":
            self._run(line)

    def getoutput(self, *_, **__) -> list[str]:
        return []

    def __getattr__(self, name: str):
        return lambda *_, **__: None


class Sitting:
    """One run of a notebook. `say` sends a message; `seconds` is what all cells may take."""

    def __init__(
        self, cells: list[Cell], questions: list[Question], say, seconds: float, most: int
    ):
        self.cells, self.questions, self.say = cells, questions, say
        self.seconds, self.most = seconds, most
        self.places = {q.id: place_of(q, cells) for q in questions}
        self.answers: dict[str, tuple] = {}  # what was looked at, and all names at that moment
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.namespace = vars(module)
        self.namespace |= {"display": _nothing, "get_ipython": self._shell, "input": _no_input}
        self.loop = asyncio.Runner()
        self.compile = codeop.Compile()  # a `from __future__ import` counts for all cells below
        self.compile.flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

    def _shell(self) -> Shell:
        return Shell(lambda source: exec(self.compile(source, "", "exec"), self.namespace))

    def run(self, instances: dict[str, list[tuple]], skip: list[int], late: list[str]) -> None:
        """Every cell but those to be skipped, and each question when its place has come.

        Those in `late` come after all cells. A question without instances is not asked, but its
        answer is kept for `run_again`.
        """
        again = []
        for index, cell in enumerate(self.cells):
            if cell.number not in skip:
                self.say({"at": f"cell {cell.number}"})
                self._run_cell(cell)
            for question in self.questions:
                place = self.places[question.id]
                here = place and place.after == index
                if here and (question.id in late or not self._ask(question, instances)):
                    again.append(question)
        again += [question for question in self.questions if not self.places[question.id]]
        for question in again:  # what it calls may have been defined further below
            self._ask_late(question, instances)

    def run_again(self, instances: dict[str, list[tuple]]) -> None:
        """Each answer on other instances, among the names that it was looked at with."""
        for question in self.questions:
            if question.id in self.answers and question.id in instances:
                answer, names = self.answers[question.id]
                self.namespace.clear()
                self.namespace |= names
                self.say({"at": question.id})
                found = _observed(question, answer, instances[question.id])
                self.say({"id": question.id, "observation": self._packed(question, found)})

    def _run_cell(self, cell: Cell) -> None:
        name = f"cell {cell.number}"
        lines = cell.python.splitlines(keepends=True)
        linecache.cache[name] = (len(cell.python), None, lines, name)
        began = time.monotonic()
        try:
            code = self.compile(cell.tree or cell.python, name, "exec")
            limited(self._execute, (code,), max(self.seconds, 0.1))
        except TimeLimit:
            self.say(
                {"remark": f"Cell {cell.number} was stopped: the time for all cells was over."}
            )
        except BaseException as error:  # also exit(): the cells below it still count
            lines = traceback.format_exception_only(error)
            kind = next(line for line in lines if not line.startswith(" ")).splitlines()[0]
            kind = ADDRESS.sub("", kind[:200])
            self.say({"remark": f"Cell {cell.number} stopped with an error. {kind}"})
        self.seconds -= time.monotonic() - began

    def _execute(self, inputs: tuple[types.CodeType]) -> None:
        """Run a cell, in which `await` may stand outside of functions, as in Jupyter."""
        (code,) = inputs
        if code.co_flags & inspect.CO_COROUTINE:
            self.loop.run(eval(code, self.namespace))
        else:
            exec(code, self.namespace)

    def _ask(self, question: Question, instances: dict) -> bool:
        """Send what came of an answer; False, if it is to be asked again after all cells."""
        if question.name not in self.namespace:
            return False
        self.answers[question.id] = self.namespace[question.name], dict(self.namespace)
        if question.id not in instances:
            return True
        found = self._look(question, instances)
        failed = [o.kind for o in found.outcomes[-1:]] == ["error"] or found.kind == "unwritten"
        key = "early" if failed else "id"
        self.say({key: question.id, "observation": self._packed(question, found)})
        return not failed

    def _ask_late(self, question: Question, instances: dict) -> None:
        """Ask after all cells; what then gives no result does not replace what came earlier."""
        if question.name not in self.namespace:
            return
        answer = self.namespace[question.name], dict(self.namespace)
        if question.id in instances:
            found = self._look(question, instances)
            results = [outcome.kind for outcome in found.outcomes] or ["none"]
            if question.id in self.answers and set(results) != {"parts"}:
                return
            said = {"id": question.id, "late": True}
            self.say({**said, "observation": self._packed(question, found)})
        self.answers[question.id] = answer

    def _look(self, question: Question, instances: dict) -> Observation:
        self.say({"at": question.id})
        return _observed(question, self.namespace[question.name], instances[question.id])

    def _packed(self, question: Question, found: Observation) -> dict:
        outcomes = tuple(
            replace(outcome, trace=ADDRESS.sub("", outcome.trace)) for outcome in found.outcomes
        )
        return observation_packed(question, replace(found, outcomes=outcomes), self.most)


def _observed(question: Question, answer, instances: list[tuple]) -> Observation:
    try:
        return observe(question, answer, instances, quiet=True)
    except BaseException as error:
        return Observation("misfit", "odd", {"found": type(error).__name__[:100]})


def serve(
    incoming: io.RawIOBase,
    outgoing: io.RawIOBase,
    order: dict,
    guards: Guards,
    filter,
    chosen: dict,
) -> None:
    """Take a task and a notebook in, build the walls, and run."""
    stream = io.BufferedRWPair(incoming, outgoing)
    task, notebook = receive(stream, TASK), receive(stream, TASK)
    silence()
    os.chdir(chosen["scratch"])
    build(guards, filter, chosen, order["seconds"])
    sit(unpacked(task), notebook, stream)


def sit(task: dict, notebook: bytes, stream: BinaryIO) -> None:
    """Run a notebook as the task says, and send what comes of it.

    After "shown" comes a second task, with instances that are not to be shown, and then "end".
    """

    def say(message: dict) -> None:
        send(stream, packed(message))

    random.seed(0)
    np.random.seed(0)
    try:
        cells = code_cells(notebook)
    except NoNotebook as reason:
        say({"failure": str(reason)})
        return
    questions = [Question(**entry) for entry in task["questions"]]
    instances = {id: of_plain(found) for id, found in task["instances"].items()}
    sitting = Sitting(cells, questions, say, task["seconds"], task["most"])
    for question in questions:
        place = sitting.places[question.id]
        if place and place.cells > 1:
            twice = f"{place.cells} cells define `{question.name}`; the last of them was marked."
            say({"remark": twice})
    sitting.run(instances, task["skip"], task["late"])
    say({"shown": True})
    hidden = unpacked(receive(stream, TASK))["instances"]
    sitting.run_again({id: of_plain(found) for id, found in hidden.items()})
    say({"end": True})


def _nothing(*_, **__) -> None:
    """`display`, where nobody looks."""


def _no_input(*_) -> str:
    raise EOFError("input() has nobody to ask here")


def silence() -> None:
    """What is printed leads nowhere, and nothing can be read from standard input."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)
    with contextlib.suppress(AttributeError):
        builtins.exit = builtins.quit = sys.exit
