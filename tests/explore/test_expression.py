"""The expression figure: gradients by finite differences, and the mistakes of exercise 07a."""

import itertools
import math

import numpy as np
import pytest

from course_lib import Node, explore
from course_lib.calculus import gradient
from course_lib.explore.expression import BREAKS, EXAMPLES
from course_lib.explore.figure import plain
from course_lib.functions import relu, sigmoid
from course_lib.graph import value_of


@pytest.fixture(scope="module")
def figure():
    return explore.expression()


def numbers(figure, **settings):
    return figure.numbers(figure.settings | settings)


def column(found, k):
    return [row[k] for row in found["gradient"]]


def test_the_example_of_the_chapter(figure):
    found = numbers(figure)
    assert found["f"] == -12
    assert found["gradient"] == [["x", -2, -4, -4], ["y", 5, -4, -4], ["z", -4, 3, 3]]
    assert found["gates"] == [["u₁", "x + y", 3, -4], ["f", "u₁ × z", -12, 1]]


@pytest.mark.parametrize(
    "broken, wrong",
    [(BREAKS[1], [3, 3, -4]), (BREAKS[2], [8, -20, 3]), (BREAKS[3], [1, 1, 3])],
)
def test_broken_gates_make_the_mistakes_of_exercise_07a(figure, broken, wrong):
    found = numbers(figure, broken=broken)
    assert column(found, 2) == [-4, -4, 3]
    assert column(found, 3) == wrong


def test_the_error_signals_arrive_gate_by_gate(figure):
    deltas = [numbers(figure, step=step)["deltas"] for step in (0, 1, 2, 30)]
    none = "–"
    assert deltas[0] == [none, none, none, none, 1]
    assert deltas[1] == [none, none, 3, -4, 1]
    assert deltas[2] == deltas[3] == [-4, -4, 3, -4, 1]


PLAIN = [
    lambda x, y, z, w: (x + y) * z,
    lambda x, y, z, w: x * y + y * z,
    lambda x, y, z, w: x * x * x,
    lambda x, y, z, w: -(x**3) + 3 * x * y,
    lambda x, y, z, w: (x + sigmoid(y).value) / (x**2 + y),
    lambda x, y, z, w: sigmoid(w * x + z).value,
    lambda x, y, z, w: math.sqrt(x**2 + y**2),
    lambda x, y, z, w: relu(x - y).value * z + math.log(y),
    lambda x, y, z, w: math.log(1 + math.exp(w)) - math.tanh(x) / math.exp(y),
]


@pytest.mark.parametrize("text, f", [*zip(EXAMPLES, PLAIN, strict=True)])
def test_gradients_are_those_of_finite_differences(figure, text, f):
    at = {"x": 3.5, "y": 1.5, "z": -2.0, "w": 0.5}
    found = numbers(figure, text=text, step=30, **at)
    point = np.array(list(at.values()))
    slopes = dict(zip(at, gradient(lambda p: f(*map(float, p)), point), strict=True))
    assert found["f"] == pytest.approx(f(*at.values()), rel=1e-12)
    for name, value, slope, _ in found["gradient"]:
        assert value == at[name]
        assert slope == pytest.approx(slopes[name], rel=1e-7, abs=1e-8)


def test_shares_that_cancel_leave_no_rounding_noise(figure):
    found = numbers(figure, text="log(exp(x)) - x", x=0.5, step=30)
    assert [found["f"], found["gradient"]] == [0, [["x", 0.5, 0, 0]]]


@pytest.mark.parametrize(
    "settings, problem",
    [
        ({"text": "log(x)"}, "log of −2 has no finite value"),
        ({"text": "x / (y - 5)"}, "−2 ÷ 0 has no finite value"),
        ({"text": "sqrt(x + 2)"}, "sqrt of 0 has no finite slope"),
        (
            {"text": "x +"},
            "at position 4: found the end, expected a number, a variable, a function or (",
        ),
    ],
)
def test_problems_are_told(figure, settings, problem):
    assert numbers(figure, **settings)["problem"] == problem


def test_where_there_is_no_value_the_gates_before_it_have_theirs(figure):
    found = numbers(figure, text="log(x + z) * y")
    assert found["failed"] == 4
    np.testing.assert_equal(found["values"], [-2, 5, -4, -6, math.nan, math.nan])


def test_answers_in_graphs_or_in_words(figure):
    graph = figure.answer("x * y")["graph"]
    assert (graph["names"], graph["formulas"][-1]) == (["x", "y", "f"], "x × y")
    assert figure.answer("x *") == {
        "problem": "at position 4: found the end, expected a number, a variable, a function or ("
    }
    assert figure.answer(["x"]) == {"problem": "an expression is a text, found a list"}
    assert figure.answer("+".join(f"exp({name})" for name in "xyzwxyzwxy")) == {
        "problem": "found a graph of 19 gates that does not fit into the picture, "
        "expected a shorter expression"
    }


