"""Chapter 00: one step of gradient descent on J(w) = (w - 3)^2, by hand."""

from numpy.random import Generator

from ..exercise import NUMBER, Exercise


def loss(w):
    return (w - 3) ** 2


def slope(w):
    return 2 * (w - 3)


def w_new(w, eta) -> float:
    return w - eta * slope(w)


def by_hand(rng: Generator) -> tuple:
    """A starting point and a learning rate that need no calculator."""
    return float(rng.integers(-20, 81)) / 10, float(rng.choice([0.05, 0.1, 0.2, 0.25, 0.3, 0.4]))


EXERCISES = [
    Exercise(
        "00a",
        w_new,
        (2.0, 0.1),
        by_hand,
        kind=NUMBER,
        points=1,
        wrong={
            "uphill": lambda w, eta: w + eta * slope(w),
            "no_eta": lambda w, eta: w - slope(w),
            "loss_for_slope": lambda w, eta: w - eta * loss(w),
            "no_two": lambda w, eta: w - eta * slope(w) / 2,
            "step_only": lambda w, eta: -eta * slope(w),
            "slope_only": lambda w, eta: slope(w),
            "slope_of_square": lambda w, eta: w - eta * 2 * w,
            "minimum": lambda w, eta: 3.0,
            "new_loss": lambda w, eta: loss(w_new(w, eta)),
        },
    ),
]
