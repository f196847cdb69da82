"""Files in every common shape are read as what was written into them."""

import copy
import csv
import io
import pickle
import re
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.data import FIVE_TAGS, Sentences, read_conll, read_gmb, read_text

# The first sentence of CoNLL-2003's introduction, in the tags of that paper (IOB1).
COLUMNS_4 = """\
-DOCSTART- -X- -X- O

U.N. NNP I-NP I-ORG
official NN I-NP O
Ekeus NNP I-NP I-PER
heads VBZ I-VP O
for IN I-PP O
Baghdad NNP I-NP I-LOC
. . O O

-DOCSTART- -X- -X- O

Oslo NNP I-NP I-LOC
Paris NNP B-NP B-LOC

Peace NN I-NP I-MISC
Prize NN I-NP I-MISC
"""
EXPECTED = [
    [("U.N.", "B-ORG"), ("official", "O"), ("Ekeus", "B-PER"), ("heads", "O"), ("for", "O"),
     ("Baghdad", "B-LOC"), (".", "O")],
    [("Oslo", "B-LOC"), ("Paris", "B-LOC")],
    [("Peace", "B-MISC"), ("Prize", "I-MISC")],
]  # fmt: skip


def written(folder, data, name="file.txt"):
    """The path of a file that holds these bytes, or this text in UTF-8."""
    path = Path(folder, name)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def conll(tmp_path, data, **options):
    return read_conll(written(tmp_path, data), **options)


# ---- CoNLL ----


