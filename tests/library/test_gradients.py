"""Every gradient against central differences of plain NumPy: float64, float32, all broadcasting."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from course_lib import Node, functions, losses
from course_lib.calculus import gradient
from course_lib.convolution import conv2d
from course_lib.graph import value_of

IDS = np.array([[3, 0, 3], [1, 3, 4]])
LABELS = np.array([2, 0, 1, 2, 2])
ONE_HOT = np.eye(4)[LABELS] * 0.7 + 0.1  # not really one-hot: every entry counts
HALVES = np.random.default_rng(5).uniform(0.1, 0.9, (5, 4))


# name: (function of nodes or arrays, shapes of its operands, how they are drawn)
CASES = {
    "negative": (lambda a: -a, [(3, 4)], "normal"),
    "power": (lambda a: a**3, [(3, 4)], "normal"),
    "power of a root": (lambda a: a**-1.5, [(3, 4)], "positive"),
    "matrix product": (lambda a, b: a @ b, [(3, 4), (4, 2)], "normal"),
    "sum": (lambda a: a.sum(), [(3, 4)], "normal"),
    "sum over rows": (lambda a: a.sum(axis=0), [(3, 4)], "normal"),
    "sum over two axes": (lambda a: a.sum(axis=(0, -1)), [(3, 4, 2)], "normal"),
    "sum that keeps its axis": (lambda a: a.sum(axis=1, keepdims=True), [(3, 4)], "normal"),
    "mean": (lambda a: a.mean(), [(3, 4)], "normal"),
    "mean over columns": (lambda a: a.mean(axis=1), [(3, 4)], "normal"),
    "mean over two axes": (lambda a: a.mean(axis=(0, 2), keepdims=True), [(3, 4, 2)], "normal"),
    "reshape": (lambda a: a.reshape(6, 2), [(3, 4)], "normal"),
    "reshape by tuple": (lambda a: a.reshape((2, -1)), [(3, 4)], "normal"),
    "transpose": (lambda a: a.T, [(3, 4)], "normal"),
    "transpose by axes": (lambda a: a.transpose(1, 2, 0), [(3, 4, 2)], "normal"),
    "slice": (lambda a: a[1:, ::2], [(3, 4)], "normal"),
    "fancy index": (lambda a: a[[0, 2, 0], [1, 1, 1]], [(3, 4)], "normal"),
    "mask": (lambda a: a[np.array([True, False, True])], [(3, 4)], "normal"),
    "exp": (functions.exp, [(3, 4)], "normal"),
    "log": (functions.log, [(3, 4)], "positive"),
    "sqrt": (functions.sqrt, [(3, 4)], "positive"),
    "tanh": (functions.tanh, [(3, 4)], "normal"),
    "sigmoid": (functions.sigmoid, [(3, 4)], "normal"),
    "softplus": (functions.softplus, [(3, 4)], "normal"),
    "relu": (functions.relu, [(3, 4)], "normal"),
    "leaky_relu": (lambda a: functions.leaky_relu(a, 0.1), [(3, 4)], "normal"),
    "elu": (lambda a: functions.elu(a, 1.3), [(3, 4)], "normal"),
    "maximum": (functions.maximum, [(3, 4), (4,)], "normal"),
    "maxout": (lambda a: functions.maxout(a, 3), [(4, 6)], "normal"),
    "softmax": (functions.softmax, [(3, 4)], "normal"),
    "softmax over rows": (lambda a: functions.softmax(a, axis=0), [(3, 4)], "normal"),
    "softmax of a vector": (functions.softmax, [(4,)], "normal"),
    "log_softmax": (functions.log_softmax, [(3, 4)], "normal"),
    "log_softmax over rows": (lambda a: functions.log_softmax(a, axis=0), [(3, 4)], "normal"),
    "concatenate": (lambda a, b: functions.concatenate([a, b]), [(2, 3), (4, 3)], "normal"),
    "concatenate columns": (
        lambda a, b, c: functions.concatenate([a, b, c], axis=1),
        [(2, 3), (2, 1), (2, 4)],
        "normal",
    ),
    "concatenate last axis": (
        lambda a, b: functions.concatenate([a, b], axis=-1),
        [(2, 3, 1), (2, 3, 4)],
        "normal",
    ),
    "embedding": (lambda a: functions.embedding(a, IDS), [(5, 4)], "normal"),
    "embedding twice": (
        lambda a: functions.embedding(a, IDS) * functions.embedding(a, IDS[::-1]),
        [(5, 4)],
        "normal",
    ),
    "linear": (functions.linear, [(5, 3), (2, 3), (2,)], "normal"),
    "linear without bias": (functions.linear, [(5, 3), (2, 3)], "normal"),
    "linear of a stack": (functions.linear, [(4, 5, 3), (2, 3), (2,)], "normal"),
    "linear of a vector": (functions.linear, [(3,), (2, 3), (2,)], "normal"),
    "dropout": (
        lambda a: functions.dropout(a, 0.4, np.random.default_rng(3)),
        [(3, 4)],
        "normal",
    ),
    "conv2d": (conv2d, [(2, 3, 5, 6), (4, 3, 2, 3), (4,)], "normal"),
    "conv2d with stride": (
        lambda x, w, b: conv2d(x, w, b, stride=2, padding=1),
        [(2, 3, 5, 6), (4, 3, 3, 2), (4,)],
        "normal",
    ),
    "conv2d without bias": (
        lambda x, w: conv2d(x, w, stride=3, padding=2),
        [(2, 1, 7, 4), (3, 1, 4, 2)],
        "normal",
    ),
    "squared_error": (lambda a: losses.squared_error(a, HALVES), [(5, 4)], "normal"),
    "squared_error, sum": (lambda a: losses.squared_error(a, HALVES, "sum"), [(5, 4)], "normal"),
    "binary_cross_entropy": (
        lambda a: losses.binary_cross_entropy(a, HALVES),
        [(5, 4)],
        "probability",
    ),
    "binary_cross_entropy_with_logits": (
        lambda a: losses.binary_cross_entropy_with_logits(a, HALVES),
        [(5, 4)],
        "normal",
    ),
    "cross_entropy": (lambda a: losses.cross_entropy(a, LABELS), [(5, 4)], "normal"),
    "cross_entropy, sum": (lambda a: losses.cross_entropy(a, LABELS, "sum"), [(5, 4)], "normal"),
    "negative_log_likelihood": (
        lambda a: losses.negative_log_likelihood(a, ONE_HOT),
        [(5, 4)],
        "probability",
    ),
    "kl_divergence": (lambda a: losses.kl_divergence(HALVES, a), [(5, 4)], "probability"),
    "kl_divergence, sum": (
        lambda a: losses.kl_divergence(HALVES, a, "sum"),
        [(5, 4)],
        "probability",
    ),
}


def draw(shapes, how, rng):
    """Operands away from 0 (the kink of ReLU), from each other (ties) and from the borders."""
    if how == "positive":
        return [rng.uniform(0.5, 2, shape) for shape in shapes]
    if how == "probability":
        return [rng.uniform(0.1, 0.9, shape) for shape in shapes]
    sizes = [rng.uniform(0.05, 2, shape) for shape in shapes]
    return [size * rng.choice([-1, 1], size.shape) for size in sizes]


def check(f, operands, dtype=np.float64, tolerance=1e-6):
    """Compare backward() with central differences, for a random error signal of the output."""
    leaves = [Node(x.astype(dtype) if x.ndim else x) for x in operands]
    result = f(*leaves)
    if result.shape:
        assert result.value.dtype == dtype
    else:
        assert type(result.value) is float
    delta = np.random.default_rng(9).normal(size=result.shape)
    result.backward(delta)
    for i, leaf in enumerate(leaves):

        def of_this_operand(x, i=i):
            changed = [Node(u) for u in operands]
            changed[i] = Node(x)
            return float(np.sum(value_of(f(*changed)) * delta))

        expected = gradient(of_this_operand, operands[i])
        found = np.asarray(leaf.grad)
        if leaf.shape:
            assert found.dtype == dtype
        scale = max(np.abs(expected).max(), 1e-3)
        np.testing.assert_allclose(found / scale, expected / scale, rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gradient(name, dtype):
    f, shapes, how = CASES[name]
    operands = draw(shapes, how, np.random.default_rng(len(name)))
    check(f, operands, dtype, 1e-6 if dtype is np.float64 else 2e-5)


ELEMENTWISE = (
    "negative", "power", "exp", "log", "sqrt", "tanh", "sigmoid", "softplus", "relu",
    "leaky_relu", "elu",
)  # fmt: skip


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize("shape", [(), (5,), (2, 1, 3)])
def test_gradient_of_other_shapes(name, shape):
    f, _, how = CASES[name]
    check(f, draw([shape], how, np.random.default_rng(4)))


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "maximum": functions.maximum,
}


@pytest.mark.parametrize("name", OPERATORS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4),
    seed=st.integers(0, 2**32 - 1),
    dtype=st.sampled_from([np.float64, np.float32]),
)
def test_every_broadcasting_pattern(name, shapes, seed, dtype):
    rng = np.random.default_rng(seed)
    a, b = (rng.uniform(0.5, 2, shape) for shape in shapes.input_shapes)
    b = b * rng.choice([-1, 1], b.shape)
    if name == "maximum":
        b = np.where(rng.random(b.shape) < 0.5, 0.1 * np.abs(b), 30 * np.abs(b))
    check(OPERATORS[name], [a, np.asarray(b)], dtype, 1e-6 if dtype is np.float64 else 3e-5)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=4, max_size=4, unique=True),
    seed=st.integers(0, 2**32 - 1),
)
def test_layers_of_random_non_square_shapes(sizes, seed):
    n, inputs, hidden, outputs = sizes
    rng = np.random.default_rng(seed)
    shapes = [(n, inputs), (hidden, inputs), (hidden,), (outputs, hidden), (outputs,)]
    labels = rng.integers(0, outputs, n)

    def network(x, w1, b1, w2, b2):
        a = functions.tanh(functions.linear(x, w1, b1))
        return losses.cross_entropy(a @ w2.T + b2, labels)

    check(network, [rng.normal(size=shape) for shape in shapes])


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    n=st.integers(1, 3),
    channels=st.tuples(st.integers(1, 3), st.integers(1, 4)),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    extra=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
)
def test_convolutions_of_random_shapes(n, channels, kernel, extra, stride, padding):
    """The value against six nested loops, the gradients against central differences."""
    (c, f), (kh, kw) = channels, kernel
    h, w = kh + extra[0], kw + extra[1]
    rng = np.random.default_rng(h * w + f)
    x, weight, bias = (
        rng.normal(size=(n, c, h, w)),
        rng.normal(size=(f, c, kh, kw)),
        rng.normal(size=f),
    )
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    oh, ow = (h + 2 * padding - kh) // stride + 1, (w + 2 * padding - kw) // stride + 1
    expected = np.empty((n, f, oh, ow))
    for i in range(oh):
        for j in range(ow):
            window = padded[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            expected[:, :, i, j] = np.einsum("nckl,fckl->nf", window, weight) + bias
    found = conv2d(x, weight, bias, stride, padding)
    np.testing.assert_allclose(found.value, expected, rtol=1e-12, atol=1e-12)
    check(lambda a, b, d: conv2d(a, b, d, stride, padding), [x, weight, bias])


@pytest.mark.parametrize("order", [*itertools.permutations(range(4)), "one number"])
def test_convolution_takes_an_error_signal_in_any_memory_order(order):
    rng = np.random.default_rng(7)
    x, w, b = (
        Node(rng.normal(size=(3, 2, 6, 8))),
        Node(rng.normal(size=(5, 2, 3, 2))),
        Node(np.zeros(5)),
    )
    z = conv2d(x, w, b)
    if order == "one number":
        delta = np.broadcast_to(0.3, z.shape)
    else:
        delta = np.ascontiguousarray(rng.normal(size=z.shape).transpose(order))
        delta = delta.transpose(np.argsort(order))
    z.backward(delta)
    windows = np.lib.stride_tricks.sliding_window_view(x.value, (3, 2), axis=(2, 3))
    np.testing.assert_allclose(b.grad, np.einsum("nfij->f", delta), rtol=1e-12)
    np.testing.assert_allclose(w.grad, np.einsum("ncijkl,nfij->fckl", windows, delta), rtol=1e-12)
    expected = np.zeros(x.shape)
    for k, l in np.ndindex(3, 2):
        share = np.einsum("nfij,fc->ncij", delta, w.value[:, :, k, l])
        expected[:, :, k : k + 4, l : l + 7] += share
    np.testing.assert_allclose(x.grad, expected, rtol=1e-12, atol=1e-14)


def test_convolution_of_no_images():
    w, b = Node(np.ones((5, 2, 3, 2))), Node(np.ones(5))
    z = conv2d(np.ones((0, 2, 6, 8)), w, b)
    z.backward(np.ones(z.shape))
    assert z.shape == (0, 5, 4, 7)
    assert not w.grad.any() and w.grad.shape == w.shape
    assert b.grad.tolist() == [0] * 5


def test_cross_entropy_is_the_composition_of_primitives():
    z = np.random.default_rng(2).normal(size=(5, 4)) * 3
    fused, composed = Node(z), Node(z)
    J = losses.cross_entropy(fused, LABELS)
    K = -functions.log(functions.softmax(composed))[np.arange(5), LABELS].mean()
    J.backward()
    K.backward()
    assert J.value == pytest.approx(K.value, rel=1e-13)
    np.testing.assert_allclose(fused.grad, composed.grad, rtol=1e-12, atol=1e-15)


def test_values_far_out_stay_finite():
    """Where the textbook formula overflows."""
    far, tiny = np.array([-1000.0, -40, 40, 1000]), 4.248354255291589e-18  # e^-40
    np.testing.assert_allclose(functions.sigmoid(far).value, [0, tiny, 1, 1], rtol=1e-12)
    np.testing.assert_allclose(functions.softplus(far).value, [0, tiny, 40, 1000], rtol=1e-12)
    assert functions.sigmoid(Node(-40.0)).value == pytest.approx(tiny, rel=1e-12)
    thousand = functions.softmax(np.array([1000.0, 1001, 1002]))
    assert thousand.value == pytest.approx([0.0900306, 0.2447285, 0.6652410], abs=1e-7)
    assert functions.log_softmax(np.array([0.0, 1000])).value.tolist() == [-1000, 0]
    z = Node(np.array([40.0, -800.0]))
    J = losses.binary_cross_entropy_with_logits(z, np.array([0.0, 1.0]), "sum")
    J.backward()
    assert J.value == 840  # E31
    np.testing.assert_allclose(z.grad, [1, -1])
    J = losses.cross_entropy(np.array([[0.0, 900, 2]]), [2])
    assert J.value == 898
    assert losses.binary_cross_entropy(np.array([1.0, 0.0]), np.array([1.0, 0.0])).value == 0


def test_ties_and_kinks_are_decided():
    zero = Node(np.array([0.0, -0.0]))
    functions.relu(zero).sum().backward()
    assert zero.grad.tolist() == [0, 0]
    a, b = Node([2.0, 1.0]), Node([2.0, 3.0])
    functions.maximum(a, b).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist()) == ([1, 0], [0, 1])
    a = Node([[5.0, 5.0, 1.0, 1.0]])
    functions.maxout(a, 2).sum().backward()
    assert a.grad.tolist() == [[1, 0, 1, 0]]
