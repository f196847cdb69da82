"""Optimizers: how a parameter moves, given its gradient.

An optimizer owns its parameters' arrays (it copies each once, at the start) and changes them in
place: your own arrays are never written to, and a graph made before a step is stale after it.
step() uses each gradient once and clears it: a parameter that no backward() has reached since the
last step stays where it is, and nothing has to be zeroed by hand.

A Rows gradient (of an embedding) moves only the rows that were read; momentum, decay and Adam's
averages of the other rows wait until they are read again, as in PyTorch's SparseAdam.
"""

import math
from collections.abc import Iterable

import numpy as np
from numpy import ndarray

from .graph import Node
from .rows import Rows
from .values import shown

BLOCK = 1 << 15  # entries that fit into the cache with their temporaries: half the time


class Optimizer:
    """What all share. A subclass names its state and moves arrays of one shape, in place:

    `state_arrays` of zeros are kept per parameter, and update(value, gradient, count, *state) is
    the `count`-th step of this parameter.
    """

    state_arrays = 0

    def __init__(self, parameters, learning_rate: float, weight_decay: float):
        if isinstance(parameters, Node) or not isinstance(parameters, Iterable):
            raise TypeError(
                f"expected a list, such as model.parameters(), found {shown(parameters)}"
            )
        parameters = list(parameters)
        if not parameters or any(type(p) is not Node or p.edges for p in parameters):
            raise ValueError(f"expected a list of parameter nodes, found {shown(parameters)}")
        for name, number in ("learning_rate", learning_rate), ("weight_decay", weight_decay):
            if not (math.isfinite(number) and number >= 0):
                raise ValueError(f"{name} must be at least 0 and finite, found {number}")
        self.parameters = list(dict.fromkeys(parameters))  # a shared one moves once
        self.learning_rate, self.weight_decay = float(learning_rate), float(weight_decay)
        for parameter in self.parameters:
            if type(parameter.value) is ndarray:
                parameter.value = parameter.value.copy()
        self.counts = [0] * len(self.parameters)
        self.states = [
            [np.zeros_like(np.atleast_1d(p.value)) for _ in range(self.state_arrays)]
            for p in self.parameters
        ]

    def __repr__(self) -> str:
        count = len(self.parameters)
        return f"{type(self).__name__}({count} parameters, learning_rate={self.learning_rate})"

    def step(self) -> None:
        """Move every parameter that has a gradient, and clear the gradient."""
        for i, parameter in enumerate(self.parameters):
            gradient, value = parameter.grad, parameter.value
            if gradient is None:
                continue
            self.counts[i] += 1
            if type(gradient) is Rows:
                self.move_rows(value, gradient, self.counts[i], self.states[i])
            elif type(value) is float:
                moved = np.array([value])
                self.update(moved, gradient, self.counts[i], *self.states[i])
                parameter.value = float(moved[0])
            elif value.size > BLOCK:
                self.move_in_blocks(value, gradient, self.counts[i], self.states[i])
            else:
                self.update(value, gradient, self.counts[i], *self.states[i])
            parameter.grad = None

    def move_in_blocks(
        self, value: ndarray, gradient: ndarray, count: int, state: list[ndarray]
    ) -> None:
        """Update a large array, some rows at a time."""
        rows = max(1, BLOCK * len(value) // value.size)
        for start in range(0, len(value), rows):
            part = slice(start, start + rows)
            self.update(value[part], gradient[part], count, *(s[part] for s in state))

    def move_rows(self, value: ndarray, gradient: Rows, count: int, state: list[ndarray]) -> None:
        """Update the rows that were read, and what is remembered of them."""
        merged = gradient.merged()
        arrays = [value, *state]
        parts = [array[merged.ids] for array in arrays]
        self.update(parts[0], merged.rows, count, *parts[1:])
        for array, part in zip(arrays, parts, strict=True):
            array[merged.ids] = part

    def update(self, value: ndarray, gradient, count: int, *state: ndarray) -> None:
        """Move `value` and `state` in place; `gradient` is never written to."""
        raise TypeError(f"{type(self).__name__} has no update(): use SGD or Adam, or write one")


class SGD(Optimizer):
    """w <- w - eta v with v <- momentum v + (delta_w + weight_decay w), v = 0 at first.

    Without momentum and decay this is plain gradient descent, w <- w - eta delta_w. Polyak 1964.
    """

    def __init__(
        self,
        parameters,
        learning_rate: float,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
    ):
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in 0 <= momentum < 1, found {momentum}")
        self.momentum = momentum
        self.state_arrays = 1 if momentum else 0
        super().__init__(parameters, learning_rate, weight_decay)

    def update(self, value, gradient, count, *state):
        if self.weight_decay:
            gradient = gradient + self.weight_decay * value
        if self.momentum:
            (velocity,) = state
            velocity *= self.momentum
            velocity += gradient
            gradient = velocity
        value -= self.learning_rate * gradient

    def move_rows(self, value, gradient, count, state):
        if self.momentum or self.weight_decay:
            super().move_rows(value, gradient, count, state)
        else:  # equal ids need no merging: their shares are subtracted one after the other
            gradient.add_to(value, -self.learning_rate)


class Adam(Optimizer):
    """w <- w - eta m / (sqrt(v) + eps): m and v are running means of delta_w and its square.

    Kingma and Ba 2015, algorithm 1: both means are corrected for their start at zero, so the first
    step is -eta sign(delta_w), whatever the size of the gradient. `weight_decay` adds
    weight_decay * w to the gradient (an L2 penalty).
    """

    state_arrays = 2

    def __init__(
        self,
        parameters,
        learning_rate: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas must lie in 0 <= beta < 1, found {betas}")
        super().__init__(parameters, learning_rate, weight_decay)
        self.betas, self.eps = betas, eps

    def update(self, value, gradient, count, *state):
        if self.weight_decay:
            gradient = gradient + self.weight_decay * value
        (beta1, beta2), (mean, square) = self.betas, state
        mean *= beta1
        mean += (1 - beta1) * gradient
        square *= beta2
        square += (1 - beta2) * (gradient * gradient)
        root = np.sqrt(square)
        root /= math.sqrt(1 - beta2**count)
        root += self.eps
        value -= self.learning_rate / (1 - beta1**count) * (mean / root)
