"""The next word (chapter 15): how much a model knows that sees no word, one word, two words.

Type the beginning of a sentence. The bars say which word may come next; the marks on them say what
came next in the text. The model with one word of context has learned "a long long road ran to a
village far far off" as well as it ever can, and still halts at 6 ln 2 / 10 = 0.4159 nats a word:
after "a" came "long" once and "village" once, and whoever reads "a" alone cannot know which. Give
it two words, and nothing is left to doubt.

Below, how a text is written: a dart is thrown at a strip on which each word is as wide as it is
probable. "Next word" writes the word that was hit, and the model reads on from there.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import ClassVar

import numpy as np

from ..functions import softmax
from ..graph import no_grad
from ..layers import (
    Embedding,
    Flatten,
    Linear,
    Sequential,
    Tanh,
    get_state,
)
from ..losses import cross_entropy
from ..models import WindowLanguageModel
from ..optimizers import SGD
from ..text import END, PAD, UNKNOWN, Vocabulary, next_word_windows, tokenize
from ..training import fit
from ..values import shown
from .controls import Button, Entry, Slider
from .figure import Figure, halves, in_words

SENTENCE = "a long long road ran to a village far far off"
TEXT = tuple(SENTENCE.split())
WORDS = tuple(sorted(set(TEXT)))
IDS = np.array([WORDS.index(word) for word in TEXT])
CONTEXTS = 2  # the longest of the small models
STEPS = 5000
BARS = 8
LONGEST = 200  # characters of the line
ROOM = 590_000  # bytes that may travel
EXAMPLES = (
    "a long long road ran to a",
    "a",
    "",
    " ",
    "long",
    "a long",
    "long long",
    "far",
    "far far",
    "far far off",
    "off",
    "village",
    "to a village",
    "road ran to",
    "A Long  road",
    "  a   village   far ",
    "the",
    "the dog ran to",
    "a dog",
    "dog a",
    "a long, long road",
    "Off we go!",
    "ran, ran, ran",
    "far a",
    "it's far",
    "1,500 roads",
    "Dr. Grey didn't go to a",
    "<unk> long",
    "a </s> far",
    "ÉTÉ à la village",
    "3-2 far",
    "twenty-one villages far",
    "road road road road road road road road road road",
)


class NextWord(Figure):
    title = "The next word: type a beginning, and let it write"
    caption = (
        "Three models of “a long long road ran to a village far far off”: they read none, one and "
        "two words. Bars: their prediction ŷ; marks: what came next in the text. The dart is a "
        "random number u between 0 and 1; drag it, or let Next word write and throw again."
    )
    alt = (
        "After “a long long road ran to a” the model that reads one word, “a”, gives long and "
        "village 0.5 each, as both came next in the text once. Its loss has stopped at 0.4162, its "
        "floor is 0.4159; with no word of context it is 2.02, with two it is nearly 0. A dart at "
        "0.3 on a strip of the words, each as wide as it is probable, hits long."
    )
    labels: ClassVar = {
        "reads": "words that it reads",
        "unknown": "words that it does not know",
        "top": "most probable next words",
        "p": "their probabilities",
        "observed": "how often each came next in the text",
        "rest": "all other words together",
        "hesitation": "as unsure as between so many words",
        "hesitations": "the same by words of context, 0, 1, 2 ...",
        "u": "the dart, a random number u",
        "drawn": "the word that it hits",
        "losses": "loss on the text by words of context, nats a word",
        "floors": "the least possible",
    }

    def __init__(self, data: Mapping, models, context: int, examples: Sequence[str]):
        self.controls = (
            Entry("text", "beginning", examples[0], examples, LONGEST),
            Slider("context", "words of context", 0, data["contexts"], 1, context),
            Slider("u", "the dart u", 0.0, 0.999, 0.001, 0.3),
            Button("write", "Next word"),
            Button("erase", "New text"),
        )
        self.models = models
        super().__init__(data)

    def numbers(self, settings: Mapping) -> dict:
        words, u = self.data["words"], settings["u"]
        tokens = self._tokens(settings["text"])
        known = [token in words for token in tokens]
        unknown = [token for token, is_known in zip(tokens, known, strict=True) if not is_known]
        lengths = range(self.data["contexts"] + 1)
        contexts = [self._context(tokens, known, n) for n in lengths]
        by_context = [self._prediction(context) for context in contexts]
        context, p = contexts[settings["context"]], by_context[settings["context"]]
        order = np.argsort(-p, kind="stable")
        top = [words[k] for k in order[:BARS]]
        drawable = np.where(np.isin(words, (PAD, UNKNOWN)), 0, p)
        reached = np.cumsum(drawable[order]) > u * drawable.sum()
        numbers = {
            "tokens": tokens,
            "context": context,
            "reads": " ".join(context) or "none",
            "unknown": ", ".join(dict.fromkeys(unknown)) or "none",
            "top": top,
            "p": p[order[:BARS]],
            "rest": _clean(1 - p[order[:BARS]].sum()),
            "hesitation": _hesitation(p),
            "hesitations": [_hesitation(p) for p in by_context],
            "u": u,
            "drawn": words[order[np.argmax(reached)]],
            "next": _thrown(1000 * len(tokens) + round(1000 * u)),
        }
        if "losses" in self.data:
            after = _followers(context)
            numbers |= {
                "observed": [after.count(word) for word in top],
                "losses": self.data["losses"],
                "floors": self.data["floors"],
            }
        return numbers

    def _tokens(self, text: str) -> list[str]:
        """Tokens as written or, where that is unknown, in small letters: those of the sentence
        that has begun, for a model that knows the end of one."""
        words, found = self.data["words"], []
        for part in re.split(f"({END}|{UNKNOWN})", text):
            for token in [part] if part in (END, UNKNOWN) else tokenize(part):
                found.append(token if token in words else token.lower())
        if END in words and END in found:
            found = found[len(found) - found[::-1].index(END) :]
        return found

    def _context(self, tokens: list[str], known: list[bool], n: int) -> list[str]:
        """The last n tokens or fewer. The small models cannot read beyond an unknown word; the
        learner's reads <unk> for it."""
        start = max(0, len(tokens) - n)
        if isinstance(self.models, WindowLanguageModel):
            pairs = zip(tokens[start:], known[start:], strict=True)
            return [token if is_known else UNKNOWN for token, is_known in pairs]
        since = len(known) - known[::-1].index(False) if False in known else 0
        return tokens[max(start, since) :]

    def _prediction(self, context: list[str]) -> np.ndarray:
        """The probability of every word after these."""
        if isinstance(self.models, WindowLanguageModel):
            return self.models.next_words(context)
        ids = np.array([[WORDS.index(token) for token in context]], np.int64)
        with no_grad():
            return softmax(self.models[len(context)](ids)).value[0]


