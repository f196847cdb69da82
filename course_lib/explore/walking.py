"""Walks back through a graph, edge by edge: the right one, and two that are tempting and wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..drawing.labels import SPELLED_OUT, clean
from ..graph import Node
from ..rows import Rows
from ..values import NUMBERS, as_value, unbroadcast


@dataclass(frozen=True)
class Edge:
    """Where a share goes: from an operation to the operand number `k`, both counted by birth."""

    number: int
    node: int
    k: int
    parent: int


@dataclass(frozen=True)
class Visit:
    """A share that arrives along an edge, and what its node held before and holds now."""

    edge: Edge
    incoming: Any
    share: Any
    before: Any
    after: Any


class Graph:
    """A copy of a graph: what happens to the learner's nodes later does not change it."""

    def __init__(self, root: Node, seed=None):
        originals = root.ancestors()
        self.nodes = copies(originals)
        index = self.index = {node: i for i, node in enumerate(self.nodes)}
        self.root, self.seed = originals.index(root), seed
        self.operations = [i for i, node in enumerate(self.nodes) if node.edges]
        self.leaves = [i for i, node in enumerate(self.nodes) if not node.edges]
        self.edges, self.onward = [], [[] for _ in self.nodes]
        for i, node in enumerate(self.nodes):
            for k, (parent, _) in enumerate(node.edges):
                if type(parent) is Node:
                    edge = Edge(len(self.edges), i, k, index[parent])
                    self.edges.append(edge)
                    self.onward[i].append(edge)

    def walk(self, overwrite: bool = False, depth_first: bool = False) -> Iterator[Visit]:
        """Every share in the order of its arrival.

        Youngest node first, or down each edge as soon as it is met, with all that the node holds;
        the shares add up, or the last one stays.
        """
        held = {self.root: self.seed}
        youngest_first = [edge for i in reversed(self.operations) for edge in self.onward[i]]
        pending = [iter(self.onward[self.root] if depth_first else youngest_first)]
        while pending:
            edge = next(pending[-1], None)
            if edge is None:
                pending.pop()
                continue
            incoming, before = held[edge.node], held.get(edge.parent)
            share = self.share(edge, incoming)
            with np.errstate(all="ignore"):
                after = share if overwrite or before is None else before + share
            held[edge.parent] = after
            yield Visit(edge, incoming, share, before, after)
            if depth_first:
                pending.append(iter(self.onward[edge.parent]))

    def share(self, edge: Edge, delta):
        """prod(dZ/dU, delta_Z) along an edge, in the shape of U."""
        node, parent = self.nodes[edge.node], self.nodes[edge.parent]
        with np.errstate(all="ignore"):
            return unbroadcast(node.edges[edge.k][1](delta), parent, node.op)

    def local(self, edge: Edge) -> np.ndarray | None:
        """dZ/dU, a row for each entry of U, from unit error signals; None if large or not finite.

        With infinite derivatives the vjp's 0 times infinity would stand where nothing depends.
        """
        z, u = self.nodes[edge.node].value, self.nodes[edge.parent].value
        if not (0 < np.size(z) <= SPELLED_OUT and 0 < np.size(u) <= SPELLED_OUT):
            return None
        columns = []
        for unit in np.eye(np.size(z)):
            delta = unit.reshape(np.shape(z)).astype(np.asarray(z).dtype)
            try:
                share = self.share(edge, delta if delta.ndim else float(delta))
            except Exception:  # a vjp of one's own may refuse what it never gets
                return None
            columns.append(np.asarray(share, float).ravel())
        found = np.stack(columns, axis=1)
        return found if np.isfinite(found).all() else None


def copies(nodes: list[Node]) -> list[Node]:
    """Nodes with the same values and edges among themselves, and without gradients."""
    copy = {node: Node.__new__(Node) for node in nodes}
    for old, new in copy.items():
        new.value, new.op, new.name, new.birth = as_value(old.value), old.op, old.name, old.birth
        new.grad = None
        new.edges = tuple(
            (copy[parent] if type(parent) is Node else plain_constant(parent), vjp)
            for parent, vjp in old.edges
        )
    return list(copy.values())


def plain_constant(x):
    """A constant operand, as a text if it is no number and no array."""
    return x if isinstance(x, (np.ndarray, *NUMBERS)) else clean(x)


def place_of_largest(gradient) -> tuple[int, ...]:
    """The index of the entry of largest size, the one by which a large array is watched."""
    if type(gradient) is Rows:
        merged = gradient.merged()
        if not merged.rows.size:
            return 0, 0
        row, column = place_of_largest(merged.rows)
        return int(merged.ids[row]), column
    flat = int(np.argmax(np.abs(gradient)))
    return tuple(int(i) for i in np.unravel_index(flat, np.shape(gradient)))


def entries(array, place: tuple[int, ...] | None) -> list[float]:
    """All entries in a row, or the one at `place`; none of what is not there yet."""
    if array is None:
        return []
    if place is None:
        return np.asarray(array, float).ravel().tolist()
    if type(array) is Rows:
        row, column = place
        return [float(array.rows[array.ids == row, column].sum())]
    return [float(array[place])]
