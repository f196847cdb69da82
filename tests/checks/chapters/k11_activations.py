import math
from fractions import Fraction

import numpy as np

from course_lib.calculus import derivative
from course_lib.functions import leaky_relu, relu, sigmoid, tanh
from course_lib.graph import Node
from course_lib.losses import squared_error

NUMBERS = {
    "11a": {
        "right": 0.104994,
        "value": 0.880797,
        "one_factor": 0.119203,
        "inner_slope": -0.775803,
        "bound": 0.25,
        "tanh_slope": 0.070651,
        "slope_of_z": -2,
        "slope_at_output": 0.207156,
        "tanh_formula": 0.224197,
    },
    "11b": {  # the curriculum's 9.5e-7, 9.8e-4, 2.5, 3.8e-6 and 1, with all digits
        "right": float(Fraction(1, 2**20)),
        "half": float(Fraction(1, 2**10)),
        "added": 2.5,
        "one_too_few": float(Fraction(1, 2**18)),
        "one_too_many": float(Fraction(1, 2**22)),
        "one_layer": 0.25,
        "tanh_bound": 1,
    },
    "11c": {
        "right": [0, 0, 7],
        "value": [0, 0, 2],
        "slope_alone": [0, 0, 1],
        "mask_on_delta": [5, 6, 7],
        "leaky": [0.05, 0.06, 7],
        "absolute": [-5, 0, 7],
        "times_z": [0, 0, 14],
        "zero_is_on": [0, 6, 7],
    },
}


def slope_by_the_quotient_rule(z):
    return math.exp(-z) / (1 + math.exp(-z)) ** 2


def slope_of_the_engine(z):
    z = Node(z)
    sigmoid(z).backward()
    return z.grad


def bound_with_a_loop(layers):
    bound = 1.0
    for _ in range(layers):
        bound *= max(slope_by_the_quotient_rule(z) for z in (-1.0, 0.0, 1.0))
    return bound


def relu_of_the_engine(z, delta):
    z = Node(z)
    relu(z).backward(delta)
    return z.grad


def relu_with_a_loop(z, delta):
    return [d if value > 0 else 0.0 for value, d in zip(z, delta, strict=True)]


RIGHT = {
    "11a": [
        slope_by_the_quotient_rule,
        slope_of_the_engine,
        lambda z: derivative(lambda z: 0.5 * (1 + math.tanh(z / 2)), z),
        lambda z: np.float32(slope_by_the_quotient_rule(z)),
    ],
    "11b": [bound_with_a_loop, lambda layers: Fraction(1, 4**layers).__float__()],
    "11c": [
        relu_of_the_engine,
        relu_with_a_loop,
        lambda z, delta: np.where(z <= 0, 0, delta).astype(np.float32),
    ],
}
WRONG = {
    "11a": [
        (lambda z: -slope_by_the_quotient_rule(z), "sign"),
        (lambda z: 0.105, "constant"),
        (lambda z: 0.10499358540350662, "published_only"),
        (lambda z: round(slope_by_the_quotient_rule(z), 4), "close"),
        (lambda z: slope_by_the_quotient_rule(z) / 2, "half"),
    ],
    "11b": [
        (lambda layers: 0.0, "constant"),
        (lambda layers: 0.25**10, "published_only"),
        (lambda layers: -(0.25**layers), "sign"),
        (lambda layers: 25 ** (2 * layers), "values"),
        (lambda layers: 1 / (1 + math.exp(layers)), "values"),
    ],
    "11c": [
        (lambda z, delta: delta, "partly"),
        (lambda z, delta: -np.array(relu_with_a_loop(z, delta)), "sign"),
        (lambda z, delta: delta[z > 0], "other"),
        (lambda z, delta: np.diag(relu_with_a_loop(z, delta)), "other"),
    ],
}
# In place of the wrong line, with its letter; `backward` is the function of the notebook.
FIX = {"G": "delta_z2 = delta_a2 * np.where(z2 > 0, 1.0, 0.1)"}


def bug_error(backward) -> float:
    """The largest difference between the notebook's gradients and those of the engine."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=3), 0.4
    values = [rng.normal(size=shape) for shape in ((4, 3), (5, 4), (5,))]
    W1, W2, w3 = nodes = [Node(value) for value in values]
    squared_error(w3 @ leaky_relu(W2 @ tanh(W1 @ x), 0.1), y).backward()
    found = backward(x, *values, y)
    return max(np.abs(f - node.grad).max() for f, node in zip(found, nodes, strict=True))
