import numpy as np

from course_lib.functions import tanh
from course_lib.graph import Node
from course_lib.losses import squared_error

NUMBERS = {
    "06a": {
        "right": [2.5, 1.5],
        "no_transpose": [2, 2.5],
        "inverse": [0.286, 0.357],
        "weights_forgotten": [1.5, 1.5],
        "diagonal": [1, -0.5],
        "no_delta": [4, 1],  # 1 + 3 and 2 - 1
        # By hand: the terms of 1·1 + 3·0.5 and 2·1 − 1·0.5, and the entries of W times 1 and 0.5.
        "not_summed": [1, 1.5, 2, -0.5],
        "star": [1, 1, 3, -0.5],
    },
    "06b": {
        "right": [0.133333, -0.033333, -0.366667, -0.3, 0.233333, -0.033333, 0.633333, 0.5],
        "sum": [0.4, -0.1, -1.1, -0.9, 0.7, -0.1, 1.9, 1.5],
        "by_units": [0.2, -0.05, -0.55, -0.45, 0.35, -0.05, 0.95, 0.75],
        "first_item": [0.2, 0.4, 0, -0.2, -0.1, -0.2, 0, 0.1],  # 0.2 and -0.1 times its inputs
        "last_item": [0.2, -0.1, 0.1, 0.1, 0.8, -0.4, 0.4, 0.4],
        "product_of_means": [-0.0333, -0.0222, -0.0444, -0.0222, 0.2667, 0.1778, 0.3556, 0.1778],
        # The numbers above, divided by 3 or read by columns.
        "last_item_over_n": np.array([0.2, -0.1, 0.1, 0.1, 0.8, -0.4, 0.4, 0.4]) / 3,
        "transposed": np.array([0.4, 0.7, -0.1, -0.1, -1.1, 1.9, -0.9, 1.5]) / 3,
        "transposed_sum": [0.4, 0.7, -0.1, -0.1, -1.1, 1.9, -0.9, 1.5],
    },
    "06c": {
        "right": [-0.0333, 0.2667],
        "sum": [-0.1, 0.8],
        "first_item": [0.2, -0.1],
        "ones": [1, 1],
        "one_for_all": [0.1167, 0.1167],
        "zero": [0, 0],
        # By hand, from the rows (0.2, −0.1), (−0.4, 0.5) and (0.1, 0.4).
        "by_units": [-0.05, 0.4],
        "last_item": [0.1, 0.4],
        "no_axis": 0.7 / 6,
        "wrong_axis": [0.05, 0.05, 0.25],
    },
}


def delta_a_with_loops(W, delta_z):
    signals = [0.0] * len(W[0])
    for row, delta in zip(W, delta_z, strict=True):
        for j, weight in enumerate(row):
            signals[j] += float(weight) * float(delta)
    return signals


def delta_a_with_nodes(W, delta_z):
    a = Node(np.full(W.shape[1], 0.3))
    (W @ a + 1.0).backward(seed=delta_z)
    return a.grad


def delta_W_item_by_item(A, delta_Z):
    total = np.zeros((delta_Z.shape[1], A.shape[1]))
    for a, delta in zip(A, delta_Z, strict=True):
        total += np.outer(delta, a)
    return total / len(A)


def with_nodes(A, delta_Z):
    """W and b after the backward pass of a mean loss that has these signals."""
    W, b = Node(np.ones((delta_Z.shape[1], A.shape[1]))), Node(np.zeros(delta_Z.shape[1]))
    ((A @ W.T + b) * delta_Z).sum(axis=1).mean().backward()
    return W, b


def in_single(function):
    """The same in float32."""
    return lambda *v: function(*(np.asarray(x, np.float32) for x in v))


RIGHT = {
    "06a": [
        delta_a_with_loops,
        delta_a_with_nodes,
        lambda W, delta_z: delta_z @ W,
        lambda W, delta_z: (W * delta_z[:, None]).sum(0),
    ],
    "06b": [
        delta_W_item_by_item,
        lambda A, delta_Z: with_nodes(A, delta_Z)[0].grad,
        lambda A, delta_Z: np.einsum("ni,nj->nij", delta_Z, A).mean(0).tolist(),
        in_single(lambda A, delta_Z: (delta_Z / len(delta_Z)).T @ A),
    ],
    "06c": [
        lambda A, delta_Z: with_nodes(A, delta_Z)[1].grad,
        lambda A, delta_Z: [sum(column) / len(column) for column in delta_Z.T.tolist()],
        lambda A, delta_Z: np.ones(len(A)) @ delta_Z / len(A),
        in_single(lambda A, delta_Z: np.average(delta_Z, axis=0)),
    ],
}
WRONG = {
    "06a": [
        (lambda W, delta_z: -W.T @ delta_z, "sign"),
        (lambda W, delta_z: (W.T @ delta_z)[:, None], "reshaped"),
        (lambda W, delta_z: np.abs(W).T @ delta_z, "values"),
        (lambda W, delta_z: W.T, "other"),
    ],
    "06b": [
        (lambda *v: -delta_W_item_by_item(*v), "sign"),
        (lambda *v: delta_W_item_by_item(*v) / len(v[0]), "over_n"),
        (lambda A, delta_Z: delta_Z[:, :, None] * A[:, None], "other"),
        (lambda *v: delta_W_item_by_item(*v)[::-1, ::-1], "reversed"),
        (lambda A, delta_Z: delta_Z.mean(axis=0), "06c"),
    ],
    "06c": [
        (lambda A, delta_Z: delta_Z.mean(axis=0, keepdims=True), "reshaped"),
        (lambda A, delta_Z: delta_Z.mean(axis=0) / len(A), "over_n"),
        (lambda A, delta_Z: np.median(delta_Z, axis=0) + 1, "values"),
        (lambda A, delta_Z: delta_Z, "other"),
        (delta_W_item_by_item, "06b"),
    ],
}
FIX = {"G": "delta_A1 = delta_Yhat @ W2"}


def bug_error(backward) -> float:
    """The largest difference between the notebook's gradients and those of the engine."""
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    values = (
        rng.normal(size=(2, 3)),
        rng.normal(size=2),
        rng.normal(size=(2, 2)),
        rng.normal(size=2),
    )
    W1, b1, W2, b2 = parameters = [Node(value) for value in values]
    squared_error(tanh(X @ W1.T + b1) @ W2.T + b2, Y).backward()
    found = backward(X, *values, Y)
    return max(np.abs(g - p.grad).max() for g, p in zip(found, parameters, strict=True))
