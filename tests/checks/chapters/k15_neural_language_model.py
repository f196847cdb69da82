import math
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np

from course_lib.functions import embedding, linear, tanh
from course_lib.graph import Node
from course_lib.losses import cross_entropy
from course_lib.text import KneserNey, Vocabulary, next_word_windows, perplexity

AFTER_THE = 4 * math.log(4) - 3 * math.log(3)  # 3 to 1
CAT = AFTER_THE + 2 * math.log(2)

# 15c: with the curriculum's 8 words, d = 3, n = 4, H = 16, all biases are as many as the table's
# numbers, 24, so that two mistakes give 344. Here the parts are worked out on their own.
TABLE, HIDDEN, OUTPUT = 204_720, 36_150, 515_212

# 15d: contexts, then targets.
CONTEXTS = [0, 2, 2, 2, 2, 5, 5, 4, 4, 6, 6, 0, 0, 7, 7, 1, 1, 1]
TARGETS = [2, 5, 4, 6, 0, 7, 1, 1, 3]
SHIFTED = [*CONTEXTS[2:], 1, 3]

NUMBERS = {
    "15a": {
        # By hand: after `the` the words stand 3 to 1, after `cat` 1 to 1; of the eleven targets
        # cat and the come three times, five others once.
        "right": CAT / 11,
        "over_all_words": CAT / 12,
        "uniform": math.log(7),
        "bits": CAT / 11 / math.log(2),
        "total": CAT,
        "share": 6 / 11,
        "zero": 0,
        "each_context_once": (AFTER_THE / 4 + math.log(2)) / 11,
        "alike": 6 * math.log(2) / 11,
        "context_ignored": (6 * math.log(11 / 3) + 5 * math.log(11)) / 11,
        "errors": 2 / 11,
        "last_word_counted": (AFTER_THE + 2 * math.log(3)) / 11,
        "log_of_mean": -math.log((3 * 3 / 4 + 1 / 4 + 2 / 2 + 5) / 11),
    },
    "15b": {
        "right": 1.515717,
        "base_two": 1.334,
        "inverse": 0.660,
        "loss": 0.415888,
        "total": 64,
        "vocabulary": 8,
        "e_to_bits": math.exp(0.6),
        "mean_of_inverses": 1.6,
    },
    "15c": {
        "right": TABLE + HIDDEN + OUTPUT,
        "table_per_slot": 4 * TABLE + HIDDEN + OUTPUT,
        "one_hot": 13_648 * 150 + 150 + OUTPUT,
        "no_biases": TABLE + 36_000 + 511_800,
        "no_table": HIDDEN + OUTPUT,
        "added_up": TABLE + 9_150 + OUTPUT,
        "no_output_biases": TABLE + HIDDEN + 511_800,
        "one_bias_per_layer": TABLE + 36_000 + 511_800 + 2,
        "no_output_weights": TABLE + HIDDEN + 3_412,
    },
    "15d": {
        "right": [*CONTEXTS, *TARGETS],
        "leak": [*SHIFTED, *TARGETS],
        "leak_from_the_first": [*CONTEXTS, 1, 3, 2, *TARGETS],
        "from_behind": [*SHIFTED, 0, 2, *TARGETS[:-2]],
        "nearest_first": [2, 0, 2, 2, 5, 2, 4, 5, 6, 4, 0, 6, 7, 0, 1, 7, 1, 1, *TARGETS],
        "skipped": [*CONTEXTS[:-2], *TARGETS[1:]],
        "last_lost": [*CONTEXTS[:-2], *TARGETS[:-1]],
        "end_to_end": [0, 2, 2, 5, 4, 6, 0, 7, 1, 1, *TARGETS[::2]],
        "padded": [0, 0, 0, 0, *CONTEXTS, 0, 2, *TARGETS],
        "one_context_too_many": [*CONTEXTS, 1, 3, *TARGETS],
    },
}


# --- right answers, written differently -----------------------------------------------------------


def floor_by_entropies(words):
    after = defaultdict(Counter)
    for word, following in pairwise(words):
        after[word][following] += 1
    total = 0.0
    for counts in after.values():
        total -= sum(k * math.log(k / counts.total()) for k in counts.values())
    return total / (len(words) - 1)


def floor_with_a_table(words):
    _, ids = np.unique(words, return_inverse=True)
    counts = np.zeros((ids.max() + 1, ids.max() + 1), np.float32)
    np.add.at(counts, (ids[:-1], ids[1:]), 1)
    p = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return -np.log(p[ids[:-1], ids[1:]]).mean()


def floor_by_counting_pairs(words):
    """The entropy of pairs less that of contexts."""

    def entropy(things):
        shares = np.array([*Counter(things).values()]) / len(things)
        return -(shares @ np.log(shares))

    return entropy([*pairwise(words)]) - entropy(words[:-1])


def perplexity_of_the_library(words):
    """A bigram model with no discount gives each word its share."""
    vocabulary = Vocabulary.from_sentences([words])
    contexts, targets = next_word_windows(vocabulary.ids(words), 1)
    model = KneserNey(contexts, targets, len(vocabulary), order=2, discount=0)
    return perplexity(model.probabilities(contexts, targets))


def perplexity_of_the_product(words):
    pairs, contexts = Counter(pairwise(words)), Counter(words[:-1])
    likelihood = math.prod(pairs[a, b] / contexts[a] for a, b in pairwise(words))
    return likelihood ** (-1 / (len(words) - 1))


