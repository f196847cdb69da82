"""What both commands do: hold sentences out, train and save, tell errors in one line."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from ..data import Corpus
from ..files import replaced
from ..models import WindowLanguageModel, WindowTagger, save_model
from .stages import train_in_stages


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


def train_and_save(
    model: WindowTagger | WindowLanguageModel,
    examples: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray],
    chosen: argparse.Namespace,
    rng: np.random.Generator,
) -> dict:
    """Train, save before anything else can go wrong, and return the results known so far."""
    make_folder(chosen.output)
    training = train_in_stages(
        model,
        examples,
        validation,
        learning_rate=chosen.learning_rate,
        epochs=chosen.epochs,
        batch_size=chosen.batch_size,
        rng=rng,
    )
    save_model(model, chosen.output)
    results = {"chosen": vars(chosen), "training": training}
    save_results(chosen.output, results)  # those of another network do not stay beside this one
    return results


def make_folder(folder: str) -> None:
    """Make the folder of the results and try it, before the training and not after it."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")


def save_results(folder: str, results: dict) -> None:
    """Write results.json into `folder`; it is whole, or as it was before."""
    with replaced(Path(folder, "results.json")) as unfinished:
        unfinished.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


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
