"""What an embedding has learned: words that are used alike have vectors that point alike."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from ..text import Vocabulary


def nearest_words(
    vectors: ndarray, vocabulary: Vocabulary, word: str, count: int = 5
) -> list[tuple[str, float]]:
    """The `count` words whose vectors point most nearly as that of `word`, with the cosine.

    vectors: (V, size), `embedding.weight.value`; row i belongs to the word with id i.

    Raises ValueError if the vocabulary does not hold the word, or has another length.
    """
    if len(vectors) != len(vocabulary):
        raise ValueError(
            f"found {len(vectors)} vectors and {len(vocabulary)} words, expected as many"
        )
    if count < 1:
        raise ValueError(f"count must be at least 1, found {count}")
    if word not in vocabulary:
        raise ValueError(f"{word!r} is not among the {len(vocabulary)} words of this vocabulary")
    row = vocabulary.ids([word])[0]
    lengths = np.linalg.norm(vectors, axis=1)
    cosines = vectors @ vectors[row] / np.maximum(lengths * lengths[row], 1e-30)
    cosines[[row, 0]] = -np.inf  # neither the word itself nor the padding
    best = np.argsort(-cosines, kind="stable")[:count]
    return [(vocabulary.words[i], float(cosines[i])) for i in best if np.isfinite(cosines[i])]
