"""The engine: a computation is a graph of nodes, and backward() walks it once, youngest node first.

A Node is a value and its edges. An edge is a pair (parent, vjp), where the vector-Jacobian product
`vjp` maps the error signal of this node, delta_Z = dJ/dZ, to the parent's share of it,
prod(dZ/dU, delta_Z). A whole operation is one expression, its value and an edge per operand:

    def multiply(a, b):
        x, y = value_of(a), value_of(b)
        return Node(x * y, "*", (a, lambda delta: delta * y), (b, lambda delta: delta * x))

Four rules hold everywhere, and this file is short because of them:

1. What is not a Node is a constant. Its edge is kept for the picture and never followed.
2. A vjp captures values, never the node it belongs to. No reference cycle: memory goes at once.
3. Parents are born before their children: sorting by birth is a topological order, no recursion.
4. Operations make new arrays. Only accumulators add in place, and only to sums made in backward().
   Gradients may share memory (in a + b both parents get the same array): never write to one.

A single number is a Python float, an array keeps its dtype. What backward() computes is not
recorded: there are no second derivatives.
"""

import contextlib
import itertools
import operator

import numpy as np
from numpy import ndarray

from .values import as_value, check_dtype, constant, first_delta, matmul_vjps, mismatch, unbroadcast

_births, _birth_of = itertools.count(), operator.attrgetter("birth")
_recording = True


@contextlib.contextmanager
def no_grad():
    """Within `with no_grad():` nodes are values only: made without edges, nothing to walk back."""
    global _recording
    before, _recording = _recording, False
    try:
        yield
    finally:
        _recording = before


def value_of(x):
    """The value of a Node; the value of a constant. A list or a string is a TypeError."""
    return x.value if type(x) is Node else constant(x)


