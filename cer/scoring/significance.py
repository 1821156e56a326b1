"""How sure a CCC is, and a difference of two: intervals and tests that resample speakers.

Labels and predictions change slowly, so neighbouring frames are no independent observations; speakers are (and, of a
system, runs). Therefore whole speakers are drawn or swapped, never frames. The CCC of concatenated recordings needs
only six sums of each speaker ("moments"), and those of several speakers add up: ten thousand resamples are one product
of matrices.

Sources: B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 (percentile intervals) and 15
(permutation tests). Percentile intervals of few speakers (RECOLA: 9 a set) are rather too narrow than too wide.
"""

import numpy as np

from cer.base.errors import BadInput
from cer.data import frames
from cer.scoring.sums import mean

RESAMPLES = 10000
EXACT = 13  # speakers up to which all 2^n swaps are tried
BLOCK = 1 << 24  # draws at a time, 128 MB
TIES = 1e-12  # differences this near are equal: the sums' rounding


def moments_of_speakers(labels, predictions, utt2spk):
    """The six sums of each speaker's frames: n, y, p, y^2, p^2, y p.

    labels, predictions: mappings utterance -> (T, 1); utt2spk: utterance -> speaker. Returns (S, 6), speakers in the
    order of their names. The mean of all labels is subtracted from y and p: this does not change their CCC and keeps
    the sums small, hence exact. It is the same for every system, so moments of several systems may be mixed.
    Raises BadInput for an utterance without speaker or prediction, or with one of another length.
    """
    for key in labels:
        if key not in utt2spk or key not in predictions:
            raise BadInput(f"{key}: has labels and no {'prediction' if key in utt2spk else 'speaker in utt2spk'}")
    origin, sums = mean(labels.values()), {}
    for key in labels:
        p, y = (np.asarray(one[:, 0], np.float64) - origin for one in frames.pair(predictions[key], labels[key], key))
        sums[utt2spk[key]] = sums.get(utt2spk[key], 0) + np.array([len(y), y.sum(), p.sum(), y @ y, p @ p, y @ p])
    return np.array([sums[speaker] for speaker in sorted(sums)])


def ccc(moments):
    """CCC of sums of moments: (..., 6) -> (...), as cer.scoring.metrics.ccc of the frames behind them."""
    n, y, p, yy, pp, yp = np.moveaxis(np.asarray(moments), -1, 0)
    my, mp = y / n, p / n
    spread = (yy / n - my**2) + (pp / n - mp**2) + (my - mp) ** 2
    return 2 * (yp / n - my * mp) / np.where(spread == 0, 1, spread)  # 0 where both are the same constant


def draws(number, size, random):
    """How often each of `size` things is drawn in `size` draws with replacement: (number, size), rows sum to size."""
    return random.multinomial(size, np.full(size, 1 / size), number).astype(np.float64)


def bootstrap(moments, resamples, random):
    """The CCC of each run in each of R = `resamples` draws of the speakers, the same ones for all runs.

    moments: (K, S, 6), of K runs and S speakers. Returns (R, K). Of many speakers the draws are made in blocks, with
    the same numbers, so that memory does not grow with S.
    """
    drawn = (draws(rows, moments.shape[1], random) for rows in _blocks(resamples, moments.shape[1]))
    return np.concatenate([np.stack([ccc(speakers @ one) for one in moments], axis=1) for speakers in drawn])


def mean_over_runs(each, random=None):
    """The mean CCC over runs (R, K) in each resample: (R,); with `random`, of K runs drawn with replacement."""
    return (each if random is None else draws(*each.shape, random) * each).mean(axis=1)


def _blocks(number, size):
    """The rows of each block of a table (number, size)."""
    rows = max(1, BLOCK // size)
    return [min(rows, number - first) for first in range(0, number, rows)]


def interval(values, level=0.95):
    """The percentile interval [low, high] of resampled values (R,)."""
    return [float(x) for x in np.quantile(values, [(1 - level) / 2, (1 + level) / 2])]


def interval_of_ccc(moments, resamples=RESAMPLES, srand=1):
    """One system's 95 % interval [low, high] of its CCC over speakers (S, 6); None for a single speaker."""
    if len(moments) < 2:
        return None
    return interval(bootstrap(moments[None], resamples, np.random.default_rng(srand))[:, 0])


def permutation_test(a, b, resamples=RESAMPLES, srand=1):
    """Two-sided test of the difference of two CCCs: how often is it as large when the systems swap speakers at random?

    a, b: moments (S, 6) of two systems on the same speakers. Up to EXACT speakers all 2^S swaps are tried; of more
    speakers `resamples` random ones, and the unswapped case is counted in. Returns (p, number of swaps): with all swaps
    p is at least 2 / 2^S.
    """
    size, random = len(a), np.random.default_rng(srand)
    if exact := size <= EXACT:
        swaps = [np.arange(2**size)[:, None] >> np.arange(size) & 1]
    else:
        swaps = (random.integers(0, 2, (rows, size)) for rows in _blocks(resamples, size))
    observed, as_far, number = abs(ccc(a.sum(0)) - ccc(b.sum(0))), 0, 0
    for swap in (each.astype(np.float64) for each in swaps):
        differences = np.abs(ccc(swap @ b + (1 - swap) @ a) - ccc(swap @ a + (1 - swap) @ b))
        as_far, number = as_far + int((differences >= observed - TIES).sum()), number + len(swap)
    return (as_far / number if exact else (as_far + 1) / (number + 1)), number
