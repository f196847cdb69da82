"""The window tagger: its floors on two sentences, its results on the course's corpus, its parts."""

import numpy as np
import pytest

from course_lib.data import load_entities
from course_lib.layers import set_state
from course_lib.losses import cross_entropy
from course_lib.models import MemorizingTagger, WindowTagger
from course_lib.optimizers import SGD
from course_lib.text import Vocabulary
from course_lib.training import fit

# Paris and Hilton, once a person and once a city and a hotel: 9 + 13 tokens.
TWO_SENTENCES = [
    [tuple(pair.split("/")) for pair in sentence.split()]
    for sentence in (
        "the/O singer/O Paris/PER Hilton/PER danced/O in/O a/O silver/O dress/O",
        "last/DATE May/DATE Julia/PER Stone/PER stayed/O at/O the/O Hilton/LOC Hotel/LOC in/O "
        "Paris/GPE for/O work/O",
    )
]
FLOOR = 4 * np.log(2) / 22  # four tokens that are one of two tags, each time by chance


def toy_tagger(reach, seed):
    """One hidden layer of 16, vectors of 4, all weights normal with variance 1 / inputs."""
    words = sorted({token for sentence in TWO_SENTENCES for token, _ in sentence})
    tags = ["O", "PER", "ORG", "LOC", "GPE", "DATE"]
    tagger = WindowTagger(
        Vocabulary(words), tags, reach=reach, size=4, hidden=(16,), capitals=0, dtype=np.float64
    )
    r, width = np.random.default_rng(seed), (2 * reach + 1) * 4
    table = r.normal(0, 1, (len(words), 4))
    extra = r.normal(0, 1, (3, 4)) if reach else np.zeros((3, 4))  # <pad> and two that never occur
    first = r.normal(0, 1 / np.sqrt(width), (16, width))
    last = r.normal(0, 1 / 4, (6, 16))
    arrays = [np.vstack([extra, table]), first, np.zeros(16), last, np.zeros(6)]
    set_state(tagger, dict(zip(dict(tagger._state()), arrays, strict=True)))
    return tagger


def trained(tagger, learning_rate, epochs):
    inputs, targets = tagger.examples(TWO_SENTENCES)
    sgd = SGD(tagger.parameters(), learning_rate)
    fit(tagger, cross_entropy, inputs, targets, optimizer=sgd, epochs=epochs, progress=False)
    z = tagger(inputs)
    return cross_entropy(z, targets).value, int((z.value.argmax(axis=1) == targets).sum())


@pytest.mark.parametrize("seed", range(3))
def test_the_word_alone_stops_at_the_floor(seed):
    loss, right = trained(toy_tagger(reach=0, seed=seed), 1.0, 5_000)
    assert FLOOR <= loss < 0.1262
    assert right == 20


@pytest.mark.parametrize("seed", range(3))
def test_one_neighbor_on_each_side_tells_everything(seed):
    loss, right = trained(toy_tagger(reach=1, seed=seed), 0.5, 2_000)
    assert 0.0003 < loss < 0.0006
    assert right == 22


def test_the_floor_is_what_settles_it():
    assert pytest.approx(0.126027, abs=5e-7) == FLOOR


def test_logits_are_what_a_reader_computes_by_hand():
    """Look up, concatenate, two tanh layers, one linear: plain NumPy, word by word."""
    rng = np.random.default_rng(0)
    sentences = [[("Paris", "B-PER"), ("1999", "O"), ("McKay", "O")], [("unseen", "O")]]
    tagger = WindowTagger(
        Vocabulary(["paris", "0000", "mckay"]),
        ["B-PER", "O"],
        reach=1,
        size=3,
        hidden=(5, 4),
        capitals=2,
        rng=rng,
        dtype=np.float64,
    )
    words, capitals, w1, b1, w2, b2, w3, b3 = (p.value for p in tagger.parameters())
    b1[:], b2[:], b3[:] = rng.normal(size=5), rng.normal(size=4), rng.normal(size=2)
    # <pad> 0, <unk> 1, </s> 2, paris 3, 0000 4, mckay 5; First 2, number 5, mIxed 4, small 1
    windows = [((0, 3, 4), (0, 2, 5)), ((3, 4, 5), (2, 5, 4)), ((4, 5, 0), (5, 4, 0)),
               ((0, 1, 0), (0, 1, 0))]  # fmt: skip
    inputs, targets = tagger.examples(sentences)
    found = tagger(inputs).value
    assert targets.tolist() == [0, 1, 1, 1]
    for row, (ids, shapes) in enumerate(windows):
        x = np.concatenate([*(words[i] for i in ids), *(capitals[i] for i in shapes)])
        z = w3 @ np.tanh(w2 @ np.tanh(w1 @ x + b1) + b2) + b3
        np.testing.assert_allclose(found[row], z, rtol=1e-12)


