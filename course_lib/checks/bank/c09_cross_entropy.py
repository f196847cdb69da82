"""Chapter 09: softmax and cross-entropy, of one example with K classes."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import BugHunt, Exercise


def logits_and_target(rng: Generator) -> tuple:
    """Logits of four classes and a one-hot target."""
    return rng.normal(0, 1.2, 4).round(1), np.eye(4)[rng.integers(4)]


def two_distributions(rng: Generator) -> tuple:
    """Two distributions over four classes, in steps of 0.05, with no impossible class."""
    p, q = (1 + rng.multinomial(16, np.full(4, 0.25), 2)) / 20
    return p, q


def large_logits(rng: Generator) -> tuple:
    """Logits so far above or below 0 that their exponentials are all infinite, or all 0.

    One is so far below the others that only their largest can be subtracted from all.
    """
    z = rng.choice([rng.integers(4100, 4900), -rng.integers(900, 1600)]) + rng.normal(0, 1.5, 4)
    z[rng.integers(4)] -= rng.integers(3000, 3500)
    return (z.round(1),)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z) -> ndarray:
    shifted = np.exp(z - np.max(z))
    return shifted / shifted.sum()


def overflowing_softmax(z) -> ndarray:
    """The softmax as it is defined: inf/inf or 0/0 for large logits."""
    return np.exp(z) / np.exp(z).sum()


def delta_z(z, y) -> ndarray:
    return softmax(z) - y


def through_softmax(p, delta_p) -> ndarray:
    """What reaches the logits of what arrives at the probabilities: (diag(p) - p p') delta_p."""
    return p * (delta_p - p @ delta_p)


def delta_z_of_binaries(z, y) -> ndarray:
    """The error signal of -sum [y log p + (1 - y) log(1 - p)] for a softmax p."""
    p = softmax(z)
    return through_softmax(p, -y / p + (1 - y) / (1 - p))


def cross_entropy(p, q) -> float:
    return float(-np.sum(p * np.log(q)))


EXERCISES = [
    Exercise(
        "09a",
        delta_z,
        (np.array([2.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])),
        logits_and_target,
        wrong={
            "true_class_only": lambda z, y: y * (softmax(z) - 1),
            "sign": lambda z, y: y - softmax(z),
            "no_target": lambda z, y: softmax(z),
            "no_softmax_slopes": lambda z, y: -y / softmax(z),
            "sum_of_binaries": delta_z_of_binaries,
            "sigmoids": lambda z, y: sigmoid(z) - y,
            "logits_for_probabilities": lambda z, y: z - y,
            "extra_slope": lambda z, y: delta_z(z, y) * softmax(z) * (1 - softmax(z)),
        },
    ),
    Exercise(
        "09b",
        cross_entropy,
        (np.array([0.7, 0.2, 0.1]), np.array([0.5, 0.3, 0.2])),
        two_distributions,
        wrong={
            "swapped": lambda p, q: cross_entropy(q, p),
            "entropy": lambda p, q: cross_entropy(p, p),
            "divergence": lambda p, q: cross_entropy(p, q) - cross_entropy(p, p),
            "most_likely_only": lambda p, q: -np.log(q[np.argmax(p)]),
            "bits": lambda p, q: cross_entropy(p, q) / np.log(2),
            "no_minus": lambda p, q: -cross_entropy(p, q),
            "unweighted": lambda p, q: -np.sum(np.log(q)),
            "sum_of_binaries": lambda p, q: cross_entropy(p, q) + cross_entropy(1 - p, 1 - q),
        },
    ),
    Exercise(
        "09c",
        softmax,
        (np.array([1000.0, 1001.0, 1002.0]),),
        large_logits,
        wrong={
            "overflow": overflowing_softmax,
            "divided_by_sum": lambda z: z / z.sum(),
            "divided_by_max": lambda z: z / z.max(),
            "clipped": lambda z: softmax(np.clip(z, -500, 500)),
            "shifted_sigmoids": lambda z: sigmoid(z - z.max()),
            "sigmoids": sigmoid,
            "reversed": lambda z: softmax(-z),
            "not_normalized": lambda z: np.exp(z - z.max()),
        },
    ),
    BugHunt("09bug", line="F"),
]
