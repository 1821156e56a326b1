"""The lines of a file of traces as fields: what parts them, which of them are its head, what is a number in them."""

import dataclasses
import math
import re
import statistics

import numpy as np

from cer.base import csvs, kinds
from cer.base.errors import BadInput, listed

WHOLE = "check that the corpus is whole"
CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d\d(?:\.\d*)?)")  # h:mm:ss or m:ss, with parts of a second


@dataclasses.dataclass
class Places:
    """Where the time and the values stand in a line; width: of the lines; stated: lines may be longer."""

    time: int | None
    values: list[int]
    width: int
    stated: bool


class Table:
    """The lines of a file, as fields, and what is a number in it."""

    def __init__(self, path, separator, missing, rows):
        self.path, self.separator = path, separator
        self.marks = {str(mark).lower() for mark in missing}
        self.numeric = {found for mark in self.marks if (found := as_number(mark)) is not None}
        self.rows = csvs.with_whole_head([(n, csvs.split(path, n, line, separator)) for n, line in rows])

    def number(self, field):
        """The number in a field, NaN for a missing one, None for what is neither."""
        if field.lower() in self.marks:
            return math.nan
        # Where commas part columns, only quoted fields have some. Some systems write a minus sign, not a hyphen.
        found = as_number(field.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
        found = on_clock(field) if found is None else found
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
        """Part the head from the data: (names of the columns or [], Places, [(line, fields)]). Raises BadInput."""
        wanted = [*([] if time is None else [time]), *(columns or [])]
        if any(isinstance(one, str) for one in wanted):
            return self._by_names(time, columns, wanted)
        first = next((n for n, (_, fields) in enumerate(self.rows) if self._is_data(fields, wanted, columns)), None)
        while first and not any(self.rows[first - 1][1]):  # nobody said anything yet
            first -= 1
        above = self.rows[:first]  # all, if there are no data
        for number, fields in above[-1:]:
            self._refuse_data(number, fields)
            if first is None:
                raise BadInput(f"{self.path}:{number}: found {listed(fields)}, expected numbers; {WHOLE}")
        body = [row for row in self.rows[first:] if time is None or any(row[1])]
        width = max(wanted) + 1 if columns else len(body[0][1])
        usual = statistics.mode(len(fields) for _, fields in body)  # a comment above the lines has more or fewer fields
        heads = [fields for _, fields in above if len(fields) == usual and {*"".join(fields)} - {"%"}]
        head = heads[-1] if heads else []
        return head, Places(time, columns or [n for n in range(width) if n != time], width, bool(columns)), body

    def _refuse_data(self, number, fields):
        """Raise BadInput for a line above the data that begins with a number: no head, but a broken line of data."""
        if self.number(next(filter(None, fields), "")) is not None:  # pandas' heads begin with no name
            self.numbers(number, fields, timed=False)
            raise BadInput(f"{self.path}:{number}: found {len(fields)} columns, expected more")

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
        return head, Places(time, values, len(head), False), body


def as_number(text):
    """The finite number that a text stands for, or None."""
    try:
        found = kinds.number(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def on_clock(text):
    """The seconds of a time such as 0:01:02.5 or 1:02,5, or None for another text."""
    match = CLOCK.fullmatch(text.replace(",", "."))
    return match and int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3])


def _plain(name):
    return "_".join(name.lower().split())


def separator_of(lines, bare):
    """What parts the columns of the last lines, which hold numbers: ; or a tab (not after a comma), a comma, or blanks.

    bare: a line of one number with a comma holds one column.
    """
    last = lines[-50:]
    for separator, pattern in ((";", ";"), ("\t", "(?<!,)\t")):
        if sum(bool(re.search(pattern, line)) for line in last) > len(last) / 2:
            return separator
    number = r"[-+\N{MINUS SIGN}]?(\d+|\d*,\d+)"
    decimal = sum(bool(re.fullmatch(rf"{number}( +{number}){'*' if bare else '+'}", line)) for line in last)
    return "," if sum("," in line for line in last) > len(last) / 2 and decimal <= len(last) / 2 else " "


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
