"""Tokens, sentences, vocabulary, windows and capitalization."""

import numpy as np
import pytest

from course_lib.text import (
    CAPITALS,
    Vocabulary,
    capitalization,
    context_windows,
    next_word_windows,
    split_sentences,
    tokenize,
)

# --- tokens --------------------------------------------------------------------------------------

TOKENS = [
    ("", ""),
    (" \n\t ", ""),
    ("Anna's dog didn't bark.", "Anna 's dog did n't bark ."),
    ("I can’t say they’re John’s", "I ca n’t say they ’re John ’s"),
    ("DON'T take ANNA'S", "DO N'T take ANNA 'S"),
    ("O'Brien's well-known brother-in-law", "O'Brien 's well-known brother-in-law"),
    ("the letter 's' and 'S'", "the letter ' s ' and ' S '"),
    ("already cut : Anna 's", "already cut : Anna 's"),
    ("Dr. Who met Mrs. Grey vs. St. Ives", "Dr. Who met Mrs. Grey vs. St. Ives"),
    ("the U.S. at 5 p.m., e.g. now", "the U.S. at 5 p.m. , e.g. now"),
    ("J. R. Smith", "J. R. Smith"),
    ("So do I. She left", "So do I . She left"),
    ("plan B.", "plan B ."),
    ("$1,500.25 or 3-2, 12:30 on 1/2/99", "$ 1,500.25 or 3-2 , 12:30 on 1/2/99"),
    ("the 12th and the 1990s, 7pm", "the 12th and the 1990s , 7pm"),
    ("a 10-year-old, the 1990s-style 2-door", "a 10-year-old , the 1990s-style 2-door"),
    ("2.5kg, 1.5m of 3D in 4x4", "2.5kg , 1.5m of 3D in 4x4"),
    ("in 1990. Then 5.", "in 1990 . Then 5 ."),
    ("Wait... no?!", "Wait ... no ? !"),
    ("(yes) [no] “so” snake_case", "( yes ) [ no ] “ so ” snake _ case"),
    ("Žižek café 東京 naïve-ish", "Žižek café 東京 naïve-ish"),
]


@pytest.mark.parametrize(("text", "expected"), TOKENS)
def test_tokens(text, expected):
    assert tokenize(text) == expected.split()


def test_no_sign_is_lost():
    rng = np.random.default_rng(0)
    signs = list("abIJS.!?'’-‐0159,:/–\"()_ \n\té東…")
    for _ in range(500):
        text = "".join(rng.choice(signs, 60))
        assert "".join(tokenize(text)) == "".join(text.split())
        assert [token for sentence in split_sentences(text) for token in sentence] == tokenize(text)


# --- sentences -----------------------------------------------------------------------------------

