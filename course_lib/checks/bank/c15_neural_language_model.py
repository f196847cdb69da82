"""Chapter 15: what one word of context can give at best, and the parts of a window model."""

from itertools import pairwise

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import sliding_window_view
from numpy.random import Generator

from ..exercise import BugHunt, Exercise

# --- 15a, 15b: one word of context ----------------------------------------------------------------

CAT = "the cat saw the dog and the cat ran to the cat"  # its last word is also a context
ROAD = "a long long road ran to a village far far off"

# What may come after each word; some leave no choice.
AFTER = {
    "the": ("cat", "cat", "cat", "dog", "road"),
    "a": ("dog", "road", "road"),
    "cat": ("saw", "saw", "ran"),
    "dog": ("ran", "ran", "saw", "and"),
    "saw": ("the", "the", "a"),
    "ran": ("to", "to", "and"),
    "road": ("ran",),
    "to": ("the",),
    "and": ("a",),
}


def text(rng: Generator) -> tuple:
    """A walk from word to word."""
    words = ["the"]
    for _ in range(rng.integers(18, 26)):
        choice = AFTER[words[-1]]
        words.append(choice[rng.integers(len(choice))])
    return (words,)


def best(words) -> ndarray:
    """What the best model that sees the word before gives to each word but the first."""
    pairs, contexts = list(pairwise(words)), words[:-1]
    return np.array([pairs.count(pair) / contexts.count(pair[0]) for pair in pairs])


def floor(words) -> float:
    return float(-np.log(best(words)).mean())


def with_the_last_word(words) -> float:
    """Each word is counted as a context, also the last, which has no successor."""
    pairs = list(pairwise(words))
    return float(-np.mean([np.log(pairs.count(p) / words.count(p[0])) for p in pairs]))


def successors(words) -> dict[str, list]:
    """Each word that has one, with all that came after it."""
    found = {}
    for word, following in pairwise(words):
        found.setdefault(word, []).append(following)
    return found


def share(words) -> float:
    """The part of the targets whose context leaves a choice."""
    return float((best(words) < 1).mean())


def errors(words) -> float:
    """How often the most frequent successor is wrong."""
    right = sum(max(map(found.count, found)) for found in successors(words).values())
    return 1 - right / (len(words) - 1)


def entropy(values) -> float:
    """Of a list, by the frequencies of what is in it; in nats."""
    return float(-np.mean(np.log([values.count(value) / len(values) for value in values])))


def each_context_once(words) -> float:
    """The entropies of the contexts, added up whatever their frequency."""
    return sum(map(entropy, successors(words).values())) / (len(words) - 1)


def alike(words) -> float:
    """Every word that was seen after a context has the same probability."""
    found = successors(words).values()
    return sum(len(s) * np.log(len(set(s))) for s in found) / (len(words) - 1)


def lowest_perplexity(words) -> float:
    return float(np.exp(floor(words)))


# --- 15c, the parameters --------------------------------------------------------------------------

# V, d, n, H. Where V d is H + V, table and biases are equally many: with 8, 3, 4, 16, for example.
NETWORK = (3412, 60, 4, 150)


def sizes(rng: Generator) -> tuple:
    V, H = 10 * rng.integers(5, 100), rng.integers(10, 200)
    return int(V), int(rng.integers(5, 80)), int(rng.integers(2, 7)), int(H)


def parameters(V, d, n, H) -> int:
    return V * d + (n * d + 1) * H + (H + 1) * V


# --- 15d, contexts and targets --------------------------------------------------------------------

IDS = (np.array([0, 2, 2, 5, 4, 6, 0, 7, 1, 1, 3]), 2)


def ids_and_length(rng: Generator) -> tuple:
    """A text long enough for two windows on both sides, with words that come twice."""
    n = int(rng.integers(2, 5))
    return rng.integers(0, 8, 2 * n + rng.integers(5, 9)), n


def windows(ids, n) -> tuple[ndarray, ndarray]:
    return cut(ids, n, range(n, len(ids)))


