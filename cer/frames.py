"""The time axis: frames of features, rows of the network and labels.

    features   |f0|f1|f2|f3|f4|f5|f6|f7|f8|...      one every frame_shift (10 ms)
    rows       |x0         |x1         |x2 ...      factor = label_shift / frame_shift frames stacked (4: Section 3)
    labels     |y0         |y1         |y2 ...      one every label_shift (40 ms)

Row n holds frames factor n ... factor n + factor - 1 and goes with label n, at n label_shift seconds. The last row is
filled by repeating the last frame. A recording of 300 s has 7500 rows, or 7499 or 7500 with snip-edges, and RECOLA's
7501 labels (both ends are rated): the labels after the last row are dropped. More than TOLERANCE rows of difference
mean that recording and labels do not belong together: an error, never a stretch.
"""

import numpy as np

from cer.errors import BadInput

TOLERANCE = 2  # rows


def subsampling_factor(frame_shift, label_shift):
    """Frames a row, Kaldi's frame_subsampling_factor. Raises BadInput unless the shifts (s) divide."""
    factor = round(label_shift / frame_shift)
    if factor < 1 or abs(factor * frame_shift - label_shift) > 1e-6:
        raise BadInput(
            f"labels every {label_shift:g} s and features every {frame_shift:g} s: expected the first to be a whole"
            " multiple of the second; change --frame-shift in conf/fbank.conf or the file label_shift"
        )
    return factor


def stack(features, factor):
    """Stack frames (T, D) into rows (ceil(T / factor), factor D); the last frame is repeated to fill the last row."""
    num_frames, dim = features.shape
    missing = -num_frames % factor
    if missing:
        features = np.concatenate([features, np.repeat(features[-1:], missing, axis=0)])
    return features.reshape(-1, factor * dim)


def pair(rows, labels, key):
    """Cut rows (T, ...) and labels (T', ...) to their common length. Raises BadInput when it differs too much."""
    if abs(len(rows) - len(labels)) > TOLERANCE:
        raise BadInput(
            f"{key}: found {len(rows)} rows of features or predictions and {len(labels)} labels, expected a difference"
            f" of {TOLERANCE} at most; do the recording and its labels belong together?"
        )
    length = min(len(rows), len(labels))
    return rows[:length], labels[:length]
