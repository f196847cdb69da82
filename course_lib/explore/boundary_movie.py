"""The boundary movie (chapter 10): a small network learns where one class ends and another begins.

Drag the slider through the training: the regions are what the network answers at every place, and
the numbered lines are its hidden units, each drawn where its w·x + b = 0. Watch the boundary bend
where a line crosses it. On the right, each unit has a row with one tick for every training flower:
where the tick stands is the unit's answer a to this flower.

Then measure the same petals in millimeters. The lines are thrown out of the flowers, the ticks of
every row fall on one place, and the loss stands still: a network whose units say the same about
every flower can learn how frequent the species are, and nothing else.

    explore.boundary_movie()                                     # the network of the lesson
    explore.boundary_movie(model, inputs, targets,
                           learning_rate=0.5, steps=2000)        # a film of yours
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import ClassVar

import numpy as np

from .. import functions
from ..data import IRIS_TEST_ROWS, Standardizer, load_iris
from ..drawing.labels import number
from ..graph import Node, no_grad
from ..layers import Layer, Linear, ReLU, Sequential, Sigmoid, Tanh
from ..losses import binary_cross_entropy_with_logits, cross_entropy
from ..optimizers import SGD
from ..progress import progress_bar
from ..training import fit
from ..values import shown
from .controls import Choice, Slider
from .figure import Figure, in_words

ACTIVATIONS = {"tanh": Tanh, "sigmoid": Sigmoid, "relu": ReLU}
MOST_UNITS, MOST_CLASSES, MOST_POINTS, MOST_STEPS = 16, 5, 1000, 50_000
NO_SPREAD = 1e-9  # answers of a unit that differ by less are the same
UNITS = ("standardized", "centimeters", "millimeters")
OWN = "yours"  # the one film of a learner's own network


class BoundaryMovie(Figure):
    title = "The boundary movie: what the network answers, step by step"
    caption = (
        "Left: the regions are the network's answers, the numbered lines its hidden units, each "
        "with a tick toward the side where its z = w·x + b is positive. Filled markers are for "
        "training, hollow ones for the test; a cross marks a wrong answer. Right: the training "
        "loss, and each unit's answers a to the training data, a tick for each."
    )
    alt = (
        "Petal length and width of 150 irises, standardized, after 2,000 steps. Three regions, "
        "setosa, versicolor and virginica, follow the flowers, and the lines of four hidden units "
        "run between them: 44 of 45 test flowers are right, at a loss of 0.070. A plot "
        "of the loss shows the same network on centimeters and, stuck at 1.10, on millimeters."
    )
    labels: ClassVar = {
        "step": "training step",
        "loss": "training loss",
        "entropy": "loss of who knows only how frequent the classes are",
        "train": "right in training, of",
        "test": "right in the test, of",
        "said": "how often each class is the answer",
        "mistake": "commonest mistake: class, called, times",
        "saturated": "share of answers that are saturated",
        "spread": "largest minus smallest a, unit by unit",
        "lines": "a unit's w₁, w₂, b",
    }

    def __init__(self, films: Mapping[str, Mapping], about: Mapping):
        steps = next(iter(films.values()))["steps"]
        last = len(steps) - 1
        texts = tuple(f"{step:,}" for step in steps)
        frame = Slider("frame", "training step", 0, last, 1, last, texts=texts, play=250)
        options = tuple(films)
        choices = [Choice("unit", "petals are", options, options[0])] if len(films) > 1 else []
        self.controls = (frame, *choices)
        super().__init__({"films": films, **about})
        self.films, self.about = films, about
        if OWN in films:
            self.alt = _result(self.numbers(self.settings))
            self.own_still = in_words(self.alt, "Run this cell, and the film can be moved.")

    def _in_names(self, mistakes: np.ndarray) -> list:
        """The first of the largest entries of a table by true class and answer."""
        k, answer = np.unravel_index(mistakes.argmax(), mistakes.shape)
        classes = self.about["classes"]
        return [classes[k], classes[answer], int(mistakes[k, answer])]

    def numbers(self, settings: Mapping) -> dict:
        film = self.films[settings.get("unit", OWN)]
        frame = film["frames"][settings["frame"]]
        network = _network_of(frame, self.about["activation"])
        first = network.layers[0]
        inputs, targets = np.array(film["inputs"]), np.array(self.about["targets"])
        train = np.arange(len(targets)) < self.about["training"]
        with no_grad():
            logits = network(inputs).value
            answers = Sequential(*network.layers[:2])(inputs).value
            outputs = logits.shape[1]
            loss = _loss(outputs)(logits[train], _as_targets(targets[train], outputs))
        said = (logits[:, 0] > 0).astype(int) if outputs == 1 else logits.argmax(axis=1)
        right, a = said == targets, answers[train]
        spread = a.max(axis=0) - a.min(axis=0)
        found = {
            "step": film["steps"][settings["frame"]],
            "loss": loss.value,
            "entropy": _entropy(targets[train]),
            "train": [int(right[train].sum()), int(train.sum())],
        }
        mistakes = np.zeros((len(self.about["classes"]),) * 2, int)
        np.add.at(mistakes, (targets, said), ~right)
        if mistakes.any():
            found["mistake"] = self._in_names(mistakes)
        if not train.all():
            found["test"] = [int(right[~train].sum()), int((~train).sum())]
        return found | {
            "said": np.bincount(said, minlength=len(self.about["classes"])),
            "saturated": float(np.mean(_saturated(a, self.about["activation"]))),
            "spread": np.where(spread < NO_SPREAD, 0.0, spread),
            "lines": np.column_stack([first.weight.value, first.bias.value]),
            "hidden": answers,
            "answers": said,
        }


def _entropy(labels: np.ndarray) -> float:
    shares = np.unique(labels, return_counts=True)[1] / len(labels)
    return float(-(shares * np.log(shares)).sum())


def _result(n: Mapping) -> str:
    right, total = n.get("test", n["train"])
    part = "test" if "test" in n else "training"
    return (
        f"A film of your network: after {n['step']:,} steps {right} of {total} {part} examples "
        f"are right, at a loss of {number(n['loss'])}."
    )


def _saturated(a, activation):
    if activation == "relu":
        return a == 0
    return np.abs(a if activation == "tanh" else 2 * a - 1) > 0.999


def _network_of(frame: Mapping, activation: str) -> Sequential:
    W1, W2 = np.array(frame["W1"]), np.array(frame["W2"])
    network = Sequential(Linear(2, len(W1)), ACTIVATIONS[activation](), Linear(len(W1), len(W2)))
    first, _, last = network.layers
    first.weight.value, first.bias.value = W1, np.array(frame["b1"])
    last.weight.value, last.bias.value = W2, np.array(frame["b2"])
    return network


def _loss(outputs: int):
    return binary_cross_entropy_with_logits if outputs == 1 else cross_entropy


def _as_targets(targets: np.ndarray, outputs: int) -> np.ndarray:
    """What the loss compares with: for one logit a column of 0 and 1, else the labels."""
    return targets.reshape(-1, 1).astype(float) if outputs == 1 else targets


def boundary_movie(
    model: Sequential | None = None,
    inputs: np.ndarray | None = None,
    targets: np.ndarray | None = None,
    *,
    learning_rate: float = 0.5,
    steps: int = 2000,
    test: tuple[np.ndarray, np.ndarray] | None = None,
    class_names: Sequence[str] | None = None,
    feature_names: Sequence[str] = ("x₁", "x₂"),
) -> BoundaryMovie:
    """The training of an iris classifier as a film; or of `model`, from the state that it is in.

    Without arguments: the lesson's network, on petals standardized, in centimeters and in
    millimeters. With them, a *copy* of the model is trained here, by gradient descent on all
    examples at once; the model itself stays as it is. Make a fresh one to film from the start.

    model: Sequential(Linear(2, h), Tanh() or Sigmoid() or ReLU(), Linear(h, k)) with h at most 16
        and k at most 5 logits; k = 1 is one logit for the question whether the target is 1.
    inputs: array (n, 2), n at most 1,000.  targets: n labels from 0 on.
    learning_rate, steps: of gradient descent; at most 50,000 steps.
    test: (inputs, targets) to count right answers on, never trained on.
    class_names, feature_names: how classes and the two inputs are called.

    Raises TypeError or ValueError for other models and for data that do not fit, and
    FloatingPointError if the loss does not stay finite.
    """
    if model is None:
        if inputs is not None or targets is not None:
            raise TypeError("without a model there is nothing to train on these inputs")
        return BoundaryMovie(*_lesson())
    activation, start = _checked_model(model)
    outputs = start.layers[2].weight.shape[0]
    classes = max(outputs, 2)
    if inputs is None or targets is None:
        raise TypeError("a film needs inputs and targets: boundary_movie(model, inputs, targets)")
    parts = [_checked_examples("", inputs, targets, classes)]
    if test is not None:
        if not isinstance(test, tuple | list) or len(test) != 2:
            raise TypeError(f"test must be a pair (inputs, targets), found {shown(test)}")
        parts.append(_checked_examples("test ", *test, classes))
    whole = isinstance(steps, int | np.integer) and not isinstance(steps, bool)
    if not whole or not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"steps must be a whole number from 1 to 50,000, found {shown(steps)}")
    names = [f"class {k}" for k in range(classes)] if class_names is None else list(class_names)
    if len(names) != classes:
        raise ValueError(f"found {len(names)} class names for {classes} classes")
    if len(feature_names) != 2:
        raise ValueError(f"found {len(feature_names)} feature names for 2 inputs")
    x, y = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    training, features = len(parts[0][1]), [str(name) for name in feature_names]
    film = _film(start, x, y, training, learning_rate, int(steps), features, progress=True)
    about = {
        "activation": activation,
        "targets": y,
        "training": training,
        "classes": [str(name) for name in names],
        "things": "examples",
    }
    return BoundaryMovie({OWN: film}, about)


@cache
def _lesson() -> tuple[dict, dict]:
    """The three films of the lesson's network, trained once."""
    iris = load_iris()
    petals, test = iris.inputs[:, 2:], np.array(IRIS_TEST_ROWS)
    train = np.setdiff1d(np.arange(len(petals)), test)
    order = np.concatenate([train, test])
    scales = {
        "standardized": Standardizer(petals[train]).transform(petals),
        "centimeters": petals,
        "millimeters": 10 * petals,
    }
    words = {"standardized": "standardized", "centimeters": "cm", "millimeters": "mm"}
    films = {}
    for unit in progress_bar(UNITS, desc="films", leave=False):
        rng = np.random.default_rng(0)
        network = Sequential(Linear(2, 4, rng=rng), Tanh(), Linear(4, 3, rng=rng))
        features = [f"petal {side} ({words[unit]})" for side in ("length", "width")]
        x, y = scales[unit][order], iris.targets[order]
        films[unit] = _film(network, x, y, len(train), 0.5, 2000, features, progress=False)
    about = {
        "activation": "tanh",
        "targets": iris.targets[order],
        "training": len(train),
        "classes": list(iris.target_names),
        "things": "flowers",
    }
    return films, about


