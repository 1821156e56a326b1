"""Which columns of numbers of a file of traces hold times and which hold values, by their names and their numbers."""

import re

import numpy as np

from cer.corpora.pairing import target_and_rater, target_of
from cer.data.targets import ENDS

END = 1e-6  # s by which intervals may overlap
BEYOND = 2.0  # s that times may go on after the recording's end
TIMES = (  # columns' names, also German, French, Spanish, Italian, Turkish
    r"(time|times|timestamp|t|s|secs?|seconds?|ms|msecs?|milliseconds?|frametime|onset|zeit(stempel|punkt)?|(milli)?"
    r"sekunden?|temps|secondes?|tiempo|segundos?|tempo|secondi|zaman|saniye)([ _([].*)?"
)
MEDIA = r"(video|audio|sound|media|movie|film|clip|stim(ulus)?)[ _.-]?time"  # with which the names of some begin
CLOCKS = r".*time(stamp)?s?([ _([].*)?"  # of columns that may hold times, too, if they rise: VideoTime
COUNTS = r"(frames?|samples?|rows?|lines?|index|idx|nr|no|#)([_.-]?(id|index|idx|nr|no?|num|number))?"  # likewise
PEOPLE = r"(rater|annotator|coder|worker)([_.-]?(id|nr|no|num|number|name))?"
KINDS = rf"{PEOPLE}|tier|target|dimension|variable|attribute|measure|item|scale"  # of lines of several raters, targets
PLACES = (
    r"(id|subject|participant|person|speaker|session|trial|clip|video|file|segment|turn|utterance)"
    rf"([_.-]?(id|nr|no|num|number))?|{PEOPLE}|(.*\.)?this(rep|trial)?(n|index)"  # these are PsychoPy's
)
ENDS_OF_SCALE = r"(min(imum)?|max(imum)?)[ _.-]value"
SETTINGS = (  # of the recording or the slider, if they never change
    r"fps|hz|(frame|sampl(e|ing)|refresh|video)?[ _.-]?rate([ _([].*)?|midpoint[ _.-]value|number[ _.-]of[ _.-]steps|"
    + ENDS_OF_SCALE
)
SPREADS = {
    *"std stddev stdev sd standard deviation var variance sem confidence conf min max lower upper ci n count".split()
}  # words, of how sure
MIDDLES = {*"mean avg average median value values rating ratings gold ewe".split()}  # words for what they are of
VALUES = {*"value values rating ratings score scores annotation annotations".split()}  # words for what they are
MOST = 20  # raters in a file of fewer lines than raters
UNITS = (1, 1000, 0.001)  # what makes s or ms of ms or s
ROUNDED = 0.002  # s, or 0.002 ms, by which times that are the same may differ


def time_of(whole, seconds):
    """Which of the columns of numbers holds the times, None for none: by its name, or the first that rises as times.

    Of several by their names, the first that fits the recording: a VideoTime where a timestamp counts since 1970. What
    counts the time of the video, the audio or the like goes before what counts that of a program.
    """
    named = [n for n, name in enumerate(whole.names) if re.fullmatch(TIMES, name.lower())]
    named += [n for n, row in enumerate(whole.values) if re.fullmatch(CLOCKS, whole.names[n].lower()) and rises(row)]
    named.sort(key=lambda n: (not rises(whole.values[n]), not re.match(MEDIA, whole.names[n].lower())))
    if named:
        return next((n for n in named if unit_of(whole.values[n][-1], seconds)), named[0])
    for n, row in enumerate(whole.values):
        counts = is_counter(row) and unit_of(row[-1], seconds) != "s"
        far = n == 0 or row[-1] / (1000 if unit_of(row[-1], seconds) == "ms" else 1) > seconds / 2
        counts = counts or re.fullmatch(COUNTS, whole.names[n].lower())
        as_times = (rises(row) and far) or (_repeats(row) and unit_of(row[-1], seconds) and row[-1] > seconds / 2)
        if len(whole.names) > 1 and not target_of(whole.names[n]) and not counts and as_times:
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


def _repeats(row):
    """Whether values rise and each fills as many rows as the others, 2 or more; if their steps are even, nearly so."""
    values, counts = np.unique(row, return_counts=True)
    if len(values) <= MOST or (np.diff(row) < 0).any():
        return False
    inner, steps = counts[1:-1], np.diff(values)
    even = np.ptp(steps) < min(steps) / 2 and 2 * max(inner) <= 3 * min(inner)
    return bool(min(counts) == max(counts) > 1 or (even and min(inner) > 1))


def _are_whole(row):
    there = row[~np.isnan(row)]
    return bool((there == np.round(there)).all())


def is_counter(row):
    """Whether values count the rows: 0, 1, 2 ... or 1, 2, 3 ..."""
    return len(row) > 2 and row[0] in (0, 1) and bool((np.diff(row) == 1).all())


