"""From a string to tokens and sentences, by rules that a reader can follow."""

from __future__ import annotations

import re

TITLES = "Mr|Mrs|Ms|Dr|Prof|St|Capt|Gen|Sen|Gov|Rev|Sgt|Jr|Sr|vs"
CLITIC = r"(?i:s|re|ve|ll|d|m)\b"

TOKEN = re.compile(
    rf"""
      (?:{TITLES})\.                                # Dr.
    | (?:[^\W\d_]\.){{2,}}                          # U.S.   p.m.
    | [A-HJ-Z]\.(?=\s+[A-Z])                        # J. Smith, but not "So do I. She"
    | \d+(?:[.,:/–-]\d+)++[^\W_]*                   # 1,500   3-2   2.5kg
    | \d+(?:st|nd|rd|th|s|pm|am)?\b(?![-‐][^\W\d_])  # 12   12th   1990s
    | [^\W\d_]+(?=(?i:n['’]t)\b)                    # did|n't
    | (?i:n['’]t)\b
    | (?<!\w)['’](?=\w['’])                         # '|s|': a letter in quotes
    | ['’]{CLITIC}                                  # Anna|'s
    | [^\W_]+(?:['’](?!{CLITIC})[^\W_]+|[-‐][^\W_]+)*   # O'Brien   twenty-one   10-year-old
    | \.\.\.
    | \S                                            # any other sign is a token of its own
    """,
    re.VERBOSE,
)
TOKEN_OR_BLANK_LINE = re.compile(rf"{TOKEN.pattern}| \n\s*\n", re.VERBOSE)
ENDS = {".", "!", "?", "...", "…"}
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


def split_sentences(text: str, *, lower: bool = False) -> list[list[str]]:
    """The tokens of `text`, sentence by sentence.

        >>> split_sentences('"Stop!" cried Dr. Grey. Nobody stopped.')
        [['"', 'Stop', '!', '"', 'cried', 'Dr.', 'Grey', '.'], ['Nobody', 'stopped', '.']]

    A sentence ends at a blank line, and after . ! ? or ... with the closing quotes and brackets
    that stand right behind. It does not end where no space follows (example.com), nor before a
    word in small letters ("Stop!" cried; unless the whole text is in small letters), nor after a
    title, an initial or an abbreviation with inner periods. Such rules err: a sentence whose last
    word is U.S. runs on into the next, and "Why?" Anna asked. is cut before the name.

    lower: write all tokens in small letters, after cutting.
    """
    small_begins = text.islower()
    sentences, sentence = [], []
    ended, end = False, 0  # whether the sentence may be over, and where its last token ends
    for match in TOKEN_OR_BLANK_LINE.finditer(text):
        token = match.group()
        if ended and token not in ENDS:
            attached = match.start() == end
            ended = attached and token in CLOSING
            if not attached and (small_begins or not token[0].islower()):
                sentences.append(sentence)
                sentence = []
        if token[0] == "\n":
            sentences.append(sentence)
            sentence, ended = [], False
            continue
        sentence.append(token)
        if ended or token in ENDS:
            ended, end = True, match.end()
    sentences = [sentence for sentence in [*sentences, sentence] if sentence]
    return [[token.lower() for token in tokens] for tokens in sentences] if lower else sentences
