"""Guesses what a file of traces holds: whether it has times and in what unit, its rate, its columns and its scale."""

import math
import re
from dataclasses import dataclass

import numpy as np

from cer.base.csvs import lines
from cer.base.errors import BadInput
from cer.corpora.grid import shift_of
from cer.corpora.traces import read

MISSING = ("", "nan", "na", "n/a")
RATES = (1, 2, 4, 5, 10, 12.5, 20, 25, 30, 40, 49.979, 50, 60, 100)  # Hz
NEAR = 0.0002  # of a rate: how far it may be from one of these
BEYOND = 2.0  # s that times may go on after the recording's end
ENDS = (1, 10, 100, 1000)  # of scales, from -1, 0, ...
LIKERT = (5, 7, 9)
STEPS = (0.02, 0.04, 0.1, 0.2, 0.25, 0.5, 1.0)  # s between labels where the times of traces are not even


@dataclass
class Guess:
    """What a file holds."""

    columns: list[str]
    rate: float | None  # Hz, of values without times
    unit: str  # of times
    low: float  # of all of its values
    high: float
    ends: tuple[float, float] | None  # of the scale, if the head says them
    step: float  # s between values, as a rule
    even: bool  # whether the times are 0 and equal steps


def guess(path, seconds):
    """Guess what a file of traces holds, of a recording of some seconds. Raises BadInput for one that holds none."""
    found, rate, unit = _read(path, seconds)
    times = found.times / (1000 if unit == "ms" else 1)
    values = found.values[~np.isnan(found.values)]
    if not len(values) or len(times) < 2:
        raise BadInput(f"{path}: found {len(values)} values at {len(times)} times, expected more")
    step = shift_of(times)
    even = bool(np.abs(times - step * np.arange(len(times))).max() <= step / 4)
    return Guess(found.names, rate, unit, float(values.min()), float(values.max()), _ends_in_head(path), step, even)


def _read(path, seconds):
    """(Trace, Hz or None, unit of its times)."""
    options = {"unit": "s", "scale": None, "missing": MISSING}
    try:
        found = read(path, **options)
        if found.repeated > len(found.times):  # no times at all
            raise BadInput(f"{path}: found no times")
    except BadInput:
        found = read(path, **options | {"rate": 1.0})
        if np.mean(np.diff(found.values[0]) > 0) > 0.9 and len(found.values) > 1:  # times, but for a broken line
            raise
        rate = (len(found.times) - 1) / seconds
        for one in RATES:
            if abs(len(found.times) - one * seconds) <= 2 + NEAR * one * seconds:
                rate = one
        found.times = found.times / rate
        return found, rate, "s"
    last = found.times[-1]
    for unit, factor in (("s", 1), ("ms", 1000)):
        if last / factor <= seconds + BEYOND and (unit == "s" or last > 10 * seconds):
            return found, None, unit
    raise BadInput(f"{path}: found times up to {last:g}, expected those of a recording of {seconds:g} s")


def _ends_in_head(path):
    """The ends of the scale as CARMA's and DARMA's heads say them, or None."""
    head = "\n".join(line for _, line in lines(path)[:20])
    found = [re.search(rf"(?im)^{word}[^,;\n]*[,;]\s*(-?\d+(?:\.\d+)?)\s*$", head) for word in ("min", "max")]
    return (float(found[0][1]), float(found[1][1])) if all(found) else None


def scale_of(guesses):
    """The ends of the scale of several files of one target: what their heads say, or the nearest round numbers."""
    said = {one.ends for one in guesses}
    low, high = min(one.low for one in guesses), max(one.high for one in guesses)
    if len(said) == 1 and None not in said:
        return said.pop()
    if low == 1 and high in LIKERT:
        return 1, int(high)
    end = next((one for one in ENDS if max(-low, high) <= one), math.ceil(max(-low, high)))
    return (0, end) if low >= 0 else (-end, end)


def rate_of(guesses):
    """The rate of labels in Hz: that of all traces if it is one, or one that is no higher than their own."""
    steps = [one.step for one in guesses]
    if all(one.even for one in guesses) and max(steps) - min(steps) < 1e-4 * min(steps):
        return 1 / float(np.median(steps))
    middle = float(np.median(steps))
    return 1 / next((step for step in STEPS if step >= 0.95 * middle), math.ceil(middle))
