"""The same computation in PyTorch: values, gradients, layers and optimizers agree.

PyTorch is a test dependency only; without it this file is skipped.
"""

import numpy as np
import pytest

from course_lib import Node, functions, layers, losses, optimizers
from course_lib.convolution import conv2d

torch = pytest.importorskip("torch")
F = torch.nn.functional

IDS = np.array([[3, 0, 3], [1, 3, 4]])
LABELS = np.array([2, 0, 1, 2, 2])
HALVES = np.random.default_rng(5).uniform(0.1, 0.9, (5, 4))


def tensor(x):
    return torch.tensor(np.asarray(x))


# name: (ours, theirs, shapes); operands are positive and below 1, so that all are defined
CASES = {
    "add": (lambda a, b: a + b, lambda a, b: a + b, [(3, 1, 4), (2, 1)]),
    "subtract": (lambda a, b: a - b, lambda a, b: a - b, [(3, 1, 4), (2, 1)]),
    "multiply": (lambda a, b: a * b, lambda a, b: a * b, [(3, 1, 4), (2, 1)]),
    "divide": (lambda a, b: a / b, lambda a, b: a / b, [(3, 1, 4), (2, 1)]),
    "power": (lambda a: a**2.5, lambda a: a**2.5, [(3, 4)]),
    "matmul": (lambda a, b: a @ b, lambda a, b: a @ b, [(5, 3, 4), (4, 2)]),
    "matrix by vector": (lambda a, b: a @ b, lambda a, b: a @ b, [(3, 4), (4,)]),
    "sum": (lambda a: a.sum(axis=(0, 2)), lambda a: a.sum(dim=(0, 2)), [(3, 4, 2)]),
    "mean": (lambda a: a.mean(axis=1), lambda a: a.mean(dim=1), [(3, 4, 2)]),
    "transpose": (
        lambda a: a.transpose(2, 0, 1),
        lambda a: a.permute(2, 0, 1),
        [(3, 4, 2)],
    ),
    "index": (lambda a: a[[0, 2, 0], 1:], lambda a: a[[0, 2, 0], 1:], [(3, 4)]),
    "exp": (functions.exp, torch.exp, [(3, 4)]),
    "log": (functions.log, torch.log, [(3, 4)]),
    "sqrt": (functions.sqrt, torch.sqrt, [(3, 4)]),
    "tanh": (functions.tanh, torch.tanh, [(3, 4)]),
    "sigmoid": (functions.sigmoid, torch.sigmoid, [(3, 4)]),
    "softplus": (functions.softplus, F.softplus, [(3, 4)]),
    "relu": (lambda a: functions.relu(a - 0.5), lambda a: F.relu(a - 0.5), [(3, 4)]),
    "leaky_relu": (
        lambda a: functions.leaky_relu(a - 0.5, 0.1),
        lambda a: F.leaky_relu(a - 0.5, 0.1),
        [(3, 4)],
    ),
    "elu": (lambda a: functions.elu(a - 0.5, 1.3), lambda a: F.elu(a - 0.5, 1.3), [(3, 4)]),
    "maximum": (functions.maximum, torch.maximum, [(3, 4), (4,)]),
    "maxout": (
        lambda a: functions.maxout(a, 3),
        lambda a: a.reshape(4, 2, 3).amax(dim=2),
        [(4, 6)],
    ),
    "softmax": (functions.softmax, lambda a: F.softmax(a, -1), [(3, 4)]),
    "log_softmax": (functions.log_softmax, lambda a: F.log_softmax(a, -1), [(3, 4)]),
    "concatenate": (
        lambda a, b: functions.concatenate([a, b], axis=1),
        lambda a, b: torch.cat([a, b], dim=1),
        [(2, 3), (2, 4)],
    ),
    "embedding": (
        lambda a: functions.embedding(a, IDS),
        lambda a: F.embedding(tensor(IDS), a),
        [(5, 4)],
    ),
    "linear": (functions.linear, F.linear, [(2, 5, 3), (4, 3), (4,)]),
    "conv2d": (conv2d, F.conv2d, [(2, 3, 5, 6), (4, 3, 2, 3), (4,)]),
    "conv2d, stride and padding": (
        lambda x, w, b: conv2d(x, w, b, 2, 1),
        lambda x, w, b: F.conv2d(x, w, b, 2, 1),
        [(2, 3, 7, 6), (4, 3, 2, 3), (4,)],
    ),
    "squared_error": (
        lambda a: losses.squared_error(a, HALVES, "sum"),
        lambda a: F.mse_loss(a, tensor(HALVES).to(a.dtype), reduction="sum"),
        [(5, 4)],
    ),
    "binary_cross_entropy": (
        lambda a: losses.binary_cross_entropy(a, HALVES) / 4,
        lambda a: F.binary_cross_entropy(a, tensor(HALVES).to(a.dtype)),
        [(5, 4)],
    ),
    "binary_cross_entropy_with_logits": (
        lambda a: losses.binary_cross_entropy_with_logits(a, HALVES, "sum"),
        lambda a: F.binary_cross_entropy_with_logits(
            a, tensor(HALVES).to(a.dtype), reduction="sum"
        ),
        [(5, 4)],
    ),
    "cross_entropy": (
        lambda a: losses.cross_entropy(a, LABELS),
        lambda a: F.cross_entropy(a, tensor(LABELS)),
        [(5, 4)],
    ),
    "negative_log_likelihood": (
        lambda a: losses.negative_log_likelihood(a, np.eye(4)[LABELS]),
        lambda a: F.nll_loss(torch.log(a), tensor(LABELS)),
        [(5, 4)],
    ),
    "kl_divergence": (
        lambda a: losses.kl_divergence(HALVES, a),
        lambda a: F.kl_div(torch.log(a), tensor(HALVES).to(a.dtype), reduction="batchmean"),
        [(5, 4)],
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_value_and_gradients(name, dtype):
    ours, theirs, shapes = CASES[name]
    rng = np.random.default_rng(len(name))
    operands = [rng.uniform(0.05, 0.95, shape).astype(dtype) for shape in shapes]
    nodes = [Node(x) for x in operands]
    tensors = [torch.tensor(x, requires_grad=True) for x in operands]
    result, expected = ours(*nodes), theirs(*tensors)
    tolerance = 1e-10 if dtype is np.float64 else 2e-5
    np.testing.assert_allclose(
        result.value, expected.detach().numpy(), rtol=tolerance, atol=tolerance
    )
    delta = rng.normal(size=result.shape).astype(dtype)
    result.backward(delta)
    expected.backward(torch.tensor(delta))
    for node, other in zip(nodes, tensors, strict=True):
        gradient = np.asarray(node.grad)
        assert gradient.dtype == dtype
        np.testing.assert_allclose(gradient, other.grad.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 2, 5)])
