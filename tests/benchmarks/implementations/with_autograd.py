"""HIPS autograd: NumPy, traced while it runs."""

from functools import partial

import autograd.numpy as np
from autograd import grad
from autograd.scipy.signal import convolve

from . import graphs


def scalar_graph(data):
    x, y = data["start"]["x"], data["start"]["y"]
    found = {}

    def f(x, y):
        return (x + 1 / (1 + np.exp(-y))) / (x**2 + y)

    derivatives = grad(f, argnum=(0, 1))

    def step(i):
        found["x"], found["y"] = derivatives(x, y)

    return step, lambda: found


def cross_entropy(z, labels):
    z = z - np.max(z, axis=1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[np.arange(len(labels)), labels])


def training(loss, data):
    names, batches, eta = list(data["start"]), data["batches"], data["learning_rate"]
    parameters = [array.copy() for array in data["start"].values()]
    derivatives = grad(loss)

    def step(i):
        for parameter, share in zip(
            parameters, derivatives(parameters, *batches[i % len(batches)]), strict=True
        ):
            parameter -= eta * share

    return step, lambda: dict(zip(names, parameters, strict=True))


def iris_network(data):
    def loss(parameters, x, labels):
        w1, b1, w2, b2 = parameters
        return cross_entropy(np.dot(np.tanh(np.dot(x, w1.T) + b1), w2.T) + b2, labels)

    return training(loss, data)


def window_model(data):
    def loss(parameters, ids, labels):
        table, w1, b1, w2, b2 = parameters
        x = np.reshape(table[ids], (len(ids), -1))
        return cross_entropy(np.dot(np.tanh(np.dot(x, w1.T) + b1), w2.T) + b2, labels)

    return training(loss, data)


def convolution(data):
    batches, found = data["batches"], {}

    def product(w, b, images, signal):  # the error signal as a fixed linear loss
        turned = w[:, :, ::-1, ::-1]
        z = convolve(images, turned, axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")
        return np.sum((z + b[:, None, None]) * signal)

    wanted = ("W", "b", "images") if data["to_images"] else ("W", "b")
    derivatives = grad(product, argnum=tuple(range(len(wanted))))

    def step(i):
        shares = derivatives(data["start"]["W"], data["start"]["b"], *batches[i % len(batches)])
        found.update(zip(wanted, shares, strict=True))

    return step, lambda: found


def graph(value, data):
    found, derivative = {}, grad(value)

    def step(i):
        found["x"] = derivative(data["x"], data)

    return step, lambda: found


chain = partial(graph, graphs.chain)
chain_of_forks = partial(graph, graphs.chain_of_forks)
tree_of_forks = partial(graph, graphs.tree_of_forks)
array_forks = partial(graph, graphs.array_forks)
