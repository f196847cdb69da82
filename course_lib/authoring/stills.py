"""The stills of the figures: `python -m course_lib.authoring.stills [NAME ...] [--check]`.

A figure's still is drawn by its own JavaScript, at its first settings and in the light theme, and
stored as explore/stills/NAME.svg. It needs playwright and Chromium.
"""

from __future__ import annotations

import argparse
import re
import sys
from inspect import signature
from pathlib import Path

from .. import explore
from ..explore.figure import FOLDER, Figure, plain
from ..files import replaced
from .browser import chromium

# A page with one figure and the state of its model, but no kernel: the figure has to do without.
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A figure</title>
<style>body { margin: 8px; width: 880px; background: Canvas; }</style></head>
<body><main></main></body></html>"""
SHOW = """async ([source, style, state]) => {
  const sheet = document.head.appendChild(document.createElement("style"));
  sheet.textContent = style;
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const model = {
    get: (name) => state[name], set: (name, value) => { state[name] = value; },
    on() {}, off() {}, send() {}, save_changes() {},
  };
  const el = document.querySelector("main").appendChild(document.createElement("div"));
  window.figures = [...(window.figures ?? []), module];
  window.cleanups = [...(window.cleanups ?? []), module.default.render({ model, el })];
}"""
SERIALIZE = """(rules) => {
  const picture = document.querySelector(".course-figure svg").cloneNode(true);
  const [, , width, height] = picture.getAttribute("viewBox").split(" ");
  for (const name of [...picture.getAttributeNames()]) {
    if (name.startsWith("aria") || name === "role") picture.removeAttribute(name);
  }
  picture.setAttribute("class", "course-figure");
  picture.setAttribute("width", width);
  picture.setAttribute("height", height);
  for (const element of picture.querySelectorAll("*")) {
    for (const name of ["data-drag", "data-set"]) element.removeAttribute(name);
  }
  const make = (tag) => document.createElementNS(picture.namespaceURI, tag);
  const ground = make("rect"), style = make("style");
  ground.setAttribute("width", width);
  ground.setAttribute("height", height);
  ground.setAttribute("rx", "6");
  ground.setAttribute("fill", "#ffffff");
  style.textContent = rules;
  picture.prepend(style, ground);
  return new XMLSerializer().serializeToString(picture);
}"""


def show(page, figure: Figure) -> None:
    """Put a figure on a page, below those that are there already."""
    state = {key: plain(getattr(figure, key)) for key in ("spec", "data", "settings")}
    page.evaluate(SHOW, [figure._esm, figure._css, state])


def still(page, figure: Figure) -> str:
    """The SVG of a figure at its first settings."""
    page.set_content(PAGE)
    show(page, figure)
    found = page.evaluate(SERIALIZE, _rules(figure._css))
    lines = re.sub(r"(?=<(?:g|rect|path|circle|text|style|/g|/svg)\b)", "\n", found).strip()
    return "\n".join(line for line in lines.splitlines() if line.strip()) + "\n"


def _rules(style: str) -> str:
    """The light colors, and what stands in the style sheet for the inside of the picture."""
    colors = re.search(r"--paper.*?(?=\n  box-sizing)", style, re.DOTALL)[0]
    inside = style.partition("/* Inside the picture.")[2].partition("*/")[2]
    rules = f".course-figure {{ {colors} }}{inside}"
    return re.sub(r"\s+", " ", rules).strip()


def drawn() -> list[str]:
    """The figures that are drawn here; those that need a learner's graph bring a picture of it."""
    functions = {name: getattr(explore, name) for name in explore.__all__}
    return [
        name
        for name, function in functions.items()
        if all(p.default is not p.empty for p in signature(function).parameters.values())
    ]


def main(arguments: list[str] | None = None) -> int:
    """Draw the stills and store those that differ; with --check only say which do."""
    parser = argparse.ArgumentParser(prog="stills", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="figures; by default all")
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if files differ")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(drawn()))
    if unknown:
        parser.error(f"found {', '.join(unknown)}; there are {', '.join(drawn())}")
    stale = 0
    with chromium() as browser:
        page = browser.new_page()
        for name in options.names or drawn():
            new = still(page, getattr(explore, name)())
            path = FOLDER / "stills" / f"{name}.svg"
            if path.exists() and path.read_text(encoding="utf-8") == new:
                continue
            stale += 1
            print(f"{name}.svg {'differs' if options.check else f'{len(new.encode()):,} bytes'}")
            if not options.check:
                _write(path, new)
    return 1 if options.check and stale else 0


def _write(path: Path, text: str) -> None:
    with replaced(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
