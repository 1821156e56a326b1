"""Refuses files of traces by their heads, and by empty lines below them: such columns are no times or values."""

import re

import numpy as np

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


def check_lines(path, rows, numbers):
    """Raise BadInput for an empty line among values without times, unless one stands after each of them.

    It may be a missing value, without which later ones come too early. rows: (number, line) of all lines that are not
    empty; numbers: of those with values
    """
    head = [number for number, _ in rows if number < numbers[0]]
    all_numbers = [*(head[-1:] or [1 - min(np.diff(numbers), default=1)]), *numbers]
    steps = np.diff(all_numbers)
    for number in np.array(all_numbers)[:-1][steps > steps.min()][:1]:
        found = "found an empty line among values without times"
        raise BadInput(f"{path}:{number + 1}: {found}; if it is a missing value, write nan, else remove it")
