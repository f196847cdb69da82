"""The tales written for the course, on which a small language model learns to write."""

from __future__ import annotations

from importlib import resources

from ..text import tokenize
from .corpus import Corpus


def load_stories() -> Corpus:
    """Short tales of one small world as sentences, lists of tokens in small letters.

    Whole tales are in one part each: `.train`, `.dev` and `.test`. A line of direct speech is one
    sentence with what goes around it. PROVENANCE.md beside the files tells how they were written.
    """
    return Corpus(train=_part("train"), dev=_part("dev"), test=_part("test"))


def _part(name: str) -> list[list[str]]:
    file = resources.files(__package__) / "corpora" / "stories" / f"{name}.txt"
    lines = file.read_text(encoding="utf-8").splitlines()
    return [tokenize(line.lower()) for line in lines if line and not line.startswith("# ")]
