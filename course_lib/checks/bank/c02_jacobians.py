"""Chapter 02: derivatives by vectors in denominator layout."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import BugHunt, Exercise


def two_numbers(rng: Generator) -> tuple:
    sizes = rng.uniform(0.5, 4, 2).round(1)
    return float(sizes[0]), float(sizes[1] * rng.choice([-1, 1]))


def square_layer(rng: Generator) -> tuple:
    """x, A and delta_z. A is square, so that A and its inverse fit where its transpose does."""
    x, A, delta_z = rng.normal(0, 1, 3), rng.normal(0, 1.5, (3, 3)), rng.normal(0, 1, 3)
    return x.round(1), A.round(1), delta_z.round(1)


def vector(rng: Generator) -> tuple:
    return (rng.normal(0, 2, 4).round(1),)


# 02a: x -> u = (x1 x2, x1 + x2, x1^2) -> g = (u1 u2, u3)


def values_of_u(x1, x2) -> tuple:
    return x1 * x2, x1 + x2, x1**2


def du_dx(x1, x2) -> ndarray:
    return np.array([[x2, 1, 2 * x1], [x1, 1, 0]])


def dg_du(u1, u2) -> ndarray:
    return np.array([[u2, 0], [u1, 0], [0, 1]])


def dg_dx(x1, x2) -> ndarray:
    u1, u2, _ = values_of_u(x1, x2)
    return du_dx(x1, x2) @ dg_du(u1, u2)


def without_path(x1, x2, j) -> ndarray:
    """What is left when u's entry j is held still."""
    u1, u2, _ = values_of_u(x1, x2)
    others = [k for k in range(3) if k != j]
    return du_dx(x1, x2)[:, others] @ dg_du(u1, u2)[others]


def values_for_slopes(x1, x2) -> ndarray:
    """The values of u in both rows of du/dx."""
    u = values_of_u(x1, x2)
    return np.array([u, u]) @ dg_du(*u[:2])


def factors_exchanged(x1, x2) -> ndarray:
    u1, u2, _ = values_of_u(x1, x2)
    return dg_du(u1, u2) @ du_dx(x1, x2)


def product_rule_swapped(x1, x2) -> ndarray:
    """With d(x1 x2)/dx1 = x1 and d(x1 x2)/dx2 = x2."""
    u1, u2, _ = values_of_u(x1, x2)
    return np.array([[x1, 1, 2 * x1], [x2, 1, 0]]) @ dg_du(u1, u2)


# 02b: z = A x


def delta_x(x, A, delta_z) -> ndarray:
    return A.T @ delta_z


# 02c: J = x'x


def dJ_dx(x) -> ndarray:
    return 2 * x


EXERCISES = [
    Exercise(
        "02a",
        dg_dx,
        (3.0, 5.0),
        two_numbers,
        points=3,
        wrong={
            "numerator": lambda x1, x2: dg_dx(x1, x2).T,
            "values": values_for_slopes,
            "no_path_u2": lambda x1, x2: without_path(x1, x2, 1),
            "no_path_u1": lambda x1, x2: without_path(x1, x2, 0),
            "product_rule_swapped": product_rule_swapped,
            "no_2": lambda x1, x2: dg_dx(x1, x2) * [1, 0.5],
            "order": factors_exchanged,
            "slopes_at_x": lambda x1, x2: du_dx(x1, x2) @ dg_du(x1, x2),
        },
    ),
    Exercise(
        "02b",
        delta_x,
        (np.array([1.0, -1.0]), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, 2.0])),
        square_layer,
        wrong={
            "no_transpose": lambda x, A, delta_z: A @ delta_z,
            "diagonal": lambda x, A, delta_z: np.diag(A) * delta_z,
            "outer_summed": lambda x, A, delta_z: np.outer(delta_z, x).sum(axis=0),
            "inverse": lambda x, A, delta_z: np.linalg.solve(A, delta_z),
            "no_delta": lambda x, A, delta_z: A.sum(axis=0),
            "jacobian": lambda x, A, delta_z: A.T,
            "weight_gradient": lambda x, A, delta_z: np.outer(delta_z, x),
            "forward": lambda x, A, delta_z: A @ x,
        },
    ),
    Exercise(
        "02c",
        dJ_dx,
        (np.array([1.0, 2.0, 3.0]),),
        vector,
        wrong={
            "no_2": lambda x: x,
            "value_repeated": lambda x: np.full_like(x, x @ x),
            "value": lambda x: x @ x,
            "normalized": lambda x: x / np.linalg.norm(x),
            "doubled_unit": lambda x: 2 * x / np.linalg.norm(x),
            "squared": lambda x: x**2,
            "summed": lambda x: np.sum(2 * x),
            "squares_jacobian": lambda x: np.diag(2 * x),
        },
    ),
    BugHunt("02bug", line="D"),
]
