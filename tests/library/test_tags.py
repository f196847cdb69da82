"""Entities in tags, in four schemes; test_seqeval.py compares with the library of that name."""

import numpy as np
import pytest

from course_lib.text import SCHEMES, Span, convert_tags, detect_scheme, spans, tags_of

EXAMPLE = {  # the table of the module's docstring
    "iob1": "I-PER I-PER O I-PER I-GPE B-GPE",
    "bio": "B-PER I-PER O B-PER B-GPE B-GPE",
    "bioes": "B-PER E-PER O S-PER S-GPE S-GPE",
}
ENTITIES = [(0, 2, "PER"), (3, 4, "PER"), (4, 5, "GPE"), (5, 6, "GPE")]


@pytest.mark.parametrize("scheme", EXAMPLE)
def test_the_example_of_the_docstring(scheme):
    assert spans(EXAMPLE[scheme].split(), scheme) == ENTITIES
    assert tags_of(map(Span._make, ENTITIES[::-1]), 6, scheme) == EXAMPLE[scheme].split()
    for other in EXAMPLE:
        assert convert_tags(EXAMPLE[scheme].split(), scheme, other) == EXAMPLE[other].split()


def test_bare_tags_merge_neighbors():
    bare = ["PER", "PER", "O", "PER", "GPE", "GPE"]
    assert convert_tags(EXAMPLE["bio"].split(), "bio", "bare") == bare
    assert spans(bare, "bare") == [(0, 2, "PER"), (3, 4, "PER"), (4, 6, "GPE")]
    assert " ".join(convert_tags(bare, "bare", "bioes")) == "B-PER E-PER O S-PER B-GPE E-GPE"


LENIENT = [  # what a tagger may write: (tags, entities), by the rules of conlleval
    ("I-A I-A O I-A", [(0, 2, "A"), (3, 4, "A")]),
    ("B-A I-B I-B B-B", [(0, 1, "A"), (1, 3, "B"), (3, 4, "B")]),
    ("I-A B-A I-A O", [(0, 1, "A"), (1, 3, "A")]),
    ("B-A B-A I-A", [(0, 1, "A"), (1, 3, "A")]),
    ("O O", []),
    ("", []),
    ("B-A-B I-A-B I-A", [(0, 2, "A-B"), (2, 3, "A")]),
]
LENIENT_BIOES = [
    ("I-A E-A", [(0, 2, "A")]),
    ("B-A I-A O", [(0, 2, "A")]),
    ("B-A O E-A", [(0, 1, "A"), (2, 3, "A")]),
    ("E-A E-A I-A", [(0, 1, "A"), (1, 2, "A"), (2, 3, "A")]),
    ("S-A I-A E-A B-A", [(0, 1, "A"), (1, 3, "A"), (3, 4, "A")]),
    ("B-A S-A E-A", [(0, 1, "A"), (1, 2, "A"), (2, 3, "A")]),
    ("B-A E-B I-B", [(0, 1, "A"), (1, 2, "B"), (2, 3, "B")]),
    ("E-A B-A E-A", [(0, 1, "A"), (1, 3, "A")]),
]


@pytest.mark.parametrize(("tags", "expected"), LENIENT)
def test_orphans_begin_an_entity(tags, expected):
    for scheme in ("iob1", "bio", "bioes"):
        assert spans(tags.split(), scheme) == expected


@pytest.mark.parametrize(("tags", "expected"), LENIENT_BIOES)
def test_orphans_in_bioes(tags, expected):
    assert spans(tags.split(), "bioes") == expected


def random_entities(rng, length, gap):
    """Entities of a sentence; with gap=0 they may touch."""
    found, at = [], 0
    while True:
        start = at + int(rng.integers(gap, 3))
        end = start + int(rng.integers(1, 4))
        if end > length:
            return found
        found.append(Span(start, end, str(rng.choice(["PER", "GPE", "B-X"]))))
        at = end


@pytest.mark.parametrize("scheme", SCHEMES)
def test_spans_and_tags_are_inverse(scheme):
    rng = np.random.default_rng(1)
    names = 0
    for _ in range(300):
        length = int(rng.integers(0, 15))
        entities = random_entities(rng, length, gap=1 if scheme == "bare" else 0)
        if scheme == "bare":
            entities = [span._replace(tag=span.tag.removeprefix("B-")) for span in entities]
        assert spans(tags_of(entities, length, scheme), scheme) == entities
        names += len(entities)
    assert names > 300


