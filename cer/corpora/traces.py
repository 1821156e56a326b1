"""The one reader of traces: what raters' tools write of a recording, whatever separator, head, times and scale it has.

Tools: CARMA and DARMA (lines of head, a line of %%%%, time and value), FEELTRACE and GTrace (time and value between
blanks), ANNEMO (a column a rater), bare values, tables with a rater or a recording a row. A head is not counted.
"""

import dataclasses
import math
import re
from pathlib import Path

import numpy as np

from cer.base import csvs, kinds
from cer.base.errors import BadInput, listed

WHOLE = "check that the corpus is whole"
LONGEST_STEP = 10  # a `timestamp` that takes larger steps is in ms


@dataclasses.dataclass
class Trace:
    """What R raters said of one recording: `times` (T,) in s, rising; `values` (R, T), NaN where they said nothing."""

    names: list[str]
    times: np.ndarray
    values: np.ndarray
    path: Path
    numbers: list[int]  # the line of each time
    repeated: int = 0  # times that stood there twice, whose last values count
    ignored: int = 0  # columns that nobody asked for
    shift: float | None = None  # s between times that are 0 and equal steps: cer/corpora/grid.py finds it


def read(path, *, separator=None, time=0, rate=None, unit=None, columns=None, names=None, scale=(-1, 1), missing=()):
    """Read a file with a line a time and a column a rater (or a dimension).

    separator: of columns (";", ",", a tab, or " " for any blanks); None: found out. time: name or position (from 0) of
    the column of times. rate: Hz of a file that has none. unit: "s" or "ms"; None: ms where the column's name says so,
    or is timestamp and its steps are larger than any in s. columns: names or positions of the values; None: all others.
    names: what to call them; None: as the head does. scale: the numbers that mean -1 and 1, a pair or a dict of pairs,
    name -> pair; None: the numbers are kept as they are. missing: marks that mean no value, such as "", "nan" or -5.

    Decimal commas may stand where commas do not part columns, or in quotes. Raises BadInput, naming file and line.
    """
    rows = csvs.lines(path, WHOLE)
    separator = separator or separator_of([line for _, line in rows], bare=bool(rate) and columns in (None, [0]))
    table = Table(path, separator, missing, rows)
    head, places, body = table.divide(None if rate else time, columns)
    width, wanted = places.width, places.values if rate else [places.time, *places.values]
    found = []
    for number, fields in body:
        if len(fields) != width and not (len(fields) > width and places.stated):
            shown = f"{len(fields)} columns in {separator.join(fields)!r}"
            raise BadInput(f"{path}:{number}: found {shown}, expected {width}; mend the line")
        found.append(table.numbers(number, [fields[place] for place in wanted], timed=not rate))
    values = np.array(found, np.float64).reshape(len(found), len(wanted)).T
    names = _names(path, names, head, places)
    ignored = max(len(fields) for _, fields in body) - len(wanted)
    trace = Trace(names, np.arange(len(found)), values, Path(path), [number for number, _ in body], ignored=ignored)
    if rate:
        trace.times = trace.times / rate
    else:
        trace.times, trace.values = values[0], values[1:]
        if unit == "ms" or (unit is None and _in_ms(head[places.time] if head else "", trace.times)):
            trace.times = trace.times / 1000
    return scaled(rising(trace), scale)