def _clean(x: float) -> float:
    return float(x) if abs(x) > 1e-9 else 0.0


def _hesitation(p) -> float:
    """The perplexity of a distribution: of how many equally probable words it makes one think."""
    some = p[p > 0]
    return float(np.exp(-np.sum(some * np.log(some))))


def _thrown(seed: int) -> float:
    """A random number 0, 0.001 ... 0.999: mulberry32, whose integers are exact in any language."""
    a = (seed + 0x6D2B79F5) & 0xFFFFFFFF
    t = ((a ^ a >> 15) * (a | 1)) & 0xFFFFFFFF
    t ^= (t + (((t ^ t >> 7) * (t | 61)) & 0xFFFFFFFF)) & 0xFFFFFFFF
    return (1000 * (t ^ t >> 14) >> 32) / 1000


def _followers(context: Sequence[str]) -> list[str]:
    """The words that came after these words in the text."""
    n = len(context)
    return [TEXT[i + n] for i in range(len(TEXT) - n) if list(TEXT[i : i + n]) == list(context)]


class _Counts:
    """The model that reads nothing: every word as often as it stands in the text."""

    def __call__(self, x):
        counts = np.bincount(IDS, minlength=len(WORDS))
        return np.log(counts / counts.sum())[None].repeat(len(x), axis=0)


def _small(n: int) -> Sequential:
    rng, size = np.random.default_rng(0), 3
    net = Sequential(
        Embedding(len(WORDS), size, rng=rng),
        Flatten(),
        Linear(n * size, 16),
        Tanh(),
        Linear(16, len(WORDS)),
    )
    net.layers[2].weight.value = rng.normal(0, (n * size) ** -0.5, (16, n * size))
    net.layers[4].weight.value = rng.normal(0, 1 / 4, (len(WORDS), 16))
    return net


@cache
def _trained() -> list:
    """The models that read 0, 1 and 2 words."""
    models = [_Counts()]
    for n in range(1, CONTEXTS + 1):
        net = _small(n)
        optimizer = SGD(net.parameters(), 0.5)
        fit(net, cross_entropy, *next_word_windows(IDS, n), optimizer=optimizer, epochs=STEPS)
        models.append(net)
    return models


def _loss(model, n: int) -> float:
    contexts, targets = next_word_windows(IDS, n)
    with no_grad():
        return cross_entropy(model(contexts), targets).value


def _floor(n: int) -> float:
    """The mean loss of whoever knows how often each word comes after each context, and no more."""
    pairs = [(TEXT[i : i + n], TEXT[i + n]) for i in range(len(TEXT) - n)]
    shares = [_followers(context).count(word) / len(_followers(context)) for context, word in pairs]
    return float(-np.mean(np.log(shares)))


