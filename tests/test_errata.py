"""ERRATA.md: all fifty, where the lessons treat them, and numbers that come out as printed."""

import math
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from lesson_rules.lesson import words
from seed_coverage import CHAPTERS, WORDING_ONLY

from course_lib.calculus import derivative, gradient, jacobian

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "ERRATA.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.split(" | ")]
    for line in TEXT.replace("| E", "E").splitlines()
    if re.match(r"E\d\d ", line)
]
ROW = {row[0]: row for row in ROWS}


def test_all_fifty_stand_there_once_and_in_order():
    assert [row[0] for row in ROWS] == [f"E{n:02}" for n in range(1, 51)]
    assert {row[2] for row in ROWS} == {"M", "C", "N", "T", "–"}


@pytest.mark.parametrize("number", ROW)
def test_the_lessons_named_are_those_that_treat_it(number):
    lessons = re.findall(r"\[(\d\d)\]\(notebooks/(\d\d)_\w+\.ipynb\)", ROW[number][5])
    assert all(label == name for label, name in lessons)
    named = {name for name, _ in lessons} - {"16"}  # the capstone repeats one
    assert named == {chapter for chapter, parts in CHAPTERS.items() if number in parts.split()} - {
        "16"
    }
    assert bool(named) != ("this page" in ROW[number][5])
    if number in WORDING_ONLY.split():
        assert not named


def test_links_lead_to_files():
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (ROOT / target).is_file(), target


def test_the_page_is_a_table_not_a_book():
    assert words(TEXT) < 1900


# --- the numbers ---------------------------------------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def softmax(z):
    return np.exp(z) / np.exp(z).sum()


def grid_of_half_planes():
    """h1 + h2 + h3 of Pedersen's three units on his grid, and their OR."""
    x = np.stack(np.meshgrid(np.linspace(-10, 10, 100), np.linspace(-10, 10, 100)), axis=-1)
    z = x @ np.array([[10, 10], [10, -10], [-10, 1]]).T + np.array([-30, -30, -3])
    return sigmoid(z).sum(axis=-1), (z > 0).any(axis=-1)


def parameters(*sizes):
    return sum(m * n + m for n, m in pairwise(sizes))


def e01():
    def f(p, z):
        return (p[0] + p[1]) * z

    printed, right = (gradient(lambda p, z=z: f(p, z), [-2.0, 5.0]) for z in (4.0, -4.0))
    assert f([-2.0, 5.0], -4.0) == -12
    assert np.allclose(right, -4)
    yield "f = −12 and ∂f/∂x = −4"
    yield f"With z = 4, f = {f([-2.0, 5.0], 4.0):.0f} and ∂f/∂x = ∂f/∂y = {printed.mean():.0f}"


def e02():
    for x in ((2, 2), (1, 2), (0, 0)):
        yield from (f"{sigmoid(sum(x) - 3):.6f}", f"{1 / (1 + math.exp(-sum(x) - 3)):.6f}")


def e03():
    factor = derivative(lambda w: 3 / (2 * 50) * w**2, 1.0)
    yield from (f"factor {factor:.2f}", f"which is {3 / factor:.0f} times")


def e04():
    z = np.array([2.0, 1.0, 0.1, -1.0])
    raised = z + np.array([0, 1, 0, 0])

    def extended(z):
        return -np.log(softmax(z)[0]) - np.log(1 - softmax(z)[1:]).sum()

    for slopes in (gradient(lambda z: -np.log(softmax(z)[0]), z), gradient(extended, z)):
        yield ", ".join(f"{s:.4f}" for s in slopes).replace("-", "−")
    yield from (f"{-np.log(softmax(v)[0]):.4f}" for v in (z, raised))


def e05():
    right = derivative(lambda z: np.log(1 + np.exp(-z)), -5.0)
    a = sigmoid(-5)
    yield from (f"{x:.4f}".replace("-", "−") for x in (right, (a - 1) * a * (1 - a)))


def e07():
    assert np.dot((1, 1), (0, 0)) + 3 >= 0
    assert np.dot((1, 1), (0, 0)) - 3 < 0
    yield "+3 fires at (0, 0)"


def e08():
    y, p = np.array([1, 0, 1]), np.array([0.9, 0.2, 0.6])
    yes, no = y * np.log(p), (1 - y) * np.log(1 - p)
    yield from (f"{-np.sum(yes + no):.4f}", f"{np.sum(-yes + no):.4f}")


