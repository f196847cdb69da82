"""Entity scores by hand; test_seqeval.py compares with the library of that name."""

import pytest

from course_lib.text import EntityScores, Score, convert_tags, entity_scores

# Exercise 14d
GOLD, GUESS = (
    line.split()
    for line in (
        "B-PER I-PER O O B-GPE O B-ORG I-ORG I-ORG O B-DATE O     O B-PER O",
        "B-PER I-PER O O B-LOC O B-ORG I-ORG O     O B-DATE B-PER O B-PER I-PER",
    )
)


def test_exercise_14d():
    scores = entity_scores([GOLD], [GUESS])
    assert (scores.correct, scores.found, scores.expected) == (2, 6, 5)
    assert scores.precision == pytest.approx(2 / 6)
    assert scores.recall == pytest.approx(2 / 5)
    assert scores.f1 == pytest.approx(0.363636, abs=5e-7)
    assert scores.by_tag == {
        "DATE": Score(1, 1, 1),
        "GPE": Score(0, 0, 1),
        "LOC": Score(0, 1, 0),
        "ORG": Score(0, 1, 1),
        "PER": Score(1, 3, 2),
    }
    assert (scores.right, scores.tokens) == (11, 15)
    assert scores.accuracy == pytest.approx(11 / 15)
    macro = sum(score.f1 for score in scores.by_tag.values()) / 5
    assert macro == pytest.approx(0.28)


def test_the_table_is_aligned():
    table = str(entity_scores([GOLD] * 10_000, [GUESS] * 10_000)).splitlines()
    assert table[0].split() == ["correct", "found", "expected", "precision", "recall", "f1"]
    assert " ".join(line.split()[0] for line in table[1:]) == "DATE GPE LOC ORG PER all token"
    assert table[5].split() == ["PER", "10,000", "30,000", "20,000", "0.333", "0.500", "0.400"]
    assert table[6].split() == ["all", "20,000", "60,000", "50,000", "0.333", "0.400", "0.364"]
    assert len({len(line) for line in table[:-1]}) == 1
    assert table[-1] == "token accuracy 0.733 (110,000 of 150,000)"


def test_sentences_do_not_run_into_each_other():
    split = entity_scores([["O", "B-PER"], ["I-PER"]], [["O", "B-PER"], ["I-PER"]])
    assert (split.correct, split.found, split.expected, split.f1) == (2, 2, 2, 1.0)


def test_the_scheme_changes_only_the_token_accuracy():
    scores = entity_scores([GOLD], [GUESS])
    for scheme in ("iob1", "bioes", "bare"):
        gold, guess = convert_tags(GOLD, "bio", scheme), convert_tags(GUESS, "bio", scheme)
        other = entity_scores([gold], [guess], scheme)
        assert other.by_tag == scores.by_tag
        assert other.f1 == scores.f1


@pytest.mark.parametrize("gold", [[], [[]], [["O", "O"]]])
def test_nothing_to_find(gold):
    scores = entity_scores(gold, gold)
    assert (scores.precision, scores.recall, scores.f1, scores.by_tag) == (0, 0, 0, {})
    assert scores.accuracy == (1 if gold and gold[0] else 0)
    assert str(scores).splitlines()[1].split() == ["all", "0", "0", "0", "0.000", "0.000", "0.000"]
    assert isinstance(scores, EntityScores)


def test_nothing_found_and_everything_wrong():
    assert entity_scores([["B-PER"]], [["O"]]).f1 == 0
    assert entity_scores([["O"]], [["B-PER"]]).precision == 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: entity_scores([["O"]], []), ValueError, "found 1 gold and 0 predicted sentences"),
        (lambda: entity_scores([["O"], ["O", "O"]], [["O"], ["O"]]), ValueError,
         "sentence 1, counted from 0, has 2 gold tags and 1 predicted ones"),
        (lambda: entity_scores([["S-PER"]], [["O"]]), ValueError, "'S-PER' is no tag in 'bio'"),
        (lambda: entity_scores([["O"]], [["O"]], "bilou"), ValueError, "scheme must be one of"),
        (lambda: entity_scores(["O"], ["O"]), TypeError, "a sentence is a list of tags, found 'O'"),
        (lambda: entity_scores("O", "O"), TypeError, "a sentence is a list of tags, found 'O'"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
