"""The one reader of traces: what raters' tools write of a recording, whatever separator, head, times and scale it has.

Tools: CARMA and DARMA (lines of head, a line of %%%%, the end and the mean of a bin), FEELTRACE and GTrace (time and
value between blanks), ANNEMO (a column a rater), bare values, tables with a rater or a recording a row. A head is not
counted.
"""

import dataclasses
import re
from pathlib import Path

import numpy as np

from cer.base import csvs
from cer.base.errors import BadInput, listed
from cer.corpora import bins
from cer.corpora.fields import WHOLE, Table, as_number, check_lines, separator_of

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

    Decimal commas may stand where commas do not part columns, or in quotes. Raises BadInput, naming file and line, also
    for an empty line among values without times.
    """
    rows = csvs.lines(path, WHOLE)
    separator = separator or separator_of([line for _, line in rows], bare=bool(rate) and columns in (None, [0]))
    trace, head, place = _read(path, Table(path, separator, missing, rows), None if rate else time, columns, names)
    if rate:
        check_lines(path, rows, trace.numbers)
        trace.times = trace.times / rate
    else:
        trace.times, trace.values = trace.values[0], trace.values[1:]
        if unit == "ms" or (unit is None and _in_ms(head[place] if head else "", trace.times)):
            trace.times = trace.times / 1000
        trace.times = trace.times - bins.size_of(trace.times, rows) / 2
    return scaled(rising(trace), scale)


def read_columns(path, places, *, separator, missing):
    """Read columns of a file at some places, of times, values or counts: a Trace whose times are numbers of lines."""
    return _read(path, Table(path, separator, missing, csvs.lines(path, WHOLE)), None, places, None)[0]


def _read(path, table, time, columns, names):
    """(Trace with numbers of lines for times, its first row those of the column `time` if any; head; its place)."""
    head, places, body = table.divide(time, columns)
    width, wanted = places.width, places.values if time is None else [places.time, *places.values]
    found = []
    for number, fields in body:
        if len(fields) != width and not (len(fields) > width and places.stated):
            shown = f"{len(fields)} columns in {table.separator.join(fields)!r}"
            raise BadInput(f"{path}:{number}: found {shown}, expected {width}; mend the line")
        found.append(table.numbers(number, [fields[place] for place in wanted], timed=time is not None))
    values = np.array(found, np.float64).reshape(len(found), len(wanted)).T
    names = _names(path, names, head, places)
    ignored = max(len(fields) for _, fields in body) - len(wanted)
    numbers = [number for number, _ in body]
    return Trace(names, np.arange(len(found)), values, Path(path), numbers, ignored=ignored), head, places.time


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
    said = {place: (as_number(match[1]), match[2]) for place, match in found.items() if match}
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
