"""Whole models made of the library's layers: a named-entity tagger and a language model."""

from .highlight import TaggedSentence
from .language_model import WindowLanguageModel
from .neighbors import nearest_words
from .storage import load_model, save_model
from .tagger import MemorizingTagger, WindowTagger

__all__ = [
    "MemorizingTagger",
    "TaggedSentence",
    "WindowLanguageModel",
    "WindowTagger",
    "load_model",
    "nearest_words",
    "save_model",
]
