"""Optimizers against steps worked out by hand; test_torch.py compares whole runs."""

import numpy as np
import pytest

from course_lib import Node, functions, layers, losses
from course_lib.optimizers import SGD, Adam
from course_lib.rows import Rows


def test_one_step_of_gradient_descent():
    """Chapter 00: J(w) = (w - 3)^2 at w = 2 with eta = 0.1 gives 2.2."""
    w = Node(2.0)
    optimizer = SGD([w], 0.1)
    ((w - 3) ** 2).backward()
    optimizer.step()
    assert w.value == pytest.approx(2.2)
    assert type(w.value) is float


def test_momentum_by_hand():
    w = Node(np.array([1.0]))
    optimizer = SGD([w], 0.5, momentum=0.9)
    for gradient, expected in ((1.0, 0.5), (2.0, -0.95), (0.0, -2.255)):
        w.grad = np.array([gradient])
        optimizer.step()
        assert w.value == pytest.approx([expected])


@pytest.mark.parametrize("gradient", [1e-3, 1.0, 100.0, -7.0])
def test_adams_first_step_is_the_sign(gradient):
    """Chapter 12: without the correction it would be 3.16 times larger."""
    w = Node(np.array([0.0, 5.0]))
    optimizer = Adam([w], learning_rate=1.0, eps=0.0)
    w.grad = np.array([gradient, 2.0])
    optimizer.step()
    assert w.value == pytest.approx([-np.sign(gradient), 4.0])


def test_a_gradient_is_used_once():
    w = Node(np.array([1.0, 2.0]))
    optimizer = SGD([w], 0.1)
    w.grad = np.array([1.0, 1.0])
    optimizer.step()
    assert w.grad is None
    optimizer.step()
    assert w.value == pytest.approx([0.9, 1.9])


@pytest.mark.parametrize("make", [SGD, Adam, lambda p, eta: SGD(p, eta, 0.9, 0.1)])
def test_two_heads_trained_in_turn(make):
    """A head that the newest backward() did not reach is left alone."""
    rng = np.random.default_rng(0)
    body = layers.Linear(3, 4, rng=rng)
    heads = layers.Linear(4, 2, rng=rng), layers.Linear(4, 2, rng=rng)
    optimizer = make([p for l in (body, *heads) for p in l.parameters()], 0.1)
    x, labels = rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    for turn in (0, 1, 0):
        before = [head.weight.value.copy() for head in heads]
        losses.cross_entropy(heads[turn](functions.tanh(body(x))), labels).backward()
        optimizer.step()
        assert (heads[turn].weight.value != before[turn]).any()
        np.testing.assert_array_equal(heads[1 - turn].weight.value, before[1 - turn])


@pytest.mark.parametrize("make", [SGD, Adam, lambda p, eta: SGD(p, eta, 0.9, 0.1)])
def test_your_arrays_and_the_gradients_are_never_written_to(make):
    mine, table = np.ones((3, 2)), np.ones((4, 2))
    a, b, e = Node(mine), Node(mine), Node(table)
    optimizer = make([a, b, e], 0.1)
    (a + b + functions.embedding(e, np.array([0, 2, 0]))).backward(np.ones((3, 2)))
    shared, rows = a.grad, e.grad
    assert shared is b.grad
    optimizer.step()
    np.testing.assert_array_equal(shared, np.ones((3, 2)))
    np.testing.assert_array_equal(rows.rows, np.ones((3, 2)))
    np.testing.assert_array_equal(mine, 1)
    np.testing.assert_array_equal(table, 1)
    np.testing.assert_array_equal(a.value, b.value)
    assert (a.value != 1).all()


@pytest.mark.parametrize("make", [SGD, Adam, lambda p, eta: SGD(p, eta, 0.9, 0.1)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rows_read_every_time_move_as_in_a_dense_table(make, dtype):
    rng = np.random.default_rng(3)
    start = rng.normal(size=(3, 2)).astype(dtype)
    sparse, dense = Node(start), Node(start)
    for node, as_array in ((sparse, False), (dense, True)):
        optimizer = make([node], 0.1)
        for k in range(4):
            ids = np.array([2, 0, 1, 0, 2])
            delta = np.random.default_rng(k).normal(size=(5, 2)).astype(dtype)
            functions.embedding(node, ids).backward(delta)
            if as_array:
                node.grad = node.grad.dense()
            optimizer.step()
    assert sparse.value.dtype == dtype
    np.testing.assert_allclose(
        sparse.value, dense.value, rtol=1e-4 if dtype is np.float32 else 1e-12
    )


def test_decay_and_momentum_touch_only_rows_that_were_read():
    start = np.arange(1.0, 9).reshape(4, 2)
    table = Node(start)
    optimizer = SGD([table], 0.1, momentum=0.9, weight_decay=0.5)
    for ids in ([1, 1, 3], [1, 1, 1]):
        table.grad = Rows(np.array(ids), np.ones((3, 2)), (4, 2))
        optimizer.step()
    np.testing.assert_array_equal(table.value[[0, 2]], start[[0, 2]])
    # row 3: one step of 0.1 (1 + 0.5 w), its momentum waits
    np.testing.assert_allclose(table.value[3], start[3] - 0.1 * (1 + 0.5 * start[3]))
    # row 1: shares 2 and 3, each once with the decay of the value it then has
    first = start[1] - 0.1 * (2 + 0.5 * start[1])
    velocity = 0.9 * (2 + 0.5 * start[1]) + 3 + 0.5 * first
    np.testing.assert_allclose(table.value[1], first - 0.1 * velocity)


def test_large_tables_move_like_small_ones():
    """Blocks must cover every row of an array whose length is no multiple of them."""
    value = np.random.default_rng(0).normal(size=(1037, 101))
    w = Node(value)
    optimizer = SGD([w], 0.5)
    w.grad = value * 0.2
    optimizer.step()
    np.testing.assert_allclose(w.value, value * 0.9)


def test_shared_parameters_move_once():
    w = Node(np.array([1.0]))
    optimizer = SGD([w, w], 0.1)
    (w * 1.0).sum().backward()
    optimizer.step()
    assert w.value == pytest.approx([0.9])


def test_an_optimizer_says_what_it_is():
    assert (
        repr(SGD(layers.Linear(2, 3).parameters(), 0.1)) == "SGD(2 parameters, learning_rate=0.1)"
    )
