"""Training that slows down: at a high learning rate as far as it goes, then at half of it."""

from __future__ import annotations

import math
import time

import numpy as np

from ..layers import Layer, get_state, set_state
from ..losses import cross_entropy
from ..optimizers import Adam
from ..training import History, fit

STAGES = 4


def train_in_stages(
    model: Layer,
    examples: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    *,
    learning_rate: float,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
) -> dict:
    """Adam until the validation loss rises, then on from the best state at half the rate.

    Ends with the stage or the epoch that is the last, or with Ctrl-C; the model is left at its
    best. Returns the losses of all epochs, the seconds, and whether Ctrl-C was pressed.
    """
    optimizer = Adam(model.parameters(), learning_rate)
    whole, best, started = History(), None, time.perf_counter()
    for _ in range(STAGES):
        left = epochs - len(whole.loss)
        if not left or whole.interrupted:
            break
        print(f"learning rate {optimizer.learning_rate:g}")
        history = fit(
            model,
            cross_entropy,
            *examples,
            optimizer=optimizer,
            epochs=left,
            batch_size=batch_size,
            validation=validation,
            patience=1,
            rng=rng,
        )
        lowest = min(history.validation_loss, default=math.inf)
        if best is None or lowest < min(whole.validation_loss):
            best = get_state(model)
        else:  # fit() knows the best epoch of its own stage only
            set_state(model, best)
        whole.loss += history.loss
        whole.validation_loss += history.validation_loss
        whole.interrupted = history.interrupted
        optimizer.learning_rate /= 2
    return {**vars(whole), "seconds": round(time.perf_counter() - started, 1)}
