"""What lesson 13 says, or tells the lecturer, without a cell that shows it."""

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold
from words import RESULTS

from course_lib import Node, explore
from course_lib.convolution import conv2d
from course_lib.data import load_digits
from course_lib.layers import Conv2d

ROOT = Path(__file__).resolve().parents[2]
STORED = json.loads((RESULTS / "digits.json").read_text(encoding="utf-8"))["models"]


def outputs_of(pixel, stride, size=5, kernel=3):
    """How many places of a filter cover a pixel, counted one by one."""
    places = range(0, size - kernel + 1, stride)
    row, column = pixel
    down = sum(place <= row < place + kernel for place in places)
    across = sum(place <= column < place + kernel for place in places)
    return down * across


def cell(name):
    lesson = nbformat.read(ROOT / "notebooks" / "13_convolution.ipynb", as_version=4)
    return next(cell for cell in lesson.cells if cell.id == name)


def test_the_table_of_accuracies_is_the_stored_page():
    scope = {"np": np}
    exec(cell("stored-table").source, scope)
    assert scope["STORED"] == {
        name: tuple(round(run["mean"], 4) for run in runs) for name, runs in STORED.items()
    }


def test_filters_beat_both_rivals_and_the_control_one_of_them_on_every_shuffle():
    weighted, units, filters, scrambled = (
        np.array([run["mean"] for run in STORED[name]])
        for name in (
            "logistic regression",
            "132 units, nothing shared",
            "two layers of filters",
            "filters, pixels scrambled",
        )
    )
    assert (filters > weighted).all() and (filters > units).all()
    assert (scrambled > units).all() and (scrambled > filters).any()
    assert 0 < (filters - scrambled).mean() < 0.005


def test_unshuffled_folds_are_nearly_twice_as_hard_for_logistic_regression():
    digits = load_digits()
    flat, labels = digits.inputs.reshape(-1, 64) / 16, digits.targets
    right = 0
    for train, test in KFold(10).split(flat):
        model = LogisticRegression(max_iter=2000).fit(flat[train], labels[train])
        right += (model.predict(flat[test]) == labels[test]).sum()
    shuffled = np.mean([run["mean"] for run in STORED["logistic regression"]])
    assert 1.7 < (1 - right / len(labels)) / (1 - shuffled) < 2


def test_the_first_layer_has_160_parameters_whatever_the_size_of_the_image():
    layer = Conv2d(1, 16, 3, padding=1)
    assert sum(parameter.value.size for parameter in layer.parameters()) == 160
    assert [layer(np.ones((1, 1, n, n))).value.shape for n in (8, 28)] == [
        (1, 16, 8, 8),
        (1, 16, 28, 28),
    ]


def test_the_lesson_trains_what_the_page_is_about():
    (output,) = cell("one-fold").outputs
    for line in output.text.splitlines():
        name, right, total = re.fullmatch(r"(.+): (\d+) of (\d+)", line).groups()
        assert int(right) / int(total) == pytest.approx(STORED[name][0]["folds"][0])


def test_only_corners_get_one_report_and_stride_2_changes_the_middle():
    alone = [p for p in np.ndindex(5, 5) if outputs_of(p, stride=1) == 1]
    assert alone == [(0, 0), (0, 4), (4, 0), (4, 4)]
    assert [outputs_of(p, stride=2) for p in ((2, 2), (2, 3), (3, 3))] == [4, 2, 1]


@pytest.mark.parametrize(("number", "outputs"), [(13, 4), (14, 2), (19, 1)])
def test_the_figure_says_so_too(number, outputs):
    figure = explore.convolution_stepper()
    settings = figure.settings | {"size": "5 × 5", "stride": 2, "pixel": number}
    assert figure.numbers(settings)["outputs"] == outputs


def test_with_stride_2_nobody_reads_the_last_of_six_pixels():
    line = Node(np.ones((1, 1, 1, 6)))
    conv2d(line, np.ones((1, 1, 1, 3)), stride=2).sum().backward()
    assert line.grad[0, 0, 0].tolist() == [1, 1, 2, 1, 1, 0]


def test_half_a_turn_leaves_the_example_as_it_is():
    filter_ = np.array([[1, 2, 1], [1, 2, 1]])
    assert (filter_[::-1, ::-1] == filter_).all()
