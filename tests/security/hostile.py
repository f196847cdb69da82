"""Submissions that attack the grader: how they are made and marked, and what must hold after each.

Set 05 is handed in with its honest first answer, worth 2 points, and an attack.
"""

import json
import os
import struct
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from student_classes import notebook, offspring, until

from course_lib.checks import bank
from course_lib.checks.bank.c05_backprop_without_forks import network
from course_lib.checks.exercise import BugHunt
from course_lib.grading.limits import MIB, Limits
from course_lib.grading.marking import Key, mark
from course_lib.grading.sandbox import Guards, Sandbox, possible

CANARY = "kestrel-0451-osprey"  # in a file, a variable and another submission: all out of reach
# Words of the answers, of their texts and of the solutions.
ANSWERS = ("after_the_step", "class Pass", "EXERCISES", "BEGIN SOLUTION", "BugHunt(")

HONEST = """import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def delta_z2(x, W1, b1, w2, b2, y):
    return sigmoid(w2 @ sigmoid(W1 @ x + b1) + b2) - y
"""


@dataclass(frozen=True)
class Brief(Limits):
    """Small amounts, so that a bomb is soon over."""

    cells: float = 4.0
    memory: int = 1024 * MIB
    scratch: int = 8 * MIB
    file: int = 4 * MIB
    files: int = 100
    threads: int = 16

    def seconds(self, questions) -> float:
        return self.cells + 2.0


BRIEF = Brief()
HASTY = Brief(cells=0.7)  # for what would go on for ever


@dataclass(frozen=True)
class Attack:
    """`code` is the cell of 05b, below that of the honest answer; `first` a cell above both.

    `says` is what the words of the mark must hold, a part of them: the attack came so far.
    """

    code: str = ""
    says: str = ""
    first: str = ""
    points: float = 2.0
    limits: Limits = BRIEF

    @property
    def notebook(self) -> bytes:
        cells = {"first": self.first, "05a": HONEST, "05b": self.code}
        return notebook_of({id: source for id, source in cells.items() if source})


def notebook_of(cells: dict[str, str]) -> bytes:
    """A notebook of these code cells, by id."""
    found = [{"cell_type": "code", "id": id, "source": source} for id, source in cells.items()]
    return json.dumps({"cells": found, "nbformat": 4, "nbformat_minor": 5}).encode()


def key_of(seed: bytes) -> Key:
    """Set 05, with inputs of so many digits that each would be known again."""

    def draw(rng):
        *arrays, b2, label = network(rng)
        arrays = [array + rng.uniform(1e-4, 4e-3, array.shape) for array in arrays]
        return *arrays, b2 + rng.uniform(1e-4, 4e-3), label

    key = Key(5, seed)
    vars(key)["exercises"] = {
        id: each if isinstance(each, BugHunt) else replace(each, draw=draw)
        for id, each in bank.of_chapter(5).items()
    }
    return key


def words_of(found) -> str:
    """Everything that is said in a mark."""
    return json.dumps(found.as_json(), ensure_ascii=False)


def told(found) -> str:
    """What is said to the student, in short."""
    said = [f"{each.id} {each.kind}: {each.text} {each.trace}" for each in found.exercises]
    short = [line for line in said if "No cell defines" not in line and "Right." not in line]
    return "\n".join([found.failure, *found.remarks, *short])


def leaked(found, key: Key) -> list[str]:
    """What a mark holds of the hidden inputs, their results, the answers, or the canary."""
    text = words_of(found)
    forms = {form for number in _hidden_numbers(key) for form in _forms(number)}
    return [form for form in (*forms, CANARY, *ANSWERS) if form in text]


def _hidden_numbers(key: Key) -> list[float]:
    cases = [case for cases in key.secret.values() for case in cases]
    arrays = [np.ravel(value) for case in cases for value in (*case.inputs, *case.expected)]
    return [float(number) for number in np.concatenate(arrays) if number != np.rint(number)]


def _forms(number: float) -> list[str]:
    """Its decimals, its leading digits, its bytes."""
    digits = f"{abs(number):.12e}".replace(".", "")[:7]
    return [f"{abs(number):.12f}"[:8], digits, struct.pack("<d", number).hex()]


def _world(outside: Path) -> dict:
    """What no submission may change: the library, its answers, packages, files elsewhere."""
    watched = [bank.__file__, bank.c05_backprop_without_forks.__file__, np.__file__]
    watched += [str(Path(bank.__file__).parents[2] / "__init__.py")]
    packages = Path(np.__file__).parents[1]
    return {
        "files": [sha256(Path(name).read_bytes()).hexdigest() for name in watched],
        "rights": [os.stat(name).st_mode for name in watched],
        "startup": sorted(p.name for p in [*packages.glob("*.pth"), *packages.glob("*custom*.py")]),
        "outside": {path.name: path.read_bytes() for path in outside.iterdir()},
    }


class Arena:
    """A sandbox, and an honest student who is marked in it after every attack."""

    def __init__(self, sandbox: Sandbox, outside: Path):
        self.sandbox, self.outside, self.key = sandbox, outside, key_of(b"a secret")
        self.ada = notebook(extra=f"MINE = '{CANARY}'")
        self.processes = offspring(sandbox._process.pid)
        self.before = self.honest()
        self.world = _world(outside)

    def honest(self):
        return mark(self.sandbox, self.key, "ada", "ada.ipynb", self.ada, limits=BRIEF)

    def marked(self, notebook: bytes, limits: Limits = BRIEF, key: Key | None = None):
        """The mark of a submission; fails if anything is told, changed or left by it."""
        began = time.monotonic()
        found = mark(self.sandbox, key or self.key, "eve", "eve.ipynb", notebook, limits=limits)
        took = time.monotonic() - began
        assert took < 2 * limits.seconds([]) + 5, "it held the grader up"
        assert not leaked(found, key or self.key)
        assert _world(self.outside) == self.world
        assert self.honest() == self.before and self.before.points == self.before.out_of == 9
        until(self._nothing_is_left, 5)
        return found

    def _nothing_is_left(self) -> bool:
        try:
            return offspring(self.sandbox._process.pid) == self.processes
        except FileNotFoundError:  # one ended while it was looked at
            return False

    def attacked(self, attack: Attack):
        """The mark of an attack, which earns what its honest cells do."""
        found = self.marked(attack.notebook, attack.limits)
        earned = {each.id: each.points for each in found.exercises}
        assert earned == {"05a": attack.points, "05b": 0, "05c": 0, "05bug": 0}, told(found)
        assert attack.says in told(found), told(found)
        return found


@contextmanager
def arena_of(outside: Path, guards: Guards | None = None):
    """An arena; `outside` gets a file that nobody may read or change."""
    (outside / "canary.txt").write_text(CANARY, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CANARY", CANARY)
        with Sandbox(guards or possible(True), BRIEF) as sandbox:
            yield Arena(sandbox, outside)
