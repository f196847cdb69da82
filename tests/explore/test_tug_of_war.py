"""The tug-of-war: the numbers of chapter 09, slopes of the loss, and who holds the rope."""

import numpy as np
import pytest

from course_lib import explore
from course_lib.calculus import gradient

START = {"z1": 1.2, "z2": 0.75, "z3": -0.5, "true": "1", "source": False, "far": False}


@pytest.fixture(scope="module")
def figure():
    return explore.tug_of_war()


def loss(z, true):
    return np.log(np.exp(z).sum()) - z[true]


def test_first_settings_by_hand(figure):
    assert figure.settings == START
    n = figure.numbers(START)
    # e^1.2 + e^0.75 + e^-0.5 = 3.320117 + 2.117000 + 0.606531 = 6.043648
    assert n["p"] == pytest.approx([0.549356, 0.350285, 0.100358], abs=1e-6)
    assert n["delta"] == pytest.approx([-0.450644, 0.350285, 0.100358], abs=1e-6)
    assert n["loss"] == pytest.approx(1.7990078 - 1.2, abs=1e-6)
    assert (n["sum"], n["source_sum"]) == (0, pytest.approx(-0.450644, abs=1e-6))
    assert list(n["source"]) == pytest.approx([-0.450644, 0, 0], abs=1e-6)
    spoken = [f"{x:.2f}".replace("-", "−") for x in [*n["p"], *n["delta"]]]
    assert spoken == ["0.55", "0.35", "0.10", "−0.45", "0.35", "0.10"]
    assert all(text in figure.alt for text in ("1.2, 0.75 and −0.5", *spoken))


@pytest.mark.parametrize(
    ("z", "true", "p"),
    [
        ((2.0, 1.0, 0.0), "1", 0.665241),
        ((0.0, 0.0, 0.0), "2", 1 / 3),
        ((0.0, 1.0, 3.0), "3", 0.843795),
    ],
)
def test_further_instances(figure, z, true, p):
    n = figure.numbers(START | dict(zip(("z1", "z2", "z3"), z, strict=True)) | {"true": true})
    assert n["p"][int(true) - 1] == pytest.approx(p, abs=1e-6)
    assert n["missing"] == pytest.approx(1 - p, abs=1e-6)


def test_error_signals_are_slopes_of_the_loss(figure):
    z = np.array([0.35, -1.2, 2.05])
    n = figure.numbers(START | {"z1": z[0], "z2": z[1], "z3": z[2], "true": "2"})
    assert n["delta"] == pytest.approx(gradient(lambda z: loss(z, 1), z), rel=1e-6)
    for k, nudged in enumerate(n["nudged"]):
        assert nudged == pytest.approx(loss(z + 0.1 * np.eye(3)[k], 1) - loss(z, 1), rel=1e-9)
    assert n["after"] == pytest.approx(loss(z - n["delta"], 1), rel=1e-9)


def test_a_thousand_more_in_every_logit_changes_nothing(figure):
    near, far = figure.numbers(START), figure.numbers(START | {"far": True})
    for name in ("p", "delta", "loss", "nudged", "after"):
        assert far[name] == pytest.approx(near[name], abs=1e-9)
    assert near["naive"] == pytest.approx(near["p"])
    assert np.isnan(far["naive"]).all()
