"""Text as numbers, and back: what stands between a file of words and a network."""

from .ngrams import KneserNey
from .perplexity import perplexity
from .scoring import EntityScores, Score, entity_scores
from .tags import SCHEMES, Span, convert_tags, detect_scheme, spans, tags_of
from .tokenizers import split_sentences, tokenize
from .vocabulary import END, PAD, UNKNOWN, Vocabulary
from .windows import CAPITALS, capitalization, context_windows, next_word_windows

__all__ = [
    "CAPITALS",
    "END",
    "PAD",
    "SCHEMES",
    "UNKNOWN",
    "EntityScores",
    "KneserNey",
    "Score",
    "Span",
    "Vocabulary",
    "capitalization",
    "context_windows",
    "convert_tags",
    "detect_scheme",
    "entity_scores",
    "next_word_windows",
    "perplexity",
    "spans",
    "split_sentences",
    "tags_of",
    "tokenize",
]
