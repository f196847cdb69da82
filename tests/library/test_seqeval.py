"""The same tags in seqeval: entities, counts, precision, recall and F1 agree.

seqeval is a test dependency only; without it this file is skipped. Its default mode reads tags by
the rules of conlleval, completed for E- and S-. Where it differs from us is tested here too:
- mode="strict" takes an entity only if it is written without fault (an orphan I- is dropped);
- it has no bare tags: PER would be a P of type ER, and ORG the outside. They are given to it as I-;
- it warns of a tag that it does not know and goes on; we raise.
"""

import warnings

import numpy as np
import pytest

from course_lib.text import convert_tags, entity_scores, spans, tags_of

metrics = pytest.importorskip("seqeval.metrics.sequence_labeling")
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")

TYPES = ["PER", "ORG", "GPE", "B-X"]
PREFIXES = {"iob1": "BI", "bio": "BI", "bioes": "BIES"}


def random_tags(rng, scheme, types):
    """Any tags at all: most of these sequences no annotator would write."""
    outside, tags = rng.uniform(0.1, 0.8), []
    for _ in range(rng.integers(1, 15)):
        if rng.uniform() < outside:
            tags.append("O")
        elif scheme == "bare":
            tags.append(str(rng.choice(types)))
        else:
            tags.append(f"{rng.choice(list(PREFIXES[scheme]))}-{rng.choice(types)}")
    return tags


def for_seqeval(tags, scheme):
    return ["O" if tag == "O" else f"I-{tag}" for tag in tags] if scheme == "bare" else tags


def entities(tags, scheme):
    found = metrics.get_entities(for_seqeval(tags, scheme))
    return [(start, last + 1, tag) for tag, start, last in found]


@pytest.mark.parametrize("scheme", ["iob1", "bio", "bioes", "bare"])
def test_the_same_entities(scheme):
    rng = np.random.default_rng(4)
    for _ in range(600):
        tags = random_tags(rng, scheme, TYPES[:3])
        found = spans(tags, scheme)
        assert found == entities(tags, scheme)
        if scheme != "bare":  # and seqeval reads what we write
            for target in PREFIXES:
                assert entities(tags_of(found, len(tags), target), target) == found
                assert entities(convert_tags(tags, scheme, target), target) == found


@pytest.mark.parametrize("scheme", ["iob1", "bio", "bioes", "bare"])
@pytest.mark.parametrize("seed", range(40))
def test_the_same_scores(scheme, seed):
    rng = np.random.default_rng(seed)
    types = TYPES[: rng.integers(1, 4 if scheme == "bare" else 5)]
    gold = [random_tags(rng, scheme, types) for _ in range(rng.integers(1, 12))]
    predicted = [
        [new if rng.uniform() < 0.3 else old for old, new in zip(tags, noise, strict=True)]
        for tags in gold
        for noise in [(random_tags(rng, scheme, types) * len(tags))[: len(tags)]]
    ]
    for one, two in ((gold, predicted), (predicted, gold), (gold, gold)):
        ours = entity_scores(one, two, scheme)
        theirs = [[for_seqeval(tags, scheme) for tags in side] for side in (one, two)]
        micro = metrics.precision_recall_fscore_support(*theirs, average="micro", zero_division=0)
        assert micro == (
            pytest.approx(ours.precision), pytest.approx(ours.recall), pytest.approx(ours.f1),
            ours.expected,
        )  # fmt: skip
        each = metrics.precision_recall_fscore_support(*theirs, average=None, zero_division=0)
        scores = ours.by_tag.values()
        np.testing.assert_allclose(each[0], [score.precision for score in scores], rtol=1e-12)
        np.testing.assert_allclose(each[1], [score.recall for score in scores], rtol=1e-12)
        np.testing.assert_allclose(each[2], [score.f1 for score in scores], rtol=1e-12)
        assert each[3].tolist() == [score.expected for score in scores]
        assert metrics.accuracy_score(*theirs) == pytest.approx(ours.accuracy)


def test_where_conventions_differ():
    from seqeval.scheme import IOB2, Entities

    orphan = ["O", "I-PER", "O"]
    assert spans(orphan) == entities(orphan, "bio") == [(1, 2, "PER")]
    assert Entities([orphan], IOB2).entities == [[]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert metrics.get_entities(["PER", "O", "ORG"]) == [("ER", 0, 0)]
    assert spans(["PER", "O", "ORG"], "bare") == [(0, 1, "PER"), (2, 3, "ORG")]
