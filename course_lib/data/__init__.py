"""Data sets and what is done to them before training: splitting and standardizing."""

from .dataset import Dataset
from .digits import load_digits
from .iris import IRIS_TEST_ROWS, load_iris
from .splitting import Split, split
from .standardization import Standardizer

__all__ = [
    "IRIS_TEST_ROWS",
    "Dataset",
    "Split",
    "Standardizer",
    "load_digits",
    "load_iris",
    "split",
]
