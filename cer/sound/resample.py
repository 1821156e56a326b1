"""Another sampling rate, by Kaldi's filter: its LinearResample as compute-fbank-feats uses it."""

import math
from functools import partial

import numpy as np

from cer.base.stream import Window


def resample(samples, rate, new_rate, num_zeros=6):
    """Bring (N,) samples to another rate with Kaldi's filter: a sinc cut at 99 % of the lower half rate, Hann window.

    Returns float32 (ceil(N new_rate / rate),). Source: the definition of Kaldi's LinearResample.
    """
    from scipy.signal import resample_poly  # not at the top: the import takes a second, and most rates stay

    common = math.gcd(rate, new_rate)
    up, down = new_rate // common, rate // common
    cutoff = _cutoff(rate, new_rate)
    ticks = rate * up  # Hz: the lowest rate that is a multiple of both
    half = int(num_zeros / (2 * cutoff) * ticks)
    time = np.arange(-half, half + 1) / ticks  # s
    hann = 0.5 * (1 + np.cos(2 * np.pi * cutoff / num_zeros * time))
    taps = 2 * cutoff * np.sinc(2 * cutoff * time) * hann / ticks  # resample_poly multiplies by `up` again
    return resample_poly(samples, up, down, window=taps).astype(np.float32)


def reach(rate, new_rate, num_zeros=6):
    """Samples at the old rate that a resampled one sees on either side."""
    return math.ceil(num_zeros / (2 * _cutoff(rate, new_rate)) * rate) + 1


def delay(rate, new_rate):
    """How many seconds of sound stage() needs, at most, before it gives a sample; rates in Hz.

    They are what the filter sees ahead, and the samples that come together.
    """
    return (reach(rate, new_rate) + rate // math.gcd(rate, new_rate)) / rate


def _cutoff(rate, new_rate):
    return 0.99 * 0.5 * min(rate, new_rate)  # Hz


def stage(rate, new_rate):
    """A stage of cer/base/stream.py: samples (N,) at one rate, Hz -> samples at another."""
    common, seen = math.gcd(rate, new_rate), reach(rate, new_rate)
    convert = partial(resample, rate=rate, new_rate=new_rate)
    return Window(convert, seen, seen, period=rate // common, out=new_rate // common)
