"""What lesson 09 says, or tells the lecturer, without a cell that shows it."""

import numpy as np
import pytest

from course_lib import explore
from course_lib.functions import sigmoid

START = {"z1": 1.2, "z2": 0.75, "z3": -0.5, "true": "1", "source": False, "far": False}


def softmax(z):
    powers = np.exp(z - np.max(z))
    return powers / powers.sum()


def test_scores_divided_by_their_sum_are_no_probabilities():
    z = np.array([2.0, 1.0, 0.1, -1.0])
    assert (z / z.sum())[3] < 0
    assert z.sum() == pytest.approx(2.1)


def test_of_two_classes_the_softmax_is_a_sigmoid():
    for z in (-3.0, 0.4, 5.0):
        assert softmax(np.array([0.0, z]))[1] == pytest.approx(sigmoid(z).value)


def test_a_softmax_of_a_softmax_is_never_sure():
    sure = softmax(softmax(np.array([0.0, 0.0, 0.0, 1000.0])))
    assert sure.max() == pytest.approx(np.e / (np.e + 3))  # less than a half


def test_to_subtract_the_mean_is_not_enough():
    z = np.array([0.0, 3000.0])
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(z - z.mean()).sum())
    assert np.isfinite(np.exp(z - z.max()).sum())


def test_a_thousand_classes_cost_about_7():
    assert round(np.log(1000)) == 7


# ---- the tasks at the figure ----


def test_class_3_is_pulled_as_far_as_the_others_together():
    numbers = explore.tug_of_war().numbers(START | {"true": "3"})
    p, delta = numbers["p"], numbers["delta"]
    assert delta[:2] == pytest.approx(p[:2])
    assert -delta[2] == pytest.approx(p[0] + p[1])


def test_after_ten_steps_downhill_all_arrows_are_short():
    figure, settings = explore.tug_of_war(), START | {"true": "3"}
    for _ in range(10):
        z = np.array([settings[f"z{c}"] for c in "123"]) - figure.numbers(settings)["delta"]
        settings = settings | dict(zip(("z1", "z2", "z3"), z.tolist(), strict=True))
    assert np.abs(figure.numbers(settings)["delta"]).max() < 0.1


def test_the_source_leaves_a_sum_and_a_thousand_more_breaks_the_formula_as_written():
    figure = explore.tug_of_war()
    assert figure.numbers(START | {"true": "3", "source": True})["source_sum"] < -0.5
    near, far = (figure.numbers(START | {"far": moved}) for moved in (False, True))
    assert far["p"] == pytest.approx(near["p"])
    assert np.isnan(far["naive"]).all()


def test_the_network_that_is_right_twice_has_the_smaller_likelihood():
    assert np.prod([0.9, 0.9, 0.001]) == pytest.approx(0.00081)
    assert np.prod([0.4, 0.4, 0.4]) == pytest.approx(0.064)


def test_the_divergence_is_never_negative():
    t = np.linspace(0.01, 5, 100)
    assert np.all(np.log(t) <= t - 1)
    rng = np.random.default_rng(0)
    for p, q in rng.dirichlet(np.ones(4), size=(100, 2)):
        assert np.sum(p * np.log(p / q)) >= np.sum(p - q) - 1e-12


def test_the_loss_of_a_softmax_of_a_softmax_stays_far_from_0():
    for K in (2, 3, 4, 10):
        surest = softmax(np.eye(K)[0])
        assert -np.log(surest[0]) > 0.3


def test_e_to_the_710_is_no_float():
    assert np.exp(709) < np.finfo(float).max < 1.8e308
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(710.0))
