"""Expressions that a learner types, read by a small grammar and never by eval.

    sum      = product {("+" | "-") product}
    product  = signed {("*" | "/") signed}
    signed   = ("+" | "-") signed | power
    power    = operand ["**" signed]          also "^"; from right to left, as in Python
    operand  = number | variable | function "(" sum ")" | "(" sum ")"

`parse("(x + y) * z")` gives the operations in the order in which they are computed, each variable
once and first; `build(operations, values)` makes nodes of them. What has no variable in it is
computed at once: 2 * 3 * x is one multiplication. What cannot be read is a ValueError of one line:
what was found, where (the first character is 1), and what was expected.

Functions of a learner's own become words of the grammar: all that reads or computes takes the
`functions` by name, FUNCTIONS | gates_of([swish, ...]).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .. import functions
from ..drawing.labels import listed, number, phrase
from ..graph import Node
from ..values import shown

VARIABLES = ("x", "y", "z", "w")
FUNCTIONS: Mapping[str, Callable] = {
    name: getattr(functions, name)
    for name in ("exp", "log", "sqrt", "tanh", "sigmoid", "relu", "softplus")
}
LONGEST = 80  # characters of an expression
DEEPEST = 20  # parentheses, signs and powers within each other
MOST = 20  # operations
LONGEST_NAME = 16  # characters of a function of one's own

_SYNONYMS = str.maketrans("−×·÷", "-**/")
_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)"
    r"|(?P<name>[a-z_][a-z_0-9]*)"
    r"|(?P<sign>\*\*|\^|[-+*/()])",
    re.ASCII | re.IGNORECASE,
)
_INFIX: Mapping[str, Callable] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}


@dataclass(frozen=True)
class Operation:
    """A variable, which has no operands, or what is computed from earlier operations.

    Each operand is the position of an earlier operation in the list, or a number.
    """

    op: str  # + - * / **, "neg", the name of a function; "variable"
    operands: tuple[Operand, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class At:
    """The operand that is the operation at this position of the list."""

    position: int


Operand = At | float


class NotFinite(ArithmeticError):
    """An operation without a finite value, or slope, at these operands; `position` says which."""

    def __init__(self, message: str, position: int = 0):
        super().__init__(message)
        self.position = position


class Faulty(ValueError):
    """A function of one's own that did not do what an operation does."""


def parse(
    text: str,
    variables: Sequence[str] = VARIABLES,
    functions: Mapping[str, Callable] = FUNCTIONS,
) -> list[Operation]:
    """The operations of the expression `text`; ValueError if it is none.

    At most 80 characters, 20 parentheses deep, 20 operations, and no names but those of
    `variables` and `functions`.
    """
    if not isinstance(text, str):
        raise TypeError(f"an expression is a text, found a {type(text).__name__}")
    if len(text) > LONGEST:
        raise ValueError(f"found {len(text):,} characters, expected at most {LONGEST}")
    reader = _Reader(text, variables, functions)
    result = reader.whole()
    if not isinstance(result, At):
        raise ValueError(
            f"found no variable ({text.strip()} is {number(result)}), "
            f"expected one of {listed([*variables])} at least"
        )
    names = [name for name in variables if name in reader.used]
    operations = [Operation("variable", (), name) for name in names]
    order = {-1 - k: names.index(name) for k, name in enumerate(variables) if name in names}
    for k, operation in enumerate(reader.found):
        order[k] = len(names) + k
        operands = [At(order[x.position]) if isinstance(x, At) else x for x in operation.operands]
        operations.append(Operation(operation.op, tuple(operands)))
    return operations


