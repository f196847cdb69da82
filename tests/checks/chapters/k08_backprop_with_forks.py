import math
from fractions import Fraction

import numpy as np

from course_lib import functions
from course_lib.calculus import derivative, gradient
from course_lib.graph import Node
from course_lib.losses import binary_cross_entropy_with_logits

NUMBERS = {
    "08a": {
        "right": [-0.524317, -0.117187],
        "overwritten": [0.2, 0.003533],
        "first_kept": [-0.724317, -0.120719],
        "averaged": [-0.262158, -0.058593],
        "multiplied": [-0.7243166904 * 0.2, -0.1207194484 * 0.0035325412],
        "sign_of_reciprocal": [0.924, 0.124],
        "one_d_missing": [-6 * 0.6035972420 + 0.2, -0.6035972420 + 0.0035325412],  # -e/d = -f
        "no_upstream": [0.2 - 6 / 25, 0.0035325412 - 1 / 25],  # delta_d = -1/d**2
        "no_2x": [0.079, -0.117],
        "sigmoid_for_slope": [-0.524317, -0.1207194484 + 0.2 * 0.0179862100],
        "no_sigmoid_slope": [-0.524317, 0.2 - 0.1207194484],
        # by hand: delta_b = 3.017986, delta_d = -0.2 / 25
        "factors_not_swapped": [3.0179862100 - 0.048, 3.0179862100 * 0.0176627062 - 0.008],
        "exchanged": [-0.117187, -0.524317],
    },
    "08b": {
        "right": [-0.126828, -0.934413],
        "no_2": [-0.227, -0.734],
        "no_lambda": [1.673, -4.534],
        "penalty_only": [0.2, -0.4],
        "data_only": [-0.326828, -0.534413],  # 05b
        "minus": [-0.527, -0.134],
        "data_sign": [0.526828, 0.134413],
        "value_added": [0.173172, -0.034413],  # by hand: 05b and 0.1 * 5
        "averaged": [-0.063414, -0.467206],
        "not_squared": [-0.282107, -0.623855],  # by hand: 05b and (0.1, -0.2) / root of 5
    },
    # The curriculum's, for x = 3; at -3 the same, but for the two odd ones, 2x and x^3.
    "08c": {
        "right": 27,
        "one_report": 9,
        "one_product": 18,
        "two_graphs": 54,
        "same_graph_twice": 72,
        "only_leaf_zeroed": 45,
        "square": -6,
        "value": -27,
    },
    "08d": {
        "right": 10,
        "naive_recursion": 16,
        "naive_v_first": 14,  # by hand: 4, then 4 + 6
        "direct_path": 6,
        "other_path": 4,
        "value": 24,
    },
}


def signals_with_nodes(x, y):
    x, y = Node(x), Node(y)
    f = (x + functions.sigmoid(y)) / (x**2 + y)
    f.backward()
    return x.grad, y.grad


def signals_by_quotient_rule(x, y):
    a = 0.5 * (1 + math.tanh(y / 2))
    top, bottom = x + a, x * x + y
    return np.array([bottom - top * 2 * x, a * (1 - a) * bottom - top]) / bottom**2


def signals_by_differences(x, y):
    def f(point):
        return (point[0] + 1 / (1 + np.exp(-point[1]))) / (point[0] ** 2 + point[1])

    return list(gradient(f, [x, y]))


def signals_in_single(x, y):
    x, y = np.float32(x), np.float32(y)
    a = 1 / (1 + np.exp(-y))
    delta_b, delta_d = 1 / (x**2 + y), -(x + a) / (x**2 + y) ** 2
    return 2 * x * delta_d + delta_b, delta_d + a * (1 - a) * delta_b


def penalized_with_nodes(x, W1, b1, w2, b2, y, lam):
    w2 = Node(w2)
    z2 = w2 @ functions.sigmoid(W1 @ x + b1) + b2
    (binary_cross_entropy_with_logits(z2, y) + lam * (w2 @ w2)).backward()
    return w2


def penalized_with_loops(x, W1, b1, w2, b2, y, lam):
    a1, z2 = [], b2
    for row, bias, weight in zip(W1, b1, w2, strict=True):
        z1 = sum(float(w) * float(value) for w, value in zip(row, x, strict=True)) + bias
        a1.append(1 / (1 + math.exp(-z1)))
        z2 += weight * a1[-1]
    delta = 1 / (1 + math.exp(-z2)) - y
    return [a * delta + lam * w + lam * w for a, w in zip(a1, w2, strict=True)]


