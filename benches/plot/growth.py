"""Draw the growth of time and memory with the number of objects, from the results of `make bench PARTS=steady`.

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
        "peak at LIST": "resident, peak at LIST",
        "just created: resident": "resident, after all were created at once",
    }, 1),
    ("Time, s", {
        "start, LIST, ready": "start to ready",
        "created at once, to all Ready": "created at once, to all Ready",
    }, 1000),
]


def series(results, name):
    """Return the pairs of a number of objects and a result, sorted."""
    pattern = re.compile(r"(\d+) objects.*" + re.escape(name))
    matches = ((pattern.fullmatch(result["name"]), result["value"]) for result in results)
    return sorted((int(match[1]), value) for match, value in matches if match)


def panel(axes, results, label, lines, unit):
    # Different styles keep overlapping lines visible.
    for style, (name, legend) in zip(["-", "--", "-."], lines.items()):
        points = series(results, name)
        if len(points) < 2:
            sys.exit(f"growth.py: there are results of {name!r} for {len(points)} sizes only: run `make bench PARTS=steady` without BENCH_OBJECTS")
        axes.plot([size for size, _ in points], [value / unit for _, value in points], marker="o", linestyle=style, label=legend)
    axes.set(xlabel="objects", ylabel=label, xlim=0, ylim=0)
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def main(source, target):
    # A fixed salt makes the file reproducible.
    matplotlib.rcParams.update({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.family": "sans-serif"})
    with open(source, encoding="utf-8") as file:
        results = json.load(file)
    figure, axes = plot.subplots(1, len(PANELS), figsize=(10, 4), layout="constrained")
    for panel_axes, (label, lines, unit) in zip(axes, PANELS):
        panel(panel_axes, results, label, lines, unit)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