def sizes_of_arrays(V, d, n, H):
    shapes = [(V, d), (H, n * d), (H,), (V, H), (V,)]
    return sum(map(math.prod, shapes))


def windows_with_lists(ids, n):
    contexts, targets = [], []
    for start in range(len(ids) - n):
        *context, target = ids[start : start + n + 1].tolist()
        contexts.append(context)
        targets.append(target)
    return contexts, targets


def windows_in_columns(ids, n):
    m = len(ids) - n
    return np.stack([ids[slot : slot + m] for slot in range(n)], axis=1), ids[n:].astype(float)


RIGHT = {
    "15a": [floor_by_entropies, floor_with_a_table, floor_by_counting_pairs],
    "15b": [
        perplexity_of_the_library,
        perplexity_of_the_product,
        lambda words: 2 ** (floor_by_entropies(words) / math.log(2)),
    ],
    "15c": [sizes_of_arrays, lambda V, d, n, H: float(V * (d + H + 1) + H * (n * d + 1))],
    "15d": [windows_with_lists, windows_in_columns, next_word_windows],
}


# --- wrong answers that are on no list ------------------------------------------------------------

WRONG = {
    "15a": [
        (lambda words: -floor_by_entropies(words), "sign"),
        (perplexity_of_the_product, "15b"),
        (lambda words: CAT / 11, "published_only"),
        (lambda words: 0.4, "constant"),
        (lambda words: floor_by_entropies(words) + 1, "values"),
    ],
    "15b": [
        (lambda words: round(perplexity_of_the_product(words), 3), "close"),
        (lambda words: perplexity_of_the_product(words) / 2, "half"),
        (lambda words: math.inf, "inf"),
        (lambda words: 10 ** floor_by_entropies(words), "values"),
    ],
    "15c": [
        (lambda V, d, n, H: sizes_of_arrays(V, d, n, H) * 2, "twice"),
        (lambda V, d, n, H: 756_082, "published_only"),
        (lambda V, d, n, H: sizes_of_arrays(V, d, n, H) - H, "values"),
    ],
    "15d": [
        (lambda ids, n: windows_with_lists(ids, n)[0], "count"),
        (lambda ids, n: (windows_in_columns(ids, n)[0].T, ids[n:]), "transposed"),
        (lambda ids, n: (windows_in_columns(ids, n)[0], ids[n:, None]), "reshaped"),
        (lambda ids, n: (windows_in_columns(ids, n)[0] + 1, ids[n:] + 1), "shifted"),
        # Contexts are right: the targets of the mistakes below need contexts of their own.
        (lambda ids, n: (windows_in_columns(ids, n)[0], ids[:-n]), "parts"),
        (lambda ids, n: (windows_in_columns(ids, n)[0], ids), "other"),
    ],
}


def different_words_after(words):
    """How many, for the context of each target, in the mean."""
    after = {word: {b for a, b in pairwise(words) if a == word} for word in words}
    return sum(len(after[word]) for word in words[:-1]) / (len(words) - 1)


TWINS = {"15b": [(different_words_after, "mean_of_inverses")]}


# --- the planted bug ------------------------------------------------------------------------------

# In place of the wrong line, with its letter; `backward` is the function of the notebook.
FIX = {"F": "delta_z2 = (p - np.eye(len(E))[targets]) / m"}


def bug_error(backward) -> float:
    """The largest difference between the notebook's gradients and those of the engine."""
    rng = np.random.default_rng(0)
    E, W1, b1 = rng.normal(size=(6, 2)), rng.normal(size=(5, 8)), rng.normal(size=5)
    W2, b2 = rng.normal(size=(6, 5)), rng.normal(size=6)
    contexts, targets = rng.integers(6, size=(7, 4)), rng.integers(6, size=7)
    nodes = [Node(values) for values in (E, W1, b1, W2, b2)]
    x = embedding(nodes[0], contexts).reshape(7, -1)
    cross_entropy(linear(tanh(linear(x, *nodes[1:3])), *nodes[3:]), targets).backward()
    claimed = backward(E, W1, b1, W2, b2, contexts, targets)
    return max(
        np.abs(ours - np.asarray(node.grad)).max()
        for ours, node in zip(claimed, nodes, strict=True)
    )


# The curriculum's small network, in which the biases are as many as the table's numbers.
ALSO = {
    "15c": [
        (
            (8, 3, 4, 16),
            {
                "right": 368,
                "table_per_slot": 440,
                "one_hot": 664,
                "no_biases": 344,
                "no_table": 344,
                "added_up": 224,
                "no_output_weights": 240,
            },
        )
    ],
    "15a": [
        (
            (["the", "cat", "saw", "the", "dog", "and", "the", "cat", "ran"],),
            {
                "right": 0.411980,
                "over_all_words": 0.366204,
                "uniform": 1.791759,
                "bits": 0.594361,
                "total": 3.295837,
                "share": 0.625,
                "last_word_counted": 0.411980,  # `ran` is a context nowhere
            },
        ),
        (
            (["a", "long", "long", "road", "ran", "to", "a", "village", "far", "far", "off"],),
            {
                "right": 0.415888,
                "each_context_once": 0.207944,
                "over_all_words": 0.378080,
                "uniform": 2.079442,
                "bits": 0.6,
                "share": 0.6,
                "zero": 0,
                "total": 4.158883,
            },
        ),
    ],
}
