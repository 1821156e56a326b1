"""Show the predictions of recordings: plots, FOLDER/plots/<id>.png, and pages with sound, FOLDER/pages/<id>.html."""

import hashlib
import json
import math
import os
import textwrap
from functools import partial
from pathlib import Path
from urllib.parse import quote

from cer.base.errors import BadInput, program  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base import facts
from cer.base.files import day_of, real, write_text
from cer.base.kinds import Whole
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.data.datadir import Archive, label_shift, part
from cer.data.targets import ends
from cer.prediction.origin import meanings_of, read_origins, system_of
from local.page import own, recording
from local.page.page import PARTS
from local.results import style

ROW = 100  # seconds in a row of a picture
MOST = 8  # rows of a picture
LETTERS = 58  # in a line below it
LINES = 24  # below it, at most


def draw(name, columns, shift, stem, below="", meanings=None):
    """Plot predictions, target -> (T,), one value every `shift` seconds, over time; long recordings in several rows.

    All pictures have the scale of the labels, -1 to 1, or twice, four times ... as much where values lie outside.
    below: what is written below; meanings: of the corpus's own targets.
    """
    plt, rows = style.pyplot(), max(len(values) for values in columns.values())
    each = row_seconds((rows - 1) * shift)  # from the first value to the last
    count = max(1, math.ceil((rows - 1) * shift / each - 1e-9))
    lines = [line for one in below.split("\n") for line in textwrap.wrap(one[: 2 * LINES * LETTERS], LETTERS)]
    lines = lines if len(lines) <= LINES else [*lines[: LINES - 1], "..."]  # others may have written them
    labels = {target: textwrap.shorten(f"{target} ({ends(target, meanings)})", 2 * LETTERS) for target in columns}
    size = (style.COLUMN, 1.0 + 0.95 * count + 0.12 * len(lines))
    figure, panels = plt.subplots(count, sharey=True, squeeze=False, figsize=size, layout="constrained")
    highest = max(float(np.abs(values).max(initial=0)) for values in columns.values())
    limit = 2 ** max(0, math.ceil(math.log2(highest or 1)))
    for number, axes in enumerate(panels[:, 0]):
        cut = slice(round(number * each / shift), round((number + 1) * each / shift) + 1)
        for n, (target, values) in enumerate(columns.items()):
            time = shift * np.arange(len(values))
            look = style.ink(n) | {"marker": "." if len(values[cut]) == 1 else None}  # a line needs two
            axes.plot(time[cut], values[cut], label=labels[target], **look)
        axes.axhline(0, color="0.6", linewidth=0.5)
        axes.set(xlim=(number * each, number * each + min(each, rows * shift)), ylim=(-limit, limit))
        style.tidy(axes)
    panels[0, 0].set_title(f"{name}; scale: −{limit} to {limit}")
    panels[-1, 0].set_xlabel("time (s)")
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper center", frameon=False)
    if lines:
        figure.supxlabel("\n".join(lines), fontsize=6, color="0.3", x=0.01, ha="left")
    style.save(figure, stem, ["png"])


def row_seconds(seconds):
    """Return how much a row of the picture shows of a recording: 100 s, or more if MOST rows are too few."""
    return max(ROW, ROW * math.ceil(seconds / (ROW * MOST)))


class Shown:
    """The recordings of an output folder of steps/predict_recordings.sh, and what is drawn of each."""

    def __init__(self, folder, values):
        """values: the options of the program."""
        self.folder, self.values, self.wavs = folder, values, read_table(folder / "wav.scp")
        self.shift, self.origins = label_shift(folder), read_origins(folder)
        self.meanings = meanings_of(self.origins)
        self.scps = {path.stem: path for path in sorted(folder.glob("*.scp")) if path.name != "wav.scp"}
        self.archives = {target: Archive(path) for target, path in self.scps.items()}
        self.places = {target: read_table(path) for target, path in self.scps.items()}
        parts = b"".join(path.read_bytes() for path in sorted(PARTS.iterdir()))
        self.look = hashlib.sha256(parts).hexdigest()  # of the pages: their style and scripts

    def day(self, key):
        """The day when a recording was predicted."""
        places = [table[key] for table in self.places.values() if key in table]
        return day_of(Path(places[0].rpartition(":")[0]))

    def show(self, key):
        """Make the picture and the page of a recording, unless they are up to date."""
        columns = {target: archive[key][:, 0] for target, archive in self.archives.items() if key in archive}
        if not columns:
            return
        values, shift, source = self.values, self.shift, self.wavs[key]
        contents = [hashlib.sha256(column.tobytes()).hexdigest() for column in columns.values()]
        plot, out = self.folder / "plots" / key, self.folder / "pages" / f"{key}.html"
        said = [json.dumps(self.origins), values.sound, len(self.wavs) > 1, str(self.folder)]
        facts_of = {"options": [*columns, *contents, shift, values.channel, *said], "code": [__file__]}
        if values.plot == "true":
            below = own.footer(self.origins, self.day(key))
            work = partial(draw, key, columns, shift, plot, below, self.meanings)
            facts.do(self.folder / ".done" / "plots" / f"{key}.done", work, outputs=[f"{plot}.png"], **facts_of)
        if values.page == "true":
            about, several = own.about(self.origins, self.day(key)), len(self.wavs) > 1
            index = self.folder / "index.html"
            listed = several or index.exists()
            if listed:
                back = quote(os.path.relpath(index, out.parent))
                about += f'<p class="note"><a href="{back}">all recordings</a></p>\n'

            def make_page():
                seconds = shift * max(len(column) for column in columns.values())
                link = own.link_to(source, out, values.sound, several, seconds)
                predictions = [(system_of(self.origins), columns, shift, 0.0)]
                page = recording.recording_page(source, predictions, key, values.channel, about, link, self.meanings)
                write_text(out, page)

            stamp = self.folder / ".done" / "pages" / f"{key}.done"
            facts_of["options"] += [self.look, listed]
            facts.do(stamp, make_page, inputs=[source], outputs=[out], **facts_of)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("folder", help="output folder of steps/predict_recordings.sh")
    options.add_argument("--part", default="1/1", metavar="J/N", help="process the J-th of N parts of the recordings")
    options.add_argument("--plot", choices=["true", "false"], default="true", help="make plots (default: true)")
    options.add_argument("--page", choices=["true", "false"], default="false", help="make pages (default: false)")
    options.add_argument("--sound", choices=own.SOUNDS, default="auto", help=own.SOUND_HELP)
    options.add_argument("--channel", type=Whole, help="channel of the sound (default: the first, with a warning)")
    values = options.parse(argv)
    shown, failed = Shown(real(values.folder), values), []
    keys = part(shown.wavs, values.part)
    for key in keys:
        try:
            shown.show(key)
        except BadInput as error:
            failed.append(f"{key}: {error}")
    if failed:
        raise BadInput(f"{len(failed)} of {len(keys)} recordings could not be shown:\n" + "\n".join(failed))


if __name__ == "__main__":
    main()
