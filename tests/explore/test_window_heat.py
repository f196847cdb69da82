"""Heat on a window: floors by hand, slopes of the loss by differences, the sum at a fork."""

import re

import numpy as np
import pytest

from course_lib import explore
from course_lib.calculus import gradient
from course_lib.layers import Embedding, Flatten, Linear, Sequential, Tanh, set_state
from course_lib.losses import cross_entropy
from course_lib.models import WindowTagger
from course_lib.text import context_windows

SETTINGS = {"place": 3, "window": 0, "stage": "trained"}
LABELED = [
    [("Anna", "PER"), ("left", "O"), ("Oslo", "GPE"), (".", "O")],
    [("Oslo", "GPE"), ("slept", "O")],
]


@pytest.fixture(scope="module")
def figure():
    return explore.window_heat()


def test_the_word_alone_stops_at_its_floor(figure):
    n = figure.numbers(SETTINGS)
    assert n["floor"] == pytest.approx(4 * np.log(2) / 22, abs=1e-12)
    assert n["floor"] <= n["loss"] < n["floor"] + 5e-4
    assert (n["right"], n["count"]) == (20, 22)
    assert n["word"][:2] == ["Paris", "PER"] and n["places"] == [3, 20]
    assert n["yhat"][n["tags"].index("PER")] == pytest.approx(0.5, abs=0.01)
    assert n["row"] < 0.01 * min(n["shares"])  # the two places pull against each other


@pytest.mark.parametrize("window", [1, 2])
def test_one_neighbor_tells_all_words_apart(figure, window):
    n = figure.numbers(SETTINGS | {"window": window})
    assert (n["floor"], n["right"], n["wrong"]) == (0, 22, [])
    assert n["loss"] < 0.001


def test_heat_is_the_slope_of_the_words_own_loss(figure):
    n = figure.numbers({"place": 2, "window": 1, "stage": "after 5 steps"})
    net = {name: np.array(x) for name, x in figure.data["nets"][1][1].items()}
    words = ["<pad>", *sorted(set(figure.data["words"]))]
    x = net["E"][[words.index(word) for word in ("the", "singer", "Paris")]]

    def loss(x):
        z = net["W2"] @ np.tanh(net["W1"] @ x.ravel() + net["b1"]) + net["b2"]
        return np.log(np.exp(z).sum()) - z[0]  # a singer is O

    assert n["words"] == ["the", "singer", "Paris"]
    assert n["own"] == pytest.approx(loss(x), rel=1e-9)
    assert n["heat"] == pytest.approx(np.linalg.norm(gradient(loss, x), axis=1), rel=1e-5)


def test_a_row_gets_the_sum_of_its_places(figure):
    """The gradient of the whole table, as training sees it, holds this very sum."""
    parameters = figure.data["nets"][2][0]
    words = ["<pad>", *sorted(set(figure.data["words"]))]
    net = Sequential(Embedding(len(words), 4), Flatten(), Linear(20, 16), Tanh(), Linear(16, 6))
    names = ("0.weight", "2.weight", "2.bias", "4.weight", "4.bias")
    set_state(
        net,
        {f"layers.{name}": np.array(x) for name, x in zip(names, parameters.values(), strict=True)},
    )
    ids = np.split(np.array([words.index(word) for word in figure.data["words"]]), [9])
    truth = np.array(figure.data["truth"])
    cross_entropy(net(context_windows(ids, 2)), truth, reduction="sum").backward()
    table = np.asarray(net.layers[0].weight.grad)
    for place, word in enumerate(figure.data["words"], 1):
        n = figure.numbers({"place": place, "window": 2, "stage": "before training"})
        assert n["sum"] == pytest.approx(table[words.index(word)], abs=1e-12)
        assert n["row"] == pytest.approx(np.linalg.norm(n["sum"]))


@pytest.mark.parametrize("capitals", [0, 3])
def test_of_a_tagger_of_ones_own(capitals):
    tagger = WindowTagger.for_sentences(
        LABELED,
        minimum=1,
        reach=1,
        size=5,
        hidden=(7,),
        capitals=capitals,
        dropout=0.4,
        rng=np.random.default_rng(3),
        dtype=np.float64,
    )
    figure = explore.window_heat(tagger, LABELED)
    x, truth = tagger.examples(LABELED)
    tagger.eval()
    cross_entropy(tagger(x), truth, reduction="sum").backward()
    table = np.asarray(tagger.layers[0].words.weight.grad)
    row = tagger.vocabulary.ids(["oslo" if capitals else "Oslo"])[0]
    n = figure.numbers({"place": 3})
    assert n["words"] == ["left", "Oslo", "."]
    assert n["places"] == [3, 5] and "floor" not in n and n["uses"] == 2
    assert n["row"] == pytest.approx(np.linalg.norm(table[row]))
    assert n["word"][2] == tagger.tag(["Anna", "left", "Oslo", "."])[2]


def test_what_it_does_not_take():
    tagger = WindowTagger.for_sentences(LABELED, minimum=1, size=4, hidden=(4,))
    with pytest.raises(TypeError, match=r"^window_heat: tagger must be a WindowTagger, found 3$"):
        explore.window_heat(3, LABELED)
    message = (
        "window_heat: give labeled sentences with your tagger, such as corpus.dev[:20]",
        "window_heat: expected 1 ... 20 sentences, found 21: take a part of them, such as "
        "corpus.dev[:20]",
        "window_heat: a sentence is a list of (token, tag), for the loss needs the true tags; "
        "found ['Anna', 'left']",
        "window_heat: expected 1 ... 500 words in all, found 600",
    )
    for error, sentences, expected in (
        (TypeError, None, message[0]),
        (ValueError, [LABELED[0]] * 21, message[1]),
        (TypeError, [["Anna", "left"]], message[2]),
        (ValueError, [LABELED[1] * 300], message[3]),
    ):
        with pytest.raises(error, match=f"^{re.escape(expected)}$"):
            explore.window_heat(tagger, sentences)
    with pytest.raises(ValueError, match="the tags ORG are new"):
        explore.window_heat(tagger, [[("Anna", "ORG")]])
