"""Two-dimensional convolution, forward and backward, as stacked matrix products."""

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import as_strided

from .functions import array_of
from .graph import Node, value_of


def conv2d(images, weight, bias=None, stride: int = 1, padding: int = 0) -> Node:
    """Slide f filters over n images: x (n, c, h, w), W (f, c, kh, kw), b (f,) to z (n, f, oh, ow).

    z[n, f, i, j] = b[f] + sum over c, k, l of x[n, c, i s + k, j s + l] W[f, c, k, l] for stride s:
    a cross-correlation, which this field calls convolution. `padding` rings of zeros surround the
    images. With p rings, oh = (h + 2 p - kh) // s + 1. Shapes that do not fit are a ValueError.

    Memory order inside is (row, channel, column, image), so that long runs lie together. Columns
    are unfolded by copying; rows need no copy, for kh neighboring rows are one block of memory.
    """
    x, w = value_of(images), value_of(weight)
    _check(x, w, stride, padding)
    x = array_of(images, "conv2d")
    (n, c, height, width), (f, _, kh, kw) = x.shape, w.shape
    rows, columns = height + 2 * padding, width + 2 * padding
    oh, ow = (rows - kh) // stride + 1, (columns - kw) // stride + 1
    inside = slice(padding, padding + height), slice(None), slice(padding, padding + width)

    padded = np.zeros((rows, c, columns, n), x.dtype)
    padded[inside] = x.transpose(2, 1, 3, 0)
    unfolded = np.empty((rows, c, kw, ow, n), x.dtype)
    for l in range(kw):
        unfolded[:, :, l] = padded[:, :, l : l + stride * ow : stride]
    windows = _stacked(unfolded.reshape(rows, c * kw, ow * n), kh, stride)  # (oh, kh c kw, ow n)
    z = w.transpose(0, 2, 1, 3).reshape(f, -1) @ windows  # (oh, f, ow n)
    if bias is not None:
        b = value_of(bias)
        if np.shape(b) != (f,):
            raise ValueError(f"conv2d: the bias has shape {np.shape(b)}, expected {(f,)}")
        z += np.repeat(b, ow * n).reshape(f, ow * n)  # in two thirds of the time of b[:, None]

    def signal(delta):  # the error signal in the memory order of z
        delta = delta.transpose(2, 1, 3, 0)
        if not delta.flags.c_contiguous:
            # By way of (row, filter, image, column): in one step, reading every image in turn, it
            # takes up to four times as long, for equal places of images share a line of the cache.
            delta = np.ascontiguousarray(delta.swapaxes(2, 3)).swapaxes(2, 3)
        return np.ascontiguousarray(delta).reshape(oh, f, ow * n)

    def to_weight(delta):  # correlates the images with the error signal
        share = np.add.reduce(windows @ signal(delta).swapaxes(1, 2), axis=0)
        return share.T.reshape(f, kh, c, kw).transpose(0, 2, 1, 3)

    def to_images(delta):  # correlates the spread-out error signal with the turned filters
        spread = np.zeros((rows + kh - 1, f, ow * n), delta.dtype)
        spread[kh - 1 : kh - 1 + stride * oh : stride] = signal(delta)
        turned = w[:, :, ::-1].transpose(1, 3, 2, 0).reshape(c * kw, kh * f)
        share = (turned @ _stacked(spread, kh)).reshape(rows, c, kw, ow, n)
        total = np.zeros((rows, c, columns, n), share.dtype)
        for l in range(kw):
            total[:, :, l : l + stride * ow : stride] += share[:, :, l]
        return total[inside].transpose(3, 1, 0, 2)

    def to_bias(delta):  # as products with ones, a third of the time of delta.sum(axis=(0, 2, 3))
        if not delta.flags.c_contiguous:
            delta = delta.transpose(2, 1, 3, 0)  # the filters come second in both orders
        blocks = delta.reshape(len(delta), f, delta.shape[2] * delta.shape[3])
        return np.add.reduce(blocks @ np.ones(blocks.shape[2], blocks.dtype), axis=0)

    edges = [(images, to_images), (weight, to_weight)]
    if bias is not None:
        edges.append((bias, to_bias))
    return Node(z.reshape(oh, f, ow, n).transpose(3, 1, 0, 2), "conv2d", *edges)


def _check(x, w, stride, padding):
    if np.ndim(x) != 4 or np.ndim(w) != 4 or x.shape[1] != w.shape[1]:
        raise ValueError(
            f"cannot convolve images {np.shape(x)} with filters {np.shape(w)}: "
            "expected (n, c, h, w) and (f, c, kh, kw) with the same c"
        )
    if stride < 1 or padding < 0:
        raise ValueError(
            f"conv2d: found stride {stride} and padding {padding}, expected a stride of at least 1 "
            "and no negative padding"
        )
    if x.shape[2] + 2 * padding < w.shape[2] or x.shape[3] + 2 * padding < w.shape[3]:
        raise ValueError(
            f"conv2d: filters of {w.shape[2]}x{w.shape[3]} do not fit into images of "
            f"{x.shape[2]}x{x.shape[3]} with padding {padding}"
        )


def _stacked(blocks: ndarray, count: int, step: int = 1) -> ndarray:
    """(rows, a, b) to (windows, count * a, b): `count` neighboring rows as one matrix, a view."""
    rows, a, b = blocks.shape
    row, *inner = blocks.strides
    shape = ((rows - count) // step + 1, count * a, b)
    return as_strided(blocks, shape, (step * row, *inner), writeable=False)
