"""Three half-planes and an OR (chapter 04): what hidden units are for.

Each of the hidden units A, B and C is on, σ(wᵀx + b) near 1, on one side of its line. The output
unit looks at the three only: ŷ = σ(10 (A + B + C) + c). Its bias c decides how many of them have to
be on: one (OR), two, or all three (AND). Move c and see the dots of the curve pass ½ one by one.

Then take the output unit's weights and bias away: σ(A + B + C) is ½ where all three are off, and
more elsewhere, so it answers "yes" everywhere, whatever the half-planes are.

The square from -10 to 10 is looked at in 100 x 100 points, as in the lecture's program.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..functions import sigmoid
from .controls import Button, Slider, Switch
from .figure import Figure

EDGE = 1e-9  # a point on a border is on the "yes" side, whatever rounding says
UNITS = "ABC"
STEEP = np.sqrt([200.0, 200.0, 101.0])  # length of each w: (10, 10), (10, -10), (-10, 1)
GRID = np.linspace(-10, 10, 100)
POINTS = np.stack(np.meshgrid(GRID, GRID), axis=-1).reshape(-1, 2)  # row by row, upward


class HalfPlanes(Figure):
    title = "Three half-planes, and a unit that joins them"
    caption = (
        "Left: each hidden unit is on where its arrow points; the output says yes, ŷ ≥ ½, where it "
        "is hatched. Drag a letter to move its line, the tip of its arrow to turn it, the diamond "
        "to ask at another point. Right: ŷ against A + B + C; a dot is full where ŷ says yes."
    )
    alt = (
        "A square with three lines, each with a letter and an arrow to the side where its hidden "
        "unit is on. All of the square is hatched but a triangle in the middle: the output says "
        "yes on 98.05 percent, a little past the lines, for one unit at least is on in 97.42. A "
        "curve beside it: with output bias −1 no unit gives 0.2689, a hesitant no, and one gives "
        "0.9999, so the output is an OR. At (5, 5) only A is on."
    )
    controls = (
        Slider("angle_a", "A: direction (°)", -180.0, 180.0, 0.5, 45.0),
        Slider("bias_a", "A: bias b", -110.0, 110.0, 1.0, -30.0),
        Slider("angle_b", "B: direction (°)", -180.0, 180.0, 0.5, -45.0),
        Slider("bias_b", "B: bias b", -110.0, 110.0, 1.0, -30.0),
        Slider("angle_c", "C: direction (°)", -180.0, 180.0, 0.5, 174.5),
        Slider("bias_c", "C: bias b", -80.0, 80.0, 1.0, -3.0),
        Slider("bias", "output bias c", -35.0, 5.0, 0.5, -1.0),
        Switch("plain", "plain σ(A + B + C), without weights and bias"),
        Slider("x1", "point: x₁", -10.0, 10.0, 0.5, 5.0),
        Slider("x2", "point: x₂", -10.0, 10.0, 0.5, 5.0),
        Button("lecture", "The lecture's three units"),
    )
    labels: ClassVar = {
        "w": "w of A, B, C",
        "b": "b of A, B, C",
        "coverage": "“yes” in percent of the square",
        "union": "where one of them at least is on, in percent",
        "counted": "ŷ with 0, 1, 2, 3 units on",
        "point": "the point x",
        "hidden": "A, B, C at the point",
        "total": "A + B + C at the point",
        "output": "ŷ at the point",
        "least": "least ŷ in the square",
    }

    def numbers(self, settings: Mapping) -> dict:
        angles = np.deg2rad([settings[f"angle_{unit}"] for unit in "abc"])
        w = STEEP[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
        w = np.round(w, 1) + 0.0  # numbers that one can read; + 0.0 makes -0 a 0
        b = np.array([settings[f"bias_{unit}"] for unit in "abc"])
        factor, bias = (1.0, 0.0) if settings["plain"] else (10.0, settings["bias"])
        point = np.array([settings["x1"], settings["x2"]])

        z = POINTS @ w.T + b
        hidden = sigmoid(z).sum(axis=1) * factor + bias
        yes = hidden.value >= -EDGE
        at_point = sigmoid(w @ point + b)
        total = at_point.sum()
        counted = sigmoid(factor * np.arange(4.0) + bias)
        return {
            "w": w,
            "b": b,
            "coverage": np.mean(yes) * 100,
            "union": np.mean(np.any(z >= -EDGE, axis=1)) * 100,
            "counted": counted.value,
            "point": point,
            "hidden": at_point.value,
            "total": total.value,
            "output": sigmoid(total * factor + bias).value,
            "least": sigmoid(float(np.min(hidden.value))).value,
            "runs": _runs(yes.reshape(100, 100)),
        }


def _runs(yes: np.ndarray) -> list[int]:
    """Row, first and last-but-one column of every stretch of "yes", one after the other."""
    padded = np.pad(yes, ((0, 0), (1, 1))).astype(int)
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    return np.column_stack([rows, starts, ends]).ravel().tolist()


def half_planes() -> HalfPlanes:
    """Turn and move three half-planes; see what the output unit makes of them, OR, AND or worse."""
    return HalfPlanes()
