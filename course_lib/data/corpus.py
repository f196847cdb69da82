"""Sentences to train on, to choose by, and to touch only once, at the end."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False, repr=False)
class Corpus:
    """Sentences in three parts; whole documents, tales or files are in one part each.

    train, dev, test: lists of sentences. A sentence of a labeled corpus is a list of (token, tag),
        the tags in BIO; one of a text is a list of tokens.
    """

    train: list[list]
    dev: list[list]
    test: list[list]

    def __repr__(self) -> str:
        parts = (
            f"{name} {len(part):,} sentences, {sum(map(len, part)):,} tokens"
            for name, part in vars(self).items()
        )
        return f"Corpus({'; '.join(parts)})"
