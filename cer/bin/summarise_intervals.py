"""Summarise predictions over intervals: mean, deviation, slope per second and share of time above 0.

Writes FOLDER/intervals.csv, a line per interval and target, FOLDER/speakers.csv, a line per recording, speaker and
target, and FOLDER/textgrids/<recording>.TextGrid for Praat. cer/data/intervals.py says which rows an interval holds.
"""

import contextlib
import csv
from pathlib import Path

from cer.base.errors import BadInput, listed, program, warn  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base import csvs
from cer.base.files import replacing, set_aside, write_text
from cer.base.options import Parser
from cer.base.words import counted
from cer.data import intervals, predictions, targets, textgrid
from cer.scoring import summaries


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("intervals", help="RTTM, segments, TextGrid or captions: a file, or a folder of them")
    options.add_argument("predictions", help="folder of predictions, of recordings or of a system")
    options.add_argument("folder", help="output folder")
    text = "Kaldi's segments, if the utterances are these; utt2spk beside it names the speakers"
    options.add_argument("--segments", default="", help=text)
    values = options.parse(argv)
    if values.segments and not Path(values.segments).is_file():
        raise BadInput(f"no such file {values.segments}; --segments names the table of a data directory")
    table, folder = intervals.read(values.intervals), Path(values.folder)
    archives, shift = predictions.read_folder(values.predictions)
    spans = intervals.spans(values.segments, dict.fromkeys(key for archive in archives.values() for key in archive))
    found = intervals.of_recordings(table, {span.recording for span in spans.values()}, values.predictions)
    if folder.exists() and not (folder / "intervals.csv").exists() and any(folder.iterdir()):
        raise BadInput(f"{folder}: found other files in it, expected an empty or new output folder; name another one")
    scales = targets.scales(values.predictions, archives)
    empty = write_all(folder, summaries.of_recordings(found, archives, shift, spans), shift, scales)
    grids = folder / "textgrids"
    others = {*grids.rglob("*.TextGrid")} - {grids / f"{recording}.TextGrid" for recording in found}
    for path in others:  # of an earlier call, whose tables are replaced now; or the user's own
        set_aside(path)
    if empty:
        number = counted(len(empty), "interval")
        warn(f"found no prediction in {number}, outside them or between two rows: {listed(empty)}")
    number = counted(sum(map(len, found.values())), "interval")
    print(f"{number} of {counted(len(found), 'recording')}, {', '.join(archives)}: {folder}/intervals.csv")


def write_all(folder, recordings, shift, scales):
    """Write the tables and the TextGrids; returns where the intervals without a prediction are, for messages.

    recordings: of summaries.of_recordings(); shift: s between rows; scales: as writing() has them.
    """
    empty = []
    with writing(folder / "intervals.csv", ["start", "end", "text"], scales) as of_intervals, \
         writing(folder / "speakers.csv", ["intervals"], scales) as of_speakers:  # fmt: skip
        for recording, table, tracks in recordings:
            summed = summaries.of_intervals(table, tracks)
            for one, each in summed:
                of_intervals([recording, one.speaker, f"{one.start:.10g}", f"{one.end:.10g}", one.text], each)
                empty += [one.where] if not any(summary.rows for summary in each.values()) else []
            for speaker, each in summaries.of_speakers(table, tracks).items():
                of_speakers([recording, speaker, sum(one.speaker == speaker for one in table)], each)
            rows_end = [times[-1] + shift for each in tracks.values() for times, _ in each.values() if len(times)]
            text = textgrid.text(summaries.tiers(summed), float(max([*(one.end for one in table), *rows_end])))
            write_text(folder / "textgrids" / f"{recording}.TextGrid", text)
    return empty


@contextlib.contextmanager
def writing(path, names, scales):
    """Write a CSV: yields write(texts of a line's first columns, {target: Summary}); names: of columns of its own.

    scales: target -> what the two ends of its scale mean, -1 and +1.
    """
    with replacing(path) as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["recording", "speaker", *names, "target", *summaries.FIELDS, "low_end", "high_end"])

        def write(first, each):
            for target, one in each.items():
                numbers = ["" if np.isnan(value) else f"{value:.6f}" for value in one[1:]]
                texts = [csvs.as_text(str(text)) for text in (*first, target, *scales[target])]
                rows.writerow([*texts[:-2], one.rows, *numbers, *texts[-2:]])

        yield write


if __name__ == "__main__":
    main()
