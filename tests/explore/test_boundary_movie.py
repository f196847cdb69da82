"""The boundary movie: the lesson's three films, and films of a learner's own network."""

import json

import numpy as np
import pytest

from course_lib import explore
from course_lib.data import IRIS_TEST_ROWS, Standardizer, load_iris
from course_lib.functions import sigmoid
from course_lib.layers import Linear, ReLU, Sequential, Sigmoid, Softmax, Tanh, get_state
from course_lib.optimizers import SGD

IRIS = load_iris()
PETALS = IRIS.inputs[:, 2:]
TRAIN = np.setdiff1d(np.arange(150), IRIS_TEST_ROWS)
X = Standardizer(PETALS[TRAIN]).transform(PETALS)
VERSICOLOR = (IRIS.targets == 1).astype(float)
TEST_TARGETS = IRIS.targets[list(IRIS_TEST_ROWS)]
ENTROPY = -sum(n / 105 * np.log(n / 105) for n in (37, 33, 35))


@pytest.fixture(scope="module")
def lesson():
    return explore.boundary_movie()


def network(hidden=4, classes=3, middle=None, seed=0):
    rng = np.random.default_rng(seed)
    middle = Tanh() if middle is None else middle
    return Sequential(Linear(2, hidden, rng=rng), middle, Linear(hidden, classes, rng=rng))


def last(figure, **settings):
    return figure.numbers({"frame": len(figure.controls[0].texts) - 1, **settings})


def test_standardized_petals_are_told_apart(lesson):
    n = last(lesson, unit="standardized")
    assert n["step"] == 2000
    assert n["test"] == [44, 45]
    assert 0.063 < n["loss"] < 0.074
    assert min(n["spread"]) > 1.9
    assert [IRIS_TEST_ROWS[i] for i in np.flatnonzero(n["answers"][105:] != TEST_TARGETS)] == [119]


def test_in_millimeters_the_network_is_dead(lesson):
    n = last(lesson, unit="millimeters")
    assert n["test"] == [13, 45]
    assert n["said"].tolist() == [150, 0, 0]
    assert n["loss"] == pytest.approx(ENTROPY, abs=1e-6)
    assert n["entropy"] == pytest.approx(ENTROPY, rel=1e-12)
    assert n["mistake"] == ["versicolor", "setosa", 50]
    assert n["saturated"] == 1
    assert max(n["spread"]) < 1e-4


def test_centimeters_lie_between(lesson):
    n = last(lesson, unit="centimeters")
    assert 28 <= n["test"][0] <= 44
    assert 0.09 < n["loss"] < 0.66


def test_first_frame_by_plain_numpy(lesson):
    frame = lesson.data["films"]["standardized"]["frames"][0]
    W1, b1, W2, b2 = (np.array(frame[key]) for key in ("W1", "b1", "W2", "b2"))
    a = np.tanh(X[TRAIN] @ W1.T + b1)
    z = a @ W2.T + b2
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    n = lesson.numbers({"frame": 0, "unit": "standardized"})
    truth = IRIS.targets[TRAIN]
    assert n["loss"] == pytest.approx(-np.log(p[np.arange(105), truth]).mean(), rel=1e-12)
    assert n["train"] == [(p.argmax(axis=1) == truth).sum(), 105]
    assert n["spread"] == pytest.approx(np.ptp(a, axis=0))
    assert n["lines"] == pytest.approx(np.column_stack([W1, b1]))


def test_frames_are_what_training_by_hand_passes():
    """Gradient descent written out for one unit and one logit: steps 0, 1, 2, 3."""
    x, y = np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, -2.0]]), np.array([1.0, 0.0, 1.0])
    model = network(1, 1)
    W, b = model.layers[0].weight.value.copy(), np.zeros(1)
    w, c = model.layers[2].weight.value.copy(), np.zeros(1)
    figure = explore.boundary_movie(model, x, y, learning_rate=0.3, steps=3)
    assert figure.data["films"]["yours"]["steps"] == [0, 1, 2, 3]
    for frame in figure.data["films"]["yours"]["frames"]:
        for key, ours in {"W1": W, "b1": b, "W2": w, "b2": c}.items():
            assert np.allclose(frame[key], ours, rtol=1e-12), key
        a = np.tanh(x @ W.T + b)
        delta = (1 / (1 + np.exp(-(a @ w.T + c))) - y[:, None]) / 3
        back = delta @ w * (1 - a**2)
        w, c = w - 0.3 * delta.T @ a, c - 0.3 * delta.sum(axis=0)
        W, b = W - 0.3 * back.T @ x, b - 0.3 * back.sum(axis=0)


def test_the_model_stays_as_it_was():
    model = network()
    before = get_state(model)
    explore.boundary_movie(model, X, IRIS.targets, steps=50)
    assert all(np.array_equal(before[key], value) for key, value in get_state(model).items())


