"""Inputs and results as JSON holds them, to the last bit: arrays by their bytes, tuples as such."""

from __future__ import annotations

import base64

import numpy as np

from .values import short


def to_plain(value):
    """A value made of lists, strings, numbers and `null` for json.dumps; `of_plain` reads it back.

    Raises TypeError, with one line, for what is no array, tuple, list, number, string or bool.
    """
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        data = base64.b64encode(value.tobytes()).decode("ascii")
        return {"dtype": value.dtype.str, "shape": value.shape, "data": data}
    if type(value) is tuple:
        return {"tuple": [to_plain(item) for item in value]}
    if type(value) is list:
        return [to_plain(item) for item in value]
    if type(value) in (int, float, str, bool):
        return value
    raise TypeError(f"{short(value)}, of type {type(value).__name__}, is no plain value")


def of_plain(found):
    """The inverse of `to_plain`; what is no part of that form stays as it is."""
    if isinstance(found, list):
        return [of_plain(item) for item in found]
    if not isinstance(found, dict):
        return found
    if "tuple" in found:
        return tuple(of_plain(item) for item in found["tuple"])
    data = base64.b64decode(found["data"])
    return np.frombuffer(data, found["dtype"]).reshape(found["shape"]).copy()
