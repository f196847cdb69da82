"""Losses: one number that says how wrong a prediction is, and the error signal it sends back.

All take (prediction, target) and `reduction`, "mean" (default) or "sum" over the rows, which are
the examples, and return a Node with a Python float. Targets are constants, cast to the dtype of
the prediction. Shapes that differ, empty batches and values out of range are a ValueError.
"""

import numpy as np

from .functions import array_of, logistic
from .graph import Node, value_of
from .values import indices


def squared_error(prediction, target, reduction: str = "mean") -> Node:
    """J = mean over rows of ||yhat - y||^2, summed over outputs; delta_yhat = 2 (yhat - y) / n.

    Any shape; a single number counts as one row. No factor 1/2.
    """
    yhat, y = _same_shape("squared_error", prediction, target)
    error, scale = yhat - y, _scale("squared_error", reduction, np.shape(yhat))
    loss = float(np.vdot(error, error)) * scale
    return Node(loss, "squared_error", (prediction, lambda delta: error * (2 * scale * delta)))


def binary_cross_entropy(prediction, target, reduction: str = "mean") -> Node:
    """J = mean over rows of -[y log yhat + (1 - y) log(1 - yhat)] for probabilities yhat.

    Any shape, summed over outputs; delta_yhat = (yhat - y) / (n yhat (1 - yhat)). Infinite at a
    wrong 0 or 1, where binary_cross_entropy_with_logits stays finite.
    """
    yhat, y = _same_shape("binary_cross_entropy", prediction, target)
    _check_range("binary_cross_entropy", "predictions", yhat)
    _check_range("binary_cross_entropy", "targets", y)
    scale = _scale("binary_cross_entropy", reduction, np.shape(yhat))
    with np.errstate(divide="ignore", invalid="ignore"):
        # The factor 0 of the other case wins over an infinite logarithm.
        of_one = np.where(y > 0, y * np.log(yhat), 0)
        of_zero = np.where(y < 1, (1 - y) * np.log1p(-yhat), 0)

    def vjp(delta):
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(y < 1, (1 - y) / (1 - yhat), 0) - np.where(y > 0, y / yhat, 0)
        return (scale * delta) * share

    return Node(-float(np.sum(of_one + of_zero)) * scale, "binary_cross_entropy", (prediction, vjp))


def binary_cross_entropy_with_logits(prediction, target, reduction: str = "mean") -> Node:
    """The same loss of logits z, yhat = sigmoid(z), always finite; delta_z = (yhat - y) / n."""
    z, y = _same_shape("binary_cross_entropy_with_logits", prediction, target)
    _check_range("binary_cross_entropy_with_logits", "targets", y)
    scale = _scale("binary_cross_entropy_with_logits", reduction, np.shape(z))
    softplus = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))  # -log(1 - yhat)
    loss = float(np.sum(softplus - y * z)) * scale
    return Node(
        loss,
        "binary_cross_entropy",
        (prediction, lambda delta: (logistic(z) - y) * (scale * delta)),
    )


def cross_entropy(prediction, target, reduction: str = "mean") -> Node:
    """J = -log softmax(z)[label] for logits z (n, classes) and n integer labels.

    Fused: the error signal is (p - y) / n with y one-hot. Composed of log_softmax and a look-up it
    is the same, and half as fast.
    """
    z, labels = array_of(prediction, "cross_entropy"), np.asarray(target)
    if z.ndim != 2 or labels.shape != z.shape[:1]:
        raise ValueError(
            f"cross_entropy: found logits {z.shape} and labels {labels.shape}, expected "
            "(n, classes) and (n,)"
        )
    scale = _scale("cross_entropy", reduction, z.shape)
    places = indices("cross_entropy: labels", labels, z.shape[1])
    rows = np.arange(0, z.size, z.shape[1])  # where they begin: one index is faster than two
    places += rows
    top = z.take(rows + z.argmax(axis=1))  # a third of the time of max(axis=1)
    p = np.subtract(z, top[:, None], order="C")
    picked = p.take(places)
    np.exp(p, out=p)
    total = p.dot(np.ones(z.shape[1], p.dtype))

    def vjp(delta):
        share = p * (scale * delta / total)[:, None]
        share.reshape(-1)[places] -= scale * delta
        return share

    loss = float(np.add.reduce(np.log(total) - picked)) * scale
    return Node(loss, "cross_entropy", (prediction, vjp))


def negative_log_likelihood(prediction, target, reduction: str = "mean") -> Node:
    """J = -sum_k y_k log yhat_k for probabilities yhat and one-hot y, mean over rows.

    Both are (n, classes), or (classes,) for one example. delta_yhat = -y / (n yhat).
    """
    yhat, y = _same_shape("negative_log_likelihood", prediction, target)
    return _expected_log(yhat, y, 0.0, prediction, reduction, "negative_log_likelihood")


def kl_divergence(p, q, reduction: str = "mean") -> Node:
    """KL(p || q) = sum_k p_k log(p_k / q_k) by rows: p is constant, q the prediction.

    Not symmetric; 0 only where q = p. It is the cross-entropy H(p, q) less the entropy H(p), so
    delta_q = -p / (n q), as for the likelihood. Both are (n, classes), or (classes,) for one row.
    """
    prediction = q
    q, p = _same_shape("kl_divergence", q, p)
    entropy = -float(np.sum(np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0)))
    return _expected_log(q, p, entropy, prediction, reduction, "kl_divergence")


def _expected_log(q, p, entropy, prediction, reduction, name):
    """-sum p log q less the entropy, where 0 log 0 counts as 0."""
    _check_range(name, "predictions", q)
    _check_range(name, "targets", p)
    scale = _scale(name, reduction, q.shape if np.ndim(q) > 1 else (1, *np.shape(q)))
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = -float(np.sum(np.where((p > 0) | np.isnan(q), p * np.log(q), 0)))

    def vjp(delta):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(p > 0, p / q, 0) * (-scale * delta)

    return Node((cross - entropy) * scale, name, (prediction, vjp))


def _same_shape(name, prediction, target):
    """Both values, the target in the dtype of the prediction; broadcasting would hide a mistake."""
    x, y = value_of(prediction), value_of(target)
    if np.shape(x) != np.shape(y):
        raise ValueError(
            f"{name}: predictions have shape {np.shape(x)}, targets {np.shape(y)}: "
            "reshape one of them"
        )
    if type(x) is float:
        return x, y
    x = x if x.dtype.kind == "f" else x.astype(float)
    return x, y.astype(x.dtype, copy=False)


def _check_range(name, what, x):
    """Refuse what is no probability; a nan among predictions passes, for the loss shows it."""
    if not np.size(x):
        return  # an empty batch has a message of its own
    low, high = np.min(x), np.max(x)
    if what == "predictions" and np.isnan(low):
        return
    if not (low >= 0 and high <= 1):
        raise ValueError(f"{name}: {what} must lie in 0 ... 1, found {low:.4g} ... {high:.4g}")


def _scale(name, reduction, shape):
    """1 / n for the mean over n rows, 1 for the sum."""
    if reduction not in ("mean", "sum"):
        raise ValueError(f'{name}: reduction must be "mean" or "sum", found {reduction!r}')
    if 0 in shape:
        raise ValueError(f"{name}: the batch is empty, its shape is {shape}")
    return 1.0 if reduction == "sum" or not shape else 1 / shape[0]
