"""How smooth a trajectory is: the share of its power in a band of frequencies, and its steps."""

import numpy as np


def power(x, shift):
    """One-sided power spectrum of x (T,), its mean removed: frequencies in Hz and power, both (T + 1,).

    shift: seconds between values. The spectrum is that of x followed by its own reverse. In x alone the Fourier
    transform would see a jump from the last value back to the first, and take it for power at all frequencies: more of
    it above 1 Hz than a smooth trajectory has itself. The power sums to sum (x - mean)^2 (Parseval).
    """
    x = np.asarray(x, np.float64) - np.mean(x, dtype=np.float64)
    spectrum = np.abs(np.fft.rfft(np.concatenate([x, x[::-1]]))) ** 2 / (2 * len(x))
    # Each line stands for two. 0 Hz and half the rate have no mirror image, but no power either.
    return np.fft.rfftfreq(2 * len(x), shift), spectrum


def share_below(recordings, shift, limit):
    """The share, from 0 to 1, of the power below `limit` Hz: list of (T,), each without its own mean, summed over all.

    None where there is no power at all: in constants.
    """
    below = total = 0.0
    for x in recordings:
        if np.ptp(x) == 0:
            continue  # no power but that of rounding
        frequencies, spectrum = power(x, shift)
        # Rounding must not decide on which side the frequency that equals the limit falls.
        below += spectrum[frequencies < limit - 1e-9].sum()
        total += spectrum.sum()
    return float(below / total) if total > 0 else None


def deviation(recordings):
    """Standard deviation of all values around the mean of their own recording: list of (T,), in the values' units.

    None of no recordings.
    """
    squares = [(x - x.mean()) ** 2 for x in recordings]
    return float(np.sqrt(np.concatenate(squares).mean())) if squares else None


def step(recordings):
    """Standard deviation of the first difference of all recordings: list of (T,), in the values' units a step.

    None of no recordings of two values or more.
    """
    return deviation([np.diff(np.asarray(x, np.float64)) for x in recordings if len(x) > 1])
