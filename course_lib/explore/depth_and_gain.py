"""Depth and gain (chapter 11): do values reach the last layer, and signals the first?

Up to twenty layers of 64 units, with random weights: normal with standard deviation 1/8, times the
gain. Going forward, 32 inputs should still lead to different answers in the last layer (blue).
Going backward, the gradient of the first layer should be about as large as that of the last
(orange). A lit band marks what is healthy: look for the gain at which both sets of bars end in
theirs, for each activation in turn. The deeper the network, the fewer gains will do; relu wants a
larger one than tanh, and one activation has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import ClassVar

import numpy as np

from ..drawing.labels import number
from ..functions import leaky_relu, linear, relu, sigmoid, tanh
from ..graph import Node
from ..losses import squared_error
from ..progress import progress_bar
from .controls import Choice, Slider
from .figure import Figure

ACTIVATIONS = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu, "leaky relu": leaky_relu}
STEEPEST = {"sigmoid": 0.25}  # the largest slope; of the others it is 1
GAINS = (0.5, 0.6, 0.7, 0.85, 1.0, 1.1, 1.2, 1.3, 2**0.5, 1.6, 1.8, 2.0, 2.5, 3.0)
DEEPEST, WIDTH, EXAMPLES = 20, 64, 32
FLAT = 0.01  # a slope below this lets hardly any signal through
HEALTHY = (0.1, 3)  # spread that tells inputs apart and does not explode
BAND = 3  # gradients within this factor of the last are level
ROUNDING = 1e-14  # a smaller spread is what rounding leaves


class DepthAndGain(Figure):
    title = "Depth and gain: who still hears the loss?"
    caption = (
        "Spread: by how much a unit's answers to the 32 inputs differ (standard deviation, root "
        "mean square over units). Flat: answers at which the slope is below 0.01. Dead: units that "
        "are flat for all 32 inputs. Both axes are logarithmic. Lit bands: a spread from 0.1 to 3, "
        "and a gradient within a factor of 3 of the last layer's."
    )
    alt = (
        "Eight sigmoid layers at gain 1, a row each. The gradient's norm falls from 8.1 in layer 8 "
        "to 0.00018 in layer 1, a little faster than by a quarter a layer, far to the left of the "
        "lit band that marks the last layer's size. The spread of the answers falls the other "
        "way, from 0.21 in layer 1 to 0.0000079 in layer 8."
    )
    controls = (
        Choice("activation", "activation", tuple(ACTIVATIONS), "sigmoid"),
        Slider("depth", "layers", 1, DEEPEST, 1, 8),
        Slider("gain", "gain", 0, len(GAINS) - 1, 1, 4, texts=tuple(map(number, GAINS))),
    )
    labels: ClassVar = {
        "ratio": "‖dJ/dW‖ of the first layer over that of the last",
        "product": "most that the slopes of all layers can multiply to",
        "quarter": "the first layer's share if each layer passed on its steepest slope",
        "reach": "spread of the last layer's answers",
        "inside": "bars in their bands: forward, backward",
        "layers": "by layer: ‖dJ/dW‖, spread, flat, dead",
    }

    def __init__(self):
        super().__init__({"gains": GAINS, "steepest": STEEPEST, "tables": _tables()})

    def numbers(self, settings: Mapping) -> dict:
        name, depth = settings["activation"], settings["depth"]
        weights, answers = _forward(name, GAINS[settings["gain"]], depth)
        gradients = _gradients(weights, answers[-1])
        spread, flat, dead = (list(column) for column in zip(*map(_state, answers), strict=True))
        steepest = STEEPEST.get(name, 1.0)
        return {
            "gradients": gradients,
            "logs": np.log10(gradients),
            "spread": spread,
            "ratio": gradients[0] / gradients[-1],
            "product": steepest**depth,
            "quarter": steepest ** (depth - 1),
            "reach": spread[-1],
            "inside": [
                sum(HEALTHY[0] <= x <= HEALTHY[1] for x in spread),
                sum(gradients[-1] / BAND < x < gradients[-1] * BAND for x in gradients),
            ],
            "layers": np.column_stack([gradients, spread, flat, dead]),
        }


def _forward(name: str, gain: float, depth: int) -> tuple[list[Node], list[Node]]:
    """The weights of each layer, and its answers."""
    inputs, _, matrices = _drawn()
    weights = [Node(gain * matrix) for matrix in matrices[:depth]]
    answers, a = [], inputs
    for weight in weights:
        a = ACTIVATIONS[name](linear(a, weight))
        answers.append(a)
    return weights, answers


@cache
def _drawn() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Inputs, targets and weights at gain 1."""
    rng = np.random.default_rng(0)
    inputs, targets = (rng.standard_normal((EXAMPLES, WIDTH)) for _ in range(2))
    scale = np.sqrt(WIDTH)
    return inputs, targets, [rng.standard_normal((WIDTH, WIDTH)) / scale for _ in range(DEEPEST)]


def _gradients(weights: list[Node], prediction: Node) -> list[float]:
    """The norm of dJ/dW for each layer, J the squared error of the last layer's answers."""
    squared_error(prediction, _drawn()[1]).backward()
    return [float(np.linalg.norm(weight.grad)) for weight in weights]


def _state(answers: Node) -> tuple[float, float, float]:
    """Of a layer: the spread of its answers, the share that is flat, the share of dead units."""
    spread = float(np.sqrt(np.mean(answers.value.var(axis=0))))
    slopes = answers.edges[0][1](np.ones(answers.shape))
    flat = slopes < FLAT
    return (
        spread if spread >= ROUNDING else 0.0,
        float(flat.mean()),
        float(flat.all(axis=0).mean()),
    )


@cache
def _tables() -> dict[str, list[dict]]:
    """For each activation and gain: gradients by depth, and the state of the twenty layers.

    One network of twenty layers holds all the shallower ones: each has its loss at its own last
    layer, and from there the signals run back.
    """
    found = {}
    for name in progress_bar(ACTIVATIONS, desc="activations", leave=False):
        found[name] = []
        for gain in GAINS:
            weights, answers = _forward(name, gain, DEEPEST)
            spread, flat, dead = zip(*map(_state, answers), strict=True)
            gradients = [_gradients(weights[:k], a) for k, a in enumerate(answers, 1)]
            found[name].append(
                {"gradients": gradients, "spread": spread, "flat": flat, "dead": dead}
            )
    return found


def depth_and_gain() -> DepthAndGain:
    """Choose an activation, a depth and a gain; see which layers the signals still reach."""
    return DepthAndGain()
