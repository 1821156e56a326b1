"""Guesses what a file of traces holds: whether it has times and in what unit, its rate, its columns and its scale.

The steps, a file each: fields.py parts the lines; heads.py and commas.py refuse heads and numbers that cannot be right;
columns.py tells times from values, by one table of rules; faults.py refuses what these cannot be; bins.py tells ends of
bins from times, marks.py missing values from others. scales.py then joins the guesses of several files, and doubts.py
tells the user of those that may be wrong.
"""

import math
import re
from dataclasses import dataclass, field, replace

import numpy as np

from cer.base import csvs
from cer.base.errors import BadInput
from cer.corpora import bins, columns, commas, faults, heads
from cer.corpora.fields import Table, check_lines, separator_of
from cer.corpora.grid import shift_of
from cer.corpora.marks import MISSING, is_alone, marks_of
from cer.corpora.pairing import target_of
from cer.corpora.traces import read_columns, rising

VIDEO = (24000 / 1001, 24, 25, 30000 / 1001, 30, 50, 60000 / 1001, 60)  # frames a second
RATES = (1, 2, 3, 4, 5, 8, 10, 12.5, 15, 20, 40, 49.979, 100, *VIDEO)  # Hz
NEAR = 0.0002  # of a rate: how far it may be from one of these


@dataclass
class Guess:
    """What a file holds."""

    columns: list[str]  # names, or places of those whose names are numbers
    time: str  # the column of times, its name or place; "" for values without times
    rate: float | None  # Hz, of values without times
    unit: str  # of times
    low: float  # of all values in these columns
    high: float
    ends: tuple[float, float] | None  # of the scale, if the head says them
    step: float  # s between values, as a rule
    even: bool  # whether the times are 0 and equal steps
    marks: list[float] = field(default_factory=list)  # that stand for missing values
    axes: bool = False  # whether the columns are DARMA's two axes, each a target
    heads: list[str] = field(default_factory=list)  # what the head calls the columns, their places where it does not
    spans: list[tuple[float, float]] = field(default_factory=list)  # low and high of each column
    alone: bool = False  # whether -1 is the only value below 0
    last: float = math.inf  # s, of its times
    seconds: float = 0  # of the recording
    lines: int = 0  # a hash of all of them: copies have the same
    bins: float = 0  # s, of which its times are the ends; 0 where they are none

    def of(self, column):
        """The same, of one of its columns."""
        low, high = self.spans[self.columns.index(column)]
        return replace(self, low=low, high=high)


def guess(path, seconds):
    """Guess what a file of traces holds, of a recording of some seconds. Raises BadInput for one that holds none."""
    rows = csvs.lines(path)
    whole, found, held, time, rate, unit = _read(path, seconds, rows)
    times = found.times / (1000 if unit == "ms" else 1)
    size = bins.size_of(times, rows) if time else 0
    times = times - size / 2
    values = found.values[~np.isnan(found.values)]
    if not len(values) or len(times) < 2:
        raise BadInput(f"{path}: found {len(values)} values at {len(times)} times, expected more")
    step = shift_of(times)
    even = bool(np.abs(times - step * np.arange(len(times))).max() <= step / 4)
    ends = _ends_in_head(rows) or columns.ends_of(whole)
    marks = [] if ends else marks_of(values)
    values = values[~np.isin(values, marks)]
    if not len(values):
        shown = ", ".join(f"{mark:g}" for mark in marks)
        raise BadInput(f"{path}: found no values but {shown}, which says that there are none, expected some")
    low, high = float(values.min()), float(values.max())
    about = step, even, marks, _in_head(rows, "magnitude") is not None, found.names
    spans = [_span(row, marks) or (low, high) for row in found.values]
    rest = spans, not ends and is_alone(values), float(times[-1]), seconds, hash(tuple(line for _, line in rows)), size
    return Guess(held, time, rate, unit, low, high, ends, *about, *rest)


def _span(row, marks):
    """The lowest and the highest value of a column, None if it has none."""
    there = row[~np.isnan(row) & ~np.isin(row, marks)]
    return (float(there.min()), float(there.max())) if len(there) else None


def _read(path, seconds, rows):
    """(Trace of all columns of numbers, Trace of those of values, what these are called, that of the times, Hz or None,
    unit of the times); rows: as of csvs.lines().
    """
    heads.check_times(path, *rows[0])
    separator, places = _numeric(path, rows[-50:])
    if separator == "," and "." not in rows[-1][1]:
        commas.check(path, Table(path, separator, MISSING, rows).rows)
    whole = read_columns(path, places, separator=separator, missing=MISSING)
    parted = None if separator == " " else separator
    heads.check_targets(path, [(n, csvs.split(path, n, line, parted)) for n, line in rows if n < whole.numbers[0]])
    said = {number for number, line in rows if line.strip(" ;,\t'\"")}  # what spreadsheets add at the end says nothing
    timed = _of_lines(whole, [number in said for number in whole.numbers])
    time = columns.time_of(timed, seconds)
    whole = whole if time is None else timed
    _check_texts(path, separator, rows, whole, places, timed=time is not None)
    if time is None:
        check_lines(path, rows, whole.numbers)
    values = columns.values_of(whole, time, axes=_in_head(rows, "magnitude") is not None)
    if not values and time is not None:
        raise BadInput(f"{path}: found no column of numbers but the times, {whole.names[time]}, expected values")
    values = values or list(range(len(places)))
    if fault := faults.fault_of(whole, values, time):
        raise BadInput(f"{path}: {fault}")
    found = replace(whole, names=[whole.names[n] for n in values], values=whole.values[values])
    called = [str(place) if name.isdigit() else name for name, place in zip(whole.names, places, strict=True)]
    held = [called[n] for n in values]
    if time is None:
        if fault := faults.fault_of_counts(whole, lambda count: _usual_rate(count, seconds) is not None):
            raise BadInput(f"{path}: {fault}")
        rate = _usual_rate(len(found.times), seconds) or (len(found.times) - 1) / seconds
        found.times = found.times / rate
        return whole, found, held, "", rate, "s"
    found.times = whole.values[time]
    for row in np.flatnonzero(np.isnan(found.times))[:1]:
        raise BadInput(f"{path}:{found.numbers[row]}: found no time, expected one in the column {whole.names[time]}")
    unit = columns.unit_of(found.times[-1], seconds)
    if not unit:
        raise BadInput(
            f"{path}: found times up to {found.times[-1]:g}, expected those of a recording of {seconds:g} s, in s or ms"
        )
    found = rising(found)
    times = found.times / (1000 if unit == "ms" else 1)
    if fault := faults.fault_of_times(whole.names[time], times, seconds, unit):
        raise BadInput(f"{path}: {fault}")
    return whole, found, held, called[time], None, unit


