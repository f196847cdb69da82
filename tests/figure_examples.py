"""Every figure, as a learner makes it; `f` is the graph of lesson 08."""

import numpy as np

from course_lib import Node, explore
from course_lib.functions import sigmoid


def graph():
    x, y = Node(3.0, name="x"), Node(-4.0, name="y")
    f = (x + sigmoid(y)) / (x**2 + y)
    f.name = "f"
    return f


SETUP = """
from course_lib import Node, explore
from course_lib.functions import sigmoid
x, y = Node(3.0, name="x"), Node(-4.0, name="y")
f = (x + sigmoid(y)) / (x**2 + y)
"""
SOURCES = {name: f"explore.{name}()" for name in explore.__all__} | {
    "backprop": "explore.backprop(f)",
}
ASKS_PYTHON = {"expression"}  # where another structure needs the library
NAMES = [name for name in SOURCES if name in explore.__all__]


def make(name):
    """The figure, made as its source says."""
    return eval(SOURCES[name], {"explore": explore, "f": graph()})


def settings_of(figure, rng):
    """Settings that the figure's controls can reach, each drawn at random."""
    return {
        control.name: control.draw(rng) for control in figure.controls if hasattr(control, "draw")
    }


def differences(ours, theirs, place="", tolerance=1e-9):
    """Where two trees of numbers and texts differ: relative to the largest entry of an array."""
    if isinstance(ours, dict):
        if ours.keys() != theirs.keys():
            return [f"{place}: {sorted(ours)} is not {sorted(theirs)}"]
        return [
            line
            for k in ours
            for line in differences(ours[k], theirs[k], f"{place}.{k}", tolerance)
        ]
    if isinstance(ours, str | bool):
        return [] if ours == theirs else [f"{place}: {ours!r} is not {theirs!r}"]
    try:
        ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    except (TypeError, ValueError):  # rows of different lengths, or texts
        if len(ours) != len(theirs):
            return [f"{place}: {len(ours)} entries are not {len(theirs)}"]
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [
            line for i, (a, b) in pairs for line in differences(a, b, f"{place}[{i}]", tolerance)
        ]
    if ours.shape != theirs.shape:
        return [f"{place}: shape {ours.shape} is not {theirs.shape}"]
    finite = np.isfinite(ours)
    size = np.max(np.abs(ours[finite]), initial=1e-3)
    same = np.allclose(ours, theirs, rtol=0, atol=tolerance * size, equal_nan=True)
    return [] if same else [f"{place}: {ours} is not {theirs}"]
