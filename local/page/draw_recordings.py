#!/usr/bin/env python3
"""Show the predictions of recordings: plots, FOLDER/plots/<id>.png, and pages with sound, FOLDER/pages/<id>.html."""

import hashlib
from functools import partial
from pathlib import Path

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


def draw(name, columns, shift, stem):
    """Plot predictions, target -> (T,), one value every `shift` seconds: a panel per target over a common time axis."""
    plt = style.pyplot()
    figure, panels = plt.subplots(len(columns), sharex=True, squeeze=False, figsize=(8, 1 + 1.7 * len(columns)))
    for axes, (target, values), look in zip(panels[:, 0], columns.items(), style.STYLES, strict=False):
        axes.plot([n * shift for n in range(len(values))], values, color=look["color"], linewidth=1.2)
        axes.axhline(0, color="0.6", linewidth=0.8)
        axes.set_ylabel(f"{target}\n({ends(target)})")
        style.tidy(axes)
    panels[0, 0].set_title(name)
    panels[-1, 0].set_xlabel("time (s)")
    figure.align_ylabels()
    figure.tight_layout()
    style.save(figure, stem, ["png"])
    plt.close(figure)


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