def e12():
    inside, outside = (
        0.8 * (sigmoid(200 * (x - 0.45)) - sigmoid(200 * (x - 0.55))) for x in (0.5, 0)
    )
    yield from (f"{inside:.4f}", f"{outside:.4f}")


def e14():
    steepest = max(derivative(sigmoid, z) for z in np.linspace(-3, 3, 61))
    yield from (f"{steepest:.2f}", f"{steepest**10:.1e}")


def e17():
    total, union = grid_of_half_planes()
    fires = [np.mean(sigmoid(10 * total + b) >= 0.5) for b in (-5, -1)]
    assert fires[0] == union.mean()
    yield from (f"{100 * share:.2f} %" for share in fires)
    yield from (f"{sigmoid(z):.4f}" for z in (-1, -5, 5))


def e18():
    fires = sigmoid(grid_of_half_planes()[0])
    yield from (f"{fires.min():.6f}", f"{100 * np.mean(fires >= 0.5):.0f} %")


def e19():
    yield from (f"{parameters(784, 30, 30, 10):,}", f"{parameters(3, 5, 5, 4)}")


def e21():
    x = 1.2
    right = math.cos(x) * math.exp(math.sin(x))

    def error(h):
        slope = (math.exp(math.sin(x + h)) - math.exp(math.sin(x - h))) / (2 * h)
        return abs(slope - right)

    assert error(1e-5) < 1e-9
    assert error(1e-11) > 1e-7
    yield "less than 1e-9 at ε = 1e-5"
    yield "more than 1e-7 at ε = 1e-11"


def e22():
    yield f"{3 + float(sigmoid(-4)):.3f}"


def e28():
    def f(v):
        return (v[0] + sigmoid(v[1])) / (v[0] ** 2 + v[1])

    right = gradient(f, [3.0, -4.0])
    yield from (f"{right[0]:.4f}".replace("-", "−"), f"{right[1]:.6f}".replace("-", "−"))
    yield from (f"{1 / 5}", f"{derivative(sigmoid, -4.0) / 5:.6f}")


def e31():
    with np.errstate(divide="ignore"):
        assert np.isneginf(np.log1p(-sigmoid(40.0)))
    yield from (f"{sigmoid(40.0)}", f"{np.logaddexp(0, 40.0):.1f}")


def e32():
    rng = np.random.default_rng(32)
    A, B, delta = rng.normal(size=(2, 3)), rng.normal(size=(4, 3)), rng.normal(size=(2, 4))
    np.testing.assert_allclose(gradient(lambda A: np.sum(delta * (A @ B.T)), A), delta @ B, 1e-6)
    np.testing.assert_allclose(gradient(lambda B: np.sum(delta * (A @ B.T)), B), delta.T @ A, 1e-6)
    B = B.T
    np.testing.assert_allclose(gradient(lambda B: np.sum(delta * (A @ B)), B), A.T @ delta, 1e-6)
    yield "for C = AB′"


def e33():
    class Gate:
        def forward(x, y):
            return x * y

    try:
        Gate().forward(2, 3)
    except TypeError as error:
        yield str(error).partition("() ")[2]


def e40():
    y, yhat = np.array([1.0, 0, 1, 1]), np.array([0.8, 0.3, 0.6, 0.9])
    mean = gradient(lambda v: np.mean((v - y) ** 2), yhat)
    total = gradient(lambda v: np.sum((v - y) ** 2), yhat)
    yield f"{np.mean(total / mean):.0f} times"


def e45():
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.5, 0.3, 0.2])
    yield from (f"{x:.4f}" for x in (-p @ np.log(q), p @ np.log(p / q), -q @ np.log(p)))


def e46():
    z = np.array([1.0, -0.5, 2.0])
    p = softmax(z)
    np.testing.assert_allclose(jacobian(softmax, z), np.diag(p) - np.outer(p, p), atol=1e-8)
    yield "diag(p) − pp′"


COMPUTED = {
    name.upper(): check for name, check in globals().items() if re.fullmatch(r"e\d\d", name)
}


@pytest.mark.parametrize("number", COMPUTED)
def test_what_is_printed_is_what_comes_out(number):
    said = " ".join(ROW[number][3:5])
    missing = [found for found in COMPUTED[number]() if found not in said]
    assert missing == []


def test_no_row_has_a_computed_number_without_a_check():
    for number, row in ROW.items():
        decimals = re.findall(r"\d\.\d{3,}", " ".join(row[3:5]))
        assert not decimals or number in COMPUTED, number
