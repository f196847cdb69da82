"""Columns on one scale: mean 0 and standard deviation 1, as measured on the training rows."""

import numpy as np
from numpy.typing import ArrayLike


class Standardizer:
    """Measures each column of the training inputs; `transform` then puts any rows on that scale.

        scaler = Standardizer(x_train)
        x_train, x_test = scaler.transform(x_train), scaler.transform(x_test)

    Measure the training rows only: a mean that has seen the test rows has leaked them.

    inputs: array (n, d), n at least 1.
    mean: array (d,), the column means.
    scale: array (d,), the population standard deviations (divided by n, not n - 1).  A constant
        column has scale 1, so that it becomes all 0, as in scikit-learn's StandardScaler.

    Both are float64; `transform` gives float32 for float32.

    Raises ValueError if inputs is not a table with at least one row, or holds nan or infinity.
    """

    def __init__(self, inputs: ArrayLike):
        inputs = as_table(inputs)
        mean, deviation = inputs.mean(axis=0, dtype=float), inputs.std(axis=0, dtype=float)
        # Rounding may give a constant column a deviation of 1e-17, so it is told by its entries.
        constant = (inputs == inputs[0]).all(axis=0)
        self.mean = np.where(constant, inputs[0], mean)
        self.scale = np.where(constant, 1.0, deviation)

    def transform(self, inputs: ArrayLike) -> np.ndarray:
        """(inputs - mean) / scale, a new array (n, d) of the same dtype.

        Raises ValueError for another number of columns, and as the class does.
        """
        inputs = as_table(inputs)
        if inputs.shape[1] != len(self.mean):
            raise ValueError(
                f"the standardizer measured {len(self.mean)} columns, "
                f"these inputs have {inputs.shape[1]}: shape {inputs.shape}"
            )
        return ((inputs - self.mean) / self.scale).astype(inputs.dtype, copy=False)

    def __repr__(self) -> str:
        return f"Standardizer(mean={self.mean}, scale={self.scale})"


def as_table(inputs: ArrayLike) -> np.ndarray:
    """The inputs as a finite float array of shape (n, d), n >= 1; whole numbers become float64."""
    inputs = np.asarray(inputs)
    if inputs.dtype.kind not in "fiub":
        raise ValueError(f"expected a table of numbers, found {inputs.dtype} {inputs.shape}")
    if inputs.dtype.kind != "f":
        inputs = inputs.astype(np.float64)
    if inputs.ndim != 2 or inputs.size == 0:
        raise ValueError(f"expected a table (rows, columns) with data, found shape {inputs.shape}")
    wrong = np.argwhere(~np.isfinite(inputs))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise ValueError(
            f"row {row}, column {column} (counted from 0) is {inputs[row, column]}: "
            "fill the gap or leave the row out before standardizing"
        )
    return inputs
