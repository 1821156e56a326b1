"""The hidden emotion, and how voice and face express it (sections 1 and 2 of the model)."""

import numpy as np

from .parameters import EMOTION, EXPRESSION, LABEL_RATE
from .streams import ornstein_uhlenbeck


def feel(rng, length):
    """The hidden emotion x: (2, length) at 25 Hz, rows arousal and valence, variance about 1."""
    lead = EMOTION.lead * LABEL_RATE
    mixing = np.linalg.cholesky([[1, EMOTION.correlation], [EMOTION.correlation, 1]])
    mean = mixing @ rng.standard_normal(2)
    slow = mixing @ _moods(rng, lead + length, EMOTION.slow_tau)
    fast = mixing @ _moods(rng, lead + length, EMOTION.fast_tau)
    events = _responses(*_events(rng, lead + length, mixing))
    total = (
        np.sqrt(EMOTION.mean_variance) * mean[:, None]
        + np.sqrt(EMOTION.slow_variance) * slow
        + np.sqrt(EMOTION.fast_variance) * fast
        + np.sqrt(EMOTION.event_variance) * events
    )
    return EMOTION.limit * np.tanh(total[:, lead:] / EMOTION.limit)


def express(rng, emotion):
    """What voice and face show of the emotion: two (2, T) arrays, v and f."""
    voice = emotion + _errors(rng, emotion.shape[1], EXPRESSION.voice_error)
    face = emotion + _errors(rng, emotion.shape[1], EXPRESSION.face_error)
    return voice, face


def _moods(rng, length, taus):
    return np.stack([ornstein_uhlenbeck(rng, length, tau, LABEL_RATE) for tau in taus])


def _errors(rng, length, deviations):
    return np.stack([sd * ornstein_uhlenbeck(rng, length, EXPRESSION.tau, LABEL_RATE) for sd in deviations])


def _events(rng, length, mixing):
    """Which of the frames hold an event, (length,) bool, and the events' sizes, (2, length)."""
    hits = rng.random_sample(length) < EMOTION.event_rate / LABEL_RATE
    return hits, mixing @ rng.standard_normal((2, length))


def _responses(hits, sizes):
    """Shot noise of unit variance: each event starts (1 - exp(-t / rise)) exp(-t / decay)."""
    t = np.arange(0, 8 * EMOTION.event_decay, 1 / LABEL_RATE)
    response = (1 - np.exp(-t / EMOTION.event_rise)) * np.exp(-t / EMOTION.event_decay)
    response /= np.sqrt(EMOTION.event_rate / LABEL_RATE * (response**2).sum())
    return np.stack([np.convolve(hits * size, response)[: len(hits)] for size in sizes])
