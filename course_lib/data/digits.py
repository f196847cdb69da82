"""Handwritten digits of 8 by 8 pixels, from the copy that scikit-learn carries."""

import numpy as np

from .dataset import Dataset


def load_digits() -> Dataset:
    """1,797 images of handwritten digits.

    `inputs` is a float64 array (1797, 1, 8, 8), ordered (image, channel, row, column) as `conv2d`
    wants it; for a `Linear` layer put a `Flatten` before it, or `inputs.reshape(-1, 64)`.  A pixel
    counts the dark points of a 4 by 4 block: 0 is paper, 16 is full ink.  Divide by 16 before you
    train.  `targets` is an int64 array (1797,), the digit itself.  Rows come grouped by writer, so
    shuffle before you split.

    Raises ImportError if scikit-learn is not installed.

    Source: E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits", 1998, test set;
    https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits
    """
    try:
        from sklearn import datasets
    except ImportError:
        message = "load_digits() reads scikit-learn's copy: run `pip install scikit-learn` first"
        raise ImportError(message) from None
    table = datasets.load_digits()
    return Dataset(
        inputs=table.images[:, np.newaxis].astype(np.float64),
        targets=table.target.astype(np.int64),
        feature_names=tuple(table.feature_names),
        target_names=tuple(str(name) for name in table.target_names),
    )
