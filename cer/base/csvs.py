"""The one reader of CSV files: raters' traces, predictions, the course of a training.

The first line names the columns, each other line holds a number for each. Empty lines, blanks and quotes around fields,
line ends of Windows and byte order marks are ignored.
"""

import csv
import io
import itertools
import math

import numpy as np

from cer.base import kinds
from cer.base.errors import BadInput
from cer.base.files import read_text


def lines(path, cure="check the path"):
    """Read the lines of a file that are not empty: list of (number, text without blanks around it).

    cure: what to do about a bad file, for messages. Raises BadInput for an empty file, and one that cannot be read.
    """
    found = [(n, line.strip(" \r")) for n, line in enumerate(read_text(path, cure).split("\n"), 1) if line.strip()]
    if not found:
        raise BadInput(f"{path}: is empty; {cure}")
    return found


def split(path, number, line, separator, count=None):
    """The fields of a line without blanks and quotes around them; "0,5" is one. Raises BadInput if not `count`.

    separator: one character; " " stands for any number of blanks and tabs.
    """
    fields = line.split() if separator == " " else line.split(separator)
    if separator != " " and '"' in line:
        try:
            fields = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
        except csv.Error as error:
            raise BadInput(f"{path}:{number}: is no CSV ({error}); save it again") from None
    fields = [field.strip().strip("'\"").strip() for field in fields]
    if len(fields) != (count or len(fields)):
        raise BadInput(f"{path}:{number}: found {len(fields)} columns in {line!r}, expected {count}")
    return fields


def with_whole_head(rows):
    """Return rows, (number, fields), with a name for each column in the head: the line above the rows of equal length.

    Left out: the numbers that pandas gives to columns without names (a first line 0, 1, 2 ...), and the # that numpy
    writes before the names. A missing name is added: an empty one at the end if the last field of all rows is empty;
    row.names at the front if the first fields are texts or count the rows, as R writes them.
    """
    rows = rows[1:] if _are_numbers_of_columns(rows) else rows
    width = len(rows[-1][1]) if rows else 0
    at = max((n for n, (_, fields) in enumerate(rows) if len(fields) != width), default=len(rows))
    if at >= len(rows) - 1:
        return rows
    (number, head), body = rows[at], [fields for _, fields in rows[at + 1 :]]
    if head[0] == "#" and len(head) == width + 1:
        head = head[1:]
    elif len(head) == width - 1 > 1 and all(head) and not any(map(_is_number, head)):
        firsts = [fields[0] for fields in body]
        counted = any(firsts == [*map(str, range(start, start + len(body)))] for start in (0, 1))
        if not any(fields[-1] for fields in body):
            head = [*head, ""]
        elif counted or not any(map(_is_number, firsts)):
            head = ["row.names", *head]
    return [*rows[:at], (number, head), *rows[at + 1 :]]


def _are_numbers_of_columns(rows):
    """Whether the first of some rows, (number, fields), can only be 0, 1, 2 ..., perhaps behind an empty field."""
    if len(rows) < 3:
        return False
    first, *rest = [fields for _, fields in rows]
    own = first[1:] if not first[0] else first
    if own != [str(n) for n in range(len(own))] or len(first) < 2 or {*map(len, rest)} != {len(first)}:
        return False
    starts = [float(fields[0].replace(",", ".")) if _is_number(fields[0]) else math.nan for fields in rest]
    if own is not first:
        return all(one < two for one, two in itertools.pairwise(starts))
    return starts[0] == 0 or (len(own) > 2 and all({".", ","} & {*"".join(fields)} for fields in rest))


def _is_number(field):
    try:
        return math.isfinite(float(field.replace(",", ".")))
    except ValueError:
        return False


def place_of(name, head, plain):
    """The index of a name in a head, compared by plain(); if several fit, of the one that differs only in blanks."""
    same = ["_".join(one.split()) for one in head]
    wanted = "_".join(name.split())
    return same.index(wanted) if wanted in same else [plain(one) for one in head].index(plain(name))


def value(path, number, field, finite=True):
    """The number in a field. Raises BadInput for anything else, and with `finite` for inf and nan, too."""
    try:
        found = kinds.number(field)
    except ValueError:
        found = None
    if found is None or (finite and not math.isfinite(found)):
        raise BadInput(f"{path}:{number}: found {field!r}, expected a {'finite ' if finite else ''}number")
    return found


