import math

import numpy as np
from sklearn.linear_model import LogisticRegression

from course_lib.calculus import gradient
from course_lib.data import Standardizer
from course_lib.graph import Node
from course_lib.layers import Linear, Sequential, Tanh
from course_lib.losses import cross_entropy
from course_lib.optimizers import Adam
from course_lib.training import fit

# --- the published results -----------------------------------------------------------------------

Z = [[2, 1, -1], [0, 3, 1], [1, 0, 2], [-1, 2, 0.5]]
Y = [0, 1, 2, 0]
SAID = [0, 1, 2, 1]


def probability(row, k):
    return math.exp(row[k]) / sum(map(math.exp, row))


def nll(rows, labels=Y):
    """The sum over rows, with loops."""
    return -sum(math.log(probability(row, k)) for row, k in zip(rows, labels, strict=True))


def binary(rows):
    """Three yes-or-no losses for each row, added up."""
    signed = [
        -z if k == y else z for row, y in zip(rows, Y, strict=True) for k, z in enumerate(row)
    ]
    return sum(math.log1p(math.exp(z)) for z in signed)


def slopes(loss):
    """By central differences."""
    return gradient(lambda rows: loss(rows.tolist()), np.array(Z, float)).ravel().round(6).tolist()


def softmax_down():
    """(P - Y) / n where every column of P adds up to 1, by loops."""
    columns = list(zip(*Z, strict=True))
    table = [
        [probability(columns[k], i) - (k == label) for k in range(3)] for i, label in enumerate(Y)
    ]
    return [round(entry / 4, 6) for row in table for entry in row]


# The losses, and the first row of the right delta_Z, as in the curriculum; the rest by the routes
# above, and that of `no_softmax` by hand: (Z - Y) / 4.
RIGHT_DELTA = [-0.073654, 0.064874, 0.008780, *slopes(lambda rows: nll(rows) / 4)[3:]]
HEAD = {
    "right": [1.041944, *RIGHT_DELTA, *SAID],
    "sigmoid_of_the_true": [0.403926, *slopes(lambda rows: binary(rows) / 4), *SAID],
    "three_sigmoids": [2.589013, *slopes(lambda rows: binary(rows) / 4), *SAID],
    "mean_over_classes": [0.347315, *slopes(lambda rows: nll(rows) / 12), *SAID],
    "sum_over_rows": [4.167775, *slopes(nll), *SAID],
    "off_by_one": [2.666944, *slopes(lambda rows: nll(rows, [2, 0, 1, 2]) / 4), 1, 2, 3, 2],
    "no_softmax": [
        -1.5,
        *(0.25, 0.25, -0.25, 0, 0.5, 0.25, 0.25, 0, 0.25, -0.5, 0.5, 0.125),
        *SAID,
    ],
    "softmax_down": [1.203938, *softmax_down(), *SAID],
    "argmax_down": [1.041944, *RIGHT_DELTA, 0, 1, 2],
    "sign": [-1.041944, *slopes(lambda rows: -nll(rows) / 4), *SAID],
    "no_target": [
        1.041944,
        *(round(probability(row, k) / 4, 6) for row in Z for k in range(3)),
        *SAID,
    ],
    "own_answer": [round(nll(Z, SAID) / 4, 6), *slopes(lambda rows: nll(rows, SAID) / 4), *SAID],
}
S2 = math.sqrt(0.86 / 3)  # the deviation of the second column (0.2, 1.5, 1.0), by hand
# 42 setosa, 17 versicolor and 20 virginica are to be named, in the order of the table; 8, 32 and 28
# are known.
TO_NAME = np.repeat([0, 1, 2], [42, 17, 20])

