"""What lesson 11 says, or tells the lecturer, without a cell that shows it."""

import numpy as np
import pytest

from course_lib import explore
from course_lib.explore.depth_and_gain import GAINS


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_11_squared_error_is_heard_best_at_two_thirds():
    a = np.linspace(0, 1, 3001)
    assert a[np.argmax(a**2 * (1 - a))] == pytest.approx(2 / 3)


def test_11_less_than_a_fiftieth_gets_through_at_z_4():
    assert sigmoid(4) * (1 - sigmoid(4)) < 1 / 50


def good_gains(activation, depth):
    """The gains with which all bars of the figure end in their bands."""
    figure, found = explore.depth_and_gain(), []
    for place, gain in enumerate(GAINS):
        settings = {"activation": activation, "depth": depth, "gain": place}
        if figure.numbers(settings)["inside"] == [depth, depth]:
            found.append(round(gain, 2))
    return found


def test_11_what_the_task_at_the_figure_leads_to():
    opening = explore.depth_and_gain().settings["depth"]
    assert good_gains("sigmoid", opening) == good_gains("sigmoid", 20) == []
    assert good_gains("tanh", opening) == [0.85, 1.0, 1.1, 1.2, 1.3, 1.41, 1.6, 1.8, 2.0]
    assert good_gains("tanh", 20) == [1.0, 1.1, 1.2, 1.3, 1.41]
    assert good_gains("relu", 20) == [1.41]


def test_11_at_gain_1_deep_relu_has_level_gradients_and_forgets_its_inputs():
    settings = {"activation": "relu", "depth": 20, "gain": GAINS.index(1.0)}
    numbers = explore.depth_and_gain().numbers(settings)
    assert numbers["inside"][1] == 20
    assert numbers["reach"] < 0.001


@pytest.mark.parametrize("gain", [1.0, 2**0.5])
def test_11_a_third_of_the_last_relu_units_are_dead_at_birth(gain):
    settings = {"activation": "relu", "depth": 20, "gain": GAINS.index(gain)}
    *_, (_, _, _, dead) = explore.depth_and_gain().numbers(settings)["layers"]
    assert dead == pytest.approx(1 / 3, abs=0.01)


def test_11_units_of_a_fresh_first_layer_are_off_for_half_of_the_rows_and_not_dead():
    settings = {"activation": "relu", "depth": 1, "gain": GAINS.index(1.0)}
    _, _, off, dead = explore.depth_and_gain().numbers(settings)["layers"][0]
    assert off == pytest.approx(0.5, abs=0.05)
    assert dead == 0


@pytest.mark.parametrize("leak", [0.0, 0.01])
def test_11_relu_and_its_leaky_cousin_halve_the_mean_square(leak):
    z = np.random.default_rng(0).standard_normal(1_000_000)
    halved = np.mean(np.maximum(z, leak * z) ** 2) / np.mean(z**2)
    assert halved == pytest.approx(0.5, abs=0.005)


def first_over_last(gain, seed):
    """Ten sigmoid layers of 64 units, worked out without the library."""
    rng = np.random.default_rng(seed)
    x, targets = rng.standard_normal((32, 64)), rng.standard_normal((32, 64))
    weights = [gain * rng.standard_normal((64, 64)) / 8 for _ in range(10)]
    values = [x]
    for w in weights:
        values.append(sigmoid(values[-1] @ w.T))
    signal, norms = values[-1] - targets, []
    for w, below, a in zip(weights[::-1], values[-2::-1], values[:0:-1], strict=True):
        at_z = signal * a * (1 - a)
        norms.append(np.linalg.norm(at_z.T @ below))
        signal = at_z @ w
    return norms[-1] / norms[0]


def test_11_larger_weights_leave_sigmoids_hundreds_of_times_too_quiet_or_make_them_loud():
    assert all(1 / 1000 < first_over_last(3, seed) < 1 / 200 for seed in range(50))
    assert all(first_over_last(20, seed) > 3 for seed in range(50))
