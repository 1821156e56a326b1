"""Raters' traces of a recording and a dimension, (R, T) with NaN in gaps: their levels, and what refines the traces.

Before traces are combined (gold_standard.py) they may be smoothed, then standardised, then aligned: refine().
"""

from typing import Annotated

import numpy as np

from cer.base.errors import BadInput
from cer.base.kinds import NonNegative, Pattern
from cer.scoring.alignment import ALIGNMENTS
from cer.scoring.gaps import mean

Alignment = Annotated[str, Pattern("|".join(ALIGNMENTS), f"one of {', '.join(ALIGNMENTS)}")]
STILL = 1e-9  # a smaller deviation is nothing but rounding
REACH = 3  # deviations to which a Gaussian's weights reach


def refine(
    ratings, shift, lags=None, *, smooth: NonNegative = 0.0, standardise: bool = False, align: Alignment = "none"
):
    """Smooth, standardise and align raters' traces, in this order: (R, T) -> (R, T), with the same gaps or moved ones.

    ratings: (R, T); shift: seconds between its columns; lags: of the raters (R,) in columns, which align=lag takes:
    cer.scoring.alignment.Lags finds them in what align=none gives of all recordings. Raises BadInput for another align.

    smooth: standard deviation in s of the Gaussian that smooths each rater's trace, cut at 3 deviations; 0: off
    standardise: give each rater's trace of a recording the mean and the deviation that the raters have on average
    align: none; delay: move each rater, in each recording, by the delay that correlates best with the others' mean;
        lag: the same by one delay for all recordings; warp: warp each rater in time
    """
    if align not in ALIGNMENTS:
        raise BadInput(f"--align={align}: expected one of {', '.join(ALIGNMENTS)}")
    if smooth:
        ratings = smoothed(ratings, smooth / shift)
    if standardise:
        ratings = standardised(ratings)
    return ALIGNMENTS[align](ratings, shift, lags)


def levels(ratings):
    """The level m_r of each rater: (R, T) -> (R,), NaN for a rater who rated nothing.

    Without gaps it is the mean of x_r. With gaps, raters who rated different rows are compared by the rows they share:
    least squares of x_rt = l_r + g_t over all ratings, sum of l_r 0, and m_r = l_r + mean of g_t. Of raters who share
    no row, with each other or through others, nothing is known: each such group has the same level on average.
    """
    there = ~np.isnan(ratings)
    if there.all():
        return ratings.mean(axis=1)
    known = there.any(axis=1)
    m, x = there[known].astype(float), np.where(there, ratings, 0)[known]
    number = np.maximum(m.sum(axis=0), 1)
    normal = np.diag(m.sum(axis=1)) - (m / number) @ m.T
    own = np.linalg.lstsq(normal, (x - m * (x.sum(axis=0) / number)).sum(axis=1), rcond=1e-9)[0]
    found = np.full(len(ratings), np.nan)
    common = mean(ratings[known] - own[:, None])
    found[known] = own + (common[~np.isnan(common)].mean() if known.any() else 0)
    return found


def standardised(ratings):
    """Traces with one level and one deviation, the means of the raters' own: (R, T) -> (R, T).

    A rater's deviation is that of the rated rows; a trace that never moves lies on the common level.
    """
    level, there = levels(ratings), ~np.isnan(ratings)
    if not there.any():
        return ratings
    deviation = np.array([x[m].std() if m.any() else np.nan for x, m in zip(ratings, there, strict=True)])
    scale = np.nanmean(deviation) / np.where(deviation > STILL, deviation, np.inf)
    return (ratings - level[:, None]) * scale[:, None] + np.nanmean(level)


def smoothed(ratings, deviation):
    """Traces smoothed by a Gaussian of a standard deviation in rows, weighted over the rated rows; gaps stay gaps."""
    reach = min(int(REACH * deviation), ratings.shape[1] - 1)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    there = ~np.isnan(ratings)

    def spread(rows):
        return np.stack([np.convolve(row, kernel)[reach : reach + len(row)] for row in rows])

    total = spread(np.where(there, ratings, 0))
    return np.divide(total, spread(there.astype(float)), out=np.full(ratings.shape, np.nan), where=there)
