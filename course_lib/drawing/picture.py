"""Computational graphs as pictures: draw_graph(J) shows every operation, value and error signal.

Boxes are operations, wires are variables. A wire carries its value below (solid blue box) and,
once backward() has run, its error signal above (dashed orange box). A variable used more than once
forks at a dot; above each branch stands the share of the error signal that comes back along it.

The picture is one SVG of plain shapes and text: no scripts, fonts, styles or ids, so that nothing
is lost in a page that strips them and two pictures in one page cannot disturb each other. It
brings its own background, as JupyterLab may be dark. The same graph gives the same bytes.
"""

import base64
import itertools
import os
from html import escape

import numpy as np

from ..graph import Node
from ..values import unbroadcast
from .labels import (
    SPELLED_OUT,
    clean,
    columns,
    counted,
    flat,
    labeled,
    listed,
    phrase,
    power,
    shortened,
    spell,
    symbol,
)
from .layout import Block, place

MAX_NODES = 200
PAGE = 908  # JupyterLab shows 828 beside its file browser on a screen of 1280: text is 11.9 then
FONT, BIG, COLUMN, LINE = 13, 20, 7.85, 16.0  # type sizes, width of a character, line pitch
PAD, MARGIN, CLEAR = 5.0, 12.0, 5.0  # inside labels, around the picture, between label and wire

PAPER, FRAME, INK, WIRE = "#ffffff", "#d0d7de", "#1f2328", "#4b5563"
COLORS = {  # of each part: its outline and fill, and its text
    "operation": ('fill="#eef0f3" stroke="#57606a" stroke-width="1.5" rx="5"', INK),
    "value": ('fill="#e7f1fd" stroke="#1f5fa8" rx="3"', "#0b3d78"),
    "signal": ('fill="#fff4e5" stroke="#b45309" stroke-dasharray="4 2" rx="3"', "#7a3500"),
    "tag": (f'fill="{PAPER}"', "#0b3d78"),
    "constant": (f'fill="{PAPER}"', WIRE),
}


class GraphPicture:
    """The picture of a computational graph: shows itself in Jupyter, in words in a terminal.

    `svg` is the picture, `description` says in words what it shows.
    """

    def __init__(self, svg: str, description: str):
        self.svg = svg
        self.description = description

    def save(self, path: str | os.PathLike) -> None:
        """Write the picture to an SVG file."""
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(self.svg)

    def __repr__(self) -> str:
        return self.description

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        # An <img>, as JupyterLab strips inline SVG from notebooks it does not trust and GitHub
        # damages it. No image/svg+xml beside it: front ends that know it prefer the HTML anyway.
        source = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        alt = escape(self.description.replace("\n", " "))
        return {
            "text/html": f'<img alt="{alt}" src="data:image/svg+xml;base64,{source}">',
            "text/plain": self.description,
        }


def draw_graph(node: Node) -> GraphPicture:
    """The computational graph of `node`: all that it was computed from, left to right.

    Values stand below the wires; error signals above, if backward() has run. Names are those given
    by Node(3.0, name="x") or `q.name = "q"`; leaves without a name are called u1, u2, ... Numbers
    have four significant digits; arrays of more than six entries are shown by their shape.

    Raises TypeError if `node` is not a Node, RuntimeError if backward(free=True) took the graph
    apart, ValueError if it runs in a circle or has more than 200 nodes.
    """
    if not isinstance(node, Node):
        found = " ".join(repr(node).split())
        raise TypeError(
            f"draw_graph draws a Node, and this is a {type(node).__name__}: {found:.60}"
        )
    graph = Graph(node)
    description = describe(graph)
    return GraphPicture(Sketch(graph).svg(description), description)


class Graph:
    """The nodes, oldest first, and what the picture and the description say of each."""

    def __init__(self, root, most=MAX_NODES):
        self.nodes = root.ancestors()
        if len(self.nodes) > most:
            raise ValueError(
                f"this graph has {len(self.nodes):,} nodes, and a picture holds {most:,}: "
                "draw a part of it (a node in between), or a smaller example"
            )
        self.users = {node: [] for node in self.nodes}  # (user, number of its edge)
        for node in self.nodes:
            for k, (parent, _) in enumerate(node.edges):
                if type(parent) is Node:
                    if parent.birth >= node.birth:
                        raise ValueError(
                            f"an edge of {node.name or node.op or 'a node'!r} leads to a node that "
                            "is not older than it: a graph that runs in a circle cannot be drawn"
                        )
                    self.users[parent].append((node, k))
        self.names = choose_names(self.nodes)
        self.shares = {}  # (user, number of its edge): the error signal that comes back there
        for node in self.nodes:
            self.shares.update(branch_shares(node, self.users[node]))


