import math

import numpy as np

from course_lib.functions import softplus, tanh
from course_lib.graph import Node
from course_lib.losses import squared_error

INF, NAN = math.inf, math.nan
VALUES = [0, 0.201413, 2.126928, 800]

NUMBERS = {
    # by hand: sigmoid(-1.5) = 0.182426, sigmoid(2) = 0.880797, ln(1 + e^-1.5) = 0.201413
    "16a": {
        "right": [*VALUES, 0, 0.364851, -0.880797, 0.5],
        "overflow": [0, 0.201413, 2.126928, INF, 0, 0.364851, -0.880797, NAN],
        "overflow_below": [INF, 0.201413, 2.126928, 800, 0, 0.364851, -0.880797, 0.5],
        "relu": [0, 0, 2, 800, 0, 0, -1, 0.5],
        "no_upstream": [*VALUES, 0, 0.182426, 0.880797, 1],
        "no_slope": [*VALUES, 3, 2, -1, 0.5],
        "value_for_slope": [*VALUES, 0, 0.402827, -2.126928, 400],
        # 1 / (1 + e^-y) = (1 + e^x) / (2 + e^x)
        "slope_at_output": [*VALUES, 1.5, 1.100368, -0.893493, 0.5],
        "minus_x": [*VALUES, 3, 1.635149, -0.119203, 0],
        "inner_only": [*VALUES, 0, 0.446260, -7.389056, INF],
        "sigmoid_slope": [*VALUES, 0, 0.298293, -0.104994, 0],
        # sigmoid(-3) and sigmoid(4)
        "shared_memory": [*VALUES, 0, 0.094852, -0.982014, 0.5],
    },
    # central differences of ||V' tanh(W x) - x||^2 in W, in V, and in both at once
    "16b": {
        "right": [-1.689435, -1.116221, -2.934671, 0.484509, 0.758889, 0.742236],
        "encoder_only": [-0.071005, 0.035502, -0.142009, -0.341769, 0.170885, -0.683538],
        "decoder_only": [-1.618430, -1.151723, -2.792662, 0.826278, 0.588004, 1.425774],
        "decoder_matrix": [-1.618430, 0.826278, -1.151723, 0.588004, -2.792662, 1.425774],
        "transposed": [-1.689435, 0.484509, -1.116221, 0.758889, -2.934671, 0.742236],
        # the encoder's rows divided by 1 - h^2 = 0.180707 and 0.786448
        "no_slope": [-2.011357, -0.955259, -3.578516, 0.391705, 0.805291, 0.556628],
        # times 1 - z^2 = -1.25 and 0.75 instead
        "slope_of_z": [-1.127271, -1.397303, -1.810344, 0.500348, 0.750969, 0.773914],
        # times h (1 - h) = 0.085855 and -0.675669 instead
        "sigmoid_slope": [-1.652165, -1.134856, -2.860131, 1.119906, 0.441190, 2.013030],
        "encoder_twice": [-0.142009, 0.071005, -0.284018, -0.683538, 0.341769, -1.367076],
        "decoder_twice": [-3.236860, -2.303446, -5.585324, 1.652556, 1.176008, 2.851548],
        "half": [-0.844717, -0.558110, -1.467335, 0.242255, 0.379444, 0.371118],
        "subtracted": [1.547425, 1.187225, 2.650653, -1.168047, -0.417120, -2.109312],
        "multiplied": [0.114916, -0.040889, 0.396583, -0.282396, 0.100481, -0.974571],
        "reconstruction": [-1.625955, -1.071047, -2.825135, 0.790055, 0.976324, 1.269468],
        "sign": [1.689435, 1.116221, 2.934671, -0.484509, -0.758889, -0.742236],
    },
    # by hand, in whole numbers
    "16c": {
        "right": [7, -3, -1, 12, 9, -2],
        "flipped": [9, -2, -1, 12, 7, -3],
        "last_position": [0, 4, 4, 2, 0, 0],
        "first_position": [0, 0, 1, 2, 3, -1],
        "mean": [1.75, -0.75, -0.25, 3, 2.25, -0.5],
        "one_word_early": [9, 4, 7, -3, -1, 12],
        "same_row": [7, -3, 7, -3, 7, -3],
        "no_delta": [4, 3, 6, 4, 5, 2],
        "filter_for_words": [4, 0, 8, -4, 0, 4],
    },
    # by hand: u = -0.6, ln(1 + e^u) = 0.437488, sigmoid(u) = 0.354344
    "16d": {
        "right": -1.215118,
        "along_w_only": 0.437488,
        "last_report": -0.212606,
        "square_only": -1.44,
        "direct_lost": -1.652606,
        "square_lost": 0.224882,
        "softplus_lost": -1.002512,
        "no_inner": -0.939684,
        "product_of_slopes": -1.014788,
        "value_for_slope": -1.265005,
        "spent_twice": -1.427724,  # what the naive recursion of chapter 08 gives
        "of_x": 0.688586,
        "multiplied": 0.133938,
    },
}

# --- right answers, written another way ----------------------------------------------------------


class FromOutput:
    """Keeps the output alone: 1 - e^-y is the sigmoid of x."""

    def forward(self, x):
        self.y = np.logaddexp(0, x)
        return self.y

    def backward(self, delta):
        return -np.expm1(-self.y) * delta


class WithNode:
    """The course's own operation."""

    def forward(self, x):
        self.x = Node(x)
        self.y = softplus(self.x)
        return self.y

    def backward(self, delta):
        self.y.backward(delta)
        return self.x.grad


