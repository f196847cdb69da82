"""What of a lesson is on which slide, and executions that are kept."""

import base64
import multiprocessing
import shutil
from functools import partial
from pathlib import Path

import nbformat
import pytest

from course_lib.authoring.store import NotStored
from course_lib.stage import executions, make, packages
from course_lib.stage.cells import WIDGET_STATE, on_stage, slide_type, without_asides

ROOT = Path(__file__).resolve().parents[1]


def cell(kind, source, *outputs, code=False):
    """A cell of this slide type; with outputs it is code."""
    if not (outputs or code):
        made = nbformat.v4.new_markdown_cell(source)
    else:
        made = nbformat.v4.new_code_cell(source, outputs=list(outputs))
    made.metadata.slideshow = nbformat.from_dict({"slide_type": kind})
    return made


def html(text, **more):
    return nbformat.v4.new_output("display_data", data={"text/html": text, **more})


def lesson(*cells, widgets=None):
    state = {name: {"model_name": model} for name, model in (widgets or {}).items()}
    metadata = {"widgets": {WIDGET_STATE: {"state": state}}}
    return nbformat.v4.new_notebook(cells=list(cells), metadata=metadata)


def staged(*cells, **options):
    """(slide type, source) of each cell of the deck."""
    deck = on_stage(lesson(*cells), {"05_backprop"}, **options)
    return [(slide_type(cell), cell.source) for cell in deck.cells]


def test_each_slide_is_followed_by_one_cell_of_its_notes_and_skipped_cells_go():
    lecturer = "<details><summary>For the lecturer, minute 7</summary>\n\nAsk: *why?*\n\n</details>"
    assert staged(
        cell("slide", "one"),
        cell("notes", lecturer),
        cell("skip", "import this", code=True),
        cell("notes", "more"),
        cell("fragment", "and"),
        cell("subslide", "two"),
        cell("slide", "three"),
        cell("notes", "end"),
    ) == [
        ("slide", "one"),
        ("fragment", "and"),
        ("notes", "**At minute 7.** Ask: *why?*\n\nmore"),
        ("subslide", "two"),
        ("notes", "*In this section:*\n\n**At minute 7.** Ask: *why?*"),
        ("slide", "three"),
        ("notes", "end"),
    ]


@pytest.mark.parametrize(
    "written, shown",
    {
        "[lesson 05](05_backprop.ipynb)": "[lesson 05](05_backprop.html)",
        "[lesson 06](06_layers.ipynb)": "lesson 06",
        "[the set](../exercises/05/problems.ipynb)": "the set",
        "[a book](https://d2l.ai)": "[a book](https://d2l.ai)",
        "`layers[0](x)`, $a[0](x)$, $$f[1](x)$$": "`layers[0](x)`, $a[0](x)$, $$f[1](x)$$",
    }.items(),
)
def test_links_lead_to_decks_or_outside(written, shown):
    assert staged(cell("slide", written)) == [("slide", shown)]


def outputs(*found, widgets=None, **options):
    """The data of what is left of these outputs on a slide."""
    notebook = lesson(cell("slide", "x", *found, code=True), widgets=widgets)
    (kept,) = on_stage(notebook, set(), **options).cells
    return [dict(output.data) for output in kept.outputs]


VIEW = "application/vnd.jupyter.widget-view+json"


def test_what_was_not_answered_yet_is_not_shown():
    unwritten = html(
        "<div>No prediction yet</div>", **{"text/plain": "… 08.hook: No prediction yet"}
    )
    words = html("<details><summary>In words</summary>A curve</details>")
    echo = (
        "<div><b>• 08.hook</b> It is 3, and you made no prediction. Next time guess first: "
        "a wrong number teaches more than none.</div>"
    )
    quiz = '<div>a) yes<br>b) no<br>Answer with its letter: <code>quiz("00q1", "a")</code>.</div>'
    assert outputs(unwritten, words, html(echo), html(quiz)) == [
        {"text/html": "<div><b>It is 3.</b></div>"},
        {"text/html": "<div>a) yes<br>b) no</div>"},
    ]


def test_the_first_note_of_a_section_is_there_when_it_begins():
    lecturer = "<details><summary>For the lecturer, minute {}</summary>\n\nAsk.\n\n</details>"
    shown = staged(
        cell("slide", "one"),
        cell("subslide", "two"),
        cell("notes", lecturer.format(3)),
        cell("subslide", "three"),
        cell("notes", "prose"),
        cell("subslide", "four"),
        cell("slide", "another section"),
    )
    assert [source for kind, source in shown if kind == "notes"] == [
        "*In this section:*\n\n**At minute 3.** Ask.",
        "**At minute 3.** Ask.",
        "prose",
        "*In this section:*\n\n**At minute 3.** Ask.",
    ]


