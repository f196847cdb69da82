"""A diagnosis on the page: HTML in JupyterLab, plain text elsewhere, both in one output.

Colors go with a mark and words; text and background come from JupyterLab's theme.
"""

from __future__ import annotations

import html
import re
import sys

from .diagnosis import Diagnosis

MARKS = {
    "right": ("✓", "#2e7d32"),
    "unwritten": ("…", "#757575"),
    "hint": ("→", "#1565c0"),
    "note": ("•", "#1565c0"),
}
WRONG = ("✗", "#c62828")

# ipywidgets give an option one line of fixed height, so that a long one covers the next.
STYLE = """<style>
.course-check .widget-html-content {line-height: 1.5}
.course-check .widget-radio-box label {
  display: flex; flex-direction: row-reverse; justify-content: flex-end; align-items: flex-start;
  height: auto; line-height: 1.5
}
</style>"""


class Feedback:
    """Something said to the learner, as HTML and as text."""

    def __init__(self, heading: str, text: str, kind: str, *, trace: str = "", note: str = ""):
        self.heading, self.text, self.kind = heading, text, kind
        self.trace, self.note = trace, note

    @classmethod
    def of(cls, diagnosis: Diagnosis) -> Feedback:
        return cls(
            diagnosis.id,
            diagnosis.text,
            diagnosis.kind,
            trace=diagnosis.trace,
            note=diagnosis.note,
        )

    def __str__(self) -> str:
        mark, _ = MARKS.get(self.kind, WRONG)
        first = f"{mark} {self.heading}: {self.text}".replace("`", "")
        return "\n".join(filter(None, [first, self.trace, self.note.replace("`", "")]))

    def _repr_html_(self) -> str:
        mark, color = MARKS.get(self.kind, WRONG)
        trace = f'<pre style="margin:.4em 0">{html.escape(self.trace)}</pre>' if self.trace else ""
        note = f"<div>{marked_up(self.note)}</div>" if self.note else ""
        return (
            f'<div role="status" style="border-left:4px solid {color};padding:.3em .8em">'
            f"<b>{mark} {html.escape(self.heading)}</b> {marked_up(self.text)}{trace}{note}</div>"
        )


class Line:
    """One line, which stands where a widget cannot: in a terminal, on an exported page."""

    def __init__(self, text: str):
        self.text = text

    def __str__(self) -> str:
        return self.text.replace("`", "")

    def _repr_html_(self) -> str:
        return f"<div>{marked_up(self.text)}</div>"


def marked_up(text: str) -> str:
    """Text as HTML: escaped, with `backticks` as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text, quote=False))


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this code, so that HTML and widgets can be shown."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def widgets():
    """The module ipywidgets where it is installed and a kernel can run widgets, otherwise None."""
    if not in_notebook():
        return None
    try:
        import ipywidgets
    except ImportError:
        return None
    return ipywidgets


def boxed(*widgets):
    """Widgets below one another, with long texts wrapped."""
    import ipywidgets

    style = ipywidgets.HTML(STYLE, layout=ipywidgets.Layout(display="none"))
    box = ipywidgets.VBox([style, *widgets])
    box.add_class("course-check")
    return box


def print_anywhere(feedback: Feedback) -> None:
    """Print it; a terminal that has no ✓ shows a question mark in its place."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(str(feedback).encode(encoding, "replace").decode(encoding))


def show(feedback, widget=None) -> None:
    """Print it, or display it; where widgets can run, `widget` is displayed in its place.

    A widget dies with its kernel: a notebook that is opened again shows an error instead of it. So
    what is to stay readable is shown first, by itself.
    """
    if not in_notebook():
        print_anywhere(feedback)
        return
    from IPython.display import display

    bundle = {"text/plain": str(feedback), "text/html": feedback._repr_html_()}
    if widget is not None:
        bundle = widget._repr_mimebundle_() | bundle
    display(bundle, raw=True)
