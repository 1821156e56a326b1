"""Cepstral mean and variance normalisation by speaker: Kaldi's statistics and Kaldi's arithmetic, bit for bit.

The paper's Section 3: "speaker-specific z-normalization". Statistics are those of Kaldi's cmvn.scp: for each
speaker a (2, D + 1) double matrix, row 0 the sums and the frame count, row 1 the sums of squares and 0.
"""

import numpy as np

from cer.base.errors import BadInput

VARIANCE_FLOOR = 1e-20  # Kaldi's
ROWS = 4096  # of features that are converted to float64 at a time


def statistics(utterances):
    """Kaldi's compute-cmvn-stats of one speaker: float64 (2, D + 1); None of no utterance.

    utterances: iterable of float32 (T, D), also pieces of utterances.
    """
    sums = squares = None
    count = 0
    for features in utterances:
        if sums is None:
            sums, squares = np.zeros((2, features.shape[1]))
        for first in range(0, len(features), ROWS):
            rows = features[first : first + ROWS]
            sums = _add_rows(sums, rows)
            squares = _add_rows(squares, rows * rows)  # float32 products, summed in double
        count += len(features)
    return None if sums is None else np.vstack([np.append(sums, count), np.append(squares, 0)])


def _add_rows(total, rows):
    """Add rows to a running total one after the other, as Kaldi does: a sum of sums would be rounded differently."""
    return np.vstack([total, rows]).sum(axis=0)


def apply(features, stats, out=None, *, norm_means: bool = True, norm_vars: bool = True):
    """Kaldi's apply-cmvn: normalise features (T, D) with a speaker's statistics (2, D + 1); returns float32 (T, D).

    out: array for the result, which may be `features` itself (default: a new one)
    norm_means: subtract the speaker's mean, Kaldi's --norm-means
    norm_vars: divide by the speaker's standard deviation, Kaldi's --norm-vars (Section 3; Kaldi's own default is false)

    Raises BadInput when the statistics do not fit or hold no frame, and for norm_vars without norm_means.
    """
    if norm_vars and not norm_means:
        raise BadInput("--norm-vars=true needs --norm-means=true, as in Kaldi's apply-cmvn")
    if not norm_means:
        return features
    if stats.shape != (2, features.shape[1] + 1) or stats[0, -1] < 1:
        raise BadInput(
            f"CMVN statistics: found shape {stats.shape} and count {stats[0, -1]:g}, expected (2,"
            f" {features.shape[1] + 1}) and at least 1 frame; run steps/compute_cmvn_stats.sh again"
        )
    count = stats[0, -1]
    mean = stats[0, :-1] / count
    if not norm_vars:
        reciprocal = np.float64(np.float32(-1 / count))  # Kaldi holds it in single precision on this path only
        return np.add(features, (reciprocal * stats[0, :-1]).astype(np.float32), out=out)
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is reported later
        scale = 1 / np.sqrt(np.maximum(stats[1, :-1] / count - mean * mean, VARIANCE_FLOOR))
        normalised = np.multiply(features, scale.astype(np.float32), out=out)
        normalised += (-mean * scale).astype(np.float32)
        return normalised
