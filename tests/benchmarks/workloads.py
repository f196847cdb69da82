"""What is measured: sizes, data and goals. How each library does it is in implementations/.

A workload has a kind, which names the program that every implementation writes in its own way, and
sizes. Its data are NumPy arrays made from a fixed seed, the same for all of them:

    start       the parameters before the first step, by name
    batches     several, taken in turn: a model that meets one batch only would soon know it
"""

from dataclasses import dataclass, field

import numpy as np

BATCHES = 8
CHECKED_STEPS = 3  # after which all implementations must agree


@dataclass(frozen=True)
class Workload:
    """`goals` are the largest ratios that are good enough, by the implementation compared with."""

    title: str
    kind: str
    sizes: dict = field(default_factory=dict)
    goals: dict = field(default_factory=dict)


def window_model(title, goals=(), **sizes):
    """The networks of chapters 14 and 15: look up, concatenate, tanh layer, softmax."""
    return Workload(title, "window model", sizes, dict(goals))


def language_model(vocabulary, goals=()):
    return window_model(
        f"window language model, vocabulary {vocabulary:,}",
        goals,
        vocabulary=vocabulary,
        window=4,
        embedding=64,
        hidden=256,
        classes=vocabulary,
        batch=256,
    )


def iris_network(batch, goals=()):
    return Workload(f"iris network, batch {batch}", "iris network", {"batch": batch}, dict(goals))


def convolution(title, goal, **sizes):
    return Workload(title, "convolution", {"batch": 32, **sizes}, {"PyTorch": goal})


WORKLOADS = {
    # micrograd has neither exp nor sigmoid. The goal is set against it with exp added, the least
    # that makes W1 possible; with a sigmoid of one operation, measured too, it is twice as fast.
    "W1": Workload(
        "(x + sigmoid(y)) / (x² + y), scalars",
        "scalar graph",
        goals={"PyTorch": 0.13, "micrograd, exp only": 0.28},
    ),
    "W2": iris_network(150, {"PyTorch": 0.33, "PyTorch, no nn": 0.60, "NumPy by hand": 1.22}),
    "W3": language_model(5_000, {"PyTorch": 1.00, "NumPy by hand": 1.12}),
    "W3b": language_model(20_000, {"PyTorch": 0.97, "NumPy by hand": 1.10}),
    "W4": window_model(
        "named-entity window",
        {"PyTorch": 0.26, "PyTorch, sparse": 0.50},
        vocabulary=10_000,
        window=5,
        embedding=50,
        hidden=100,
        classes=9,
        batch=64,
    ),
    "W5a": convolution(
        "convolution 1x28x28 to 8 filters", 0.55, channels=1, size=28, filters=8, to_images=False
    ),
    "W5b": convolution(
        "convolution 8x12x12 to 16 filters", 0.90, channels=8, size=12, filters=16, to_images=True
    ),
    "W6a": Workload("chain of 50,000 nodes", "chain", {"count": 25_000}, {"PyTorch": 0.5}),
    "W6b": Workload(
        "10,000 forks of a scalar, a chain", "chain of forks", {"count": 10_000}, {"PyTorch": 0.5}
    ),
    "W6c": Workload(
        "10,000 forks of a scalar, a tree", "tree of forks", {"count": 10_000}, {"PyTorch": 0.5}
    ),
    "W6d": Workload(
        "1,000 forks of 100,000 entries",
        "array forks",
        {"count": 1_000, "entries": 100_000},
        {"PyTorch": 1.8},
    ),
}
GROWTH = {
    "vocabulary": {v: language_model(v) for v in (2_500, 5_000, 10_000, 20_000, 40_000)},
    "batch": {n: iris_network(n) for n in (50, 150, 500, 1_500, 5_000, 15_000, 50_000)},
}


def find(name: str) -> Workload:
    """The workload "W3", or one of a growth series, "vocabulary 2500"."""
    if name in WORKLOADS:
        return WORKLOADS[name]
    series, size = name.split()
    return GROWTH[series][int(size)]


def data_of(workload: Workload) -> dict:
    """The arrays of a workload, with its sizes and its learning rate."""
    rng = np.random.default_rng(0)
    return {**workload.sizes, **_DATA[workload.kind](rng, **workload.sizes)}


def _normal(rng, *shape, dtype=np.float32):
    return (rng.normal(size=shape) / np.sqrt(shape[-1])).astype(dtype)


def _scalar_graph(rng):
    return {"start": {"x": 3.0, "y": -4.0}}


def _iris_network(rng, batch):
    start = {
        "W1": _normal(rng, 16, 4, dtype=float),
        "b1": np.zeros(16),
        "W2": _normal(rng, 3, 16, dtype=float),
        "b2": np.zeros(3),
    }
    examples = [(rng.normal(size=(batch, 4)), rng.integers(0, 3, batch)) for _ in range(BATCHES)]
    return {"start": start, "batches": examples, "learning_rate": 0.1}


def _window_model(rng, vocabulary, window, embedding, hidden, classes, batch):
    start = {
        "E": rng.normal(size=(vocabulary, embedding)).astype(np.float32),
        "W1": _normal(rng, hidden, window * embedding),
        "b1": np.zeros(hidden, np.float32),
        "W2": _normal(rng, classes, hidden),
        "b2": np.zeros(classes, np.float32),
    }
    frequency = 1 / np.arange(1, vocabulary + 1)  # Zipf's law
    frequency /= frequency.sum()
    examples = []
    for _ in range(BATCHES):
        words = rng.choice(vocabulary, size=(batch, window + 1), p=frequency)
        labels = words[:, -1] if classes == vocabulary else rng.integers(0, classes, batch)
        examples.append((words[:, :-1].copy(), labels.copy()))
    return {"start": start, "batches": examples, "learning_rate": 0.5}


def _convolution(rng, batch, channels, size, filters, to_images):
    """5x5 filters; the error signal of the output is given."""
    out = size - 4
    images = rng.normal(size=(BATCHES, batch, channels, size, size)).astype(np.float32)
    signals = rng.normal(size=(BATCHES, batch, filters, out, out)).astype(np.float32)
    start = {
        "W": _normal(rng, filters, channels, 5, 5),
        "b": np.zeros(filters, np.float32),
    }
    return {"start": start, "batches": list(zip(images, signals, strict=True))}


def _weights(rng, count):
    """The chain is the recurrence y <- y * weight + 0.001, two nodes each."""
    return {"x": 0.7, "weights": rng.uniform(0.999, 1.001, count).tolist()}


def _array_forks(rng, count, entries):
    return {"x": rng.normal(size=entries)}


_DATA = {
    "scalar graph": _scalar_graph,
    "iris network": _iris_network,
    "window model": _window_model,
    "convolution": _convolution,
    "chain": _weights,
    "chain of forks": _weights,
    "tree of forks": _weights,
    "array forks": _array_forks,
}
