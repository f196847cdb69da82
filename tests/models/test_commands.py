"""The two command lines, run as a learner runs them: on files, with Ctrl-C, with broken input."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import course_lib
from course_lib.commands import language_model
from course_lib.data import Corpus, load_entities, load_stories
from course_lib.models import MemorizingTagger, load_model
from course_lib.text import KneserNey

QUICK_TAGGER = ("--size", "8", "--hidden", "12", "--epochs", "2")
QUICK_MODEL = ("--size", "8", "--hidden", "12", "--epochs", "2", "--minimum", "3")
# The copy under test, whatever else is installed.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(course_lib.__file__).parents[1])}


def command(folder, name, *arguments, **environment):
    """The finished process of `python -m course_lib.commands.<name>`, run in `folder`."""
    words = [sys.executable, "-m", f"course_lib.commands.{name}", *map(str, arguments)]
    return subprocess.run(
        words, cwd=folder, capture_output=True, encoding="utf-8", env=ENVIRONMENT | environment
    )


def write_conll(path, sentences):
    text = "\n\n".join("\n".join(f"{token} {tag}" for token, tag in s) for s in sentences)
    path.write_text(text + "\n", encoding="utf-8")


def write_gmb(path, sentences):
    rows = ["Sentence #,Word,POS,Tag"]
    for number, sentence in enumerate(sentences, start=1):
        for place, (token, tag) in enumerate(sentence):
            word = '"' + token.replace('"', '""') + '"'
            rows.append(f"{'' if place else f'Sentence: {number}'},{word},NN,{tag}")
    path.write_text("\n".join(rows) + "\n", encoding="cp1252", newline="\r\n")


@pytest.fixture(scope="module")
def entities():
    corpus = load_entities()
    return Corpus(train=corpus.train[:300], dev=corpus.dev[:80], test=corpus.test[:90])


@pytest.fixture(scope="module")
def stories():
    corpus = load_stories()
    return Corpus(train=corpus.train[:400], dev=corpus.dev[:90], test=corpus.test[:80])


def test_a_tagger_of_conll_files(tmp_path, entities):
    for part, sentences in vars(entities).items():
        write_conll(tmp_path / part, sentences)
    done = command(tmp_path, "tagger", "train", "--dev", "dev", "--test", "test", *QUICK_TAGGER)
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "tagger" / "results.json").read_text(encoding="utf-8"))
    network = load_model(tmp_path / "tagger").scores(entities.test)
    assert results["network"] == json.loads(json.dumps(network.as_dict()))
    assert results["network"]["by_tag"]["PER"]["f1"] == network.by_tag["PER"].f1
    memory = MemorizingTagger(entities.train).scores(entities.test)
    assert results["memorizing"]["f1"] == memory.f1
    assert len(results["training"]["loss"]) == 2
    assert str(network) in done.stdout
    assert "300 sentences" in done.stdout
    assert "epochs: 100%" in done.stderr


def test_a_tagger_of_one_csv_file_holds_out_two_tenths(tmp_path, entities):
    write_gmb(tmp_path / "ner.csv", entities.train)
    arguments = ("ner.csv", "--output", "here/it is", "--reach", "1", *QUICK_TAGGER)
    done = command(tmp_path, "tagger", *arguments)
    assert done.returncode == 0, done.stderr
    assert "Corpus(train 240 sentences" in done.stdout
    assert "dev 30 sentences" in done.stdout
    results = json.loads((tmp_path / "here" / "it is" / "results.json").read_text(encoding="utf-8"))
    assert results["chosen"]["reach"] == 1
    assert load_model(tmp_path / "here" / "it is").reach == 1
    again = command(tmp_path, "tagger", *arguments)
    assert again.stdout == done.stdout


def test_tags_are_folded_onto_five(tmp_path):
    names = {"PER": "per", "GPE": "geo", "DATE": "tim", "LOC": "nat", "ORG": "org"}
    sentences = [
        [(t, tag if tag == "O" else tag[:2] + names[tag[2:]]) for t, tag in sentence]
        for sentence in load_entities().dev[:60]
    ]
    write_gmb(tmp_path / "ner.csv", sentences)
    done = command(tmp_path, "tagger", "ner.csv", "--five-tags", *QUICK_TAGGER)
    assert done.returncode == 0, done.stderr
    tags = load_model(tmp_path / "tagger").tags
    assert {tag[2:] for tag in tags if tag != "O"} <= {"PER", "LOC", "DATE", "ORG"}


def test_a_tag_that_training_lacks_costs_its_sentence_in_the_dev_part_only(tmp_path):
    write_conll(tmp_path / "train", [[("Oslo", "B-GPE"), ("sleeps", "O")]] * 10)
    write_conll(tmp_path / "dev", [[("Oslo", "B-GPE")], [("Titanic", "B-SHIP")]])
    arguments = ("train", "--dev", "dev", *QUICK_TAGGER)
    done = command(tmp_path, "tagger", *arguments, "--test", "dev")
    assert done.returncode == 0, done.stderr
    assert load_model(tmp_path / "tagger").tags == ("B-GPE", "O")
    results = json.loads((tmp_path / "tagger" / "results.json").read_text(encoding="utf-8"))
    assert results["network"]["by_tag"]["SHIP"]["recall"] == 0
    write_conll(tmp_path / "dev", [[("Titanic", "B-SHIP")]])
    done = command(tmp_path, "tagger", *arguments)
    assert done.stderr == "tagger: the tags B-SHIP are new: this network knows B-GPE, O\n"


def prefixes(sentences):
    """What stands before each word of each sentence, and before its end."""
    return [words[:i] for words in sentences for i in range(len(words) + 1)]


def test_a_language_model_of_a_text(tmp_path, stories):
    for part, sentences in vars(stories).items():
        text = "".join(f" {' '.join(sentence)} \n" for sentence in sentences)
        (tmp_path / part).write_text(text, encoding="utf-8")
    done = command(
        tmp_path, "language_model", "train", "--dev", "dev", "--test", "test", "--pretokenized",
        *QUICK_MODEL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    path = tmp_path / "language_model" / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    model = load_model(tmp_path / "language_model")
    contexts, targets = model.examples(stories.test)
    counted = [
        KneserNey(*model.examples(stories.train), len(model.vocabulary), order=order)
        for order in (1, 3)
    ]
    unigram, trigram = (ngrams.probabilities(contexts, targets) for ngrams in counted)
    network = np.array(
        [
            model.next_words(words)[k]
            for words, k in zip(prefixes(stories.test), targets, strict=True)
        ]
    )
    expected = [np.exp(-np.log(p).mean()) for p in (unigram, trigram, network)]
    expected.append(np.exp(-np.log(0.5 * trigram + 0.5 * network).mean()))
    assert list(results["test perplexity"].values()) == pytest.approx(expected, rel=1e-6)
    assert done.stdout.count("\n  ") == 5  # sentences that it wrote


def test_a_language_model_of_one_file_holds_out_its_end(tmp_path):
    numbers = ["one", "two", "three", "four", "five"]
    lines = [f"Line {numbers[i % 5]} is here." for i in range(50)]
    (tmp_path / "text.txt").write_text("\n".join(lines), encoding="utf-8")
    done = command(tmp_path, "language_model", "text.txt", "--lower", *QUICK_MODEL)
    assert done.returncode == 0, done.stderr
    assert "Corpus(train 40 sentences" in done.stdout
    assert load_model(tmp_path / "language_model").vocabulary.words[3:] == [
        ".", "here", "is", "line", "five", "four", "one", "three", "two",
    ]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_ctrl_c_keeps_the_best_network_so_far(tmp_path, entities):
    write_conll(tmp_path / "train", entities.train)
    words = [sys.executable, "-m", "course_lib.commands.tagger", "train", "--epochs", "100000",
             "--learning-rate", "1e-5", "--size", "4", "--hidden", "8"]  # fmt: skip
    process = subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    )
    seen = b""
    while not re.search(rb" ([2-9]|\d\d+)/100000 ", seen):  # a fast bar leaves numbers out
        part = os.read(process.stderr.fileno(), 10_000)
        assert part, process.stdout.read()
        seen += part
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"stopped by Ctrl-C after" in output
    results = json.loads((tmp_path / "tagger" / "results.json").read_text(encoding="utf-8"))
    assert results["training"]["interrupted"] is True
    losses = results["training"]["validation_loss"]
    assert 2 <= len(losses) < 100_000
    assert np.isfinite(losses).all()
    load_model(tmp_path / "tagger")


BAD = {
    "nothing.txt": (None, "No such file or directory"),
    "empty.txt": ("", "line 1: found the end of the file and no sentence, expected tokens"),
    "few.txt": ("Paris B-GPE\n\nOslo B-GPE\n", "few.txt has 2 sentences, at least 10 are needed"),
    "columns.txt": ("Paris B-GPE\nOslo\n", "columns.txt, line 2: found 1 column"),
    "header.csv": ("a,b,c\n", "header.csv, line 1: found the header 'a,b,c', expected Sentence #"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_in_one_line(tmp_path, name):
    text, message = BAD[name]
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = command(tmp_path, "tagger", name)
    assert done.returncode == 1
    assert message in done.stderr
    assert done.stderr.startswith("tagger: ")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "tagger").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--order", "5", "--n", "3"), "language_model: --order 5 needs --n 4, found 3"),
        (("--hidden", str(10**15)), "language_model: Unable to allocate"),
        (("--dropout", "1"), "language_model: Dropout: the rate must lie in 0 <= rate < 1"),
        (("--learning-rate", "nan"), "language_model: learning_rate must be at least 0 and finite"),
    ],
)
def test_a_bad_option_is_told_in_one_line(tmp_path, arguments, message):
    (tmp_path / "text.txt").write_text("A fox ran. A hen ran.\n\n" * 20, encoding="utf-8")
    done = command(tmp_path, "language_model", "text.txt", *arguments)
    assert done.returncode == 1
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "option", "value", "smallest"),
    [
        ("tagger", "--epochs", "0", 1),
        ("tagger", "--reach", "-1", 0),
        ("tagger", "--hidden", "0", 1),
        ("language_model", "--n", "0", 1),
        ("language_model", "--batch-size", "-5", 1),
        ("language_model", "--seed", "-1", 0),
        ("language_model", "--hidden", "many", 1),
    ],
)
def test_a_number_out_of_range_is_told_before_anything_is_read(
    tmp_path, name, option, value, smallest
):
    done = command(tmp_path, name, "no.txt", option, value)
    assert done.returncode == 2
    expected = f"expected a whole number of at least {smallest}"
    message = f"error: argument {option}: {expected}, found {value}\n"
    assert done.stderr.endswith(message)


def test_an_output_folder_that_cannot_be_is_told_before_training(tmp_path, stories):
    text = "\n".join(" ".join(sentence) for sentence in stories.train[:50])
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    for folder in ("text.txt", "text.txt/inside"):
        done = command(tmp_path, "language_model", "text.txt", "--output", folder, *QUICK_MODEL)
        assert done.returncode == 1
        assert re.fullmatch(r"language_model: .*text\.txt.*\n", done.stderr)
        assert "perplexity" not in done.stdout


def test_words_that_the_terminal_cannot_show_are_no_reason_to_lose_the_network(tmp_path):
    (tmp_path / "text.txt").write_text("\u2192 \u0142 \u4e16\n" * 40, encoding="utf-8")
    arguments = ("text.txt", "--pretokenized", *QUICK_MODEL)
    done = command(tmp_path, "language_model", *arguments, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "? ?" in done.stdout
    assert "\u4e16" in load_model(tmp_path / "language_model").vocabulary


@pytest.mark.skipif(os.name == "nt", reason="closes a file descriptor on the way")
def test_without_an_output_the_network_is_saved(tmp_path):
    (tmp_path / "text.txt").write_text("A fox ran. A hen ran.\n\n" * 20, encoding="utf-8")
    words = [sys.executable, "-m", "course_lib.commands.language_model", "text.txt", *QUICK_MODEL]
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *words]
    done = subprocess.run(closed, cwd=tmp_path, env=ENVIRONMENT, capture_output=True)
    assert done.returncode == 0, done.stderr
    load_model(tmp_path / "language_model")


def test_ctrl_c_while_scoring_leaves_the_network(tmp_path, monkeypatch, stories):
    def ctrl_c(*arguments):
        raise KeyboardInterrupt

    text = "\n".join(" ".join(sentence) for sentence in stories.train[:50])
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    folder = tmp_path / "here"
    arguments = [str(tmp_path / "text.txt"), "--output", str(folder), *QUICK_MODEL]
    language_model.main(arguments)
    old = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(language_model, "perplexities", ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        language_model.main([*arguments, "--size", "7"])
    assert load_model(folder).settings["size"] == 7
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert results["chosen"]["size"] == 7
    assert set(old) - set(results) == {"test perplexity"}  # those of the network before


def test_help_shows_how_to_call_it(tmp_path):
    for name in ("tagger", "language_model"):
        done = command(tmp_path, name, "--help")
        assert done.returncode == 0
        assert f"python -m course_lib.commands.{name} " in done.stdout