def choose_names(nodes):
    """The names that were given, W[1], W[2] where several share one; u1, u2 for unnamed leaves."""
    sharing = {}
    for node in nodes:
        if node.name:
            sharing.setdefault(clean(node.name), []).append(node)
    names = {}
    for name, namesakes in sharing.items():
        for k, node in enumerate(namesakes, 1):
            names[node] = f"{name}[{k}]" if len(namesakes) > 1 else name
    free = (name for k in itertools.count(1) if (name := f"u{k}") not in sharing)
    names.update((node, next(free)) for node in nodes if not node.edges and node not in names)
    return names


def branch_shares(node, users):
    """Where a variable forks: the share of its error signal that each use sends back.

    Empty if an array is too large to show, or if the shares do not add up to `.grad`: then the
    picture lacks a branch, as when a part of the graph is drawn.
    """
    if len(users) < 2 or node.grad is None or np.size(node.value) > SPELLED_OUT:
        return {}
    if any(user.grad is None for user, _ in users):
        return {}
    shares = {}
    with np.errstate(all="ignore"):  # backward() has warned of inf and nan
        for user, k in users:
            share = unbroadcast(user.edges[k][1](user.grad), node, user.op)
            shares[user, k] = np.asarray(share)
        largest = max(np.max(np.abs(share), initial=0.0) for share in shares.values())
        missing = np.abs(sum(shares.values()) - np.asarray(node.grad))
    return {} if np.any(missing > 1e-4 * largest) else shares  # float32 may cancel


def describe(graph):
    """The graph in words: variables, operations in order, forks, error signals; a line for each."""
    names, operations = graph.names, [node for node in graph.nodes if node.edges]
    leaves = [node for node in graph.nodes if not node.edges]
    steps = {node: f"step {k}" for k, node in enumerate(operations, 1)}
    called, root = {**steps, **names}, graph.nodes[-1]
    lines = [
        f"Computational graph{f' of {names[root]}' if root in names else ''}: "
        f"{counted(len(operations), 'operation')} on {counted(len(leaves), 'variable')}."
    ]
    lines += [f"{flat(labeled(names[leaf], leaf.value))}." for leaf in leaves]
    for node in operations:
        operands = [
            called[parent] if type(parent) is Node else flat(spell(parent))
            for parent, _ in node.edges
        ]
        result = flat(labeled(names.get(node, ""), node.value))
        step = steps[node].capitalize()
        lines.append(f"{step}: {phrase(node.op or '?', operands)} gives {result}.")
    for node, users in graph.users.items():
        if len(users) > 1:
            where = listed([steps[user] for user, _ in users])
            lines.append(f"{called[node]} forks: it is used {len(users)} times, in {where}.")
    signals = [
        flat(labeled(called[node], node.grad))
        for node in reversed(graph.nodes)
        if node.grad is not None
    ]
    if signals:
        lines.append(f"Error signals: {'; '.join(signals)}.")
    for node, users in graph.users.items():
        shares = [flat(spell(graph.shares[use])) for use in users if use in graph.shares]
        if shares:
            lines.append(f"The error signal of {called[node]} is the sum of {listed(shares)}.")
    return "\n".join(lines)


