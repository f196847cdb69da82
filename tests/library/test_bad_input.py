"""Bad input gets one clear line: what was found, what was expected."""

import numpy as np
import pytest

from course_lib import Node, functions, layers, losses, optimizers, training
from course_lib.calculus import gradient, jacobian
from course_lib.convolution import conv2d

A, B = Node(np.ones((150, 4))), Node(np.ones((3, 16)))
A32 = Node(np.ones((2, 3), np.float32))
rng = np.random.default_rng(0)


def with_integers(node):
    """A leaf whose value was replaced by hand, and not by floats."""
    node.value = np.arange(2, dtype=np.int64)
    return node


def fitted(**changes):
    model = layers.Sequential(layers.Linear(3, 2, rng=np.random.default_rng(0)))
    arguments = {
        "inputs": np.ones((4, 3)), "targets": np.array([0, 1, 0, 1]), "epochs": 2,
        "optimizer": optimizers.SGD(model.parameters(), 0.1), "progress": False,
    }  # fmt: skip
    arguments.update(changes)
    return training.fit(model, losses.cross_entropy, **arguments)


CASES = [
    # the graph
    (lambda: A @ B, ValueError, "cannot multiply (150, 4) @ (3, 16): the inner sizes 4 and 3 differ"),
    (lambda: A @ 2.0, ValueError, "cannot multiply (150, 4) @ (): a single number is multiplied with *"),
    (lambda: A + B, ValueError, "cannot add (150, 4) + (3, 16): the shapes do not broadcast"),
    (lambda: A - B, ValueError, "cannot subtract (150, 4) - (3, 16): the shapes do not broadcast"),
    (lambda: A * B, ValueError, "cannot multiply (150, 4) * (3, 16): the shapes do not broadcast"),
    (lambda: A / B, ValueError, "cannot divide (150, 4) / (3, 16): the shapes do not broadcast"),
    (lambda: A32 * np.ones((2, 3)), ValueError, "'*' would turn float32 (2, 3) into float64: give all "
     "its operands one dtype, for example .astype(np.float32)"),
    (lambda: with_integers(Node(np.ones(2))) * Node(np.ones(2)), ValueError, "'*' would turn int64 (2,) into float64: "
     "give all its operands one dtype, for example .astype(np.float64)"),
    (lambda: functions.linear(np.ones((5, 3)), A32), ValueError, "'linear' would turn float32 (2, 3)"),
    (lambda: A * [1, 2], TypeError, "expected a Node, an array or a number, found a list: write "
     "np.array(...) around it"),
    (lambda: A * np.array(["2"]), TypeError, "expected a Node, an array or a number, found an array of <U1"),
    (lambda: A * (1 + 2j), TypeError, "expected a Node, an array or a number, found (1+2j)"),
    (lambda: A * np.complex128(2j), TypeError, "expected a Node, an array or a number, found np.complex128(2j)"),
    (lambda: A * "2", TypeError, "expected a Node, an array or a number, found '2'"),
    (lambda: A + None, TypeError, "expected a Node, an array or a number, found None"),
    (lambda: Node([[1], [2, 3]]), ValueError, "found rows of unequal length"),
    (lambda: Node("one"), ValueError, "a node holds a number or an array of numbers, found"),
    (lambda: Node(-8.0) ** (1 / 3), ValueError, "is complex: a root of a negative number?"),
    (lambda: Node(2.0) ** Node(3.0), TypeError, "the exponent must be a constant number; for a node write "
     "exp(n * log(a))"),
    (lambda: Node(2.0) ** [1, 2], TypeError, "the exponent must be a constant number"),
    (lambda: A.__setitem__(0, 1.0), TypeError, "a node is not changed in part: write a * mask + v * "
     "(1 - mask), a new one"),
    (lambda: bool(A), ValueError, "a node of shape (150, 4) is neither true nor false: ask its .value"),
    (lambda: A.backward(), ValueError, "backward() starts from a scalar, and this node has shape (150, 4): "
     "take its sum() or mean(), or give the error signal, backward(seed)"),
    (lambda: A.backward(np.ones(4)), ValueError, "the seed has shape (4,), the node has shape (150, 4)"),
    (lambda: Node(np.ones((0, 3))).mean(), ValueError, "the mean of an array of shape (0, 3): there is "
     "nothing to average"),
    (lambda: Node(np.ones((0, 3))).mean(axis=1), ValueError, "there is nothing to average"),
    (lambda: Node(2.0) / 0, ZeroDivisionError, "division by zero"),
    (lambda: functions.exp(Node(1000.0)), OverflowError, "math range error"),
    (lambda: functions.sqrt(Node(-1.0)), ValueError, ""),
    (lambda: Node(np.ones(3), "bad", (A, lambda d: d)).sum().backward(), ValueError, "an edge of 'bad' gave "
     "a share of shape (3,) to a parent of shape (150, 4): look at its vjp"),
    # functions
    (lambda: functions.softmax(Node(1.0)), ValueError, "softmax needs a vector or a matrix, found a single number"),
    (lambda: functions.maxout(np.ones((2, 5)), 2), ValueError, "maxout cannot group 5 columns into pieces "
     "of 2"),
    (lambda: functions.maxout(np.ones((2, 3, 4)), 3), ValueError, "maxout needs a matrix (rows, columns), found shape "
     "(2, 3, 4)"),
    (lambda: functions.embedding(np.ones((2, 3, 4)), [0]), ValueError, "embedding needs a matrix (rows, columns)"),
    (lambda: functions.maximum(A, B), ValueError, "cannot take the maximum of (150, 4) and (3, 16)"),
    (lambda: functions.concatenate([A, B]), ValueError, "cannot concatenate (150, 4), (3, 16) along axis 0"),
    (lambda: functions.concatenate([]), ValueError, "cannot concatenate nothing"),
    (lambda: functions.embedding(B, [0, 3]), ValueError, "ids must lie in 0 ... 2, found 0 ... 3"),
    (lambda: functions.embedding(B, [-1, 2]), ValueError, "ids must lie in 0 ... 2, found -1 ... 2"),
    (lambda: functions.embedding(B, [0.0]), ValueError, "ids must be integers, found float64"),
    (lambda: functions.linear(A, B), ValueError, "cannot feed (150, 4) into a linear map of 16 inputs and "
     "3 outputs"),
    (lambda: functions.linear(A, np.ones((2, 4)), np.ones(3)), ValueError, "the bias has shape (3,), "
     "expected (2,)"),
    (lambda: functions.dropout(A, 1.0, rng), ValueError, "the rate must lie in 0 <= rate < 1, found 1.0"),
    (lambda: conv2d(np.ones((2, 3, 4, 4)), np.ones((1, 2, 2, 2))), ValueError, "cannot convolve images "
     "(2, 3, 4, 4) with filters (1, 2, 2, 2): expected (n, c, h, w) and (f, c, kh, kw) with the same c"),
    (lambda: conv2d(np.ones((2, 1, 4, 4)), np.ones((1, 1, 2, 5))), ValueError, "filters of 2x5 do not fit "
     "into images of 4x4 with padding 0"),
    (lambda: conv2d(np.ones((2, 1, 4, 4)), np.ones((1, 1, 2, 2)), stride=0), ValueError, "found stride 0 and padding 0, expected a stride "
     "of at least 1"),
    # layers
    (lambda: layers.Linear(0, 3), ValueError, "Linear: inputs must be a whole number of at least 1, found 0"),
    (lambda: layers.Linear(2, 3, init="best"), ValueError, 'init must be "xavier", "he" or "zeros", found '
     "'best'"),
    (lambda: layers.Linear(2, 3)([[1.0, 2.0]]), TypeError, "found a list: write np.array(...) around it"),
    (lambda: layers.Linear(2, 3, rng=0), TypeError, "rng must be a generator, np.random.default_rng(0) say, found 0"),
    (lambda: layers.Sequential([layers.Tanh()]), TypeError, "Sequential takes layers one by one, found [Tanh()]: write "
     "Sequential(*layers) for a list"),
    (lambda: layers.Conv2d(1, 2, 3, padding=-1), ValueError, "padding must be a whole number, at least 0, found -1"),
    (lambda: layers.Dropout(-0.1), ValueError, "the rate must lie in 0 <= rate < 1, found -0.1"),
    (lambda: layers.BatchNorm(3)(np.ones((5, 2))), ValueError, "found (5, 2), expected (n, 3) or (n, 3, h, w)"),
    (lambda: layers.BatchNorm(3)(np.ones((1, 3))), ValueError, "a batch of 1 has no variance to train with"),
    # losses
    (lambda: losses.squared_error(np.ones((5, 1)), np.ones(5)), ValueError, "squared_error: predictions have "
     "shape (5, 1), targets (5,): reshape one of them"),
    (lambda: losses.cross_entropy(np.ones((2, 3)), [0, 3]), ValueError, "cross_entropy: labels must lie in "
     "0 ... 2, found 0 ... 3"),
    (lambda: losses.cross_entropy(np.ones((2, 3)), [-1, 0]), ValueError, "labels must lie in 0 ... 2, found "
     "-1 ... 0"),
    (lambda: losses.cross_entropy(np.ones((2, 3)), [0.0, 1.0]), ValueError, "labels must be integers, found "
     "float64"),
    (lambda: losses.cross_entropy(np.ones((2, 3)), [0, 1, 2]), ValueError, "found logits (2, 3) and labels "
     "(3,), expected (n, classes) and (n,)"),
    (lambda: losses.cross_entropy(np.ones((0, 3)), np.zeros(0, int)), ValueError, "the batch is empty, its "
     "shape is (0, 3)"),
    (lambda: losses.squared_error(np.ones((0, 3)), np.ones((0, 3))), ValueError, "the batch is empty"),
    (lambda: losses.squared_error(np.ones(3), np.ones(3), "max"), ValueError, 'reduction must be "mean" or '
     "\"sum\", found 'max'"),
    (lambda: losses.binary_cross_entropy(np.array([0.5, 1.5]), np.ones(2)), ValueError, "predictions must lie "
     "in 0 ... 1, found 0.5 ... 1.5"),
    (lambda: losses.binary_cross_entropy(np.array([0.5, 0.5]), np.array([1.0, np.nan])), ValueError, "targets must lie "
     "in 0 ... 1, found nan ... nan"),
    (lambda: losses.binary_cross_entropy_with_logits(np.ones(2), np.array([0.0, 2.0])), ValueError, "targets "
     "must lie in 0 ... 1, found 0 ... 2"),
    # optimizers
    (lambda: optimizers.SGD([], 0.1), ValueError, "expected a list of parameter nodes, found []"),
    (lambda: optimizers.SGD(A, 0.1), TypeError, "expected a list, such as model.parameters(), found Node("),
    (lambda: optimizers.SGD(layers.Linear(2, 3), 0.1), TypeError, "expected a list, such as model.parameters(), "
     "found Linear(weight (3, 2), bias (3,))"),
    (lambda: optimizers.SGD([A * 2], 0.1), ValueError, "expected a list of parameter nodes, found [Node("),
    (lambda: optimizers.SGD([np.ones(2)], 0.1), ValueError, "expected a list of parameter nodes, found [array([1., 1.])]"),
    (lambda: optimizers.SGD([A], -0.1), ValueError, "learning_rate must be at least 0 and finite, found -0.1"),
    (lambda: optimizers.Adam([A], float("nan")), ValueError, "learning_rate must be at least 0 and finite, "
     "found nan"),
    (lambda: optimizers.SGD([A], 0.1, momentum=1.0), ValueError, "momentum must lie in 0 <= momentum < 1"),
    # training
    (lambda: fitted(inputs=[[1.0, 2, 3]] * 4), TypeError, "inputs must be an array, found a list: use "
     "np.array(...)"),
    (lambda: fitted(targets=[0, 1, 0, 1]), TypeError, "targets must be an array, found a list"),
    (lambda: fitted(targets=np.array([0, 1])), ValueError, "found 4 rows of inputs and 2 targets, expected "
     "as many and at least one"),
    (lambda: fitted(inputs=np.ones((0, 3)), targets=np.ones(0, int)), ValueError, "found 0 rows of inputs"),
    (lambda: fitted(inputs=np.where(np.arange(12).reshape(4, 3) == 7, np.nan, 1.0)), ValueError,
     "inputs must be finite, found nan at (2, 1)"),
    (lambda: fitted(targets=np.array([0.0, np.inf, 1, 0])), ValueError, "targets must be finite, found inf at (1,)"),
    (lambda: fitted(validation=np.ones((2, 3))), TypeError, "validation must be a pair (inputs, targets)"),
    (lambda: fitted(optimizer=optimizers.SGD), TypeError, "optimizer must be one such as SGD(...), found <class"),
    (lambda: fitted(rng=7, batch_size=2), TypeError, "rng must be a generator, np.random.default_rng(0) say, found 7"),
    (lambda: training.fit(layers.Linear(2, 1), lambda z, y: z, np.ones((2, 2)), np.ones(2), epochs=1,
                          optimizer=optimizers.SGD([Node(2.0)], 1), progress=False),
     TypeError, "the loss must be a Node of one number, found Node(array("),
    (lambda: fitted(patience=3), ValueError, "patience needs validation data to watch"),
    (lambda: fitted(batch_size=0), ValueError, "batch_size must be at least 1, found 0"),
    (lambda: fitted(patience=0, validation=(np.ones((2, 3)), np.array([0, 1]))), ValueError,
     "patience must be at least 1 epoch, found 0"),
    (lambda: training.fit(abs, losses.squared_error, np.ones(2), np.ones(2), optimizer=None, epochs=1),
     TypeError, "model must be a Layer, found <built-in function abs>: wrap it in Sequential(...)"),
    # calculus
    (lambda: jacobian(np.sin, [1.0], layout="column"), ValueError, 'layout must be "denominator" or '
     "\"numerator\", found 'column'"),
    (lambda: gradient(np.sin, [1.0, 2.0]), ValueError, "gradient() is for an f that returns one number"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), CASES, ids=range(len(CASES)))
def test_message(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value).strip()
    assert str(caught.value)
