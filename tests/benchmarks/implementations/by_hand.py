"""Forward and backward written out in NumPy, without a graph: what generality is measured against.

It is what a careful programmer writes: a fused loss, a look-up instead of the maximum of each row,
products with ones instead of sums over rows, a scatter in one dimension, nothing kept from step to
step but the parameters. The library squeezes some calls further, so that it can be ahead of this
on large batches. The convolution is the one matrix of patches that textbooks show.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def softmax_signal(z, labels):
    """The cross-entropy of logits z and its error signal (p - y) / n."""
    rows = np.arange(len(z))
    p = z - z[rows, z.argmax(axis=1), None]
    picked = p[rows, labels]
    np.exp(p, out=p)
    total = p.dot(np.ones(z.shape[1], p.dtype))
    loss = float(np.log(total).sum() - picked.sum()) / len(z)
    p *= (1 / (len(z) * total))[:, None]
    p[rows, labels] -= 1 / len(z)
    return loss, p


def iris_network(data):
    w1, b1, w2, b2 = parameters = [array.copy() for array in data["start"].values()]
    batches, eta = data["batches"], data["learning_rate"]

    def step(i):
        x, labels = batches[i % len(batches)]
        a = np.tanh(x.dot(w1.T) + b1)
        _, delta_z2 = softmax_signal(a.dot(w2.T) + b2, labels)
        delta_z1 = delta_z2.dot(w2) * (1 - a * a)
        ones = np.ones(len(x))
        shares = delta_z1.T.dot(x), ones.dot(delta_z1), delta_z2.T.dot(a), ones.dot(delta_z2)
        for parameter, share in zip(parameters, shares, strict=True):
            parameter -= eta * share

    return step, lambda: dict(zip(data["start"], parameters, strict=True))


def window_model(data):
    table, w1, b1, w2, b2 = parameters = [array.copy() for array in data["start"].values()]
    batches, eta = data["batches"], np.float32(data["learning_rate"])
    size, columns = data["embedding"], np.arange(data["embedding"])

    def step(i):
        ids, labels = batches[i % len(batches)]
        x = table.take(ids, axis=0).reshape(len(ids), -1)
        z1 = x.dot(w1.T)
        z1 += b1
        a = np.tanh(z1)
        z2 = a.dot(w2.T)
        z2 += b2
        _, delta_z2 = softmax_signal(z2, labels)
        delta_z1 = delta_z2.dot(w2)
        delta_z1 *= 1 - a * a
        delta_x = delta_z1.dot(w1)
        ones = np.ones(len(ids), np.float32)
        shares = delta_z1.T.dot(x), ones.dot(delta_z1), delta_z2.T.dot(a), ones.dot(delta_z2)
        for parameter, share in zip((w1, b1, w2, b2), shares, strict=True):
            share *= eta
            parameter -= share
        delta_x *= -eta
        entries = ids.reshape(-1, 1) * size + columns
        np.add.at(table.reshape(-1), entries.ravel(), delta_x.ravel())

    return step, lambda: dict(zip(data["start"], parameters, strict=True))


def convolution(data):
    w, b = data["start"]["W"], data["start"]["b"]
    batches, gradient, (f, _, k, _) = data["batches"], {}, w.shape

    def step(i):
        images, signal = batches[i % len(batches)]
        n, c, size, _ = images.shape
        out = size - k + 1
        s0, s1, s2, s3 = images.strides
        patches = as_strided(images, (n, out, out, c, k, k), (s0, s2, s3, s1, s2, s3))
        patches = patches.reshape(n * out * out, c * k * k)
        z = patches.dot(w.reshape(f, -1).T)
        z += b
        z = z.reshape(n, out, out, f).transpose(0, 3, 1, 2)
        delta = signal.transpose(0, 2, 3, 1).reshape(-1, f)
        gradient["W"] = delta.T.dot(patches).reshape(w.shape)
        gradient["b"] = delta.sum(axis=0)
        if data["to_images"]:
            shares = delta.dot(w.reshape(f, -1)).reshape(n, out, out, c, k, k)
            shares = shares.transpose(4, 5, 0, 3, 1, 2)
            total = gradient["images"] = np.zeros_like(images)
            for row in range(k):
                for column in range(k):
                    total[:, :, row : row + out, column : column + out] += shares[row, column]

    return step, lambda: gradient
