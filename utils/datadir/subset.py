"""Makes a data directory with some utterances of another. Same command line as Kaldi's subset_data_dir.sh."""

import sys
from pathlib import Path

from cer.base import tables
from cer.base.errors import BadInput

from .data_files import read_whole
from .selection import check_destination, read_directory, restrict, write_directory
from .words import WrongCall, check, directories

USAGE = """\
Usage: utils/subset_data_dir.sh (--utt-list <file> | --spk-list <file>) <source-dir> <dest-dir>
e.g.: utils/subset_data_dir.sh --spk-list speakers.txt data/train data/train_few
Keeps the utterances in the list, or all utterances of the speakers in the list; an id is the first word of a line.
Archives are not copied: the tables refer to the same ones. Labels (such as arousal.scp), ratings/, frame_shift,
label_shift and conf/ are kept, too. Kaldi's other forms, which take a number of utterances, do not exist here."""


def work(argv):
    """Make the subset; argv: command-line arguments. Raises BadInput."""
    option = argv[0].replace("_", "-") if argv else ""
    if option not in ("--utt-list", "--spk-list"):
        raise WrongCall(f"found {argv[0] if argv else 'no argument'}, expected --utt-list or --spk-list first")
    check(argv[1:], f"<file> {USAGE}")
    path, (source,), destination = Path(argv[1]), directories(argv[2:3]), Path(argv[3])
    if not path.exists():  # it may be a pipe, <(head -n 100 list)
        raise BadInput(f"{option}: {path}: no such file; expected a list of ids, one per line")
    check_destination(destination, [source])
    files = read_directory(source)
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
    write_directory(destination, restrict(source, files, chosen), read_whole(source))
    print(f"subset_data_dir.sh: {destination}: {len(chosen)} of the {len(utt2spk)} utterances of {source}")
