"""From tokens with tags as a file has them to sentences in BIO: what the readers share."""

import os
import re
from collections import Counter
from collections.abc import Mapping

from ...text import detect_scheme, spans
from ...values import shown
from .lines import broken, start_of
from .sentences import Sentences

# B_PER, U-PER: a type with a mark that no scheme of course_lib.text has
FOREIGN_MARK = re.compile(r"[BIES]_|[LMUW][-_]")
MOST_TAGS = 1000  # the finest corpora have some 100 types; a column of words has more than this

Labeled = list[tuple[str, str]]  # a sentence: (token, tag)


def labeled_sentences(
    sentences: list[Labeled],
    *,
    path: str | os.PathLike,
    lines: int,
    documents: int = 1,
    scheme: str | None,
    tag_map: Mapping[str, str | None] | None,
    first_lines: dict[str, int],
) -> Sentences:
    """The sentences with their tags in BIO, renamed; the lists are changed in place.

    An entity whose type is mapped to None (or "O") becomes O as a whole. An orphan I- begins an
    entity. Empty tokens are left out, after the tags were understood.

    first_lines: the line on which each tag first stands, for the messages.

    Raises ValueError, with file and line, for a tag that the scheme or the map does not know, and
    for a file without a sentence; without them for a map that gives something else than types.
    """
    if not any(token for sentence in sentences for token, _ in sentence):
        found = "the end of the file and no sentence"
        raise broken(path, lines, found, "tokens with their tags")
    if scheme is None:
        _check_that_these_are_tags(path, first_lines)
        scheme = detect_scheme([tag for _, tag in sentence] for sentence in sentences)
        if scheme == "bare":
            _check_that_these_are_bare(path, first_lines)
    _make_bio(sentences, scheme, _new_names(scheme, tag_map, path, first_lines))
    tokens = sum(map(len, sentences))
    if any(not token for sentence in sentences for token, _ in sentence):
        sentences = _without_empty_tokens(sentences)
    return Sentences(
        sentences,
        path=path,
        lines=lines,
        documents=documents,
        scheme=scheme,
        entities=Counter(tag[2:] for sentence in sentences for _, tag in sentence if tag[0] == "B"),
        empty_tokens=tokens - sum(map(len, sentences)),
    )


def _make_bio(sentences: list[Labeled], scheme: str, new_names: dict[str, str | None]) -> None:
    pairs = {}  # equal pairs are to be one object again
    for sentence in sentences:
        tags = [tag for _, tag in sentence]
        if tags.count("O") == len(tags):
            continue
        bio = ["O"] * len(tags)
        for start, end, name in spans(tags, scheme):
            if (new := new_names[name]) is not None:
                bio[start:end] = [f"B-{new}"] + [f"I-{new}"] * (end - start - 1)
        if bio != tags:
            rewritten = zip((token for token, _ in sentence), bio, strict=True)
            sentence[:] = [pairs.setdefault(pair, pair) for pair in rewritten]


def _without_empty_tokens(sentences: list[Labeled]) -> list[Labeled]:
    """Sentences in BIO less their tokens ""; what is left of an entity still begins with B-."""
    kept = []
    for sentence in sentences:
        words, beheaded = [], False
        for token, tag in sentence:
            beheaded = beheaded and tag[0] == "I"
            if token:
                words.append((token, f"B-{tag[2:]}") if beheaded else (token, tag))
                beheaded = False
            else:
                beheaded = beheaded or tag[0] == "B"
        if words:
            kept.append(words)
    return kept


def _check_that_these_are_tags(path, first_lines: dict[str, int]) -> None:
    """Raise ValueError if the column of tags holds something else, say words or parts of speech."""
    if len(first_lines) > MOST_TAGS:
        tag, number = list(first_lines.items())[MOST_TAGS]
        found = f"{start_of(tag)}, different tag number {MOST_TAGS + 1:,}"
        raise broken(path, number, found, "the token first and its tag last")
    if "O" not in first_lines and not any(tag[:2] in ("B-", "I-", "S-") for tag in first_lines):
        tag, number = next(iter(first_lines.items()))
        found = f"the tag {start_of(tag)}, and O on no line of the file"
        raise broken(path, number, found, "tags of entities in the last column")


def _check_that_these_are_bare(path, first_lines: dict[str, int]) -> None:
    """Raise ValueError if types look as if another scheme had marked them: B_PER is no type."""
    for tag, number in first_lines.items():
        if FOREIGN_MARK.match(tag):
            expected = 'B-PER and the like, or scheme="bare" if this is a type'
            raise broken(path, number, f"the tag {start_of(tag)}", expected)


def check_last_tag(path, number: int, line: str, first_lines: dict[str, int]) -> None:
    """Raise ValueError if a file seems to end inside its last tag: in B-LO, where B-LOC is known.

    number, line: the last line of the file; first_lines: the line on which each tag first stands.
    """
    tag, first = next(reversed(first_lines.items()), ("O", 0))
    if line.endswith("\n") or first < number or tag == "O":
        return
    for longer in first_lines:
        if longer.startswith(tag) and longer != tag:
            found = f"the tag {start_of(tag)} for the first time"
            raise broken(path, number, found, f"a whole tag, such as {start_of(longer)}", line)


def _new_names(scheme, tag_map, path, first_lines: dict[str, int]) -> dict[str, str | None]:
    """For each type in the file what it becomes, None for O; ValueError for the first unknown."""
    names = {}
    for tag, number in first_lines.items():
        try:
            types = [span.tag for span in spans([tag], scheme)]
        except ValueError as error:
            raise ValueError(f"{os.fspath(path)}, line {number}: {error}") from None
        for name in types:
            if tag_map is not None and name not in tag_map:
                known = f"a type that the map knows: {', '.join(tag_map):.60}"
                raise broken(path, number, f"the tag {start_of(tag)}", known)
            new = name if tag_map is None else tag_map[name]
            if new is not None and not (isinstance(new, str) and new):
                raise ValueError(
                    f"tag_map turns {name!r} into {shown(new)}, expected a type or None"
                )
            names[name] = None if new == "O" else new
    return names
