"""Guesses what a file of traces holds: whether it has times and in what unit, its rate, its columns and its scale.

The steps, a file each: fields.py parts the lines; columns.py tells times from values, by one table of rules;
refusals.py refuses heads, times and values that cannot be right; bins.py tells ends of bins from times, marks.py
missing values from others. scales.py then joins the guesses of several files, and doubts.py tells the user of those
that may be wrong.
"""

import math
import re
from dataclasses import dataclass, field, replace

import numpy as np

from cer.base import csvs
from cer.base.errors import BadInput
from cer.corpora import bins, columns, refusals
from cer.corpora.fields import Table, check_lines, on_clock, separator_of
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
    spans: list[tuple[float, float, bool]] = field(default_factory=list)  # low, high and whole of each column
    alone: bool = False  # whether -1 is the only value below 0
    last: float = math.inf  # s, of its times
    seconds: float = 0  # of the recording
    lines: int = 0  # a hash of all of them: copies have the same
    bins: float = 0  # s, of which its times are the ends; 0 where they are none
    whole: bool = False  # whether all values are whole numbers
    first: float = 0  # s, of its times

    def of(self, column):
        """The same, of one of its columns."""
        low, high, whole = self.spans[self.columns.index(column)]
        return replace(self, low=low, high=high, whole=whole)


def guess(path, seconds):
    """Guess what a file of traces holds, of a recording of some seconds. Raises BadInput for one that holds none."""
    file = _File(path, seconds)
    trace, rate, unit = file.without_times() if file.time is None else file.with_times()
    size = 0 if file.time is None else bins.size_of(trace.times, file.rows)
    times, values = trace.times - size / 2, trace.values[~np.isnan(trace.values)]
    if not len(values) or len(times) < 2:
        raise BadInput(f"{path}: found {len(values)} values at {len(times)} times, expected more")
    ends = file.ends()
    marks = [] if ends else marks_of(values)
    values = values[~np.isin(values, marks)]
    if not len(values):
        shown = ", ".join(f"{mark:g}" for mark in marks)
        raise BadInput(f"{path}: found no values but {shown}, which says that there are none, expected some")
    low, high, step = float(values.min()), float(values.max()), shift_of(times)
    even = bool(np.abs(times - step * np.arange(len(times))).max() <= step / 4)
    return Guess(
        columns=[file.called[n] for n in file.values], time="" if file.time is None else file.called[file.time],
        rate=rate, unit=unit, low=low, high=high, ends=ends, step=step, even=even, marks=marks, axes=file.axes,
        heads=trace.names, spans=[_span(row, marks) or (low, high, False) for row in trace.values],
        alone=not ends and is_alone(values), first=float(times[0]), last=float(times[-1]), seconds=seconds,
        lines=hash(tuple(line for _, line in file.rows)), bins=size,
    )  # fmt: skip


def _span(row, marks):
    """The lowest and the highest value of a column, and whether all are whole numbers; None if it has none."""
    there = row[~np.isnan(row) & ~np.isin(row, marks)]
    return (float(there.min()), float(there.max()), bool((there == np.round(there)).all())) if len(there) else None


