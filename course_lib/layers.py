"""Layers: functions that own their parameters. Rows are examples; nodes or arrays in, nodes out."""

from __future__ import annotations  # or naming np.random would import it, 12 ms

import os

import numpy as np
from numpy import ndarray

from . import functions
from .convolution import conv2d
from .files import replaced
from .graph import Node, value_of
from .values import shown


class Layer:
    """What all layers share: finding parameters, and the switch between training and evaluation.

    A subclass stores its parameters (leaf Nodes), arrays that belong to its state and layers inside
    it as attributes, or in lists of them, and defines __call__.
    """

    training = True

    def parameters(self) -> list[Node]:
        """Every parameter once, in the order in which the layers were built."""
        return list(dict.fromkeys(x for _, x in self._state() if type(x) is Node))

    def train(self) -> Layer:
        """Switch to training: dropout drops, batch normalization uses the batch. Returns self."""
        return self._switch(True)

    def eval(self) -> Layer:
        """Switch to evaluation: no dropout, running statistics. Returns self."""
        return self._switch(False)

    def __repr__(self) -> str:
        parts = [
            repr(x) if isinstance(x, Layer) else f"{name} {np.shape(value_of(x))}"
            for name, x in self._attributes()
            if isinstance(x, Layer) or type(x) in (Node, ndarray)
        ]
        return f"{type(self).__name__}({', '.join(parts)})"

    def _switch(self, training: bool) -> Layer:
        self.training = training
        for _, x in self._attributes():
            if isinstance(x, Layer):
                x._switch(training)
        return self

    def _attributes(self):
        """(name, x) for each attribute, and (name.i, x) for each entry of a list, tuple or dict."""
        for name, x in vars(self).items():
            yield from _entries(name, x)

    def _state(self):
        """(dotted name, x) for parameters and state arrays: ("layers.0.weight", node) and so on."""
        for name, x in self._attributes():
            if isinstance(x, Layer):
                yield from ((f"{name}.{inner}", y) for inner, y in x._state())
            elif type(x) in (Node, ndarray):
                yield name, x


def _entries(name, x):
    if isinstance(x, list | tuple | dict):
        for key, entry in x.items() if isinstance(x, dict) else enumerate(x):
            yield from _entries(f"{name}.{key}", entry)
    else:
        yield name, x


def get_state(layer: Layer) -> dict[str, ndarray]:
    """Copies of all parameters and running statistics by dotted name."""
    return {name: np.array(value_of(x)) for name, x in layer._state()}


def set_state(layer: Layer, state: dict[str, ndarray]) -> None:
    """Put back what get_state() returned. Names and shapes must agree, else a ValueError."""
    own = dict(layer._state())
    if missing := sorted(own.keys() ^ state.keys()):
        raise ValueError(f"the layers differ, only one of the two has {', '.join(missing)}")
    for name, x in own.items():
        if np.shape(state[name]) != np.shape(value_of(x)):
            raise ValueError(
                f"{name} has shape {np.shape(value_of(x))}, found {np.shape(state[name])}"
            )
    floats = {name: np.array(state[name], getattr(x, "dtype", float)) for name, x in own.items()}
    for name, x in own.items():
        if type(x) is Node:
            x.value = floats[name].astype(x.value.dtype) if x.shape else float(floats[name])
        else:
            x[...] = floats[name]


def save(layer: Layer, path: str | os.PathLike) -> None:
    """Write all parameters and running statistics to `path`, a .npz file without pickle.

    The file is complete or not there: an older one is replaced only at the end.
    """
    with replaced(path) as unfinished, open(unfinished, "wb") as file:
        np.savez(file, **get_state(layer))


def load(layer: Layer, path: str | os.PathLike) -> None:
    """Read what save() wrote into a layer of the same build; a ValueError says what differs."""
    from zipfile import BadZipFile  # here, for it would slow down every import of the library

    try:
        with np.load(path, allow_pickle=False) as file:
            state = {name: file[name] for name in file.files}
    except (BadZipFile, EOFError, TypeError, ValueError):
        raise ValueError(f"{path} is not a whole .npz file, as save() writes it") from None
    set_state(layer, state)


