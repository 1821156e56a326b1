"""Write the speaker lists of each leave-one-speaker-out fold: DATA/spk2utt -> DIR/<speaker>/{train,dev,test}.list.

Each speaker is the test set of one fold. The next NUM_DEV speakers, in cyclic order, are its dev set (for early
stopping), all others its training set. Prints the names of the folds, which are those of the speakers.
"""

from pathlib import Path

from cer.base.errors import BadInput, program
from cer.base.files import write_text
from cer.base.kinds import Count
from cer.base.options import Parser
from cer.base.tables import read_table


def folds(speakers, num_dev):
    """Return the speakers of each fold's sets: speaker -> {"test": [speaker], "dev": [...], "train": [...]}.

    speakers: list, in cyclic order. Raises BadInput when they are too few to leave one for training.
    """
    if num_dev < 1 or len(speakers) < num_dev + 2:
        raise BadInput(
            f"found {len(speakers)} labelled speakers and --num-dev={num_dev}, expected at least 1 for dev, and 2"
            " more speakers than that: one for test, one for training"
        )
    circles = [speakers[first:] + speakers[:first] for first in range(len(speakers))]
    return {
        one: {"test": [one], "dev": others[:num_dev], "train": sorted(others[num_dev:])} for one, *others in circles
    }


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="data directory of all labelled utterances")
    options.add_argument("folder", help="folder that contains the folders of the folds")
    options.add_argument("--num-dev", type=Count, default=4, help="speakers of the dev set (default: 4)")
    values = options.parse(argv)
    speakers = sorted(read_table(Path(values.data) / "spk2utt"))
    for speaker, sets in folds(speakers, values.num_dev).items():
        for name, members in sets.items():
            write_text(Path(values.folder) / speaker / f"{name}.list", "".join(f"{one}\n" for one in members))
        print(speaker)


if __name__ == "__main__":
    main()
