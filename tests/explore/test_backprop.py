"""Stepping through graphs: the sums against backward(), finite differences and numbers by hand."""

import json
import re

import numpy as np
import pytest

from course_lib import Node, explore
from course_lib import functions as F
from course_lib.calculus import gradient
from course_lib.convolution import conv2d
from course_lib.drawing import draw_graph
from course_lib.graph import no_grad
from course_lib.losses import binary_cross_entropy, binary_cross_entropy_with_logits

# --- graphs: each a function of its variables, so that they can be nudged -------------------------


def quotient(x, y):
    return (x + F.sigmoid(y)) / (x**2 + y)


def network(x, W1, b1, w2, b2):
    a1 = F.sigmoid(W1 @ x + b1)
    return binary_cross_entropy(F.sigmoid(w2 @ a1 + b2), 1.0)


def diamond(w):
    u = w + 1
    v = u + 2
    return u * v


def broadcast(X, W, b):
    h = F.tanh(X @ W + b)
    return (h * h + b).sum()


def embedded(table, v):
    once, twice = F.embedding(table, np.array([1, 3, 1])), F.embedding(table, np.array([2, 1, 1]))
    return F.tanh(once @ v + twice.sum(axis=1)).sum()


def convolved(x, w, b):
    return F.relu(conv2d(x, w, b)).mean()


def penalized(w):
    hidden = np.array([0.5, 1 / (1 + np.exp(-1.5))])
    return binary_cross_entropy_with_logits(w @ hidden + 0.5, 1.0) + 0.1 * (w @ w)


def array(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape)


GRAPHS = {
    quotient: (3.0, -4.0),
    network: ([1.0, 2.0], [[0.5, -0.25], [1.0, 0.75]], [0.0, -1.0], [1.0, -2.0], 0.5),
    diamond: (3.0,),
    broadcast: (array(3, 4), array(4, 2), array(2)),
    embedded: (array(4, 3), array(3)),
    convolved: (array(2, 1, 5, 5), array(2, 1, 3, 3), array(2)),
    penalized: ([1.0, -2.0],),
}


def made(graph):
    leaves = [Node(np.array(v) if isinstance(v, list) else v) for v in GRAPHS[graph]]
    return graph(*leaves), leaves


def at_the_end(figure, **switches):
    return figure.numbers({**figure.settings, "step": 10**6, **switches})


def leaves_of(figure, **switches):
    """What the variables hold when the walk is over, in the order of the table."""
    numbers = at_the_end(figure, **switches)
    return [numbers[f"leaf{k}"] for k in range(len(figure.graph.leaves))]


# --- the right walk -----------------------------------------------------------------------------


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_sums_are_those_of_backward(graph):
    node, leaves = made(graph)
    figure = explore.backprop(node)
    node.backward()
    held = at_the_end(figure)["held"]
    for own, place, ancestor in zip(held, figure.places, node.ancestors(), strict=True):
        right = np.asarray(ancestor.grad)
        expected = right.ravel() if place is None else [right[place]]
        np.testing.assert_allclose(own, expected, rtol=1e-14)
    for leaf in leaves:
        copies = [copy for copy in figure.graph.nodes if copy.birth == leaf.birth]
        np.testing.assert_allclose(np.asarray(copies[0].grad), np.asarray(leaf.grad), rtol=1e-14)


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_sums_are_slopes(graph):
    node, leaves = made(graph)
    figure = explore.backprop(node)
    for k, (leaf, found) in enumerate(zip(leaves, leaves_of(figure), strict=True)):

        def nudged(value, k=k):
            values = [leaf.value for leaf in leaves]
            values[k] = value
            return graph(*map(Node, values)).value

        slope, place = np.asarray(gradient(nudged, leaf.value)), figure.places[k]
        expected = slope.ravel() if place is None else [slope[place]]
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_the_network_of_chapter_05():
    node, _ = made(network)
    x, W1, b1, w2, b2 = leaves_of(explore.backprop(node))
    np.testing.assert_allclose(x, [0.113274, 0.187089], atol=1e-6)
    np.testing.assert_allclose(W1, [-0.163414, -0.326828, 0.194981, 0.389962], atol=1e-6)
    np.testing.assert_allclose(b1, [-0.163414, 0.194981], atol=1e-6)
    np.testing.assert_allclose(w2, [-0.326828, -0.534413], atol=1e-6)
    np.testing.assert_allclose(b2, [-0.653656], atol=1e-6)


def test_the_penalty_of_chapter_08():
    figure = explore.backprop(made(penalized)[0])
    np.testing.assert_allclose(leaves_of(figure)[0], [-0.126828, -0.934413], atol=1e-6)


# --- the wrong ones -----------------------------------------------------------------------------


