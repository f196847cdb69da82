"""Chapter 14: windows of words, the embedding of a word that comes twice, what taggers score."""

from itertools import pairwise

import numpy as np
from numpy import ndarray
from numpy.random import Generator

from ..exercise import BugHunt, Exercise

TYPES = ("PER", "ORG", "LOC", "GPE", "DATE")

# --- 14a, the window ------------------------------------------------------------------------------

WINDOW = (50, 2)  # d, reach


def size(rng: Generator) -> tuple:
    """Two neighbors or more on each side: with one, 2 reach is reach + 1."""
    return int(rng.integers(20, 300)), int(rng.integers(2, 7))


def window_length(d, reach) -> int:
    return (2 * reach + 1) * d


# --- 14b, a word that comes twice -----------------------------------------------------------------

REPEATED = (np.array([7, 2, 7]), np.array([[1.0, 2.0], [4.0, -1.0], [5.0, 6.0]]), 7)


def repeated(rng: Generator) -> tuple:
    """A window of seven slots, two or three of which hold the word."""
    word, *others = map(int, rng.permutation(12)[:5])
    ids = rng.choice(others, 7)
    ids[rng.choice(7, rng.integers(2, 4), replace=False)] = word
    return ids, rng.normal(0, 2, (7, 3)).round(2), word


def delta_row(ids, delta_slots, word) -> ndarray:
    return delta_slots[ids == word].sum(axis=0)


# --- 14c, the word alone --------------------------------------------------------------------------

# Without the third sentence, bits and the share of doubtful words are the same number, 4/22.
SENTENCES = """
the/O singer/O Paris/PER Hilton/PER danced/O in/O a/O silver/O dress/O
last/DATE May/DATE Julia/PER Stone/PER stayed/O at/O the/O Hilton/LOC Hotel/LOC
in/O Paris/GPE for/O work/O
later/O Paris/PER Hilton/PER sang/O again/O
"""
TEXT = tuple(map(list, zip(*(pair.split("/") for pair in SENTENCES.split()), strict=True)))

COMMON = ("the", "a", "in", "at", "for", "and", "saw", "met", "left", "slowly")
NAMES = ("May", "Paris", "Hilton")


def text(rng: Generator) -> tuple:
    """Words that are always O, and names that have one tag more often than another."""
    pairs = [(COMMON[i], "O") for i in rng.integers(len(COMMON), size=rng.integers(8, 13))]
    for name in NAMES:
        usual, other = map(str, rng.permutation(TYPES)[:2])
        pairs += [(name, usual)] * int(rng.integers(2, 4)) + [(name, other)]
    words, tags = zip(*(pairs[i] for i in rng.permutation(len(pairs))), strict=True)
    return list(words), list(tags)


def best(words, tags) -> ndarray:
    """What the best model that sees the word alone gives to the right tag of each word."""
    pairs = list(zip(words, tags, strict=True))
    return np.array([pairs.count(pair) / words.count(pair[0]) for pair in pairs])


def floor(words, tags) -> float:
    return float(-np.log(best(words, tags)).mean())


def tags_by_word(words, tags) -> list[list]:
    """The tags of each different word, in the order of the text."""
    pairs = list(zip(words, tags, strict=True))
    return [[tag for other, tag in pairs if other == word] for word in dict.fromkeys(words)]


def share(words, tags) -> float:
    """The part of the words that come with more than one tag."""
    return float((best(words, tags) < 1).mean())


def errors(words, tags) -> float:
    """How often the most frequent tag of a word is wrong."""
    right = sum(max(map(found.count, found)) for found in tags_by_word(words, tags))
    return 1 - right / len(words)


def entropy(values) -> float:
    """Of a list, by the frequencies of what is in it; in nats."""
    return float(-np.mean(np.log([values.count(value) / len(values) for value in values])))


def each_word_once(words, tags) -> float:
    """The mean over the different words, whatever their frequency."""
    return float(np.mean([entropy(found) for found in tags_by_word(words, tags)]))


def alike(words, tags) -> float:
    """Every tag that a word was seen with has the same probability."""
    found = tags_by_word(words, tags)
    return sum(len(tags) * np.log(len(set(tags))) for tags in found) / len(words)


