"""The house rules of a lesson, as far as a program can tell: a rule yields what is wrong, in words.

`structure` says what a lesson consists of, `teaching` how it teaches, `writing` how it reads,
`deck` how it does on stage.
"""

from . import deck, structure, teaching, writing
from .lesson import Lesson, words

RULES = structure.RULES + teaching.RULES + writing.RULES + deck.RULES

__all__ = ["RULES", "Lesson", "words"]