def test_the_four_columns_of_conll_2003(tmp_path):
    sentences = conll(tmp_path, COLUMNS_4)
    assert sentences == EXPECTED
    assert isinstance(sentences, Sentences) and sentences.scheme == "iob1"
    assert (sentences.lines, sentences.documents, sentences.tokens) == (17, 2, 11)
    assert sentences.entities == {"LOC": 3, "MISC": 1, "ORG": 1, "PER": 1}
    assert next(iter(sentences.entities)) == "LOC" and sentences.empty_tokens == 0
    assert repr(sentences) == (
        "Sentences(file.txt: 3 sentences, 11 tokens, 2 documents, 17 lines, scheme iob1; "
        "LOC 3, MISC 1, ORG 1, PER 1)"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(" ", "\t"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.rstrip("\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n\n", "\n \t\u00a0\n"),
        lambda text: text.replace("\n", "  \n"),
        lambda text: text.replace("\n", "\t\n"),
        lambda text: text.replace(" ", "  "),
        lambda text: text.replace("I-ORG", "I-ORG\t").replace(" O\n", "\tO\n"),
        lambda text: text.replace("Oslo ", "Oslo\t").replace(" I-ORG\n.", "\tI-ORG\n."),
        lambda text: re.sub(r"^(\S+) \S+ \S+ (\S+)$", r"\1 \2", text, flags=re.M),
        lambda text: text.replace("-DOCSTART- -X- -X- O", "-DOCSTART-"),
        lambda text: text.encode("utf-16"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: b"\0\0\xfe\xff" + text.encode("utf-32-be"),
    ],
    ids=["tabs", "crlf", "cr", "no last newline", "bom", "blank separators", "spaces at the end",
         "tabs at the end", "double spaces", "a tab at the end first", "some tabs", "two columns",
         "bare docstart", "utf-16", "utf-16-be", "utf-32", "utf-32-be"],
)  # fmt: skip
def test_variants_of_the_same_file(tmp_path, change):
    sentences = conll(tmp_path, change(COLUMNS_4))
    assert sentences == EXPECTED
    assert sentences.documents == 2 and sentences.lines == 17


@pytest.mark.parametrize(
    ("scheme", "column", "expected"),
    [
        ("iob1", "I-PER I-PER O I-LOC B-LOC", "B-PER I-PER O B-LOC B-LOC"),
        ("bio", "B-PER I-PER O B-LOC B-LOC", "B-PER I-PER O B-LOC B-LOC"),
        ("bioes", "B-PER E-PER O S-LOC S-LOC", "B-PER I-PER O B-LOC B-LOC"),
        ("bare", "PER PER O LOC LOC", "B-PER I-PER O B-LOC I-LOC"),
    ],
)
def test_schemes_are_found_and_made_bio(tmp_path, scheme, column, expected):
    text = "".join(f"word {tag}\n" for tag in column.split())
    for asked in (None, scheme):
        (sentence,) = found = conll(tmp_path, text, scheme=asked)
        assert [tag for _, tag in sentence] == expected.split()
        assert found.scheme == scheme


def test_an_orphan_inside_tag_begins_an_entity(tmp_path):
    text = "a O\nb I-PER\nc I-PER\nd I-LOC\ne B-LOC\n\nf I-ORG\ng B-PER\n"
    sentences = conll(tmp_path, text)
    assert sentences.scheme == "bio"  # B-PER follows another type
    assert [[tag for _, tag in sentence] for sentence in sentences] == [
        ["O", "B-PER", "I-PER", "B-LOC", "B-LOC"],
        ["B-ORG", "B-PER"],
    ]


@pytest.mark.parametrize("between", ["\t", " "])
def test_lines_without_a_token_are_left_out_and_counted(tmp_path, between):
    tags = ["O", "B-PER", "I-PER", "I-PER", "O", "B-LOC", "O"]
    words = ["w", "", "", "x", "", "", "y"]
    text = "".join(f"{word}{between}{tag}\n" for word, tag in zip(words, tags, strict=True))
    sentences = conll(tmp_path, text + f"\n{between}O\n\nz{between}O\n")
    assert sentences == [[("w", "O"), ("x", "B-PER"), ("y", "O")], [("z", "O")]]
    assert sentences.empty_tokens == 5 and sentences.tokens == 4
    assert "4 tokens, 1 document, 11 lines, scheme bio, 5 empty tokens left out" in repr(sentences)
    assert sentences.entities == {"PER": 1}


def test_an_entity_lasts_over_a_line_without_a_token(tmp_path):
    text = "Maria\tB-PER\n\tI-PER\nSanz\tI-PER\n\tO\nLee\tB-PER\n"
    assert conll(tmp_path, text) == [[("Maria", "B-PER"), ("Sanz", "I-PER"), ("Lee", "B-PER")]]


def test_a_token_may_hold_spaces_between_tabs_and_other_blanks_always(tmp_path):
    assert conll(tmp_path, "10 000\tO\nkm\tO\n") == [[("10 000", "O"), ("km", "O")]]
    assert conll(tmp_path, "10\u00a0000 O\nkm O\n") == [[("10\u00a0000", "O"), ("km", "O")]]
    assert conll(tmp_path, "a\u2028b O\n\x0c O\n") == [[("a\u2028b", "O")]]
    assert conll(tmp_path, "Oslo \t B-LOC\n\u00a0\tO\n") == [[("Oslo", "B-LOC")]]


def test_comments_are_skipped_where_they_can_be_nothing_else(tmp_path):
    text = "# newdoc id = 1\n# sent_id = 7\n# text = Oslo # 5\nOslo\tB-LOC\n#\tO\n5\tO\n\n#tag\tO\n"
    expected = [[("Oslo", "B-LOC"), ("#", "O"), ("5", "O")], [("#tag", "O")]]
    assert conll(tmp_path, text) == expected
    assert conll(tmp_path, text.replace("\t", " ")) == expected
    multi = "# id 5239d808-f300\tdomain=en\nOslo _ _ B-LOC\n# _ _ O\n"
    assert conll(tmp_path, multi) == [[("Oslo", "B-LOC"), ("#", "O")]]
    inside = "4 CD B O\n# NN = O\n\n# NN = O\n5 CD B O\n"  # a number sign, then a comment
    assert conll(tmp_path, inside) == [[("4", "O"), ("#", "O")], [("5", "O")]]
    assert conll(tmp_path, "# O\n# O\n") == [[("#", "O"), ("#", "O")]]


def test_a_file_that_never_separates_is_one_sentence(tmp_path):
    sentences = conll(tmp_path, "word O\n" * 30_000)
    assert len(sentences) == 1 and sentences.tokens == 30_000 and sentences.documents == 1


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("Oslo B-LOC\nParis B-LO\n", ["LO", "LOC"]),  # with a line break the last tag is whole
        ("Ann B-LO\nOslo B-LOC\nParis B-LO", ["LO", "LOC"]),  # and one that is known
        ("Acme ORG\nis O", ["ORG"]),
        ("Oslo B-LOC\nParis B-LOC\nAnn B-PER", ["LOC", "PER"]),
    ],
)
def test_the_last_line_needs_no_line_break(tmp_path, text, types):
    assert sorted(conll(tmp_path, text).entities) == types


