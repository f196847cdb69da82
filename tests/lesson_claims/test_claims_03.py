"""What lesson 03 says, or tells the lecturer, without a cell that shows it."""

import numpy as np

from course_lib.data import load_iris

PETALS, Y = load_iris().inputs[:, 2:], load_iris().targets == 1
X = np.column_stack([np.ones(150), (PETALS - PETALS.mean(axis=0)) / PETALS.std(axis=0)])


def right(w):
    return np.sum((X @ w >= 0) == Y)


def loss_and_gradient(w):
    z = X @ w
    losses = np.logaddexp(0, z) - Y * z
    return losses.mean(), X.T @ (1 / (1 + np.exp(-z)) - Y) / 150


def test_the_loss_falls_at_every_step_and_from_step_321_on_96_are_right():
    w, losses, counts = np.zeros(3), [], []
    for _ in range(5001):
        loss, slope = loss_and_gradient(w)
        losses.append(loss)
        counts.append(right(w))
        w = w - slope
    assert np.all(np.diff(losses[:1001]) < 0)
    assert counts[320] == 95
    assert set(counts[321:]) == {96}


def test_at_the_exact_maximum_96_are_right_and_the_probabilities_add_up_to_50():
    w = np.zeros(3)
    for _ in range(20):
        p = 1 / (1 + np.exp(-X @ w))
        w = w - np.linalg.solve((X * (p * (1 - p))[:, None]).T @ X, X.T @ (p - Y))
    assert right(w) == 96
    assert np.isclose(np.sum(1 / (1 + np.exp(-X @ w))), 50)


def test_the_setosas_get_one_chance_in_five_from_the_line_after_1000_steps():
    w = np.zeros(3)
    for _ in range(1000):
        w = w - loss_and_gradient(w)[1]
    p = 1 / (1 + np.exp(-X @ w))
    assert np.isclose(p[:50].mean(), 0.2, atol=0.02)
    assert np.all(PETALS[:50].max(axis=0) < PETALS[50:100].min(axis=0))
    assert p[:50].max() < 0.5


def test_on_the_way_the_count_rises_to_100_and_falls_again():
    w, counts = np.zeros(3), []
    for _ in range(101):
        counts.append(right(w))
        w = w - loss_and_gradient(w)[1]
    assert counts[0] == 50
    assert max(counts) == 100
    assert counts[100] == 90


def test_moving_b_alone_in_the_figure_brings_119_and_a_larger_loss():
    w = np.array([-0.7714, 2.7501, -2.3954])
    moved = np.array([-0.2, *w[1:]])
    assert right(w) == 96
    assert right(moved) == 119
    assert loss_and_gradient(moved)[0] > loss_and_gradient(w)[0]
