"""Chapter 01: slopes of one number: two paths, a central difference, a step downhill."""

import numpy as np
from numpy.random import Generator

from ..exercise import BugHunt, Exercise


def angle(rng: Generator) -> tuple:
    """An x between -4 and 4, not next to 0, where half of the answers vanish."""
    return (float(np.round(rng.choice([-1, 1]) * rng.uniform(0.5, 4), 1)),)


def bend_and_step(rng: Generator) -> tuple:
    """An x where f bends strongly, rising or falling, and the step 1e-3.

    Elsewhere, or with a step of 1e-5, a one-sided difference is as good as a central one.
    """
    x = rng.choice([-1, 1]) * rng.uniform(1.2, 1.45)
    return float(np.round(rng.choice([x, np.pi - x]), 2)), 1e-3


def weight_and_rate(rng: Generator) -> tuple:
    return float(np.round(rng.uniform(-5, 10), 1)), float(np.round(rng.uniform(0.05, 0.4), 2))


# 01a: g = u1 u2 with u1 = x^2 and u2 = sin x


def slope(x) -> float:
    return through_square(x) + through_sine(x)


def through_square(x) -> float:
    """The path x -> u1 -> g."""
    return 2 * x * np.sin(x)


def through_sine(x) -> float:
    """The path x -> u2 -> g."""
    return x**2 * np.cos(x)


def in_degrees(x) -> float:
    """The right formula, with x taken for degrees by sin and cos."""
    return 2 * x * np.sin(np.radians(x)) + x**2 * np.cos(np.radians(x))


# 01b


def f(x) -> float:
    return np.exp(np.sin(x))


def rise(x, h) -> float:
    return f(x + h) - f(x - h)


def central_difference(x, h) -> float:
    return rise(x, h) / (2 * h)


# 01c: J = (w - 3)^2


def loss_slope(w) -> float:
    return 2 * (w - 3)


def gradient_step(w, eta) -> float:
    return w - eta * loss_slope(w)


EXERCISES = [
    Exercise(
        "01a",
        slope,
        (3.0,),
        angle,
        wrong={
            "square_only": through_square,
            "sine_only": through_sine,
            "product_of_slopes": lambda x: 2 * x * np.cos(x),
            "degrees": in_degrees,
            "minus": lambda x: through_square(x) - through_sine(x),
            "value": lambda x: x**2 * np.sin(x),
            "slopes_added": lambda x: 2 * x + np.cos(x),
            "paths_multiplied": lambda x: through_square(x) * through_sine(x),
            "no_2": lambda x: through_square(x) / 2 + through_sine(x),
            "sine_kept": lambda x: through_square(x) + x**2 * np.sin(x),
        },
    ),
    Exercise(
        "01b",
        central_difference,
        (1.2, 1e-3),
        bend_and_step,
        wrong={
            "no_2": lambda x, h: rise(x, h) / h,
            "not_divided": rise,
            "swapped": lambda x, h: -central_difference(x, h),
            "inner_only": lambda x, h: np.cos(x),
            "outer_only": lambda x, h: f(x),
            "forward": lambda x, h: (f(x + h) - f(x)) / h,
            "backward": lambda x, h: (f(x) - f(x - h)) / h,
            "half_rise": lambda x, h: (f(x + h) - f(x)) / (2 * h),
            "times_h": lambda x, h: rise(x, h) / 2 * h,
            "second_divided": lambda x, h: f(x + h) - f(x - h) / (2 * h),
        },
    ),
    Exercise(
        "01c",
        gradient_step,
        (-1.5, 0.2),
        weight_and_rate,
        wrong={
            "ascent": lambda w, eta: w + eta * loss_slope(w),
            "no_eta": lambda w, eta: w - loss_slope(w),
            "minus_loss": lambda w, eta: w - eta * (w - 3) ** 2,
            "no_2": lambda w, eta: w - eta * (w - 3),
            "step_only": lambda w, eta: -eta * loss_slope(w),
            "not_subtracted": lambda w, eta: eta * loss_slope(w),
            "slope_only": lambda w, eta: loss_slope(w),
            "no_3": lambda w, eta: w - eta * 2 * w,
            "no_brackets": lambda w, eta: w - eta * (2 * w - 3),
        },
    ),
    BugHunt("01bug", line="E"),
]
