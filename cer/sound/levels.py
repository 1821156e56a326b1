"""Looks at the samples themselves: refuses numbers that cannot be sound, warns of digital silence."""

import numpy as np

from cer.base.errors import BadInput, warn
from cer.sound.pcm import FULL_SCALE

LOUDEST = 100.0  # of full scale: loud or resampled float sound exceeds 1 a little, 16-bit integers as floats do by far
SHARE = 0.05  # of a recording that may be digital silence
RUN = 1.0  # s: shorter ones are pauses that a codec or gate made


def checked(pieces, rate, name, say=warn):
    """Pass on pieces (N,) in the range of 16-bit integers; refuse what is no sound, warn of what spoils predictions.

    Raises BadInput for a sample that is not a finite number, for floats on the scale of 16-bit integers, and for a
    recording of a single value. Warns of digital silence: runs of a second and more in which, in 16 bits, nothing
    changes.
    """
    silence, found = Silence(round(RUN * rate)), 0
    for piece in pieces:
        if piece.dtype != np.int16:
            _check_floats(piece, found, rate, name)
        silence.push(piece)
        found += len(piece)
        yield piece
    if found and not silence.changes:
        raise BadInput(
            f"{name}: holds one and the same value from beginning to end, no sound; was the microphone on, and is it"
            " the right channel?"
        )
    if (share := silence.total() / max(found, 1)) > SHARE:
        say(
            f"{name}: {share:.0%} of it are digital silence; as part of its mean and variance they shrink what is"
            " predicted elsewhere: cut them out, or normalise by the training set's (--cmvn global, in Python"
            ' cmvn="global")'
        )


def _check_floats(piece, found, rate, name):
    odd = ~np.isfinite(piece)
    if odd.any():
        at = (found + int(np.argmax(odd))) / rate
        raise BadInput(f"{name}: found a sample that is no finite number, at {at:.3f} s; cut it out")
    at = int(np.argmax(np.abs(piece))) if len(piece) else 0
    if len(piece) and (size := abs(piece[at]) / FULL_SCALE) > LOUDEST:
        raise BadInput(
            f"{name}: found a float sample of size {size:g}, at {(found + at) / rate:.3f} s, expected -1 to 1"
            f" (up to {LOUDEST:g} is taken as loud); divide 16-bit numbers by 32768, or give them as int16"
        )


class Silence:
    """Counts the samples in long runs of one value, piece by piece."""

    def __init__(self, least):
        """least: samples that a run must have to count."""
        self.least, self.changes = least, 0
        self._last, self._run = None, 0  # of the current run: its value, its samples so far
        self._total = 0  # samples of earlier runs that count

    def push(self, samples):
        """samples: (N,), the next ones."""
        values = samples if samples.dtype == np.int16 else np.rint(samples)
        edges = np.flatnonzero(np.diff(values, prepend=self._last if self._last is not None else values[:1]))
        if len(edges):
            runs = np.diff(edges, prepend=-self._run)
            self._total += int(runs[runs >= self.least].sum())
            self._run = -int(edges[-1])
        self._run, self.changes = self._run + len(values), self.changes + len(edges)
        self._last = values[-1] if len(values) else self._last

    def total(self):
        """How many samples such runs have had, up to now."""
        return self._total + (self._run if self._run >= self.least else 0)
