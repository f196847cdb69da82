"""The workloads, written as a user of each library would write them.

A program is a function named after its kind of workload. It takes the data and returns two
functions: step(i) does the i-th step, state() gives by name the arrays on which all must agree,
the parameters or, where nothing is trained, the gradients.
"""

import importlib
import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass

GRAPHS = ("chain", "chain of forks", "tree of forks", "array forks")
NETWORKS = ("iris network", "window model", "convolution")


def pin_processors() -> None:
    """Keep this process on as many processors as it may have threads, the same for everyone."""
    if hasattr(os, "sched_setaffinity"):  # Linux
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[: int(os.environ["OMP_NUM_THREADS"])])


@dataclass(frozen=True)
class Implementation:
    """`variants` are programs of another name than their kind."""

    module: str
    package: str
    kinds: tuple[str, ...] = ()
    variants: tuple[tuple[str, str], ...] = ()

    def runs(self, kind: str) -> bool:
        return kind in self.kinds or kind in dict(self.variants)

    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.package) is not None

    def program(self, kind: str) -> Callable:
        """Imports the library."""
        name = dict(self.variants).get(kind, kind.replace(" ", "_"))
        return getattr(importlib.import_module(f".{self.module}", __package__), name)


IMPLEMENTATIONS = {
    "course_lib": Implementation(
        "with_course_lib", "course_lib", ("scalar graph", *NETWORKS, *GRAPHS)
    ),
    "NumPy by hand": Implementation("by_hand", "numpy", ("iris network", "window model")),
    "NumPy, im2col": Implementation("by_hand", "numpy", ("convolution",)),
    "PyTorch": Implementation("with_torch", "torch", ("scalar graph", *NETWORKS, *GRAPHS)),
    "PyTorch, no nn": Implementation(
        "with_torch", "torch", variants=(("iris network", "iris_network_without_nn"),)
    ),
    "PyTorch, sparse": Implementation(
        "with_torch", "torch", variants=(("window model", "window_model_with_sparse_table"),)
    ),
    "HIPS autograd": Implementation(
        "with_autograd", "autograd", ("scalar graph", *NETWORKS, *GRAPHS)
    ),
    "micrograd": Implementation(
        "with_micrograd", "micrograd", ("scalar graph", "iris network", "tree of forks")
    ),
    "micrograd, exp only": Implementation(
        "with_micrograd", "micrograd", variants=(("scalar graph", "scalar_graph_with_exp"),)
    ),
    "JAX, jit": Implementation("with_jax", "jax", ("scalar graph", *NETWORKS)),
}
