"""Exercises that name the mistake.

`check` an answer, ask for a `hint`, `predict` and hear the `echo`, take a `quiz`, see your
`progress` and your `mistakes`, `review` what once went wrong, `verify` a derivative.
"""

from ..calculus import verify
from .checking import check
from .feedback import widgets
from .hints import hint
from .mistakes import mistakes
from .overview import progress
from .predictions import echo, predict
from .quizzes import quiz
from .reviewing import review

widgets()  # a notebook loads them with its first cell, not with its first answer

__all__ = ["check", "echo", "hint", "mistakes", "predict", "progress", "quiz", "review", "verify"]
