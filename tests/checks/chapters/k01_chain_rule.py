import math

import numpy as np

from course_lib.calculus import derivative
from course_lib.functions import tanh
from course_lib.graph import Node

NUMBERS = {
    "01a": {
        "right": -8.063212,
        "square_only": 0.846720,
        "sine_only": -8.909932,
        "product_of_slopes": -5.939955,
        "degrees": 9.301682,
        "minus": 9.756653,
        "value": 1.270080,
        # these four by differentiating x**2 + sin(x) and each path alone in 40 digits
        "slopes_added": 5.010008,
        "paths_multiplied": -7.544218,
        "no_2": -8.486572,
        "sine_kept": 2.116800,
    },
    # with h = 1e-3, in 40 digits
    "01b": {
        "right": 0.920273097,
        "no_2": 1.840546195,
        "not_divided": 0.001840546,
        "swapped": -0.920273097,
        "inner_only": 0.362358,
        "outer_only": 2.539683,
        "forward": 0.919256290,
        "backward": 0.921289905,
        "half_rise": 0.459628145,
        "times_h": 0.000000920273097,
        "second_divided": -1266.840019,
    },
    "01c": {
        "right": 0.3,
        "ascent": -3.3,
        "no_eta": 7.5,
        "minus_loss": -5.55,
        "no_2": -0.6,
        "step_only": 1.8,
        # by hand: 0.2 * (-9), -9, -1.5 - 0.2 * (-3) and -1.5 - 0.2 * (-6)
        "not_subtracted": -1.8,
        "slope_only": -9.0,
        "no_3": -0.9,
        "no_brackets": -0.3,
    },
}


def slope_with_math(x):
    """As x * x * sin x: three factors, each nudged in turn."""
    factors, slopes = [x, x, math.sin(x)], [1, 1, math.cos(x)]
    return sum(math.prod([*factors[:i], slopes[i], *factors[i + 1 :]]) for i in range(3))


def slope_in_single(x):
    x = np.float32(x)
    return x * (2 * np.sin(x) + x * np.cos(x))


def exp_sin(x):
    return math.exp(math.sin(x))


def central_of_a_grid(x, h):
    values = [exp_sin(x + step) for step in (-h, 0.0, h)]
    return np.gradient(values, h)[1]


def mean_of_both_sides(x, h):
    forward = (exp_sin(x + h) - exp_sin(x)) / h
    backward = (exp_sin(x) - exp_sin(x - h)) / h
    return (forward + backward) / 2


def step_with_node(w, eta):
    w = Node(w)
    ((w - 3) ** 2).backward()
    return w.value - eta * w.grad


def step_expanded(w, eta):
    return (1 - 2 * eta) * w + 6 * eta


def step_without_return(w, eta):
    w -= eta * 2 * (w - 3)


RIGHT = {
    "01a": [
        slope_with_math,
        slope_in_single,
        lambda x: derivative(lambda t: t**2 * np.sin(t), x),
        lambda x: Node(slope_with_math(x)),
    ],
    "01b": [
        central_of_a_grid,
        mean_of_both_sides,
        lambda x, h: derivative(exp_sin, x, h),
        lambda x, h: np.array(central_of_a_grid(x, h)),
        # h = 1e-3 leaves less than 7e-7 of the slope: the slope itself cannot be told apart
        lambda x, h: math.cos(x) * exp_sin(x),
    ],
    "01c": [step_with_node, step_expanded, lambda w, eta: np.float32(step_expanded(w, eta))],
}
WRONG = {
    "01a": [
        (lambda x: -slope_with_math(x), "sign"),
        (lambda x: 2 * slope_with_math(x), "twice"),
        (lambda x: float(f"{slope_with_math(x):.4g}"), "close"),
        (lambda x: -8.0632124, "published_only"),
        (lambda x: -8.06, "constant"),
        (lambda x: (2 * x * math.sin(x), x**2 * math.cos(x)), "other"),
        (lambda x: math.tanh(x), "values"),
        (lambda x: tanh(Node(x)), "values"),
    ],
    "01b": [
        (lambda x, h: central_of_a_grid(x, h) / 2, "half"),
        (lambda x, h: central_of_a_grid(x, 0.01), "close"),
        (lambda x, h: 0.920274, "published_only"),
        (lambda x, h: math.sin(x) + h, "values"),
        (lambda x, h: math.inf, "inf"),
    ],
    "01c": [
        (lambda w, eta: -step_expanded(w, eta), "sign"),
        (lambda w, eta: 2 * step_expanded(w, eta), "twice"),
        (lambda w, eta: 0.3, "published_only"),
        (lambda w, eta: 3.0, "constant"),  # the minimum itself
        (step_without_return, "nothing"),
        (lambda w, eta: (w, step_expanded(w, eta)), "other"),
        (lambda w, eta: w - eta, "values"),
    ],
}
# In place of the wrong line, with its letter; `paths` is the function of the notebook.
FIX = {"E": "du3_du2 = np.exp(u2)"}


def bug_error(paths) -> float:
    """How far the two paths are from the slope of J, away from w = 0; there they agree."""

    def error(w):
        return abs(sum(paths(w)) - derivative(lambda v: (v**2 + 1) * np.exp(-2 * v), w))

    assert error(0.0) < 1e-6, "right at w = 0, planted or mended"
    return max(error(w) for w in (-0.9, 0.3, 1.0))


# With the curriculum's step, at which forward and central difference are too near to be told apart.
ALSO = {
    "01b": [
        (
            (1.2, 1e-5),
            {
                "right": 0.920274,
                "no_2": 1.840547,
                "not_divided": 0.000018,
                "swapped": -0.920274,
                "inner_only": 0.362358,
                "outer_only": 2.539683,
            },
        )
    ]
}
