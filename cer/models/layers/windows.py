"""Functionals: statistics over a window around each row, which give context to regressors that take single rows."""

import functools

import torch
from torch.nn.functional import max_pool1d, max_pool2d, pad

from cer.base.errors import BadInput

COLUMNS = 16  # of a functional at a time


def reach(width):
    """Return how many rows a centred window of `width` rows has before and after its own. Raises BadInput below 1."""
    if width < 1:
        raise BadInput(f"found a window of {width} rows, expected at least 1")
    return (width - 1) // 2, width // 2


def _by_columns(functional):
    """Compute a functional of COLUMNS columns at a time: its float64 tables stay in the processor's cache."""

    @functools.wraps(functional)
    def blocks(x, width):
        found = [functional(part, width) for part in x.split(COLUMNS, 1)]
        return torch.cat([part.to(x.dtype) for parts in zip(*found, strict=True) for part in parts], 1)

    return blocks


@_by_columns
def moments(x, width):
    """Mean and standard deviation over centred windows, cut at the utterance's ends: x: (T, C) -> (T, 2 C)."""
    mean, square = (_sliding_mean(part, width) for part in (x.double(), x.double() ** 2))
    return mean, (square - mean**2).clamp_min(0).sqrt()


@_by_columns
def extremes(x, width):
    """Minimum and maximum over centred windows: x: (T, C) -> (T, 2 C)."""
    before, after = reach(width)
    both = pad(torch.cat([-x, x], 1).T[None], (before, after), value=-torch.inf)
    exporting = torch.compiler.is_exporting()  # max_pool1d is much faster, but would fix the graph to one length
    largest = max_pool2d(both, (1, width), 1) if exporting else max_pool1d(both, width, 1)
    low, high = largest[0].T.chunk(2, 1)
    return -low, high


@_by_columns
def slope(x, width):
    """Slope per row of the least-squares line over centred windows: x: (T, C) -> (T, C); 0 for a window of one row."""
    time = torch.arange(x.shape[0], dtype=torch.float64)[:, None]
    centre, products = _sliding_mean(time, width), _sliding_mean(time * x.double(), width)
    spread = _sliding_mean(time**2, width) - centre**2
    covariance = products - centre * _sliding_mean(x.double(), width)
    return (torch.where(spread > 1e-9, covariance / spread.clamp_min(1e-9), 0.0),)


def _sliding_mean(x, width):
    """Mean over centred windows, cut at the utterance's ends: x: (T, C) float64 -> (T, C)."""
    before, after = reach(width)
    sums = pad(x.cumsum(0), (0, 0, 1, 0))
    row = torch.arange(x.shape[0])
    first, end = (row - before).clamp_min(0), (row + after + 1).clamp_max(x.shape[0])
    return (sums[end] - sums[first]) / (end - first)[:, None]