class _File:
    """A file of traces of a recording, whose columns are told apart.

    rows: (number, text) of its lines; separator: of its columns; places: of the columns of numbers; numbers: a Trace of
    these, whose times count the lines; called: what a Guess calls them; time: the number of the one that holds the
    times, None for none; values: the numbers of those that hold values; axes: whether these are DARMA's axes.
    """

    def __init__(self, path, seconds):
        """seconds: of the recording. Raises BadInput for columns that cannot hold traces."""
        self.path, self.seconds, self.rows = path, seconds, csvs.lines(path)
        self.axes = self._in_head("magnitude") is not None
        refusals.check_times(path, *self.rows[0])
        self.separator, self.places = _numeric(path, self.rows[-50:])
        if self.separator == "," and "." not in self.rows[-1][1]:
            refusals.check_commas(path, self._table().rows)
        self.numbers = read_columns(path, self.places, separator=self.separator, missing=MISSING)
        named = zip(self.numbers.names, self.places, strict=True)
        self.called = [str(place) if name.isdigit() else name for name, place in named]
        above = [(n, line) for n, line in self.rows if n < self.numbers.numbers[0]]
        refusals.check_targets(path, [(n, csvs.split(path, n, line, self.separator)) for n, line in above])
        filled = {n for n, line in self.rows if line.strip(" ;,\t'\"")}  # spreadsheets add lines of empty fields
        timed = _of_lines(self.numbers, [n in filled for n in self.numbers.numbers])
        self.time = columns.time_of(timed, seconds)
        if self.time is not None:
            self.numbers = timed
        self._check_texts()
        if self.time is None:
            check_lines(path, self.rows, self.numbers.numbers)
        self.values = self._values()

    def _values(self):
        """The numbers of the columns that hold values. Raises BadInput if these cannot be traces."""
        last = csvs.split(self.path, 0, dict(self.rows)[self.numbers.numbers[-1]], self.separator)
        clocks = [n for n, place in enumerate(self.places) if place < len(last) and on_clock(last[place]) is not None]
        found = columns.values_of(self.numbers, self.time, axes=self.axes, clocks=clocks)
        times = clocks if self.time is None else [self.time]
        if times and not found:
            self._refuse(f"found no column of numbers but the times, {self.numbers.names[times[0]]}, expected values")
        found = found or list(range(len(self.places)))
        self._refuse(refusals.fault_of(self.numbers, found, self.time))
        return found

    def without_times(self):
        """(Trace of the values, evenly over the recording, their rate in Hz, unit of times). Raises BadInput."""
        count = len(self.numbers.times)
        self._refuse(refusals.fault_of_counts(self.numbers, lambda number: self._usual_rate(number) is not None))
        rate = self._usual_rate(count) or (count - 1) / self.seconds
        return self._trace(self.numbers.times / rate), rate, "s"

    def with_times(self):
        """(Trace of the values at their times in s, None for a rate, unit of times in the file). Raises BadInput."""
        name, trace = self.numbers.names[self.time], self._trace(self.numbers.values[self.time])
        for row in np.flatnonzero(np.isnan(trace.times))[:1]:
            raise BadInput(f"{self.path}:{trace.numbers[row]}: found no time, expected one in the column {name}")
        unit = columns.unit_of(trace.times[-1], self.seconds)
        if not unit:
            expected = f"those of a recording of {self.seconds:g} s, in s or ms"
            raise BadInput(f"{self.path}: found times up to {trace.times[-1]:g}, expected {expected}")
        trace = rising(trace)
        trace.times = trace.times / (1000 if unit == "ms" else 1)
        self._refuse(refusals.fault_of_times(name, trace.times, self.seconds, unit))
        return trace, None, unit

    def ends(self):
        """The ends of the scale as CARMA's and DARMA's heads or columns say them, or None."""
        found, end = (self._in_head("min"), self._in_head("max")), self._in_head("magnitude")
        return found if None not in found else (-end, end) if end else columns.ends_of(self.numbers)

    def _trace(self, times):
        """A Trace of the values at some times."""
        names = [self.numbers.names[n] for n in self.values]
        return replace(self.numbers, names=names, values=self.numbers.values[self.values], times=times)

    def _table(self):
        return Table(self.path, self.separator, MISSING, self.rows)

    def _refuse(self, fault):
        """Raise BadInput for a fault in words, "" for none."""
        if fault:
            raise BadInput(f"{self.path}: {fault}")

    def _usual_rate(self, count):
        """Which of RATES so many values in the recording have, None for none."""
        off = {one: abs(count - one * self.seconds) for one in reversed(RATES)}
        near = [one for one in off if off[one] <= 2 + NEAR * one * self.seconds]
        return min(near, key=lambda one: round(off[one]), default=None)

    def _in_head(self, word):
        """The number in a line of the head that begins with a word, or None."""
        head = "\n".join(line for _, line in self.rows[:20]).replace('"', "")
        found = re.search(rf"(?im)^{word}[^,;\t\n]*[,;\t]\s*(-?\d+(?:\.\d+)?)[\s,;]*$", head)
        return float(found[1]) if found else None

    def _check_texts(self):
        """Raise BadInput for a column of texts that holds raters, targets, the only times, shares, or numbers, too."""
        width = len(csvs.split(self.path, *self.rows[-1], self.separator))
        if width == len(self.places):
            return
        table, first, numbers = self._table(), self.numbers.numbers[0], {*self.numbers.numbers}
        head = next((fields for number, fields in reversed(table.rows) if number < first), [])
        body = [(number, fields) for number, fields in table.rows if number in numbers and len(fields) == width]
        for n in sorted({*range(width)} - {*self.places}):
            name = head[n].lower() if len(head) == width else ""
            self._check_text(name, [(number, fields[n], table.number(fields[n])) for number, fields in body])

    def _check_text(self, name, column):
        """As _check_texts, one column: its name or "", and (line, text, number or None) of its fields.

        Words that recur in a column without a name may be raters or targets, such as ELAN's tiers.
        """
        texts = [(number, text) for number, text, value in column if value is None]
        if not texts:  # shorter lines
            return
        where, text = texts[0]
        different = sorted({text for _, text in texts})
        count = sum(value is not None and not math.isnan(value) for *_, value in column)
        share = re.fullmatch(r"[-+]?\d[\d.,]* ?%", text)
        if share or count > len(column) / 2 or (count > 1 and len(different) == 1):  # that is a mark
            expected = "numbers without %" if share else "a number, nothing or nan, as in other lines of this column"
            raise BadInput(f"{self.path}:{where}: found {text!r}, expected {expected}")
        if len(different) == 1:
            return
        is_time = re.fullmatch(columns.TIMES, name) or re.search(r"\d:\d\d", text)
        recurs = not name and not is_time and len(different) <= min(columns.MOST, len(texts) / 3)
        targets = {target_of(one) for one in different} - {""}
        if re.fullmatch(columns.KINDS, name) or len(targets) > 1 or recurs:
            found = f"{different[0]!r} and {different[1]!r} in one column"
            raise BadInput(f"{self.path}: found {found}, expected a column for each rater or target; {refusals.CURE}")
        if self.time is None and is_time:
            raise BadInput(f"{self.path}:{where}: found the time {text!r}, expected times in s, ms or as h:mm:ss.ss")


def _numeric(path, body):
    """(What parts the columns of the last lines, the places of those that hold numbers in most lines; all, if none)."""
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
