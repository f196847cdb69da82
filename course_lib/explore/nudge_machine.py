"""The nudge machine (chapter 01): a nudge of x reaches g along two paths, and their shares add.

g(x) = x² sin x is computed from u₁ = x² and u₂ = sin x. Move the nudge Δx and watch what each path
carries: its slope times Δx. Their sum is what the derivative promises; beside it stands what g
does.

On the right, the other question of the chapter: how small should a nudge be? The central difference
of exp(sin x) at 1.2 is off by what the curve bends when h is large, and by what rounding leaves of
the digits when h is tiny. In between the error is least: a V, which grows as h is made smaller.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ..calculus import derivative
from ..drawing.labels import number
from ..graph import Node
from .controls import Slider
from .figure import Figure

POWERS = range(-13, 0)
STEPS = np.array([float(f"1e{power}") for power in POWERS])  # of the V: h = 1e-13 ... 0.1


class NudgeMachine(Figure):
    title = "The nudge machine: two paths from x to g"
    caption = (
        "Left: g = x² sin x, with the slope of every step; the bars show what a nudge of x sends "
        "along each path. Right: the error of a central difference, for h = 0.1 and each smaller "
        "step that you try."
    )
    alt = (
        "At x = 2 a nudge of 0.2 goes along two paths: by way of x squared it raises g by 0.73, by "
        "way of sin x it lowers g by 0.33. The two add up to 0.39; g itself rises by 0.28. Beside "
        "it the error of a central difference, so far for the step h = 0.1 only: 0.0056. Each "
        "smaller step adds a point."
    )
    controls = (
        Slider("x", "x", -3.0, 3.0, 0.1, 2.0),
        Slider("dx", "nudge Δx", -0.5, 0.5, 0.02, 0.2),
        Slider(
            "power",
            "step h of the V",
            POWERS[0],
            POWERS[-1],
            1,
            POWERS[-1],
            texts=tuple(map(number, STEPS)),
        ),
    )
    labels: ClassVar = {
        "u": "u₁ = x², u₂ = sin x",
        "g": "g(x)",
        "along": "slope along the path by u₁, by u₂",
        "slope": "their sum, dg/dx",
        "carried": "what Δx carries along them",
        "promised": "promised change, dg/dx · Δx",
        "actual": "actual change of g",
        "h": "step h",
        "error": "error of the central difference at h",
    }

    def __init__(self):
        errors = [abs(derivative(_curve, 1.2, h) - _slope_of_curve) for h in STEPS]
        super().__init__({"steps": STEPS, "errors": errors})

    def numbers(self, settings: Mapping) -> dict:
        x, dx = Node(settings["x"]), settings["dx"]
        u1, u2 = _paths(x)
        g = u1 * u2
        g.backward()
        along = [u.edges[0][1](u.grad) for u in (u1, u2)]
        h1, h2 = _paths(Node(x.value + dx))
        k = POWERS.index(settings["power"])
        return {
            "u": [u1.value, u2.value],
            "g": g.value,
            "along": along,
            "slope": x.grad,
            "carried": [slope * dx for slope in along],
            "promised": x.grad * dx,
            "actual": (h1 * h2).value - g.value,
            "h": self.data["steps"][k],
            "error": self.data["errors"][k],
        }


def _paths(x: Node) -> tuple[Node, Node]:
    v = x.value
    return x**2, Node(float(np.sin(v)), "sin", (x, lambda delta: delta * float(np.cos(v))))


def _curve(x):
    # By math: NumPy's last digits depend on the processor, and where h is tiny they are the error.
    return math.exp(math.sin(x))


_slope_of_curve = math.exp(math.sin(1.2)) * math.cos(1.2)


def nudge_machine() -> NudgeMachine:
    """Nudge x and see what arrives at g = x² sin x, path by path; find the best step on the V."""
    return NudgeMachine()
