"""Lesson 00 names the idea behind each usual answer; the numbers were worked out by hand."""

from pathlib import Path

import nbformat
import pytest

LESSON = Path(__file__).parents[1] / "notebooks" / "00_start_here.ipynb"


@pytest.mark.parametrize(
    ("prediction", "said"),
    [
        (None, "No prediction yet"),
        (2.2, "right"),
        (1.8, "uphill"),
        (4, "the whole slope"),
        (1.9, "eta times the loss"),
        (2.1, "half the slope"),
        (0.2, "that is the step"),
        (7, "a new one"),
    ],
)
def test_the_idea_behind_a_prediction_is_named(prediction, said, capsys):
    cells = [cell.source for cell in nbformat.read(LESSON, as_version=4).cells]
    (judge,) = [source for source in cells if "if prediction is None" in source]
    exec(judge, {"prediction": prediction})
    assert capsys.readouterr().out.startswith(said)
