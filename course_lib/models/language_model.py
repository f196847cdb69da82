"""A neural language model: the next word, told by the few words before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy import ndarray

from ..graph import no_grad
from ..layers import Dropout, Embedding, Flatten, Linear, Sequential, Tanh, generator
from ..text import END, PAD, UNKNOWN, Vocabulary, next_word_windows
from ..text.perplexity import perplexity
from .common import SCALE, as_tokens

ROWS = 1024  # contexts at a time: a row of probabilities is as long as the vocabulary


class WindowLanguageModel(Sequential):
    """yhat = softmax(z) over the words that may follow; z are the logits.

    e = [e1; ...; en], the vectors of the last n words; h = tanh(W1 e + b1); z = W2 h + b2. Words
    further back are dropped. (Bengio et al. 2003, section 2, without direct connections.)

        model = WindowLanguageModel.for_sentences(corpus.train)
        inputs, targets = model.examples(corpus.train)
        fit(model, cross_entropy, inputs, targets, optimizer=SGD(model.parameters(), 0.5), ...)
        model.perplexity(corpus.test)

    vocabulary: the words that it knows; </s> ends a sentence, <unk> stands for all other words.
    n: how many words it sees.
    size, hidden: length of a word's vector; number of hidden units.
    dropout: rate of the dropout on the hidden units.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        n: int = 4,
        size: int = 60,
        hidden: int = 150,
        dropout: float = 0.0,
        rng: np.random.Generator | None = None,
        dtype=np.float32,
    ):
        if n < 1:
            raise ValueError(f"n must be at least 1, found {n}")
        drop = [Dropout(dropout, rng=rng)] if dropout else []
        super().__init__(
            Embedding(len(vocabulary), size, scale=SCALE, rng=rng, dtype=dtype),
            Flatten(),
            Linear(n * size, hidden, rng=rng, dtype=dtype),
            Tanh(),
            *drop,
            Linear(hidden, len(vocabulary), rng=rng, dtype=dtype),
        )
        self.vocabulary, self.n = vocabulary, n
        self.settings = {
            "n": n,
            "size": size,
            "hidden": hidden,
            "dropout": dropout,
            "dtype": np.dtype(dtype).name,
        }

    @classmethod
    def for_sentences(
        cls, sentences: Iterable[Sequence[str]], *, minimum: int = 2, **settings
    ) -> WindowLanguageModel:
        """A fresh network for these sentences and their words that occur `minimum` times."""
        return cls(Vocabulary.from_sentences(sentences, minimum), **settings)

    def examples(self, sentences: Iterable[Sequence[str]]) -> tuple[ndarray, ndarray]:
        """Contexts (m, n) and next words (m,) for fit(): every word, and the end of each sentence.

        Before its first word a sentence is filled up with <pad>.
        """
        ids = [self.vocabulary.ids([*as_tokens(tokens), END]) for tokens in sentences]
        return next_word_windows(ids, self.n, pad=self.vocabulary.ids([PAD])[0])

    def probabilities(self, contexts: ndarray, targets: ndarray) -> ndarray:
        """The probability that the model gave to each next word: (m, n) and (m,) to (m,)."""
        found = [
            self._distributions(contexts[start : start + ROWS])[
                np.arange(len(targets[start : start + ROWS])), targets[start : start + ROWS]
            ]
            for start in range(0, len(targets), ROWS)
        ]
        return np.concatenate(found) if found else np.empty(0)

    def perplexity(self, sentences: Iterable[Sequence[str]]) -> float:
        """exp of the mean NLL per word, where the end of a sentence counts as a word."""
        return perplexity(self.probabilities(*self.examples(sentences)))

    def next_words(self, tokens: Sequence[str]) -> ndarray:
        """The probability of every word of the vocabulary (V,) after the sentence begun so far."""
        ids = self.vocabulary.ids([*[PAD] * self.n, *as_tokens(tokens)])
        return self._distributions(ids[None, len(tokens) :])[0]

    def write(
        self,
        start: Sequence[str] = (),
        *,
        temperature: float = 1.0,
        longest: int = 40,
        rng: np.random.Generator | None = None,
    ) -> list[str]:
        """A sentence, drawn word by word; it begins with `start` and ends at `longest` words.

        Each word is drawn with probability proportional to yhat^(1 / temperature): 1 is what the
        model learned, below 1 bets on likely words, 0 takes the likeliest. <pad> and <unk> are
        never drawn.
        """
        if not temperature >= 0:
            raise ValueError(f"temperature must be at least 0, found {temperature}")
        rng, tokens = generator(rng), as_tokens(start)
        hidden = self.vocabulary.ids([PAD, UNKNOWN])
        end = self.vocabulary.ids([END])[0]
        while len(tokens) < longest:
            p = self.next_words(tokens)
            p[hidden] = 0
            if temperature:
                p = (p / p.max()) ** (1 / temperature)  # the largest is 1: no underflow to zeros
                p[hidden] = 0  # 0^0 is 1, at an infinite temperature
                word = rng.choice(len(p), p=p / p.sum())
            else:
                word = p.argmax()
            if word == end:
                break
            tokens.append(self.vocabulary.words[word])
        return tokens

    def _distributions(self, contexts: ndarray) -> ndarray:
        """softmax of the logits (k, V), in float64: the sums are 1 whatever the model's dtype."""
        self.eval()
        with no_grad():
            z = self(contexts).value.astype(np.float64)
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(axis=1, keepdims=True)
        return z
