#!/usr/bin/env python3
"""Makes one data directory of several, on the command line of Kaldi's combine_data.sh."""

import sys
from pathlib import Path

import select_data
from data_files import KNOWN
from tables import BadData

USAGE = """\
Usage: utils/combine_data.sh <dest-dir> <source-dir1> <source-dir2> ...
e.g.: utils/combine_data.sh data/all data/train data/dev data/test
A file that some of the sources lack is left out, as Kaldi does it, but labels (such as arousal.scp) are taken from
those that have them. Archives are not copied. frame_shift, label_shift and conf/ come along, and must agree."""


def combine(sources):
    """The tables of several directories as one: name -> table. Raises BadData where they contradict each other."""
    everything = [select_data.read_directory(source) for source in sources]
    combined = {}
    for name in dict.fromkeys(name for files in everything for name in files):
        lacking = [str(source) for source, files in zip(sources, everything, strict=True) if name not in files]
        if lacking and name in KNOWN:
            print(f"combine_data.sh: {name} is left out: it is not in {' '.join(lacking)}")
            continue
        table = combined.setdefault(name, {})
        for source, files in zip(sources, everything, strict=True):
            for key, value in files.get(name, {}).items():
                if table.setdefault(key, value) != value:
                    raise BadData(
                        f"{source}/{name}: found '{key} {value}', and '{key} {table[key]}' in a source before it;"
                        " expected ids that mean the same everywhere; give one of them another id"
                    )
        combined[name] = dict(sorted(table.items()))
    return combined


def whole_of(sources):
    """The files that hold for a directory as a whole, where all sources have them. Raises BadData where they differ."""
    texts = [select_data.read_whole(source) for source in sources]
    for source, other in zip(sources[1:], texts[1:], strict=True):
        for name in texts[0].keys() & other.keys():
            if texts[0][name] != other[name]:
                raise BadData(
                    f"{source}/{name}: differs from {sources[0]}/{name}, expected the same; make the features or"
                    " labels of both with the same options"
                )
    return {name: text for name, text in texts[0].items() if all(name in other for other in texts)}


def work(argv):
    """Make the directory that a command line asks for."""
    if len(argv) < 2 or argv[0].startswith("--"):
        raise BadData(f"found {' '.join(argv) or 'nothing'}, expected\n{USAGE}")
    destination, sources = Path(argv[0]), select_data.directories(argv[1:])
    select_data.check_destination(destination, sources)
    files = combine(sources)
    select_data.write_directory(destination, files, whole_of(sources))
    print(f"combine_data.sh: {destination}: {len(files['utt2spk'])} utterances of {len(sources)} directories")


if __name__ == "__main__":
    sys.exit(select_data.program("combine_data.sh", work, sys.argv[1:], USAGE))
