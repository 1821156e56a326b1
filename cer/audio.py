"""Recordings as people have them: any format that libsndfile reads, at any rate, in pieces; and a wav stream in a pipe.

Corpora come as 16-bit wav files, which cer/wav.py reads and checks to the last byte.
"""

import struct
from pathlib import Path

import numpy as np
import soundfile

from cer import wav
from cer.errors import BadInput

PIECE = 1 << 20  # samples read at once
SUFFIXES = {f".{name.lower()}" for name in soundfile.available_formats()} | {".oga", ".opus", ".aif"}


class Recording:
    """One channel of an audio file: `rate` in Hz, `seconds`, and pieces() as often as one likes."""

    def __init__(self, path, channel=0):
        """path: the file; channel: counted from 0. Raises BadInput for what is no audio, or has no such channel."""
        self.path, self.channel = Path(path), channel
        with self._open() as file:
            self.rate, self.seconds = file.samplerate, file.frames / file.samplerate
            if not 0 <= channel < file.channels:
                raise BadInput(f"{path}: channel {channel} asked for, the file has {file.channels} (counted from 0)")
            if not file.frames:
                raise BadInput(f"{path}: holds no samples")

    def _open(self):
        if not self.path.is_file():
            raise BadInput(f"{self.path}: no such file")
        try:
            return soundfile.SoundFile(self.path)
        except soundfile.LibsndfileError as error:
            raise BadInput(f"{self.path}: no audio that can be read ({error}); expected wav, flac, mp3 ...") from None

    def pieces(self):
        """The samples, float32 (N,) in the range of 16-bit integers, piece by piece."""
        expected, found = None, 0
        with self._open() as file:
            expected = file.frames
            while True:
                try:
                    samples = file.read(PIECE, dtype="float32", always_2d=True)[:, self.channel]
                except soundfile.LibsndfileError as error:
                    raise BadInput(f"{self.path}: damaged after {found} samples ({error}); copy it again") from None
                if not len(samples):
                    break
                if not np.isfinite(samples).all():
                    at = (found + np.argmin(np.isfinite(samples))) / self.rate
                    raise BadInput(f"{self.path}: found a sample that is no finite number, at {at:.3f} s; cut it out")
                found += len(samples)
                yield samples * np.float32(32768)
        if found < expected:
            raise BadInput(f"{self.path}: truncated: {expected} samples promised, {found} found; copy it again")


class WavStream:
    """A wav file as it comes through a pipe: `rate` in Hz, and pieces() once, each as soon as it is there."""

    def __init__(self, file, channel=0):
        """file: binary, open, whose read1() gives what is there; channel: counted from 0. Raises BadInput."""
        self._file, self._channel, self._rest = file, channel, b""
        head = self._exactly(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            raise BadInput(f"standard input: starts with {head!r}, expected a wav stream, as of arecord -t wav")
        name, self.rate = b"", None
        while name != b"data":
            name, size = struct.unpack("<4sI", self._exactly(8))
            if name == b"fmt ":
                self.rate, self._channels = wav.read_format(self._exactly(size), "standard input")
            elif name != b"data":
                self._exactly(size + size % 2)
        if self.rate is None:
            raise BadInput("standard input: its data chunk stands before its format chunk")
        if not 0 <= channel < self._channels:
            raise BadInput(f"standard input: channel {channel} asked for, found {self._channels} (counted from 0)")

    def _exactly(self, size):
        data = self._file.read(size)
        if len(data) < size:
            raise BadInput("standard input: ended within the head of the wav stream")
        return data

    def pieces(self):
        """The samples, float32 (N,) in the range of 16-bit integers, until the stream ends.

        The length in the head is not looked at: who writes into a pipe does not know it.
        """
        width = 2 * self._channels
        while data := self._file.read1(PIECE):
            data = self._rest + data
            whole = len(data) - len(data) % width
            self._rest = data[whole:]
            if whole:
                samples = np.frombuffer(data[:whole], "<i2").reshape(-1, self._channels)[:, self._channel]
                yield samples.astype(np.float32)