def next_word(model=None) -> NextWord:
    """Type a beginning; see what may come next, with a shorter or longer context, and let it write.

    model: your own trained course_lib.models.WindowLanguageModel; by default small models of a
        text of eleven words, which read none, one and two words. Of your model the figure holds a
        copy with 8 bits a weight, and only the most frequent words if there are too many to travel
        with a notebook: the caption says how many.

    Raises TypeError for anything else, ValueError for a model of which no hundred words fit.
    """
    if model is None:
        return _default()
    if not isinstance(model, WindowLanguageModel):
        raise TypeError(f"next_word: model must be a WindowLanguageModel, found {shown(model)}")
    return _of_model(model)


def _default() -> NextWord:
    models = _trained()
    data = {
        "words": WORDS,
        "text": TEXT,
        "contexts": CONTEXTS,
        "nets": [[_as_it_is(x) for x in get_state(model).values()] for model in models[1:]],
        "losses": [_loss(model, n) for n, model in enumerate(models)],
        "floors": [_floor(n) for n in range(len(models))],
    }
    return NextWord(data, models, 1, EXAMPLES)


def _as_it_is(x) -> dict:
    return {"shape": x.shape, "values": x.ravel()}


def _of_model(model: WindowLanguageModel) -> NextWord:
    tables = [parameter.value for parameter in model.parameters()]  # E, W1, b1, W2, b2
    if not all(np.isfinite(x).all() for x in tables):
        raise ValueError("next_word: the weights of this model are not finite: train it anew")
    count, all_words = _words_that_fit(model, tables), model.vocabulary.words
    words = all_words[:count]
    packed = [_bytes(x[:count] if k in (0, 3, 4) else x) for k, x in enumerate(tables)]
    sizes = {key: model.settings[key] for key in ("n", "size", "hidden")}
    copy = WindowLanguageModel(Vocabulary(words), **sizes, dtype=np.float64)
    for parameter, table in zip(copy.parameters(), packed, strict=True):
        parameter.value = _floats(table)
    start = " ".join(copy.write(temperature=0, longest=model.n))[:LONGEST]
    figure = NextWord(
        {"words": words, "contexts": model.n, "nets": packed},
        copy,
        model.n,
        (start, "", "the", "He said", "she didn't", "<unk> of", "the end. </s> Then"),
    )
    known = _known(count, len(all_words) - count)
    figure.alt = f"Your language model with {model.n} words of context. {known}"
    figure.own_still = in_words(figure.alt, "Run this cell to see what it predicts.")
    figure.caption = (
        f"A copy of your model with 8 bits a weight. {known} With fewer than {model.n} words of "
        f"context it sees {PAD} before them, as at the beginning of a sentence; {END} is the end "
        "of one. Drag the dart, or let Next word write."
    )
    figure.spec = figure.spec | {"caption": figure.caption}
    return figure


def _known(count: int, left_out: int) -> str:
    if not left_out:
        return f"It knows {count:,} words."
    return (
        f"It holds the {count:,} most frequent words; the other {left_out:,} would not fit into a "
        f"notebook, are read as {UNKNOWN} and never predicted."
    )


def _words_that_fit(model: WindowLanguageModel, tables) -> int:
    """How many words can travel: base64 makes four bytes of three."""
    size, hidden = model.settings["size"], model.settings["hidden"]
    left = ROOM - 4 / 3 * (tables[1].size + 5 * hidden)
    each = [4 / 3 * (size + hidden + 5) + len(json.dumps(w)) + 2 for w in model.vocabulary.words]
    count = int(np.sum(np.cumsum(each) <= left))
    if count < min(100, len(each)):
        raise ValueError(
            f"next_word: only {count} words of this model fit into {ROOM / 1000:.0f} kB, expected "
            f"100: its W1 alone, {tables[1].shape}, takes {4 / 3 * tables[1].size / 1000:.0f} kB"
        )
    return count


def _bytes(x) -> dict:
    """A table with 8 bits an entry, and for each row a scale of 16."""
    rows = np.atleast_2d(x).astype(float)
    scales = np.maximum(np.abs(rows).max(axis=1) / 127, 2**-14).astype(np.float16)
    entries = np.clip(np.rint(rows / scales[:, None].astype(float)), -127, 127).astype(np.int8)
    return {
        "shape": list(np.shape(x)),
        "scales": halves(scales),
        "bytes": base64.b64encode(entries.tobytes()).decode(),
    }


def _floats(table: Mapping) -> np.ndarray:
    scales = np.frombuffer(base64.b64decode(table["scales"]["half"]), "<f2").astype(float)
    entries = np.frombuffer(base64.b64decode(table["bytes"]), np.int8).astype(float)
    return (entries.reshape(len(scales), -1) * scales[:, None]).reshape(table["shape"])
