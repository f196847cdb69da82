"""The index microscope: one weight touches one z, and the batch gradient is a mean of products."""

import itertools

import numpy as np
import pytest

from course_lib import explore
from course_lib.calculus import jacobian
from course_lib.explore.index_microscope import INPUTS, SIGNALS, B, W

FIRST = {"i": 2, "j": 2, "nudge": 0.5, "batch": 1, "filled": 6}


@pytest.fixture(scope="module")
def figure():
    return explore.index_microscope()


def test_first_settings_by_hand(figure):
    assert figure.settings == FIRST
    found = figure.numbers(FIRST)
    # z_2 = 1*(-1) + (0.5 + 0.5)*2 - 0.5*0 + 2*3 - 1 = 6, and it was 5
    np.testing.assert_allclose(found["z"], [[2.5, 6, 1.5]])
    np.testing.assert_allclose(found["change"], [[0, 1, 0]])
    np.testing.assert_allclose(found["slopes"], [[0, 2, 0]])
    np.testing.assert_allclose(found["entry"], -0.2 * 2)
    np.testing.assert_allclose(found["gradient"][0], [-0.4, 0.8, 0, 1.2])
    # (0.4 - 0.2 + 0.1) times a: every row the same
    np.testing.assert_allclose(found["wrong_gradient"], [[-0.3, 0.6, 0, 0.9]] * 3)
    for text in ("z₂ moves by 1, because a₂ is 2", "the column 0, 2, 0", "−0.2 times 2 = −0.4"):
        assert text in figure.alt


def test_the_batch_of_three_by_hand(figure):
    found = figure.numbers(FIRST | {"batch": 3})
    # the first entry: (0.4*(-1) - 0.2*2 + 0.1*2) / 3
    expected = [[-0.2, 0.3, -0.1, 0.6], [0.4, -0.1, 0.1, -0.4], [-0.1, 0.2, -0.3, 0.7]]
    np.testing.assert_allclose(found["gradient"], expected)
    # with the signals 0.3, -0.3, 0.6 of the whole items
    np.testing.assert_allclose(found["wrong_gradient"], [[0.1, 0.4, -0.3, 0.9]] * 3)


def test_the_third_input_of_the_first_item_is_0_as_the_task_of_lesson_06_needs_it(figure):
    for i in (1, 2, 3):
        assert not figure.numbers(FIRST | {"i": i, "j": 3})["change"].any()
    assert not figure.numbers(FIRST)["gradient"][:, 2].any()


@pytest.mark.parametrize("i, j", [*itertools.product((1, 2, 3), (1, 2, 3, 4))])
def test_slopes_and_gradient_are_those_of_finite_differences(figure, i, j):
    found = figure.numbers(FIRST | {"i": i, "j": j, "batch": 3, "nudge": 0.0})

    def layer(w):
        return INPUTS @ w.reshape(3, 4).T + B

    slopes = jacobian(lambda w: layer(w).ravel(), W.ravel())[4 * (i - 1) + j - 1]
    np.testing.assert_allclose(found["slopes"], slopes.reshape(3, 3), atol=1e-8)
    assert np.count_nonzero(np.abs(found["slopes"]).sum(axis=0)) == 1
    entry = (SIGNALS.ravel() @ slopes) / 3
    np.testing.assert_allclose([found["entry"], found["gradient"][i - 1, j - 1]], entry, atol=1e-8)


def test_the_batch_gradient_is_the_mean_of_the_items(figure):
    for size in (1, 2, 3):
        found = figure.numbers(FIRST | {"batch": size, "i": 3, "j": 4})
        single = [np.outer(SIGNALS[n], INPUTS[n]) for n in range(size)]
        np.testing.assert_allclose(found["gradient"], np.mean(single, axis=0))
        np.testing.assert_allclose(found["products"], [product[2, 3] for product in single])


def test_takes_no_arguments():
    with pytest.raises(TypeError):
        explore.index_microscope(3)
