"""The nudge machine: the numbers of chapter 01, and a V whose arms are what theory says."""

import math

import numpy as np
import pytest

from course_lib import explore

FIRST = {"x": 2.0, "dx": 0.2, "power": -5}


@pytest.fixture(scope="module")
def figure():
    return explore.nudge_machine()


def test_the_step_starts_large_and_grows_to_the_right(figure):
    assert figure.numbers(figure.settings)["h"] == 0.1
    steps = [figure.numbers(FIRST | {"power": power})["h"] for power in range(-13, 0)]
    assert steps == [float(f"1e{power}") for power in range(-13, 0)]


def test_two_paths_of_the_chapter(figure):
    n = figure.numbers(FIRST)
    assert n["u"] == pytest.approx([4, 0.909297], abs=5e-7)
    assert n["along"] == pytest.approx([3.637190, -1.664587], abs=5e-7)
    assert n["slope"] == pytest.approx(1.972602, abs=5e-7)


@pytest.mark.parametrize(("x", "dx"), [(-2.5, 0.3), (1.3, -0.44), (0.0, 0.1)])
def test_what_a_nudge_carries_and_what_g_does(figure, x, dx):
    n = figure.numbers(FIRST | {"x": x, "dx": dx})
    by_square, by_sine = 2 * x * math.sin(x) * dx, x**2 * math.cos(x) * dx
    assert n["carried"] == pytest.approx([by_square, by_sine], abs=1e-12)
    assert n["promised"] == pytest.approx(by_square + by_sine, abs=1e-12)
    after = (x + dx) ** 2 * math.sin(x + dx)
    assert n["actual"] == pytest.approx(after - x**2 * math.sin(x), abs=1e-12)


def test_the_v(figure):
    """On one arm the error is h²/6 times the third derivative, on the other it is rounding."""
    errors = {k: figure.numbers(FIRST | {"power": -k})["error"] for k in range(1, 14)}
    sine, cosine = math.sin(1.2), math.cos(1.2)
    third = math.exp(sine) * (cosine**3 - 3 * sine * cosine - cosine)
    for k in (1, 2, 3, 4):
        assert errors[k] == pytest.approx(abs(third) / 6 * 10.0 ** (-2 * k), rel=0.01)
    assert errors[5] < 1e-9
    assert errors[3] > 100 * errors[5]
    rounding = np.finfo(float).eps * math.exp(sine)
    for k in range(7, 14):  # a few units in the last place of two values, over 2h
        assert errors[k] < 4 * rounding / (2 * 10.0**-k)
    assert errors[11] > 1e4 * errors[5]
