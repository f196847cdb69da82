"""Chapter 13: the sliding filter, and the two gradients of it. Stride 1, no padding."""

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import sliding_window_view
from numpy.random import Generator

from ..exercise import BugHunt, Exercise

# X, F, delta_O
IMAGE = (
    np.array([[1.0, 2.0, 0.0], [3.0, 1.0, 4.0], [2.0, 5.0, 1.0]]),
    np.array([[1.0, 0.0], [2.0, -1.0]]),
    np.array([[1.0, 2.0], [3.0, 4.0]]),
)


def image(rng: Generator) -> tuple:
    """Small whole numbers; nothing is square, and the error signal has room for the filter."""
    (h, w), (kh, kw) = [((4, 6), (2, 3)), ((6, 4), (3, 2))][rng.integers(2)]
    X, F = rng.integers(0, 10, (h, w)), rng.integers(-4, 6, (kh, kw))
    delta_O = rng.integers(-5, 6, (h - kh + 1, w - kw + 1))
    return X.astype(float), F.astype(float), delta_O.astype(float)


def correlate(X, F) -> ndarray:
    """The filter as it is, wherever it fits into the image."""
    return np.einsum("ijkl,kl->ij", sliding_window_view(X, F.shape), F)


def delta_F(X, F, delta_O) -> ndarray:
    """Each use of the filter adds its window times the error signal that came back there."""
    return correlate(X, delta_O)


def delta_X(X, F, delta_O) -> ndarray:
    """Seen from a pixel, the filter lies the other way round over the outputs that read it."""
    return spread(F, delta_O, turned(F))


def spread(F, delta_O, laid) -> ndarray:
    """The filter as it is `laid` over the error signal, with zeros around for the size of F."""
    kh, kw = F.shape
    return correlate(np.pad(delta_O, ((kh - 1, kh - 1), (kw - 1, kw - 1))), laid)


def turned(F) -> ndarray:
    """By 180 degrees."""
    return F[::-1, ::-1]


def overwritten(X, F, delta_O) -> ndarray:
    """Each output writes its share of the image's gradient over what was there."""
    gradient, (kh, kw) = np.zeros(X.shape), F.shape
    for i, j in np.ndindex(*delta_O.shape):
        gradient[i : i + kh, j : j + kw] = F * delta_O[i, j]
    return gradient


def first_window(X, F) -> ndarray:
    return X[: F.shape[0], : F.shape[1]]


def last_window(X, F) -> ndarray:
    return X[-F.shape[0] :, -F.shape[1] :]


EXERCISES = [
    Exercise(
        "13a",
        correlate,
        IMAGE[:2],
        lambda rng: image(rng)[:2],
        wrong={
            "turned": lambda X, F: correlate(X, turned(F)),
            "transposed": lambda X, F: correlate(X, F.T),
            "rows_reversed": lambda X, F: correlate(X, F[::-1]),
            "columns_reversed": lambda X, F: correlate(X, F[:, ::-1]),
            "no_sum": lambda X, F: first_window(X, F) * F,
            "one_place_short": lambda X, F: correlate(X, F)[:-1, :-1],
        },
    ),
    Exercise(
        "13b",
        delta_F,
        IMAGE,
        image,
        wrong={
            "signal_turned": lambda X, F, delta_O: correlate(X, turned(delta_O)),
            "output_for_signal": lambda X, F, delta_O: correlate(X, correlate(X, F)),
            "result_turned": lambda *v: turned(delta_F(*v)),
            "mean": lambda *v: delta_F(*v) / v[2].size,
            "first_place_only": lambda X, F, delta_O: delta_O[0, 0] * first_window(X, F),
            "overwritten": lambda X, F, delta_O: delta_O[-1, -1] * last_window(X, F),
            "no_signal": lambda X, F, delta_O: correlate(X, np.ones(delta_O.shape)),
        },
    ),
    Exercise(
        "13c",
        delta_X,
        IMAGE,
        image,
        points=3,
        wrong={
            "not_turned": lambda X, F, delta_O: spread(F, delta_O, F),
            "transposed": lambda X, F, delta_O: spread(F, delta_O, turned(F.T)),
            "only_rows_turned": lambda X, F, delta_O: spread(F, delta_O, F[::-1]),
            "only_columns_turned": lambda X, F, delta_O: spread(F, delta_O, F[:, ::-1]),
            "quarter_turn": lambda X, F, delta_O: spread(F, delta_O, np.rot90(F)),
            "unpadded": lambda X, F, delta_O: correlate(delta_O, turned(F)),
            "overwritten": overwritten,
            "no_signal": lambda X, F, delta_O: delta_X(X, F, np.ones(delta_O.shape)),
            "sign": lambda *v: -delta_X(*v),
        },
    ),
    BugHunt("13bug", line="B"),
]
