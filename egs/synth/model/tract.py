"""The vocal tract: sources filtered frame by frame by the formants, overlapped and added.

    speech = [3 pulses tilt(f) lip(f) + aspiration noise lip(f) / 4] formants(f) + .3 frication noise band(f)

A frame is 12 ms of source under a Hann window, every 6 ms, filtered in the frequency domain, zero-padded for 20 ms of
ringing. Silent frames are skipped; the others are computed in batches of BATCH.
"""

import numpy as np
from scipy import fft

from .parameters import AUDIO_RATE, HOP

WINDOW, FFT = 2 * HOP, 512  # samples
PARTS = -(-FFT // HOP)  # hops that a filtered frame touches
BATCH = 256  # frames
BANDWIDTHS = (60.0, 80.0, 120.0, 180.0, 250.0)  # Hz
NASAL_WIDENING = (1.2, 0.3, 0.3, 0.3, 0.3)  # share of the bandwidth
HIGHEST_FORMANT = 7600.0  # Hz
PULSES, ASPIRATION, FRICATION = 3.0, 0.25, 0.3  # amplitudes of the sources
QUIET_VOICING, QUIET_FRICATION = 1e-3, 1e-4  # amplitudes below which a frame is left out

HANN = np.hanning(WINDOW + 1)[:WINDOW].astype(np.float32)
FREQUENCIES = np.arange(FFT // 2 + 1) * AUDIO_RATE / FFT  # Hz, (257,)
OCTAVES = np.log2(np.maximum(FREQUENCIES, 60) / 100).astype(np.float32)  # above 100 Hz
LIPS = (np.maximum(FREQUENCIES, 30) / 1000).astype(np.float32)  # +6 dB / octave, 1 at 1 kHz
DELAY = np.exp(-2j * np.pi * FREQUENCIES / AUDIO_RATE).astype(np.complex64)  # z^-1
DB_PER_OCTAVE = 20 * np.log10(2)


def sound(controls, pulses, noise):
    """Speech, (N,), from a voice's controls (F frames), its pulses and its noise, both (N,)."""
    length = len(pulses)
    pulses, noise = _padded(pulses), _padded(noise)
    hops = np.zeros((length // HOP + PARTS + 1, HOP))
    voiced, fricative = controls.voicing > QUIET_VOICING, controls.frication > QUIET_FRICATION
    sounding = np.flatnonzero((voiced | fricative)[: length // HOP])
    for batch in np.split(sounding, range(BATCH, len(sounding), BATCH)):
        _overlap_add(hops, batch, _filtered(controls, batch, pulses, noise))
    return hops.ravel()[HOP : HOP + length]


def _padded(source):
    """A source with one hop of silence before it, so that frame i starts at hop i and is centred on its control."""
    return np.concatenate([np.zeros(HOP), source, np.zeros(WINDOW)])


def _filtered(controls, frames, pulses, noise):
    """The B frames' speech, (B, 512)."""
    formants = _resonances(controls.formants[:, frames], controls.nasality[frames])
    tilt = _column(controls.tilt[frames] / DB_PER_OCTAVE)
    aspiration = _column(controls.aspiration[frames] * ASPIRATION)
    frication = _column(controls.frication[frames] * FRICATION)
    noise = _spectra(noise, frames)
    voice = _spectra(pulses, frames) * (np.exp2(tilt * OCTAVES) * PULSES)
    throat = (voice + noise * aspiration) * LIPS * formants
    return fft.irfft(throat + noise * (frication * _band(controls.centre[frames], controls.width[frames])), FFT)


def _spectra(source, frames):
    """The spectra of the frames of a source, (B, 257)."""
    samples = frames[:, None] * HOP + np.arange(WINDOW)
    return fft.rfft(source[samples].astype(np.float32) * HANN, FFT)


def _resonances(formants, nasality):
    """The product of five resonators of unit gain at 0 Hz, (B, 257); formants: Hz (5, B), nasality: (B,).

    1 / H(z) = prod (1 - 2 r cos(w) z^-1 + r^2 z^-2) / (1 - 2 r cos(w) + r^2), w = 2 pi F / rate, r = exp(-pi B / rate)
    """
    inverse = np.ones((len(nasality), len(DELAY)), np.complex64)
    for formant, bandwidth, widening in zip(formants, BANDWIDTHS, NASAL_WIDENING, strict=True):
        radius = np.exp(-np.pi * bandwidth * (1 + widening * nasality) / AUDIO_RATE)
        first = -2 * radius * np.cos(2 * np.pi * np.minimum(formant, HIGHEST_FORMANT) / AUDIO_RATE)
        gain = 1 + first + radius**2
        inverse *= _column(1 / gain) + _column(first / gain) * DELAY + _column(radius**2 / gain) * DELAY**2
    return 1 / inverse


def _band(centre, width):
    """A bell on the log-frequency axis, (B, 257): centre in Hz, width (standard deviation) in octaves, (B,)."""
    distance = (np.log2(np.maximum(FREQUENCIES, 60)) - np.log2(centre)[:, None]) / width[:, None]
    return np.exp(-0.5 * distance**2).astype(np.float32)


def _overlap_add(hops, frames, speech):
    """Add the frames' speech, (B, 512), into hops, (H, 96); no two frames share a hop in one part."""
    parts = np.zeros((len(frames), PARTS * HOP), speech.dtype)
    parts[:, :FFT] = speech
    for part in range(PARTS):
        hops[frames + part] += parts[:, part * HOP : (part + 1) * HOP]


def _column(values):
    return values[:, None].astype(np.float32)