def read(path, separator=",", cure="check the path", first=None, finite=True):
    """Read a table: (names of the columns, line number of each row, values (rows, columns) float64).

    first: the name that the first column must have, in any case, and then others must follow; finite: refuse inf and
    nan. Raises BadInput naming file and line.
    """
    (number, head), *rest = lines(path, cure)
    names = split(path, number, head, separator)
    if (first and (names[0].lower() != first or len(names) < 2)) or len(set(names)) < len(names) or not all(names):
        expected = f"{first}{separator}NAME{separator}NAME..." if first else f"NAME{separator}NAME..."
        raise BadInput(f"{path}:{number}: found the header {head!r}, expected {expected} with different names")
    rows = [
        [value(path, n, field, finite) for field in split(path, n, line, separator, len(names))] for n, line in rest
    ]
    return names, [n for n, _ in rest], np.array(rows, np.float64).reshape(len(rows), len(names))


def texts(path, needed, cure="mend its first line"):
    """Read a table of texts, as numbered() does, without the numbers of its lines."""
    return [row for _, row in numbered(path, needed, cure)]


def numbered(path, needed, cure="mend its first line"):
    """Read a table of texts, fields perhaps in double quotes: a list of (line, row: name of the column -> text).

    Columns are parted by commas, or by semicolons or tabs as spreadsheets do where commas are decimal. needed: the name
    of a column in which no field is empty; cure: what to do if there is none. Raises BadInput, naming file and line.
    """
    text = read_text(path)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter(text), skipinitialspace=True, strict=True)
    try:
        names, *rows = [(reader.line_num, [field.strip() for field in row]) for row in reader if any(row)] or [(1, [])]
    except csv.Error as error:
        raise BadInput(f"{path}:{reader.line_num}: is no CSV ({error}); save it again") from None
    names = names[1]
    if names.count(needed) != 1:
        found = ", ".join(names) or "none"
        raise BadInput(f"{path}: found the columns {found}, expected one that is called {needed}; {cure}")
    for number, row in rows:
        if len(row) != len(names) or not row[names.index(needed)]:
            raise BadInput(f"{path}:{number}: found {','.join(row)!r}, expected {len(names)} columns with a {needed}")
    if not rows:
        raise BadInput(f"{path}: found no rows below the names of the columns; check the path")
    return [(number, dict(zip(names, row, strict=True))) for number, row in rows]


def delimiter(text):
    """What parts the columns of a table of texts, by its first line: ; or a tab where no comma is, else a comma."""
    head = text.partition("\n")[0]
    return "," if "," in head else next((mark for mark in ";\t" if mark in head), ",")


def as_text(field):
    """A text for a table, behind an apostrophe if it begins with =, +, - or @: a spreadsheet would compute it."""
    return f"'{field}" if field.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(field) else field


def read_predictions(path):
    """Read predictions, a column `time` (s) and one a target: (times (T,), {target: (T,)}, seconds between rows).

    Raises BadInput, naming file and line, also for fewer than 2 rows, for times that are below 0 or not evenly spaced,
    and for numbers that single precision cannot hold.
    """
    names, numbers, values = read(path, first="time")
    if len(values) < 2:
        raise BadInput(f"{path}: found {len(values)} rows of predictions, expected 2 or more")
    for row, column in np.argwhere(np.abs(values) > np.finfo(np.float32).max)[:1]:
        raise BadInput(f"{path}:{numbers[row]}: found {values[row, column]:g}, expected a number of single precision")
    times = values[:, 0]
    if times[0] < 0:
        raise BadInput(f"{path}:{numbers[0]}: found the time {times[0]:g}, expected times from 0 on")
    shift = float(times[-1] - times[0]) / (len(times) - 1)
    uneven = np.flatnonzero(np.abs(times - times[0] - shift * np.arange(len(times))) > shift / 2)
    if shift <= 0 or len(uneven):
        row = int(uneven[0]) if len(uneven) else 0
        raise BadInput(f"{path}:{numbers[row]}: found the time {times[row]:g}, expected evenly spaced, rising times")
    return times, dict(zip(names[1:], values[:, 1:].T, strict=True)), round(shift, 9)
