"""Figures: what is drawn is what was given, and what cannot be drawn is told in one line."""

import base64
import hashlib
import io
import re
import subprocess
import sys
from html import escape

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image
from sklearn import metrics

from course_lib import plotting
from course_lib.functions import exp, relu, sigmoid, tanh
from course_lib.graph import Node
from course_lib.layers import BatchNorm, Dropout, Linear, Sequential, Tanh
from course_lib.plotting import (
    as_png,
    plot_activation,
    plot_confusion_matrix,
    plot_decision_regions,
    plot_embedding,
    plot_jacobian,
    plot_training_curves,
    show,
    subplots,
)

BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"  # Okabe and Ito, 2008
CORNERS = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 2.0], [4.0, 2.0]])


def ground(figure, x, y):
    """The color on the figure at a point of the data, as three numbers up to 1."""
    figure.canvas.draw()
    column, row = figure.axes[0].transData.transform((x, y))
    picture = np.asarray(figure.canvas.buffer_rgba())
    return picture[picture.shape[0] - round(row), round(column), :3] / 255


def is_tint_of(color, found):
    return np.allclose(found, 0.25 * np.array(to_rgb(color)) + 0.75, atol=0.01)


def texts_in_cells(figure):
    """The texts in the cells of a table, by (row, column)."""
    texts = ((text.get_position(), text.get_text()) for text in figure.axes[0].texts)
    return {(int(row), int(column)): text for (column, row), text in texts}


# ---- decision regions ----

HALF_PLANE = {
    "logit": (lambda p: p[:, 0] - 3, 0.0),
    "logit column": (lambda p: p[:, :1] - 3, 0.0),
    "probability": (lambda p: 1 / (1 + np.exp(3 - p[:, 0])), 0.5),
    "node": (lambda p: sigmoid(Node(p) @ np.array([[1.0], [0.0]]) - 3.0), 0.5),
    "labels": (lambda p: (p[:, 0] >= 3).astype(int), 0.5),
    "truth values": (lambda p: p[:, 0] >= 3, 0.5),
    "two scores": (lambda p: np.column_stack([np.full(len(p), 3.0), p[:, 0]]), 0.5),
}


@pytest.mark.parametrize("kind", HALF_PLANE)
def test_a_half_plane_is_colored_on_its_own_side(kind):
    model, threshold = HALF_PLANE[kind]
    figure = plot_decision_regions(model, CORNERS, [0, 1, 0, 1], threshold=threshold)
    assert is_tint_of(BLUE, ground(figure, 2.9, 1)) and is_tint_of(BLUE, ground(figure, 0.5, 1.7))
    assert is_tint_of(VERMILLION, ground(figure, 3.1, 1))
    assert figure.axes[0].get_title() == "4 of 4 right"


def test_three_classes_have_three_colors_in_the_right_places():
    centers = np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 2.0]])

    def model(points):
        return -((points[:, np.newaxis] - centers) ** 2).sum(axis=2)

    figure = plot_decision_regions(model, centers, [0, 1, 2])
    assert is_tint_of(BLUE, ground(figure, 0.5, 0.5))
    assert is_tint_of(VERMILLION, ground(figure, 3.5, 0.5))
    assert is_tint_of(GREEN, ground(figure, 2.5, 1.7))


def test_the_boundary_is_drawn_where_the_classes_meet():
    figure = plot_decision_regions(lambda p: p[:, 0] - 3, CORNERS, [0, 1, 0, 1], threshold=0)
    lines = [c.get_paths()[0].vertices for c in figure.axes[0].collections]
    assert len(lines) == 1 and np.allclose(lines[0][:, 0], 3, atol=1e-6)


def test_at_the_threshold_itself_class_one_wins():
    figure = plot_decision_regions(lambda p: np.full(len(p), 0.5), CORNERS, [1, 1, 1, 0])
    assert figure.axes[0].get_title() == "3 of 4 right"
    assert is_tint_of(VERMILLION, ground(figure, 2, 1))


