"""The room and the microphone: level, reverberation, background noise, clicks, frequency response (section 4)."""

import numpy as np
from scipy.signal import oaconvolve

from .parameters import AUDIO_RATE, HOP
from .streams import ornstein_uhlenbeck

EARLIEST_ECHO = 40  # samples, 2.5 ms
NOISE_TAPS, RESPONSE_TAPS = 1024, 512  # samples
DRIFT, DRIFT_TAU = 1.5, 15  # dB, s: the noise's slow change of level
CLICK_RATE = 1 / 25  # a second
CLICK_LENGTH, CLICK_DECAY = 800, 120.0  # samples
CLICK_RANGE = 12  # dB: a click is up to so much softer than speech
KNOTS = (6, 13)  # log2 Hz: 64 Hz and 8192 Hz, the ends of the microphone's frequency response


def record(rng, speaker, speech, score):
    """What the microphone picks up, (N,), full scale being 1; speech: (N,), silent where nobody speaks."""
    speech = _at_level(speech, np.repeat(score.speaking, HOP)[: len(speech)], speaker.level)
    speech = _reverberate(rng, speech, speaker)
    noise = _background(rng, len(speech), speaker)
    _add_clicks(rng, noise, speaker)
    return _microphone(speech + noise, speaker.response)


def _at_level(speech, speaking, level):
    """Scale the speech so that its RMS while speaking is `level` (dB of full scale); a silent one stays silent."""
    power = np.mean(speech[speaking] ** 2) if speaking.any() else 0
    return speech / np.sqrt(power) * _ratio(level) if power > 0 else speech


def _reverberate(rng, speech, speaker):
    """Add an exponentially dying noise tail: -60 dB after speaker.reverberation (s), speaker.direct (dB) below."""
    taps = int(speaker.reverberation * AUDIO_RATE)
    echo = rng.standard_normal(taps) * 10 ** (-3 * np.arange(taps) / taps)
    echo[:EARLIEST_ECHO] = 0
    echo *= _ratio(-speaker.direct) / np.sqrt((echo**2).sum())
    echo[0] = 1
    return oaconvolve(speech, echo)[: len(speech)]


def _background(rng, length, speaker):
    """Noise, (length,), that falls by speaker.noise_slope (dB / octave) above 500 Hz, at the speaker's SNR."""
    octaves = np.log2(np.maximum(np.arange(NOISE_TAPS // 2 + 1), 1.5) / 32)
    white = rng.standard_normal(length + NOISE_TAPS)
    noise = oaconvolve(white, _linear_phase(-speaker.noise_slope * octaves), "same")[:length]
    noise *= _drift(rng, length) / np.sqrt(np.mean(noise**2))
    return noise * _ratio(speaker.level - speaker.snr)


def _drift(rng, length):
    """A gain, (length,), that wanders by 1.5 dB."""
    levels = DRIFT * ornstein_uhlenbeck(rng, length // AUDIO_RATE + 2, DRIFT_TAU, 1)
    return _ratio(np.interp(np.arange(length), np.arange(len(levels)) * AUDIO_RATE, levels))


def _add_clicks(rng, noise, speaker):
    """Add knocks and mouse clicks to the noise, in place: at most one a second."""
    for second in np.flatnonzero(rng.random_sample(len(noise) // AUDIO_RATE) < CLICK_RATE):
        start = second * AUDIO_RATE + rng.randint(AUDIO_RATE)
        room = noise[start : start + CLICK_LENGTH]
        click = rng.standard_normal(len(room)) * np.exp(-np.arange(len(room)) / CLICK_DECAY)
        room += click * _ratio(speaker.level - rng.uniform(0, CLICK_RANGE))


def _microphone(signal, knots):
    """Filter by a frequency response given in dB at knots evenly spaced in log frequency."""
    frequencies = np.arange(RESPONSE_TAPS // 2 + 1) * AUDIO_RATE / RESPONSE_TAPS
    response = np.interp(np.log2(np.maximum(frequencies, 62)), np.linspace(*KNOTS, len(knots)), knots)
    return oaconvolve(signal, _linear_phase(response), "same")


def _linear_phase(response):
    """A symmetric filter of 2 (K - 1) taps with a frequency response in dB at K evenly spaced frequencies."""
    taps = np.fft.irfft(_ratio(response))
    return np.roll(taps, len(taps) // 2) * np.hanning(len(taps))


def _ratio(decibels):
    return 10 ** (decibels / 20)
