import numpy as np

from course_lib.calculus import derivative
from course_lib.functions import tanh
from course_lib.graph import Node
from course_lib.optimizers import Adam

# The curriculum's step, with eta = 1, which a forgotten learning rate does not change.
FULL_STEP = {
    "right": [-0.99999, -0.99999999, -1],
    "uncorrected": [-3.161278, -3.162277, -3.162278],  # 0.1 / (sqrt(0.001) + 1e-8 / g)
    "plain_descent": [-0.001, -1, -100],
    "mean_alone": [-0.0001, -0.1, -10],
    "no_root": [-990.099010, -0.99999999, -0.01],
    # (m / 0.1) / (sqrt(0.001 g^2) + 1e-8) is 1 / (sqrt(0.001) + 1e-8 / g)
    "only_m_corrected": [-31.612779, -31.622767, -31.622777],
    "only_v_corrected": [-0.099999, -0.1, -0.1],
    "shares_exchanged": [-9 / 999**0.5] * 3,  # (0.9 / 0.1) / sqrt(0.999 / 0.001)
    "eps_in_root": [-0.995037, -0.99999999, -1],
    "ascent": [0.99999, 0.99999999, 1],
    "no_eta": [-0.99999, -0.99999999, -1],
}

NUMBERS = {
    "12a": {
        **{code: [number / 2 for number in step] for code, step in FULL_STEP.items()},
        "no_eta": [-0.99999, -0.99999999, -1],
    },
    "12b": {
        "right": [1.25, 0, 3.75, 5, 0],
        "unscaled": [1, 0, 3, 4, 0],
        "scaled_down": [0.8, 0, 2.4, 3.2, 0],
        "drop_for_keep": [5, 0, 15, 20, 0],
        "mask_inverted": [0, 2.5, 0, 0, 6.25],
        "mask_added": [2.5, 2.5, 5, 6.25, 6.25],
        "this_mask": [5 / 3, 0, 5, 20 / 3, 0],  # three of five are kept
        "test_time": [0.8, 1.6, 2.4, 3.2, 4.0],
    },
    "12c": {
        "right": 7,
        "stop_epoch": 10,
        "unreachable": 11,
        "first_rise": 3,
        "before_first_rise": 2,
        "too_early": 4,  # the two losses after it are higher
        "one_based": 8,
        "loss": 0.50,
    },
    "12d": {
        "right": 0.06,
        "slide": 3,
        "no_half": 0.12,
        "square_not_differentiated": 0.03,
        "lambda_lost": 0.02,
        "n_twice": 0.0012,
        "step": -0.06,
    },
}


def first_step_of_the_library(g, eta, beta1, beta2, eps):
    parameter = Node(np.zeros_like(g))
    optimizer = Adam([parameter], eta, betas=(beta1, beta2), eps=eps)
    parameter.grad = g
    optimizer.step()
    return parameter.value


def first_step_in_a_loop(g, eta, beta1, beta2, eps):
    steps = []
    for slope in g:
        m, v = beta1 * 0 + (1 - beta1) * slope, beta2 * 0 + (1 - beta2) * slope * slope
        rate = eta * (1 - beta2**1) ** 0.5 / (1 - beta1**1)
        steps.append(-rate * m / (v**0.5 + eps * (1 - beta2) ** 0.5))
    return steps


def first_step_in_single(g, eta, beta1, beta2, eps):
    g, eta = np.asarray(g, np.float32), np.float32(eta)
    return -eta * g / (np.abs(g) + np.float32(eps))


def started_at_step_0(g, eta, beta1, beta2, eps):
    """The corrections with t = 0."""
    m, v = (1 - beta1) * g, (1 - beta2) * g**2
    with np.errstate(all="ignore"):
        return -eta * (m / (1 - beta1**0)) / (np.sqrt(v / (1 - beta2**0)) + eps)


def dropout_in_a_loop(x, mask, keep):
    return [value / keep if kept else 0 for value, kept in zip(x, mask, strict=True)]


def restored_in_hindsight(losses, patience):
    """The first minimum so far that the next `patience` losses do not undercut."""
    lowest = np.minimum.accumulate(losses)
    for epoch in range(len(losses)):
        window = losses[epoch + 1 : epoch + 1 + patience]
        if losses[epoch] == lowest[epoch] and all(loss >= losses[epoch] for loss in window):
            return epoch
    raise AssertionError("the last minimum is undercut by nothing")


def restored_with_a_counter(losses, patience):
    best, best_loss, waited, epoch = None, float("inf"), 0, 0
    while waited < patience and epoch < len(losses):
        if losses[epoch] < best_loss:
            best, best_loss, waited = epoch, losses[epoch], 0
        else:
            waited += 1
        epoch += 1
    return float(best)