def read_rows(path, *, key=None, scale=(-1, 1), missing=("",)):
    """Read a wide file, a row a rater or a recording and a column a time: `song_id, sample_15000ms, sample_15500ms`.

    key: the column that names the rows; None: they are numbered, so that no id of a person is kept. Other arguments as
    read()'s. Returns a Trace whose names are the rows'. Raises BadInput.
    """
    (number, line), *rows = csvs.lines(path, WHOLE)
    separator = separator_of([line], bare=False)
    table = Table(path, separator, missing, [])
    head = csvs.split(path, number, line, separator)
    found = {place: re.fullmatch(r"\D*?([\d.]+) ?(m?s)", name) for place, name in enumerate(head)}
    said = {place: (_float(match[1]), match[2]) for place, match in found.items() if match}
    times = {place: time / (1000 if unit == "ms" else 1) for place, (time, unit) in said.items() if time is not None}
    if not times or (key and key not in head):
        raise BadInput(f"{path}:{number}: found the head {line!r}, expected {key or 'times'} and times such as 500ms")
    at, names, values = np.array([*times.values()]), [], []
    for place, line in rows:
        fields = csvs.split(path, place, line, separator, len(head))
        names.append(fields[head.index(key)] if key else str(len(names) + 1))
        row = np.array([table.numbers(place, [fields[column] for column in times], timed=False)])
        values += [*scaled(Trace(names[-1:], at, row, Path(path), [place] * len(at)), scale).values]
    if len(set(names)) < len(names) or not names:
        raise BadInput(f"{path}: found the rows {listed(names) or 'none'}, expected different ones, at least one")
    return rising(Trace(names, at, np.array(values), Path(path), [number] * len(at)))


@dataclasses.dataclass
class _Places:
    """Where the time and the values stand in a line; width: of the lines; stated: lines may be longer."""

    time: int | None
    values: list[int]
    width: int
    stated: bool


