"""The results as tables in the terminal, as numbers to be stored, and as the README's figure."""

from pathlib import Path

from workloads import WORKLOADS

OURS = "course_lib"
MARGIN = 1.10  # machines are noisy: this far above a goal counts as met
LIMITS = {"W7": 1.10, "W8": 70e6, "W10": 150.0, "lesson": 20.0}
COLUMN = 11


def heading(results: dict, names: list[str]) -> str:
    """Which machine, and the first line of the table."""
    about = results["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in about["packages"].items())
    words = [name.replace(", ", ",\n").split("\n") for name in names]
    lines = [f"{about['processor']}, Python {about['python']}, {packages}"]
    lines.append(f"{results['threads']} thread(s), {results['rounds']} rounds; median of one step,")
    lines.append("and below it the time of course_lib divided by that of the other")
    for i in range(2):
        cells = ((word[i] if i < len(word) else "").rjust(COLUMN) for word in words)
        lines.append(f"{'':5}{' '.join(cells)}".rstrip())
    return "\n".join(lines)


def row(name: str, found: dict, names: list[str]) -> str:
    """Two lines for a workload: seconds, and ratios with a mark where a goal is missed."""
    times = [duration(found["seconds"].get(other)) for other in names]
    shares = [ratio(found["ratios"].get(other), found["goals"].get(other)) for other in names]
    return (
        f"{name:5}{' '.join(cell.rjust(COLUMN) for cell in times)}   {WORKLOADS[name].title}\n"
        f"{'':5}{' '.join(cell.rjust(COLUMN) for cell in shares)}"
    ).rstrip()


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def ratio(value: float | None, goal: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2g}" if value < 0.01 else f"{value:.3f}{'' if met(value, goal) else '!'}"


def met(value: float, goal: float | None) -> bool:
    return goal is None or value <= MARGIN * goal


def closing(results: dict) -> str:
    """Import, memory, growth and lessons, every goal that was missed, and what could not run."""
    lines = [""]
    if imports := results.get("imports"):
        times = ", ".join(f"{name} {duration(s)}" for name, s in imports["seconds"].items())
        lines.append(f"W7   import: {times}; {imports['ratio']:.3f} of numpy")
    if memory := results.get("memory"):
        sizes = (f"{name} {size / 1e6:.0f} MB" for name, size in memory.items() if size)
        lines.append(f"W8   most memory while training W3: {', '.join(sizes)}")
    for series, found in results.get("growth", {}).items():
        slopes = ", ".join(f"{name} {slope:.2f}" for name, slope in found["slopes"].items())
        ratios = ", ".join(
            f"{size:,}: {r:.2f}" for size, r in zip(found["sizes"], found["ratios"], strict=True)
        )
        lines.append(f"W9   exponent of growth with the {series}: {slopes}")
        lines.append(f"     course_lib / NumPy by hand at {ratios}")
    if lessons := results.get("lessons"):
        slowest = max(lessons, key=lessons.get)
        lines.append(
            f"W10  {len(lessons)} lessons in {sum(lessons.values()):.1f} s, the slowest "
            f"{slowest} {lessons[slowest]:.1f} s"
        )
    lines += [f"missed (!): {words}" for words in missed(results)]
    lines += [f"failed: {reason}" for reason in results["failed"]]
    return "\n".join(lines)


def missed(results: dict) -> list[str]:
    """Every goal that is missed by more than the margin, in words."""
    measured = [
        (f"{name} against {other}", found["ratios"][other], goal)
        for name, found in results["steps"].items()
        for other, goal in found["goals"].items()
        if other in found["ratios"]
    ]
    if imports := results.get("imports"):
        measured.append(("W7", imports["ratio"], LIMITS["W7"]))
    if memory := results.get("memory"):
        measured.append(("W8, bytes", memory.get(OURS) or 0, LIMITS["W8"]))
    if lessons := results.get("lessons"):
        measured.append(("W10, seconds", sum(lessons.values()), LIMITS["W10"]))
        measured += [(name, seconds, LIMITS["lesson"]) for name, seconds in lessons.items()]
    return [
        f"{what}: {value:.3g}, goal {goal:.3g}"
        for what, value, goal in measured
        if not met(value, goal)
    ]


def rounded(x):
    """The same with four significant digits: more would be noise in every difference."""
    if isinstance(x, dict):
        return {key: rounded(value) for key, value in x.items()}
    if isinstance(x, list | tuple):
        return [rounded(value) for value in x]
    return float(f"{x:.4g}") if isinstance(x, float) else x


FIGURE = {  # implementation: marker, color; told apart without color too
    "course_lib": ("o", "#0b62a4"),
    "NumPy by hand": ("|", "#222222"),
    "PyTorch": ("s", "#d1495b"),
    "JAX, jit": ("D", "#8a6d00"),
    "HIPS autograd": ("^", "#4b7f52"),
    "micrograd": ("x", "#7b4fa3"),
}
WIDEST = 60.0  # times PyTorch, the right end of the figure


def description(steps: dict) -> str:
    """What the figure shows, in words: it is stored in it."""
    rows = []
    for name, found in steps.items():
        unit = found["seconds"]["PyTorch"]
        times = {
            other: found["seconds"][other] / unit for other in FIGURE if other in found["seconds"]
        }
        words = ", ".join(f"{other} {time:.2g}" for other, time in times.items())
        rows.append(f"{WORKLOADS[name].title}: {words}")
    return "Time of one step, relative to PyTorch. " + "; ".join(rows)


def draw(results: dict, path: Path) -> None:
    """A row for each workload, its times relative to PyTorch on a logarithmic axis, as SVG."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "speed"
    from matplotlib import pyplot

    steps = {name: x for name, x in results["steps"].items() if "PyTorch" in x["seconds"]}
    figure, axes = pyplot.subplots(figsize=(8, 0.42 * len(steps) + 1.6), layout="constrained")
    rows = {name: -i for i, name in enumerate(steps)}
    for name, y in rows.items():
        axes.axhline(y, color="#dddddd", linewidth=1, zorder=0)
        unit = steps[name]["seconds"]["PyTorch"]
        beyond = [
            f"{other}: {steps[name]['seconds'][other] / unit:,.0f} times"
            for other in FIGURE
            if steps[name]["seconds"].get(other, 0) / unit > WIDEST
        ]
        if beyond:
            words = f"{', '.join(beyond)} →"
            box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
            axes.text(WIDEST, y, words, ha="right", va="center", size=8, bbox=box)
    axes.axvline(1, color=FIGURE["PyTorch"][1], linewidth=1, zorder=0)
    for other, (marker, color) in FIGURE.items():
        points = [
            (found["seconds"][other] / found["seconds"]["PyTorch"], rows[name])
            for name, found in steps.items()
            if other in found["seconds"]
        ]
        points = [(x, y) for x, y in points if x <= WIDEST]
        size = 90 if other == OURS else 45
        hollow = {} if marker in "|x" or other == OURS else {"facecolors": "white"}
        axes.scatter(
            [x for x, _ in points],
            [y for _, y in points],
            s=size,
            marker=marker,
            label=other,
            zorder=4 if marker == "|" else 3 if other == OURS else 2,
            **(hollow | {"edgecolors": color} if hollow else {"color": color}),
        )
    axes.set_xscale("log")
    axes.set_xlim(0.08, WIDEST)
    ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_yticks(list(rows.values()), [f"{WORKLOADS[name].title}  {name}" for name in rows])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("time of one step, relative to PyTorch eager; further left is faster")
    axes.spines[["top", "right", "left"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=len(FIGURE), frameon=False, fontsize=9)
    metadata = {"Date": None, "Description": description(steps)}
    figure.savefig(path, metadata=metadata, facecolor="white")
    pyplot.close(figure)
