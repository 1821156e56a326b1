"""The score of a recording: the articulation targets of the voice in each control frame of 6 ms."""

import numpy as np

from .parameters import CONTROL_RATE, LABEL_RATE
from .phones import NASAL, SILENT, STOP, Vowel

REST = (450.0, 1450.0, 2450.0)  # Hz: the formants of a mouth at rest
BURST = 3  # frames at the end of a stop
BURST_LEVELS = {True: -22.0, False: -14.0}  # dB of a voiced and a voiceless stop's burst
SPARE = 8  # extra frames after the end, for syllables that extend beyond it


class Score:
    """Tracks over F control frames, written phone by phone.

    voicing, frication: dB (F,). centre, width: the band of the frication, Hz and octaves (F,). formants: Hz (3, F).
    nasality: 0 or 1 (F,). tone: semitones about the speaker's pitch (F,). speaking: bool (F,).
    """

    def __init__(self, seconds):
        self.seconds = seconds
        self.length = int(np.ceil(seconds * CONTROL_RATE)) + SPARE
        self.voicing = np.full(self.length, SILENT)
        self.frication = np.full(self.length, SILENT)
        self.centre = np.full(self.length, 3000.0)
        self.width = np.ones(self.length)
        self.formants = np.repeat(np.array(REST)[:, None], self.length, axis=1)
        self.nasality = np.zeros(self.length)
        self.tone = np.zeros(self.length)
        self.speaking = np.zeros(self.length, bool)

    def add_syllable(self, start, phones, durations, tone, level):
        """Write a syllable from `start` (s): phones with durations (s), tone (semitones), level (dB)."""
        at = start
        for phone, duration in zip(phones, durations, strict=True):
            self._add_phone(self._frames(at, duration), phone, level)
            at += duration
        frames = self._frames(start, at - start)
        self.tone[frames] = tone
        self.speaking[frames] = True

    def speaking_at_labels(self, length):
        """s: (length,) at 25 Hz, 1 where the person speaks, else 0."""
        times = np.arange(self.length) / CONTROL_RATE * LABEL_RATE
        return (np.interp(np.arange(length), times, self.speaking) > 0.5).astype(float)

    def _frames(self, start, duration):
        """The frames that start .. start + duration (s) touches, short of the last one."""
        return slice(int(start * CONTROL_RATE), min(int((start + duration) * CONTROL_RATE) + 1, self.length - 1))

    def _add_phone(self, frames, phone, level):
        self.formants[:, frames] = np.array(phone.formants)[:, None]
        if isinstance(phone, Vowel):
            self.voicing[frames] = level
            self.nasality[frames] = phone.nasal
            return
        self.voicing[frames] = _raised(phone.voicing, level)
        self.frication[frames] = _raised(phone.frication, level)
        self.centre[frames], self.width[frames] = phone.centre, phone.width
        self.nasality[frames] = phone.manner == NASAL
        if phone.manner == STOP:
            self._add_burst(frames, phone.voicing > SILENT, level)

    def _add_burst(self, frames, voiced, level):
        burst = slice(max(frames.start, frames.stop - BURST), frames.stop)
        self.frication[burst] = level + BURST_LEVELS[voiced]


def _raised(source, level):
    return source + level if source > SILENT else SILENT
