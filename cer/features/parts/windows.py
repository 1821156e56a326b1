"""Windows of a signal, and their pre-emphasis: overlapping windows share the work."""

import numpy as np


def windows(samples, count, length, shift):
    """The first `count` windows of samples (N,), one every `shift`: a view (count, length)."""
    size = samples.itemsize
    return np.ndarray((count, length), samples.dtype, samples, strides=(shift * size, size))


def put_emphasised(out, samples, shift, mean, coefficient):
    """Put the first windows of samples (N,), one every `shift`, into out (n, length): less their mean, pre-emphasised.

    mean: (n, 1) or a number, what is subtracted from each window. With s the samples and c the coefficient,

        s[j] - c s[j - 1] = (s[j] - s[j - 1]) + (1 - c) s[j - 1]

    in which a mean counts (1 - c) times: so nothing is left of a constant. In front of a window's first sample stands
    the same again.
    """
    count, length = out.shape
    samples, rest = samples[: (count - 1) * shift + length], np.float32(1 - coefficient)
    slow, emphasised, mean = rest * samples, samples[1:] - samples[:-1], rest * mean
    emphasised += slow[:-1]
    np.subtract(windows(emphasised, count, length - 1, shift), mean, out=out[:, 1:])
    np.subtract(windows(slow, count, 1, shift), mean, out=out[:, :1])
