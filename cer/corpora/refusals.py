"""Refuses files of traces: by their heads, by decimal commas, and by what their columns of times and values hold."""

import re

import numpy as np

from cer.base.errors import BadInput, listed
from cer.corpora.columns import COUNTS, MOST, PEOPLE, TIMES, rises
from cer.corpora.pairing import target_and_rater, target_of
from cer.data.targets import ENDS

OPENSMILE = r".*_sma(\d|\W|_|$).*"  # names of its features
MINUTES = r"(.*[^a-z])?(m|mins?|minutes?|h|hrs?|hours?)([^a-z].*)?"  # names of times that are not in s
MILLISECONDS = r"(.*[^a-z])?(ms|msecs?|milli\w+)([^a-z].*)?"
FRAMES = 5  # of a recording, less than this share as if in ms: numbers of up to 200 frames a second
FASTEST = 100  # Hz, of values in a part of a recording
CURE = "egs/folder/other_corpora.md says how to turn it round"
MOMENTS = r"\D*?\d[\d.]*[ _]?m?s"  # names such as sample_15000ms
DECIMAL = "are commas decimal? Then save it with semicolons between columns"
SOME = 3  # lines that are longer than the head, for which no single fault accounts


def check_times(path, number, line):
    """Raise BadInput for a first line whose columns are called as times: those below it are no times."""
    names = [name.strip("'\" ") for name in re.split("[;,\t]", line)]
    if len(names) > 2 and most(MOMENTS, names) and not any(re.fullmatch(TIMES, name.lower()) for name in names):
        found = f"times in the head (... {names[-1]})"
        raise BadInput(f"{path}:{number}: found {found}, expected a line for each time; {CURE}")


def check_targets(path, heads):
    """Raise BadInput for lines of names, (line, fields), of which one above the last one names targets.

    The names in the last one, such as those of raters, would be taken for raters of one target.
    """
    heads = [(number, fields) for number, fields in heads if "".join(fields).strip("%")]  # CARMA's line of them
    for number, fields in heads[:-1]:
        targets = sorted({target_of(field) for field in fields} - {""})
        if len(targets) > 1 and not any(target_and_rater(field)[0] in ENDS for field in heads[-1][1]):
            found = f"found the targets {', '.join(targets)} above another line of names ({listed(heads[-1][1], 3)})"
            raise BadInput(f"{path}:{number}: {found}, expected one line of names, such as {targets[0]}_R1")


def check_commas(path, rows):
    """Raise BadInput for whole numbers that are halves of decimal ones; rows: (line number, fields) of a file."""
    whole = [n for n, (_, fields) in enumerate(rows) if len(fields) > 1 and all(map(_is_whole, fields))]
    if not whole or whole[-1] < len(rows) - 1:
        return
    body, (number, head) = [rows[n][1] for n in whole], rows[whole[0] - 1] if whole[0] else (rows[0][0], [])
    longer = [len(fields) for fields in body if len(fields) > len(head)]
    if len(longer) < SOME:
        return
    wider = f"{len(head)} columns in the head and {longer[-1]} whole numbers in the lines below it"
    if found := wider if head else _halves(body):
        raise BadInput(f"{path}:{number}: found {found}; {DECIMAL}")


def _is_whole(field):
    return bool(re.fullmatch(r"[-+]?\d+", field))


def _halves(body):
    """What shows, without a head, that whole numbers are halves of decimal ones, "" for nothing: 04, a -0 in front of a
    column without any sign, or a first column that rises as times do only with the second as its decimals.
    """
    signed = {n for fields in body for n, field in enumerate(fields) if field[0] in "-+"}
    for fields in body:
        for n, field in enumerate(fields):
            if re.fullmatch(r"[-+]?0\d+", field) or (field == "-0" and n + 1 < len(fields) and n + 1 not in signed):
                return f"{field} among whole numbers"
    if 1 in signed:
        return ""
    seconds, both = (np.array([float(".".join(fields[:count])) for fields in body]) for count in (1, 2))
    rise = (np.diff(seconds) >= 0).all() and not rises(seconds) and rises(both)
    return f"times such as {','.join(body[-1][:2])} among whole numbers" if rise else ""


