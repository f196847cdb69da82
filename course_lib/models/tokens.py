"""What the models take for a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from ..values import shown


def as_tokens(sentence: Sequence[str]) -> list[str]:
    """The sentence as a list; a TypeError for a string, whose letters would pass for words."""
    if isinstance(sentence, str):
        raise TypeError(
            f"expected a list of tokens, found {shown(sentence)}: tokenize(...) the string first"
        )
    return list(sentence)