def _film(network, inputs, targets, training, learning_rate, steps, features, progress) -> dict:
    """Train the network in place on the first rows; its parameters at about 60 of the steps."""
    wanted = np.unique(np.geomspace(1, steps, 72).round().astype(int))
    wanted, frames, count = {0, *wanted.tolist()}, {}, 0
    outputs = len(network.layers[2].weight.value)
    loss = _loss(outputs)

    def filmed(prediction, target) -> Node:
        nonlocal count
        if count in wanted:
            frames[count] = _frame(network)
        count += 1
        return loss(prediction, target)

    x, y = inputs[:training], targets[:training]
    y = _as_targets(y, outputs)
    optimizer = SGD(network.parameters(), learning_rate)
    history = fit(network, filmed, x, y, optimizer=optimizer, epochs=steps, progress=progress)
    if not history.loss:  # Ctrl-C before the first step was done: nothing to show
        raise KeyboardInterrupt
    last = len(history.loss)
    frames[last] = _frame(network)  # an interrupted film ends where training did
    seen = np.union1d(np.geomspace(1, last, 110).round().astype(int) - 1, list(frames)[:-1])
    return {
        "steps": list(frames),
        "frames": list(frames.values()),
        "inputs": inputs,
        "features": features,
        "curve": [seen, np.array(history.loss)[seen]],
    }


