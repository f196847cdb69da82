"""The convolution stepper (chapter 13): a window slides forward, and error signals flow back.

Forward: step the window over X. What lies under the filter is multiplied entry by entry and summed.
Click a pixel: every output that it touched lights up, and the weights with which it did so stand
beside them. The pixel is a fork.

Backward: the very same steps, read the other way. For the filter, each window adds its patch times
its δ. For the input, each output lays δ times F over its window, and what arrives at a pixel adds
up. Look at the weights of one pixel: they are F turned by 180 degrees, and nobody turned it.

The switch shows what comes out if something is turned that should not be, or the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..convolution import conv2d
from ..graph import Node
from .controls import Choice, Slider, Switch
from .figure import Figure

FORWARD, FILTER, INPUT = MODES = ("forward", "gradient of the filter", "gradient of the input")
NOT_YET = "·"  # stands where the window has not been, or where a pixel is in no window


def _larger() -> dict[str, np.ndarray]:
    """A 5 x 5 image, a 3 x 3 filter and an error signal for each place that it may have."""
    rng = np.random.default_rng(13)
    sizes = {"X": (5, 0, 5), "F": (3, -2, 3), "delta": (5, -2, 4)}
    return {key: rng.integers(low, high, (n, n)) for key, (n, low, high) in sizes.items()}


ARRAYS = {
    "3 × 3": {  # with more of δ for windows that padding adds
        "X": np.array([[2, 1, 3], [0, 4, 1], [5, 2, 0]]),
        "F": np.array([[2, 0], [-1, 1]]),
        "delta": np.array([[2, -1, 1, 0], [4, 1, -2, 3], [0, 3, 2, -1], [1, -2, 1, 2]]),
    },
    "5 × 5": _larger(),
}


class ConvolutionStepper(Figure):
    title = "The convolution stepper: a window slides, and gradients come back"
    caption = (
        "The solid frame is the window, and the output that it makes; click an output to go there. "
        "The dotted frame is your pixel: click another, or choose it by its number, counted row by "
        "row. The outputs that it touched are yellow, and its weights stand beside them: they are "
        "its column of the matrix that makes O of X. Empty cells around X are zeros."
    )
    alt = (
        "A 2 by 2 filter with rows 2 0 and −1 1 slides over a 3 by 3 input. Its third window makes "
        "0·2 + 4·0 + 5·(−1) + 2·1 = −3 in the output, after 8 and −1. The pixel in the middle lies "
        "under all four windows: it is a fork into four outputs, with the weights 1 −1 and 0 2, "
        "which are the filter turned by 180 degrees."
    )
    controls = (
        Choice("mode", "what is computed", MODES, FORWARD),
        Slider("step", "window", 1, 25, 1, 3, play=900),
        Slider("pixel", "pixel", 1, 25, 1, 5),
        Choice("size", "input", tuple(ARRAYS), "3 × 3"),
        Slider("stride", "stride", 1, 2, 1, 1),
        Slider("padding", "rings of zeros", 0, 1, 1, 0),
        Switch("mistake", "the famous mistake: turned the wrong way"),
    )
    labels: ClassVar = {
        "X": "input X",
        "F": "filter F",
        "delta": "error signal δ of the output",
        "window": "window at row, column of the output",
        "patch": "the patch under it",
        "O": "output O so far",
        "share": "δ times the patch, added now",
        "grad_F": "gradient of F so far",
        "laid": "δ times F, laid over the window now",
        "grad_X": "gradient of X so far",
        "wrong": "the mistake's result",
        "pixel": "pixel at row, column; its value",
        "outputs": "outputs that the pixel touched",
        "weights": "their weights, at their places in O",
        "arrived": "arrived at the pixel so far",
    }

    def __init__(self):
        super().__init__(ARRAYS)

    def numbers(self, settings: Mapping) -> dict:
        X, F, delta = ARRAYS[settings["size"]].values()
        stride, padding, mode = (settings[name] for name in ("stride", "padding", "mode"))
        kh, kw = F.shape

        def slide(image, weights):
            images, filters = Node(_one(image)), Node(_one(weights))
            return images, filters, conv2d(images, filters, stride=stride, padding=padding)

        x, w, z = slide(X, F)
        oh, ow = z.shape[2:]
        delta = delta[:oh, :ow]
        step, pixel = min(settings["step"], oh * ow) - 1, min(settings["pixel"], X.size) - 1
        i, j = divmod(step, ow)
        row, column = divmod(pixel, X.shape[1])
        done = np.arange(oh * ow).reshape(oh, ow) <= step
        patch = np.pad(X, padding)[i * stride : i * stride + kh, j * stride : j * stride + kw]

        impulse = np.zeros(X.shape)
        impulse[row, column] = 1
        touched = slide(impulse, np.ones(F.shape))[2].value[0, 0] > 0
        weights = slide(impulse, F)[2].value[0, 0]
        found = {
            "X": X,
            "F": F,
            "window": [i + 1, j + 1],
            "patch": patch,
            "pixel": [row + 1, column + 1, X[row, column]],
            "outputs": int(touched.sum()),
            "weights": _where(touched, weights),
        }
        turned = F[::-1, ::-1]
        if mode == FORWARD:
            found["O"] = _where(done, z.value[0, 0])
            wrong = _where(done, slide(X, turned)[2].value[0, 0])
        elif mode == FILTER:
            z.backward(_one(delta * done))
            found |= {"delta": delta, "share": delta[i, j] * patch, "grad_F": w.grad[0, 0]}
            _, again, z = slide(X, F)
            z.backward(_one(delta[::-1, ::-1] * done))
            wrong = again.grad[0, 0]
        else:
            z.backward(_one(delta * done))
            found |= {"delta": delta, "laid": delta[i, j] * F, "grad_X": x.grad[0, 0]}
            found["arrived"] = x.grad[0, 0, row, column]
            again, _, z = slide(X, turned)
            z.backward(_one(delta * done))
            wrong = again.grad[0, 0]
        return found | ({"wrong": wrong} if settings["mistake"] else {})


def _one(array: np.ndarray) -> np.ndarray:
    """One image of one channel, or one filter."""
    return array[np.newaxis, np.newaxis].astype(float)


def _where(there: np.ndarray, values: np.ndarray) -> list[list]:
    pairs = zip(there, values, strict=True)
    return [[v if yes else NOT_YET for yes, v in zip(*pair, strict=True)] for pair in pairs]


def convolution_stepper() -> ConvolutionStepper:
    """Slide a filter over an image, step by step, and send error signals back the same way."""
    return ConvolutionStepper()
