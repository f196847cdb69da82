"""Layers: initial weights, train and eval, finding parameters, saving and loading."""

import os
import zipfile

import numpy as np
import pytest

from course_lib import Node, functions, layers
from course_lib.optimizers import SGD


def rng(seed=0):
    return np.random.default_rng(seed)


def network():
    return layers.Sequential(
        layers.Linear(4, 6, rng=rng(1)),
        layers.BatchNorm(6),
        layers.Tanh(),
        layers.Residual(layers.Linear(6, 6, rng=rng(2)), layers.ReLU()),
        layers.Dropout(0.5, rng=rng(3)),
        layers.Maxout(6, 3, 2, rng=rng(4)),
    )


def test_linear_is_wx_plus_b():
    layer = layers.Linear(2, 3)
    layer.weight.value = np.array([[1.0, 2], [3, 4], [5, 6]])
    layer.bias.value = np.array([0.5, 0, -0.5])
    assert layer(np.array([[10.0, 1]])).value.tolist() == [[12.5, 34, 55.5]]
    assert layers.Linear(2, 3, bias=False).bias is None


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_layers_keep_their_dtype(dtype):
    x = rng().normal(size=(5, 4)).astype(dtype)
    model = layers.Sequential(
        layers.Linear(4, 6, rng=rng(1), dtype=dtype),
        layers.BatchNorm(6, dtype=dtype),
        layers.LeakyReLU(),
        layers.Residual(layers.Linear(6, 6, dtype=dtype), layers.ELU()),
        layers.Dropout(0.5),
        layers.Maxout(6, 3, dtype=dtype),
        layers.Softmax(),
        layers.Sigmoid(),
    )
    loss = (model(x) * 2).sum()
    loss.backward()
    for node in loss.ancestors():
        assert node.value.dtype == dtype if node.shape else type(node.value) is float
        assert node.grad.dtype == dtype if node.shape else type(node.grad) is float
    assert model.eval()(x).value.dtype == dtype
    assert layers.Embedding(5, 2, dtype=dtype).weight.value.dtype == dtype
    images = rng().normal(size=(2, 1, 6, 5)).astype(dtype)
    convolution = layers.Conv2d(1, 3, 2, rng=rng(), dtype=dtype)
    flat = layers.Flatten()(convolution(images))
    assert flat.value.dtype == dtype
    assert flat.shape == (2, 3 * 5 * 4)


def test_initial_weights():
    """Glorot and Bengio 2010: within sqrt(6 / (in + out)). He et al. 2015: sd sqrt(2 / in)."""
    xavier = layers.Linear(300, 100, rng=rng()).weight.value
    assert np.abs(xavier).max() <= np.sqrt(6 / 400)
    assert xavier.std() == pytest.approx(np.sqrt(2 / 400), rel=0.02)
    he = layers.Linear(300, 100, init="he", rng=rng()).weight.value
    assert he.std() == pytest.approx(np.sqrt(2 / 300), rel=0.02)
    filters = layers.Conv2d(20, 40, 5, rng=rng()).weight.value
    assert filters.std() == pytest.approx(np.sqrt(2 / (20 * 25)), rel=0.02)
    for scale in (1, 0.1):
        table = layers.Embedding(500, 60, scale=scale, rng=rng()).weight.value
        assert table.std() == pytest.approx(scale, rel=0.02)
        assert abs(table.mean()) < 0.03 * scale
    assert not layers.Linear(3, 2, init="zeros").weight.value.any()
    assert not layers.Linear(3, 2).bias.value.any()
    np.testing.assert_array_equal(
        layers.Linear(3, 2, rng=rng(5)).weight.value, layers.Linear(3, 2, rng=rng(5)).weight.value
    )
    assert (layers.Linear(3, 2).weight.value != layers.Linear(3, 2).weight.value).all()


def test_parameters_are_found_once_each():
    model = network()
    assert len(model.parameters()) == 8
    shared = layers.Linear(3, 3)
    tied = layers.Sequential(shared, layers.Tanh(), shared)
    assert tied.parameters() == [shared.weight, shared.bias]


def test_a_layer_of_ones_own():
    class Scale(layers.Layer):
        def __init__(self):
            self.factors = [Node(2.0), Node(3.0)]

        def __call__(self, x):
            return x * self.factors[0] * self.factors[1]

    model = layers.Sequential(Scale(), functions.tanh)
    assert model(np.array([0.1])).value == pytest.approx(np.tanh(0.6))
    assert [p.value for p in model.parameters()] == [2, 3]


def test_dropout_is_for_training_only():
    layer, x = layers.Dropout(0.3, rng=rng()), np.ones((200, 300))
    dropped = layer(x).value
    assert np.mean(dropped == 0) == pytest.approx(0.3, abs=0.01)
    np.testing.assert_allclose(dropped[dropped != 0], 1 / 0.7)
    assert dropped.mean() == pytest.approx(1, abs=0.02)
    np.testing.assert_array_equal(layers.Sequential(layer).eval().layers[0](x).value, x)
    assert (layers.Sequential(layer).train()(x).value == 0).any()


