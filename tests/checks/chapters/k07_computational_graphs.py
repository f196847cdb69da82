import math
from itertools import pairwise

import numpy as np

from course_lib import calculus, layers
from course_lib.functions import sigmoid
from course_lib.graph import Node

NUMBERS = {
    "07a": {
        "right": [-4, -4, 3],
        "sign_of_z": [4, 4, 3],
        "swapped": [3, 3, -4],
        "order": [3, -4, -4],
        "values": [-2, 5, -4],
        "add_gate_scales": [8, -20, 3],
        "no_upstream": [1, 1, 3],
        # By hand: half of −4, and −12 times the right ones.
        "add_gate_splits": [-2, -2, 3],
        "starts_with_f": [48, 48, -36],
    },
    "07b": {
        "right": 24_791,
        "backprop": 2,
        "central": 49_580,
        "no_base": 24_790,
        "one": 1,
        # By hand, from 23,520 + 900 + 300 weights and 30 + 30 + 10 biases.
        "no_biases": 24_721,
        "input_biases": 24_791 + 784,
        "units": 71,
    },
    "07c": {
        "right": [-8, 6],
        "not_swapped": [6, -8],
        "local_only": [-4, 3],
        "added": [-2, 5],
        "divided": [0.667, -0.5],
        "values": [3, -4],
        "passed_on": [2, 2],  # by hand
    },
    "07d": {
        "right": [0.689974, 0.641729],
        "value": [0.689974, 2.069923],
        "no_upstream": [0.689974, 0.213910],
        "slope_of_x": [0.689974, 0.48],
        "tanh_slope": [0.689974, 1.571806],
        "slope_of_value": [0.689974, 0.667371],
        # By hand: 1 − σ(0.8); and σ′(1.6) = 1/(4 cosh²(0.8)), times 3.
        "falling": [1 - 0.689974, 0.641729],
        "on_the_class": [0.689974, 0.75 / math.cosh(0.8) ** 2],
    },
    "07e": {
        "right": [-0.4, -0.48],
        "sign": [-0.4, 0.48],
        "power": [-0.4, 1.2],
        "no_upstream": [-0.4, -0.16],
        "log": [-0.4, 2.748872],
        # By hand: −3 · 0.4, and −3/25 at x = −5.
        "value": [-0.4, -1.2],
        "on_the_class": [-0.4, -0.12],
    },
}


def gradients_with_nodes(x, y, z):
    x, y, z = map(Node, (x, y, z))
    ((x + y) * z).backward()
    return x.grad, y.grad, z.grad


def passes_counted(sizes):
    """One pass, and one for each number in the parameters of such a network."""
    network = [layers.Linear(m, n) for m, n in pairwise(sizes)]
    return 1 + sum(p.value.size for layer in network for p in layer.parameters())


def passes_as_a_float(sizes):
    inputs, outputs = np.array(sizes[:-1]), np.array(sizes[1:])
    return float(inputs @ outputs + outputs.sum() + 1)


def multiply_with_nodes(x, y, delta_z):
    x, y = Node(x), Node(y)
    (x * y).backward(seed=delta_z)
    return [x.grad, y.grad]


class SigmoidGate:
    """Through tanh, and by storing the slope."""

    def forward(self, x):
        t = math.tanh(x / 2)
        self.slope = (1 - t * t) / 4
        return (1 + t) / 2

    def backward(self, delta):
        return self.slope * delta


class NodeGate:
    """A gate that lets the engine do the work."""

    function = staticmethod(sigmoid)

    def forward(self, x):
        self.x = Node(x)
        self.z = self.function(self.x)
        return self.z

    def backward(self, delta):
        self.z.backward(seed=delta)
        return self.x.grad


class NodeReciprocal(NodeGate):
    function = staticmethod(lambda x: 1 / x)


