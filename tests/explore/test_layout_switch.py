"""The layout switch: a product by hand, both layouts by central differences, failing orders."""

import numpy as np
import pytest

from course_lib import explore
from course_lib.calculus import jacobian

W = np.array([[1.0, 2.0, 0.0], [3.0, -1.0, 4.0]])


def z(x):
    a, b = W @ x
    return np.array([a * b, a**2, b**2, a + b])


@pytest.fixture(scope="module")
def figure():
    return explore.layout_switch()


def at(figure, **settings):
    return figure.numbers(figure.settings | settings)


def test_the_first_settings_by_hand(figure):
    n = at(figure)
    assert (list(n["u"]), list(n["z"])) == ([3, 2], [6, 9, 4, 5])
    assert n["left"].tolist() == [[1, 3], [2, -1], [0, 4]]
    assert n["right"].tolist() == [[2, 6, 0, 1], [3, 0, 4, 1]]
    assert n["product"].tolist() == [[11, 6, 12, 4], [1, 12, -4, 1], [12, 0, 16, 4]]
    assert n["factors"] == ["∂u/∂x, 3 × 2", "∂z/∂u, 2 × 4"]
    assert n["meeting"] == "u meets u: 2 = 2"
    assert (list(n["terms"]), n["entry"]) == ([2, 9], 11)


@pytest.mark.parametrize("layout", ["denominator", "numerator"])
@pytest.mark.parametrize("x", [(1, 1, 0), (-2, 1, 2), (0, 0, 0), (2, -2, -1)])
def test_both_layouts_agree_with_central_differences(figure, layout, x):
    n = at(figure, layout=layout, **dict(zip(("x1", "x2", "x3"), x, strict=True)))
    np.testing.assert_allclose(n["product"], jacobian(z, x, layout), atol=1e-6)


def test_every_entry_is_the_same_number_in_either_layout(figure):
    for k, name in enumerate(explore.layout_switch().controls[2].texts, 1):
        ours, theirs = (at(figure, follow=k, layout=s) for s in ("denominator", "numerator"))
        i, j = ("₁₂₃₄".index(name[place]) for place in (6, 2))
        assert ours["entry"] == theirs["entry"] == ours["product"][i, j] == theirs["product"][j, i]
        assert sum(ours["terms"]) == ours["entry"]


@pytest.mark.parametrize(
    ("layout", "factors", "meeting"),
    [
        ("denominator", ["∂z/∂u, 2 × 4", "∂u/∂x, 3 × 2"], "z meets x: 4 ≠ 3"),
        ("numerator", ["∂u/∂x, 2 × 3", "∂z/∂u, 4 × 2"], "x meets z: 3 ≠ 4"),
    ],
)
def test_in_the_order_of_the_other_layout_there_is_no_product(figure, layout, factors, meeting):
    n = at(figure, layout=layout, order="of the other layout")
    assert (n["factors"], n["meeting"]) == (factors, meeting)
    assert not n.keys() & {"product", "terms", "entry"}
    with pytest.raises(ValueError, match="mismatch"):
        n["left"] @ n["right"]