class Figure:
    """One node as drawn: its box, if it is an operation, and the labels of its wire.

    Pixels are counted from where the wire would cross the left side of the box.
    """

    def __init__(self, graph, node):
        self.name = shortened(graph.names.get(node, ""))
        self.value = labeled(self.name, node.value)
        self.signal = [] if node.grad is None else spell(node.grad)
        self.operands = [parent for parent, _ in node.edges]
        self.symbol = symbol(node.op or "?") if node.edges else []
        if node.op == "**" and len(self.operands) == 2 and type(self.operands[1]) is not Node:
            self.symbol = power(self.operands.pop())
        self.shares, self.constants = [], []  # what stands at each port, if anything
        for k, operand in enumerate(self.operands):
            share = graph.shares.get((node, k))
            self.shares.append([] if share is None else spell(share))
            self.constants.append([] if type(operand) is Node else [flat(spell(operand))])
        self.type_size = BIG if max(map(len, self.symbol), default=0) == 1 else FONT
        self.ports, self.block = self.measure(swappable=node.op in ("+", "*"))

    def measure(self, swappable):
        share_height = max(map(label_height, self.shares), default=0.0)
        pitch, count = (share_height + 10.0 if share_height else 18.0), len(self.operands)
        ports = tuple((k - (count - 1) / 2) * pitch for k in range(count))
        self.width = self.height = 0.0
        before = 6.0
        if self.symbol:
            self.width = max(34.0, label_width(self.symbol))
            self.height = max(34.0, len(self.symbol) * LINE + 12.0, (count - 1) * pitch + 20.0)
            before = 10.0 + max(map(label_width, self.shares + self.constants), default=0.0)
        self.stem = self.width + 6.0  # where the labels of the wire begin
        above = max(self.height / 2, label_height(self.signal) + CLEAR)
        if share_height:
            above = max(above, share_height + CLEAR - ports[0])
        return ports, Block(
            before=before,
            after=self.stem + max(label_width(self.value), label_width(self.signal)) + 5.0,
            above=above,
            below=max(self.height / 2, label_height(self.value) + CLEAR),
            ports=ports,
            swappable=swappable,
            tag=label_width([self.name]) + 4.0 if self.name else 8.0,
        )


def label_width(lines):
    return max(map(columns, lines)) * COLUMN + 2 * PAD if lines else 0.0


def label_height(lines):
    return len(lines) * LINE + 4.0 if lines else 0.0


