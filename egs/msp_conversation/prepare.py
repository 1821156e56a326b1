"""Prepare MSP-Conversation: conversations, traces of their parts -> data directories train, dev and test."""

import re
from dataclasses import replace
from pathlib import Path

from cer.base import csvs
from cer.base.errors import BadInput, listed, program
from cer.base.options import Parser
from cer.corpora import found, partition, traces
from cer.corpora.placing import placement, ratings, seconds_of
from cer.corpora.preparation import Item, Rated, add_options, chosen, prepare

TARGETS = ["arousal", "valence", "dominance"]


def read_times(path):
    """Read lines `name;start;end` (s of the podcast): name -> (start, end). Raises BadInput."""
    spans = {}
    for number, line in csvs.lines(path):
        name, *times = csvs.split(path, number, line, ";", 3)
        start, end = (csvs.value(path, number, one) for one in times)
        if end <= start or name in spans:
            raise BadInput(f"{path}:{number}: found {line!r}, expected a name that is new, its start and a later end")
        spans[name] = start, end
    return spans


def read_parts(corpus):
    """Where parts of conversations lie: conversation -> {part: (start, end) in s of its wav file}."""
    folder, parts = corpus / "Time_Labels", {}
    for path in [folder / "conversation_parts.txt", *sorted(folder.glob("*_conversation_parts.txt"))]:
        for name, span in read_times(path).items():
            conversation, _, part = name.rpartition("_")
            parts.setdefault(conversation, {})[part] = span
    own = folder / "conversations.txt"
    starts = read_times(own) if own.exists() else {}
    for conversation, found_parts in parts.items():
        first, _ = starts.get(conversation, min(found_parts.values()))
        parts[conversation] = {part: (start - first, end - first) for part, (start, end) in found_parts.items()}
    return parts


def list_traces(corpus, target):
    """The files of a target: conversation -> [(part, rater, path)]."""
    listing = {}
    for name, path in found.files(corpus / "Annotations" / target.title(), ".csv", "raters' traces").items():
        match = re.fullmatch(r"(.+)_([^_]+)_([^_]+)", name)
        if not match:
            raise BadInput(f"{path}: found this name, expected <conversation>_<part>_<rater>.csv; move it away")
        listing.setdefault(match[1], []).append((match[2], match[3], path))
    return listing


def read_ratings(files, parts, sound, on_grid):
    """The Trace of all raters of a conversation; parts: part -> (start, end) in s of the wav file `sound`."""
    pieces, seconds = [], seconds_of(sound)
    for part, rater, path in files:
        if part not in parts:
            raise BadInput(f"{path}: found the part {part}, Time_Labels has {listed(parts) or 'none'}")
        start, end = parts[part]
        if not 0 <= start < seconds:
            place = f"{start:g} s of {sound}, which has 0 to {seconds:g} s"
            raise BadInput(f"{path}: by Time_Labels, part {part} begins at {place}; are both whole?")
        trace = traces.read(path, columns=[1], names=[rater], scale=(-100, 100))
        within = trace.times <= end - start
        if not within[0]:
            found_time = f"{path}:{trace.numbers[0]}: found the time {trace.times[0]:g} s"
            raise BadInput(f"{found_time}, the part {part} lasts {end - start:g} s; is the file of this part?")
        pieces.append((replace(trace, times=trace.times[within], values=trace.values[:, within]), start))
    return ratings(pieces, sound, **on_grid)


def read(wavs, sets, parts, files, on_grid):
    """Read the recordings of all sets, one by one: yields Items. on_grid: the options of placement()."""
    for name, keys in sets.items():
        for key in keys:
            item = Item(name, key, key, wavs[key])
            for target, listing in files.items():
                if key in listing:
                    item.rated[target] = Rated(read_ratings(listing[key], parts.get(key, {}), wavs[key], on_grid))
                elif name != "test":
                    raise BadInput(f"Annotations/{target.title()}: found no trace of {key}, which {name} needs")
            yield item


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("corpus", help="folder that holds Audio, Annotations and Time_Labels")
    options.add_argument("data", help="output folder for train, dev and test")
    partition.add_option(options)
    options.add_keywords(placement)
    add_options(options, TARGETS)
    values = options.parse(argv)
    corpus, own = Path(values.corpus), values.partition
    choice = chosen(options, values, given=False, auto="mean")  # as all who published figures did
    wavs = found.files(corpus / "Audio", ".wav", "the conversations")
    lists = [*corpus.glob("partitions.txt"), *corpus.glob("*/partitions.txt")]
    if not own and not lists:
        raise BadInput(f"{corpus}: found no partitions.txt; {partition.OTHERWISE}")
    sets = partition.read_partition(own) if own else partition.read_listed(lists[0], ";")
    sets = partition.choose(corpus / "Audio", wavs, sets, bool(own))
    files = {target: list_traces(corpus, target) for target in values.targets}
    print(f"{corpus}: MSP-Conversation; gold standard: {choice['method']}")
    on_grid = placement(**options.keywords(values, placement))
    prepare(values.data, "MSP-Conversation", read(wavs, sets, read_parts(corpus), files, on_grid), **choice)


if __name__ == "__main__":
    main()
