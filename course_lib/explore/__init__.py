"""Figures that can be touched: each chapter has one that makes its idea felt.

    from course_lib import explore

    explore.nudge_machine()

Each module holds one figure; its docstring says what to look for. Move it with the mouse or the
keyboard; "The numbers" below it holds what it shows, to four digits.
"""

from .backprop import backprop
from .boundary_movie import boundary_movie
from .convolution_stepper import convolution_stepper
from .depth_and_gain import depth_and_gain
from .domino_shapes import domino_shapes
from .expression import expression
from .half_planes import half_planes
from .index_microscope import index_microscope
from .layout_switch import layout_switch
from .logistic_boundary import logistic_boundary
from .next_word import next_word
from .nudge_machine import nudge_machine
from .stop_now import stop_now
from .tug_of_war import tug_of_war
from .window_heat import window_heat

__all__ = [
    "backprop",
    "boundary_movie",
    "convolution_stepper",
    "depth_and_gain",
    "domino_shapes",
    "expression",
    "half_planes",
    "index_microscope",
    "layout_switch",
    "logistic_boundary",
    "next_word",
    "nudge_machine",
    "stop_now",
    "tug_of_war",
    "window_heat",
]
