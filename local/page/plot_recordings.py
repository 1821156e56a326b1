#!/usr/bin/env python3
"""Plot the predictions of recordings: FOLDER/csv/<id>.csv -> FOLDER/plots/<id>.png."""

from functools import partial
from pathlib import Path

from cer.base import csvs, facts
from cer.base.errors import program
from cer.base.options import Parser
from cer.data.datadir import part
from cer.data.targets import ends
from local.results import style


def draw(name, path, stem):
    """Plot a CSV file of predictions: one panel per target over a common time axis."""
    time, columns, _ = csvs.read_predictions(path)
    plt = style.pyplot()
    figure, panels = plt.subplots(len(columns), sharex=True, squeeze=False, figsize=(8, 1 + 1.7 * len(columns)))
    for axes, (target, values), look in zip(panels[:, 0], columns.items(), style.STYLES, strict=False):
        axes.plot(time, values, color=look["color"], linewidth=1.2)
        axes.axhline(0, color="0.6", linewidth=0.8)
        axes.set_ylabel(f"{target}\n({ends(target)})")
        style.tidy(axes)
    panels[0, 0].set_title(name)
    panels[-1, 0].set_xlabel("time (s)")
    figure.align_ylabels()
    figure.tight_layout()
    style.save(figure, stem, ["png"])
    plt.close(figure)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("folder", help="output folder of steps/predict_recordings.sh")
    options.add_argument("--part", default="1/1", metavar="J/N", help="process the J-th of N parts of the recordings")
    values = options.parse(argv)
    folder = Path(values.folder)
    files = {path.stem: path for path in sorted(folder.glob("csv/*.csv"))}
    for key, path in part(files, values.part).items():
        stamp, stem = folder / ".done" / "plots" / f"{key}.done", folder / "plots" / key
        work = partial(draw, key, path, stem)
        if facts.do(stamp, work, inputs=[path], code=[__file__], outputs=[f"{stem}.png"]):
            print(f"{key}: drawn", flush=True)


if __name__ == "__main__":
    main()
