"""Which columns of numbers of a file of traces hold times and which hold values, by their names and their numbers."""

import re
from dataclasses import dataclass

import numpy as np

from cer.corpora.pairing import said, target_of
from cer.corpora.traces import Trace
from cer.data.targets import ENDS

END = 1e-6  # s by which intervals may overlap
BEYOND = 2.0  # s that times may go on after the recording's end
TIMES = (
    r"(time|times|timestamp|t|s|secs?|seconds?|ms|msecs?|milliseconds?|frametime|onset)([ _([].*)?"  # columns' names
)
CLOCKS = r".*time(stamp)?s?([ _([].*)?"  # of columns that may hold times, too, if they rise: VideoTime
COUNTS = r"(frames?|samples?|rows?|lines?|index|idx|nr|no|#)([_.-]?(id|index|idx|nr|no|num|number))?"  # likewise
PLACES = r"(id|subject|participant|person|speaker|session|trial|clip|video|file)([_.-]?(id|nr|no|num|number))?"


def time_of(whole, seconds):
    """Which of the columns of numbers holds the times, None for none: by its name, or the first that rises as times.

    Of several by their names, the first that fits the recording: a VideoTime where a timestamp counts since 1970.
    """
    named = [n for n, name in enumerate(whole.names) if re.fullmatch(TIMES, name.lower())]
    named += [n for n, row in enumerate(whole.values) if re.fullmatch(CLOCKS, whole.names[n].lower()) and rises(row)]
    if named:
        return next((n for n in named if unit_of(whole.values[n][-1], seconds)), named[0])
    for n, row in enumerate(whole.values):
        counts = is_counter(row) and unit_of(row[-1], seconds) != "s"
        far = n == 0 or row[-1] / (1000 if unit_of(row[-1], seconds) == "ms" else 1) > seconds / 2
        counts = counts or re.fullmatch(COUNTS, whole.names[n].lower())
        if len(whole.names) > 1 and not target_of(whole.names[n]) and rises(row) and not counts and far:
            return n
    return None


def unit_of(last, seconds):
    """The unit of times up to `last` in a recording, s or ms; None if it is neither."""
    if last <= seconds + BEYOND:
        return "s"
    return "ms" if last / 1000 <= seconds + BEYOND and last > 10 * seconds else None


def rises(row):
    """Whether values are as times are: hardly any twice, and none lower than the one before."""
    return len(row) == 1 or (len(row) > 1 and np.mean(np.diff(row) > 0) > 0.9)


def is_counter(row):
    """Whether values count the rows: 0, 1, 2 ... or 1, 2, 3 ..."""
    return len(row) > 2 and row[0] in (0, 1) and bool((np.diff(row) == 1).all())


@dataclass
class _Column:
    """One of the columns of numbers, beside the others."""

    name: str
    row: np.ndarray  # (T,)
    whole: Trace  # all of them
    axes: bool  # whether they are those of DARMA, two axes and a button


def _is_another_clock(one):
    return re.fullmatch(TIMES, one.name.lower()) or (re.fullmatch(CLOCKS, one.name.lower()) and rises(one.row))


def _counts_frames(one):
    return re.fullmatch(COUNTS, one.name.lower()) and rises(one.row)


def _says_whose(one):
    return re.fullmatch(PLACES, one.name.lower()) and np.ptp(one.row) == 0


def _is_empty(one):
    return np.isnan(one.row).all()


def _is_a_button(one):
    return one.axes and one.name == "B"


def _is_beside_targets(one):
    return not one.axes and said(one.name)[0] not in ENDS and any(said(name)[0] in ENDS for name in one.whole.names)


RULES = (_is_another_clock, _counts_frames, _says_whose, _is_empty, _is_a_button, _is_beside_targets)


def values_of(whole, time, *, axes):
    """Which of the columns of numbers hold values: none of the times, and none of which one of RULES is true.

    A rule that is true of all that are left does not count, but for counts of rows and ends of intervals: the result
    may be empty. whole: a Trace of all columns; time: which has the times, or None; axes: whether the file is DARMA's.
    """
    left = [n for n in range(len(whole.names)) if n != time and not is_counter(whole.values[n])]
    for rule in RULES:
        left = [n for n in left if not rule(_Column(whole.names[n], whole.values[n], whole, axes))] or left
    return left if time is None else [n for n in left if not _are_ends(whole.values[time], whole.values[n])]


def _are_ends(starts, values):
    """Whether values are the ends of intervals that start at some times, as transcripts have them."""
    return len(starts) > 1 and bool((values > starts).all() and (values[:-1] <= starts[1:] + END).all())