def test_every_scheme_converts_into_every_other():
    rng = np.random.default_rng(2)
    for _ in range(200):
        entities = random_entities(rng, 12, gap=0)
        written = {scheme: tags_of(entities, 12, scheme) for scheme in EXAMPLE}
        for source in EXAMPLE:
            for target in EXAMPLE:
                assert convert_tags(written[source], source, target) == written[target]


DETECTED = [
    ([], "bare"),
    ([[], []], "bare"),
    (["O O"], "bare"),
    (["O PER PER", "GPE"], "bare"),
    (["O B-PER I-PER", "O"], "bio"),
    (["B-PER"], "bio"),
    (["I-PER O", "O B-PER"], "bio"),
    (["B-PER I-PER O I-PER"], "bio"),
    (["I-PER B-GPE"], "bio"),
    (["I-PER B-PER I-PER", "B-PER"], "bio"),
    (["O I-PER B-PER I-PER B-PER"], "iob1"),
    (["I-PER I-GPE O"], "iob1"),
    (["B-PER E-PER", "O"], "bioes"),
    (["O S-PER"], "bioes"),
    (["I-PER I-PER", "B-PER E-PER"], "bioes"),
]


@pytest.mark.parametrize(("sentences", "expected"), DETECTED)
def test_detection(sentences, expected):
    sequences = [sentence.split() if sentence else [] for sentence in sentences]
    assert detect_scheme(sequences) == expected
    assert detect_scheme(iter(map(tuple, sequences))) == expected


def test_detection_of_a_whole_corpus():
    rng = np.random.default_rng(3)
    corpus = [random_entities(rng, 20, gap=0) for _ in range(50)]
    for scheme in EXAMPLE:
        assert detect_scheme([tags_of(entities, 20, scheme) for entities in corpus]) == scheme


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: spans(["B-PER", "E-PER"]), ValueError,
         "'E-PER' is no tag in 'bio': expected O or the like of B-PER, I-PER"),
        (lambda: spans(["PER"], "bioes"), ValueError,
         "'PER' is no tag in 'bioes': expected O or the like of B-PER, I-PER, E-PER, S-PER"),
        (lambda: spans(["B-"], "bio"), ValueError, "'B-' is no tag in 'bio'"),
        (lambda: spans(["B"], "bio"), ValueError, "'B' is no tag in 'bio'"),
        (lambda: spans([""], "bio"), ValueError, "'' is no tag in 'bio'"),
        (lambda: spans(["-PER"], "bio"), ValueError, "'-PER' is no tag in 'bio'"),
        (lambda: spans(["o"], "bio"), ValueError, "'o' is no tag in 'bio'"),
        (lambda: spans(["O", None], "bio"), ValueError, "None is no tag in 'bio'"),
        (lambda: spans([3], "iob1"), ValueError, "3 is no tag in 'iob1'"),
        (lambda: spans([""], "bare"), ValueError, "'' is no tag in 'bare': expected O or a type"),
        (lambda: spans(["I-PER"], "bare"), ValueError, "'I-PER' is no tag in 'bare'"),
        (lambda: spans(["O"], "bilou"), ValueError,
         "scheme must be one of iob1, bio, bioes, bare, found 'bilou'"),
        (lambda: spans("O"), TypeError, "a sentence is a list of tags, found 'O'"),
        (lambda: spans([["O"]]), TypeError, "a sentence is a list of tags, found [['O']]"),
        (lambda: convert_tags("O", "bio", "iob1"), TypeError, "a sentence is a list of tags"),
        (lambda: convert_tags(["O"], "bio", "x"), ValueError, "scheme must be one of"),
        (lambda: detect_scheme(["O", "B-PER"]), TypeError, "a list of tags, found 'O'"),
        (lambda: detect_scheme([["O", float("nan")]]), ValueError, "nan is no tag: expected O or"),
        (lambda: tags_of([Span(1, 1, "PER")], 3), ValueError,
         "an entity needs 0 <= start < end <= 3, the length of the sentence, found Span(start=1"),
        (lambda: tags_of([Span(-1, 1, "PER")], 3), ValueError, "found Span(start=-1"),
        (lambda: tags_of([Span(2, 4, "PER")], 3), ValueError, "found Span(start=2, end=4"),
        (lambda: tags_of([Span(0, 2, "A"), Span(1, 3, "B")], 3), ValueError,
         "entities must not overlap, found Span(start=0, end=2, tag='A'), Span(start=1"),
        (lambda: tags_of([Span(0, 1, "")], 3), ValueError, "a type such as PER, found ''"),
        (lambda: tags_of([Span(0, 1, "O")], 3, "bare"), ValueError, "such as PER, found 'O'"),
        (lambda: tags_of([Span(0, 1, "B-X")], 3, "bare"), ValueError, "'B-X' is no tag in 'bare'"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
