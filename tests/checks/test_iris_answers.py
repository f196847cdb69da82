"""Chapter 10 as learners answer it: a head that is wrong in part, and networks that are trained.

The bank never trains a network: the misconceptions of 10d are patterns of labels. Here each mistake
is made by a network, on the published flowers and on others, and every sensible model is right.
"""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC

from course_lib.checks.bank import find
from course_lib.checks.checking import examine
from course_lib.checks.diagnosis import judge
from course_lib.checks.values import parts_of, same
from course_lib.data import Standardizer
from course_lib.layers import Linear, ReLU, Sequential, Sigmoid, Tanh
from course_lib.losses import cross_entropy, squared_error
from course_lib.optimizers import SGD, Adam
from course_lib.training import fit

EXERCISE = find("10d")
CASES = [EXERCISE.case(seed) for seed in (None, 1, 2)]


def trained(
    x, y, *, seed=0, units=4, layer=Tanh, optimizer=SGD, eta=0.5, epochs=500, init="xavier"
):
    """A function from inputs to logits."""
    rng = np.random.default_rng(seed)
    model = Sequential(Linear(2, units, rng=rng, init=init), layer(), Linear(units, 3, rng=rng))
    optimizer = optimizer(model.parameters(), eta)
    fit(model, cross_entropy, x, y, optimizer=optimizer, epochs=epochs, progress=False)
    return lambda inputs: model(inputs).value


def standard(rows, by):
    return Standardizer(by).transform(rows)


def logits(x, y, inputs, **settings):
    """As it should be done."""
    return trained(standard(x, x), y, **settings)(standard(inputs, x))


def told(answer, case):
    found = judge(EXERCISE, [parts_of(answer(*case.inputs))], [case])
    return found.code or found.kind


SENSIBLE = {
    "the lesson's": {"epochs": 2000},
    "two units": {"units": 2},
    "a wide one": {"units": 32, "eta": 0.1},
    "short": {"epochs": 100},
    "slow": {"eta": 0.05},
    "Adam": {"optimizer": Adam, "eta": 0.02, "epochs": 200},
    "sigmoids": {"layer": Sigmoid, "units": 8, "eta": 1.0, "epochs": 1000},
    "ReLU": {"layer": ReLU, "units": 16, "eta": 0.1, "init": "he"},
}


@pytest.mark.parametrize("settings", SENSIBLE.values(), ids=SENSIBLE)
def test_every_sensible_network_is_right_with_some_to_spare(settings):
    for seed, case in enumerate(CASES):
        said = logits(*case.inputs, seed=seed, **settings).argmax(axis=1)
        assert np.mean(said == case.expected[0]) >= 0.94, seed
        assert told(lambda *_, said=said: said, case) == "right"


def regression_by_hand(x, y, inputs):
    """Softmax regression, by gradient descent."""
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    x, W, b = (x - mean) / deviation, np.zeros((3, 2)), np.zeros(3)
    for _ in range(500):
        P = np.exp(x @ W.T + b)
        delta = (P / P.sum(axis=1, keepdims=True) - np.eye(3)[y]) / len(x)
        W, b = W - 0.5 * delta.T @ x, b - 0.5 * delta.sum(axis=0)
    return ((inputs - mean) / deviation @ W.T + b).argmax(axis=1)


def neighbors(x, y, inputs, k=5):
    """The commonest species of the k nearest petals, in millimeters."""
    nearest = np.linalg.norm(inputs[:, None] - x, axis=2).argsort(axis=1)[:, :k]
    return [np.bincount(y[rows]).argmax() for rows in nearest]


def of_scikit_learn(model):
    return lambda x, y, rows: model.fit(standard(x, x), y).predict(standard(rows, x))


def one_number(x, y, inputs):
    """A network that gives the label as a number, which is rounded."""
    rng = np.random.default_rng(0)
    model = Sequential(Linear(2, 8, rng=rng), Tanh(), Linear(8, 1, rng=rng))
    optimizer, y = SGD(model.parameters(), 0.05), y.reshape(-1, 1)
    fit(model, squared_error, standard(x, x), y, optimizer=optimizer, epochs=1000, progress=False)
    return model(standard(inputs, x)).value.ravel().round()


