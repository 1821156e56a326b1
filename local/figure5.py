#!/usr/bin/env python3
"""The paper's Figure 5: a stretch of predictions over the gold standard -> EXP/figure5.png and EXP/figure5.pdf."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot

from cer.datadir import Archive, label_shift
from cer.errors import BadInput, program
from cer.files import replacing
from cer.options import Parser
from cer.scores import read_results

# Okabe and Ito's colours, told apart by colour-blind readers; the line styles tell them apart in print.
STYLES = [("#D55E00", "-"), ("#0072B2", "--"), ("#009E73", "-."), ("#CC79A7", ":"), ("#E69F00", "-")]
ENDS = {"arousal": "calm to excited", "valence": "negative to positive"}


def systems_of(exp, set_name):
    """target -> {system: its predictions' archive}, for what was scored on the set."""
    found = {}
    for record in read_results(exp / "results.json"):
        if record["set"] == set_name:
            folder = exp / record["system"] / record["target"] / f"predict_{set_name}"
            found.setdefault(record["target"], {})[record["system"]] = Archive(folder / "output.scp")
    return dict(sorted(found.items()))


def panel(axes, target, gold, predictions, styles, shift, first):
    """Draw one target: gold (T,), predictions system -> (T,), from `first` seconds on; styles: of each system."""
    time = first + shift * np.arange(len(gold))
    axes.plot(time, gold, color="black", linewidth=2.2, label="gold standard")
    for system, values in predictions.items():
        colour, line = styles[system]
        axes.plot(time[: len(values)], values, color=colour, linestyle=line, linewidth=1.4, label=system)
    axes.set_ylabel(f"{target}\n({ENDS.get(target, 'units of the labels')})")
    axes.grid(color="0.9")
    axes.spines[["top", "right"]].set_visible(False)


@program
def main():
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="the corpus's data directories, e.g. data/synth")
    options.add_argument("exp", help="the corpus's folder of systems, e.g. exp/synth")
    options.add_argument("--set", default="dev", help="which set (default: dev)")
    options.add_argument("--recording", help="which utterance (default: the first of the set)")
    options.add_argument(
        "--start", type=float, default=0.4, help="seconds, or a share of the recording below 1 (default: 0.4)"
    )
    options.add_argument("--duration", type=float, default=40.0, help="seconds (default: the paper's 40)")
    values = options.parse()
    data, exp = Path(values.data) / values.set, Path(values.exp)
    targets = systems_of(exp, values.set)
    if not targets:
        raise BadInput(f"{exp}/results.json: found no system scored on {values.set}; run stage 5")
    shift = label_shift(data)
    names = sorted({system for systems in targets.values() for system in systems})
    styles = {system: STYLES[n % len(STYLES)] for n, system in enumerate(names)}  # the same in every panel
    figure, grid = pyplot.subplots(len(targets), 1, figsize=(8, 2.3 * len(targets) + 0.6), sharex=True, squeeze=False)
    for axes, (target, systems) in zip(grid[:, 0], targets.items(), strict=True):
        labels = Archive(data / f"{target}.scp")
        key = values.recording or next(iter(labels))
        if key not in labels:
            raise BadInput(f"--recording={key}: not in {data}/{target}.scp; there are {', '.join(labels)}")
        rows = min(round(values.duration / shift), len(labels[key]))
        first = round(values.start / shift) if values.start >= 1 else round(values.start * (len(labels[key]) - rows))
        if first < 0 or first + rows > len(labels[key]):
            raise BadInput(f"--start={values.start:g}: {key} lasts {len(labels[key]) * shift:g} s; expected 0 or more")
        cut = slice(first, first + rows)
        predictions = {system: archive[key][cut, 0] for system, archive in systems.items()}
        panel(axes, target, labels[key][cut, 0], predictions, styles, shift, first * shift)
    grid[0, 0].set_title(f"{key}, set {values.set}: gold standard and predictions (mean of the runs)", fontsize=10)
    grid[-1, 0].set_xlabel("time (s)")
    handles = {
        label: handle for axes in grid[:, 0] for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=len(handles), frameon=False)
    figure.tight_layout(rect=(0, 0.06, 1, 1))
    for kind, meta in (("png", {"Software": None}), ("pdf", {"CreationDate": None})):
        with replacing(exp / f"figure5.{kind}", "wb") as file:
            figure.savefig(file, format=kind, dpi=150, metadata=meta)
    print(f"{exp}/figure5.png and .pdf: {values.set}, {key}")


if __name__ == "__main__":
    main()
