"""A trained model in a folder: what it knows, how it was built, what it learned."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from ..files import replaced
from ..layers import load, save
from ..text import Vocabulary
from .language_model import WindowLanguageModel
from .tagger import WindowTagger

KINDS = {kind.__name__: kind for kind in (WindowTagger, WindowLanguageModel)}
VOCABULARY, SETTINGS, NETWORK = "vocabulary.txt", "settings.json", "network.npz"


def save_model(model: WindowTagger | WindowLanguageModel, folder: str | os.PathLike) -> None:
    """Write three files into `folder`, which is made if it is not there.

    vocabulary.txt has the word with id i on line i + 1, settings.json the sizes (and tags),
    network.npz the parameters. Nothing is replaced before all three are written; settings.json goes
    first and comes last, so what was stopped on the way is no model.
    """
    if type(model).__name__ not in KINDS:
        raise TypeError(f"save_model() knows {' and '.join(KINDS)}, found a {type(model).__name__}")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"kind": type(model).__name__, **model.settings}
    # They take their places in the order of vocabulary, network, settings.
    with (
        replaced(folder / SETTINGS) as settings_file,
        replaced(folder / NETWORK) as network_file,
        replaced(folder / VOCABULARY) as vocabulary_file,
    ):
        model.vocabulary.save(vocabulary_file)
        text = json.dumps(settings, indent=1, ensure_ascii=False, default=np.generic.item) + "\n"
        settings_file.write_text(text, encoding="utf-8")
        save(model, network_file)
        (folder / SETTINGS).unlink(missing_ok=True)  # a mixture of two models does not load


def load_model(folder: str | os.PathLike) -> WindowTagger | WindowLanguageModel:
    """The model that save_model() wrote; a ValueError names the file that is damaged."""
    folder = Path(folder)
    try:
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        kind = KINDS[settings.pop("kind")]
    except (ValueError, KeyError, AttributeError, TypeError):
        kinds = " or ".join(KINDS)
        raise ValueError(
            f"{folder / SETTINGS} is damaged: expected the sizes of a {kinds}"
        ) from None
    vocabulary = Vocabulary.load(folder / VOCABULARY)
    try:
        model = kind(vocabulary, **settings)
    except (TypeError, ValueError, MemoryError) as error:
        raise ValueError(f"{folder / SETTINGS} is damaged: {error}") from None
    try:
        load(model, folder / NETWORK)
    except ValueError as error:
        raise ValueError(f"{folder}: the three files do not belong together: {error}") from None
    return model.eval()
