"""Differentiable functions: each is a value and one edge per operand, as in graph.py.

All take Nodes, arrays or numbers and return a Node, also of constants. In the formulas x is the
input, y the output, and delta the error signal of the output, dJ/dy.
"""

from __future__ import annotations  # or naming np.random would import it, 12 ms

import math

import numpy as np
from numpy import ndarray

from .graph import Node, value_of
from .rows import Rows
from .values import indices


def exp(a) -> Node:
    """e^x for each entry; dy/dx = y."""
    x = value_of(a)
    y = math.exp(x) if type(x) is float else np.exp(x)
    return Node(y, "exp", (a, lambda delta: delta * y))


def log(a) -> Node:
    """The natural logarithm of each entry; dy/dx = 1/x."""
    x = value_of(a)
    y = math.log(x) if type(x) is float else np.log(x)
    return Node(y, "log", (a, lambda delta: delta / x))


def sqrt(a) -> Node:
    """The square root of each entry; dy/dx = 1/(2y)."""
    x = value_of(a)
    y = math.sqrt(x) if type(x) is float else np.sqrt(x)
    return Node(y, "sqrt", (a, lambda delta: delta * 0.5 / y))


def tanh(a) -> Node:
    """The hyperbolic tangent of each entry; dy/dx = 1 - y^2."""
    x = value_of(a)
    y = math.tanh(x) if type(x) is float else np.tanh(x)

    def vjp(delta):
        if type(y) is float:
            return delta * (1 - y * y)
        share = y * y
        np.subtract(1, share, out=share)  # in place: a third of the time on a large layer
        share *= delta
        return share

    return Node(y, "tanh", (a, vjp))


def sigmoid(a) -> Node:
    """1 / (1 + e^-x) for each entry; dy/dx = y (1 - y)."""
    y = logistic(value_of(a))
    return Node(y, "sigmoid", (a, lambda delta: delta * (y * (1 - y))))


def logistic(x):
    """The sigmoid of a float or an array, to full relative accuracy in both tails."""
    if type(x) is float:
        small = math.exp(-abs(x))  # never overflows
        return (1 if x >= 0 else small) / (1 + small)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


def softplus(a) -> Node:
    """log(1 + e^x) for each entry, a smooth ReLU; dy/dx = sigmoid(x)."""
    x = value_of(a)
    y = np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    return Node(y, "softplus", (a, lambda delta: delta * logistic(x)))


def relu(a) -> Node:
    """max(x, 0) for each entry; dy/dx is 1 where x > 0, else 0 (also at x = 0)."""
    x = value_of(a)
    y = max(x, 0.0) if type(x) is float else np.maximum(x, 0)
    return Node(y, "relu", (a, lambda delta: delta * (x > 0)))


def leaky_relu(a, slope: float = 0.01) -> Node:
    """x where x > 0, else slope * x (Maas et al. 2013); dy/dx is 1 or `slope`."""
    x, slope = value_of(a), float(slope)
    y = np.maximum(x, 0) + slope * np.minimum(x, 0)
    return Node(y, "leaky_relu", (a, lambda delta: delta * np.where(np.greater(x, 0), 1, slope)))


def elu(a, alpha: float = 1.0) -> Node:
    """x where x > 0, else alpha (e^x - 1) (Clevert et al. 2016); dy/dx is 1 or y + alpha."""
    x, alpha = value_of(a), float(alpha)
    below = alpha * np.expm1(np.minimum(x, 0))
    y = np.maximum(x, 0) + below
    slope = np.where(np.greater(x, 0), 1, below + alpha)
    return Node(y, "elu", (a, lambda delta: delta * slope))


def maximum(a, b) -> Node:
    """The larger of two operands, entry by entry; a gets the error signal of ties."""
    x, y = value_of(a), value_of(b)
    try:
        z = np.maximum(x, y)
    except ValueError:
        raise ValueError(
            f"cannot take the maximum of {np.shape(x)} and {np.shape(y)}: "
            "the shapes do not broadcast"
        ) from None
    first = np.greater_equal(x, y)
    return Node(z, "max", (a, lambda delta: delta * first), (b, lambda delta: delta * ~first))


def maxout(a, pieces: int) -> Node:
    """The largest of every `pieces` neighboring columns: (n, m * pieces) to (n, m).

    Goodfellow et al. 2013. The error signal goes to the winner alone, the first one of a tie.
    """
    x = matrix_of(a, "maxout")
    if pieces < 1 or x.shape[1] % pieces:
        raise ValueError(f"maxout cannot group {x.shape[1]} columns into pieces of {pieces}")
    groups = x.reshape(len(x), -1, pieces)
    winner = groups.argmax(axis=2)[..., None]

    def vjp(delta):
        share = np.zeros_like(groups)
        np.put_along_axis(share, winner, delta[..., None], axis=2)
        return share.reshape(x.shape)

    return Node(np.take_along_axis(groups, winner, axis=2)[..., 0], "maxout", (a, vjp))


