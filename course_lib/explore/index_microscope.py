"""The index microscope (chapter 06): which z does one entry of W touch, and through which a?

A layer computes z = W a + b with a W of 3 rows and 4 columns. Point at an entry W_ij, or choose i
and j, and nudge it: of the three z only z_i moves, by the nudge times a_j. So dz_k/dW_ij is a_j for
k = i and 0 for every other k: a column with a single entry that is not 0.

Below, the same going back: the error signal of W_ij is delta_z_i times a_j, where the row of the
one crosses the column of the other. Let it fill entry by entry; then raise the batch size: each
entry becomes the mean of one such product for every item.

Beside it stands what would follow if every z depended on every entry of W: a gradient whose rows
are all alike, so that all units would learn the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..functions import linear
from ..graph import Node
from .controls import Slider
from .figure import Figure

W = np.array([[0.5, -1.0, 2.0, 1.5], [1.0, 0.5, -0.5, 2.0], [-1.5, 1.0, 0.5, -1.0]])
B = np.array([0.5, -1.0, 1.0])
# An item in each row; entries whose means, also of all three items, are short numbers.
INPUTS = np.array([[-1.0, 2.0, 0.0, 3.0], [2.0, 0.0, 1.0, -2.0], [2.0, 1.0, -1.0, 2.0]])
SIGNALS = np.array([[0.4, -0.2, 0.1], [-0.2, 0.4, -0.5], [0.1, 0.1, 0.4]])
UNITS, SIZE = W.shape


class IndexMicroscope(Figure):
    title = "The index microscope: one weight, one z, one a"
    caption = (
        "Top: z = W a + b, a column of a and of z for each item of the batch. Point at an entry of "
        "W or click it. Bottom left: its error signal, where a row of δ_z crosses a column of a. "
        "Bottom right: what would follow if every z depended on every entry of W."
    )
    alt = (
        "A layer of three units and four inputs. The entry in row 2, column 2 of W is nudged by "
        "0.5: z₂ moves by 1, because a₂ is 2, while z₁ and z₃ stay. The derivative of z by this "
        "entry is the column 0, 2, 0. Below, the outer product of δ_z and a is filled up to this "
        "entry, −0.2 times 2 = −0.4. Beside it a wrong gradient with three rows alike."
    )
    controls = (
        Slider("i", "row i of W", 1, UNITS, 1, 2),
        Slider("j", "column j of W", 1, SIZE, 1, 2),
        Slider("nudge", "nudge of Wᵢⱼ", -1.0, 1.0, 0.1, 0.5),
        Slider("batch", "batch size", 1, len(INPUTS), 1, 1),
        Slider("filled", "entries of δ_W filled", 0, UNITS * SIZE, 1, 6, play=900),
    )
    labels: ClassVar = {
        "W": "W with the nudge",
        "a": "a of each item",
        "z": "z of each item",
        "change": "change of z₁, z₂, z₃ of each item",
        "slopes": "dz₁/dWᵢⱼ, dz₂/dWᵢⱼ, dz₃/dWᵢⱼ of each item",
        "signals": "δ_z of each item",
        "products": "δ_zᵢ aⱼ of each item",
        "entry": "δ_Wᵢⱼ, their mean",
        "gradient": "δ_W",
        "wrong_slopes": "wrong idea: dz₁, dz₂, dz₃ by dWᵢⱼ of each item",
        "wrong_gradient": "wrong idea: δ_W",
    }

    def __init__(self):
        super().__init__({"W": W, "b": B, "inputs": INPUTS, "signals": SIGNALS})

    def numbers(self, settings: Mapping) -> dict:
        i, j, size = settings["i"] - 1, settings["j"] - 1, settings["batch"]
        a, signals = INPUTS[:size], SIGNALS[:size]
        nudged = W.copy()
        nudged[i, j] += settings["nudge"]
        weight = Node(nudged)
        z = linear(a, weight, B)
        slopes = np.zeros_like(signals)
        for n, k in np.ndindex(slopes.shape):
            seed = np.zeros_like(signals)
            seed[n, k] = 1
            z.backward(seed)
            slopes[n, k] = weight.grad[i, j]
        z.backward(signals / size)
        gradient = weight.grad
        total = signals.sum(axis=1, keepdims=True)
        linear(a, weight, B).backward(np.repeat(total, UNITS, axis=1) / size)
        return {
            "W": nudged,
            "a": a,
            "z": z.value,
            "change": z.value - linear(a, W, B).value,
            "slopes": slopes,
            "signals": signals,
            "products": signals[:, i] * a[:, j],
            "entry": gradient[i, j],
            "gradient": gradient,
            "wrong_slopes": np.repeat(a[:, [j]], UNITS, axis=1),
            "wrong_gradient": weight.grad,
        }


def index_microscope() -> IndexMicroscope:
    """Point at an entry of W, and see the one z and the one a that it touches."""
    return IndexMicroscope()
