"""Recordings as people have them: any format that libsndfile reads, at any rate, in pieces; and a wav stream in a pipe.

Heads of wav files are read by cer/riff.py, as stage 1 reads them; of other formats by libsndfile, watched by
cer/containers.py and cer/mp3.py where it would read half a file without a word.
"""

import contextlib
import mmap
import os
import re
import stat
from pathlib import Path

import numpy as np
import soundfile

from cer import containers, mp3, pcm
from cer.errors import BadInput, warn
from cer.levels import checked
from cer.riff import Riff, id3_size
from cer.sniff import ENOUGH, begins

PIECE = 1 << 20  # samples read at once
SUFFIXES = {f".{name.lower()}" for name in soundfile.available_formats()} | {".oga", ".opus", ".aif"}
OTHERS = (b"RIFF", b"RIFX", b"RF64", b"BW64", b"fLaC", b"OggS", b"FORM", b"caff", b"riff", b".snd", b"dns.", b"NIST")
UNKNOWN = 1 << 62  # frames: libsndfile's number for what it does not know is larger


class Recording:
    """One `channel` of an audio file: `rate` in Hz, `seconds`, and pieces() as often as one likes.

    What an MP3 file does not say, its seconds, is known after a first pass. Warnings come once.
    """

    def __init__(self, path, channel=None):
        """path: the file; channel: counted from 0; None: the first, with a warning where there are several.

        Raises BadInput for what is no audio, is not whole, or has no such channel.
        """
        self.path, self.seconds, self._said, self._checked = Path(path), None, set(), False
        with self._open() as (self.rate, channels, frames, _):
            self.channel = choose(channel, channels, path, self._say)
            if frames is not None:
                self.seconds = frames / self.rate

    def pieces(self):
        """The samples, float32 (N,) in the range of 16-bit integers, piece by piece."""
        found = 0
        with self._open() as (rate, _, _, blocks):
            samples = (block[:, self.channel] for block in blocks)
            for piece in samples if self._checked else checked(samples, rate, self.path, self._say):
                found += len(piece)
                yield piece.astype(np.float32)
        self.seconds, self._checked = found / rate, True

    def _say(self, message):
        if message not in self._said:
            self._said.add(message)
            warn(message)

    @contextlib.contextmanager
    def _open(self):
        """(Hz, channels, samples of a channel or None, an iterator of samples (N, channels))."""
        with regular(self.path) as (file, size):
            if not size:
                raise BadInput(f"{self.path}: empty (0 bytes); copy it again")
            start = _behind_tags(file)
            head = file.read(ENOUGH)
            file.seek(0)
            if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and head[8:12] == b"WAVE":
                riff = Riff(file, self.path, size, say=self._say)
                if riff.form.subtype:
                    yield riff.form.rate, riff.form.channels, riff.frames, map(riff.decode, riff.blocks())
                    return
                if riff.size is None:
                    raise BadInput(f"{self.path}: {riff.form} of unknown length; write it anew: {pcm.CONVERT}")
            with _libsndfile(self.path, file, size, start, self._say) as (sound, expected):
                yield sound.samplerate, sound.channels, expected, _blocks(sound, self.path, expected)


@contextlib.contextmanager
def regular(path):
    """Open a file, never a pipe or device, which would wait for ever: (file, bytes). Raises BadInput."""
    try:
        mode = Path(path).stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
            raise BadInput(f"{path}: is {kind}, expected an audio file; write the sound into one first")
        with Path(path).open("rb") as file:
            yield file, os.fstat(file.fileno()).st_size
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); check the path") from None


def choose(channel, count, name, say=warn):
    """The channel to take of `count`, from 0; None: the first, with a warning. Raises BadInput if there is no such."""
    if channel is None and count > 1:
        say(f"{name}: the first of {count} channels is taken; another one: --channel N, counted from 0")
    if not 0 <= (channel or 0) < count:
        raise BadInput(f"{name}: channel {channel} asked for, the file has {count} (counted from 0)")
    return channel or 0


def _behind_tags(file):
    """Bytes of the ID3 tags in front; the file stands behind them."""
    start = 0
    while (head := file.read(10))[:3] == b"ID3":
        start += id3_size(head)
        file.seek(start)
    file.seek(start)
    return start


