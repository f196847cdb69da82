"""What a figure can be moved with: what each control is called, and its settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True)
class Control:
    """A control sets the setting `name`, at first to `value`; `label` is what the learner reads."""

    name: str
    label: str

    def as_dict(self) -> dict:
        return {"kind": type(self).__name__.lower(), **asdict(self)}


@dataclass(frozen=True)
class Slider(Control):
    """A number from `low` to `high` in steps; `texts`, one for each, say what it stands for.

    With `play`, milliseconds from step to step, it has buttons: back, play, next.
    """

    low: float
    high: float
    step: float
    value: float
    texts: Sequence[str] = ()
    play: int = 0

    def draw(self, rng: np.random.Generator) -> float:
        """Some setting that the control can reach."""
        count = round((self.high - self.low) / self.step)
        return round(self.low + self.step * int(rng.integers(count + 1)), 10)


@dataclass(frozen=True)
class Choice(Control):
    """One of a few options, which are texts."""

    options: Sequence[str]
    value: str

    def draw(self, rng: np.random.Generator) -> str:
        return self.options[rng.integers(len(self.options))]


@dataclass(frozen=True)
class Switch(Control):
    """On or off."""

    value: bool = False

    def draw(self, rng: np.random.Generator) -> bool:
        return bool(rng.integers(2))


@dataclass(frozen=True)
class Entry(Control):
    """A text that is typed; `examples` are texts that it may hold."""

    value: str
    examples: Sequence[str]
    longest: int = 80

    def draw(self, rng: np.random.Generator) -> str:
        return self.examples[rng.integers(len(self.examples))]


@dataclass(frozen=True)
class Button(Control):
    """Does something to the settings; it has none of its own."""