class _Reader:
    """Reads from left to right; a variable is At(-1), At(-2) ... until all are known."""

    def __init__(self, text, variables, functions):
        self.variables, self.used, self.found = variables, set(), []
        self.functions = functions
        self.tokens, self.k, self.depth = list(_tokens(text)), 0, 0
        self.end = len(text.rstrip()) + 1

    @property
    def token(self):
        return self.tokens[self.k] if self.k < len(self.tokens) else ("end", "", self.end)

    def take(self, *signs):
        """The next token if it is one of these signs."""
        kind, word, _ = self.token
        if kind == "sign" and word in signs:
            self.k += 1
            return word
        return None

    def refuse(self, expected):
        kind, word, position = self.token
        found = "the end" if kind == "end" else f"{word!r}"
        raise ValueError(f"at position {position}: found {found}, expected {expected}")

    def whole(self):
        result = self.sum()
        if self.token[0] in ("number", "name") or self.token[1] == "(":
            self.refuse("an operator before it (2 x is written 2 * x)")
        if self.token[0] != "end":
            self.refuse("an operator or the end")
        return result

    def sum(self):
        result = self.product()
        while op := self.take("+", "-"):
            result = self.make(op, result, self.product())
        return result

    def product(self):
        result = self.signed()
        while op := self.take("*", "/"):
            result = self.make(op, result, self.signed())
        return result

    def signed(self):
        position = self.token[2]
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError(
                f"at position {position}: found more than {DEEPEST} parentheses, signs and powers "
                "within each other, expected fewer"
            )
        sign = self.take("+", "-")
        result = self.signed() if sign else self.power()
        self.depth -= 1
        return self.make("neg", result) if sign == "-" else result

    def power(self):
        base = self.operand()
        if not self.take("**"):
            return base
        position = self.token[2]
        exponent = self.signed()
        if isinstance(exponent, At):
            raise ValueError(
                f"at position {position}: found a variable in an exponent, expected a number "
                "(x to the power y is written exp(y * log(x)))"
            )
        return self.make("**", base, exponent)

    def operand(self):
        kind, word, position = self.token
        if kind == "number":
            self.k += 1
            if not math.isfinite(float(word)):
                raise ValueError(f"at position {position}: found {word}, expected a finite number")
            return float(word)
        if kind == "name":
            return self.named(word)
        if not self.take("("):
            self.refuse("a number, a variable, a function or (")
        return self.inside()

    def inside(self):
        """A sum and the parenthesis after it."""
        result = self.sum()
        if not self.take(")"):
            kind, word, _ = self.token
            needs = kind in ("number", "name") or word == "("
            self.refuse(
                "an operator before it (2 x is written 2 * x)" if needs else "an operator or )"
            )
        return result

    def named(self, word):
        called = self.tokens[self.k + 1 : self.k + 2]
        called = bool(called) and called[0][1] == "("
        if word in self.functions and called:
            self.k += 2
            return self.make(word, self.inside())
        if word in self.functions:
            self.refuse(f"its operand in parentheses: {word}(x)")
        if called and word not in self.variables:
            self.refuse(f"one of the functions {listed([*self.functions])}")
        if word not in self.variables:
            self.refuse(f"one of the variables {listed([*self.variables])}")
        self.k += 1
        self.used.add(word)
        return At(-1 - self.variables.index(word))

    def make(self, op, *operands):
        if not any(isinstance(operand, At) for operand in operands):
            try:
                return compute(op, *operands, functions=self.functions)
            except NotFinite as error:
                position = self.tokens[self.k - 1][2]
                raise ValueError(
                    f"up to position {position}: {error}, expected a finite number"
                ) from None
        self.found.append(Operation(op, operands))
        if len(self.found) > MOST:
            position = self.tokens[self.k - 1][2]
            raise ValueError(
                f"up to position {position}: found more than {MOST} operations, expected fewer"
            )
        return At(len(self.found) - 1)


def _tokens(text):
    """(kind, word, position), the first position being 1."""
    plain, k = text.translate(_SYNONYMS), 0
    while k < len(plain):
        if plain[k].isspace():
            k += 1
            continue
        match = _TOKEN.match(plain, k)
        if not match:
            raise ValueError(
                f"at position {k + 1}: found {text[k]!r}, expected a number, a name, "
                "an operator or a parenthesis"
            )
        word = match[0]
        yield match.lastgroup, "**" if word == "^" else word, k + 1
        k = match.end()


