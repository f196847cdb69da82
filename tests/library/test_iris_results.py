"""What the library reaches on iris: accuracies, error rows and losses found without it.

The reference numbers were computed with NumPy alone; trained ones are compared by band, not digit.
"""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from course_lib import no_grad
from course_lib.data import IRIS_TEST_ROWS, Standardizer, load_iris
from course_lib.layers import Linear, Sequential, Tanh
from course_lib.losses import binary_cross_entropy_with_logits, cross_entropy
from course_lib.optimizers import SGD

IRIS = load_iris()
PETALS = IRIS.inputs[:, 2:]
STANDARD_PETALS = Standardizer(PETALS).transform(PETALS)
IS_VERSICOLOR = (IRIS.targets == 1).astype(float)[:, np.newaxis]
SIX_ROWS = [70, 77, 83, 106, 119, 133]  # which the quadratic basis gets wrong


def descend(model, loss, inputs, targets, *, learning_rate, steps, penalty=0.0):
    """Full-batch gradient descent on the mean loss + penalty * ||W||^2; the last loss, without it.

    Biases are not penalized.
    """
    weights = [p for p in model.parameters() if len(p.shape) == 2]
    biases = [p for p in model.parameters() if len(p.shape) == 1]
    optimizers = [SGD(weights, learning_rate, weight_decay=2 * penalty), SGD(biases, learning_rate)]
    for _ in range(steps):
        loss(model(inputs), targets).backward(free=True)
        for optimizer in optimizers:
            optimizer.step()
    with no_grad():
        return loss(model(inputs), targets).value


def error_rows(logits, truth):
    return np.flatnonzero((logits.value >= 0) != truth).tolist()


def normal_layer(inputs, outputs, rng):
    """A layer whose weights are normal with variance 1 / inputs."""
    layer = Linear(inputs, outputs)
    layer.weight.value = rng.normal(0, 1 / np.sqrt(inputs), (outputs, inputs))
    return layer


def tanh_network(inputs, hidden, outputs, rng):
    first = normal_layer(inputs, hidden, rng)
    return Sequential(first, Tanh(), normal_layer(hidden, outputs, rng))


# ---- versicolor against the rest, from the petals ----


def test_the_line_of_maximum_likelihood_gets_96_of_150_right():
    line = Linear(2, 1, init="zeros")
    loss = binary_cross_entropy_with_logits
    final = descend(line, loss, STANDARD_PETALS, IS_VERSICOLOR, learning_rate=1.0, steps=1000)
    assert len(error_rows(line(STANDARD_PETALS), IS_VERSICOLOR)) == 54  # 64.0 % right
    reference = LogisticRegression(C=1e9, tol=1e-9).fit(STANDARD_PETALS, IRIS.targets == 1)
    assert np.allclose(line.weight.value, reference.coef_, rtol=5e-3)
    assert np.allclose(line.bias.value, reference.intercept_, rtol=5e-3)
    assert final == pytest.approx(0.5751, abs=1e-4)


def best_half_plane(points, truth):
    """The largest number that any line gets right, by trying all ways to split the points.

    The order along a normal changes only where the normal is perpendicular to a pair of points, so
    one normal on either side of each such angle meets every order there is.
    """
    points, where = np.unique(points, axis=0, return_inverse=True)
    gain = np.bincount(where, np.where(truth, 1, -1))  # of calling a place versicolor
    first, second = np.triu_indices(len(points), 1)
    critical = np.arctan2(*(points[first] - points[second]).T[::-1]) + np.pi / 2
    angles = np.concatenate([critical - 1e-7, critical + 1e-7])
    order = (np.column_stack([np.cos(angles), np.sin(angles)]) @ points.T).argsort(axis=1)
    above = gain[order].cumsum(axis=1)  # versicolor is what lies below the threshold, or above it
    return (~truth).sum() + max(above.max(), (gain.sum() - above).max(), 0)


def test_no_line_gets_more_than_121_of_150_right():
    assert best_half_plane(PETALS, IRIS.targets == 1) == 121
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    assert best_half_plane(corners, np.array([False, True, True, False])) == 3  # exclusive or


def quadratic_basis():
    products = np.hstack([STANDARD_PETALS, STANDARD_PETALS**2])
    return Linear(4, 1, init="zeros"), products


def test_the_quadratic_basis_gets_144_of_150_right():
    model, basis = quadratic_basis()
    loss = binary_cross_entropy_with_logits
    final = descend(model, loss, basis, IS_VERSICOLOR, learning_rate=1.0, steps=2000)
    assert error_rows(model(basis), IS_VERSICOLOR) == SIX_ROWS  # 96.0 % right
    assert final == pytest.approx(0.0661, abs=1e-4)


