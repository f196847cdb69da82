"""How values, names and operations read in a picture and in its description."""

import re
import unicodedata
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import zip_longest

import numpy as np

SPELLED_OUT = 6  # entries up to which an array's values are shown
LONGEST_NAME = 24  # characters of a name in the picture; the description has the whole name
FOUR_DIGITS = Context(prec=4, rounding=ROUND_HALF_EVEN)

SYMBOLS = {"-": "−", "*": "×", "/": "÷", "sigmoid": "σ", "[]": "[ ]", "T": "transpose"}
INFIX = {"+", "-", "*", "/", "@"}
SUPERSCRIPTS = str.maketrans("0123456789−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(x) -> str:
    """x to four significant digits, alike on every processor; whole numbers below a million whole.

    Twelve digits come first (six of a float32), in decimal: 0.12345 and the float64 next to it lie
    on two sides of a rounding border, and which of them a processor finds is chance.
    """
    if not np.isfinite(x):
        return str(float(x)).replace("-", "−")
    exact = Decimal(f"{x:.{12 if np.asarray(x).itemsize >= 8 else 6}g}")
    if exact == exact.to_integral_value() and abs(exact) < 10**6:
        text = str(int(exact))
    else:
        text = f"{float(FOUR_DIGITS.plus(exact)):.4g}"
    return text.replace("-", "−")


def spell(value) -> list[str]:
    """A value as lines of text: a number, the entries of a small array, the shape of a large one.

    A vector stands in lines of three entries, a matrix in its rows.
    """
    shape = getattr(value, "shape", ())
    if np.prod(shape) > SPELLED_OUT or len(shape) > 2 or 0 in shape:
        return [str(tuple(shape))]
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        return [shortened(clean(value))]
    if not array.ndim:
        return [number(array[()])]
    rows = array if array.ndim == 2 else [array[:3], array[3:]] if len(array) > 3 else [array]
    cells = [[number(x) for x in row] for row in rows]
    widths = [max(map(len, column)) for column in zip_longest(*cells, fillvalue="")]
    lines = [", ".join(map(str.rjust, row, widths)) for row in cells]
    if array.ndim == 2:
        return ("[[" + "],\n [".join(lines) + "]]").split("\n")
    return ("[" + ",\n ".join(lines) + "]").split("\n")


def labeled(name: str, value) -> list[str]:
    """`name = value`, or `name (150, 4)` for an array shown by its shape."""
    first, *rest = spell(value)
    if name:
        name += " " if first.startswith("(") else " = "
    return [name + first, *(" " * len(name) + line for line in rest)]


def flat(lines: list[str]) -> str:
    """Lines of text as one, without the spaces that align columns."""
    return re.sub(r"\[ +", "[", re.sub(" +", " ", "".join(lines)))


def clean(name) -> str:
    """A name as one line of characters that XML allows."""
    line = " ".join(str(name).split())
    return "".join(
        "\ufffd" if unicodedata.category(c) in ("Cc", "Cs") or c in "\ufffe\uffff" else c
        for c in line
    )


def shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def columns(text: str) -> int:
    """How many columns of a monospaced font a text takes: East Asian characters two, marks none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def symbol(op: str) -> list[str]:
    """What stands in the box of an operation, in one line or, if long, a line for each word."""
    text = SYMBOLS.get(op) or clean(op).replace("_", " ")
    return text.split(" ") if len(text) > 9 else [text]


def power(exponent) -> list[str]:
    """The same for a power with a constant exponent."""
    raised = number(exponent)
    if raised.lstrip("−").isdigit():
        return ["(·)" + raised.translate(SUPERSCRIPTS)]
    return ["(·)^" + raised]


def phrase(op: str, operands: list[str]) -> str:
    """An operation in words: `x + y`, `sigmoid of z`, `x to the power 2`."""
    if op in INFIX and len(operands) == 2:
        return f"{operands[0]} {SYMBOLS.get(op, op)} {operands[1]}"
    if op == "**" and len(operands) == 2:
        return f"{operands[0]} to the power {operands[1]}"
    name = {"-": "minus", "[]": "a part", "T": "transpose"}.get(op) or clean(op).replace("_", " ")
    return f"{name} of {listed(operands)}"


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1])] * (len(words) > 1) + words[-1:])


def counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
