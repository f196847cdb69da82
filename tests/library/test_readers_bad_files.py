"""What is no corpus is told in one line: the file, its line, what was found, what was expected."""

import re

import pytest

from course_lib.data import FIVE_TAGS, read_conll, read_gmb, read_text
from course_lib.data.readers.lines import numbered_lines

HEADER = "Sentence #,Word,POS,Tag\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
GOOD = "Oslo NNP B-LOC\nis VB O\n"


def message_of(tmp_path, reader, data, **options):
    path = tmp_path / "file.txt"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    with pytest.raises(ValueError) as error:
        reader(path, **options)
    message = str(error.value)
    assert message.startswith(str(path)) and "\n" not in message
    assert len(message) < len(str(path)) + 250
    return message.removeprefix(str(path)).removeprefix(", ")


def several(line, count):
    return line * count


CONLL = {
    "binary": (PNG, "line 1: found the byte 0x89, expected text in UTF-8: save the file as UTF-8"),
    "empty": ("", "line 1: found the end of the file and no sentence, expected tokens with their"),
    "blank": ("\n \n", "line 2: found the end of the file and no sentence"),
    "docstart only": ("-DOCSTART- -X- O O\n\n", "line 2: found the end of the file and no sent"),
    "no tokens": ("\tO\n\tO\n", "line 2: found the end of the file and no sentence"),
    "one long line": ("ab cd " * 1_700_000, "line 1: found 3,400,000 columns, 'ab cd ab cd"),
    "one long word": ("a" * 10_000_000, "line 1: found 1 column, 'aaaaaaaaaa"),
    "wrong count": (several("Oslo NNP B-LOC\n", 4_999) + "is O\n" + GOOD,
                    "line 5000: found 2 columns, 'is O\\n', expected 3 as before"),
    "too many": (GOOD + "a b c d\n", "line 3: found 4 columns, 'a b c d\\n', expected 3 as before"),
    "tabs first, then spaces": ("Oslo\tNNP\tB-LOC\nNew York NNP B-LOC\n",
                                "line 2: found 4 columns, 'New York NNP B-LOC\\n', expected 3"),
    "a space for a tab": ("Oslo\tNNP\tB-LOC\nNew York\tB-LOC\n", "line 2: found 2 columns, 'New Y"),
    "a space for a token": ("Oslo\tNNP\tB-LOC\n is\tO\n", "line 2: found 2 columns, ' is\\tO\\n'"),
    "no tag beside a hard space": ("Oslo NNP B-LOC\n10\u00a0000 O\n", "line 2: found 2 columns"),
    "no tag": ("Oslo\tB-LOC\nis\t\n", "line 2: found 1 column, 'is\\t\\n', expected 2 as before"),
    "stray tag": (GOOD + "in IN LOC\n", "line 3: 'LOC' is no tag in 'bio': expected O or the like"),
    "tag without type": (GOOD + "in IN B-\n", "line 3: 'B-' is no tag in 'bio'"),
    "cut in a line": (GOOD + "in I", "line 3: found 2 columns, 'in I' (the last line, without a "
                      "line break: is the file still being written?), expected 3 as before"),
    "cut in a tag": (GOOD + "in IN B-", "line 3: found the tag 'B-' for the first time (the last "
                     "line, without a line break: is the file still being written?), expected a "
                     "whole tag, such as 'B-LOC'"),
    "cut in a type": (GOOD + "in IN B-LO", "line 3: found the tag 'B-LO' for the first time (the"),
    "another mark": ("Oslo U-LOC\nNew B_LOC\nis O\n", "line 1: found the tag 'U-LOC', expected "
                     "B-PER and the like, or scheme=\"bare\" if this is a type"),
    "underscores": ("is O\nNew B_LOC\nYork I_LOC\n", "line 2: found the tag 'B_LOC', expected B-"),
    "cut in a letter": (GOOD.encode() + "é".encode()[:1], "line 3: found the end of the file "
                        "inside a character (is it still being written?), expected text in UTF-8"),
    "nul": (GOOD + "a\0 IN O\n", "line 3: found a NUL byte (a binary file, or UTF-16 without a "
            "byte order mark?), expected text in UTF-8"),
    "unmarked utf-16": (GOOD.encode("utf-16-le"), "line 1: found a NUL byte"),
    "latin-1": (several(GOOD, 3_000).encode() + b"caf\xe9 NN O\n",
                "line 6001: found the byte 0xe9, expected text in UTF-8: save the file as UTF-8"),
    "latin-1, windows": (several(GOOD.replace("\n", "\r\n"), 3_000).encode() + b"caf\xe9 NN O\n",
                         "line 6001: found the byte 0xe9"),
    "latin-1, old Macintosh": (several(GOOD.replace("\n", "\r"), 30).encode() + b"caf\xe9 NN O\r",
                               "line 61: found the byte 0xe9"),
    "half utf-16": (GOOD.encode("utf-16")[:-1], "line 2: found the end of the file inside a char"),
    "numbers last": ("Oslo B-LOC 0\nis O 1\n", "line 1: found the tag '0', expected O or a type in "
                     "the last column"),
    "underscore last": ("Oslo B-LOC _\n", "line 1: found the tag '_', expected O or a type"),
    "numbers first": ("# id = 7\n1 Oslo B-LOC\n2 is O\n3 far O\n", "line 2: found 1, 2, 3 ... in "
                      "the first column, expected the tokens there"),
    "parts of speech": ("Oslo NNP\nis VB\n", "line 1: found the tag 'NNP', and O on no line of the "
                        "file, expected tags of entities in the last column"),
    "tokens last": ("".join(f"O word{'x' * i}\n" for i in range(1_002)) + "a O\n",
                    "line 1001: found 'word"),
    "prose": ("A road ran to the sea.\nIt ended there.\n", "line 2: found 3 columns, 'It ended"),
    "csv": ("Oslo,NNP,B-LOC\n", "line 1: found 1 column, 'Oslo,NNP,B-LOC\\n', expected 2 to 20, "
            "the token first, its tag last"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONLL)
def test_a_bad_conll_file(tmp_path, name):
    data, expected = CONLL[name]
    assert message_of(tmp_path, read_conll, data).startswith(expected)


def test_a_tag_outside_the_scheme_that_was_asked_for(tmp_path):
    text = several(GOOD, 2_000) + "Bergen NNP E-LOC\n"
    assert message_of(tmp_path, read_conll, text, scheme="bio") == (
        "line 4001: 'E-LOC' is no tag in 'bio': expected O or the like of B-PER, I-PER"
    )
    with pytest.raises(ValueError, match=r"scheme must be None or one of iob1, bio, .* found 'io'"):
        read_conll(tmp_path / "file.txt", scheme="io")


def test_a_tag_that_the_map_does_not_know(tmp_path):
    text = several(GOOD, 10) + "Mars NNP B-PLANET\n"
    message = message_of(tmp_path, read_conll, text, tag_map=FIVE_TAGS)
    assert message.startswith(
        "line 21: found the tag 'B-PLANET', expected a type that the map knows: PER"
    )
    text = HEADER + "Sentence: 1,Mars,NNP,B-PLANET\n"
    message = message_of(tmp_path, read_gmb, text, tag_map={"geo": "LOC"})
    assert message == "line 2: found the tag 'B-PLANET', expected a type that the map knows: geo"


@pytest.mark.parametrize("new", ["", 3, ["LOC"]])
def test_a_tag_map_gives_types(tmp_path, new):
    path = tmp_path / "file.txt"
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(ValueError) as error:
        read_conll(path, tag_map={"LOC": new})
    assert str(error.value) == f"tag_map turns 'LOC' into {new!r}, expected a type or None"


ROW = "Sentence: 1,Oslo,NNP,B-geo\n"
GMB = {
    "binary": (PNG, "line 1: found"),
    "empty": ("", "line 1: found the end of the file and no sentence"),
    "header only": (HEADER, "line 1: found the end of the file and no sentence"),
    "no header": (ROW, "line 1: found the header 'Sentence: 1,Oslo,NNP,B-geo', expected Sentence #,"
                  "Word,POS,Tag"),
    "semicolons": (HEADER.replace(",", ";"), "line 1: found the header 'Sentence #;Word;POS;Tag'"),
    "other table": ("id,text\n1,a\n", "line 1: found the header 'id,text', expected Sentence #,"),
    "one long line": ("a," * 5_000_000, "line 1: found the header 'a,a,a,a"),
    "long quoted word": (HEADER + f'Sentence: 1,"{"a" * 10_000_000}",NN,O\n', "line 2: found "
                         f"'Sentence: 1,\"{'a' * 46}, expected every quote to be closed (field la"),
    "wrong count": (HEADER + ROW + several(",is,VB,O\n", 4_997) + ",is,O\n" + ",far,RB,O\n",
                    "line 5000: found 3 columns, ',is,O\\n', expected 4 as in the header"),
    "unquoted comma": (HEADER + ROW + ",5,000,CD,O\n", "line 3: found 5 columns, ',5,000,CD,O\\n'"),
    "open quote": (HEADER + ROW + ',"is,VB,O\n' + several(",far,RB,O\n", 9), "line 3: found ',\"is,"
                   "VB,O\\n', expected every quote to be closed"),
    "cut in a quote": (HEADER + ROW + ',"5,0', "line 3: found ',\"5,0' (the last line, without a "
                       "line break: is the file still being written?), expected every quote"),
    "cut in a row": (HEADER + ROW + ",is,V", "line 3: found 3 columns, ',is,V' (the last line, "
                     "without a line break: is the file still being written?), expected 4"),
    "cut before a tag": (HEADER + ROW + ",is,VB,", "line 3: found the tag '' for the first time"),
    "cut in a type": (HEADER + ROW + ",is,VB,B-g", "line 3: found the tag 'B-g' for the first tim"),
    "no tag": (HEADER + ROW + ",is,VB,\n", "line 3: '' is no tag in 'bio'"),
    "no sentence id": (HEADER + ",is,VB,O\n", "line 2: found ',is,VB,O\\n', expected an id, "
                       "Sentence: 1, before the first word"),
    "stray tag": (HEADER + ROW + ",is,VB,geo\n", "line 3: 'geo' is no tag in 'bio': expected O or"),
    "nul": (HEADER + ROW + ",a\0,VB,O\n", "line 3: found a NUL byte"),
    "unmarked utf-16": ((HEADER + ROW).encode("utf-16-le"), "line 1: found a NUL byte"),
    "no cp1252": (HEADER.encode() + b"Sentence: 1,caf\xe9,NN,O\n,\x81,NN,O\n",
                  "line 3: found the byte 0x81, expected text in CP1252: save the file as UTF-8"),
    "cp1252 that is marked as UTF-8": (b"\xef\xbb\xbf" + HEADER.encode() + b"1,caf\xe9,NN,O\n",
                                       "line 2: found the byte 0xe9, expected text in UTF-8: sav"),
    "cut in a letter": ((HEADER + ROW).encode() + b",caf\xc3", "line 3: found the end of the file "
                        "inside a character"),
}  # fmt: skip


@pytest.mark.parametrize("name", GMB)
def test_a_bad_gmb_file(tmp_path, name):
    data, expected = GMB[name]
    assert message_of(tmp_path, read_gmb, data).startswith(expected)


@pytest.mark.parametrize("pretokenized", [False, True])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PNG, "line 1: found the byte 0x89"),
        (b"", "line 1: found the end of the file and no word, expected a text"),
        (b"\n \n", "line 2: found the end of the file and no word"),
        (b"A road.\n\n\0\0\n", "line 3: found a NUL byte"),
        (b"A road.\nIt\x92s far.\n", "line 2: found the byte 0x92, expected text in UTF-8: save"),
        ("Zürich".encode()[:2], "line 1: found the end of the file inside a character"),
    ],
)
def test_a_bad_text(tmp_path, data, expected, pretokenized):
    message = message_of(tmp_path, read_text, data, pretokenized=pretokenized)
    assert message.startswith(expected)