# --- 14d, entities --------------------------------------------------------------------------------

# Two persons stand side by side, and the text ends with a name.
GOLD = "B-PER I-PER B-PER O B-GPE O B-ORG I-ORG I-ORG O O     O B-DATE O      O O     O B-GPE"
PREDICTED = "B-PER O     B-PER O B-LOC O O     B-ORG I-ORG O B-PER O B-DATE I-DATE O B-GPE O B-GPE"


def tagged(rng: Generator) -> tuple:
    """Gold and predicted tags: entities found, missed or invented, too long, too late, mistaken.

    Of two that stand side by side the first is found too short. The text ends with one that is
    found.
    """
    gold, predicted = [], []
    *types, rare = map(str, rng.permutation(TYPES))
    blocks = ["long", "late", "mistaken", "side by side", *["found"] * int(rng.integers(3))]
    blocks += [str(rng.choice(["missed", "invented"]))] * int(rng.integers(2, 4))  # P, R apart
    for block in [*map(str, rng.permutation(blocks)), "found"]:
        tag, more = types[rng.integers(4)], int(rng.integers(2))
        inside = more + (block in ("long", "late", "side by side"))
        entity, outside = [f"B-{tag}", *[f"I-{tag}"] * inside], ["O"] * (inside + 1)
        ours, theirs = {
            "found": (entity, entity),
            "missed": (entity, outside),
            "invented": (outside, entity),
            "long": ([*entity[:-1], "O"], entity),
            "late": (entity, ["O", *entity[:1], *entity[2:]]),
            "mistaken": (entity, [f"{mark[0]}-{rare}" for mark in entity]),
            "side by side": (entity + entity[:1], [*entity[:-1], "O", *entity[:1]]),
        }[block]
        gap = ["O"] * int(rng.integers(1, 3)) if gold else []
        gold += gap + ours
        predicted += gap + theirs
    return gold, predicted


def entities(tags) -> set[tuple]:
    """(start, end, type) of every entity."""
    found, start = set(), None
    for place, tag in enumerate([*tags, "O"]):
        if start is not None and tag[0] != "I":
            found.add((start, place, tags[start][2:]))
            start = None
        if tag[0] == "B":
            start = place
    return found


def f1(correct, predicted, expected) -> float:
    """From three counts; 0/0 is 0."""
    return 2 * correct / (predicted + expected) if predicted + expected else 0.0


def entity_f1(gold, predicted) -> float:
    ours, theirs = entities(gold), entities(predicted)
    return f1(len(ours & theirs), len(theirs), len(ours))


def precision(gold, predicted) -> float:
    return len(entities(gold) & entities(predicted)) / len(entities(predicted))


def accuracy(gold, predicted) -> float:
    """The share of words with the right tag, O included."""
    return sum(map(str.__eq__, gold, predicted)) / len(gold)


def token_f1(gold, predicted) -> float:
    """The F1 of single tags other than O."""
    correct = sum(g == p != "O" for g, p in zip(gold, predicted, strict=True))
    return f1(correct, len(predicted) - predicted.count("O"), len(gold) - gold.count("O"))


def partial(gold, predicted) -> float:
    """An entity is correct if it shares a word with one of its type."""

    def share(these, those):
        touched = [any(s < f and t < e and a == b for t, f, b in those) for s, e, a in these]
        return sum(touched) / len(touched)

    p = share(entities(predicted), entities(gold))
    r = share(entities(gold), entities(predicted))
    return 2 * p * r / (p + r)


def first_word_only(gold, predicted) -> float:
    """An entity is correct if it begins where one of its type does."""
    ours, theirs = ({(s, tag) for s, _, tag in entities(tags)} for tags in (gold, predicted))
    return f1(len(ours & theirs), len(theirs), len(ours))


def type_ignored(gold, predicted) -> float:
    ours, theirs = ({span[:2] for span in entities(tags)} for tags in (gold, predicted))
    return f1(len(ours & theirs), len(theirs), len(ours))


