"""A lesson as a deck: one HTML file that asks nothing of a network.

reveal.js turns the slides and has the speaker's view, MathJax sets the formulas, and the figures
move without a kernel. The scripts come from `packages`, the look and the fitting of each slide to
its screen from deck.css and deck.js. A plain deck has no script of others: plain.js turns the
slides, the formulas are MathML, and stills stand for the figures.
"""

import importlib.util
import re
from html import escape
from pathlib import Path

from nbconvert import HTMLExporter, SlidesExporter
from nbformat import NotebookNode
from traitlets.config import Config

from . import formulas
from .cells import WIDGET_STATE, on_stage
from .packages import MATHJAX, REQUIRE, REVEAL, WIDGETS

HERE = Path(__file__).parent


def deck(notebook: NotebookNode, lessons: set[str], *, plain: bool = False) -> str:
    """The page of the deck of an executed lesson; see `on_stage` for `lessons`.

    plain: made of nothing that has to be fetched.
    """
    slides = exported(on_stage(notebook, lessons, alive=not plain), plain=plain)
    if plain:
        scripts, styles = [own("plain.js")], [own("plain.css")]
    else:
        moving = WIDGET_STATE in notebook.metadata.get("widgets", {})
        scripts, styles = fetched(moving)
    scripts = [own("paper.js"), *scripts, own("deck.js")]
    styles = [*styles, own("look.css"), own("deck.css")]
    body = f'<div class="reveal"><div class="slides">{slides}</div></div>'
    return page(title_of(notebook), body, scripts, styles)


def own(name: str) -> str:
    """The text of a file that stands beside this one."""
    return (HERE / name).read_text(encoding="utf-8")


def fetched(moving: bool) -> tuple[list[str], list[str]]:
    """Scripts and styles that come from npm; `moving` with those that figures need."""
    scripts = [
        # reveal.js before require.js, which would take it for a module of its own.
        REVEAL.read("dist/reveal.js"),
        REVEAL.read("plugin/notes/notes.js"),
        own("mathjax.js"),
        MATHJAX.read("es5/tex-svg.js"),
        *(figures() if moving else ()),
    ]
    # Its arrows are not used, and their class is that of a figure's controls; nor is its printing.
    reveal = REVEAL.read("dist/reveal.css").replace(".controls", ".arrows")
    return scripts, [reveal.replace("@media print", "@media not all")]


def title_of(notebook: NotebookNode) -> str:
    """The lesson's heading."""
    heading = re.match(r"# (.*)", notebook.cells[0].source)
    return heading[1] if heading else "A lesson"


def exported(
    notebook: NotebookNode,
    exporter: type[HTMLExporter] = SlidesExporter,
    template: str = "index.html.j2",
    *,
    plain: bool = False,
) -> str:
    """The notebook as HTML; as slides: sections within sections, and the state of the widgets.

    plain: with the formulas set, otherwise as TeX for MathJax.
    """
    made = exporter(
        config=Config({"CoalesceStreamsPreprocessor": {"enabled": True}}),
        extra_template_basedirs=[str(HERE)],
        template_name="template",
        template_file=template,
        filters={"markdown2html": formulas.with_mathml} if plain else {},
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    html, _ = made.from_notebook_node(notebook)
    return html


def figures() -> list[str]:
    """What makes widgets live on a page without a kernel."""
    folder = importlib.util.find_spec("anywidget").submodule_search_locations[0]
    extension = Path(folder, "nbextension", "index.js")
    module = extension.read_text(encoding="utf-8")
    named = module.replace(
        'define(["@jupyter-widgets/base"]', 'define("anywidget", ["@jupyter-widgets/base"]'
    )
    return [REQUIRE.read("require.js"), named, WIDGETS.read("dist/embed-amd.js")]


def page(title: str, body: str, scripts: list[str], styles: list[str]) -> str:
    """The whole file. A script's text must not close its own element."""
    safe = [script.replace("</script", "<\\/script") for script in scripts]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<link rel="icon" href="data:,">',
            f"<title>{escape(title)}</title>",
            *(f"<style>{style}</style>" for style in styles),
            '</head><body data-jp-theme-light="true">',
            body,
            *(f"<script>{script}</script>" for script in safe),
            "</body></html>\n",
        ]
    )
