"""Any text file as sentences of tokens."""

import os
import re
from contextlib import closing

from ...text import split_sentences
from .lines import broken, numbered_lines
from .sentences import Sentences

BETWEEN_BLANKS = re.compile(r"\S+", re.ASCII)  # a hard space may stand inside a token: 10 000
LONG = 100_000  # characters; a longer paragraph is taken apart where a line ends a sentence


def read_text(
    path: str | os.PathLike,
    *,
    lower: bool = False,
    pretokenized: bool = False,
    progress: bool = True,
) -> Sentences:
    """Sentences as lists of tokens from a text file.

        sentences = read_text("austen-emma.txt", lower=True)
        sentences = read_text("ptb.train.txt", pretokenized=True)

    Paragraphs, which blank lines separate, are split by course_lib.text.split_sentences: no
    sentence reaches over a blank line. The file is UTF-8, or has a byte order mark that tells
    UTF-16; it is read paragraph by paragraph.

    lower: all letters in lower case.
    pretokenized: each line is a sentence and spaces separate its tokens, which stay as they are:
        the Penn Treebank split of Mikolov, which holds <unk>, is such a file.
    progress: show a progress bar if the file is larger than 4 MB.

    Raises ValueError in one line, with file and line number, for a file that is no text or holds
    no word; OSError as open() does.
    """
    sentences, shared = [], {}

    def keep(found):
        for tokens in filter(None, found):
            sentences.append([shared.setdefault(token, token) for token in tokens])

    count, paragraph, size = 0, [], 0
    with closing(numbered_lines(path, progress)) as lines:
        for _, line in lines:
            count += 1
            if pretokenized:
                keep([BETWEEN_BLANKS.findall(line.lower() if lower else line)])
                continue
            words = line.strip()
            paragraph.append(words)
            size += len(words)
            if not words or (size > LONG and words.endswith((".", "!", "?"))):
                keep(split_sentences("\n".join(paragraph), lower=lower))
                paragraph, size = [], 0
    keep(split_sentences("\n".join(paragraph), lower=lower))
    if not sentences:
        raise broken(path, count, "the end of the file and no word", "a text")
    return Sentences(sentences, path=path, lines=count)