def test_a_type_may_look_like_a_mark_if_the_tags_are_said_to_be_bare(tmp_path):
    assert conll(tmp_path, "x B_CELL\nis O\n", scheme="bare") == [[("x", "B-B_CELL"), ("is", "O")]]


def test_documents_are_counted_also_when_the_first_has_no_line_of_its_own(tmp_path):
    assert conll(tmp_path, "a O\n-DOCSTART- O\n\nb O\n").documents == 2
    assert conll(tmp_path, "-DOCSTART- O\na O\n-DOCSTART- O\n").documents == 2


def test_sentences_are_a_list_that_can_be_copied_and_pickled(tmp_path):
    sentences = conll(tmp_path, COLUMNS_4)
    for copied in (copy.copy(sentences), pickle.loads(pickle.dumps(sentences))):
        assert copied == EXPECTED and repr(copied) == repr(sentences)
    assert type(sentences[:2]) is list


def test_equal_pairs_are_one_object(tmp_path):
    first, second = conll(tmp_path, "Oslo I-LOC\n\nOslo I-LOC\n")
    assert first[0] is second[0]
    ((first, second),) = conll(tmp_path, "is \tO\nis\tO\n")
    assert first is second


TYPES = ("PER", "ORG", "LOC", "MISC")
WORDS = st.text("abcÅß0-'\".,#«", min_size=1, max_size=8).filter(lambda word: word != "#")
ENTITIES = st.tuples(st.lists(WORDS, min_size=1, max_size=4), st.sampled_from(("O", *TYPES)))


def tagged(chunks, scheme):
    """Words and tags of chunks (words, type), written out by the definition of each scheme."""
    pairs, before = [], "O"
    for words, name in chunks:
        for place, word in enumerate(words):
            first, last = place == 0, place == len(words) - 1
            if name == "O" or scheme == "bare":
                tag = name
            elif scheme == "bio":
                tag = f"{'B' if first else 'I'}-{name}"
            elif scheme == "iob1":
                tag = f"{'B' if first and before == name else 'I'}-{name}"
            else:
                tag = f"{'S' if first and last else 'B' if first else 'E' if last else 'I'}-{name}"
            pairs.append((word, tag))
        before = name
    return pairs


@given(
    corpus=st.lists(st.lists(ENTITIES, min_size=1, max_size=5), min_size=1, max_size=6),
    scheme=st.sampled_from(["iob1", "bio", "bioes"]),
    between=st.sampled_from([" ", "\t", "  "]),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    separator=st.sampled_from(["", " ", "\t", "\u00a0"]),
    middle=st.integers(0, 3),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    last=st.booleans(),
)
def test_what_was_written_is_read(
    corpus, scheme, between, ending, separator, middle, encoding, last
):
    lines = []
    for sentence in corpus:
        for word, tag in tagged(sentence, scheme):
            lines.append(between.join([word, *["_"] * middle, tag]))
        lines.append(separator)
    data = ending.join(lines if last else lines[:-1]).encode(encoding)
    with tempfile.TemporaryDirectory() as folder:
        sentences = read_conll(written(folder, data), scheme=scheme)
    assert sentences == [tagged(sentence, "bio") for sentence in corpus]
    counted = Counter(name for sentence in corpus for _, name in sentence if name != "O")
    assert sentences.entities == counted


# ---- tag maps ----


def test_the_five_tags_cover_the_well_known_corpora():
    conll_2003 = {"PER", "ORG", "LOC", "MISC"}
    gmb = {"geo", "gpe", "per", "org", "tim", "art", "eve", "nat"}
    ontonotes = {
        "PERSON", "NORP", "FAC", "ORG", "GPE", "LOC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW",
        "LANGUAGE", "DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL",
    }  # fmt: skip
    assert conll_2003 | gmb | ontonotes <= set(FIVE_TAGS)
    assert set(FIVE_TAGS.values()) == {"PER", "ORG", "LOC", "GPE", "DATE", None}
    assert all(FIVE_TAGS[name] == name for name in ("PER", "ORG", "LOC", "GPE", "DATE"))


