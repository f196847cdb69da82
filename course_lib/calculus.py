"""Derivatives by central differences, an opinion that is independent of the engine.

Nothing here uses graph.py: the two check each other. `f` takes and returns numbers or arrays; if
it returns an object with a `.value`, such as a Node, that is unwrapped: one function serves both.
"""

import numpy as np
from numpy import ndarray


def derivative(f, x: float | ndarray, h: float = 1e-5) -> float | ndarray:
    """df/dx at a number x: (f(x + h) - f(x - h)) / (2 h), with an error of the order of h^2.

    For an elementwise f, such as an activation, x may also be an array.
    """
    slope = (_plain(f(x + h)) - _plain(f(x - h))) / (2 * h)
    return slope if slope.ndim else float(slope)


def gradient(f, x) -> ndarray:
    """The gradient of a scalar f at an array x, in the shape of x."""
    if np.ndim(_plain(f(np.array(x, float)))):
        raise ValueError("gradient() is for an f that returns one number; use jacobian()")
    return jacobian(f, x).reshape(np.shape(x))


def jacobian(f, x, layout: str = "denominator") -> ndarray:
    """All derivatives of f at x, both read as vectors of N inputs and M outputs.

    layout "denominator" gives N x M with entry (i, j) = df_j/dx_i; "numerator" its transpose. The
    step is 1e-5, for entries above 1 as large a part of the entry.
    """
    if layout not in ("denominator", "numerator"):
        raise ValueError(f'layout must be "denominator" or "numerator", found {layout!r}')
    x = np.array(x, float)
    denominator = _differences(f, x, 1e-5 * np.maximum(1.0, np.abs(x)))
    return denominator if layout == "denominator" else denominator.T


def _differences(f, x, steps):
    """The N x M central differences of f at x, with a step for each entry of x."""
    rows = []
    for i in range(x.size):
        above, below = x.copy(), x.copy()
        above.flat[i] += steps.flat[i]
        below.flat[i] -= steps.flat[i]
        rows.append(np.ravel(_plain(f(above)) - _plain(f(below))) / (2 * steps.flat[i]))
    return np.array(rows)


class RelativeError(float):
    """What verify() returns: a number. As the last line of a cell it is not shown once more."""

    def _ipython_display_(self):
        pass


def verify(claimed, f, x) -> RelativeError:
    """Compare a claimed derivative of f at x with central differences; return the relative error.

    `claimed` has the shape of x if f returns one number, else it is the N x M Jacobian in
    denominator layout. Prints one line if they agree to better than 1e-6 (1e-4 if `claimed` is
    float32; f itself must compute in float64), else raises an AssertionError that shows both. The
    error is relative to the largest entry of either; below 1e-4 of f itself it counts as rounding.
    """
    claimed, x = getattr(claimed, "value", claimed), np.array(getattr(x, "value", x), float)
    if claimed is None:
        raise AssertionError("there is no gradient to compare, found None: call backward() first")
    claimed = np.asarray(claimed)
    tolerance = 1e-4 if claimed.dtype == np.float32 else 1e-6
    value = _plain(f(x.copy()))
    expected = (x.size, value.size) if value.ndim else x.shape
    if claimed.shape != expected:
        raise AssertionError(
            f"the claimed derivative has shape {claimed.shape}, expected {expected}"
        )
    size = np.abs(x)
    # Near 0 a step of 1e-5 may be as long as x itself, and lead out of the domain of a logarithm.
    for steps in (1e-5 * np.maximum(1.0, size), 1e-5 * np.where(size > 0, size, 1.0)):
        with np.errstate(all="ignore"):
            found = _differences(f, x, steps).reshape(expected)
        scale = max(np.abs(found).max(), np.abs(claimed).max(), 1e-4 * np.abs(value).max(), 1e-12)
        error = float(np.abs(claimed - found).max() / scale)
        if error <= tolerance:  # not when it is nan
            print(f"agrees to better than {tolerance:.0e}".replace("e-0", "e-"))
            return RelativeError(error)
    raise AssertionError(
        f"disagrees, relative error {error:.2g}\nclaimed:\n{claimed}\ncentral differences:\n{found}"
    )


def _plain(y):
    """`y` as an array of float64, unwrapped if it is a node."""
    return np.asarray(getattr(y, "value", y), float)
