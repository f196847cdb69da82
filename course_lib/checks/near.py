"""What a result can be, short of right: its own numbers with one thing about them changed.

Each test looks at all instances at once, so that a coincidence on one of them names nothing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .exercise import Exercise

CLOSE = 2e-3  # relative to the largest entry: three significant digits


def code(exercise: Exercise, pairs) -> str | None:
    """The first of these that holds on every instance; None if none does.

    Sign, twice, half, times n, divided by n (n: a length of one of the inputs), transposed,
    reversed, whole numbers (decimals cut off), close (too few digits), shifted by a constant, and
    some parts or entries right.
    """
    tests = {
        "sign": lambda f, e: [-x for x in f],
        "twice": lambda f, e: [x / 2 for x in f],
        "half": lambda f, e: [x * 2 for x in f],
        "transposed": lambda f, e: [_transposed(x, y) for x, y in zip(f, e, strict=True)],
        "reversed": lambda f, e: [np.flip(x) for x in f],
    }
    for name, undo in tests.items():
        if _holds(exercise, pairs, undo):
            return name
    sizes = [_sizes(case.inputs) for _, case in pairs]
    for position in range(min(map(len, sizes))):
        for name, power in (("times_n", -1.0), ("over_n", 1.0)):
            if all(
                exercise.same(tuple(x * float(n[position]) ** power for x in f), case.expected)
                for (f, case), n in zip(pairs, sizes, strict=True)
            ):
                return name
    if exercise.kind.callable and all(_truncated(f, case.expected) for f, case in pairs):
        return "whole"
    if all(exercise.same(f, case.expected, CLOSE) for f, case in pairs):
        return "close"
    if all(_shifted(exercise, f, case.expected) for f, case in pairs):
        return "shifted"
    return "partly" if all(_partly(exercise, f, case.expected) for f, case in pairs) else None


def wrong_parts(exercise: Exercise, pairs) -> list:
    """The same pairs without the parts of a result that are right on every instance."""
    wrong = [
        number
        for number in range(len(pairs[0][1].expected))
        if not all(exercise.same((f[number],), (case.expected[number],)) for f, case in pairs)
    ]
    return [
        (
            tuple(f[number] for number in wrong),
            replace(case, expected=tuple(case.expected[number] for number in wrong)),
        )
        for f, case in pairs
    ]


def shape_code(exercise: Exercise, pairs, part: int) -> str:
    """Why a part has another shape: "reshaped" or "transposed" if its numbers are right."""
    arrays = [(found[part], case.expected[part]) for found, case in pairs]
    first = arrays[0][0]
    if all(f.T.shape == e.shape and exercise.same((f.T,), (e,)) for f, e in arrays) and (
        first.ndim > 1 and 1 not in first.shape
    ):
        return "transposed"
    if all(f.size == e.size and exercise.same((f.reshape(e.shape),), (e,)) for f, e in arrays):
        return "reshaped"
    return "other"


def is_constant(exercise: Exercise, pairs) -> bool:
    """Whether the results are all the same although the right ones differ."""
    (first, case), *others = pairs
    return all(exercise.same(found, first) for found, _ in others) and not any(
        exercise.same(other.expected, case.expected) for _, other in others
    )


def _holds(exercise: Exercise, pairs, undo) -> bool:
    return all(exercise.same(tuple(undo(f, c.expected)), c.expected) for f, c in pairs)


def _transposed(found, expected):
    return found.T if found.ndim == 2 and found.T.shape == expected.shape else found


def _sizes(inputs) -> list[int]:
    """The lengths above 2 of the inputs' axes, in order: 2 and 1/2 have names of their own."""
    shapes = [
        x.shape if isinstance(x, np.ndarray) else (len(x),)
        for x in inputs
        if isinstance(x, (np.ndarray, list, tuple))
    ]
    return [n for shape in shapes for n in shape if n > 2]


def _truncated(found, expected) -> bool:
    return all(
        f.shape == e.shape
        and e.dtype.kind == "f"
        and not np.array_equal(e, np.trunc(e))
        and np.array_equal(f, np.trunc(e))
        and np.any(f)
        for f, e in zip(found, expected, strict=True)
    )


def _shifted(exercise: Exercise, found, expected) -> bool:
    """Whether three or more entries are all off by the same number."""
    return all(
        f.shape == e.shape and f.size > 2 and exercise.same((f - np.mean(f - e),), (e,))
        for f, e in zip(found, expected, strict=True)
    )


def _partly(exercise: Exercise, found, expected) -> bool:
    """Whether at least a third of the entries are right, of two or more."""
    if any(f.shape != e.shape for f, e in zip(found, expected, strict=True)):
        return False
    entries = [
        abs(f - e) <= exercise.tolerance * (np.abs(whole).max(initial=0.0) or 1.0)
        for part, whole in zip(found, expected, strict=True)
        for f, e in zip(np.ravel(part), np.ravel(whole), strict=True)
    ]
    return len(entries) > 1 and len(entries) > sum(entries) >= len(entries) / 3