def penalized_in_single(*inputs):
    arrays = [np.asarray(v, np.float32) for v in inputs]
    return np.asarray(penalized_with_loops(*arrays), np.float32)


def cube_with_nodes(x):
    x = Node(x)
    (x * x * x).backward()
    return x.grad


def cube_with_three_copies(x):
    return float(gradient(lambda copies: np.prod(copies), [x, x, x]).sum())


def diamond_with_nodes(w):
    w = Node(w)
    u = w + 1
    v = u + 2
    (u * v).backward()
    return w


RIGHT = {
    "08a": [
        signals_with_nodes,
        signals_by_quotient_rule,
        signals_by_differences,
        signals_in_single,
    ],
    "08b": [
        lambda *v: penalized_with_nodes(*v).grad,
        penalized_with_loops,
        penalized_in_single,
    ],
    "08c": [
        cube_with_nodes,
        cube_with_three_copies,
        lambda x: np.float32(x) * x + 2 * np.float32(x) ** 2,
        lambda x: np.array(3 * x * x),
    ],
    "08d": [
        lambda w: diamond_with_nodes(w).grad,
        lambda w: 2 * w + 4,
        lambda w: derivative(lambda w: (w + 1) * (w + 3), w),
        lambda w: float(2 * Fraction(w) + 4),
    ],
}
WRONG = {
    "08a": [
        (lambda x, y: -signals_by_quotient_rule(x, y), "sign"),
        (lambda x, y: 2 * signals_by_quotient_rule(x, y), "twice"),
        (lambda x, y: signals_by_quotient_rule(x, y).round(4), "close"),
        (lambda x, y: (signals_with_nodes(x, y)[0], x + y), "parts"),
        (lambda x, y: signals_with_nodes(x, y)[0], "count"),
        (lambda x, y: (-0.5243166904, -0.1171869072), "published_only"),
        (lambda x, y: (x, y), "values"),
    ],
    "08b": [
        (lambda *v: -penalized_with_nodes(*v).grad, "sign"),
        (lambda *v: [penalized_with_loops(*v)], "reshaped"),
        (lambda *v: penalized_with_loops(*v)[::-1], "reversed"),
        (lambda *v: penalized_with_loops(*v)[0], "other"),
        (lambda *v: penalized_with_nodes(*v).value, "values"),
    ],
    "08c": [
        (lambda x: -cube_with_nodes(x), "sign"),
        (lambda x: cube_with_nodes(x) / 2, "half"),
        (lambda x: 27.0, "published_only"),
        (lambda x: 12.0, "constant"),
        (lambda x: [27.0, 9.0], "other"),
        (lambda x: x**6, "values"),
    ],
    "08d": [
        (lambda w: 4 * w + 8, "twice"),
        (lambda w: w + 2, "half"),
        (lambda w: str(2 * w + 4), "text"),
        (lambda w: 2 * w + 3, "values"),
        (lambda w: print(end=""), "nothing"),
    ],
}
# In place of the wrong line, with its letter; `backward` is the function of the notebook.
FIX = {"I": "for node in sorted(nodes, key=lambda node: -node.birth):"}


def bug_error(backward) -> float:
    """The largest difference between the notebook's gradients and central differences."""

    def diamond(w):
        u = w + 1
        return u * (u + 2)

    def skip(w):
        """A layer with a connection around it."""
        u = functions.tanh(w * np.array([0.5, -0.4, 0.8]))
        return ((u + functions.tanh(functions.tanh(u) * 1.5)) ** 2).sum()

    errors = []
    for f, at in ((diamond, 3.0), (skip, np.array([0.3, 1.2, -0.7]))):
        w = Node(at)
        backward(f(w))
        errors.append(np.abs(w.grad - gradient(f, at)).max())
    return max(errors)


# At 3, where the value of x·x·x is the slope too.
ALSO = {
    "08c": [
        (
            (3.0,),
            {
                "right": 27,
                "one_report": 9,
                "one_product": 18,
                "two_graphs": 54,
                "same_graph_twice": 72,
                "only_leaf_zeroed": 45,
                "square": 6,
            },
        )
    ]
}
