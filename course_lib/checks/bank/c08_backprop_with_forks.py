"""Chapter 08: where a variable is used twice, what comes back is added, and only then passed on."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import BugHunt, Exercise
from .c05_backprop_without_forks import NETWORK, network, sigmoid, slope
from .c05_backprop_without_forks import delta_w2 as from_data

# --- 08a: f = (x + sigmoid(y)) / (x^2 + y) -------------------------------------------------------


def point(rng: Generator) -> tuple:
    """x and y with a denominator x^2 + y that is well away from 0."""
    x, y = rng.uniform(1.4, 3) * rng.choice([-1, 1]), rng.uniform(-1.5, 1.5)
    return float(np.round(x, 1)), float(np.round(y, 1))


def reports(x, y, through_product=None, through_reciprocal=None, square=None, sigma=None):
    """What arrives at x and at y: a pair each, in the order of the backward pass.

    The slopes of b e with respect to b and e, of 1/d, of x^2 and of the sigmoid can be replaced.
    """
    b, d = x + sigmoid(y), x**2 + y
    delta_b, delta_e = through_product or (1 / d, b)
    delta_d = delta_e * (-1 / d**2 if through_reciprocal is None else through_reciprocal)
    through_square = 2 * x if square is None else square
    through_sigmoid = slope(y) if sigma is None else sigma
    return (through_square * delta_d, delta_b), (delta_d, through_sigmoid * delta_b)


def error_signals(x, y) -> tuple[float, float]:
    """delta_x and delta_y."""
    to_x, to_y = reports(x, y)
    return sum(to_x), sum(to_y)


def gathered(gather):
    """`error_signals` with another way to make one number of the reports that meet."""
    return lambda x, y: tuple(map(gather, reports(x, y)))


def with_slope(name, value):
    """`error_signals` with another value for one local derivative."""
    return lambda x, y: tuple(map(sum, reports(x, y, **{name: value(x, y)})))


# --- 08b: an L2 penalty on w2 --------------------------------------------------------------------


def network_and_strength(rng: Generator) -> tuple:
    return *network(rng), float(np.round(rng.uniform(0.1, 0.4), 2))


def delta_w2(x, W1, b1, w2, b2, y, lam) -> ndarray:
    return from_data(x, W1, b1, w2, b2, y) + 2 * lam * w2


def with_penalty(report):
    """`delta_w2` with another report of the penalty, a function of w2 and lam."""
    return lambda *v: from_data(*v[:6]) + report(v[3], v[6])


# --- 08c: f = x x x, as p = x x and f = p x ------------------------------------------------------


def slope_of_cube(x) -> float:
    """Three reports of x^2 each."""
    return 3 * x**2


def same_graph_twice(x, zero_leaf=False) -> float:
    """x's accumulator after two passes over one graph in which nothing, or only x, was zeroed."""
    delta_p = delta_x = 0.0
    for _ in range(2):
        delta_x *= not zero_leaf
        delta_p += x
        delta_x += x * x
        delta_x += x * delta_p + x * delta_p
    return delta_x


# --- 08d: u = w + 1, v = u + 2, f = u v ----------------------------------------------------------


def delta_w(w) -> float:
    return (w + 3) + (w + 1)


def naive_recursion(w, v_first=False) -> float:
    """u passes its accumulator on whenever something arrives, so its first report goes twice."""
    first, second = (w + 1, w + 3) if v_first else (w + 3, w + 1)
    return first + (first + second)


EXERCISES = [
    Exercise(
        "08a",
        error_signals,
        (3.0, -4.0),
        point,
        points=3,
        wrong={
            "overwritten": gathered(lambda pair: pair[1]),
            "first_kept": gathered(lambda pair: pair[0]),
            "averaged": gathered(np.mean),
            "multiplied": gathered(np.prod),
            "sign_of_reciprocal": with_slope("through_reciprocal", lambda x, y: (x**2 + y) ** -2),
            "one_d_missing": with_slope("through_reciprocal", lambda x, y: -1 / (x**2 + y)),
            "no_upstream": with_slope("through_product", lambda x, y: (1 / (x**2 + y), 1.0)),
            "no_2x": with_slope("square", lambda x, y: 1.0),
            "sigmoid_for_slope": with_slope("sigma", lambda x, y: sigmoid(y)),
            "no_sigmoid_slope": with_slope("sigma", lambda x, y: 1.0),
            "factors_not_swapped": with_slope(
                "through_product", lambda x, y: (x + sigmoid(y), 1 / (x**2 + y))
            ),
            "exchanged": lambda *v: error_signals(*v)[::-1],
        },
    ),
    Exercise(
        "08b",
        delta_w2,
        (*NETWORK, 0.1),
        network_and_strength,
        wrong={
            "no_2": with_penalty(lambda w2, lam: lam * w2),
            "no_lambda": with_penalty(lambda w2, lam: 2 * w2),
            "penalty_only": lambda *v: 2 * v[6] * v[3],
            "data_only": lambda *v: from_data(*v[:6]),
            "minus": with_penalty(lambda w2, lam: -2 * lam * w2),
            "data_sign": lambda *v: 2 * v[6] * v[3] - from_data(*v[:6]),
            "value_added": with_penalty(lambda w2, lam: lam * w2 @ w2),
            "averaged": lambda *v: delta_w2(*v) / 2,
            "not_squared": with_penalty(lambda w2, lam: lam * w2 / np.sqrt(w2 @ w2)),
        },
    ),
    Exercise(
        "08c",
        slope_of_cube,
        (-3.0,),  # not 3.0, where the value x^3 is 27 as well
        lambda rng: (float(np.round(rng.uniform(1.2, 4) * rng.choice([-1, 1]), 1)),),
        wrong={
            "one_report": lambda x: x**2,
            "one_product": lambda x: 2 * x**2,
            "two_graphs": lambda x: 2 * slope_of_cube(x),
            "same_graph_twice": same_graph_twice,
            "only_leaf_zeroed": lambda x: same_graph_twice(x, zero_leaf=True),
            "square": lambda x: 2 * x,
            "value": lambda x: x**3,
        },
    ),
    Exercise(
        "08d",
        delta_w,
        (3.0,),
        lambda rng: (float(np.round(rng.uniform(0.6, 5), 1)),),
        wrong={
            "naive_recursion": naive_recursion,
            "naive_v_first": lambda w: naive_recursion(w, v_first=True),
            "direct_path": lambda w: w + 3,
            "other_path": lambda w: w + 1,
            "value": lambda w: (w + 1) * (w + 3),
        },
    ),
    BugHunt("08bug", line="I"),
]
