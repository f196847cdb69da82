"""JAX, traced and compiled once: what is possible where the graph never changes.

There are no chains and forks here: jit compiles a loop, and no graph is left to walk at run time.
"""

from . import pin_processors

pin_processors()  # before the import: jax starts a thread for each processor that it may use

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

jax.config.update("jax_enable_x64", True)  # the data say which dtype is meant


def scalar_graph(data):
    x, y = jnp.asarray(data["start"]["x"]), jnp.asarray(data["start"]["y"])
    found = {}

    @jax.jit
    def derivatives(x, y):
        return jax.grad(lambda x, y: (x + jax.nn.sigmoid(y)) / (x**2 + y), argnums=(0, 1))(x, y)

    def step(i):
        found["x"], found["y"] = jax.block_until_ready(derivatives(x, y))

    return step, lambda: found


def cross_entropy(z, labels):
    return -jnp.mean(jax.nn.log_softmax(z)[jnp.arange(len(labels)), labels])


def training(logits, data):
    batches = [tuple(map(jnp.asarray, batch)) for batch in data["batches"]]
    eta, parameters = data["learning_rate"], {}
    parameters.update({name: jnp.asarray(array) for name, array in data["start"].items()})

    def loss(parameters, inputs, labels):
        return cross_entropy(logits(parameters, inputs), labels)

    @jax.jit(donate_argnums=0)
    def update(parameters, inputs, labels):
        shares = jax.grad(loss)(parameters, inputs, labels)
        return jax.tree.map(lambda p, share: p - eta * share, parameters, shares)

    def step(i):
        parameters.update(update(parameters, *batches[i % len(batches)]))
        jax.block_until_ready(parameters)

    return step, lambda: parameters


def two_layers(p, x):
    return jnp.tanh(x @ p["W1"].T + p["b1"]) @ p["W2"].T + p["b2"]


def iris_network(data):
    return training(two_layers, data)


def window_model(data):
    return training(lambda p, ids: two_layers(p, p["E"][ids].reshape(len(ids), -1)), data)


def convolution(data):
    batches = [tuple(map(jnp.asarray, batch)) for batch in data["batches"]]
    w, b = jnp.asarray(data["start"]["W"]), jnp.asarray(data["start"]["b"])
    wanted = ("W", "b", "images") if data["to_images"] else ("W", "b")
    found = {}

    def convolved(w, b, images):
        z = jax.lax.conv_general_dilated(images, w, (1, 1), "VALID")
        return z + b[:, None, None]

    @jax.jit
    def derivatives(w, b, images, signal):
        if data["to_images"]:
            z, pullback = jax.vjp(convolved, w, b, images)
        else:
            z, pullback = jax.vjp(lambda w, b: convolved(w, b, images), w, b)
        return z, pullback(signal)

    def step(i):
        _, shares = jax.block_until_ready(derivatives(w, b, *batches[i % len(batches)]))
        found.update(zip(wanted, shares, strict=True))

    return step, lambda: found
