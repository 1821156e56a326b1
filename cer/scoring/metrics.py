"""How near a prediction is to the gold standard: CCC, PCC and RMSE.

One CCC serves as the training loss (torch tensors) and as the score (numpy arrays): it uses only what both have.
"""

import numpy as np


def ccc(y, p):
    """Concordance correlation coefficient, the paper's Section 3.

    CCC = 2 cov(y, p) / (var y + var p + (mean y - mean p)^2), with biased moments.

    y: gold standard, p: prediction, both (T,), numpy arrays or torch tensors. Returns a scalar of that kind in
    [-1, 1]; 0 when both are the same constant, where the formula says 0 / 0.
    """
    my, mp = y.mean(), p.mean()
    return concordance(my, mp, ((y - my) * (p - mp)).mean(), ((y - my) ** 2).mean(), ((p - mp) ** 2).mean())


def concordance(my, mp, cov, yy, pp):
    """CCC of the means of y and p, their covariance and their variances."""
    spread = yy + pp + (my - mp) ** 2
    return 2 * cov / (spread + (spread == 0))  # 0 / 1 for constants, in numpy and in torch


def of_moments(my, mp, cov, yy, pp, error):
    """CCC, RMSE and PCC from what cer.scoring.sums.moments returns: {"ccc": , "rmse": , "pcc": }, floats."""
    norm = np.sqrt(yy) * np.sqrt(pp)
    correlation = float(cov / norm) if norm > 0 else 0.0
    return {"ccc": float(concordance(my, mp, cov, yy, pp)), "rmse": float(np.sqrt(error)), "pcc": correlation}


def ccc_of_sewa(my, mp, cov, yy, pp, number):
    """CCC of moments of `number` rows by SEWA's scripts (AVEC 2017): variances with n - 1, covariance with n."""
    more = number / max(number - 1, 1)
    return float(concordance(my, mp, cov, more * yy, more * pp))


def pcc(y, p):
    """Pearson correlation of two (T,) arrays; 0 when either is constant."""
    norm = y.std() * p.std()
    return float(((y - y.mean()) * (p - p.mean())).mean() / norm) if norm > 0 else 0.0


def rmse(y, p):
    """Root mean squared error of two (T,) arrays, in the labels' units."""
    return float(np.sqrt(((y - p) ** 2).mean()))
