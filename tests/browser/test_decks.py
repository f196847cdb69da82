"""Every slide of every lesson on a screen: all of it is there, and can be read in the last row."""

from html import unescape
from pathlib import Path

import nbformat
import pytest
from lesson_rules.lesson import pictures, slide_type
from scripts import script
from staging import LARGE, MEASURE, SMALL, Screen, formulas

from course_lib.stage.deck import deck
from course_lib.stage.executions import executed
from course_lib.stage.packages import REVEAL

ROOT = Path(__file__).resolve().parents[2]
SEEN = """() => {
    const slide = deck.getCurrentSlide(), visible = { visibilityProperty: true };
    const shown = [...slide.querySelectorAll("img, .course-figure, mjx-container")].filter(
        one => !one.closest("aside") && one.checkVisibility(visible));
    return [deck.getSlidePastCount(), slide.innerText, shown.length];
}"""
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SCREENS = [(SMALL, "light"), (SMALL, "dark"), (LARGE, "light"), (LARGE, "dark")]


@pytest.fixture(scope="module")
def file_of(tmp_path_factory):
    """A function from a lesson's path to the file of its deck."""
    folder, made = tmp_path_factory.mktemp("decks"), {}
    script(REVEAL, "dist/reveal.js")  # or the tests are left out

    def file(path):
        if path not in made:
            made[path] = folder / f"{path.stem}.html"
            page = deck(executed(path), {lesson.stem for lesson in LESSONS})
            made[path].write_text(page, encoding="utf-8")
        return made[path]

    return file


@pytest.fixture
def screen(file_of, chromium):
    """A function that opens a lesson's deck; it asked for nothing and complained of nothing."""
    opened = []

    def open_deck(path, size=SMALL, query=""):
        opened.append(Screen(chromium, file_of(path), size, query))
        return opened[-1]

    yield open_deck
    for one in opened:
        one.close()
        assert one.problems == []