def test_a_word_in_two_slots_is_a_fork():
    """Ids (7, 2, 7) with error signals (1, 2), (4, -1), (5, 6): row 7 gets (6, 8)."""
    tagger = WindowTagger(
        Vocabulary(list("abcdefg")), ["O"], reach=1, size=2, hidden=(), capitals=0, dtype=np.float64
    )
    set_state(
        tagger,
        {
            "layers.0.words.weight": np.zeros((10, 2)),
            "layers.1.weight": np.array([[1.0, 2, 4, -1, 5, 6]]),
            "layers.1.bias": np.zeros(1),
        },
    )
    tagger(np.array([[[7, 2, 7]]])).backward(np.ones((1, 1)))
    gradient = np.asarray(tagger.layers[0].words.weight.grad)
    assert gradient[7].tolist() == [6, 8]
    assert gradient[2].tolist() == [4, -1]
    assert np.count_nonzero(gradient) == 4


def test_memorizing_takes_the_most_frequent_tag_of_each_word():
    train = [[("May", "O"), ("May", "B-PER"), ("May", "B-PER"), ("a", "O")], [("b", "B-GPE")]]
    memory = MemorizingTagger(train)
    assert memory.tag(["May", "a", "b", "new", "may"]) == ["B-PER", "O", "B-GPE", "O", "O"]
    scores = memory.scores([[("May", "B-PER"), ("b", "O")]])
    assert (scores.correct, scores.found, scores.expected) == (1, 2, 1)


def test_ties_are_settled_the_same_way_whatever_the_order():
    pairs = [("x", "O"), ("x", "B-PER")]
    for order in (pairs, pairs[::-1]):
        assert MemorizingTagger([order]).tag(["x"]) == ["B-PER"]


def test_tagging_many_sentences_is_tagging_each(monkeypatch):
    corpus = load_entities()
    tagger = WindowTagger.for_sentences(corpus.dev, dropout=0.5, rng=np.random.default_rng(0))
    tokens = [[token for token, _ in sentence] for sentence in corpus.test[:40]] + [[]]
    each = [tagger.tag(sentence) for sentence in tokens]
    monkeypatch.setattr("course_lib.models.tagger.ROWS", 7)
    assert tagger.tag_all(tokens) == each
    assert list(map(len, each)) == list(map(len, tokens))


def test_a_tag_without_a_class_is_named():
    tagger = WindowTagger(Vocabulary(["a"]), ["O", "B-PER"])
    with pytest.raises(ValueError, match=r"^the tags B-ORG are new: this network knows O, B-PER$"):
        tagger.examples([[("a", "B-ORG")]])


@pytest.mark.parametrize(
    "use",
    [
        lambda tagger: tagger.tag("Paris"),
        lambda tagger: tagger.tag_all("Paris"),
        lambda tagger: tagger.tag_all(["Paris sleeps."]),
        lambda tagger: tagger.inputs(["Paris sleeps."]),
        lambda tagger: MemorizingTagger([]).tag("Paris"),
    ],
)
def test_a_string_is_no_list_of_tokens(use):
    message = r"^expected a list of tokens, found 'P.*': tokenize\(...\) the string first$"
    with pytest.raises(TypeError, match=message):
        use(WindowTagger(Vocabulary(["a"]), ["O"]))


@pytest.mark.parametrize(
    ("tags", "options", "message"),
    [
        ([], {}, r"expected tags, each of them once, found \[\]"),
        (["O", "O"], {}, r"expected tags, each of them once, found \['O', 'O'\]"),
        (["O"], {"reach": -1}, "reach must be at least 0, found -1"),
    ],
)
def test_settings_of_no_tagger(tags, options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        WindowTagger(Vocabulary(["a"]), tags, **options)