@contextlib.contextmanager
def _libsndfile(path, file, size, start, say):
    """Open with libsndfile, from byte `start` on: (SoundFile, the samples it must give; None: not known)."""
    source = Spliced(b"", file, start) if start else None
    frames = _mp3_frames(path, file, start)
    if frames:
        source = _mp3_source(path, file, frames, source, say)
    try:  # by descriptor: a name's ending must not decide what its bytes mean
        sound = soundfile.SoundFile(source or os.open(path, os.O_RDONLY))
    except soundfile.LibsndfileError as error:
        containers.check(file, size, path, None, say)
        file.seek(start if start < size else 0)
        raise BadInput(
            f"{path}: no audio that can be read: {begins(file.read(ENOUGH))} (libsndfile: {error.error_string});"
            " expected wav, flac, mp3 ..."
        ) from None
    with sound:
        expected = sound.frames if sound.frames < UNKNOWN else None
        whole = None if source else containers.check(file, size, path, sound, say)
        if expected == 0:
            raise BadInput(f"{path}: holds no samples")
        if sound.format in ("VOC", "MAT4") and "truncated" in sound.extra_info:  # libsndfile's own words
            raise BadInput(f"{path}: truncated: {expected} samples found, more promised; copy it again")
        yield sound, None if frames else whole or expected


def _mp3_frames(path, file, start):
    """The frames of an MP3 file; None: it is none. Zeros may stand in front; in a file called .mp3, anything."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[start : start + 4] in OTHERS:
            return None
        begin = re.compile(rb"\0*").match(data, start).end()
        return mp3.count(data, begin, mp3.SEARCH if path.suffix.lower() == ".mp3" else 1)


def _mp3_source(path, file, frames, source, say):
    """What libsndfile is to read, as it stops where the Xing head, or its own estimate without one, tells it to."""
    promised, found = ((n or 0) * frames.samples for n in (frames.promised, frames.found))
    if promised > found + frames.samples:
        raise BadInput(f"{path}: truncated or damaged: {promised} samples promised, {found} found; copy it again")
    if frames.cut:
        say(f"{path}: ends within a frame of MP3, it may be cut; compare its length with the original's")
    if 0 < promised < found - frames.samples:
        say(f"{path}: {promised} samples promised, {found} found; all are read")
    elif promised:
        return source
    return Spliced(mp3.xing(frames), file, frames.first)


def _blocks(sound, path, expected):
    found, error = 0, None
    while True:
        try:
            left = PIECE if expected is None else min(PIECE, expected - found)
            samples = sound.read(left, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as failure:
            error = failure.error_string
            break
        if not len(samples):
            break
        found += len(samples)
        yield samples * pcm.FULL_SCALE
    if error:
        promised = f"{expected} samples promised, " if expected else ""
        raise BadInput(
            f"{path}: truncated or damaged: {promised}not readable after {found} (libsndfile: {error}); copy it again"
        )
    if found < (expected or 1):
        raise BadInput(f"{path}: truncated: {expected} samples promised, {found} found; copy it again")


class Spliced:
    """Some bytes, then those of a file from byte `start` on, for libsndfile."""

    def __init__(self, head, file, start):
        self._head, self._file, self._start, self._at = head, file, start, 0

    def seek(self, offset, whence=os.SEEK_SET):
        """As a file's."""
        end = len(self._head) + os.fstat(self._file.fileno()).st_size - self._start
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: end}[whence]
        return self._at

    def tell(self):
        """As a file's."""
        return self._at

    def read(self, size):
        """As a file's."""
        data = self._head[self._at : self._at + size]
        if len(data) < size:
            self._file.seek(self._start + max(0, self._at - len(self._head)))
            data += self._file.read(size - len(data))
        self._at += len(data)
        return data


class WavStream:
    """A wav file as it comes through a pipe: `rate` in Hz, and pieces() once, each as soon as it is there."""

    def __init__(self, file, channel=None):
        """file: binary, open; channel: counted from 0; None: the first. Raises BadInput."""
        self._riff = Riff(file, "standard input", kind="stream")
        form = self._riff.form
        if not form.subtype:
            raise BadInput(f"standard input: found {form}, expected PCM or float; decode it first: {pcm.STREAM}")
        self.rate, self._channel = form.rate, choose(channel, form.channels, "standard input")

    def pieces(self):
        """The samples, float32 (N,) in the range of 16-bit integers, until the stream ends or its sound does."""
        samples = (self._riff.decode(block)[:, self._channel] for block in self._riff.blocks())
        for piece in checked(samples, self.rate, "standard input"):
            yield piece.astype(np.float32)
