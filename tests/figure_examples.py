"""Every figure, as a learner makes it; `f` is the graph of lesson 08."""

import numpy as np

from course_lib import Node, explore
from course_lib.functions import sigmoid
from course_lib.layers import Linear, ReLU, Sequential, Sigmoid, Tanh
from course_lib.models import WindowLanguageModel, WindowTagger
from course_lib.text import Vocabulary


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
f.name = "f"
"""
SOURCES = {name: f"explore.{name}()" for name in explore.__all__} | {
    "backprop": "explore.backprop(f)",
}
ASKS_PYTHON = {"expression"}  # where another structure needs the library
NAMES = [name for name in SOURCES if name in explore.__all__]


def make(name):
    """The figure, made as its source says."""
    return eval(SOURCES[name], {"explore": explore, "f": graph()})


def of_a_tagger(*more_tags):
    rng = np.random.default_rng(1)
    sentences = [
        [("Anna", "PER"), ("Stone", "PER"), ("left", "O"), ("Oslo", "GPE"), (".", "O")],
        [("Oslo", "GPE"), ("slept", "O")],
    ]
    words = sorted({word for sentence in sentences for word, _ in sentence})
    known, tags = Vocabulary(words), ["O", *more_tags, "PER", "GPE"]
    tagger = WindowTagger(known, tags, reach=2, size=3, hidden=[4], rng=rng, dtype=np.float64)
    return explore.window_heat(tagger, sentences)


def of_a_language_model():
    words = ["the", "fox", "ran", "crow", "did", "n't", "run", "away", ".", ","]
    rng = np.random.default_rng(2)
    return explore.next_word(WindowLanguageModel(Vocabulary(words), n=3, size=4, hidden=5, rng=rng))


def of_a_network(activation, outputs):
    rng = np.random.default_rng(3)
    model = Sequential(Linear(2, 3, rng=rng), activation, Linear(3, outputs, rng=rng))
    inputs = rng.normal(size=(40, 2))
    targets = (inputs[:, 0] > 0) + (inputs[:, 1] > 0.3) * (outputs > 2)
    return explore.boundary_movie(model, inputs, targets.astype(int), steps=300)


def of_a_layer():
    rng = np.random.default_rng(4)
    X, W, b = (Node(rng.normal(size=shape)) for shape in ((3, 2), (2, 2), (2,)))
    return explore.backprop((sigmoid(X @ W + b) ** 2).sum() + (W * W).sum())


def of_numbers_that_are_none():
    x = Node(np.array([0.0, 1.0]), name="x")
    with np.errstate(all="ignore"):
        return explore.backprop((x / x).sum())


# Figures of what a learner has built; the course's own are in SOURCES.
OWN = {
    "next_word": of_a_language_model,
    "window_heat": of_a_tagger,
    "window_heat of many tags": lambda: of_a_tagger("LOC", "ORG", "DATE", "TIME", "ART", "LAW"),
    "boundary_movie": lambda: of_a_network(Sigmoid(), 3),
    "boundary_movie of relu": lambda: of_a_network(ReLU(), 2),
    "boundary_movie of one output": lambda: of_a_network(Tanh(), 1),
    "backprop of a layer": of_a_layer,
    "backprop of what is not finite": of_numbers_that_are_none,
}


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
