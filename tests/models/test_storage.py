"""A model in a folder: what comes back is what was saved, and damage is named."""

import json
import os

import numpy as np
import pytest

from course_lib.layers import Sequential
from course_lib.models import WindowLanguageModel, WindowTagger, load_model, save_model
from course_lib.text import Vocabulary


def tagger():
    return WindowTagger(
        Vocabulary(["paris", "\u2028", '"', "née"]), ["O", "B-GPE"], reach=1, size=3, hidden=(4,),
        dropout=0.5, rng=np.random.default_rng(0),
    )  # fmt: skip


def language_model():
    return WindowLanguageModel(
        Vocabulary(["the", "fox"]), n=2, size=3, hidden=5, dtype=np.float64,
        rng=np.random.default_rng(0),
    )  # fmt: skip


def test_a_tagger_comes_back(tmp_path):
    saved = tagger()
    save_model(saved, tmp_path / "new" / "folder")
    loaded = load_model(tmp_path / "new" / "folder")
    sentences = [["Paris", "née", "unseen"], ["\u2028"]]
    inputs = saved.inputs(sentences)
    assert type(loaded) is WindowTagger
    assert (loaded.inputs(sentences) == inputs).all()
    assert (loaded(inputs).value == saved.eval()(inputs).value).all()
    assert loaded.tags == ("O", "B-GPE")
    assert loaded.settings == saved.settings


def test_a_language_model_comes_back(tmp_path):
    saved = language_model()
    save_model(saved, tmp_path)
    loaded = load_model(tmp_path)
    assert (loaded.next_words(["the"]) == saved.next_words(["the"])).all()
    assert loaded.parameters()[0].value.dtype == np.float64


def test_sizes_that_numpy_computed_are_saved_as_numbers(tmp_path):
    sizes = {"n": np.int64(2), "size": np.int32(3), "dropout": np.float64(0.5)}
    save_model(WindowLanguageModel(Vocabulary(["a"]), hidden=4, **sizes), tmp_path)
    settings = load_model(tmp_path).settings
    assert settings == {"n": 2, "size": 3, "hidden": 4, "dropout": 0.5, "dtype": "float32"}


def test_the_vocabulary_is_plain_text(tmp_path):
    save_model(language_model(), tmp_path)
    text = (tmp_path / "vocabulary.txt").read_text(encoding="utf-8")
    assert text == "<pad>\n<unk>\n</s>\nthe\nfox\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "network.npz",
        "settings.json",
        "vocabulary.txt",
    ]


def test_saving_again_replaces_all(tmp_path):
    save_model(tagger(), tmp_path)
    save_model(language_model(), tmp_path)
    assert load_model(tmp_path).vocabulary.words[3:] == ["the", "fox"]


def test_a_failed_save_leaves_the_old_model(tmp_path, monkeypatch):
    save_model(language_model(), tmp_path)

    def full_disk(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save_model(tagger(), tmp_path)
    assert type(load_model(tmp_path)) is WindowLanguageModel
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("stopped", range(3))
def test_two_models_are_never_mixed(tmp_path, monkeypatch, stopped):
    """The vocabularies are as long as each other: nothing else would tell."""
    old = WindowLanguageModel(Vocabulary(["the", "hen"]), n=2, size=3, hidden=5, dtype=np.float64)
    save_model(old, tmp_path)
    moved, replace = [], os.replace

    def ctrl_c(source, target):
        if not target.name.startswith("."):  # into its final place
            if len(moved) == stopped:
                raise KeyboardInterrupt
            moved.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        save_model(language_model(), tmp_path)
    with pytest.raises(FileNotFoundError, match=r"settings\.json"):
        load_model(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def damage(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("settings.json", "", "settings.json is damaged: expected the sizes of a WindowTagger or"),
        ("settings.json", "[1]", "settings.json is damaged: expected the sizes"),
        ("settings.json", '{"kind": "Oracle"}', "settings.json is damaged: expected the sizes"),
        ("settings.json", '{"kind": "WindowTagger", "size": 3}', "settings.json is damaged: "),
        ("vocabulary.txt", "<pad>\n<unk>\n</s>\nthe", "is not a whole vocabulary"),
        ("vocabulary.txt", "<pad>\n<unk>\n</s>\nthe\n", "the three files do not belong together: "),
        ("network.npz", "PK", "the three files do not belong together: .*not a whole .npz"),
    ],
)
def test_damage_is_named_in_one_line(tmp_path, name, text, message):
    save_model(language_model(), tmp_path)
    damage(tmp_path, name, text)
    with pytest.raises(ValueError, match=message) as caught:
        load_model(tmp_path)
    assert "\n" not in str(caught.value)


def test_sizes_that_no_network_has_are_named(tmp_path):
    save_model(language_model(), tmp_path)
    settings = json.loads((tmp_path / "settings.json").read_text(encoding="utf-8"))
    damage(tmp_path, "settings.json", json.dumps({**settings, "hidden": -1}))
    with pytest.raises(ValueError, match=r"settings.json is damaged: Linear: outputs must be"):
        load_model(tmp_path)
    damage(tmp_path, "settings.json", json.dumps({**settings, "hidden": 10**15}))
    with pytest.raises(ValueError, match=r"settings.json is damaged: Unable to allocate"):
        load_model(tmp_path)


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"settings.json"):
        load_model(tmp_path)


def test_other_layers_are_refused(tmp_path):
    with pytest.raises(
        TypeError, match=r"save_model\(\) knows WindowTagger and WindowLanguageModel"
    ):
        save_model(Sequential(), tmp_path)
