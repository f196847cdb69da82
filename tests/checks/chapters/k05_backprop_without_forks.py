import math

import numpy as np

from course_lib.functions import sigmoid
from course_lib.graph import Node
from course_lib.losses import binary_cross_entropy

NUMBERS = {
    "05a": {
        "right": -0.653656,
        "sign": 0.653656,
        "no_slope": -2.887303,
        "slope_only": 0.226390,  # 0.346344 * 0.653656
        "squared_loss": -0.147981,
        "squared_error": -0.295962,  # twice that
        "slope_twice": -0.033501,
        "z_for_prediction": -1.635149,
        "label_flipped": 0.346344,
    },
    "05b": {
        "right": [-0.326828, -0.534413],
        "z_for_a": [0, -0.980],
        "slope_for_a": [-0.163414, -0.097490],  # -0.653656 times 0.25 and 0.149147
        "weights_for_inputs": [-0.654, 1.307],
        "x_for_a": [-0.654, -1.307],
        "added": [-0.153656, 0.163918],
        "sign": [0.326828, 0.534413],
        "no_delta": [0.5, 0.818],
        "stopped_at_prediction": [-1.443652, -2.360585],  # -2.887303 times a1
        "squared_loss": [-0.073991, -0.120986],  # -0.147981 times a1
    },
    "05c": {
        "right": [-0.163414, -0.326828, 0.194981, 0.389962],
        "transposed": [-0.163414, 0.194981, -0.326828, 0.389962],
        "no_slope": [-0.654, -1.307, 1.307, 2.615],
        "slope_of_a": [-0.154, -0.307, 0.278, 0.556],
        "z_in_slope": [0, 0, -0.980484, -1.960968],  # 1.5 (1 - 1.5) = -0.75
        "squared_loss": [-0.036995, -0.073991, 0.044142, 0.088284],  # the right ones times 0.22639
        "no_input": [-0.163414, 0.194981],
        "no_w2": [-0.163, -0.327, -0.097, -0.195],
        "a1_for_x": [-0.081707, -0.133603, 0.097490, 0.159411],
        "tanh_slope": [-0.490242, -0.980484, 0.433468, 0.866936],
        "w2_moved_first": [-0.190, -0.380, 0.169, 0.338],
    },
}


def with_nodes(x, W1, b1, w2, b2, y):
    """All parameters as nodes, after the backward pass of the course's own engine."""
    W1, b1, w2, b2 = map(Node, (W1, b1, w2, b2))
    z2 = w2 @ sigmoid(W1 @ x + b1) + b2
    binary_cross_entropy(sigmoid(z2), y).backward()
    return W1, w2, z2


def delta_z2_with_math(x, W1, b1, w2, b2, y):
    z2 = b2
    for row, bias, weight in zip(W1, b1, w2, strict=True):
        z1 = sum(float(w) * float(value) for w, value in zip(row, x, strict=True)) + bias
        z2 += weight / (1 + math.exp(-z1))
    yhat = 1 / (1 + math.exp(-z2))
    return (-y / yhat + (1 - y) / (1 - yhat)) * yhat * (1 - yhat)


def delta_w2_as_list(x, W1, b1, w2, b2, y):
    a1 = [0.5 * (1 + math.tanh(z / 2)) for z in np.einsum("ij,j->i", W1, x) + b1]
    delta = delta_z2_with_math(x, W1, b1, w2, b2, y)
    return [a * delta for a in a1]


def delta_W1_with_loops(x, W1, b1, w2, b2, y):
    a1 = delta_w2_as_list(x, W1, b1, w2, b2, y)
    delta = delta_z2_with_math(x, W1, b1, w2, b2, y)
    gradient = np.zeros_like(W1)
    for i in range(W1.shape[0]):
        for j in range(W1.shape[1]):
            a = a1[i] / delta
            gradient[i, j] = delta * w2[i] * a * (1 - a) * x[j]
    return gradient


def in_single(function):
    """The same in float32."""

    def single(x, W1, b1, w2, b2, y):
        arrays = [np.asarray(v, np.float32) for v in (x, W1, b1, w2, b2, y)]
        return np.asarray(function(*arrays), np.float32)

    return single