def restored_with_a_count_that_never_starts_again(losses, patience):
    best = waited = 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            waited += 1
        if waited == patience:
            break
    return best


def restored_with_a_patience_of(change):
    """The patience changed by so many epochs."""
    return lambda losses, patience: restored_with_a_counter(losses, patience + change)


def factor_by_differences(lam, n):
    return derivative(lambda w: lam / (2 * n) * w**2, 1.0)


def factor_by_the_engine(lam, n):
    w = Node(4.0)
    (lam / (2 * n) * w**2).backward()
    return w.grad / w.value


RIGHT = {
    "12a": [
        first_step_of_the_library,
        first_step_in_a_loop,
        first_step_in_single,
        lambda g, eta, *_: -eta * np.sign(g),
    ],
    "12b": [
        dropout_in_a_loop,
        lambda x, mask, keep: np.where(mask == 1, x / keep, 0.0),
        lambda x, mask, keep: np.float32(x) * np.float32(mask) / np.float32(keep),
    ],
    "12c": [restored_in_hindsight, restored_with_a_counter],
    "12d": [factor_by_differences, factor_by_the_engine],
}
WRONG = {
    "12a": [
        (lambda *v: 2 * first_step_of_the_library(*v), "twice"),
        (lambda *v: first_step_of_the_library(*v)[::-1], "published_only"),  # all are near -1
        (started_at_step_0, "nan"),
        (lambda *v: [-1, -1], "other"),
        (lambda g, eta, *rest: -eta * g**2, "values"),
    ],
    "12b": [
        (lambda *v: dropout_in_a_loop(*v)[::-1], "reversed"),
        (lambda x, mask, keep: x / keep, "partly"),
        (lambda x, mask, keep: (x * mask / keep)[mask == 1], "other"),
        (lambda x, mask, keep: print(end=""), "nothing"),
    ],
    "12c": [
        (lambda *v: 7, "published_only"),
        (lambda *v: 5, "constant"),
        (lambda losses, patience: int(np.argmin(losses[:-patience])), "published_only"),
        (lambda *v: 2 * restored_in_hindsight(*v), "twice"),
        (lambda *v: -restored_in_hindsight(*v), "sign"),
        (lambda losses, patience: restored_in_hindsight(losses, patience) - 1, "values"),
        (lambda losses, patience: losses, "other"),
    ],
    "12d": [
        (lambda lam, n: 0.06, "published_only"),
        (lambda lam, n: lam / (n - 0.05), "close"),
        (lambda lam, n: lam * n, "values"),
        (lambda lam, n: [lam / n], "reshaped"),
        (lambda lam, n: f"{lam / n}", "text"),
    ],
}
TWINS = {
    "12a": [(lambda g, *rest: -np.sign(g), "no_eta")],
    "12c": [
        (restored_with_a_patience_of(-1), "too_early"),
        (restored_with_a_count_that_never_starts_again, "too_early"),
        (restored_with_a_patience_of(1), "unreachable"),
    ],
}
# The curriculum's instances: on the second a patience one epoch shorter restores the same epoch.
ALSO = {
    "12a": [((np.array([0.001, 1.0, 100.0]), 1.0, 0.9, 0.999, 1e-8), FULL_STEP)],
    "12c": [
        (
            ([0.90, 0.72, 0.61, 0.66, 0.58, 0.50, 0.55, 0.53, 0.52, 0.41], 3),
            {
                "right": 5,
                "stop_epoch": 8,
                "unreachable": 9,
                "first_rise": 3,
                "before_first_rise": 2,
                "too_early": 5,
                "one_based": 6,
            },
        )
    ],
}
# In place of the wrong line, with its letter; `backward` is the function of the notebook.
FIX = {"F": "delta_a1 = delta_d1 * mask * scale"}


def bug_error(backward) -> float:
    """The largest difference between the notebook's gradients and those of the engine."""
    rng = np.random.default_rng(0)
    x, W1, b1, w2 = (
        rng.normal(size=4),
        rng.normal(size=(3, 4)),
        rng.normal(size=3),
        rng.normal(size=3),
    )
    mask, scale, b2, y, lam = np.array([1.0, 1.0, 0.0]), 1.6, 0.3, -1.0, 0.05
    found = backward(x, mask, scale, W1, b1, w2, b2, y, lam)
    nodes = W1, b1, w2, b2 = [Node(value) for value in (W1, b1, w2, b2)]
    yhat = w2 @ (tanh(W1 @ x + b1) * mask * scale) + b2
    loss = (yhat - y) ** 2 / 2 + lam * ((W1**2).sum() + (w2**2).sum())
    loss.backward()
    return max(np.abs(f - node.grad).max() for f, node in zip(found, nodes, strict=True))
