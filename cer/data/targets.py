"""What targets mean: the two ends of their scales, −1 and +1. A target of which nobody says it is told by its labels.

A corpus may have targets or scales of its own: the file `targets` of its data directory, `name low_end high_end` a
line, with `_` for blanks.
"""

from pathlib import Path

from cer.base.errors import BadInput
from cer.base.files import set_aside
from cer.base.tables import fields, read_table, write_table

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


def meanings(data=None):
    """The ends of all targets that are known, target -> (low, high); data: a data directory, whose own come first."""
    path = Path(data or "") / FILE
    if data is None or not path.exists():
        return ENDS
    own = {target: tuple(word.replace("_", " ") for word in fields(row)) for target, row in read_table(path).items()}
    for target, words in own.items():
        if len(words) != 2:
            raise BadInput(f"{path}: {target}: found {len(words)} words, expected two: its low end and its high end")
    return ENDS | own


def write_meanings(data, own):
    """Write what a corpus's own targets mean, target -> (low end, high end), or move aside what was said before."""
    path = Path(data) / FILE
    if own:
        write_table(path, {target: " ".join(end.replace(" ", "_") for end in ends) for target, ends in own.items()})
    elif path.exists():
        set_aside(path)


def ends(target, data=None):
    """For the axis of a picture: calm to excited."""
    known = meanings(data)
    return " to ".join(known[target]) if target in known else "units of the labels"


def scale(target, data=None):
    """For a sentence, after "runs": from calm (−1) to excited (+1)."""
    known = meanings(data)
    return "from {} (−1) to {} (+1)".format(*known[target]) if target in known else "as its labels do"
