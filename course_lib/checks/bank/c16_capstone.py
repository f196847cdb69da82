"""Chapter 16: a gate, tied weights, a shared filter and a fork, none of them seen before."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import GATE, Exercise

# The cells that a person marks, and their points.
BY_HAND = {"project": 4, "report": 6, "erratum": 4}

# --- 16a: a gate that the library would have to be given ---------------------------------------


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, small) / (1 + small)


class SoftplusGate:
    """ln(1 + e^x) for each entry."""

    def forward(self, x):
        self.x = x
        return softplus(x)

    def backward(self, delta):
        return delta * sigmoid(self.x)


def gate(value, share):
    """A gate that gives value(x) on the way forward and share(x, delta) on the way back."""

    class Gate:
        def forward(self, x):
            self.x = x
            return value(x)

        def backward(self, delta):
            return share(self.x, delta)

    return Gate


class SharedByAllGates(SoftplusGate):
    """Stores x on the class, where the next gate overwrites it."""

    def forward(self, x):
        type(self).x = x
        return softplus(x)


def far_out(rng: Generator) -> tuple:
    """Entries on which e^x overflows on either side, between some ordinary ones; and delta."""
    low, high = rng.integers(750, 900, 2)
    x = rng.permutation([-low, *rng.normal(0, 1.5, 4).round(1), high])
    return x.reshape(2, 3), rng.normal(0, 2, (2, 3)).round(1)


# --- 16b: xhat = W' tanh(W x), one matrix used twice ---------------------------------------------


def error_signal(x, W):
    """h = tanh(W x) and the error signal of xhat = W' h under ||xhat - x||^2."""
    h = np.tanh(W @ x)
    return h, 2 * (W.T @ h - x)


def from_decoder(x, W) -> ndarray:
    """The share of W's use in xhat = W' h."""
    return np.outer(*error_signal(x, W))


def from_encoder(x, W, slope=lambda z: 1 - np.tanh(z) ** 2) -> ndarray:
    """The share of W's use in h = tanh(W x)."""
    _, delta_xhat = error_signal(x, W)
    return np.outer((W @ delta_xhat) * slope(W @ x), x)


def delta_W(x, W) -> ndarray:
    return from_decoder(x, W) + from_encoder(x, W)


def reconstruction_for_input(x, W) -> ndarray:
    """The encoder's share with xhat where x entered."""
    h, delta_xhat = error_signal(x, W)
    return np.outer(h, delta_xhat) + np.outer((W @ delta_xhat) * (1 - h**2), W.T @ h)


def autoencoder(rng: Generator) -> tuple:
    """4 or 5 inputs and 2 or 3 hidden units, small enough to keep tanh from saturating."""
    hidden, inputs = int(rng.integers(2, 4)), int(rng.integers(4, 6))
    return rng.normal(0, 1, inputs).round(2), rng.normal(0, 0.5, (hidden, inputs)).round(2)


# --- 16c: one filter over the word vectors of a sentence -----------------------------------------


def windows(X, F) -> ndarray:
    """All windows of len(F) words, (positions, width, size)."""
    return np.stack([X[t : t + len(F)] for t in range(len(X) - len(F) + 1)])


def delta_F(X, F, delta_z) -> ndarray:
    return np.einsum("t,tid->id", delta_z, windows(X, F))


def sentence(rng: Generator) -> tuple:
    """4 to 6 words, an empty row before and after them, a filter of width 3 and error signals."""
    words, size = int(rng.integers(4, 7)), int(rng.integers(2, 5))
    X = np.pad(rng.normal(0, 1, (words, size)), ((1, 1), (0, 0)))
    return X.round(1), rng.normal(0, 1, (3, size)).round(1), rng.normal(0, 1, words).round(1)


# --- 16d: f = softplus(w x) w + (w x)^2 ----------------------------------------------------------


def along_w(w, x):
    """w as a factor of the product."""
    return softplus(w * x)


def along_softplus(w, x):
    return w * sigmoid(w * x) * x


def along_square(w, x):
    return 2 * (w * x) * x


def df_dw(w, x) -> float:
    return along_w(w, x) + along_softplus(w, x) + along_square(w, x)


def two_numbers(rng: Generator) -> tuple:
    """w and x of size 0.3 to 1.8, with either sign."""
    w, x = rng.uniform(0.3, 1.8, 2) * rng.choice([-1, 1], 2)
    return round(float(w), 2), round(float(x), 2)


