"""Half-planes and their OR: against the lecture's program, geometry and the worked example."""

import numpy as np
import pytest

from course_lib.explore import half_planes

FIGURE = half_planes()
# The grid and the three units of the lecture's program, written out.
x1, x2 = np.meshgrid(np.linspace(-10, 10, 100), np.linspace(-10, 10, 100))
H = [
    1 / (1 + np.exp(-z))
    for z in (10 * x1 + 10 * x2 - 30, 10 * x1 - 10 * x2 - 30, -10 * x1 + x2 - 3)
]
OR = (x1 + x2 >= 3) | (x1 - x2 >= 3) | (x2 >= 10 * x1 + 3)


def at(**settings):
    return FIGURE.numbers(FIGURE.settings | settings)


def mask(runs):
    found = np.zeros((100, 100), bool)
    for row, start, end in np.reshape(runs, (-1, 3)):
        found[row, start:end] = True
    return found


def test_it_begins_with_the_units_of_the_lecture():
    np.testing.assert_array_equal(at()["w"], [[10, 10], [10, -10], [-10, 1]])
    np.testing.assert_array_equal(at()["b"], [-30, -30, -3])
    assert FIGURE.settings["bias"] == -1


def test_bias_minus_5_is_exactly_the_or():
    found = at(bias=-5.0)
    assert found["coverage"] == pytest.approx(97.42, abs=1e-9)
    assert found["union"] == pytest.approx(97.42, abs=1e-9)
    np.testing.assert_array_equal(mask(found["runs"]), OR)
    np.testing.assert_allclose(found["counted"][:2], [0.006693, 0.993307], atol=5e-7)


@pytest.mark.parametrize("bias", [-1.0, -5.0, -12.0, -15.0, -25.0])
def test_the_region_is_that_of_the_lecture_s_program(bias):
    output = 1 / (1 + np.exp(-(10 * sum(H) + bias)))
    found = at(bias=bias)
    np.testing.assert_array_equal(mask(found["runs"]), output >= 0.5)
    assert found["least"] == pytest.approx(output.min(), rel=1e-9)


def test_bias_minus_1_reaches_past_the_lines():
    assert at(bias=-1.0)["coverage"] == pytest.approx(98.05, abs=1e-9)
    assert at(bias=-1.0)["counted"][0] == pytest.approx(0.2689, abs=5e-5)


def test_the_plain_sum_says_yes_everywhere():
    found = at(plain=True)
    assert found["coverage"] == 100
    assert found["least"] == pytest.approx(0.5, abs=1e-6)
    assert found["output"] == pytest.approx(0.731059, abs=5e-7)
    assert at(plain=True, bias=-30.0)["output"] == found["output"]


def test_the_worked_example_at_5_5():
    assert at(bias=-5.0)["output"] == pytest.approx(0.993307, abs=5e-7)
    assert at()["output"] == pytest.approx(0.999877, abs=5e-7)
    np.testing.assert_allclose(at()["hidden"], [1, 0, 0], atol=1e-12)


def test_two_are_on_in_the_overlaps_and_the_three_never():
    inside = sum(h > 0.5 for h in H)
    assert at(bias=-15.0)["coverage"] == pytest.approx(np.mean(inside >= 2) * 100, abs=0.1)
    assert at(bias=-25.0)["coverage"] == 0
    assert at(bias=-25.0)["runs"] == []


def test_a_border_counts_as_yes():
    # The line x1 + x2 = 0 runs through grid points, where A is 1/2 and the others are off.
    settings = {"bias_a": 0.0, "bias_b": -110.0, "angle_c": -45.0, "bias_c": -80.0, "bias": -5.0}
    found = mask(at(**settings)["runs"])
    assert found[np.arange(100), 99 - np.arange(100)][40:60].all()
    assert not found[np.arange(99), 98 - np.arange(99)][40:60].any()


def test_the_still_is_what_its_words_say():
    found = at()
    assert (f"{found['coverage']:.2f}", f"{found['union']:.2f}") == ("98.05", "97.42")
    assert [f"{y:.4f}" for y in found["counted"][:2]] == ["0.2689", "0.9999"]
    for text in ("98.05 percent", "in 97.42", "0.2689", "0.9999", "only A is on"):
        assert text in FIGURE.alt


def test_it_takes_no_arguments():
    with pytest.raises(TypeError, match="takes 0 positional arguments but 1 was given"):
        half_planes(2)
