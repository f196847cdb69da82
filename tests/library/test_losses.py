"""Losses against numbers of the curriculum, worked out independently of this library."""

import math

import numpy as np
import pytest

from course_lib import Node, losses

P, Q = np.array([0.7, 0.2, 0.1]), np.array([0.5, 0.3, 0.2])


def test_negative_log_likelihood_of_three_items():
    """Chapter 03b: y = 1, 0, 1 with p = .9, .2, .6."""
    p, y = np.array([0.9, 0.2, 0.6]), np.array([1.0, 0, 1])
    assert losses.binary_cross_entropy(p, y, "sum").value == pytest.approx(0.839330, abs=5e-7)
    assert losses.binary_cross_entropy(p, y).value == pytest.approx(0.279777, abs=5e-7)


def test_cross_entropy_of_three_items():
    """Chapter 09: the product of the likelihoods is .187109."""
    logits, labels = np.array([[2.0, 1, 0], [0, 0, 0], [0, 1, 3]]), np.array([0, 1, 2])
    assert losses.cross_entropy(logits, labels, "sum").value == pytest.approx(1.676064, abs=5e-7)
    assert losses.cross_entropy(logits, labels).value == pytest.approx(0.558688, abs=5e-7)
    assert losses.cross_entropy(logits, labels, "sum").value == pytest.approx(
        -math.log(0.187109), abs=1e-5
    )


@pytest.mark.parametrize("order", ["C", "F"])
def test_three_class_head(order):
    """Chapter 10c, the rows or the columns of the logits together in memory."""
    logits = Node(np.array([[2.0, 1, -1], [0, 3, 1], [1, 0, 2], [-1, 2, 0.5]], order=order))
    J = losses.cross_entropy(logits, np.array([0, 1, 2, 0]))
    J.backward()
    assert J.value == pytest.approx(1.041944, abs=5e-7)
    assert logits.grad[0] == pytest.approx([-0.073654, 0.064874, 0.008780], abs=5e-7)


def test_wrong_classes_are_punished():
    """E04: z = (2, 1, .1, -1), the true class first."""
    z = Node([[2.0, 1, 0.1, -1]])
    losses.cross_entropy(z, [0]).backward()
    assert z.grad[0] == pytest.approx([-0.3619, 0.2347, 0.0954, 0.0318], abs=5e-5)


def test_entropies_and_divergence():
    """E45 and chapter 09b: H(p, q) = H(p) + KL(p || q), and it is not symmetric."""
    nll, kl = losses.negative_log_likelihood, losses.kl_divergence
    assert nll(Q, P).value == pytest.approx(0.886941, abs=5e-7)
    assert nll(P, Q).value == pytest.approx(1.121686, abs=5e-7)
    assert nll(P, P).value == pytest.approx(0.801819, abs=5e-7)
    assert kl(P, Q).value == pytest.approx(0.085123, abs=5e-7)
    assert kl(np.array([0, 1.0, 0]), Q).value == pytest.approx(-math.log(0.3))


def test_only_the_prediction_of_the_divergence_gets_a_gradient():
    p, q = Node(P), Node(Q)
    losses.kl_divergence(p, q).backward()
    assert p.grad is None
    assert q.grad == pytest.approx([-1.4, -2 / 3, -0.5])


def test_squared_error_has_no_half():
    prediction = Node([[1.0, 2.0], [3.0, 5.0]])
    J = losses.squared_error(prediction, np.array([[0.0, 2.0], [1.0, 1.0]]))
    J.backward()
    assert J.value == (1 + 4 + 16) / 2
    assert prediction.grad.tolist() == [[1, 0], [2, 4]]
    assert losses.squared_error(Node(3.0), 1.0).value == 4


def test_mean_is_over_rows():
    """E40: the sum is n times the mean."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0.1, 0.9, (5, 3)), rng.uniform(0.1, 0.9, (5, 3))
    for loss in (
        losses.squared_error,
        losses.binary_cross_entropy,
        losses.binary_cross_entropy_with_logits,
        losses.negative_log_likelihood,
        losses.kl_divergence,
    ):
        assert loss(x, y, "sum").value == pytest.approx(5 * loss(x, y).value)


def test_targets_take_the_dtype_of_the_prediction():
    x = Node(np.full((2, 3), 0.5, np.float32))
    y = np.eye(3)[:2]
    for loss in (losses.squared_error, losses.binary_cross_entropy, losses.negative_log_likelihood,
                 losses.binary_cross_entropy_with_logits):  # fmt: skip
        result = loss(x, y)
        result.backward()
        assert type(result.value) is float
        assert x.grad.dtype == np.float32
    assert losses.squared_error(x, np.ones((2, 3), int)).value == pytest.approx(0.75)


def test_a_prediction_that_is_no_number_shows_in_every_loss():
    """Also where the target gives it no weight; fit() then names the learning rate."""
    prediction, target = np.array([[0.5, np.nan, 0.5]]), np.array([[1.0, 0.0, 0.0]])
    for loss in (
        losses.squared_error,
        losses.binary_cross_entropy,
        losses.binary_cross_entropy_with_logits,
        losses.negative_log_likelihood,
    ):
        assert math.isnan(loss(prediction, target).value)
    assert math.isnan(losses.kl_divergence(target, prediction).value)
    assert math.isnan(losses.cross_entropy(prediction, [0]).value)
