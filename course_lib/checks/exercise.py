"""What an exercise is: data. Its texts are in messages/, its diagnosis in diagnosis.py.

An exercise asks for a function, a gate, a number or a trained model. The reference is the right
answer; the misconceptions are the same function with one idea changed. Both run on the same inputs:
the ones printed in the problem set (`published`), and others drawn from a seed, so that a function
that knows only the printed numbers is found out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.random import Generator

from .values import Parts, parts_of, same

COLLISION = 1e-4  # two answers nearer than this, relative to their size, cannot be told apart


@dataclass(frozen=True)
class Kind:
    """How an answer becomes a result: what it is called in messages, and how it is run."""

    name: str
    run: Callable  # (answer, inputs) -> result
    callable: bool = True
    seconds: float = 5.0  # time limit on each of its instances
    drawn: int = 3  # instances besides the published one


def _call(answer, inputs):
    return answer(*inputs)


def _play(gate_class, inputs):
    """(value, what backward returns): `forward` takes all inputs but the last, which is delta.

    A second gate runs in between: what `forward` stores belongs to the gate, not to its class.
    """
    *values, delta = inputs
    gate, other = gate_class(), gate_class()
    value = gate.forward(*values)
    other.forward(*(2 * x for x in values))
    return value, gate.backward(delta)


FUNCTION = Kind("function", _call)
GATE = Kind("class", _play)
NUMBER = Kind("number", lambda answer, inputs: answer, callable=False, drawn=0)
MODEL = Kind("function", _call, seconds=60.0, drawn=1)


@dataclass(frozen=True)
class Case:
    """An exercise on one instance: the inputs, the right result, and that of each misconception."""

    inputs: tuple
    expected: Parts
    wrong: dict[str, Parts]


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    `reference`: the right function or class. Its name is the one that the problem set asks for.
    `published`: its arguments in the problem set. For a gate the last one is delta.
    `draw`: makes other arguments from a generator; None where only the published ones make sense.
    `wrong`: the misconceptions, a mutated reference for each code.
    `kind`: FUNCTION, GATE, NUMBER (the learner gives the value at `published`) or MODEL.
    `tolerance`: relative to the largest entry of the right result; whole numbers are compared
    exactly whatever it is.
    `together`: whether the parts of a result belong together, so that a misconception is named only
    where it is in all of them.
    `agreement`: the part of the entries that must be equal, for the predictions of trained models.
    """

    id: str
    reference: Callable
    published: tuple
    draw: Callable[[Generator], tuple] | None
    wrong: Mapping[str, Callable] = field(repr=False)
    kind: Kind = FUNCTION
    points: int = 2
    tolerance: float = 1e-6
    together: bool = False
    agreement: float = 1.0

    @property
    def chapter(self) -> int:
        return int(self.id[:2])

    @property
    def name(self) -> str:
        """The name that the answer has in the problem set."""
        return self.reference.__name__

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the inputs."""
        if inspect.isclass(self.reference):
            forward = list(inspect.signature(self.reference.forward).parameters)[1:]
            return (*forward, "delta")
        return tuple(inspect.signature(self.reference).parameters)

    @cached_property
    def cases(self) -> list[Case]:
        """The published instance, and those that an answer is also tried on."""
        drawn = self.kind.drawn if self.draw else 0
        return [self.case(), *(self.case(seed) for seed in range(1, drawn + 1))]

    @np.errstate(all="ignore")
    def case(self, seed: int | None = None) -> Case:
        """The published instance, or the one of a seed.

        Drawn again while two answers are the same on it: a misconception that gives the right
        result, or another's, teaches nothing. Raises ValueError if that happens 20 times in a row.
        """
        if seed is None or self.draw is None:
            return self._case(self.published)
        for case in self.candidates(seed):
            if not collisions(case, self):
                return case
        raise ValueError(f"{self.id}: no instance tells all its answers apart")

    def candidates(self, seed: int) -> Iterator[Case]:
        """Twenty instances, some of which may not tell all answers apart."""
        rng = np.random.default_rng(seed)
        for _ in range(20):
            yield self._case(self.draw(rng))

    def _case(self, inputs: tuple) -> Case:
        expected = self.result(self.reference, inputs)
        wrong = {code: self.result(mutant, inputs) for code, mutant in self.wrong.items()}
        return Case(inputs, expected, wrong)

    def result(self, function: Callable, inputs: tuple) -> Parts:
        """What one of our own answers gives; a learner's runs under guard, in running.py."""
        run = _call if self.kind is NUMBER else self.kind.run
        with np.errstate(all="ignore"):
            return parts_of(run(function, deepcopy(inputs)))

    def of_sibling(self, sibling: Exercise, case: Case) -> Parts | None:
        """The right answer to another exercise on this instance; None if it has other inputs."""
        if sibling.arguments != self.arguments or sibling.kind is not self.kind:
            return None
        if self.kind is NUMBER:
            return sibling.case().expected
        return sibling.result(sibling.reference, case.inputs)

    def same(self, found: Parts, expected: Parts, tolerance: float | None = None) -> bool:
        """Whether two results are the same answer to this exercise."""
        return same(found, expected, tolerance or self.tolerance, self.agreement)


def collisions(case: Case, exercise: Exercise) -> list[tuple[str, str]]:
    """The pairs of answers that are the same on this instance; "right" is the right one."""
    answers = {"right": case.expected, **case.wrong}
    names = list(answers)
    tolerance = max(COLLISION, exercise.tolerance)
    return [
        (first, second)
        for index, first in enumerate(names)
        for second in names[index + 1 :]
        if exercise.same(answers[first], answers[second], tolerance)
        or exercise.same(answers[second], answers[first], tolerance)
    ]


@dataclass(frozen=True)
class BugHunt:
    """A planted bug: the learner names the line, by the letter in the comment at its end."""

    id: str
    line: str
    points: int = 2

    @property
    def chapter(self) -> int:
        return int(self.id[:2])

    @property
    def name(self) -> str:
        """The name that the answer has in the problem set."""
        return "wrong_line"