def test_fewer_errors_can_go_with_a_higher_loss():
    model, basis = quadratic_basis()
    loss = binary_cross_entropy_with_logits
    final = descend(model, loss, basis, IS_VERSICOLOR, learning_rate=0.5, steps=200)
    assert len(error_rows(model(basis), IS_VERSICOLOR)) == 5
    assert final == pytest.approx(0.1050, abs=1e-4)


def binary_network(hidden, seed):
    """The rows that a trained network with this many tanh units gets wrong, and its loss."""
    model = tanh_network(2, hidden, 1, np.random.default_rng(seed))
    loss = binary_cross_entropy_with_logits
    final = descend(model, loss, STANDARD_PETALS, IS_VERSICOLOR, learning_rate=0.5, steps=5000)
    return error_rows(model(STANDARD_PETALS), IS_VERSICOLOR), final


def test_two_tanh_units_miss_the_same_six_flowers():
    found = [binary_network(2, seed) for seed in range(10)]
    assert sum(rows == SIX_ROWS for rows, _ in found) >= 9
    assert np.median([loss for _, loss in found]) == pytest.approx(0.0715, abs=5e-4)


def test_one_tanh_unit_fails_for_its_region_is_a_half_plane():
    found = [binary_network(1, seed) for seed in range(5)]
    assert all(29 <= len(rows) <= 65 for rows, _ in found)  # no half-plane has fewer than 150 - 121


# ---- three species, from the petals in three units ----

TEST = np.array(IRIS_TEST_ROWS)
TRAIN = np.setdiff1d(np.arange(150), TEST)


def three_class_network(inputs, seed):
    """Loss, test rows that are right, predictions and share of saturated hidden units."""
    model = tanh_network(2, 4, 3, np.random.default_rng(1000 + seed))
    labels = IRIS.targets
    final = descend(
        model, cross_entropy, inputs[TRAIN], labels[TRAIN], learning_rate=0.5, steps=2000
    )
    predictions = model(inputs[TEST]).value.argmax(axis=1)
    hidden = Sequential(*model.layers[:2])(inputs[TRAIN]).value
    return final, predictions, (np.abs(hidden) > 0.999).mean()


def test_petals_in_millimeters_freeze_the_network():
    shares = np.bincount(IRIS.targets[TRAIN]) / len(TRAIN)
    entropy = -(shares * np.log(shares)).sum()
    assert entropy == pytest.approx(1.0975, abs=5e-5)
    for seed in range(20):
        loss, predictions, saturated = three_class_network(10 * PETALS, seed)
        assert loss == pytest.approx(entropy, abs=1e-3)
        assert (predictions == 0).all() and (IRIS.targets[TEST] == 0).sum() == 13
        assert saturated > 0.98


def test_standardized_petals_let_it_learn():
    scaler = Standardizer(PETALS[TRAIN])
    losses = []
    for seed in range(20):
        loss, predictions, _ = three_class_network(scaler.transform(PETALS), seed)
        losses.append(loss)
        assert TEST[predictions != IRIS.targets[TEST]].tolist() == [119]  # 44 of 45 right
        assert predictions[TEST == 119] == 1
    assert 0.060 < min(losses) <= max(losses) < 0.077
    assert np.median(losses) == pytest.approx(0.070, abs=0.003)


# ---- all four measurements, ten-fold cross-validation ----


def cross_validated(build, steps, penalty=0.0):
    """The accuracy over ten folds, scaled inside each fold, for each of ten shuffles."""
    accuracies = []
    for shuffle in range(10):
        right, rng = 0, np.random.default_rng(shuffle)
        folds = StratifiedKFold(10, shuffle=True, random_state=shuffle)
        for train, test in folds.split(IRIS.inputs, IRIS.targets):
            scaler, model = Standardizer(IRIS.inputs[train]), build(rng)
            inputs, labels = scaler.transform(IRIS.inputs[train]), IRIS.targets[train]
            options = {"learning_rate": 0.5, "steps": steps, "penalty": penalty}
            descend(model, cross_entropy, inputs, labels, **options)
            predictions = model(scaler.transform(IRIS.inputs[test])).value.argmax(axis=1)
            right += (predictions == IRIS.targets[test]).sum()
        accuracies.append(right / 150)
    return accuracies


def test_logistic_regression_cross_validated():
    accuracies = cross_validated(lambda rng: Linear(4, 3, init="zeros"), steps=1000)
    assert 0.95 <= np.mean(accuracies) <= 0.98


def test_a_network_of_sixteen_tanh_units_cross_validated():
    build = lambda rng: tanh_network(4, 16, 3, rng)
    accuracies = cross_validated(build, steps=2000, penalty=0.001)
    assert np.mean(accuracies) >= 0.965
    assert min(accuracies) >= 0.95 and max(accuracies) <= 0.985
