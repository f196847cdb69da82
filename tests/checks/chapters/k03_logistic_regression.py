import math

import numpy as np

from course_lib.calculus import derivative, gradient
from course_lib.functions import sigmoid
from course_lib.graph import Node
from course_lib.losses import binary_cross_entropy, binary_cross_entropy_with_logits

NUMBERS = {
    "03a": {
        "right": 0.880797,
        "bias_sign": 0.999665,
        "no_bias": 0.993307,
        "no_sigmoid": 2,
        "other_class": 0.119203,
        "threshold": 1,
        # By hand: the sigmoid of 2 - 3 and of 3 - 3; 1 + exp(-2).
        "not_summed": [0.268941, 0.5],
        "bracket_missing": 1.135335,
    },
    "03b": {
        "right": 0.839330,
        "mean": 0.279777,
        "sign": -0.839330,
        "only_ones": 0.616186,
        "bracket_lost": 0.393043,
        "base_ten": 0.364516,
        "log_of_sum": -0.832909,
        "squared_error": 0.21,
        # By hand: 0.9 * 0.8 * 0.6, -ln(0.1 * 0.2 * 0.4), -ln(0.9 * 0.2 * 0.6), -ln 0.
        "likelihood": 0.432,
        "labels_flipped": 4.828314,
        "labels_ignored": 2.225624,
        "log_of_label": math.inf,
    },
    "03c": {
        "right": [-0.352686, -1.455185],
        "sign": [0.352686, 1.455185],
        "mean": [-0.1176, -0.4851],
        "x_missing": [-0.3527, -0.3527],
        "of_the_bias": -0.3527,
        "with_slope": [-0.0817, -0.3516],
        # By hand: twice that; and with the slopes -1 - e^-0.2, 1 + e^-0.1 and -1 - e^-0.5 in yhat.
        "squared_error": [-0.1634, -0.7032],
        "stopped_at_prediction": [-1.520425, -6.027264],
        "score_for_prediction": [-1.4, -1.3],
        "thresholded": [0, 0],
        "first_item": [-0.4502, -0.2251],
        # By hand, from the errors -0.450166, 0.475021 and -0.377541.
        "last_item": [-0.377541, -0.755082],
        "only_ones": [-0.827707, -0.980165],
        "not_summed": [-0.450166, -0.225083, 0.475021, -0.475021, -0.377541, -0.755082],
    },
}


def probability_with_math(x, w, b):
    z = sum(float(weight) * float(value) for weight, value in zip(w, x, strict=True)) + float(b)
    return math.exp(z) / (1 + math.exp(z))


def nll_with_math(yhat, y):
    total = 0.0
    for p, label in zip(yhat, y, strict=True):
        total -= math.log(p) if label == 1 else math.log(1 - p)
    return total


def log_of_product(yhat, y):
    return -np.log(np.prod(np.where(y == 1, yhat, 1 - yhat)))


def delta_w_with_loops(X, w, y):
    found = [0.0] * len(w)
    for row, label in zip(X, y, strict=True):
        error = probability_with_math(row, w, 0) - label
        found = [total + error * value for total, value in zip(found, row, strict=True)]
    return found


def delta_w_with_nodes(X, w, y):
    w = Node(w)
    binary_cross_entropy_with_logits(X @ w, y, reduction="sum").backward()
    return w.grad


def delta_w_by_differences(X, w, y):
    return gradient(lambda w: nll_with_math(1 / (1 + np.exp(-X @ w)), y), w)


def in_single(function):
    """The same in float32."""

    def single(first, second, third):
        arrays = [np.asarray(v, np.float32) for v in (first, second, third)]
        return np.asarray(function(*arrays), np.float32)

    return single


def probability(x, w, b):
    return probability_with_math(x, w, b)


RIGHT = {
    "03a": [
        probability_with_math,
        lambda x, w, b: 0.5 * (1 + np.tanh((np.einsum("i,i", x, w) + b) / 2)),
        lambda x, w, b: sigmoid(Node(w) @ x + b),
        in_single(probability_with_math),
    ],
    "03b": [
        nll_with_math,
        log_of_product,
        lambda yhat, y: -(y @ np.log(yhat) + (1 - y) @ np.log1p(-yhat)),
        lambda yhat, y: binary_cross_entropy(Node(yhat), y, reduction="sum"),
    ],
    "03c": [
        delta_w_with_loops,
        delta_w_with_nodes,
        delta_w_by_differences,
        in_single(delta_w_with_loops),
        lambda X, w, y: np.einsum("nd,n->d", X, 1 / (1 + np.exp(-X @ w)) - y),
    ],
}
WRONG = {
    "03a": [
        (lambda x, w, b: 2 * probability_with_math(x, w, b), "twice"),
        (lambda x, w, b: 0.5, "constant"),
        (lambda x, w, b: 0.8807970779778823, "published_only"),
        (lambda x, w, b: [probability_with_math(x, w, b)], "reshaped"),
        (lambda x, w, b: 1.001 * probability_with_math(x, w, b), "close"),
        (lambda x, w, b: np.tanh(w @ x + b), "values"),
        (lambda x, w, b: f"{probability_with_math(x, w, b):.3f}", "text"),
    ],
    "03b": [
        (probability, "03a"),
        (lambda yhat, y: nll_with_math(yhat, y) / 2, "half"),
        (lambda yhat, y: len(y) * nll_with_math(yhat, y), "times_n"),
        (lambda yhat, y: -(y * np.log(yhat) + (1 - y) * np.log(1 - yhat)), "other"),
        (lambda yhat, y: math.nan * nll_with_math(yhat, y), "nan"),
        (lambda yhat, y: -np.sum(np.abs(yhat - y)), "values"),
    ],
    "03c": [
        (lambda X, w, y: 2 * np.array(delta_w_with_loops(X, w, y)), "twice"),
        (lambda X, w, y: [delta_w_with_loops(X, w, y)], "reshaped"),
        (lambda X, w, y: delta_w_with_loops(X, w, y)[::-1], "reversed"),
        (lambda X, w, y: [*delta_w_with_loops(X, w, y)[:-1], 0.0], "partly"),
        (lambda X, w, y: X.T @ (1 / (1 + np.exp(-X @ w))), "values"),
    ],
}
# In place of the wrong line, with its letter.
FIX = {"B": "yhat = 1 / (1 + np.exp(-(score + b)))"}


def bug_error(gradients) -> float:
    """The largest difference between the notebook's gradients and central differences."""
    rng = np.random.default_rng(0)
    X, w, b, y = rng.normal(size=(5, 3)), rng.normal(size=3), 0.8, np.array([1.0, 0, 0, 1, 0])

    def loss(w, b):
        return nll_with_math(1 / (1 + np.exp(-(X @ w + b))), y)

    delta_w, delta_b = gradients(X, w, b, y)
    of_w = np.abs(delta_w - gradient(lambda w: loss(w, b), w)).max()
    return max(of_w, abs(delta_b - derivative(lambda b: loss(w, b), b)))
