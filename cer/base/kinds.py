"""Kinds of values, as options and JSON files have them: types, with the range that makes sense.

    count: Count = 32                     a keyword of a function, and so an option, a whole number from 1 to 100000
    rate: Annotated[float, Range(0, above=True)] = 0.1

Numbers are always finite. Whoever reads a value (cer/base/options.py, cer/base/records.py) asks here what it may be.
"""

import math
import re
import sys
import types
import typing
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`; above: `low` itself is out."""

    low: float = -math.inf
    high: float = math.inf
    above: bool = False

    def __contains__(self, value):
        return self.low <= value <= self.high and not (self.above and value == self.low)

    def __str__(self):
        most = "" if self.high == math.inf else f" to {self.high:.15g}"
        if self.above:
            return f" above {self.low:.15g}{most}"
        return "" if self.low == -math.inf else f" from {self.low:.15g}{most or ' on'}"


@dataclass(frozen=True)
class Pattern:
    """Texts that match a regular expression; words: what they are, for people."""

    regex: str
    words: str

    def __contains__(self, value):
        return bool(re.fullmatch(self.regex, value)) and value.isprintable()

    def __str__(self):
        return self.words


Count = Annotated[int, Range(1, 100_000)]
IN_SECONDS = "or seconds, such as 8s"  # the mark of whole numbers that may be given as seconds
RowCount = Annotated[int, Range(1, 100_000), IN_SECONDS]
Layers = Annotated[int, Range(1, 64)]
Whole = Annotated[int, Range(0, 100_000)]
Seed = Annotated[int, Range(0, 2**31 - 1)]
Positive = Annotated[float, Range(0, above=True)]
NonNegative = Annotated[float, Range(0)]
Share = Annotated[float, Range(0, 1)]
Seconds = Annotated[float, Range(0, 3600, above=True)]  # between two rows, frames or labels
Hertz = Annotated[float, Range(1000, 768_000)]  # of recordings, as in cer/sound/pcm.py
NAME = "letters, digits, '_', '-' and '.', the first one neither '-' nor '.'"
Name = Annotated[str, Pattern(r"\w[\w.-]*", NAME)]  # it becomes part of files' names

WORDS = {int: "a whole number", float: "a finite number", bool: "true or false", str: "a text"}


@dataclass(frozen=True)
class Span:
    """A number of rows that was given in seconds."""

    seconds: float

    def rows(self, shift):
        """The number; shift: seconds between rows."""
        return round(self.seconds / shift)


def parts(kind):
    """The type of a kind (int, float, bool or str), and its limit: a Range, a Pattern or None."""
    kind, *limits = typing.get_args(kind) if typing.get_origin(kind) is Annotated else (kind,)
    if isinstance(kind, types.UnionType):  # int | float
        kind = float
    return kind, (limits or [None])[0]


def words(kind):
    """What a value of this kind is, for people."""
    of, limit = parts(kind)
    if isinstance(limit, Pattern):
        return str(limit)
    return WORDS[of] + (str(limit) if limit else "") + (f", {IN_SECONDS}" if in_seconds(kind) else "")


def in_seconds(kind):
    """Whether values of this kind may be given in seconds, too."""
    return IN_SECONDS in getattr(kind, "__metadata__", ())


def fits(kind, value):
    """Whether a value of Python is of this kind; whole numbers are finite numbers, too."""
    kind, limit = parts(kind)
    if isinstance(value, bool) or kind is bool:
        return kind is bool and isinstance(value, bool)
    if not isinstance(value, (int, float) if kind is float else kind):
        return False
    if kind is float and not abs(value) <= sys.float_info.max:  # nan, too
        return False
    return limit is None or value in limit


def number(text, of=float):
    """The number that a text stands for, of type `of`. Raises ValueError, also for 3_1, which Python takes for 31."""
    return of(text.replace("_", "?"))


def parse(kind, text):
    """The value that a text stands for, as it is typed on a command line. Raises ValueError: found, expected."""
    of, _ = parts(kind)
    if in_seconds(kind) and re.fullmatch(r"\d{1,9}(\.\d{1,9})?s", text):
        return Span(float(text[:-1]))
    try:
        value = {"true": True, "false": False}[text] if of is bool else of(text) if of is str else number(text, of)
    except (KeyError, ValueError, OverflowError):
        value = None
    if value is None or not fits(kind, value):
        raise ValueError(f"found {shown(text)}, expected {words(kind)}")
    return value


def names(text):
    """The names of a list such as arousal,valence, at least one, each once. Raises ValueError."""
    found = text.split(",")
    if len(set(found)) < len(found) or not all(fits(Name, name) for name in found):
        raise ValueError(f"found {shown(text)}, expected names parted by commas, each once")
    return found


def shown(value, most=60):
    """A value as messages show it, cut where it is long."""
    try:
        text = repr(value)
    except RecursionError:
        return f"a {type(value).__name__} with too much inside"
    return text if len(text) <= most else f"{text[: most - 4]} ..."
