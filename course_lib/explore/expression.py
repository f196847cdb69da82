"""Type an expression, and see the graph that differentiates it (chapter 07).

The graph of (x + y) * z is there at first: values below the wires in solid blue boxes. Step back
through the gates and watch the error signals arrive above the wires, in dashed orange boxes: each
gate multiplies what comes in by its own slope and hands it on. Then break a gate: let the
multiplication forget to swap its operands, or every gate forget what came in, and see which
gradients go wrong.

Type what you like: + - * / ** ^, parentheses, numbers, the variables x, y, z and w, and exp, log,
sqrt, tanh, sigmoid, relu and softplus. A new expression is read by Python; where no kernel runs,
the examples still work.

An operation of your own, a function that takes a Node and returns one, becomes a word of it:
expression(own=[swish]). Its values and error signals come from your code, by way of Python, and its
slope is compared with a nudge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from ..drawing.labels import SYMBOLS, columns, listed, number, power
from ..drawing.layout import Block, place
from ..graph import Node, value_of
from .controls import Choice, Entry, Slider
from .figure import Figure
from .grammar import (
    FUNCTIONS,
    MOST,
    VARIABLES,
    At,
    Faulty,
    NotFinite,
    Operation,
    build,
    gates_of,
    parse,
    spelled,
)

EXAMPLES = (
    "(x + y) * z",
    "x * y + y * z",
    "x * x * x",
    "-x**3 + 3 * x * y",
    "(x + sigmoid(y)) / (x**2 + y)",
    "sigmoid(w * x + z)",
    "sqrt(x**2 + y**2)",
    "relu(x - y) * z + log(y)",
    "softplus(w) - tanh(x) / exp(y)",
)
TYPED = "the one that is typed"
BREAKS = ("none", "× does not swap", "+ scales like ×", "incoming δ forgotten")
PAGE, TALLEST = 796.0, 700.0  # of the graph, in pixels
WIRE = 92.0  # the length of a wire, which carries two numbers
NUDGE, NEAR = 1e-5, 1e-3  # of a slope of one's own: how far it is nudged, and may be off
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Expression(Figure):
    title = "Your expression as a graph that differentiates itself"
    caption = (
        "Boxes are gates, wires carry variables: values below, solid blue; error signals above, "
        "dashed orange. Each gate multiplies what comes in by its own slope and hands it on. You "
        "may use + − * / **, parentheses, numbers, x, y, z, w, and exp, log, sqrt, tanh, sigmoid, "
        "relu, softplus."
    )
    alt = (
        "The graph of (x + y) times z at x = −2, y = 5, z = −4. The sum is 3, the product −12. "
        "Going back, the multiplication sends the error signal −4 to the sum and 3 to z; the sum "
        "hands −4 on to x and to y. So the gradient is −4, −4, 3."
    )
    controls = (
        Entry("text", "expression", EXAMPLES[0], EXAMPLES),
        Choice("example", "or an example", (*EXAMPLES, TYPED), EXAMPLES[0]),
        Slider("x", "x", -6.0, 6.0, 0.5, -2.0),
        Slider("y", "y", -6.0, 6.0, 0.5, 5.0),
        Slider("z", "z", -6.0, 6.0, 0.5, -4.0),
        Slider("w", "w", -6.0, 6.0, 0.5, 1.0),
        Slider("step", "gates gone back through", 0, MOST, 1, 2, play=1500),
        Choice("broken", "break a gate", BREAKS, BREAKS[0]),
    )
    labels: ClassVar = {
        "problem": "problem",
        "f": "f, the value of the expression",
        "gradient": "variable, value, gradient, with the broken gate",
        "gates": "gate, what it computes, value, δ so far",
        "sent": "what the last gate sent back",
    }

    def __init__(self, own: Mapping[str, Callable] | None = None):
        self.own = own or {}
        self.functions = {**FUNCTIONS, **self.own}
        examples = [*EXAMPLES, *(f"{name}(x) * z" for name in self.own)]
        graphs = {text: self._graph(text) for text in examples}
        data = {"graphs": graphs, "problems": {}, "last": EXAMPLES[0], "typed": TYPED}
        if own:
            self.caption = f"{self.caption[:-1]}, and of your own {listed([*own])}."
            self.labels = self.labels | {"doubt": "what a nudge says of your operation"}
            entry, choice, *others = self.controls
            self.controls = (
                replace(entry, examples=examples),
                replace(choice, options=(*examples, TYPED)),
                *others,
            )
            starts = [start for text in examples[len(EXAMPLES) :] for start in self._starts(text)]
            data["walks"] = {_key(start): self._walks(start) for start in starts}
        super().__init__(data)

    def _starts(self, text):
        """Where an example is there without a kernel: gates broken, or one slider moved."""
        sliders = {control.name: control for control in self.controls if control.name in VARIABLES}
        at = {name: slider.value for name, slider in sliders.items()} | {"text": text}
        yield from (at | {"broken": how} for how in BREAKS)
        for name in ("x", "z"):
            low, step = sliders[name].low, sliders[name].step
            for k in range(round((sliders[name].high - low) / step) + 1):
                yield at | {name: low + k * step, "broken": BREAKS[0]}

    def numbers(self, settings: Mapping) -> dict:
        try:
            operations = self._parsed(settings["text"])
        except ValueError as error:
            return {"problem": str(error)}
        found = self._walked(operations, settings)
        if "problem" in found:
            return found
        shown = _numbers(
            operations, found["values"], found["right"], found["broken"], int(settings["step"])
        )
        return shown | ({"doubt": found["doubt"]} if "doubt" in found else {})

    def answer(self, question: str | Mapping) -> dict:
        """The graph of an expression or, at given settings, its walks; or the problem with it."""
        try:
            if isinstance(question, Mapping):
                return self._walks(question)
            return {"graph": self._graph(question)}
        except (TypeError, ValueError) as error:
            return {"problem": str(error)}

    def _parsed(self, text):
        return parse(text, functions=self.functions)

    def _graph(self, text):
        operations = self._parsed(text)
        mine = any(operation.op in self.own for operation in operations)
        return described(operations) | ({"own": True} if mine else {})

    def _walks(self, settings):
        """What `_walked` found, as it travels."""
        operations = self._parsed(settings["text"])
        found = self._walked(operations, settings)
        for name in {"right", "broken"} & found.keys():
            walked = found[name]
            deltas = [_gradient(operations, walked, k) for k in range(len(operations))]
            found[name] = {"deltas": deltas, "sent": walked[1]}
        return found

    def _walked(self, operations, settings):
        """The values and both walks back, with sound gates and with broken ones; or the problem."""
        values = {name: settings[name] for name in VARIABLES}
        try:
            nodes = build(operations, values, self.functions)
            right = _walk(operations, nodes)
            mine = self._slopes(operations, nodes)
            broken = _walk(operations, _break(nodes, settings["broken"]), check=False)
        except NotFinite as error:
            return self._without_gradient(operations, values, error)
        except Faulty as error:
            return {"problem": str(error), "values": [math.nan] * len(operations)}
        return {"values": [node.value for node in nodes], "right": right, "broken": broken} | mine

    def _slopes(self, operations, nodes):
        """Of each gate of one's own what it sends back for the signal 1, and any doubt about it."""
        mine = [k for k, operation in enumerate(operations) if operation.op in self.own]
        if not mine:
            return {}
        slopes, doubts = {}, []
        for k in mine:
            ((operand, vjp),) = nodes[k].edges
            name, slopes[k] = operations[k].op, float(vjp(1.0))
            doubt = _doubt(self.own[name], operand.value, slopes[k])
            if doubt := doubt or _deaf(vjp, slopes[k], nodes[k].grad):
                doubts.append(f"{name}: {doubt}")
        return {"slopes": slopes, "doubt": "; ".join(doubts) or "agrees"}

    def _without_gradient(self, operations, values, error):
        found = build(operations[: error.position], values, self.functions)
        found = [node.value for node in found]
        found += [math.nan] * (len(operations) - len(found))
        return {"problem": str(error), "values": found, "failed": error.position}


