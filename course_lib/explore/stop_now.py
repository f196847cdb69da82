"""The "stop now" game (chapter 12): when is validation at its best?

A network with 201 parameters learns two moons from 30 points. Press Play and watch the two curves
grow: training, which the network sees, and validation, 500 points that it never learns from. Press
"Stop now" when you think that validation will get no better; then the rest of the curves appears,
and your regret, how far your stop lies above the best. "Play again" brings other data; "Stop now"
once more takes the stop back.

Watch for two things. Training alone never tells you to stop: it falls and falls. And a first rise
of validation need not be the last word: on some data it falls again, far below.

After the stop, move the slider: it moves your stop, and the regret with it. Then choose a penalty
λ on the squares of the weights: with enough of it, the end is about as good as the best, and there
is little to be won by stopping.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import ClassVar

import numpy as np

from ..functions import tanh
from ..graph import Node, no_grad
from ..losses import binary_cross_entropy_with_logits
from ..optimizers import SGD
from ..progress import progress_bar
from .controls import Button, Choice, Slider, Switch
from .figure import Figure

SEEDS = {"A": 9, "B": 3, "C": 11, "D": 13}
PENALTIES = (0, 0.001, 0.003)
POINTS, HIDDEN, LEARNING_RATE, LAST = 30, 50, 0.5, 10_000
PATIENCE = 5


def _recorded() -> tuple[int, ...]:
    """Steps that are two digits long, about evenly spaced on a log axis."""
    steps = np.geomspace(1, LAST, 101)
    unit = 10 ** np.maximum(np.log10(steps).astype(int) - 1, 0)
    return 0, *np.unique((steps / unit).round().astype(int) * unit).tolist()


STEPS = _recorded()


class StopNow(Figure):
    title = "Stop now: when is validation at its best?"
    caption = (
        "The mean negative log-likelihood (NLL) of a 2-50-1 tanh network on two moons: 30 points "
        "to train on, 500 for validation. A record is taken at each step of the slider; the axis "
        "of steps is logarithmic. The penalty is λ times the sum of the squared weights."
    )
    alt = (
        "Two curves against the training step, up to step 250 of 10,000. Training has fallen to "
        "0.178, validation to 0.282, the smallest so far; what comes next is hidden behind a veil "
        "with a question mark. Stop now, or train on?"
    )
    controls = (
        Slider(
            "frame",
            "training step",
            0,
            len(STEPS) - 1,
            1,
            STEPS.index(250),
            texts=tuple(f"{step:,}" for step in STEPS),
            play=180,
        ),
        Button("stop", "Stop now"),
        Button("again", "Play again"),
        Choice("sample", "data", tuple(SEEDS), "A"),
        Choice("penalty", "penalty λ", tuple(map(str, PENALTIES)), "0"),
        Switch("revealed", "show the rest"),
    )
    labels: ClassVar = {
        "step": "training step",
        "training": "training NLL",
        "validation": "validation NLL",
        "smallest": "smallest validation so far, at step",
        "since": "records since then",
        "best": "best validation of all, at step",
        "regret": "regret: validation at your stop minus the best",
        "patience": "patience of 5: ends at step, goes back to step",
        "cost": "regret of going back there",
        "end": "at step 10,000: training, validation",
        "ends": "validation at step 10,000 with λ = 0, 0.001, 0.003",
    }

    def __init__(self):
        training, validation = _curves()
        super().__init__(
            {
                "steps": STEPS,
                "samples": tuple(SEEDS),
                "penalties": tuple(map(str, PENALTIES)),
                "training": training,
                "validation": validation,
            }
        )
        self.curves = training, validation

    def numbers(self, settings: Mapping) -> dict:
        frame, sample = settings["frame"], list(SEEDS).index(settings["sample"])
        penalty = [str(x) for x in PENALTIES].index(settings["penalty"])
        training, validation = (curves[sample][penalty] for curves in self.curves)
        smallest = int(np.argmin(validation[: frame + 1]))
        found = {
            "over": bool(settings.get("revealed", False)) or frame == len(STEPS) - 1,
            "step": STEPS[frame],
            "training": training[frame],
            "validation": validation[frame],
            "smallest": [validation[smallest], STEPS[smallest]],
            "since": frame - smallest,
        }
        if not found["over"]:
            return found
        best = int(np.argmin(validation))
        ended, restored = _early_stopping(validation)
        return found | {
            "best": [validation[best], STEPS[best]],
            "regret": validation[frame] - validation[best],
            "patience": [STEPS[ended], STEPS[restored]],
            "waited": ended - restored,
            "cost": validation[restored] - validation[best],
            "end": [training[-1], validation[-1]],
            "ends": [curve[-1] for curve in self.curves[1][sample]],
        }


def _early_stopping(validation) -> tuple[int, int]:
    """The record at which patience ends, or the last one, and the record that it goes back to."""
    restored = 0
    for k, value in enumerate(validation):
        if value < validation[restored]:
            restored = k
        elif k - restored == PATIENCE:
            return k, restored
    return len(validation) - 1, restored


@cache
def _curves() -> tuple[np.ndarray, np.ndarray]:
    """The NLL at STEPS of training and of validation, by data and penalty.

    All the networks are trained at once, stacked along the first axis: they share no parameter, so
    each has the gradient that it would have alone.
    """
    starts = [_start(seed) for seed in SEEDS.values() for _ in PENALTIES]
    x, y, x_new, y_new, W1, W2 = map(np.stack, zip(*starts, strict=True))
    W1, b1 = Node(W1), Node(np.zeros((len(starts), 1, HIDDEN)))
    W2, b2 = Node(W2), Node(np.zeros((len(starts), 1, 1)))
    penalty = np.tile(PENALTIES, len(SEEDS)).reshape(-1, 1, 1)

    def logits(x):
        return tanh(x @ W1 + b1) @ W2 + b2

    optimizer = SGD([W1, b1, W2, b2], LEARNING_RATE)
    records = []
    for step in progress_bar(range(LAST + 1), desc="twelve trainings", leave=False):
        z = logits(x)
        if step in STEPS:
            with no_grad():
                records.append([_losses(z.value, y), _losses(logits(x_new).value, y_new)])
        loss = binary_cross_entropy_with_logits(z, y, reduction="sum") / POINTS
        objective = loss + (penalty * W1**2).sum() + (penalty * W2**2).sum()
        objective.backward(free=True)
        optimizer.step()
    curves = np.array(records).transpose(1, 2, 0).reshape(2, len(SEEDS), len(PENALTIES), -1)
    return curves[0], curves[1]


def _start(seed: int) -> tuple[np.ndarray, ...]:
    """Data and first weights: moons to train on, moons for validation, W₁ and w₂."""
    rng = np.random.default_rng(seed)
    x, y = _moons(rng, POINTS)
    x_new, y_new = _moons(rng, 500)
    W1 = rng.normal(0, 1 / np.sqrt(2), (HIDDEN, 2))
    W2 = rng.normal(0, 1 / np.sqrt(HIDDEN), (HIDDEN, 1))
    return x, y, x_new, y_new, W1.T, W2


def _moons(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    half = count // 2
    a, b = rng.uniform(0, np.pi, half), rng.uniform(0, np.pi, count - half)
    upper = np.column_stack([np.cos(a), np.sin(a)])
    lower = np.column_stack([1 - np.cos(b), 0.5 - np.sin(b)])
    x = np.concatenate([upper, lower]) + rng.normal(0, 0.3, (count, 2))
    return x, np.repeat([0.0, 1.0], [half, count - half]).reshape(-1, 1)


def _losses(z: np.ndarray, y: np.ndarray) -> list[float]:
    """The NLL of each network."""
    return [binary_cross_entropy_with_logits(*pair).value for pair in zip(z, y, strict=True)]


def stop_now() -> StopNow:
    """Two curves unfold; stop when you think that validation is best, and see your regret."""
    return StopNow()
