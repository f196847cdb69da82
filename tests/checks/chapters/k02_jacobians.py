import numpy as np

from course_lib.calculus import gradient, jacobian
from course_lib.graph import Node

NUMBERS = {
    "02a": {
        "right": [55, 6, 39, 0],
        "numerator": [55, 39, 6, 0],
        "values": [240, 9, 240, 9],
        "no_path_u2": [40, 6, 24, 0],
        "product_rule_swapped": [39, 6, 55, 0],
        # these four by hand, with u = (15, 8, 9)
        "no_path_u1": [15, 6, 15, 0],
        "no_2": [55, 3, 39, 0],
        "order": [40, 8, 48, 75, 15, 90, 3, 1, 0],
        "slopes_at_x": [28, 6, 18, 0],
    },
    "02b": {
        "right": [6.5, 9],
        "no_transpose": [4.5, 9.5],
        "diagonal": [0.5, 8],
        "outer_summed": [2.5, -2.5],
        "inverse": [1, -0.25],
        # these four by hand
        "no_delta": [4, 6],
        "jacobian": [1, 3, 2, 4],
        "weight_gradient": [0.5, -0.5, 2, -2],
        "forward": [-1, -1],
    },
    "02c": {
        "right": [2, 4, 6],
        "no_2": [1, 2, 3],
        "value_repeated": [14, 14, 14],
        "normalized": [0.267, 0.535, 0.802],
        "squared": [1, 4, 9],
        "doubled_unit": [0.535, 1.069, 1.604],
        # these three by hand
        "value": 14,
        "summed": 12,
        "squares_jacobian": [2, 0, 0, 0, 4, 0, 0, 0, 6],
    },
}


def g(x):
    """Both outputs of 02a."""
    x1, x2 = x
    return np.array([x1 * x2 * (x1 + x2), x1**2])


def dg_dx_multiplied_out(x1, x2):
    """Row by row: dg1/dx_i and dg2/dx_i of g1 = x1^2 x2 + x1 x2^2."""
    return [[2 * x1 * x2 + x2**2, 2 * x1], [x1**2 + 2 * x1 * x2, 0]]


def dg_dx_with_nodes(x1, x2):
    columns = []
    for output in (0, 1):
        a, b = Node(x1), Node(x2)
        u = (a * b, a + b, a**2)
        (u[0] * u[1] if output == 0 else u[2] + 0 * b).backward()
        columns.append([a.grad, b.grad])
    return np.array(columns).T


def delta_x_with_loops(x, A, delta_z):
    found = np.zeros_like(x)
    for i, row in enumerate(A):
        for j, entry in enumerate(row):
            found[j] += entry * delta_z[i]
    return found


def delta_x_with_nodes(x, A, delta_z):
    x = Node(x)
    (A @ x).backward(delta_z)
    return x.grad


def dJ_dx_with_nodes(x):
    x = Node(x)
    (x @ x).backward()
    return x.grad


RIGHT = {
    "02a": [
        dg_dx_multiplied_out,
        dg_dx_with_nodes,
        lambda x1, x2: jacobian(g, [x1, x2]),
        lambda x1, x2: np.array(dg_dx_multiplied_out(x1, x2), np.float32),
    ],
    "02b": [
        delta_x_with_loops,
        delta_x_with_nodes,
        lambda x, A, delta_z: delta_z @ A,
        lambda x, A, delta_z: np.einsum("ij,i->j", A, delta_z),
        lambda x, A, delta_z: gradient(lambda v: delta_z @ (A @ v), x),
        lambda x, A, delta_z: A.T.astype(np.float32) @ delta_z.astype(np.float32),
    ],
    "02c": [
        dJ_dx_with_nodes,
        lambda x: [float(entry) * 2 for entry in x],
        lambda x: gradient(lambda v: v @ v, x),
        lambda x: x + np.eye(len(x), dtype=np.float32) @ x,
    ],
}
WRONG = {
    "02a": [
        (lambda x1, x2: -np.array(dg_dx_multiplied_out(x1, x2)), "sign"),
        (lambda x1, x2: 2 * np.array(dg_dx_multiplied_out(x1, x2)), "twice"),
        (lambda x1, x2: np.ravel(dg_dx_multiplied_out(x1, x2)), "reshaped"),
        (lambda x1, x2: [[55.0, 6.0], [39.0, 0.0]], "published_only"),
        (lambda x1, x2: [[2 * x1 * x2 + x2**2, x1**2], [x1**2 + 2 * x1 * x2, 0]], "partly"),
        (lambda x1, x2: dg_dx_multiplied_out(x1, x2)[::-1], "values"),  # the rows exchanged
        (lambda x1, x2: np.array([[x2, 1, 2 * x1], [x1, 1, 0]]), "other"),
        (lambda x1, x2: [[x2, 1, 2 * x1], [x1, 1]], "ragged"),
    ],
    "02b": [
        (lambda x, A, delta_z: -delta_x_with_loops(x, A, delta_z), "sign"),
        (lambda x, A, delta_z: delta_x_with_loops(x, A, delta_z)[:, None], "reshaped"),
        (lambda x, A, delta_z: delta_x_with_loops(x, A, delta_z)[::-1], "reversed"),
        (lambda x, A, delta_z: A.T * delta_z, "other"),
        (lambda x, A, delta_z: (A.T @ delta_z).astype(int), "whole"),
        (lambda x, A, delta_z: delta_x_with_loops(x, A, delta_z) + 1, "values"),  # 2 entries
        (lambda x, A, delta_z: [*delta_x_with_loops(x, A, delta_z)[:-1], 0], "partly"),
    ],
    "02c": [
        (lambda x: -2 * x, "sign"),
        (lambda x: 4 * x, "twice"),
        (lambda x: 2 * x / len(x), "over_n"),
        (lambda x: (2 * x)[None, :], "reshaped"),
        (lambda x: 2 * x + 1, "shifted"),
        (lambda x: np.append(2 * x[:-1], 0), "partly"),
        (lambda x: np.array([2.0, 4.0, 6.0]), "published_only"),
    ],
}
# In place of the wrong line, with its letter; `backward` is the function of the notebook.
FIX = {"D": "dv_du = np.array([[u[1], 0, 0], [u[0], u[2], 0], [0, u[1], 2 * u[2]]])"}


def bug_error(backward) -> float:
    """The largest difference between dJ/dx and central differences of J."""
    rng = np.random.default_rng(0)
    x, A = rng.normal(size=3), rng.normal(size=(3, 3)) / 2

    def J(x):
        u = A @ x
        return (u[0] * u[1]) ** 2 + (u[1] * u[2]) ** 2 + u[2] ** 4

    return np.abs(backward(x, A)[0] - gradient(J, x)).max()
