"""How quickly figures follow the keyboard, in a real JupyterLab in Chromium.

    python tests/benchmarks/figures.py [NAME ...]

For every figure the first slider, choice or entry is moved by keys that the browser receives as
from a keyboard. "changed" is the median time from the key's arrival in the page to the changed
picture, over 40 keys with pauses; "frame" to the end of the frame that shows it. "burst": of 30
keys in a row, 33 ms apart, how many led to a frame of their own. Goals: at most 16 ms for figures
drawn in JavaScript, 60 ms where Python computes, and 28 of 30.
"""

import contextlib
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from figure_examples import ASKS_PYTHON, NAMES, SETUP, SOURCES, make
from moving import Shown, keys_of
from pages import notebooks, running_lab

from course_lib.authoring.browser import chromium

GOAL, GOAL_OF_PYTHON, FRAMES = 16.0, 60.0, 28
KEYS, BURST, PAUSE = 40, 30, 33

# Notes when keys arrive and when the picture has changed, in the page's own time.
WATCH = """figure => {
    const note = window.note = { keys: [], changes: [], frames: [] };
    addEventListener("keydown", (event) => note.keys.push(event.timeStamp), true);
    new MutationObserver(() => {
        note.changes.push(performance.now());
        requestAnimationFrame((start) => {
            if (note.start !== start) note.frames.push(performance.now());
            note.start = start;
        });
    }).observe(figure.querySelector("svg"), {
        childList: true, subtree: true, attributes: true, characterData: true,
    });
}"""
READ = """() => {
    const { keys, changes, frames } = window.note;
    // The last of what follows a key: where Python answers, the picture changes twice.
    const waits = (times) => keys.flatMap((key, i) => {
        const found = times.findLast((time) => time >= key && time < (keys[i + 1] ?? Infinity));
        return found === undefined ? [] : [found - key];
    });
    return {
        changed: waits(changes),
        frame: waits(frames),
        shown: frames.length,
    };
}"""


def measure(page, name):
    """Median milliseconds to the changed picture and to its frame, and frames of a burst."""
    figure = make(name)
    title = page.locator(f'.title:text-is("{figure.title}")')
    shown = Shown(page, page.locator(".course-figure").filter(has=title), figure)
    shown.element.scroll_into_view_if_needed()
    keys = keys_of(shown)
    shown.element.evaluate(WATCH)
    for _ in range(KEYS):
        page.keyboard.press(next(keys))
        page.wait_for_timeout(70 if name not in ASKS_PYTHON else 250)
    slow = page.evaluate(READ)
    page.evaluate("Object.assign(window.note, { keys: [], changes: [], frames: [] })")
    for _ in range(BURST):
        page.keyboard.press(next(keys))
        page.wait_for_timeout(PAUSE)
    page.wait_for_timeout(300)
    median = {k: statistics.median(slow[k]) for k in ("changed", "frame")}
    return median["changed"], median["frame"], page.evaluate(READ)["shown"]


def main(names):
    missed = 0
    print(f"{'figure':22} {'changed':>8} {'frame':>8} {'burst':>9}   milliseconds, frames")
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        lab = stack.enter_context(running_lab(Path(folder)))
        browser = stack.enter_context(chromium())
        size = {"width": 1300, "height": 1000}
        for name in names or NAMES:
            with notebooks(lab, browser, viewport=size) as open_cells:
                page = open_cells(SETUP, SOURCES[name])
                page.locator(".course-figure").wait_for()
                page.wait_for_timeout(500)
                changed, frame, shown = measure(page, name)
            goal = GOAL_OF_PYTHON if name in ASKS_PYTHON else GOAL
            met = changed <= goal and (name in ASKS_PYTHON or shown >= FRAMES)
            missed += not met
            burst = f"{min(shown, BURST)} of {BURST}"
            print(f"{name:22} {changed:8.1f} {frame:8.1f} {burst:>9}{'' if met else '   missed'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
