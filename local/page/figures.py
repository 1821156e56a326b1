"""Figures of the report, for Plotly in the browser: lists of plots {"label", "traces", "layout"}."""

from cer.base import csvs
from cer.base.errors import BadInput
from local.page.packed import line_style
from local.results.systems import progress_files
from local.results.tables import by_system

PROGRESS = ["epoch", "train_loss", "dev_ccc"]
SETS = [("dev", "circle"), ("test", "circle-open")]


def scores(records):
    """Plot the CCC of each system's ensemble on dev and test with its 95 % interval: one plot per target."""
    plots = []
    for target in sorted({r["target"] for r in records}):
        found = by_system(records, target)
        systems = sorted({system for system, _ in found})
        traces = [_points([r for s in systems if (r := found.get((s, name)))], name, symbol, n)
                  for n, (name, symbol) in enumerate(SETS)]  # fmt: skip
        layout = {
            "title": {"text": target},
            "height": 110 + 34 * len(systems),
            "scattermode": "group",
            "xaxis": {"title": {"text": "CCC of the ensemble, 95 % interval over speakers"}},
            "yaxis": {"automargin": True, "fixedrange": True, "autorange": "reversed"},
        }
        label = f"CCC on {target} with intervals; the numbers are in the table below"
        plots.append({"label": label, "traces": [one for one in traces if one["x"]], "layout": layout})
    return plots


def _points(found, set_name, symbol, number):
    ends = [r.get("interval") or [r["ccc"], r["ccc"]] for r in found]
    return {
        "type": "scatter", "mode": "markers", "orientation": "h", "name": set_name, "legendgroup": set_name,
        "x": [r["ccc"] for r in found], "y": [r["system"] for r in found],
        "marker": {"color": line_style(number)["colour"], "symbol": symbol, "size": 9},
        "error_x": {
            "type": "data", "symmetric": False, "color": line_style(number)["colour"],
            "array": [high - r["ccc"] for r, (_, high) in zip(found, ends, strict=True)],
            "arrayminus": [r["ccc"] - low for r, (low, _) in zip(found, ends, strict=True)],
        },
        "hovertemplate": "%{y}: %{x:.3f}",
    }  # fmt: skip


def learning_curves(exp, records, styles):
    """Plot dev CCC and training loss by epoch for each run; returns (plots, names of systems without epochs).

    styles: system -> result of line_style(). A run that post-processing links to appears only under its own system.
    """
    plots, solved = [], set()
    for column, title in (("dev_ccc", "dev CCC"), ("train_loss", "training loss (1 − CCC)")):
        for target in sorted({r["target"] for r in records}):
            traces = []
            for system, path in progress_files(exp, records, target):
                epochs = read_progress(path)
                if len(epochs) < 2:
                    solved.add(system)
                    continue
                traces.append(_curve(system, path.parent.name, epochs, column, styles[system]))
            layout = {
                "title": {"text": f"{target}: {title}"}, "height": 330,
                "xaxis": {"title": {"text": "epoch"}}, "yaxis": {"title": {"text": title}},
            }  # fmt: skip
            plots.append({"label": f"{title} over the epochs, {target}", "traces": traces, "layout": layout})
    return [plot for plot in plots if plot["traces"]], sorted(solved)


def read_progress(path):
    """Read a progress.csv: list of {"epoch", "train_loss", "dev_ccc"}. Raises BadInput for other columns."""
    names, _, values = csvs.read(path, cure="train again", first="epoch")
    if names != PROGRESS:
        raise BadInput(f"{path}:1: found {','.join(names)!r}, expected {','.join(PROGRESS)}; train again")
    return [dict(zip(names, row, strict=True)) for row in values.tolist()]


def _curve(system, run, epochs, column, style):
    return {
        "type": "scatter", "mode": "lines", "name": f"{system} {run}", "legendgroup": system, "opacity": 0.8,
        "x": [row["epoch"] for row in epochs], "y": [row[column] for row in epochs],
        "line": {"color": style["colour"], "dash": style["dash"], "width": 1.5},
        "hovertemplate": "%{y:.3f}",
    }  # fmt: skip


def over_seconds(record):
    """Plot curves over seconds; record: content of <picture>.curves.json, see local/results/sections.py."""
    traces = [
        _line(one["name"], n, one["x"], one["y"], one.get("deviations")) for n, one in enumerate(record["curves"])
    ]
    seconds = sorted({second for trace in traces for second in trace["x"]})
    axis = {"type": "log", "tickvals": seconds, "ticktext": [f"{second:.3g}" for second in seconds]}
    layout = {
        "height": 380, "xaxis": axis | {"title": {"text": record["x"]}},
        "yaxis": {"title": {"text": record["y"]}},
    }  # fmt: skip
    return [{"label": record["label"], "traces": traces, "layout": layout}]


def _line(name, number, x, y, deviations):
    style = line_style(number)
    bars = {"error_y": {"type": "data", "array": deviations, "color": style["colour"]}} if deviations else {}
    return {
        "type": "scatter", "mode": "lines+markers", "name": name, "legendgroup": name, "x": x, "y": y,
        "line": {"color": style["colour"], "dash": style["dash"]}, "marker": {"color": style["colour"]},
        "hovertemplate": "%{x:.3g} s: %{y:.4f}",
    } | bars  # fmt: skip
