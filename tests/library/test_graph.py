"""The engine: numbers worked out by hand, forks, order, memory, and what it refuses."""

import gc
import itertools
import math
import tracemalloc
import weakref

import numpy as np
import pytest

from course_lib import Node, functions, no_grad
from course_lib.calculus import jacobian


def backward_of(f, *values):
    """f at leaves with these values: its value and the gradient of each leaf."""
    leaves = [Node(value) for value in values]
    result = f(*leaves)
    result.backward()
    return result.value, [leaf.grad for leaf in leaves]


# ---- numbers from the sources, computed independently (SymPy, by hand) ----


def test_the_function_of_the_2017_notes():
    def f(x, y):
        return (x + functions.sigmoid(y)) / (x**2 + y)

    value, (dx, dy) = backward_of(f, 3.0, -4.0)
    assert value == pytest.approx(0.6035972420, abs=1e-10)
    assert dx == pytest.approx(-0.5243166904, abs=1e-10)
    assert dy == pytest.approx(-0.1171869072, abs=1e-10)


def test_the_notes_error_signals_of_all_intermediate_variables():
    x, y = Node(3.0), Node(-4.0)
    a = functions.sigmoid(y)
    b = x + a
    c = x**2
    d = y + c
    e = 1 / d
    f = b * e
    f.backward()
    assert [n.value for n in (a, b, c, d, e)] == pytest.approx(
        [0.0179862100, 3.0179862100, 9, 5, 0.2], abs=1e-10
    )
    assert [n.grad for n in (b, e, d, c, a)] == pytest.approx(
        [0.2, 3.0179862100, -0.1207194484, -0.1207194484, 0.2], abs=1e-10
    )


def test_sum_times_z():
    assert backward_of(lambda x, y, z: (x + y) * z, -2.0, 5.0, -4.0) == (-12, [-4, -4, 3])


def test_doubling_twice():
    a = Node(1.5)
    b = a + a
    c = b + b
    c.backward()
    assert (b.grad, a.grad) == (2, 4)


def test_cube_twice_over():
    x = Node(3.0)
    y = x * x * x
    for _ in range(2):
        y.backward()
        assert x.grad == 27


def test_diamond_needs_a_topological_order():
    assert backward_of(lambda w: (w + 1) * ((w + 1) + 2), 3.0) == (24, [10])
    w = Node(3.0)
    u = w + 1
    v = u + 2
    (u * v).backward()
    assert (v.grad, u.grad, w.grad) == (4, 10, 10)  # depth-first without order gives 16


def test_the_2_2_1_network():
    x, y = np.array([1.0, 2.0]), 1.0
    W1, b1 = Node([[0.5, -0.25], [1, 0.75]]), Node([0.0, -1.0])
    w2, b2 = Node([1.0, -2.0]), Node(0.5)
    X = Node(x)
    z1 = W1 @ X + b1
    a1 = functions.sigmoid(z1)
    z2 = w2 @ a1 + b2
    yhat = functions.sigmoid(z2)
    J = -(y * functions.log(yhat) + (1 - y) * functions.log(1 - yhat))
    J.backward()
    close = {"abs": 5.1e-7}
    assert z1.value == pytest.approx([0, 1.5], **close)
    assert a1.value == pytest.approx([0.5, 0.817574], **close)
    assert z2.value == pytest.approx(-0.635149, **close)
    assert yhat.value == pytest.approx(0.346344, **close)
    assert J.value == pytest.approx(1.060323, **close)
    assert yhat.grad == pytest.approx(-2.887303, **close)
    assert z2.grad == pytest.approx(-0.653656, **close)
    assert b2.grad == pytest.approx(-0.653656, **close)
    assert w2.grad == pytest.approx([-0.326828, -0.534413], **close)
    assert a1.grad == pytest.approx([-0.653656, 1.307312], **close)
    assert z1.grad == pytest.approx([-0.163414, 0.194981], **close)
    assert b1.grad == pytest.approx([-0.163414, 0.194981], **close)
    assert W1.grad.ravel() == pytest.approx([-0.163414, -0.326828, 0.194981, 0.389962], **close)
    assert X.grad == pytest.approx([0.113274, 0.187089], **close)
    for parameter in (W1, b1, w2, b2):
        parameter.value = parameter.value - 0.5 * parameter.grad
    z2 = w2 @ functions.sigmoid(W1 @ x + b1) + b2
    assert -math.log(functions.sigmoid(z2).value) == pytest.approx(0.549663, **close)


