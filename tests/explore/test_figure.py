"""What holds for every figure, and for what they are made of."""

import base64
import json
import re
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from figure_examples import NAMES, make, settings_of

from course_lib import explore
from course_lib.chapters import CHAPTERS
from course_lib.explore import controls
from course_lib.explore.figure import FOLDER, halves, plain, script, still_bundle

STYLE = (FOLDER / "base.css").read_text(encoding="utf-8")


@pytest.fixture(params=NAMES)
def figure(request):
    return make(request.param)


def test_every_chapter_with_an_idea_of_its_own_has_a_figure():
    modules = [sys.modules[getattr(explore, name).__module__] for name in NAMES]
    named = [re.search(r"\(chapters? ([\d, and]+)\)", module.__doc__)[1] for module in modules]
    found = {int(number) for numbers in named for number in re.findall(r"\d+", numbers)}
    assert found >= {chapter.number for chapter in CHAPTERS} - {16}  # which plays the learner's own


def test_figures_say_what_they_are(figure):
    for text in (figure.title, figure.caption, figure.alt, *figure.labels.values()):
        assert text.strip() == text
        assert text
    assert len(figure.alt) > 80, "the still in words"
    names = [control.name for control in figure.controls]
    assert len(names) == len(set(names))
    labels = [control.label for control in figure.controls]
    assert len(labels) == len(set(labels))


def test_what_stands_in_the_table_is_computed(figure):
    """Not everything always: a game hides the future, a mistake is named where there is one."""
    rng = np.random.default_rng(0)
    found = set()
    for _ in range(30):
        found |= figure.numbers(figure.settings | settings_of(figure, rng)).keys()
    assert figure.labels.keys() - found <= {"local", "problem"}, figure.labels.keys() - found
    assert all(len(row) > 1 for row in figure.rows())
    assert figure.title in repr(figure)


def test_sliders_reach_what_they_begin_with(figure):
    for control in figure.controls:
        if isinstance(control, controls.Slider):
            steps = (control.value - control.low) / control.step
            assert steps == pytest.approx(round(steps), abs=1e-9)
            count = round((control.high - control.low) / control.step) + 1
            assert not control.texts or len(control.texts) == count
        if isinstance(control, controls.Choice):
            assert control.value in control.options


def test_what_travels_is_json_and_not_large(figure):
    state = {name: getattr(figure, name) for name in ("spec", "data", "settings")}
    text = json.dumps(state, allow_nan=False)
    assert len(text.encode()) < 900_000  # weights of 600 kB as text
    assert len(figure._esm.encode()) < 60_000


def test_stills_are_pictures_with_words(figure):
    bundle = still_bundle(figure)
    svg = figure.still()
    assert svg.startswith("<svg")
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in svg
    assert len(svg.encode()) < 60_000
    images = []

    class Finder(HTMLParser):
        def handle_starttag(self, tag, attributes):
            if tag == "img":
                images.append(dict(attributes))

    Finder().feed(bundle["text/html"])
    assert [image["alt"] for image in images] == [" ".join(figure.alt.split())]
    assert images[0]["src"].startswith("data:image/svg+xml;base64,")
    assert figure.caption in re.sub(r"&#x27;", "'", bundle["text/html"])


def test_numbers_do_not_change_the_figure(figure):
    before = json.dumps([figure.data, figure.settings])
    rng = np.random.default_rng(0)
    for _ in range(5):
        figure.numbers(figure.settings | settings_of(figure, rng))
    assert json.dumps([figure.data, figure.settings]) == before


def test_scripts_import_from_their_folder_and_ask_for_nothing():
    for path in FOLDER.glob("*.js"):
        source = path.read_text(encoding="utf-8")
        imports = re.findall(r'from\s+"([^"]+)"', source)
        assert all(name.startswith("./") for name in imports), path
        assert not re.search(r"\b(eval|Function|fetch|XMLHttpRequest|import)\s*\(", source), path
        assert "innerHTML" not in source, f"{path}: what a learner types could become markup"


def test_a_script_is_one_module():
    source = script("nudge_machine")
    assert not re.search(r"^import ", source, re.M)
    exported = re.findall(r"^export (?:default )?(\w+)", source, re.M)
    assert exported == ["function", "figure"]


# --- colors --------------------------------------------------------------------------------------


def palette(theme):
    """The colors of a theme, by name."""
    light = re.search(r"^\.course-figure \{(.*?)\}", STYLE, re.M | re.S)[1]
    dark = re.search(
        r'^\[data-jp-theme-light="false"\] \.course-figure \{(.*?)\}', STYLE, re.M | re.S
    )
    found = dict(re.findall(r"--([\w-]+): (#\w{6})", light))
    return found | (dict(re.findall(r"--([\w-]+): (#\w{6})", dark[1])) if theme == "dark" else {})


def luminance(color):
    """Relative luminance, WCAG 2.2."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    lighter, darker = sorted((luminance(a), luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


TEXTS = ["ink", "muted", "one", "two", "three", "four", "good", "bad"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_can_be_read(theme):
    colors = palette(theme)
    pairs = [(text, ground) for text in TEXTS for ground in ("paper", "panel")]
    pairs += [("value-text", "value-fill"), ("signal-text", "signal-fill"), ("ink", "lit")]
    low = {pair: round(contrast(colors[pair[0]], colors[pair[1]]), 2) for pair in pairs}
    assert {pair: value for pair, value in low.items() if value < 4.5} == {}
    shapes = [(c, "paper") for c in ("value-line", "signal-line", "focus", "muted")]
    assert all(contrast(colors[a], colors[b]) >= 3 for a, b in shapes)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # WCAG's own example


# --- data ----------------------------------------------------------------------------------------


def test_data_as_json_holds_what_is_not_finite():
    data = {"a": np.array([1.5, np.nan, np.inf]), "b": (np.float32(-np.inf), 2), 3: {"c": None}}
    assert plain(data) == {
        "a": [1.5, "NaN", "Infinity"],
        "b": ["-Infinity", 2],
        "3": {"c": None},
    }
    json.dumps(plain(data), allow_nan=False)


def test_halves_keep_shape_and_rounded_entries():
    array = np.random.default_rng(0).normal(size=(3, 5))
    found = halves(array)
    again = np.frombuffer(base64.b64decode(found["half"]), "<f2").reshape(found["shape"])
    np.testing.assert_allclose(again, array, rtol=2**-11)


def test_controls_draw_only_what_they_can_reach():
    rng = np.random.default_rng(0)
    slider = controls.Slider("x", "x", -1.0, 1.0, 0.25, 0.0)
    assert {slider.draw(rng) for _ in range(300)} == set(np.arange(-1, 1.25, 0.25))
    assert {controls.Switch("s", "s").draw(rng) for _ in range(30)} == {True, False}
    choice = controls.Choice("c", "c", ("p", "q"), "p")
    assert {choice.draw(rng) for _ in range(30)} == {"p", "q"}


def test_outside_a_notebook_a_figure_is_words(capsys):
    explore.nudge_machine()._ipython_display_()
    said = capsys.readouterr().out
    assert said.startswith("The nudge machine")
    assert "their sum, dg/dx: 1.973" in said
