"""Figures of the report, for web/figures.js: lists of plots {"label", "title", "x", "lines"}.

A line: {"group": its name in the legend, "name": its full name, "colour", "dash", "width", "x", "y", "marks"?,
"deviations"?}; x: {"title", "log"?, "ticks"?}.
"""

from cer.base import csvs
from cer.base.errors import BadInput
from local.page.packed import DASHES, line_style
from local.results.systems import progress_files

PROGRESS = ["epoch", "train_loss", "dev_ccc"]


def learning_curves(exp, records):
    """Plot dev CCC and training loss by epoch for each run; returns (plots, names of systems without epochs).

    A run that post-processing links to appears only under its own system.
    """
    plots, solved = [], set()
    for column, title in (("dev_ccc", "dev CCC"), ("train_loss", "training loss (1 − CCC)")):
        for target in sorted({r["target"] for r in records}):
            lines = []
            for system, path in progress_files(exp, records, target):
                epochs = read_progress(path)
                if len(epochs) < 2:
                    solved.add(system)
                    continue
                lines.append(_curve(system, path.parent.name, epochs, column))
            label = f"{title} over the epochs, {target}"
            plots.append({"label": label, "title": f"{target}: {title}", "x": {"title": "epoch"}, "lines": lines})
    return [plot for plot in plots if plot["lines"]], sorted(solved)


def read_progress(path):
    """Read a progress.csv: list of {"epoch", "train_loss", "dev_ccc"}. Raises BadInput for other columns."""
    names, _, values = csvs.read(path, cure="train again", first="epoch")
    if names != PROGRESS:
        raise BadInput(f"{path}:1: found {','.join(names)!r}, expected {','.join(PROGRESS)}; train again")
    return [dict(zip(names, row, strict=True)) for row in values.tolist()]


def _curve(system, run, epochs, column):
    about = line_style(system) | {"group": system, "name": f"{system} {run}", "width": 1.5, "opacity": 0.85}
    return about | {"x": [row["epoch"] for row in epochs], "y": [row[column] for row in epochs]}


def over_seconds(record):
    """Plot curves over seconds; record: content of <picture>.curves.json, see local/results/sections.py.

    Their colours are ink and grey, since colours belong to systems.
    """
    lines = [
        {
            "group": one["name"], "name": one["name"], "colour": "var(--ink)" if n % 2 == 0 else "var(--muted)",
            "dash": DASHES[n // 2 % len(DASHES)], "width": 2, "marks": True, "x": one["x"], "y": one["y"],
        } | ({"deviations": one["deviations"]} if one.get("deviations") else {})
        for n, one in enumerate(record["curves"])
    ]  # fmt: skip
    seconds = sorted({second for line in lines for second in line["x"]})
    x = {"title": record["x"], "log": True, "ticks": [[second, f"{second:.3g}"] for second in seconds]}
    return [{"label": record["label"], "title": f"{record['label']}: {record['y']}", "x": x, "lines": lines}]
