"""Refuses files of traces by their heads: the columns below them are no times or values."""

import re

from cer.base.errors import BadInput, listed
from cer.corpora.columns import TIMES
from cer.corpora.faults import CURE, most
from cer.corpora.pairing import said, target_of
from cer.data.targets import ENDS

MOMENTS = r"\D*?\d[\d.]*[ _]?m?s"  # names such as sample_15000ms


def check_times(path, number, line):
    """Raise BadInput for a first line whose columns are called as times: those below it are no times."""
    names = [name.strip("'\" ") for name in re.split("[;,\t]", line)]
    if len(names) > 2 and most(MOMENTS, names) and not any(re.fullmatch(TIMES, name.lower()) for name in names):
        found = f"times in the head (... {names[-1]})"
        raise BadInput(f"{path}:{number}: found {found}, expected a line for each time; {CURE}")


def check_targets(path, heads):
    """Raise BadInput for lines of names, (line, fields), of which one above the last one names targets.

    The names in the last one, such as those of raters, would be taken for raters of one target.
    """
    heads = [(number, fields) for number, fields in heads if "".join(fields).strip("%")]  # CARMA's line of them
    for number, fields in heads[:-1]:
        targets = sorted({target_of(field) for field in fields} - {""})
        if len(targets) > 1 and not any(said(field)[0] in ENDS for field in heads[-1][1]):
            found = f"found the targets {', '.join(targets)} above another line of names ({listed(heads[-1][1], 3)})"
            raise BadInput(f"{path}:{number}: {found}, expected one line of names, such as {targets[0]}_R1")