def _initial(shape, fan_in, fan_out, init, rng, dtype):
    """Initial weights: "xavier" keeps the variance of signals for tanh, "he" for ReLU units.

    Glorot and Bengio 2010, eq. (16), uniform; He et al. 2015, eq. (10), normal; or "zeros".
    """
    rng = generator(rng)
    if init == "xavier":
        bound = np.sqrt(6 / (fan_in + fan_out))
        weights = rng.uniform(-bound, bound, shape)
    elif init == "he":
        weights = rng.normal(0, np.sqrt(2 / fan_in), shape)
    elif init == "zeros":
        weights = np.zeros(shape)
    else:
        raise ValueError(f'init must be "xavier", "he" or "zeros", found {init!r}')
    return weights.astype(dtype)


def generator(rng: np.random.Generator | None) -> np.random.Generator:
    """`rng` itself, or a fresh generator where none is given; a TypeError for a bare seed."""
    if rng is None:
        return np.random.default_rng()
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a generator, np.random.default_rng(0) say, found {shown(rng)}"
        )
    return rng


def _check_sizes(layer, **sizes):
    for name, size in sizes.items():
        if not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"{layer}: {name} must be a whole number of at least 1, found {size}")


class Linear(Layer):
    """z = W x + b for every row: (n, inputs) to (n, outputs).

    `weight` is (outputs, inputs), `bias` (outputs,) and starts at 0. `init` is "xavier" (default),
    "he" or "zeros"; `rng` draws the weights, by default a fresh generator.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        bias: bool = True,
        init: str = "xavier",
        rng: np.random.Generator | None = None,
        dtype=np.float64,
    ):
        _check_sizes("Linear", inputs=inputs, outputs=outputs)
        weight = _initial((outputs, inputs), inputs, outputs, init, rng, dtype)
        self.weight = Node(weight, name="W")
        self.bias = Node(np.zeros(outputs, dtype), name="b") if bias else None

    def __call__(self, x) -> Node:
        return functions.linear(x, self.weight, self.bias)


class Embedding(Layer):
    """A learned vector for each of `count` ids: integer ids of any shape to (..., size).

    `weight` is (count, size), at first normal with mean 0 and standard deviation `scale`.
    """

    def __init__(
        self,
        count: int,
        size: int,
        *,
        scale: float = 1.0,
        rng: np.random.Generator | None = None,
        dtype=np.float64,
    ):
        _check_sizes("Embedding", count=count, size=size)
        weight = scale * generator(rng).standard_normal((count, size))
        self.weight = Node(weight.astype(dtype), name="E")

    def __call__(self, ids) -> Node:
        return functions.embedding(self.weight, ids)


class Conv2d(Layer):
    """Filters slid over images: (n, channels, h, w) to (n, filters, oh, ow), see conv2d.

    `weight` is (filters, channels, size, size), `bias` (filters,) and starts at 0.
    """

    def __init__(
        self,
        channels: int,
        filters: int,
        size: int,
        *,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        init: str = "he",
        rng: np.random.Generator | None = None,
        dtype=np.float64,
    ):
        _check_sizes("Conv2d", channels=channels, filters=filters, size=size, stride=stride)
        if not isinstance(padding, int | np.integer) or padding < 0:
            raise ValueError(f"Conv2d: padding must be a whole number, at least 0, found {padding}")
        shape, area = (filters, channels, size, size), size * size
        weight = _initial(shape, channels * area, filters * area, init, rng, dtype)
        self.weight = Node(weight, name="W")
        self.bias = Node(np.zeros(filters, dtype), name="b") if bias else None
        self.stride, self.padding = stride, padding

    def __call__(self, x) -> Node:
        return conv2d(x, self.weight, self.bias, self.stride, self.padding)


class Maxout(Layer):
    """The largest of `pieces` affine maps, unit by unit: (n, inputs) to (n, outputs).

    Goodfellow et al. 2013.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        pieces: int = 2,
        *,
        init: str = "xavier",
        rng: np.random.Generator | None = None,
        dtype=np.float64,
    ):
        _check_sizes("Maxout", outputs=outputs, pieces=pieces)
        self.linear = Linear(inputs, outputs * pieces, init=init, rng=rng, dtype=dtype)
        self.pieces = pieces

    def __call__(self, x) -> Node:
        return functions.maxout(self.linear(x), self.pieces)


class Dropout(Layer):
    """Sets entries to 0 with probability `rate` in training; does nothing in evaluation."""

    def __init__(self, rate: float, *, rng: np.random.Generator | None = None):
        if not 0 <= rate < 1:
            raise ValueError(f"Dropout: the rate must lie in 0 <= rate < 1, found {rate}")
        self.rate, self.rng = rate, generator(rng)

    def __call__(self, x) -> Node:
        if self.training and self.rate:
            return functions.dropout(x, self.rate, self.rng)
        return as_node(x)


