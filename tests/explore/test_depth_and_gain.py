"""Depth and gain: the lesson's ratios, slopes by differences, and shares counted by hand."""

import numpy as np
import pytest

from course_lib import explore
from course_lib.calculus import gradient
from course_lib.explore.depth_and_gain import GAINS

ONE = GAINS.index(1.0)


@pytest.fixture(scope="module")
def figure():
    return explore.depth_and_gain()


def numbers(figure, activation, depth, gain=1.0):
    settings = {"activation": activation, "depth": depth, "gain": GAINS.index(gain)}
    return figure.numbers(settings)


def drawn():
    rng = np.random.default_rng(0)
    inputs, targets = rng.standard_normal((32, 64)), rng.standard_normal((32, 64))
    return inputs, targets, [rng.standard_normal((64, 64)) / 8 for _ in range(20)]


def answers(f, depth, gain):
    a, _, weights = drawn()
    for W in weights[:depth]:
        a = f(gain * a @ W.T)
        yield a


def test_first_settings(figure):
    assert figure.settings == {"activation": "sigmoid", "depth": 8, "gain": ONE}
    n = figure.numbers(figure.settings)
    assert n["product"] == 1 / 65536  # a quarter, eight times
    assert n["ratio"] == pytest.approx(2.21e-5, rel=5e-3)
    spoken = [f"{n['gradients'][-1]:.1f}", f"{n['gradients'][0]:.5f}"]
    spoken += [f"{n['spread'][0]:.2f}", f"{n['reach']:.7f}"]
    assert spoken == ["8.1", "0.00018", "0.21", "0.0000079"]
    assert all(f" {text} in layer " in figure.alt for text in spoken)


def test_ratios_of_the_lesson(figure):
    n = numbers(figure, "sigmoid", 10)
    assert n["ratio"] == pytest.approx(1.388e-6, rel=5e-4)
    assert n["product"] == pytest.approx(9.5e-7, rel=5e-3)
    assert n["quarter"] == pytest.approx(3.8e-6, rel=5e-3)
    assert numbers(figure, "tanh", 10)["ratio"] == pytest.approx(1.196, rel=5e-4)
    assert 5e-13 < numbers(figure, "sigmoid", 20)["ratio"] < 1.4e-12


@pytest.mark.parametrize(
    ("activation", "f"),
    [
        ("sigmoid", lambda z: 1 / (1 + np.exp(-z))),
        ("tanh", np.tanh),
        ("relu", lambda z: np.maximum(z, 0)),
        ("leaky relu", lambda z: np.where(z > 0, z, 0.01 * z)),
    ],
)
def test_the_only_layer_by_differences(figure, activation, f):
    inputs, targets, weights = drawn()
    slope = np.zeros((64, 64))
    for row in range(64):  # each unit has a loss of its own
        target = targets[:, row]
        slope[row] = gradient(
            lambda w, y=target: np.mean((f(inputs @ w) - y) ** 2), weights[0][row]
        )
    n = numbers(figure, activation, 1)
    assert n["gradients"] == [pytest.approx(np.linalg.norm(slope), rel=1e-5)]
    assert n["ratio"] == 1


def test_spread_and_shares(figure):
    n = numbers(figure, "relu", 12, GAINS[8])
    layers = list(answers(lambda z: np.maximum(z, 0), 12, 2**0.5))
    spread, flat, dead = np.array(n["layers"]).T[1:]
    assert spread == pytest.approx([np.sqrt(np.mean(np.std(a, axis=0) ** 2)) for a in layers])
    assert flat == pytest.approx([np.mean(a == 0) for a in layers])
    assert dead == pytest.approx([np.mean(a.max(axis=0) == 0) for a in layers])
    saturated = numbers(figure, "tanh", 3, 3.0)["layers"][:, 2]
    expected = [np.mean(1 - a**2 < 0.01) for a in answers(np.tanh, 3, 3.0)]
    assert saturated == pytest.approx(expected)
    assert not numbers(figure, "leaky relu", 20)["layers"][:, 2:].any()


def test_each_activation_has_gains_of_its_own(figure):
    """What the words promise: where both bands are met, at ten layers."""
    found = {}
    for activation in ("sigmoid", "tanh", "relu", "leaky relu"):
        all_numbers = [(gain, numbers(figure, activation, 10, gain)) for gain in GAINS]
        found[activation] = [round(gain, 3) for gain, n in all_numbers if n["inside"] == [10, 10]]
    assert found["sigmoid"] == []
    assert found["tanh"] == [1.0, 1.1, 1.2, 1.3, 1.414, 1.6]
    assert found["relu"] == found["leaky relu"] == [1.3, 1.414, 1.6]


@pytest.mark.parametrize("depth", range(2, 21))
def test_of_the_four_only_sigmoid_shrinks(figure, depth):
    for gain in GAINS:
        assert numbers(figure, "sigmoid", depth, gain)["ratio"] < 1 / 3
        for activation in ("tanh", "relu", "leaky relu"):
            n = numbers(figure, activation, depth, gain)
            assert n["ratio"] > 1 / 3
            ends = n["ratio"] < 3 and 0.1 <= n["reach"] <= 3  # what the words look at
            assert ends == (n["inside"] == [depth, depth])


def test_what_rounding_leaves_is_no_spread(figure):
    assert numbers(figure, "sigmoid", 20, 0.5)["reach"] == 0
