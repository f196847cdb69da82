"""Chapter 04: hidden units as learned features, the OR of half-planes, counting parameters."""

from itertools import pairwise
from math import prod

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import BugHunt, Exercise

# x, W1, b1, v: three half-planes, of which only the first holds the point
HALF_PLANES = (
    np.array([5.0, 5.0]),
    np.array([[10.0, 10.0], [10.0, -10.0], [-10.0, 1.0]]),
    np.array([-30.0, -30.0, -3.0]),
    10.0,
)
THRESHOLD = (3.0,)
SIZES = ([784, 30, 30, 10],)


def half_planes(rng: Generator) -> tuple:
    """Four units in 3 dimensions, exactly one of which is on; none is saturated."""
    z1 = -rng.uniform(1, 3, 4)
    z1[rng.integers(4)] *= -1
    x, W1 = rng.normal(0, 1, 3).round(1), rng.normal(0, 1, (4, 3)).round(1)
    return x, W1, (z1 - W1 @ x).round(1), float(np.round(rng.uniform(3, 6), 1))


def threshold(rng: Generator) -> tuple:
    return (float(np.round(rng.uniform(1.5, 6), 1)),)


def sizes_of_layers(rng: Generator) -> tuple:
    """Three to five layers, the input layer included."""
    return (rng.integers(2, 25, rng.integers(3, 6)).tolist(),)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def hidden(x, W1, b1) -> ndarray:
    """The hidden units, each near 1 on one side of its line and near 0 on the other."""
    return sigmoid(W1 @ x + b1)


def or_unit(x, W1, b1, v) -> float:
    """The output's bias lies halfway between no unit on and one unit on."""
    return sigmoid(v * hidden(x, W1, b1).sum() - v / 2)


def and_unit(x, W1, b1, v) -> float:
    """The output's bias lies halfway between all units but one on and all units on."""
    return sigmoid(v * hidden(x, W1, b1).sum() - v * (len(b1) - 0.5))


def perceptron_bias(theta) -> float:
    return -theta


def weights(sizes) -> int:
    return sum(inputs * units for inputs, units in pairwise(sizes))


def parameter_count(sizes) -> int:
    return weights(sizes) + sum(sizes[1:])


EXERCISES = [
    Exercise(
        "04a",
        or_unit,
        HALF_PLANES,
        half_planes,
        points=3,
        wrong={
            "plain_sum": lambda x, W1, b1, v: sigmoid(hidden(x, W1, b1).sum()),
            "bias_minus_one": lambda x, W1, b1, v: sigmoid(v * hidden(x, W1, b1).sum() - 1),
            "full_threshold": lambda x, W1, b1, v: sigmoid(v * hidden(x, W1, b1).sum() - v),
            "bias_sign": lambda x, W1, b1, v: sigmoid(v * hidden(x, W1, b1).sum() + v / 2),
            "average": lambda x, W1, b1, v: sigmoid(v * hidden(x, W1, b1).mean() - v / 2),
            "and_bias": and_unit,
            "no_outer_sigmoid": lambda x, W1, b1, v: v * hidden(x, W1, b1).sum() - v / 2,
            "linear_units": lambda x, W1, b1, v: sigmoid(v * (W1 @ x + b1).sum() - v / 2),
        },
    ),
    Exercise(
        "04b",
        perceptron_bias,
        THRESHOLD,
        threshold,
        points=1,
        wrong={
            "threshold_itself": lambda theta: theta,
            "no_bias": lambda theta: 0.0,
            "halfway": lambda theta: -theta / 2,
            "rescaled": lambda theta: 1 / theta,
        },
    ),
    Exercise(
        "04c",
        parameter_count,
        SIZES,
        sizes_of_layers,
        wrong={
            "no_biases": weights,
            "bias_per_layer": lambda sizes: weights(sizes) + len(sizes) - 1,
            "bias_on_inputs": lambda sizes: parameter_count(sizes) + sizes[0],
            "first_layer": lambda sizes: parameter_count(sizes[:2]),
            "units": sum,
            "bias_per_weight": lambda sizes: 2 * weights(sizes),
            "no_output_bias": lambda sizes: parameter_count(sizes) - sizes[-1],
            "paths": prod,
        },
    ),
    BugHunt("04bug", line="E"),
]
