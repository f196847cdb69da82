"""Chromium, driven by playwright: what draws the stills, and what tests look at pages with."""

import contextlib
import shutil

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]


class NoBrowser(RuntimeError):
    """What is missing, in one line."""


@contextlib.contextmanager
def chromium():
    """The browser that this machine has installed. Raises NoBrowser if it or playwright lacks."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise NoBrowser("playwright is not installed: pip install playwright") from error
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise NoBrowser("there is no program called chromium: install it with your system's tools")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()
