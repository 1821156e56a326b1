"""How sure a CCC is, and a difference of two: intervals and tests over speakers and runs.

Labels and predictions change slowly, so neighbouring frames are no independent observations; speakers are, and so are
the runs of a system. Therefore whole speakers are left out or swapped, never frames. The CCC of concatenated recordings
needs only six sums of each speaker ("moments"), and those of several speakers add up. Arrays of them are
(..., K, S, 6): K runs, S speakers; an ensemble is one run.

Intervals are Student's t on the jackknife: each speaker is left out in turn (B. Efron and R. Tibshirani, An
Introduction to the Bootstrap, 1993, chapter 11). That of one CCC is made on Fisher's z = artanh(CCC), so it stays
within -1 and 1. Long recordings weigh more, so the degrees of freedom are one fewer than the effective number of
speakers (L. Kish, Survey Sampling, 1965). Other runs would score otherwise: for a mean over runs this variance is
added, with the degrees of freedom of F. Satterthwaite (1946). One run says nothing about others: its interval is over
speakers alone.

Tests swap two systems speaker by speaker (Efron and Tibshirani, chapter 15). `python3 tests/coverage_of_intervals.py`
measures how often the intervals hold the truth, and how often the tests err.
"""

import numpy as np

from cer.base.errors import BadInput
from cer.data import frames
from cer.scoring.sums import mean

LEVEL = 0.95  # of all intervals
RESAMPLES = 10000
EXACT = 13  # speakers up to which all 2^n swaps are tried
ROWS, BLOCK = 512, 1 << 21  # swaps at a time, as many as a processor's cache holds; numbers in them, 16 MB
TIES = 1e-12  # differences this near are equal: the sums' rounding
ROUNDING = 1e-14  # of the sums of squares: less is no spread
LIMIT = 1 - 1e-12  # the z of 1 is infinite


def moments_of_speakers(labels, predictions, utt2spk):
    """The six sums of each speaker's frames: n, y, p, y^2, p^2, y p.

    labels, predictions: mappings utterance -> (T, 1); utt2spk: utterance -> speaker. Returns (S, 6), speakers in the
    order of their names. The mean of all labels is subtracted from y and p: this does not change their CCC and keeps
    the sums small, hence exact. It is the same for every system, so moments of several systems may be mixed.
    Raises BadInput for an utterance without speaker or prediction, or with one of another length.
    """
    for key in labels:
        if key not in utt2spk or key not in predictions:
            lacking = f"prediction in {_place(predictions)}" if key in utt2spk else "speaker in utt2spk beside it"
            raise BadInput(f"{_place(labels)}: {key}: has labels and no {lacking}; add it, or leave the utterance out")
    origin, sums = mean(one[~np.isnan(one[:, 0])] for one in labels.values()), {}
    for key in labels:
        pair = frames.pair_labelled(predictions[key], labels[key], key)
        p, y = (np.asarray(one[:, 0], np.float64) - origin for one in pair)
        sums[utt2spk[key]] = sums.get(utt2spk[key], 0) + np.array([len(y), y.sum(), p.sum(), y @ y, p @ p, y @ p])
    return np.array([sums[speaker] for speaker in sorted(sums)])


def _place(mapping):
    """Where an Archive is from; a dict has no place."""
    return getattr(mapping, "scp", "memory")


def ccc(moments):
    """CCC of sums of moments: (..., 6) -> (...), as cer.scoring.metrics.ccc of the frames behind them."""
    return _concordance(*np.moveaxis(np.asarray(moments), -1, 0))


def _concordance(n, y, p, yy, pp, yp):
    my, mp = y / n, p / n
    spread = (yy / n - my**2) + (pp / n - mp**2) + (my - mp) ** 2
    some = spread > ROUNDING * (yy + pp) / n
    return 2 * (yp / n - my * mp) * some / np.where(some, spread, 1)  # 0 where both are the same constant


def recordings_of_speakers(cccs, utt2spk):
    """The number of each speaker's recordings and the sum of their CCCs: (S, 2); cccs: utterance -> CCC."""
    sums = {}
    for key, value in cccs.items():
        sums[utt2spk[key]] = sums.get(utt2spk[key], 0) + np.array([1, value])
    return np.array([sums[speaker] for speaker in sorted(sums)])