@pytest.mark.parametrize("text", [*EXAMPLES, "tanh(w*x + 0.5) * sigmoid(z*y - 1/3) + exp(-x**2)"])
def test_gates_and_the_numbers_on_wires_do_not_overlap(figure, text):
    graph = plain(figure.answer(text)["graph"])
    boxes = [
        (x - half, x + half + 92, y - 29, y + 29)
        for (x, y), half in zip(graph["origins"], graph["halves"], strict=True)
    ]
    width, height = graph["size"]
    assert width <= 796 and height <= 700
    for (a, b, c, d), (e, f, g, h) in itertools.combinations(boxes, 2):
        assert b <= e + 0.2 or f <= a + 0.2 or d <= g or h <= c


def test_examples_are_there_without_a_kernel(figure):
    assert set(figure.data["graphs"]) == set(EXAMPLES)


def test_takes_no_arguments():
    with pytest.raises(TypeError):
        explore.expression("x + y")


# --- an operation of one's own --------------------------------------------------------------------


def square(a):
    x = value_of(a)
    return Node(x**2, "square", (a, lambda delta: delta * 2 * x))


def halved(a):
    x = value_of(a)
    return Node(x**2, "halved", (a, lambda delta: delta * x))


def deaf(a):
    x = value_of(a)
    return Node(x**2, "deaf", (a, lambda delta: 2 * x))


def kink(a):
    x = value_of(a)
    return Node(abs(x), "kink", (a, lambda delta: delta * (1 if x > 0 else -1)))


@pytest.fixture(scope="module")
def mine():
    return explore.expression(own=[square, halved, deaf, kink])


def test_an_operation_of_ones_own_has_values_and_error_signals(mine):
    found = numbers(mine, text="square(x + y) * z", step=3)
    assert found["f"] == -36
    assert found["gradient"] == [["x", -2, -24, -24], ["y", 5, -24, -24], ["z", -4, 9, 9]]
    assert found["gates"][1] == ["u₂", "square(u₁)", 9, -4]
    assert found["doubt"] == "agrees"


def test_the_gates_around_it_can_be_broken(mine):
    found = numbers(mine, text="square(x + y) * z", broken=BREAKS[3], step=9)
    assert column(found, 3) == [1, 1, 9]


@pytest.mark.parametrize(
    "text, doubt",
    [
        ("halved(x) * z", "halved: slope −2 at −2, a nudge gives −4"),
        ("deaf(x) * z", "deaf: for δ = −4 it sends −4, expected slope · δ = 16"),
        ("deaf(x) + z", "agrees"),  # for δ = 1 it is right
        ("kink(x + 2)", "agrees"),
        ("square(kink(x)) - kink(y)", "agrees"),
    ],
)
def test_a_wrong_way_back_is_noticed(mine, text, doubt):
    assert numbers(mine, text=text)["doubt"] == doubt


def test_it_is_told_where_it_has_no_value():
    def root(a):
        return a**0.5

    figure = explore.expression(own=root)
    found = numbers(figure, text="root(x) * y")
    assert found["problem"] == "root of −2 has no finite value"
    assert found["failed"] == 2


def test_one_that_fails_at_some_numbers_leaves_a_graph_without_values():
    def small(a):
        return a * a if a.value <= 2 else None

    figure = explore.expression(own=small)
    at = {**figure.settings, "text": "small(x) * y", "x": 3.0}
    for found in (plain(figure.numbers(at)), plain(figure.answer(at))):
        assert found == {
            "problem": "small returned None, expected a Node",
            "values": [plain(math.nan)] * 4,
        }


def test_python_answers_for_it(mine):
    assert mine.answer("square(x)")["graph"]["own"]
    assert "own" not in mine.answer("x * y")["graph"]
    settings = {"text": "square(x) * z", "x": 3.0, "y": 0, "z": 2.0, "w": 0, "broken": BREAKS[3]}
    found = mine.answer(settings)
    assert found["values"] == [3, 2, 9, 18]
    assert found["right"] == {"deltas": [12, 9, 2, 1], "sent": [[], [], [12], [2, 9]]}
    assert found["broken"]["deltas"] == [6, 9, 2, 1]
    assert found["slopes"] == {2: 6}
    assert mine.answer({**settings, "text": "square("})["problem"].startswith("at position 8")


def test_the_first_settings_of_its_example_need_no_kernel(mine):
    assert "square(x) * z" in mine.data["graphs"]
    assert mine.data["walks"][f"-2 5 -4 1 {BREAKS[0]} square(x) * z"]["values"] == [-2, -4, 4, -16]


def test_one_of_ones_own_changes_no_other_figure(mine, figure):
    assert mine.still() == figure.still()
    assert numbers(mine) == numbers(figure)
    assert "square" in mine.caption and "square" not in figure.caption
    assert "square" in numbers(figure, text="square(x)")["problem"]
    assert set(figure.data["graphs"]) == set(EXAMPLES)


@pytest.mark.parametrize("own", ["square", 3, None, [3]])
def test_own_takes_functions(own):
    with pytest.raises(TypeError, match="own takes functions that you have defined"):
        explore.expression(own=own)