def _key(settings):
    """Under which walks travel: the same text is made in JavaScript."""
    at = " ".join(format(settings[name], "g") for name in VARIABLES)
    return f"{at} {settings['broken']} {settings['text']}"


def _doubt(gate, x, slope):
    """What is odd about a slope at x: neither the nudge up nor that down, nor between, gives it."""
    h = NUDGE * (1 + abs(x))
    try:
        below, here, above = (gate(Node(at)).value for at in (x - h, x, x + h))
    except (ArithmeticError, ValueError):
        return ""  # the edge of where it has values
    sides = sorted([(here - below) / h, (above - here) / h])
    room = NEAR * max(1, *map(abs, sides))
    if sides[0] - room <= slope <= sides[1] + room:
        return ""
    return f"slope {number(slope)} at {number(x)}, a nudge gives {number(sum(sides) / 2)}"


def _deaf(vjp, slope, delta):
    """What is odd about the share for delta: it is not slope times delta."""
    share, expected = vjp(delta), slope * delta
    if abs(share - expected) <= NEAR * max(abs(expected), 1e-6):
        return ""
    return (
        f"for δ = {number(delta)} it sends {number(share)}, expected slope · δ = {number(expected)}"
    )


def _walk(operations, nodes, check=True):
    """What each node sends to its operands that are nodes, by what backward() found."""
    with suppress(ArithmeticError):  # the walk below comes to the same gate, and says which it is
        nodes[-1].backward()
    sent = [[] for _ in nodes]
    for k in reversed(range(len(nodes))):
        for parent, vjp in nodes[k].edges:
            if not isinstance(parent, Node):
                continue
            try:
                share = vjp(nodes[k].grad)
            except ArithmeticError:
                share = math.nan
            if check and not math.isfinite(share):
                values = [value_of(operand) for operand, _ in nodes[k].edges]
                raise NotFinite(f"{spelled(operations[k].op, values)} has no finite slope", k)
            sent[k].append(float(share))
    return [node.grad for node in nodes], sent