def test_a_text_of_one_very_long_line_is_read(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("A road ran on. " * 670_000, encoding="utf-8")
    sentences = read_text(path, progress=False)
    assert len(sentences) == 670_000 and sentences.lines == 1
    assert sentences[-1] == ["A", "road", "ran", "on", "."]
    assert len(read_text(path, pretokenized=True, progress=False)) == 1


@pytest.mark.parametrize("reader", [read_conll, read_gmb, read_text])
def test_a_folder_and_a_missing_file_raise_as_open_does(tmp_path, reader):
    with pytest.raises(FileNotFoundError, match=re.escape("nothing.txt")):
        reader(tmp_path / "nothing.txt")
    with pytest.raises(OSError) as error:  # IsADirectoryError; on Windows PermissionError
        reader(tmp_path)
    assert isinstance(error.value, IsADirectoryError | PermissionError)


@pytest.mark.parametrize("reader", [read_conll, read_gmb, read_text])
def test_a_bad_file_is_closed_while_its_error_is_looked_at(tmp_path, reader, monkeypatch):
    path = tmp_path / "file.txt"
    path.write_bytes(b"Oslo B-LOC\nx\n\0\n" * 9_000)
    opened = []
    kept = open
    monkeypatch.setattr("builtins.open", lambda *a, **k: opened.append(kept(*a, **k)) or opened[-1])
    with pytest.raises(ValueError):
        reader(path)
    assert opened and all(file.closed for file in opened)


def test_a_file_that_grows_while_it_is_read(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("is O\n" * 50_000 + "i", encoding="utf-8")
    lines = numbered_lines(path, progress=False)
    found = [next(lines) for _ in range(40_000)]
    with open(path, "a", encoding="utf-8", newline="") as file:
        file.write("s O\n" + "is O\r\n" * 50_000 + "is")
    found += lines
    assert found[:-1] == [(number, "is O\n") for number in range(1, 100_002)]
    assert found[-1] == (100_002, "is")
