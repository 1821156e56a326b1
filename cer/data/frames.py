"""The time axis: frames of features, rows of the network and labels.

    features   |f0|f1|f2|f3|f4|f5|f6|f7|f8|...      one every frame_shift (10 ms)
    rows       |x0         |x1         |x2 ...      factor = label_shift / frame_shift frames stacked (4: Section 3)
    labels     |y0         |y1         |y2 ...      one every label_shift (40 ms)

Row n holds frames factor n ... factor n + factor - 1 and goes with label n, at n label_shift seconds. The last row is
filled by repeating the last frame. A recording of 300 s has 7500 rows, or 7499 or 7500 with snip-edges, and RECOLA's
7501 labels (both ends are rated): the labels after the last row are dropped. More than TOLERANCE rows of difference
mean that recording and labels do not belong together: an error, never a stretch. A label that is NaN is a gap: nobody
rated that row. Networks see the row and predict it; training, scores and searches leave it out.

Where the factor is not a whole number, frames are first resampled to the next whole number of them for each label, so
that none is skipped:

    features   |   f0   |   f1   |   f2   |   f3    one every 25 ms: factor 1.6
    resampled  |  g0  |  g1  |  g2  |  g3  |  g4    one every 20 ms: 2 a label
    rows       |x0           |x1           |x2 ...

Frame i stands for the middle of its span, (i + 1/2) frame_shift, which is where Kaldi centres its windows (without
snip-edges). A new frame is interpolated linearly between the two frames whose middles are next to its own; before the
first middle and after the last one, the first and the last frame are repeated. Frames longer than labels (80 ms: factor
0.5) become one frame for each label in the same way.
"""

import math

import numpy as np

from cer.base.errors import BadInput

TOLERANCE = 2  # rows
SLACK = 0.1  # of a frame: 2.1 frames a label count as 2, not 3, since a shift computed from durations is not exact
MOST = 10_000  # frames a label; if there are more, the two shifts are in different units
LONGEST = 25  # labels that a frame may span; if it spans more, a shift is in a wrong unit


def subsampling_factor(frame_shift, label_shift):
    """How many frames a label has, Kaldi's frame_subsampling_factor: an int if it is a whole number, else a float.

    frame_shift, label_shift: seconds from one frame, or label, to the next. Raises BadInput for frames of more than
    LONGEST labels, and for labels of more than MOST frames.
    """
    if label_shift > MOST * frame_shift:
        raise BadInput(
            f"labels every {label_shift:g} s and features every {frame_shift:g} s: expected {MOST} frames a label at"
            " most; are the files frame_shift and label_shift in seconds?"
        )
    factor = round(label_shift / frame_shift)
    if factor >= 1 and abs(factor * frame_shift - label_shift) <= 1e-6:
        return factor
    if frame_shift > LONGEST * label_shift:
        raise BadInput(
            f"labels every {label_shift:g} s and features every {frame_shift:g} s: expected a frame to span {LONGEST}"
            " labels at most; are the files frame_shift and label_shift in seconds?"
        )
    return label_shift / frame_shift


def is_whole(factor):
    """Whether a label spans a whole number of frames, which are stacked as they are; others are interpolated first."""
    return factor >= 1 and float(factor).is_integer()


def frames_a_row(factor):
    """Frames in a row: the factor itself, or the next whole number."""
    return int(factor) if is_whole(factor) else max(1, math.ceil(factor - SLACK))


def stack(features, factor):
    """Stack frames (T, D) into rows (ceil(T / factor), frames_a_row(factor) D); the last frame fills the last row."""
    number = frames_a_row(factor)
    if not is_whole(factor):
        features = interpolate(features, number / factor)
    num_frames, dim = features.shape
    missing = -num_frames % number
    if missing:
        features = np.concatenate([features, np.repeat(features[-1:], missing, axis=0)])
    return features.reshape(-1, number * dim)


def interpolate(features, ratio):
    """Frames (T, D) brought to `ratio` times as many, (ceil(ratio T), D), on straight lines between their middles."""
    middles = (np.arange(math.ceil(len(features) * ratio - 1e-6)) + 0.5) / ratio - 0.5  # in old frames
    middles = np.clip(middles, 0, len(features) - 1)
    before = middles.astype(int)
    after = np.minimum(before + 1, len(features) - 1)
    share = (middles - before).astype(features.dtype)[:, None]
    return (1 - share) * features[before] + share * features[after]


def common(parts, key):
    """Return the length of the shortest of several models' predictions of one recording; parts: list of (T, ...).

    Models on the waveform and models on frames may count the last row differently. Raises BadInput where the lengths
    differ by more than TOLERANCE.
    """
    lengths = sorted(map(len, parts))
    if lengths[-1] - lengths[0] > TOLERANCE:
        raise BadInput(
            f"{key}: found {lengths[0]} rows of predictions by one model and {lengths[-1]} by another, expected a"
            f" difference of {TOLERANCE} at most; do the models have the same frames?"
        )
    return lengths[0]


def pair(rows, labels, key):
    """Cut rows (T, ...) and labels (T', ...) to their common length. Raises BadInput when it differs too much."""
    if abs(len(rows) - len(labels)) > TOLERANCE:
        raise BadInput(
            f"{key}: found {len(rows)} rows of features or predictions and {len(labels)} labels, expected a difference"
            f" of {TOLERANCE} at most; do the recording and its labels belong together?"
        )
    length = min(len(rows), len(labels))
    return rows[:length], labels[:length]


def stretches(labels):
    """The parts of labels (T,) between gaps, those of one label left out: list of (T',)."""
    there = np.flatnonzero(~np.isnan(labels))
    parts = np.split(labels[there], np.flatnonzero(np.diff(there) > 1) + 1)
    return [part for part in parts if len(part) > 1]


def labelled(labels, *others):
    """The rows that have a label, of labels (T,) and of other arrays (T, ...): a list of arrays."""
    there = ~np.isnan(labels)
    return [array[there] for array in (labels, *others)]


def pair_labelled(predictions, labels, key):
    """As pair, without the rows in gaps of the labels; labels: (T', 1). Raises BadInput when no row is left."""
    predictions, labels = pair(predictions, labels, key)
    there = ~np.isnan(labels[:, 0])
    if there.all():
        return predictions, labels
    if not there.any():
        raise BadInput(f"{key}: all its labels are missing (nan); take it out of the table of labels")
    return predictions[there], labels[there]
