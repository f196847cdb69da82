"""What lesson 07 and its lecturer's notes claim and no cell of it shows."""

import numpy as np
import pytest

from course_lib import Node, explore
from course_lib.explore.expression import BREAKS
from course_lib.functions import sigmoid
from course_lib.graph import value_of


def bump(a, forgets=False):
    u = value_of(a)
    w = np.exp(-(u**2))
    return Node(w, "bump", (a, lambda delta: (1 if forgets else delta) * (-2 * u * w)))


def test_which_broken_gates_spare_the_slope_of_z():
    figure = explore.expression()
    for how, spared in zip(BREAKS[1:], (False, True, True), strict=True):
        *_, (name, _, right, found) = figure.numbers(figure.settings | {"broken": how})["gradient"]
        assert name == "z"
        assert (right == found) == spared


def test_on_top_of_the_bump_nothing_comes_back_to_x():
    figure = explore.expression(own=[bump])
    settings = figure.settings | {"text": "bump(x) * z", "x": 0.0}
    (_, _, of_x, _), (_, _, of_z, _) = figure.numbers(settings)["gradient"]
    assert of_x == 0
    assert of_z == 1


@pytest.mark.parametrize("order", ["fedcba", "fbaedc"])
def test_two_orders_in_which_the_six_operations_may_report(order):
    x, y = Node(3.0), Node(-4.0)
    a = sigmoid(y)
    b = x + a
    c = x**2
    d = y + c
    e = 1 / d
    f = b * e
    nodes = dict(zip("abcdef", (a, b, c, d, e, f), strict=True))
    f.backward()
    right = x.grad, y.grad
    deltas = dict.fromkeys([*nodes.values(), x, y], 0.0) | {f: 1.0}
    for name in order:
        for parent, vjp in nodes[name].edges:
            if isinstance(parent, Node):
                deltas[parent] += vjp(deltas[nodes[name]])
    assert (deltas[x], deltas[y]) == pytest.approx(right, rel=1e-12)


def test_a_forgotten_signal_is_hidden_where_the_signal_is_1():
    def slope(f):
        x = Node(0.5)
        f(x).backward()
        return x.grad

    assert slope(lambda x: bump(x, forgets=True)) == slope(bump)
    assert slope(lambda x: bump(x, forgets=True) + 3) == slope(lambda x: bump(x) + 3)
    assert slope(lambda x: bump(x, forgets=True) * 3) != slope(lambda x: bump(x) * 3)


def test_youngest_first_matters():
    """The engine of the lesson with the oldest first: x never hears anything."""
    deltas = {"f": 1.0}
    edges = {"q": [("x", lambda delta: delta), ("y", lambda delta: delta)]}
    edges |= {"f": [("q", lambda delta: -4 * delta), ("z", lambda delta: 3 * delta)]}
    for node in "qf":
        for parent, send in edges[node]:
            deltas[parent] = send(deltas.get(node))
    assert deltas == {"f": 1.0, "q": -4.0, "x": None, "y": None, "z": 3.0}


def test_parameters_and_products_of_the_first_layer():
    assert 784 * 20 == 15_680
    assert 20 * 785 + 20 * 21 + 10 * 21 == 16_330
