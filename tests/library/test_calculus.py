"""Central differences against derivatives known in closed form."""

import math

import numpy as np
import pytest
from nbformat import v4

from course_lib import Node, functions
from course_lib.authoring.kernel import Run
from course_lib.calculus import derivative, gradient, jacobian, verify


def f(x):
    return math.exp(math.sin(x))


def exact(x):
    return math.exp(math.sin(x)) * math.cos(x)


def test_derivative():
    assert derivative(f, 1.2) == pytest.approx(0.920274, abs=5e-7)
    assert derivative(lambda x: x * x, 3) == pytest.approx(6)
    assert derivative(functions.tanh, np.array([0.0, 1.0])) == pytest.approx(
        [1, 0.419974], abs=5e-7
    )
    assert type(derivative(functions.tanh, 1.0)) is float


def test_the_error_over_the_step_is_a_v():
    """Chapter 01: truncation on the left, rounding on the right."""
    points = np.linspace(0.8, 1.4, 601)

    def errors(h):
        return np.array([abs(derivative(f, x, h) - exact(x)) for x in points])

    assert abs(derivative(f, 1.2, 1e-5) - exact(1.2)) < 1e-9
    assert abs(derivative(f, 1.2, 1e-3) - exact(1.2)) > 100 * abs(derivative(f, 1.2) - exact(1.2))
    assert np.median(errors(1e-11)) > 1e4 * np.median(errors(1e-5))


def test_jacobian_layouts():
    """Chapter 02: u = (x1 x2, x1 + x2, x1^2) at (2, 3)."""

    def u(x):
        return np.array([x[0] * x[1], x[0] + x[1], x[0] ** 2])

    expected = np.array([[3, 1, 4], [2, 1, 0]])
    np.testing.assert_allclose(jacobian(u, [2, 3]), expected, atol=1e-8)
    np.testing.assert_allclose(jacobian(u, [2, 3], layout="numerator"), expected.T, atol=1e-8)


def test_gradient_has_the_shape_of_x():
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(gradient(lambda x: (x**3).sum(), x), 3 * x**2, atol=1e-6)
    np.testing.assert_array_equal(x, np.arange(6.0).reshape(2, 3))


def test_large_arguments():
    assert gradient(lambda x: x**2, np.array(1e6)) == pytest.approx(2e6, rel=1e-7)


def test_verify_prints_one_fixed_line(capsys):
    x = np.array([1.0, 2, 3])
    assert verify(2 * x, lambda x: x @ x, x) < 1e-6
    assert capsys.readouterr().out == "agrees to better than 1e-6\n"
    verify((2 * x).astype(np.float32), lambda x: x @ x, x)
    assert capsys.readouterr().out == "agrees to better than 1e-4\n"
    verify(0.0, lambda x: 5.0 + 0 * x, 2.0)
    verify(np.zeros(3), lambda x: (np.sin(x) ** 2 + np.cos(x) ** 2).sum(), x)


def test_verify_as_the_last_line_of_a_cell_shows_its_sentence_only(tmp_path):
    source = "from course_lib.calculus import verify\nverify(6.0, lambda x: x * x, 3.0)"
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])
    Run(notebook).execute(tmp_path)
    (output,) = notebook.cells[0].outputs
    assert output.text == "agrees to better than 1e-6\n"


def test_verify_takes_nodes_and_functions_of_nodes():
    x = Node(np.array([[0.5, -1.0, 2.0]]))
    y = functions.tanh(x).sum()
    y.backward()
    assert verify(x.grad, lambda x: functions.tanh(x).sum(), x.value) < 1e-6
    assert verify(Node(np.array([4.0])), lambda x: (x**2).sum(), np.array([2.0])) < 1e-6


def test_verify_of_a_jacobian_wants_denominator_layout():
    A = np.array([[1.0, 2, 3], [4, 5, 6]])
    verify(A.T, lambda x: A @ x, np.ones(3))
    with pytest.raises(AssertionError, match=r"has shape \(2, 3\), expected \(3, 2\)"):
        verify(A, lambda x: A @ x, np.ones(3))


@pytest.mark.parametrize("claimed", [[2.0, 4.0, 6.001], [4.0, 2, 6], [np.nan, 4, 6], [0.0, 0, 0]])
def test_verify_refuses_and_shows_both(claimed):
    with pytest.raises(AssertionError, match="disagrees") as caught:
        verify(np.array(claimed), lambda x: x @ x, np.array([1.0, 2, 3]))
    assert str(np.array(claimed)) in str(caught.value)
    assert "central differences:" in str(caught.value)


def test_verify_near_the_border_of_a_domain(capsys):
    """There the usual step is as long as x itself."""
    for x in (1e-3, 1e-6):
        verify(1 / x, np.log, x)
        verify(0.5 / np.sqrt(x), np.sqrt, x)
    q = np.array([0.99, 0.005, 0.005])
    verify(np.array([0, -200.0, 0]), lambda q: -np.log(q[1]), q)
    with pytest.raises(AssertionError, match="disagrees"):
        verify(1.001 / 1e-3, np.log, 1e-3)


def test_verify_says_when_there_is_no_gradient():
    x = Node(np.ones(3))
    with pytest.raises(AssertionError, match=r"found None: call backward\(\) first"):
        verify(x.grad, lambda x: (x * x).sum(), x)
    (x * x).sum().backward()
    verify(x.grad, lambda x: (x * x).sum(), x)