def test_batch_normalization_in_training_and_evaluation(shape):
    rng = np.random.default_rng(0)
    ours = layers.BatchNorm(3)
    theirs = (torch.nn.BatchNorm1d if len(shape) == 2 else torch.nn.BatchNorm2d)(3).double()
    gamma, beta = rng.normal(size=3), rng.normal(size=3)
    ours.weight.value, ours.bias.value = gamma.copy(), beta.copy()
    with torch.no_grad():
        theirs.weight.copy_(tensor(gamma))
        theirs.bias.copy_(tensor(beta))
    for training in (True, True, False):
        ours._switch(training)
        theirs.train(training)
        x, delta = rng.normal(2, 3, shape), rng.normal(size=shape)
        node, other = Node(x), torch.tensor(x, requires_grad=True)
        result, expected = ours(node), theirs(other)
        np.testing.assert_allclose(result.value, expected.detach().numpy(), rtol=1e-10)
        theirs.zero_grad()
        result.backward(delta)
        expected.backward(tensor(delta))
        np.testing.assert_allclose(node.grad, other.grad.numpy(), rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(ours.weight.grad, theirs.weight.grad.numpy(), rtol=1e-9)
        np.testing.assert_allclose(ours.bias.grad, theirs.bias.grad.numpy(), rtol=1e-9)
        np.testing.assert_allclose(ours.running_mean, theirs.running_mean.numpy(), rtol=1e-12)
        np.testing.assert_allclose(ours.running_variance, theirs.running_var.numpy(), rtol=1e-12)


OPTIMIZERS = {
    "SGD": (
        lambda p: optimizers.SGD(p, 0.1),
        lambda p: torch.optim.SGD(p, 0.1),
    ),
    "SGD with momentum": (
        lambda p: optimizers.SGD(p, 0.1, momentum=0.9),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9),
    ),
    "SGD with momentum and decay": (
        lambda p: optimizers.SGD(p, 0.1, momentum=0.5, weight_decay=0.2),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.5, weight_decay=0.2),
    ),
    "Adam": (
        lambda p: optimizers.Adam(p, 0.1),
        lambda p: torch.optim.Adam(p, 0.1),
    ),
    "Adam with all options": (
        lambda p: optimizers.Adam(p, 0.1, (0.7, 0.8), 1e-3, 0.2),
        lambda p: torch.optim.Adam(p, 0.1, (0.7, 0.8), 1e-3, 0.2),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("shape", [(), (3, 2), (2, 40_000)])
def test_five_steps_of_an_optimizer(name, shape):
    rng = np.random.default_rng(1)
    start = rng.normal(size=shape)
    parameter, other = Node(start), torch.tensor(start, requires_grad=True)
    ours, theirs = OPTIMIZERS[name][0]([parameter]), OPTIMIZERS[name][1]([other])
    for _ in range(5):
        gradient = rng.normal(size=shape)
        parameter.grad = gradient if shape else float(gradient)
        other.grad = torch.tensor(gradient)
        ours.step()
        theirs.step()
        np.testing.assert_allclose(parameter.value, other.detach().numpy(), rtol=1e-10, atol=1e-13)


def test_adam_moves_only_rows_that_were_read_as_sparse_adam_does():
    rng = np.random.default_rng(2)
    start = rng.normal(size=(6, 3))
    table, other = Node(start), torch.tensor(start, requires_grad=True)
    # PyTorch adds eps before the correction for the start at zero, the paper after it
    ours = optimizers.Adam([table], 0.1, eps=1e-30)
    theirs = torch.optim.SparseAdam([other], 0.1, eps=1e-30)
    for ids in ([0, 3, 3], [1, 0, 1], [3, 5, 0], [5, 5, 5]):
        ids, delta = np.array(ids), rng.normal(size=(3, 3))
        functions.embedding(table, ids).backward(delta)
        theirs.zero_grad()
        F.embedding(tensor(ids), other, sparse=True).backward(tensor(delta))
        ours.step()
        theirs.step()
        np.testing.assert_allclose(table.value, other.detach().numpy(), rtol=1e-9)
    np.testing.assert_array_equal(table.value[[2, 4]], start[[2, 4]])
