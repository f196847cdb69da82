"""Chapter 06: the backward pass of one layer z = Wa + b, for one item and for a batch."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import BugHunt, Exercise

# W, delta_z
LAYER = (np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([1.0, 0.5]))
# A, delta_Z: a row for each item; the signal in it is that of the item's own loss
BATCH = (
    np.array([[1.0, 2.0, 0.0, -1.0], [0.0, 1.0, 3.0, 2.0], [2.0, -1.0, 1.0, 1.0]]),
    np.array([[0.2, -0.1], [-0.4, 0.5], [0.1, 0.4]]),
)


def layer(rng: Generator) -> tuple:
    """A square layer, so that an answer without the transpose runs, and gets its name."""
    size = int(rng.integers(3, 5))
    return rng.normal(0, 1.5, (size, size)).round(2), rng.normal(0, 1, size).round(2)


def batch(rng: Generator) -> tuple:
    """Five or six items in a layer of 3 inputs and 4 units, so that no two lengths are equal."""
    items = int(rng.integers(5, 7))
    return rng.normal(0.5, 1, (items, 3)).round(2), rng.normal(0.3, 1, (items, 4)).round(2)


def delta_a(W, delta_z) -> ndarray:
    return W.T @ delta_z


def delta_W(A, delta_Z) -> ndarray:
    return delta_Z.T @ A / len(A)


def delta_b(A, delta_Z) -> ndarray:
    return delta_Z.mean(axis=0)


def units(delta_Z) -> int:
    return delta_Z.shape[1]


EXERCISES = [
    Exercise(
        "06a",
        delta_a,
        LAYER,
        layer,
        wrong={
            "no_transpose": lambda W, delta_z: W @ delta_z,
            "inverse": lambda W, delta_z: np.linalg.solve(W, delta_z),
            "no_delta": lambda W, delta_z: W.sum(axis=0),
            "weights_forgotten": lambda W, delta_z: np.full(len(W), delta_z.sum()),
            "diagonal": lambda W, delta_z: np.diag(W) * delta_z,
            "not_summed": lambda W, delta_z: W.T * delta_z,
            "star": lambda W, delta_z: W * delta_z,
        },
    ),
    Exercise(
        "06b",
        delta_W,
        BATCH,
        batch,
        wrong={
            "sum": lambda A, delta_Z: delta_Z.T @ A,
            "by_units": lambda A, delta_Z: delta_Z.T @ A / units(delta_Z),
            "first_item": lambda A, delta_Z: np.outer(delta_Z[0], A[0]),
            "last_item": lambda A, delta_Z: np.outer(delta_Z[-1], A[-1]),
            "last_item_over_n": lambda A, delta_Z: np.outer(delta_Z[-1], A[-1]) / len(A),
            "product_of_means": lambda A, delta_Z: np.outer(delta_Z.mean(0), A.mean(0)),
            "transposed": lambda A, delta_Z: delta_W(A, delta_Z).T,
            "transposed_sum": lambda A, delta_Z: A.T @ delta_Z,
        },
    ),
    Exercise(
        "06c",
        delta_b,
        BATCH,
        batch,
        wrong={
            "sum": lambda A, delta_Z: delta_Z.sum(axis=0),
            "by_units": lambda A, delta_Z: delta_Z.sum(axis=0) / units(delta_Z),
            "first_item": lambda A, delta_Z: delta_Z[0],
            "last_item": lambda A, delta_Z: delta_Z[-1],
            "ones": lambda A, delta_Z: np.ones(units(delta_Z)),
            "one_for_all": lambda A, delta_Z: np.full(units(delta_Z), delta_Z.mean()),
            "no_axis": lambda A, delta_Z: delta_Z.mean(),
            "wrong_axis": lambda A, delta_Z: delta_Z.mean(axis=1),
            "zero": lambda A, delta_Z: np.zeros(units(delta_Z)),
        },
    ),
    BugHunt("06bug", line="G"),
]
