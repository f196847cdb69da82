"""A browser and a JupyterLab for the tests that need them; without a browser they are left out."""

import pytest

from course_lib.authoring.browser import NoBrowser
from course_lib.authoring.browser import chromium as installed_chromium

pytest.register_assert_rewrite("pages", "staging", "moving")  # they say what they found

from pages import notebook_of, notebooks, running_lab  # noqa: E402


@pytest.fixture(scope="session")
def chromium():
    try:
        with installed_chromium() as browser:
            yield browser
    except NoBrowser as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """(address, folder) of a running JupyterLab."""
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def opened(lab, chromium):
    """A function that opens cells as a notebook, runs all of them, and returns the page."""
    with notebooks(lab, chromium, viewport={"width": 1200, "height": 1400}) as open_notebook:
        yield lambda *sources: open_notebook(notebook_of(*sources))
