"""A small NumPy library in which neural networks are built, trained and understood.

Read graph.py first: it is the whole idea. What is imported here needs NumPy alone; pictures are in
course_lib.plotting and course_lib.drawing, data in course_lib.data.
"""

from . import calculus, functions, layers, losses, optimizers, training
from .graph import Node, no_grad

__all__ = [
    "Node",
    "calculus",
    "functions",
    "layers",
    "losses",
    "no_grad",
    "optimizers",
    "training",
]
