"""PyTorch, eager mode on the CPU: with torch.nn and torch.optim, without them, or sparse tables."""

import os
from functools import partial

import torch
from torch.nn import Embedding, Flatten, Linear, Sequential, Tanh
from torch.nn.functional import conv2d, cross_entropy

from . import graphs

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def scalar_graph(data):
    x, y = (
        torch.tensor(data["start"][name], dtype=torch.float64, requires_grad=True) for name in "xy"
    )

    def step(i):
        x.grad = y.grad = None
        f = (x + torch.sigmoid(y)) / (x**2 + y)
        f.backward()

    return step, lambda: {"x": x.grad, "y": y.grad}


def tensors(data):
    return [tuple(torch.from_numpy(array) for array in batch) for batch in data["batches"]]


def training(model, data):
    batches = tensors(data)
    with torch.no_grad():
        for parameter, start in zip(model.parameters(), data["start"].values(), strict=True):
            parameter.copy_(torch.from_numpy(start))
    optimizer = torch.optim.SGD(model.parameters(), data["learning_rate"])

    def step(i):
        inputs, labels = batches[i % len(batches)]
        optimizer.zero_grad()
        cross_entropy(model(inputs), labels).backward()
        optimizer.step()

    def state():
        return dict(zip(data["start"], (p.detach() for p in model.parameters()), strict=True))

    return step, state


def iris_network(data):
    return training(Sequential(Linear(4, 16), Tanh(), Linear(16, 3)).double(), data)


def iris_network_without_nn(data):
    batches, eta = tensors(data), data["learning_rate"]
    start = data["start"].values()
    w1, b1, w2, b2 = parameters = [torch.tensor(array, requires_grad=True) for array in start]

    def step(i):
        inputs, labels = batches[i % len(batches)]
        logits = torch.tanh(inputs @ w1.T + b1) @ w2.T + b2
        cross_entropy(logits, labels).backward()
        with torch.no_grad():
            for parameter in parameters:
                parameter -= eta * parameter.grad
                parameter.grad = None

    def state():
        return {name: p.detach() for name, p in zip(data["start"], parameters, strict=True)}

    return step, state


def window_model(data, sparse=False):
    model = Sequential(
        Embedding(data["vocabulary"], data["embedding"], sparse=sparse),
        Flatten(),
        Linear(data["window"] * data["embedding"], data["hidden"]),
        Tanh(),
        Linear(data["hidden"], data["classes"]),
    )
    return training(model, data)


window_model_with_sparse_table = partial(window_model, sparse=True)


def convolution(data):
    w, b = (torch.tensor(data["start"][name], requires_grad=True) for name in ("W", "b"))
    wanted, batches = {"W": w, "b": b}, tensors(data)

    def step(i):
        images, signal = batches[i % len(batches)]
        if data["to_images"]:
            images = wanted["images"] = images.detach().requires_grad_()
        w.grad = b.grad = None
        conv2d(images, w, b).backward(signal)

    return step, lambda: {name: tensor.grad for name, tensor in wanted.items()}


def graph(value, data):
    x = torch.tensor(data["x"], dtype=torch.float64, requires_grad=True)

    def step(i):
        x.grad = None
        value(x, data).backward()

    return step, lambda: {"x": x.grad}


chain = partial(graph, graphs.chain)
chain_of_forks = partial(graph, graphs.chain_of_forks)
tree_of_forks = partial(graph, graphs.tree_of_forks)
array_forks = partial(graph, graphs.array_forks)