class DifferenceGate:
    """A reciprocal that is differentiated numerically, well enough to pass."""

    def __init__(self):
        self.stored = []

    def forward(self, x):
        self.stored.append(x)
        return x**-1

    def backward(self, delta):
        return calculus.derivative(lambda x: delta / x, self.stored[-1])


class SquaredValue:
    def forward(self, x):
        self.value = np.float32(1 / x)
        return self.value

    def backward(self, delta):
        return -np.float32(delta) * self.value * self.value


class Doubled(SigmoidGate):
    def backward(self, delta):
        return 2 * super().backward(delta)


class Negated(SigmoidGate):
    def forward(self, x):
        return -super().forward(x)

    def backward(self, delta):
        return -super().backward(delta)


class Silent(SigmoidGate):
    def backward(self, delta):
        self.answer = super().backward(delta)


class InAList(SigmoidGate):
    def backward(self, delta):
        return [super().backward(delta)]


class NoWayBack:
    def forward(self, x):
        return x


class WithoutSelf:
    """As a lecture slide has it."""

    def forward(x):
        return 1 / x

    def backward(delta):
        return -delta


class Overflowing(NodeReciprocal):
    def backward(self, delta):
        return np.inf * delta


RIGHT = {
    "07a": [
        gradients_with_nodes,
        lambda x, y, z: calculus.gradient(lambda v: (v[0] + v[1]) * v[2], np.array([x, y, z])),
        lambda x, y, z: [z, z, y + x],
    ],
    "07b": [passes_counted, passes_as_a_float],
    "07c": [
        multiply_with_nodes,
        lambda x, y, delta_z: np.array([y, x], np.float32) * np.float32(delta_z),
    ],
    "07d": [SigmoidGate, NodeGate],
    "07e": [NodeReciprocal, DifferenceGate, SquaredValue],
}
WRONG = {
    "07a": [
        (lambda x, y, z: (-z, -z, -x - y), "sign"),
        (lambda x, y, z: (z, z), "count"),
        (lambda x, y, z: (z, z, 7.0), "constant"),
        (lambda x, y, z: (z, z, x * y), "parts"),
        (lambda x, y, z: (-4.0, -4.0, 3.0), "published_only"),
        (lambda x, y, z: print(z, z, x + y), "nothing"),
    ],
    "07b": [
        (lambda sizes: 24_791, "published_only"),
        (lambda sizes: 2 * passes_counted(sizes), "twice"),
        (lambda sizes: 1000, "constant"),
        (lambda sizes: passes_counted(sizes) + 1, "values"),
        (lambda sizes: f"{passes_counted(sizes):,}", "text"),
    ],
    "07c": [
        (lambda x, y, delta_z: (-y * delta_z, -x * delta_z), "sign"),
        (lambda x, y, delta_z: x * y * delta_z, "count"),
        (lambda x, y, delta_z: (y * delta_z, 0.0), "constant"),
        (lambda x, y, delta_z: (y * delta_z, -x * delta_z), "sign"),
    ],
    "07d": [
        (Doubled, "twice"),
        (Negated, "sign"),
        (Silent, "nothing"),
        (InAList, "reshaped"),
        (NoWayBack, "methods"),
        (WithoutSelf, "method"),
        (SigmoidGate(), "value"),
        (NodeReciprocal, "07e"),
    ],
    "07e": [
        (Overflowing, "inf"),
        (NodeGate, "07d"),
        (lambda x: 1 / x, "instance"),
    ],
}
FIX = {"C": "self.w = w"}


def bug_error(unit) -> float:
    """The largest difference between the notebook's gradients and those of the engine."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=4), rng.normal(size=4), 0.3
    gate = unit()
    gate.forward(*values)
    x, w, b = inputs = [Node(value) for value in values]
    sigmoid(w @ x + b).backward(seed=1.7)
    found = gate.backward(1.7)
    return max(np.abs(g - node.grad).max() for g, node in zip(found, inputs, strict=True))
