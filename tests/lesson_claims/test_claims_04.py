"""What lesson 04 says, or tells the lecturer, without a cell that shows it."""

from itertools import pairwise

import numpy as np
import pytest

from course_lib import explore
from course_lib.calculus import gradient
from course_lib.data import load_iris

PETALS, Y = load_iris().inputs[:, 2:], load_iris().targets == 1
X = (PETALS - PETALS.mean(axis=0)) / PETALS.std(axis=0)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def outcome(theta):
    hidden = np.tanh(X @ theta[:4].reshape(2, 2).T + theta[4:6])
    return sigmoid(hidden @ theta[6:8] + theta[8])


def loss(theta):
    yhat = outcome(theta)
    return -np.mean(np.where(Y, np.log(yhat), np.log(1 - yhat)))


def test_no_half_plane_gets_more_than_121():
    """Between two angles at which flowers change places, all lines of one order count alike."""
    first, second = np.triu_indices(150, 1)
    across = (X[first] - X[second])[np.any(X[first] != X[second], axis=1)]
    angles = np.unique((np.arctan2(across[:, 1], across[:, 0]) % np.pi).round(9))
    best = 0
    for angle in (angles + np.append(angles[1:], angles[0] + np.pi)) / 2 + np.pi / 2:
        along = X @ [np.cos(angle), np.sin(angle)]
        order = np.argsort(along)
        apart = np.append(np.diff(along[order]) > 1e-12, True)  # equal petals stay together
        below = np.cumsum(np.where(Y[order], 1, -1))[apart]  # "yes" below a cut, and its excess
        best = max(best, 100 + below.max(), 50 - below.min())
    assert best == 121


def test_the_six_mistakes_lie_where_versicolor_and_virginica_mix():
    six = [70, 77, 83, 106, 119, 133]
    species = load_iris().targets
    assert sorted(species[six]) == [1, 1, 1, 2, 2, 2]
    for row in six:
        nearest = np.argsort(np.linalg.norm(X - X[row], axis=1), kind="stable")[:8]
        assert set(species[nearest]) == {1, 2}


def start(figure):
    return {each.name: each.value for each in figure.controls if hasattr(each, "value")}


def test_one_tanh_unit_says_yes_on_a_half_plane():
    rng = np.random.default_rng(4)
    for _ in range(200):
        (w, c), z = rng.normal(size=2), np.linspace(-9, 9, 500)
        yes = w * np.tanh(z) + c >= 0
        assert np.abs(np.diff(yes.astype(int))).sum() <= 1


def test_the_gradient_of_the_slides_goes_with_wx_not_with_its_transpose():
    x, delta = np.array([2.0, -1.0]), np.array([0.5, 1.0, -2.0])
    W = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
    np.testing.assert_allclose(gradient(lambda W: delta @ (W @ x), W), np.outer(delta, x))
    np.testing.assert_allclose(gradient(lambda V: delta @ (V.T @ x), W.T), np.outer(x, delta))


def test_tanh_at_the_output_is_no_probability():
    assert np.tanh(-1) < 0


def test_parameters_of_the_networks_named():
    def count(*sizes):
        return sum(m * (n + 1) for n, m in pairwise(sizes))

    assert count(3, 5, 5, 4) == 74  # the shapes that the lecture lists
    assert count(64, 32, 10) == 2410
    assert count(64, 16, 16, 10) - count(64, 16, 10) == 272
    assert 64 * 16 + 16 * 10 == 1184
    assert count(64, 16, 10) + 64 == 1274


def test_twins_stay_twins_and_others_do_not():
    equal, apart = np.full(9, 0.5), np.full(9, 0.5)
    apart[:4] = [0.5, 0.4, -0.5, 0.3]
    for _ in range(150):
        equal, apart = equal - 0.5 * gradient(loss, equal), apart - 0.5 * gradient(loss, apart)
    np.testing.assert_allclose(equal[:2], equal[2:4], atol=1e-6)
    assert np.abs(apart[:2] - apart[2:4]).max() > 0.1


def test_the_learned_strip_is_an_and():
    """Found from several starts: both units must be on the side of the flowers in the middle."""
    rng = np.random.default_rng(0)
    theta = np.concatenate([rng.normal(0, 0.7, 4), [0, 0], rng.normal(0, 0.7, 2), [0]])
    for _ in range(1500):
        theta = theta - 0.5 * gradient(loss, theta)
    w2, b2 = theta[6:8], theta[8]
    signs = np.sign(w2)
    assert w2 @ signs + b2 > 0
    for k in (0, 1):
        one_off = signs.copy()
        one_off[k] *= -1
        assert w2 @ one_off + b2 < 0


def test_a_network_stays_half_a_jump_away():
    place = np.array([0.5 - 1e-9, 0.5 + 1e-9])
    for steep in (10, 1000, 100000):
        worst = np.abs(sigmoid(steep * (place - 0.5)) - [0, 1]).max()
        assert worst >= 0.4999


@pytest.mark.parametrize(
    ("bias", "needed"), [(-1.0, 1), (-9.5, 1), (-10.5, 2), (-19.5, 2), (-20.5, 3), (-29.5, 3)]
)
def test_how_many_votes_the_bias_asks_for(bias, needed):
    figure = explore.half_planes()
    counted = figure.numbers({**start(figure), "bias": bias})["counted"]
    assert [value >= 0.5 for value in counted] == [on >= needed for on in range(4)]


def test_a_tenth_of_one_unit_is_a_yes_for_the_lecture():
    assert sigmoid(10 * 0.101 - 1) > 0.5 > sigmoid(10 * 0.099 - 1)


def test_the_touch_task_does_what_it_says():
    figure = explore.half_planes()
    settings = {**start(figure), "bias": -25.0}
    assert figure.numbers(settings)["coverage"] == 0
    # C dragged to the right: now its half-plane meets the other two
    assert figure.numbers({**settings, "bias_c": 80.0})["coverage"] > 0
    for angle in (-120.0, 0.0, 90.0):
        plain = figure.numbers({**settings, "plain": True, "angle_c": angle})
        assert plain["coverage"] == pytest.approx(100)