class InTwoBranches:
    """One number after the other, as PyTorch does it: beyond 20 softplus is the line."""

    def forward(self, x):
        self.x = np.array(x)
        return [self.one(float(v)) for v in np.ravel(x)] if x.ndim == 1 else self.rows(x)

    def rows(self, x):
        return [[self.one(float(v)) for v in row] for row in x]

    def one(self, x):
        return x if x > 20 else math.log1p(math.exp(x))

    def backward(self, delta):
        return delta / (1 + np.exp(np.minimum(-self.x, 700)))


class InSingle:
    def forward(self, x):
        self.x = np.asarray(x, np.float32)
        return np.logaddexp(np.float32(0), self.x)

    def backward(self, delta):
        return np.asarray(delta, np.float32) * (0.5 * (1 + np.tanh(self.x / 2)))


def delta_W_by_the_engine(x, W):
    W = Node(W)
    squared_error(W.T @ tanh(W @ x), x, "sum").backward()
    return W.grad


def delta_W_with_loops(x, W):
    hidden, inputs = W.shape
    h = [math.tanh(sum(W[i, j] * x[j] for j in range(inputs))) for i in range(hidden)]
    error = [sum(W[i, j] * h[i] for i in range(hidden)) - x[j] for j in range(inputs)]
    total = np.zeros(W.shape)
    for i in range(hidden):
        through = sum(2 * error[k] * W[i, k] for k in range(inputs)) * (1 - h[i] ** 2)
        for j in range(inputs):
            total[i, j] = 2 * error[j] * h[i] + through * x[j]
    return total


def delta_F_by_the_engine(X, F, delta_z):
    F, k = Node(F), len(F)
    z = [(F * X[t : t + k]).sum() for t in range(len(delta_z))]
    sum(d * one for d, one in zip(delta_z.tolist(), z, strict=True)).backward()
    return F.grad


def delta_F_row_by_row(X, F, delta_z):
    return [(X[i : i + len(delta_z)].T @ delta_z).tolist() for i in range(len(F))]


def delta_F_with_windows(X, F, delta_z):
    seen = np.lib.stride_tricks.sliding_window_view(X, len(F), axis=0)
    return np.tensordot(delta_z, seen, axes=1).T


def in_single(function):
    """The same in float32."""

    def single(*inputs):
        return np.asarray(function(*(np.asarray(v, np.float32) for v in inputs)), np.float32)

    return single


def df_dw_by_the_engine(w, x):
    w = Node(w)
    u = w * x
    (softplus(u) * w + u**2).backward()
    return w.grad


def df_dw_with_math(w, x):
    e = math.exp(w * x)
    return math.log1p(e) + w * x * e / (1 + e) + 2 * w * x**2


RIGHT = {
    "16a": [FromOutput, WithNode, InTwoBranches, InSingle],
    "16b": [delta_W_by_the_engine, delta_W_with_loops, in_single(delta_W_with_loops)],
    "16c": [
        delta_F_by_the_engine,
        delta_F_row_by_row,
        delta_F_with_windows,
        in_single(delta_F_row_by_row),
    ],
    "16d": [df_dw_by_the_engine, df_dw_with_math, lambda w, x: np.array(df_dw_with_math(w, x))],
}

# --- wrong answers that nobody foresaw -----------------------------------------------------------


class MinusSlope(FromOutput):
    def backward(self, delta):
        return -super().backward(delta)


class Clipped(FromOutput):
    """Cuts x off at 500, so that nothing overflows."""

    def forward(self, x):
        return super().forward(np.clip(x, -500, 500))


class Summed(FromOutput):
    def backward(self, delta):
        return super().backward(delta).sum()


class ValueOnly:
    def forward(self, x):
        return np.logaddexp(0, x)

    def backward(self, delta):
        delta = 2 * delta  # and no return


class NoBackward:
    def forward(self, x):
        return np.logaddexp(0, x)


WRONG = {
    "16a": [
        (MinusSlope, "sign"),
        (Clipped, "partly"),
        (Summed, "other"),
        (ValueOnly, "nothing"),
        (NoBackward, "methods"),
        (FromOutput(), "value"),
        (np.logaddexp, "instance"),
    ],
    "16b": [
        (lambda x, W: 2 * delta_W_with_loops(x, W), "twice"),
        (lambda x, W: delta_W_with_loops(x, W).ravel(), "reshaped"),
        (lambda x, W: np.round(delta_W_with_loops(x, W), 4), "close"),
        (lambda x, W: delta_W_with_loops(x, W) / W.shape[1], "over_n"),
        (lambda x, W: delta_W_with_loops(x, W) + 1, "shifted"),
        (lambda x, W: delta_W_with_loops(x, W).sum(axis=0), "other"),
        (lambda x, W: delta_W_with_loops(x, W) ** 2, "values"),
    ],
    "16c": [
        (lambda X, F, d: -delta_F_with_windows(X, F, d), "sign"),
        (lambda X, F, d: delta_F_with_windows(X, F, d).T, "transposed"),
        (lambda X, F, d: delta_F_with_windows(X, F, d) / 2, "half"),
        (lambda X, F, d: delta_F_with_windows(X, F, d) * [[0], [1], [1]], "partly"),
        (lambda X, F, d: delta_F_with_windows(X, F, d).sum(axis=1), "other"),
        (lambda X, F, d: delta_F_with_windows(X, F, np.abs(d)), "values"),
    ],
    "16d": [
        (lambda w, x: -df_dw_with_math(w, x), "sign"),
        (lambda w, x: 2 * df_dw_with_math(w, x), "twice"),
        (lambda w, x: -1.215118265778637, "published_only"),
        (lambda w, x: 0.25, "constant"),
        (lambda w, x: [df_dw_with_math(w, x)], "reshaped"),
        (lambda w, x: math.log1p(math.exp(w * x)) * w + (w * x) ** 2, "values"),
    ],
}
