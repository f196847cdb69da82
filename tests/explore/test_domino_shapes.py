"""Dominoes: what fits by counting, products by hand, and the check against central differences."""

from itertools import product

import numpy as np
import pytest

from course_lib import explore
from course_lib.calculus import jacobian
from course_lib.explore.domino_shapes import V, W

RIGHT, NUMERATOR = "∂u/∂x · ∂g/∂u", "(∂g/∂u)ᵀ · (∂u/∂x)ᵀ"
# Which two of N, K, M have to be equal, that each way clicks: counted on paper.
NEEDED = {
    RIGHT: "kk",
    "∂u/∂x · (∂g/∂u)ᵀ": "km",
    "(∂u/∂x)ᵀ · ∂g/∂u": "nk",
    "(∂u/∂x)ᵀ · (∂g/∂u)ᵀ": "nm",
    "∂g/∂u · ∂u/∂x": "mn",
    "(∂g/∂u)ᵀ · ∂u/∂x": "kn",
    "∂g/∂u · (∂u/∂x)ᵀ": "mk",
    NUMERATOR: "kk",
}
SIZES = list(product((1, 2, 3, 4), repeat=3))


@pytest.fixture(scope="module")
def figure():
    return explore.domino_shapes()


def at(figure, **settings):
    return figure.numbers(figure.settings | settings)


def g_of_x(n, k, m):
    return lambda x: 0.5 * (V[:m, :k] @ (W[:k, :n] @ x)) ** 2


def test_two_inputs_and_one_step_by_hand(figure):
    n = at(figure, n=2, k=1, m=1, check=True)  # u = x1 + 2 x2 = 3, g = (-2 u)^2 / 2, dg/du = 4 u
    assert n["product"].tolist() == [[12], [24]]
    assert n["reference"].tolist() == [[12], [24]]
    assert (n["tiles"], n["off"]) == (["2 × 1", "1 × 1"], 0)


@pytest.mark.parametrize(("n", "k", "m"), SIZES)
def test_tiles_click_where_sizes_are_equal(figure, n, k, m):
    sizes = {"n": n, "k": k, "m": m}
    found = at(figure, **sizes)
    clicks = {way: "≠" not in said for way, said in zip(*_told(found), strict=True)}
    assert clicks == {way: sizes[a] == sizes[b] for way, (a, b) in NEEDED.items()}
    assert found["clicks"] == sum(clicks.values())


@pytest.mark.parametrize(("n", "k", "m"), SIZES)
def test_the_right_way_is_right_at_every_size(figure, n, k, m):
    found = at(figure, n=n, k=k, m=m, check=True)
    np.testing.assert_allclose(found["product"], jacobian(g_of_x(n, k, m), np.ones(n)), atol=1e-5)
    assert (found["way"], found["verdicts"][0], found["off"]) == (RIGHT, "agrees", 0)


@pytest.mark.parametrize(("n", "k", "m"), [size for size in SIZES if size.count(1) < 2])
def test_no_wrong_way_is_right_by_chance(figure, n, k, m):
    assert at(figure, n=n, k=k, m=m, check=True)["right"] == 1


def test_shapes_decide_where_all_sizes_differ(figure):
    for n, k, m in SIZES:
        if len({n, k, m}) == 3:
            found = at(figure, n=n, k=k, m=m)
            assert (found["clicks"], found["shaped"]) == (2, 1)


def test_square_matrices_lie(figure):
    square = {"n": 3, "k": 3, "m": 3}
    found = at(figure, **square)
    assert (found["clicks"], found["shaped"], found["verdicts"]) == (8, 8, ["3 × 3"] * 8)
    assert not found.keys() & {"right", "reference", "off"}, "the check is off"
    found = at(figure, **square, check=True)
    assert found["right"] == 1
    assert [said == "agrees" for said in found["verdicts"]] == [way == RIGHT for way in NEEDED]


def test_numerator_layout_has_the_right_numbers_on_their_side(figure):
    settings = {"order": "∂g/∂u first", "turn_u": True, "turn_g": True, "check": True}
    found = at(figure, **settings)
    assert (found["way"], found["product"].shape) == (NUMERATOR, (2, 4))
    np.testing.assert_array_equal(found["product"].T, found["reference"])
    assert "off" not in found
    found = at(figure, **settings, n=3, k=3, m=3)
    assert found["off"] == np.abs(found["reference"].T - found["reference"]).max() > 0


def test_one_number_each_is_the_chain_rule_of_scalars(figure):
    found = at(figure, n=1, k=1, m=1, check=True)
    assert found["verdicts"] == ["agrees"] * 8


def _told(found):
    return found["ways"], found["verdicts"]
