"""Sums over all recordings of a set, piece by piece, so that memory does not grow with the hours.

They are to the last bit what numpy gives for the concatenated recordings: it sums an array pairwise, in halves.

    |------------------- length -------------------|
    |--- half, a multiple of 8 --|------ rest -----|     each halved again, down to pieces of at most PIECE
"""

import numpy as np

PIECE = 1 << 16  # values; a multiple of 2^13, which numpy converts at once, sums pairwise and adds to the total


class Row:
    """Arrays one after the other, as one."""

    def __init__(self, arrays):
        """arrays: iterable of (..., T)."""
        self._arrays, self._here = iter(arrays), None

    def take(self, number):
        """The next `number` columns, or those that are left: (..., number)."""
        parts = []
        while number and (self._here is not None or (array := next(self._arrays, None)) is not None):
            here = array if self._here is None else self._here
            parts.append(here[..., :number])
            self._here = here[..., number:] if here.shape[-1] > number else None
            number -= parts[-1].shape[-1]
        return np.concatenate(parts, axis=-1) if parts else None


def pairwise(length, sums_of_next):
    """numpy's sums of `length` values, from sums of pieces; sums_of_next(n): those of the next n values, (K,)."""
    if length <= PIECE:
        return sums_of_next(length)
    half = length // 2 - length // 2 % 8
    return pairwise(half, sums_of_next) + pairwise(length - half, sums_of_next)


def mean(arrays):
    """np.concatenate(arrays).mean(dtype=np.float64) of float32 arrays, iterable of (T, 1)."""
    row, total, count = Row(array[:, 0] for array in arrays), np.float64(0), 0
    while (piece := row.take(PIECE)) is not None:
        total = np.add.reduce(piece, dtype=np.float64, initial=total)
        count += len(piece)
    return total / count


def moments(pairs, length):
    """Means of y and p, and the means of (y - my)(p - mp), (y - my)^2, (p - mp)^2 and (y - p)^2.

    pairs: function that gives an iterable of (y, p), float64 (T,) each, of `length` rows in all; called twice.
    """

    def means(products):
        row = Row(map(np.stack, pairs()))
        return pairwise(length, lambda n: np.array([one.sum() for one in products(*row.take(n))])) / length

    my, mp = means(lambda y, p: (y, p))
    return my, mp, *means(lambda y, p: ((y - my) * (p - mp), (y - my) ** 2, (p - mp) ** 2, (y - p) ** 2))
