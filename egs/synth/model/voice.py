"""The voice: from score and vocal expression to the controls of the sound sources (section 4)."""

from dataclasses import dataclass

import numpy as np

from .parameters import AUDIO_RATE, CONTROL_RATE, HOP, LABEL_RATE
from .phones import SILENT
from .speaker import cue
from .streams import ornstein_uhlenbeck, smooth
from .tract import sound

UPPER_FORMANTS = (3500.0, 4500.0)  # Hz, the same for all phones
TILT = -12.0  # dB / octave of a neutral voice
PITCH_RANGE = (55.0, 600.0)  # Hz
PITCH_DRIFT, PITCH_DRIFT_TAU = 0.25, 0.05  # semitones, s
JITTER, JITTER_TAU = 0.008, 0.01  # share of the pitch, s
SHIMMER = 0.05  # of a pulse's log amplitude
TONE_TAU, LEVEL_TAU, FORMANT_TAU, NASAL_TAU = 0.03, 0.008, 0.018, 0.02  # s, time constants of the articulators


@dataclass
class Controls:
    """The synthesiser's controls, each (F,) over control frames unless said otherwise."""

    pitch: np.ndarray  # Hz
    voicing: np.ndarray  # amplitude
    frication: np.ndarray  # amplitude
    aspiration: np.ndarray  # amplitude
    tilt: np.ndarray  # dB / octave
    formants: np.ndarray  # Hz, (5, F)
    nasality: np.ndarray  # 0 .. 1
    centre: np.ndarray  # Hz, of the frication
    width: np.ndarray  # octaves, of the frication


def speak(rng, speaker, score, expression, length):
    """The speech of a score: (length,) samples at 16 kHz on an arbitrary scale, silence where nobody speaks.

    expression: (2, T) at 25 Hz, the vocal one.
    """
    controls = _controls(rng, speaker, score, _at_control_rate(expression, score.length))
    pulses = _pulses(rng, controls, length)
    noise = rng.standard_normal(length)
    return sound(controls, pulses, noise)


def _controls(rng, speaker, score, expression):
    loudness = cue("loudness", speaker, expression)
    voicing = _amplitude(score.voicing, loudness)
    breath = speaker.breath + cue("breath", speaker, expression)
    return Controls(
        pitch=_pitch(rng, speaker, score, expression),
        voicing=voicing,
        frication=_amplitude(score.frication, loudness),
        aspiration=voicing * 10 ** (breath / 20),
        tilt=TILT + speaker.tilt + cue("tilt", speaker, expression),
        formants=_formants(speaker, score, expression),
        nasality=smooth(score.nasality, NASAL_TAU, CONTROL_RATE),
        centre=score.centre,
        width=score.width,
    )


def _pitch(rng, speaker, score, expression):
    """Hz, (F,): the score's tones, the cue and a slow drift, about the speaker's own pitch."""
    tone = smooth(score.tone, TONE_TAU, CONTROL_RATE) + cue("pitch", speaker, expression)
    drift = PITCH_DRIFT * ornstein_uhlenbeck(rng, score.length, PITCH_DRIFT_TAU, CONTROL_RATE)
    return np.clip(speaker.pitch * 2 ** ((tone + drift) / 12), *PITCH_RANGE)


def _amplitude(level, loudness):
    """(F,) amplitude of a source with a level and a loudness in dB; a silent one is 0."""
    amplitude = np.where(level > SILENT, 10 ** ((level + loudness) / 20), 0)
    return smooth(amplitude, LEVEL_TAU, CONTROL_RATE)


def _formants(speaker, score, expression):
    """Hz, (5, F): the phones' three and two fixed ones, all scaled by the vocal tract's length and the smile."""
    upper = np.repeat(np.array(UPPER_FORMANTS)[:, None], score.length, axis=1)
    scale = speaker.formants * (1 + cue("formants", speaker, expression))
    return np.concatenate([smooth(score.formants, FORMANT_TAU, CONTROL_RATE), upper]) * scale


def _pulses(rng, controls, length):
    """The glottal pulses, (length,): one per period, each interpolated between the two samples around its exact time.

    A pulse's size is voicing sqrt(rate / pitch), so that the power does not depend on the pitch.
    """
    jitter = 1 + JITTER * ornstein_uhlenbeck(rng, len(controls.pitch), JITTER_TAU, CONTROL_RATE)
    periods = np.cumsum(_at_audio_rate(controls.pitch * jitter, length) / AUDIO_RATE)
    after = np.flatnonzero(np.diff(np.floor(periods))) + 1
    early = (periods[after] - np.floor(periods[after])) / (periods[after] - periods[after - 1])
    size = _at_audio_rate(controls.voicing, length)[after]
    size *= np.sqrt(AUDIO_RATE / _at_audio_rate(controls.pitch, length)[after])
    size *= np.exp(SHIMMER * rng.standard_normal(len(after)))
    pulses = np.zeros(length)
    pulses[after] += size * (1 - early)
    pulses[after - 1] += size * early
    return pulses


def _at_control_rate(expression, length):
    """(2, length) at the control rate, from (2, T) at 25 Hz."""
    times = np.arange(length) / CONTROL_RATE * LABEL_RATE
    return np.stack([np.interp(times, np.arange(len(row)), row) for row in expression])


def _at_audio_rate(track, length):
    """(length,) at 16 kHz, from (F,) at the control rate."""
    return np.interp(np.arange(length) / HOP, np.arange(len(track)), track)