@pytest.mark.parametrize("nothing", [None, "O"])
def test_a_dropped_type_becomes_o_as_a_whole(tmp_path, nothing):
    sentences = conll(tmp_path, COLUMNS_4, tag_map={**FIVE_TAGS, "MISC": nothing})
    assert sentences == [*EXPECTED[:2], [("Peace", "O"), ("Prize", "O")]]
    assert sentences.entities == {"LOC": 3, "ORG": 1, "PER": 1}


def test_neighbors_that_are_mapped_to_one_type_stay_two_entities(tmp_path):
    text = "The B-FAC\nHilton I-FAC\nAlps B-LOC\nin O\nMay B-DATE\n"
    (sentence,) = conll(tmp_path, text, tag_map=FIVE_TAGS)
    assert [tag for _, tag in sentence] == ["B-LOC", "I-LOC", "B-LOC", "O", "B-DATE"]


# ---- the Groningen Meaning Bank ----

ROWS = [
    ("Sentence: 1", "Thousands", "NNS", "O"),
    ("", "of", "IN", "O"),
    ("", "London", "NNP", "B-geo"),
    ("", ",", ",", "O"),
    ("", '"', "``", "O"),
    ("", "5,000", "CD", "O"),
    ("", "€5", "CD", "O"),
    ("Sentence: 2", "None", "NN", "O"),
    ("", "null", "NN", "B-art"),
    ("", "NA", "NN", "I-art"),
    ("", "June", "NNP", "B-tim"),
    ("", "1990", "CD", "I-tim"),
]
GMB = [
    [("Thousands", "O"), ("of", "O"), ("London", "B-geo"), (",", "O"), ('"', "O"), ("5,000", "O"),
     ("€5", "O")],
    [("None", "O"), ("null", "B-art"), ("NA", "I-art"), ("June", "B-tim"), ("1990", "I-tim")],
]  # fmt: skip


def table(rows, header=("Sentence #", "Word", "POS", "Tag"), **options):
    text = io.StringIO()
    csv.writer(text, **options).writerows([header, *rows])
    return text.getvalue()


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("options", [{}, {"quoting": csv.QUOTE_ALL}, {"lineterminator": "\n"}])
def test_the_groningen_meaning_bank(tmp_path, encoding, options):
    path = written(tmp_path, table(ROWS, **options).encode(encoding))
    sentences = read_gmb(path)
    assert sentences == GMB
    assert (sentences.lines, sentences.documents, sentences.scheme) == (13, 1, "bio")
    assert sentences.entities == {"art": 1, "geo": 1, "tim": 1}
    folded = read_gmb(path, tag_map=FIVE_TAGS)
    assert folded.entities == {"LOC": 1, "DATE": 1}
    assert folded[1] == [("None", "O"), ("null", "O"), ("NA", "O"), ("June", "B-DATE"),
                         ("1990", "I-DATE")]  # fmt: skip


def test_gmb_with_the_id_on_every_row_and_other_columns(tmp_path):
    name, rows = "", []
    for number, (cell, word, _, tag) in enumerate(ROWS):
        name = cell or name
        rows.append((number, word, tag, name))
    path = written(tmp_path, table(rows, ("", "Word", "Tag", "Sentence #")))
    assert read_gmb(path) == GMB


def test_gmb_with_blanks_in_empty_places(tmp_path):
    """An id of spaces begins no sentence, and a line of spaces is no row."""
    rows = [(cell or " ", *others) for cell, *others in ROWS]
    text = table(rows, (" Sentence #", "Word ", "POS", " Tag"))
    path = written(tmp_path, text.replace("\r\n", "\r\n  \r\n"))
    assert read_gmb(path) == GMB


def test_gmb_with_an_empty_word_and_an_orphan(tmp_path):
    rows = [("Sentence: 1", "", "NN", "B-per"), ("", "Smith", "NN", "I-per"), ("", " ", ":", "O"),
            ("Sentence: 2", "Rome", "NN", "I-geo")]  # fmt: skip
    sentences = read_gmb(written(tmp_path, table(rows)))
    assert sentences == [[("Smith", "B-per")], [("Rome", "B-geo")]]
    assert sentences.empty_tokens == 2


