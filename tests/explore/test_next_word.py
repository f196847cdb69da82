"""The next word: floors by hand, what is read of a line, the dart, a model of the learner's own."""

import json

import numpy as np
import pytest

from course_lib import explore
from course_lib.explore.figure import plain
from course_lib.models import WindowLanguageModel
from course_lib.text import Vocabulary

SETTINGS = {"text": "a long long road ran to a", "context": 1, "u": 0.3}
TALE = [["the", "fox", "ran", "."], ["the", "crow", "did", "n't", "run", "."]]


@pytest.fixture(scope="module")
def figure():
    return explore.next_word()


def test_the_losses_stop_at_their_floors(figure):
    n = figure.numbers(SETTINGS)
    unigram = (3 * 2 * np.log(11 / 2) + 5 * np.log(11)) / 11  # a, far, long twice, five words once
    assert n["floors"] == pytest.approx([unigram, 6 * np.log(2) / 10, 0], abs=1e-12)
    assert n["losses"][0] == pytest.approx(unigram)
    assert n["floors"][1] <= n["losses"][1] <= n["floors"][1] + 5e-4
    assert 0 <= n["losses"][2] < 0.001


def test_one_word_cannot_know_and_two_can(figure):
    one = figure.numbers(SETTINGS)
    assert sorted(one["top"][:2]) == ["long", "village"] and one["observed"][:2] == [1, 1]
    assert one["p"][:2] == pytest.approx([0.5, 0.5], abs=0.01)
    assert one["hesitation"] == pytest.approx(2, abs=0.02)
    two = figure.numbers(SETTINGS | {"context": 2})
    assert (two["reads"], two["top"][0], two["observed"][0]) == ("to a", "village", 1)
    assert two["p"][0] > 0.99 and sum(two["p"]) + two["rest"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "context", "reads", "unknown"),
    [
        ("", 2, "none", "none"),
        ("   ", 1, "none", "none"),
        ("a", 2, "a", "none"),
        ("A  Long ROAD ", 2, "long road", "none"),
        ("a dog", 2, "none", "dog"),
        ("dog a", 2, "a", "dog"),
        ("ran, to", 2, "to", ","),
        ("it's a", 1, "a", "it, 's"),
        ("dog dog cat a", 0, "none", "dog, cat"),
        ("a </s> far", 2, "far", "</s>"),
    ],
)
def test_what_it_reads(figure, text, context, reads, unknown):
    n = figure.numbers({"text": text, "context": context, "u": 0.5})
    assert (n["reads"], n["unknown"]) == (reads, unknown)


def test_without_a_word_the_counts_answer(figure):
    n = figure.numbers({"text": "", "context": 2, "u": 0})
    assert dict(zip(n["top"], n["p"], strict=True)) == pytest.approx(
        {word: (2 if word in ("a", "far", "long") else 1) / 11 for word in n["top"]}
    )


def test_the_dart_hits_each_word_as_often_as_it_is_probable(figure):
    hits = [figure.numbers({"text": "", "context": 0, "u": k / 1000})["drawn"] for k in range(1000)]
    for word, count in (("a", 2), ("far", 2), ("long", 2), ("off", 1), ("village", 1)):
        assert hits.count(word) == pytest.approx(1000 * count / 11, abs=1)


def test_where_the_dart_falls_next(figure):
    """Reference values of mulberry32, of the seeds 0, 1 and 7300."""
    found = [
        figure.numbers({"text": text, "context": 0, "u": u})["next"]
        for text, u in (("", 0.0), ("", 0.001), (SETTINGS["text"], 0.3))
    ]
    assert found == [0.266, 0.627, 0.974]  # 0.266429..., 0.627073..., 0.974055...
    many = [figure.numbers({"text": "", "context": 0, "u": k / 1000})["next"] for k in range(1000)]
    assert np.histogram(many, 10, (0, 1))[0] == pytest.approx(100, abs=35)


def trained(n=3, size=6, hidden=9, words=None, **settings):
    vocabulary = Vocabulary(words) if words else Vocabulary.from_sentences(TALE)
    rng = np.random.default_rng(5)
    return WindowLanguageModel(vocabulary, n=n, size=size, hidden=hidden, rng=rng, **settings)


def test_a_model_of_ones_own():
    model = trained(dropout=0.5)
    figure = explore.next_word(model)
    assert "It knows 11 words." in figure.spec["caption"]
    n = figure.numbers({"text": "The zebra didn't", "context": 3, "u": 0.2})
    assert (n["reads"], n["unknown"]) == ("<unk> did n't", "zebra")
    expected = model.next_words(["zebra", "did", "n't"])
    order = [model.vocabulary.words.index(word) for word in n["top"]]
    assert n["p"] == pytest.approx(expected[order], rel=0.02)  # 8 bits a weight
    assert len(n["hesitations"]) == 4 and n["drawn"] not in ("<pad>", "<unk>")
    ended = figure.numbers({"text": "the fox ran . </s>", "context": 3, "u": 0.2})
    assert (ended["reads"], ended["tokens"]) == ("none", [])
    assert ended["p"] == pytest.approx(figure.numbers({**SETTINGS, "text": ""})["p"])


def test_what_travels_is_under_600_kb(figure):
    assert len(json.dumps(figure.data)) < 60_000
    words = [f"word{k}" for k in range(5000)]
    large = explore.next_word(trained(4, 60, 150, words))
    kept = len(large.data["words"])
    assert 1500 < kept < 5003
    assert len(json.dumps(plain(large.data))) < 600_000
    assert f"the other {5003 - kept:,} would not fit" in large.spec["caption"]
    n = large.numbers({"text": "word1 word4999", "context": 4, "u": 0.5})
    assert (n["reads"], n["unknown"]) == ("word1 <unk>", "word4999")


def test_what_it_does_not_take():
    with pytest.raises(
        TypeError, match=r"^next_word: model must be a WindowLanguageModel, found 3$"
    ):
        explore.next_word(3)
    message = (
        r"^next_word: only 0 words of this model fit into 590 kB, expected 100: its W1 alone, "
        r"\(1000, 600\), takes 800 kB$"
    )
    with pytest.raises(ValueError, match=message):
        explore.next_word(trained(2, 300, 1000, [f"word{k}" for k in range(200)]))
    model = trained()
    model.parameters()[0].value[0, 0] = np.nan
    with pytest.raises(ValueError, match=r"^next_word: the weights of this model are not finite"):
        explore.next_word(model)