EXERCISES = [
    Exercise(
        "16a",
        SoftplusGate,
        (np.array([-800.0, -1.5, 2.0, 800.0]), np.array([3.0, 2.0, -1.0, 0.5])),
        far_out,
        kind=GATE,
        points=3,
        wrong={
            "overflow": gate(
                lambda x: np.log(1 + np.exp(x)), lambda x, d: d * np.exp(x) / (1 + np.exp(x))
            ),
            "overflow_below": gate(
                lambda x: x + np.log(1 + np.exp(-x)), lambda x, d: d / (1 + np.exp(-x))
            ),
            "relu": gate(lambda x: np.maximum(x, 0), lambda x, d: d * (x > 0)),
            "no_upstream": gate(softplus, lambda x, d: sigmoid(x)),
            "no_slope": gate(softplus, lambda x, d: d),
            "value_for_slope": gate(softplus, lambda x, d: d * softplus(x)),
            "slope_at_output": gate(softplus, lambda x, d: d * sigmoid(softplus(x))),
            "minus_x": gate(softplus, lambda x, d: d * sigmoid(-x)),
            "inner_only": gate(softplus, lambda x, d: d * np.exp(x)),
            "sigmoid_slope": gate(softplus, lambda x, d: d * sigmoid(x) * sigmoid(-x)),
            "shared_memory": SharedByAllGates,
        },
    ),
    Exercise(
        "16b",
        delta_W,
        (np.array([1.0, -0.5, 2.0]), np.array([[0.5, -1.0, 0.25], [0.75, 0.5, -0.5]])),
        autoencoder,
        points=3,
        wrong={
            "encoder_only": from_encoder,
            "decoder_only": from_decoder,
            "decoder_matrix": lambda x, W: from_decoder(x, W).T,
            "transposed": lambda x, W: delta_W(x, W).T,
            "no_slope": lambda x, W: from_decoder(x, W) + from_encoder(x, W, lambda z: 1),
            "slope_of_z": lambda x, W: from_decoder(x, W) + from_encoder(x, W, lambda z: 1 - z**2),
            "sigmoid_slope": lambda x, W: (
                from_decoder(x, W) + from_encoder(x, W, lambda z: np.tanh(z) * (1 - np.tanh(z)))
            ),
            "encoder_twice": lambda x, W: 2 * from_encoder(x, W),
            "decoder_twice": lambda x, W: 2 * from_decoder(x, W),
            "half": lambda x, W: delta_W(x, W) / 2,
            "subtracted": lambda x, W: from_encoder(x, W) - from_decoder(x, W),
            "multiplied": lambda x, W: from_encoder(x, W) * from_decoder(x, W),
            "reconstruction": reconstruction_for_input,
            "sign": lambda x, W: -delta_W(x, W),
        },
    ),
    Exercise(
        "16c",
        delta_F,
        (
            np.array([[0.0, 0.0], [1.0, 2.0], [3.0, -1.0], [0.0, 2.0], [2.0, 1.0], [0.0, 0.0]]),
            np.array([[1.0, 0.0], [2.0, -1.0], [0.0, 1.0]]),
            np.array([1.0, -2.0, 3.0, 2.0]),
        ),
        sentence,
        points=3,
        wrong={
            "flipped": lambda X, F, delta_z: delta_F(X, F, delta_z)[::-1],
            "last_position": lambda X, F, delta_z: delta_z[-1] * windows(X, F)[-1],
            "first_position": lambda X, F, delta_z: delta_z[0] * windows(X, F)[0],
            "mean": lambda X, F, delta_z: delta_F(X, F, delta_z) / len(delta_z),
            "one_word_early": lambda X, F, delta_z: delta_F(np.roll(X, 1, axis=0), F, delta_z),
            "same_row": lambda X, F, delta_z: np.tile(delta_F(X, F, delta_z)[0], (len(F), 1)),
            "no_delta": lambda X, F, delta_z: windows(X, F).sum(axis=0),
            "filter_for_words": lambda X, F, delta_z: delta_z.sum() * F,
        },
    ),
    Exercise(
        "16d",
        df_dw,
        (-0.5, 1.2),
        two_numbers,
        wrong={
            "along_w_only": along_w,
            "last_report": along_softplus,
            "square_only": along_square,
            "direct_lost": lambda w, x: along_softplus(w, x) + along_square(w, x),
            "square_lost": lambda w, x: along_w(w, x) + along_softplus(w, x),
            "softplus_lost": lambda w, x: along_w(w, x) + along_square(w, x),
            "no_inner": lambda w, x: along_w(w, x) + w * sigmoid(w * x) + 2 * w * x,
            "product_of_slopes": lambda w, x: sigmoid(w * x) * x + along_square(w, x),
            "value_for_slope": lambda w, x: (
                along_w(w, x) + w * softplus(w * x) * x + along_square(w, x)
            ),
            "spent_twice": lambda w, x: df_dw(w, x) + along_softplus(w, x),
            "of_x": lambda w, x: w * sigmoid(w * x) * w + 2 * (w * x) * w,
            "multiplied": lambda w, x: along_w(w, x) * along_softplus(w, x) * along_square(w, x),
        },
    ),
]
