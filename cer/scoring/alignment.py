"""Alignment of raters in time before their traces are combined: by a delay each, or by time warping.

Raters react 1 to several seconds late, each with a lag of their own, so that their mean is blurred. All ways compare
each rater with the others, keep what the raters have in common in time, and go no further than LIMIT. A delay is found
in each recording, or, as the lag of a rater, once in all recordings.

Sources: F. Zhou and F. De la Torre, Canonical time warping for alignment of human behavior (NIPS 2009); L. Stappen et
al., MuSe-Toolbox (2021), whose RAAW aligns raters by canonical time warping and then weights them by agreement (EWE).
"""

import itertools

import numpy as np

from cer.scoring.gaps import bridged, mean

LIMIT = 6  # s, the longest delay, and how far warping may reach
ROUNDS = 10  # of delays; most settle in 3
WARPS = 3
GRID = 0.2  # s between the points that are warped


def moved(ratings, found):
    """Move each rater's trace back by a number of rows of their own, found (R,): (R, T) -> (R, T).

    Rows that a move leaves open hold the trace's first or last value.
    """
    rows = np.arange(ratings.shape[1])
    return np.stack([x[np.clip(rows + d, 0, len(rows) - 1)] for x, d in zip(ratings, found, strict=True)])


def delays(ratings, shift):
    """How many rows each rater is later than their mean: integers (R,), of at most LIMIT s, whose mean rounds to 0.

    ratings: (R, T), NaN where a rater rated nothing; shift: seconds between rows.

    One rater after the other gets the delay whose correlation with the mean of the others, each moved by their present
    delay and around 0, is highest: until none changes. A rater who at no delay correlates positively with the others,
    or who rated nothing, is not moved.
    """
    most, found = round(LIMIT / shift), np.zeros(len(ratings), int)
    rated = _who_rated(ratings)
    if len(rated) < 2:
        return found
    for _ in range(ROUNDS):
        before = found.copy()
        for r in rated:
            others = mean(np.stack([_later(_centred(ratings[s]), -found[s]) for s in rated if s != r]))
            each = correlations(ratings[r], others, most)
            found[r] = np.argmax(each) - most if each.max() > 0 else 0
        if (found == before).all():
            break
    found[rated] -= round(found[rated].mean())
    return np.clip(found, -most, most)


class Lags:
    """How many rows late each rater is, one number for all recordings of a dimension: add() these, then find()."""

    def __init__(self, shift):
        """shift: seconds between rows."""
        self._most = round(LIMIT / shift)
        self._pairs = {}  # two raters -> correlations over delays, times common rows

    def add(self, names, ratings):
        """Take in a recording: ratings (R, T) of the raters `names`."""
        for r, s in itertools.combinations(_who_rated(ratings), 2):
            common = (~np.isnan(ratings[[r, s]]).any(axis=0)).sum()
            each = common * correlations(ratings[r], ratings[s], self._most)
            pair = names[r], names[s]
            if pair[::-1] in self._pairs:
                pair, each = pair[::-1], each[::-1]
            self._pairs[pair] = self._pairs.get(pair, 0) + each

    def find(self):
        """Rater -> rows, whole numbers of at most LIMIT; raters whom none agrees with at any delay are left out.

        Each pair of raters has the delay whose correlation, in sum over the recordings, is highest. The raters' lags
        are those whose differences are nearest to these delays, by least squares with the sums for weights. Raters may
        share recordings through others only; of groups who share none, each has the mean 0.
        """
        pairs = {pair: each for pair, each in self._pairs.items() if each.max() > 0}
        names = list(dict.fromkeys(itertools.chain(*pairs)))
        normal, right = np.zeros((len(names), len(names))), np.zeros(len(names))
        for (one, two), each in pairs.items():
            r, s, weight = names.index(one), names.index(two), each.max()
            normal[[r, s, r, s], [r, s, s, r]] += weight * np.array([1, 1, -1, -1])
            right[[r, s]] += weight * (np.argmax(each) - self._most) * np.array([1, -1])
        rows = np.linalg.lstsq(normal, right, rcond=1e-9)[0]
        return {name: int(np.clip(round(d), -self._most, self._most)) for name, d in zip(names, rows, strict=True)}


def correlations(x, y, most):
    """Correlation of x[t + d] and y[t] over the rows where both are, for d = -most ... most: (2 most + 1,).

    0 where these are fewer than half of the rows that x or y has, or either is constant there.
    """
    x, y = _centred(x), _centred(y)
    a, b = (~np.isnan(each) for each in (x, y))
    x, y = np.where(a, x, 0), np.where(b, y, 0)

    def sums(left, right):
        return np.correlate(np.pad(left * 1.0, most), right * 1.0, "valid")

    n = np.round(sums(a, b))
    mx, my = (total / np.maximum(n, 1) for total in (sums(x, b), sums(a, y)))
    xx, yy = sums(x * x, b) - n * mx**2, sums(a, y * y) - n * my**2
    norm = np.sqrt(np.maximum(xx, 0) * np.maximum(yy, 0))
    usable = (n >= max(2, min(a.sum(), b.sum()) / 2)) & (norm > 1e-9)
    return np.divide(sums(x, y) - n * mx * my, norm, out=np.zeros(len(n)), where=usable)


