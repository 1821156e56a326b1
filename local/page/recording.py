"""Make an HTML page of one recording: its sound and predictions, without labels or scores. It needs no server.

e.g.: python3 -m local.page.recording --out talk.html talk.wav downup=exp/own/downup/talk.csv
A CSV has the columns time (s) and one or more targets, e.g. time,arousal,valence. A system can have several CSVs.
"""

from pathlib import Path

from cer.base.csvs import read_predictions
from cer.base.errors import program
from cer.base.files import write_text
from cer.base.kinds import Whole
from cer.base.options import Parser
from cer.data.targets import ends, scale
from cer.sound.audio import Recording
from local.page import packed, page, sound
from local.page.packed import line_style, trace
from local.page.player import player

LEAD = """<p class="note">A value every {shift:g} s. There are no labels here, so nothing says how right they are: for
recordings like those of the training, the report on its systems does. {meanings}; values outside this range are shown
as predicted.</p>
"""


def recording_page(source, predictions, name, channel=None, about="", link="", meanings=None):
    """Return the page of one recording, as text.

    source: an audio file; channel: counted from 0, None: the first; name: of the recording; predictions: list of
    (system, {target: (T,)}, seconds between values, time of the first); about: HTML on where the systems are from;
    link: address of the sound for browsers, "": the sound is in the page; meanings: of the corpus's own targets. Raises
    BadInput for an unreadable audio file.
    """
    channel = Recording(source, channel).channel  # here, unlike in the report, unreadable sound is an error
    traces = [
        trace(system, target, values, shift, start)
        for system, targets, shift, start in predictions
        for target, values in targets.items()
    ]
    systems, targets = (list(dict.fromkeys(one[of] for one in traces)) for of in ("line", "target"))
    lines = [line_style(system) | {"name": system, "width": 1.8, "visible": True} for system in systems]
    titles = [{"name": t, "title": f"{t} ({ends(t, meanings)})"} for t in targets]
    said = ", ".join(f"{target} runs {scale(target, meanings)}" for target in targets)
    lead = LEAD.format(shift=predictions[0][2], meanings=page.escape(said[:1].upper() + said[1:]))
    heard = sound.heard(name, source, channel, encode=not link)
    part = player(
        [packed.recording(name, traces, link=link, **heard)],
        {
            "lines": lines,
            "targets": titles,
            "range": [-1, 1],
            "missing": f"The sound is not at {link}, where this page expects it.",
        },
    )
    return page.page(f"Continuous emotion recognition: {name}", about + lead, [part])


def apart(word):
    """Split [SYSTEM=]CSV: (system or "", path). A path may hold =, too, as those of searches do."""
    parts = word.split("=")
    pairs = [("=".join(parts[:n]), "=".join(parts[n:])) for n in range(len(parts))]
    return next((pair for pair in pairs if Path(pair[1]).is_file()), pairs[-1])


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("recording", help="an audio file")
    options.add_argument("predictions", nargs="+", metavar="[SYSTEM=]CSV", help="(default SYSTEM: the file's name)")
    options.add_argument("--out", help="output file (default: the recording's name with .html, in the current folder)")
    options.add_argument("--channel", type=Whole, help="channel, counted from 0 (default: the first, with a warning)")
    values = options.parse(argv)
    found = []
    for word in values.predictions:
        system, path = apart(word)
        times, targets, shift = read_predictions(path)
        found.append((system or Path(path).stem, targets, shift, float(times[0])))
    name = Path(values.recording).stem
    out = Path(values.out or f"{name}.html")
    text = recording_page(values.recording, found, name, values.channel)
    write_text(out, text)
    print(f"{out}: {len(text.encode()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
