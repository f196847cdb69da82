import numpy as np

from course_lib.calculus import gradient
from course_lib.convolution import conv2d
from course_lib.graph import Node

NUMBERS = {
    "13a": {
        "right": [6, 0, 2, 10],
        "turned": [4, 2, 4, 8],
        "transposed": [4, -2, 0, 8],
        "rows_reversed": [3, 5, 7, 3],
        # the filter [[0, 1], [-1, 2]] by hand: 2 - 3 + 2, 0 - 1 + 8, 1 - 2 + 10, 4 - 5 + 2
        "columns_reversed": [1, 7, 9, 1],
        "no_sum": [1, 0, 6, -1],
        "one_place_short": [6],
    },
    "13b": {
        "right": [18, 21, 31, 28],
        "signal_turned": [17, 14, 24, 27],
        "output_for_signal": [22, 54, 72, 26],
        "result_turned": [28, 31, 21, 18],
        "mean": [4.5, 5.25, 7.75, 7],
        "first_place_only": [1, 2, 3, 1],
        "overwritten": [4, 16, 20, 4],  # 4 times the last window
        "no_signal": [7, 7, 11, 11],  # the sums of 1 2 3 1, 2 0 1 4, 3 1 2 5 and 1 4 5 1
    },
    "13c": {
        "right": [1, 2, 0, 5, 7, -2, 6, 5, -4],
        "not_turned": [-1, 0, 4, -3, 3, 10, 0, 3, 4],
        "transposed": [1, 4, 4, 3, 9, 6, 0, -3, -4],
        "only_columns_turned": [2, 3, -2, 7, 7, -4, 3, 4, 0],
        # by hand, pixel by pixel, with [[2, -1], [1, 0]] and with [[0, -1], [1, 2]]
        "only_rows_turned": [0, 1, 2, -1, 3, 8, -3, 2, 8],
        "quarter_turn": [2, 5, 2, 5, 9, 4, -3, -4, 0],
        "unpadded": [7],  # -1 + 2 * 2 + 0 * 3 + 1 * 4
        "overwritten": [1, 2, 0, 3, 4, 0, 6, 8, -4],
        "no_signal": [1, 1, 0, 3, 2, -1, 2, 1, -1],  # F laid down four times
        "sign": [-1, -2, 0, -5, -7, 2, -6, -5, 4],
    },
}


def as_matrix(F, shape):
    """The convolution as one matrix M: O.ravel() is M @ X.ravel()."""
    (h, w), (kh, kw) = shape, F.shape
    rows = []
    for i in range(h - kh + 1):
        for j in range(w - kw + 1):
            row = np.zeros(shape)
            row[i : i + kh, j : j + kw] = F
            rows.append(row.ravel())
    return np.array(rows)


def out_shape(X, F):
    return X.shape[0] - F.shape[0] + 1, X.shape[1] - F.shape[1] + 1


def correlate_as_matrix(X, F):
    return (as_matrix(F, X.shape) @ X.ravel()).reshape(out_shape(X, F))


def correlate_by_entries(X, F):
    """The whole image, shifted and weighted, once for each entry of the filter."""
    h, w = out_shape(X, F)
    total = 0
    for k, row in enumerate(F):
        for l, weight in enumerate(row):
            total = total + weight * X[k : k + h, l : l + w]
    return total.tolist()


def with_nodes(X, F, delta_O=None):
    """Image, filter and output as nodes, after the backward pass of the course's own engine."""
    image, weight = Node(X[None, None]), Node(F[None, None])
    output = conv2d(image, weight)
    if delta_O is not None:
        output.backward(delta_O[None, None])
    return image, weight, output


def delta_F_by_differences(X, F, delta_O):
    return gradient(lambda F: np.sum(delta_O * correlate_as_matrix(X, F)), F)


def delta_F_by_entries(X, F, delta_O):
    h, w = delta_O.shape
    total = np.zeros_like(F)
    for k, l in np.ndindex(*F.shape):
        total[k, l] = np.vdot(X[k : k + h, l : l + w], delta_O)
    return total


def shares_of_a_2_by_2_filter(X, F, delta_O):
    """Two of the four are right."""
    h, w = delta_O.shape
    return [[np.vdot(X[k : k + h, :w], delta_O) for _ in range(2)] for k in range(2)]


