"""Data sets, readers for your own files, and what is done to data before training."""

from .corpus import Corpus
from .dataset import Dataset
from .digits import load_digits
from .entities import load_entities
from .iris import IRIS_TEST_ROWS, load_iris
from .python_docs import load_python_docs
from .readers import FIVE_TAGS, Sentences, read_conll, read_gmb, read_idx, read_text
from .splitting import Split, split
from .standardization import Standardizer
from .stories import load_stories

__all__ = [
    "FIVE_TAGS",
    "IRIS_TEST_ROWS",
    "Corpus",
    "Dataset",
    "Sentences",
    "Split",
    "Standardizer",
    "load_digits",
    "load_entities",
    "load_iris",
    "load_python_docs",
    "load_stories",
    "read_conll",
    "read_gmb",
    "read_idx",
    "read_text",
    "split",
]