def fault_of(whole, values, time):
    """Why columns of values are none of raters, in words; "" where they may be. values: as values_of() gives them."""
    names = [whole.names[n] for n in values]
    times = [] if time is None else whole.values[time]
    often = np.median(np.unique(times, return_counts=True)[1]) if len(times) else 1
    turned = f"found {len(values)} columns of numbers in {len(whole.times)} lines"
    if most(OPENSMILE, names):
        return f"found openSMILE's features ({names[0]} ...), expected what raters said"
    if len(values) > max(MOST, len(whole.times)):
        return f"{turned}, expected a line for each time and a column for each rater; {CURE}"
    if often > 1:
        return f"found each time {often:g} times, expected once, and a column for each rater or target; {CURE}"
    for n, name in enumerate(whole.names):
        row, alone = whole.values[n], n == time or values == [n]
        if re.fullmatch(PEOPLE, name.lower()) and not alone and np.ptp(row) > 0 and (row == np.round(row)).all():
            return f"found several raters in the column {name}, expected a column for each; {CURE}"
    return ""


def fault_of_times(name, times, seconds, unit):
    """Why times in s are none, in words; "" where they may be.

    name: of their column; seconds: of the recording; unit: that they were in
    """
    rate = (len(times) - 1) / max(times[-1] - times[0], 1e-9)
    if times[-1] < seconds / 10 and (rate > FASTEST or re.fullmatch(MINUTES, name.lower())):
        found = f"times up to {times[-1]:g} in the column {name} and a recording of {seconds:g} s, {rate:.0f} a second"
        return f"found {found}, expected s or ms; are they minutes, or shares of it? Then multiply them"
    if _holds_frames(times):
        found = f"found times such as {times[1]:g} and none beyond {(times % 1).max():.2f} of a second"
        return f"{found}, expected parts of a second; are they numbers of frames? Then divide these by the rate, in Hz"
    if unit == "ms" and times[-1] < seconds / FRAMES and not re.fullmatch(MILLISECONDS, name.lower()):
        found = f"found times up to {times[-1] * 1000:g}, expected those of a recording of {seconds:g} s, in s or ms"
        return f"{found}; are they numbers of frames? Then divide them by the rate, in Hz"
    return ""


def _holds_frames(times):
    """Whether times such as 1.24 are of frame 24, not of 0.24 s: even within a second, with leaps from one to the next.

    times: (T,) in s
    """
    steps, crosses = np.diff(times), np.diff(np.floor(times)) > 0
    within, leaps = steps[~crosses], steps[crosses]
    if len(within) < SOME or len(leaps) < SOME:
        return False
    step = np.median(within)
    return bool(np.abs(within - step).max() < step / 10 and leaps.min() > 2 * step)


def fault_of_counts(whole, fits):
    """Why lines with numbers of frames or rows do not lie evenly in a recording, in words; "" where they may.

    They may begin with any number if the recording has so many. fits: whether some number of lines is that of a
    recording at a usual rate
    """
    for name, row in zip(whole.names, whole.values, strict=True):
        if re.fullmatch(COUNTS, name.lower()) and rises(row):
            step = float(np.median(np.diff(row)))
            late = row[0] > max(step, 1) and (not fits(len(row)) or fits(row[-1] / step + 1))
            if late or np.abs(row - row[0] - step * np.arange(len(row))).max() > step / 2:
                found = f"found {len(row)} lines from {row[0]:g} to {row[-1]:g} in the column {name}, and no times"
                return f"{found}; expected a column of times in s: these divided by the rate, in Hz"
    return ""


def most(pattern, names):
    """Whether more than half of some names are as a pattern."""
    return sum(bool(re.fullmatch(pattern, name.lower())) for name in names) > len(names) / 2
