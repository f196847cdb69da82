"""What lesson 06 says, or tells the lecturer, without a cell that shows it."""

from itertools import pairwise

import numpy as np
import pytest


def gradients(W1, b1, W2, b2, X, Y):
    """Of the mean squared error of tanh(X W1' + b1) W2' + b2, written for this test."""
    A = np.tanh(X @ W1.T + b1)
    delta = 2 * (A @ W2.T + b2 - Y) / len(X)
    below = delta @ W2 * (1 - A**2)
    return below.T @ X, below.sum(axis=0), delta.T @ A, delta.sum(axis=0)


def test_06_a_bias_would_hear_nothing_in_the_opening_question():
    a, y = np.array([2.0, -2.0]), np.array([0.5, -0.5])
    assert np.mean(2 * (a - y)) == 0
    assert np.mean(2 * (a - y) * a) == 6


def test_06_units_that_start_alike_on_both_sides_stay_alike():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(7, 4)), rng.normal(size=(7, 2))
    theta = [rng.normal(size=shape) for shape in ((3, 4), 3, (2, 3), 2)]
    theta[0][1], theta[1][1], theta[2][:, 1] = theta[0][0], theta[1][0], theta[2][:, 0]
    for _ in range(50):
        theta = [u - 0.05 * delta for u, delta in zip(theta, gradients(*theta, X, Y), strict=True)]
    assert np.allclose(theta[0][0], theta[0][1])
    assert not np.allclose(theta[0][0], theta[0][2])


def test_06_with_three_different_sizes_the_rule_of_the_other_product_does_not_fit():
    rng = np.random.default_rng(0)
    A, B, delta_C = rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
    with pytest.raises(ValueError, match="matmul"):
        delta_C @ B
    assert (delta_C.T @ A).shape != B.shape


def test_06_without_biases_pedersens_network_has_60_parameters():
    units = (3, 5, 5, 4)
    assert sum(m * k for k, m in pairwise(units)) == 60


def test_06_a_step_of_a_sum_with_the_rate_divided_is_the_step_of_the_mean():
    rng = np.random.default_rng(0)
    each = rng.normal(size=(32, 3, 4))
    assert np.allclose(0.3 * each.mean(axis=0), 0.3 / 32 * each.sum(axis=0))
    assert 0.009 < 0.3 / 32 < 0.01
