"""Heat on a window (chapter 14): which words hear of a mistake, and what a word used twice learns.

A small network reads a word, or the word and its neighbors, and says which tag it has. From the
loss of this word an error signal δ comes back to the vector of every word in the window: the heat.
Vectors are parameters here, so the answer to "why no gradient for the inputs?" turns around: the
input is what is learned.

Look at "Paris" with the word alone: it is a person in the first sentence and a city in the second.
Both places use one row of the table E, a fork, and that row gets the sum of what they send back.
Trained, each still sends much, and the sum is next to nothing: the network has stopped between two
truths, at the floor 4 ln 2 / 22 = 0.1260. Let it see one neighbor, and both are told apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import ClassVar

import numpy as np

from ..functions import concatenate, softmax
from ..graph import Node
from ..layers import Embedding, Flatten, Linear, Sequential, Tanh, get_state, set_state
from ..losses import cross_entropy
from ..models import WindowTagger
from ..optimizers import SGD
from ..progress import progress_bar
from ..text import PAD, context_windows
from ..values import shown
from .controls import Choice, Slider
from .figure import Figure, in_words

SENTENCES = tuple(
    tuple(tuple(word.split("/")) for word in line.split())
    for line in (
        "the/O singer/O Paris/PER Hilton/PER danced/O in/O a/O silver/O dress/O",
        "last/DATE May/DATE Julia/PER Stone/PER stayed/O at/O the/O Hilton/LOC Hotel/LOC in/O "
        "Paris/GPE for/O work/O",
    )
)
TAGS = ("O", "PER", "ORG", "LOC", "GPE", "DATE")
WORDS = (PAD, *sorted({word for sentence in SENTENCES for word, _ in sentence}))
RECIPES = ((1.0, 5000), (0.5, 2000), (0.5, 2000))  # learning rate and steps, by neighbors
STAGES = {"before training": 0, "after 5 steps": 5, "after 50 steps": 50, "trained": None}
LAYERS = {
    "E": "layers.0.weight",
    "W1": "layers.2.weight",
    "b1": "layers.2.bias",
    "W2": "layers.4.weight",
    "b2": "layers.4.bias",
}
BARS = 6  # tags that are shown, the most probable ones and the true one
PLACES = 12  # of one row that are listed
MOST = 20  # sentences of the learner's


class WindowHeat(Figure):
    title = "Heat on a window: who hears of a mistake"
    caption = (
        "Choose a word, with the slider or by a click. Heat: the length of the error signal δ that "
        "the loss of this word, −ln ŷ(true tag), sends to the vector of each word in its window. "
        "Right: a row of the table E gets the sum of what all its places send back, from every "
        "window that reads them. ✗ marks words whose most probable tag is wrong."
    )
    alt = (
        "Two sentences of 22 words, in which Paris is first a person and later a city. The network "
        "sees the word alone: for Paris it says PER and GPE with 0.5 each. From both places an "
        "error signal of the same length comes back to the one vector of Paris, and their sum is "
        "next to nothing. 20 of 22 words are right, and the loss has stopped at its floor, 0.126."
    )
    labels: ClassVar = {
        "word": "word, its true tag, its most probable tag",
        "words": "words of the window",
        "heat": "length of δ at each of them",
        "tags": "tags",
        "yhat": "ŷ, their probabilities",
        "own": "loss of this word, −ln ŷ(true tag)",
        "uses": "words that use this row of E",
        "places": "their places",
        "shares": "length of what each of them sends back",
        "row": "length of the sum",
        "vectors": "what each of them sends back",
        "sum": "the sum, gradient of the row",
        "right": "words that are right",
        "count": "of words",
        "loss": "mean loss of all words",
        "floor": "the least that this window allows",
    }

    def __init__(self, data: Mapping, controls: Sequence):
        self.controls = controls
        self._found = {}
        super().__init__(data)

    def numbers(self, settings: Mapping) -> dict:
        data, place = self.data, settings["place"] - 1
        reach = settings.get("window", data.get("reach"))
        found = self._signals(settings)
        slots = context_windows(_places(data["lengths"]), reach)[place]
        yhat, truth = np.asarray(found["yhat"]), np.array(data["truth"])
        best, own = yhat.argmax(axis=1), -np.log(yhat[np.arange(len(truth)), truth])
        kept = sorted(np.argsort(-yhat[place], kind="stable")[:BARS])
        if truth[place] not in kept:
            kept = sorted([*np.argsort(-yhat[place], kind="stable")[: BARS - 1], truth[place]])
        rows = data["rows"]
        others = [i for i in range(len(rows)) if rows[i] == rows[place] and i != place]
        same = sorted([place, *others][:PLACES])
        numbers = {
            "word": [
                data["words"][place],
                data["tags"][truth[place]],
                data["tags"][best[place]],
            ],
            "words": [data["words"][i - 1] if i else PAD for i in slots],
            "heat": found["heat"][place],
            "tags": [data["tags"][k] for k in kept],
            "yhat": yhat[place, kept],
            "own": own[place],
            "uses": 1 + len(others),
            "places": [i + 1 for i in same],
            "shares": [found["shares"][i] for i in same],
            "row": found["sums"][place],
            "right": int(np.sum(best == truth)),
            "count": len(truth),
            "loss": own.mean(),
            "wrong": [i + 1 for i in np.flatnonzero(best != truth)],
            "slots": slots,
        }
        if "nets" in data:
            vectors = found["vectors"][same]
            numbers |= {
                "vectors": vectors,
                "sum": vectors.sum(axis=0),
                "floor": data["floors"][reach],
            }
        return numbers

    def _signals(self, settings: Mapping) -> Mapping:
        """What comes back to every word: the learner's is in the data, the small network's is
        computed once for each window and stage."""
        if "nets" not in self.data:
            return self.data
        key = settings["window"], settings["stage"]
        if key not in self._found:
            parameters = self.data["nets"][key[0]][list(STAGES).index(key[1])]
            self._found[key] = _small_signals(_with(parameters), key[0])
        return self._found[key]


def _places(lengths: Sequence[int]) -> list:
    """The places of all words, 1, 2, 3 ..., sentence by sentence: 0 is left for the padding."""
    return np.split(np.arange(1, sum(lengths) + 1), np.cumsum(lengths)[:-1])


def _backward(vectors, rest, truth, slots, rows) -> dict:
    """The error signals of each word's own loss at the vectors (n, window, size) of its window,
    and their sums: over the windows that a place stands in, and over the places of a row."""
    e = Node(vectors)
    z = rest(e)
    cross_entropy(z, truth, reduction="sum").backward()
    shares = np.zeros((len(truth) + 1, vectors.shape[2]))
    np.add.at(shares, slots, e.grad)
    shares = shares[1:]
    totals = np.zeros((max(rows) + 1, vectors.shape[2]))
    np.add.at(totals, rows, shares)
    return {
        "yhat": softmax(z.value.astype(float)).value,
        "heat": np.linalg.norm(e.grad, axis=2),
        "vectors": shares,
        "shares": np.linalg.norm(shares, axis=1),
        "sums": np.linalg.norm(totals[rows], axis=1),
    }


def _examples(reach: int):
    """Ids of the words in each window (22, 2 reach + 1), and the tags."""
    ids = [np.array([WORDS.index(word) for word, _ in sentence]) for sentence in SENTENCES]
    tags = np.array([TAGS.index(tag) for sentence in SENTENCES for _, tag in sentence])
    return context_windows(ids, reach), tags


def _network(reach: int) -> Sequential:
    rng, inputs = np.random.default_rng(0), 4 * (2 * reach + 1)
    net = Sequential(
        Embedding(len(WORDS), 4, rng=rng), Flatten(), Linear(inputs, 16), Tanh(), Linear(16, 6)
    )
    net.layers[2].weight.value = rng.normal(0, inputs**-0.5, (16, inputs))
    net.layers[4].weight.value = rng.normal(0, 1 / 4, (6, 16))
    return net


def _with(parameters: Mapping) -> Sequential:
    """The network that has these parameters."""
    reach = (np.shape(parameters["W1"])[1] // 4 - 1) // 2
    net = _network(reach)
    set_state(net, {LAYERS[name]: np.array(parameters[name]) for name in LAYERS})
    return net


def _small_signals(net: Sequential, reach: int) -> dict:
    x, tags = _examples(reach)
    slots = context_windows(_places([len(sentence) for sentence in SENTENCES]), reach)
    vectors = net.layers[0].weight.value[x]
    return _backward(vectors, Sequential(*net.layers[1:]), tags, slots, x[:, reach])


@cache
def _trained() -> list[list[dict]]:
    """The parameters of the three networks, at every stage."""
    found = [[] for _ in RECIPES]
    bar = progress_bar(total=sum(steps for _, steps in RECIPES), desc="three small networks")
    for reach, (rate, steps) in enumerate(RECIPES):
        net, (x, tags) = _network(reach), _examples(reach)
        optimizer = SGD(net.parameters(), rate)
        stops = [steps if stop is None else stop for stop in STAGES.values()]
        for step in range(steps + 1):
            if step in stops:
                state = get_state(net)
                found[reach].append({name: state[LAYERS[name]] for name in LAYERS})
            cross_entropy(net(x), tags).backward(free=True)
            optimizer.step()
            bar.update(step > 0)
    bar.close()
    return found


def _floor(reach: int) -> float:
    """The mean loss of whoever knows how often each tag goes with each window, and no more."""
    x, tags = _examples(reach)
    windows = [tuple(row) for row in x]
    pairs, alone = Counter(zip(windows, tags, strict=True)), Counter(windows)
    return sum(n * np.log(alone[window] / n) for (window, _), n in pairs.items()) / len(tags)


def window_heat(tagger=None, sentences=None) -> WindowHeat:
    """The error signal that comes back to each word of a window, and the sum at a word used twice.

    tagger: your own trained course_lib.models.WindowTagger; by default small networks on two
        sentences about Paris Hilton, with the word alone, one and two neighbors on each side.
    sentences: for your tagger, 1 ... 20 labeled sentences, lists of (token, tag) such as
        corpus.dev[:20], at most 500 words: what comes back is computed for these, once.

    Raises TypeError or ValueError for anything else, and for a tag that your tagger does not know.
    """
    if tagger is None and sentences is None:
        return _default()
    if not isinstance(tagger, WindowTagger):
        raise TypeError(f"window_heat: tagger must be a WindowTagger, found {shown(tagger)}")
    if sentences is None:
        raise TypeError(
            "window_heat: give labeled sentences with your tagger, such as corpus.dev[:20]"
        )
    return _of_tagger(tagger, _checked(sentences))


def _checked(sentences) -> list[list[tuple[str, str]]]:
    sentences = [] if isinstance(sentences, str) else list(sentences)
    if not 1 <= len(sentences) <= MOST:
        raise ValueError(
            f"window_heat: expected 1 ... {MOST} sentences, found {len(sentences)}: "
            "take a part of them, such as corpus.dev[:20]"
        )
    for sentence in sentences:
        if isinstance(sentence, str) or not all(
            isinstance(pair, tuple | list) and len(pair) == 2 for pair in sentence
        ):
            raise TypeError(
                "window_heat: a sentence is a list of (token, tag), for the loss needs the true "
                f"tags; found {shown(sentence)}"
            )
    count = sum(map(len, sentences))
    if not 1 <= count <= 500:
        raise ValueError(f"window_heat: expected 1 ... 500 words in all, found {count}")
    return [list(map(tuple, sentence)) for sentence in sentences if len(sentence)]


def _place_slider(sentences, value: int) -> Slider:
    words = [word for sentence in sentences for word, _ in sentence]
    texts = tuple(f"{i}: {word}" for i, word in enumerate(words, 1))
    return Slider("place", "word", 1, len(words), 1, value, texts=texts)


def _default() -> WindowHeat:
    rows = _examples(0)[0][:, 0]
    nets = _trained()
    stages = list(STAGES)
    data = {
        "words": [word for sentence in SENTENCES for word, _ in sentence],
        "lengths": [len(sentence) for sentence in SENTENCES],
        "tags": TAGS,
        "truth": _examples(0)[1],
        "rows": rows,
        "stages": stages,
        "nets": nets,
        "floors": [_floor(reach) for reach in range(len(RECIPES))],
    }
    data["most"] = [
        max(float(_small_signals(_with(stage), reach)["heat"].max()) for stage in of_reach)
        for reach, of_reach in enumerate(nets)
    ]
    controls = (
        _place_slider(SENTENCES, 3),
        Slider(
            "window",
            "neighbors on each side",
            0,
            2,
            1,
            0,
            texts=("none", "one", "two"),
        ),
        Choice("stage", "the network", stages, stages[-1]),
    )
    return WindowHeat(data, controls)


def _of_tagger(tagger: WindowTagger, sentences: list) -> WindowHeat:
    x, truth = tagger.examples(sentences)
    tagger.eval()
    table, rest = tagger.layers[0], Sequential(*tagger.layers[1:])
    lengths, rows = [len(sentence) for sentence in sentences], x[:, 0, tagger.reach]

    def forward(e):
        parts = [e] if table.capitals is None else [e, table.capitals(x[:, 1])]
        return rest(concatenate([part.reshape(len(x), -1) for part in parts], axis=1))

    vectors = table.words.weight.value[x[:, 0]]
    slots = context_windows(_places(lengths), tagger.reach)
    found = _backward(vectors, forward, truth, slots, rows)
    data = {
        "words": [word for sentence in sentences for word, _ in sentence],
        "lengths": lengths,
        "tags": tagger.tags,
        "truth": truth,
        "rows": rows,
        "reach": tagger.reach,
        "entries": [tagger.vocabulary.words[row] for row in rows],
        "most": float(found["heat"].max()),
        **{name: found[name].astype(float) for name in ("yhat", "heat", "shares", "sums")},
    }
    wrong = np.flatnonzero(found["yhat"].argmax(axis=1) != truth)
    first = int(wrong[0]) + 1 if len(wrong) else 1
    figure = WindowHeat(data, (_place_slider(sentences, first),))
    figure.alt = (
        f"Your tagger on {len(truth)} words of {len(lengths)} sentences, of which it tags "
        f"{len(wrong)} wrong, with {tagger.reach} words on each side."
    )
    figure.own_still = in_words(figure.alt, "Run this cell to see who hears of its mistakes.")
    figure.caption = (
        f"Your tagger on a fixed list of {len(lengths)} sentences. {WindowHeat.caption}"
    )
    figure.spec = figure.spec | {"caption": figure.caption}
    return figure
