"""Results as plain arrays: read from what a learner's code returns, compared, written out."""

from __future__ import annotations

import re
from numbers import Number

import numpy as np

from ..graph import Node
from ..rows import Rows

Parts = tuple[np.ndarray, ...]  # a result: one array, or several where a function returns a tuple

SINGLE = 1e-4  # the tolerance for what was computed in float32


class Unreadable(Exception):
    """A result that is no number and no array.

    `code` says what it is, as under [type] in messages/common.toml, and `values` what that message
    is filled with.
    """

    def __init__(self, code: str, **values):
        super().__init__(code, values)
        self.code, self.values = code, values


def parts_of(result, count: int | None = None) -> Parts:
    """The arrays of a result.

    A tuple has one part for each entry, anything else is one part. With `count`, that many parts
    are wanted: 1 makes an array of a tuple or list; more take any sequence of that length apart.
    Raises Unreadable.
    """
    try:
        result = without_nodes(result)
    except RecursionError:  # a list that holds itself
        raise Unreadable("ragged", found=type(result).__name__) from None
    if count is None:
        count = len(result) if isinstance(result, tuple) else 1
    if count == 1:
        return (_array(result),)
    if isinstance(result, np.ndarray) and result.ndim and len(result) == count:
        result = tuple(result)
    if result is None or result is Ellipsis:
        raise Unreadable("nothing", found=repr(result))
    found = len(result) if isinstance(result, (tuple, list)) else 1
    if found != count:
        raise Unreadable("count", found=found, count=count)
    return tuple(_array(part) for part in result)


def without_nodes(value):
    """`value` with the values of nodes in their place, also inside lists, tuples and arrays."""
    if isinstance(value, Node):
        return value.value
    if isinstance(value, Rows):
        return value.dense()
    if isinstance(value, tuple):
        return tuple(map(without_nodes, value))
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        value = value.tolist()
    return list(map(without_nodes, value)) if isinstance(value, list) else value


def _array(value) -> np.ndarray:
    """A new array of integers or floats: what becomes of `value` later does not change it."""
    if value is None or value is Ellipsis:
        raise Unreadable("nothing", found=repr(value))
    if callable(value):
        raise Unreadable("function", found=getattr(value, "__name__", type(value).__name__))
    kind = type(value).__name__
    if isinstance(value, np.ndarray):
        kind = f"{value.dtype} {kind}"
    try:
        array = np.asarray(value).copy()
        if array.dtype.kind == "O" and all(isinstance(x, Number) for x in array.flat):
            array = array.astype(float)  # fractions, decimals, integers beyond 64 bits
    except OverflowError:
        raise Unreadable("kind", found=kind) from None
    except Exception:  # lists of unequal lengths, and objects with conversions of their own
        raise Unreadable("ragged", found=kind) from None
    if array.dtype.kind == "c":
        array = np.real_if_close(array)  # what a Fourier transform leaves of real numbers
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    if array.dtype.kind == "U" and array.size:
        raise Unreadable("text", found=short(array.flat[0].item()))
    if array.dtype.kind not in "iuf":
        raise Unreadable("kind", found=kind)
    return array


def same(found: Parts, expected: Parts, tolerance: float, agreement: float = 1.0) -> bool:
    """Whether two results have the same shapes and, within the tolerance, the same numbers.

    The tolerance is relative to the largest entry of the expected part. Expected whole numbers are
    compared exactly. With `agreement` below 1, that part of the labels must be equal; nan in the
    expected ones stands for any label, and a table of numbers for the label of the largest in each
    row.
    """
    if len(found) != len(expected):
        return False
    return all(_same(f, e, tolerance, agreement) for f, e in zip(found, expected, strict=True))


def _same(found: np.ndarray, expected: np.ndarray, tolerance: float, agreement: float) -> bool:
    if found.shape != expected.shape:
        return False
    if agreement < 1:
        found, expected = _labels(found), _labels(expected)
        return float(np.mean((found == expected) | np.isnan(expected))) >= agreement
    if expected.dtype.kind in "iu":
        whole = np.rint(found)  # a count that was worked out in floats may be off by a rounding
        return bool(np.array_equal(whole, expected) and np.allclose(found, whole, 1e-12, 1e-9))
    if found.dtype.kind == "f" and found.dtype.itemsize < 8:
        tolerance = max(tolerance, SINGLE)
    found, expected = found.astype(float), expected.astype(float)
    finite = np.isfinite(expected)
    if not np.array_equal(found[~finite], expected[~finite], equal_nan=True):
        return False
    if not np.isfinite(found[finite]).all():
        return False
    scale = np.abs(expected[finite]).max(initial=0.0) or 1.0
    return bool(np.abs(found[finite] - expected[finite]).max(initial=0.0) <= tolerance * scale)


def _labels(predictions: np.ndarray) -> np.ndarray:
    """The labels themselves, or those of the largest logit or probability in each row."""
    return predictions.argmax(axis=1) if predictions.ndim == 2 else predictions


def written(parts: Parts) -> str:
    """A result as a learner reads it: a few significant digits, long arrays cut in the middle."""
    texts = [_written(part) for part in parts]
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"


def _written(part: np.ndarray) -> str:
    if part.ndim == 0:
        return f"{int(part):,}" if part.dtype.kind in "iu" else f"{float(part) + 0.0:.6g}"
    text = np.array2string(
        part,
        separator=", ",
        threshold=12,
        edgeitems=2,
        max_line_width=10_000,
        formatter={"float_kind": lambda x: f"{x + 0.0:.4g}"},
    )
    return " ".join(text.split())


def short(value) -> str:
    """A value of any type in a few letters, for a message that it is not the right thing."""
    try:
        text = repr(value)[:200]
    except Exception:  # an object of the learner's, or an integer of 5,000 digits
        text = f"<{type(value).__name__}>"
    text = re.sub(r" at 0x\w+", "", " ".join(text.split()))
    return text if len(text) <= 40 else f"{text[:37]}..."