NUMBERS = {
    "10a": {
        "right": 0.666667,
        "label": 0,
        "blind_guess": 0.5,
        "rarest": 0.333333,
        "in_proportion": 0.555556,
        "trained_line": 0.64,
        "own_class": 1.0,
        "count": 100,
        "percent": 66.666667,
    },
    "10b": {  # the first column is the curriculum's, the second by hand
        "right": [2.449490, 1.5 / S2],
        "sample_deviation": [2, 1.5 / math.sqrt(0.43)],
        "min_max": [1.5, 2.2 / 1.3],
        "leaked": [1.341641, 1.125 / math.sqrt(0.636875)],
        "own_statistics": [math.nan, math.nan],
        "not_centered": [4.082483, 2.4 / S2],
        "not_scaled": [6, 1.5],
        "variance": [1, 4.5 / 0.86],
        "whole_table": [7.55 / math.sqrt(69.29 / 6 - 2.45**2), -0.05 / math.sqrt(33.275 / 6)],
    },
    "10c": HEAD,
    "10d": {
        "right": TO_NAME,
        "base_rates": [1] * 79,
        "unscaled_rows": [2] * 79,
        "not_finite": [0] * 79,
        "training_rows": np.repeat([0, 1, 2], [8, 32, 28]),
        "probabilities": np.eye(3)[TO_NAME].ravel(),
        "argmax_down": [math.nan] * 3,
        "counted_from_one": TO_NAME + 1,
        "one_hot_off": (TO_NAME + 2) % 3,
    },
}

# --- right answers, written differently ----------------------------------------------------------


def base_rate_by_counting(targets):
    targets = targets.tolist()
    return max(targets.count(label) for label in targets) / len(targets)


def standardized_with_loops(train, test):
    result = np.zeros_like(test)
    for j in range(train.shape[1]):
        mean = sum(train[:, j]) / len(train)
        variance = sum((value - mean) ** 2 for value in train[:, j]) / len(train)
        for i in range(len(test)):
            result[i, j] = (test[i, j] - mean) / math.sqrt(variance)
    return result


def head_with_loops(Z, y):
    P = [[probability(row, k) for k in range(3)] for row in Z.tolist()]
    loss = -sum(math.log(row[label]) for row, label in zip(P, y, strict=True)) / len(y)
    delta = [
        [(p - (k == label)) / len(y) for k, p in enumerate(row)]
        for row, label in zip(P, y, strict=True)
    ]
    return loss, delta, [row.index(max(row)) for row in P]


def head_of_the_engine(Z, y):
    Z = Node(Z)
    loss = cross_entropy(Z, y)
    loss.backward()
    return loss, Z.grad, Z.value.argmax(axis=1)


def head_in_single(Z, y):
    Z = Z.astype(np.float32)
    top = Z.max(axis=1, keepdims=True)
    log_P = Z - top - np.log(np.exp(Z - top).sum(axis=1, keepdims=True))
    delta = np.exp(log_P)
    delta[np.arange(len(y)), y] -= 1
    return -log_P[np.arange(len(y)), y].mean(), delta / np.float32(len(y)), log_P.argmax(axis=1)


def network_of_the_library(train_inputs, train_targets, inputs):
    """Adam in batches, on 8 units."""
    scaler, rng = Standardizer(train_inputs), np.random.default_rng(7)
    model = Sequential(Linear(2, 8, rng=rng), Tanh(), Linear(8, 3, rng=rng))
    fit(
        model,
        cross_entropy,
        scaler.transform(train_inputs),
        train_targets,
        optimizer=Adam(model.parameters(), 0.02),
        epochs=100,
        batch_size=16,
        progress=False,
    )
    return model(scaler.transform(inputs)).value.argmax(axis=1)


def relu_network_by_hand(train_inputs, train_targets, inputs):
    """ReLU units, and a plain list of labels."""
    mean, deviation = train_inputs.mean(axis=0), train_inputs.std(axis=0)
    x, rng = (train_inputs - mean) / deviation, np.random.default_rng(3)
    W1, b1, W2, b2 = rng.normal(0, 1, (12, 2)), np.zeros(12), rng.normal(0, 0.4, (3, 12)), 0
    for _ in range(500):
        a = np.maximum(x @ W1.T + b1, 0)
        P = np.exp(a @ W2.T + b2)
        delta = (P / P.sum(axis=1, keepdims=True) - np.eye(3)[train_targets]) / len(x)
        back = delta @ W2 * (a > 0)
        W2, b2 = W2 - 0.2 * delta.T @ a, b2 - 0.2 * delta.sum(axis=0)
        W1, b1 = W1 - 0.2 * back.T @ x, b1 - 0.2 * back.sum(axis=0)
    Z = np.maximum((inputs - mean) / deviation @ W1.T + b1, 0) @ W2.T + b2
    return [int(row.argmax()) for row in Z]


