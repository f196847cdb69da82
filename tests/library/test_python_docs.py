"""The prose of Python's documentation: what is taken, how it is held out, how it is kept."""

import json
import multiprocessing
import os
import re
import subprocess
import sys
import sysconfig
import warnings
from collections import Counter
from pathlib import Path

import pytest

from course_lib.data import Corpus, cache, load_python_docs, python_docs
from course_lib.data.cache import cache_folder, cached
from course_lib.data.prose import prose_sentences
from course_lib.text import END, KneserNey, Vocabulary, next_word_windows, perplexity

ROOT = Path(python_docs.__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A cache folder for this test alone, on any system."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    return cache_folder()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME", "USERPROFILE"):
            patch.setenv(name, str(tmp_path_factory.mktemp("cache")))
        return load_python_docs()


# ---- the text ----


def test_the_prose_of_a_docstring():
    text = """\
read_all(path, *, size=-1) -> bytes

Read up to size bytes (see os.read) from the file, i.e. all
of them by default.  It doesn’t seek here! Is the file open?

>>> read_all("It is a prompt and no prose.")
'It is what the prompt gives.'

* The first item of a list has no end
* The second item ends: "here."

    This is indented, so it may well be code or a table.

stmt ::= "The grammar of a statement is no prose."
| A row of a table | is no prose at all. |

Too short. Raise :exc:`~ValueError` in version 3.14, else do pass.

A heading without an end
"""
    assert [" ".join(tokens) for tokens in prose_sentences(text)] == [
        "read up to size bytes see os read from the file , ie all of them by default .",
        "it doesn't seek here !",
        "is the file open ?",
        "the second item ends : here .",
        "raise valueerror in version , else do pass .",
    ]


def test_sentences_are_words_and_signs_that_end(corpus):
    for part in (corpus.train, corpus.dev, corpus.test):
        for sentence in part:
            assert all(re.fullmatch(r"[a-z]+('[a-z]+)?|[.,;:!?]", token) for token in sentence)
            assert sentence[-1] in ".!?" and 4 < len(sentence) <= 80 and sentence[0][0].isalpha()


def test_the_parts_are_large_enough_and_share_no_sentence(corpus):
    assert sum(map(len, corpus.train)) > 150_000
    assert min(sum(map(len, corpus.dev)), sum(map(len, corpus.test))) > 10_000
    whole = [tuple(sentence) for part in vars(corpus).values() for sentence in part]
    assert len(set(whole)) == len(whole)


def test_it_is_english(corpus):
    counts = Counter(token for sentence in corpus.train for token in sentence)
    assert {"the", "a", "is", "of", "to", "."} <= {token for token, _ in counts.most_common(10)}


def test_a_trigram_model_finds_much_to_learn(corpus):
    """The published figures are 299.5 and 89.5; they shift with the recipe and with Python."""
    words = Vocabulary.from_sentences(corpus.train, minimum=5)

    def windows(part):
        return next_word_windows([words.ids([*sentence, END]) for sentence in part], 2, pad=0)

    found = {}
    for order in (1, 3):
        model = KneserNey(*windows(corpus.train), len(words), order=order)
        found[order] = perplexity(model.probabilities(*windows(corpus.test)))
    assert 200 < found[1] < 350
    assert 0.25 < found[3] / found[1] < 0.42


def test_a_corpus_is_frozen_and_short_to_print():
    corpus = Corpus([["a", "b"], ["c"]], [["d"]], [])
    assert repr(corpus) == (
        "Corpus(train 2 sentences, 3 tokens; dev 1 sentences, 1 tokens; test 0 sentences, 0 tokens)"
    )
    with pytest.raises(AttributeError):
        corpus.train = []


# ---- the sources ----


