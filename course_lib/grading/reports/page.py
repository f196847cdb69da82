"""What all pages share: one file without scripts, which asks nothing of the network."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ...checks.feedback import MARKS, WRONG
from .untrusted import one_line

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
SIGNS = MARKS | {"missing": MARKS["unwritten"]}
_BRIGHT = {"right": "#81c784", "unwritten": "#bdbdbd", "wrong": "#ef9a9a"}  # on dark ground

STYLE = f"""
:root {{
  color-scheme: light dark;
  --ground: #fff; --ink: #1b1b1b; --faint: #595959; --line: #c9c9c9; --code: #f1f1f1;
  --link: #0b57d0; --right: {MARKS["right"][1]}; --unwritten: {MARKS["unwritten"][1]};
  --wrong: {WRONG[1]};
}}
@media (prefers-color-scheme: dark) {{
  :root {{
    --ground: #16181c; --ink: #e8e8e8; --faint: #b0b0b0; --line: #4a4d52; --code: #272a30;
    --link: #8ab4f8; --right: {_BRIGHT["right"]}; --unwritten: {_BRIGHT["unwritten"]};
    --wrong: {_BRIGHT["wrong"]};
  }}
}}
* {{box-sizing: border-box}}
body {{
  margin: 0 auto; padding: 1rem; max-width: 46rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word;
}}
body.wide {{max-width: 72rem}}
h1 {{font-size: 1.6rem; line-height: 1.2; margin: .5rem 0}}
h2 {{font-size: 1.2rem; line-height: 1.3; margin: 1.8rem 0 .4rem}}
p, ul {{margin: .4rem 0; max-width: 46rem}}
a {{color: var(--link)}}
.faint, caption {{color: var(--faint); font-size: .9rem}}
code, pre {{background: var(--code); font-family: ui-monospace, monospace; font-size: .9em}}
code {{padding: .1em .25em; border-radius: 3px}}
pre {{padding: .6rem; overflow-x: auto; overflow-wrap: normal; margin: .4rem 0}}
table {{border-collapse: collapse; margin: .4rem 0; min-width: min(20rem, 100%)}}
caption {{text-align: left; padding-bottom: .3rem}}
th, td {{
  padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow: hidden; max-width: 24rem;
}}
.n {{text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap}}
.scroll {{overflow: auto; max-height: 85vh}}
.scroll thead th {{position: sticky; top: 0; background: var(--ground); z-index: 1}}
.finding {{border-left: 4px solid var(--wrong); padding: .1rem .8rem; margin: 1rem 0}}
.finding h2 {{margin-top: .3rem}}
.finding.right {{border-color: var(--right)}}
.finding.unwritten {{border-color: var(--unwritten)}}
figure {{margin: .4rem 0}}
figure svg {{width: 100%; height: auto; max-width: 44rem}}
@media (max-width: 30rem) {{th, td {{padding: .25rem .35rem}}}}
@media print {{
  :root {{color-scheme: light; --ground: #fff; --ink: #000; --faint: #444; --code: #f1f1f1;
    --line: #999; --link: #000; --right: {MARKS["right"][1]}; --wrong: {WRONG[1]};
    --unwritten: {MARKS["unwritten"][1]}}}
  body, body.wide {{max-width: none; padding: 0; font-size: 10.5pt}}
  .scroll {{max-height: none; overflow: visible}}
  .scroll thead th {{position: static}}
  pre {{white-space: pre-wrap}}
  .finding, tr, figure {{break-inside: avoid}}
  h2 {{break-after: avoid}}
  nav {{display: none}}
}}
"""


def page(title: str, body: Iterable[str], *, wide: bool = False) -> str:
    """A whole page; `title` is text, the parts of `body` are HTML."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="referrer" content="no-referrer">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(one_line(title, 300))}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            f'<body class="{"wide" if wide else "narrow"}">',
            *filter(None, body),
            "</body>",
            "</html>",
            "",
        ]
    )


def table(
    heads: Iterable[str],
    rows: Iterable[Iterable[str]],
    *,
    numbers: Iterable[int] = (),
    caption: str = "",
    scrolling: str = "",
) -> str:
    """A table of HTML cells, of which the first in a row is its heading.

    `numbers` are the columns that hold numbers; `scrolling` names a region that keeps a long or
    broad table from filling the page.
    """
    right = set(numbers)

    def kind(column: int) -> str:
        return ' class="n"' if column in right else ""

    head = "".join(f'<th scope="col"{kind(n)}>{cell}</th>' for n, cell in enumerate(heads))
    lines = []
    for first, *rest in rows:
        cells = "".join(f"<td{kind(n)}>{cell}</td>" for n, cell in enumerate(rest, 1))
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    title = f"<caption>{caption}</caption>\n" if caption else ""
    body = "\n".join(lines)
    found = f"<table>\n{title}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    if not scrolling:
        return found
    label = escape(scrolling)
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">{found}</div>'