class BatchNorm(Layer):
    """Each feature brought to mean 0 and variance 1 over the batch, then scaled and shifted.

    Ioffe and Szegedy 2015, algorithm 1. Takes (n, size) or images (n, size, h, w), whose features
    are the channels. Evaluation uses running averages: new = old + momentum (batch - old), of the
    mean and of the unbiased variance.
    """

    def __init__(self, size: int, *, momentum: float = 0.1, eps: float = 1e-5, dtype=np.float64):
        _check_sizes("BatchNorm", size=size)
        self.weight = Node(np.ones(size, dtype), name="gamma")
        self.bias = Node(np.zeros(size, dtype), name="beta")
        self.running_mean = np.zeros(size, dtype)
        self.running_variance = np.ones(size, dtype)
        self.momentum, self.eps = momentum, eps

    def __call__(self, x) -> Node:
        x, size = as_node(x), self.running_mean.size
        if len(x.shape) not in (2, 4) or x.shape[1] != size:
            raise ValueError(
                f"BatchNorm: found {x.shape}, expected (n, {size}) or (n, {size}, h, w)"
            )
        axes = (0, 2, 3)[: len(x.shape) - 1]
        feature = (size,) + (1,) * (len(x.shape) - 2)  # broadcasts along the channels
        if self.training:
            count = np.size(x.value) // size
            if count < 2:
                raise ValueError(
                    f"BatchNorm: a batch of {count} has no variance to train with: choose a "
                    "batch_size that leaves no single row"
                )
            mean = x.mean(axis=axes, keepdims=True)
            centered = x - mean
            variance = (centered * centered).mean(axis=axes, keepdims=True)
            self._remember(mean.value, variance.value * (count / (count - 1)))
        else:
            centered = x - self.running_mean.reshape(feature)
            variance = self.running_variance.reshape(feature)
        normal = centered / functions.sqrt(variance + self.eps)
        return normal * self.weight.reshape(feature) + self.bias.reshape(feature)

    def _remember(self, mean, variance):
        self.running_mean += self.momentum * (mean.reshape(-1) - self.running_mean)
        self.running_variance += self.momentum * (variance.reshape(-1) - self.running_variance)


class Sequential(Layer):
    """One callable after the other: layers, or functions such as functions.tanh."""

    def __init__(self, *layers):
        for layer in layers:
            if not callable(layer):
                raise TypeError(
                    f"{type(self).__name__} takes layers one by one, found {shown(layer)}: "
                    "write Sequential(*layers) for a list"
                )
        self.layers = layers

    def __call__(self, x) -> Node:
        for layer in self.layers:
            x = layer(x)
        return as_node(x)


class Residual(Sequential):
    """x + layers(x), so that the error signal also has a short way back (He et al. 2016)."""

    def __call__(self, x) -> Node:
        return as_node(x) + super().__call__(x)


class Flatten(Layer):
    """(n, ...) to (n, product of the rest)."""

    def __call__(self, x) -> Node:
        x = as_node(x)
        return x.reshape(x.shape[0], -1)


class Tanh(Layer):
    """tanh of each entry."""

    def __call__(self, x) -> Node:
        return functions.tanh(x)


class Sigmoid(Layer):
    """sigmoid of each entry."""

    def __call__(self, x) -> Node:
        return functions.sigmoid(x)


class ReLU(Layer):
    """max(x, 0) of each entry."""

    def __call__(self, x) -> Node:
        return functions.relu(x)


class LeakyReLU(Layer):
    """x where x > 0, else slope * x."""

    def __init__(self, slope: float = 0.01):
        self.slope = slope

    def __call__(self, x) -> Node:
        return functions.leaky_relu(x, self.slope)


class ELU(Layer):
    """x where x > 0, else alpha (e^x - 1)."""

    def __init__(self, alpha: float = 1.0):
        self.alpha = alpha

    def __call__(self, x) -> Node:
        return functions.elu(x, self.alpha)


class Softmax(Layer):
    """softmax along the last axis."""

    def __call__(self, x) -> Node:
        return functions.softmax(x)


def as_node(x) -> Node:
    """x itself if it is a Node, else a leaf that holds it."""
    return x if type(x) is Node else Node(value_of(x))
