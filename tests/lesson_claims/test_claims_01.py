"""What lesson 01 and its lecturer's notes claim and no cell of it shows."""

import math
from itertools import pairwise

import numpy as np
import pytest

from course_lib import explore
from course_lib.calculus import verify


def slope_of(x):
    return 2 * x * math.sin(x) + x**2 * math.cos(x)


def central_error(x, h):
    """Of the central difference of x^2 sin x, by math instead of NumPy."""
    above, below = (at**2 * math.sin(at) for at in (x + h, x - h))
    return abs((above - below) / (2 * h) - slope_of(x))


def typical(h):
    return np.median([central_error(x, h) for x in np.linspace(1.5, 2.5, 601).tolist()])


@pytest.mark.parametrize(
    ("h", "decimals"), [(1e-1, 1), (1e-2, 3), (1e-3, 5), (1e-5, 9), (1e-9, 6), (1e-13, 2)]
)
def test_right_decimals_do_not_hang_on_one_sine(h, decimals):
    assert 10.0 ** -(decimals + 1) < 0.8 * typical(h)
    assert typical(h) < 0.8 * 10.0**-decimals


def test_one_sided_a_tiny_step_is_no_better_than_a_moderate_one():
    """4 right decimals each."""
    for h in (1e-5, 1e-11):
        errors = [
            abs(((x + h) ** 2 * math.sin(x + h) - x**2 * math.sin(x)) / h - slope_of(x))
            for x in np.linspace(1.5, 2.5, 601).tolist()
        ]
        assert 1.25e-5 < np.median(errors) < 0.8e-4


def test_no_step_beats_that_of_verify_by_much():
    best = min(typical(10.0**-k) for k in range(1, 14))
    assert typical(1e-5) < 2 * best


def test_the_v_at_the_point_of_the_figure():
    """The same for exp(sin x), where the figure walks the V at 1.2."""

    def error(x, h):
        measured = (np.exp(np.sin(x + h)) - np.exp(np.sin(x - h))) / (2 * h)
        return np.abs(measured - np.cos(x) * np.exp(np.sin(x)))

    assert error(1.2, 1e-5) < 1e-9
    assert error(1.2, 1e-3) > 100 * error(1.2, 1e-5)
    many = np.linspace(0.8, 1.4, 601)
    assert np.median(error(many, 1e-11)) > 1e4 * np.median(error(many, 1e-5))


def test_with_the_tiniest_step_every_measured_slope_is_0():
    """Not only at 2: at all 601 points both neighbors are the point itself."""
    for x in np.linspace(1.5, 2.5, 601).tolist():
        assert x - 1e-16 == x == x + 1e-16


def test_a_thousand_measured_steps_for_a_million_weights_take_eleven_days():
    seconds = (1_000_000 + 1) / 1000
    assert 15 < seconds / 60 < 17
    assert 11 < 1000 * seconds / 86_400 < 12


def test_touch_it_the_paths_cancel_and_the_error_falls_then_rises():
    figure = explore.nudge_machine()

    def at(**changes):
        return figure.numbers(figure.settings | changes)

    slopes = {x: at(x=x)["slope"] for x in np.round(np.arange(2, 3.05, 0.1), 1).tolist()}
    assert min(slopes, key=lambda x: abs(slopes[x])) == 2.3
    assert abs(slopes[2.3]) < 0.1
    errors = [at(power=-k)["error"] for k in range(1, 14)]
    lowest = int(np.argmin(errors))
    assert all(a > b for a, b in pairwise(errors[:5]))
    assert all(a < b for a, b in pairwise(errors[lowest + 1 :]))


def test_a_wrong_slope_passes_at_0_and_1_only():
    def claim(x):
        return 2 * x * math.cos(x)

    def g(x):
        return np.sin(x**2)

    verify(claim(0.0), g, 0.0)
    verify(claim(1.0), g, 1.0)
    with pytest.raises(AssertionError, match="disagrees"):
        verify(claim(1.5), g, 1.5)


def test_mixing_up_2x_and_the_square_passes_at_2_and_not_elsewhere():
    for x, wrong in ((2.0, False), (1.7, True)):
        mixed = x**2 * math.sin(x) + math.cos(x) * x**2
        assert (abs(mixed - slope_of(x)) > 0.1) == wrong


def test_two_slopes_taken_one_after_the_other_are_the_gradient_at_neither_point():
    def slopes(w1, w2):
        r = w1 + 2 * w2 - 4
        return 2 * r + 2 * w1, 4 * r

    first = slopes(3.0, 3.0)
    moved = 3.0 - 0.1 * first[0]
    mixed = first[0], slopes(moved, 3.0)[1]
    assert mixed != slopes(3.0, 3.0)
    assert mixed != slopes(moved, 3.0)


def test_beside_the_saddle_the_loss_falls_again():
    w = np.array([1.0, 1e-3])
    for _ in range(200):
        w = w - 0.1 * np.array([2 * w[0], -2 * w[1]])
    assert w[0] ** 2 - w[1] ** 2 < -1


def test_halving_the_rate_cures_the_step_that_is_too_large():
    w = 2.0
    for _ in range(5):
        w = w - 0.5 * 2 * w
    assert w == 0
