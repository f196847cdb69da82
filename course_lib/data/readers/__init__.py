"""Readers for a learner's own files: labeled sentences, plain text, images."""

from .conll import read_conll
from .gmb import read_gmb
from .idx import read_idx
from .plain_text import read_text
from .sentences import Sentences
from .tag_maps import FIVE_TAGS

__all__ = ["FIVE_TAGS", "Sentences", "read_conll", "read_gmb", "read_idx", "read_text"]
