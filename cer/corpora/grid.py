"""The grid of labels: equal steps from the start of a recording, found in a trace's times or put under them."""

import math

import numpy as np

from cer.base.errors import BadInput
from cer.corpora.traces import Trace

SLACK = 1e-6  # s, of rounding


def shift_of(times):
    """Estimate the exact seconds between rows from rounded times: 1/60 for .0167, .0333 ...

    times: (T,). Returns the mean step, or if it fits equally well the nearest integer rate (Hz) or whole milliseconds.
    """
    step = float(np.median(np.diff(times)))
    if step <= 0:
        return step
    rows = np.round(np.diff(times) / step).sum()  # more than T - 1 if rows are missing
    mean = float((times[-1] - times[0]) / max(rows, 1))
    if mean <= 0:
        return mean
    expected = np.arange(len(times))
    worst = np.abs(times - mean * expected).max()
    for near in (1 / max(1, round(1 / mean)), round(mean, 3)):
        if np.abs(times - near * expected).max() <= 2 * worst + SLACK:
            return near
    return mean


def even(trace):
    """The Trace, with the `shift` of its times, which are 0 and equal steps.

    Raises BadInput, naming the line, for times that are not.
    """
    times = trace.times
    if len(times) < 2:
        found = f"{len(times)} rows of labels"
        raise BadInput(
            f"{trace.path}:{trace.numbers[-1]}: found {found}, expected one every few hundredths of a second"
        )
    shift = shift_of(times)
    if shift <= 0:
        row = int(np.flatnonzero(np.diff(times) <= 0)[0]) + 1
        found = f"{times[row]:g} after {times[row - 1]:g}"
        raise BadInput(f"{trace.path}:{trace.numbers[row]}: found the time {found}, expected a later one")
    expected = shift * np.arange(len(times))
    wrong = np.flatnonzero(np.abs(times - expected) > shift / 4)
    if len(wrong):
        row = int(wrong[0])
        raise BadInput(
            f"{trace.path}:{trace.numbers[row]}: found the time {times[row]:g}, expected {expected[row]:g}:"
            f" times from 0 in steps of {shift:g} s, none twice and none left out"
        )
    trace.shift = shift
    return trace


def onto(trace, shift, seconds, gap, offset=0.0):
    """Put a Trace on the grid 0, shift, 2 shift ... of a recording: (R, N), NaN where a rater said nothing.

    seconds: of the recording, N = seconds / shift + 1; offset: where the trace's time 0 lies in the recording. The
    value at a time is the mean of the trace from half a shift before to half a shift after it, of which values at both
    ends count by half, so that it is neither early nor late; where it holds none, a straight line between its
    neighbours, if these are no more than `gap` seconds apart (math.inf: however far apart).
    """
    times, count = trace.times + offset, math.floor(seconds / shift + SLACK) + 1
    return np.array([_one(times, row, shift, count, gap) for row in trace.values])


def _one(times, values, shift, count, gap):
    """times, values: (T,) -> (count,)."""
    there = ~np.isnan(values)
    times, values = times[there], values[there]
    grid = shift * np.arange(count)
    places, halves = times / shift, np.tile(values / 2, 2)  # half a value between two places is of each, else both are
    places = np.append(np.ceil(places - 0.5 - SLACK), np.floor(places + 0.5 + SLACK)).astype(np.int64)
    inside = (places >= 0) & (places < count)
    filled = np.bincount(places[inside], minlength=count)
    sums = np.bincount(places[inside], weights=halves[inside], minlength=count)
    means = 2 * sums / np.where(filled, filled, np.nan)
    if len(times) < 2:
        return means
    after = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    near = times[after] - times[after - 1] <= gap + SLACK
    lines = np.where(near, np.interp(grid, times, values, left=np.nan, right=np.nan), np.nan)
    return np.where(filled, means, lines)


def rated(path, shift, names, values):
    """A Trace on the grid: values (R, N) from 0 every `shift` seconds; path: the file or folder that messages name."""
    count = np.shape(values)[1]
    return Trace(list(names), shift * np.arange(count), values, path, [], shift=shift)


def together(parts):
    """Join parts (names (R,), values (R, N)) of a recording: (names, (R, N)), each rater once, in the order they came.

    Where a rater's parts overlap, the later part counts.
    """
    found = {}
    for names, values in parts:
        for name, row in zip(names, values, strict=True):
            found[name] = np.where(np.isnan(row), found.get(name, row), row)
    return list(found), np.array(list(found.values()))