def test_examples_are_told_apart_by_shape_and_wrong_ones_by_a_black_edge():
    figure = plot_decision_regions(
        lambda p: p[:, 0] - 3, CORNERS, [0, 1, 1, 1], threshold=0, class_names=["no", "yes"]
    )
    drawn = [
        (line.get_marker(), line.get_markeredgecolor() == "black", line.get_xydata().tolist())
        for line in figure.axes[0].lines
        if len(line.get_xydata())
    ]
    assert drawn == [
        ("o", False, [[0, 0]]),
        ("^", False, [[4, 0], [4, 2]]),
        ("^", True, [[0, 2]]),
    ]
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == ["no", "yes", "wrong"]
    assert figure.axes[0].get_title() == "3 of 4 right"


def test_regions_are_drawn_on_the_axes_given_and_float32_reaches_the_model():
    seen = set()

    def model(points):
        seen.add(points.dtype)
        return points[:, 0] - 3

    figure, axes = subplots(1, 2)
    points = CORNERS.astype(np.float32)
    assert plot_decision_regions(model, points, [0, 1, 0, 1], threshold=0, ax=axes[1]) is figure
    assert axes[1].lines and not axes[0].lines
    assert seen == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("model", "inputs", "targets", "message"),
    [
        (np.sum, CORNERS, [0, 1, 0, 1], "the model made shape () of 4 points: "
         "expected (4,), (4, 1) or (4, classes)"),
        (lambda p: p[:2], CORNERS, [0, 1, 0, 1], "the model made shape (2, 2) of 4 points"),
        (lambda p: p[:, 0] / 0, CORNERS, [0, 1, 0, 1], "the model's output holds nan"),
        (lambda p: p[:, 0] - 3, CORNERS, [0, 1, 0, 1], "the model's output runs from -3 to 1: "
         "these are no probabilities; if they are logits, pass threshold=0"),
        (np.ones_like, np.ones((3, 4)), [0, 1, 0], "expected points of shape (n, 2), found (3, 4)"),
        (np.ones_like, np.ones((0, 2)), [], "expected points of shape (n, 2), found (0, 2)"),
        (np.ones_like, [[1, 2], [3, np.nan]], [0, 1], "row 1 (counted from 0) is [ 3. nan]"),
        (np.ones_like, CORNERS, [0, 1, 0], "4 points but 3 targets: expected one for each"),
        (np.ones_like, CORNERS, [0, 1, 0, 0.5], "expected integer labels (n,) from 0, found"),
        (np.ones_like, CORNERS, [0, 1, 0, -1], "expected integer labels (n,) from 0, found"),
        (np.ones_like, CORNERS, np.eye(4), "expected integer labels (n,) from 0, found float64"),
    ],
)  # fmt: skip
def test_regions_that_cannot_be_drawn(model, inputs, targets, message):
    with np.errstate(all="ignore"), pytest.raises(ValueError) as error:
        plot_decision_regions(model, inputs, targets)
    assert message in str(error.value) and "\n" not in str(error.value)


def test_too_few_class_names_are_told():
    message = re.escape("expected 2 names, found 1: ['no']")
    with pytest.raises(ValueError, match=message):
        plot_decision_regions(lambda p: p[:, 0] > 3, CORNERS, [0, 1, 0, 1], class_names=["no"])


# ---- training curves ----


class History:
    def __init__(self):
        self.loss = [3.0, 2.0, 1.5]
        self.validation_loss = [3.5, 2.5, 2.6]


@pytest.mark.parametrize(
    ("history", "curves"),
    [
        (History(), {"training": [3.0, 2.0, 1.5], "validation": [3.5, 2.5, 2.6]}),
        ([3.0, 1.0], {"training": [3.0, 1.0]}),
        (np.array([3.0, 1.0]), {"training": [3.0, 1.0]}),
        ({"a": [1.0, 2.0], "b": [0.5]}, {"a": [1.0, 2.0], "b": [0.5]}),
    ],
)
def test_curves_show_the_losses_given_from_epoch_one(history, curves):
    ax = plot_training_curves(history).axes[0]
    assert {line.get_label(): line.get_ydata().tolist() for line in ax.lines} == curves
    for line in ax.lines:
        assert line.get_xdata().tolist() == list(range(1, len(line.get_ydata()) + 1))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
    assert len({line.get_linestyle() for line in ax.lines}) == len(ax.lines)


