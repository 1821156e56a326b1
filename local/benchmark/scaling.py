"""Measure how time and memory of each step grow with the corpus -> STEM.json, STEM.png and a table.

Four things grow, each alone: the number of utterances, the length of one recording, the hours of features, the number
of systems. All data are generated, in a temporary folder, which is removed. Each step is a process of its own, with one
thread; its time is processor time, STEM.json also has wall-clock time; training is one epoch, start and reading
included. An exponent of 1 is linear growth. "!" marks an exponent above {most:.2f}, 10 % over linear in a decade, and
memory above {megabytes:.0f} MB. Statistics compare all pairs of systems. Sizes, and GB on the disk at a time:
{sizes}"""

import json
import math
import shutil
import tempfile
from pathlib import Path

from cer.base.errors import BadInput, program
from cer.base.files import write_text
from cer.base.markdown import table
from cer.base.options import Parser
from local.benchmark.growth import GROWING, SIZES
from local.benchmark.measure import check_output, described, machine
from local.results import style

MOST, MEGABYTES = 1 + math.log10(1.1), 2000  # largest exponent; memory of a step
SPARE = 2e9  # bytes that stay free
SCALES = ["--quick", "default", "--full"]


def help_text():
    """Return the head of this file with its numbers."""
    lines = []
    for name, (_, *sizes, need) in SIZES.items():
        each = "; ".join(
            f"{scale} {', '.join(map(str, one))} ({need(one[-1]) / 1e9:.2g} GB)"
            for scale, one in zip(SCALES, sizes, strict=True)
        )
        lines.append(f"    {name}: {each}")
    return __doc__.format(most=MOST, megabytes=MEGABYTES, sizes="\n".join(lines))


def check_disk(folder, names, scale):
    """Raise BadInput unless the largest corpus fits on the disk; scale: index of SCALES."""
    free = shutil.disk_usage(folder).free - SPARE
    for name in names:
        *sizes, need = SIZES[name][1:]
        if need(sizes[scale][-1]) > free:
            raise BadInput(
                f"{folder}: {name}: found {max(0, free) / 1e9:.3g} GB to use, expected"
                f" {need(sizes[scale][-1]) / 1e9:.3g}; name another folder (--dir), or other things to grow"
            )


def measure(name, size, folder):
    """Measure all steps at one size; returns step -> {"wall": s, "cpu": s, "megabytes": peak}."""
    found = {}
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for step, used in GROWING[name](Path(place), size):
            found[step] = used._asdict()
            print(f"{name} {size}: {step}: {used.cpu:.2f} s, {used.megabytes:.0f} MB", flush=True)
    return found


def exponents(sizes, values):
    """Return the exponents between neighbouring sizes: 1 is linear."""
    pairs = zip(sizes, sizes[1:], values, values[1:], strict=False)
    return [math.log(b / a) / math.log(m / n) for n, m, a, b in pairs]


def curves(points):
    """Return step -> {"sizes", "wall", "cpu", "megabytes", and "exponents" of each}; points: size -> measure()."""
    found, steps = {}, list(next(iter(points.values())))
    for step in steps:
        one = {"sizes": list(points)} | {
            kind: [point[step][kind] for point in points.values()] for kind in ("wall", "cpu", "megabytes")
        }
        growth = {kind: exponents(one["sizes"], one[kind]) for kind in ("wall", "cpu", "megabytes")}
        found[step] = one | {"exponents": growth}
    return found


def shown(record):
    """Return the table of all curves."""
    rows = [["what grows", "step", "sizes", "s", "exponents", "MB", "exponents"]]
    for name, steps in record["growing"].items():
        for step, one in steps.items():
            row = [SIZES[name][0], step, " ".join(map(str, one["sizes"]))]
            for kind, limit in (("cpu", math.inf), ("megabytes", MEGABYTES)):
                row.append(" ".join(f"{value:.3g}{'!' * (value > limit)}" for value in one[kind]))
                row.append(" ".join(f"{value:.2f}{'!' * (value > MOST)}" for value in one["exponents"][kind]))
            rows.append(row)
    return table(rows)


def draw(record, stem):
    """Draw time and memory of each step over the size -> STEM.png; a step looks the same in all panels."""
    pyplot, names, growing = style.pyplot(), list(record["growing"]), record["growing"]
    pyplot.rcParams["text.parse_math"] = True  # for the powers of ten at the axes
    steps = list(dict.fromkeys(step for name in names for step in growing[name]))
    looks = {step: _look(number) for number, step in enumerate(steps)}
    size = (max(6, 3 * len(names)), 5.4)
    figure, panels = pyplot.subplots(2, len(names), figsize=size, squeeze=False, sharey="row", layout="constrained")
    for column, name in zip(panels.T, names, strict=True):
        for axes, kind in zip(column, ("cpu", "megabytes"), strict=True):
            for step, one in growing[name].items():
                axes.loglog(one["sizes"], one[kind], **looks[step])
            style.tidy(axes)
            sizes = next(iter(growing[name].values()))["sizes"]
            axes.set_xticks(sizes, [f"{size:g}" for size in sizes])
            axes.set_xticks([], minor=True)
            axes.set_xlabel(SIZES[name][0])
        column[1].axhline(MEGABYTES, color="0.6", linewidth=1)
    panels[0, 0].set_ylabel("processor time, s")
    panels[1, 0].set_ylabel("peak memory, MB")
    lines = [pyplot.Line2D([], [], label=step, **look) for step, look in looks.items()]
    figure.legend(handles=lines, loc="outside lower center", ncols=4)
    style.save(figure, stem, ["png"])


def _look(number):
    """The style of a curve; where there are more curves than styles, the markers are hollow."""
    hollow = {"markerfacecolor": "white"} if number >= len(style.STYLES) else {}
    return style.STYLES[number % len(style.STYLES)] | hollow


@program
def main(argv=None):
    """Run the program."""
    options = Parser(help_text())
    options.add_argument("stem", help="output: STEM.json and STEM.png")
    options.add_argument("names", nargs="*", help=f"what grows: {' '.join(SIZES)} (default: all)")
    options.add_argument("--quick", action="store_true", help="small sizes: a few minutes")
    options.add_argument("--full", action="store_true", help="up to 1000 hours: more than an hour of processor time")
    options.add_argument("--dir", default=tempfile.gettempdir(), help="folder for the generated data (default: TMPDIR)")
    values = options.parse(argv)
    names = values.names or list(SIZES)
    if unknown := [name for name in names if name not in SIZES]:
        raise BadInput(f"found {unknown[0]}, expected some of {' '.join(SIZES)}")
    if values.quick and values.full:
        raise BadInput("found --quick and --full, expected one of them")
    scale = 0 if values.quick else 2 if values.full else 1
    check_output(f"{values.stem}.json")
    check_disk(values.dir, names, scale)
    record = {"machine": machine(), "growing": {}}
    for name in names:
        points = {}
        for size in SIZES[name][1 + scale]:
            points[size] = measure(name, size, values.dir)
            record["growing"][name] = curves(points)
            write_text(f"{values.stem}.json", json.dumps(record, indent=1) + "\n")  # now: the next size may fail
    draw(record, values.stem)
    print(f"{described(record['machine'])}\n\n{shown(record)}")


if __name__ == "__main__":
    main()
