"""The picture of a class page: how many have how many points, and how hard each exercise was."""

from __future__ import annotations

import io
from collections.abc import Sequence
from html import escape

from .statistics import ClassSummary, Item
from .untrusted import number

INK = "#010203"  # stands for the page's own color, which light and dark settle
BARS = "#3b82c4"  # three times as bright or as dark as either ground
SETTINGS = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.parse_math": False,
    "svg.hashsalt": "course",
    "svg.fonttype": "path",
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK
    ),
}


def drawn(found: ClassSummary, items: Sequence[Item]) -> str:
    """An SVG element with the two charts; its label says in words what they show."""
    # Whatever needs no picture, each process that marks among it, need not wait for this import.
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    out = io.StringIO()
    with rc_context(SETTINGS):
        height = 0.9 + 0.28 * len(items)
        figure = Figure((6.4, 2.8 + height), layout="constrained")
        above, below = figure.subplots(2, height_ratios=(2.8, height))
        _totals(above, found)
        _facilities(below, items)
        above.yaxis.set_major_locator(MaxNLocator(integer=True))
        for axes in (above, below):
            axes.spines[["top", "right"]].set_visible(False)
        none = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(out, format="svg", transparent=True, metadata=none)
    svg = out.getvalue().replace(INK, "currentColor")
    label = escape(in_words(found, items))
    return svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


def _totals(axes, found: ClassSummary) -> None:
    labels = [number(bar.start) for bar in found.histogram]
    bars = axes.bar(range(len(labels)), [bar.count for bar in found.histogram], 0.9, color=BARS)
    axes.bar_label(bars, labels=[str(bar.count or "") for bar in found.histogram], fontsize=9)
    axes.set_xticks(range(len(labels)), labels)
    axes.margins(y=0.15)
    axes.set_xlabel("points, from this number up to the next; the last bar has all of them")
    axes.set_ylabel("submissions")


def _facilities(axes, items: Sequence[Item]) -> None:
    known = [item for item in items if item.facility is not None]
    bars = axes.barh(range(len(known)), [item.facility for item in known], 0.75, color=BARS)
    axes.bar_label(bars, labels=[f"{item.facility:.2f}" for item in known], padding=3, fontsize=9)
    axes.set_yticks(range(len(known)), [item.id for item in known])
    axes.set_ylim(len(known) - 0.4, -0.6)
    axes.set_xlim(0, 1.12)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.set_xlabel("facility: mean share of the points")


def in_words(found: ClassSummary, items: Sequence[Item]) -> str:
    """The same in a sentence for each chart."""
    *bars, full = found.histogram
    counts = [f"{number(bar.start)} to less than {number(bar.stop)}: {bar.count}" for bar in bars]
    counts.append(f"all {number(full.start)}: {full.count}")
    shares = [f"{item.id}: {item.facility:.2f}" for item in items if item.facility is not None]
    return (
        f"Submissions by points. {'; '.join(counts)}. "
        f"Facility of each exercise. {'; '.join(shares)}."
    )
