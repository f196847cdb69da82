"""Dominoes of Jacobians (chapter 02): which factors fit, and which are right.

x, of N numbers, makes u, of K, and u makes g, of M. The derivative of g by x is a product of two
tiles: ∂u/∂x with the ends N and K, ∂g/∂u with the ends K and M. Turn them round, let them change
places: there are eight ways to lay them, and tiles click only where the same sizes meet.

With 4, 3 and 2 numbers only one way makes a 4 x 2 tile, and shapes decide. Make everything 3 x 3,
and all eight click. Which one is right? Guess, then switch the numeric check on.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import ClassVar

import numpy as np

from ..calculus import jacobian
from ..drawing.labels import number
from ..graph import Node
from .controls import Button, Choice, Slider, Switch
from .figure import Figure
from .jacobians import by_backward

LARGEST = 4
W = np.array([[1, 2, -1, 2], [-1, 2, 2, 2], [-1, 1, 2, 1], [-1, 1, -1, 1]], float)
V = np.array([[-2, 2, 1, -2], [1, -1, -2, -2], [-2, -1, 1, 2], [3, -1, -1, 2]], float)
ORDERS = ("∂u/∂x first", "∂g/∂u first")
SAME = 1e-6  # differences below it are rounding


class DominoShapes(Figure):
    title = "Dominoes: which factors fit, and which are right"
    caption = (
        "u = Wx and g = ½(Vu)², entry by entry, with small whole numbers in W and V, at x = (1, 1, "
        "...). A tile has as many notches on the left as its matrix has rows, and as many knobs on "
        "the right as it has columns."
    )
    alt = (
        "Two domino tiles, the 4 by 3 derivative of u by x and the 3 by 2 derivative of g by u: "
        "three knobs meet three notches, and they click into a 4 by 2 tile. Of the eight ways to "
        "turn and order the two, two click; the other one makes a 2 by 4 tile, numerator layout."
    )
    controls = (
        Slider("n", "N, inputs x", 1, LARGEST, 1, 4),
        Slider("k", "K, steps u", 1, LARGEST, 1, 3),
        Slider("m", "M, outputs g", 1, LARGEST, 1, 2),
        Button("square", "make everything 3 × 3"),
        Choice("order", "order", ORDERS, ORDERS[0]),
        Switch("turn_u", "turn ∂u/∂x round"),
        Switch("turn_g", "turn ∂g/∂u round"),
        Switch("check", "numeric check"),
    )
    labels: ClassVar = {
        "ways": "the eight ways to lay the tiles",
        "verdicts": "what becomes of each",
        "clicks": "how many click",
        "shaped": "how many of those make N × M",
        "right": "how many of those agree with central differences",
        "way": "the way you chose",
        "tiles": "its tiles",
        "product": "their product",
        "reference": "∂g/∂x by central differences",
        "off": "largest difference",
    }

    def __init__(self):
        sizes = product(range(1, LARGEST + 1), repeat=3)
        super().__init__({"references": {f"{n},{k},{m}": _reference(n, k, m) for n, k, m in sizes}})

    def numbers(self, settings: Mapping) -> dict:
        n, k, m = (round(settings[name]) for name in "nkm")
        reference = np.array(self.data["references"][f"{n},{k},{m}"])
        x = Node(np.ones(n))
        u = W[:k, :n] @ x
        factors = by_backward(u, x), by_backward(_last_step(u, m), u)
        laid = [_lay(factors, *way) for way in WAYS]
        clicking = [left @ right for left, right in laid if left.shape[1] == right.shape[0]]
        shaped = [whole for whole in clicking if whole.shape == (n, m)]
        chosen = WAYS.index((settings["order"], settings["turn_u"], settings["turn_g"]))
        left, right = laid[chosen]
        found = {
            "ways": [_named(*way) for way in WAYS],
            "verdicts": [_verdict(*pair, reference, settings["check"]) for pair in laid],
            "clicks": len(clicking),
            "shaped": len(shaped),
            "way": _named(*WAYS[chosen]),
            "tiles": [f"{rows} × {columns}" for rows, columns in (left.shape, right.shape)],
        }
        if settings["check"]:
            found["right"] = sum(_difference(whole, reference) == 0 for whole in shaped)
            found["reference"] = reference
        if left.shape[1] == right.shape[0]:
            found["product"] = left @ right
            if settings["check"] and found["product"].shape == (n, m):
                found["off"] = _difference(found["product"], reference)
        return found


WAYS = tuple(product(ORDERS, (False, True), (False, True)))  # order, ∂u/∂x turned, ∂g/∂u turned


def _last_step(u, m: int):
    """g = (V u)^2 / 2, entry by entry, of a node or an array u."""
    return 0.5 * (V[:m, : len(getattr(u, "value", u))] @ u) ** 2


def _reference(n: int, k: int, m: int) -> np.ndarray:
    """dg/dx by central differences, to the six decimals that rounding leaves of them."""
    return np.round(jacobian(lambda x: _last_step(W[:k, :n] @ x, m), np.ones(n)), 6) + 0.0


def _lay(factors, order: str, turn_u: bool, turn_g: bool):
    u_by_x, g_by_u = factors
    pair = (u_by_x.T if turn_u else u_by_x), (g_by_u.T if turn_g else g_by_u)
    return pair if order == ORDERS[0] else pair[::-1]


def _named(order: str, turn_u: bool, turn_g: bool) -> str:
    names = "(∂u/∂x)ᵀ" if turn_u else "∂u/∂x", "(∂g/∂u)ᵀ" if turn_g else "∂g/∂u"
    return " · ".join(names if order == ORDERS[0] else names[::-1])


def _difference(found: np.ndarray, reference: np.ndarray) -> float:
    """The largest difference between two arrays; rounding counts as none."""
    off = float(np.max(np.abs(found - reference)))
    return off if off > SAME else 0.0


def _verdict(left: np.ndarray, right: np.ndarray, reference: np.ndarray, check: bool) -> str:
    if left.shape[1] != right.shape[0]:
        return f"{left.shape[1]} ≠ {right.shape[0]}"
    whole = left @ right
    if not check or whole.shape != reference.shape:
        return f"{whole.shape[0]} × {whole.shape[1]}"
    off = _difference(whole, reference)
    return f"off by {number(off)}" if off else "agrees"


def domino_shapes() -> DominoShapes:
    """Lay the factors of ∂g/∂x as dominoes: see which click, and check which of those are right."""
    return DominoShapes()
