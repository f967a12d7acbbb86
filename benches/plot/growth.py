"""Draw how time and memory grow with the number of objects, from what `make bench PARTS=steady` has written.

    growth.py target/bench.json docs/growth.svg
"""

import json
import re
import sys

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plot  # noqa: E402

PANELS = [
    ("Memory, MiB", {
        "at rest: resident": "resident, at rest",
        "peak at LIST": "resident, most while it lists",
        "just created: resident": "resident, after all were created at once",
    }, 1),
    ("Time, s", {
        "start, LIST, ready": "from the start to ready",
        "created at once, to all Ready": "created at once, to all Ready",
    }, 1000),
]


def series(figures, name):
    """The pairs of a number of objects and a figure, in order."""
    pattern = re.compile(r"(\d+) objects.*" + re.escape(name))
    found = ((pattern.fullmatch(figure["name"]), figure["value"]) for figure in figures)
    return sorted((int(match[1]), value) for match, value in found if match)


def panel(axes, figures, label, lines, unit):
    # Lines that lie on each other are both seen.
    for style, (name, legend) in zip(["-", "--", "-."], lines.items()):
        points = series(figures, name)
        if len(points) < 2:
            sys.exit(f"growth.py: {name!r} is told of {len(points)} sizes: run `make bench PARTS=steady` without BENCH_OBJECTS")
        axes.plot([size for size, _ in points], [value / unit for _, value in points], marker="o", linestyle=style, label=legend)
    axes.set(xlabel="objects", ylabel=label, xlim=0, ylim=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def main(source, target):
    # The same figures make the same file.
    matplotlib.rcParams.update({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.family": "sans-serif"})
    with open(source, encoding="utf-8") as file:
        figures = json.load(file)
    figure, axes = plot.subplots(1, len(PANELS), figsize=(10, 4), layout="constrained")
    for one, (label, lines, unit) in zip(axes, PANELS):
        panel(one, figures, label, lines, unit)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
