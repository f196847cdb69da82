"""What a Jupyter kernel sends to the page: HTML and text in one output, a widget where it helps."""

import re

import nbformat
import pytest

from course_lib.authoring.canonical import WIDGET_VIEW, faults, normalize
from course_lib.authoring.kernel import Run

SETUP = """
import numpy as np
from course_lib.checks import check, echo, hint, predict, progress, quiz, review
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
"""
CELLS = {
    "setup": SETUP,
    "wrong": """
def delta_z2(x, W1, b1, w2, b2, y):
    return y - sigmoid(w2 @ sigmoid(W1 @ x + b1) + b2)
check("05a", delta_z2)
""",
    "unwritten": 'check("05b", ...)',
    "error": """
def delta_z2(x, W1, b1, w2, b2, y):
    z1 = W1 @ x
    return sigmoid(z1 < 3 & "<b>")
check("05a", delta_z2)
""",
    "right": """
def delta_z2(x, W1, b1, w2, b2, y):
    return sigmoid(w2 @ sigmoid(W1 @ x + b1) + b2) - y
check("05a", delta_z2)
""",
    "quiz": 'quiz("05q1")',
    "hint": 'hint("05a")',
    "predict": 'predict("05.hook", "<script>alert(1)</script>")',
    "progress": "progress()",
    "review": "review()",
}


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in CELLS.items()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    Run(notebook).execute(tmp_path_factory.mktemp("run"))
    return notebook


def outputs_of(notebook, name):
    (cell,) = [cell for cell in notebook.cells if cell.id == name]
    assert all(output.output_type == "display_data" for output in cell.outputs)
    return [output.data for output in cell.outputs]


@pytest.mark.parametrize("name", [name for name in CELLS if name != "setup"])
def test_every_output_has_html_and_text(notebook, name):
    for data in outputs_of(notebook, name):
        assert data["text/html"].startswith("<")
        words = re.sub(r"<[^>]*>", " ", data["text/html"])
        for word in re.findall(r"[a-z]{4,}", data["text/plain"].split("\n")[0]):
            assert word in words, "both say the same"


def test_what_is_said_outlives_the_kernel_and_its_widgets(notebook):
    for name in CELLS:
        if name not in ("setup", "wrong", "error", "quiz"):
            assert [WIDGET_VIEW in data for data in outputs_of(notebook, name)] == [False]
    said = {"wrong": "y − ŷ", "error": "TypeError", "quiz": "largest in size"}
    hint = 'Next hint: hint("05a")'
    instead = {"wrong": hint, "error": hint, "quiz": "a) ŷ near 1"}
    for name, words in said.items():
        text, widget = outputs_of(notebook, name)
        assert words in text["text/html"]
        assert WIDGET_VIEW not in text
        assert WIDGET_VIEW in widget
        assert instead[name] in widget["text/plain"]


def test_what_learners_write_is_escaped(notebook):
    html = outputs_of(notebook, "error")[0]["text/html"]
    assert "&lt; 3 &amp; " in html
    assert '<b>")' not in html
    assert "<script>" not in outputs_of(notebook, "predict")[0]["text/html"]


def test_the_error_shows_their_line(notebook):
    trace = outputs_of(notebook, "error")[0]["text/plain"].splitlines()
    assert trace[1:3] == ["in delta_z2, line 3:", '    return sigmoid(z1 < 3 & "<b>")']


def test_the_outputs_can_be_stored(notebook):
    assert faults(notebook) == []
    stored = normalize(notebook)
    assert WIDGET_VIEW not in str(stored)
    assert "Not yet." in str(stored)