class Node:
    """A value, the edges to what it was computed from and, after backward(), its gradient `.grad`.

    `op` and `name` are for pictures. Node(3.0), Node(array) make a leaf: a variable, a parameter.
    """

    __slots__ = ("birth", "edges", "grad", "name", "op", "value")
    __array_ufunc__ = None  # so that `array * node` calls Node.__rmul__

    def __init__(self, value, op=None, *edges, name=None):
        if type(value) is not float:
            value = as_value(value)
            if edges and type(value) is ndarray:
                check_dtype(value, op, edges)
        self.value = value
        self.grad = None
        self.edges = edges if _recording else ()
        self.birth = next(_births)
        self.op = op
        self.name = name

    def ancestors(self):
        """This node and all the nodes it was computed from, oldest first: a topological order."""
        seen, found = {self}, [self]
        for node in found:  # the list grows while we walk along it
            edges = node.edges
            if edges is None:
                raise RuntimeError("backward(free=True) took this graph apart: compute it again")
            for parent, _ in edges:
                if type(parent) is Node and parent not in seen:
                    seen.add(parent)
                    found.append(parent)
        found.sort(key=_birth_of)
        return found

    def backward(self, seed=None, free=False):
        """Set `.grad` of this node and of every node it was computed from.

        Its own is `seed`, by default 1, which only a scalar may leave out. Accumulators start
        empty, so a second call gives the same answer. free=True takes the graph apart on the way:
        memory falls while the walk goes on, leaves keep their gradient, a second call raises.
        """
        order, summed = self.ancestors(), set()
        for node in order:
            node.grad = None
        self.grad = first_delta(self.value, seed)
        while order:
            node = order.pop()
            delta = node.grad
            for parent, vjp in node.edges:
                if type(parent) is not Node:
                    continue
                share, value = vjp(delta), parent.value
                if type(share) is not type(value) or (
                    type(value) is ndarray
                    and (share.shape != value.shape or share.dtype is not value.dtype)
                ):
                    share = unbroadcast(share, parent, node.op)
                so_far = parent.grad
                if so_far is None:
                    parent.grad = share  # the first arrival is kept as it is,
                elif parent in summed:
                    parent.grad += share  # later ones are added in place
                else:
                    parent.grad = so_far + share  # to the sum that the second one made
                    if type(share) is ndarray:
                        summed.add(parent)
            if free and node.edges:
                node.edges = node.grad = None

    def __add__(a, b):
        x, y = a.value, value_of(b)
        try:
            z = x + y
        except ValueError:
            raise mismatch("add", x, "+", y) from None
        return Node(z, "+", (a, same), (b, same))

    def __sub__(a, b):
        x, y = value_of(a), value_of(b)
        try:
            z = x - y
        except ValueError:
            raise mismatch("subtract", x, "-", y) from None
        return Node(z, "-", (a, same), (b, operator.neg))

    def __mul__(a, b):
        x, y = a.value, value_of(b)
        try:
            z = x * y
        except ValueError:
            raise mismatch("multiply", x, "*", y) from None
        return Node(z, "*", (a, lambda delta: delta * y), (b, lambda delta: delta * x))

    def __truediv__(a, b):
        x, y = value_of(a), value_of(b)
        try:
            z = x / y
        except ValueError:
            raise mismatch("divide", x, "/", y) from None
        return Node(z, "/", (a, lambda delta: delta / y), (b, lambda delta: -delta * z / y))

    def __pow__(a, n):
        if type(n) not in (int, float) and (type(n) is Node or np.ndim(n)):
            raise TypeError(
                "the exponent must be a constant number; for a node write exp(n * log(a))"
            )
        x, k = a.value, value_of(n)
        return Node(
            x**k, "**", (a, lambda delta: delta * (k * x ** (k - 1) if k else 0.0)), (k, None)
        )

    def __matmul__(a, b):
        x, y = value_of(a), value_of(b)
        try:
            z = x @ y
        except (TypeError, ValueError):
            raise mismatch("multiply", x, "@", y) from None
        to_a, to_b = matmul_vjps(x, y)
        return Node(z, "@", (a, to_a), (b, to_b))

    def __neg__(a):
        return Node(-a.value, "-", (a, operator.neg))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(a, b):
        return Node.__sub__(b, a)

    def __rtruediv__(a, b):
        return Node.__truediv__(b, a)

    def __rmatmul__(a, b):
        return Node.__matmul__(b, a)

    def sum(a, axis=None, keepdims=False):
        """The sum over `axis` (an int, a tuple); over everything, a Python float."""
        return reduced(a, "sum", axis, keepdims)

    def mean(a, axis=None, keepdims=False):
        """The mean over `axis` (an int, a tuple); over everything, a Python float."""
        return reduced(a, "mean", axis, keepdims)

    def reshape(a, *shape):
        """The same entries in another shape, `reshape(6, 2)` or `reshape((6, -1))`."""
        x = a.value
        z = np.asarray(x).reshape(shape[0] if len(shape) == 1 else shape)
        return Node(z, "reshape", (a, lambda delta: np.asarray(delta).reshape(np.shape(x))))

    def transpose(a, *axes):
        """The axes reversed, or in the order given: transpose(0, 2, 1) or transpose((0, 2, 1))."""
        axes = tuple(axes[0]) if axes and np.ndim(axes[0]) else axes
        back = np.argsort([axis % len(axes) for axis in axes]) if axes else None
        z = np.transpose(a.value, axes or None)
        return Node(z, "T", (a, lambda delta: np.transpose(delta, back)))

    def __getitem__(a, key):
        x = a.value

        def vjp(delta):
            share = np.zeros_like(x)
            np.add.at(share, key, delta)  # an entry that was read twice earns both shares
            return share

        return Node(x[key], "[]", (a, vjp))

    def __setitem__(a, key, value):
        raise TypeError("a node is not changed in part: write a * mask + v * (1 - mask), a new one")

    def __bool__(a):
        if np.size(a.value) != 1:
            raise ValueError(f"a node of shape {a.shape} is neither true nor false: ask its .value")
        return bool(a.value)

    def __repr__(a):
        labels = "".join(f", {k}={v!r}" for k, v in (("op", a.op), ("name", a.name)) if v)
        return f"Node({a.value!r}{labels})"

    T = property(transpose, doc="The axes reversed.")
    shape = property(lambda a: np.shape(a.value), doc="The shape of the value; () for a number.")


def same(delta):
    return delta


def reduced(a, op, axis, keepdims):
    x = a.value
    z = np.add.reduce(x, axis=axis, keepdims=keepdims)
    count = np.size(x) / max(np.size(z), 1) if op == "mean" else 1
    if not count:
        raise ValueError(f"the mean of an array of shape {a.shape}: there is nothing to average")

    def vjp(delta):
        if axis is not None and not keepdims:
            delta = np.expand_dims(delta, axis)
        return np.full_like(x, delta / count)  # in the memory order of x

    return Node(z / count, op, (a, vjp))
