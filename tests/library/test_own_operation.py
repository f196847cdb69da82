"""An operation of one's own, as course_lib/README.md describes it, works everywhere."""

import numpy as np
import pytest

from course_lib import Node
from course_lib.calculus import verify
from course_lib.drawing import draw_graph
from course_lib.graph import value_of
from course_lib.layers import Linear, Sequential
from course_lib.losses import squared_error
from course_lib.optimizers import Adam
from course_lib.training import fit


def cosine(a) -> Node:
    """cos(x) for each entry; dy/dx = -sin(x)."""
    x = value_of(a)
    return Node(np.cos(x), "cosine", (a, lambda delta: -delta * np.sin(x)))


def test_its_gradient_is_right_through_broadcasting_and_forks():
    x = Node(np.array([[0.3, -1.2, 2.0], [0.7, 0.1, -0.4]]))

    def f(x):
        return (cosine(x) * x + cosine(x + np.array([1.0, 2, 3]))).sum()

    f(x).backward()
    verify(x.grad, f, x.value)


def test_it_takes_scalars_and_keeps_float32():
    x = Node(0.5)
    y = cosine(x) * 2
    y.backward()
    assert (y.value, x.grad) == (pytest.approx(1.755165), pytest.approx(-0.958851))
    assert type(x.grad) is float
    single = Node(np.ones(3, np.float32))
    cosine(single).sum().backward()
    assert single.grad.dtype == np.float32


def test_it_is_drawn_with_its_name():
    assert "cosine of x gives" in draw_graph(cosine(Node(0.5, name="x"))).description


def test_a_network_learns_with_it():
    """cos(w x + b) finds a wave."""
    x = np.linspace(-1, 1, 40).reshape(-1, 1)
    model = Sequential(Linear(1, 1, rng=np.random.default_rng(0)), cosine)
    model.layers[0].weight.value = np.array([[2.0]])
    history = fit(
        model, squared_error, x, np.cos(3 * x + 0.5),
        optimizer=Adam(model.parameters(), 0.05), epochs=300, progress=False,
    )  # fmt: skip
    assert history.loss[-1] < 1e-4 < history.loss[0]
    assert model.layers[0].weight.value.item() == pytest.approx(3, abs=0.01)
