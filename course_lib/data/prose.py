"""English sentences out of documentation, which is full of code, lists and headings."""

import re
from collections.abc import Iterator
from itertools import pairwise

CODE = re.compile(r"\s{4}|\t|\s*[|+]|.*::=")
ITEM = re.compile(r"(?:[-*+•]|\d+[.)]|\(?[a-z]\))\s")
ROLE = re.compile(r":[a-z:]+:`~?([^`]*)`")
# A sentence ends at . ! ? with closing quotes and brackets, before what may begin another.
END = re.compile(r"""(?<=[.!?])["')\]*`]*\s+(?=["'(\[*`]*[A-Z\d_])""")
# A sign counts as one if no letter or digit follows: not the point in os.path or 3.14.
TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[.,;:!?](?![.,;:!?\w])")
SHORTEST, LONGEST = 4, 80  # words, tokens


def prose_sentences(text: str) -> Iterator[list[str]]:
    """The sentences of `text` as lists of words and signs, in small letters.

    Words are runs of the letters a to z, with an apostrophe inside; digits are dropped. A sign
    stays only behind a word. Kept are sentences that end in . ! or ? and have at least 4 words: so
    headings, signatures and tables go. Sentences of more than 80 tokens go too: they are lists that
    lost their layout.
    """
    for paragraph in _paragraphs(text.replace("’", "'")):
        for sentence in END.split(paragraph):
            found = TOKEN.findall(sentence.lower())
            tokens = [
                token
                for before, token in pairwise([".", *found])
                if token[0].isalpha() or before[0].isalpha()
            ]
            words = sum(token[0].isalpha() for token in tokens)
            if words >= SHORTEST and len(tokens) <= LONGEST and tokens[-1] in (".", "!", "?"):
                yield tokens


def _paragraphs(text: str) -> Iterator[str]:
    """Paragraphs and items of lists, each on one line.

    Left out are lines that are indented by four spaces or more, those of grammars and of tables,
    and all from Python's prompt to the next blank line.
    """
    paragraph, prompt = [], False
    for line in [*text.split("\n"), ""]:
        words = line.strip()
        prompt = bool(words) and (prompt or ">>>" in line)
        code = prompt or CODE.match(line)
        if paragraph and (not words or code or ITEM.match(words)):
            whole = ROLE.sub(r"\1", " ".join(paragraph))
            yield re.sub(r"\b([ei])\.\s?([ge])\.", r"\1\2", whole)  # e.g., i.e. end no sentence
            paragraph = []
        if words and not code:
            paragraph.append(words)
