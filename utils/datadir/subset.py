#!/usr/bin/env python3
"""Makes a data directory with some utterances of another. Same command line as Kaldi's subset_data_dir.sh."""

import sys
from pathlib import Path

import selection
from data_files import read_whole

from cer.base import tables
from cer.base.errors import BadInput, status_of

USAGE = """\
Usage: utils/subset_data_dir.sh (--utt-list <file> | --spk-list <file>) <source-dir> <dest-dir>
e.g.: utils/subset_data_dir.sh --spk-list speakers.txt data/train data/train_few
Keeps the utterances in the list, or all utterances of the speakers in the list; an id is the first word of a line.
Archives are not copied: the tables refer to the same ones. Labels (such as arousal.scp), ratings/, frame_shift,
label_shift and conf/ are kept, too. Kaldi's other forms, which take a number of utterances, do not exist here."""


def work(argv):
    """Make the subset; argv: command-line arguments. Raises BadInput."""
    words = list(argv)
    option = words[0].replace("_", "-") if words else ""
    if len(words) != 4 or option not in ("--utt-list", "--spk-list"):
        raise BadInput(f"found {' '.join(argv) or 'nothing'}, expected\n{USAGE}")
    (source,), destination, path = selection.directories(words[2:3]), Path(words[3]), Path(words[1])
    if not path.is_file():
        raise BadInput(f"{option}: {path}: no such file; expected a list of ids, one a line")
    selection.check_destination(destination, [source])
    files = selection.read_directory(source)
    utt2spk, wanted = files["utt2spk"], set(tables.Table(path).checked().keys())
    known = set(utt2spk.values()) if option == "--spk-list" else set(utt2spk)
    if wanted - known:
        few = " ".join(sorted(wanted - known)[:5])
        print(
            f"subset_data_dir.sh: WARNING: {len(wanted - known)} ids of {path} are not in {source}: {few}",
            file=sys.stderr,
        )
    chosen = {key for key, speaker in utt2spk.items() if (speaker if option == "--spk-list" else key) in wanted}
    if not chosen:
        raise BadInput(f"{path}: none of its {len(wanted)} ids is in {source}/utt2spk; nothing was made")
    selection.write_directory(destination, selection.restrict(source, files, chosen), read_whole(source))
    print(f"subset_data_dir.sh: {destination}: {len(chosen)} of the {len(utt2spk)} utterances of {source}")


if __name__ == "__main__":
    sys.exit(status_of(selection.program, "subset_data_dir.sh", work, sys.argv[1:], USAGE))