OTHERS = {
    "softmax regression by hand": regression_by_hand,
    "five neighbors": neighbors,
    "one neighbor": lambda *v: neighbors(*v, k=1),
    "one number, rounded": one_number,
    "scikit-learn's network": of_scikit_learn(MLPClassifier((8,), max_iter=1500, random_state=0)),
    "scikit-learn's regression": of_scikit_learn(LogisticRegression()),
    "a support vector machine": of_scikit_learn(SVC()),
    "a forest": of_scikit_learn(RandomForestClassifier(30, random_state=0)),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("answer", OTHERS.values(), ids=OTHERS)
def test_no_sensible_model_is_refused(answer):
    found = examine("10d", answer)
    assert found.right, found
    assert found.text.endswith(" of 79 labels.")


MISTAKES = {
    "base_rates": [
        lambda x, y, rows: trained(x, y)(rows).argmax(axis=1),
        lambda x, y, rows: trained(x, y, units=8)(rows).argmax(axis=1),
        lambda x, y, rows: trained(x, y, eta=0.2)(rows).argmax(axis=1),
    ],
    "unscaled_rows": [
        lambda x, y, rows: trained(standard(x, x), y)(rows).argmax(axis=1),
        lambda x, y, rows: trained(standard(x, x), y, layer=ReLU, eta=0.1)(rows).argmax(axis=1),
    ],
    "not_finite": [lambda x, y, rows: (logits(x, y, rows) * np.nan).argmax(axis=1)],
    "own_statistics": [
        lambda x, y, rows: trained(standard(x, x), y)(standard(rows, rows)).argmax(axis=1),
        lambda x, y, rows: trained(standard(x, x), y, layer=ReLU, eta=0.1)(
            standard(rows, rows)
        ).argmax(axis=1),
    ],
    "training_rows": [lambda x, y, rows: logits(x, y, x).argmax(axis=1)],
    "probabilities": [
        lambda x, y, rows: logits(x, y, rows),
        lambda x, y, rows: np.eye(3)[logits(x, y, rows).argmax(axis=1)],
    ],
    "argmax_down": [lambda x, y, rows: logits(x, y, rows).argmax(axis=0)],
    "least_likely": [
        lambda x, y, rows: logits(x, y, rows).argmin(axis=1),
        lambda x, y, rows: (-logits(x, y, rows)).argmax(axis=1),
    ],
    "counted_from_one": [lambda x, y, rows: logits(x, y, rows).argmax(axis=1) + 1],
    "one_hot_off": [lambda x, y, rows: logits(x, (y - 1) % 3, rows).argmax(axis=1)],
    "two_answers": [lambda x, y, rows: logits(x, np.minimum(y, 1), rows).argmax(axis=1)],
    "swapped": [lambda x, y, rows: logits(x, np.array([0, 2, 1])[y], rows).argmax(axis=1)],
}


@pytest.mark.parametrize("code", EXERCISE.wrong)
def test_a_mistake_that_a_network_makes_gets_its_name(code):
    for answer in MISTAKES[code]:
        assert [told(answer, case) for case in CASES] == [code] * len(CASES)


def test_a_training_that_ends_too_early_gets_no_false_name():
    for seed, case in enumerate(CASES):
        for epochs, eta in ((5, 0.5), (200, 0.01), (500, 0.002)):
            answer = logits(*case.inputs, seed=seed, epochs=epochs, eta=eta).argmax(axis=1)
            code = told(lambda *_, answer=answer: answer, case)
            assert code in ("too_few", "right", "two_answers"), (seed, epochs)


def test_it_is_said_how_many_labels_are_right():
    truth = EXERCISE.reference

    def spoiled(first, every):
        """The truth, with so many labels wrong on the first meadow, and on every other one."""

        def answer(x, y, inputs):
            said = truth(x, y, inputs)
            wrong = first if len(inputs) == 79 else every
            said[:wrong] = (said[:wrong] + np.arange(wrong) % 2 + 1) % 3
            return said

        return examine("10d", answer)

    assert spoiled(0, 0).text == "Right: 79 of 79 labels."
    assert spoiled(7, 8).text == "Right: 72 of 79 labels."
    found = spoiled(8, 0)
    assert found.code == "too_few"
    assert "71 of 79 labels are right, and at least 72 should be." in found.text
    found = spoiled(7, 9)
    assert found.code == "too_few_elsewhere"
    assert "with others 71 of 80, and at least 72 should be." in found.text


def test_names_that_are_known_by_heart_are_found_out():
    inputs, said = EXERCISE.published[2], EXERCISE.case().expected[0]
    assert examine("10d", lambda *_: said).code == "published_only"
    by_global_name = examine("10d", lambda x, y, rows: neighbors(x, y, inputs))
    assert by_global_name.code == "published_only"
    in_place = examine("10d", lambda x, y, rows: np.resize(said, len(rows)))
    assert in_place.code == "too_few_elsewhere"


def test_what_is_no_label_is_said_to_be_none():
    largest = examine("10d", lambda x, y, rows: logits(x, y, rows).max(axis=1))
    assert largest.code == "no_labels"
    names = np.array(["setosa", "versicolor", "virginica"])
    found = examine("10d", lambda *v: names[EXERCISE.reference(*v)])
    assert (found.kind, found.code) == ("type", "text")
    assert "'setosa'" in found.text


def test_of_a_long_result_only_the_wrong_parts_are_shown():
    head = find("10c").reference
    found = examine("10c", lambda Z, y: (head(Z, y)[0] * len(y), *head(Z, y)[1:]))
    assert found.code == "sum_over_rows"
    assert found.text.startswith("Not yet. 4.16778 is what the sum")
    found = examine("10c", lambda Z, y: (*head(Z, y)[:2], head(Z, y)[2] + 1))
    assert found.code == "off_by_one"
    assert found.text.startswith("Not yet. [1, 2, 3, 2] is what")


def test_labels_are_compared_by_their_part_that_agrees():
    expected = np.array([0, 1, 2, 2, 1, 0, 1, 2, 0, 1])
    one_off = expected.copy()
    one_off[3] = 0
    assert same((one_off,), (expected,), 1e-6, agreement=0.9)
    assert not same((one_off,), (expected,), 1e-6, agreement=0.95)
    assert same((np.array([7, 8]),), (np.array([np.nan, 8]),), 1e-6, agreement=0.9), "nan: any"
    assert not same((np.array([np.nan, 8]),), (np.array([7, 8]),), 1e-6, agreement=0.9)
    table = np.random.default_rng(0).normal(size=(10, 3))
    assert same((table,), (np.eye(3)[table.argmax(axis=1)],), 1e-6, agreement=0.9)
    assert not same((table.T,), (table,), 1e-6, agreement=0.9)
