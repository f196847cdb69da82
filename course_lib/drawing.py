"""Computational graphs as pictures: draw_graph(J) shows every operation, value and error signal.

Boxes are operations, wires are variables. A wire carries its value below (solid blue box) and,
once backward() has run, its error signal above (dashed orange box). A variable used more than once
forks at a dot; above each branch stands the share of the error signal that comes back along it.

The picture is one SVG of plain shapes and text: no scripts, fonts, styles or ids, so that nothing
is lost in a page that strips them and two pictures in one page cannot disturb each other. It
brings its own background, as JupyterLab may be dark. The same graph gives the same bytes.
"""

import base64
import html
import os
import re
import unicodedata
from decimal import Decimal

import numpy as np

from .graph import Node
from .layout import Block, place

MAX_NODES = 200
PAGE = 880  # pixels: what JupyterLab shows beside its file browser on a small screen
FONT, CHARACTER, LINE = 13, 8.0, 16.0  # pixels: size, advance of a monospaced character, line pitch
PAD = 6.0
SPELLED_OUT = 6  # entries up to which an array's values are shown
LONGEST_NAME = 24  # characters of a name in the picture; the description has the whole name

PAPER, INK, QUIET, FRAME = "#ffffff", "#1f2328", "#4b5563", "#d0d7de"
BOX_FILL, BOX_EDGE = "#eef0f3", "#57606a"
VALUE = {"fill": "#e7f1fd", "stroke": "#1f5fa8"}
VALUE_TEXT = "#0b3d78"
SIGNAL = {"fill": "#fff4e5", "stroke": "#b45309", "stroke-dasharray": "4 2"}
SIGNAL_TEXT = "#7a3500"

SYMBOLS = {"+": "+", "-": "−", "*": "×", "/": "÷", "@": "@", "sigmoid": "σ", "[]": "[ ]"}
INFIX = {"+", "-", "*", "/", "@"}
COMMUTATIVE = {"+", "*"}


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
        # breaks it. No image/svg+xml beside it: front ends that show it prefer the HTML anyway.
        source = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        alt = html.escape(self.description).replace("\n", " ")
        return {
            "text/html": f'<img alt="{alt}" src="data:image/svg+xml;base64,{source}">',
            "text/plain": self.description,
        }


def draw_graph(node: Node) -> GraphPicture:
    """The computational graph of `node`: all that it was computed from, left to right.

    Values stand below the wires; error signals above, if backward() has run. Names are those given
    by Node(3.0, name="x") or `q.name = "q"`; leaves without a name are called u1, u2, ... Scalars
    are shown to four significant digits, arrays of at most six entries too, larger ones by shape.

    Raises TypeError if `node` is not a Node, RuntimeError if backward(free=True) took the graph
    apart, ValueError if it runs in a circle or has more than 200 nodes.
    """
    if not isinstance(node, Node):
        raise TypeError(f"draw_graph draws a Node, and this is a {type(node).__name__}: {node!r:.60}")
    graph = Graph(node)
    return GraphPicture(graph.svg(), graph.description())


