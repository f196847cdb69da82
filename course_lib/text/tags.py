"""Which words form an entity, and how that is written: one tag a word, in one of four schemes.

    words    Maria   Sanz    and  Lee     Oslo    Paris
    iob1     I-PER   I-PER   O    I-PER   I-GPE   B-GPE
    bio      B-PER   I-PER   O    B-PER   B-GPE   B-GPE
    bioes    B-PER   E-PER   O    S-PER   S-GPE   S-GPE
    bare     PER     PER     O    PER     GPE     GPE      (Oslo Paris has become one entity)

B- begins an entity, I- is inside, E- is its end, S- a single word, O outside of all. In iob1 the
first word has B- only where an entity of the same type stands just before.
Source: Tjong Kim Sang and Veenstra, "Representing text chunks", EACL 1999.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from ..values import shown

SCHEMES = ("iob1", "bio", "bioes", "bare")
PREFIXES = {"iob1": "BI", "bio": "BI", "bioes": "BIES"}
MARKS = tuple(f"{prefix}-" for prefix in "BIES")


class Span(NamedTuple):
    """The words start ... end - 1 of a sentence are an entity of type `tag`."""

    start: int
    end: int
    tag: str


def spans(tags: Sequence[str], scheme: str = "bio") -> list[Span]:
    """The entities in the tags of one sentence, in order.

        >>> spans(["B-PER", "I-PER", "O", "I-GPE"])
        [Span(start=0, end=2, tag='PER'), Span(start=3, end=4, tag='GPE')]

    Reads what a tagger writes as the scorer of CoNLL-2003 does (conlleval), so nothing is lost: an
    I- or E- that has nothing to continue, after O, another type or an E- or S-, begins an entity;
    one without its E- lasts as long as the tags continue it. (conlleval itself knows no S- and runs
    E-PER B-PER together; seqeval, which scores bioes by the same rules, does not, and neither do
    we.) In "bare" neighbors with the same tag are one entity.

    Raises ValueError for a tag that the scheme does not have, TypeError for a string.
    """
    _check_scheme(scheme)
    _check_sentence(tags)
    found, start, open_tag, length = [], 0, None, 0
    for length, mark in enumerate(tags, start=1):
        if mark == "O":
            if open_tag is not None:
                found.append(Span(start, length - 1, open_tag))
                open_tag = None
            continue
        begins, ends, tag = _meaning(mark, scheme)
        if begins or tag != open_tag:
            if open_tag is not None:
                found.append(Span(start, length - 1, open_tag))
            start, open_tag = length - 1, tag
        if ends:
            found.append(Span(start, length, tag))
            open_tag = None
    if open_tag is not None:
        found.append(Span(start, length, open_tag))
    return found


def tags_of(spans: Iterable[Span], length: int, scheme: str = "bio") -> list[str]:
    """The tags of a sentence of `length` words with these entities: what spans() reads.

        >>> tags_of([Span(0, 2, "PER"), Span(3, 4, "GPE")], 5, "bioes")
        ['B-PER', 'E-PER', 'O', 'S-GPE', 'O']

    spans: in any order, each a Span or another (start, end, tag).

    "bare" cannot tell touching entities of one type apart: they are read as one.

    Raises ValueError for an entity that is empty, outside the sentence or overlaps another.
    """
    _check_scheme(scheme)
    tags = ["O"] * length
    last = Span(0, 0, "O")
    for start, end, tag in sorted(spans):
        if not 0 <= start < end <= length:
            raise ValueError(
                f"an entity needs 0 <= start < end <= {length}, the length of the sentence, "
                f"found {Span(start, end, tag)}"
            )
        if start < last.end:
            raise ValueError(f"entities must not overlap, found {last}, {Span(start, end, tag)}")
        first, inside, final, single = _names(tag, scheme)
        touching = (start, tag) == (last.end, last.tag)
        if scheme == "iob1" and not touching:
            first = single = inside
        tags[start:end] = [first, *[inside] * (end - start - 2), final][: end - start]
        if end - start == 1:
            tags[start] = single
        last = Span(start, end, tag)
    return tags


def convert_tags(tags: Sequence[str], source: str, target: str) -> list[str]:
    """The same entities in another scheme, e.g. convert_tags(tags, "iob1", "bio").

    An orphan I- gets the mark that the target has for a first word, also from "bio" to "bio". Into
    "bare" something may be lost: touching entities of one type become one.

    Raises ValueError as spans() does.
    """
    return tags_of(spans(tags, source), len(tags), target)


def detect_scheme(tag_sequences: Iterable[Sequence[str]]) -> str:
    """The scheme in which these sentences are tagged, one of SCHEMES.

    The first of these that holds:
    - no tag begins with B-, I-, E- or S-: "bare" (also where every tag is O);
    - some tag begins with E- or S-: "bioes";
    - every B- stands just after a word of its own type, so that entities begin with I-: "iob1"
      (also where there is no B- at all: read as "bio", such tags mean the same);
    - else "bio", whatever orphan I- it may hold.

    A file is to be judged as a whole: few sentences may look like another scheme.

    Raises TypeError for the tags of a single sentence, ValueError for a tag that is no string.
    """
    sequences = list(tag_sequences)
    for tags in sequences:
        _check_sentence(tags)
    kinds = set(chain.from_iterable(sequences))
    for tag in kinds:
        if not isinstance(tag, str):
            raise ValueError(f"{shown(tag)} is no tag: expected O or the like of B-PER")
    marks = {tag[:2] for tag in kinds if tag.startswith(MARKS)}
    if not marks:
        return "bare"
    if marks & {"E-", "S-"}:
        return "bioes"
    for tags in sequences:
        for before, tag in pairwise(chain(["O"], tags)):
            if tag.startswith("B-") and before[1:] != tag[1:]:
                return "bio"
    return "iob1"


@lru_cache(maxsize=4096)
def _meaning(mark: str, scheme: str) -> tuple[bool, bool, str]:
    """Of a tag other than O: must an entity begin here, must it end here, and of which type."""
    if scheme == "bare":
        if isinstance(mark, str) and mark and not mark.startswith(MARKS):
            return False, False, mark
        raise ValueError(f"{shown(mark)} is no tag in 'bare': expected O or a type such as PER")
    prefixes = PREFIXES[scheme]
    if isinstance(mark, str) and mark[:1] in prefixes and mark[1:2] == "-" and len(mark) > 2:
        return mark[0] in "BS", mark[0] in "ES", mark[2:]
    expected = ", ".join(f"{prefix}-PER" for prefix in prefixes)
    raise ValueError(f"{shown(mark)} is no tag in {scheme!r}: expected O or the like of {expected}")


@lru_cache(maxsize=4096)
def _names(tag: str, scheme: str) -> tuple[str, str, str, str]:
    """The tags of an entity's first word, of one inside, of its last word, and of a single one."""
    if scheme == "bare":
        if tag != "O":
            _meaning(tag, scheme)
            return tag, tag, tag, tag
    elif tag:
        last, single = ("E-", "S-") if scheme == "bioes" else ("I-", "B-")
        return f"B-{tag}", f"I-{tag}", last + tag, single + tag
    raise ValueError(f"an entity needs a type such as PER, found {tag!r}")


def _check_scheme(scheme: str) -> None:
    if scheme not in SCHEMES:
        raise ValueError(f"scheme must be one of {', '.join(SCHEMES)}, found {shown(scheme)}")


def _check_sentence(tags: Sequence[str]) -> None:
    if isinstance(tags, str) or (len(tags) and isinstance(tags[0], list | tuple)):
        raise TypeError(f"a sentence is a list of tags, found {shown(tags)}")
