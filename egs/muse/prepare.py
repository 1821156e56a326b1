"""Prepare a task of MuSe 2020, 2021 or 2022 that is rated in time -> data directories train, dev and test."""

from dataclasses import replace
from pathlib import Path

from cer.base.errors import BadInput, listed, program  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base.kinds import names
from cer.base.options import Parser
from cer.corpora import found, partition, traces
from cer.corpora.placing import gold, scales
from cer.corpora.preparation import Item, Rated, prepare

LABELS, DIGITS = "label_segments", 4


def find_task(corpus, wanted):
    """The folder of a task: the corpus itself, or one below it."""
    folders = [folder for folder in [corpus, *sorted(corpus.glob("*"))] if (folder / LABELS).is_dir()]
    if wanted:
        folders = [folder for folder in folders if folder.name == wanted]
    if len(folders) != 1:
        there = listed(folder.name for folder in folders) or "none"
        raise BadInput(f"{corpus}: found {there} with {LABELS}, expected one task; name it by --task")
    return folders[0]


def find_list(task, corpus):
    """The corpus's own partition: of the task (2021), or of all tasks (2020)."""
    there = [path for path in (folder / "metadata/partition.csv" for folder in (task, corpus)) if path.exists()]
    if not there:
        raise BadInput(f"{task}: found no metadata/partition.csv; {partition.OTHERWISE}")
    return there[0]


def pieces_of(key, wavs):
    """The wav files of a recording: segment (None: the whole) -> path."""
    if key in wavs:
        return {None: wavs[key]}
    return {stem.removeprefix(f"{key}_"): path for stem, path in wavs.items() if stem.startswith(f"{key}_")}


class Labels:
    """The labels of a recording in a target, of all its segments if it has some."""

    def __init__(self, path, target, scale, segmented):
        self.target = target
        columns = ["value", "segment_id"] if segmented else ["value"]
        kinds = {"value": scale, "segment_id": None}
        self.trace = traces.read(path, columns=columns, names=columns, scale=kinds, missing=("", "nan"))
        steps = np.diff(self.trace.times)
        self.shift = round(float(np.median(steps)), 3) if len(steps) else None

    def of(self, segment, sound):
        """The gold standard of a segment, whose first label is at its start, or of the whole: a Trace or None."""
        trace, rows = self.trace, np.arange(len(self.trace.times))
        if segment is not None:
            rows = np.flatnonzero(trace.values[1] == float(segment)) if segment.isdigit() else []
            if not len(rows):
                raise BadInput(f"{trace.path}: found no row of segment {segment}, expected some: there is {sound}")
        times = trace.times[rows] - (0 if segment is None else trace.times[rows][0])
        numbers = [trace.numbers[row] for row in rows]
        piece = replace(trace, names=[self.target], times=times, values=trace.values[:1, rows], numbers=numbers)
        return gold(piece, sound, self.shift, whole=segment is not None).get(self.target)


def read(task, wavs, sets, scale):
    """Read the recordings of all sets, one by one: yields Items. scale: target -> what means -1 and 1."""
    for name, keys in sets.items():
        for key in keys:
            paths = {target: task / LABELS / target / f"{key}.csv" for target in scale}
            lacking = [path for path in paths.values() if not path.exists()]
            if lacking and name != "test":
                raise BadInput(f"{lacking[0]}: no such file; {name} needs labels of {key}")
            pieces, speaker, there = pieces_of(key, wavs), partition.padded(key, DIGITS), paths.items()
            labels = [Labels(path, one, scale[one], None not in pieces) for one, path in there if path not in lacking]
            for segment, sound in pieces.items():
                own = speaker if segment is None else f"{speaker}_{partition.padded(segment, DIGITS)}"
                item = Item(name, own, speaker, sound)
                rated = {one.target: one.of(segment, sound) for one in labels}
                item.rated = {target: Rated(gold=trace) for target, trace in rated.items() if trace}
                yield item


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("corpus", help="folder of a task, with label_segments, or of several tasks")
    options.add_argument("data", help="output folder for train, dev and test")
    options.add_argument("--task", default="", help="the task, if there are several, e.g. c3_muse_stress")
    options.add_argument("--audio", default="", help="folder of the wav files (default: found in the task's folder)")
    options.add_argument("--targets", type=names, default=[], help=f"folders of {LABELS} (default: all of them)")
    options.add_keywords(scales)
    partition.add_option(options)
    values = options.parse(argv)
    corpus, own = Path(values.corpus), values.partition
    task = find_task(corpus, values.task)
    there = sorted(folder.name for folder in (task / LABELS).iterdir() if folder.is_dir())
    targets = values.targets or there
    unknown = [target for target in targets if target not in there]
    if unknown:
        raise BadInput(f"--targets: found {listed(unknown)}, {task / LABELS} has {listed(there) or 'none'}")
    wavs = found.files(values.audio or task, ".wav", "the recordings (--audio names their folder)")
    sets = partition.read_partition(own) if own else partition.read_listed(find_list(task, corpus), ",", head=True)
    ids = sorted({key for keys in sets.values() for key in keys if pieces_of(key, wavs)})
    sets = partition.choose(values.audio or task, ids, sets, bool(own))
    what, scale = f"MuSe, {task.name}", scales(targets, **options.keywords(values, scales))
    print(f"{task}: {what}; its own gold standard")
    prepare(values.data, what, read(task, wavs, sets, scale), method="given")


if __name__ == "__main__":
    main()
