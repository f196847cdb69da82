"""The window language model: its floors, its probabilities by hand, what it writes."""

import numpy as np
import pytest

from course_lib.functions import softmax
from course_lib.layers import set_state
from course_lib.losses import cross_entropy
from course_lib.models import WindowLanguageModel, nearest_words
from course_lib.optimizers import SGD
from course_lib.text import Vocabulary, next_word_windows, tokenize
from course_lib.training import fit

ROAD = tokenize("a long long road ran to a village far far off")
FLOOR = 6 * np.log(2) / 10


def trained_on_the_road(n, seed):
    """Vectors of 3, 16 hidden units; the 8 words in alphabetical order, no <pad>, no end."""
    words = sorted(set(ROAD))
    model = WindowLanguageModel(Vocabulary(words), n=n, size=3, hidden=16, dtype=np.float64)
    r = np.random.default_rng(seed)
    table = np.vstack([np.zeros((3, 3)), r.normal(0, 1, (8, 3))])
    first = r.normal(0, 1 / np.sqrt(3 * n), (16, 3 * n))
    last = np.vstack([np.zeros((3, 16)), r.normal(0, 1 / 4, (8, 16))])
    bias = np.array([-50.0] * 3 + [0.0] * 8)  # the three special words never come
    arrays = [table, first, np.zeros(16), last, bias]
    set_state(model, dict(zip(dict(model._state()), arrays, strict=True)))
    contexts, targets = next_word_windows(model.vocabulary.ids(ROAD), n)
    sgd = SGD(model.parameters(), 0.5)
    fit(model, cross_entropy, contexts, targets, optimizer=sgd, epochs=5_000, progress=False)
    return cross_entropy(model(contexts), targets).value, len(targets)


@pytest.mark.parametrize("seed", range(3))
def test_one_word_of_context_stops_at_the_floor(seed):
    loss, targets = trained_on_the_road(1, seed)
    assert targets == 10
    assert FLOOR <= loss <= FLOOR + 0.0005


@pytest.mark.parametrize("seed", range(3))
def test_two_words_of_context_tell_everything(seed):
    loss, targets = trained_on_the_road(2, seed)
    assert targets == 9
    assert 0 <= loss < 0.001


def test_the_floor_is_what_settles_it():
    assert pytest.approx(0.415888, abs=5e-7) == FLOOR


def small_model(**sizes):
    """Random weights, large enough that no two probabilities are nearly equal."""
    rng = np.random.default_rng(1)
    model = WindowLanguageModel(
        Vocabulary(["fox", "hen", "said", "the"]), n=2, size=3, hidden=5, rng=rng, **sizes
    )
    for parameter in model.parameters():
        parameter.value[...] = rng.normal(0, 0.6, parameter.shape)
    return model


def by_hand(model, contexts):
    """softmax(W2 tanh(W1 [e1; e2] + b1) + b2), one context at a time."""
    table, w1, b1, w2, b2 = (p.value.astype(np.float64) for p in model.parameters())
    rows = []
    for context in contexts:
        z = w2 @ np.tanh(w1 @ np.concatenate([table[i] for i in context]) + b1) + b2
        rows.append(np.exp(z) / np.exp(z).sum())
    return np.array(rows)


def test_probabilities_are_what_a_reader_computes_by_hand(monkeypatch):
    model = small_model(dtype=np.float64)
    contexts, targets = model.examples([["the", "fox", "said"], ["the", "wolf"]])
    # <pad> 0, <unk> 1, </s> 2, fox 3, hen 4, said 5, the 6
    assert contexts.tolist() == [[0, 0], [0, 6], [6, 3], [3, 5], [0, 0], [0, 6], [6, 1]]
    assert targets.tolist() == [6, 3, 5, 2, 6, 1, 2]
    expected = by_hand(model, contexts)[np.arange(7), targets]
    np.testing.assert_allclose(model.probabilities(contexts, targets), expected, rtol=1e-12)
    monkeypatch.setattr("course_lib.models.language_model.ROWS", 3)
    np.testing.assert_allclose(model.probabilities(contexts, targets), expected, rtol=1e-12)
    assert model.perplexity([["the", "fox", "said"], ["the", "wolf"]]) == pytest.approx(
        np.exp(-np.log(expected).mean()), rel=1e-12
    )