def mean_of_recordings(sums):
    """The mean CCC of recordings, from sums as recordings_of_speakers makes them: (..., 2) -> (...)."""
    return sums[..., 1] / sums[..., 0]


def interval_of_ccc(sums, of=ccc):
    """The 95 % interval (low, high) of a mean CCC over runs; None for a single speaker.

    sums: (..., K, S, M); of: makes a figure of sums (..., M): ccc, or mean_of_recordings. Returns (..., 2).
    """
    if sums.shape[-2] < 2:
        return None
    whole, left = _leaving_one_out(sums, of)
    value = np.clip(whole.mean(axis=-1), -LIMIT, LIMIT)
    over_speakers = _jackknife(np.arctanh(np.clip(left.mean(axis=-2), -LIMIT, LIMIT)))
    over_runs = _of_runs(whole, left) / (1 - value**2) ** 2  # the square of z's slope
    return np.tanh(_around(np.arctanh(value), (over_speakers, _freedom(sums)), (over_runs, whole.shape[-1] - 1)))


def interval_of_difference(a, b, of=ccc):
    """The 95 % interval (low, high) of the difference of two systems' mean CCCs over runs; None for a single speaker.

    a, b: (..., K, S, M) of the same speakers; the runs of one system have nothing to do with those of the other.
    """
    if a.shape[-2] < 2:
        return None
    value = of(a.sum(axis=-2)).mean(axis=-1) - of(b.sum(axis=-2)).mean(axis=-1)
    return np.clip(_around(value, *_of_difference(a, b, of)), -2, 2)


def interval_of_mean(values):
    """The interval of the mean of values (N,), N at least 2: (low, high)."""
    return _around(values.mean(), (values.var(ddof=1) / len(values), len(values) - 1))


def _of_difference(a, b, of):
    """The parts of the variance of a difference: over speakers, over the runs of a, over those of b."""
    (whole_a, left_a), (whole_b, left_b) = _leaving_one_out(a, of), _leaving_one_out(b, of)
    over_speakers = _jackknife(left_a.mean(axis=-2) - left_b.mean(axis=-2)), _freedom(a)
    over_runs = [(_of_runs(*one), one[0].shape[-1] - 1) for one in ((whole_a, left_a), (whole_b, left_b))]
    return over_speakers, *over_runs


def _leaving_one_out(sums, of):
    """The figure of each run (..., K), and without each speaker (..., K, S)."""
    whole = sums.sum(axis=-2)
    return of(whole), of(whole[..., None, :] - sums)


def _jackknife(left):
    """The variance of a figure, from its values without each speaker, (..., S)."""
    return left.var(axis=-1) * (left.shape[-1] - 1)


def _freedom(sums):
    """Degrees of freedom of the speakers: of their effective number, since those with more frames weigh more."""
    weights = sums[..., 0, :, 0]
    return np.maximum(weights.sum(axis=-1) ** 2 / (weights**2).sum(axis=-1) - 1, 1)


def _of_runs(whole, left):
    """The variance of the mean over runs that is due to the choice of runs; 0 for one run.

    whole: (..., K), left: (..., K, S) as _leaving_one_out returns them. How runs differ from speaker to speaker is in
    the variance over speakers already: it is subtracted here.
    """
    runs, speakers = left.shape[-2:]
    if runs == 1:
        return np.zeros(whole.shape[:-1])
    each = left - left.mean(axis=-1, keepdims=True)
    each = each - each.mean(axis=-2, keepdims=True)
    shared = (each**2).sum(axis=(-2, -1)) * (speakers - 1) / (speakers * (runs - 1) * runs)
    return np.maximum(whole.var(axis=-1, ddof=1) / runs - shared, 0)


