"""A tagged sentence to look at: spans with a color, a frame and the name of their tag."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from ..text.tags import spans

# Backgrounds light enough for black text, and apart in lightness too (Okabe and Ito 2008, paler).
COLORS = {
    "PER": "#f9d7a8",
    "ORG": "#b8dcf4",
    "LOC": "#a5dfc8",
    "GPE": "#f3ec9f",
    "DATE": "#eccbdd",
}
OTHER = "#dddddd"
CLITICS = {"'s", "n't", "'re", "'ve", "'ll", "'d", "'m"}
NO_SPACE_BEFORE = {
    *(*".,;:!?)]}%'…", "..."),
    *CLITICS,
    *(clitic.replace("'", "’") for clitic in CLITICS),
}
NO_SPACE_AFTER = set("([{$£€")


@dataclass(frozen=True)
class TaggedSentence:
    """A sentence and its entities; JupyterLab shows it as HTML, print() as plain text.

        [Julia Stone|PER] stayed at the [Hilton Hotel|LOC].

    Every span carries the name of its tag and a frame, so nothing depends on seeing colors.

    tokens, tags: one tag a token, in the tag scheme `scheme`.

    Raises ValueError for a tag outside the scheme.
    """

    tokens: Sequence[str]
    tags: Sequence[str]
    scheme: str = "bio"

    def __post_init__(self):
        if len(self.tokens) != len(self.tags):
            raise ValueError(
                f"found {len(self.tokens)} tokens and {len(self.tags)} tags, expected as many"
            )
        spans(self.tags, self.scheme)  # raises here what a notebook would show badly

    def __str__(self) -> str:
        return self._joined(lambda words, tag: f"[{words}|{tag}]", str)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return (
            '<div style="background-color: #ffffff; color: #000000; padding: 8px; '
            f'line-height: 2.2">{self._joined(_framed, html.escape)}</div>'
        )

    def _joined(self, entity, plain) -> str:
        written, end = [], 0  # pairs: the words, which decide about spaces, and what is shown
        for start, stop, tag in spans(self.tags, self.scheme):
            written += [(token, plain(token)) for token in self.tokens[end:start]]
            words = text_of(self.tokens[start:stop])
            written.append((words, entity(words, tag)))
            end = stop
        written += [(token, plain(token)) for token in self.tokens[end:]]
        return text_of([words for words, _ in written], [shown for _, shown in written])


def text_of(tokens: Sequence[str], shown: Sequence[str] | None = None) -> str:
    """The tokens as a reader expects them, without spaces before commas and clitics.

    shown: what to write in place of each token.
    """
    text, quoted, glued = "", False, True
    for token, written in zip(tokens, tokens if shown is None else shown, strict=True):
        closes = token == '"' and quoted
        text += written if glued or closes or token in NO_SPACE_BEFORE else f" {written}"
        glued = token in NO_SPACE_AFTER or (token == '"' and not quoted)
        quoted ^= token == '"'
    return text


def _framed(words: str, tag: str) -> str:
    color = COLORS.get(tag, OTHER)
    return (
        f'<span style="background-color: {color}; border: 1px solid #555555; border-radius: 4px; '
        f'padding: 2px 4px">{html.escape(words)} <b style="font-size: 80%">{html.escape(tag)}</b>'
        "</span>"
    )
