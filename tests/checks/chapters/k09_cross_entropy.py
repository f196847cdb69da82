import math

import numpy as np

from course_lib import functions, losses
from course_lib.calculus import gradient
from course_lib.graph import Node

NUMBERS = {
    "09a": {
        "right": [-0.335, 0.245, 0.090],
        "true_class_only": [-0.335, 0, 0],
        "sign": [0.334759, -0.244728, -0.090031],
        "no_target": [0.665241, 0.244728, 0.090031],
        "no_softmax_slopes": [-1.503, 0, 0],
        "sum_of_binaries": [-0.616, 0.465, 0.151],
        "sigmoids": [-0.119203, 0.731059, 0.5],
        "logits_for_probabilities": [1, 1, 0],
        # by hand: 0.665241 * 0.334759, 0.244728 * 0.755272 and 0.090031 * 0.909969 times p - y
        "extra_slope": [-0.074549, 0.045235, 0.007376],
    },
    "09b": {
        "right": 0.886941,
        "swapped": 1.121686,
        "entropy": 0.801819,
        "divergence": 0.085123,
        "most_likely_only": 0.693147,
        "bits": 1.279586,
        "no_minus": -0.886941,
        "unweighted": -math.log(0.5 * 0.3 * 0.2),  # by hand: minus the log of the product
        "sum_of_binaries": 0.886941
        - 0.3 * math.log(0.5)
        - 0.8 * math.log(0.7)
        - 0.9 * math.log(0.8),
    },
    "09c": {
        "right": [0.0900, 0.2447, 0.6652],
        "overflow": [math.nan, math.nan, math.nan],
        "divided_by_sum": [1000 / 3003, 1001 / 3003, 1002 / 3003],
        "divided_by_max": [1000 / 1002, 1001 / 1002, 1],
        "clipped": [1 / 3, 1 / 3, 1 / 3],
        "shifted_sigmoids": [0.119, 0.269, 0.5],
        "sigmoids": [1, 1, 1],
        "reversed": [0.6652, 0.2447, 0.0900],
        "not_normalized": [math.exp(-2), math.exp(-1), 1],
    },
}


def delta_with_nodes(z, y):
    """The course's own cross-entropy, which takes rows and labels."""
    z = Node(z)
    losses.cross_entropy(z.reshape(1, -1), [int(np.argmax(y))]).backward()
    return z.grad


def delta_through_likelihood(z, y):
    z = Node(z)
    losses.negative_log_likelihood(functions.softmax(z), y).backward()
    return z.grad


def delta_with_loops(z, y):
    total = sum(math.exp(value) for value in z)
    p = [math.exp(value) / total for value in z]
    delta = []
    for k in range(len(p)):
        slopes = [p[j] * ((j == k) - p[k]) for j in range(len(p))]
        delta.append(sum(-y[j] / p[j] * slopes[j] for j in range(len(p))))
    return delta


def delta_by_differences(z, y):
    return gradient(lambda z: np.log(np.exp(z).sum()) - y @ z, z)


def delta_in_single(z, y):
    e = np.exp(z.astype(np.float32))
    return e / e.sum() - y.astype(np.float32)


def entropy_with_loop(p, q):
    return sum(-a * math.log(b) for a, b in zip(p, q, strict=True))


def entropy_and_divergence(p, q):
    """H(p) + KL(p || q), in the course's own losses."""
    return losses.kl_divergence(p, q).value - sum(p * np.log(p))


def softmax_with_math(z):
    shares = [math.exp(value - max(z)) for value in z]
    return [share / math.fsum(shares) for share in shares]


def softmax_by_logsumexp(z):
    return np.exp(z - np.logaddexp.reduce(z))


RIGHT = {
    "09a": [
        delta_with_nodes,
        delta_through_likelihood,
        delta_with_loops,
        delta_by_differences,
        delta_in_single,
    ],
    "09b": [
        entropy_with_loop,
        entropy_and_divergence,
        lambda p, q: losses.negative_log_likelihood(q, p),
        lambda p, q: np.array(np.einsum("k,k->", p, -np.log2(q)) * math.log(2)),
    ],
    "09c": [
        softmax_with_math,
        softmax_by_logsumexp,
        functions.softmax,
        lambda z: softmax_with_math((z - z.max()).astype(np.float32)),
    ],
}
WRONG = {
    "09a": [
        (lambda z, y: 2 * delta_with_nodes(z, y), "twice"),
        (lambda z, y: delta_with_nodes(z, y) / len(z), "over_n"),
        (lambda z, y: delta_with_nodes(z, y)[::-1], "reversed"),
        (lambda z, y: delta_with_nodes(z, y)[:, None], "reshaped"),
        (lambda z, y: delta_with_nodes(z, y)[np.argmax(y)], "other"),
        (lambda z, y: delta_with_nodes(z, y) * math.inf, "inf"),
        (lambda z, y: delta_with_nodes(z, y) ** 2, "values"),
    ],
    "09b": [
        (lambda p, q: entropy_with_loop(p, q) / len(p), "over_n"),
        (lambda p, q: -p * np.log(q), "other"),
        (lambda p, q: math.nan, "nan"),
        (lambda p, q: -math.log(p @ q), "values"),
    ],
    "09c": [
        (lambda z: softmax_with_math(z)[::-1], "reversed"),
        (lambda z: [softmax_with_math(z)], "reshaped"),
        (lambda z: np.round(softmax_with_math(z), 3), "close"),
        (lambda z: softmax_by_logsumexp(z) + 0.1, "shifted"),
        (lambda z: softmax_by_logsumexp(z).max(), "other"),
        (
            lambda z: [0.09003057317038046, 0.24472847105479767, 0.6652409557748219],
            "published_only",
        ),
        (lambda z: np.exp(z - 1000) / np.exp(z - 1000).sum(), "nan"),
        (lambda z: np.exp(z - z.min()) / np.exp(z - z.min()).sum(), "nan"),
        (lambda z: np.exp(z - z.mean()) / np.exp(z - z.mean()).sum(), "nan"),
        (lambda z: np.sqrt(softmax_with_math(z)), "values"),
    ],
}
# In place of the wrong line, with its letter; `backward` is the function of the notebook.
FIX = {"F": "delta_Z2 = P * (delta_P - (P * delta_P).sum(axis=1, keepdims=True))"}


def bug_error(backward) -> float:
    """The largest difference between the notebook's gradients and those of the engine."""
    rng = np.random.default_rng(0)
    sizes = ((5, 2), (4, 2), (3, 4), 3)
    X, W1, W2, b = (rng.normal(size=size) for size in sizes)
    C = rng.uniform(0, 4, (5, 3))
    found = backward(X, W1, W2, b, C)
    nodes = W1, W2, b = Node(W1), Node(W2), Node(b)
    P = functions.softmax(functions.tanh(X @ W1.T) @ W2.T + b)
    (P * C).sum(axis=1).mean().backward()
    pairs = zip(found, (*nodes, P), strict=True)
    return max(np.abs(mine - node.grad).max() for mine, node in pairs)
