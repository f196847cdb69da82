import math
from collections import Counter
from itertools import takewhile

import numpy as np

from course_lib.functions import embedding, linear, tanh
from course_lib.graph import Node
from course_lib.losses import cross_entropy
from course_lib.text import entity_scores, spans

# By hand, from counts: Paris and Hilton come three times each among 27 words, with tags 2 to 1, and
# 21 different words. In the curriculum's two sentences, 4 ln 2 / 22, two mistakes give 4 / 22.
TOTAL = 6 * math.log(3) - 4 * math.log(2)
TAGS = {"O": 16, "PER": 6, "DATE": 2, "LOC": 2, "GPE": 1}

NUMBERS = {
    "14a": {
        "right": 250,
        "one_vector": 50,
        "no_center": 200,
        "one_side": 150,
        "neighbors_of_one_side": 100,
        "two_windows": 500,
        "words_counted": 5,
    },
    "14b": {
        "right": [6, 8],
        "overwritten": [5, 6],
        "first_kept": [1, 2],
        "all_slots": [10, 7],
        "mean": [3, 4],
        "no_gradient": [0, 0],
        "center_slot": [4, -1],
    },
    "14c": {
        "right": TOTAL / 27,
        "total": TOTAL,
        "doubtful_only": TOTAL / 6,
        "bits": TOTAL / 27 / math.log(2),
        "share": 6 / 27,
        "zero": 0,
        "errors": 2 / 27,
        "log_of_accuracy": math.log(27 / 25),
        "each_word_once": TOTAL / 3 / 21,
        "alike": 6 * math.log(2) / 27,
        "word_ignored": -sum(k * math.log(k / 27) for k in TAGS.values()) / 27,
    },
    "14d": {
        "right": 0.363636,
        "single_tags": 0.705882,
        "accuracy": 0.733333,
        "partial": 0.727273,
        "type_ignored": 0.545455,
        "macro": 0.28,
        "macro_gold": 0.35,
        "precision": 2 / 6,
        "recall": 2 / 5,
        # By hand: the mean of 1/3 and 2/5. Run together, four entities stand against five, and
        # only the date agrees.
        "arithmetic_mean": 11 / 30,
        "merged": 2 / 9,
    },
}


# --- right answers, written differently -----------------------------------------------------------


def length_of_concatenated(d, reach):
    return len(np.concatenate([np.zeros(d) for _ in range(-reach, reach + 1)]))


def row_with_a_loop(ids, delta_slots, word):
    row = [0.0] * delta_slots.shape[1]
    for id, share in zip(ids, delta_slots, strict=True):
        if id == word:
            row = [a + b for a, b in zip(row, share, strict=True)]
    return row


def row_of_the_engine(ids, delta_slots, word):
    E = Node(np.ones((12, delta_slots.shape[1])))
    embedding(E, ids).backward(delta_slots)
    return np.asarray(E.grad)[word]


def floor_by_entropies(words, tags):
    total = 0.0
    for word in set(words):
        counts = Counter(tag for other, tag in zip(words, tags, strict=True) if other == word)
        total -= sum(k * math.log(k / counts.total()) for k in counts.values())
    return total / len(words)


def floor_with_a_table(words, tags):
    _, w = np.unique(words, return_inverse=True)
    _, t = np.unique(tags, return_inverse=True)
    counts = np.zeros((w.max() + 1, t.max() + 1))
    np.add.at(counts, (w, t), 1)
    p = counts / counts.sum(axis=1, keepdims=True)
    return np.float32(-np.log(p[w, t]).mean())


def f1_of_precision_and_recall(gold, predicted):
    correct = len(set(spans(gold)) & set(spans(predicted)))
    precision, recall = correct / len(spans(predicted)), correct / len(spans(gold))
    return 2 / (1 / precision + 1 / recall)


def f1_with_strings(gold, predicted):
    """Entities as text: a B-, its place, and how many I- follow it."""

    def found(tags):
        starts = [i for i, tag in enumerate(tags) if tag.startswith("B-")]
        lengths = [len([*takewhile(lambda tag: tag[0] == "I", tags[i + 1 :])]) for i in starts]
        return {f"{tags[i]} at {i}, {n} more" for i, n in zip(starts, lengths, strict=True)}

    a, b = found(gold), found(predicted)
    return len(a & b) / (len(a & b) + len(a ^ b) / 2)


