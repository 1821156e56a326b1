"""Perception: the emotion that an average annotator perceives (section 5 of the model)."""

import numpy as np

from .parameters import DIMENSIONS, LABEL_RATE, PERCEPTION
from .streams import leaky

LEAST_SPREAD = 0.1  # floor of the speaking mask's deviation, for recordings that are nearly all speech or silence


def perceive(voice, face, speaking):
    """The perceived emotion q: (2, T) at 25 Hz.

    q_d = LP[w max(s, .02) v + u f] / LP[w max(s, .02) + u] + beta LP[(s - mean s) / sd s]

    voice, face: (2, T), their expressions; speaking: (T,), 1 or 0. Causal: q(t) depends on nothing later than t, except
    through the mean and deviation of s.
    """
    heard = np.maximum(speaking, PERCEPTION.silent_weight)
    talking = (speaking - speaking.mean()) / max(speaking.std(), LEAST_SPREAD)
    return np.stack([_perceive(d, voice[d], face[d], heard, talking) for d in range(len(DIMENSIONS))])


def _perceive(d, voice, face, heard, talking):
    """One dimension's q, (T,); `heard` is how much of the voice there is, `talking` the standardised speaking."""
    voice_weight = PERCEPTION.voice_weight[d] * heard
    face_weight = PERCEPTION.face_weight[d]

    def gather(track):
        return leaky(track, PERCEPTION.tau[d], LABEL_RATE)

    evidence = gather(voice_weight * voice + face_weight * face) / gather(voice_weight + face_weight)
    return evidence + PERCEPTION.talking[d] * gather(talking)