def _half(*parts):
    """Half the width of Student's t interval; parts: variances that add up and their degrees of freedom."""
    from scipy.special import stdtrit  # not at the top: the import takes a second

    total = sum(variance for variance, _ in parts)
    squares = sum(variance**2 / np.maximum(freedom, 1) for variance, freedom in parts)
    freedom = np.where(squares > 0, total**2 / np.where(squares > 0, squares, 1), 1)
    return stdtrit(freedom, (1 + LEVEL) / 2) * np.sqrt(total)


def _around(value, *parts):
    half = _half(*parts)
    return np.stack([value - half, value + half], axis=-1)


def permutation_test(a, b, resamples=RESAMPLES, srand=1):
    """Two-sided test of the difference of two mean CCCs: how often is it as large when the systems swap speakers?

    a, b: moments (K, S, 6) and (..., L, S, 6) of two systems on the same speakers, or of one and several others, each
    tested against it; of several runs, each of a swaps with each of b. Up to EXACT speakers all 2^S swaps are tried; of
    more speakers `resamples` random ones, and the unswapped case is counted in. Swapped speakers do not show how other
    runs would score: the swaps' differences are widened by the factor by which the runs widen the interval of the
    difference. Returns (p (...), number of swaps).
    """
    others, size, sampled = b.reshape(-1, *b.shape[-3:]), a.shape[-2], a.shape[-2] > EXACT
    observed = np.abs(ccc(a.sum(axis=-2)).mean() - ccc(others.sum(axis=-2)).mean(axis=-1))
    wider = _wider(a, others) if size > 1 else np.ones(len(others))
    as_far, number = np.zeros(len(others), int), 0
    for swap in _some_swaps(size, resamples, np.random.default_rng(srand)) if sampled else _half_of_swaps(size):
        mine, theirs = _moved(1 - swap, a), _moved(swap, a)
        for n, other in enumerate(others):
            differences = np.abs(_together(mine, _moved(swap, other)) - _together(theirs, _moved(1 - swap, other)))
            as_far[n] += (wider[n] * differences >= observed[n] - TIES).sum()
        number += len(swap)
    if not sampled:  # swapping all other speakers gives the same two sums
        as_far, number = 2 * as_far, 2 * number
    return ((as_far + sampled) / (number + sampled)).reshape(b.shape[:-3])[()], number


def least_p(speakers, resamples=RESAMPLES):
    """The least p that permutation_test() can find with so many speakers."""
    return 2 / 2**speakers if speakers <= EXACT else 1 / (resamples + 1)


def _wider(a, b):
    """By which factor, at least 1, the runs widen the interval of a difference; a, b: (K, S, 6), (B, L, S, 6): (B,)."""
    over_speakers, *over_runs = _of_difference(a, b, ccc)
    alone = _half(over_speakers)
    return np.maximum(1, _half(over_speakers, *over_runs) / np.where(alone > 0, alone, np.inf))


def _moved(swap, moments):
    """The moments (6, K, R) of the speakers that each row of swap (R, S) has a 1 for; moments: (K, S, 6)."""
    return np.ascontiguousarray((swap @ moments).transpose(2, 0, 1))


def _together(a, b):
    """The mean CCC over all pairs of runs, of moments (6, K, R) and (6, L, R) that add up: (R,)."""
    return _concordance(*(a[:, :, None] + b[:, None])).mean(axis=(0, 1))


def _half_of_swaps(size):
    """Rows of 0 and 1, in blocks: of all 2^size one each of those that are the other's opposite."""
    for first in range(0, number := 2**size // 2, ROWS):
        yield (np.arange(first, min(first + ROWS, number))[:, None] >> np.arange(size) & 1).astype(np.float64)


def _some_swaps(size, resamples, random):
    """Rows of 0 and 1 drawn by chance, in blocks."""
    rows = max(1, min(ROWS, BLOCK // size))
    for first in range(0, resamples, rows):
        yield random.integers(0, 2, (min(rows, resamples - first), size)).astype(np.float64)


def holm(ps):
    """p values corrected for their number, in their order: at most 5 % of such families have one below .05 by chance.

    S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
    """
    ranks = sorted(range(len(ps)), key=ps.__getitem__)
    corrected, largest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(ranks):
        largest = corrected[place] = max(largest, min(1.0, (len(ps) - rank) * ps[place]))
    return corrected