def test_only_the_last_words_count():
    model = small_model()
    long, short = ["hen", "hen", "the", "fox"], ["the", "fox"]
    assert (model.next_words(long) == model.next_words(short)).all()
    assert model.next_words([]).sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(model.next_words(["hen"]), by_hand(model, [[0, 4]])[0], rtol=1e-5)


def test_writing_draws_words_as_often_as_the_model_says():
    model = small_model()
    rng, count = np.random.default_rng(0), 4_000
    p = model.next_words(["the"])
    p[:2] = 0  # neither <pad> nor <unk>
    for temperature in (1.0, 0.5):
        expected = p ** (1 / temperature) / (p ** (1 / temperature)).sum()
        drawn = [
            model.write(["the"], temperature=temperature, longest=2, rng=rng)[1:]
            for _ in range(count)
        ]
        seen = [drawn.count([]), *(drawn.count([word]) for word in model.vocabulary.words[3:])]
        error = np.sqrt(expected[2:] * (1 - expected[2:]) / count)
        assert (np.abs(np.array(seen) / count - expected[2:]) < 4.5 * error + 1 / count).all()
        assert expected.max() < 0.9


def test_temperature_0_takes_the_likeliest_word():
    model = small_model()
    p = model.next_words(["the"])
    p[:2] = 0
    written = model.write(["the"], temperature=0, longest=2)
    assert written[1:] == ([] if p.argmax() == 2 else [model.vocabulary.words[p.argmax()]])
    assert (
        model.write(["the"], temperature=1e-9, longest=2, rng=np.random.default_rng(0)) == written
    )
    assert len(model.write(temperature=50, longest=6, rng=np.random.default_rng(0))) <= 6
    for seed in range(20):  # hot: every word is as likely
        hot = model.write(temperature=np.inf, longest=5, rng=np.random.default_rng(seed))
        assert not {"<pad>", "<unk>"} & set(hot)


@pytest.mark.parametrize("temperature", [-1, float("nan")])
def test_a_temperature_below_0_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature must be at least 0, found"):
        small_model().write(temperature=temperature)


@pytest.mark.parametrize(
    "use",
    [
        lambda model: model.examples(["the fox"]),
        lambda model: model.perplexity(["the fox"]),
        lambda model: model.next_words("the fox"),
        lambda model: model.write("the fox"),
    ],
)
def test_a_string_is_no_list_of_tokens(use):
    message = r"^expected a list of tokens, found 'the fox': tokenize\(...\) the string first$"
    with pytest.raises(TypeError, match=message):
        use(small_model())


def test_no_words_of_context_are_no_window():
    with pytest.raises(ValueError, match=r"^n must be at least 1, found 0$"):
        WindowLanguageModel(Vocabulary(["a"]), n=0)


def test_writing_ends_at_the_longest():
    assert small_model().write(["the", "fox", "said"], longest=2) == ["the", "fox", "said"]
    assert small_model().write(["the", "fox"], longest=2) == ["the", "fox"]


def test_nearest_words_by_hand():
    vocabulary = Vocabulary(["east", "north", "northeast", "west"])
    vectors = np.array([[9, 9], [0, 0], [0, -2], [3, 0], [0, 1], [2, 2], [-1, 0]], float)
    found = nearest_words(vectors, vocabulary, "east", count=3)
    assert [word for word, _ in found] == ["northeast", "<unk>", "</s>"]
    np.testing.assert_allclose([cosine for _, cosine in found], [np.sqrt(0.5), 0, 0], atol=1e-12)
    with pytest.raises(ValueError, match="'up' is not among the 7 words"):
        nearest_words(vectors, vocabulary, "up")
    with pytest.raises(ValueError, match="found 6 vectors and 7 words, expected as many"):
        nearest_words(vectors[1:], vocabulary, "east")
    with pytest.raises(ValueError, match="count must be at least 1, found -1"):
        nearest_words(vectors, vocabulary, "east", count=-1)


def test_float32_probabilities_agree_with_the_softmax_of_the_library():
    model = small_model()
    contexts, targets = model.examples([["the", "hen"]])
    expected = softmax(model(contexts)).value[np.arange(3), targets]
    np.testing.assert_allclose(model.probabilities(contexts, targets), expected, rtol=1e-5)