def _break(nodes: Sequence[Node], how: str) -> Sequence[Node]:
    """The same nodes with other, wrong gates."""
    for node in nodes:
        if how == BREAKS[3]:
            node.edges = tuple((a, vjp and (lambda _, f=vjp: f(1.0))) for a, vjp in node.edges)
        elif node.op == {BREAKS[1]: "*", BREAKS[2]: "+"}.get(how):
            node.edges = tuple((a, _times(value_of(a))) for a, _ in node.edges)
    return nodes


def _times(x):
    return lambda delta: delta * x


def _numbers(operations, found, right, broken, step):
    inner = [k for k, operation in enumerate(operations) if operation.operands]
    done = inner[::-1][:step]
    arrived = [[] for _ in found]
    arrived[-1].append(1.0)
    for k in done:
        for target, share in zip(_positions(operations[k]), broken[1][k], strict=True):
            arrived[target].append(share)
    names, values = names_of(operations), _values(operations, found)
    deltas = [_settled(sum(shares), shares) if shares else "–" for shares in arrived]
    leaves = range(len(found) - len(inner))
    return {
        "f": values[-1],
        "gradient": [
            [names[k], values[k], _gradient(operations, right, k), _gradient(operations, broken, k)]
            for k in leaves
        ],
        "gates": [[names[k], _formula(operations, k), values[k], deltas[k]] for k in inner],
        "sent": broken[1][done[-1]] if done else [],
        "values": values,
        "deltas": deltas,
        "right": [_gradient(operations, right, k) for k in range(len(found))],
        "full": [_gradient(operations, broken, k) for k in range(len(found))],
    }


def _gradient(operations, walked, k):
    """The error signal of node k; rounding noise of shares that cancel is 0."""
    deltas, sent = walked
    shares = [
        share
        for operation, own in zip(operations, sent, strict=True)
        for position, share in zip(_positions(operation), own, strict=True)
        if position == k
    ]
    return _settled(deltas[k], shares) if shares else deltas[k]


def _settled(total, parts):
    return 0.0 if abs(total) < 1e-12 * max(map(abs, parts)) else total


def _positions(operation):
    """Which nodes its operands are, constants left out."""
    return [x.position for x in operation.operands if isinstance(x, At)]


def _values(operations, values):
    """The values; a sum or difference that is nothing but rounding noise is 0."""
    shown = list(values)
    for k, operation in enumerate(operations):
        if operation.op in ("+", "-"):
            parts = [values[x.position] if isinstance(x, At) else x for x in operation.operands]
            shown[k] = _settled(values[k], parts)
    return shown


