"""The convolution stepper: its small arrays by hand, other sizes by SciPy and differences."""

import itertools

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from course_lib import explore
from course_lib.explore.convolution_stepper import ARRAYS, FILTER, FORWARD, INPUT, NOT_YET

SHAPES = list(itertools.product(ARRAYS, (1, 2), (0, 1)))


@pytest.fixture(scope="module")
def figure():
    return explore.convolution_stepper()


def ask(figure, **settings):
    return figure.numbers({**figure.settings, "step": 25, "mistake": True, **settings})


def whole(rows):
    return np.array(rows, float)


def test_the_small_arrays_by_hand(figure):
    n = ask(figure, mode=FORWARD)
    assert whole(n["O"]).tolist() == [[8, -1], [-3, 6]]
    assert whole(n["wrong"]).tolist() == [[9, 0], [0, 3]]
    n = ask(figure, mode=FILTER)
    assert n["grad_F"].tolist() == [[7, 16], [18, 15]]
    assert n["grad_F"][0, 0] == 2 * 2 - 1 * 1 + 4 * 0 + 1 * 4
    assert n["wrong"].tolist() == [[14, 11], [15, 6]]
    n = ask(figure, mode=INPUT)
    assert n["grad_X"].tolist() == [[4, -2, 0], [6, 5, -1], [-4, 3, 1]]
    assert n["wrong"].tolist() == [[2, -3, 1], [4, 1, -3], [0, 8, 2]]
    assert n["arrived"] == 5 == 2 * 1 - 1 * -1 + 4 * 0 + 1 * 2


def test_the_still_is_what_its_words_say(figure):
    n = figure.numbers(figure.settings)
    window, weights = n["patch"].ravel() * n["F"].ravel(), whole(n["weights"]).tolist()
    assert window.tolist() == [0 * 2, 4 * 0, 5 * -1, 2 * 1] and n["O"][1][0] == window.sum()
    for text in ("rows 2 0 and −1 1", "0·2 + 4·0 + 5·(−1) + 2·1 = −3", "after 8 and −1"):
        assert text in figure.alt
    assert weights == [[1, -1], [0, 2]] and "weights 1 −1 and 0 2" in figure.alt


def test_the_weights_of_the_middle_pixel_are_the_turned_filter(figure):
    n = ask(figure, mode=INPUT)
    assert (n["pixel"], n["outputs"]) == ([2, 2, 4], 4)
    assert whole(n["weights"]).tolist() == [[1, -1], [0, 2]]


def test_a_corner_touches_one_output(figure):
    n = ask(figure, pixel=3)
    assert n["weights"] == [[NOT_YET, 0.0], [NOT_YET, NOT_YET]]
    assert n["outputs"] == 1


def test_a_stride_may_leave_pixels_out(figure):
    n = ask(figure, mode=INPUT, stride=2, pixel=9)
    assert n["outputs"] == n["arrived"] == 0


def test_third_window_of_four(figure):
    n = ask(figure, step=3)
    assert n["window"] == [2, 1]
    assert n["patch"].tolist() == [[0, 4], [5, 2]]
    assert n["O"] == [[8, -1], [-3, NOT_YET]]
    assert ask(figure, step=3, mode=FILTER)["share"].tolist() == [[0, 16], [20, 8]]
    assert ask(figure, step=3, mode=FILTER)["grad_F"].tolist() == [[3, 15], [16, 15]]
    assert ask(figure, step=3, mode=INPUT)["laid"].tolist() == [[8, 0], [-4, 4]]
    assert ask(figure, step=3, mode=INPUT)["arrived"] == 3
    assert "wrong" not in ask(figure, mistake=False)


@pytest.mark.parametrize(("size", "stride", "padding"), SHAPES)
def test_every_shape_by_scipy(figure, size, stride, padding):
    X, F, signals = ARRAYS[size].values()
    at = {"size": size, "stride": stride, "padding": padding}
    padded, inside = np.pad(X, padding), slice(padding, padding + len(X))
    n = ask(figure, mode=FORWARD, **at)
    O = correlate2d(padded, F, "valid")[::stride, ::stride]
    assert np.array_equal(whole(n["O"]), O)
    wrong = convolve2d(padded, F, "valid")[::stride, ::stride]
    assert np.array_equal(whole(n["wrong"]), wrong)

    delta = signals[: len(O), : len(O)]
    spread = np.zeros(np.array(padded.shape) - len(F) + 1)
    spread[::stride, ::stride] = delta
    assert np.array_equal(
        ask(figure, mode=FILTER, **at)["grad_F"], correlate2d(padded, spread, "valid")
    )
    n = ask(figure, mode=INPUT, **at)
    assert np.array_equal(n["grad_X"], convolve2d(spread, F)[inside, inside])
    assert np.array_equal(n["wrong"], correlate2d(spread, F)[inside, inside])


@pytest.mark.parametrize(("size", "stride", "padding"), SHAPES)
def test_weights_are_slopes_of_outputs(figure, size, stride, padding):
    X, F, _ = ARRAYS[size].values()
    for pixel in (1, len(X) + 2, X.size):
        nudged = X.copy()
        nudged.flat[pixel - 1] += 1
        change = [
            correlate2d(np.pad(x, padding), F, "valid")[::stride, ::stride] for x in (X, nudged)
        ]
        n = ask(figure, size=size, stride=stride, padding=padding, pixel=pixel)
        weights = [[0 if w == NOT_YET else w for w in row] for row in n["weights"]]
        assert np.array_equal(weights, change[1] - change[0])


def test_shares_add_up_to_the_gradient(figure):
    at = {"size": "5 × 5", "padding": 1}
    shares = [ask(figure, mode=FILTER, step=k, **at)["share"] for k in range(1, 26)]
    assert np.array_equal(sum(shares), ask(figure, mode=FILTER, **at)["grad_F"])


def test_texts_stand_in_the_table(figure):
    rows = figure.rows({**figure.settings, "step": 1})
    assert ["output O so far, row 2", NOT_YET, NOT_YET] in rows