def test_a_history_without_validation_has_one_curve():
    history = History()
    history.validation_loss = []
    assert len(plot_training_curves(history).axes[0].lines) == 1


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ([], "there is no loss to draw: the history is empty"),
        ({}, "there is no loss to draw: the history is empty"),
        ({"a": [1.0], "b": []}, "there is no loss to draw: the history is empty"),
        ([1.0, 0.5, np.nan], "training: the loss of epoch 3 is nan"),
        ({"b": [np.inf]}, "b: the loss of epoch 1 is inf"),
    ],
)
def test_a_history_that_cannot_be_drawn(history, message):
    with pytest.raises(ValueError) as error:
        plot_training_curves(history)
    assert str(error.value) == message


# ---- activations ----

DERIVATIVES = [
    (tanh, np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    (sigmoid, lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    (relu, lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
    (np.tanh, np.tanh, lambda z: 1 - np.tanh(z) ** 2),
]


@pytest.mark.parametrize(("function", "value", "slope"), DERIVATIVES)
def test_the_dashed_curve_is_the_derivative(function, value, slope):
    ax = plot_activation(function, interval=(-3, 4)).axes[0]
    values, slopes = ax.lines[-2:]
    z, d = slopes.get_data()
    assert z.min() == -3 and z.max() == 4
    assert np.allclose(values.get_ydata(), value(z), atol=1e-12)
    drawn = np.isfinite(d)
    assert drawn.sum() >= len(z) - 1 and np.allclose(d[drawn], slope(z[drawn]), atol=1e-7)
    assert (values.get_linestyle(), slopes.get_linestyle()) == ("-", "--")
    name = function.__name__
    assert [slopes.get_label(), ax.get_title()] == [f"{name}'(z)", f"{name} and its derivative"]


def test_the_jump_of_a_derivative_is_a_gap():
    slopes = plot_activation(relu, name="ReLU").axes[0].lines[-1]
    z, d = slopes.get_data()
    assert np.isnan(d).sum() == 1 and abs(z[np.isnan(d)][0]) < 0.02


@pytest.mark.parametrize(
    ("function", "interval", "message"),
    [
        (tanh, (1, 1), "the interval must go from low to high, found (1, 1)"),
        (np.log, (-1, 1), "expected one finite number for each z in (-1, 1)"),
    ],
)
def test_an_activation_that_cannot_be_drawn(function, interval, message):
    with np.errstate(all="ignore"), pytest.raises(ValueError) as error:
        plot_activation(function, interval=interval)
    assert str(error.value) == message


# ---- tables ----


def test_a_jacobian_shows_every_number_in_its_cell_and_labels_the_layout():
    matrix = [[3, 1, -4.25], [2, 0.001, 0]]
    written = {(0, 0): "3", (0, 1): "1", (0, 2): "−4.25", (1, 0): "2", (1, 1): "0.001", (1, 2): "0"}
    for layout, rows, columns in [("denominator", "x", "f"), ("numerator", "f", "x")]:
        figure = plot_jacobian(matrix, layout=layout)
        ax = figure.axes[0]
        assert texts_in_cells(figure) == written
        assert ax.get_title() == f"{layout} layout: 2 × 3"
        assert [t.get_text() for t in ax.get_yticklabels()] == [f"{rows}1", f"{rows}2"]
        assert [t.get_text() for t in ax.get_xticklabels()] == [f"{columns}{k}" for k in (1, 2, 3)]
        assert ax.get_ylabel() == {"x": "input", "f": "output"}[rows]
        assert ax.get_xlabel() == {"x": "input", "f": "output"}[columns]


def test_signs_are_told_apart_and_zero_is_white():
    figure = plot_jacobian([[2.0, -2.0, 0.0]], inputs=["w"], outputs=["a", "b", "c"])
    corner = 0.35  # away from the number in the middle of the cell
    assert np.allclose(ground(figure, 0 + corner, corner), to_rgb(VERMILLION), atol=0.02)
    assert np.allclose(ground(figure, 1 + corner, corner), to_rgb(BLUE), atol=0.02)
    assert np.allclose(ground(figure, 2 + corner, corner), 1, atol=0.02)


def test_a_large_jacobian_has_a_color_bar_instead_of_numbers():
    figure = plot_jacobian(np.eye(20))
    assert not figure.axes[0].texts and len(figure.axes) == 2


@pytest.mark.parametrize(
    ("matrix", "options", "message"),
    [
        ([1, 2], {}, "expected a table of finite numbers, found shape (2,)"),
        ([[1, np.nan]], {}, "expected a table of finite numbers, found shape (1, 2)"),
        ([[1, 2]], {"layout": "mixed"}, 'layout must be "denominator" or "numerator", found'),
        ([[1, 2]], {"outputs": ["a"]}, "expected 2 names, found 1: ['a']"),
    ],
)  # fmt: skip
def test_a_jacobian_that_cannot_be_drawn(matrix, options, message):
    with pytest.raises(ValueError) as error:
        plot_jacobian(matrix, **options)
    assert message in str(error.value)


def test_a_confusion_matrix_agrees_with_scikit_learn_on_uneven_mistakes():
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 3, 60)
    predictions = np.where(rng.random(60) < 0.4, 2, targets)  # only ever mistaken for class 2
    expected = metrics.confusion_matrix(targets, predictions)
    assert (expected != expected.T).any()
    figure = plot_confusion_matrix(targets, predictions, class_names=["a", "b", "c"])
    ax = figure.axes[0]
    assert texts_in_cells(figure) == {at: str(n) for at, n in np.ndenumerate(expected)}
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("true class", "predicted class")
    assert ax.get_title() == f"{np.trace(expected)} of 60 right"
    corner = 0.4
    red, blue = ground(figure, 2 + corner, corner), ground(figure, corner, corner)
    assert red[0] > red[2] + 0.1 and blue[2] > blue[0] + 0.1


@pytest.mark.parametrize(
    ("targets", "predictions", "message"),
    [
        ([0, 1], [0, 1, 1], "2 targets but 3 predictions"),
        ([], [], "expected integer labels (n,) from 0, found float64 (0,)"),
        ([0, 1], [0.1, 0.9], "expected integer labels (n,) from 0, found float64 (2,)"),
    ],
)
def test_a_confusion_matrix_that_cannot_be_drawn(targets, predictions, message):
    with pytest.raises(ValueError) as error:
        plot_confusion_matrix(targets, predictions)
    assert str(error.value) == message


# ---- embeddings ----


def test_words_stand_beside_their_points_and_do_not_cover_each_other():
    rng = np.random.default_rng(1)
    points, words = rng.normal(size=(25, 2)), [f"word{k}" for k in range(25)]
    figure = plot_embedding(points, words)
    figure.canvas.draw()
    labels = figure.axes[0].texts
    assert [label.get_text() for label in labels] == words
    assert np.array_equal([label.xy for label in labels], points)
    boxes = [label.get_window_extent() for label in labels]
    covered = sum(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert covered <= 1  # of 300 pairs; all to the right of their points, 14 would


def test_an_embedding_that_cannot_be_drawn():
    with pytest.raises(ValueError, match="2 points but 1 words: expected one for each"):
        plot_embedding([[0, 0], [1, 1]], ["a"])
    with pytest.raises(ValueError, match=r"expected points of shape \(n, 2\), found \(2, 3\)"):
        plot_embedding(np.zeros((2, 3)), ["a", "b"])


# ---- showing ----


def examples():
    """One figure of each kind, by the name of what draws it."""
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 3, 200)
    points = rng.normal(size=(200, 2)) + labels[:, np.newaxis]
    words = [f"word{k}" for k in range(40)]
    curves = {name: np.exp(-np.arange(500) / 90) + rng.random(500) for name in "abcd"}
    return [
        plot_decision_regions(lambda p: p @ rng.normal(size=(2, 3)), points, labels),
        plot_training_curves(curves),
        plot_activation(tanh),
        plot_jacobian(rng.normal(size=(12, 12))),
        plot_confusion_matrix(labels, np.roll(labels, 1)),
        plot_embedding(rng.normal(size=(40, 2)), words),
    ]


def test_every_figure_is_small_opaque_and_has_letters_of_ten_points():
    for figure in examples():
        data = as_png(figure)
        picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
        assert len(data) < 60_000
        assert (picture[..., 3] == 255).all() and (picture[0, 0] == 255).all()
        texts = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text()]
        assert min(text.get_size() for text in texts) >= 10
        assert figure.axes[0].get_xlabel()


def test_a_picture_has_the_same_bytes_every_time_and_no_version_in_it():
    first, second = (as_png(plot_activation(tanh)) for _ in range(2))
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()
    assert Image.open(io.BytesIO(first)).text == {}


def test_settings_of_the_reader_do_not_leak_in_and_ours_do_not_leak_out():
    before = dict(matplotlib.rcParams)
    reference = as_png(plot_activation(tanh))
    assert dict(matplotlib.rcParams) == before
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30}):
        assert as_png(plot_activation(tanh)) == reference


