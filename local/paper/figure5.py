#!/usr/bin/env python3
"""The paper's Figure 5: an excerpt of predictions and gold standard -> EXP/figure5.{png,pdf} and a section."""

from pathlib import Path

import numpy as np

from cer.base.errors import BadInput, program
from cer.base.kinds import Name, NonNegative, Positive
from cer.base.options import Parser
from cer.data import targets as meaning
from cer.data.datadir import Archive, label_shift, labels_of
from local.results import sections
from local.results.style import LINES, look, pyplot, save, tidy
from local.results.systems import check, chosen, outputs, scored

TEXT = """## Trajectories (the paper's Figure 5)

![Predictions over the gold standard](../figure5.png)
"""


def panel(axes, target, gold, predictions, styles, shift, first):
    """Draw one target; gold: (T,); predictions: system -> (T,); styles: by system; first: time of row 0, seconds."""
    time = first + shift * np.arange(len(gold))
    axes.plot(time, gold, color="black", linewidth=2.2, label="gold standard")
    for system, values in predictions.items():
        axes.plot(time[: len(values)], values, **styles[system], linewidth=1.4, label=system)
    axes.set_ylabel(f"{target}\n({meaning.ends(target)})")
    tidy(axes)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="folder of data directories, e.g. data/synth")
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    options.add_argument("--set", type=Name, default="dev", help="set (default: dev)")
    options.add_argument("--systems", nargs="+", help="(default: dilated and downup, or else the first five)")
    options.add_argument("--recording", help="utterance id (default: the first of the set)")
    options.add_argument(
        "--start", type=NonNegative, default=0.4, help="in seconds, or below 1 a share of the recording (default: 0.4)"
    )
    options.add_argument("--duration", type=Positive, default=40.0, help="seconds (default: 40, as in the paper)")
    values = options.parse(argv)
    data, exp = Path(values.data) / values.set, Path(values.exp)
    found = scored(exp, values.set)
    names = values.systems or chosen({system for systems in found.values() for system in systems})
    check(names, found, "--systems")
    targets = {target: {name: each[name] for name in names if name in each} for target, each in found.items()}
    targets = {target: folders for target, folders in targets.items() if folders}
    shift = label_shift(data)
    looks = {name: look(name) for name in names}
    styles = {name: {"color": colour, "linestyle": LINES[stroke]} for name, (colour, stroke) in looks.items()}
    figure, grid = pyplot().subplots(len(targets), 1, figsize=(8, 2.3 * len(targets) + 0.6), sharex=True, squeeze=False)
    for axes, (target, folders) in zip(grid[:, 0], targets.items(), strict=True):
        labels = labels_of(data, target)
        key = values.recording or next(iter(labels))
        if key not in labels:
            raise BadInput(f"--recording={key}: not in {data}/{target}.scp; there are {', '.join(labels)}")
        rows = min(round(values.duration / shift), len(labels[key]))
        first = round(values.start / shift) if values.start >= 1 else round(values.start * (len(labels[key]) - rows))
        if first < 0 or first + rows > len(labels[key]):
            raise BadInput(f"--start={values.start:g}: {key} lasts {len(labels[key]) * shift:g} s; expected 0 or more")
        cut = slice(first, first + rows)
        predictions = {name: Archive(outputs(folder)[0])[key][cut, 0] for name, folder in folders.items()}
        panel(axes, target, labels[key][cut, 0], predictions, styles, shift, first * shift)
    grid[0, 0].set_title(f"{key}, set {values.set}: gold standard and predictions (mean of the runs)", fontsize=10)
    grid[-1, 0].set_xlabel("time (s)")
    handles = {
        label: handle for axes in grid[:, 0] for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    columns = min(len(handles), 4)
    figure.legend(handles.values(), handles.keys(), loc="lower center", ncols=columns, frameon=False)
    inches = 0.1 + 0.22 * -(-len(handles) // columns)  # height of the legend
    figure.tight_layout(rect=(0, inches / figure.get_figheight(), 1, 1))
    save(figure, exp / "figure5")
    sections.write(exp, "10-figure5", TEXT)
    print(f"{exp}/figure5.png and .pdf: {values.set}, {key}")


if __name__ == "__main__":
    main()
