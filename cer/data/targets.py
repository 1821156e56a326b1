"""What targets mean: the two ends of their scales, −1 and +1. Others are in the units of their labels.

A corpus may have targets or scales of its own: the file `targets` of its data directory, `name low_end high_end` a
line, with `_` for blanks. In folders of predictions `targets.csv` says it, beside the CSVs.
"""

import csv
import io
from pathlib import Path

from cer.base import csvs, kinds
from cer.base.errors import BadInput
from cer.base.files import set_aside
from cer.base.tables import KALDIS_OWN, fields, read_table, write_if_changed, write_table

ENDS = {
    "arousal": ("calm", "excited"),
    "valence": ("negative", "positive"),
    "dominance": ("submissive", "dominant"),
    "liking": ("dislike", "like"),
    "power": ("weak", "in control"),
    "expectancy": ("expected", "unexpected"),
    "satisfaction": ("frustrated", "satisfied"),
    "tension": ("relaxed", "tense"),
    "trustworthiness": ("untrustworthy", "trustworthy"),
    "stress": ("relaxed", "stressed"),
}
FILE = "targets"
SCALES = "targets.csv"


def check_name(target, what):
    """Return the name of a target, if <target>.scp can hold its labels; what: for the message. Raises BadInput."""
    if not kinds.fits(kinds.Name, target) or target in KALDIS_OWN:
        expected = f"{kinds.NAME}, and not one of {', '.join(KALDIS_OWN)}: it becomes part of files' names"
        raise BadInput(f"{what}: found {target!r}, expected {expected}")
    return target


def meanings(data):
    """The ends of a data directory's own targets, target -> (low, high); none if it does not say."""
    path = Path(data) / FILE
    return read(path) if path.exists() else {}


def read(path):
    """The ends that a table of lines `target low_end high_end` says, target -> (low, high). Raises BadInput."""
    table = read_table(path)
    own = {target: tuple(word.replace("_", " ") for word in fields(row)) for target, row in table.items()}
    for target, words in own.items():
        if len(words) != 2:
            raise BadInput(f"{path}: {target}: found {len(words)} words, expected two: its low end and its high end")
    return own


def write_meanings(data, own):
    """Write what a corpus's own targets mean, target -> (low end, high end), or move aside what was said before."""
    path = Path(data) / FILE
    if own:
        write_table(path, {target: " ".join(end.replace(" ", "_") for end in ends) for target, ends in own.items()})
    elif path.exists():
        set_aside(path)


def write_scales(folder, names, own):
    """Write what -1 and +1 mean in the predictions of a folder; own: as of meanings(). Unknown ends are empty."""
    text, known = io.StringIO(), ENDS | own
    rows = [(name, *known.get(name, ("", ""))) for name in names]
    csv.writer(text, lineterminator="\n").writerows([("target", "low_end", "high_end"), *rows])
    write_if_changed(Path(folder) / SCALES, text.getvalue())


def scales(folder, names):
    """The ends as write_scales() wrote them, target -> (low, high); of a folder that has none, those known here."""
    path = Path(folder) / SCALES
    rows = csvs.texts(path, "target") if path.exists() else []
    said = {row["target"]: (row.get("low_end", ""), row.get("high_end", "")) for row in rows}
    return {name: said.get(name, ENDS.get(name, ("", ""))) for name in names}


def ends(target, own=None):
    """For the axis of a picture: calm to excited; own: a corpus's meanings(), which come before what is known here."""
    known = ENDS | (own or {})
    return " to ".join(known[target]) if target in known else "units of the labels"


def scale(target, own=None):
    """The words that say where a target's scale runs: "from calm (−1) to excited (+1)".

    own: the corpus's own ends, target -> (low, high); without known ends: "as its labels do".
    """
    known = ENDS | (own or {})
    return "from {} (−1) to {} (+1)".format(*known[target]) if target in known else "as its labels do"
