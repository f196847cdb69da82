"""Chapter 03: logistic regression, its likelihood and its gradient.

The loss is a sum over the items, as the likelihood is a product over them.
"""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import BugHunt, Exercise

# x, w, b
POINT = (np.array([2.0, 3.0]), np.array([1.0, 1.0]), -3.0)
# yhat, y
PREDICTIONS = (np.array([0.9, 0.2, 0.6]), np.array([1.0, 0.0, 1.0]))
# X with a column of ones for the bias, w, y
ITEMS = (
    np.array([[1.0, 0.5], [1.0, -1.0], [1.0, 2.0]]),
    np.array([0.1, 0.2]),
    np.array([1.0, 0.0, 1.0]),
)


def point(rng: Generator) -> tuple:
    """A point with 3 features and a line whose bias is not near 0."""
    x, w = rng.normal(0, 1, 3).round(1), rng.normal(0, 0.8, 3).round(1)
    return x, w, float(np.round(rng.uniform(0.5, 1.5) * rng.choice([-1, 1]), 1))


def labels(rng: Generator) -> ndarray:
    """Five labels, of which two or three are 1."""
    return rng.permutation([1.0, 1.0, 0.0, 0.0, float(rng.integers(2))])


def predictions(rng: Generator) -> tuple:
    return rng.uniform(0.1, 0.9, 5).round(2), labels(rng)


def items(rng: Generator) -> tuple:
    """Five items with 2 features and a column of ones."""
    X = np.column_stack([np.ones(5), rng.normal(0, 1, (5, 2)).round(1)])
    return X, rng.normal(0, 0.7, 3).round(1), labels(rng)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def probability(x, w, b) -> float:
    """P(y = 1 | x)."""
    return sigmoid(w @ x + b)


def of_what_happened(yhat, y) -> ndarray:
    """The probability that the model gave to each item's own label."""
    return np.where(y == 1, yhat, 1 - yhat)


def negative_log_likelihood(yhat, y) -> float:
    """The sum over the items."""
    return -np.sum(y * np.log(yhat) + (1 - y) * np.log(1 - yhat))


def bracket_lost(yhat, y) -> float:
    """The minus reaches only the first of the two sums."""
    return -np.sum(y * np.log(yhat)) + np.sum((1 - y) * np.log(1 - yhat))


def error(X, w, y) -> ndarray:
    """Prediction minus target, for each item."""
    return sigmoid(X @ w) - y


def delta_w(X, w, y) -> ndarray:
    """The gradient of the negative log-likelihood."""
    return X.T @ error(X, w, y)


def with_slope(X, w, y) -> ndarray:
    """The gradient of half the squared error."""
    yhat = sigmoid(X @ w)
    return X.T @ ((yhat - y) * yhat * (1 - yhat))


def stopped_at_prediction(X, w, y) -> ndarray:
    """With the slope of the loss in yhat where its slope in z belongs."""
    yhat = sigmoid(X @ w)
    return X.T @ ((yhat - y) / (yhat * (1 - yhat)))


EXERCISES = [
    Exercise(
        "03a",
        probability,
        POINT,
        point,
        wrong={
            "bias_sign": lambda x, w, b: sigmoid(w @ x - b),
            "no_bias": lambda x, w, b: sigmoid(w @ x),
            "no_sigmoid": lambda x, w, b: w @ x + b,
            "other_class": lambda x, w, b: sigmoid(-(w @ x + b)),
            "threshold": lambda x, w, b: float(w @ x + b >= 0),
            "not_summed": lambda x, w, b: sigmoid(w * x + b),
            "bracket_missing": lambda x, w, b: 1 / 1 + np.exp(-(w @ x + b)),
        },
    ),
    Exercise(
        "03b",
        negative_log_likelihood,
        PREDICTIONS,
        predictions,
        wrong={
            "mean": lambda yhat, y: negative_log_likelihood(yhat, y) / len(y),
            "sign": lambda yhat, y: -negative_log_likelihood(yhat, y),
            "only_ones": lambda yhat, y: -np.sum(y * np.log(yhat)),
            "bracket_lost": bracket_lost,
            "base_ten": lambda yhat, y: negative_log_likelihood(yhat, y) / np.log(10),
            "log_of_sum": lambda yhat, y: -np.log(np.sum(of_what_happened(yhat, y))),
            "squared_error": lambda yhat, y: np.sum((yhat - y) ** 2),
            "likelihood": lambda yhat, y: np.prod(of_what_happened(yhat, y)),
            "labels_flipped": lambda yhat, y: negative_log_likelihood(yhat, 1 - y),
            "labels_ignored": lambda yhat, y: -np.sum(np.log(yhat)),
            "log_of_label": lambda yhat, y: negative_log_likelihood(y, yhat),
        },
    ),
    Exercise(
        "03c",
        delta_w,
        ITEMS,
        items,
        points=3,
        wrong={
            "sign": lambda *v: -delta_w(*v),
            "mean": lambda *v: delta_w(*v) / len(v[2]),
            "x_missing": lambda *v: np.full_like(v[1], np.sum(error(*v))),
            "of_the_bias": lambda *v: np.sum(error(*v)),
            "with_slope": with_slope,
            "squared_error": lambda *v: 2 * with_slope(*v),
            "stopped_at_prediction": stopped_at_prediction,
            "score_for_prediction": lambda X, w, y: X.T @ (X @ w - y),
            "thresholded": lambda X, w, y: X.T @ ((X @ w >= 0) - y),
            "first_item": lambda *v: error(*v)[0] * v[0][0],
            "last_item": lambda *v: error(*v)[-1] * v[0][-1],
            "only_ones": lambda *v: v[0].T @ (v[2] * error(*v)),
            "not_summed": lambda *v: error(*v)[:, None] * v[0],
        },
    ),
    BugHunt("03bug", line="B"),
]
