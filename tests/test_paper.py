"""Handouts of small lessons, and printing without a browser, or with one that fails."""

import os
from pathlib import Path

import nbformat
import pytest
from programs import program

from course_lib.authoring import browser
from course_lib.stage import handout, make, packages, paper

MARKDOWN, CODE = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
ANSWER = "<details><summary>Answer</summary>{}</details>"
PICTURE = {"image/png": "iVBORw0KGgo="}


@pytest.fixture
def page_of(monkeypatch):
    """A function from cells to their handout, without the script that sets formulas."""
    monkeypatch.setattr(packages.Package, "read", lambda package, path: "")

    def page(*cells):
        return handout.handout(nbformat.v4.new_notebook(cells=[MARKDOWN("# A"), *cells]))

    return page


def display(data, **metadata):
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata)


def test_answers_are_numbered_and_moved_to_the_end(page_of):
    page = page_of(
        MARKDOWN("**Check yourself.** Why?\n\n" + ANSWER.format("Because $a < b$.")),
        MARKDOWN("- And how? " + ANSWER.format("Like *this*.")),
        MARKDOWN("the end of the lesson"),
    )
    before, end = page.split("the end of the lesson")
    assert "Answer 1, at the end" in before and "Answer 2, at the end" in before
    assert "Because" not in before and "Like" not in before
    assert '<li id="answer-1">Because $a &lt; b$.</li>' in end
    assert '<li id="answer-2">Like <em>this</em>.</li>' in end
    assert "<details" not in page


def test_a_lesson_without_questions_has_no_answers(page_of):
    assert '"answers"' not in page_of(MARKDOWN("just words"))


def test_the_lecturers_notes_are_left_out_and_other_notes_stay(page_of):
    lecturer = "<details><summary>For the lecturer, minute 3</summary>\n\nAsk: who?\n\n</details>"
    page = page_of(MARKDOWN(lecturer), MARKDOWN("for everybody"))
    assert "who?" not in page and "lecturer" not in page and "for everybody" in page


def test_what_is_said_of_a_picture_becomes_its_caption(page_of):
    words = "<details><summary>In words</summary>A cat &amp; a dog.</details>"
    picture = display(PICTURE, **{"image/png": {"alt": "A cat & a dog.", "width": 518}})
    page = page_of(CODE("show()", outputs=[picture, display({"text/html": words})]))
    assert page.count("A cat &amp; a dog.") == 1
    assert "<figcaption>A cat &amp; a dog.</figcaption>" in page
    alone = page_of(CODE("show()", outputs=[picture]))
    assert "figcaption>" not in alone and 'alt="A cat &amp; a dog."' in alone


def test_addresses_of_what_leads_outside_are_spelled_out_once(page_of):
    page = page_of(
        MARKDOWN("[this page](https://example.org/a?b=1&c=2), <https://example.org/x>"),
        MARKDOWN("[lesson 05](05_backprop.ipynb), [set](../exercises/05/problems.ipynb)"),
    )
    assert '<span class="address">(https://example.org/a?b=1&amp;c=2)</span>' in page
    assert page.count("https://example.org/x") == 2  # where it leads, and what is read
    assert "lesson 05, set" in page


def fake_browser(monkeypatch, tmp_path, code):
    """Let `installed()` find a program that runs this Python code."""
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin" / "browser", f"import sys, time, pathlib\n{code}\n")
    monkeypatch.setattr(paper, "installed", lambda: str(tmp_path / "bin" / "browser"))


@pytest.mark.skipif(os.name == "nt", reason="the programs are scripts with #!")
@pytest.mark.parametrize(
    "code, complaint",
    {
        "sys.exit('no display')": "browser did not print a.pdf: no display",
        "pass": "browser did not print a.pdf: it gave no reason",
        "time.sleep(60)": "a.pdf was not printed in 0.5 seconds",
    }.items(),
)
def test_a_browser_that_fails_leaves_the_old_file(monkeypatch, tmp_path, code, complaint):
    fake_browser(monkeypatch, tmp_path, code)
    target = tmp_path / "a.pdf"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(paper.NotPrinted) as raised:
        paper.print_pdf(tmp_path / "a.html", target, seconds=0.5)
    assert str(raised.value) == complaint
    assert target.read_text(encoding="utf-8") == "old"
    assert len([*tmp_path.iterdir()]) == 2


@pytest.mark.skipif(os.name == "nt", reason="the program is a script with #!")
def test_only_root_prints_without_a_sandbox(monkeypatch, tmp_path):
    code = """
given = {part.partition("=")[0]: part.partition("=")[2] for part in sys.argv[1:]}
pathlib.Path(given["--print-to-pdf"]).write_text("\\n".join(sys.argv[1:]))"""
    fake_browser(monkeypatch, tmp_path, code)
    for user, without in ((0, True), (1000, False)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        paper.print_pdf(tmp_path / "a b.html", tmp_path / "a.pdf")
        given = (tmp_path / "a.pdf").read_text(encoding="utf-8").split("\n")
        assert ("--no-sandbox" in given) == without
        assert given[-1] == (tmp_path / "a b.html").as_uri() + "?print-pdf"


def test_a_browser_is_found_on_the_path_or_where_windows_keeps_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(browser, "APPLICATIONS", ())
    for name in browser.PROGRAM_FOLDERS:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(browser.NoBrowser, match="install one of them"):
        browser.installed()
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    program = tmp_path / browser.PROGRAMS[1]
    program.parent.mkdir(parents=True, exist_ok=True)
    program.touch()
    assert Path(browser.installed()) == program


def test_without_a_browser_the_decks_are_made_and_one_line_says_why(monkeypatch, tmp_path, capsys):
    def no_browser():
        raise browser.NoBrowser("there is none")

    monkeypatch.setattr(make, "installed", no_browser)
    monkeypatch.setattr(make, "ROOT", tmp_path)
    monkeypatch.setattr(make, "FOLDER", tmp_path / "decks")
    monkeypatch.setattr(make, "write_deck", lambda lesson, target, plain: target.touch())
    monkeypatch.setattr(packages, "fetch", lambda: None)
    assert make.main(["--paper", "8"]) == 1
    assert [path.suffix for path in (tmp_path / "decks").iterdir()] == [".html"]
    assert capsys.readouterr().err == "nothing on paper: there is none\n"
    assert make.main(["8"]) == 0
