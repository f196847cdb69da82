"""Chapter 05: the 2-2-1 network with sigmoids and binary cross-entropy, one example, by hand."""

from collections.abc import Callable

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import BugHunt, Exercise

# x, W1, b1, w2, b2, y
NETWORK = (
    np.array([1.0, 2.0]),
    np.array([[0.5, -0.25], [1.0, 0.75]]),
    np.array([0.0, -1.0]),
    np.array([1.0, -2.0]),
    0.5,
    1.0,
)


def network(rng: Generator) -> tuple:
    """A network of 3 inputs and 2 hidden units, so that no two shapes can be confused."""
    x, W1, b1 = rng.normal(0, 1, 3), rng.normal(0, 0.7, (2, 3)), rng.normal(0, 0.5, 2)
    w2, b2 = rng.normal(0, 1.5, 2), float(np.round(rng.normal(), 2))
    return x.round(2), W1.round(2), b1.round(2), w2.round(2), b2, float(rng.integers(2))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def slope(z):
    """The derivative of the sigmoid."""
    return sigmoid(z) * (1 - sigmoid(z))


class Pass:
    """All values of the forward pass and all signals of the backward pass."""

    def __init__(self, x, W1, b1, w2, b2, y):
        self.x, self.w2, self.y = x, w2, y
        self.z1 = W1 @ x + b1
        self.a1 = sigmoid(self.z1)
        self.z2 = w2 @ self.a1 + b2
        self.yhat = sigmoid(self.z2)
        self.delta_yhat = -y / self.yhat + (1 - y) / (1 - self.yhat)
        self.delta_z2 = self.yhat - y
        self.delta_a1 = w2 * self.delta_z2
        self.delta_z1 = self.delta_a1 * slope(self.z1)


def of(formula: Callable[[Pass], ndarray]) -> Callable:
    """A formula of the pass `p` as a function of the network."""
    return lambda *network: formula(Pass(*network))


def delta_z2(x, W1, b1, w2, b2, y) -> float:
    return Pass(x, W1, b1, w2, b2, y).delta_z2


def delta_w2(x, W1, b1, w2, b2, y) -> ndarray:
    p = Pass(x, W1, b1, w2, b2, y)
    return p.a1 * p.delta_z2


def delta_W1(x, W1, b1, w2, b2, y) -> ndarray:
    return np.outer(Pass(x, W1, b1, w2, b2, y).delta_z1, x)


def after_the_step(p: Pass, eta=0.5) -> ndarray:
    """delta_W1 through w2 as it is after its own step, with everything else from before."""
    moved = p.w2 - eta * p.a1 * p.delta_z2
    return np.outer(moved * p.delta_z2 * slope(p.z1), p.x)


EXERCISES = [
    Exercise(
        "05a",
        delta_z2,
        NETWORK,
        network,
        wrong={
            "sign": of(lambda p: p.y - p.yhat),
            "no_slope": of(lambda p: p.delta_yhat),
            "slope_only": of(lambda p: slope(p.z2)),
            "squared_loss": of(lambda p: p.delta_z2 * slope(p.z2)),
            "squared_error": of(lambda p: 2 * p.delta_z2 * slope(p.z2)),
            "slope_twice": of(lambda p: p.delta_z2 * slope(p.z2) ** 2),
            "z_for_prediction": of(lambda p: p.z2 - p.y),
            "label_flipped": of(lambda p: p.yhat - (1 - p.y)),
        },
    ),
    Exercise(
        "05b",
        delta_w2,
        NETWORK,
        network,
        wrong={
            "z_for_a": of(lambda p: p.z1 * p.delta_z2),
            "slope_for_a": of(lambda p: slope(p.z1) * p.delta_z2),
            "weights_for_inputs": of(lambda p: p.w2 * p.delta_z2),
            "x_for_a": of(lambda p: p.x * p.delta_z2),
            "added": of(lambda p: p.a1 + p.delta_z2),
            "sign": of(lambda p: -p.a1 * p.delta_z2),
            "no_delta": of(lambda p: p.a1),
            "stopped_at_prediction": of(lambda p: p.a1 * p.delta_yhat),
            "squared_loss": of(lambda p: p.a1 * p.delta_z2 * slope(p.z2)),
        },
    ),
    Exercise(
        "05c",
        delta_W1,
        NETWORK,
        network,
        points=3,
        wrong={
            "transposed": of(lambda p: np.outer(p.x, p.delta_z1)),
            "no_slope": of(lambda p: np.outer(p.delta_a1, p.x)),
            "slope_of_a": of(lambda p: np.outer(p.delta_a1 * slope(p.a1), p.x)),
            "z_in_slope": of(lambda p: np.outer(p.delta_a1 * p.z1 * (1 - p.z1), p.x)),
            "squared_loss": of(lambda p: np.outer(p.delta_z1 * slope(p.z2), p.x)),
            "no_input": of(lambda p: p.delta_z1),
            "no_w2": of(lambda p: np.outer(p.delta_z2 * slope(p.z1), p.x)),
            "a1_for_x": of(lambda p: np.outer(p.delta_z1, p.a1)),
            "tanh_slope": of(lambda p: np.outer(p.delta_a1 * (1 - p.a1**2), p.x)),
            "w2_moved_first": of(after_the_step),
        },
    ),
    BugHunt("05bug", line="G"),
]
