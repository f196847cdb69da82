"""The entity corpus written for the course: people, organizations, places, states and dates."""

from __future__ import annotations

from importlib import resources

from .corpus import Corpus
from .readers import Sentences, read_conll


def load_entities() -> Corpus:
    """Labeled sentences, lists of (token, tag), in `.train`, `.dev` and `.test`.

    The tags are BIO over PER, ORG, LOC, GPE and DATE. News, chat, travel, history, sport, science,
    business and more, whole documents in one part each; the same form often changes its tag with
    the context (Paris danced, Paris surrendered). More than a third of the entities of the test
    part do not occur in training. How names were labeled is told in PROVENANCE.md beside the files.

    Raises ValueError, with file and line, if a file is damaged.
    """
    return Corpus(train=_part("train"), dev=_part("dev"), test=_part("test"))


def _part(name: str) -> Sentences:
    with resources.as_file(
        resources.files(__package__) / "corpora" / "entities" / f"{name}.txt"
    ) as path:
        return read_conll(path, scheme="bio", progress=False)