class Graph:
    """What the picture and the description need to know of a graph, oldest node first."""

    def __init__(self, root):
        self.nodes = root.ancestors()
        if len(self.nodes) > MAX_NODES:
            raise ValueError(
                f"this graph has {len(self.nodes):,} nodes, too many to see anything (at most "
                f"{MAX_NODES}): draw a part of it, an intermediate node or a smaller example"
            )
        self.root = root
        self.index = {node: i for i, node in enumerate(self.nodes)}
        self.users = {node: [] for node in self.nodes}  # (user, number of its edge)
        for node in self.nodes:
            for k, (parent, _) in enumerate(node.edges):
                if not isinstance(parent, Node):
                    continue
                if parent.birth >= node.birth:
                    raise ValueError(
                        f"an edge of the node {node.op!r} leads to a node that is not older: a "
                        "graph that runs in a circle cannot be drawn, nor walked by backward()"
                    )
                self.users[parent].append((node, k))
        self.names = self.choose_names()
        self.shares = {}  # (user, number of its edge): text of the error signal coming back there
        for node, users in self.users.items():
            if len(users) > 1:
                self.shares.update(branch_shares(node, users))

    def choose_names(self):
        """The users' own names; u1, u2, ... for leaves without one."""
        names = {node: clean(node.name) for node in self.nodes if node.name}
        taken, number = set(names.values()), 0
        for node in self.nodes:
            if node not in names and not node.edges:
                number += 1
                while f"u{number}" in taken:
                    number += 1
                names[node] = f"u{number}"
        return names

    # ---- the picture ----
    def svg(self):
        figures = [self.figure(node) for node in self.nodes]
        edges = [
            (self.index[parent], self.index[node], port)
            for node, figure in zip(self.nodes, figures, strict=True)
            for port, (_, parent) in enumerate(figure.operands)
            if isinstance(parent, Node)
        ]
        return Sketch(self, figures, edges).svg()

    def figure(self, node):
        value = labeled(self.names.get(node, ""), spell(node.value))
        signal = [] if node.grad is None else spell(node.grad, node.shape)
        return Figure(node, value, signal, self.shares, shortened(self.names.get(node, "")))

    # ---- the words ----
    def description(self):
        """The graph in words: variables, operations in order, forks, error signals."""
        operations = [node for node in self.nodes if node.edges]
        steps = {node: f"step {k}" for k, node in enumerate(operations, 1)}

        def call(node):
            return self.names.get(node) or steps[node]

        def operand(parent):
            return call(parent) if isinstance(parent, Node) else flat(spell(parent))

        leaves = [node for node in self.nodes if not node.edges]
        lines = [
            f"Computational graph: {counted(len(operations), 'operation')} "
            f"on {counted(len(leaves), 'variable')}."
        ]
        lines += [flat(labeled(call(node), spell(node.value))) + "." for node in leaves]
        for node in operations:
            operands = [operand(parent) for parent, _ in node.edges]
            result = flat(labeled(self.names.get(node, ""), spell(node.value)))
            lines.append(f"{steps[node].capitalize()}: {phrase(node.op, operands)} gives {result}.")
        for node in self.nodes:
            users = self.users[node]
            if len(users) > 1:
                where = listed([steps[user] for user, _ in users])
                lines.append(f"{call(node)} forks: it is used {len(users)} times, in {where}.")
        signals = [
            f"{call(node)} {flat(spell(node.grad, node.shape))}"
            for node in reversed(self.nodes)
            if node.grad is not None
        ]
        if signals:
            lines.append("Error signals: " + ", ".join(signals) + ".")
        for node in self.nodes:
            parts = [flat(self.shares[use]) for use in self.users[node] if use in self.shares]
            if parts:
                lines.append(f"The error signal of {call(node)} is the sum of {listed(parts)}.")
        return "\n".join(lines)


def branch_shares(node, users):
    """For a variable that forks, the share of its error signal that each use sends back.

    Empty if it is too large to show, or if the shares do not add up to `.grad`, as when only
    a part of the graph is drawn: then its branches are not all in the picture.
    """
    if node.grad is None or np.size(node.value) > SPELLED_OUT:
        return {}
    shares = {}
    for user, k in users:
        if user.grad is None:
            return {}
        shares[user, k] = np.asarray(user.edges[k][1](user.grad))
    if any(share.shape != node.shape for share in shares.values()):
        return {}
    if not np.allclose(sum(shares.values()), np.asarray(node.grad), equal_nan=True):
        return {}
    return {use: spell(share) for use, share in shares.items()}


# ---- values as text ----
def number(x):
    """Four significant digits, alike on every processor.

    Twelve digits first, in decimal: so 0.12345 and its neighbor one bit away round alike.
    """
    x = float(x)
    if not np.isfinite(x):
        text = str(x)
    else:
        exact = Decimal(f"{x:.12g}")
        if exact == exact.to_integral_value() and abs(exact) < 10**6:
            text = str(int(exact))
        elif 10**4 <= abs(exact) < 10**6:
            text = f"{exact:.0f}"
        else:
            text = f"{float(f'{exact:.3e}'):.4g}"
    return text.replace("-", "−")


