"""The "stop now" game: the lesson's numbers, one training by hand, and nothing of the future."""

import numpy as np
import pytest

from course_lib import explore
from course_lib.explore.stop_now import STEPS, _early_stopping, _start

SETTINGS = {"frame": STEPS.index(480), "sample": "A", "penalty": "0", "revealed": True}


@pytest.fixture(scope="module")
def figure():
    return explore.stop_now()


def test_the_lesson_without_penalty(figure):
    n = figure.numbers(SETTINGS)
    assert n["best"] == [pytest.approx(0.2788, abs=5e-5), 300]
    assert n["end"] == pytest.approx([0.0010, 1.5096], abs=5e-5)
    assert n["regret"] == pytest.approx(n["validation"] - 0.2788, abs=5e-5)
    at_best = figure.numbers(SETTINGS | {"frame": STEPS.index(300)})
    assert at_best["training"] == pytest.approx(0.1535, abs=5e-5)
    assert at_best["regret"] == 0


def test_penalties_lift_the_end(figure):
    n = figure.numbers(SETTINGS)
    assert n["ends"] == pytest.approx([1.5096, 0.4148, 0.2753], abs=5e-5)
    strong = figure.numbers(SETTINGS | {"penalty": "0.003"})
    assert strong["best"] == [strong["end"][1], 10_000]
    weak = figure.numbers(SETTINGS | {"penalty": "0.001"})
    assert weak["best"][0] == pytest.approx(0.2773, abs=1e-4)


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        ([9, 8, 7, 7.5, 7.4, 7.3, 7.2, 7.1, 1], (7, 2)),
        ([9, 8, 7, 7.5, 7.4, 7.3, 7.2, 6, 6.5], (8, 7)),
        ([5, 4, 3, 2, 1], (4, 4)),
    ],
    ids=["fooled by a hill", "over the hill", "runs to the end"],
)
def test_patience(curve, expected):
    assert _early_stopping(curve) == expected


@pytest.mark.parametrize(
    ("sample", "ended", "restored", "best"),
    [("A", 480, 300, 300), ("B", 33, 21, 440), ("C", 1400, 910, 910), ("D", 13, 8, 8)],
)
def test_patience_is_fooled_by_some_data(figure, sample, ended, restored, best):
    n = figure.numbers(SETTINGS | {"sample": sample})
    assert n["patience"] == [ended, restored] and n["best"][1] == best
    assert (n["cost"] > 0) == (restored != best)


def test_one_training_by_hand(figure):
    """Seed 13 alone, with slopes written out: stacked with others it learns the same."""
    x, y, x_new, y_new, W1, w2 = _start(13)
    b1, b2 = np.zeros(50), 0.0
    for _ in range(100):
        a = np.tanh(x @ W1 + b1)
        delta = (1 / (1 + np.exp(-(a @ w2 + b2))) - y) / 30
        delta_z = delta @ w2.T * (1 - a**2)
        W1, b1 = W1 - 0.5 * (x.T @ delta_z + 0.002 * W1), b1 - 0.5 * delta_z.sum(axis=0)
        w2, b2 = w2 - 0.5 * (a.T @ delta + 0.002 * w2), b2 - 0.5 * delta.sum()
    z = np.tanh(x_new @ W1 + b1) @ w2 + b2
    expected = np.mean(np.log1p(np.exp(z)) - y_new * z)
    n = figure.numbers(
        {"frame": STEPS.index(100), "sample": "D", "penalty": "0.001", "revealed": False}
    )
    assert n["validation"] == pytest.approx(expected, rel=1e-9)


def test_the_future_has_no_part_before_the_stop(figure, monkeypatch):
    settings = SETTINGS | {"revealed": False}
    before = figure.numbers(settings)
    assert "best" not in before and "patience" not in before
    changed = tuple(curves.copy() for curves in figure.curves)
    for curves in changed:
        curves[..., SETTINGS["frame"] + 1 :] = -1.0
    monkeypatch.setattr(figure, "curves", changed)
    assert figure.numbers(settings) == before


def test_at_the_last_record_the_game_is_over(figure):
    n = figure.numbers(SETTINGS | {"frame": len(STEPS) - 1, "revealed": False})
    assert n["over"] and n["regret"] == pytest.approx(1.2308, abs=1e-4)
