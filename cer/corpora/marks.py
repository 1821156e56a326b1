"""Which values of a file of traces are marks that mean no value."""

import numpy as np

MISSING = (
    *("", "nan", "na", "n/a", "#n/a", "#nv", "null", "none", "-", "--", ".", "?"),
    *("-nan", "nan(ind)", "-nan(ind)", "-1.#ind"),
)
BELOW = {-5: 1, -9: 0.75, -99: 0.75, -999: 0.75, -9999: 0.75}  # how far below others, by the range of these
ABOVE = {99: 10, 999: 100, 9999: 1000}  # how far from 0 others may be, as on a scale ten times smaller
FEW = 10  # different values, as of keys
POINTS = 5  # from 1 on, at least; those from -3 or -4 on go up to 3 or 4


def marks_of(values):
    """The numbers in a file, values (N,), that are marks: those far from all values that are none; sorted."""
    some = [one for one in (*BELOW, *ABOVE) if one in values]
    rest = values[~np.isin(values, some)]
    found = [one for one in some if _far(one, rest)]
    if is_alone(values[~np.isin(values, found)]) and _is_scale(values[~np.isin(values, [*found, -1])]):
        found.append(-1)
    return sorted(found)


def _is_scale(values):
    """Whether values of 0 and more do not look like the upper half of a scale from -1, -3, -100 ... on."""
    points = values.min() >= 1 and values.max() >= POINTS
    return points or (len(np.unique(values)) > FEW and bool((values != np.round(values)).any()))


def _far(mark, rest):
    if mark in ABOVE:
        return bool((np.abs(rest) <= ABOVE[mark]).all())
    return not len(rest) or bool(rest.min() - mark > BELOW[mark] * np.ptp(rest))


def is_alone(values):
    """Whether -1 is the only value below 0: it may be a mark, too."""
    return -1 in values and bool((values >= 0).any() and (values[values < 0] == -1).all())