def delta_W1_by_columns(x, W1, b1, w2, b2, y):
    """A nested list, through the batch form of one row and einsum."""
    a1 = 1 / (1 + np.exp(-(x[None] @ W1.T + b1)))
    yhat = 1 / (1 + np.exp(-(a1 @ w2 + b2)))
    return np.einsum("n,i,ni,nj->ij", yhat - y, w2, a1 * (1 - a1), x[None]).tolist()


def wrong_twice(x, W1, b1, w2, b2, y):
    """Two mistakes at once: target minus prediction, times the slope."""
    yhat = y + delta_z2_with_math(x, W1, b1, w2, b2, y)
    return (y - yhat) * yhat * (1 - yhat)


RIGHT = {
    "05a": [
        delta_z2_with_math,
        lambda *v: with_nodes(*v)[2].grad,
        lambda *v: with_nodes(*v)[2].grad + 0 * Node(1.0),
        in_single(delta_z2_with_math),
    ],
    "05b": [
        delta_w2_as_list,
        lambda *v: with_nodes(*v)[1].grad,
        in_single(delta_w2_as_list),
    ],
    "05c": [
        delta_W1_with_loops,
        delta_W1_by_columns,
        lambda *v: with_nodes(*v)[0].grad,
        in_single(delta_W1_by_columns),
    ],
}
WRONG = {
    "05a": [
        (lambda *v: 2 * delta_z2_with_math(*v), "twice"),
        (lambda *v: delta_z2_with_math(*v) / 2, "half"),
        (lambda *v: -0.5, "constant"),
        (lambda *v: -0.6536560, "published_only"),
        (lambda *v: [delta_z2_with_math(*v)], "reshaped"),
        (lambda *v: round(delta_z2_with_math(*v), 4), "close"),
        (lambda *v: math.nan, "nan"),
        (lambda *v: f"{delta_z2_with_math(*v)}", "text"),
        (lambda *v: print(delta_z2_with_math(*v)), "nothing"),
        (wrong_twice, "values"),
        (delta_w2_as_list, "05b"),
    ],
    "05b": [
        (lambda *v: [delta_w2_as_list(*v)], "reshaped"),
        (lambda *v: delta_w2_as_list(*v)[::-1], "reversed"),
        (lambda *v: [delta_w2_as_list(*v)[0], 0.0], "partly"),
        (lambda *v: 2 * np.array(delta_w2_as_list(*v)), "twice"),
        (lambda *v: sum(delta_w2_as_list(*v)), "other"),
        (delta_z2_with_math, "05a"),
    ],
    "05c": [
        (lambda *v: -delta_W1_with_loops(*v), "sign"),
        (lambda *v: delta_W1_with_loops(*v).ravel(), "reshaped"),
        (lambda *v: delta_W1_with_loops(*v) / 2, "half"),
        (lambda *v: delta_W1_with_loops(*v) * [[1], [0]], "partly"),
        (lambda *v: delta_W1_with_loops(*v).astype(int), "values"),
        (lambda *v: delta_W1_with_loops(*v).sum(axis=1), "other"),
        (delta_w2_as_list, "05b"),
    ],
}
# In place of the wrong line, with its letter; `backward` is the function of the notebook.
FIX = {"G": "delta_z1 = delta_a1 * a1 * (1 - a1)"}


def bug_error(backward) -> float:
    """The largest difference between the notebook's four gradients and those of the engine."""
    rng = np.random.default_rng(0)
    x, W1, b1 = rng.normal(size=3), rng.normal(size=(2, 3)), rng.normal(size=2)
    values = (x, W1, b1, np.array([0.7, -1.2]), 0.3, 1.0)
    W1, b1, w2, b2 = map(Node, values[1:5])
    binary_cross_entropy(sigmoid(w2 @ sigmoid(W1 @ x + b1) + b2), 1.0).backward()
    found = zip(backward(*values), (W1, b1, w2, b2), strict=True)
    return max(np.abs(claimed - node.grad).max() for claimed, node in found)
