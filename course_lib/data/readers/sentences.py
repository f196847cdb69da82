"""What a reader returns: a list of sentences that knows what its file holds."""

import os
from collections.abc import Iterable
from pathlib import Path


class Sentences(list):
    """The sentences of a file in their order, and exact counts of what was read.

    A labeled sentence is a list of (token, tag), its tags in BIO; a sentence of a text is a list of
    tokens. In every other respect this is a plain list. Equal pairs and equal tokens are shared:
    a million tokens take little more than a million references.

    path: the file.
    lines: its lines, blank ones included.
    documents: the parts that -DOCSTART- lines begin; 1 where a format has no such lines.
    scheme: how the file writes its tags, one of course_lib.text.SCHEMES; None for a text.
    entities: {type: number of entities}, after the tag map; the most frequent type comes first.
    empty_tokens: the lines that hold a tag and no token. They are left out of their sentence.
    """

    def __init__(
        self,
        sentences: Iterable[list],
        *,
        path: str | os.PathLike,
        lines: int,
        documents: int = 1,
        scheme: str | None = None,
        entities: dict[str, int] | None = None,
        empty_tokens: int = 0,
    ):
        super().__init__(sentences)
        self.path = Path(path)
        self.lines = lines
        self.documents = documents
        self.scheme = scheme
        self.entities = dict(sorted((entities or {}).items(), key=lambda item: (-item[1], item[0])))
        self.empty_tokens = empty_tokens

    @property
    def tokens(self) -> int:
        """The number of tokens in all the sentences."""
        return sum(map(len, self))

    def __repr__(self) -> str:
        parts = [
            _counted(len(self), "sentence"),
            _counted(self.tokens, "token"),
            _counted(self.documents, "document"),
            _counted(self.lines, "line"),
        ]
        if self.scheme:
            parts.append(f"scheme {self.scheme}")
        if self.empty_tokens:
            parts.append(f"{_counted(self.empty_tokens, 'empty token')} left out")
        entities = ", ".join(f"{name} {count:,}" for name, count in self.entities.items())
        return f"Sentences({self.path.name}: {', '.join(parts)}{'; ' * bool(entities)}{entities})"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
