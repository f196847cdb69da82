"""Chapter 11: slopes of activations, what depth makes of them, and the backward pass of a ReLU."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import BugHunt, Exercise


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logit(rng: Generator) -> tuple:
    """Some way from 0, where the slope is its bound, and from saturation."""
    return (float(np.round(rng.choice([-1, 1]) * rng.uniform(0.4, 2.5), 2)),)


def sigmoid_slope(z) -> float:
    return sigmoid(z) * (1 - sigmoid(z))


def depth(rng: Generator) -> tuple:
    """Not the published 10; five or more: four quarters add up to 1, a hint works out fewer."""
    return (int(rng.choice([*range(5, 10), *range(11, 16)])),)


def slope_bound(layers) -> float:
    """The largest that a product of so many sigmoid slopes can be."""
    return 0.25**layers


def signals(rng: Generator) -> tuple:
    """Five units: two are on, one at 0, one off; and the signal's sign says nothing about it."""
    z = rng.uniform(0.3, 2.5, 5).round(2) * [1, 1, 0, -1, rng.choice([-1, 1])]
    delta = rng.uniform(0.5, 3, 5).round(2) * [-1, 1, 1, 1, rng.choice([-1, 1])]
    order = rng.permutation(5)
    return z[order], delta[order]


def relu_backward(z, delta) -> ndarray:
    return delta * (z > 0)


EXERCISES = [
    Exercise(
        "11a",
        sigmoid_slope,
        (2.0,),
        logit,
        wrong={
            "value": sigmoid,
            "one_factor": lambda z: 1 - sigmoid(z),
            "inner_slope": lambda z: -(sigmoid(z) ** 2),
            "bound": lambda z: 0.25,
            "tanh_slope": lambda z: 1 - np.tanh(z) ** 2,
            "slope_of_z": lambda z: z * (1 - z),
            "slope_at_output": lambda z: sigmoid_slope(sigmoid(z)),
            "tanh_formula": lambda z: 1 - sigmoid(z) ** 2,
        },
    ),
    Exercise(
        "11b",
        slope_bound,
        (10,),
        depth,
        points=1,
        wrong={
            "half": lambda layers: 0.5**layers,
            "added": lambda layers: 0.25 * layers,
            "one_too_few": lambda layers: 0.25 ** (layers - 1),
            "one_too_many": lambda layers: 0.25 ** (layers + 1),
            "one_layer": lambda layers: 0.25,
            "tanh_bound": lambda layers: 1.0,
        },
    ),
    Exercise(
        "11c",
        relu_backward,
        (np.array([-1.5, 0.0, 2.0]), np.array([5.0, 6.0, 7.0])),
        signals,
        wrong={
            "value": lambda z, delta: np.maximum(z, 0),
            "slope_alone": lambda z, delta: np.where(z > 0, 1.0, 0.0),
            "mask_on_delta": lambda z, delta: np.maximum(delta, 0),
            "leaky": lambda z, delta: delta * np.where(z > 0, 1, 0.01),
            "absolute": lambda z, delta: delta * np.sign(z),
            "times_z": lambda z, delta: delta * np.maximum(z, 0),
            "zero_is_on": lambda z, delta: delta * (z >= 0),
        },
    ),
    BugHunt("11bug", line="G"),
]
