"""How many entities a tagger got right: precision, recall and F1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import eq

from .tags import spans


@dataclass(frozen=True)
class Score:
    """Counts of entities, and the three ratios made of them; 0/0 is 0.

    correct: found with the right type and exactly the right words.
    found: in the prediction.
    expected: in the gold tags.
    """

    correct: int
    found: int
    expected: int

    @property
    def precision(self) -> float:
        """Which share of the entities found is correct."""
        return _ratio(self.correct, self.found)

    @property
    def recall(self) -> float:
        """Which share of the entities to be found was found."""
        return _ratio(self.correct, self.expected)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return _ratio(2 * self.correct, self.found + self.expected)

    def as_dict(self) -> dict:
        """Counts and ratios by name, for a JSON file."""
        names = ("correct", "found", "expected", "precision", "recall", "f1")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class EntityScores(Score):
    """The score over all entities (micro: every entity has the same weight), and that of each type.

    by_tag: type of entity -> Score, in alphabetical order.
    right, tokens: words with the right tag, and all words.
    """

    by_tag: dict[str, Score] = field(default_factory=dict)
    right: int = 0
    tokens: int = 0

    @property
    def accuracy(self) -> float:
        """Which share of the words has the right tag, O included: usually far above the F1."""
        return _ratio(self.right, self.tokens)

    def as_dict(self) -> dict:
        """The same, with the token accuracy and, under "by_tag", the score of each type."""
        by_tag = {tag: score.as_dict() for tag, score in self.by_tag.items()}
        return {**super().as_dict(), "accuracy": self.accuracy, "by_tag": by_tag}

    def __str__(self) -> str:
        counts, ratios = ("correct", "found", "expected"), ("precision", "recall", "f1")
        table = [("", *counts, *ratios)]
        for name, score in [*self.by_tag.items(), ("all", self)]:
            cells = [f"{getattr(score, count):,}" for count in counts]
            table.append((name, *cells, *(f"{getattr(score, ratio):.3f}" for ratio in ratios)))
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join([name.ljust(widths[0]), *map(str.rjust, cells, widths[1:])])
            for name, *cells in table
        ]
        share = f"token accuracy {self.accuracy:.3f} ({self.right:,} of {self.tokens:,})"
        return "\n".join([*lines, share])


def entity_scores(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], scheme: str = "bio"
) -> EntityScores:
    """Compare the tags of a tagger with the right ones, entity by entity.

        >>> scores = entity_scores([["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]])
        >>> scores.f1, scores.by_tag["PER"].found, round(scores.accuracy, 2)
        (0.0, 1, 0.67)

    An entity counts when type, first and last word are right; half of it counts nothing. Figures
    are those of the CoNLL-2003 scorer (conlleval) and of seqeval in its default mode; seqeval's
    mode="strict" differs in dropping entities that begin with an orphan I-.

    gold, predicted: the tags of each sentence, a list of lists.
    scheme: of both, one of tags.SCHEMES.

    Raises ValueError if there are not as many sentences and as many tags in each, or for a tag that
    the scheme does not have; TypeError for a list of tags instead of lists.
    Source: Tjong Kim Sang and De Meulder, "Introduction to the CoNLL-2003 shared task", 2003.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"found {len(gold)} gold and {len(predicted)} predicted sentences")
    correct, found, expected = Counter(), Counter(), Counter()
    right = tokens = 0
    for number, (wanted, given) in enumerate(zip(gold, predicted, strict=True)):
        if len(wanted) != len(given):
            raise ValueError(
                f"sentence {number}, counted from 0, has {len(wanted)} gold tags and "
                f"{len(given)} predicted ones"
            )
        ours, theirs = spans(wanted, scheme), spans(given, scheme)
        expected.update(span.tag for span in ours)
        found.update(span.tag for span in theirs)
        correct.update(span.tag for span in set(ours).intersection(theirs))
        right += sum(map(eq, wanted, given))
        tokens += len(wanted)
    by_tag = {
        tag: Score(correct[tag], found[tag], expected[tag]) for tag in sorted(expected | found)
    }
    return EntityScores(correct.total(), found.total(), expected.total(), by_tag, right, tokens)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
