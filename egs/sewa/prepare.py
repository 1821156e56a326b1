"""Prepare SEWA as AVEC 2017, 2018 or 2019 gave it out -> data directories train, dev and test with labels."""

import re
from pathlib import Path

from cer.base import csvs
from cer.base.errors import BadInput, listed, program
from cer.base.kinds import names
from cer.base.options import Parser
from cer.corpora import found, partition, traces
from cer.corpora.placing import gold
from cer.corpora.preparation import Item, Rated, prepare

COLUMNS = ["name", "time", "arousal", "valence", "liking"]  # of files without a head
NAME = r"(Train|Devel|Test)(?:_([A-Z]{2}))?_\w+"


def divide(wavs, cultures):
    """The set of each recording by its name, of those cultures that are wanted: set -> ids."""
    sets, there = {name: [] for name in partition.SETS}, set()
    for key, path in wavs.items():
        match = re.fullmatch(NAME, key)
        if not match:
            raise BadInput(f"{path}: found this name, expected Train, Devel or Test, _DE, _HU or _CN, and a number")
        there.add(match[2])
        if not cultures or match[2] in cultures:
            sets[partition.set_of(match[1])].append(key)
    unknown = sorted({*cultures} - there)
    if unknown:
        others = listed(sorted(there - {None})) or "no names with cultures"
        raise BadInput(f"--cultures: found no recordings of {listed(unknown)}, there are {others}")
    return sets


def read_labels(path, targets):
    """Read `name;time;arousal;valence;liking`, with a head (2019) or without one (2017, 2018)."""
    number, first = csvs.lines(path)[0]
    head = re.findall(r"\w+", first.lower())
    if {*COLUMNS[2:]} & {*head}:
        time = next((name for name in ("timestamp", "time", "frametime") if name in head), 1)
        return traces.read(path, time=time, columns=targets, names=targets)
    unknown = [target for target in targets if target not in COLUMNS[2:]]
    if unknown:
        raise BadInput(f"{path}:{number}: found no head, thus {';'.join(COLUMNS)}; expected {listed(unknown)}")
    return traces.read(path, time=1, columns=[COLUMNS.index(target) for target in targets], names=targets)


def read(corpus, wavs, sets, targets):
    """Read the recordings of all sets, one by one: yields Items."""
    labels = found.files(corpus / "labels", ".csv", "the labels")
    for name, keys in sets.items():
        for key in keys:
            item = Item(name, key, key, wavs[key])
            if key in labels:
                traces_of = gold(read_labels(labels[key], targets), wavs[key])
                item.rated = {target: Rated(gold=trace) for target, trace in traces_of.items()}
            elif name != "test":  # its labels are not public
                raise BadInput(f"{corpus / 'labels' / key}.csv: no such file; {name} needs labels of {key}")
            yield item


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("corpus", help="folder that holds audio and labels")
    options.add_argument("data", help="output folder for train, dev and test")
    text = "dimensions to prepare (default: arousal,valence,liking)"
    options.add_argument("--targets", type=names, default=COLUMNS[2:], help=text)
    options.add_argument(
        "--cultures", type=names, default=[], help="cultures to prepare, of DE, HU and CN (default: all)"
    )
    partition.add_option(options)
    values = options.parse(argv)
    corpus, own = Path(values.corpus), values.partition
    if own and values.cultures:
        raise BadInput("--cultures: found --partition, too, which says what to use; leave one of them out")
    wavs = found.files(corpus / "audio", ".wav", "the recordings")
    sets = partition.read_partition(own) if own else divide(wavs, values.cultures)
    wavs = {key: path for key, path in wavs.items() if own or any(key in keys for keys in sets.values())}
    sets = partition.choose(corpus / "audio", wavs, sets, bool(own))
    print(f"{corpus}: SEWA; its own gold standard")
    prepare(values.data, "SEWA", read(corpus, wavs, sets, values.targets), method="given")


if __name__ == "__main__":
    main()