def softmax(a, axis: int = -1) -> Node:
    """e^x_k / sum_j e^x_j along `axis`: positive numbers that sum to 1.

    The Jacobian is diag(y) - y y', so the share is y (delta - sum_j delta_j y_j).
    """
    x = array_of(a, "softmax")
    y = np.exp(x - np.maximum.reduce(x, axis=axis, keepdims=True))  # the same ratios, no overflow
    y /= np.add.reduce(y, axis=axis, keepdims=True)

    def vjp(delta):
        return y * (delta - np.add.reduce(delta * y, axis=axis, keepdims=True))

    return Node(y, "softmax", (a, vjp))


def log_softmax(a, axis: int = -1) -> Node:
    """log(softmax(x)) along `axis`, finite where the softmax itself would round to 0."""
    x = array_of(a, "log_softmax")
    y = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    y -= np.log(np.add.reduce(np.exp(y), axis=axis, keepdims=True))

    def vjp(delta):
        return delta - np.exp(y) * np.add.reduce(delta, axis=axis, keepdims=True)

    return Node(y, "log_softmax", (a, vjp))


def concatenate(parts, axis: int = 0) -> Node:
    """The parts side by side along `axis`; each gets its own slice of the error signal."""
    parts = list(parts)
    values = [value_of(part) for part in parts]
    try:
        z = np.concatenate(values, axis)
    except ValueError:
        shapes = ", ".join(str(np.shape(x)) for x in values) or "nothing"
        raise ValueError(f"cannot concatenate {shapes} along axis {axis}") from None
    edges, start = [], 0
    for part, x in zip(parts, values, strict=True):
        end = start + x.shape[axis]
        edges.append((part, _slice_of(axis, start, end)))
        start = end
    return Node(z, "concatenate", *edges)


def _slice_of(axis, start, end):
    return lambda delta: delta.swapaxes(0, axis)[start:end].swapaxes(0, axis)


def embedding(table, ids) -> Node:
    """Rows of `table` (count, size) by integer ids of any shape: (..., size).

    The table's gradient is a Rows object: only the rows that were read. Ids are constants.
    """
    x, ids = matrix_of(table, "embedding"), np.asarray(ids)
    # A copy: a buffer that is filled anew must not change the past.
    ids = indices("embedding: ids", ids, len(x))

    def vjp(delta):
        return Rows(ids.reshape(-1), delta.reshape(-1, x.shape[1]), x.shape)

    return Node(x.take(ids, axis=0), "embedding", (table, vjp))


def linear(a, weight, bias=None) -> Node:
    """z = W x + b for every row x of (..., inputs): (..., outputs).

    `weight` is (outputs, inputs), `bias` (outputs,). The same as a @ weight.T + bias, in one node
    and with one temporary array fewer. delta_W = delta_z x', summed over the rows.
    """
    x, w = array_of(a, "linear"), matrix_of(weight, "linear")
    if x.shape[-1] != w.shape[1]:
        raise ValueError(
            f"cannot feed {x.shape} into a linear map of {w.shape[1]} inputs and {len(w)} outputs"
        )
    z = x.dot(w.T)  # for matrices the same as @, with half the overhead

    def to_weight(delta):
        return _as_matrix(delta).T.dot(_as_matrix(x))

    def to_bias(delta):
        delta = _as_matrix(delta)
        return np.ones(len(delta), delta.dtype).dot(delta)  # twice as fast as delta.sum(axis=0)

    edges = (a, lambda delta: delta.dot(w)), (weight, to_weight)
    if bias is None:
        return Node(z, "linear", *edges)
    b = value_of(bias)
    if np.shape(b) != (len(w),):
        raise ValueError(f"linear: the bias has shape {np.shape(b)}, expected {(len(w),)}")
    z += b
    return Node(z, "linear", *edges, (bias, to_bias))


def _as_matrix(x):
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])


def dropout(a, rate: float, rng: np.random.Generator) -> Node:
    """Each entry is 0 with probability `rate`, else divided by 1 - rate (Srivastava et al. 2014).

    Inverted dropout: the expected value stays the same, so that nothing changes at test time.
    """
    x, rate = value_of(a), float(rate)
    if not 0 <= rate < 1:
        raise ValueError(f"dropout: the rate must lie in 0 <= rate < 1, found {rate}")
    keep = rng.random(np.shape(x), np.float32) >= rate
    scale = keep.astype(getattr(x, "dtype", float)) / (1 - rate)
    return Node(x * scale, "dropout", (a, lambda delta: delta * scale))


def array_of(a, op: str) -> ndarray:
    """The value of `a` as an array of floats, which must not be a single number."""
    x = value_of(a)
    if type(x) is float:
        raise ValueError(f"{op} needs a vector or a matrix, found a single number")
    return x if x.dtype.kind == "f" else x.astype(float)


def matrix_of(a, op: str) -> ndarray:
    """The value of `a` as an array of floats, which must have rows and columns."""
    x = array_of(a, op)
    if x.ndim != 2:
        raise ValueError(f"{op} needs a matrix (rows, columns), found shape {x.shape}")
    return x