def library(folder, count=20):
    """A standard library of `count` modules, and what else lies in such a folder."""
    for number in range(count):
        word = "abcdefghijklmnopqrstuvwxyz"[number]
        text = f'"""Module {word} is here."""\nimport nothing_like_this\nraise SystemExit\n'
        (folder / f"m{word}.py").write_text(text, encoding="utf-8")
    (folder / "site-packages").mkdir()
    (folder / "site-packages" / "other.py").write_text(
        '"""A package of others."""', encoding="utf-8"
    )
    (folder / "test").mkdir()
    (folder / "test" / "test_it.py").write_text('"""A test is left out."""', encoding="utf-8")
    (folder / "broken.py").write_text("print 'This is Python 2.'", encoding="utf-8")
    (folder / "nul.py").write_bytes(b'"""There is a NUL."""\0')
    (folder / "silent.py").write_text("x = 1\n", encoding="utf-8")
    return folder


@pytest.fixture
def small(tmp_path, monkeypatch):
    place = tmp_path / "lib"
    place.mkdir()
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(place))
    return library(place)


def test_whole_files_are_held_out_by_their_place(small):
    corpus = load_python_docs()
    letters = {name: [s[1] for s in part] for name, part in vars(corpus).items()}
    assert letters == {"train": [*"bcdeghijlmnoqrst"], "dev": ["f", "p"], "test": ["a", "k"]}


def test_a_sentence_is_kept_where_it_comes_first(small):
    for name in ("mb.py", "mf.py"):
        with open(small / name, "a", encoding="utf-8") as file:
            file.write('def f():\n    """Module a is here. It is new here."""\n')
    sentences = [" ".join(s) for part in vars(load_python_docs()).values() for s in part]
    assert sentences.count("module a is here .") == sentences.count("it is new here .") == 1


def test_what_python_warns_of_in_old_files_is_not_shown(small):
    with open(small / "mb.py", "a", encoding="utf-8") as file:
        file.write('x = "\\d"\n')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(load_python_docs().train) == 16


@pytest.mark.parametrize(
    "source",
    [
        "topics = {'assert': 'This is a topic.', 'in': '''It is a\\nnother one.'''}",
        "# Autogenerated\ntopics: dict[str, str] = {'assert': r'This is a topic.',\n"
        "    'in': r'It is a' '\\nnother one.'}",
    ],
)
def test_the_help_topics_are_files_of_their_own(small, source):
    (small / "pydoc_data").mkdir()
    (small / "pydoc_data" / "topics.py").write_text(source, encoding="utf-8")
    corpus = load_python_docs()
    assert len(corpus.test) == 3 and len(corpus.train) == 17  # files 1, 11 and 21 of 22
    assert corpus.test[2] == ["this", "is", "a", "topic", "."]


def test_without_sources_it_says_what_was_expected(tmp_path, monkeypatch, folder):
    empty = tmp_path / "python.zip"
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(empty))
    with pytest.raises(FileNotFoundError) as error:
        load_python_docs()
    assert str(error.value) == (
        f"found no docstrings in {empty}, expected the .py files of Python's standard library: "
        "read a text of your own, read_text(path)"
    )
    assert not folder.exists()


def test_nothing_is_imported():
    code = (
        "import sys; from course_lib.data import load_python_docs; before = set(sys.modules);"
        "load_python_docs(); print(*sorted(set(sys.modules) - before))"
    )
    run = [sys.executable, "-W", "error", "-c", code]
    result = subprocess.run(run, capture_output=True, encoding="utf-8", cwd=ROOT)
    assert result.returncode == 0, result.stderr
    assert not {"pydoc_data", "turtle", "antigravity", "this"} & set(result.stdout.split())


# ---- the cache ----


def build():
    return {"train": ["a b"]}


def never():
    raise AssertionError("this is in the cache")


def test_what_was_built_is_kept(folder):
    assert cached("x.json", build) == build()
    assert cached("x.json", never) == build()
    assert os.listdir(folder) == ["x.json"]


