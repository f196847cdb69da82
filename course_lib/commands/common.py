"""What both commands share: options, held-out sentences, training, results, one-line errors."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..data import Corpus
from ..layers import Layer, get_state, set_state
from ..losses import cross_entropy
from ..optimizers import Adam
from ..training import History, fit

STAGES = 4


def at_least(smallest: int) -> Callable[[str], int]:
    """The type of an option: bad numbers are refused before a large file is read."""

    def whole_number(text: str) -> int:
        number = int(text)
        if number < smallest:
            raise argparse.ArgumentTypeError(f"must be at least {smallest}, found {text}")
        return number

    return whole_number


def parts_of(
    read: Callable, train: str, dev: str | None, test: str | None, rng: np.random.Generator | None
) -> Corpus:
    """The three parts, read from files; a part that has no file is a tenth of `train`.

    rng: draws the sentences that are held out; None takes the last ones, as they stand.
    """
    sentences = read(train)
    rows = np.arange(len(sentences)) if rng is None else rng.permutation(len(sentences))
    parts, tenth = {}, len(sentences) // 10
    for name, path in (("test", test), ("dev", dev)):
        if path:
            parts[name] = read(path)
        elif not tenth:
            raise ValueError(
                f"{train} has {len(sentences)} sentences, at least 10 are needed to hold some "
                f"out: give a --{name} file"
            )
        else:
            rows, parts[name] = rows[:-tenth], [sentences[i] for i in rows[-tenth:]]
    return Corpus(train=[sentences[i] for i in rows], **parts)


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


def make_folder(folder: str) -> None:
    """Make the folder of the results and try it, before the training and not after it."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")


def save_results(folder: str, results: dict) -> None:
    """Write results.json into `folder`; it is whole, or as it was before."""
    path = Path(folder, "results.json")
    unfinished = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        unfinished.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def run(main: Callable[[Sequence[str] | None], None], name: str) -> None:
    """Call a command; what the user can repair is told in one line."""
    if sys.stdout:  # words that a terminal cannot show end no training
        sys.stdout.reconfigure(errors="replace")
    try:
        main(None)
    except (ValueError, OSError, FloatingPointError, MemoryError) as error:
        sys.exit(f"{name}: {error}")
    except KeyboardInterrupt:
        sys.exit(f"{name}: stopped by Ctrl-C")
