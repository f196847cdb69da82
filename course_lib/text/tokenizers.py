"""From a string to tokens and sentences, by rules that a reader can follow."""

from __future__ import annotations

import re

TITLES = "Mr|Mrs|Ms|Dr|Prof|St|Capt|Gen|Sen|Gov|Rev|Sgt|Jr|Sr|vs"

TOKEN = re.compile(
    rf"""
      (?:{TITLES})\.                                   # Dr.
    | (?:[^\W\d_]\.){{2,}}                          # U.S.   p.m.
    | [A-Z]\.(?=\s+[A-Z])                           # J. Smith
    | \d+(?:[.,:/–-]\d+)*(?:st|nd|rd|th|s|pm|am)?\b   # 1,500   3-2   1990s   12th
    | [^\W\d_]+(?=n['’]t\b)                         # did|n't
    | n['’]t\b
    | ['’](?:s|re|ve|ll|d|m)\b                      # Anna|'s
    | [^\W_]+(?:['’](?!(?:s|re|ve|ll|d|m)\b)[^\W_]+|[-‐][^\W_]+)*   # O'Brien   twenty-one
    | \.\.\.
    | \S                                            # any other sign is a token of its own
    """,
    re.VERBOSE,
)
ENDS = {".", "!", "?", "..."}
CLOSING = {'"', "'", "”", "’", ")", "]", "»"}


def tokenize(text: str) -> list[str]:
    """Words, numbers and punctuation marks in order; case is kept.

    A clitic is a token of its own, as in the Penn Treebank: "Anna's" gives Anna and 's, "didn't"
    gives did and n't. A title keeps its period (Dr.), and so do abbreviations (U.S.); hyphenated
    words, numbers (1,500), scores (3-2) and decades (1990s) are not taken apart.

        >>> tokenize("Dr. O'Brien didn't pay $1,500 in the 1990s.")
        ['Dr.', "O'Brien", 'did', "n't", 'pay', '$', '1,500', 'in', 'the', '1990s', '.']
    """
    return TOKEN.findall(text)