def test_a_missing_plus_loses_a_path():
    figure = explore.backprop(made(quotient)[0])
    assert np.ravel(leaves_of(figure)) == pytest.approx([-0.524317, -0.117187], abs=1e-6)
    wrong = leaves_of(figure, overwrite=True)
    assert np.ravel(wrong) == pytest.approx([0.2, 0.003533], abs=1e-6)
    cube = Node(3.0)
    figure = explore.backprop(cube * cube * cube)
    assert leaves_of(figure) == [[27.0]]
    assert leaves_of(figure, overwrite=True) == [[9.0]]


def test_naive_recursion_counts_the_first_report_twice():
    figure = explore.backprop(made(diamond)[0])
    assert leaves_of(figure) == [[10.0]]
    assert leaves_of(figure, dive=True) == [[16.0]]
    assert leaves_of(figure, overwrite=True) == [[4.0]]


@pytest.mark.parametrize("graph", GRAPHS)
def test_depth_first_is_the_recursion_of_the_lesson(graph):
    node, leaves = made(graph)

    def naive(node, share):
        node.grad = share if node.grad is None else node.grad + share
        for parent, vjp in node.edges:
            if isinstance(parent, Node):
                naive(parent, _shaped(vjp(node.grad), parent))

    naive(node, 1.0)
    figure = explore.backprop(node)
    for leaf, place, found in zip(
        leaves, figure.places, leaves_of(figure, dive=True), strict=False
    ):
        wrong = np.asarray(leaf.grad)
        expected = wrong.ravel() if place is None else [wrong[place]]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def _shaped(share, parent):
    share = np.asarray(share)
    while share.ndim > np.ndim(parent.value):
        share = share.sum(axis=0)
    return share if share.ndim else float(share)


def test_a_recursion_that_would_never_end_is_stopped():
    node = Node(1.0)
    for _ in range(30):
        node = node + node
    figure = explore.backprop(node)
    assert leaves_of(figure) == [[2.0**30]]
    assert figure.walks["dive"]["cut"]
    assert len(figure.walks["dive"]["visits"]) == 2000
    assert at_the_end(figure, dive=True)["position"] == "backward, 2001 of 2001"


# --- steps ----------------------------------------------------------------------------------------


def test_one_step_after_the_other():
    figure = explore.backprop(made(diamond)[0])
    names = {}
    for step in range(9):
        numbers = figure.numbers({**figure.settings, "step": step})
        names[numbers["position"]] = numbers["held"]
    assert names == {  # w, u, v, f
        "the start": [[], [], [], []],
        "forward, 1 of 3": [[], [], [], []],
        "forward, 2 of 3": [[], [], [], []],
        "forward, 3 of 3": [[], [], [], []],
        "backward, 1 of 5": [[], [], [], [1.0]],
        "backward, 2 of 5": [[], [6.0], [], [1.0]],
        "backward, 3 of 5": [[], [6.0], [4.0], [1.0]],
        "backward, 4 of 5": [[], [10.0], [4.0], [1.0]],
        "backward, 5 of 5": [[10.0], [10.0], [4.0], [1.0]],
    }
    numbers = figure.numbers({**figure.settings, "step": 7})
    assert [numbers[k] for k in ("local", "incoming", "share", "before", "after")] == [
        1.0,
        [4.0],
        [4.0],
        [6.0],
        [10.0],
    ]


def test_constants_get_no_share():
    figure = explore.backprop(np.array([1.0, 2.0]) @ (2.0 * Node([3.0, 4.0], name="u")))
    assert len(figure.walks["add"]["visits"]) == 2
    assert figure.data["nodes"][1]["constants"][0][0] == "2"


def test_local_derivatives_are_jacobians_in_denominator_layout():
    figure = explore.backprop(made(network)[0])
    to_x = next(e for e in figure.data["edges"] if figure.names[e["parent"]] == "u1")
    np.testing.assert_allclose(to_x["local"], [[0.5, 1.0], [-0.25, 0.75]])  # W1 transposed
    sigmoid = [0.25, 0.149146]  # sigma'(0), sigma'(1.5): entry by entry
    vectors = [e["local"] for e in figure.data["edges"] if np.shape(e["local"]) == (2,)]
    assert any(np.allclose(vector, sigmoid, atol=1e-6) for vector in vectors)


def test_what_is_not_finite_is_kept_as_it_is():
    x = Node([0.0, 1.0])
    with np.errstate(all="ignore"):
        node = (F.log(x) + 1 / x).sum()
    figure = explore.backprop(node)
    with np.errstate(all="ignore"):
        node.backward()
    np.testing.assert_array_equal(leaves_of(figure)[0], x.grad)
    assert "local" not in figure.data["edges"][0]
    json.dumps(figure.data, allow_nan=False)


def test_float32_and_empty_arrays():
    x = Node(np.float32([1, 2]) / 3)
    assert explore.backprop((x * x).sum()).data["nodes"][0]["single"]
    empty = Node(np.zeros((0, 3)))
    assert leaves_of(explore.backprop(empty.sum())) == ["none"]


