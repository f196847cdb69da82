from fractions import Fraction

import numpy as np

from course_lib.graph import Node
from course_lib.optimizers import SGD

NUMBERS = {
    "00a": {
        "right": 2.2,
        "uphill": 1.8,
        "no_eta": 4,
        "loss_for_slope": 1.9,
        "no_two": 2.1,
        "step_only": 0.2,
        # by hand: 2 (2 - 3), 2 - 0.1 * 4, the place of the smallest J, and (2.2 - 3)^2
        "slope_only": -2,
        "slope_of_square": 1.6,
        "minimum": 3,
        "new_loss": 0.64,
    },
}


def by_the_optimizer():
    """The step that the course's own engine and optimizer take."""
    w = Node(2.0)
    ((w - 3) ** 2).backward()
    SGD([w], 0.1).step()
    return w


RIGHT = {
    "00a": [
        2.2,
        float(Fraction(2) - Fraction(1, 10) * 2 * (2 - 3)),
        by_the_optimizer(),
        np.float32(2.2),
        2 - 0.1 * ((1.999 - 3) ** 2 - (2.001 - 3) ** 2) / -0.002,
    ],
}
WRONG = {
    "00a": [
        (-2.2, "sign"),
        (4.4, "twice"),
        (2, "values"),  # the old w: a number that is typed in lost no decimals
        (2.2001, "close"),
        (0.5, "values"),
        ([2.2], "reshaped"),
        ("2.2", "text"),
        (float("nan"), "nan"),
        (lambda: 2.2, "callable"),
    ],
}
