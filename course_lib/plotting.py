"""Pictures of data and of what networks do with it, as matplotlib figures.

Each function draws on the `ax` that it is given or on a figure of its own, and returns the figure.
In a notebook, `show(figure, alt="...")` puts it on the page together with words for those who
cannot see it.

Nothing here touches pyplot or changes matplotlib's settings for the rest of the program.  Classes
differ by the shape of their marker as well as by a color of the palette of Okabe and Ito, which
the color-blind can tell apart; the ground is opaque white, so that dark pages do not swallow it.
"""

import base64
import io
import sys
from collections.abc import Callable, Mapping, Sequence
from html import escape

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike
from PIL import Image

from .calculus import derivative
from .graph import no_grad
from .layers import Layer

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW, BLACK = "#E69F00", "#56B4E9", "#F0E442", "#000000"
COLORS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, YELLOW, BLACK)
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":")
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
}
STEPS = 301  # of the grid on which decision regions are computed, in each direction


@rc_context(STYLE)
def subplots(rows: int = 1, columns: int = 1, *, size: tuple[float, float] | None = None):
    """A figure in the course's style and its axes, as `matplotlib.pyplot.subplots` gives them.

    size: width and height in inches; by default 5.4 by 4 for each of the axes.
    """
    figure = Figure(size or (5.4 * columns, 4.0 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns)


def show(figure: Figure, *, alt: str) -> None:
    """Show a figure on the notebook's page, with a description in words, and close it.

    The picture is a PNG with the same bytes on every run. `alt` goes into the output's metadata,
    where exporters find it, and stands below the picture, folded: JupyterLab 4.6 gives no image an
    alt text, and so it reaches those who listen. Outside a notebook the description is printed.

    figure: any matplotlib figure.
    alt: what is to be seen, one to three sentences.

    Raises ValueError if alt is empty, TypeError if this is not a figure.
    """
    if not isinstance(figure, Figure):
        raise TypeError(f"expected a matplotlib figure, found {type(figure).__name__}")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("alt is empty: say in words what the figure shows")
    pyplot = sys.modules.get("matplotlib.pyplot")
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(alt)
    else:
        width, height = (round(96 * inches) for inches in figure.get_size_inches())
        data = {"image/png": base64.b64encode(as_png(figure)).decode(), "text/plain": alt}
        metadata = {"image/png": {"alt": alt, "width": width, "height": height}}
        ipython.display.display(data, metadata=metadata, raw=True)
        words = f"<details><summary>In words</summary>{escape(alt)}</details>"
        ipython.display.display({"text/html": words, "text/plain": "(in words above)"}, raw=True)
    if pyplot is not None:
        pyplot.close(figure)  # or the inline backend would show it once more


def as_png(figure: Figure) -> bytes:
    """The figure as a PNG of 144 dots an inch, without date or version in it.

    It has 256 colors, or fewer if that is needed to stay below 60 kB.
    """
    buffer = io.BytesIO()
    with rc_context(STYLE):
        figure.savefig(buffer, format="png", dpi=144)
    picture = Image.open(buffer).convert("RGB")
    for colors in (256, 64, 16):
        small = io.BytesIO()
        picture.quantize(colors, dither=Image.Dither.NONE).save(small, format="png", optimize=True)
        if small.tell() < 60_000:
            break
    return small.getvalue()


@rc_context(STYLE)
def plot_decision_regions(
    model: Callable,
    inputs: ArrayLike,
    targets: ArrayLike,
    *,
    threshold: float = 0.5,
    class_names: Sequence[str] | None = None,
    feature_names: Sequence[str] = ("$x_1$", "$x_2$"),
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The class that a model gives to every point of the plane, and the examples on top.

    model: any function from an array (n, 2) to a Node or array of scores or probabilities
        (n, classes), of which the largest wins; of integer labels (n,); or of one number for each
        point, (n,) or (n, 1), which means class 1 from `threshold` on and class 0 below.
    inputs, targets: the examples, (n, 2) and integer labels (n,).  Those that the model gets wrong
        have a black edge.
    threshold: 0.5 for probabilities, 0 for logits.
    title: by default how many examples the model gets right.

    Raises ValueError if a shape is wrong, if data or output is not finite, or if one number for
    each point is not a probability though the threshold is 0.5.
    """
    points, labels = as_points(inputs), as_labels(targets)
    if len(points) != len(labels):
        raise ValueError(f"{len(points)} points but {len(labels)} targets: expected one for each")
    predictions = class_scores(model, points, threshold).argmax(axis=1)
    pad = 0.06 * np.ptp(points, axis=0) + 1e-6 * (1 + np.abs(points).max(axis=0))
    (left, bottom), (right, top) = points.min(axis=0) - pad, points.max(axis=0) + pad
    grid = np.meshgrid(np.linspace(left, right, STEPS), np.linspace(bottom, top, STEPS))
    at_grid = np.column_stack([axis.ravel() for axis in grid])
    scores = class_scores(model, at_grid, threshold).reshape(STEPS, STEPS, -1)
    regions = scores.argmax(axis=2)

    count = 1 + max(labels.max(), predictions.max(), regions.max())
    names = as_names(class_names, numbered("class ", 0, count))
    ax = ax or subplots(size=(5.4, 4.4))[1]
    tints = ListedColormap([tint(color_of(k), 0.25) for k in range(count)])
    kind = {"origin": "lower", "extent": (left, right, bottom, top), "aspect": "auto"}
    ax.imshow(regions, cmap=tints, vmin=-0.5, vmax=count - 0.5, interpolation="nearest", **kind)
    for k in np.unique(regions)[1:]:
        lead = scores[..., k] - np.delete(scores, k, axis=2).max(axis=2)
        ax.contour(*grid, lead, levels=[0], colors="0.25", linewidths=1.2)
    wrong = predictions != labels
    for k, name in enumerate(names):
        ax.plot(*points[(labels == k) & ~wrong].T, label=name, **marker(k))
        ax.plot(*points[(labels == k) & wrong].T, **marker(k, mec="black", mew=1.6, zorder=3))
    if wrong.any():
        ax.plot([], [], label="wrong", **marker(0, mfc="none", mec="black", mew=1.6))
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel=feature_names[0], ylabel=feature_names[1])
    title = f"{len(points) - wrong.sum()} of {len(points)} right" if title is None else title
    ax.set_title(title)
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "borderaxespad": 0}
    ax.legend(ncols=4, columnspacing=1.2, handletextpad=0.1, **below)
    return ax.figure


@rc_context(STYLE)
def plot_training_curves(history, *, title: str = "Training", ax: Axes | None = None) -> Figure:
    """The loss after every epoch, one curve for each data set or run.

    history: what `fit` returns; or a list of losses; or a mapping from a curve's name to its list.

    Raises ValueError if there is nothing to draw, or a loss is not finite.
    """
    ax = ax or subplots()[1]
    for k, (name, losses) in enumerate(curves_of(history).items()):
        epochs = 1 + np.arange(len(losses))
        dots = {"marker": MARKERS[k % len(MARKERS)]} if len(losses) < 15 else {}
        ax.plot(epochs, losses, color=color_of(k), ls=DASHES[k % len(DASHES)], label=name, **dots)
    ax.set(xlabel="epoch", ylabel="loss", title=title)
    ax.set_ylim(bottom=min(0, ax.get_ylim()[0]))
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    ax.grid(alpha=0.3)
    if len(ax.lines) > 1:
        ax.legend()
    return ax.figure


@rc_context(STYLE)
def plot_activation(
    function: Callable,
    *,
    interval: tuple[float, float] = (-5.0, 5.0),
    name: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """An activation function and, dashed, its derivative by central differences.

    function: from a number to a number or a Node.
    name: by default the function's own.

    Raises ValueError if the interval is empty or the function is not finite on it.
    """
    low, high = interval
    if not low < high:
        raise ValueError(f"the interval must go from low to high, found {interval}")
    z = np.linspace(low, high, 800)  # an even number: the kink at 0 lies between two points
    values = np.array([as_array(function(x)) for x in z.tolist()])
    slopes = np.array([derivative(function, x) for x in z.tolist()])
    if values.shape != z.shape or not np.isfinite([values, slopes]).all():
        raise ValueError(f"expected one finite number for each z in {interval}")
    slopes[jumps(slopes)] = np.nan  # a jump is a gap, not a steep line
    if name is None:
        name = getattr(function, "__name__", type(function).__name__)
    ax = ax or subplots()[1]
    ax.axhline(0, color="0.6", lw=0.8)
    ax.axvline(0, color="0.6", lw=0.8)
    ax.plot(z, values, color=BLUE, label=f"{name}(z)")
    ax.plot(z, slopes, color=VERMILLION, ls="--", label=f"{name}'(z)")
    ax.set(xlabel="z", title=f"{name} and its derivative")
    ax.legend()
    return ax.figure


@rc_context(STYLE)
def plot_jacobian(
    matrix: ArrayLike,
    *,
    layout: str = "denominator",
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """A Jacobian as a table of numbers on colored cells; red is positive, blue negative.

    matrix: (inputs, outputs) in denominator layout, (outputs, inputs) in numerator layout.
    inputs, outputs: names for the rows and columns; by default x1, x2 ... and f1, f2 ...

    Numbers are written up to 12 rows and columns; beyond that the colors must do.

    Raises ValueError if the matrix is not a finite table, or the layout or the names do not fit.
    """
    matrix = as_array(matrix).astype(float)
    if matrix.ndim != 2 or matrix.size == 0 or not np.isfinite(matrix).all():
        raise ValueError(f"expected a table of finite numbers, found shape {matrix.shape}")
    if layout not in ("denominator", "numerator"):
        raise ValueError(f'layout must be "denominator" or "numerator", found {layout!r}')
    counts = matrix.shape if layout == "denominator" else matrix.shape[::-1]
    names = [
        as_names(inputs, numbered("x", 1, counts[0])),
        as_names(outputs, numbered("f", 1, counts[1])),
    ]
    labels = ["input", "output"]
    if layout == "numerator":
        names, labels = names[::-1], labels[::-1]

    rows, columns = matrix.shape
    ax = ax or subplots(size=(2.4 + 0.8 * min(columns, 12), 1.5 + 0.55 * min(rows, 12)))[1]
    limit = np.abs(matrix).max() or 1.0
    signed = LinearSegmentedColormap.from_list("signed", [BLUE, "white", VERMILLION])
    image = ax.imshow(matrix, cmap=signed, vmin=-limit, vmax=limit, aspect="auto")
    if max(rows, columns) <= 12:
        write_cells(ax, matrix, "{:.3g}", np.abs(matrix) > 0.75 * limit)
    else:
        ax.figure.colorbar(image, ax=ax)
    frame_table(ax, names, labels)
    ax.set_title(f"{layout} layout: {rows} × {columns}")
    return ax.figure


@rc_context(STYLE)
def plot_confusion_matrix(
    targets: ArrayLike,
    predictions: ArrayLike,
    *,
    class_names: Sequence[str] | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure:
    """How many examples of each class (rows) were called what (columns): blue where they agree.

    targets, predictions: integer labels (n,).
    title: by default how many are right.

    Raises ValueError if lengths differ or labels are not whole numbers from 0.
    """
    targets, predictions = as_labels(targets), as_labels(predictions)
    if len(targets) != len(predictions):
        raise ValueError(f"{len(targets)} targets but {len(predictions)} predictions")
    count = 1 + max(targets.max(), predictions.max())
    names = as_names(class_names, numbered("class ", 0, count))
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (targets, predictions), 1)

    ax = ax or subplots(size=(2.4 + 0.8 * len(names), 1.9 + 0.65 * len(names)))[1]
    shares = counts / counts.max()
    right = [[tint(BLUE, share) for share in row] for row in shares]
    wrong = [[tint(VERMILLION, share and 0.2 + 0.8 * share) for share in row] for row in shares]
    ax.imshow(np.where(np.eye(len(names))[..., None], right, wrong), aspect="auto")
    write_cells(ax, counts, "{}", shares > 0.75)
    frame_table(ax, [names, names], ["true class", "predicted class"])
    ax.set_title(f"{np.trace(counts)} of {len(targets)} right" if title is None else title)
    return ax.figure


@rc_context(STYLE)
def plot_embedding(
    points: ArrayLike, words: Sequence[str], *, title: str = "", ax: Axes | None = None
) -> Figure:
    """Words at their places in the plane, each label where it hides its neighbors least.

    points: array (n, 2), such as two columns of an embedding table.
    words: n of them.

    Raises ValueError if the shape is wrong, a number is not finite, or the lengths differ.
    """
    points = as_points(points)
    if len(words) != len(points):
        raise ValueError(f"{len(points)} points but {len(words)} words: expected one for each")
    ax = ax or subplots(size=(7, 5))[1]
    ax.plot(*points.T, "o", ms=5, color=BLUE)
    ax.set(xlabel="dimension 1", ylabel="dimension 2", title=title)
    ax.margins(0.12)
    ax.figure.draw_without_rendering()  # settles where the axes lie, so that labels can be placed
    places = ax.transData.transform(points)
    taken = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in places]
    for point, word in zip(points, words, strict=True):
        taken.append(place_label(ax, point, word, taken))
    return ax.figure


def place_label(ax: Axes, point: np.ndarray, word: str, taken: list[Bbox]) -> Bbox:
    """Write the word on that side of its point where it covers least; the box that it takes."""
    sides = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]
    align = {1: ("left", "bottom"), 0: ("center", "center"), -1: ("right", "top")}
    best = None
    for x, y in sides:
        label = ax.annotate(
            word, point, (5 * x, 5 * y), textcoords="offset points", ha=align[x][0], va=align[y][1]
        )
        box = label.get_window_extent()
        outside = box.width * box.height - area(Bbox.intersection(box, ax.bbox))
        cost = outside + sum(area(Bbox.intersection(box, other)) for other in taken)
        if best is None or cost < best[0]:
            if best is not None:
                best[1].remove()
            best = cost, label, box
        else:
            label.remove()
    return best[2]


def area(box: Bbox | None) -> float:
    return 0.0 if box is None else box.width * box.height


# ---- what the functions above share ----


def jumps(curve: np.ndarray) -> np.ndarray:
    """Where a sampled curve jumps: steps that are large, and far larger than those beside them."""
    steps = np.abs(np.diff(curve))
    beside = np.maximum(np.r_[0, steps[:-1]], np.r_[steps[1:], 0])
    return np.flatnonzero((steps > 0.01 * np.ptp(curve)) & (steps > 5 * beside))


def as_array(output) -> np.ndarray:
    """The value of a node, or whatever is given, as an array."""
    return np.asarray(getattr(output, "value", output))


def class_scores(model: Callable, points: np.ndarray, threshold: float) -> np.ndarray:
    """The model's output as an array (n, classes), whose largest entry in each row wins.

    A layer is asked in evaluation mode: a picture must not drop units or move running statistics.
    """
    training = isinstance(model, Layer) and model.training
    try:
        with no_grad():
            n, output = len(points), as_array(model.eval()(points) if training else model(points))
    finally:
        if training:
            model.train()
    if output.shape != (n,) and not (output.ndim == 2 and len(output) == n and output.size):
        raise ValueError(
            f"the model made shape {output.shape} of {n} points: "
            f"expected ({n},), ({n}, 1) or ({n}, classes)"
        )
    if not np.isfinite(output).all():
        raise ValueError("the model's output holds nan or infinity")
    if output.ndim == 2 and output.shape[1] > 1:
        return output
    output = output.ravel()
    if output.dtype.kind in "iub":
        return np.eye(max(2, output.max() + 1))[as_labels(output)]
    if threshold == 0.5 and not (output.min() >= 0 and output.max() <= 1):
        raise ValueError(
            f"the model's output runs from {output.min():.3g} to {output.max():.3g}: "
            "these are no probabilities; if they are logits, pass threshold=0"
        )
    lead = output - threshold
    return np.column_stack([-np.nextafter(lead, np.inf), lead])  # class 1 wins a draw


def curves_of(history) -> dict[str, list[float]]:
    """The curves to draw, by name."""
    if hasattr(history, "loss"):
        curves = {"training": history.loss, "validation": history.validation_loss}
        curves = {name: losses for name, losses in curves.items() if losses}
    elif isinstance(history, Mapping):
        curves = {name: list(losses) for name, losses in history.items()}
    else:
        curves = {"training": list(history)}
    if not curves or not all(curves.values()):
        raise ValueError("there is no loss to draw: the history is empty")
    for name, losses in curves.items():
        wrong = np.flatnonzero(~np.isfinite(losses))
        if len(wrong):
            raise ValueError(f"{name}: the loss of epoch {wrong[0] + 1} is {losses[wrong[0]]}")
    return curves


def as_points(inputs: ArrayLike) -> np.ndarray:
    """The inputs as a finite float array (n, 2), n >= 1."""
    points = as_array(inputs)
    points = points if points.dtype.kind == "f" else points.astype(float)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"expected points of shape (n, 2), found {points.shape}")
    wrong = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(wrong):
        raise ValueError(f"row {wrong[0]} (counted from 0) is {points[wrong[0]]}: not finite")
    return points


def as_labels(labels: ArrayLike) -> np.ndarray:
    """The labels as integers (n,), n >= 1, none below 0."""
    found = as_array(labels)
    whole = found.ndim == 1 and found.size and np.isfinite(found).all() and (found == found // 1)
    if not np.all(whole) or found.min() < 0:
        raise ValueError(f"expected integer labels (n,) from 0, found {found.dtype} {found.shape}")
    return found.astype(int)


def as_names(names: Sequence[str] | None, default: list[str]) -> list[str]:
    """The names given, one for each in `default`, which stands in where none are given."""
    if names is None:
        return default
    if len(names) != len(default):
        raise ValueError(f"expected {len(default)} names, found {len(names)}: {list(names)}")
    return [str(name) for name in names]


def numbered(letter: str, start: int, count: int) -> list[str]:
    return [f"{letter}{k}" for k in range(start, start + count)]


def color_of(k: int) -> str:
    return COLORS[k % len(COLORS)]


def tint(color: str, share: float) -> tuple[float, ...]:
    """The color thinned with white; share 1 leaves it as it is."""
    return tuple(share * part + 1 - share for part in to_rgb(color))


def marker(k: int, **changes) -> dict:
    """How an example of class k is drawn."""
    shape = {"marker": MARKERS[k % len(MARKERS)], "ms": 7, "ls": "none"}
    return {**shape, "mfc": color_of(k), "mec": "white", "mew": 0.8, **changes}


def write_cells(ax: Axes, matrix: np.ndarray, form: str, dark: np.ndarray) -> None:
    """The numbers into their cells, white where the ground is dark."""
    for (row, column), number in np.ndenumerate(matrix):
        text, color = (
            form.format(number).replace("-", "−"),
            "white" if dark[row, column] else "black",
        )
        ax.text(column, row, text, color=color, ha="center", va="center", size=12)


def frame_table(ax: Axes, names: Sequence[Sequence[str]], labels: Sequence[str]) -> None:
    """Name the rows and columns of a table of cells, and rule it."""
    ax.set_yticks(range(len(names[0])), names[0])
    ax.set_xticks(range(len(names[1])), names[1])
    ax.set(ylabel=labels[0], xlabel=labels[1])
    ax.set_yticks(np.arange(1, len(names[0])) - 0.5, minor=True)
    ax.set_xticks(np.arange(1, len(names[1])) - 0.5, minor=True)
    ax.grid(which="minor", color="0.75", lw=0.8)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set(visible=True, color="0.75")