# --- what does not happen -------------------------------------------------------------------------


@pytest.mark.parametrize("before", [False, True])
def test_the_nodes_stay_as_they_are(before):
    node, leaves = made(quotient)
    if before:
        node.backward()
    grads = [n.grad for n in node.ancestors()]
    picture = draw_graph(node).svg
    figure = explore.backprop(node)
    at_the_end(figure)
    assert [n.grad for n in node.ancestors()] == grads
    assert draw_graph(node).svg == picture
    node.backward(free=True)
    assert leaves_of(figure) == [[leaf.grad] for leaf in leaves]


def test_the_still_is_the_graph_with_its_error_signals():
    node, _ = made(quotient)
    figure = explore.backprop(node)
    assert "Error signals" in figure.alt
    assert "−0.5243" in figure.still()
    node.backward()
    assert figure.still() == draw_graph(node).svg


# --- large graphs and other arguments ------------------------------------------------------------


def chain(count):
    node = Node(1.0, name="x")
    for k in range(count - 1):
        node = F.sigmoid(node) if k % 2 else node * 1.5
    return node


def tangle(count, far):
    rng = np.random.default_rng(count)
    nodes = [Node(float(x)) for x in rng.normal(size=5)]
    while len(nodes) < count:
        a, b = (nodes[i] for i in rng.integers(max(0, len(nodes) - far), len(nodes), 2))
        nodes.append(F.tanh(a + nodes[-1]) if rng.random() < 0.5 else nodes[-1] - b)
    return nodes[-1]


@pytest.mark.parametrize("node", [chain(500), tangle(300, 20), tangle(300, 300)])
def test_large_graphs(node):
    figure = explore.backprop(node)
    node.backward()
    for leaf, found in zip(figure.graph.leaves, leaves_of(figure), strict=True):
        assert found == [pytest.approx(node.ancestors()[leaf].grad)]
    assert "too large for a picture" in figure.still()
    assert "too large for a picture" in figure.alt
    assert figure.controls[-1].options == ("Follow", "Whole graph")
    assert len(json.dumps(figure.data)) < 900_000
    boxes = [n["extent"] for n in figure.data["nodes"]]
    width, height = figure.data["size"]
    assert all(0 <= a < c <= width + 1 and 0 <= b < d <= height + 1 for a, b, c, d in boxes)


def test_boxes_and_labels_do_not_overlap():
    for graph in GRAPHS:
        boxes = [n["extent"] for n in explore.backprop(made(graph)[0]).data["nodes"]]
        for i, (a, b, c, d) in enumerate(boxes):
            for e, f, g, h in boxes[:i]:
                assert c <= e + 8 or g <= a + 8 or d <= f or h <= b, graph


def circle():
    x = Node(1.0)
    y = x * 2
    x.edges = ((y, lambda delta: delta),)
    return y


def taken_apart():
    y = Node(1.0) * 2
    y.backward(free=True)
    return y


def unrecorded():
    with no_grad():
        return Node(1.0) * 2


@pytest.mark.parametrize(
    ("node", "error", "message"),
    [
        (
            lambda: [1, 2],
            TypeError,
            "explore.backprop steps through the graph of a Node, found [1, 2], of type list",
        ),
        (
            lambda: Node([1.0, 2.0]) * 2,
            ValueError,
            "backward starts from a scalar, and this node has shape (2,): take its sum() or "
            "mean(), or give the error signal, explore.backprop(node, seed=...)",
        ),
        (
            unrecorded,
            ValueError,
            "this node was computed from nothing (a leaf, or made within no_grad()): there is no "
            "operation to step through",
        ),
        (
            taken_apart,
            RuntimeError,
            "backward(free=True) took this graph apart: compute it again",
        ),
        (
            circle,
            ValueError,
            "an edge of 'a node' leads to a node that is not older than it: a graph that runs in a "
            "circle cannot be drawn",
        ),
        (
            lambda: chain(1001),
            ValueError,
            "this graph has 1,001 nodes, and the figure steps through 1,000: take a part of it (a "
            "node in between), or a smaller example",
        ),
    ],
)
def test_bad_arguments(node, error, message):
    made = node()
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        explore.backprop(made)


def test_a_seed_of_another_shape():
    with pytest.raises(ValueError, match=r"^the seed has shape \(3,\), the node has shape \(2,\)$"):
        explore.backprop(Node([1.0, 2.0]) * 2, seed=[1, 2, 3])


def test_a_seed():
    figure = explore.backprop(Node([1.0, 2.0]) * 2, seed=[1.0, 10.0])
    assert leaves_of(figure) == [[2.0, 20.0]]


@pytest.mark.parametrize("name", ["<b>", "δ & co", "a" * 60, "名前", "v1"])
def test_any_name(name):
    x = Node(2.0, name=name)
    figure = explore.backprop(F.exp(x) * x)
    names = figure.names
    assert len(set(names)) == len(names)
    assert names[0] == name
