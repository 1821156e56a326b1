"""Label files: the raters' CSV and AVEC's ARFF. Both are read strictly; errors name the line."""

import re

import numpy as np

from cer.base import csvs
from cer.base.errors import BadInput
from cer.corpora.grid import even
from cer.corpora.traces import WHOLE, Trace, scaled


def read_ratings(path):
    """Read a raters' CSV: `time;FM1 ;FM2 ...` (RECOLA has blanks before the semicolons), then one row per label.

    Returns a Trace with one name per rater. Raises BadInput.
    """
    (_, *names), numbers, values = csvs.read(path, ";", WHOLE, first="time")
    names = ["_".join(name.split()) for name in names]  # without blanks, because they separate names in the file raters
    if len(set(names)) < len(names):
        raise BadInput(f"{path}:1: found the raters {', '.join(names)}, expected different names")
    return _trace(path, names, values, numbers or [1])


def read_gold_standard(path):
    """Read an ARFF with the columns frameTime and GoldStandard, in any order; returns a Trace with one name.

    Raises BadInput, naming the line.
    """
    columns, rows, numbers, in_head = [], [], [], True
    for number, line in csvs.lines(path, WHOLE):
        if line.startswith("%"):
            continue
        if in_head:
            in_head = _declare(path, number, line, columns)
        else:
            values = dict(zip(columns, csvs.split(path, number, line, ",", len(columns)), strict=True))
            rows.append([csvs.value(path, number, values[name]) for name in ("frametime", "goldstandard")])
            numbers.append(number)
    return _trace(path, ["GoldStandard"], np.array(rows).reshape(len(rows), 2), numbers or [number])


def _declare(path, number, line, columns):
    """Parse a line of an ARFF header, and append the declared name in lower case; returns whether the header goes on.

    Raises BadInput for lines other than @relation, @attribute NAME TYPE with a new name, and @data after the required
    attributes.
    """
    word = line.split()[0].lower()
    if word == "@attribute":
        match = re.fullmatch(r"""\S+\s+('[^']+'|"[^"]+"|[^'"\s]+)\s+\S.*""", line)
        if not match:
            raise BadInput(f"{path}:{number}: found {line!r}, expected @attribute NAME TYPE")
        name = match[1].strip("'\"").lower()
        if name in columns:
            raise BadInput(f"{path}:{number}: found the attribute {name}, expected a new name: it stands above already")
        columns.append(name)
    elif word == "@data":
        if not {"frametime", "goldstandard"} <= set(columns):
            found = ", ".join(columns) or "none"
            raise BadInput(f"{path}:{number}: found the attributes {found}, expected frameTime and GoldStandard")
    elif word != "@relation":
        raise BadInput(f"{path}:{number}: found {line!r}, expected @relation, @attribute or @data")
    return word != "@data"


def _trace(path, names, table, numbers):
    """table: times and values, (T, 1 + R); numbers: the line of each row."""
    return scaled(even(Trace(names, table[:, 0], table[:, 1:].T.copy(), path, numbers)), (-1, 1))