def test_the_corpus_is_the_same_from_the_cache(small, folder, monkeypatch):
    first = load_python_docs()
    (name,) = os.listdir(folder)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
    assert version in name and f"recipe{python_docs.RECIPE}" in name
    monkeypatch.setattr(python_docs, "_parts", never)
    assert vars(load_python_docs()) == vars(first)
    monkeypatch.setattr(python_docs, "RECIPE", python_docs.RECIPE + 1)
    with pytest.raises(AssertionError):
        load_python_docs()


def test_another_installation_has_a_cache_of_its_own(small, folder, monkeypatch, tmp_path):
    """One may hold idlelib and tkinter and the other not, at the same version."""
    load_python_docs()
    monkeypatch.setattr(python_docs, "_library", lambda: tmp_path / "another")
    with pytest.raises(FileNotFoundError, match=r"found no docstrings in .*another"):
        load_python_docs()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[:70],
        lambda data: data.replace(b"a b", b"a c"),
        lambda data: b"\xff" + data,
        lambda data: json.dumps(build()).encode(),
    ],
)
def test_a_damaged_cache_is_made_again(folder, damage):
    cached("x.json", build)
    data = (folder / "x.json").read_bytes()
    (folder / "x.json").write_bytes(damage(data))
    assert cached("x.json", build) == build()
    assert (folder / "x.json").read_bytes() == data


def one_line(caught):
    (warning,) = caught
    message = str(warning.message)
    assert message.startswith("x.json could not be kept and is made anew each time: ")
    assert "\n" not in message
    return message


def test_a_folder_that_cannot_be_made_costs_only_a_warning(folder):
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.warns(UserWarning) as caught:
        assert cached("x.json", build) == build()
    one_line(caught)


def test_a_full_disk_costs_only_a_warning_and_leaves_nothing(folder, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(UserWarning) as caught:
        assert cached("x.json", build) == build()
    assert "No space left on device" in one_line(caught)
    assert os.listdir(folder) == []


def test_a_file_that_windows_does_not_let_go_is_kept_if_it_is_there(folder, monkeypatch):
    def in_use(source, target):
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(os, "replace", in_use)
    with pytest.warns(UserWarning) as caught:
        assert cached("x.json", build) == build()
    assert "Access is denied" in one_line(caught)
    (folder / "x.json").write_bytes(b"another process writes the same")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cached("x.json", build) == build()
    assert os.listdir(folder) == ["x.json"]


def test_a_user_without_a_home_folder_gets_a_warning(monkeypatch):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(cache, "cache_folder", nowhere)
    with pytest.warns(UserWarning) as caught:
        assert cached("x.json", build) == build()
    one_line(caught)


def test_an_error_while_building_leaves_no_cache(folder):
    with pytest.raises(AssertionError):
        cached("x.json", never)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("platform", "variable", "tail"),
    [
        ("linux", "XDG_CACHE_HOME", "course_lib"),
        ("win32", "LOCALAPPDATA", "course_lib"),
        ("linux", None, os.path.join(".cache", "course_lib")),
        ("darwin", None, os.path.join("Library", "Caches", "course_lib")),
        ("win32", None, os.path.join("AppData", "Local", "course_lib")),
    ],
)
def test_the_cache_is_where_the_system_wants_it(tmp_path, monkeypatch, platform, variable, tail):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.delenv("LOCALAPPDATA")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # which is to be ignored
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "set"))
    assert cache_folder() == tmp_path / ("set" if variable else "home") / tail


def build_slowly(name, start, answers):
    start.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answers.put(
            cached(name, lambda: {"train": ["a b"] * 200_000}) == {"train": ["a b"] * 200_000}
        )


def test_processes_that_build_at_once_do_no_harm(folder):
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(4), context.Queue()
    processes = [
        context.Process(target=build_slowly, args=("x.json", start, answers)) for _ in range(4)
    ]
    for process in processes:
        process.start()
    assert [answers.get(timeout=120) for _ in processes] == [True] * 4
    for process in processes:
        process.join()
    assert os.listdir(folder) == ["x.json"]
    assert cached("x.json", never) == {"train": ["a b"] * 200_000}
