"""Why columns of a file of traces hold no times, or no values of raters, in words."""

import re

import numpy as np

from cer.corpora.columns import COUNTS, MOST, PEOPLE, rises

OPENSMILE = r".*_sma(\d|\W|_|$).*"  # names of its features
MINUTES = r"(.*[^a-z])?(m|mins?|minutes?|h|hrs?|hours?)([^a-z].*)?"  # names of times that are not in s
MILLISECONDS = r"(.*[^a-z])?(ms|msecs?|milli\w+)([^a-z].*)?"
FRAMES = 5  # of a recording, less than this share as if in ms: numbers of up to 200 frames a second
FASTEST = 100  # Hz, of values in a part of a recording
CURE = "egs/folder/other_corpora.md says how to turn it round"


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
    if unit == "ms" and times[-1] < seconds / FRAMES and not re.fullmatch(MILLISECONDS, name.lower()):
        found = f"found times up to {times[-1] * 1000:g}, expected those of a recording of {seconds:g} s, in s or ms"
        return f"{found}; are they numbers of frames? Then divide them by the rate, in Hz"
    return ""


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