def test_equations_21_to_24_on_a_3_4_3_2_network():
    """Kamper 2017: delta_z = delta_a o g'(z), delta_b = delta_z, delta_W = delta_z a', delta_a."""
    rng = np.random.default_rng(0)
    sizes = [3, 4, 3, 2]
    W = [Node(rng.normal(size=(m, n))) for n, m in itertools.pairwise(sizes)]
    b = [Node(rng.normal(size=m)) for m in sizes[1:]]
    x, y = rng.normal(size=3), rng.normal(size=2)
    a, z = [Node(x)], []
    for weight, bias in zip(W, b, strict=True):
        z.append(weight @ a[-1] + bias)
        a.append(functions.tanh(z[-1]))
    error = y - a[-1]
    (error * error).sum().backward()

    delta_a = -2 * (y - a[3].value)  # eq. (15)
    for l in (2, 1, 0):
        delta_z = delta_a * (1 - np.tanh(z[l].value) ** 2)  # (21)
        np.testing.assert_allclose(z[l].grad, delta_z, rtol=1e-12)
        np.testing.assert_allclose(b[l].grad, delta_z, rtol=1e-12)  # (22)
        np.testing.assert_allclose(W[l].grad, np.outer(delta_z, a[l].value), rtol=1e-12)  # (23)
        delta_a = W[l].value.T @ delta_z  # (24)
        np.testing.assert_allclose(a[l].grad, delta_a, rtol=1e-12)


def test_l2_regularization_is_a_fork():
    """Chapter 08b: the 2-2-1 network plus 0.1 w2'w2."""
    a1, w2 = np.array([0.5, 1 / (1 + math.exp(-1.5))]), Node([1.0, -2.0])
    z2 = (w2 * a1).sum() + 0.5
    J = functions.softplus(-z2) + 0.1 * (w2 @ w2)
    J.backward()
    assert w2.grad == pytest.approx([-0.126828, -0.934413], abs=5.1e-7)


# ---- accumulators ----


def test_a_shared_accumulator_is_never_written_to():
    """In a + b both parents get one array: what a adds up later must not reach b."""
    a, b = Node([1.0, 2.0]), Node([3.0, 4.0])
    s = a + b
    (s * 2 + a * 10 + a * 100).sum().backward()
    assert a.grad.tolist() == [112, 112]
    assert b.grad.tolist() == [2, 2]
    assert s.grad.tolist() == [2, 2]


def test_three_arrivals_of_one_array():
    a = Node([1.0, 2.0])
    b = a + a
    c = a + b
    (c + b).sum().backward()
    assert (a.grad.tolist(), b.grad.tolist(), c.grad.tolist()) == ([5, 5], [2, 2], [1, 1])


