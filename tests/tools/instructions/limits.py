"""Judges what `run` has counted: no work costs more than its limit, and none of a fleet more for each of many."""

import collections
import json
import pathlib
import platform
import re
import sys

LIMITS = pathlib.Path(__file__).with_name("limits.json")
# A new limit is that many percent above the count: for another version of the C library, and for small changes. A
# limit that is within these bounds stays as it is.
HEADROOM, FITTING = 10, range(5, 20)
# How much more one of ten thousand may cost than one of a thousand: a tree grows by its depth.
GROWTH = 1.15

Work = collections.namedtuple("Work", "name units count profile")


def counted(folder):
    """What was done, in its order: a line of names and a profile each."""
    done = []
    for number, line in enumerate((folder / "names").read_text().splitlines(), 1):
        units, name = line.split("\t")
        profile = folder / f"work.{number}"
        count = re.search(r"^summary: (\d+)$", profile.read_text(), re.M)
        done.append(Work(name, int(units), int(count[1]), profile))
    return done


def above(done, limits):
    """What costs more than its limit, or has none."""
    for work in done:
        limit = limits.get(work.name)
        if limit is None:
            yield f"{work.name}: {work.count:,} instructions, and limits.json has no limit for it"
        elif work.count > limit:
            yield (f"{work.name}: {work.count:,} instructions, {work.count / limit - 1:.0%} above the limit of {limit:,}\n"
                   f"  where they go: callgrind_annotate --threshold=100 {work.profile}")
    for name in limits.keys() - {work.name for work in done}:
        yield f"{name}: limits.json has a limit for it, and it was not counted"


def below(done, limits):
    """What costs so little that its limit guards nothing any more."""
    for work in done:
        limit = limits.get(work.name, 0)
        if limit > work.count * (100 + max(FITTING)) / 100:
            yield f"{work.name}: {work.count:,} instructions, far below the limit of {limit:,}: renew it (RENEW=1)"


def growth(done):
    """The work of several sizes: its name, and how much more one costs in the greatest than in the smallest."""
    sizes = collections.defaultdict(dict)
    for work in done:
        name, at, size = work.name.rpartition(" at ")
        if at:
            sizes[name][int(size)] = work.count / work.units
    return {name: costs[max(costs)] / costs[min(costs)] for name, costs in sizes.items()}


def growing(done):
    """What grows faster than the fleet."""
    for name, times in growth(done).items():
        if times > GROWTH:
            yield (f"{name}: one of the most costs {times:.2f} times as much as one of the fewest, "
                   f"and {GROWTH} is the most it may: it grows faster than the fleet")


def renewed(done, limits):
    """The limits that fit the counts."""
    fits = {}
    for work in done:
        old = limits.get(work.name, 0)
        fitting = old * 100 // work.count - 100 in FITTING
        fits[work.name] = old if fitting else rounded(work.count * (100 + HEADROOM) // 100)
    return fits


def rounded(number):
    """To three digits, upwards."""
    step = 10 ** max(len(str(number)) - 3, 0)
    return -(-number // step) * step


def table(done, limits):
    times = growth(done)
    print(f"{'instructions':>14} {'limit':>14} {'for one':>10} {'growth':>7}")
    for work in done:
        name = work.name.rpartition(" at ")[0]
        more = f"{times[name]:.2f}" if name in times else ""
        print(f"{work.count:14,} {limits.get(work.name, 0):14,} {work.count / work.units:10,.0f} {more:>7}  {work.name}")


def main(folder, *flags):
    done, limits = counted(pathlib.Path(folder)), json.loads(LIMITS.read_text())
    if "--renew" in flags:
        limits = renewed(done, limits)
        LIMITS.write_text(json.dumps(limits, indent=2) + "\n")
    table(done, limits)
    found = list(growing(done))
    if platform.machine() == "x86_64":
        found += above(done, limits)
    else:
        print(f"The limits are those of x86_64, and this is {platform.machine()}: only the growth is judged.")
    for line in [*below(done, limits), *found]:
        print(f"\n{line}", file=sys.stderr)
    if found:
        print("\nMake the work cheaper. If it is worth what it costs: `make test-instructions RENEW=1` writes the limits "
              "that fit,\nand the commit that has them says why. A growth has no limit that can be renewed.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