def softmax_regression(train_inputs, train_targets, inputs):
    """No hidden layer: not asked for, and right all the same."""
    scaler = Standardizer(train_inputs)
    model = LogisticRegression(C=10).fit(scaler.transform(train_inputs), train_targets)
    return model.predict(scaler.transform(inputs))


RIGHT = {
    "10a": [base_rate_by_counting, lambda targets: np.float32(base_rate_by_counting(targets))],
    "10b": [
        standardized_with_loops,
        lambda train, test: Standardizer(train).transform(test),
        lambda train, test: standardized_with_loops(train, test).astype(np.float32).tolist(),
    ],
    "10c": [head_with_loops, head_of_the_engine, head_in_single],
    "10d": [network_of_the_library, relu_network_by_hand, softmax_regression],
}
WRONG = {
    "10a": [
        (lambda targets: np.mean(targets == 0), "published_only"),
        (lambda targets: 2 / 3 - 1, "constant"),
        (lambda targets: -base_rate_by_counting(targets), "sign"),
        (lambda targets: targets == 0, "other"),
        (lambda targets: base_rate_by_counting(targets) ** 2, "values"),
    ],
    "10b": [
        (lambda train, test: standardized_with_loops(train, test).ravel(), "reshaped"),
        (lambda train, test: standardized_with_loops(train, test).round(3), "close"),
        (lambda train, test: -standardized_with_loops(train, test), "sign"),
        (lambda train, test: (test - np.median(train)) / np.ptp(train), "values"),
        (lambda train, test: standardized_with_loops(train, train), "other"),
    ],
    "10c": [
        (lambda Z, y: head_with_loops(Z, y)[0], "count"),
        (lambda Z, y: (head_with_loops(Z, y)[0], Z.T, Z.argmax(axis=1)), "other"),
        (lambda Z, y: (head_with_loops(Z, y)[0], 0 * Z, Z.argmax(axis=1)), "parts"),
        (lambda Z, y: (0 * Z[0, 0], 0 * Z, y), "values"),
        (lambda Z, y: (*head_with_loops(Z, y)[:2], y), "parts"),
        (lambda Z, y: (head_with_loops(Z, y)[0] / math.log(2), Z, Z.argmax(axis=1)), "parts"),
        (lambda Z, y: (math.nan, *head_with_loops(Z, y)[1:]), "nan"),
    ],
    "10d": [
        (lambda x, y, inputs: np.where(inputs[:, 0] < 25, 0, 2), "too_few"),
        (lambda x, y, inputs: 0.1 + softmax_regression(x, y, inputs), "no_labels"),
        (lambda x, y, inputs: softmax_regression(x, y, inputs)[:, None], "reshaped"),
        (lambda x, y, inputs: np.array(["setosa"] * len(inputs)), "text"),
        (lambda x, y, inputs: TO_NAME, "published_only"),
        (lambda x, y, inputs: np.full(len(inputs), np.nan), "nan"),
        (lambda x, y, inputs: print(softmax_regression(x, y, inputs)[0]), "nothing"),
    ],
}
# In place of the wrong line, with its letter; `backward` is the function of the notebook.
FIX = {"I": "delta_W1 = delta_H.T @ x"}


def bug_error(backward) -> float:
    """The largest difference between the notebook's gradients and those of the engine."""
    rng = np.random.default_rng(0)
    petals, y = rng.uniform([10, 2], [60, 25], (6, 2)), np.array([0, 2, 1, 1, 0, 2])
    shapes = (5, 2), (5,), (3, 5), (3,)
    values = [rng.normal(size=shape) for shape in shapes]
    W1, b1, W2, b2 = nodes = [Node(value) for value in values]
    hidden = Tanh()(Standardizer(petals).transform(petals) @ W1.T + b1)
    cross_entropy(hidden @ W2.T + b2, y).backward()
    found = backward(petals, y, *values)
    return max(np.abs(f - node.grad).max() for f, node in zip(found, nodes, strict=True))
