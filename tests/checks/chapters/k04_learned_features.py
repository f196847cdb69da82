import math
from itertools import pairwise

import numpy as np

from course_lib.functions import sigmoid, tanh
from course_lib.graph import Node
from course_lib.layers import Linear, ReLU, Sequential
from course_lib.losses import binary_cross_entropy

NUMBERS = {
    "04a": {
        "right": 0.993307,
        "plain_sum": 0.731059,
        "bias_minus_one": 0.999877,
        "full_threshold": 0.5,  # by hand: the sigmoid of 10 - 10
        "bias_sign": 1.000000,
        "average": 0.158869,
        "and_bias": 3.059e-7,
        "no_outer_sigmoid": 5,
        "linear_units": 0.0,  # by hand: the sigmoid of 10 (70 - 30 - 48) - 5 = -85
    },
    "04b": {
        "right": -3,
        "threshold_itself": 3,
        "no_bias": 0,
        "halfway": -1.5,
        "rescaled": 0.333333,
    },
    "04c": {
        "right": 24_790,
        "no_biases": 24_720,
        "bias_per_layer": 24_723,  # by hand: 24,720 + 3
        "bias_on_inputs": 25_574,
        "first_layer": 23_550,
        "units": 854,
        "bias_per_weight": 49_440,
        "no_output_bias": 24_780,
        "paths": 7_056_000,  # by hand: 784 * 30 * 30 * 10
    },
}


def or_unit_with_math(x, W1, b1, v):
    total = 0.0
    for row, bias in zip(W1, b1, strict=True):
        z = sum(float(w) * float(value) for w, value in zip(row, x, strict=True)) + float(bias)
        total += 0.5 * (1 + math.tanh(z / 2))
    return 0.5 * (1 + math.tanh(float(v) * (2 * total - 1) / 4))


def or_unit_with_nodes(x, W1, b1, v):
    h = sigmoid(Node(W1) @ x + b1)
    return sigmoid(np.full(len(b1), v) @ h - v / 2)


def single(x, W1, b1, v):
    """In float32."""
    arrays = [np.asarray(a, np.float32) for a in (x, W1, b1, v)]
    return np.float32(or_unit_with_math(*arrays))


def of_the_layers(sizes):
    """The course's own layers, counted."""
    layers = []
    for inputs, units in pairwise(sizes):
        layers += [Linear(inputs, units), ReLU()]
    return sum(p.value.size for p in Sequential(*layers).parameters())


def unit_by_unit(sizes):
    return sum(sizes[i] + 1 for i in range(len(sizes) - 1) for _ in range(sizes[i + 1]))


def each_unit_alone(x, W1, b1, v):
    return sigmoid(v * sigmoid(W1 @ x + b1) - v / 2)


RIGHT = {
    "04a": [or_unit_with_math, or_unit_with_nodes, single],
    "04b": [lambda theta: 0 - theta, lambda theta: Node(theta) * -1, lambda theta: [-theta][0]],
    "04c": [
        of_the_layers,
        unit_by_unit,
        lambda sizes: int(np.dot(np.array(sizes[:-1]) + 1, sizes[1:])),
        lambda sizes: float(unit_by_unit(sizes)),
    ],
}
WRONG = {
    "04a": [
        (lambda *v: or_unit_with_math(*v) / 2, "half"),
        (lambda *v: 0.9933071490757153, "published_only"),
        (lambda *v: [or_unit_with_math(*v)], "reshaped"),
        (each_unit_alone, "other"),
        (lambda *v: float(or_unit_with_math(*v) > 0.5), "constant"),
        (lambda *v: or_unit_with_math(*v) - 0.2, "values"),
    ],
    "04b": [
        (lambda theta: -2 * theta, "twice"),
        (lambda theta: -3, "published_only"),
        (lambda theta: 1.0, "constant"),
        (lambda theta: [-theta], "reshaped"),
        (lambda theta: 1 - theta, "values"),
        (lambda theta: print(end=""), "nothing"),
    ],
    "04c": [
        (lambda sizes: 2 * unit_by_unit(sizes), "twice"),
        (lambda sizes: 24_790, "published_only"),
        (lambda sizes: unit_by_unit(sizes) + 1, "values"),
        (lambda sizes: [(n + 1) * m for n, m in pairwise(sizes)], "other"),
    ],
}
# In place of the wrong line, with its letter.
FIX = {"E": "delta_b1 = signal.sum(axis=0)"}


def bug_error(gradients) -> float:
    """The largest difference between the notebook's gradients and those of the engine."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(5, 2)), np.array([1.0, 0, 0, 1, 0])
    values = (rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=3), 0.3)
    W1, b1, w2, b2 = nodes = [Node(value) for value in values]
    binary_cross_entropy(sigmoid(tanh(X @ W1.T + b1) @ w2 + b2), y).backward()
    pairs = zip(gradients(X, *values, y), nodes, strict=True)
    return max(np.abs(found - node.grad).max() for found, node in pairs)