def macro(gold, predicted, types) -> float:
    """The mean of the F1 of each type."""

    def of(tag):
        ours, theirs = ({e for e in entities(tags) if e[2] == tag} for tags in (gold, predicted))
        return f1(len(ours & theirs), len(theirs), len(ours))

    return float(np.mean([of(tag) for tag in types]))


def types_in(*sequences) -> set[str]:
    return {tag[2:] for tags in sequences for tag in tags if tag != "O"}


def merged(gold, predicted) -> float:
    """B- is read as I- where an entity of the same type goes on."""

    def run_together(tags):
        after = [b.replace("B-", "I-") if a[2:] == b[2:] else b for a, b in pairwise(tags)]
        return [tags[0], *after]

    return entity_f1(run_together(gold), run_together(predicted))


def f1_without(lost, gold, predicted) -> float:
    """The F1 when each sequence loses the entities for which `lost(end, tags)` holds."""
    kept = [
        {entity for entity in entities(tags) if not lost(entity[1], tags)}
        for tags in (gold, predicted)
    ]
    return f1(len(kept[0] & kept[1]), len(kept[1]), len(kept[0]))


def at_the_end(end, tags) -> bool:
    return end == len(tags)


def before_another(end, tags) -> bool:
    return end < len(tags) and tags[end] != "O"


EXERCISES = [
    Exercise(
        "14a",
        window_length,
        WINDOW,
        size,
        points=1,
        wrong={
            "one_vector": lambda d, reach: d,
            "no_center": lambda d, reach: 2 * reach * d,
            "one_side": lambda d, reach: (reach + 1) * d,
            "neighbors_of_one_side": lambda d, reach: reach * d,
            "two_windows": lambda d, reach: 2 * (2 * reach + 1) * d,
            "words_counted": lambda d, reach: 2 * reach + 1,
        },
    ),
    Exercise(
        "14b",
        delta_row,
        REPEATED,
        repeated,
        wrong={
            "overwritten": lambda ids, delta_slots, word: delta_slots[ids == word][-1],
            "first_kept": lambda ids, delta_slots, word: delta_slots[ids == word][0],
            "all_slots": lambda ids, delta_slots, word: delta_slots.sum(axis=0),
            "mean": lambda ids, delta_slots, word: delta_slots[ids == word].mean(axis=0),
            "no_gradient": lambda ids, delta_slots, word: np.zeros(delta_slots.shape[1]),
            "center_slot": lambda ids, delta_slots, word: delta_slots[len(ids) // 2],
        },
    ),
    Exercise(
        "14c",
        floor,
        TEXT,
        text,
        wrong={
            "total": lambda words, tags: len(words) * floor(words, tags),
            "doubtful_only": lambda words, tags: floor(words, tags) / share(words, tags),
            "bits": lambda words, tags: floor(words, tags) / np.log(2),
            "share": share,
            "zero": lambda words, tags: 0.0,
            "errors": errors,
            "log_of_accuracy": lambda words, tags: -np.log(1 - errors(words, tags)),
            "each_word_once": each_word_once,
            "alike": alike,
            "word_ignored": lambda words, tags: entropy(tags),
        },
    ),
    Exercise(
        "14d",
        entity_f1,
        (GOLD.split(), PREDICTED.split()),
        tagged,
        points=3,
        wrong={
            "single_tags": token_f1,
            "accuracy": accuracy,
            "partial": partial,
            "first_word_only": first_word_only,
            "type_ignored": type_ignored,
            "macro": lambda gold, predicted: macro(gold, predicted, types_in(gold, predicted)),
            "macro_gold": lambda gold, predicted: macro(gold, predicted, types_in(gold)),
            "precision": precision,
            "recall": lambda gold, predicted: precision(predicted, gold),
            "arithmetic_mean": lambda gold, predicted: (
                (precision(gold, predicted) + precision(predicted, gold)) / 2
            ),
            "merged": merged,
            "neighbor_lost": lambda *v: f1_without(before_another, *v),
            "last_lost": lambda *v: f1_without(at_the_end, *v),
        },
    ),
    BugHunt("14bug", line="J"),
]