def test_plotting_is_imported_by_nothing_and_leaves_pyplot_alone():
    code = (
        "import sys, matplotlib as m, course_lib; assert 'course_lib.plotting' not in sys.modules;"
        "before = m.rcParams.copy(); import course_lib.plotting;"
        "assert before == m.rcParams.copy();"
        "assert 'matplotlib.pyplot' not in sys.modules and 'IPython' not in sys.modules"
    )
    folder = plotting.__file__.rsplit("course_lib", 1)[0]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=folder)
    code = "import sys, course_lib; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=folder)


def test_show_prints_the_description_outside_a_notebook(capsys):
    show(Figure(), alt="A straight line.")
    assert capsys.readouterr().out == "A straight line.\n"


@pytest.mark.parametrize("alt", ["", "  \n", None])
def test_show_wants_a_description(alt):
    with pytest.raises(ValueError) as error:
        show(Figure(), alt=alt)
    assert str(error.value) == "alt is empty: say in words what the figure shows"


def test_show_wants_a_figure():
    with pytest.raises(TypeError, match="expected a matplotlib figure, found Axes"):
        show(subplots()[1], alt="Axes.")


def test_show_in_an_executed_notebook():
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    code = [
        "from course_lib.plotting import plot_activation, show; import numpy as np",
        "show(plot_activation(np.tanh), alt='The tanh curve.')",
        "import matplotlib.pyplot as plt\nfigure, ax = plt.subplots()\nax.plot([1, 2])\n"
        "show(figure, alt='A < B.')",
        "plt.get_fignums()",
    ]
    cells = [nbformat.v4.new_code_cell(source) for source in code]
    notebook = nbformat.v4.new_notebook(cells=cells)
    folder = plotting.__file__.rsplit("course_lib", 1)[0]
    resources = {"metadata": {"path": folder}}
    nbclient.NotebookClient(notebook, kernel_name="python3", resources=resources).execute()
    assert notebook.cells[0].outputs == []
    for cell, alt in [(notebook.cells[1], "The tanh curve."), (notebook.cells[2], "A < B.")]:
        output, words = cell.outputs
        assert f"<summary>In words</summary>{escape(alt)}<" in words.data["text/html"]
        assert output.output_type == "display_data"
        assert set(output.data) == {"image/png", "text/plain"}
        assert output.data["text/plain"] == alt
        assert output.metadata["image/png"]["alt"] == alt
        picture = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
        shown = output.metadata["image/png"]
        assert np.allclose(picture.size, [shown["width"] * 1.5, shown["height"] * 1.5], atol=1)
    assert notebook.cells[3].outputs[0].data["text/plain"] == "[]"


def test_drawing_a_layer_neither_drops_units_nor_moves_its_statistics():
    rng = np.random.default_rng(0)
    model = Sequential(Linear(2, 8, rng=rng), BatchNorm(8), Dropout(0.5, rng=rng), Linear(8, 2))
    points, targets = rng.normal(size=(20, 2)), np.arange(20) % 2
    first, second = (
        plotting.as_png(plotting.plot_decision_regions(model, points, targets)) for _ in range(2)
    )
    assert first == second
    assert not model.layers[1].running_mean.any()
    assert model.training
    assert model.layers[2].training


@pytest.mark.parametrize(
    ("function", "interval", "gaps"),
    [(exp, (-5, 5), 0), (lambda z: z**3, (-5, 5), 0), (tanh, (-100, 100), 0), (relu, (-5, 5), 1)],
)
def test_only_jumps_of_a_derivative_are_gaps(function, interval, gaps):
    figure = plotting.plot_activation(function, interval=interval, name="g")
    slopes = figure.axes[0].lines[-1].get_ydata()
    assert np.isnan(slopes).sum() == gaps


def test_a_layer_has_a_name_too():
    assert plotting.plot_activation(Tanh()).axes[0].get_title() == "Tanh and its derivative"
