"""The layout switch (chapter 00): the same derivatives in both layouts, their factors in order.

z is computed from x in two steps: u = Wx makes two numbers of three, z makes four of those two.
Flip the layout and watch the numbers: none changes, each matrix is turned over, and the factors
change places, since u has to meet u. Follow one entry through the flip: it is the same sum.

Then take the factors in the order of the other layout: the sizes that meet are no longer those of
u, and there is no product at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..functions import concatenate
from ..graph import Node
from .controls import Choice, Slider
from .figure import Figure
from .jacobians import by_backward

W = np.array([[1.0, 2.0, 0.0], [3.0, -1.0, 4.0]])  # as in lesson 00: 2 x 3
LAYOUTS = ("denominator", "numerator")
ORDERS = ("of this layout", "of the other layout")
SIZES = {"x": 3, "u": 2, "z": 4}
SUBSCRIPTS = "₁₂₃₄"
FOLLOWED = tuple(f"∂z{SUBSCRIPTS[j]}/∂x{SUBSCRIPTS[i]}" for i in range(3) for j in range(4))


class LayoutSwitch(Figure):
    title = "The layout switch: inputs down the side, or outputs"
    caption = (
        "u = Wx has two entries, z four. Each derivative is a matrix with what it is derived by on "
        "one side and what is derived on the other; the dashed arc says which sizes have to agree."
    )
    alt = (
        "Denominator layout at x = (1, 1, 0): the derivative of z by x has a row for each of three "
        "inputs and a column for each of four outputs. It is the 3 by 2 derivative of u by x times "
        "the 2 by 4 derivative of z by u: u meets u. The entry of z₁ and x₁ is 1 · 2 + 3 · 3 = 11. "
        "Below, numerator layout: 4 by 3 is 4 by 2 times 2 by 3, the factors in the other order."
    )
    controls = (
        Choice("layout", "layout", LAYOUTS, "denominator"),
        Choice("order", "factors in the order", ORDERS, ORDERS[0]),
        Slider("follow", "follow the entry", 1, 12, 1, 1, texts=FOLLOWED),
        Slider("x1", "x₁", -2, 2, 1, 1),
        Slider("x2", "x₂", -2, 2, 1, 1),
        Slider("x3", "x₃", -2, 2, 1, 0),
    )
    labels: ClassVar = {
        "u": "u = Wx",
        "z": "z = (u₁u₂, u₁², u₂², u₁ + u₂)",
        "factors": "the factors and their shapes",
        "left": "left factor",
        "right": "right factor",
        "meeting": "what meets between them",
        "product": "their product, ∂z/∂x",
        "terms": "what the entry that you follow is the sum of",
        "entry": "that entry",
    }

    def numbers(self, settings: Mapping) -> dict:
        x = Node(np.array([settings[name] for name in ("x1", "x2", "x3")], float))
        u = W @ x
        z = _last_step(u)
        flipped = settings["layout"] == "numerator"
        steps = [("u", "x", by_backward(u, x)), ("z", "u", by_backward(z, u))]
        if flipped:
            steps = [(above, below, matrix.T) for above, below, matrix in reversed(steps)]
        if settings["order"] != ORDERS[0]:
            steps.reverse()
        (_, _, left), (_, _, right) = steps
        # What is derived stands along the top in denominator layout, else down the side.
        column, row = steps[0][1 if flipped else 0], steps[1][0 if flipped else 1]
        fits = left.shape[1] == right.shape[0]
        sizes = f"{left.shape[1]} {'=' if fits else '≠'} {right.shape[0]}"
        found = {
            "u": u.value,
            "z": z.value,
            "factors": [f"∂{a}/∂{b}, {m.shape[0]} × {m.shape[1]}" for a, b, m in steps],
            "left": left,
            "right": right,
            "meeting": f"{column} meets {row}: {sizes}",
        }
        if fits:
            i, j = divmod(round(settings["follow"]) - 1, SIZES["z"])
            at = (j, i) if flipped else (i, j)
            found["product"] = left @ right
            found["terms"] = left[at[0]] * right[:, at[1]]
            found["entry"] = found["product"][at]
        return found


def _last_step(u: Node) -> Node:
    """z = (u1 u2, u1^2, u2^2, u1 + u2)."""
    first, second = u[:1], u[1:]
    return concatenate([first * second, first**2, second**2, first + second])


def layout_switch() -> LayoutSwitch:
    """Flip ∂z/∂x between denominator and numerator layout: its factors turn and change places."""
    return LayoutSwitch()
