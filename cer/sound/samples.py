"""Recordings as a Python program has them: the name of a file, or an array of samples."""

import os
from numbers import Real
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from cer.base.errors import BadInput
from cer.sound.audio import Recording, choose
from cer.sound.levels import checked
from cer.sound.pcm import FULL_SCALE, RATES

PIECE = 1 << 20  # samples per step

Source: TypeAlias = str | os.PathLike[str] | ArrayLike  # of sound: the name of a file, or samples (N,) or (N, C)


class Samples:
    """One `channel` of an array, used as a Recording (audio.py) is: `rate` in Hz, `seconds`, and pieces()."""

    path = "the recording"  # what messages call it

    def __init__(self, wave, rate, channel=None):
        """wave, rate, channel: as in Recognizer.predict (cer/prediction/recognizer.py), which names the errors, too."""
        self.rate = whole_rate(rate)
        self._samples = as_samples(wave, self.rate, channel)
        self.seconds = len(self._samples) / self.rate

    def pieces(self):
        """The samples, float32 (N,) in the range of 16-bit integers, piece by piece."""
        starts = range(0, len(self._samples), PIECE)
        return (self._samples[start : start + PIECE] for start in starts)


def of_source(source, rate, channel):
    """A Recording of a file's name, or Samples of an array. Raises BadInput, as both do."""
    if not isinstance(source, (str, os.PathLike)):
        if rate is None:
            raise BadInput("found samples without a rate; expected predict(samples, rate), rate in Hz")
        return Samples(source, rate, channel)
    recording = Recording(source, channel)
    if rate is not None and rate != recording.rate:
        raise BadInput(
            f"{source}: found {recording.rate} Hz, but rate={rate!r} was given; leave out the rate of a file"
        )
    return recording


def whole_rate(rate):
    """Convert a sampling rate in Hz to int. Raises BadInput for fractions and rates out of range."""
    if not isinstance(rate, Real) or not RATES.start <= rate < RATES.stop or rate != int(rate):
        raise BadInput(f"found a rate of {rate!r} Hz, expected a whole number from {RATES.start} to {RATES.stop - 1}")
    return int(rate)


def as_samples(wave, rate, channel=None):
    """Convert (N,) or (N, C) int16, or float with full scale 1, at `rate` Hz to (N,) float32 in the range of 16 bits.

    channel: of (N, C), counted from 0; None: the first, with a warning. Raises BadInput for other types and shapes,
    for more channels than samples, and for the reasons of cer.sound.levels.checked.
    """
    wave = np.asarray(wave)
    if wave.ndim not in (1, 2) or not wave.size:
        raise BadInput(
            f"found samples of shape {wave.shape}, expected (N,) or, with C channels, (N, C), at least one sample"
        )
    columns = wave[:, None] if wave.ndim == 1 else wave
    if columns.shape[1] > len(columns):
        raise BadInput(f"found samples of shape {wave.shape}, expected (N, C), channels last; transpose them: wave.T")
    wave = columns[:, choose(channel, columns.shape[1], Samples.path, what="the array")]
    if wave.dtype == np.int16:
        samples = wave.astype(np.float32)
    elif wave.dtype.kind == "f":
        samples = wave.astype(np.float32) * FULL_SCALE
    else:
        raise BadInput(f"found samples of type {wave.dtype}, expected int16, or float from -1 to 1")
    return np.concatenate([*checked([samples], rate, Samples.path)])
