"""Figures that can be touched: each chapter has one that makes its idea felt.

    from course_lib import explore

    explore.nudge_machine()

Each module holds one figure; its docstring says what to look for. Move it with the mouse or the
keyboard; "The numbers" below it holds what it shows, to four digits.
"""

from .expression import expression
from .index_microscope import index_microscope
from .nudge_machine import nudge_machine

__all__ = ["expression", "index_microscope", "nudge_machine"]
