"""Jacobians as backpropagation finds them: one backward walk for each output."""

from __future__ import annotations

import numpy as np

from ..graph import Node


def by_backward(output: Node, x: Node) -> np.ndarray:
    """The N x M derivatives of M outputs, in denominator layout: column j is that of output j.

    `x` is a vector of N entries that `output` was computed from, an input or a step on the way.
    """
    columns = []
    for one in np.eye(len(output.value)):
        output.backward(one)
        columns.append(x.grad.copy())
    return np.stack(columns, axis=1)