def on_slides(path):
    """The cells of the stored lesson that a deck shows."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if slide_type(cell) not in ("notes", "skip")]


def pytest_generate_tests(metafunc):
    if "size" in metafunc.fixturenames:
        screens = SCREENS if metafunc.config.getoption("--full") else SCREENS[:-1]
        names = [f"{width}x{height}-{theme}" for (width, height), theme in screens]
        metafunc.parametrize("size, theme", screens, ids=names)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_every_slide_fits_and_can_be_read(screen, path, size, theme, record_property):
    shown = screen(path, size)
    if theme == "dark":
        shown.page.keyboard.press("t")
    measured = shown.measure()
    found = [f"slide {k}: {line}" for k, one in enumerate(measured, 1) for line in one["found"]]
    record_property("deck", [path.stem, f"{size[0]} x {size[1]}", theme, len(measured), len(found)])
    assert found == []

    cells = on_slides(path)
    code = [cell for cell in cells if cell.cell_type == "code"]
    alts = [
        unescape(alt) for cell in code for alt in pictures(cell) if "explore." not in cell.source
    ]
    assert [alt for one in measured for alt in one["images"]] == alts
    assert sum(one["figures"] for one in measured) == sum("explore." in c.source for c in code)
    assert sum(one["formulas"] for one in measured) == formulas(cells)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_keys_lead_from_the_first_slide_to_the_last_and_back(screen, path):
    shown = screen(path)
    last = shown.slides() - 1
    visited, seen = [0], shown.page.evaluate(SEEN)
    while shown.where() != [last, True]:
        shown.page.keyboard.press("ArrowRight")
        visited.append(shown.where()[0])
        before, seen = seen, shown.page.evaluate(SEEN)
        assert seen != before, f"a key changes nothing on slide {visited[-1] + 1}"
    assert sorted(set(visited)) == list(range(last + 1))
    assert visited == sorted(visited)
    steps = len(visited) - 1
    for _ in range(steps):
        shown.page.keyboard.press("ArrowLeft")
    assert shown.page.evaluate("deck.isFirstSlide()")
    shown.page.keyboard.press("End")
    assert shown.where()[0] == last
    shown.page.keyboard.press("Home")
    assert shown.where()[0] == 0


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_figures_move_and_a_clicker_turns_the_page_all_the_same(screen, path):
    shown = screen(path, LARGE)  # where reveal.js has scaled the page
    for number in range(shown.slides()):
        shown.show(number)
        figure = shown.page.locator("section.present > section.present .course-figure")
        if figure.count():
            break
    picture = figure.locator("svg").first
    before = picture.inner_html()
    figure.locator("[type=range], [type=radio], select").first.focus()
    for key in ("ArrowRight", "ArrowLeft", "ArrowDown"):  # a slider may stand at its end
        shown.page.keyboard.press(key)
        if picture.inner_html() != before:
            break
    assert picture.inner_html() != before
    assert shown.where()[0] == number
    shown.page.keyboard.press("PageDown")
    assert shown.where()[0] == number + 1
    shown.page.keyboard.press("PageUp")
    assert shown.where()[0] == number


def test_the_speaker_sees_notes_and_a_clock(screen):
    path = ROOT / "notebooks" / "08_backprop_with_forks.ipynb"
    shown = screen(path)
    with shown.page.expect_popup() as window:
        shown.page.keyboard.press("s")
    speaker = window.value
    speaker.locator(".speaker-controls-time .clock-value").get_by_text(":").first.wait_for()
    notes = speaker.locator(".speaker-controls-notes .value")
    said = "Usual wrong answer: a fork is where two wires"
    number = shown.page.evaluate(
        "said => deck.getSlides().findIndex(slide => "
        "slide.querySelector('aside')?.textContent.includes(said))",
        said,
    )
    shown.show(number)
    notes.get_by_text(said).wait_for()
    assert "At minute 5. Ask: at which dot does a wire split" in notes.inner_text()
    assert "$" not in notes.inner_text()
    assert notes.locator("mjx-container svg").count() > 0
    current = speaker.frame_locator("#current-slide iframe")
    assert current.locator("section > section.present h2").inner_text() == "Look for the dots"


FAULTS = {
    "<p style='font-size: 12px'>twelve</p>": "12.0 pixels high: twelve",
    "<p style='margin-left: 1500px'>far</p>": "cut off: far",
    "<pre>" + "line\n" * 60 + "</pre>": "cut off: line",
    "<div style='overflow: hidden; width: 50px'><p style='width: 9em'>a bit long</p></div>": "cut",
    "<p class=jupyter-widgets>$x$</p>": "raw TeX: $x$",
    r"<p>$\nosuch$</p>": "not typeset",
    "<p style='color: #bbb'>pale</p>": "contrast 1.9: pale",
    "<img alt=cat src='data:image/png;base64,AAAA' data-width=9 data-least=1>": "missing: cat",
    "<div class=jp-RenderedMarkdown><p>" + "word " * 90 + "</p></div>": "words of running text",
    "<div class=course-figure style='height: 9px; overflow: hidden'><svg/></div>": "a figure is",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_measuring_finds_what_is_planted(file_of, chromium, tmp_path, fault):
    page = file_of(LESSONS[0]).read_text(encoding="utf-8")
    planted = tmp_path / "planted.html"
    planted.write_text(page.replace("<h1", f"{fault}<h1", 1), encoding="utf-8")
    shown = Screen(chromium, planted)
    try:
        found = shown.page.evaluate(MEASURE)["found"]
    finally:
        shown.close()
    assert any(FAULTS[fault] in line for line in found), found


def test_what_is_folded_opens_with_the_next_step(file_of, chromium, tmp_path):
    page = file_of(LESSONS[0]).read_text(encoding="utf-8")
    folded = "<details><summary>Answer</summary><p>Forty-two.</p></details>"
    file = tmp_path / "folded.html"
    file.write_text(page.replace("</h1>", f"</h1>{folded}", 1), encoding="utf-8")
    shown = Screen(chromium, file)
    answer = shown.page.locator(".slides").get_by_text("Forty-two.")
    assert not answer.is_visible()
    shown.page.keyboard.press("ArrowRight")
    assert answer.is_visible() and shown.where() == [0, True]
    shown.page.keyboard.press("ArrowLeft")
    assert not answer.is_visible()
    shown.close()


def test_the_theme_is_kept_for_the_next_deck(screen, file_of):
    shown = screen(LESSONS[0])
    ground = "getComputedStyle(document.body).backgroundColor"
    light = shown.page.evaluate(ground)
    shown.page.keyboard.press("t")
    dark = shown.page.evaluate(ground)
    assert dark != light
    following = shown.context.new_page()
    following.goto(file_of(LESSONS[1]).as_uri())
    following.wait_for_selector("html[data-deck=ready]")
    assert following.evaluate(ground) == dark


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_what_to_do_with_a_figure_stands_above_it(screen, path):
    """Or, where both do not fit, on the slide before it, with the code."""
    shown = screen(path).page
    slides = shown.evaluate(
        """() => deck.getSlides().map(slide => [
            slide.querySelector(".jp-MarkdownCell p")?.textContent ?? "",
            slide.querySelector(".course-figure") !== null, slide.matches(".with-task")])"""
    )
    (number,) = [k for k, (_, figure, _) in enumerate(slides) if figure]
    task, _, above = slides[number]
    if path.stem.startswith("05"):
        task, _, above = slides[number - 1][0], True, not slides[number][2]
    assert above and task.startswith("Touch it.")
