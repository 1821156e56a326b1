#!/usr/bin/env python3
"""Show the predictions of recordings: plots, FOLDER/plots/<id>.png, and pages with sound, FOLDER/pages/<id>.html."""

import hashlib
import math
from functools import partial
from pathlib import Path

import numpy as np

from cer.base import facts
from cer.base.errors import BadInput, program
from cer.base.files import write_text
from cer.base.kinds import Whole
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.data.datadir import Archive, label_shift, part
from cer.data.targets import ends
from local.page import recording
from local.results import style

ROW = 100  # seconds in a row of a picture
MOST = 8  # rows of a picture


def draw(name, columns, shift, stem):
    """Plot predictions, target -> (T,), one value every `shift` seconds, over time; long recordings in several rows.

    All pictures have the scale of the labels, -1 to 1, or twice, four times ... as much where values lie outside.
    """
    plt, rows = style.pyplot(), max(len(values) for values in columns.values())
    each = row_seconds(rows * shift)
    count = max(1, math.ceil(rows * shift / each))
    size = (style.COLUMN, 0.5 + 0.95 * count)
    figure, panels = plt.subplots(count, sharey=True, squeeze=False, figsize=size, layout="constrained")
    highest = max(float(np.abs(values).max(initial=0)) for values in columns.values())
    limit = 2 ** max(0, math.ceil(math.log2(highest or 1)))
    for number, axes in enumerate(panels[:, 0]):
        cut = slice(round(number * each / shift), round((number + 1) * each / shift) + 1)
        for n, (target, values) in enumerate(columns.items()):
            time = shift * np.arange(len(values))
            axes.plot(time[cut], values[cut], label=f"{target} ({ends(target)})", **style.ink(n) | {"marker": None})
        axes.axhline(0, color="0.6", linewidth=0.5)
        axes.set(xlim=(number * each, number * each + min(each, rows * shift)), ylim=(-limit, limit))
        style.tidy(axes)
    panels[0, 0].set_title(f"{name}; scale: −{limit} to {limit}")
    panels[-1, 0].set_xlabel("time (s)")
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", frameon=False)
    style.save(figure, stem, ["png"])
    plt.close(figure)


def row_seconds(seconds):
    """Return how much a row of the picture shows of a recording: 100 s, or more if MOST rows are too few."""
    return max(ROW, ROW * math.ceil(seconds / (ROW * MOST)))


def write_page(name, source, columns, shift, channel, out):
    """Write the page of a recording; source: its sound."""
    write_text(out, recording.recording_page(source, [(name, columns, shift, 0.0)], name, channel))


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("folder", help="output folder of steps/predict_recordings.sh")
    options.add_argument("--part", default="1/1", metavar="J/N", help="process the J-th of N parts of the recordings")
    options.add_argument("--plot", choices=["true", "false"], default="true", help="make plots (default: true)")
    options.add_argument("--page", choices=["true", "false"], default="false", help="make pages (default: false)")
    options.add_argument("--channel", type=Whole, help="channel of the sound (default: the first, with a warning)")
    values = options.parse(argv)
    folder = Path(values.folder)
    wavs, shift = part(read_table(folder / "wav.scp"), values.part), label_shift(folder)
    scps = [path for path in sorted(folder.glob("*.scp")) if path.name != "wav.scp"]
    archives, failed = {path.stem: Archive(path) for path in scps}, []
    for key, source in wavs.items():
        try:
            columns = {target: archive[key][:, 0] for target, archive in archives.items() if key in archive}
            contents = [hashlib.sha256(column.tobytes()).hexdigest() for column in columns.values()]
            plot, page = folder / "plots" / key, folder / "pages" / f"{key}.html"
            about = {"options": [*columns, *contents, shift, values.channel], "code": [__file__]}
            if columns and values.plot == "true":
                stamp, work = folder / ".done" / "plots" / f"{key}.done", partial(draw, key, columns, shift, plot)
                facts.do(stamp, work, outputs=[f"{plot}.png"], **about)
            if columns and values.page == "true":
                stamp = folder / ".done" / "pages" / f"{key}.done"
                work = partial(write_page, key, source, columns, shift, values.channel, page)
                facts.do(stamp, work, inputs=[source], outputs=[page], **about)
        except BadInput as error:
            failed.append(f"{key}: {error}")
    if failed:
        raise BadInput(f"{len(failed)} of {len(wavs)} recordings could not be shown:\n" + "\n".join(failed))


if __name__ == "__main__":
    main()
