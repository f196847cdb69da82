"""A small NumPy library in which neural networks are built, trained and understood.

Read graph.py first: it is the whole idea. What is imported here needs NumPy alone; pictures are in
course_lib.plotting and course_lib.drawing, data in course_lib.data.
"""

import numpy as np

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

# An array that is freed teaches Linux's malloc to keep as much memory for the next ones. Without
# this, arrays of 128 kB and more go back to the system after each step, which clears them page by
# page for the next one: steps on thousands of examples take two to three times as long. It learns
# up to 32 MB at a time, for the whole process. This array is never touched and costs nothing;
# elsewhere nothing happens.
np.empty(31 << 20, np.uint8)
