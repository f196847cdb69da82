"""What the tests know about each chapter's exercises, from outside the bank.

NUMBERS: right and wrong results on the published instance, worked out by hand or taken from the
  curriculum: {id: {"right": ..., code: ...}}, flattened.
ALSO: the same on further instances: {id: [(inputs, {"right": ...}), ...]}.
RIGHT: for each exercise at least two right answers, written another way than the reference.
WRONG: for each exercise at least one wrong answer that is no known misconception, and the code of
  the generic message that it must get.
TWINS: wrong answers that are a known misconception by another route, and its code.
BUG: the planted bug: what line to write instead, and how the gradients of the notebook's function
  are compared.
"""

from importlib import import_module

from course_lib.chapters import CHAPTERS


def known(number: int):
    """The module of a chapter."""
    return import_module(f"{__name__}.k{CHAPTERS[number].name}")
