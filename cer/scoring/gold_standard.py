"""Gold standards: one trace out of several raters' traces of a recording and a dimension, and how far these agree.

Symbols are AVEC 2016's: x_r is the trace of rater r, (T,); c_rs the CCC of raters r and s over the recording.
"""

import numpy as np

from cer.base.errors import warn
from cer.scoring.metrics import ccc, pcc

SMALL = 1e-6  # a smaller sum of weights is nothing but rounding
SLACK = 1e-9  # of the rounding of a weighted mean


def avec(ratings, name="the raters"):
    """The gold standard of AVEC 2016: the raters' mean after each was centred on their weighted mean level.

    w_r = mean of c_rs over s != r (negative ones too);  m_r = mean x_r;  m* = sum w_r m_r / sum w_r;
    gold = mean over r of (x_r - m_r + m*). The agreement moves the level of a recording, never its shape.

    ratings: (R, T); name: whose they are, for warnings. Returns (T,). Weights that nearly cancel each other could put
    m* anywhere: if it lies outside the range of the m_r, the level is their plain mean, with a warning. Another warning
    tells of a gold standard that still leaves the range of all ratings.
    """
    means = ratings.mean(axis=1)
    level = _weighted(means, pairwise(ratings, ccc), name)
    gold = (ratings - means[:, None]).mean(axis=0) + level
    if gold.min() < ratings.min() - SLACK or gold.max() > ratings.max() + SLACK:
        warn(
            f"{name}: the gold standard goes from {gold.min():.3g} to {gold.max():.3g},"
            f" the ratings from {ratings.min():.3g} to {ratings.max():.3g}"
        )
    return gold


def ewe(ratings, name="the raters"):
    """The evaluator weighted estimator (Grimm and Kroschel 2005): the mean weighted by agreement.

    w_r = mean correlation with the other raters, negative ones set to 0. ratings: (R, T); name: whose they are, for the
    warning; returns (T,). The plain mean, with a warning, where all weights are 0.
    """
    return _weighted(ratings, np.maximum(pairwise(ratings, pcc), 0), name)


def mean(ratings, name="the raters"):
    """The plain mean of the raters: (R, T) -> (T,); name: unused, but all methods take it."""
    return ratings.mean(axis=0)


METHODS = {"avec": avec, "mean": mean, "ewe": ewe}


def pairwise(ratings, measure):
    """Mean of measure(x_r, x_s) over the other raters s, for each rater: (R, T) -> (R,); nan for a single rater."""
    raters = range(len(ratings))
    if len(ratings) == 1:
        return np.full(1, np.nan)
    return np.array([np.mean([measure(ratings[r], ratings[s]) for s in raters if s != r]) for r in raters])


def _weighted(values, weights, name):
    """Mean of values (R, ...) by weights (R,); the plain mean for one rater, or if it would leave the values' range."""
    plain = values.mean(axis=0)
    if len(values) == 1:
        return plain
    if abs(weights.sum()) >= SMALL:
        weighted = np.tensordot(weights, values, axes=1) / weights.sum()
        if np.all((weighted >= values.min(axis=0) - SLACK) & (weighted <= values.max(axis=0) + SLACK)):
            return weighted
    shown = ", ".join(f"{weight:.3g}" for weight in weights)
    warn(f"{name}: the raters agree too little (weights {shown}) to be weighted; taking their plain mean")
    return plain
