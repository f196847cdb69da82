"""Text as numbers, and back: what stands between a file of words and a network."""

from .tokenizers import tokenize
from .vocabulary import END, PAD, UNKNOWN, Vocabulary
from .windows import CAPITALS, capitalization, context_windows, next_word_windows

__all__ = [
    "CAPITALS",
    "END",
    "PAD",
    "UNKNOWN",
    "Vocabulary",
    "capitalization",
    "context_windows",
    "next_word_windows",
    "tokenize",
]
