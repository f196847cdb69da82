"""Every lesson in JupyterLab: as it comes, neither trusted nor run, and then run from the top."""

from html import unescape
from pathlib import Path

import nbformat
import pytest
from lesson_rules.lesson import pictures
from pages import notebooks, run_all

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SIZE = {"width": 1100, "height": 30_000}  # JupyterLab makes only those cells that are in view
# What is said of each image that is to be seen: its alt text, or the folded words below it.
SAID = """images => images.filter(image => image.naturalWidth > 0 && image.offsetHeight > 0).map(
    image => image.alt ||
        image.closest(".jp-OutputArea-child").nextElementSibling
            .querySelector("details").textContent.replace(/^In words/, ""))"""
FAILURES = ".jp-OutputArea-output:is([data-mime-type*=stderr], [data-mime-type*=error])"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_shows_its_pictures_before_it_is_run_and_runs(lab, chromium, path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    with notebooks(lab, chromium, viewport=SIZE) as open_notebook:
        page = open_notebook(notebook, run=False)
        stored = [unescape(alt) for cell in code for alt in pictures(cell)]
        images = page.locator(".jp-OutputArea img")
        images.nth(len(stored) - 1).wait_for()
        assert images.evaluate_all(SAID) == stored
        run_all(page, len(code))
        page.locator(".course-figure").wait_for()
        assert page.locator(FAILURES).all_inner_texts() == []
        assert page.locator("mjx-merror, .MathJax_Error").count() == 0