class Sketch:
    """The SVG of a graph, piece by piece."""

    def __init__(self, graph):
        self.graph = graph
        self.figures = [Figure(graph, node) for node in graph.nodes]
        index = {node: i for i, node in enumerate(graph.nodes)}
        self.edges = [
            (index[parent], index[node], port)
            for node, figure in zip(graph.nodes, self.figures, strict=True)
            for port, parent in enumerate(figure.operands)
            if type(parent) is Node
        ]
        blocks = [figure.block for figure in self.figures]
        self.layout = place(blocks, self.edges, PAGE - 2 * MARGIN)
        self.parts = []

    def svg(self, description):
        for trunk in self.layout.trunks:
            self.draw_trunk(trunk)
        for k in range(len(self.edges)):
            self.draw_edge(k)
        for i in range(len(self.figures)):
            self.draw_node(i)
        width, height = self.layout.width, self.layout.height
        if any(figure.signal for figure in self.figures):
            width, height = max(width, self.draw_legend(height + 16.0)), height + 36.0
        width, height = pixels(width + 2 * MARGIN), pixels(height + 2 * MARGIN)
        title, *rest = description.split("\n")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" '
            f'height="{height}" viewBox="0 0 {width} {height}" font-family="ui-monospace, Menlo, '
            f"Consolas, 'DejaVu Sans Mono', monospace\">\n"
            f"<title>{escape(title)}</title>\n"
            f"<desc>{escape(' '.join(rest))}</desc>\n"
            f'<rect width="{width}" height="{height}" rx="6" fill="{PAPER}" stroke="{FRAME}"/>\n'
            f'<g transform="translate({pixels(MARGIN)} {pixels(MARGIN)})">\n'
            + "\n".join(self.parts)
            + "\n</g>\n</svg>\n"
        )

    def draw_trunk(self, trunk):
        """A wire from one row into the next, with the variable's name where it enters."""
        self.path("trunk", trunk.path)
        end, y = trunk.path[-1][-2:]
        name = self.figures[trunk.block].name
        if name:
            self.box("tag", trunk.tag_x + 2.0, y - LINE / 2, label_width([name]), LINE)
            self.text(name, trunk.tag_x + 2.0 + PAD, y - LINE / 2, COLORS["tag"][1])
        if trunk.forks:
            self.dot(end, y)

    def draw_edge(self, k):
        """An edge to its port, an arrow's tip, and the share of the error signal above it."""
        _, target, operand = self.edges[k]
        figure, (x, y) = self.figures[target], self.layout.origins[target]
        y += figure.ports[self.layout.ports[k]]
        self.path("edge", [*self.layout.paths[k], ("L", x - 5.0, y)])
        self.parts.append(f'<path d="M{pixels(x)} {pixels(y)}l-8 -4v8z" fill="{WIRE}"/>')
        share = figure.shares[operand]
        if share:
            left = x - 9.0 - label_width(share)
            self.label("signal", share, left, y - CLEAR - label_height(share))

    def draw_node(self, i):
        """A node's box and constants, its wire up to the fork, and the labels of the wire."""
        figure, (x, y) = self.figures[i], self.layout.origins[i]
        used = self.layout.branches[i] > 0
        end = self.layout.wire_ends[i] if used else x + figure.block.after
        self.path("wire", [("M", x + figure.width, y), ("L", end, y)])
        if figure.symbol:
            for port, constant in zip(figure.ports, figure.constants, strict=True):
                if constant:
                    self.draw_constant(constant, x, y + port)
            self.box("operation", x, y - figure.height / 2, figure.width, figure.height)
            top = y - len(figure.symbol) * LINE / 2
            for k, word in enumerate(figure.symbol):
                middle = x + figure.width / 2
                self.text(word, middle, top + k * LINE, INK, "middle", figure.type_size)
        else:
            self.parts.append(
                f'<circle cx="{pixels(x)}" cy="{pixels(y)}" r="4" fill="{PAPER}" '
                f'stroke="{WIRE}" stroke-width="1.5"/>'
            )
        if self.layout.branches[i] > 1:
            self.dot(end, y)
        if figure.signal:
            top = y - CLEAR - label_height(figure.signal)
            self.label("signal", figure.signal, x + figure.stem, top)
        self.label("value", figure.value, x + figure.stem, y + CLEAR)

    def draw_constant(self, lines, x, y):
        self.path("constant", [("M", x - 8.0, y), ("L", x, y)])
        self.text(lines[0], x - 11.0, y - LINE / 2, COLORS["constant"][1], "end")

    def draw_legend(self, y):
        """What the shapes mean, in one line; returns its width."""
        x = 0.0
        for part, text in ("value", "value"), ("signal", "error signal"):
            self.label(part, [text], x, y)
            x += label_width([text]) + 8.0
        if self.graph.shares:
            self.dot(x + 6.0, y + 10.0)
            note = "fork: error signals add up"
            self.text(note, x + 16.0, y + 2.0, INK)
            x += 16.0 + label_width([note])
        return x

    def label(self, part, lines, x, y):
        """Lines of text in a box whose upper left corner is (x, y)."""
        self.box(part, x, y, label_width(lines), label_height(lines))
        for k, line in enumerate(lines):
            self.text(line, x + PAD, y + 2.0 + k * LINE, COLORS[part][1])

    def box(self, part, x, y, width, height):
        self.parts.append(
            f'<rect data-part="{part}" x="{pixels(x)}" y="{pixels(y)}" '
            f'width="{pixels(width)}" height="{pixels(height)}" {COLORS[part][0]}/>'
        )

    def text(self, line, x, top, color, anchor="start", size=FONT):
        """One line of text, in a strip of height LINE below `top`."""
        baseline = top + LINE / 2 + 0.35 * size
        # no-break spaces: SVG would run several spaces together
        written = escape(line, quote=False).replace(" ", "\u00a0")
        self.parts.append(
            f'<text x="{pixels(x)}" y="{pixels(baseline)}" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{color}">{written}</text>'
        )

    def path(self, part, commands):
        data = " ".join(
            command + " ".join(map(pixels, coordinates)) for command, *coordinates in commands
        )
        self.parts.append(
            f'<path data-part="{part}" d="{data}" fill="none" stroke="{WIRE}" stroke-width="1.5"/>'
        )

    def dot(self, x, y):
        self.parts.append(f'<circle cx="{pixels(x)}" cy="{pixels(y)}" r="4.5" fill="{INK}"/>')


def pixels(x):
    """A coordinate, to a tenth."""
    return f"{round(x, 1) + 0.0:g}" if abs(x) < 1e5 else f"{x:.0f}"