def spell(value, shape=None):
    """Lines of text: a number, the entries of a small array, the shape of a larger one."""
    if not isinstance(value, (int, float, np.ndarray, np.generic)) and shape is None:
        return spell_constant(value)
    if np.prod(shape if shape is not None else np.shape(value)) > SPELLED_OUT:
        return [str(tuple(shape if shape is not None else np.shape(value)))]
    array = np.asarray(value)
    if array.ndim == 0:
        return [number(array)]
    if array.ndim > 2 or not array.size:
        return [str(array.shape)]
    cells = [[number(x) for x in row] for row in np.atleast_2d(array)]
    if array.ndim == 1 and len(cells[0]) > 3:
        cells = [cells[0][:3], cells[0][3:]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=False)]
    rows = [
        ", ".join(x.rjust(w) for x, w in zip(row, widths, strict=False)) for row in cells
    ]
    if array.ndim == 1:
        return ("[" + ",\n ".join(rows) + "]").split("\n")
    return ("[[" + "],\n [".join(rows) + "]]").split("\n")


def spell_constant(value):
    """A constant that is no number: the shape of a list of them, or its text."""
    try:
        return spell(np.asarray(value, dtype=float))
    except (TypeError, ValueError):
        return [shortened(clean(str(value)))]


def labeled(name, lines):
    """`name = value`; `name (150, 4)` for an array shown by its shape."""
    if not name:
        return lines
    joint = " " if lines[0].startswith("(") else " = "
    first = shortened(name) + joint
    return [first + lines[0], *(" " * len(first) + line for line in lines[1:])]


def flat(lines):
    return re.sub(" +", " ", "".join(lines))


def clean(name):
    """A name as one line of characters that XML allows."""
    visible = "".join(
        "\ufffd" if unicodedata.category(c) in ("Cc", "Cs", "Cn") or c in "\ufffe\uffff" else c
        for c in re.sub(r"\s+", " ", str(name))
    )
    return visible.strip()


