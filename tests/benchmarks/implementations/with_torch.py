"""PyTorch, eager mode on the CPU: with torch.nn and torch.optim, without them, or sparse tables."""

import os

import torch
from torch.nn import Embedding, Flatten, Linear, Sequential, Tanh
from torch.nn.functional import conv2d, cross_entropy

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


def window_model_with_sparse_table(data):
    return window_model(data, sparse=True)


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


def leaf(data):
    return torch.tensor(data["x"], dtype=torch.float64, requires_grad=True)


def chain(data):
    x = leaf(data)

    def step(i):
        x.grad = None
        y = x
        for weight in data["weights"]:
            y = y * weight + 0.001
        y.backward()

    return step, lambda: {"x": x.grad}


def chain_of_forks(data):
    x = leaf(data)

    def step(i):
        x.grad = None
        total = x
        for weight in data["weights"]:
            total = total + x * weight
        total.backward()

    return step, lambda: {"x": x.grad}


def tree_of_forks(data):
    x = leaf(data)

    def step(i):
        x.grad = None
        layer = [x * weight for weight in data["weights"]]
        while len(layer) > 1:
            odd = layer[len(layer) // 2 * 2 :]
            layer = [a + b for a, b in zip(layer[::2], layer[1::2], strict=False)] + odd
        layer[0].backward()

    return step, lambda: {"x": x.grad}


def array_forks(data):
    x = leaf(data)

    def step(i):
        x.grad = None
        total = x
        for _ in range(data["count"]):
            total = total + x
        total.sum().backward()

    return step, lambda: {"x": x.grad}
