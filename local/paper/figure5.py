"""Draw an excerpt of predictions and gold standard, as the paper's Figure 5 -> EXP/figure5.{png,pdf} and a section."""

from pathlib import Path

from cer.base.errors import BadInput, program  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base.kinds import Name, NonNegative, Positive
from cer.base.options import Parser
from cer.base.words import reach
from cer.data.datadir import Archive, label_shift, labels_of
from cer.data.frames import labelled
from cer.data.targets import ends, meanings
from cer.scoring.metrics import ccc
from local.results import sections
from local.results.style import COLUMN, LINES, look, pyplot, save, tidy
from local.results.systems import check, chosen, outputs, scored
from local.results.tables import paper_rows

TEXT = """## Trajectories{paper}

![Predictions over the gold standard](../figure5.png)
"""


def panel(axes, gold, predictions, cut, shift):
    """Draw a slice, `cut`, of one target, with the CCCs; gold: (T,), predictions: system -> (T,), whole recordings."""
    time = shift * np.arange(len(gold))
    axes.plot(time[cut], gold[cut], color="black", linewidth=1.6, label="gold standard")
    said = []
    for system, values in predictions.items():
        colour, stroke = look(system)
        known = min(len(gold), len(values))  # they may differ by two rows: cer/data/frames.py
        seen = slice(cut.start, min(cut.stop, known))
        axes.plot(time[seen], values[seen], color=colour, linestyle=LINES[stroke], label=system)
        here, whole = (_ccc(gold[part].astype(float), values[part].astype(float)) for part in (seen, slice(known)))
        said.append(f"{system} {here:z.2f} ({whole:z.2f})")
    axes.set_title(f"CCC here (whole recording): {', '.join(said)}", loc="left", wrap=True)
    tidy(axes)


def first_of(labels, target):
    """The first recording that all targets have labels of, or else a target's own; labels: target -> {key: (T, 1)}."""
    common = (key for key in labels[target] if all(key in each for each in labels.values()))
    return next(common, next(iter(labels[target])))


def excerpt(start, duration, length, shift, key):
    """The slice of labels to draw; length: their number; shift: s between them; key: utterance, for the message.

    duration: s; start: s, or below 1 a share of what can be the start. Raises BadInput if it is not in the recording.
    """
    rows = min(round(duration / shift), length)
    first = round(start / shift) if start >= 1 else round(start * (length - rows))
    if not rows or first + rows > length:
        raise BadInput(
            f"--start={start:g} --duration={duration:g}: {key} has {length} labels, one every {shift:g} s; expected a"
            f" duration of {shift:g} s or more, and a start of {(length - rows) * shift:g} s or less"
        )
    return slice(first, first + rows)


def _ccc(gold, values):
    gold, values = labelled(gold, values)
    return ccc(gold, values) if len(gold) else np.nan


def folders_of(found, asked):
    """The systems to draw: target -> {system: folder of predictions}, without targets that none of them predicts.

    found: the same of all systems, of scored(); asked: names, None for the default. Raises BadInput for unknown names.
    """
    names = asked or chosen({system for systems in found.values() for system in systems})
    check(names, found, "--systems")
    of_targets = {target: {name: each[name] for name in names if name in each} for target, each in found.items()}
    return {target: folders for target, folders in of_targets.items() if folders}


def draw(data, folders, labels, keys, cuts):
    """Draw a panel for each target; returns the figure.

    data: data directory of the set; folders: of folders_of(); by target, labels: of its recording (T,); keys: ids of
    the recordings; cuts: slices of them to draw.
    """
    size = (COLUMN, 1.3 * len(folders) + 0.6)
    figure, grid = pyplot().subplots(len(folders), sharex=True, squeeze=False, figsize=size, layout="constrained")
    for axes, (target, each) in zip(grid[:, 0], folders.items(), strict=True):
        predictions = {name: Archive(outputs(folder)[0])[keys[target]][:, 0] for name, folder in each.items()}
        panel(axes, labels[target], predictions, cuts[target], label_shift(data))
        axes.set_ylabel(f"{target}\n({ends(target, meanings(data))})")
    runs = {len(outputs(folder)[1]) for each in folders.values() for folder in each.values()}
    said = f"mean of {reach(runs)} runs" if runs != {1} else "one run each"
    shown = " and ".join(dict.fromkeys(keys.values()))
    figure.suptitle(f"{shown}, set {data.name}: gold standard and predictions ({said})", wrap=True)
    grid[-1, 0].set_xlabel("time (s)")
    handles = {}  # label -> line, each once
    for axes in grid[:, 0]:
        lines, names = axes.get_legend_handles_labels()
        handles |= dict(zip(names, lines, strict=True))
    below = {"loc": "outside lower center", "ncols": min(len(handles), 3), "frameon": False}
    figure.legend(handles.values(), handles.keys(), **below)
    return figure


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="folder of data directories, e.g. data/synth")
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    options.add_argument("--set", type=Name, default="dev", help="set (default: dev)")
    options.add_argument("--systems", nargs="+", help="(default: dilated and downup, or else the first five)")
    options.add_argument("--recording", help="utterance id (default: the first with all targets)")
    options.add_argument(
        "--start", type=NonNegative, default=0.4, help="in seconds, or below 1 a share of the recording (default: 0.4)"
    )
    options.add_argument("--duration", type=Positive, default=40.0, help="seconds (default: 40, as in the paper)")
    values = options.parse(argv)
    data, exp = Path(values.data) / values.set, Path(values.exp)
    folders = folders_of(scored(exp, values.set), values.systems)
    archives = {target: labels_of(data, target) for target in folders}
    keys = {target: values.recording or first_of(archives, target) for target in folders}
    for target, key in keys.items():
        if key not in archives[target]:
            raise BadInput(f"--recording={key}: not in {data}/{target}.scp; there are {', '.join(archives[target])}")
    labels = {target: archives[target][key][:, 0] for target, key in keys.items()}
    place = values.start, values.duration
    cuts = {target: excerpt(*place, len(labels[target]), label_shift(data), key) for target, key in keys.items()}
    save(draw(data, folders, labels, keys, cuts), exp / "figure5")
    paper = " (the paper's Figure 5)" if any(paper_rows(target, [data]) for target in folders) else ""
    sections.write(exp, "10-figure5", TEXT.format(paper=paper))
    print(f"{exp}/figure5.png and .pdf: {values.set}, {' and '.join(dict.fromkeys(keys.values()))}")


if __name__ == "__main__":
    main()