def delta_X_as_matrix(X, F, delta_O):
    return (as_matrix(F, X.shape).T @ delta_O.ravel()).reshape(X.shape)


def delta_X_with_turned_filter(X, F, delta_O):
    (h, w), (kh, kw) = X.shape, F.shape
    padded = np.zeros((h + kh - 1, w + kw - 1))
    padded[kh - 1 : h, kw - 1 : w] = delta_O
    return correlate_by_entries(padded, np.rot90(F, 2))


def with_a_fixed_border(X, F, delta_O):
    """Stops with an error where the filter is not square, and has mistakes before that."""
    padded = np.pad(delta_O, 1)
    right = [
        [np.vdot(padded[i : i + 2, j : j + 2], F[::-1, ::-1]) for j in range(3)] for i in (0, 1)
    ]
    return [*right, [0, 0, 0]]


def in_single(function):
    """The same in float32."""
    return lambda *v: np.asarray(function(*(np.asarray(x, np.float32) for x in v)), np.float32)


RIGHT = {
    "13a": [
        correlate_as_matrix,
        correlate_by_entries,
        in_single(correlate_by_entries),
        lambda X, F: with_nodes(X, F)[2].value[0, 0],
    ],
    "13b": [
        delta_F_by_differences,
        delta_F_by_entries,
        in_single(delta_F_by_entries),
        lambda *v: with_nodes(*v)[1].grad[0, 0],
    ],
    "13c": [
        delta_X_as_matrix,
        delta_X_with_turned_filter,
        lambda *v: with_nodes(*v)[0].grad[0, 0],
    ],
}
WRONG = {
    "13a": [
        (lambda X, F: correlate_as_matrix(X, F).T, "transposed"),
        (lambda X, F: with_nodes(X, F)[2].value, "reshaped"),
        (lambda X, F: 2 * correlate_as_matrix(X, F), "twice"),
        (lambda X, F: correlate_as_matrix(np.pad(X, 1), F), "other"),
        (lambda X, F: np.zeros(out_shape(X, F)), "values"),
    ],
    "13b": [
        (lambda *v: delta_F_by_entries(*v).T, "transposed"),
        (lambda *v: -delta_F_by_entries(*v), "sign"),
        (lambda *v: delta_X_as_matrix(*v), "13c"),
        (lambda *v: [[18.0, 21.0], [31.0, 28.0]], "published_only"),
        (lambda X, F, delta_O: correlate_as_matrix(X, F), "elsewhere"),
        (shares_of_a_2_by_2_filter, "elsewhere"),
    ],
    "13c": [
        (lambda *v: delta_F_by_entries(*v), "13b"),
        (lambda *v: delta_X_as_matrix(*v).ravel(), "reshaped"),
        (lambda *v: delta_X_as_matrix(*v) / 2, "half"),
        (lambda *v: np.flip(delta_X_as_matrix(*v)), "reversed"),
        (lambda X, F, delta_O: X, "values"),
        (with_a_fixed_border, "partly"),
    ],
}


def turned_in_a_loop(X, F, delta_O):
    """Each output spreads the filter turned by 180 degrees."""
    gradient, (kh, kw) = np.zeros(X.shape), F.shape
    for i, j in np.ndindex(*delta_O.shape):
        gradient[i : i + kh, j : j + kw] += np.rot90(F, 2) * delta_O[i, j]
    return gradient


def turned_twice(X, F, delta_O):
    return delta_X_with_turned_filter(X, np.rot90(F, 2), delta_O)


TWINS = {"13c": [(turned_in_a_loop, "not_turned"), (turned_twice, "not_turned")]}
# In place of the wrong line, with its letter; `backward` is the function of the notebook.
FIX = {"B": "oh, ow = X.shape[0] - kh + 1, X.shape[1] - kw + 1"}


def bug_error(backward) -> float:
    """The largest difference between the notebook's gradients and those of the engine."""
    rng = np.random.default_rng(0)
    X, F, delta_O = rng.normal(size=(5, 4)), rng.normal(size=(3, 2)), rng.normal(size=(3, 3))
    delta_X, delta_F = backward(X, F, delta_O)
    image, weight, _ = with_nodes(X, F, delta_O)
    return max(np.abs(delta_X - image.grad[0, 0]).max(), np.abs(delta_F - weight.grad[0, 0]).max())