def names_of(operations: Sequence[Operation]) -> list[str]:
    """The variables' names, then u₁, u₂ ... and f for the last one."""
    count = sum(not operation.operands for operation in operations)
    names = [
        operation.name or f"u{str(k - count + 1).translate(SUBSCRIPTS)}"
        for k, operation in enumerate(operations)
    ]
    return [*names[:-1], "f"] if operations[-1].operands else names


def _formula(operations, k):
    names = names_of(operations)
    operands = [
        names[x.position] if isinstance(x, At) else number(x) for x in operations[k].operands
    ]
    op = operations[k].op
    if op == "neg":
        return f"−{operands[0]}"
    if len(operands) == 1:
        return f"{op}({operands[0]})"
    return f" {SYMBOLS.get(op, op)} ".join(operands)


def described(operations: Sequence[Operation]) -> dict:
    """The graph as the picture needs it: operations, what stands in their boxes, and places.

    ValueError if it would be taller than the picture.
    """
    labels = [_label(operation) for operation in operations]
    halves = [columns(label) * 8.7 / 2 + 8 for label in labels]
    blocks, edges = [], []
    for k, operation in enumerate(operations):
        sources = _positions(operation)
        ports = {0: (), 1: (0.0,), 2: (-9.0, 9.0)}[len(sources)]
        blocks.append(
            Block(halves[k], halves[k] + WIRE, 31, 31, ports, operation.op in ("+", "*"), tag=26.0)
        )
        edges += [(source, k, port) for port, source in enumerate(sources)]
    layout = place(blocks, edges, PAGE)
    if layout.height > TALLEST:
        gates = sum(1 for operation in operations if operation.operands)
        raise ValueError(
            f"found a graph of {gates} gates that does not fit into the picture, "
            "expected a shorter expression"
        )
    paths = []
    for (_, target, _), port, steps in zip(edges, layout.ports, layout.paths, strict=True):
        x, y = layout.origins[target]
        paths.append(_path([*steps, ("L", x - halves[target], y + blocks[target].ports[port])]))
    return {
        "operations": [
            {
                "op": operation.op,
                "operands": [
                    {"at": x.position} if isinstance(x, At) else x for x in operation.operands
                ],
            }
            for operation in operations
        ],
        "names": names_of(operations),
        "formulas": [_formula(operations, k) for k in range(len(operations))],
        "labels": labels,
        "halves": [round(half, 1) for half in halves],
        "size": [round(layout.width, 1), round(layout.height, 1)],
        "origins": [[round(x, 1), round(y, 1)] for x, y in layout.origins],
        "ends": [round(x, 1) for x in layout.wire_ends],
        "forks": [count > 1 for count in layout.branches],
        "paths": paths,
        "trunks": [
            [_path(trunk.path), trunk.block, round(trunk.tag_x, 1), round(trunk.path[-1][-1], 1)]
            for trunk in layout.trunks
        ],
    }


def _label(operation):
    """What stands in the box of an operation, the constant operand included."""
    if not operation.operands:
        return operation.name
    if operation.op == "neg":
        return "−(·)"
    if operation.op == "**":
        return power(operation.operands[1])[0]
    sign = SYMBOLS.get(operation.op, operation.op)
    if len(operation.operands) == 1:
        return sign
    first, second = ("" if isinstance(x, At) else number(x) for x in operation.operands)
    return f"{first} {sign} {second}".strip()


def _path(steps):
    return "".join(
        letter + " ".join(f"{x:.1f}".removesuffix(".0") for x in numbers)
        for letter, *numbers in steps
    )


def expression(*, own: Callable | Iterable[Callable] = ()) -> Expression:
    """Type an expression, see its graph, and step back through its gates, sound or broken.

    `own` are operations of yours, functions that take a Node and return one, which may then be
    typed by their names: expression(own=[swish]).

    Raises TypeError or ValueError if one of them is none, has no name or one that is taken.
    """
    if isinstance(own, str) or not (callable(own) or isinstance(own, Iterable)):
        raise TypeError(f"own takes functions that you have defined, found {own!r}")
    return Expression(gates_of([own] if callable(own) else own))
