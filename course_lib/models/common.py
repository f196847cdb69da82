"""What both models share: how their vectors begin, and what they take for a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from ..values import shown

# The models' vectors start at a tenth of the usual size. A rare word is moved a few times only: its
# vector is then what training made of it, not what chance began with. On the tales the perplexity
# falls from 40 to 35 and neighbors make sense; the tagger needs half the epochs.
SCALE = 0.1


def as_tokens(sentence: Sequence[str]) -> list[str]:
    """The sentence as a list; a TypeError for a string, whose letters would pass for words."""
    if isinstance(sentence, str):
        raise TypeError(
            f"expected a list of tokens, found {shown(sentence)}: tokenize(...) the string first"
        )
    return list(sentence)
