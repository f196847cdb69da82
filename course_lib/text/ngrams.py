"""The counting language model that a neural one has to beat: interpolated Kneser-Ney."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from ..values import indices, shown


class KneserNey:
    """The probability of a word after the order - 1 words before it, from counts.

        >>> contexts, targets = next_word_windows(train, 2, pad=0)
        >>> model = KneserNey(contexts, targets, len(vocabulary), order=3)
        >>> perplexity(model.probabilities(*next_word_windows(test, 2, pad=0)))

    Every count gives up `discount`. What a context saves that way it hands on to the context that
    is one word shorter, and the shortest one to all words alike:

        p(w | context) = (count(context, w) - discount) / count(context)
                         + discount * kinds(context) / count(context) * p(w | shorter context)

    where kinds(context) is how many different words came after it. In the longest context count()
    counts how often the words occurred. In all shorter ones it counts after how many different
    words they occurred: "Francisco" may be frequent, but it comes after "San" only, so it is not
    likely elsewhere. A context that never occurred leaves everything to the shorter one. The
    probabilities of all words sum to 1 in every context.

    contexts, targets: ids (m, at least order - 1) and (m,), as next_word_windows() makes them with
        pad=0; the last order - 1 columns are used. Padding counts as a word before the first.
    size: the number of words in the vocabulary, each of which has a probability above 0 if
        discount is.
    order: 1 ... 5; 1 takes single words by their frequency, 3 is a trigram model.
    discount: 0 ... 1.

    Raises ValueError for ids outside 0 ... size - 1, contexts that are too short, no words at all,
    and a size, order or discount outside its range.

    Sources: Kneser and Ney, "Improved backing-off for m-gram language modeling", ICASSP 1995;
    Chen and Goodman, "An empirical study of smoothing techniques for language modeling", 1999.
    """

    def __init__(
        self,
        contexts: ndarray,
        targets: ndarray,
        size: int,
        order: int = 3,
        discount: float = 0.75,
    ):
        if not isinstance(order, int | np.integer) or not 1 <= order <= 5:
            raise ValueError(f"order must be 1 ... 5, found {shown(order)}")
        if not 0 <= discount <= 1:
            raise ValueError(f"discount must lie in 0 ... 1, found {discount}")
        if not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"size must be a number of words, found {shown(size)}")
        self.size, self.order, self.discount = size, order, discount
        contexts, targets = self._checked(contexts, targets)
        if not len(targets):
            raise ValueError("a model needs words to count, found none")

        # A context is known by its number among the contexts of its length. Numbers grow out of
        # those of the context that is one word shorter, so that no key exceeds m * size.
        self._contexts = []
        number = np.zeros(len(targets), np.int64)
        for word in contexts.T[::-1]:
            keys, number = np.unique(number * size + word, return_inverse=True)
            self._contexts.append(keys)

        grams, counts = np.unique(number * size + targets, return_counts=True)
        self._levels = [self._level(grams, counts)]
        for keys in self._contexts[::-1]:
            after, word = np.divmod(grams, size)
            grams, counts = np.unique(keys[after] // size * size + word, return_counts=True)
            self._levels.insert(0, self._level(grams, counts))

    def __repr__(self) -> str:
        grams = len(self._levels[-1][0])
        return f"KneserNey(order {self.order}, {grams:,} different {self.order}-grams)"

    def probabilities(self, contexts: ndarray, targets: ndarray) -> ndarray:
        """p(target | context) for each row: contexts (m, at least order - 1), targets (m,)."""
        contexts, targets = self._checked(contexts, targets)
        p = np.full(len(targets), 1 / self.size)
        rows, number = np.arange(len(targets)), np.zeros(len(targets), np.int64)
        for length, (grams, shares, rest) in enumerate(self._levels):
            if length:
                keys = number * self.size + contexts[rows, -length]
                number, seen = _find(self._contexts[length - 1], keys)
                rows, number = rows[seen], number[seen]
            place, seen = _find(grams, number * self.size + targets[rows])
            p[rows] = rest[number] * p[rows] + np.where(seen, shares[place], 0)
        return p

    def distribution(self, context: ndarray) -> ndarray:
        """p(w | context) of every word w, shape (size,); context: (at least order - 1,)."""
        if np.ndim(context) != 1:
            raise ValueError(f"expected one context (n,), found shape {np.shape(context)}")
        (context,), _ = self._checked(np.asarray(context)[None], np.zeros(1, int))
        p, number = np.full(self.size, 1 / self.size), np.zeros(1, np.int64)
        for length, (grams, shares, rest) in enumerate(self._levels):
            if length:
                number, seen = _find(
                    self._contexts[length - 1], number * self.size + context[-length]
                )
                if not seen[0]:
                    break
            first, end = np.searchsorted(
                grams, [number[0] * self.size, (number[0] + 1) * self.size]
            )
            p *= rest[number]
            p[grams[first:end] - number * self.size] += shares[first:end]
        return p

    def _level(self, grams: ndarray, counts: ndarray) -> tuple[ndarray, ndarray, ndarray]:
        """The (context, word) keys, what each takes of its context, what each context hands on."""
        context = grams // self.size
        totals = np.bincount(context, weights=counts)
        rest = self.discount * np.bincount(context) / totals
        return grams, (counts - self.discount) / totals[context], rest

    def _checked(self, contexts: ndarray, targets: ndarray) -> tuple[ndarray, ndarray]:
        """Both as int64, contexts cut to the columns that the model looks at."""
        contexts, targets, length = np.asarray(contexts), np.asarray(targets), self.order - 1
        if targets.ndim != 1 or contexts.ndim != 2 or len(contexts) != len(targets):
            raise ValueError(
                f"expected contexts (m, n) and targets (m,), found {contexts.shape} and "
                f"{targets.shape}"
            )
        if contexts.shape[1] < length:
            raise ValueError(
                f"order {self.order} needs contexts of at least {length} words, found "
                f"{contexts.shape[1]}"
            )
        pair = contexts[:, contexts.shape[1] - length :], targets
        pair = [ids if ids.size else ids.astype(np.int64) for ids in pair]  # [] counts as float
        return indices("contexts", pair[0], self.size), indices("targets", pair[1], self.size)


def _find(known: ndarray, keys: ndarray) -> tuple[ndarray, ndarray]:
    """The place of each key among the known ones, which are sorted, and whether it is one."""
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return place, known[place] == keys
