"""How surprised a language model is: the number of equally likely words it hesitates between."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

ROUNDING = 1e-6  # a softmax in float32 may be 1.0000001


def perplexity(probabilities: ArrayLike) -> float:
    """exp(-mean log p): e to the mean negative log-likelihood in nats.

        >>> round(perplexity([0.5, 0.25, 0.125]), 6)
        4.0

    probabilities: what the model gave to each word that came, shape (m,). The end of a sentence
        counts as a word: figures with and without it cannot be compared.

    It is 1 for a model that always knew the next word, the size of the vocabulary for one that
    knows nothing, and infinite when a word came that the model held to be impossible.

    Raises ValueError if there is no probability, or one outside 0 ... 1.
    """
    p = np.asarray(probabilities, dtype=float)
    if p.ndim != 1 or not len(p):
        raise ValueError(f"perplexity needs one probability for each word, (m,), found {p.shape}")
    if not (p.min() >= 0 and p.max() <= 1 + ROUNDING):
        raise ValueError(
            f"probabilities must lie in 0 ... 1, found {p.min():.8g} ... {p.max():.8g}"
        )
    with np.errstate(divide="ignore", over="ignore"):
        return float(np.exp(-np.log(p).mean()))