def _who_rated(ratings):
    """The raters of (R, T) who rated something: their numbers."""
    return np.flatnonzero(~np.isnan(ratings).all(axis=1))


def _centred(x):
    """A trace around 0; one with no value as it is."""
    there = ~np.isnan(x)
    return x - x[there].mean() if there.any() else x


def _later(x, rows):
    """The trace `rows` later, or earlier if negative; NaN where it then has no value."""
    moved = np.full(len(x), np.nan)
    if rows >= 0:
        moved[rows:] = x[: len(x) - rows]
    else:
        moved[:rows] = x[-rows:]
    return moved


def warped(ratings, shift):
    """Warp each rater's trace in time so that it is nearest to the mean of the others: (R, T) -> (R, T).

    ratings: NaN where a rater rated nothing; shift: seconds between rows.

    Canonical time warping alternates a projection that makes traces comparable, with variance 1, and dynamic time
    warping. Of traces of one dimension the projection is a scale: standardise, warp to the mean of the others, WARPS
    times, on a grid of GRID s whose points are means of the rows around them. A row takes the value of the row that the
    path pairs with it, the middle one of several. Gaps are bridged to find the path.
    """
    rated = _who_rated(ratings)
    if len(rated) < 2:
        return ratings
    step = max(1, round(GRID / shift))
    traces = _unit(np.stack([_coarse(bridged(ratings[r]), step) for r in rated]))
    now = traces
    for _ in range(WARPS):
        pairs = [
            path.mean(axis=0) for path in paths(traces, _unit(now.sum(axis=0) - now), round(LIMIT / (step * shift)))
        ]
        now = _unit(np.stack([x[path.astype(int)] for x, path in zip(traces, pairs, strict=True)]))
    rows, grid = np.arange(ratings.shape[1]), step * np.arange(traces.shape[1])
    result = ratings.copy()
    for r, path in zip(rated, pairs, strict=True):
        result[r] = ratings[r, np.clip(np.round(np.interp(rows, grid, step * path)).astype(int), 0, rows[-1])]
    return result


def _coarse(trace, step):
    """Means of `step` rows around rows 0, step, 2 step ... of a trace; before it starts and after it ends, it stays."""
    points = -(-len(trace) // step)
    return np.pad(trace, (step // 2, step), mode="edge")[: points * step].reshape(points, step).mean(axis=1)


def _unit(traces):
    """Traces (R, T) with mean 0 and variance 1; constant ones are 0."""
    deviation = traces.std(axis=1, keepdims=True)
    return (traces - traces.mean(axis=1, keepdims=True)) / np.where(deviation > 1e-9, deviation, np.inf)


def paths(traces, references, most):
    """Dynamic time warping of each trace to its reference, both (R, T).

    Returns the first and the last row of the trace that each row of the reference meets: (R, 2, T). It is the cheapest
    path from the first pair of rows to the last in steps of one row of either or of both, by squared distances, with
    pairs at most `most` rows apart. All traces at once, in R T (2 most + 1) bytes.

        row t of the reference meets the rows t - most ... t + most of the trace: columns 0 ... 2 most
        one row of both: the same column;  of the reference alone: column + 1 before;  of the trace alone: column - 1
    """
    number, length = traces.shape
    near = np.lib.stride_tricks.sliding_window_view(np.pad(traces, ((0, 0), (most, most))), 2 * most + 1, axis=1)
    column, moves = np.arange(2 * most + 1), np.empty((length, number, 2 * most + 1), np.int8)
    before = np.full((number, 2 * most + 1), np.inf)
    for t in range(length):
        outside = t + column >= length + most  # behind the last row; a path begins at row 0 and never goes back
        cost = (near[:, t] - references[:, [t]]) ** 2
        alone = np.pad(before[:, 1:], ((0, 0), (0, 1)), constant_values=np.inf)
        here = np.minimum(before, alone) + cost if t else np.where(column == most, cost, np.inf)
        here[:, outside] = np.inf
        total = np.cumsum(cost, axis=1)
        reached = total + np.minimum.accumulate(here - total, axis=1)  # the trace alone, any number of rows
        moves[t] = np.where(reached < here - 1e-9, 2, alone < before)
        before = np.where(outside, np.inf, reached)
    return np.stack([_back(moves[:, r], most) for r in range(number)])


def _back(moves, most):
    """Follow the moves (T, 2 most + 1) from the last pair to the first: first and last row of the trace, (2, T)."""
    length, k = len(moves), most
    first, last = np.empty(length, int), np.empty(length, int)
    for t in range(length - 1, -1, -1):
        last[t] = t + k - most
        while moves[t, k] == 2:
            k -= 1
        first[t] = t + k - most
        k += moves[t, k] == 1
    return np.stack([first, last])


ALIGNMENTS = {  # (ratings, s between rows, the raters' lags in rows) -> ratings
    "none": lambda ratings, shift, lags: ratings,
    "delay": lambda ratings, shift, lags: moved(ratings, delays(ratings, shift)),
    "lag": lambda ratings, shift, lags: moved(ratings, lags),
    "warp": lambda ratings, shift, lags: warped(ratings, shift),
}
