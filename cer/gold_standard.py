"""Gold standards: one trace out of several raters' traces of a recording and a dimension, and how far these agree.

Symbols are AVEC 2016's: x_r is the trace of rater r, (T,); c_rs the CCC of raters r and s over the recording.
"""

import numpy as np

from cer.errors import warn
from cer.metrics import ccc, pcc

SMALL = 1e-6  # a sum of weights under this tells nothing of the raters


def avec(ratings):
    """The gold standard of AVEC 2016: the raters' mean after each was centred on their weighted mean level.

    w_r = mean of c_rs over s != r (negative ones too);  m_r = mean x_r;  m* = sum w_r m_r / sum w_r;
    gold = mean over r of (x_r - m_r + m*). The agreement moves the level of a recording, never its shape.

    ratings: (R, T). Returns (T,). The plain mean, with a warning, where the weights sum to about 0.
    """
    means = ratings.mean(axis=1)
    level = _weighted(means, pairwise(ratings, ccc))
    return (ratings - means[:, None]).mean(axis=0) + level


def ewe(ratings):
    """The evaluator weighted estimator (Grimm and Kroschel 2005): the mean weighted by agreement.

    w_r = mean correlation with the other raters, negative ones set to 0. ratings: (R, T); returns (T,). The plain mean,
    with a warning, where the weights sum to about 0.
    """
    return _weighted(ratings, np.maximum(pairwise(ratings, pcc), 0))


def mean(ratings):
    """The plain mean of the raters: (R, T) -> (T,)."""
    return ratings.mean(axis=0)


METHODS = {"avec": avec, "mean": mean, "ewe": ewe}


def pairwise(ratings, measure):
    """Mean of measure(x_r, x_s) over the other raters s, for each rater: (R, T) -> (R,); nan for a single rater."""
    raters = range(len(ratings))
    if len(ratings) == 1:
        return np.full(1, np.nan)
    return np.array([np.mean([measure(ratings[r], ratings[s]) for s in raters if s != r]) for r in raters])


def _weighted(values, weights):
    """Mean of values (R, ...) by weights (R,); the plain mean for one rater, or where the weights cancel."""
    if len(values) > 1 and abs(weights.sum()) < SMALL:
        warn(f"the raters do not agree at all (weights sum to {weights.sum():.1e}); taking their plain mean")
    if not abs(weights.sum()) >= SMALL:  # nan, too
        return values.mean(axis=0)
    return np.tensordot(weights, values, axes=1) / weights.sum()
