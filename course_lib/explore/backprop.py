"""Backprop, step by step, through any graph that you have built (chapters 05 and 08).

Forward, one operation after the other: its value appears in a solid blue box below its wire. Then
backward, youngest operation first: along each edge goes the local derivative times the error signal
that came in, spelled out with numbers, and is added to what the operand holds, in a dashed orange
box above its wire. Where a variable forks, watch its box fill, one report after the other.

Two switches show what goes wrong with `=` for `+=`, and with a walk that goes down each edge as
soon as it meets it: the wrong answers stand beside the right ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from ..drawing import draw_graph
from ..drawing.labels import (
    INFIX,
    SPELLED_OUT,
    SYMBOLS,
    clean,
    columns,
    flat,
    number,
    power,
    shortened,
    spell,
)
from ..drawing.picture import MAX_NODES
from ..drawing.picture import Graph as Names
from ..graph import Node
from ..values import first_delta, shown
from .controls import Choice, Slider, Switch
from .figure import Figure, in_words
from .placing import TALL, WIDTH, Paper
from .walking import Graph, entries, place_of_largest

MOST = 1000  # nodes
VISITS = 2000  # after which a naive recursion is stopped
NUMBERS = 4000  # the same, in numbers that travel
LISTED = 40  # variables in the table
LONGEST = 50  # characters of an equation
WALKS = {  # what a walk is called: overwrite, depth first
    "add": (False, False),
    "overwrite": (True, False),
    "dive": (False, True),
    "dive and overwrite": (True, True),
}
START, NONE = "the start", "none"


class Backprop(Figure):
    title = "Backprop, step by step"
    caption = (
        "Values stand in solid blue boxes below the wires, error signals in dashed orange boxes "
        "above them. Click on an operation to go to it. Of an array with more than six entries "
        "one is followed, that with the largest error signal."
    )

    def __init__(self, node: Node, seed=None):
        self.graph = graph = Graph(node, seed)
        self.drawn = Names(graph.nodes[graph.root], most=MOST)
        self.names = names_of(self.drawn)
        self.drawn.names = dict(zip(graph.nodes, self.names, strict=True))
        final = {graph.root: graph.seed}
        for visit in graph.walk():
            final[visit.edge.parent] = visit.after
        self.final = [final[i] for i in range(len(graph.nodes))]
        self.places = [
            None if np.size(node.value) <= SPELLED_OUT else place_of_largest(gradient)
            for node, gradient in zip(graph.nodes, self.final, strict=True)
        ]
        for copy, gradient in zip(graph.nodes, self.final, strict=True):
            copy.grad = gradient
        self.walks = {name: self._walk(*how) for name, how in WALKS.items()}
        calls = [self._call(i) for i in graph.operations]
        self.options = [START, *(f"{k}: {call}" for k, (call, _, _) in enumerate(calls, 1))]
        self.labels = self._labels()
        self.own_still, self.alt = self._picture()
        data = self._data(calls)
        longest = max(len(walk["visits"]) for walk in self.walks.values())
        self.controls = [
            Slider("step", "step", 0, len(graph.operations) + 1 + longest, 1, 0, play=900),
            Choice("op", "go to", self.options, START),
            Switch("overwrite", "= instead of +="),
            Switch("dive", "depth-first instead of topological"),
        ]
        if data["size"][0] > WIDTH or data["size"][1] > TALL:
            self.controls.append(Choice("view", "show", ("Follow", "Whole graph"), "Follow"))
        super().__init__(data)

    def numbers(self, settings: Mapping) -> dict:
        """What every node holds at this step, from walking the graph that far."""
        graph, count = self.graph, len(self.graph.operations)
        how = bool(settings["overwrite"]), bool(settings["dive"])
        name = next(name for name, switches in WALKS.items() if switches == how)
        total = len(self.walks[name]["visits"])
        step = min(settings["step"], count + 1 + total)
        back = step - count
        found = {"position": START} | dict.fromkeys(("incoming", "share", "before", "after"), NONE)
        if 0 < step <= count:
            found["position"] = f"forward, {step} of {count}"
        elif back > 0:
            found["position"] = f"backward, {back} of {total + 1}"
        held, shares, visit = {}, [[] for _ in graph.edges], None
        if back > 0:
            held[graph.root] = graph.seed
        for visit in itertools.islice(graph.walk(*how), max(back - 1, 0)):
            held[visit.edge.parent] = visit.after
            shares[visit.edge.number] = entries(visit.share, self.places[visit.edge.parent])
        if visit:
            node, parent = visit.edge.node, visit.edge.parent
            local = graph.local(visit.edge)
            if local is not None and local.size == 1:
                found["local"] = float(local[0, 0])
            found["incoming"] = entries(visit.incoming, self.places[node])
            found["share"] = entries(visit.share, self.places[parent])
            found["before"] = entries(visit.before, self.places[parent]) or NONE
            found["after"] = entries(visit.after, self.places[parent])
        found["held"] = [entries(held.get(i), self.places[i]) for i in range(len(graph.nodes))]
        found["shares"] = shares
        for k, leaf in enumerate(graph.leaves[:LISTED]):
            found[f"leaf{k}"] = found["held"][leaf] or NONE
            found[f"right{k}"] = entries(self.final[leaf], self.places[leaf])
        return found

    def _walk(self, overwrite, depth_first):
        """The visits as they travel, [edge, shown entries of the share ...]; was it cut short?"""
        visits, size = [], 0
        for visit in self.graph.walk(overwrite, depth_first):
            if depth_first and (len(visits) >= VISITS or size > NUMBERS):
                return {"visits": visits, "cut": True}
            shown = entries(visit.share, self.places[visit.edge.parent])
            visits.append([visit.edge.number, *shown])
            size += len(shown)
        return {"visits": visits, "cut": False}

    def _call(self, i):
        """An operation as an equation, with its numbers if they are short, and its result."""
        node = self.graph.nodes[i]
        symbols, values = [], []
        for parent, _ in node.edges:
            constant = type(parent) is not Node
            value = flat(spell(parent if constant else parent.value))
            symbols.append(value if constant else shortened(self.names[self.graph.index[parent]]))
            values.append(value)
        name = shortened(self.names[i])
        large = any(value.startswith("(") for value in values)
        filled = "" if large else formula(node.op, values)
        call = f"{name} = {formula(node.op, symbols)}"
        return (
            call if len(call) <= LONGEST else f"{call[: LONGEST - 1]}…",
            filled if len(filled) <= 80 else "",
            flat(spell(node.value)),
        )

    def _labels(self):
        found = {
            "position": "where the walk is",
            "local": "local derivative",
            "incoming": "error signal that comes in",
            "share": "the share it sends",
            "before": "held before",
            "after": "held now",
        }
        for k, leaf in enumerate(self.graph.leaves[:LISTED]):
            name = f"δ_{self.names[leaf]}"
            if self.places[leaf] is not None:
                name += f" at {list(self.places[leaf])}"
            found |= {f"leaf{k}": f"{name} so far", f"right{k}": f"{name}, right"}
        return found

    def _picture(self):
        """The still and what it shows in words."""
        graph = self.graph
        if len(graph.nodes) <= MAX_NODES:
            picture = draw_graph(graph.nodes[graph.root])
            return picture.svg, picture.description.replace("\n", " ")
        said = (
            f"A graph of {len(graph.operations):,} operations on {len(graph.leaves):,} variables: "
            "too large for a picture. Run the cell to step through it."
        )
        return in_words(said), said

    def _data(self, calls):
        graph = self.graph
        paper = self._paper()
        return {
            "size": [round(v, 1) for v in paper.size],
            "nodes": [paper.node(i) | self._about(i) for i in range(len(graph.nodes))],
            "edges": [paper.edge(edge.number) | self._along(edge) for edge in graph.edges],
            "trunks": paper.trunks(),
            "operations": [
                {"node": i, "call": call, "filled": filled, "result": result}
                for i, (call, filled, result) in zip(graph.operations, calls, strict=True)
            ],
            "seed": entries(graph.seed, self.places[graph.root]),
            "walks": {
                name: {"same": "add"} if name != "add" and walk == self.walks["add"] else walk
                for name, walk in self.walks.items()
            },
            "leaves": graph.leaves,
            "listed": LISTED,
        }

    def _about(self, i):
        """What JavaScript has to know of a node besides its place."""
        node = self.graph.nodes[i]
        found = {
            "name": shortened(self.names[i]),
            "shape": list(np.shape(node.value)),
            "right": entries(self.final[i], self.places[i]),
        }
        flags = {
            "place": self.places[i],
            "single": getattr(node.value, "dtype", None) == np.float32,
            "leaf": not node.edges,
        }
        return found | {key: value for key, value in flags.items() if value}

    def _along(self, edge):
        """Where an edge leads, which of several uses it is, and its local derivative.

        That is a matrix, or the diagonal of one if each entry depends on its like alone.
        """
        graph = self.graph
        found = {"node": edge.node, "parent": edge.parent}
        if sum(other.parent == edge.parent for other in graph.onward[edge.node]) > 1:
            found["use"] = edge.k + 1
        local = graph.local(edge)
        if local is None:
            return found
        z, u = (graph.nodes[i].value for i in (edge.node, edge.parent))
        diagonal = np.diag(local)
        elementwise = np.shape(z) == np.shape(u) and np.array_equal(local, np.diag(diagonal))
        return found | {"local": diagonal if elementwise else local}

    def _paper(self):
        """A layout with room for whatever any of the walks will write."""
        graph = self.graph
        count = len(graph.nodes)
        often, wrong, forks = [False] * count, [False] * count, [0] * count
        right = [entries(self.final[i], self.places[i]) for i in range(count)]
        widths = [max(map(_width, shown), default=0) for shown in right]
        share_widths = [0] * len(graph.edges)
        for edge in graph.edges:
            forks[edge.parent] += 1
        for name, how in WALKS.items():
            sums = {}
            for visit in itertools.islice(graph.walk(*how), len(self.walks[name]["visits"])):
                parent, place, e = (
                    visit.edge.parent,
                    self.places[visit.edge.parent],
                    visit.edge.number,
                )
                share, sums[parent] = entries(visit.share, place), entries(visit.after, place)
                share_widths[e] = max(share_widths[e], *map(_width, share), 0)
                widths[parent] = max(widths[parent], share_widths[e], *map(_width, sums[parent]))
                often[parent] = often[parent] or visit.before is not None
            for leaf in graph.leaves:
                wrong[leaf] = wrong[leaf] or sums.get(leaf) != right[leaf]
        signals = [self._room(i, widths[i], often[i], wrong[i]) for i in range(count)]
        shares = {
            (graph.nodes[edge.node], edge.k): self._spelled(edge.parent, share_widths[edge.number])
            for edge in graph.edges
            if forks[edge.parent] > 1
        }
        return Paper(self.drawn, signals, shares)

    def _spelled(self, i, width):
        """Columns and lines of the shown entries of node i, each `width` wide."""
        shape = np.shape(self.graph.nodes[i].value)
        if self.places[i] is not None or not shape:
            return width, 1
        if 0 in shape:
            return len(str(shape)), 1
        if len(shape) == 1:
            across, down = min(shape[0], 3), -(-shape[0] // 3)
        elif len(shape) == 2:
            down, across = shape
        else:
            return len(str(shape)), 1
        return across * (width + 2) + 2, down

    def _room(self, i, width, often, wrong):
        """The same for what its box may hold: a sum, how it came about, and the right answer."""
        across, down = self._spelled(i, width)
        shape = np.shape(self.graph.nodes[i].value)
        if self.places[i] is not None or not shape:
            if often:
                across, down = 2 * width + 3, 2
            if wrong:
                across, down = max(across, width + 6, 9), 2
            if self.places[i] is not None:
                across, down = max(across, len(f"at {list(self.places[i])}")), down + 1
        elif wrong:
            across, down = max(across + 2, 9), 2 * down + 1
        return across, down


def _width(x):
    return columns(number(x))


def names_of(graph: Names) -> list[str]:
    """A name for every node: those of pictures, and v1, v2 ... for unnamed operations."""
    taken = set(graph.names.values())
    free = (name for k in itertools.count(1) if (name := f"v{k}") not in taken)
    return [graph.names.get(node) or next(free) for node in graph.nodes]


def formula(op: str | None, operands: list[str]) -> str:
    """An operation on operands as one writes it: `x + y`, `x²`, `sigmoid(y)`."""
    if op in INFIX and len(operands) == 2:
        left, right = operands
        if right.startswith("−"):
            right = f"({right})"
        return f"{left} {SYMBOLS.get(op, op)} {right}"
    if op == "**" and len(operands) == 2:
        base, exponent = operands
        short = base if base.isalnum() else f"({base})"
        try:
            return power(float(exponent.replace("−", "-")))[0].replace("(·)", short)
        except ValueError:
            return f"{short}^({exponent})"
    if op == "-" and len(operands) == 1:
        return f"−{operands[0]}" if not operands[0].startswith("−") else f"−({operands[0]})"
    name = {"[]": "part", "T": "transpose", None: "?"}.get(op) or clean(op)
    return f"{name}({', '.join(operands)})"


def backprop(node: Node, seed=None) -> Backprop:
    """Step through the graph of `node`, forward and backward: any Node that you have computed.

    The walk starts from the error signal `seed`, by default 1, which only a scalar may leave out.
    The nodes stay as they are: `.grad` is neither used nor changed.

    Raises TypeError if `node` is not a Node, RuntimeError if backward(free=True) took its graph
    apart, ValueError if it is no scalar and there is no seed, if nothing was computed, if the graph
    runs in a circle or has more than 1,000 nodes.
    """
    if not isinstance(node, Node):
        raise TypeError(
            f"explore.backprop steps through the graph of a Node, found {shown(node)}, of type "
            f"{type(node).__name__}"
        )
    if node.edges == ():
        raise ValueError(
            "this node was computed from nothing (a leaf, or made within no_grad()): "
            "there is no operation to step through"
        )
    if seed is None and np.size(node.value) != 1:
        raise ValueError(
            f"backward starts from a scalar, and this node has shape {np.shape(node.value)}: take "
            "its sum() or mean(), or give the error signal, explore.backprop(node, seed=...)"
        )
    count = len(node.ancestors())
    if count > MOST:
        raise ValueError(
            f"this graph has {count:,} nodes, and the figure steps through {MOST:,}: take a part "
            "of it (a node in between), or a smaller example"
        )
    return Backprop(node, first_delta(node.value, seed))