@pytest.mark.parametrize("middle", [Tanh(), Sigmoid(), ReLU(), sigmoid])
def test_a_strip_from_two_units_and_one_logit(middle):
    figure = explore.boundary_movie(network(4, 1, middle), X, VERSICOLOR[:, None], steps=1500)
    n = last(figure)
    assert n["train"][0] >= 140
    assert "test" not in n
    assert [control.name for control in figure.controls] == ["frame"]
    assert f"after 1,500 steps {n['train'][0]} of 150 training examples" in figure.still()


def test_off_units_of_relu_are_counted():
    model = network(2, 2, ReLU())
    model.layers[0].weight.value[:] = [[1.0, 0.0], [0.0, 1.0]]
    x = np.array([[1.0, -1.0], [-2.0, -3.0]])
    figure = explore.boundary_movie(model, x, np.array([0, 1]), steps=1)
    assert figure.numbers({"frame": 0})["saturated"] == 0.75


def test_an_interrupted_film_ends_where_training_did(monkeypatch):
    steps = iter(range(100))
    step = SGD.step

    def interrupted(self):
        if next(steps) == 12:
            raise KeyboardInterrupt
        step(self)

    monkeypatch.setattr(SGD, "step", interrupted)
    figure = explore.boundary_movie(network(), X, IRIS.targets, steps=50)
    assert figure.controls[0].texts[-1] == "12"
    assert last(figure)["step"] == 12


def test_a_layer_without_bias_gets_none():
    model = Sequential(Linear(2, 3, bias=False), Tanh(), Linear(3, 2))
    figure = explore.boundary_movie(model, X, VERSICOLOR, steps=20)
    assert last(figure)["lines"][:, 2].tolist() == [0, 0, 0]


def test_what_travels_is_small(lesson):
    assert len(json.dumps(lesson.data)) < 200_000
    assert len(lesson.still()) < 45_000
    assert 55 <= len(lesson.controls[0].texts) <= 65


KIND = (
    "a film is made of Sequential(Linear(2, h), Tanh() or Sigmoid() or ReLU(), Linear(h, k)), "
    "h at most 16 and k at most 5, found "
)


@pytest.mark.parametrize(
    ("model", "error", "found"),
    [
        (42, TypeError, "42"),
        (Linear(2, 3), ValueError, "Linear(weight (3, 2), bias (3,))"),
        (Sequential(Linear(2, 3)), ValueError, "Sequential(Linear(2, 3))"),
        (network(17), ValueError, "Sequential(Linear(2, 17), Tanh, Linear(17, 3))"),
        (network(4, 6), ValueError, "Sequential(Linear(2, 4), Tanh, Linear(4, 6))"),
        (
            Sequential(Linear(4, 3), Tanh(), Linear(3, 3)),
            ValueError,
            "Sequential(Linear(4, 3), Tanh, Linear(3, 3))",
        ),
        (
            Sequential(*network().layers, Softmax()),
            ValueError,
            "Sequential(Linear(2, 4), Tanh, Linear(4, 3), Softmax)",
        ),
    ],
)
def test_other_models_are_refused(model, error, found):
    with pytest.raises(error) as raised:
        explore.boundary_movie(model, X, IRIS.targets)
    assert str(raised.value) == KIND + found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"inputs": IRIS.inputs},
            "inputs must be n rows of 2 numbers, found shape (150, 4)",
        ),
        (
            {"targets": IRIS.targets[:9]},
            "found 150 rows of inputs and targets (9,), expected a target for each row and 1 to "
            "1,000 rows",
        ),
        ({"targets": IRIS.targets + 1}, "targets must be labels from 0 to 2, found 3"),
        ({"inputs": np.where(X > 1.6, np.nan, X)}, "inputs must be finite, found nan"),
        (
            {"test": (X, IRIS.targets - 1)},
            "test targets must be labels from 0 to 2, found -1",
        ),
        ({"steps": 0}, "steps must be a whole number from 1 to 50,000, found 0"),
        ({"steps": 10.0}, "steps must be a whole number from 1 to 50,000, found 10.0"),
        ({"class_names": ["a", "b"]}, "found 2 class names for 3 classes"),
        ({"feature_names": ["length"]}, "found 1 feature names for 2 inputs"),
    ],
)
def test_data_that_do_not_fit_are_refused(arguments, message):
    given = {"inputs": X, "targets": IRIS.targets} | arguments
    with pytest.raises(ValueError) as raised:
        explore.boundary_movie(network(), **given)
    assert str(raised.value) == message


def test_halves_of_the_arguments_are_refused():
    with pytest.raises(TypeError, match="without a model there is nothing to train"):
        explore.boundary_movie(inputs=X)
    with pytest.raises(TypeError, match="a film needs inputs and targets: boundary_movie"):
        explore.boundary_movie(network())
    with pytest.raises(TypeError, match="test must be a pair"):
        explore.boundary_movie(network(), X, IRIS.targets, test=X)


def test_a_loss_that_runs_away_is_told():
    with pytest.raises(
        FloatingPointError, match=r"the learning rate 1e\+200 is probably too large"
    ):
        explore.boundary_movie(network(4, 3, ReLU()), X, IRIS.targets, learning_rate=1e200)
