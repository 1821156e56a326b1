"""The parameters of the model, with their units; its modules have further constants.

All are frozen: changing one makes a different corpus, whose results are not comparable with those of this one.
A pair is (arousal, valence). SD means the standard deviation of the hidden emotion, which is about 1.
"""

from dataclasses import dataclass
from typing import NamedTuple

AUDIO_RATE = 16000  # Hz
LABEL_RATE = 25  # Hz: one rating every 0.04 s
HOP = 96  # samples, 6 ms: one frame of the voice's controls
CONTROL_RATE = AUDIO_RATE / HOP  # Hz
DIMENSIONS = ("arousal", "valence")
RATERS = ("FM1", "FM2", "FM3", "FF1", "FF2", "FF3")


class Cue(NamedTuple):
    """How far a vocal cue moves per SD of expressed arousal and valence."""

    arousal: float
    valence: float


CUES = {  # the order is that of the speakers' draws
    "loudness": Cue(3.0, 0.3),  # dB
    "pitch": Cue(1.6, 0.4),  # semitones
    "range": Cue(0.25, 0.25),  # log of the pitch range
    "tilt": Cue(1.2, 0.4),  # dB / octave
    "rate": Cue(0.07, 0.02),  # log of the articulation rate
    "pause": Cue(-0.20, 0.0),  # log of the length of pauses
    "turn": Cue(0.15, 0.05),  # log of the length of turns
    "breath": Cue(-1.5, 1.0),  # dB of aspiration
    "formants": Cue(0.005, 0.035),  # share of the formant frequencies
}


@dataclass(frozen=True)
class Emotion:
    """The hidden emotion: shares of variance, time constants in s."""

    mean_variance: float = 0.02
    slow_variance: float = 0.40
    fast_variance: float = 0.35
    event_variance: float = 0.23
    correlation: float = 0.3  # of the draws of arousal and valence
    slow_tau: tuple = (20.0, 25.0)
    fast_tau: tuple = (3.0, 4.0)
    event_rate: float = 1 / 25  # events a second
    event_rise: float = 0.5
    event_decay: float = 3.0
    limit: float = 2.5  # SD
    lead: int = 30  # s generated and discarded, so that earlier events affect the start of a recording


@dataclass(frozen=True)
class Expression:
    """The errors of voice and face about the emotion."""

    tau: float = 4.0  # s
    voice_error: tuple = (0.4, 0.8)  # SD
    face_error: tuple = (0.4, 0.4)  # SD


@dataclass(frozen=True)
class Habits:
    """How speakers and their rooms differ: means, spreads (of the logarithm where marked log) and ranges."""

    pitch: tuple = (115.0, 205.0)  # Hz; men, women
    pitch_spread: float = 0.10  # log
    formants: tuple = (1.0, 1.15)  # factor of the formant frequencies; men, women
    formants_spread: float = 0.03  # log
    level: tuple = (-28.0, 4.0)  # dB of full scale while speaking; mean, spread
    rate_spread: float = 0.08  # log
    range_spread: float = 0.2  # log
    tilt_spread: float = 1.5  # dB / octave
    breath: tuple = (-24.0, 3.0)  # dB below the voice; mean, spread
    turn_spread: float = 0.2  # log
    cue_spread: float = 0.2  # log
    snr: tuple = (12.0, 32.0)  # dB, speech to background noise
    noise_slope: tuple = (2.0, 6.0)  # dB / octave, falling
    reverberation: tuple = (0.15, 0.4)  # s until -60 dB
    direct: tuple = (6.0, 15.0)  # dB, direct to reverberant sound
    response_spread: float = 2.5  # dB at each of the knots of the microphone's frequency response
    response_knots: int = 6


@dataclass(frozen=True)
class Talk:
    """Turns, phrases and syllables; spreads are of the logarithm; times in s, tones in semitones."""

    own_turn: float = 4.5  # median
    partner_turn: float = 3.5  # median
    shortest_turn: float = 0.8
    pause: float = 0.32  # median
    spread: float = 0.5  # of turns and pauses
    backchannel_gap: float = 4.0  # mean
    backchannel_level: float = -7.0  # dB
    syllable_rate: float = 5.6  # a second
    syllable_spread: float = 0.18
    phone_spread: float = 0.15
    declination: float = 2.4  # over a phrase
    tone_spread: float = 0.8
    accent_rise: float = 2.5
    turn_fall: float = 3.5
    level_spread: float = 1.2  # dB, from syllable to syllable


@dataclass(frozen=True)
class Perception:
    """How the average annotator perceives voice and face."""

    tau: tuple = (1.5, 2.0)  # s
    voice_weight: tuple = (0.85, 0.4)
    face_weight: tuple = (0.15, 0.6)
    silent_weight: float = 0.02  # weight of the voice while it is silent
    talking: tuple = (1.0, 0.0)  # beta: SD of perceived emotion per SD of speaking


@dataclass(frozen=True)
class Judgement:
    """How the six raters use the slider, which ranges from -1 to 1."""

    scale: tuple = (0.19, 0.14)  # of the slider per SD
    offset: tuple = (0.0, 0.08)
    lag: tuple = (1.0, 3.5)  # s, least and most
    gain_spread: float = 0.25  # log
    bias: tuple = (0.12, 0.07)  # spread between raters
    recording_bias: tuple = (0.05, 0.03)  # spread between one rater's recordings
    noise: float = 0.9  # SD
    noise_parts: tuple = ((0.75, 10.0), (0.25, 1.5))  # share of the variance, time constant in s
    dead_band: float = 0.02  # of the slider
    motor_tau: float = 0.25  # s, twice


EMOTION, EXPRESSION, HABITS, TALK = Emotion(), Expression(), Habits(), Talk()
PERCEPTION, JUDGEMENT = Perception(), Judgement()