def test_a_seed_is_not_written_to():
    a, seed = Node(np.ones((2, 3))), np.arange(6.0).reshape(2, 3)
    (a + a).backward(seed)
    np.testing.assert_array_equal(seed, np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(a.grad, 2 * seed)
    b = a + 0.0
    (b * 1.0 + b * 1.0 + b * 1.0).backward(seed)
    np.testing.assert_array_equal(seed, np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(b.grad, 3 * seed)


def test_backward_resets_what_another_graph_left():
    x = Node(3.0)
    (x * 5).backward()
    (x * x).backward()
    assert x.grad == 6


def test_gradients_only_of_what_was_reached():
    x, y = Node(2.0), Node(5.0)
    z = x * 3
    z.backward()
    assert y.grad is None
    (y * z).backward()
    assert (x.grad, y.grad) == (15, 6)


def test_a_constant_gets_no_gradient_and_its_edge_is_kept():
    x, c = Node([1.0, 2.0]), np.array([3.0, 4.0])
    y = x * c
    assert y.edges[1][0] is c
    y.sum().backward()
    assert x.grad.tolist() == [3, 4]


def test_a_table_used_by_rows_and_as_a_whole():
    table, ids = Node(np.arange(8.0).reshape(4, 2)), np.array([1, 3, 1])
    first = functions.embedding(table, ids)  # its Rows arrive last: arrays are summed by then
    ((table * table).sum() + first.sum()).backward()
    np.testing.assert_array_equal(table.grad, 2 * table.value + [[0, 0], [2, 2], [0, 0], [1, 1]])
    squares = (table * table).sum()
    (squares + functions.embedding(table, ids).sum()).backward()  # and here first
    np.testing.assert_array_equal(table.grad, 2 * table.value + [[0, 0], [2, 2], [0, 0], [1, 1]])


def test_a_table_that_was_computed():
    """Rows must become an array before a further vjp takes it."""
    base, ids = Node(np.arange(1.0, 9).reshape(4, 2)), np.array([1, 3, 1])
    functions.embedding(base * base, ids).sum().backward()
    np.testing.assert_array_equal(base.grad, 2 * base.value * [[0], [2], [0], [1]])


# ---- size ----


def test_two_million_nodes_in_a_chain():
    x = Node(1.0)
    y = x
    for _ in range(2_000_000):
        y = y + 1e-7
    y.backward(free=True)
    assert (y.value, x.grad) == (pytest.approx(1.2), 1.0)


def test_a_variable_used_a_hundred_thousand_times():
    x, total = Node(2.0), Node(0.0)
    for i in range(100_000):
        total = total + x * i
    total.backward()
    assert x.grad == 100_000 * 99_999 / 2


def test_no_reference_cycle():
    """Without the garbage collector a dropped graph is gone at once."""
    gc.disable()
    try:
        x = Node(np.ones((3, 2)))
        loss = functions.softmax(functions.tanh(x @ Node(np.ones((2, 4))) + 1.0) * 2).sum()
        held = [weakref.ref(node.value) for node in loss.ancestors() if node.op and node.shape]
        assert len(held) == 5
        del loss
        assert [array() for array in held] == [None] * 5
    finally:
        gc.enable()


def test_free_takes_the_graph_apart_while_walking():
    x = Node(np.ones(250_000))  # 2 MB
    y = x
    for _ in range(20):
        y = y * 1.5
    loss = y.sum()
    del y
    tracemalloc.start()
    loss.backward(free=True)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * 2e6  # a walk that keeps the gradients holds twenty of 2 MB
    np.testing.assert_allclose(x.grad, 1.5**20)
    with pytest.raises(RuntimeError, match="took this graph apart: compute it again"):
        loss.backward()


def test_the_graph_stays_unless_freed():
    x = Node(2.0)
    y = x * x
    (y + 1).backward()
    assert y.grad == 1
    assert len(y.edges) == 2


def test_no_grad_makes_values_only_and_ends_with_its_block():
    x = Node(2.0)
    with no_grad():
        y = x * 3
        with no_grad():
            pass
        z = y + 1
    assert (z.value, y.edges, z.edges) == (7, (), ())
    with pytest.raises(ZeroDivisionError), no_grad():
        x / 0
    assert len((x * 3).edges) == 2


# ---- values and dtypes ----


def test_scalars_are_python_floats():
    x = Node(np.float64(2.0))
    y, z = Node([1.0, 2.0]), Node(np.ones(3, np.float32))
    for node in (x, x * np.float32(3), x + np.array(1), Node(7), y.sum(), z.mean(), y[1], y @ y):
        assert type(node.value) is float
    (x * 2).backward()
    assert type(x.grad) is float


def test_integers_become_float64_and_floats_keep_their_dtype():
    assert Node([1, 2]).value.dtype == np.float64
    assert Node(np.array([True, False])).value.tolist() == [1.0, 0.0]
    assert Node(np.ones(2, np.float32)).value.dtype == np.float32


@pytest.mark.parametrize("scalar", [2, 2.0, np.float64(2), np.array(2.0), Node(2.0)])
def test_a_single_number_does_not_widen_float32(scalar):
    x = Node(np.array([1, 2, 3], np.float32))
    for y in (x * scalar, scalar * x, x + scalar, scalar - x, x / scalar, scalar / x):
        assert y.value.dtype == np.float32
        y.sum().backward()
        assert x.grad.dtype == np.float32


def test_powers():
    for exponent in (2, 2.0, np.float64(2), np.int64(2), np.array(2)):
        x = Node(np.array([3.0, -1.0], np.float32))
        y = x**exponent
        y.sum().backward()
        assert (y.value.dtype, x.grad.dtype) == (np.float32, np.float32)
        assert (y.value.tolist(), x.grad.tolist()) == ([9, 1], [6, -2])
    assert backward_of(lambda x: x**-2, 2.0) == (0.25, [-0.25])
    assert backward_of(lambda x: x**0, 0.0) == (1, [0])
    assert backward_of(lambda x: x**1, 0.0) == (0, [1])
    assert backward_of(lambda x: (x**3).sum(), [1.0, -2.0])[1][0].tolist() == [3, 12]


def test_reading_entries_and_changing_shapes():
    x = Node(np.arange(6.0).reshape(2, 3))
    y = x[0, [1, 1, 2]] * np.array([10.0, 20, 30])
    y.sum().backward()
    assert x.grad.tolist() == [[0, 30, 30], [0, 0, 0]]
    x[:, 1:].sum().backward()
    assert x.grad.tolist() == [[0, 1, 1], [0, 1, 1]]
    (x.T.reshape(6) * np.arange(6.0)).sum().backward()
    assert x.grad.tolist() == [[0, 2, 4], [1, 3, 5]]


def test_transpose_takes_its_order_back():
    x = Node(np.arange(24.0).reshape(2, 3, 4))
    weights = np.arange(24.0).reshape(4, 2, 3)
    for axes in ((2, 0, 1), (-1, 0, 1)):
        y = x.transpose(*axes)
        assert y.shape == (4, 2, 3)
        (y * weights).sum().backward()
        np.testing.assert_array_equal(x.grad, weights.transpose(1, 2, 0))


@pytest.mark.parametrize(
    ("shape_a", "shape_b"),
    [((3, 4), (4, 2)), ((4,), (4, 2)), ((3, 4), (4,)), ((4,), (4,)),
     ((5, 3, 4), (4, 2)), ((3, 4), (5, 4, 2)), ((5, 3, 4), (4,)), ((4,), (5, 4, 2)),
     ((2, 1, 3, 4), (5, 4, 2))],
)  # fmt: skip
def test_matrix_products_of_all_ranks(shape_a, shape_b):
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=shape_a), rng.normal(size=shape_b)
    A, B = Node(a), Node(b)
    product = A @ B
    np.testing.assert_allclose(product.value, a @ b)
    weights = rng.normal(size=product.shape)
    (product * weights).sum().backward()
    expected_a = jacobian(lambda x: ((x @ b) * weights).sum(), a).reshape(shape_a)
    expected_b = jacobian(lambda x: ((a @ x) * weights).sum(), b).reshape(shape_b)
    np.testing.assert_allclose(A.grad, expected_a, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(B.grad, expected_b, rtol=1e-7, atol=1e-8)


def test_constants_on_the_left_of_each_operator():
    x, c = Node([1.0, 2.0]), np.array([5.0, 7.0])
    np.testing.assert_array_equal((c + x).value, [6, 9])
    np.testing.assert_array_equal((c - x).value, [4, 5])
    np.testing.assert_array_equal((c * x).value, [5, 14])
    np.testing.assert_array_equal((c / x).value, [5, 3.5])
    assert (c @ x).value == 19
    (c / x).sum().backward()
    np.testing.assert_array_equal(x.grad, [-5, -1.75])
    (c - x).sum().backward()
    np.testing.assert_array_equal(x.grad, [-1, -1])


def test_repr_and_identity():
    x = Node(2.0, name="x")
    assert repr(x * 3) == "Node(6.0, op='*')"
    assert repr(x) == "Node(2.0, name='x')"
    assert x != Node(2.0)
    assert len({x, Node(2.0)}) == 2
    assert bool(Node(0.0)) is False
