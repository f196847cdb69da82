"""Links between lessons, and from them to the page of errata, as a learner follows them."""

import shutil
from pathlib import Path

from pages import wait_for_kernel, watched

ROOT = Path(__file__).resolve().parents[2]
CARD, ERRATA = "The notation card", "Errata of the sources"
LESSON_16 = ".lm-DockPanel-tabBar .lm-TabBar-tab:has-text('16_capstone')"


def test_a_lesson_leads_to_the_notation_card_and_to_the_errata(lab, chromium):
    address, folder = lab
    lessons = folder / "links" / "notebooks"
    lessons.mkdir(parents=True)
    for name in ("00_start_here.ipynb", "16_capstone.ipynb"):
        shutil.copy(ROOT / "notebooks" / name, lessons)
    shutil.copy(ROOT / "ERRATA.md", folder / "links")
    with watched(address, chromium, viewport={"width": 1200, "height": 1000}) as new_page:
        page = new_page()
        page.goto(f"{address}/lab/tree/links/notebooks/16_capstone.ipynb?reset")
        wait_for_kernel(page, folder)
        card = page.locator(".jp-Notebook:visible h2", has_text=CARD)
        follow(page, "The whole notation card")
        card.wait_for(timeout=60_000)
        page.click(LESSON_16)
        # JupyterLab 4.6 scrolls to a heading only in a notebook that is already open.
        follow(page, "The whole notation card")
        page.wait_for_function(
            """card => { const {top} = card.getBoundingClientRect();
                         return top > 0 && top < innerHeight; }""",
            arg=card.element_handle(),
        )
        page.click(LESSON_16)
        follow(page, "ERRATA.md")
        page.locator(".jp-MarkdownViewer:visible h1", has_text=ERRATA).wait_for(timeout=60_000)
        assert page.locator(".jp-MarkdownViewer:visible tbody tr").count() == 50


def follow(page, text):
    """Scroll the notebook in front, which draws only what is in view, to a link; click it."""
    link = page.locator(".jp-Notebook:visible a", has_text=text).first
    page.locator(".jp-Notebook:visible .jp-Cell").first.click()
    for _ in range(60):
        if link.is_visible():
            break
        page.locator(".jp-WindowedPanel-outer:visible").first.evaluate("e => e.scrollBy(0, 700)")
        page.wait_for_timeout(100)
    link.click()
