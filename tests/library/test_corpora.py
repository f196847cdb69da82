"""The two corpora written for the course keep the rules that PROVENANCE.md states."""

import hashlib
import re
from collections import Counter, defaultdict
from importlib import resources

import pytest

from course_lib.data import load_entities, load_stories
from course_lib.text import spans, tokenize

CORPORA = resources.files("course_lib.data") / "corpora"
PARTS = ("train", "dev", "test")
TAGS = {"PER", "ORG", "LOC", "GPE", "DATE"}
FROZEN = "d9face870d337a8440ab161e048cdad0360b30602dfc38229479ff55f5701532"


def lines_of(corpus, part):
    return (CORPORA / corpus / f"{part}.txt").read_text(encoding="utf-8").splitlines()


# --- entities ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def entities():
    return load_entities()


def named(sentence):
    """(start, end, tag, form) of the entities of a labeled sentence."""
    found = spans([tag for _, tag in sentence])
    return [
        (*span, " ".join(token for token, _ in sentence[span.start : span.end])) for span in found
    ]


def test_the_entities_are_as_many_as_promised(entities):
    sentences = [sentence for part in PARTS for sentence in getattr(entities, part)]
    assert len(sentences) >= 1_200
    assert sum(map(len, sentences)) >= 18_000
    counts = Counter(tag for sentence in sentences for _, _, tag, _ in named(sentence))
    assert set(counts) == TAGS
    assert min(counts.values()) / counts.total() > 0.1
    assert entities.train.scheme == "bio"


def test_the_loader_counts_as_a_plain_reading_does(entities):
    """Two columns, split by hand: tokens, B- tags and documents."""
    for part in PARTS:
        rows = [line.split("\t") for line in lines_of("entities", part) if line]
        tokens = [row for row in rows if row[0] != "-DOCSTART-"]
        found = getattr(entities, part)
        assert found.tokens == len(tokens)
        assert found.documents == len(rows) - len(tokens)
        begun = Counter(tag[2:] for _, tag in tokens if tag.startswith("B-"))
        assert found.entities == dict(begun)


def test_the_test_part_is_the_one_that_was_written_first():
    """It was frozen before any training sentence was written, and never changes."""
    text = (CORPORA / "entities" / "test.txt").read_bytes()
    assert hashlib.sha256(text).hexdigest() == FROZEN


def test_every_sentence_and_document_is_in_one_part_only(entities):
    seen = Counter(tuple(sentence) for part in PARTS for sentence in getattr(entities, part))
    assert [s for s, count in seen.items() if count > 1 and len(s) > 5] == []
    parts = [{tuple(sentence) for sentence in getattr(entities, part)} for part in PARTS]
    assert len(set.union(*parts)) == sum(map(len, parts))  # short ones, too
    titles = Counter(
        line
        for part in PARTS
        for line in lines_of("entities", part)
        if line.startswith("-DOCSTART-")
    )
    assert [title for title, count in titles.items() if count > 1] == []


def test_a_third_of_the_test_entities_are_new(entities):
    known = {form for sentence in entities.train for *_, form in named(sentence)}
    tested = [form for sentence in entities.test for *_, form in named(sentence)]
    assert sum(form not in known for form in tested) / len(tested) > 1 / 3


def test_registers_are_many():
    for part in PARTS:
        titles = [line for line in lines_of("entities", part) if line.startswith("-DOCSTART-")]
        assert len({re.split("[:\t]", title)[1] for title in titles}) >= 10


def test_many_forms_change_their_tag_with_the_context(entities):
    tags = defaultdict(set)
    for part in PARTS:
        for sentence in getattr(entities, part):
            for *_, tag, form in named(sentence):
                tags[form].add(tag)
    assert sum(len(found) > 1 for found in tags.values()) >= 40
    for form in tokenize("Paris Hilton Jordan Washington May April Amazon Chelsea Lincoln Ford"):
        assert len(tags[form]) > 1, form


# Where a form stands between the same two words and yet has two tags, it was looked at: the rest
# of the sentence tells.  (before, form, after), with <s> and </s> at the ends.
DECIDED_BY_MORE = {
    ("to", "Jordan", ","),
    ("<s>", "Will", "is"),
    ("and", "Rome", "."),
    ("to", "Cambridge", ","),
    ("<s>", "Brooks", ","),
    ("<s>", "Washington", "will"),
    ("and", "June", "."),
    ("of", "June", ","),
}


