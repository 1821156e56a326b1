"""Arrays with NaN in gaps: the mean of what is there, and straight lines across the gaps."""

import numpy as np


def mean(values):
    """Mean over the first axis of the values that are there; NaN where none is: (R, ...) -> (...)."""
    there = ~np.isnan(values)
    number = np.asarray(there.sum(axis=0))
    return np.divide(
        np.where(there, values, 0).sum(axis=0), number, out=np.full(number.shape, np.nan), where=number > 0
    )


def bridged(trace):
    """A trace (T,), at least one value of it there, whose gaps are bridged by straight lines."""
    there = ~np.isnan(trace)
    return np.interp(np.arange(len(trace)), np.flatnonzero(there), trace[there])