def cut(ids, n, places, first=0, target=0) -> tuple[ndarray, ndarray]:
    """The n ids before each place, and the one that stands there, moved by `first` and `target`."""
    contexts = [ids[i - n + first : i + first] for i in places]
    return np.array(contexts), np.array([ids[i + target] for i in places])


def both_sides(ids, n) -> tuple[ndarray, ndarray]:
    """n ids before the target and n after it."""
    places = range(n, len(ids) - n)
    contexts = [[*ids[i - n : i], *ids[i + 1 : i + n + 1]] for i in places]
    return np.array(contexts), np.array([ids[i] for i in places])


def padded(ids, n) -> tuple[ndarray, ndarray]:
    """Every id is a target; contexts that begin before the text are filled up with 0."""
    return windows(np.concatenate([np.zeros(n, int), ids]), n)


EXERCISES = [
    Exercise(
        "15a",
        floor,
        (CAT.split(),),
        text,
        wrong={
            "over_all_words": lambda words: floor(words) * (len(words) - 1) / len(words),
            "uniform": lambda words: np.log(len(set(words))),
            "bits": lambda words: floor(words) / np.log(2),
            "total": lambda words: floor(words) * (len(words) - 1),
            "share": share,
            "zero": lambda words: 0.0,
            "each_context_once": each_context_once,
            "alike": alike,
            "context_ignored": lambda words: entropy(words[1:]),
            "errors": errors,
            "last_word_counted": with_the_last_word,
            "log_of_mean": lambda words: -np.log(best(words).mean()),
        },
    ),
    Exercise(
        "15b",
        lowest_perplexity,
        (ROAD.split(),),
        text,
        points=1,
        wrong={
            "base_two": lambda words: 2 ** floor(words),
            "inverse": lambda words: np.exp(-floor(words)),
            "loss": floor,
            "total": lambda words: np.exp(floor(words) * (len(words) - 1)),
            "vocabulary": lambda words: len(set(words)),
            "e_to_bits": lambda words: np.exp(floor(words) / np.log(2)),
            "mean_of_inverses": lambda words: float(np.mean(1 / best(words))),
        },
    ),
    Exercise(
        "15c",
        parameters,
        NETWORK,
        sizes,
        wrong={
            "table_per_slot": lambda V, d, n, H: n * V * d + (n * d + 1) * H + (H + 1) * V,
            "one_hot": lambda V, d, n, H: (n * V + 1) * H + (H + 1) * V,
            "no_biases": lambda V, d, n, H: V * d + n * d * H + H * V,
            "no_table": lambda V, d, n, H: (n * d + 1) * H + (H + 1) * V,
            "added_up": lambda V, d, n, H: V * d + (d + 1) * H + (H + 1) * V,
            "no_output_biases": lambda V, d, n, H: V * d + (n * d + 1) * H + H * V,
            "one_bias_per_layer": lambda V, d, n, H: V * d + n * d * H + 1 + H * V + 1,
            "no_output_weights": lambda V, d, n, H: V * d + (n * d + 1) * H + V,
        },
    ),
    Exercise(
        "15d",
        windows,
        IDS,
        ids_and_length,
        points=3,
        wrong={
            "leak": lambda ids, n: cut(ids, n, range(n, len(ids)), first=1),
            "leak_from_the_first": lambda ids, n: cut(ids, n, range(n - 1, len(ids)), first=1),
            "from_behind": lambda ids, n: cut(ids, n, range(n, len(ids)), first=1, target=-n),
            "nearest_first": lambda ids, n: (windows(ids, n)[0][:, ::-1], windows(ids, n)[1]),
            "both_sides": both_sides,
            "skipped": lambda ids, n: cut(ids, n, range(n, len(ids) - 1), target=1),
            "last_lost": lambda ids, n: cut(ids, n, range(n, len(ids) - 1)),
            "end_to_end": lambda ids, n: cut(ids, n, range(n, len(ids), n)),
            "padded": padded,
            "one_context_too_many": lambda ids, n: (sliding_window_view(ids, n), ids[n:]),
        },
        together=True,
    ),
    BugHunt("15bug", line="F"),
]