def shortened(name):
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def text_width(text):
    """Pixels that a monospaced line needs: East Asian characters twice as wide, marks nothing."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(bool(unicodedata.combining(c)) for c in text)
    return CHARACTER * (len(text) + wide - marks)


def lines_width(lines):
    return max(map(text_width, lines), default=0.0)


def phrase(op, operands):
    """An operation in words: `x + y`, `sigmoid of z`, `x ** 2`."""
    op = clean(op or "an operation").replace("_", " ")
    if op in INFIX and len(operands) == 2:
        return f"{operands[0]} {SYMBOLS[op]} {operands[1]}"
    if op == "-":
        return f"minus {operands[0]}"
    if op == "**" and len(operands) == 2:
        return f"{operands[0]} to the power {operands[1]}"
    if op == "[]":
        op = "selection"
    return f"{op} of {listed(operands)}"


def counted(n, noun):
    return f"{n} {noun}{'' if n == 1 else 's'}"


def listed(words):
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)


# ---- shapes ----
class Figure:
    """One node in the picture: its box, if it is an operation, and the labels of its wire.

    Everything is measured in pixels from the point where the wire crosses the box's left side.
    """

    def __init__(self, node, value, signal, shares, name):
        self.value, self.signal, self.name = value, signal, name
        self.operands = list(enumerate(parent for parent, _ in node.edges))
        self.symbol = []
        if node.edges:
            self.symbol = self.choose_symbol(node)
        self.arrivals = []  # of each port: text and whether it is an error signal
        for k, parent in self.operands:
            if isinstance(parent, Node):
                self.arrivals.append((shares.get((node, k), []), True))
            else:
                self.arrivals.append((spell(parent), False))
        self.measure(swappable=node.op in COMMUTATIVE)

    def choose_symbol(self, node):
        op = clean(node.op or "?")
        if op == "**" and len(self.operands) == 2 and not isinstance(self.operands[1][1], Node):
            exponent = number(self.operands.pop()[1])
            raised = exponent.translate(str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
            return ["(·)" + raised if "." not in exponent else f"(·)^{exponent}"]
        words = SYMBOLS.get(op, op.replace("_", " "))
        return words.split(" ") if len(words) > 9 else [words]

    def measure(self, swappable):
        count = len(self.arrivals)
        share_lines = max((len(t) for t, signal in self.arrivals if signal), default=0)
        self.size = 20 if lines_width(self.symbol) <= CHARACTER else FONT
        self.box_width = self.box_height = 0.0
        stub, pitch = 0.0, 18.0
        if self.symbol:
            if share_lines:
                pitch = share_lines * LINE + 14.0
            self.box_width = max(34.0, lines_width(self.symbol) + 2 * PAD)
            self.box_height = max(
                34.0, len(self.symbol) * LINE + 12.0, (count - 1) * pitch + 20.0
            )
            stub = 12.0 + max(
                (lines_width(text) + (2 * PAD if signal else 4.0) for text, signal in self.arrivals if text),
                default=0.0,
            )
        ports = tuple((k - (count - 1) / 2) * pitch for k in range(count))
        self.stem = self.box_width + 8.0
        label = max(lines_width(self.value), lines_width(self.signal)) + 2 * PAD
        above = 5.0 + (len(self.signal) * LINE + 5.0 if self.signal else 0.0)
        if share_lines:
            above = max(above, -ports[0] + share_lines * LINE + 9.0)
        below = 5.0 + len(self.value) * LINE + 5.0
        self.block = Block(
            before=stub if self.symbol else 6.0,
            after=self.stem + label + 10.0,
            above=max(above, self.box_height / 2 + 1),
            below=max(below, self.box_height / 2 + 1),
            ports=ports,
            swappable=swappable,
            tag=text_width(self.name) + 14.0 if self.name else 8.0,
        )


class Sketch:
    """The SVG of a graph, piece by piece; wires first, so that labels lie on top."""

    MARGIN = 14.0

    def __init__(self, graph, figures, edges):
        self.graph, self.figures, self.edges = graph, figures, edges
        self.layout = place([figure.block for figure in figures], edges, PAGE - 2 * self.MARGIN)
        self.parts = []

    def svg(self):
        for trunk in self.layout.trunks:
            self.path(trunk.path)
        for k, (_, target, _) in enumerate(self.edges):
            self.wire(k, target)
        for node, figure, origin, end in zip(
            self.graph.nodes, self.figures, self.layout.origins, self.layout.wire_ends, strict=True
        ):
            self.node(node, figure, *origin, end)
        for trunk in self.layout.trunks:
            self.tag(trunk)
        width, height = self.layout.width, self.layout.height
        if any(figure.signal for figure in self.figures):
            width, height = max(width, self.legend(height + 18.0)), height + 38.0
        width, height = width + 2 * self.MARGIN, height + 2 * self.MARGIN
        title, *rest = self.graph.description().split("\n")
        w, h = round_off(width), round_off(height)
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" '
                f'viewBox="0 0 {w} {h}" role="img" font-family="ui-monospace, Menlo, Consolas, '
                f"'DejaVu Sans Mono', monospace\" font-size=\"{FONT}\">",
                f"<title>{html.escape(title)}</title>",
                f"<desc>{html.escape(' '.join(rest))}</desc>",
                f'<rect x="0.5" y="0.5" width="{round_off(width - 1)}" '
                f'height="{round_off(height - 1)}" rx="6" fill="{PAPER}" stroke="{FRAME}"/>',
                f'<g transform="translate({round_off(self.MARGIN)} {round_off(self.MARGIN)})">',
                *self.parts,
                "</g>",
                "</svg>",
                "",
            ]
        )

    def wire(self, k, target):
        x, y = self.layout.origins[target]
        y += self.figures[target].block.ports[self.layout.ports[k]]
        self.path([*self.layout.paths[k], ("L", x - 5, y)])
        tip = f"M{round_off(x)} {round_off(y)}l-8 -4v8z"
        self.parts.append(f'<path d="{tip}" fill="{QUIET}"/>')

    def path(self, path):
        commands = " ".join(
            command[0] + " ".join(round_off(c) for c in command[1:]) for command in path
        )
        self.parts.append(f'<path d="{commands}" fill="none" stroke="{QUIET}" stroke-width="1.5"/>')

    def tag(self, trunk):
        """The name of a variable where its wire enters another row."""
        end_x, y = trunk.path[-1][-2:]
        name = shortened(self.graph.names.get(self.graph.nodes[trunk.block], ""))
        if name:
            self.box(trunk.tag_x + 2, y - 8, text_width(name) + 4, 16, {"fill": PAPER}, 0)
            self.text(name, trunk.tag_x + 4, y - 8, VALUE_TEXT, "start")
        if trunk.forks:
            self.dot(end_x, y)

    def dot(self, x, y):
        self.parts.append(
            f'<circle cx="{round_off(x)}" cy="{round_off(y)}" r="4.5" fill="{INK}"/>'
        )

    def node(self, node, figure, x, y, end):
        used = len(self.graph.users[node])
        end = end if used else x + figure.block.after
        self.line(x + figure.box_width, y, end)
        if not figure.symbol:
            self.parts.append(
                f'<circle cx="{round_off(x)}" cy="{round_off(y)}" r="4" fill="{PAPER}" '
                f'stroke="{QUIET}" stroke-width="1.5"/>'
            )
        else:
            self.arrivals(figure, x, y, node)
            self.box(
                x, y - figure.box_height / 2, figure.box_width, figure.box_height,
                {"fill": BOX_FILL, "stroke": BOX_EDGE, "stroke-width": "1.5"}, 5,
            )  # fmt: skip
            top = y - len(figure.symbol) * LINE / 2
            for k, word in enumerate(figure.symbol):
                self.text(
                    word, x + figure.box_width / 2, top + k * LINE, INK, "middle", figure.size
                )
        if used > 1:
            self.dot(end, y)
        if figure.signal:
            top = y - 5.0 - len(figure.signal) * LINE - 4.0
            self.label(figure.signal, x + figure.stem, top, SIGNAL, SIGNAL_TEXT)
        self.label(figure.value, x + figure.stem, y + 5.0, VALUE, VALUE_TEXT)

    def arrivals(self, figure, x, y, node):
        """Constants, and the shares of error signals that leave an operation on its left."""
        port_of = {}
        for k, (_, target, port) in enumerate(self.edges):
            if self.graph.nodes[target] is node:
                port_of[port] = self.layout.ports[k]
        for k, (text, signal) in enumerate(figure.arrivals):
            if not text:
                continue
            height = y + figure.block.ports[port_of.get(k, k)]
            if signal:
                left = x - 10.0 - lines_width(text) - 2 * PAD
                self.label(text, left, height - 4.0 - len(text) * LINE - 4.0, SIGNAL, SIGNAL_TEXT)
            else:
                self.line(x - 8.0, height, x)
                self.text(flat(text), x - 11.0, height - LINE / 2, QUIET, "end")

    def legend(self, y):
        """What the shapes mean, in one line; returns its width."""
        x = 0.0
        for text, style, color in (
            ("value", VALUE, VALUE_TEXT), ("error signal", SIGNAL, SIGNAL_TEXT)
        ):  # fmt: skip
            x += self.label([text], x, y, style, color) + 10.0
        if any(self.graph.shares):
            self.dot(x + 6, y + 10)
            note = "fork: error signals add up"
            self.text(note, x + 16, y + 2, INK, "start")
            x += 16 + text_width(note)
        return x

    def line(self, x, y, end):
        self.parts.append(
            f'<path d="M{round_off(x)} {round_off(y)}H{round_off(end)}" '
            f'stroke="{QUIET}" stroke-width="1.5"/>'
        )

    def box(self, x, y, width, height, style, radius):
        attributes = " ".join(f'{key}="{value}"' for key, value in style.items())
        self.parts.append(
            f'<rect x="{round_off(x)}" y="{round_off(y)}" width="{round_off(width)}" '
            f'height="{round_off(height)}" rx="{radius}" {attributes}/>'
        )

    def label(self, lines, x, y, style, color):
        width = lines_width(lines) + 2 * PAD
        self.box(x, y, width, len(lines) * LINE + 4.0, style, 3)
        for k, line in enumerate(lines):
            self.text(line, x + PAD, y + 2.0 + k * LINE, color, "start")
        return width

    def text(self, text, x, top, color, anchor, size=FONT):
        """One line whose box of height LINE begins at `top`; spaces are kept."""
        baseline = top + LINE / 2 + size * 0.35
        written = html.escape(text, quote=False).replace(" ", "\u00a0")
        self.parts.append(
            f'<text x="{round_off(x)}" y="{round_off(baseline)}" fill="{color}" '
            f'text-anchor="{anchor}" font-size="{size}">{written}</text>'
        )


def round_off(x):
    """A coordinate, to a tenth of a pixel."""
    return f"{x:.1f}".removesuffix(".0").replace("-0", "0") if abs(x) < 0.05 else f"{x:.1f}".removesuffix(".0")
