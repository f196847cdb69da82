"""What lesson 16 says of its figure, and of the projects that a learner may choose."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from course_lib import Node, explore
from course_lib.data import IRIS_TEST_ROWS, Standardizer, load_entities, load_iris
from course_lib.functions import embedding, linear, softplus, tanh
from course_lib.losses import binary_cross_entropy_with_logits, cross_entropy
from course_lib.optimizers import Adam


def softsign(u):
    x = u.value
    return Node(x / (1 + abs(x)), "softsign", (u, lambda delta: delta / (1 + abs(x)) ** 2))


@pytest.fixture(scope="module")
def siamese():
    """The lesson's figure, and the reports of its two flowers worked out by hand."""
    x, x_other = np.array([1.0, 0.0, 2.0]), np.array([0.0, 1.0, 1.0])
    w = Node([1.0, -0.5, 0.5], name="w")
    d = softsign(w @ x) - softsign(w @ x_other)
    first, second = 2 * d.value / 9 * x, -2 * d.value * x_other  # slopes of s at 2 and 0: 1/9, 1
    return explore.backprop(d * d), first, second


def held_by_w(figure, overwrite=False, depth_first=False):
    settings = {"step": 999, "op": "the start", "overwrite": overwrite, "dive": depth_first}
    return figure.numbers(settings | {"view": "Follow"})["leaf0"]


def test_both_reports_reach_w(siamese):
    figure, first, second = siamese
    np.testing.assert_allclose(held_by_w(figure), first + second)


def test_overwriting_leaves_half_of_the_first_flowers_report(siamese):
    figure, first, _ = siamese
    np.testing.assert_allclose(held_by_w(figure, overwrite=True), first / 2)


def test_depth_first_brings_five_reports_where_two_are_due(siamese):
    figure, first, second = siamese
    np.testing.assert_allclose(held_by_w(figure, depth_first=True), 5 / 2 * (first + second))


def test_with_319_mistakes_the_slip_says_different_to_every_pair():
    iris, test = load_iris(), np.array(IRIS_TEST_ROWS)
    train = np.setdiff1d(np.arange(150), test)
    X = Standardizer(iris.inputs[train]).transform(iris.inputs)

    def pairs(rows):
        i, j = np.triu_indices(len(rows), 1)
        return X[rows[i]], X[rows[j]], (iris.targets[rows[i]] == iris.targets[rows[j]]) * 1.0

    def logits(first, second, W, a, b, c):
        d = softsign(linear(first, W, a)) - softsign(linear(second, Node(W.value), Node(a.value)))
        return b - c * (d * d).sum(axis=1)

    def wrong_and_same(seed):
        first, second, same = pairs(train)  # sorted: setosa, versicolor, virginica
        W = Node(np.random.default_rng(seed).normal(0, 0.5, (2, 4)))
        parameters = [W, Node(np.zeros(2)), Node(1.0), Node(4.0)]
        optimizer = Adam(parameters, 0.05)
        for _ in range(300):
            z = logits(first, second, *parameters)
            binary_cross_entropy_with_logits(z, same).backward()
            optimizer.step()
        first, second, same = pairs(test)
        said_same = logits(first, second, *parameters).value > 0
        return np.sum(said_same != same), np.sum(said_same)

    assert [wrong_and_same(seed) for seed in (1, 2)] == [(319, 0), (319, 0)]


def test_project_a_softplus_units_beat_the_commonest_class():
    iris, test = load_iris(), np.array(IRIS_TEST_ROWS)
    train = np.setdiff1d(np.arange(150), test)
    X, y = Standardizer(iris.inputs[train]).transform(iris.inputs), iris.targets
    rng = np.random.default_rng(16)
    parameters = [
        Node(rng.normal(0, 0.5, (8, 4))),
        Node(np.zeros(8)),
        Node(rng.normal(0, 0.35, (3, 8))),
        Node(np.zeros(3)),
    ]

    def logits(rows):
        W1, b1, W2, b2 = parameters
        return linear(softplus(linear(X[rows], W1, b1)), W2, b2)

    optimizer = Adam(parameters, 0.05)
    for _ in range(200):
        cross_entropy(logits(train), y[train]).backward()
        optimizer.step()
    right = np.mean(logits(test).value.argmax(axis=1) == y[test])
    commonest = np.mean(y[test] == np.bincount(y[train]).argmax())
    assert commonest < 0.4
    assert right > 0.9


def test_project_c_a_filter_over_words_beats_each_words_commonest_tag():
    corpus = load_entities()
    tags = sorted({tag for sentence in corpus.train for _, tag in sentence})
    seen = defaultdict(Counter)
    for sentence in corpus.train:
        for word, tag in sentence:
            seen[word][tag] += 1
    known = {word: k for k, word in enumerate(sorted(seen), start=2) if seen[word].total() > 1}

    def windows(sentences):
        ids, targets = [], []
        for sentence in sentences:
            padded = [0, *(known.get(word, 1) for word, _ in sentence), 0]
            ids += [padded[t : t + 3] for t in range(len(sentence))]
            targets += [tags.index(tag) for _, tag in sentence]
        return np.array(ids), np.array(targets)

    ids, targets = windows(corpus.train)
    test_ids, test_targets = windows(corpus.test)
    rng = np.random.default_rng(16)
    table = Node(rng.normal(size=(len(seen) + 2, 16)))
    filters, output = (
        Node(rng.normal(0, 0.15, (48, 48))),
        Node(rng.normal(0, 0.15, (len(tags), 48))),
    )

    def logits(ids):
        return linear(tanh(linear(embedding(table, ids).reshape(len(ids), 48), filters)), output)

    optimizer = Adam([table, filters, output], 0.01)
    for _ in range(3):
        order = rng.permutation(len(ids))
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            cross_entropy(logits(ids[rows]), targets[rows]).backward()
            optimizer.step()
    right = np.mean(logits(test_ids).value.argmax(axis=1) == test_targets)
    by_heart = np.mean(
        [
            (seen[word].most_common(1)[0][0] if word in seen else "O") == tag
            for sentence in corpus.test
            for word, tag in sentence
        ]
    )
    assert right > by_heart + 0.01
