"""Words as numbers: which words a model knows, and the id of each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy import ndarray

from ..files import replaced
from ..values import shown

PAD, UNKNOWN, END = SPECIAL = ("<pad>", "<unk>", "</s>")


class Vocabulary:
    """Distinct words, numbered from 0; all other words share the id of <unk>.

    The first three ids are always <pad> 0, which stands where a window reaches beyond its
    sentence, <unk> 1, and </s> 2, the end of a sentence.

        >>> vocabulary = Vocabulary.from_sentences([["a", "road", "a", "village"]])
        >>> vocabulary.ids(["a", "river"])
        array([3, 1])

    words: the words in the order of their ids, with or without the three special ones in front.

    Raises ValueError for a word that is empty, holds a line break or comes twice.
    """

    def __init__(self, words: Iterable[str]):
        words = list(words)
        self.words = words if tuple(words[:3]) == SPECIAL else [*SPECIAL, *words]
        self._ids = {}
        for number, word in enumerate(self.words):
            if not isinstance(word, str) or not word or "\n" in word or "\r" in word:
                raise ValueError(
                    f"a vocabulary holds words without line breaks, found {shown(word)}"
                )
            if self._ids.setdefault(word, number) != number:
                raise ValueError(f"the word {shown(word)} comes twice in the vocabulary")

    @classmethod
    def from_sentences(cls, sentences: Iterable[Sequence[str]], minimum: int = 1) -> Vocabulary:
        """Every word that occurs at least `minimum` times, the most frequent first.

        Rarer words become <unk>, so that the model learns what a word unknown to it looks like.
        Raises TypeError for a sentence that was not cut into words, ValueError for a word that is
        none, such as the nan that pandas reads in place of "None".
        """
        counts = Counter()
        for sentence in sentences:
            if isinstance(sentence, str):
                raise TypeError(
                    f"a sentence is a list of words, found the string {shown(sentence)}"
                )
            counts.update(sentence)
        for word in SPECIAL:
            counts.pop(word, None)  # real files may hold <unk>: it has its id already
        known = [word for word, count in counts.items() if count >= minimum]
        return cls(sorted(known, key=lambda word: (-counts[word], str(word))))

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def __repr__(self) -> str:
        return f"Vocabulary({len(self):,} words)"

    def ids(self, words: Iterable[str]) -> ndarray:
        """The id of each word, an int64 array (n,); 1 for a word that is not in the vocabulary."""
        if isinstance(words, str):
            raise TypeError(f"ids() takes a list of words, found the string {shown(words)}")
        return np.array([self._ids.get(word, 1) for word in words], dtype=np.int64)

    def save(self, path: str | os.PathLike) -> None:
        """Write a plain text file in UTF-8: the word with id i stands on line i + 1."""
        text = "".join(f"{word}\n" for word in self.words)
        with replaced(path) as unfinished:
            unfinished.write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: str | os.PathLike) -> Vocabulary:
        """Read what save() wrote; a ValueError says what else the file holds."""
        with open(path, encoding="utf-8", newline="\n") as file:
            try:
                lines = file.read().split("\n")
            except UnicodeDecodeError as error:
                raise ValueError(f"{path} is not a vocabulary in UTF-8: {error}") from None
        if tuple(lines[:3]) != SPECIAL or lines.pop():
            raise ValueError(
                f"{path} is not a whole vocabulary: expected {', '.join(SPECIAL)}, then a word a "
                "line, and a line break at the end"
            )
        try:
            return cls(lines)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
