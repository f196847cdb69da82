"""Chapter 12: Adam's first step, inverted dropout, early stopping, the gradient of a penalty."""

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import BugHunt, Exercise

# --- Adam's first step ---------------------------------------------------------------------------

# g, eta, beta1, beta2, eps
STEP = (np.array([0.001, 1.0, 100.0]), 0.5, 0.9, 0.999, 1e-8)


def step(rng: Generator) -> tuple:
    """Four gradients of very different sizes, the first so small that eps in the root is seen."""
    sizes = [
        rng.uniform(5e-4, 2e-3),
        rng.uniform(0.02, 0.2),
        rng.uniform(1, 5),
        rng.uniform(20, 90),
    ]
    signs = rng.choice([-1.0, 1.0], 4)
    g = np.array([float(f"{size:.2g}") for size in sizes]) * signs
    eta, beta1 = rng.uniform(0.01, 0.6), rng.uniform(0.8, 0.94)
    beta2 = rng.uniform(0.995, 0.999)
    return g, round(float(eta), 2), round(float(beta1), 2), round(float(beta2), 3), 1e-8


def first_step(g, eta, beta1, beta2, eps) -> ndarray:
    """The change of the parameters: both means start at 0 and are corrected for it."""
    m, v = (1 - beta1) * g, (1 - beta2) * g**2
    return -eta * (m / (1 - beta1)) / (np.sqrt(v / (1 - beta2)) + eps)


def uncorrected(g, eta, beta1, beta2, eps) -> ndarray:
    m, v = (1 - beta1) * g, (1 - beta2) * g**2
    return -eta * m / (np.sqrt(v) + eps)


def only_m_corrected(g, eta, beta1, beta2, eps) -> ndarray:
    return uncorrected(g, eta, beta1, beta2, eps) / (1 - beta1)


def only_v_corrected(g, eta, beta1, beta2, eps) -> ndarray:
    return first_step(g, eta, beta1, beta2, eps) * (1 - beta1)


def shares_exchanged(g, eta, beta1, beta2, eps) -> ndarray:
    """The new gradient gets beta and what was remembered 1 - beta, then both are corrected."""
    m, v = beta1 * g, beta2 * g**2
    return -eta * (m / (1 - beta1)) / (np.sqrt(v / (1 - beta2)) + eps)


# --- dropout -------------------------------------------------------------------------------------

# x, mask, keep
LAYER = (np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([1.0, 0.0, 1.0, 1.0, 0.0]), 0.8)


def layer(rng: Generator) -> tuple:
    """Seven units, of which two to five are kept."""
    kept = rng.permutation(7) < rng.integers(2, 6)
    keep = float(np.round(rng.uniform(0.55, 0.95), 2))
    return rng.normal(0, 3, 7).round(1), kept.astype(float), keep


def inverted_dropout(x, mask, keep) -> ndarray:
    return x * mask / keep


# --- early stopping ------------------------------------------------------------------------------

# losses, patience
VALIDATION = ([0.90, 0.72, 0.61, 0.66, 0.58, 0.60, 0.59, 0.50, 0.55, 0.53, 0.52, 0.41], 3)


def validation(rng: Generator) -> tuple:
    """Losses on which a patience that is one epoch longer or shorter restores another epoch.

    They fall, wait for one epoch, fall, wait for one epoch less than patience, fall to what is to
    be restored, wait for patience, and fall once more, unseen. Who never sets the count of the
    waits back to 0 stops before the third fall.
    """
    patience = int(rng.integers(3, 5))
    losses = [float(np.round(rng.uniform(0.9, 1.1), 2))]

    def fall(epochs):
        for _ in range(epochs):
            losses.append(float(np.round(min(losses) - rng.uniform(0.02, 0.08), 2)))

    def wait(epochs):
        lowest = min(losses)
        losses.extend(np.round(lowest + rng.uniform(0.01, 0.1, epochs), 2).tolist())

    fall(int(rng.integers(1, 3)))
    wait(1)
    fall(int(rng.integers(1, 3)))
    wait(patience - 1)
    fall(int(rng.integers(2, 4)))
    wait(patience)
    fall(1)
    wait(int(rng.integers(1, patience + 2)))
    return losses, patience


