"""Reads sound files with libsndfile, and notices where it would read only a part of a file without saying so.

libsndfile stops where the head of an MP3 file, or its own estimate, tells it to (cer/sound/mp3.py), and it does not
report truncated files (cer/sound/containers.py).
"""

import contextlib
import mmap
import os
import re
from pathlib import Path

import soundfile

from cer.base.errors import BadInput
from cer.sound import containers, mp3, pcm
from cer.sound.sniff import ENOUGH, begins

PIECE = 1 << 20  # samples of a channel read at once
MOST = 8 * PIECE  # samples of all channels: an Ogg file of a few kilobytes may have 255
SUFFIXES = {f".{name.lower()}" for name in soundfile.available_formats()} | {".oga", ".opus", ".aif"}
OTHERS = (b"RIFF", b"RIFX", b"RF64", b"BW64", b"fLaC", b"OggS", b"FORM", b"caff", b"riff", b".snd", b"dns.", b"NIST")
FLAC = re.compile(rb"fLaC[\0\x80]\0\0\x22")  # the beginning of such a file
UNKNOWN = 1 << 62  # samples: the number that libsndfile gives for an unknown length is larger


@contextlib.contextmanager
def opened(path, file, size, start, say, what=None):
    """Open a sound file with libsndfile, from byte `start` on: (SoundFile, samples of a channel; None: not known).

    path: for messages, and its ending; file: open, binary, of `size` bytes; say: takes warnings; what: the format, for
    messages, where more is known than the first bytes tell. Raises BadInput for what is no sound or is not whole.
    """
    mp3_frames = _mp3_frames(path, file, start)
    if mp3_frames:
        source, promised = _mp3_source(path, file, mp3_frames, say), None
    else:
        source, promised = _source(file, start)
    sound_bytes = Spliced(b"", file, start), size - start
    try:
        sound = Forward(source)
    except soundfile.LibsndfileError as error:
        containers.check(*sound_bytes, path, None, say)
        file.seek(start if start < size else 0)
        words = "" if "not exist" in error.error_string else f" (libsndfile: {error.error_string})"
        raise BadInput(
            f"{path}: no audio that can be read: {what or begins(file.read(ENOUGH))}{words}; expected wav, flac, mp3"
            " ...; other sound: ffmpeg -i IN OUT.wav"
        ) from None
    with sound:
        expected = promised or (sound.frames if sound.frames < UNKNOWN else None)
        whole = None if mp3_frames else containers.check(*sound_bytes, path, sound, say)
        if expected == 0:
            raise BadInput(
                f"{path}: its header says that it holds no samples, of {size} bytes; if its length was never filled in,"
                " write it anew: ffmpeg -i IN OUT.wav"
            )
        if sound.format in ("VOC", "MAT4") and "truncated" in sound.extra_info:  # libsndfile's own words
            raise BadInput(f"{path}: truncated: {expected} samples found, more promised; copy it again")
        yield sound, None if mp3_frames else whole or expected  # the length of an MP3 is known at its end


class Forward(soundfile.SoundFile):
    """A SoundFile that is read once, without seeking, which fails at the end of a FLAC that does not say its length."""

    def seekable(self):
        """No."""
        return False


def _mp3_frames(path, file, start):
    """The frames of an MP3 file; None for another file. Zeros may precede them; in a file called .mp3, anything."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data[start : start + 4] in OTHERS:
            return None
        begin = re.compile(rb"\0*").match(data, start).end()
        return mp3.count(data, begin, mp3.SEARCH if path.suffix.lower() == ".mp3" else 1)


def _mp3_source(path, file, frames, say):
    """What libsndfile is to read: the file from its first frame on, where it would stop too early with a new head."""
    promised, found = ((n or 0) * frames.samples for n in (frames.promised, frames.found))
    if promised > found + frames.samples:
        raise BadInput(f"{path}: truncated or damaged: {promised} samples promised, {found} found; copy it again")
    if frames.cut:
        say(f"{path}: ends within a frame of MP3, it may be cut; compare its length with the original's")
    if 0 < promised < found - frames.samples:
        say(f"{path}: {promised} samples promised, {found} found; all are read")
    elif promised:
        return Spliced(b"", file, frames.start)
    return Spliced(mp3.xing(frames), file, frames.first)


def _source(file, start):
    """(what libsndfile is to read of a file that is no MP3, how many samples the head of a FLAC promises, or None).

    libsndfile would stop reading a FLAC at the promised number, so it gets a head without it. Other files are read by
    their descriptor, not by their name: its ending must not decide what their bytes mean.
    """
    file.seek(start)
    head = file.read(26)
    samples = int.from_bytes(head[21:26]) & 0xFFFFFFFFF
    if head[:4] == b"fLaC" and samples:
        return Spliced(head[:21] + bytes([head[21] & 0xF0]) + bytes(4), file, start + 26), samples
    return Spliced(b"", file, start) if start else os.open(file.name, os.O_RDONLY), None


def _expect_no_more(sound, path, expected):
    """Raise BadInput if there is more sound in a FLAC, of which the `expected` samples are read."""
    try:
        more = len(sound.read(1))
    except soundfile.LibsndfileError:  # other bytes: a tag, or another FLAC
        with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            more = len(FLAC.findall(data)) > 1
    if more:
        raise BadInput(
            f"{path}: found more sound than the {expected} samples that its head promises: the head is wrong, or files"
            " of FLAC were joined; write it anew: ffmpeg -i IN OUT.wav"
        )


def blocks(sound, path, expected):
    """Yield the samples, float32 (N, channels) in the range of 16-bit integers.

    expected: how many there should be, None if it is not known. Raises BadInput at the end if some are missing, and if
    a FLAC has more.
    """
    found, error, most = 0, None, min(PIECE, max(1, MOST // sound.channels))
    while True:
        try:
            left = most if expected is None else min(most, expected - found)
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
    if expected and sound.format == "FLAC":
        _expect_no_more(sound, path, expected)


class Spliced:
    """Some bytes, then those of a file from byte `start` on, for libsndfile."""

    def __init__(self, head, file, start):
        self._head, self._file, self._start, self._at = head, file, start, 0
        self._end = len(head) + os.fstat(file.fileno()).st_size - start

    def seek(self, offset, whence=os.SEEK_SET):
        """As a file's."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end}[whence]
        return self._at

    def tell(self):
        """As a file's."""
        return self._at

    def read(self, size):
        """As a file's."""
        if not 0 <= self._at < self._end:
            return b""
        data = self._head[self._at : self._at + size]
        if len(data) < size:
            self._file.seek(self._start + max(0, self._at - len(self._head)))
            data += self._file.read(size - len(data))
        self._at += len(data)
        return data
