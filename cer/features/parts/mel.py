"""Kaldi's window functions and mel filters."""

import numpy as np

from cer.base.errors import BadInput

BAND = 4  # filters that are applied at once


def window(kind, length, blackman_coeff):
    """Return a window function of Kaldi: float32 (length,), symmetric. Raises BadInput for an unknown kind."""
    phase = 2 * np.pi * np.arange(length) / (length - 1)
    shapes = {
        "povey": lambda: (0.5 - 0.5 * np.cos(phase)) ** 0.85,
        "hanning": lambda: 0.5 - 0.5 * np.cos(phase),
        "hamming": lambda: 0.54 - 0.46 * np.cos(phase),
        "sine": lambda: np.sin(phase / 2),
        "rectangular": lambda: np.ones(length),
        "blackman": lambda: blackman_coeff - 0.5 * np.cos(phase) + (0.5 - blackman_coeff) * np.cos(2 * phase),
    }
    if kind not in shapes:
        raise BadInput(f"fbank options: found --window-type={kind}, expected one of {', '.join(shapes)}")
    return shapes[kind]().astype(np.float32)


def mel_scale(frequency):
    """Convert Hz to mel: 1127 ln(1 + f / 700)."""
    return 1127 * np.log1p(frequency / 700)


def mel_filters(num_bins, fft_length, rate, low, high):
    """Return triangular filters, linear on the mel scale: weights float32 (fft_length / 2, num_bins).

    Raises BadInput when a filter is so narrow that it contains no FFT bin.
    """
    mel = mel_scale(np.arange(fft_length // 2) * rate / fft_length)[:, None]
    edges = np.linspace(mel_scale(low), mel_scale(high), num_bins + 2)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (mel - left) / (centre - left), (right - mel) / (right - centre)
    weights = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    if not weights.any(axis=0).all():
        raise BadInput(f"fbank options: {num_bins} mel bins leave some without a point of the {fft_length}-point FFT")
    return weights


class Bank:
    """Filters as they are applied to spectra: most weights are zeros, so in bands of filters that are neighbours."""

    def __init__(self, weights, use_power):
        """weights: (bins, filters); use_power: whether they are for the power spectrum or for magnitudes."""
        self._use_power, self._num, self._bands = use_power, weights.shape[1], []
        weights = np.repeat(weights, 2, axis=0) if use_power else weights
        for first in range(0, self._num, BAND):
            filters = slice(first, first + BAND)
            used = np.flatnonzero(weights[:, filters].any(axis=1))
            rows = slice(used[0], used[-1] + 1)
            self._bands.append((filters, rows, weights[rows, filters].copy()))

    def __call__(self, spectrum):
        """spectrum: complex64 (n, bins or more), which is overwritten -> the filters' outputs, float32 (n, filters)."""
        power = spectrum.view(np.float32)  # real and imaginary parts in turn: the filters add their squares
        np.square(power, out=power)
        if not self._use_power:
            power = np.sqrt(power[:, ::2] + power[:, 1::2])
        outputs = np.empty((len(power), self._num), np.float32)
        for filters, rows, weights in self._bands:
            np.matmul(power[:, rows], weights, out=outputs[:, filters])
        return outputs