def _frame(network: Sequential) -> dict:
    found = {}
    for k, layer in enumerate((network.layers[0], network.layers[2]), 1):
        found[f"W{k}"] = layer.weight.value.copy()
        outputs = len(layer.weight.value)
        found[f"b{k}"] = np.zeros(outputs) if layer.bias is None else layer.bias.value.copy()
    return found


def _checked_model(model) -> tuple[str, Sequential]:
    """The name of the activation, and a copy of the model in double precision."""
    layers = model.layers if type(model) is Sequential else ()
    if [type(layer) for layer in layers[::2]] == [Linear, Linear] and len(layers) == 3:
        first, middle, last = layers
        (hidden, inputs), (outputs, incoming) = first.weight.shape, last.weight.shape
        sizes_fit = inputs == 2 and hidden == incoming
        names = [name for name, kind in ACTIVATIONS.items() if _is(middle, name, kind)]
        if names and sizes_fit and hidden <= MOST_UNITS and outputs <= MOST_CLASSES:
            return names[0], Sequential(_copy(first), ACTIVATIONS[names[0]](), _copy(last))
    raise (ValueError if isinstance(model, Layer) else TypeError)(
        "a film is made of Sequential(Linear(2, h), Tanh() or Sigmoid() or ReLU(), Linear(h, k)), "
        f"h at most {MOST_UNITS} and k at most {MOST_CLASSES}, found {_described(model)}"
    )


