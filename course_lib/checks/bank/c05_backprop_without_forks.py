"""Chapter 05: the 2-2-1 network with sigmoids and binary cross-entropy, one example, by hand."""

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


def forward(x, W1, b1, w2, b2):
    """z1, a1, z2 and yhat."""
    z1 = W1 @ x + b1
    a1 = sigmoid(z1)
    z2 = w2 @ a1 + b2
    return z1, a1, z2, sigmoid(z2)


def delta_z2(x, W1, b1, w2, b2, y) -> float:
    return forward(x, W1, b1, w2, b2)[3] - y


def delta_yhat(x, W1, b1, w2, b2, y) -> float:
    """The error signal of the prediction, before the sigmoid."""
    yhat = forward(x, W1, b1, w2, b2)[3]
    return -y / yhat + (1 - y) / (1 - yhat)


def slope_z2(x, W1, b1, w2, b2, y) -> float:
    return slope(forward(x, W1, b1, w2, b2)[2])


def delta_w2(x, W1, b1, w2, b2, y) -> ndarray:
    return forward(x, W1, b1, w2, b2)[1] * delta_z2(x, W1, b1, w2, b2, y)


def delta_z1(x, W1, b1, w2, b2, y) -> ndarray:
    return w2 * delta_z2(x, W1, b1, w2, b2, y) * slope(W1 @ x + b1)


def delta_W1(x, W1, b1, w2, b2, y) -> ndarray:
    return np.outer(delta_z1(x, W1, b1, w2, b2, y), x)


def after_the_step(x, W1, b1, w2, b2, y, eta=0.5) -> ndarray:
    """delta_W1 through w2 as it is after its own step, with everything else from before."""
    moved = w2 - eta * delta_w2(x, W1, b1, w2, b2, y)
    return np.outer(moved * delta_z2(x, W1, b1, w2, b2, y) * slope(W1 @ x + b1), x)


EXERCISES = [
    Exercise(
        "05a",
        delta_z2,
        NETWORK,
        network,
        wrong={
            "sign": lambda *v: -delta_z2(*v),
            "no_slope": delta_yhat,
            "squared_loss": lambda *v: delta_z2(*v) * slope_z2(*v),
            "slope_twice": lambda *v: delta_z2(*v) * slope_z2(*v) ** 2,
            "z_for_prediction": lambda x, W1, b1, w2, b2, y: forward(x, W1, b1, w2, b2)[2] - y,
            "label_flipped": lambda *v: delta_z2(*v) + 2 * v[5] - 1,
        },
    ),
    Exercise(
        "05b",
        delta_w2,
        NETWORK,
        network,
        wrong={
            "z_for_a": lambda *v: forward(*v[:5])[0] * delta_z2(*v),
            "weights_for_inputs": lambda *v: v[3] * delta_z2(*v),
            "x_for_a": lambda *v: v[0] * delta_z2(*v),
            "added": lambda *v: forward(*v[:5])[1] + delta_z2(*v),
            "sign": lambda *v: -delta_w2(*v),
            "no_delta": lambda *v: forward(*v[:5])[1],
        },
    ),
    Exercise(
        "05c",
        delta_W1,
        NETWORK,
        network,
        points=3,
        wrong={
            "transposed": lambda *v: delta_W1(*v).T,
            "no_slope": lambda *v: np.outer(v[3] * delta_z2(*v), v[0]),
            "slope_of_a": lambda *v: np.outer(
                v[3] * delta_z2(*v) * slope(forward(*v[:5])[1]), v[0]
            ),
            "no_w2": lambda *v: np.outer(delta_z2(*v) * slope(forward(*v[:5])[0]), v[0]),
            "a1_for_x": lambda *v: np.outer(delta_z1(*v), forward(*v[:5])[1]),
            "tanh_slope": lambda *v: np.outer(
                v[3] * delta_z2(*v) * (1 - forward(*v[:5])[1] ** 2), v[0]
            ),
            "w2_moved_first": after_the_step,
        },
    ),
    BugHunt("05bug", line="G"),
]
