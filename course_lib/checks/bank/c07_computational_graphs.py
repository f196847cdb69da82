"""Chapter 07: gates that go forward and backward, the circuit (x + y) z, the cost of backprop."""

from itertools import pairwise

import numpy as np
from numpy.random import Generator

from ..exercise import GATE, BugHunt, Exercise


def number(rng: Generator, low: float, high: float) -> float:
    """A number of either sign whose size is between the two."""
    return float(np.round(rng.choice([-1, 1]) * rng.uniform(low, high), 2))


def three_inputs(rng: Generator) -> tuple:
    return number(rng, 0.5, 5), number(rng, 0.5, 5), number(rng, 0.5, 5)


def layer_sizes(rng: Generator) -> tuple:
    """Two to four layers after the inputs."""
    return (rng.integers(2, 40, int(rng.integers(3, 6))).tolist(),)


def input_and_signal(rng: Generator) -> tuple:
    return number(rng, 0.4, 2), number(rng, 0.5, 4)


# --- the circuit f = (x + y) z -------------------------------------------------------------------


def gradients(x, y, z) -> tuple:
    return z, z, x + y


# --- the cost of finite differences --------------------------------------------------------------


def forward_passes(sizes) -> int:
    return parameters(sizes) + 1


def parameters(sizes) -> int:
    """Weights and biases of a fully connected network."""
    return sum(above * (below + 1) for below, above in pairwise(sizes))


def units(sizes) -> int:
    return sum(sizes[1:])


# --- gates ---------------------------------------------------------------------------------------


def multiply_backward(x, y, delta_z) -> tuple:
    return y * delta_z, x * delta_z


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Gate:
    """A gate of one input: what it computes, and what it sends back at x for the signal delta."""

    def forward(self, x):
        self.x = x
        return self.value(x)

    def backward(self, delta):
        return self.share(self.x, delta)


class SigmoidGate(Gate):
    def value(self, x):
        return sigmoid(x)

    def share(self, x, delta):
        return delta * sigmoid(x) * (1 - sigmoid(x))


class ReciprocalGate(Gate):
    def value(self, x):
        return 1 / x

    def share(self, x, delta):
        return -delta / x**2


def sending(gate: type, share) -> type:
    """The gate with another way back."""
    return type("Mutant", (gate,), {"share": lambda self, x, delta: share(x, delta)})


def on_the_class(gate: type) -> type:
    """The gate with its memory on the class, where every other gate of the kind writes too."""

    class Mutant(gate):
        def forward(self, x):
            Mutant.x = x
            return self.value(x)

    return Mutant


class Falling(SigmoidGate):
    """Without the minus in the exponent."""

    def value(self, x):
        return sigmoid(-x)


EXERCISES = [
    Exercise(
        "07a",
        gradients,
        (-2.0, 5.0, -4.0),
        three_inputs,
        wrong={
            "sign_of_z": lambda x, y, z: (-z, -z, x + y),
            "swapped": lambda x, y, z: (x + y, x + y, z),
            "order": lambda x, y, z: (x + y, z, z),
            "values": lambda x, y, z: (x, y, z),
            "add_gate_scales": lambda x, y, z: (x * z, y * z, x + y),
            "add_gate_splits": lambda x, y, z: (z / 2, z / 2, x + y),
            "no_upstream": lambda x, y, z: (1.0, 1.0, x + y),
            "starts_with_f": lambda x, y, z: tuple(
                (x + y) * z * gradient for gradient in (z, z, x + y)
            ),
        },
    ),
    Exercise(
        "07b",
        forward_passes,
        ([784, 30, 30, 10],),
        layer_sizes,
        wrong={
            "backprop": lambda sizes: 2,
            "central": lambda sizes: 2 * parameters(sizes),
            "no_base": lambda sizes: parameters(sizes),
            "one": lambda sizes: 1,
            "no_biases": lambda sizes: parameters(sizes) - units(sizes) + 1,
            "input_biases": lambda sizes: parameters(sizes) + sizes[0] + 1,
            "units": lambda sizes: units(sizes) + 1,
        },
    ),
    Exercise(
        "07c",
        multiply_backward,
        (3.0, -4.0, 2.0),
        three_inputs,
        wrong={
            "not_swapped": lambda x, y, delta_z: (x * delta_z, y * delta_z),
            "local_only": lambda x, y, delta_z: (y, x),
            "added": lambda x, y, delta_z: (y + delta_z, x + delta_z),
            "divided": lambda x, y, delta_z: (delta_z / x, delta_z / y),
            "values": lambda x, y, delta_z: (x, y),
            "passed_on": lambda x, y, delta_z: (delta_z, delta_z),
        },
    ),
    Exercise(
        "07d",
        SigmoidGate,
        (0.8, 3.0),
        input_and_signal,
        kind=GATE,
        points=3,
        wrong={
            "value": sending(SigmoidGate, lambda x, delta: delta * sigmoid(x)),
            "no_upstream": sending(SigmoidGate, lambda x, delta: sigmoid(x) * (1 - sigmoid(x))),
            "slope_of_x": sending(SigmoidGate, lambda x, delta: delta * x * (1 - x)),
            "tanh_slope": sending(SigmoidGate, lambda x, delta: delta * (1 - sigmoid(x) ** 2)),
            "slope_of_value": sending(
                SigmoidGate,
                lambda x, delta: delta * sigmoid(sigmoid(x)) * (1 - sigmoid(sigmoid(x))),
            ),
            "falling": Falling,
            "on_the_class": on_the_class(SigmoidGate),
        },
    ),
    Exercise(
        "07e",
        ReciprocalGate,
        (-2.5, 3.0),
        input_and_signal,
        kind=GATE,
        wrong={
            "sign": sending(ReciprocalGate, lambda x, delta: delta / x**2),
            "power": sending(ReciprocalGate, lambda x, delta: -delta / x),
            "no_upstream": sending(ReciprocalGate, lambda x, delta: -1 / x**2),
            "log": sending(ReciprocalGate, lambda x, delta: delta * np.log(abs(x))),
            "value": sending(ReciprocalGate, lambda x, delta: delta / x),
            "on_the_class": on_the_class(ReciprocalGate),
        },
    ),
    BugHunt("07bug", line="C"),
]