def compute(
    op: str, *operands: Node | float, functions: Mapping[str, Callable] = FUNCTIONS
) -> Node | float:
    """One operation; NotFinite if its value is not finite."""
    values = [x.value if isinstance(x, Node) else x for x in operands]
    try:
        result = _apply(op, operands, functions)
        value = result.value if isinstance(result, Node) else result
        finite = not isinstance(value, complex) and math.isfinite(value)
    except Faulty:
        raise
    except (ArithmeticError, ValueError):  # Python's floats raise, and a Node refuses complex ones
        finite = False
    if not finite:
        raise NotFinite(f"{spelled(op, values)} has no finite value")
    return result


def _apply(op, operands, functions):
    if op == "neg":
        return -operands[0]
    if op in functions:
        result = functions[op](*operands)
        return result if isinstance(operands[0], Node) else result.value
    return _INFIX[op](*operands)


def build(
    operations: Sequence[Operation],
    values: Mapping[str, float],
    functions: Mapping[str, Callable] = FUNCTIONS,
) -> list[Node]:
    """A node for each operation; NotFinite, with the position, at one without a finite value."""
    nodes: list[Node] = []
    for k, operation in enumerate(operations):
        if operation.op == "variable":
            nodes.append(Node(float(values[operation.name]), name=operation.name))
            continue
        operands = [nodes[x.position] if isinstance(x, At) else x for x in operation.operands]
        try:
            nodes.append(compute(operation.op, *operands, functions=functions))
        except NotFinite as error:
            raise NotFinite(str(error), k) from None
    return nodes


def spelled(op: str, values: Sequence[float]) -> str:
    """An operation and its operands in words: `log of −1`, `3 ÷ 0`."""
    return phrase("-" if op == "neg" else op, [number(value) for value in values])


def gates_of(own: Iterable[Callable], variables: Sequence[str] = VARIABLES) -> dict[str, Callable]:
    """Functions of a Node that return a Node, by their names, each as a single operation.

    TypeError or ValueError, in one line, for what is no function, has no name or one that is taken,
    or returns something else than a number in a Node with a way back to the operand.
    """
    found: dict[str, Callable] = {}
    for function in own:
        name = _name(function)
        if name in (*variables, *FUNCTIONS, *found, "neg", "variable"):
            raise ValueError(f"{name} is a word of the figure already: give yours another name")
        found[name] = _gate(function, name)
        _try(found[name])
    return found


def _name(function):
    """The name of a function, if it can be typed."""
    name = getattr(function, "__name__", None)
    if not callable(function) or name is None:
        raise TypeError(f"own takes functions that you have defined, found {shown(function)}")
    if name == "<lambda>":
        raise ValueError("a lambda has no name to type: write def name(a): return ...")
    if not (_TOKEN.fullmatch(name) and len(name) <= LONGEST_NAME):
        raise ValueError(
            f"found the name {shown(name)}, expected at most {LONGEST_NAME} of the letters "
            "a to z, digits and _"
        )
    return name


def _gate(function, name):
    """A function as one operation, whatever it is made of inside; what it raises, in one line."""

    def gate(a):
        leaf = Node(a.value if isinstance(a, Node) else a)
        result = _called(name, lambda: function(leaf), ValueError)
        if not isinstance(result, Node):
            raise Faulty(f"{name} returned {shown(result)}, expected a Node")
        if type(result.value) is not float:
            raise Faulty(f"{name} returned an array of shape {result.shape}, expected a number")

        def vjp(delta):
            _called(name, lambda: result.backward(delta))
            if leaf.grad is None:
                raise Faulty(
                    f"{name} returned a Node without an edge that leads back to its operand"
                )
            return leaf.grad

        return Node(result.value, name, (a, vjp))

    return gate


def _called(name, call, *allowed):
    """What `call` returns; what means "no finite value" is raised as it is, all else says who."""
    try:
        with np.errstate(all="ignore"):
            return call()
    except (ArithmeticError, *allowed):
        raise
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())
        raise Faulty(f"{name} stopped with {what:.120}") from error


def _try(gate):
    """Call it here and there: what is wrong with it is said before anybody types it."""
    for x in (0.5, 2.0, -1.5):
        try:
            gate(Node(x)).backward()
        except Faulty:
            raise
        except (ArithmeticError, ValueError):  # no finite value here
            continue
