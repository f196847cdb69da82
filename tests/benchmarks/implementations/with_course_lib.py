"""The course's own library."""

from functools import partial

import numpy as np

from course_lib import Node
from course_lib.convolution import conv2d
from course_lib.functions import sigmoid
from course_lib.layers import Embedding, Flatten, Linear, Sequential, Tanh, get_state, set_state
from course_lib.losses import cross_entropy
from course_lib.optimizers import SGD

from . import graphs


def scalar_graph(data):
    x, y = Node(data["start"]["x"]), Node(data["start"]["y"])

    def step(i):
        f = (x + sigmoid(y)) / (x**2 + y)
        f.backward()

    return step, lambda: {"x": x.grad, "y": y.grad}


def training(model, names, data):
    """Steps of gradient descent as fit() does them; `names` are the model's own, in our order."""
    set_state(model, dict(zip(names, data["start"].values(), strict=True)))
    optimizer = SGD(model.parameters(), data["learning_rate"])
    batches = data["batches"]

    def step(i):
        inputs, labels = batches[i % len(batches)]
        cross_entropy(model(inputs), labels).backward(free=True)
        optimizer.step()

    def state():
        return dict(zip(data["start"], get_state(model).values(), strict=True))

    return step, state


def iris_network(data):
    model = Sequential(Linear(4, 16), Tanh(), Linear(16, 3))
    return training(model, list(get_state(model)), data)


def window_model(data):
    f = np.float32
    model = Sequential(
        Embedding(data["vocabulary"], data["embedding"], dtype=f),
        Flatten(),
        Linear(data["window"] * data["embedding"], data["hidden"], dtype=f),
        Tanh(),
        Linear(data["hidden"], data["classes"], dtype=f),
    )
    return training(model, list(get_state(model)), data)


def convolution(data):
    w, b = Node(data["start"]["W"]), Node(data["start"]["b"])
    wanted, batches = {"W": w, "b": b}, data["batches"]

    def step(i):
        images, signal = batches[i % len(batches)]
        if data["to_images"]:
            images = wanted["images"] = Node(images)
        conv2d(images, w, b).backward(signal, free=True)

    return step, lambda: {name: node.grad for name, node in wanted.items()}


def graph(value, data, free=False):
    x = Node(data["x"])

    def step(i):
        value(x, data).backward(free=free)

    return step, lambda: {"x": x.grad}


chain = partial(graph, graphs.chain)
chain_of_forks = partial(graph, graphs.chain_of_forks)
tree_of_forks = partial(graph, graphs.tree_of_forks)
array_forks = partial(graph, graphs.array_forks, free=True)
