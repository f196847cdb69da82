"""Kneser-Ney against a direct reading of the textbook formula, and perplexity."""

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from course_lib.text import KneserNey, next_word_windows, perplexity

SIZE = 40


def random_text(seed, sentences=60):
    """Sentences of ids 2 ... 39: few words are frequent, many occur once, some never."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, SIZE - 1) ** 1.2
    words = [rng.choice(SIZE - 2, 12, p=share / share.sum()) + 2 for _ in range(sentences)]
    return [ids[: rng.integers(0, 12)] for ids in words] + [np.array([5, 5, 5, 6, 5, 5, 5, 6])] * 2


class Textbook:
    """Interpolated Kneser-Ney, word by word with dictionaries and sets (Chen and Goodman 1999)."""

    def __init__(self, contexts, targets, order, discount):
        rows = [(*context, word) for context, word in zip(contexts, targets, strict=True)]
        self.order, self.discount = order, discount
        self.count = {}
        for n in range(1, order + 1):
            if n == order:
                counts = Counter(row[len(row) - n :] for row in rows)
            else:
                longer = {row[len(row) - n - 1 :] for row in rows}
                counts = Counter(gram[1:] for gram in longer)
            self.count[n] = counts

    def p(self, context, word, n):
        if n == 0:
            return 1 / SIZE
        context = context[len(context) - (n - 1) :]
        after = {gram[-1]: c for gram, c in self.count[n].items() if gram[:-1] == context}
        shorter = self.p(context[1:], word, n - 1)
        if not after:
            return shorter
        kept = max(after.get(word, 0) - self.discount, 0)
        return (kept + self.discount * len(after) * shorter) / sum(after.values())


@pytest.mark.parametrize("discount", [0.0, 0.4, 0.75, 1.0])
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_probabilities_are_those_of_the_textbook(order, discount):
    contexts, targets = next_word_windows(random_text(order), 4, pad=0)
    model = KneserNey(contexts, targets, SIZE, order=order, discount=discount)
    slow = Textbook(contexts.tolist(), targets.tolist(), order, discount)
    others, words = next_word_windows(random_text(99, sentences=12), 4, pad=0)
    contexts, words = np.concatenate([contexts[:40], others]), np.append(targets[:40], words)
    expected = [
        slow.p(tuple(context), word, order)
        for context, word in zip(contexts.tolist(), words.tolist(), strict=True)
    ]
    np.testing.assert_allclose(model.probabilities(contexts, words), expected, rtol=1e-12)
    for context in contexts[::30]:
        whole = [slow.p(tuple(context.tolist()), word, order) for word in range(SIZE)]
        np.testing.assert_allclose(model.distribution(context), whole, rtol=1e-12)


@pytest.mark.parametrize("order", [1, 3, 5])
def test_the_perplexity_of_a_text_is_that_of_a_direct_computation(order):
    """Sentence by sentence, the end as a word: the product of all probabilities to the -1/n."""
    end, train, test = 1, random_text(11), random_text(12, sentences=8)
    train, test = ([[*map(int, ids), end] for ids in part] for part in (train, test))
    model = KneserNey(*next_word_windows(train, 4, pad=0), SIZE, order=order)
    slow = Textbook(*(a.tolist() for a in next_word_windows(train, 4, pad=0)), order, 0.75)
    product, count = Fraction(1), 0
    for sentence in test:
        for place, word in enumerate(sentence):
            before = tuple([0, 0, 0, 0, *sentence[:place]][-4:])
            product *= Fraction(slow.p(before, word, order))
            count += 1
    assert count == sum(map(len, test))
    assert perplexity(model.probabilities(*next_word_windows(test, 4, pad=0))) == pytest.approx(
        math.exp((math.log(product.denominator) - math.log(product.numerator)) / count)
    )


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_probabilities_sum_to_one(order):
    rng = np.random.default_rng(order)
    contexts, targets = next_word_windows(random_text(7), 4, pad=0)
    model = KneserNey(contexts, targets, SIZE, order=order)
    unseen = rng.integers(0, SIZE, (50, 4))
    for context in [*contexts[:50], *unseen, np.full(4, 39), np.zeros(4, int)]:
        p = model.distribution(context)
        assert p.shape == (SIZE,)
        assert p.min() > 0
        assert abs(p.sum() - 1) < 1e-12
        one_by_one = model.probabilities(np.tile(context, (SIZE, 1)), np.arange(SIZE))
        np.testing.assert_allclose(p, one_by_one, rtol=1e-12)


def test_a_bigram_by_hand():
    """The text a b a c, where a = 0, b = 1, c = 2, d = 3: three bigrams, half of each taken."""
    contexts, targets = next_word_windows(np.array([0, 1, 0, 2]), 1)
    model = KneserNey(contexts, targets, 4, order=2, discount=0.5)
    # Each of a, b, c has come after one word: (1 - .5)/3, and .5 * 3/3 of the mass for 1/4 each.
    after_d = np.array([7, 7, 7, 3]) / 24
    # After a: b and c, once each, keep .5/2; .5 * 2/2 goes to the shorter context.
    after_a = np.array([0, 0.25, 0.25, 0]) + after_d / 2
    np.testing.assert_allclose(model.distribution([3]), after_d, rtol=1e-15)
    np.testing.assert_allclose(model.distribution([0]), after_a, rtol=1e-15)
    np.testing.assert_allclose(model.distribution([1]), [0.5, 0, 0, 0] + after_d / 2, rtol=1e-15)


def test_a_frequent_word_that_follows_one_word_only_is_unlikely_elsewhere():
    """San Francisco (3 after 2) six times; the glass (4) three times, after other words each."""
    pairs = [(2, 3)] * 6 + [(5, 4), (6, 4), (7, 4)]
    contexts, targets = np.array(pairs)[:, :1], np.array(pairs)[:, 1]
    model = KneserNey(contexts, targets, 10, order=2)
    unseen = model.distribution([9])
    assert unseen[4] > 2 * unseen[3]
    assert model.distribution([2])[3] > 0.8


def test_order_one_without_discount_counts():
    contexts, targets = next_word_windows(random_text(3), 0)
    model = KneserNey(contexts, targets, SIZE, order=1, discount=0)
    shares = np.bincount(targets, minlength=SIZE) / len(targets)
    np.testing.assert_allclose(model.distribution([]), shares, rtol=1e-12)
    np.testing.assert_allclose(model.probabilities(contexts, targets), shares[targets], rtol=1e-12)
    assert perplexity(shares[targets]) == pytest.approx(
        np.exp(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())
    )


def test_only_the_nearest_words_count():
    contexts, targets = next_word_windows(random_text(5), 4, pad=0)
    long, short = KneserNey(contexts, targets, SIZE), KneserNey(contexts[:, 2:], targets, SIZE)
    p = long.probabilities(contexts, targets)
    np.testing.assert_array_equal(p, short.probabilities(contexts, targets))
    np.testing.assert_array_equal(p, long.probabilities(contexts[:, 2:], targets))
    assert repr(long).startswith("KneserNey(order 3, ")
    assert long.probabilities(contexts[:0], targets[:0]).shape == (0,)


def test_keys_of_a_large_vocabulary_stay_apart():
    """Five ids below 50,000 multiplied would not fit into 64 bits: 50,000**5 = 3e23."""
    rng = np.random.default_rng(0)
    size = 50_000
    grams = rng.integers(size - 40, size, (400, 5))
    model = KneserNey(grams[:, :4], grams[:, 4], size, order=5, discount=0.0)
    slow = Counter(map(tuple, grams.tolist()))
    context_counts = Counter(map(tuple, grams[:, :4].tolist()))
    expected = [slow[tuple(gram)] / context_counts[tuple(gram[:4])] for gram in grams.tolist()]
    np.testing.assert_allclose(model.probabilities(grams[:, :4], grams[:, 4]), expected)


C, T = np.array([[0, 2], [2, 3]]), np.array([3, 1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: KneserNey(C, T, 4, order=0), "order must be 1 ... 5, found 0"),
        (lambda: KneserNey(C, T, 4.0), "size must be a number of words, found 4.0"),
        (lambda: KneserNey(C, T, "abc"), "size must be a number of words, found 'abc'"),
        (lambda: KneserNey(C, T, 0), "size must be a number of words, found 0"),
        (lambda: KneserNey(C, T, 4, order=6), "order must be 1 ... 5, found 6"),
        (lambda: KneserNey(C, T, 4, order=2.0), "order must be 1 ... 5, found 2.0"),
        (lambda: KneserNey(C, T, 4, discount=-0.1), "discount must lie in 0 ... 1, found -0.1"),
        (lambda: KneserNey(C, T, 4, discount=float("nan")), "discount must lie in 0 ... 1, found"),
        (
            lambda: KneserNey(C, T, 4, order=4),
            "order 4 needs contexts of at least 3 words, found 2",
        ),
        (lambda: KneserNey(C, T, 3), "contexts must lie in 0 ... 2, found 0 ... 3"),
        (lambda: KneserNey(C, T + 3, 4), "targets must lie in 0 ... 3, found 4 ... 6"),
        (lambda: KneserNey(C - 1, T, 4), "contexts must lie in 0 ... 3, found -1 ... 2"),
        (lambda: KneserNey(C * 1.0, T, 4), "contexts must be integers, found float64"),
        (
            lambda: KneserNey(C, T[:1], 4),
            "expected contexts (m, n) and targets (m,), found (2, 2) a",
        ),
        (lambda: KneserNey(T, T, 4), "found (2,) and (2,)"),
        (lambda: KneserNey(C[:0], T[:0], 4), "a model needs words to count, found none"),
        (lambda: KneserNey(C, T, 4).probabilities(C[:, :1], T), "at least 2 words, found 1"),
        (lambda: KneserNey(C, T, 4).probabilities(C, T + 1), "targets must lie in 0 ... 3, found"),
        (
            lambda: KneserNey(C, T, 4).distribution(C),
            "expected one context (n,), found shape (2, 2)",
        ),
        (lambda: KneserNey(C, T, 4).distribution([0, 4]), "contexts must lie in 0 ... 3"),
        (lambda: perplexity([]), "one probability for each word, (m,), found (0,)"),
        (lambda: perplexity(0.5), "one probability for each word, (m,), found ()"),
        (lambda: perplexity(np.ones((2, 3)) / 3), "found (2, 3)"),
        (lambda: perplexity([0.5, 1.5]), "probabilities must lie in 0 ... 1, found 0.5 ... 1.5"),
        (lambda: perplexity([1.0001]), "probabilities must lie in 0 ... 1, found 1.0001"),
        (lambda: perplexity([0.5, -0.5]), "probabilities must lie in 0 ... 1, found -0.5 ... 0.5"),
        (lambda: perplexity([0.5, np.nan]), "probabilities must lie in 0 ... 1, found nan ... nan"),
    ],
)
def test_bad_input_gets_one_line(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_perplexity():
    # Exercise 15b: of 10 words 4 are certain, 6 one of two
    assert perplexity([1.0] * 4 + [0.5] * 6) == pytest.approx(1.515717, abs=5e-7)
    assert np.log(perplexity([1.0] * 4 + [0.5] * 6)) == pytest.approx(0.415888, abs=5e-7)
    assert perplexity(np.full(7, 1 / 64)) == pytest.approx(64)
    assert perplexity([1, 1]) == 1
    assert perplexity([0.5, 0.0]) == float("inf")
    assert perplexity(np.float32([1.0000001])) == pytest.approx(1)
    assert isinstance(perplexity(np.float32([0.5])), float)
