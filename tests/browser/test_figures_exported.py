"""Every figure in an exported page, without a kernel: alive, accessible, in both themes."""

import pytest
from exported import executed, serve, write_page
from figure_examples import NAMES, SETUP, SOURCES, make
from moving import Shown
from pages import watch
from scripts import AXE, script

SERIOUS = {"serious", "critical"}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the exported pages are, one in each theme."""
    folder = tmp_path_factory.mktemp("exported")
    notebook = executed(SETUP, *(SOURCES[name] for name in NAMES))
    for theme in ("light", "dark"):
        write_page(notebook, folder, theme)
    server = serve(folder)
    yield server.address
    server.shutdown()


@pytest.fixture(scope="module", params=["light", "dark"])
def page(address, chromium, request):
    problems = []
    page = chromium.new_page(viewport={"width": 1200, "height": 900})
    watch(page, address, problems)
    page.goto(f"{address}/{request.param}.html")
    page.wait_for_function(
        f"document.querySelectorAll('.course-figure').length === {len(NAMES)}", timeout=60_000
    )
    yield page
    page.close()
    assert problems == []


@pytest.fixture(params=NAMES)
def shown(page, request):
    figure = make(request.param)
    return Shown(page, page.locator(".course-figure").nth(NAMES.index(request.param)), figure)


def test_figures_move_without_a_kernel(shown):
    shown.open_table()
    shown.is_right()
    for control in shown.figure.controls:
        shown.press(control)
        shown.is_right()


def test_figures_are_accessible(shown):
    """axe-core's rules; those of whole pages do not concern a figure."""
    shown.page.evaluate(script(AXE, "axe.min.js"))
    found = shown.element.evaluate("figure => axe.run(figure, { resultTypes: ['violations'] })")
    serious = [
        (problem["id"], problem["impact"], [node["html"] for node in problem["nodes"]])
        for problem in found["violations"]
        if problem["impact"] in SERIOUS
    ]
    assert serious == []
    assert len(found["passes"]) > 5


def test_without_javascript_the_stills_are_there(address, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/light.html")
    stills = page.locator(".course-still img:visible")
    assert stills.count() == len(NAMES)
    for image, name in zip(stills.all(), NAMES, strict=True):
        assert image.get_attribute("alt") == " ".join(make(name).alt.split())
        assert image.bounding_box()["width"] > 300
    context.close()
