"""fit(): what it learns, when it stops, and what is left after Ctrl-C."""

import math
import re

import numpy as np
import pytest

from course_lib import Node, functions, layers, losses
from course_lib.optimizers import SGD, Adam
from course_lib.training import fit, minibatches

X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([0, 1, 1, 0])


def network(seed=0):
    rng = np.random.default_rng(seed)
    return layers.Sequential(
        layers.Linear(2, 8, rng=rng), layers.Tanh(), layers.Linear(8, 2, rng=rng)
    )


def test_minibatches_are_a_partition():
    batches = list(minibatches(10, 4, np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert sorted(np.concatenate(batches)) == list(range(10))
    assert np.concatenate(batches).tolist() != list(range(10))
    other = np.concatenate(list(minibatches(10, 4, np.random.default_rng(1))))
    assert other.tolist() != np.concatenate(batches).tolist()


def test_validation_runs_in_batches_and_its_loss_is_the_mean_over_examples():
    """Batches of 2, 2 and 1 rows: the last one counts a fifth."""
    rows = []

    def model(x):
        rows.append(len(x))
        return x * weight

    weight = Node(np.ones((1, 1)))
    x, y = np.array([[1.0], [2], [3], [4], [5]]), np.zeros((5, 1))
    history = fit(
        layers.Sequential(model), losses.squared_error, x[:1], y[:1], optimizer=SGD([weight], 0.0),
        epochs=1, batch_size=2, validation=(x, y), progress=False,
    )  # fmt: skip
    assert rows == [1, 2, 2, 1]
    assert history.validation_loss == [pytest.approx((1 + 4 + 9 + 16 + 25) / 5)]


def test_it_learns_what_no_line_can():
    model = network()
    history = fit(
        model, losses.cross_entropy, X, XOR,
        optimizer=Adam(model.parameters(), 0.05), epochs=300, batch_size=3, progress=False,
    )  # fmt: skip
    assert model(X).value.argmax(axis=1).tolist() == [0, 1, 1, 0]
    assert len(history.loss) == 300
    assert history.loss[-1] < 0.05 < history.loss[0]
    assert history.validation_loss == []


def test_full_batch_descent_by_hand():
    """Two epochs on y = w x with squared loss, in plain arithmetic."""
    model = layers.Linear(1, 1, bias=False, init="zeros")
    x, y = np.array([[1.0], [2.0]]), np.array([[2.0], [4.0]])
    history = fit(
        model, losses.squared_error, x, y,
        optimizer=SGD(model.parameters(), 0.1), epochs=2, progress=False,
    )  # fmt: skip
    # J = (1/2) sum (w x - y)^2, dJ/dw = sum x (w x - y) = 5 w - 10
    assert history.loss == pytest.approx([10.0, 2.5])
    assert model.weight.value == pytest.approx(np.array([[1.5]]))


def test_the_loss_of_an_epoch_is_the_mean_over_examples():
    """Batches of 3 and 1: the last one counts a quarter."""
    model, y = layers.Linear(2, 1, init="zeros"), np.array([[1.0], [2], [3], [4]])
    history = fit(
        model, losses.squared_error, X, y,
        optimizer=SGD(model.parameters(), 0.0), epochs=1, batch_size=3, progress=False,
    )  # fmt: skip
    assert history.loss == pytest.approx([30 / 4])


def test_the_validation_loss_is_the_mean_over_examples_whatever_the_batches():
    """Batches of 3 and 1, none larger; the last one counts a quarter."""
    model, y, sizes = layers.Linear(2, 1, init="zeros"), np.array([[1.0], [2], [3], [4]]), []

    def loss(yhat, targets):
        sizes.append(len(targets))
        return losses.squared_error(yhat, targets)

    for batch_size, seen in ((3, [3, 1]), (4, [4]), (None, [4]), (100, [4])):
        sizes.clear()
        history = fit(
            model, loss, X, y, validation=(X, y), batch_size=batch_size, epochs=1,
            optimizer=SGD(model.parameters(), 0.0), progress=False,
        )  # fmt: skip
        assert history.validation_loss == pytest.approx([30 / 4])
        assert sizes == seen * 2  # in training, then in validation


def test_training_without_a_place_for_its_bar(monkeypatch):
    """pythonw and closed descriptors leave sys.stderr None."""
    monkeypatch.setattr("sys.stderr", None)
    model = network()
    optimizer = SGD(model.parameters(), 0.1)
    assert len(fit(model, losses.cross_entropy, X, XOR, optimizer=optimizer, epochs=2).loss) == 2


def test_the_same_seed_gives_the_same_training():
    results = []
    for seed in (0, 0, 1):
        model = network()
        fit(model, losses.cross_entropy, X, XOR, optimizer=SGD(model.parameters(), 0.3),
            epochs=20, batch_size=1, rng=np.random.default_rng(seed), progress=False)  # fmt: skip
        results.append(model.layers[0].weight.value)
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()


class Scripted(layers.Layer):
    """A model whose only parameter counts its steps and whose validation loss is a list."""

    def __init__(self, validation_losses):
        self.steps = Node(0.0)
        self.seen = np.zeros(1)
        self.script = dict(enumerate(validation_losses, start=1))

    def __call__(self, x):
        if self.training:
            self.seen += 1
            return -self.steps  # its gradient is -1: with learning rate 1 each step adds 1
        return Node(self.script[round(self.steps.value)])


def test_early_stopping_of_the_curriculum():
    """Chapter 12c: patience 3, epochs from 0: stop after epoch 8, restore epoch 5."""
    script = [0.90, 0.72, 0.61, 0.66, 0.58, 0.50, 0.55, 0.53, 0.52, 0.41]
    model = Scripted(script)
    history = fit(
        model, lambda yhat, y: yhat, np.ones((1, 1)), np.ones(1), epochs=10, patience=3,
        optimizer=SGD(model.parameters(), 1.0), validation=(np.ones((1, 1)), np.ones(1)),
        progress=False,
    )  # fmt: skip
    assert history.validation_loss == script[:9]
    assert model.steps.value == 6  # after epoch 5
    assert model.seen == 6  # state that is no parameter comes back with them


def test_without_patience_the_last_parameters_stay():
    model = Scripted([0.5, 0.4, 0.6])
    history = fit(
        model, lambda yhat, y: yhat, np.ones((1, 1)), np.ones(1), epochs=3,
        optimizer=SGD(model.parameters(), 1.0), validation=(np.ones((1, 1)), np.ones(1)),
        progress=False,
    )  # fmt: skip
    assert history.validation_loss == [0.5, 0.4, 0.6]
    assert model.steps.value == 3


def test_dropout_works_in_training_and_rests_in_validation():
    dropout = layers.Dropout(0.5, rng=np.random.default_rng(0))
    model = layers.Sequential(layers.Linear(2, 2, init="zeros"), lambda z: z + 1.0, dropout)
    history = fit(
        model, lambda yhat, y: yhat.mean(), np.ones((500, 2)), np.ones(500), epochs=1,
        optimizer=SGD(model.parameters(), 0.0), validation=(np.ones((3, 2)), np.ones(3)),
        progress=False,
    )  # fmt: skip
    assert history.validation_loss == [1.0]
    assert history.loss[0] != 1.0
    assert not model.training
    assert not dropout.training


@pytest.mark.parametrize("rate", [1e3, 1e200])
def test_a_learning_rate_that_diverges(rate):
    model = layers.Linear(2, 1)
    message = re.escape(f"the learning rate {rate} is probably too large, try a tenth of it")
    with pytest.raises(FloatingPointError, match=message) as caught:
        fit(model, losses.squared_error, X, X[:, :1], optimizer=SGD(model.parameters(), rate),
            epochs=1000, progress=False)  # fmt: skip
    assert "\n" not in str(caught.value)
    assert not model.training


@pytest.mark.parametrize("patience", [None, 5])
def test_ctrl_c_keeps_what_was_learned(patience, capsys):
    model = network()
    calls = []

    def loss(yhat, y):
        calls.append(1)
        if len(calls) == 20:
            raise KeyboardInterrupt
        return losses.cross_entropy(yhat, y)

    validation = None if patience is None else (X, XOR)
    history = fit(
        model, loss, X, XOR, optimizer=SGD(model.parameters(), 0.5), epochs=100,
        validation=validation, patience=patience,
    )  # fmt: skip
    epochs = 19 if patience is None else 9
    assert history.interrupted
    assert len(history.loss) == epochs
    assert (
        f"stopped by Ctrl-C after {epochs} epochs: what was learned is kept"
        in capsys.readouterr().out
    )
    reached = losses.cross_entropy(model(X), XOR).value
    assert math.isfinite(reached)
    assert reached < history.loss[-1]
    assert not model.training


def test_the_progress_bar_is_drawn_only_when_asked(capsys, monkeypatch):
    for progress, switch in ((False, "0"), (True, "1"), (True, "0")):
        monkeypatch.setenv("TQDM_DISABLE", switch)
        model = network()
        fit(model, losses.cross_entropy, X, XOR, optimizer=SGD(model.parameters(), 0.5),
            epochs=3, progress=progress)  # fmt: skip
        assert ("3/3" in capsys.readouterr().err) is (progress and switch == "0")


def test_embeddings_train_on_integer_inputs():
    ids, y = np.array([[0, 1], [2, 0], [1, 2]]), np.array([0, 1, 0])
    rng = np.random.default_rng(0)
    model = layers.Sequential(
        layers.Embedding(4, 3, rng=rng), layers.Flatten(), layers.Linear(6, 2, rng=rng)
    )
    untouched = model.layers[0].weight.value[3].copy()
    history = fit(model, losses.cross_entropy, ids, y, optimizer=SGD(model.parameters(), 0.5),
                  epochs=100, progress=False)  # fmt: skip
    assert history.loss[-1] < 0.02
    np.testing.assert_array_equal(model.layers[0].weight.value[3], untouched)


def test_a_model_may_be_built_of_functions():
    model = layers.Sequential(layers.Linear(2, 2), functions.tanh)
    fit(model, losses.squared_error, X, X, optimizer=SGD(model.parameters(), 0.5), epochs=2,
        progress=False)  # fmt: skip


def test_divergence_under_patience_leaves_the_best():
    model = Scripted([0.5, 0.4, float("inf")])
    with pytest.raises(FloatingPointError, match="validation loss became inf in epoch 3"):
        fit(
            model, lambda yhat, y: yhat, np.ones((1, 1)), np.ones(1), epochs=3, patience=3,
            optimizer=SGD(model.parameters(), 1.0), validation=(np.ones((1, 1)), np.ones(1)),
            progress=False,
        )  # fmt: skip
    assert model.steps.value == 2


def test_divergence_through_probabilities_is_named_too():
    model = layers.Sequential(layers.Linear(2, 2), functions.softmax)
    with pytest.raises(FloatingPointError, match="probably too large"):
        fit(model, losses.negative_log_likelihood, X, np.eye(2)[XOR],
            optimizer=SGD(model.parameters(), 1e300), epochs=100, progress=False)  # fmt: skip


def test_an_interrupted_step_leaves_no_gradient_behind():
    model = network()

    def interrupted_step():
        raise KeyboardInterrupt

    optimizer = SGD(model.parameters(), 0.5)
    optimizer.step = interrupted_step
    fit(model, losses.cross_entropy, X, XOR, optimizer=optimizer, epochs=2, progress=False)
    assert all(parameter.grad is None for parameter in model.parameters())
