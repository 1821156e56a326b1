"""Label files: the raters' CSV and AVEC's ARFF. Both are read strictly; errors name the line."""

import re
from dataclasses import dataclass

import numpy as np

from cer.base import csvs
from cer.base.errors import BadInput

WHOLE = "check that the corpus is whole"


@dataclass
class Trace:
    """Labels of one recording in one dimension: names (R,), values (R, T) in [-1, 1], `shift` seconds apart."""

    names: list[str]
    values: np.ndarray
    shift: float


def read_ratings(path):
    """Read a raters' CSV: `time;FM1 ;FM2 ...` (RECOLA has blanks before the semicolons), then one row per label.

    Returns a Trace with one name per rater. Raises BadInput.
    """
    (_, *names), numbers, values = csvs.read(path, ";", WHOLE, first="time")
    names = ["_".join(name.split()) for name in names]  # without blanks, because they separate names in the file raters
    if len(set(names)) < len(names):
        raise BadInput(f"{path}:1: found the raters {', '.join(names)}, expected different names")
    return _trace(path, names, values, [1, *numbers])


def read_gold_standard(path):
    """Read an ARFF with the columns frameTime and GoldStandard, in any order; returns a Trace with one name."""
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
    return _trace(path, ["GoldStandard"], np.array(rows).reshape(len(rows), 2), [number, *numbers])


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


def _shift_of(times):
    """Estimate the exact seconds between rows from rounded times: 1/60 for .0167, .0333 ...

    times: (T,). Returns the mean step, or if it fits equally well the nearest integer rate (Hz) or whole milliseconds.
    """
    step = float(np.median(np.diff(times)))
    if step <= 0:
        return step
    rows = np.round(np.diff(times) / step).sum()  # more than T - 1 if rows are missing
    mean = float((times[-1] - times[0]) / max(rows, 1))
    if mean <= 0:
        return mean
    expected = np.arange(len(times))
    worst = np.abs(times - mean * expected).max()
    for near in (1 / max(1, round(1 / mean)), round(mean, 3)):
        if np.abs(times - near * expected).max() <= 2 * worst + 1e-6:
            return near
    return mean


def _trace(path, names, table, numbers):
    """Check times and values of the rows (T, 1 + R); numbers: line number of the header, then of each row."""
    if len(table) < 2:
        found = f"{len(table)} rows of labels"
        raise BadInput(f"{path}:{numbers[-1]}: found {found}, expected one every few hundredths of a second")
    times = table[:, 0]
    shift = _shift_of(times)
    if shift <= 0:
        row = int(np.flatnonzero(np.diff(times) <= 0)[0]) + 1
        found = f"{times[row]:g} after {times[row - 1]:g}"
        raise BadInput(f"{path}:{numbers[1 + row]}: found the time {found}, expected a later one")
    expected = shift * np.arange(len(table))
    wrong = np.flatnonzero(np.abs(times - expected) > shift / 4)
    if len(wrong):
        row = int(wrong[0])
        raise BadInput(
            f"{path}:{numbers[1 + row]}: found the time {times[row]:g}, expected {expected[row]:g}:"
            f" times from 0 in steps of {shift:g} s, none twice and none left out"
        )
    outside = np.argwhere(np.abs(table[:, 1:]) > 1)
    if len(outside):
        row, column = outside[0]
        raise BadInput(
            f"{path}:{numbers[1 + row]}: {names[column]}: found {table[row, column + 1]:g}, expected -1 to 1"
        )
    return Trace(names, table[:, 1:].T.copy(), shift)