CODE = """from course_lib.checks import check, echo, hint, predict

alt = (
    "It falls."
)
show(figure, alt=alt)
show(figure, alt="It rises (a little), "
     "and falls.")
predict("08.hook", ...)
echo("08.hook", 3)
check("08c", f)"""


def test_code_on_a_slide_neither_gives_the_picture_away_nor_asks_the_learner():
    assert without_asides(CODE) == 'show(figure)\nshow(figure)\ncheck("08c", f)'
    assert without_asides("predict('08.hook', ...)") == ""
    assert without_asides("%matplotlib inline\npredict(1)") == "%matplotlib inline\npredict(1)"


@pytest.mark.parametrize(
    "written, shown",
    {
        "**How low?** Type a number from 0 to 2.08 for the dots; run the cell.": "**How low?**",
        "**Left?** Put `1` in place of the dots; press **Enter**. On.": "**Left?** On.",
        "Eight. Run the cell, then choose. Go.": "Eight. Go.",
        "Your turn. Write it for the dots.": "Your turn. Write it for the dots.",
        "75 minutes. **Prerequisites**: forks.": "**Prerequisites**: forks.",
    }.items(),
)
def test_a_slide_does_not_tell_a_class_what_to_type(written, shown):
    assert staged(cell("slide", written)) == [("slide", shown)]


def test_figures_live_buttons_do_not_and_stills_stand_for_figures_where_nothing_lives():
    widgets = {"f": "AnyModel", "b": "ButtonModel"}
    still = html('<div class="course-still">picture</div>')
    figure = html("<em>run</em>", **{VIEW: {"model_id": "f"}})
    button = nbformat.v4.new_output("display_data", data={VIEW: {"model_id": "b"}})
    options = html("a) yes", **{VIEW: {"model_id": "b"}})
    found = still, figure, button, options
    assert outputs(*found, widgets=widgets) == [
        {"text/html": "<em>run</em>", VIEW: {"model_id": "f"}},
        {"text/html": "a) yes"},
    ]
    assert outputs(*found, widgets=widgets, alive=False) == [
        {"text/html": '<div class="course-still">picture</div>'},
        {"text/html": "a) yes"},
    ]


def test_a_drawing_says_how_much_it_must_be_enlarged():
    drawing = (
        '<svg viewBox="0 0 640 90"><text font-size="20">a</text><text font-size="12">b</text></svg>'
    )
    source = base64.b64encode(drawing.encode()).decode()
    (shown,) = outputs(html(f'<img alt="a graph" src="data:image/svg+xml;base64,{source}">'))
    assert 'data-width="640" data-least="1.333"' in shown["text/html"]
    assert 'alt="a graph"' in shown["text/html"]


def test_the_stored_lesson_is_not_changed():
    notebook = lesson(cell("slide", "[lesson 06](06_layers.ipynb)"), cell("notes", "n"))
    before = nbformat.writes(notebook)
    on_stage(notebook, set())
    assert nbformat.writes(notebook) == before


# --- executions ----------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path):
    """The path of a lesson that counts how often it was run."""
    source = (
        "from pathlib import Path\nruns = Path('runs')\nruns.open('a').write('x')\nprint(6 * 7)"
    )
    path = tmp_path / "99_small.ipynb"
    nbformat.write(lesson(cell("slide", "# 99 Small"), cell("slide", source, code=True)), path)
    return path


def test_a_lesson_is_run_once_until_it_changes(small, tmp_path):
    kept = tmp_path / "kept"
    runs = tmp_path / "runs"
    for _ in range(2):
        notebook = executions.executed(small, kept)
        assert notebook.cells[1].outputs[0].text == "42\n"
    assert runs.read_text(encoding="utf-8") == "x"

    changed = nbformat.read(small, as_version=4)
    changed.cells[1].source += "\nprint('again')"
    nbformat.write(changed, small)
    assert executions.executed(small, kept).cells[1].outputs[0].text == "42\nagain\n"
    assert runs.read_text(encoding="utf-8") == "xx"
    assert len(list(kept.iterdir())) == 1  # the old one is gone


