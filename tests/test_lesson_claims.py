"""What lessons say, or tell the lecturer, without a cell that shows it."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from course_lib import Node, explore
from course_lib.checks.checking import examine
from course_lib.data import IRIS_TEST_ROWS, Standardizer, load_iris
from course_lib.layers import Linear, Sequential, Tanh
from course_lib.losses import binary_cross_entropy_with_logits, cross_entropy
from course_lib.optimizers import SGD
from course_lib.training import fit

IRIS = load_iris()
PETALS, SPECIES = IRIS.inputs[:, 2:], IRIS.targets
TEST = np.array(IRIS_TEST_ROWS)
TRAIN = np.setdiff1d(np.arange(150), TEST)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# ---- 05 ----


@pytest.mark.parametrize("eta", [0.5, 5.0, 50.0])
def test_05_one_step_on_one_example_never_raises_the_loss(eta):
    rng = np.random.default_rng(5)
    for _ in range(2000):
        x, W1, b1 = rng.normal(size=2), rng.uniform(-3, 3, (2, 2)), rng.uniform(-3, 3, 2)
        w2, b2, y = rng.uniform(-3, 3, 2), rng.uniform(-3, 3), rng.integers(2)
        a1 = sigmoid(W1 @ x + b1)
        before = w2 @ a1 + b2
        delta = sigmoid(before) - y
        d_z1 = w2 * delta * a1 * (1 - a1)
        W1, b1 = W1 - eta * np.outer(d_z1, x), b1 - eta * d_z1
        after = (w2 - eta * a1 * delta) @ sigmoid(W1 @ x + b1) + b2 - eta * delta
        sign = 2 * y - 1  # the loss is log(1 + exp(-sign z2))
        assert sign * after >= sign * before


# ---- 08 ----


def recursion(node, report, passed_on):
    """The lesson's `naive`; `passed_on` chooses between all that a node holds and the report."""
    node.grad = report if node.grad is None else node.grad + report
    for parent, vjp in node.edges:
        if isinstance(parent, Node):
            recursion(parent, vjp(passed_on(node.grad, report)), passed_on)


def diamond(w):
    u = w + 1
    return u * (u + 2)


def doubled_twice(a):
    b = a + a
    return b + b


@pytest.mark.parametrize(
    ("graph", "naive", "right"), [(diamond, 16, 10), (doubled_twice, 6, 4)], ids=["diamond", "a+a"]
)
def test_08_what_recursion_gives(graph, naive, right):
    leaf = Node(3.0)
    recursion(graph(leaf), 1.0, lambda held, report: held)
    assert leaf.grad == naive
    leaf = Node(3.0)
    recursion(graph(leaf), 1.0, lambda held, report: report)
    assert leaf.grad == right


def test_08_the_cube_with_its_products_in_the_wrong_order_is_told_who_reports_first():
    def slope_of_cube(x):
        p = x * x
        delta_p = delta_x = 0.0
        delta_x += x * delta_p + x * delta_p  # p = x x reports while delta_p is still 0
        delta_p += x
        return delta_x + p

    assert slope_of_cube(-3.0) == 9  # as the lecturer is told
    found = examine("08c", slope_of_cube)
    assert found.code == "one_report"
    assert "while δ_p was still 0" in found.text


# ---- 10 ----


def descend(model, loss, inputs, targets, eta, steps):
    optimizer = SGD(model.parameters(), eta)
    fit(model, loss, inputs, targets, optimizer=optimizer, epochs=steps, progress=False)


def right_in_millimeters(seed, eta=0.5, steps=2000, first_weights=1.0):
    rng, inputs = np.random.default_rng(seed), 10 * PETALS
    model = Sequential(Linear(2, 4, rng=rng), Tanh(), Linear(4, 3, rng=rng))
    model.layers[0].weight.value = first_weights * model.layers[0].weight.value
    descend(model, cross_entropy, inputs[TRAIN], SPECIES[TRAIN], eta, steps)
    return int((model(inputs[TEST]).value.argmax(axis=1) == SPECIES[TEST]).sum())


def test_10_a_smaller_learning_rate_helps_four_seeds_of_ten():
    right = [right_in_millimeters(seed, eta=0.01, steps=5000) for seed in range(10)]
    assert sum(count > 13 for count in right) == 4
    assert max(right) < 44


def test_10_smaller_first_weights_do_not_help():
    assert {right_in_millimeters(seed, first_weights=0.1) for seed in range(10)} == {13}


def test_10_ten_units_miss_the_same_six_flowers():
    rng, inputs = np.random.default_rng(0), Standardizer(PETALS).transform(PETALS)
    versicolor = (SPECIES == 1).astype(float).reshape(-1, 1)
    model = Sequential(Linear(2, 10, rng=rng), Tanh(), Linear(10, 1, rng=rng))
    descend(model, binary_cross_entropy_with_logits, inputs, versicolor, 0.5, 5000)
    wrong = np.flatnonzero((model(inputs).value >= 0) != versicolor)
    assert wrong.tolist() == [70, 77, 83, 106, 119, 133]


@pytest.mark.parametrize("shuffle", [6, 7])
def test_10_two_shuffles_turn_the_order(shuffle):
    def right(build):
        count, folds = 0, StratifiedKFold(10, shuffle=True, random_state=shuffle)
        for fit_on, judge_on in folds.split(IRIS.inputs, SPECIES):
            inside = Standardizer(IRIS.inputs[fit_on]).transform(IRIS.inputs)
            model = build(np.random.default_rng(shuffle))
            descend(model, cross_entropy, inside[fit_on], SPECIES[fit_on], 0.5, 500)
            count += (model(inside[judge_on]).value.argmax(axis=1) == SPECIES[judge_on]).sum()
        return count

    logistic = right(lambda rng: Sequential(Linear(4, 3, init="zeros")))
    tanh = right(lambda rng: Sequential(Linear(4, 16, rng=rng), Tanh(), Linear(16, 3, rng=rng)))
    assert logistic > tanh


# ---- 14 and 15: what the tasks at the figures lead to ----


def test_14_the_word_alone_sends_two_reports_that_cancel():
    numbers = explore.window_heat().numbers({"place": 3, "window": 0, "stage": "trained"})
    assert min(numbers["shares"]) > 1
    assert numbers["row"] < 0.001


def test_14_four_words_blame_a_neighbor_more_than_themselves():
    figure, found = explore.window_heat(), []
    for place in range(1, 23):
        numbers = figure.numbers({"place": place, "window": 1, "stage": "after 5 steps"})
        if max(numbers["heat"]) > numbers["heat"][1]:
            found.append(numbers["word"][0])
    assert found == ["last", "Julia", "Hotel", "Paris"]


def test_15_two_words_write_the_sentence_and_are_sure_of_nonsense():
    figure = explore.next_word()
    sentence = ["a", "long", "long", "road", "ran", "to", "a", "village", "far", "far", "off"]
    for start in range(2, len(sentence)):
        settings = {"text": " ".join(sentence[:start]), "context": 2, "u": 0.999}
        numbers = figure.numbers(settings)
        assert numbers["top"][0] == sentence[start]
        assert numbers["p"][0] > 0.99
    nonsense = figure.numbers({"text": "ran a", "context": 2, "u": 0.5})
    assert nonsense["reads"] == "ran a"
    assert nonsense["p"][0] > 0.9