RIGHT = {
    "14a": [length_of_concatenated, lambda d, reach: float(d + 2 * reach * d)],
    "14b": [
        row_with_a_loop,
        row_of_the_engine,
        lambda ids, delta_slots, word: (ids == word).astype(np.float32) @ np.float32(delta_slots),
    ],
    "14c": [floor_by_entropies, floor_with_a_table],
    "14d": [
        lambda gold, predicted: entity_scores([gold], [predicted]).f1,
        f1_of_precision_and_recall,
        f1_with_strings,
    ],
}


# --- wrong answers that are on no list ------------------------------------------------------------


def whole_gradient(ids, delta_slots, word):
    gradient = np.zeros((12, delta_slots.shape[1]))
    np.add.at(gradient, ids, delta_slots)
    return gradient


WRONG = {
    "14a": [
        (lambda d, reach: 250, "published_only"),
        (lambda d, reach: (2 * reach + 1) * d / 2, "half"),
        (lambda d, reach: (2 * reach + 1) * d + 1, "values"),
        (lambda d, reach: [(2 * reach + 1) * d], "reshaped"),
    ],
    "14b": [
        (whole_gradient, "other"),
        (lambda *v: -np.array(row_with_a_loop(*v)), "sign"),
        (lambda *v: 2 * np.array(row_with_a_loop(*v)), "twice"),
        (lambda *v: [row_with_a_loop(*v)], "reshaped"),
        (lambda *v: row_with_a_loop(*v)[::-1], "reversed"),
    ],
    "14c": [
        (lambda *v: -floor_by_entropies(*v), "sign"),
        (lambda *v: math.exp(-floor_by_entropies(*v)), "values"),
        (lambda words, tags: 0.141448, "constant"),
        (lambda *v: round(floor_by_entropies(*v), 4), "close"),
        (lambda words, tags: math.nan, "nan"),
    ],
    "14d": [
        (lambda gold, predicted: 0.5, "constant"),
        (lambda *v: f1_of_precision_and_recall(*v) / 2, "half"),
        (lambda *v: 100 * f1_of_precision_and_recall(*v), "values"),
        (lambda gold, predicted: (2 / 6, 2 / 5), "other"),
    ],
}


# --- the planted bug ------------------------------------------------------------------------------

# In place of the wrong line, with its letter; `backward` is the function of the notebook.
FIX = {"J": "np.add.at(delta_E, window, delta_slots)"}


def bug_error(backward) -> float:
    """The largest difference between the notebook's gradients and those of the engine."""
    rng = np.random.default_rng(0)
    E, W1, b1 = rng.normal(size=(6, 2)), rng.normal(size=(5, 8)), rng.normal(size=5)
    W2, b2, window = rng.normal(size=(4, 5)), rng.normal(size=4), np.array([3, 1, 3, 3])
    nodes = [Node(values) for values in (E, W1, b1, W2, b2)]
    x_win = embedding(nodes[0], window).reshape(1, -1)
    scores = linear(tanh(linear(x_win, *nodes[1:3])), *nodes[3:])
    cross_entropy(scores, np.array([2])).backward()
    claimed = backward(E, W1, b1, W2, b2, window, 2)
    return max(
        np.abs(ours - np.asarray(node.grad)).max()
        for ours, node in zip(claimed, nodes, strict=True)
    )


# The curriculum's two sentences, on which bits and the share of doubtful words are the same number.
TWO_SENTENCES = (
    "the singer Paris Hilton danced in a silver dress"
    " last May Julia Stone stayed at the Hilton Hotel in Paris for work"
)
TAGS_OF_TWO = "O O PER PER O O O O O DATE DATE PER PER O O O LOC LOC O GPE O O"
ALSO = {
    "14c": [
        (
            (TWO_SENTENCES.split(), TAGS_OF_TWO.split()),
            {
                "right": 0.126027,
                "total": 2.772589,
                "doubtful_only": 0.693147,
                "share": 0.181818,
                "bits": 0.181818,
                "zero": 0,
                "errors": 0.090909,
            },
        )
    ]
}
