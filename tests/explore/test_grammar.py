"""Expressions that learners type: read as Python reads them, refused in one line, never run."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import Node
from course_lib.explore.grammar import FUNCTIONS, At, NotFinite, build, gates_of, parse
from course_lib.functions import exp, sigmoid
from course_lib.graph import value_of

VALUES = {"x": -2.0, "y": 5.0, "z": -4.0, "w": 1.5}
PYTHON = {
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "relu": lambda x: max(x, 0.0),
    "softplus": lambda x: math.log(1 + math.exp(x)),
}


def value(text, values=VALUES):
    return build(parse(text), values)[-1].value


def expressions():
    leaves = st.sampled_from(["x", "y", "z", "w", "2.0", "0.5", "3.", ".25", "1e-3"])

    def grow(inner):
        pair = st.tuples(inner, st.sampled_from(["+", " - ", "*", " / "]), inner).map("".join)
        return st.one_of(
            pair,
            inner.map("({})".format),
            inner.map("-{}".format),
            inner.map("({})**2.0".format),
            st.tuples(st.sampled_from([*PYTHON]), inner).map(lambda pair: "{}({})".format(*pair)),
        )

    return st.recursive(leaves, grow, max_leaves=8).filter(lambda text: len(text) <= 80)


@given(expressions())
@settings(max_examples=400, deadline=None)
def test_means_what_python_means(text):
    try:
        expected = eval(text, PYTHON | VALUES)
        known = not isinstance(expected, complex) and math.isfinite(expected)
    except (ArithmeticError, ValueError):
        known = False
    try:
        found = value(text)
    except NotFinite:
        assert not known
    except ValueError as error:
        assert "found no variable" in str(error) or "no finite value" in str(error)
    else:
        assert known and math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("-x**2", -4.0),
        ("(-x)**2", 4.0),
        ("y**-1", 0.2),
        ("2**3**2 + 0*x", 512.0),
        ("y^2^1", 25.0),
        ("2 - 3 - x", 1.0),
        ("8 / y / 2", 0.8),
        ("y - -x", 3.0),
        ("+-+x", 2.0),
        ("−x × y ÷ 2 · z", -20.0),
        ("(x + y) * z", -12.0),
    ],
)
def test_precedence(text, expected):
    assert value(text) == pytest.approx(expected, rel=1e-12)


def test_variables_come_first_and_once_and_constants_are_computed_at_once():
    x, y, square, product, result = parse("y * x**2 * (2 * 3)")
    assert [x.name, y.name] == ["x", "y"]
    assert (square.op, square.operands) == ("**", (At(0), 2.0))
    assert (product.op, product.operands) == ("*", (At(1), At(2)))
    assert (result.op, result.operands) == ("*", (At(3), 6.0))


OPERAND = "expected a number, a variable, a function or ("
BETWEEN = "expected an operator before it (2 x is written 2 * x)"
TOKEN = "expected a number, a name, an operator or a parenthesis"


@pytest.mark.parametrize(
    "text, message",
    [
        ("", f"at position 1: found the end, {OPERAND}"),
        ("x + ", f"at position 4: found the end, {OPERAND}"),
        ("x +* y", f"at position 4: found '*', {OPERAND}"),
        ("()", f"at position 2: found ')', {OPERAND}"),
        ("2x", f"at position 2: found 'x', {BETWEEN}"),
        ("x (y)", f"at position 3: found '(', {BETWEEN}"),
        ("(x y)", f"at position 4: found 'y', {BETWEEN}"),
        ("(x", "at position 3: found the end, expected an operator or )"),
        ("x)", "at position 2: found ')', expected an operator or the end"),
        ("x + q", "at position 5: found 'q', expected one of the variables x, y, z and w"),
        ("exp x", "at position 1: found 'exp', expected its operand in parentheses: exp(x)"),
        (
            "sin(x)",
            "at position 1: found 'sin', expected one of the functions exp, log, sqrt, tanh, "
            "sigmoid, relu and softplus",
        ),
        ("x;y", f"at position 2: found ';', {TOKEN}"),
        ("x + é", f"at position 5: found 'é', {TOKEN}"),
        ("x\0", f"at position 2: found '\\x00', {TOKEN}"),
        ("٣ * x", f"at position 1: found '٣', {TOKEN}"),
        ("__import__('os')", f'at position 12: found "\'", {TOKEN}'),
        ("x.y", f"at position 2: found '.', {TOKEN}"),
        ("x * 1e999", "at position 5: found 1e999, expected a finite number"),
        (
            "x**y",
            "at position 4: found a variable in an exponent, expected a number "
            "(x to the power y is written exp(y * log(x)))",
        ),
        (
            "x * 9**9**9",
            "up to position 11: 9 to the power 3.874e+08 has no finite value, "
            "expected a finite number",
        ),
        (
            "1/0 + x",
            "up to position 3: 1 ÷ 0 has no finite value, expected a finite number",
        ),
        ("2 + 3", "found no variable (2 + 3 is 5), expected one of x, y, z and w at least"),
        ("x" * 81, "found 81 characters, expected at most 80"),
        (
            "(" * 40 + "x",
            "at position 21: found more than 20 parentheses, signs and powers within each other, "
            "expected fewer",
        ),
        (
            "+".join("x" * 40),
            "up to position 43: found more than 20 operations, expected fewer",
        ),
    ],
)
def test_messages(text, message):
    with pytest.raises(ValueError) as error:
        parse(text)
    assert str(error.value) == message


def test_what_is_no_text():
    with pytest.raises(TypeError) as error:
        parse(3)
    assert str(error.value) == "an expression is a text, found a int"


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9**9",
        "9**9**9**9*x",
        "x**9**9**9",
        "((((" * 20,
        "-" * 80,
        "2**" * 26,
        "x" * 10**6,
        "exp(" * 20,
        "exp(exp(exp(9))) * x",
        "().__class__",
        "lambda: x",
        "x\n+\ud800",
        "x if y else z",
    ],
)
def test_hostile_texts_are_refused_at_once(text):
    begin = time.perf_counter()
    with pytest.raises(ValueError) as error:
        parse(text)
    assert time.perf_counter() - begin < 0.1
    assert len(str(error.value)) < 200 and "\n" not in str(error.value)


@given(st.text(max_size=90))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_in_one_line(text):
    try:
        parse(text)
    except ValueError as error:
        assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize(
    "text, message, position",
    [
        ("log(x) + y", "log of −2 has no finite value", 2),
        ("1 / (x + 2)", "1 ÷ 0 has no finite value", 2),
        ("x**0.5", "−2 to the power 0.5 has no finite value", 1),
        ("exp(y * 200)", "exp of 1000 has no finite value", 2),
    ],
)
def test_values_that_an_operation_does_not_take(text, message, position):
    with pytest.raises(NotFinite) as error:
        build(parse(text), VALUES)
    assert (str(error.value), error.value.position) == (message, position)


# --- functions of a learner's own -----------------------------------------------------------------


def cube(a):
    x = value_of(a)
    return Node(x**3, "cube", (a, lambda delta: delta * 3 * x**2))


def swish(a):
    return a * sigmoid(a)


def own(text, *functions, values=VALUES):
    words = FUNCTIONS | gates_of(functions)
    return build(parse(text, functions=words), values, words)


def test_a_function_of_ones_own_is_one_operation_whatever_is_inside():
    nodes = own("swish(x + y) * cube(2) - cube(x)", swish, cube)
    assert [node.op for node in nodes] == [None, None, "+", "swish", "*", "cube", "-"]
    inside = 3 / (1 + math.exp(-3))
    assert nodes[-1].value == pytest.approx(8 * inside + 8, rel=1e-12)
    nodes[-1].backward()
    slope = inside / 3 * (1 + 3 * (1 - inside / 3))
    assert nodes[1].grad == pytest.approx(8 * slope, rel=1e-12)
    assert nodes[0].grad == pytest.approx(8 * slope - 12, rel=1e-12)


def test_words_of_ones_own_are_listed_and_are_not_there_for_others():
    with pytest.raises(ValueError, match=r"relu, softplus and cube$"):
        own("sin(x)", cube)
    with pytest.raises(ValueError, match=r"its operand in parentheses: cube\(x\)$"):
        own("cube x", cube)
    with pytest.raises(ValueError, match=r"relu and softplus$"):
        parse("cube(x)")


def test_where_it_has_no_value():
    def root(a):
        return a**0.5

    def logarithm(a):
        return Node(math.log(a.value), "logarithm", (a, lambda delta: delta / a.value))

    def steep(a):
        return exp(exp(a * a))

    for function in (root, logarithm):
        with pytest.raises(NotFinite, match=f"{function.__name__} of −2 has no finite value"):
            own(f"{function.__name__}(x)", function)
    with pytest.raises(NotFinite, match="steep of 5"):
        own("steep(y)", steep)
    with pytest.raises(ValueError, match="up to position 8: root of −1 has no finite value"):
        own("root(-1) * x", root)


def returns_a_number(a):
    return 3.0


def no_way_back(a):
    return Node(a.value**2, "no_way_back")


def stops(a):
    return a.shape.foo


def wide(a):
    return Node(np.array([a.value, 1.0]), "wide", (a, lambda delta: delta[0]))


def crooked(a):
    return Node(a.value, "crooked", (a, lambda delta: delta.foo))


def much_too_long_a_name(a):
    return a * 1


@pytest.mark.parametrize(
    "functions, kind, message",
    [
        ([returns_a_number], ValueError, "returns_a_number returned 3.0, expected a Node"),
        (
            [no_way_back],
            ValueError,
            "no_way_back returned a Node without an edge that leads back to its operand",
        ),
        (
            [stops],
            ValueError,
            "stops stopped with AttributeError: 'tuple' object has no attribute 'foo'",
        ),
        ([wide], ValueError, "wide returned an array of shape (2,), expected a number"),
        (
            [crooked],
            ValueError,
            "crooked stopped with AttributeError: 'float' object has no attribute 'foo'",
        ),
        (
            [much_too_long_a_name],
            ValueError,
            "found the name 'much_too_long_a_name', expected at most 16 of the letters a to z, "
            "digits and _",
        ),
        (
            [lambda a: a * a],
            ValueError,
            "a lambda has no name to type: write def name(a): return ...",
        ),
        ([cube, cube], ValueError, "cube is a word of the figure already: give yours another name"),
        ([exp], ValueError, "exp is a word of the figure already: give yours another name"),
        ([3], TypeError, "own takes functions that you have defined, found 3"),
    ],
)
def test_what_is_no_operation_is_said_in_one_line(functions, kind, message):
    with pytest.raises(kind) as error:
        gates_of(functions)
    assert str(error.value) == message


@pytest.mark.parametrize("name", ["x", "w", "neg", "variable", "softplus", "größe", "__a b"])
def test_names_that_are_taken_or_cannot_be_typed(name):
    def function(a):
        return a * 1

    function.__name__ = name
    with pytest.raises(ValueError, match=r"already|expected at most"):
        gates_of([function])
