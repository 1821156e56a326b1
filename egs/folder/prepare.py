"""Prepare a folder of own recordings and traces: find what belongs together by its names, or read a table that says so.

The table holds all that was found and guessed, to be looked through and edited: DATA/pairs.csv.
"""

from dataclasses import replace
from pathlib import Path

from cer.base.errors import BadInput, listed, program, warn
from cer.base.kinds import Positive
from cer.base.options import Parser
from cer.corpora import finding, pairs, placing, traces
from cer.corpora.converted import as_wav
from cer.corpora.marks import MISSING
from cer.corpora.preparation import Item, Rated, add_options, chosen, prepare
from cer.data.targets import read as read_meanings


def take_in(corpus, table, partition="", *, add: bool = False):
    """Tell what of the folder a table does not name, or add lines for it, new speakers in the sets of a partition.

    add: append lines to the table for all recordings and traces of the folder that it does not name
    """
    lines = pairs.read(table)
    named = {line.recording for line in lines}
    if partition:
        sets = finding.given(partition, {line.recording: line.speaker for line in lines}, strict=False)
        if other := sorted({line.recording for line in lines if sets.get(line.recording) != line.set}):
            warn(f"{table} has other sets than {partition} for {listed(other, 3)}; the table counts: edit or remove it")
    if new := finding.further(corpus, lines, partition if add else ""):
        files, recordings = (sorted({getattr(line, what) for line in new}) for what in ("trace", "recording"))
        whose = listed([one for one in recordings if one not in named], 3) or "none"
        print(f"{table} does not name {len(files)} files of traces ({listed(files, 3)}); new recordings: {whose}")
        print("lines for them were added" if add else "--corpus-opts '--add=true' adds lines for them")
    if new and add:
        pairs.append(table, new)


def read(corpus, data, lines, targets, *, gap: Positive = 1.0):
    """Read the recordings of a table, one by one: yields Items.

    gap: seconds between two values of a trace; where they are further apart, and more than 2.5 labels, there is a gap
        in the labels
    """
    ids, shift, of_recording = pairs.ids_of(lines), 1 / lines[0].label_rate, {}
    for line in lines:
        of_recording.setdefault(line.recording, []).append(line)
    for recording, rows in of_recording.items():
        sound, pieces = as_wav(corpus / recording, data / "sound", ids[recording]), {}
        for line in rows:
            if line.target in targets:
                pieces.setdefault(line.target, []).append((read_trace(corpus, line), 0.0))
        rated = {
            target: Rated(placing.ratings(each, sound, shift=shift, gap=max(gap, 2.5 * shift)))
            for target, each in pieces.items()
        }
        yield Item(rows[0].set, ids[recording], rows[0].speaker, sound, rated)


def read_trace(corpus, line):
    """Read the column of a file of traces that a line of the table names."""
    time, column = (int(one) if one.isdigit() else one for one in (line.time or "0", line.column))
    about = {"time": time, "rate": line.rate, "unit": line.unit or None, "columns": [column], "names": [line.rater]}
    about |= {"scale": (line.low, line.high), "missing": [*MISSING, line.missing, *line.missing.split()]}
    trace = traces.read(corpus / line.trace, **about)
    return replace(trace, ignored=0)  # other lines of the table may be of the other columns


def parser():
    """Return the command-line parser."""
    options = Parser(__doc__)
    options.add_argument("corpus", help="folder of recordings and traces")
    options.add_argument("data", help="output folder for train, dev and test")
    options.add_argument("--pairs", metavar="FILE", help="the table (default: DATA/pairs.csv, made if it is not there)")
    options.add_argument("--find", action="store_true", help="only find, and write the table unless it is there")
    add_options(options, [])
    options.add_keywords(finding.sets_of)
    options.add_keywords(take_in)
    options.add_keywords(read)
    return options


@program
def main(argv=None):
    """Run the program."""
    options = parser()
    values = options.parse(argv)
    corpus, data = Path(values.corpus), Path(values.data)
    table = Path(values.pairs or data / "pairs.csv")
    made = not table.exists() and not values.pairs
    if made:
        lines, said = finding.find(corpus, **options.keywords(values, finding.sets_of))
        pairs.write(table, lines)
        print("\n".join(said))
    if values.find and not made:
        take_in(corpus, table, values.partition, **options.keywords(values, take_in))
    lines = pairs.read(table)
    if values.find:
        print("\n".join(pairs.summary(lines)))
        print(f"all of that is in {table}: edit it and run stage 0 again; if you remove it, it is made again")
        return
    if lacking := [name for name in ("train", "dev") if name not in {line.set for line in lines}]:
        raise BadInput(f"{table}: found no recordings of {' and '.join(lacking)}, expected some; edit the column set")
    there = sorted({line.target for line in lines})
    targets = values.targets or there
    if unknown := [target for target in targets if target not in there]:
        raise BadInput(f"--targets: found {', '.join(unknown)}, expected some of {', '.join(there)}")
    own = corpus / finding.MEANINGS
    meanings = read_meanings(own) if own.exists() else None
    what = f"recordings of {corpus.resolve().name}"
    items = read(corpus, data, lines, targets, **options.keywords(values, read))
    prepare(data, what, items, meanings=meanings, **chosen(options, values, given=False))


if __name__ == "__main__":
    main()
