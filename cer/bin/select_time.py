"""Select time: labels that count only where given speakers speak. A label outside their intervals becomes NaN, a gap.

Writes FOLDER/<target>.{ark,scp} of all labels of a data directory, FOLDER/ratings/ where it has ratings, and
FOLDER/utterances, those that have a label left.
"""

from pathlib import Path

from cer.base.errors import BadInput, listed, program
from cer.base.files import write_text
from cer.base.options import Parser
from cer.base.tables import KALDIS_OWN
from cer.data import intervals
from cer.data.datadir import writing_archive
from cer.data.selection import Selection


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("intervals", help="RTTM, segments, TextGrid or captions: a file, or a folder of them")
    options.add_argument("data", help="data directory with labels")
    options.add_argument("folder", help="output folder")
    options.add_argument("--speakers", default="", help="names, with blanks between them (default: all)")
    options.add_argument("--alone", choices=["true", "false"], default="false",
                         help="leave out rows in which another speaker speaks, too (default: false)")  # fmt: skip
    values = options.parse(argv)
    table, data, folder = intervals.read(values.intervals), Path(values.data), Path(values.folder)
    speakers = wanted(values.speakers.split(), table, values.intervals)
    selection = Selection(data, table, speakers, values.alone == "true")
    names = sorted(path.stem for path in data.glob("*.scp") if path.stem not in KALDIS_OWN)
    if not names:
        raise BadInput(
            f"{data}: found no labels, expected tables such as arousal.scp; name a data directory with labels"
        )
    left = {name: selection.left(name) for name in names}
    selection.tell()
    for name in [*names, *(f"ratings/{name}" for name in names if (data / "ratings" / f"{name}.scp").is_file())]:
        labels = selection.archive(name)
        with writing_archive(folder / name) as write:
            for key in left[name.rpartition("/")[2]]:
                if key in labels:
                    write(key, selection.of(key, labels[key]))
    utterances = sorted({key for keys in left.values() for key in keys})
    write_text(folder / "utterances", "".join(f"{key}\n" for key in utterances))


def wanted(speakers, table, path):
    """The speakers, all if none is named. Raises BadInput if one has no interval."""
    known = {one.speaker for one in table}
    if unknown := [name for name in speakers if name not in known]:
        raise BadInput(
            f"{path}: found no interval of {listed(unknown)}, expected speakers of it: {listed(sorted(known), 20)}"
        )
    return {*speakers} or known


if __name__ == "__main__":
    main()