def test_the_same_form_between_the_same_words_has_the_same_tag(entities):
    labels = defaultdict(set)
    sentences = [sentence for part in PARTS for sentence in getattr(entities, part)]
    forms = {form for sentence in sentences for *_, form in named(sentence)}
    longest = max(form.count(" ") for form in forms) + 1
    for sentence in sentences:
        words = [token for token, _ in sentence]
        tag_of = {(start, end): tag for start, end, tag, _ in named(sentence)}
        inside = {i for start, end in tag_of for i in range(start, end)}
        for start in range(len(words)):
            for end in range(start + 1, min(start + longest, len(words)) + 1):
                place = range(start, end)
                form = " ".join(words[start:end])
                partly = (start, end) not in tag_of and inside.intersection(place)
                if form in forms and form[0].isupper() and not partly:
                    before = words[start - 1].lower() if start else "<s>"
                    after = words[end].lower() if end < len(words) else "</s>"
                    labels[before, form, after].add(tag_of.get((start, end), "O"))
    assert {key for key, tags in labels.items() if len(tags) > 1} == DECIDED_BY_MORE


TITLES = set(
    tokenize("Mr. Mrs. Ms. Dr. President Queen King Captain Professor Judge Senator Coach")
)
DATES = set(tokenize(  # the other months are names, too
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
    "January February July September October November December"
))  # fmt: skip
YEAR = re.compile(r"1[5-9]\d\d|20\d\d")


def test_the_rules_of_labeling_are_kept(entities):
    wrong = []
    for part in PARTS:
        for sentence in getattr(entities, part):
            for _, _, tag, form in named(sentence):
                first, *_, last = form.split() * 2
                if first in ("the", "The", "a", "an") or last in ("'s", ",", "the"):
                    wrong.append(form)
                if tag == "PER" and first in TITLES:
                    wrong.append(form)
            wrong += [
                token
                for token, tag in sentence
                if tag == "O" and (token in DATES or YEAR.fullmatch(token))
            ]
    assert wrong == []


# --- stories -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stories():
    return load_stories()


def sentences_of(stories):
    return [sentence for part in PARTS for sentence in getattr(stories, part)]


def test_the_tales_are_long_and_their_vocabulary_small(stories):
    words = [token for sentence in sentences_of(stories) for token in sentence if token.isalpha()]
    assert len(words) >= 15_000
    types = {token for sentence in sentences_of(stories) for token in sentence}
    assert len(types) < 1_500
    assert all(token == token.lower() for token in types)


def test_no_six_words_come_more_than_three_times(stories):
    """Neither with punctuation, within a sentence, nor without it, across a whole tale."""
    with_signs = Counter(
        tuple(sentence[i : i + 6])
        for sentence in sentences_of(stories)
        for i in range(len(sentence) - 5)
    )
    assert with_signs.most_common(1)[0][1] <= 3
    words_alone = Counter()
    for part in PARTS:
        for tale in "\n".join(lines_of("stories", part)).split("\n\n"):
            words = re.findall(r"[a-z']+", tale.partition("\n")[2].lower())
            words_alone.update(tuple(words[i : i + 6]) for i in range(len(words) - 5))
    assert words_alone.most_common(1)[0][1] <= 3


def test_a_tale_and_its_sentences_are_in_one_part_only(stories):
    parts = [set(map(tuple, getattr(stories, part))) for part in PARTS]
    assert len(set.union(*parts)) == sum(map(len, parts))
    titles = Counter(
        line for part in PARTS for line in lines_of("stories", part) if line.startswith("# ")
    )
    assert len(titles) > 100
    assert set(titles.values()) == {1}


def test_a_line_is_a_sentence(stories):
    for part in PARTS:
        lines = [line for line in lines_of("stories", part) if line and not line.startswith("# ")]
        assert [line for line in lines if not re.search(r"[.!?]\"?$", line)] == []
        assert getattr(stories, part) == [tokenize(line.lower()) for line in lines]


def test_held_out_tales_use_known_words(stories):
    known = {token for sentence in stories.train for token in sentence}
    tested = [token for sentence in stories.test for token in sentence]
    assert sum(token not in known for token in tested) / len(tested) < 0.01
