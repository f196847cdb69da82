"""What a node may hold, and how an error signal is made to fit it: the housekeeping of graph.py."""

import numpy as np
from numpy import ndarray

from .rows import Rows

NUMBERS = (float, int, np.floating, np.integer, np.bool)


def shown(x):
    """x as an error message shows it: on one line, not longer than 60 characters."""
    return f"{' '.join(repr(x).split()):.60}"


def as_value(value):
    """`value` as a Python float if it is a single number, else as an array of floats.

    Arrays of floats keep their dtype, integers become float64. Anything else is a ValueError.
    """
    if type(value) is ndarray and value.dtype.kind == "f" and value.ndim:
        return value
    try:
        value = np.asarray(value)
    except ValueError:
        raise ValueError(
            "a node holds a number or an array, found rows of unequal length"
        ) from None
    if value.dtype.kind in "biu":
        value = value.astype(float)
    elif value.dtype.kind == "c":
        raise ValueError("the result is complex: a root of a negative number?")
    elif value.dtype.kind != "f":
        raise ValueError(f"a node holds a number or an array of numbers, found {shown(value)}")
    return value if value.ndim else float(value)


def constant(x):
    """A constant operand: an array as it is, a single number as a Python float.

    NumPy's own scalars and 0-d arrays would widen float32 arrays to float64; floats do not.
    """
    if type(x) is ndarray and x.dtype.kind in "fiub":
        return x if x.ndim else float(x)
    if isinstance(x, NUMBERS):
        return float(x)
    if isinstance(x, list | tuple):
        raise TypeError(
            f"expected a Node, an array or a number, found a {type(x).__name__}: "
            "write np.array(...) around it"
        )
    found = f"an array of {x.dtype}" if type(x) is ndarray else shown(x)
    raise TypeError(f"expected a Node, an array or a number, found {found}")


def first_delta(value, seed):
    """The error signal from which backward() starts: `seed`, or 1 for a single number."""
    if seed is None:
        if type(value) is float:
            return 1.0
        if value.size != 1:
            raise ValueError(
                f"backward() starts from a scalar, and this node has shape "
                f"{value.shape}: take its sum() or mean(), or give the error signal, "
                "backward(seed)"
            )
        return np.ones_like(value)
    seed = np.asarray(seed, dtype=getattr(value, "dtype", float))
    if seed.shape != np.shape(value):
        raise ValueError(f"the seed has shape {seed.shape}, the node has shape {np.shape(value)}")
    return seed if seed.ndim else float(seed)


def indices(what, numbers, count):
    """A copy of `numbers` to index `count` entries with; a ValueError for what is no index."""
    if numbers.dtype.kind not in "iu":
        raise ValueError(f"{what} must be integers, found {numbers.dtype} {numbers.shape}")
    found = numbers.astype(np.int64)
    # One pass instead of two: as unsigned numbers, negative ones are huge.
    if found.size and np.maximum.reduce(found.view(np.uint64), axis=None) >= count:
        raise ValueError(
            f"{what} must lie in 0 ... {count - 1}, found {numbers.min()} ... {numbers.max()}"
        )
    return found


def unbroadcast(share, parent, op):
    """A parent node's share in the parent's own shape and dtype.

    Where an operand was repeated to fit the other, each copy earned a share: they are summed over
    every axis along which it was repeated. Rows stay Rows for a leaf, the only one that no vjp
    is waiting for.
    """
    if type(share) is Rows and share.shape == parent.shape:
        return share.dense() if parent.edges else share
    share, shape = np.asarray(share), parent.shape
    extra = share.ndim - len(shape)
    repeated = tuple(
        axis
        for axis, size in enumerate(share.shape)
        if axis < extra or (shape[axis - extra] == 1 and size != 1)
    )
    total = np.add.reduce(share, axis=repeated, keepdims=True)
    total = total.reshape(total.shape[max(extra, 0) :])
    if total.shape != shape:
        raise ValueError(
            f"an edge of {op!r} gave a share of shape {share.shape} to a parent of "
            f"shape {shape}: look at its vjp"
        )
    return total.astype(parent.value.dtype, copy=False) if shape else float(total)


def mismatch(verb, x, sign, y):
    """The error to raise where NumPy refused to combine x and y: both shapes, and why."""
    why = "the shapes do not broadcast"
    if sign == "@":
        if np.ndim(x) == 0 or np.ndim(y) == 0:
            why = "a single number is multiplied with *"
        elif x.shape[-1] != y.shape[-2:][0]:
            why = f"the inner sizes {x.shape[-1]} and {y.shape[-2:][0]} differ"
    return ValueError(f"cannot {verb} {np.shape(x)} {sign} {np.shape(y)}: {why}")


def check_dtype(result, op, edges):
    """float32 stays float32: refuse a result that is wider than the array of a parent node."""
    for parent, _ in edges:
        x = getattr(parent, "value", None)  # a constant has none
        if type(x) is ndarray and x.dtype != result.dtype:
            wanted = x.dtype if x.dtype.kind == "f" else result.dtype
            raise ValueError(
                f"{op!r} would turn {x.dtype} {x.shape} into {result.dtype}: give "
                f"all its operands one dtype, for example .astype(np.{wanted})"
            )


def matmul_vjps(x, y):
    """The vjps of x @ y. A vector counts as a row on the left, as a column on the right."""
    rows, columns = (x[None] if x.ndim == 1 else x), (y[:, None] if y.ndim == 1 else y)

    def matrix(delta):
        delta = np.asarray(delta)[..., None] if y.ndim == 1 else delta
        return delta[..., None, :] if x.ndim == 1 else delta

    def to_b(delta):
        share = rows.swapaxes(-1, -2) @ matrix(delta)
        return share[..., 0] if y.ndim == 1 else share

    return lambda delta: matrix(delta) @ columns.swapaxes(-1, -2), to_b
