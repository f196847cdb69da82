"""Named entities by windows: what a word is, told by itself and its neighbors."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy import ndarray

from ..functions import concatenate
from ..graph import no_grad
from ..layers import Dropout, Embedding, Layer, Linear, Sequential, Tanh
from ..text import CAPITALS, Vocabulary, capitalization, context_windows
from ..text.scoring import EntityScores, entity_scores
from ..values import shown
from .common import SCALE, as_tokens

Labeled = Sequence[tuple[str, str]]  # a sentence: a list of (token, tag)
DIGIT = re.compile(r"\d")
ROWS = 4096  # windows tagged at a time: bounds the memory, whatever the length of the text


class MemorizingTagger:
    """The baseline: each word gets the tag that it had most often in training, other words O.

    It looks at the word alone, so what a window network does better is what context is worth.
    """

    def __init__(self, sentences: Iterable[Labeled]):
        counts = defaultdict(Counter)
        for sentence in sentences:
            for token, tag in sentence:
                counts[token][tag] += 1
        # of tags that are equally frequent the alphabetically first, whatever the order
        self.tag_of = {
            word: min(tags, key=lambda tag, tags=tags: (-tags[tag], tag))
            for word, tags in counts.items()
        }

    def tag(self, tokens: Sequence[str]) -> list[str]:
        """A tag for each token."""
        return [self.tag_of.get(token, "O") for token in as_tokens(tokens)]

    def scores(self, sentences: Sequence[Labeled]) -> EntityScores:
        """Precision, recall and F1 of the entities in labeled sentences."""
        return _scores(sentences, map(self.tag, _tokens(sentences)))


class WindowEmbedding(Layer):
    """Windows to vectors: every word's vector and its capitalization's, side by side.

    Takes ids (n, 2, window): words in [:, 0], capitalization in [:, 1]; or words alone
    (n, 1, window). Returns (n, window * (size + capitals)). A word that stands in two slots, or in
    two windows, is one row of the table used twice: a fork, whose error signals add up.
    """

    def __init__(self, count: int, size: int, capitals: int, *, rng=None, dtype=np.float64):
        options = {"scale": SCALE, "rng": rng, "dtype": dtype}
        self.words = Embedding(count, size, **options)
        self.capitals = Embedding(len(CAPITALS), capitals, **options) if capitals else None

    def __call__(self, x: ndarray):
        parts = [self.words(x[:, 0])]
        if self.capitals:
            parts.append(self.capitals(x[:, 1]))
        return concatenate([part.reshape(len(x), -1) for part in parts], axis=1)


class WindowTagger(Sequential):
    """yhat = softmax(z) over the tags of the word in the middle of a window; z are the logits.

    a[0] = x_win, the vectors of the window side by side; a[l] = tanh(W[l] a[l-1] + b[l]) for the
    hidden layers, z without tanh. (Collobert et al. 2011, section 3.2, with one softmax a word.)

        tagger = WindowTagger.for_sentences(corpus.train)
        inputs, targets = tagger.examples(corpus.train)
        fit(tagger, cross_entropy, inputs, targets, optimizer=Adam(tagger.parameters()), epochs=10)
        tagger.tag(tokenize("Julia stayed at the Hilton in Paris."))

    vocabulary, tags: the words and tags that it knows; a tag's class is its place in `tags`.
    reach: neighbors on either side; the window has 2 reach + 1 words.
    size: length of a word's vector.
    hidden: sizes of the hidden layers.
    capitals: length of the vector that stands for how a word is written. Words are then looked up
        in small letters, with 0 for each digit; with capitals=0 they are looked up as they are.
    dropout: rate of the dropout after the embedding and after each hidden layer.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        tags: Sequence[str],
        *,
        reach: int = 2,
        size: int = 50,
        hidden: Sequence[int] = (100, 50),
        capitals: int = 8,
        dropout: float = 0.0,
        rng: np.random.Generator | None = None,
        dtype=np.float32,
    ):
        if reach < 0:
            raise ValueError(f"reach must be at least 0, found {reach}")
        if not tags or len(set(tags)) < len(tags):
            raise ValueError(f"expected tags, each of them once, found {shown(tags)}")
        width = (2 * reach + 1) * (size + capitals)
        layers = [WindowEmbedding(len(vocabulary), size, capitals, rng=rng, dtype=dtype)]
        for units in hidden:
            layers += [Dropout(dropout, rng=rng)] if dropout else []
            layers += [Linear(width, units, rng=rng, dtype=dtype), Tanh()]
            width = units
        layers += [Dropout(dropout, rng=rng)] if dropout else []
        super().__init__(*layers, Linear(width, len(tags), rng=rng, dtype=dtype))
        self.vocabulary, self.reach = vocabulary, reach
        self.tags = tuple(tags)
        self.settings = {
            "tags": list(tags),
            "reach": reach,
            "size": size,
            "hidden": list(hidden),
            "capitals": capitals,
            "dropout": dropout,
            "dtype": np.dtype(dtype).name,
        }

    @classmethod
    def for_sentences(
        cls, sentences: Sequence[Labeled], *, minimum: int = 2, **settings
    ) -> WindowTagger:
        """A fresh network for these sentences: their tags, and words that occur `minimum` times.

        What occurs more rarely stands for all the words that training will never show.
        """
        written_as = _lookup(settings.get("capitals", 8))
        words = ([written_as(token) for token, _ in sentence] for sentence in sentences)
        vocabulary = Vocabulary.from_sentences(words, minimum)
        tags = sorted({tag for sentence in sentences for _, tag in sentence})
        return cls(vocabulary, tags, **settings)

    def inputs(self, sentences: Iterable[Sequence[str]]) -> ndarray:
        """Windows of ids, one a token, of sentences that are lists of tokens: (n, 2, window)."""
        sentences = [as_tokens(tokens) for tokens in sentences]
        written_as = _lookup(self.settings["capitals"])
        distinct = {token for tokens in sentences for token in tokens}
        ids = dict(zip(distinct, self.vocabulary.ids(map(written_as, distinct)), strict=True))
        tables = [ids]
        if self.settings["capitals"]:
            tables.append({token: capitalization(token) for token in distinct})
        windows = [
            context_windows(
                [np.array([table[token] for token in tokens], np.int64) for tokens in sentences],
                self.reach,
            )
            for table in tables
        ]
        return np.stack(windows, axis=1)

    def examples(self, sentences: Sequence[Labeled]) -> tuple[ndarray, ndarray]:
        """Inputs (n, 2, window) and targets (n,) for fit(), one row a token.

        Raises ValueError for a tag that the network has no class for.
        """
        classes = {tag: number for number, tag in enumerate(self.tags)}
        found = [tag for sentence in sentences for _, tag in sentence]
        if unknown := set(found) - set(classes):
            raise ValueError(
                f"the tags {', '.join(sorted(unknown))} are new: this network knows "
                f"{', '.join(self.tags)}"
            )
        targets = np.array([classes[tag] for tag in found], dtype=np.int64)
        return self.inputs(_tokens(sentences)), targets

    def tag(self, tokens: Sequence[str]) -> list[str]:
        """The most probable tag of each token of one sentence."""
        return self.tag_all([tokens])[0]

    def tag_all(self, sentences: Iterable[Sequence[str]]) -> list[list[str]]:
        """The same for many sentences at once."""
        sentences = [as_tokens(tokens) for tokens in sentences]
        inputs = self.inputs(sentences)
        self.eval()
        with no_grad():
            best = [
                self(inputs[start : start + ROWS]).value.argmax(axis=1)
                for start in range(0, len(inputs), ROWS)
            ]
        tags = iter(self.tags[number] for part in best for number in part)
        return [[next(tags) for _ in tokens] for tokens in sentences]

    def scores(self, sentences: Sequence[Labeled]) -> EntityScores:
        """Precision, recall and F1 of the entities in labeled sentences."""
        return _scores(sentences, self.tag_all(_tokens(sentences)))


def _lookup(capitals: int):
    """How a token is written in the vocabulary."""
    return (lambda token: DIGIT.sub("0", token.lower())) if capitals else str


def _tokens(sentences: Iterable[Labeled]) -> list[list[str]]:
    return [[token for token, _ in sentence] for sentence in sentences]


def _scores(sentences: Sequence[Labeled], predicted: Iterable[list[str]]) -> EntityScores:
    gold = [[tag for _, tag in sentence] for sentence in sentences]
    return entity_scores(gold, list(predicted))
