"""Labeled sentences in columns: CoNLL-2003 and the many files that look like it."""

import os
import re
from collections.abc import Mapping
from contextlib import closing

from ...text import SCHEMES
from ...values import shown
from .labeled import Labeled, check_last_tag, labeled_sentences
from .lines import broken, numbered_lines, start_of
from .sentences import Sentences

MOST_COLUMNS = 20
# "# text = ..." and the like in CoNLL-U, "# id ... domain=en" in MultiCoNER
COMMENT = re.compile(r"#\s*(?:[\w.:]+\s*=\s|newdoc\b|newpar\b|id\s+\S+\s+domain=)")


def read_conll(
    path: str | os.PathLike,
    *,
    scheme: str | None = None,
    tag_map: Mapping[str, str | None] | None = None,
    progress: bool = True,
) -> Sentences:
    """Sentences as lists of (token, tag) from a file with a token a line; the tags are in BIO.

        sentences = read_conll("eng.train", tag_map=FIVE_TAGS)

    The token stands in the first column and its tag in the last, with 2 to 20 columns in all:
    between tabs in a line that has one (a token may then hold spaces), else between spaces. A line
    without anything visible ends a sentence, and so does a -DOCSTART- line, which begins a
    document; a file without either is one sentence. Comments are skipped if they can be nothing
    else: "# key = value", "# newdoc", "# newpar" of CoNLL-U and "# id" of MultiCoNER, in front of a
    sentence. An orphan I- begins an entity. A line that has a tag and no visible token is left out
    of its sentence and counted in `empty_tokens`: no vocabulary can hold an empty word.

    The file is UTF-8, or has a byte order mark that tells UTF-16; it is read line by line.

    scheme: how the tags are written, one of course_lib.text.SCHEMES; None judges by the whole file
        (course_lib.text.detect_scheme).
    tag_map: {type in the file: type wanted, or None to make it O}, e.g. FIVE_TAGS; it must hold
        every type. Without it types keep their names.
    progress: show a progress bar if the file is larger than 4 MB.

    Raises ValueError in one line, with file and line number, for a file that is none of this, is
    empty, or holds a tag that the scheme or the map does not know; OSError as open() does.

    Source: Tjong Kim Sang and De Meulder, "Introduction to the CoNLL-2003 shared task", 2003.
    """
    if scheme is not None and scheme not in SCHEMES:
        raise ValueError(
            f"scheme must be None or one of {', '.join(SCHEMES)}, found {shown(scheme)}"
        )
    sentences, first_lines, documents, lines = _read(path, progress)
    _check_tokens(path, sentences, first_lines)
    return labeled_sentences(
        sentences, path=path, lines=lines, documents=documents, scheme=scheme, tag_map=tag_map,
        first_lines=first_lines,
    )  # fmt: skip


def _read(path, progress: bool) -> tuple[list[Labeled], dict[str, int], int, int]:
    """Sentences with the tags as they stand, the first line of each, how many documents, lines."""
    sentences, sentence = [], []
    pairs, first_lines = {}, {}
    documents = number = columns = 0
    tabs, line = False, ""
    with closing(numbered_lines(path, progress)) as lines:
        for number, line in lines:
            cells = _cells(line)
            if not cells or cells[0].startswith("-DOCSTART-"):
                if sentence:
                    sentences.append(sentence)
                    sentence = []
                documents += bool(cells)
                continue
            if not sentence and line[0] == "#" and COMMENT.match(line):
                continue
            if len(cells) != columns:
                if not columns:
                    _check_first(path, number, line, cells)
                    columns, tabs = len(cells), "\t" in line.rstrip()
                else:
                    cells = _mended(cells, line, columns, tabs)
                if len(cells) != columns:
                    found = f"{len(cells)} column{'s' * (len(cells) != 1)}, {start_of(line)}"
                    raise broken(path, number, found, f"{columns} as before", line)
            pair = (cells[0], cells[-1])
            known = pairs.get(pair)
            if known is None:
                token, tag = pair[0].strip(), pair[1].strip()
                known = pairs[pair] = pairs.setdefault((token, tag), (token, tag))
                if tag not in first_lines:
                    _check_tag(path, number, tag, line)
                    first_lines[tag] = number
            if not documents:
                documents = 1
            sentence.append(known)
    if sentence:
        sentences.append(sentence)
    check_last_tag(path, number, line, first_lines)
    return sentences, first_lines, documents, number


def _cells(line: str) -> list[str]:
    """The columns of a line, none if it is blank; spaces inside words are those of Unicode."""
    line = line.rstrip()
    if "\t" in line:
        return line.split("\t")
    cells = line.split(" ")
    return [cell for cell in cells if cell] if "" in cells else cells


def _mended(cells: list[str], line: str, columns: int, tabs: bool) -> list[str]:
    """The cells of a line whose count is wrong, if it can be understood beyond doubt."""
    if not tabs and line[0] == " " and len(cells) == columns - 1:
        return ["", *cells]  # the token is empty
    return cells if tabs else _cells(line.replace("\t", " "))


def _check_first(path, number: int, line: str, cells: list[str]) -> None:
    if not 2 <= len(cells) <= MOST_COLUMNS:
        found = f"{len(cells):,} column{'s' * (len(cells) != 1)}, {start_of(line)}"
        raise broken(
            path, number, found, f"2 to {MOST_COLUMNS}, the token first, its tag last", line
        )


def _check_tag(path, number: int, tag: str, line: str) -> None:
    if not any(map(str.isalpha, tag)):
        raise broken(
            path, number, f"the tag {start_of(tag)}", "O or a type in the last column", line
        )


def _check_tokens(path, sentences: list[Labeled], first_lines: dict[str, int]) -> None:
    """Raise ValueError if the first column counts the tokens, as in CoNLL-U and GermEval."""
    first = next((sentence for sentence in sentences if len(sentence) > 2), [])
    if first and [token for token, _ in first] == [str(i + 1) for i in range(len(first))]:
        begin = min(first_lines.values())
        raise broken(path, begin, "1, 2, 3 ... in the first column", "the tokens there")