def test_the_key_follows_from_cells_and_library(small, monkeypatch, tmp_path):
    notebook = nbformat.read(small, as_version=4)
    root = tmp_path / "stage"  # a folder of the course may be called so, too
    library = root / "course_lib"
    shutil.copytree(ROOT / "course_lib" / "explore", library / "explore")
    (library / "stage").mkdir()
    monkeypatch.setattr(executions, "ROOT", root)
    keys = [executions.key(notebook)]

    def changed():
        keys.append(executions.key(notebook))
        return keys[-1] != keys[-2]

    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="stored")]
    assert not changed()
    (library / "stage" / "deck.css").write_text("body {}", encoding="utf-8")
    assert not changed()
    (library / "explore" / "base.css").write_text("", encoding="utf-8")
    assert changed()
    (library / "explore" / "extra.js").touch()
    assert changed()
    notebook.cells[0].metadata.slideshow.slide_type = "subslide"
    assert changed()


def test_a_lesson_that_fails_leaves_nothing(small, tmp_path):
    broken = nbformat.read(small, as_version=4)
    broken.cells[1].source = "1 / 0"
    nbformat.write(broken, small)
    with pytest.raises(NotStored, match=r"(?s)cell 2 failed.*ZeroDivisionError"):
        executions.executed(small, tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_damaged_execution_is_made_anew(small, tmp_path):
    kept = tmp_path / "kept"
    executions.executed(small, kept)
    (file,) = kept.iterdir()
    file.write_bytes(file.read_bytes()[:100])
    assert executions.executed(small, kept).cells[1].outputs[0].text == "42\n"


def test_two_at_once_do_not_disturb_each_other(small, tmp_path):
    kept = tmp_path / "kept"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        found = pool.starmap(executions.executed, [(small, kept)] * 2)
    assert [one.cells[1].outputs[0].text for one in found] == ["42\n"] * 2
    assert len(list(kept.iterdir())) == 1


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def command(monkeypatch, tmp_path, capsys):
    """A function from arguments to exit code, output and errors; its decks are plain."""

    def refuse():
        raise packages.NoPackage("there is no npm")

    monkeypatch.setattr(packages, "fetch", refuse)
    monkeypatch.setattr(make, "FOLDER", tmp_path / "decks")
    monkeypatch.setattr(make, "executed", partial(executions.executed, folder=tmp_path / "kept"))

    def run(*arguments):
        return make.main([*map(str, arguments)]), *capsys.readouterr()

    return run


def test_a_lesson_that_is_not_there_is_named(command):
    code, _, error = command("77")
    assert code == 1
    assert error.startswith("there is no notebook '77'; there are: ")
    assert "00_start_here" in error and error.count("\n") == 1


def test_a_problem_set_has_no_slides(command):
    assert command("problems") == (1, "", "a problem set has no slides: name a lesson\n")


def test_a_lesson_that_fails_is_named_and_the_others_are_made(command, small, tmp_path):
    broken = tmp_path / "98_broken.ipynb"
    notebook = nbformat.read(small, as_version=4)
    notebook.cells[1].source = "1 / 0"
    nbformat.write(notebook, broken)
    code, output, error = command(broken, small)
    assert code == 1
    assert "98_broken  failed\n99_small " in output
    assert "98_broken.html: cell 2 failed\n    its first line: 1 / 0\n" in error
    assert error.endswith("ZeroDivisionError: division by zero\n")
    assert [path.name for path in (tmp_path / "decks").iterdir()] == ["99_small.html"]


@pytest.mark.parametrize(
    "text, problem",
    {
        '{"cells": [': "not a notebook of format 4: Notebook does not appear to be JSON",
        '{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}': "not a notebook",
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}': "it has no slides",
        "": "not a notebook of format 4",
    }.items(),
)
def test_a_file_that_is_no_lesson_is_said_in_a_line(command, tmp_path, text, problem):
    path = tmp_path / "97_odd.ipynb"
    path.write_text(text, encoding="utf-8")
    code, output, error = command(path)
    assert code == 1
    assert error.splitlines()[1].startswith(f"97_odd.html: {problem}")
    assert output.endswith("97_odd  failed\n")


def test_a_folder_that_cannot_be_written_is_said_in_a_line(command, small, tmp_path):
    (tmp_path / "decks").write_text("a file where the folder should be", encoding="utf-8")
    code, _, error = command(small)
    assert code == 1
    assert error.splitlines()[-1].startswith(f"decks cannot be kept in {tmp_path / 'decks'}: ")


def test_ctrl_c_ends_it_in_a_word(command, small, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(make, "executed", stop)
    code, output, _ = command(small)
    assert code == 1
    assert output.endswith("stopped\n")
