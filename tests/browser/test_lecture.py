"""Every lesson as a live deck: walked through, run, changed and left on a 1280x720 screen.

The JupyterLab has the settings that `python start.py lecture` gives it.
"""

import shutil
from pathlib import Path

import nbformat
import pytest
from lesson_rules.lesson import slide_type
from pages import running_lab, watched

import start

pytest.importorskip("jupyterlab_slideshow")

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SCREEN = {"width": 1280, "height": 720}
SMALLEST = {"text": 18, "code": 16}  # pixels that the last row can read
ACTIVE = ".jp-Deck .jp-Cell.jp-mod-active"
FAILURES = ".jp-OutputArea-output:is([data-mime-type*=stderr], [data-mime-type*=error])"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """(address, course folder, folder of what is remembered) of a JupyterLab for lectures."""
    folder = tmp_path_factory.mktemp("lecture")
    own = folder / "own"
    with running_lab(folder, **start.lecture_settings(own)) as (address, course):
        yield address, course, own


class Deck:
    """A page that shows a lesson as a deck."""

    def __init__(self, page, cells):
        self.page, self.cells = page, cells
        # Where Space stops, one after the other.
        kinds = ("slide", "subslide", "fragment")
        self.stops = [k for k, cell in enumerate(cells) if slide_type(cell) in kinds]

    def slide(self):
        return self.page.evaluate("slide()")

    def wait_until(self, condition, seconds=10):
        self.page.wait_for_function(condition, timeout=1000 * seconds, polling=20)

    def run_all(self):
        """Run every cell by the key for it; then the first slide is shown."""
        self.page.keyboard.press("Control+Shift+Enter")
        count = sum(cell.cell_type == "code" for cell in self.cells)
        prompts = "[...document.querySelectorAll('.jp-InputPrompt')].map(p => p.textContent)"
        self.wait_until(f"{prompts}.includes('[{count}]:')", seconds=60)
        self.wait_until(f"active() === {self.stops[0]}")

    def go_to(self, stop, key="Space"):
        """Go to the cell number `stop`, which is shown with what belongs to the same slide."""
        self.page.keyboard.press(key)
        begin = max(k for k in self.stops[: self.stops.index(stop) + 1] if self.begins(k))
        together = [k for k in self.stops if begin <= k <= stop]
        slide = self.page.evaluate(f"slideAt({stop})")
        assert (slide["active"], slide["visible"]) == (stop, together)
        return slide

    def begins(self, number):
        return slide_type(self.cells[number]) != "fragment"

    def go_back_and_on(self):
        """Two stops back and on again, with a keyboard's keys and those of a speaker's clicker."""
        here = self.stops.index(self.slide()["active"])
        for key, step in (("ArrowLeft", 1), ("PageUp", 2), ("PageDown", 1), ("ArrowRight", 0)):
            self.go_to(self.stops[here - step], key)

    def run_another_code(self):
        """Change the code of the active cell, spaces and all, run it, and see what it prints."""
        before = self.slide()["visible"]
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type("print(6 * 7)")
        self.page.keyboard.press("Shift+Enter")
        self.page.locator(f'{ACTIVE} .jp-OutputArea-output pre:text-is("42")').wait_for()
        assert self.slide()["visible"] == before

    def move_figure(self):
        """Move the active cell's figure by keys, which do not move the deck."""
        before = self.slide()["visible"]
        figure = self.page.locator(f"{ACTIVE} .course-figure")
        picture = figure.locator("svg").first.inner_html()
        figure.locator("input[type=range], input:checked, input[type=checkbox]").first.focus()
        for key in ("ArrowRight", "ArrowLeft", "Space"):
            self.page.keyboard.press(key)
            if figure.locator("svg").first.inner_html() != picture:
                break
        else:
            pytest.fail("no key moves the figure")
        assert self.slide()["visible"] == before
        figure.locator(".title").click()  # from here on, keys move the deck again

    def leave(self):
        """Escape leads back to the notebook: all of its cells are there, one below the other."""
        self.page.keyboard.press("Escape")
        self.page.locator(".jp-Deck, .jp-Deck-Remote").first.wait_for(state="detached")
        self.page.get_by_role("menubar").wait_for()
        shown = self.page.locator(".jp-Notebook .jp-Cell").evaluate_all(
            """cells => cells.filter(isThere).sort((a, b) => a.getBoundingClientRect().top -
                b.getBoundingClientRect().top).map(cell => cell.dataset.jpfCellId)"""
        )
        assert shown == [cell.id for cell in self.cells]


@pytest.fixture
def open_deck(stage, chromium):
    """A function that opens a notebook as a deck."""
    address, course, own = stage
    with watched(address, chromium, viewport=SCREEN) as new_page:

        def open_as_deck(path):
            start.lecture_settings(own)  # forgets, as each start does, that the last deck was left
            shutil.copy(path, course)
            page = new_page()
            page.set_default_timeout(20_000)
            page.add_init_script(path=Path(__file__).with_name("live_deck.js"))
            page.goto(f"{address}/lab/tree/{path.name}")
            page.locator(f"{ACTIVE}.jp-deck-mod-visible:focus").wait_for(timeout=60_000)
            return Deck(page, nbformat.read(path, as_version=4).cells)

        yield open_as_deck


def last_code(deck):
    """The last stop at a code cell that shows no figure to touch."""
    code = [k for k in deck.stops if deck.cells[k].cell_type == "code"]
    return [k for k in code if "explore." not in deck.cells[k].source][-1]


def within_a_section(deck):
    """The place of the last stop that has two before it in its section.

    Back from a section's begin, the extension goes to where the one before was left; or to its
    begin, when the notebook has changed meanwhile, if only by an output that came late.
    """
    begins = [slide_type(deck.cells[stop]) == "slide" for stop in deck.stops]
    return max(k for k in range(2, len(begins)) if not begins[k] and not begins[k - 1])


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_lectured(open_deck, stage, path):
    deck = open_deck(path)
    deck.run_all()
    assert deck.page.locator(FAILURES).all_inner_texts() == []
    lost, figures = {}, 0
    for stop in deck.stops:
        slide = deck.slide() if stop == deck.stops[0] else deck.go_to(stop)
        assert slide["parts"] and slide["text"] >= SMALLEST["text"], stop
        assert slide["code"] >= SMALLEST["code"], stop
        lost |= {stop: slide["lost"]} if slide["lost"] else {}
        if slide["figure"]:
            figures += 1
            deck.move_figure()
        if stop == deck.stops[within_a_section(deck)]:
            deck.go_back_and_on()
        if stop == last_code(deck):
            deck.run_another_code()
    assert lost == {}, "out of reach on a screen of 1280x720"
    assert figures
    deck.page.locator(".jp-deck-mod-direction-forward.jp-mod-disabled").wait_for()  # the end
    deck.leave()
    assert (stage[1] / path.name).read_bytes() == path.read_bytes()


@pytest.mark.usefixtures("stage")
def test_the_ordinary_jupyterlab_opens_notebooks_beside_that_of_a_lecture(opened):
    page = opened("print(6 * 7)")
    assert page.locator("body:not([data-jp-deck-mode]) .jp-Notebook").count() == 1
    assert page.locator(".jp-Deck").count() == 0
