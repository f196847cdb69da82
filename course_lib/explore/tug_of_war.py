"""The tug-of-war of the logits (chapter 09): what the true class lacks, the others have too much.

Three logits z become probabilities p, and the loss is −ln p of the true class. Its error signal is
δ = p − y: the true class is pulled up by exactly the probability that it lacks, and every wrong one
is pushed down by its own probability. The two sides of the rope are always equally long.

One of the sources says that wrong classes are not punished. Switch that on, and count: what it
leaves does not add up to 0. But adding the same number to all logits changes nothing, so it must.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..functions import softmax
from ..graph import Node
from ..losses import cross_entropy
from .controls import Button, Choice, Slider, Switch
from .figure import Figure

NUDGE, SHIFT = 0.1, 1000.0
LIMIT = 6.0  # of a logit
CLASSES = ("1", "2", "3")


class TugOfWar(Figure):
    title = "Tug-of-war: three logits and the error signals that pull them"
    caption = (
        "Each row is a class; ★ is the true one. p: its probability. Pull: where descent moves its "
        "logit, against the error signal δ = p − y in the dashed box. Below, the two sides of the "
        "rope: what the wrong classes have too much, and what the true class lacks."
    )
    alt = (
        "For the logits 1.2, 0.75 and −0.5 the probabilities are 0.55, 0.35 and 0.10, and class 1 "
        "is true. Its error signal is −0.45, which pulls it up; those of the others are 0.35 and "
        "0.10, which push them down. On the rope both sides are equally long: the sum of δ is 0."
    )
    controls = (
        Slider("z1", "z₁", -LIMIT, LIMIT, 0.05, 1.2),
        Slider("z2", "z₂", -LIMIT, LIMIT, 0.05, 0.75),
        Slider("z3", "z₃", -LIMIT, LIMIT, 0.05, -0.5),
        Choice("true", "true class", CLASSES, "1"),
        Button("descend", "One step downhill, η = 1"),
        Switch("source", "what the source says"),
        Switch("far", "add 1,000 to all logits"),
    )
    labels: ClassVar = {
        "z": "logits z",
        "p": "probabilities p",
        "loss": "loss, −ln p of the true class",
        "delta": "error signals δ = p − y",
        "sum": "their sum",
        "missing": "probability that the true class lacks",
        "source": "δ as the source has it",
        "source_sum": "their sum, which should be 0",
        "nudged": f"change of the loss when one logit grows by {NUDGE}",
        "after": "loss after one step downhill",
        "naive": "exp(z) / sum of exp(z), computed as written",
    }

    def numbers(self, settings: Mapping) -> dict:
        true = CLASSES.index(settings["true"])
        z = np.array([[settings[f"z{c}"] for c in CLASSES]]) + SHIFT * settings["far"]
        logits = Node(z)
        loss = cross_entropy(logits, np.array([true]))
        loss.backward()
        delta, p = logits.grad[0], softmax(z).value[0]
        y = np.eye(3)[true]
        total = float(delta.sum())
        with np.errstate(all="ignore"):
            naive = np.exp(z[0]) / np.exp(z[0]).sum()
        return {
            "z": z[0],
            "p": p,
            "loss": loss.value,
            "delta": delta,
            "sum": 0.0 if abs(total) < 1e-12 else total,
            "missing": float(p.sum() - p[true]),
            "source": delta * y,
            "source_sum": float(delta[true]),
            "nudged": [_loss(z + NUDGE * unit, true) - loss.value for unit in np.eye(3)],
            "after": _loss(z - logits.grad, true),
            "naive": naive,
        }


def _loss(z, true) -> float:
    return cross_entropy(z, np.array([true])).value


def tug_of_war() -> TugOfWar:
    """Move three logits and see what pulls them: p, δ = p − y, and why the sum of δ is 0."""
    return TugOfWar()
