"""The paper's Figure 1: dev CCC over the receptive field of a single filter -> EXP/figure1.{json,png,pdf}, a section.

Reads the output of local/paper/figure1_train.py, EXP/figure1/<target>.<job>.json; local/figure1.sh runs both programs.
"""

import json
from pathlib import Path

from cer.base.errors import BadInput, listed, program, warn  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base.facts import Stamp, inputs_of
from cer.base.files import write_text
from cer.base.kinds import Count, Name, Seconds
from cer.base.markdown import table
from cer.base.options import Parser
from cer.base.records import Listed, read
from local.results import sections
from local.results.style import COLUMN, ink, pyplot, rows_and_seconds, save, tidy
from local.results.tables import paper_rows

TEXT = """## How far to look{paper}

Dev CCC of a single filter, tanh and linear regression (the paper's Section 4), {runs}
a width. Adam's step size goes down with the width ({rates}).

{table}

![Dev CCC over the receptive field of a single filter](../figure1.png)
"""

POINT = {
    "target": Name, "filter_width": Count, "label_shift": Seconds, "runs": Listed({"dev_ccc": float}, 1),
    "settings": {...: float}, "data?": Listed(str),
}  # output of local/paper/figure1_train.py  # fmt: skip


def current(folder):
    """List the files of the points, without those whose features or labels have changed since: these with a warning."""
    paths = sorted(folder.glob("*.json"))
    changed = {path: texts for path in paths if (texts := Stamp(_stamp_of(path)).outdated())}
    for path, texts in changed.items():
        warn(f"{path}: is left out: made from something else ({texts[0]}); run local/figure1.sh for its target")
    return [path for path in paths if path not in changed]


def read_points(folder, files):
    """Read the points: target -> list sorted by width. Raises BadInput for none, or for different settings or data."""
    points = {}
    for path in files:
        point = read(path, POINT, "run local/figure1.sh again")
        points.setdefault(point["target"], []).append(point)
    if not points:
        raise BadInput(f"{folder}: found no <target>.<job>.json; run local/figure1.sh")
    if len({json.dumps([p["settings"], p["label_shift"]]) for each in points.values() for p in each}) > 1:
        raise BadInput(f"{folder}: its points were made with different settings; remove it and run local/figure1.sh")
    if mixed := [target for target, each in points.items() if len({json.dumps(p.get("data")) for p in each}) > 1]:
        raise BadInput(
            f"{folder}: its points of {listed(mixed)} were made from different data; remove it and run local/figure1.sh"
        )
    return {target: sorted(points[target], key=lambda p: p["filter_width"]) for target in sorted(points)}


def _stamp_of(path):
    return path.with_name(f".done.{path.stem}")


def curve(points):
    """Return widths (rows), mean and sample deviation (NaN of one run) of the runs' dev CCC: three arrays (points,)."""
    values = [[run["dev_ccc"] for run in point["runs"]] for point in points]
    deviations = [np.std(each, ddof=1) if len(each) > 1 else np.nan for each in values]
    return np.array([p["filter_width"] for p in points]), np.array([np.mean(v) for v in values]), np.array(deviations)


def markdown(points):
    """Return the section for the reports."""
    first = next(iter(points.values()))
    curves = {target: curve(each) for target, each in points.items()}
    widths = sorted({int(width) for found, _, _ in curves.values() for width in found})
    number = len(first[0]["runs"])
    several = number > 1
    rows = [["rows", *widths], ["seconds", *(f"{width * first[0]['label_shift']:.2f}" for width in widths)]]
    for target, (found, means, deviations) in curves.items():
        at = {int(width): n for n, width in enumerate(found)}
        shown = {width: f"{means[n]:z.3f}" + (f" ± {deviations[n]:.3f}" if several else "") for width, n in at.items()}
        rows.append([target, *(shown.get(width, "–") for width in widths)])
    settings = first[0]["settings"]
    rates = f"{settings['rate_times_width']:g} / width, at most {settings['learning_rate']:g}"
    paper = " (the paper's Figure 1)" if any(map(paper_rows, points)) else ""
    runs = f"mean ± sample deviation of {number} runs" if several else "one run"
    return TEXT.format(paper=paper, runs=runs, rates=rates, table=table(rows))


def curves(points):
    """Return the figure's numbers for the HTML page."""
    drawn = []
    for target, each in points.items():
        widths, means, deviations = curve(each)
        seconds = (widths * each[0]["label_shift"]).tolist()
        spread = {} if np.isnan(deviations).any() else {"deviations": deviations.tolist()}
        drawn.append({"name": target, "x": seconds, "y": means.tolist()} | spread)
    y = "dev CCC (± deviation)" if all("deviations" in one for one in drawn) else "dev CCC"
    label, x = "dev CCC over the receptive field", "receptive field (s)"
    return {"label": label, "x": x, "y": y, "curves": drawn}


def draw(points):
    """Draw the figure: one curve per target, and below, on a scale of its own, the (small) deviation of several runs.

    Lower axis: rows, upper axis: seconds.
    """
    first = next(iter(points.values()))[0]
    number = len(first["runs"])
    heights = (3, 1) if number > 1 else (3,)
    figure, panels = pyplot().subplots(
        len(heights), sharex=True, squeeze=False, figsize=(COLUMN, 2.9), height_ratios=heights, layout="constrained"
    )
    above, *further = panels[:, 0]
    for n, (target, each) in enumerate(points.items()):
        widths, means, deviations = curve(each)
        above.plot(widths, means, label=target, **ink(n))
        for below in further:
            below.plot(widths, deviations, **ink(n))
    rows_and_seconds(above, widths, first["label_shift"], "", "receptive field (s)")
    above.set_ylabel(f"dev CCC, mean of {number} runs" if further else "dev CCC, one run")
    for below in further:
        below.minorticks_off()
        below.set_ylabel("deviation")
        below.set_ylim(bottom=0)
    panels[-1, 0].set_xlabel("receptive field (rows of labels)")
    for axes in panels[:, 0]:
        tidy(axes)
    above.legend(frameon=False)
    return figure


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    exp = Path(options.parse(argv).exp)
    files = current(exp / "figure1")
    points = read_points(exp / "figure1", files)
    write_text(exp / "figure1.json", json.dumps(points, indent=1) + "\n")
    sections.write_curves(exp / "figure1", curves(points))
    save(draw(points), exp / "figure1")
    sections.write(exp, "40-figure1", markdown(points), inputs_of(map(_stamp_of, files)), [exp / "figure1.json"])
    print(f"{exp}/figure1.json, .png and .pdf: {sum(map(len, points.values()))} points")


if __name__ == "__main__":
    main()