class Table:
    """The lines of a file, as fields, and what is a number in it."""

    def __init__(self, path, separator, missing, rows):
        self.path = path
        self.marks = {str(mark).lower() for mark in missing}
        self.numeric = {found for mark in self.marks if (found := _float(mark)) is not None}
        parted = None if separator == " " else separator
        self.rows = csvs.with_whole_head([(n, csvs.split(path, n, line, parted)) for n, line in rows])

    def number(self, field):
        """The number in a field, NaN for a missing one, None for what is neither."""
        if field.lower() in self.marks:
            return math.nan
        # Where commas part columns, only quoted fields have some. Some systems write a minus sign, not a hyphen.
        found = _float(field.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
        return math.nan if found in self.numeric else found

    def numbers(self, number, fields, timed):
        """The numbers in the fields of a line; timed: the first is a time, which is never missing. Raises BadInput."""
        found = [self.number(field) for field in fields]
        if None in found:
            raise BadInput(f"{self.path}:{number}: found {fields[found.index(None)]!r}, expected a finite number")
        if timed and math.isnan(found[0]):
            raise BadInput(f"{self.path}:{number}: found {fields[0]!r}, expected a time")
        return found

    def divide(self, time, columns):
        """Part the head from the data: (names of the columns or [], _Places, [(line, fields)]). Raises BadInput."""
        wanted = [*([] if time is None else [time]), *(columns or [])]
        if any(isinstance(one, str) for one in wanted):
            return self._by_names(time, columns, wanted)
        first = next((n for n, (_, fields) in enumerate(self.rows) if self._is_data(fields, wanted, columns)), None)
        while first and not any(self.rows[first - 1][1]):  # nobody said anything yet
            first -= 1
        last = self.rows[first - 1] if first else self.rows[-1] if first is None else (0, ["a head"])
        if self.number(next(filter(None, last[1]), "")) is not None:  # a broken row; pandas' heads begin with no name
            self.numbers(*last, timed=False)
            raise BadInput(f"{self.path}:{last[0]}: found {len(last[1])} columns, expected more")
        if first is None:
            raise BadInput(f"{self.path}:{last[0]}: found {listed(last[1])}, expected numbers; {WHOLE}")
        body = [row for row in self.rows[first:] if time is None or any(row[1])]
        width = max(wanted) + 1 if columns else len(body[0][1])
        heads = [fields for _, fields in self.rows[:first] if len(fields) >= width and {*"".join(fields)} - {"%"}]
        head = heads[-1] if heads and (columns or len(heads[-1]) == width) else []
        return head, _Places(time, columns or [n for n in range(width) if n != time], width, bool(columns)), body

    def _is_data(self, fields, wanted, columns):
        places = wanted if columns else range(len(fields))
        found = [self.number(fields[place]) if place < len(fields) else None for place in places]
        if None in found or not (columns or len(found) > len(wanted)):
            return False
        return not all(map(math.isnan, found)) or (len(wanted) == len(columns or []) and all(fields))

    def _by_names(self, time, columns, wanted):
        names = {_plain(one) for one in wanted if isinstance(one, str)}
        lower = [[_plain(field) for field in fields] for _, fields in self.rows]
        first = next((n for n, fields in enumerate(lower) if names <= {*fields}), None)
        if first is None:
            number, fields = self.rows[0]
            raise BadInput(f"{self.path}:{number}: found {fields}, expected the columns {', '.join(map(str, wanted))}")
        head = self.rows[first][1]
        at = [one if isinstance(one, int) else csvs.place_of(one, head, _plain) for one in wanted]
        texts = [(row, "".join(row[1])) for row in self.rows[first + 1 :]]
        body = [row for row, text in texts if (text or time is None) and {*text} != {"%"}]
        if not body:
            raise BadInput(f"{self.path}: found no rows below the head; {WHOLE}")
        time = None if time is None else at.pop(0)
        values = at if columns else [n for n in range(len(head)) if n != time]
        return head, _Places(time, values, len(head), False), body


def _float(text):
    """The finite number that a text stands for, or None."""
    try:
        found = kinds.number(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _plain(name):
    return "_".join(name.lower().split())


def separator_of(lines, bare):
    """What parts the columns of the last lines, which hold numbers: ; or a tab, else a comma, else blanks.

    bare: a line of one number with a comma holds one column.
    """
    last = lines[-50:]
    for separator in (";", "\t"):
        if sum(separator in line for line in last) > len(last) / 2:
            return separator
    number = r"[-+\N{MINUS SIGN}]?(\d+|\d*,\d+)"
    decimal = sum(bool(re.fullmatch(rf"{number}( +{number}){'*' if bare else '+'}", line)) for line in last)
    return "," if sum("," in line for line in last) > len(last) / 2 and decimal <= len(last) / 2 else " "


def _names(path, names, head, places):
    if names is None:
        found = [head[place] if head else "" for place in places.values]
        names = ["_".join(name.split()) or str(place) for name, place in zip(found, places.values, strict=True)]
    if len(names) != len(places.values):
        raise BadInput(f"{path}: found {len(places.values)} columns of values, expected {listed(names)}")
    if len(set(names)) < len(names):
        raise BadInput(f"{path}: found the columns {', '.join(names)}, expected different names")
    return list(names)


def _in_ms(name, times):
    name, steps = name.lower(), np.diff(times)
    return bool(re.search(r"(^|[^a-z])(ms|msec|millis\w*)($|[^a-z])", name)) or (
        name == "timestamp" and len(steps) > 0 and np.median(steps) >= LONGEST_STEP
    )


def rising(trace):
    """The trace with each time once: the last values of a time count. Raises BadInput where times go back."""
    steps = np.diff(trace.times)
    if (steps < 0).any():
        row = int(np.flatnonzero(steps < 0)[0]) + 1
        found = f"{trace.times[row]:g} after {trace.times[row - 1]:g}"
        raise BadInput(f"{trace.path}:{trace.numbers[row]}: found the time {found}, expected a later one")
    keep = np.append(steps > 0, True)
    trace.repeated += int((~keep).sum())
    trace.times, trace.values = trace.times[keep], trace.values[:, keep]
    trace.numbers = [number for number, one in zip(trace.numbers, keep, strict=True) if one]
    return trace


def scaled(trace, scale):
    """The trace on the scale from -1 to 1; scale: as read()'s. Raises BadInput for values outside."""
    for name, values in zip(trace.names, trace.values, strict=True):
        ends = scale.get(name) if isinstance(scale, dict) else scale
        if ends is None:
            continue
        low, high = ends
        outside = np.flatnonzero((values < low) | (values > high))
        if len(outside):
            where = f"{trace.path}:{trace.numbers[outside[0]]}: {name}"
            raise BadInput(f"{where}: found {values[outside[0]]:g}, expected {low:g} to {high:g}")
        if ends != (-1, 1):
            values[:] = (values - low) / (high - low) * 2 - 1
    return trace