def _is(layer, name: str, kind: type) -> bool:
    return type(layer) is kind or layer is getattr(functions, name)


def _copy(layer: Linear) -> Linear:
    outputs, inputs = layer.weight.shape
    copy = Linear(inputs, outputs, bias=layer.bias is not None, init="zeros")
    copy.weight.value = np.array(layer.weight.value, float)
    if layer.bias is not None:
        copy.bias.value = np.array(layer.bias.value, float)
    return copy


def _described(model) -> str:
    """The model as its maker would write it, as far as that is short."""
    if not isinstance(model, Sequential):
        return shown(model)
    inner = ", ".join(
        f"Linear({x.weight.shape[1]}, {x.weight.shape[0]})"
        if type(x) is Linear
        else f"{getattr(x, '__name__', type(x).__name__)}"
        for x in model.layers
    )
    return f"{type(model).__name__}({inner})"


def _checked_examples(what: str, inputs, targets, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """The examples as (n, 2) floats and n whole numbers."""
    x, y = np.asarray(inputs), np.asarray(targets)
    if x.ndim != 2 or x.shape[1] != 2 or x.dtype.kind not in "fiub":
        raise ValueError(f"{what}inputs must be n rows of 2 numbers, found shape {x.shape}")
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.shape != x.shape[:1] or not 1 <= len(x) <= MOST_POINTS:
        raise ValueError(
            f"found {len(x)} rows of {what}inputs and {what}targets {y.shape}, expected a target "
            f"for each row and 1 to {MOST_POINTS:,} rows"
        )
    if not np.isfinite(x).all():
        raise ValueError(f"{what}inputs must be finite, found {x[~np.isfinite(x)][0]}")
    wrong = ~np.isin(y, np.arange(classes))
    if wrong.any():
        raise ValueError(
            f"{what}targets must be labels from 0 to {classes - 1}, found {y[wrong][0]}"
        )
    return x.astype(float), y.astype(int)
