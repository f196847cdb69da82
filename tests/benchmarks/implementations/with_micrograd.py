"""micrograd: scalars only; functions that it lacks are added as its author's lecture adds tanh.

The sigmoid is one operation or, where only exp is added, composed of what micrograd has. A chain
of thousands of nodes is too deep for its recursive backward(), and a window model or a convolution
would be millions of nodes a step.
"""

import math

from micrograd.engine import Value

from . import graphs


def unary(x, name, y, slope):
    out = Value(y, (x,), name)

    def backward():
        x.grad += slope * out.grad

    out._backward = backward
    return out


def sigmoid(x):
    y = 1 / (1 + math.exp(-x.data))
    return unary(x, "sigmoid", y, y * (1 - y))


def tanh(x):
    y = math.tanh(x.data)
    return unary(x, "tanh", y, 1 - y * y)


def exp(x):
    y = math.exp(x.data)
    return unary(x, "exp", y, y)


def log(x):
    return unary(x, "log", math.log(x.data), 1 / x.data)


def scalar_graph(data, sigmoid=sigmoid):
    x, y = Value(data["start"]["x"]), Value(data["start"]["y"])

    def step(i):
        x.grad = y.grad = 0
        f = (x + sigmoid(y)) / (x**2 + y)
        f.backward()

    return step, lambda: {"x": x.grad, "y": y.grad}


def scalar_graph_with_exp(data):
    return scalar_graph(data, lambda y: 1 / (1 + exp(-y)))


def iris_network(data):
    start = data["start"].values()
    w1, b1, w2, b2 = nested = [values_of(array.tolist()) for array in start]
    parameters = [value for rows in nested for value in flat(rows)]
    batches, eta = data["batches"], data["learning_rate"]

    def layer(w, b, x):
        units = zip(w, b, strict=True)
        return [sum((v * u for v, u in zip(row, x, strict=True)), c) for row, c in units]

    def loss(x, label):
        z = layer(w2, b2, [tanh(z) for z in layer(w1, b1, x)])
        return log(sum((exp(u) for u in z), 0)) - z[label]

    def step(i):
        inputs, labels = batches[i % len(batches)]
        pairs = zip(inputs.tolist(), labels.tolist(), strict=True)
        mean = sum((loss(x, label) for x, label in pairs), 0) / len(labels)
        for parameter in parameters:
            parameter.grad = 0
        mean.backward()
        for parameter in parameters:
            parameter.data -= eta * parameter.grad

    def state():
        return dict(zip(data["start"], map(numbers, nested), strict=True))

    return step, state


def values_of(x):
    return [values_of(y) for y in x] if isinstance(x, list) else Value(x)


def flat(x):
    return [value for y in x for value in flat(y)] if isinstance(x, list) else [x]


def numbers(x):
    return [numbers(y) for y in x] if isinstance(x, list) else x.data


def tree_of_forks(data):
    x = Value(data["x"])

    def step(i):
        x.grad = 0
        graphs.tree_of_forks(x, data).backward()

    return step, lambda: {"x": x.grad}
