"""Syllables: their phones, and the duration of each phone."""

import numpy as np

from .parameters import TALK
from .phones import CONSONANTS, VOWELS, Vowel

ONSET, CLUSTER, CODA = 0.86, 0.10, 0.2  # shares of syllables that begin with a consonant, with two, end with one
CLUSTERED = "ptkbdgf"  # consonants that r or l may follow
R_SHARE = 0.6  # of the clusters
FINAL_STRETCH = 1.7  # of the vowel of an accented syllable


def draw_phones(rng):
    """The phones of a syllable (C)(C)V(C)."""
    letters, start = [], rng.random_sample()
    if start < ONSET:
        letters.append(_consonant(rng))
    if start < CLUSTER and letters[0] in CLUSTERED:
        letters.append("R" if rng.random_sample() < R_SHARE else "l")
    letters.append(_vowel(rng))
    if rng.random_sample() < CODA:
        letters.append(_consonant(rng))
    return [VOWELS.get(letter) or CONSONANTS[letter] for letter in letters]


def draw_durations(rng, phones, total, accented):
    """How the phones share the syllable's `total` (s): by their own lengths, an accent stretching the vowel."""
    stretch = FINAL_STRETCH if accented else 1.0
    shares = np.array([phone.duration * (stretch if isinstance(phone, Vowel) else 1.0) for phone in phones])
    shares *= np.exp(rng.normal(0, TALK.phone_spread, len(phones)))
    return shares * (total / shares.sum())


def _cumulative(table):
    """The cumulative shares of a table's phones, up to 1."""
    weights = np.array([phone.weight for phone in table.values()])
    return np.cumsum(weights / weights.sum())


_CUMULATIVE_VOWELS, _CUMULATIVE_CONSONANTS = _cumulative(VOWELS), _cumulative(CONSONANTS)


def _vowel(rng):
    return list(VOWELS)[np.searchsorted(_CUMULATIVE_VOWELS, rng.random_sample())]


def _consonant(rng):
    return list(CONSONANTS)[np.searchsorted(_CUMULATIVE_CONSONANTS, rng.random_sample())]
