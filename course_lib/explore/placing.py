"""A graph on paper that has room for all that a walk will write: places and paths, for JavaScript.

The labels, boxes and wires are those of drawing/, and so is the layout.
"""

from __future__ import annotations

import math
from collections import Counter

from ..drawing.layout import Layout, longest_path_layers, place
from ..drawing.picture import MARGIN, Figure, Graph
from ..graph import Node

WIDTH, TALL = 820.0, 480.0  # pixels that a graph can take without being made smaller
SHAPE = 3.5  # width to height of a graph that does not fit in, before wires between rows
MANY = 100  # nodes of which one knows, without trying, that they do not fit in
DUMMIES = 3000  # layers that edges may pass all in all; beyond that a layout takes too long


class Paper:
    """Where everything stands.

    `signals` says for each node how many columns and lines its error signals need at most,
    `shares` the same for each edge (user, number) that shows its share.
    """

    def __init__(self, graph: Graph, signals: list, shares: dict):
        self.figures = []
        for node, room in zip(graph.nodes, signals, strict=True):
            figure = Figure(graph, node)
            figure.signal = _blank(*room)
            beside_constants = any(figure.constants)  # which reach a little below their ports
            for k in range(len(figure.operands)):
                width, lines = shares.get((node, k), (0, 0))
                figure.shares[k] = _blank(width, lines + beside_constants if lines else 0)
            figure.ports, figure.block = figure.measure(swappable=node.op in ("+", "*"))
            self.figures.append(figure)
        index = {node: i for i, node in enumerate(graph.nodes)}
        self.edges = [
            (index[parent], index[node], k)
            for node in graph.nodes
            for k, (parent, _) in enumerate(node.edges)
            if type(parent) is Node
        ]
        self.uses = Counter(source for source, _, _ in self.edges)
        self.near = {e: number for number, e in enumerate(self._short_enough())}
        self.layout = self._lay_out()
        self.size = self.layout.width + 2 * MARGIN, self.layout.height + 2 * MARGIN

    def _short_enough(self) -> list[int]:
        """The edges that the layout leads around blocks; the longest may go straight across."""
        layers = longest_path_layers(len(self.figures), self.edges)
        spans = [layers[t] - layers[s] - 1 for s, t, _ in self.edges]
        found, total = [], 0
        for e in sorted(range(len(spans)), key=spans.__getitem__):
            total += spans[e]
            if total > DUMMIES:
                break
            found.append(e)
        return sorted(found)

    def _lay_out(self) -> Layout:
        blocks = [figure.block for figure in self.figures]
        edges = [self.edges[e] for e in self.near]
        if len(blocks) <= MANY:
            layout = place(blocks, edges, WIDTH - 2 * MARGIN)
            if layout.height + 2 * MARGIN <= TALL:
                return layout
        layers = longest_path_layers(len(blocks), edges)
        wide, high = [0.0] * (max(layers) + 1), [0.0] * (max(layers) + 1)
        for block, layer in zip(blocks, layers, strict=True):
            wide[layer] = max(wide[layer], block.before + block.after + 20.0)
            high[layer] += block.above + block.below + 16.0
        rows = max(1.0, math.sqrt(sum(wide) / (SHAPE * max(high))))
        return place(blocks, edges, max(WIDTH - 2 * MARGIN, 1.05 * sum(wide) / rows))

    def node(self, i: int) -> dict:
        """A node's box and labels; y grows downwards, and texts stand at their upper left."""
        figure, (x, y) = self.figures[i], self._origin(i)
        end = self._end(i)
        constants = [
            [short[0], round(y + port, 1)]
            for port, short in zip(figure.ports, figure.constants, strict=True)
            if short
        ]
        return {
            "x": round(x, 1),
            "y": round(y, 1),
            "width": round(figure.width, 1),
            "height": round(figure.height, 1),
            "end": round(end, 1),
            "stem": round(x + figure.stem, 1),
            "extent": [
                math.floor(x - figure.block.before),
                math.floor(y - figure.block.above),
                math.ceil(max(end, x + figure.block.after)),
                math.ceil(y + figure.block.below),
            ],
            "symbol": figure.symbol,
            "value": figure.value,
            "constants": constants,
            "dot": self.layout.branches[i] > 1 or self.uses[i] > 1,
        }

    def edge(self, e: int) -> dict:
        """An edge's path up to its tip."""
        source, target, k = self.edges[e]
        figure, (x, y) = self.figures[target], self._origin(target)
        if e in self.near:
            number = self.near[e]
            y += figure.ports[self.layout.ports[number]]
            path = [*_moved(self.layout.paths[number]), ("L", x - 5.0, y)]
        else:
            y += figure.ports[k]
            path = [
                ("M", self._end(source), self._origin(source)[1]),
                ("L", x - 12.0, y),
                ("L", x - 5.0, y),
            ]
        return {"path": _written(path), "tip": [round(x, 1), round(y, 1)]}

    def trunks(self) -> list[dict]:
        """The wires from row to row: whose they are, and where their names stand."""
        found = []
        for trunk in self.layout.trunks:
            path = _moved(trunk.path)
            end, y = path[-1][-2:]
            found.append(
                {
                    "path": _written(path),
                    "name": self.figures[trunk.block].name,
                    "at": [round(trunk.tag_x + MARGIN + 2.0, 1), round(y, 1), round(end, 1)],
                    "node": trunk.block,
                    "dot": trunk.forks,
                }
            )
        return found

    def _end(self, i):
        """The x at which a node's own wire ends and its edges begin."""
        if self.layout.branches[i]:
            return self.layout.wire_ends[i] + MARGIN
        return self._origin(i)[0] + self.figures[i].block.after

    def _origin(self, i):
        x, y = self.layout.origins[i]
        return x + MARGIN, y + MARGIN


def _blank(width: int, lines: int) -> list[str]:
    return ["0" * width] * lines


def _moved(path):
    return [
        (command, *(coordinate + MARGIN for coordinate in coordinates))
        for command, *coordinates in path
    ]


def _written(path):
    return "".join(
        command + " ".join(f"{round(c, 1):g}" if abs(c) < 1e5 else f"{c:.0f}" for c in coordinates)
        for command, *coordinates in path
    )
