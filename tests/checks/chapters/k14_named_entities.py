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
        # By hand: 6 entities in gold, 8 predicted; the second person and the last GPE agree. Tags
        # that are not O: 9 in gold, 10 predicted, 5 agree, and so do six O.
        "right": 2 * 2 / (6 + 8),
        "single_tags": 2 * 5 / (9 + 10),
        "accuracy": 11 / 18,
        "partial": 2 * 5 / (6 + 8),  # all but the GPE that was called a LOC
        "first_word_only": 2 * 4 / (6 + 8),  # the organization begins one word late
        "type_ignored": 2 * 3 / (6 + 8),
        "macro": (2 / 5 + 2 / 4) / 5,  # PER and GPE; ORG, DATE and LOC have 0
        "macro_gold": (2 / 5 + 2 / 4) / 4,
        "precision": 2 / 8,
        "recall": 2 / 6,
        "arithmetic_mean": 7 / 24,
        "merged": 2 * 1 / (5 + 8),  # gold's two persons are one
        "neighbor_lost": 2 * 2 / (5 + 8),
        "last_lost": 2 * 1 / (5 + 7),
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


def f1_of_a_loop(at_b="close", at_end="close"):
    """Entities are closed at an O. At a B- too; or the entity at hand is dropped; or it goes on."""

    def found(tags):
        entities, start = set(), None
        for place, tag in enumerate(tags):
            over = tag == "O" or (tag[0] == "B" and at_b == "close")
            if start is not None and over:
                entities.add((start, place, tags[start]))
                start = None
            if tag[0] == "B" and (start is None or at_b == "drop"):
                start = place
        if start is not None and at_end == "close":
            entities.add((start, len(tags), tags[start]))
        return entities

    def score(gold, predicted):
        ours, theirs = found(gold), found(predicted)
        return 2 * len(ours & theirs) / (len(ours) + len(theirs))

    return score


RIGHT = {
    "14a": [length_of_concatenated, lambda d, reach: float(d + 2 * reach * d)],
    "14b": [
        row_with_a_loop,
        row_of_the_engine,
        lambda ids, delta_slots, word: (ids == word).astype(np.float32) @ np.float32(delta_slots),
    ],
    "14c": [floor_by_entropies, floor_with_a_table],
    "14d": [
        f1_of_a_loop(),
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


def f1_of_beginnings(gold, predicted):
    ours, theirs = (
        {(i, t) for i, t in enumerate(tags) if t[0] == "B"} for tags in (gold, predicted)
    )
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


TWINS = {
    "14d": [
        (f1_of_a_loop(at_end="drop"), "last_lost"),
        (f1_of_a_loop(at_b="drop"), "neighbor_lost"),
        (f1_of_a_loop(at_b="go on"), "merged"),
        (f1_of_beginnings, "first_word_only"),
    ]
}

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
        (lambda gold, predicted: (2 / 8, 2 / 6), "other"),
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
# The curriculum's tags, in which no two entities of a type touch.
ELSEWHERE = (
    "B-PER I-PER O O B-GPE O B-ORG I-ORG I-ORG O B-DATE O O B-PER O",
    "B-PER I-PER O O B-LOC O B-ORG I-ORG O O B-DATE B-PER O B-PER I-PER",
)
ALSO = {
    "14d": [
        (
            tuple(tags.split() for tags in ELSEWHERE),
            {
                "right": 0.363636,
                "single_tags": 0.705882,
                "accuracy": 0.733333,
                "partial": 0.727273,
                "type_ignored": 0.545455,
                "macro": 0.28,
                "macro_gold": 0.35,
                "precision": 2 / 6,
                "recall": 2 / 5,
            },
        )
    ],
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
    ],
}