def _usual_rate(count, seconds):
    """Which of RATES so many values in a recording have, None for none."""
    off = {one: abs(count - one * seconds) for one in reversed(RATES)}
    near = [one for one in off if off[one] <= 2 + NEAR * one * seconds]
    return min(near, key=lambda one: round(off[one]), default=None)


def _numeric(path, body):
    """(What parts the columns, the places of those that hold numbers in most lines; all, if none does).

    body: the last lines of a file
    """
    for bare in (False, True):  # 1,5 is a time and a value, if what stands first rises
        separator = separator_of([line for _, line in body], bare)
        table = Table(path, separator, MISSING, body)
        below, width = _below_head(table), len(table.rows[-1][1])
        numbers = [[table.number(fields[n]) for fields in below if n < len(fields)] for n in range(width)]
        first = [one for one in numbers[0] if one is not None]
        if separator != "," or columns.rises(first):
            break
    most = min(0.9 * len(below), len(below) - 2)  # one line may be the head of a short file
    found = [n for n, column in enumerate(numbers) if sum(one is not None for one in column) > most]
    return separator, found or list(range(width))


def _below_head(table):
    """The fields of the lines below the last one that has texts and no number; of all lines, if that is the last."""
    rows = [fields for _, fields in table.rows]
    texts = [
        n for n, fields in enumerate(rows, 1) if any(fields) and all(table.number(one) is None for one in fields if one)
    ]
    return rows[texts[-1] if texts else 0 :] or rows


def _of_lines(trace, which):
    values, numbers = trace.values[:, which], [n for n, one in zip(trace.numbers, which, strict=True) if one]
    return replace(trace, times=trace.times[which], values=values, numbers=numbers)


def _check_texts(path, separator, rows, whole, places, *, timed):
    """Raise BadInput for a column left out as text that holds raters, targets, times alone, shares, or numbers, too.

    Words that recur in a column without a name may be raters or targets, such as ELAN's tiers. rows: as of
    csvs.lines(); whole: the Trace of the columns at the places; timed: whether one of these holds times
    """
    parted, numbers = None if separator == " " else separator, {*whole.numbers}
    width = len(csvs.split(path, *rows[-1], parted))
    if width == len(places):
        return
    table = Table(path, separator, MISSING, rows)
    head = next((fields for number, fields in reversed(table.rows) if number < whole.numbers[0]), [])
    body = [(number, fields) for number, fields in table.rows if number in numbers and len(fields) == width]
    for n in sorted({*range(width)} - {*places}):
        found = [(number, fields[n], table.number(fields[n])) for number, fields in body]
        texts = [(number, text) for number, text, value in found if value is None]
        if not texts:  # shorter lines
            continue
        where, text = texts[0]
        count = sum(value is not None and not math.isnan(value) for *_, value in found)
        share = re.fullmatch(r"[-+]?\d[\d.,]* ?%", text)
        if share or count > len(found) / 2 or (count > 1 and len({text for _, text in texts}) == 1):  # one mark, or \
            expected = "numbers without %" if share else "a number, nothing or nan, as in other lines of this column"
            raise BadInput(f"{path}:{where}: found {text!r}, expected {expected}")
        name, different = head[n].lower() if len(head) == width else "", sorted({text for _, text in texts})
        targets = {target_of(one) for one in different} - {""}
        is_time = re.fullmatch(columns.TIMES, name) or re.search(r"\d:\d\d", text)
        recurs = not name and not is_time and len(different) <= min(columns.MOST, len(texts) / 3)
        if len(different) > 1 and (re.fullmatch(columns.KINDS, name) or len(targets) > 1 or recurs):
            found = f"{different[0]!r} and {different[1]!r} in one column"
            raise BadInput(f"{path}: found {found}, expected a column for each rater or target; {faults.CURE}")
        if not timed and len(different) > 1 and is_time:
            raise BadInput(f"{path}:{where}: found the time {text!r}, expected times in s or ms")


def _ends_in_head(rows):
    """The ends of the scale as CARMA's and DARMA's heads say them, or None; rows: as of csvs.lines()."""
    found = _in_head(rows, "min"), _in_head(rows, "max")
    end = _in_head(rows, "magnitude")
    return found if None not in found else (-end, end) if end else None


def _in_head(rows, word):
    """The number in a line of the head that begins with a word, or None."""
    head = "\n".join(line for _, line in rows[:20]).replace('"', "")
    found = re.search(rf"(?im)^{word}[^,;\t\n]*[,;\t]\s*(-?\d+(?:\.\d+)?)[\s,;]*$", head)
    return float(found[1]) if found else None
