"""The Groningen Meaning Bank as the one table that most people know it by, ner_dataset.csv."""

import codecs
import csv
import os
from collections.abc import Mapping
from contextlib import closing

from .labeled import Labeled, check_last_tag, labeled_sentences
from .lines import BYTE_ORDER_MARKS, broken, numbered_lines, start_of
from .sentences import Sentences

COLUMNS = ("Sentence #", "Word", "Tag")


def read_gmb(
    path: str | os.PathLike,
    *,
    tag_map: Mapping[str, str | None] | None = None,
    progress: bool = True,
) -> Sentences:
    """Sentences as lists of (token, tag) from the csv file of the Groningen Meaning Bank.

        sentences = read_gmb("ner_dataset.csv", tag_map=FIVE_TAGS)

    The file has the columns Sentence #, Word, POS and Tag, a word a row, tags in BIO. A sentence
    begins where a new id stands in the first column (there alone, or on each of its rows). Columns
    are found by their names, so others may stand among them. Words are read as they are: None,
    null and NA are words. A row whose word is empty is left out and counted in `empty_tokens`.

    The file is read as UTF-8 if it is that, else as cp1252, in which it was published; row by row.

    tag_map: {type in the file: type wanted, or None to make it O}, e.g. FIVE_TAGS; it must hold
        every type. Without it types keep their names: geo, gpe, per, org, tim, art, eve, nat.
    progress: show a progress bar if the file is larger than 4 MB.

    Raises ValueError in one line, with file and line number, for a file that is none of this, is
    empty, or holds a tag that BIO or the map does not know; OSError as open() does.

    Source: Bos, Basile, Evang, Venhuizen, Bjerva, "The Groningen Meaning Bank", in Handbook of
    Linguistic Annotation, 2017.
    """
    sentences, first_lines, lines = _read(path, progress)
    return labeled_sentences(
        sentences, path=path, lines=lines, scheme="bio", tag_map=tag_map, first_lines=first_lines
    )


def _read(path, progress: bool) -> tuple[list[Labeled], dict[str, int], int]:
    """Sentences with the tags as they stand, the first line of each tag, how many lines."""
    sentences, words, current = [], None, None
    pairs, first_lines = {}, {}
    number, columns, line = 0, 0, ""
    with closing(numbered_lines(path, progress, _encoding(path))) as lines:
        for number, line in lines:
            cells = _cells(path, number, line)
            if not columns:
                sentence_at, word_at, tag_at = _places(path, number, cells)
                columns = len(cells)
                continue
            if len(cells) != columns:
                if not line.strip():
                    continue
                found = f"{len(cells)} column{'s' * (len(cells) != 1)}, {start_of(line)}"
                raise broken(path, number, found, f"{columns} as in the header", line)
            name = cells[sentence_at].strip()
            if name and name != current:
                current, words = name, []
                sentences.append(words)
            elif words is None:
                raise broken(
                    path, number, start_of(line), "an id, Sentence: 1, before the first word"
                )
            pair = (cells[word_at], cells[tag_at])
            known = pairs.get(pair)
            if known is None:
                word, tag = pair[0].strip(), pair[1].strip()
                known = pairs[pair] = pairs.setdefault((word, tag), (word, tag))
                first_lines.setdefault(tag, number)
            words.append(known)
    check_last_tag(path, number, line, first_lines)
    return sentences, first_lines, number


def _cells(path, number: int, line: str) -> list[str]:
    """The columns of one row; no word holds a line break, so every row is a line."""
    if '"' not in line:
        return line.rstrip("\n").split(",")
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error as error:
        expected = f"every quote to be closed ({error})"
        raise broken(path, number, start_of(line), expected, line) from None


def _places(path, number: int, header: list[str]) -> list[int]:
    """Where the three columns stand that are read."""
    header = [name.strip() for name in header]
    if set(COLUMNS) <= set(header):
        return [header.index(name) for name in COLUMNS]
    found = start_of(",".join(header))
    raise broken(path, number, f"the header {found}", "Sentence #,Word,POS,Tag")


def _encoding(path) -> str | None:
    """None, for UTF-8 or what a byte order mark tells, or "cp1252" if some byte is neither."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open(path, "rb") as file:
        if file.peek(4).startswith(tuple(BYTE_ORDER_MARKS)):
            return None
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
        except UnicodeDecodeError:
            return "cp1252"
    return None
