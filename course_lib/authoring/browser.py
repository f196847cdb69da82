"""The browser of this machine: found, and driven by playwright to draw stills and look at pages."""

import contextlib
import os
import shutil
from pathlib import Path

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

# Chromium, and the browsers that are made of it.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
APPLICATIONS = ("Google Chrome", "Chromium", "Microsoft Edge")  # on a Mac
PROGRAMS = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
PROGRAM_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")  # on Windows


class NoBrowser(RuntimeError):
    """What is missing, in one line."""


def installed() -> str:
    """The path of a browser that understands FLAGS. Raises NoBrowser if there is none."""
    on_path = filter(None, map(shutil.which, NAMES))
    of_mac = (f"/Applications/{name}.app/Contents/MacOS/{name}" for name in APPLICATIONS)
    roots = [os.environ[name] for name in PROGRAM_FOLDERS if name in os.environ]
    of_windows = (str(Path(root, program)) for root in roots for program in PROGRAMS)
    for path in (*on_path, *of_mac, *of_windows):
        if Path(path).is_file():
            return path
    raise NoBrowser("there is no Chromium, Chrome or Edge here: install one of them")


@contextlib.contextmanager
def chromium():
    """That browser, running. Raises NoBrowser if it or playwright lacks."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise NoBrowser("playwright is not installed: pip install playwright") from error
    program = installed()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()
