"""Every figure in JupyterLab: moved by keyboard and by mouse it shows the library's numbers."""

from pathlib import Path

import pytest
from figure_examples import NAMES, SETUP, SOURCES, make
from moving import Shown
from pages import notebook_of, notebooks

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "figures"


@pytest.fixture(scope="module")
def page(lab, chromium):
    """A notebook with all figures, each in a cell of its own, in a window that shows them all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    size = {"width": 1300, "height": 1000 * len(NAMES)}
    with notebooks(lab, chromium, viewport=size) as open_notebook:
        yield open_notebook(notebook_of(SETUP, *(SOURCES[name] for name in NAMES)))


@pytest.fixture(params=NAMES)
def shown(page, request):
    title = make(request.param).title
    element = page.locator(".course-figure").filter(has=page.locator(f'.title:text-is("{title}")'))
    element.wait_for(timeout=60_000)
    return Shown(page, element, make(request.param))


def test_figures_move_by_keyboard_and_mouse_and_tell_the_truth(shown):
    figure = shown.figure
    shown.element.screenshot(path=PICTURES / f"{figure.name}.png")
    shown.open_table()
    shown.is_right()
    for way in (shown.press, shown.click):
        for control in figure.controls:
            before = shown.settings(), shown.picture()
            way(control)
            assert (shown.settings(), shown.picture()) != before, f"{way.__name__} {control.label}"
            shown.is_right()
    assert shown.words()


def test_the_still_gives_way_to_the_figure(page):
    assert page.locator(".course-still").count() == len(NAMES)
    assert page.locator(".course-still:visible").count() == 0
