"""Results as plain arrays: read from what a learner's code returns, compared, written out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..graph import Node
from ..rows import Rows

Parts = tuple[np.ndarray, ...]  # a result: one array, or several where a function returns a tuple

SINGLE = 1e-4  # the tolerance for what was computed in float32


class Unreadable(Exception):
    """A result that is no number and no array; the first argument says what it is."""


def parts_of(result, count: int | None = None) -> Parts:
    """The arrays of a result.

    A tuple has one part for each entry, anything else is one part. With `count`, that many parts
    are wanted: 1 makes an array of a tuple or list; more take any sequence of that length apart.
    Raises Unreadable.
    """
    result = _plain(result)
    if count is None:
        count = len(result) if isinstance(result, tuple) else 1
    if count == 1:
        return (_array(result),)
    if isinstance(result, np.ndarray) and result.ndim and len(result) == count:
        result = tuple(result)
    if result is None or result is Ellipsis:
        raise Unreadable("nothing", repr(result))
    if not isinstance(result, (tuple, list)) or len(result) != count:
        found = f"{len(result)} values" if isinstance(result, (tuple, list)) else "one value"
        raise Unreadable("count", found, count)
    return tuple(_array(part) for part in result)


def _plain(value):
    """`value` without nodes: their values, also inside lists and tuples."""
    if isinstance(value, Node):
        return value.value
    if isinstance(value, Rows):
        return value.dense()
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return list(map(_plain, value)) if isinstance(value, list) else value


def _array(value) -> np.ndarray:
    if value is None or value is Ellipsis:
        raise Unreadable("nothing", repr(value))
    if isinstance(value, str):
        raise Unreadable("text", repr(value))
    if callable(value):
        raise Unreadable("function", getattr(value, "__name__", type(value).__name__))
    try:
        array = np.asarray(value)
    except Exception:  # lists of unequal lengths, and objects with conversions of their own
        raise Unreadable("ragged", type(value).__name__) from None
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    if array.dtype.kind == "U" and array.size:
        raise Unreadable("text", repr(array.flat[0].item()))
    if array.dtype.kind == "O" and isinstance(value, int) and value.bit_length() < 1024:
        return np.array(float(value))  # more than 64 bits
    if array.dtype.kind not in "iuf":
        raise Unreadable("kind", type(value).__name__)
    return array


def same(found: Parts, expected: Parts, tolerance: float, agreement: float = 1.0) -> bool:
    """Whether two results have the same shapes and, within the tolerance, the same numbers.

    The tolerance is relative to the largest entry of the expected part. Whole numbers are compared
    exactly. With `agreement` below 1, that part of the labels must be equal; nan in the expected
    ones stands for any label, and a table of numbers for the label of the largest in each row.
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
        return bool(np.array_equal(found, expected))
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


def flat(parts: Parts) -> Iterator[float]:
    """All numbers of a result."""
    for part in parts:
        yield from np.ravel(part).tolist()