SENTENCES = [
    ("", []),
    ("\n\n \n\n", []),
    ("One word", ["One word"]),
    ("It rains. It pours! Why? So...", ["It rains .", "It pours !", "Why ?", "So ..."]),
    ("Really?! Yes!!! Well.... No…", ["Really ? !", "Yes ! ! !", "Well ... .", "No …"]),
    ('He said "Go." She went.', ['He said " Go . "', "She went ."]),
    ('He left. "Go," she said.', ["He left .", '" Go , " she said .']),
    ("(He left.) (She too.) [All.]", ["( He left . )", "( She too . )", "[ All . ]"]),
    ('"Stop!" cried Dr. Grey. Nobody did.', ['" Stop ! " cried Dr. Grey .', "Nobody did ."]),
    ("“Who?” asked J. R. Poe. ‘Me.’ Oh.", ["“ Who ? ” asked J. R. Poe .", "‘ Me . ’", "Oh ."]),
    ("The U.S. Army at 5 p.m. Friday", ["The U.S. Army at 5 p.m. Friday"]),
    ("Acme Inc. said so... perhaps", ["Acme Inc . said so ... perhaps"]),
    (
        "See example.com or Node.Js. 3.5 is 7/2.",
        ["See example . com or Node . Js .", "3.5 is 7/2 ."],
    ),
    ("A title\n\nA text\nin two lines\r\n\r\nEnd", ["A title", "A text in two lines", "End"]),
    ("Plan A.\n \nNext.", ["Plan A.", "Next ."]),
    ("no capitals here. none! and so on", ["no capitals here .", "none !", "and so on"]),
    ('He left. " Go .', ["He left .", '" Go .']),
    (". Start", [".", "Start"]),
    ("End . . . Start", ["End . . .", "Start"]),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_sentences(text, expected):
    assert [" ".join(tokens) for tokens in split_sentences(text)] == expected


def test_sentences_in_small_letters_are_cut_as_in_capital_ones():
    text = "Dr. J. Poe didn't stay. He LEFT."
    assert split_sentences(text, lower=True) == [
        ["dr.", "j.", "poe", "did", "n't", "stay", "."],
        ["he", "left", "."],
    ]


# --- vocabulary ----------------------------------------------------------------------------------

SPECIAL = ["<pad>", "<unk>", "</s>"]


def test_words_are_numbered_by_frequency_then_alphabet():
    vocabulary = Vocabulary.from_sentences([["b", "a", "c"], ["c", "d", "d", "<unk>", "<pad>"]])
    assert vocabulary.words == [*SPECIAL, "c", "d", "a", "b"]
    assert len(vocabulary) == 7
    assert list(vocabulary) == vocabulary.words
    assert "a" in vocabulary
    assert "e" not in vocabulary
    assert repr(vocabulary) == "Vocabulary(7 words)"
    ids = vocabulary.ids(["d", "e", "</s>", "<pad>"])
    assert ids.tolist() == [4, 1, 2, 0]
    assert ids.dtype == np.int64
    assert vocabulary.ids([]).shape == (0,)
    assert vocabulary.ids([]).dtype == np.int64


def test_rare_words_are_unknown():
    vocabulary = Vocabulary.from_sentences([["b", "a", "c"], ["c", "d", "d"]], minimum=2)
    assert vocabulary.words == [*SPECIAL, "c", "d"]
    assert vocabulary.ids(["a", "c"]).tolist() == [1, 3]
    assert Vocabulary.from_sentences([]).words == SPECIAL


def test_the_special_words_may_be_given_or_not():
    assert Vocabulary(["a"]).words == Vocabulary([*SPECIAL, "a"]).words
    assert Vocabulary(iter("ab")).words == [*SPECIAL, "a", "b"]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: Vocabulary(["a", "b", "a"]), ValueError, "the word 'a' comes twice"),
        (lambda: Vocabulary(["a", "<unk>"]), ValueError, "the word '<unk>' comes twice"),
        (lambda: Vocabulary(["a", ""]), ValueError, "words without line breaks, found ''"),
        (lambda: Vocabulary(["a\nb"]), ValueError, r"found 'a\nb'"),
        (lambda: Vocabulary(["a\r"]), ValueError, r"found 'a\r'"),
        (lambda: Vocabulary([7]), ValueError, "found 7"),
        (lambda: Vocabulary([*"abc", np.eye(2)]), ValueError, "found array([[1., 0.], [0., 1.]])"),
        (lambda: Vocabulary.from_sentences([["a", float("nan")]]), ValueError, "found nan"),
        (
            lambda: Vocabulary([]).ids("a road"),
            TypeError,
            "a list of words, found the string 'a ro",
        ),
        (lambda: Vocabulary.from_sentences(["a b"]), TypeError, "found the string 'a b'"),
    ],
)
def test_what_is_no_vocabulary(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


ODD = ['"', '""', "'", "a b", " ", "\xa0", "\u2028", "\x85", "\ufeff", "\ufeffa", "\t", "\x0b", "#"]
ODD += ["e\u0301", "é", "東京", "🙂", "\x00", "x" * 100_000, "None", "\\n", "\x1a"]


def test_what_was_saved_is_loaded(tmp_path):
    path = tmp_path / "words.txt"
    for words in (ODD, ODD[::-1], []):
        Vocabulary(words).save(path)
        assert Vocabulary.load(path).words == [*SPECIAL, *words]
        assert path.read_bytes().count(b"\n") == len(words) + 3
        assert path.read_text(encoding="utf-8").startswith("<pad>\n<unk>\n</s>\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a whole vocabulary: expected <pad>, <unk>, </s>, then a word a line"),
        (b"a\nb\n", "is not a whole vocabulary"),
        (b"<pad>\n<unk>\n", "is not a whole vocabulary"),
        (b"<pad>\n<unk>\n</s>\na\nhal", "is not a whole vocabulary"),
        (b"<pad>\n<unk>\n</s>", "is not a whole vocabulary"),
        (b"\xef\xbb\xbf<pad>\n<unk>\n</s>\n", "is not a whole vocabulary"),
        (b"<pad>\r\n<unk>\r\n</s>\r\na\r\n", "is not a whole vocabulary"),
        (b"<pad>\n<unk>\n</s>\na\r\n", r"words.txt: a vocabulary holds words without line breaks"),
        (b"<pad>\n<unk>\n</s>\na\n\n", "words.txt: a vocabulary holds words without"),
        (b"<pad>\n<unk>\n</s>\na\na\n", "words.txt: the word 'a' comes twice"),
        (b"<pad>\n<unk>\n</s>\nna\xefve\n", "words.txt is not a vocabulary in UTF-8"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, content, message):
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError) as caught:
        Vocabulary.load(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_file_is_no_vocabulary(tmp_path):
    with pytest.raises(FileNotFoundError):
        Vocabulary.load(tmp_path / "none.txt")


# --- windows -------------------------------------------------------------------------------------


def test_the_windows_of_exercises_14a_and_15d():
    table = np.zeros((9, 50))
    windows = context_windows(np.array([3, 1, 4, 1, 5]), 2)
    assert table[windows[2]].ravel().shape == (250,)
    assert windows[0].tolist() == [0, 0, 3, 1, 4]
    contexts, targets = next_word_windows(np.array([0, 2, 2, 5, 4, 6, 0, 7, 1, 1, 3]), 2)
    assert contexts.tolist() == [
        [0, 2], [2, 2], [2, 5], [5, 4], [4, 6], [6, 0], [0, 7], [7, 1], [1, 1],
    ]  # fmt: skip
    assert targets.tolist() == [2, 5, 4, 6, 0, 7, 1, 1, 3]


def slow_context_windows(sentences, reach, pad):
    rows = []
    for ids in sentences:
        for center in range(len(ids)):
            places = range(center - reach, center + reach + 1)
            rows.append([ids[i] if 0 <= i < len(ids) else pad for i in places])
    return rows


def slow_next_word_windows(sentences, n, pad):
    contexts, targets = [], []
    for ids in sentences:
        for i in range(0 if pad is not None else n, len(ids)):
            contexts.append([ids[j] if j >= 0 else pad for j in range(i - n, i)])
            targets.append(ids[i])
    return contexts, targets


@pytest.mark.parametrize("seed", range(60))
def test_windows_are_those_of_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    sentences = [rng.integers(3, 99, rng.integers(0, 7)) for _ in range(rng.integers(0, 8))]
    for size in range(6):
        for pad in (0, 2):
            windows = context_windows(sentences, size, pad)
            assert windows.tolist() == slow_context_windows(sentences, size, pad)
            assert windows.shape[1] == 2 * size + 1
            assert windows.dtype == np.int64
        for pad in (None, 0, 2):
            contexts, targets = next_word_windows(sentences, size, pad)
            assert (contexts.tolist(), targets.tolist()) == slow_next_word_windows(
                sentences, size, pad
            )
            assert contexts.shape == (len(targets), size)
            assert contexts.dtype == targets.dtype == np.int64


def test_one_sentence_may_stand_alone():
    ids = np.array([5, 6, 7], dtype=np.uint8)
    for whole in (ids, [ids], [[5, 6, 7]], ids[None]):
        assert context_windows(whole, 1).tolist() == [[0, 5, 6], [5, 6, 7], [6, 7, 0]]
        assert next_word_windows(whole, 1)[0].tolist() == [[5], [6]]
    windows = context_windows(ids, 1)
    windows[0] = 9  # a copy: no other window and no sentence changes
    assert windows[1].tolist() == [5, 6, 7] == ids.tolist()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: context_windows(np.array([1]), -1), "reach must be at least 0, found -1"),
        (lambda: next_word_windows(np.array([1]), -2), "n >= 0 words, found n = -2"),
        (lambda: context_windows([1, 2], 1), "an array of ids (n,), found int64 ()"),
        (lambda: context_windows([["a", "road"]], 1), "look words up first, vocabulary.ids(words)"),
        (lambda: next_word_windows([np.ones(3)], 1), "found float64 (3,)"),
        (lambda: next_word_windows([np.ones((3, 2), int)], 1), "found int64 (3, 2)"),
    ],
)
def test_what_has_no_windows(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


# --- capitals ------------------------------------------------------------------------------------

WRITTEN = {
    "small": "village it's 's twenty-one élan straße жена 東京 ß a <unk>",
    "First": "Paris A I O Élan Straße Жена Mr. J. Ñandú Öl Well-known O'",
    "ALL": "NASA U.S. ÉLAN ЖЕНА AT&T N'T ÖBB",
    "mIxed": "McKay O'Brien iPhone pH eBay Twenty-One BMWs",
    "number": "7 1,500 1990s 3D B2B 12th 4x4 ٣ ²",
    "sign": ". ... ' — $ % _ 🙂 ½",
}


@pytest.mark.parametrize(
    ("token", "expected"),
    [(token, name) for name, tokens in WRITTEN.items() for token in tokens.split()],
)
def test_capitalization(token, expected):
    assert CAPITALS[capitalization(token)] == expected


def test_padding_is_written_like_no_token():
    assert CAPITALS[0] == "<pad>"
    assert set(CAPITALS[1:]) == set(WRITTEN)
    assert capitalization("") == CAPITALS.index("sign")


def test_a_failed_save_leaves_the_old_vocabulary(tmp_path, monkeypatch):
    path = tmp_path / "words.txt"
    Vocabulary(["old"]).save(path)

    def full_disk(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(path), "write_text", full_disk)
    with pytest.raises(OSError, match="No space left"):
        Vocabulary(["new"]).save(path)
    monkeypatch.undo()
    assert Vocabulary.load(path).words[3:] == ["old"]
    assert [file.name for file in tmp_path.iterdir()] == ["words.txt"]