@given(
    corpus=st.lists(
        st.lists(
            st.tuples(
                st.text('ab",; Zé', min_size=1, max_size=6).map(str.strip).filter(bool),
                st.sampled_from(["O", "B-geo", "B-per"]),
            ),
            min_size=1,
            max_size=5,
        ),
        min_size=1,
        max_size=5,
    ),
    encoding=st.sampled_from(["utf-8", "cp1252"]),
)
def test_any_words_survive_the_table(corpus, encoding):
    """é alone is no UTF-8; é££ in cp1252 would be, another word."""
    rows = [
        (f"Sentence: {number}" if place == 0 else "", word, "NN", tag)
        for number, sentence in enumerate(corpus)
        for place, (word, tag) in enumerate(sentence)
    ]
    with tempfile.TemporaryDirectory() as folder:
        assert read_gmb(written(folder, table(rows).encode(encoding))) == corpus


# ---- text ----


def test_paragraphs_become_sentences(tmp_path):
    path = written(
        tmp_path, "A road ran\nto the sea. It\nended there.\r\n\r\nNo sign\n\nNobody came!"
    )
    expected = [
        ["A", "road", "ran", "to", "the", "sea", "."],
        ["It", "ended", "there", "."],
        ["No", "sign"],
        ["Nobody", "came", "!"],
    ]
    sentences = read_text(path)
    assert sentences == expected
    assert (sentences.lines, sentences.tokens, sentences.scheme) == (7, 16, None)
    assert repr(sentences) == "Sentences(file.txt: 4 sentences, 16 tokens, 1 document, 7 lines)"
    assert read_text(path, lower=True) == [list(map(str.lower, tokens)) for tokens in expected]


def test_a_long_paragraph_is_read_piece_by_piece_with_the_same_sentences(tmp_path):
    lines = ["The road went on and\n", "on. It was so long.\n", "Nobody knew its end.\n"] * 5_000
    start = "It began on a day that nobody had known\n"  # 100,000 signs end in "went on and"
    first, *sentences = read_text(written(tmp_path, start + "".join(lines)))
    assert " ".join(first).startswith("It began on")
    assert len(sentences) == 14_999
    assert Counter(map(tuple, sentences)) == {
        ("The", "road", "went", "on", "and", "on", "."): 4_999,
        ("It", "was", "so", "long", "."): 5_000,
        ("Nobody", "knew", "its", "end", "."): 5_000,
    }


def test_no_sentence_ends_at_the_end_of_a_line(tmp_path):
    path = written(tmp_path, "Nobody saw Mr.\nPoe leave at 5 p.m.\nyesterday.\n")
    assert [" ".join(tokens) for tokens in read_text(path)] == [
        "Nobody saw Mr. Poe leave at 5 p.m. yesterday ."
    ]


def test_a_pretokenized_text_keeps_its_tokens(tmp_path):
    path = written(tmp_path, " mr. <unk> is chairman of <unk> n.v. \n\n it 's N years old \n")
    sentences = read_text(path, pretokenized=True)
    assert sentences == [
        ["mr.", "<unk>", "is", "chairman", "of", "<unk>", "n.v."],
        ["it", "'s", "N", "years", "old"],
    ]
    assert sentences.lines == 3
    assert read_text(path, pretokenized=True, lower=True)[1][2] == "n"
    assert sentences[0][1] is sentences[0][5]


def test_a_hard_space_separates_no_pretokenized_words(tmp_path):
    path = written(tmp_path, "10\u00a0000 km\tor\u2028so  far\n")
    assert read_text(path, pretokenized=True) == [["10\u00a0000", "km", "or\u2028so", "far"]]


# ---- progress ----


@pytest.mark.parametrize(
    ("size", "progress", "shown"),
    [(100, True, False), (5_000_000, True, True), (5_000_000, False, False)],
)
def test_a_bar_is_shown_for_large_files_only(tmp_path, capfd, monkeypatch, size, progress, shown):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    read_text(written(tmp_path, "a road\n" * (size // 7)), pretokenized=True, progress=progress)
    out, err = capfd.readouterr()
    assert out == "" and ("file.txt: 100%" in err) == shown


def test_the_bar_honors_its_switch(tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    read_text(written(tmp_path, "a road\n" * 700_000), pretokenized=True)
    assert capfd.readouterr() == ("", "")
