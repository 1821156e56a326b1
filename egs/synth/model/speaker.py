"""A speaker: the habits of a voice, and the room and microphone that go with it."""

from dataclasses import dataclass

import numpy as np

from .parameters import CUES, HABITS


@dataclass(frozen=True)
class Speaker:
    """One participant; units as in `parameters.Habits`."""

    pitch: float  # Hz
    formants: float  # factor
    level: float  # dB of full scale
    rate: float  # factor
    range: float  # factor
    tilt: float  # dB / octave, added to the voice's own
    breath: float  # dB
    turn: float  # factor
    snr: float  # dB
    noise_slope: float  # dB / octave
    reverberation: float  # s
    direct: float  # dB
    cue_gains: dict  # factor of each cue's arousal coefficient
    response: np.ndarray  # dB at the knots of the microphone's frequency response


def draw_speaker(rng, index):
    """The index-th speaker of the corpus, counted from 0: even ones are men, odd ones women.

    The draws are in the order of the fields; changing the order changes all speakers.
    """
    sex = index % 2
    return Speaker(
        pitch=HABITS.pitch[sex] * _factor(rng, HABITS.pitch_spread),
        formants=HABITS.formants[sex] * _factor(rng, HABITS.formants_spread),
        level=rng.normal(*HABITS.level),
        rate=_factor(rng, HABITS.rate_spread),
        range=_factor(rng, HABITS.range_spread),
        tilt=rng.normal(0, HABITS.tilt_spread),
        breath=rng.normal(*HABITS.breath),
        turn=_factor(rng, HABITS.turn_spread),
        snr=rng.uniform(*HABITS.snr),
        noise_slope=rng.uniform(*HABITS.noise_slope),
        reverberation=rng.uniform(*HABITS.reverberation),
        direct=rng.uniform(*HABITS.direct),
        cue_gains={cue: _factor(rng, HABITS.cue_spread) for cue in CUES},
        response=rng.normal(0, HABITS.response_spread, HABITS.response_knots),
    )


def cue(name, speaker, expression):
    """Deviation of a vocal cue from the speaker's own level: g a v_arousal + b v_valence, in the cue's unit.

    expression: (2,) or (2, T), the vocal one. Returns a scalar or (T,).
    """
    arousal, valence = expression
    return speaker.cue_gains[name] * CUES[name].arousal * arousal + CUES[name].valence * valence


def _factor(rng, spread):
    return np.exp(rng.normal(0, spread))
