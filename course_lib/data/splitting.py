"""Which rows to train on, which to choose by, and which to touch only once, at the end."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Split(NamedTuple):
    """Row numbers, counted from 0 and ascending; no row is in two parts, every row is in one."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split(
    count: int,
    *,
    validation: float = 0.0,
    test: float = 0.0,
    stratify: ArrayLike | None = None,
    rng: np.random.Generator,
) -> Split:
    """Deal out the rows 0 ... count - 1 at random.

        parts = split(len(y), test=0.3, stratify=y, rng=np.random.default_rng(0))
        x_train, x_test = x[parts.train], x[parts.test]

    count: how many rows there are.
    validation, test: the share of the rows in that part, from 0 up to 1; the rest is for training.
        A part has the nearest whole number of rows.
    stratify: a label for each row, shape (count,).  Every class then appears in every part in the
        proportions of the whole, as nearly as whole rows allow.  Without it chance decides.
    rng: the source of chance, e.g. np.random.default_rng(0); the same state gives the same split.

    Raises ValueError if count is not at least 1, if a fraction is not in [0, 1), if nothing is
    left to train on, if a part that was asked for would be empty, if a class would be missing from
    a part, or if `stratify` has another length; TypeError if rng is not a generator.
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a generator, np.random.default_rng(0) say, found {rng!r}")
    if not isinstance(count, int | np.integer) or count < 1:
        found = f"an array {np.shape(count)}" if np.ndim(count) else repr(count)
        raise ValueError(f"count must be the number of rows, len(inputs) say, found {found}")
    sizes = {"validation": part_size(count, validation, "validation")}
    sizes["test"] = part_size(count, test, "test")
    sizes["train"] = count - sum(sizes.values())
    if sizes["train"] <= 0:
        raise ValueError(
            f"validation {validation} and test {test} of {count} rows leave none to train on: "
            "ask for less"
        )

    rows = rng.permutation(count)
    labels = None if stratify is None else np.asarray(stratify)
    if labels is not None:
        if labels.shape != (count,):
            raise ValueError(f"stratify needs {count} labels, one a row, found {labels.shape}")
        rows = rows[np.argsort(labels[rows], kind="stable")]  # class by class, shuffled within

    parts = {}
    for name in ("test", "validation"):
        picked = evenly_spaced(len(rows), sizes[name])
        parts[name], rows = np.sort(rows[picked]), np.delete(rows, picked)
    parts["train"] = np.sort(rows)
    if labels is not None:
        check_classes(labels, parts, [name for name, size in sizes.items() if size])
    return Split(**parts)


def part_size(count: int, fraction: float, name: str) -> int:
    """The number of rows in a part that is to have this fraction of them."""
    if not 0 <= fraction < 1:
        raise ValueError(f"{name} must be a fraction of the rows, from 0 up to 1, found {fraction}")
    size = round(fraction * count)
    if fraction and not size:
        raise ValueError(f"{name}={fraction} of {count} rows is an empty part: ask for more")
    return size


def evenly_spaced(count: int, size: int) -> np.ndarray:
    """`size` different positions below `count`.

    A stretch of m neighbors holds m * size / count of them, rounded up or down: that keeps the
    proportions when the neighbors are one class, and changes nothing when they were shuffled.
    """
    return np.arange(size) * count // max(size, 1)


def check_classes(labels: np.ndarray, parts: dict[str, np.ndarray], wanted: list[str]) -> None:
    """Raise ValueError if a class is missing from one of the wanted parts."""
    names, counts = np.unique(labels, return_counts=True)
    for name, count in zip(names.tolist(), counts.tolist(), strict=True):
        for part in wanted:
            if name not in labels[parts[part]]:
                raise ValueError(
                    f"class {name!r} is too small to stratify: it has {count} of {len(labels)} "
                    f"rows, and none of them falls into the {part} part"
                )