def test_inverted_dropout_of_the_curriculum():
    """Chapter 12b: keep .8 of (1, ..., 5) with mask (1, 0, 1, 1, 0)."""

    class Draws:
        def random(self, shape, dtype):
            return np.array([0.9, 0.1, 0.2, 0.5, 0.19], dtype)

    x = Node([1.0, 2, 3, 4, 5])
    y = functions.dropout(x, 0.2, Draws())
    y.sum().backward()
    assert y.value == pytest.approx([1.25, 0, 3.75, 5, 0])
    assert x.grad == pytest.approx([1.25, 0, 1.25, 1.25, 0])


def test_batch_normalization_switches_to_running_statistics():
    layer = layers.BatchNorm(2, momentum=0.5)
    x = np.array([[1.0, 10], [3, 30]])
    np.testing.assert_allclose(layer(x).value, [[-1, -1], [1, 1]], rtol=1e-4)
    np.testing.assert_allclose(layer.running_mean, [1, 10])
    np.testing.assert_allclose(layer.running_variance, [0.5 + 0.5 * 2, 0.5 + 0.5 * 200])
    layer.eval()
    np.testing.assert_allclose(layer(np.array([[1.0, 10]])).value, [[0, 0]], atol=1e-12)
    np.testing.assert_allclose(layer.running_mean, [1, 10])


def test_residual_adds_its_input():
    layer = layers.Residual(lambda x: x * 10.0)
    assert layer(Node([1.0, 2.0])).value.tolist() == [11, 22]


@pytest.mark.parametrize("suffix", ["model.npz", "model", "net é 1.npz"])
def test_saved_and_loaded_models_are_the_same_function(tmp_path, suffix):
    x = rng(7).normal(size=(9, 4))
    first, second = network(), network()
    for parameter in first.parameters():
        parameter.value = rng(8).normal(size=parameter.shape)
    first(x)  # moves the running statistics
    layers.save(first, tmp_path / suffix)
    assert os.listdir(tmp_path) == [suffix]
    layers.load(second, tmp_path / suffix)
    np.testing.assert_array_equal(first.eval()(x).value, second.eval()(x).value)
    assert (network().eval()(x).value != second(x).value).any()


def test_loading_keeps_the_dtype_of_the_layer(tmp_path):
    layers.save(layers.Linear(2, 3), tmp_path / "a")
    layer = layers.Linear(2, 3, dtype=np.float32)
    layers.load(layer, tmp_path / "a")
    assert layer.weight.value.dtype == np.float32


def test_a_file_that_does_not_fit_changes_nothing(tmp_path):
    path = tmp_path / "model.npz"
    layers.save(layers.Sequential(layers.Linear(2, 3)), path)
    other = layers.Sequential(layers.Linear(2, 4, rng=rng()))
    before = other.layers[0].weight.value.copy()
    with pytest.raises(ValueError, match=r"layers.0.weight has shape \(4, 2\), found \(3, 2\)"):
        layers.load(other, path)
    with pytest.raises(ValueError, match=r"only one of the two has layers\.1\.bias, layers"):
        layers.load(layers.Sequential(layers.Linear(2, 3), layers.Linear(3, 1)), path)
    np.testing.assert_array_equal(other.layers[0].weight.value, before)


@pytest.mark.parametrize("content", ["truncated", b"", b"no archive at all", "pickled", "npy"])
def test_a_broken_file_is_one_clear_line(tmp_path, content):
    path, layer = tmp_path / "model.npz", layers.Linear(30, 40)
    layers.save(layer, path)
    if content == "truncated":
        path.write_bytes(path.read_bytes()[:-200])
    elif content == "pickled":
        with zipfile.ZipFile(path, "w") as archive, archive.open("weight.npy", "w") as file:
            np.save(file, np.array([{}], dtype=object), allow_pickle=True)
    elif content == "npy":
        with open(path, "wb") as file:
            np.save(file, np.ones(3))
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"is not a whole \.npz file") as caught:
        layers.load(layer, path)
    assert "\n" not in str(caught.value)


def test_saving_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path, layer = tmp_path / "model.npz", layers.Linear(2, 3)
    layers.save(layer, path)
    old = path.read_bytes()

    def disk_full(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", disk_full)
    with pytest.raises(OSError, match="No space"):
        layers.save(layer, path)
    assert path.read_bytes() == old
    assert os.listdir(tmp_path) == ["model.npz"]


def test_layers_say_what_they_are_without_addresses():
    model = layers.Sequential(layers.Linear(4, 3), layers.Tanh(), layers.Linear(3, 2, bias=False))
    assert (
        repr(model) == "Sequential(Linear(weight (3, 4), bias (3,)), Tanh(), Linear(weight (2, 3)))"
    )


def test_parameters_in_nested_containers_are_found(tmp_path):
    class Nested(layers.Layer):
        def __init__(self, seed):
            self.heads = {"a": layers.Linear(2, 1, rng=rng(seed)), "b": [[Node(1.0 + seed)]]}

    first, second = Nested(0), Nested(1)
    assert len(first.parameters()) == 3
    layers.save(first, tmp_path / "nested")
    layers.load(second, tmp_path / "nested")
    assert second.heads["b"][0][0].value == 1.0


def test_a_loaded_table_trains():
    """Whatever the memory order of what was put in."""
    table = layers.Embedding(5, 3)
    optimizer = SGD(table.parameters(), 1.0)
    layers.set_state(table, {"weight": np.zeros((3, 5)).T})
    table(np.array([1])).sum().backward()
    optimizer.step()
    assert table.weight.value[1].tolist() == [-1, -1, -1]