def epoch_to_restore(losses, patience) -> int:
    """The epoch of the smallest loss that training lives to see, counted from 0."""
    return watched(losses, patience)[0]


def watched(losses, patience) -> tuple[int, int]:
    """The best epoch and the last one: `patience` epochs without a new minimum end the training."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best >= patience:
            return best, epoch
    return best, len(losses) - 1


def first_rise(losses, patience) -> int:
    return next(epoch for epoch in range(1, len(losses)) if losses[epoch] > losses[epoch - 1])


# --- the L2 penalty ------------------------------------------------------------------------------


def penalty(rng: Generator) -> tuple:
    return float(np.round(rng.uniform(2.1, 9), 1)), int(rng.integers(20, 200))


def penalty_factor(lam, n) -> float:
    """What W is multiplied by in the gradient of lam / (2 n) times the sum of W squared."""
    return lam / n


EXERCISES = [
    Exercise(
        "12a",
        first_step,
        STEP,
        step,
        tolerance=1e-4,  # so that -eta sign(g) is right, too: eps hardly shows
        wrong={
            "uncorrected": uncorrected,
            "plain_descent": lambda g, eta, beta1, beta2, eps: -eta * g,
            "mean_alone": lambda g, eta, beta1, beta2, eps: -eta * (1 - beta1) * g,
            "no_root": lambda g, eta, beta1, beta2, eps: -eta * g / (g**2 + eps),
            "only_m_corrected": only_m_corrected,
            "only_v_corrected": only_v_corrected,
            "shares_exchanged": shares_exchanged,
            "eps_in_root": lambda g, eta, beta1, beta2, eps: -eta * g / np.sqrt(g**2 + eps),
            "ascent": lambda *v: -first_step(*v),
            "no_eta": lambda g, eta, *rest: first_step(g, 1.0, *rest),
        },
    ),
    Exercise(
        "12b",
        inverted_dropout,
        LAYER,
        layer,
        wrong={
            "unscaled": lambda x, mask, keep: x * mask,
            "scaled_down": lambda x, mask, keep: x * mask * keep,
            "drop_for_keep": lambda x, mask, keep: x * mask / (1 - keep),
            "mask_inverted": lambda x, mask, keep: x * (1 - mask) / keep,
            "mask_added": lambda x, mask, keep: (x + mask) / keep,
            "this_mask": lambda x, mask, keep: x * mask / np.mean(mask),
            "test_time": lambda x, mask, keep: x * keep,
        },
    ),
    Exercise(
        "12c",
        epoch_to_restore,
        VALIDATION,
        validation,
        wrong={
            "stop_epoch": lambda *v: watched(*v)[1],
            "unreachable": lambda losses, patience: int(np.argmin(losses)),
            "first_rise": first_rise,
            "before_first_rise": lambda *v: first_rise(*v) - 1,
            "too_early": lambda losses, patience: epoch_to_restore(losses, patience - 1),
            "one_based": lambda *v: epoch_to_restore(*v) + 1,
            "loss": lambda losses, patience: losses[epoch_to_restore(losses, patience)],
        },
    ),
    Exercise(
        "12d",
        penalty_factor,
        (3.0, 50),
        penalty,
        points=1,
        wrong={
            "slide": lambda lam, n: lam,
            "no_half": lambda lam, n: 2 * lam / n,
            "square_not_differentiated": lambda lam, n: lam / (2 * n),
            "lambda_lost": lambda lam, n: 1 / n,
            "n_twice": lambda lam, n: lam / n**2,
            "step": lambda lam, n: -lam / n,
        },
    ),
    BugHunt("12bug", line="F"),
]
