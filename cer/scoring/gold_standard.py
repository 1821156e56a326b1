"""Gold standards: one trace out of several raters' traces of a recording and a dimension, and how far these agree.

Symbols are AVEC 2016's: x_r is the trace of rater r, (T,), NaN where the rater rated nothing; c_rs the CCC of raters r
and s over the rows that both rated. A gold standard is NaN where nobody rated.
"""

import numpy as np

from cer.base.errors import warn
from cer.scoring.gaps import mean as mean_there
from cer.scoring.metrics import ccc, pcc
from cer.scoring.raters import levels, refine

SMALL = 1e-6  # a smaller sum of weights is nothing but rounding
SLACK = 1e-9  # of the rounding of a weighted mean


def combine(ratings, shift, name="the raters", *, method="avec", lags=None, **refinement):
    """Refine raters' traces, then combine them: the gold standard (T,), and the refined traces (R, T).

    ratings: (R, T), `shift` seconds between columns; name: whose they are, for warnings; method: one of METHODS; lags,
    refinement: as cer.scoring.raters.refine takes them. A warning tells of a gold standard outside the ratings' range.
    """
    refined = refine(ratings, shift, lags, **refinement)
    gold = METHODS[method](refined, name)
    if refined is not ratings:
        _tell_range(gold, ratings, name)
    return gold, refined


def avec(ratings, name="the raters"):
    """The gold standard of AVEC 2016: the raters' mean after each was centred on their weighted mean level.

    w_r = mean of c_rs over s != r (negative ones too);  m_r = mean x_r;  m* = sum w_r m_r / sum w_r;
    gold = mean over r of (x_r - m_r + m*). The agreement moves the level of a recording, never its shape.

    ratings: (R, T); name: whose they are, for warnings. Returns (T,). With gaps m_r is what levels() says: nobody's
    coming or going is a step. Weights that nearly cancel each other could put m* anywhere: if it lies outside the range
    of the m_r, the level is their plain mean, with a warning. Another warning tells of a gold standard that still
    leaves the range of all ratings.
    """
    means = levels(ratings)
    level = _weighted(means, pairwise(ratings, ccc), name)
    return _tell_range(mean_there(ratings - means[:, None]) + level, ratings, name)


def ewe(ratings, name="the raters"):
    """The evaluator weighted estimator (Grimm and Kroschel 2005): the mean weighted by agreement.

    w_r = mean correlation with the other raters, negative ones set to 0. ratings: (R, T); name: whose they are, for the
    warning; returns (T,). The plain mean, with a warning, where all weights are 0.
    """
    return _tell_range(_weighted(ratings, np.maximum(pairwise(ratings, pcc), 0), name), ratings, name)


def mean(ratings, name="the raters"):
    """The mean of the raters who rated a row: (R, T) -> (T,), NaN in rows that nobody rated; name: for messages."""
    return _tell_range(mean_there(ratings), ratings, name)


METHODS = {"avec": avec, "mean": mean, "ewe": ewe}


def pairwise(ratings, measure):
    """Mean of measure(x_r, x_s) over the other raters s, for each rater: (R, T) -> (R,).

    Over the rows that both rated, at least 2; NaN for a rater who shares them with nobody, such as a single one.
    """
    raters = range(len(ratings))
    return np.array(
        [mean_there(np.array([_of_common(ratings[r], ratings[s], measure) for s in raters if s != r])) for r in raters]
    )


def _of_common(x, y, measure):
    both = ~(np.isnan(x) | np.isnan(y))
    return measure(x[both], y[both]) if both.sum() > 1 else np.nan


def _weighted(values, weights, name):
    """Mean of the values that are there, (R, ...), by weights (R,), a NaN counting 0.

    The plain mean, with a warning, where the weights nearly cancel or the mean would leave the values' range.
    """
    there, weights = ~np.isnan(values), np.nan_to_num(weights)
    plain, number = mean_there(values), there.sum(axis=0)
    total = np.tensordot(weights, there, axes=1)
    sums = np.tensordot(weights, np.where(there, values, 0), axes=1)
    weighted = np.divide(sums, total, out=plain.copy(), where=np.abs(total) >= SMALL)
    low = np.where(there, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(there, values, -np.inf).max(axis=0, initial=-np.inf)
    fair = (np.abs(total) >= SMALL) & (weighted >= low - SLACK) & (weighted <= high + SLACK)
    if (unfair := (number > 1) & ~fair).any():
        where = "" if unfair.sum() == (number > 0).sum() else f" in {unfair.sum()} of {unfair.size} rows"
        shown = ", ".join(f"{weight:.3g}" for weight in weights)
        warn(f"{name}: the raters agree too little (weights {shown}) to be weighted{where}; taking their plain mean")
    return np.where(fair, weighted, plain)


def _tell_range(gold, ratings, name):
    """Return a gold standard; a warning tells if it leaves the range of the ratings."""
    if np.isnan(ratings).all():
        return gold
    ends = [end(each) for each in (gold, ratings) for end in (np.nanmin, np.nanmax)]
    if ends[0] < ends[2] - SLACK or ends[1] > ends[3] + SLACK:
        warn(
            f"{name}: the gold standard goes from {ends[0]:.3g} to {ends[1]:.3g},"
            f" the ratings from {ends[2]:.3g} to {ends[3]:.3g}"
        )
    return gold
