"""Random streams and the first-order filters that shape them."""

import zlib

import numpy as np
from scipy.signal import lfilter


def stream(seed, *key):
    """Return an independent random stream for each (seed, key).

    RandomState is numpy's frozen generator: it gives the same numbers in every version.
    """
    name = "/".join(map(str, (seed, *key)))
    return np.random.RandomState(zlib.crc32(name.encode()))


def pole(tau, rate):
    """The pole exp(-1 / (tau rate)) of a first-order filter of time constant tau (s) at rate (Hz)."""
    return np.exp(-1 / (tau * rate))


def ornstein_uhlenbeck(rng, length, tau, rate):
    """(length,) samples of OU(tau): y_t = a y_{t-1} + sqrt(1 - a^2) e_t, started in its stationary state.

    tau: s, rate: Hz. Mean 0, variance 1, autocorrelation exp(-|lag| / tau).
    """
    a = pole(tau, rate)
    gain = np.sqrt(1 - a * a)
    innovations = rng.standard_normal(length)
    innovations[0] /= gain
    return lfilter([gain], [1, -a], innovations)


def leaky(signal, tau, rate, settled=False):
    """LP_tau along the last axis: y_t = a y_{t-1} + (1 - a) signal_t.

    It starts from 0, or, if settled, as though the signal had always had its first value.
    """
    a = pole(tau, rate)
    before = a * signal[..., :1] if settled else np.zeros_like(signal[..., :1])
    return lfilter([1 - a], [1, -a], signal, axis=-1, zi=before)[0]


def smooth(signal, tau, rate):
    """LP_tau forwards, then backwards: no delay. Along the last axis."""
    forwards = leaky(signal, tau, rate, settled=True)
    return leaky(forwards[..., ::-1], tau, rate, settled=True)[..., ::-1]
