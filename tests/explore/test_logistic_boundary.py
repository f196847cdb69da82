"""The line among iris petals: its numbers against scikit-learn and against every line there is."""

import itertools
import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from course_lib.data import load_iris
from course_lib.explore import logistic_boundary
from course_lib.explore.logistic_boundary import likeliest, most_right

petals = load_iris().inputs[:, 2:]
X = (petals - petals.mean(axis=0)) / petals.std(axis=0)
Y = load_iris().targets == 1


def at(w1, w2, b, printed=False):
    return logistic_boundary().numbers({"w1": w1, "w2": w2, "b": b, "printed": printed})


def test_the_most_likely_line_is_right_less_often_than_always_no():
    w1, w2, b = likeliest()
    np.testing.assert_allclose([b, w1, w2], [-0.7714, 2.7501, -2.3954], atol=5e-5)
    model = LogisticRegression(C=1e9, tol=1e-10, max_iter=10_000).fit(X, Y)
    np.testing.assert_allclose([w1, w2, b], [*model.coef_[0], model.intercept_[0]], atol=1e-4)
    found = at(w1, w2, b)
    assert found["right"] == 96
    assert found["percent"] == pytest.approx(64.0)
    assert found["nll"] == pytest.approx(0.5751, abs=5e-5)
    assert found["above"] == 0


def test_always_no_is_a_line_too():
    found = at(0.0, 0.0, -0.7)
    assert (found["right"], found["one"], found["rest"]) == (100, 0, 100)
    base = logistic_boundary().data["lines"]["no"]
    assert base["right"] == 100
    assert base["nll"] == pytest.approx(math.log(3) - 2 / 3 * math.log(2))


def test_no_half_plane_is_right_more_often_than_the_best():
    w1, w2, b = most_right()
    assert at(w1, w2, b)["right"] == 121
    # Any half-plane can be shifted and turned, none of its flowers leaving it, until its border
    # runs through two flowers; those on the border then belong to a side, cut at one of them.
    places = np.unique(X, axis=0)
    most = 0
    for p, q in itertools.combinations(places, 2):
        normal = np.array([p[1] - q[1], q[0] - p[0]])
        height = (X - p) @ normal
        on = np.abs(height) < 1e-9
        along = (X - p) @ (q - p)
        for sign in (1, -1):
            fixed = np.sum((sign * height > 0)[~on] == Y[~on])
            cuts = [along[on] >= t for t in along[on]] + [along[on] < t for t in along[on]]
            border = max(np.sum(cut == Y[on]) for cut in cuts)
            most = max(most, fixed + border, fixed + np.sum(Y[on]))
    assert most == 121


def test_the_best_line_is_as_steep_as_its_nll_allows():
    line = most_right()
    nll = at(*line)["nll"]
    assert nll < min(at(*(line * factor))["nll"] for factor in (0.98, 1.02))
    assert nll > at(*likeliest())["nll"]


def test_the_printed_formula_is_computed_as_it_is_printed():
    w1, w2, b = 2.0, -1.0, 0.75
    found = at(w1, w2, b, printed=True)
    p = 1 / (1 + np.exp(-(w1 * X[:, 0] + w2 * X[:, 1]) + b))
    assert found["right"] == np.sum((p >= 0.5) == Y)
    assert found["nll"] == pytest.approx(-np.mean(np.log(np.where(Y, p, 1 - p))))
    assert found["meant"] == [at(w1, w2, b)["right"], at(w1, w2, b)["nll"]]
    assert found["center"] == pytest.approx(1 / (1 + math.exp(0.75)))


def test_the_still_is_what_its_words_say():
    figure = logistic_boundary()
    found = figure.numbers(figure.settings)
    assert found["right"] == 111
    assert found["nll"] == pytest.approx(0.5976, abs=5e-5)
    assert found["one"] + found["rest"] == 111
    for text in ("111 of 150", "0.5976", "0.5751", "only 96", "121"):
        assert text in figure.alt


def test_it_takes_no_arguments():
    with pytest.raises(TypeError, match="takes 0 positional arguments but 1 was given"):
        logistic_boundary(3)
