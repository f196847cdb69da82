"""The line of logistic regression (chapter 03): which line is likely, and which is often right?

150 irises, their petals standardized; the question is "versicolor or not?". The model says
p = σ(wᵀx + b) and its boundary is the line where p = 1/2. Turn the arrow w, move the line along it
with b, and watch two numbers that do not want the same: how many flowers fall on their side of
the line, and the mean negative log-likelihood (NLL) of all 150.

Then switch to the formula as a slide prints it, 1 / (1 + exp(-wᵀx + b)). It is not σ(wᵀx + b): the
minus sign misses b, and the line jumps to the other side of the origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import ClassVar

import numpy as np

from ..data import Standardizer, load_iris
from ..functions import sigmoid
from ..graph import Node
from ..losses import binary_cross_entropy_with_logits
from .controls import Button, Slider, Switch
from .figure import Figure

EDGE = 1e-9  # a flower on the line is on its "yes" side, whatever rounding says
BASE_RATE = np.array([0.0, 0.0, -np.log(2)])  # p = 1/3 for every flower: always "no"


class LogisticBoundary(Figure):
    title = "Versicolor or not? One line, two ways to judge it"
    caption = (
        "Petals of 150 irises, standardized. Triangles: versicolor; circles: the rest; a cross: on "
        "the wrong side of the line. The bluer the ground, the larger p. Drag the dot to move the "
        "line, the tip of w to turn it and to make p steeper."
    )
    alt = (
        "Iris petals: versicolor as triangles between two groups of circles, and a line through "
        "the triangles. This line is right on 111 of 150 flowers with an NLL of 0.5976. The line "
        "of maximum likelihood has the least NLL, 0.5751, and is right on only 96, fewer than the "
        "100 of always saying no. The line that is right most often reaches 121."
    )
    controls = (
        Slider("w1", "w₁ (petal length)", -5.0, 5.0, 0.05, 2.75),
        Slider("w2", "w₂ (petal width)", -5.0, 5.0, 0.05, -2.4),
        Slider("b", "bias b", -8.0, 8.0, 0.05, -0.3),
        Button("likeliest", "Maximum likelihood"),
        Button("most_right", "Most flowers right"),
        Switch("printed", "as a slide prints it: 1 / (1 + exp(−wᵀx + b))"),
    )
    labels: ClassVar = {
        "weights": "w₁, w₂, b",
        "right": "right of 150",
        "percent": "accuracy in percent",
        "nll": "mean NLL",
        "above": "above the least NLL of all lines by",
        "sure": "length of w: how steep p is",
        "center": "p at the mean flower",
        "one": "versicolor on the yes side, of 50",
        "rest": "others on the no side, of 100",
        "meant": "right and NLL of σ(wᵀx + b), the formula that is meant",
    }

    def __init__(self):
        x, y = flowers()
        lines = {"likeliest": likeliest(), "most_right": most_right(), "no": BASE_RATE}
        lines = {name: _judged(line, x, y) for name, line in lines.items()}
        super().__init__({"x": x, "y": y, "lines": lines})

    def numbers(self, settings: Mapping) -> dict:
        x, y = np.array(self.data["x"]), np.array(self.data["y"])
        weights = np.array([settings["w1"], settings["w2"], settings["b"]])
        meant = _judged(weights, x, y)
        used = weights * [1, 1, -1] if settings["printed"] else weights
        shown = _judged(used, x, y) if settings["printed"] else meant
        above = shown["nll"] - self.data["lines"]["likeliest"]["nll"]
        z = _logits(used, x)
        yes = z >= -EDGE
        return {
            "weights": weights,
            "bias": used[2],
            "z": z,
            "right": shown["right"],
            "percent": shown["right"] / 150 * 100,
            "nll": shown["nll"],
            "above": above if abs(above) > EDGE else 0.0,
            "sure": float(np.linalg.norm(weights[:2])),
            "center": sigmoid(float(used[2])).value,
            "one": int(np.sum(yes & (y == 1))),
            "rest": int(np.sum(~yes & (y == 0))),
            "meant": [meant["right"], meant["nll"]],
        }


def flowers() -> tuple[np.ndarray, np.ndarray]:
    """Petal length and width, standardized (150, 2); 1 for versicolor, 0 for the rest (150,)."""
    iris = load_iris()
    petals = iris.inputs[:, 2:]
    return Standardizer(petals).transform(petals), (iris.targets == 1).astype(float)


def _logits(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    return x @ weights[:2] + weights[2]


def _judged(weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> dict:
    """How many flowers a line puts on their side, and the mean NLL of its probabilities."""
    z = _logits(weights, x)
    nll = binary_cross_entropy_with_logits(z, y).value
    right = int(np.sum((z >= -EDGE) == (y == 1)))
    return {"line": weights, "right": right, "nll": nll}


@cache
def likeliest() -> np.ndarray:
    """w₁, w₂, b of the maximum likelihood, by Newton's method on the library's gradient."""
    x, y = flowers()
    weights = np.zeros(3)
    for _ in range(12):
        node = Node(weights)
        z = x @ node[:2] + node[2]
        binary_cross_entropy_with_logits(z, y).backward()
        p = sigmoid(z.value).value
        rows = np.column_stack([x, np.ones(len(x))])
        curvature = rows.T @ (rows * (p * (1 - p))[:, None]) / len(x)
        weights = weights - np.linalg.solve(curvature, node.grad)
    return weights


@cache
def most_right() -> np.ndarray:
    """w₁, w₂, b of the line with the most flowers on their side, as steep as suits its NLL best.

    The count of a line changes only where it passes over a flower. So the directions between any
    two that lie across a pair of flowers, and the gaps between the flowers along each of them,
    hold one line of every kind. Of those that are right most often it is the one with the widest
    gap, in the middle of it.
    """
    x, y = flowers()
    places = np.unique(x, axis=0)
    i, j = np.triu_indices(len(places), 1)
    across = np.arctan2(*(places[j] - places[i]).T) % np.pi  # at right angles to the pair
    turns = np.unique(np.round(np.concatenate([across, across + np.pi]), 12))
    between = (turns + np.append(turns[1:], turns[0] + 2 * np.pi)) / 2
    normals = np.stack([np.cos(between), -np.sin(between)])
    along = x @ normals
    order = np.argsort(along, axis=0, kind="stable")
    along = np.take_along_axis(along, order, axis=0)
    sorted_y = y[order]
    gaps = np.diff(along, axis=0)
    right = np.cumsum(1 - sorted_y, axis=0)[:-1] + np.sum(y) - np.cumsum(sorted_y, axis=0)[:-1]
    right[gaps < EDGE] = 0
    best = right == right.max()
    k, m = np.unravel_index(np.argmax(np.where(best, gaps, 0)), gaps.shape)
    line = np.array([*normals[:, m], -(along[k, m] + along[k + 1, m]) / 2])
    return line * _best_steepness(x @ line[:2] + line[2], y)


def _best_steepness(z: np.ndarray, y: np.ndarray) -> float:
    """The factor of these logits with the least NLL: where its derivative is 0, by bisection."""
    low, high = 0.0, 100.0
    for _ in range(60):
        factor = Node((low + high) / 2)
        binary_cross_entropy_with_logits(z * factor, y).backward()
        low, high = (factor.value, high) if factor.grad < 0 else (low, factor.value)
    return low


def logistic_boundary() -> LogisticBoundary:
    """Move a line among iris petals; see how often it is right beside how likely it makes them."""
    return LogisticBoundary()
