"""Chapter 10: what to beat, one scale, a head for three classes, and a network that is trained."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ...data.iris import load_iris
from ..exercise import MODEL, BugHunt, Exercise

# --- 10a: the base rate --------------------------------------------------------------------------

VERSICOLOR_OR_NOT = (np.array([0] * 50 + [1] * 50 + [0] * 50),)


def labels(rng: Generator) -> tuple:
    """Labels 0, 1 and 2 in random order: 2 the most common, 1 the rarest."""
    counts = rng.integers(3, 5), rng.integers(1, 3), rng.integers(5, 8)
    return (rng.permutation(np.repeat([0, 1, 2], counts)),)


def shares(targets) -> ndarray:
    """The part of the rows that each label has, the rarest first."""
    return np.sort(np.unique(targets, return_counts=True)[1]) / len(targets)


def base_rate(targets) -> float:
    return shares(targets)[-1]


# --- 10b: one scale ------------------------------------------------------------------------------

FOUR_FLOWERS = (np.array([[1.0, 0.2], [4.0, 1.5], [7.0, 1.0]]), np.array([[10.0, 2.4]]))


def columns(rng: Generator) -> tuple:
    """Two columns of unlike size and place: four rows for training, three to be scaled."""
    place, size = rng.uniform([3, 20], [6, 60]), rng.uniform([0.5, 4], [1.2, 9])
    rows = place + size * rng.normal(0, 1, (7, 2))
    return rows[:4].round(1), (rows[4:] + size).round(1)


def standardized(train, test) -> ndarray:
    return (test - train.mean(axis=0)) / train.std(axis=0)


# --- 10c: a head for three classes ---------------------------------------------------------------

FOUR_ROWS = (
    np.array([[2.0, 1.0, -1.0], [0.0, 3.0, 1.0], [1.0, 0.0, 2.0], [-1.0, 2.0, 0.5]]),
    np.array([0, 1, 2, 0]),
)


def logits(rng: Generator) -> tuple:
    """Five rows in which the columns of Z and of softmax(Z) have their largest in the same row."""
    while True:
        Z = rng.normal(0, 1.5, (5, 3)).round(1) + 0.0  # no -0.0
        if np.array_equal(Z.argmax(axis=0), softmax(Z).argmax(axis=0)):
            return Z, rng.integers(3, size=5)


def softmax(Z, axis=1):
    E = np.exp(Z - Z.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))


def of_probabilities(P, y, said=None) -> tuple:
    """Mean NLL of the labels, (P - Y) / n, and what is said: by default the likeliest class."""
    loss = -np.mean(np.log(P[np.arange(len(y)), y]))
    return loss, (P - np.eye(3)[y]) / len(y), P.argmax(axis=1) if said is None else said


def three_class_head(Z, y) -> tuple:
    return of_probabilities(softmax(Z), y)


def scaled(head, factor) -> tuple:
    """A head with another factor before the loss, and so before its gradient."""
    loss, delta_Z, predictions = head
    return factor * loss, factor * delta_Z, predictions


def three_sigmoids(Z, y) -> tuple:
    """Each class for itself: binary cross-entropies, added up over the classes."""
    S, Y = sigmoid(Z), np.eye(3)[y]
    loss = -np.sum(Y * np.log(S) + (1 - Y) * np.log(1 - S)) / len(y)
    return loss, *of_probabilities(S, y)[1:]


def no_softmax(Z, y) -> tuple:
    """The logits in place of probabilities, and of their logarithms."""
    return -np.mean(Z[np.arange(len(y)), y]), *of_probabilities(Z, y)[1:]


def no_target(Z, y) -> tuple:
    """P / n as the error signal."""
    loss, _, predictions = three_class_head(Z, y)
    return loss, softmax(Z) / len(y), predictions


# --- 10d: a trained network ----------------------------------------------------------------------

PETALS = np.round(10 * load_iris().inputs[:, 2:])  # length and width in millimeters
SPECIES = load_iris().targets
CLEAR = (PETALS != (48, 18)).any(axis=1)  # petals of 48 x 18 are versicolor's and virginica's
LABEL = dict(zip(map(tuple, PETALS[CLEAR].tolist()), SPECIES[CLEAR].tolist(), strict=True))

# The known flowers, drawn once by chance: 8, 32 and 28 of the species. Setosa is common among the
# others, so that base rates are no answer, nor is a scale that those others make for themselves.
FIRST_MEADOW = (
    *(7, 9, 11, 25, 33, 37, 39, 42),  # setosa
    *(50, 51, 54, 55, 58, 59, 61, 62, 64, 65, 66, 69, 71, 72, 73, 76),  # versicolor
    *(77, 78, 79, 80, 81, 82, 84, 86, 87, 88, 89, 90, 91, 95, 96, 99),
    *(101, 102, 103, 104, 109, 110, 111, 114, 115, 117, 119, 120, 123, 125),  # virginica
    *(130, 131, 132, 134, 135, 136, 139, 141, 142, 143, 144, 146, 147, 149),
)


def dealt(known) -> tuple:
    """The arguments of `classify` if these rows are known and all other clear ones are not."""
    known = np.isin(np.arange(150), known)
    return PETALS[known], SPECIES[known], PETALS[CLEAR & ~known]


def another_deal(rng: Generator) -> tuple:
    """Other known flowers, one fewer, both meadows in random order: no name keeps its place."""
    rows = [np.flatnonzero(CLEAR & (label == SPECIES)) for label in range(3)]
    chosen = [rng.permutation(r)[:n] for r, n in zip(rows, (9, 31, 27), strict=True)]
    train_inputs, train_targets, inputs = dealt(np.concatenate(chosen))
    order = rng.permutation(len(train_targets))
    return train_inputs[order], train_targets[order], rng.permutation(inputs)


def classify(train_inputs, train_targets, inputs) -> ndarray:
    """The truth, looked up: clear flowers with equal petals are of the same species."""
    return np.array([LABEL[row] for row in map(tuple, inputs.tolist())])


def everyone(label, inputs) -> ndarray:
    return np.full(len(inputs), label)


def relabeled(*labels):
    """A mutant that gives these labels where 0, 1 and 2 are right; nan stands for any."""
    return lambda *v: np.array(labels)[classify(*v)]


def own_statistics(train_inputs, train_targets, inputs) -> ndarray:
    """What any model says if these rows are scaled by themselves: here that of the nearest mean."""
    known, rows = standardized(train_inputs, train_inputs), standardized(inputs, inputs)
    means = np.array([known[train_targets == label].mean(axis=0) for label in range(3)])
    return np.linalg.norm(rows[:, None] - means, axis=2).argmin(axis=1)


EXERCISES = [
    Exercise(
        "10a",
        base_rate,
        VERSICOLOR_OR_NOT,
        labels,
        points=1,
        wrong={
            "label": lambda targets: np.bincount(targets).argmax(),
            "blind_guess": lambda targets: 1 / len(shares(targets)),
            "rarest": lambda targets: shares(targets)[0],
            "in_proportion": lambda targets: np.sum(shares(targets) ** 2),
            "trained_line": lambda targets: 0.64,
            "own_class": lambda targets: 1.0,
            "count": lambda targets: len(targets) * base_rate(targets),
            "percent": lambda targets: 100 * base_rate(targets),
        },
    ),
    Exercise(
        "10b",
        standardized,
        FOUR_FLOWERS,
        columns,
        wrong={
            "sample_deviation": lambda train, test: (
                (test - train.mean(axis=0)) / train.std(axis=0, ddof=1)
            ),
            "min_max": lambda train, test: (
                (test - train.min(axis=0)) / (train.max(axis=0) - train.min(axis=0))
            ),
            "leaked": lambda train, test: standardized(np.vstack([train, test]), test),
            "own_statistics": lambda train, test: standardized(test, test),
            "not_centered": lambda train, test: test / train.std(axis=0),
            "not_scaled": lambda train, test: test - train.mean(axis=0),
            "variance": lambda train, test: (test - train.mean(axis=0)) / train.var(axis=0),
            "whole_table": lambda train, test: (test - train.mean()) / train.std(),
        },
    ),
    Exercise(
        "10c",
        three_class_head,
        FOUR_ROWS,
        logits,
        points=3,
        wrong={
            "sigmoid_of_the_true": lambda Z, y: of_probabilities(sigmoid(Z), y),
            "three_sigmoids": three_sigmoids,
            "mean_over_classes": lambda Z, y: scaled(three_class_head(Z, y), 1 / Z.shape[1]),
            "sum_over_rows": lambda Z, y: scaled(three_class_head(Z, y), len(y)),
            "off_by_one": lambda Z, y: of_probabilities(softmax(Z), y - 1, Z.argmax(axis=1) + 1),
            "no_softmax": no_softmax,
            "softmax_down": lambda Z, y: of_probabilities(softmax(Z, axis=0), y),
            "argmax_down": lambda Z, y: of_probabilities(softmax(Z), y, Z.argmax(axis=0)),
            "sign": lambda Z, y: scaled(three_class_head(Z, y), -1),
            "own_answer": lambda Z, y: of_probabilities(softmax(Z), Z.argmax(axis=1)),
            "no_target": no_target,
        },
    ),
    Exercise(
        "10d",
        classify,
        dealt(FIRST_MEADOW),
        another_deal,
        kind=MODEL,
        points=3,
        agreement=0.9,
        wrong={
            "base_rates": lambda x, y, inputs: everyone(np.bincount(y).argmax(), inputs),
            "unscaled_rows": lambda x, y, inputs: everyone(2, inputs),
            "not_finite": lambda x, y, inputs: everyone(0, inputs),
            "own_statistics": own_statistics,
            "training_rows": lambda x, y, inputs: y,
            "probabilities": lambda *v: np.eye(3)[classify(*v)],
            "argmax_down": lambda x, y, inputs: np.full(3, np.nan),
            "least_likely": relabeled(2, np.nan, 0),
            "counted_from_one": relabeled(1, 2, 3),
            "one_hot_off": relabeled(2, 0, 1),
            "two_answers": relabeled(0, 1, 1),
            "swapped": relabeled(0, 2, 1),
        },
    ),
    BugHunt("10bug", line="I"),
]
