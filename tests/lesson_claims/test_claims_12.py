"""What lesson 12 says, or tells the lecturer, without a cell that shows it."""

import numpy as np
import pytest

from course_lib import explore
from course_lib.data import IRIS_TEST_ROWS, load_digits, load_iris
from course_lib.explore.stop_now import STEPS
from course_lib.layers import Linear, Residual, Sequential, Sigmoid, Tanh
from course_lib.losses import cross_entropy
from course_lib.optimizers import SGD, Adam
from course_lib.training import fit


def moons(rng, count):
    half = count // 2
    a, b = rng.uniform(0, np.pi, half), rng.uniform(0, np.pi, half)
    upper, lower = np.c_[np.cos(a), np.sin(a)], np.c_[1 - np.cos(b), 0.5 - np.sin(b)]
    points = np.concatenate([upper, lower]) + rng.normal(0, 0.3, (count, 2))
    return points, np.repeat([0.0, 1.0], half)[:, None]


def start(seed):
    rng = np.random.default_rng(seed)
    data, fresh = moons(rng, 30), moons(rng, 500)
    W1 = rng.normal(0, 1 / np.sqrt(2), (50, 2)).T
    return *data, *fresh, W1, rng.normal(0, 1 / np.sqrt(50), (50, 1))


def losses_on_fresh_points(seeds, lam, steps=1500):
    """At every tenth step, a column for each seed; gradients written out by hand."""
    x, y, fresh, truth, W1, w2 = (np.stack(parts) for parts in zip(*map(start, seeds), strict=True))
    b1, b2 = np.zeros((len(seeds), 1, 50)), np.zeros((len(seeds), 1, 1))
    found = []
    for step in range(steps + 1):
        if step % 10 == 0:
            z = np.tanh(fresh @ W1 + b1) @ w2 + b2
            found.append((np.logaddexp(0, z) - truth * z).mean(axis=(1, 2)))
        a = np.tanh(x @ W1 + b1)
        delta = (1 / (1 + np.exp(-(a @ w2 + b2))) - y) / 30
        delta_1 = delta @ w2.transpose(0, 2, 1) * (1 - a * a)
        w2 = w2 - 0.5 * (a.transpose(0, 2, 1) @ delta + 2 * lam * w2)
        b2 = b2 - 0.5 * delta.sum(axis=1, keepdims=True)
        W1 = W1 - 0.5 * (x.transpose(0, 2, 1) @ delta_1 + 2 * lam * W1)
        b1 = b1 - 0.5 * delta_1.sum(axis=1, keepdims=True)
    return np.array(found)


def test_12_fresh_losses_turn_up_and_the_penalty_helps_whatever_the_seed():
    seeds = range(20)
    alone, penalized = (losses_on_fresh_points(seeds, lam) for lam in (0, 0.003))
    assert (alone[-1] > 1.1 * alone.min(axis=0)).all()
    assert (penalized[-1] < alone[-1]).all()


def game(data, penalty="0"):
    settings = {"frame": len(STEPS) - 1, "sample": data, "penalty": penalty, "revealed": True}
    return explore.stop_now().numbers(settings)


def test_12_patience_of_five_is_fooled_on_data_b_alone():
    assert [data for data in "ABCD" if game(data)["cost"] > 0] == ["B"]
    assert game("B")["best"][1] == 440
    assert game("B")["patience"][1] == 21  # the rise comes with the next record
    assert STEPS[STEPS.index(21) + 1] == 23


def test_12_the_penalty_helps_on_the_other_three_data_sets_of_the_figure():
    for data in "BCD":
        assert game(data, "0.003")["end"][1] < game(data)["end"][1]


@pytest.mark.parametrize("rate", [0.5, 0.0])
def test_12_first_weights_of_relu_layers_with_dropout(rate):
    """With survivors doubled a variance of 1/n keeps the size, without dropout 2/n does."""
    rng = np.random.default_rng(12)
    a = rng.normal(size=(200, 256))
    for _ in range(20):
        W = rng.normal(0, np.sqrt((2 - 2 * rate) / 256), (256, 256))
        a = np.maximum(a @ W, 0) * (rng.random(a.shape) >= rate) / (1 - rate)
    assert 0.2 < np.mean(a**2) < 5


def petals_in_millimeters(seed, eta):
    """How many of the 45 test flowers the network of lesson 10 gets right, trained with Adam."""
    iris, test = load_iris(), np.array(IRIS_TEST_ROWS)
    train = np.setdiff1d(np.arange(150), test)
    millimeters, rng = 10 * iris.inputs[:, 2:], np.random.default_rng(seed)
    net = Sequential(Linear(2, 4, rng=rng), Tanh(), Linear(4, 3, rng=rng))
    optimizer = Adam(net.parameters(), eta)
    inputs, targets = millimeters[train], iris.targets[train]
    fit(net, cross_entropy, inputs, targets, optimizer=optimizer, epochs=1000, progress=False)
    return (net(millimeters[test]).value.argmax(axis=1) == iris.targets[test]).sum()


def test_12_adam_with_small_steps_rescues_the_petals_and_with_large_ones_often_not():
    assert all(petals_in_millimeters(seed, 0.01) >= 40 for seed in range(5))
    assert [petals_in_millimeters(seed, 0.1) for seed in range(5)].count(13) == 3


def test_12_with_dropout_the_training_loss_rises_now_and_then():
    """Full batches, the loss taken with all units, as in the lesson."""
    x, y, _, _, W1, w2 = start(0)
    b1, b2, rng, losses = np.zeros(50), np.zeros(1), np.random.default_rng(0), []
    for step in range(1001):
        if step % 10 == 0:
            z = np.tanh(x @ W1 + b1) @ w2 + b2
            losses.append((np.logaddexp(0, z) - y * z).mean())
        a, d = np.tanh(x @ W1 + b1), 2.0 * (rng.random((30, 50)) < 0.5)
        delta = (1 / (1 + np.exp(-(a * d @ w2 + b2))) - y) / 30
        delta_1 = delta @ w2.T * d * (1 - a * a)
        w2, b2 = w2 - 0.5 * (a * d).T @ delta, b2 - 0.5 * delta.sum(axis=0)
        W1, b1 = W1 - 0.5 * x.T @ delta_1, b1 - 0.5 * delta_1.sum(axis=0)
    assert losses[-1] < 0.5 * losses[0]
    assert (np.diff(losses) > 0).sum() > 10


@pytest.mark.parametrize("seed", range(2))
def test_12_skips_around_twenty_sigmoid_layers_hardly_learn(seed):
    """Each block adds a positive number to each unit, and the sums pile up."""
    digits = load_digits()
    rows = np.random.default_rng(1212).permutation(1797)[:1079]
    inputs, targets = digits.inputs.reshape(-1, 64)[rows] / 16, digits.targets[rows]
    rng = np.random.default_rng(seed)
    blocks = [Residual(Linear(32, 32, rng=rng), Sigmoid()) for _ in range(18)]
    body = Sequential(Linear(64, 32, rng=rng), Sigmoid(), *blocks)
    net = Sequential(*body.layers, Linear(32, 10, rng=rng))
    assert body(inputs).value.min() > 3
    optimizer = SGD(net.parameters(), 0.03)
    options = {"epochs": 4, "batch_size": 32, "progress": False}
    history = fit(net, cross_entropy, inputs, targets, optimizer=optimizer, **options)
    assert history.loss[-1] > 2