class _Columns:
    """All columns of numbers of a file; a rule on them says of a column, by its number, that it holds no values."""

    def __init__(self, whole, time, axes):
        """whole: a Trace of them; time: which has the times, or None; axes: whether they are DARMA's."""
        self.names, self.rows, self.axes = [name.lower() for name in whole.names], whole.values, axes
        self.words = [{*re.split(r"[\W_]+", name)} - {""} for name in self.names]
        self.middles = {frozenset(words - MIDDLES) for words in self.words if not words & SPREADS}
        self.called = [{*re.split(r"[\W_\d]+", name)} - {""} for name in self.names]  # rating.1 is rating, too
        self.are_targets = [target_and_rater(name)[0] in ENDS for name in whole.names]
        self.are_nameless = all(name.isdigit() for name in self.names)
        self.time, self.times = time, None if time is None else self.rows[time]
        both = [] if time is None else [(row * unit, unit) for row in self.rows for unit in UNITS]
        self.lengths = [(end - self.times) / unit for end, unit in both if _are_ends(self.times, end)]

    def is_another_clock(self, n):
        """A second column of times, by its name."""
        name = self.names[n]
        return re.fullmatch(f"{TIMES}|{CLOCKS}", name) and rises(self.rows[n])  # MS may be a rater

    def counts_frames(self, n):
        """The numbers of rows, frames or samples."""
        return re.fullmatch(COUNTS, self.names[n]) and rises(self.rows[n])

    def says_whose(self, n):
        """The number of a person, a file or a segment: one, or some in order, or in any order beside fractions."""
        row, others = self.rows[n], (other for m, other in enumerate(self.rows) if m != self.time)
        ordered = (np.diff(row) >= 0).all() or not all(map(_are_whole, others))
        return re.fullmatch(PLACES, self.names[n]) and (np.ptp(row) == 0 or (_are_whole(row) and ordered))

    def says_a_setting(self, n):
        """The rate of frames or samples, or the ends of the scale, one in all lines."""
        return re.fullmatch(SETTINGS, self.names[n]) and np.ptp(self.rows[n]) == 0

    def says_how_sure(self, n):
        """The standard deviation or the like of what another column has the mean of."""
        of = self.words[n] - SPREADS
        return of < self.words[n] and of in self.middles

    def is_same_time(self, n):
        """The times in s where there are some in ms, or the other way."""
        return self.times is not None and any(_close(self.rows[n] * unit, self.times) for unit in UNITS)

    def is_length(self, n):
        """The lengths of intervals whose starts and ends are there, too."""
        return any(_close(self.rows[n], length) for length in self.lengths)

    def is_empty(self, n):
        """No values at all."""
        return np.isnan(self.rows[n]).all()

    def says_one_thing(self, n):
        """One value without a name, such as NOVA's confidence beside each value."""
        return self.are_nameless and np.nanmin(self.rows[n]) == np.nanmax(self.rows[n])

    def is_a_button(self, n):
        """What DARMA says of a button."""
        return self.axes and self.names[n] in ("b", "button")

    def is_beside_targets(self, n):
        """Anything where other columns are called as targets."""
        return not self.axes and any(self.are_targets) and not self.are_targets[n]

    def is_beside_values(self, n):
        """Anything where another column is called value, rating or the like, such as the place of a mouse."""
        return any(one and one <= VALUES for one in self.called) and not self.called[n] & VALUES


RULES = (
    _Columns.is_another_clock,
    _Columns.counts_frames,
    _Columns.says_whose,
    _Columns.says_a_setting,
    _Columns.says_how_sure,
    _Columns.is_same_time,
    _Columns.is_length,
    _Columns.is_empty,
    _Columns.says_one_thing,
    _Columns.is_a_button,
    _Columns.is_beside_targets,
    _Columns.is_beside_values,
)


def values_of(whole, time, *, axes, clocks=()):
    """Which of the columns of numbers hold values: none of the times, and none of which one of RULES is true.

    A rule that is true of all that are left does not count, but for counts of rows and ends of intervals: the result
    may be empty. whole: a Trace of all columns; time: which has the times, or None; axes: whether the file is DARMA's;
    clocks: which have times such as 0:01:02.
    """
    columns = _Columns(whole, time, axes)
    left = [n for n in range(len(whole.names)) if n not in (time, *clocks) and not is_counter(whole.values[n])]
    for rule in RULES:
        left = [n for n in left if not rule(columns, n)] or left
    if time is None:
        return left
    return [n for n in left if not any(_are_ends(columns.times, whole.values[n] * unit) for unit in UNITS)]


def ends_of(whole):
    """The ends of the scale that are in two columns of all lines, as an early CARMA has them, or None."""
    found = [
        row[0]
        for name, row in zip(whole.names, whole.values, strict=True)
        if re.fullmatch(ENDS_OF_SCALE, name.lower()) and np.ptp(row) == 0
    ]
    return (min(found), max(found)) if len(found) == 2 and min(found) < max(found) else None


def _are_ends(starts, values):
    """Whether values are the ends of intervals that start at some times, as transcripts have them."""
    return len(starts) > 1 and bool((values > starts).all() and (values[:-1] <= starts[1:] + END).all())


def _close(one, other):
    return np.allclose(one, other, 0, ROUNDED)
