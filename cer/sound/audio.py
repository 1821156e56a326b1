"""Recordings as people have them: any format that libsndfile reads, at any rate, in pieces; and a wav stream in a pipe.

Heads of wav files are read by riff.py, as stage 1 reads them; other formats by libsndfile (sndfile.py).
"""

import contextlib
import os
import stat
from pathlib import Path

import numpy as np

from cer.base.errors import BadInput, listed, once, warn
from cer.sound import pcm, sndfile
from cer.sound.levels import checked
from cer.sound.riff import Riff, id3_size
from cer.sound.sniff import ENOUGH

OTHERS = {*".3gp .aac .amr .ape .avi .m4a .mkv .mov .mp4 .mpeg .mpg .webm .wma .wv".split()}  # libsndfile reads none


class Recording:
    """One `channel` of the `channels` of an audio file: `rate` in Hz, `seconds`, and pieces() as often as one likes.

    Of a file that does not say its length, `seconds` is None until pieces() has been read once. No warning comes twice.
    """

    def __init__(self, path, channel=None):
        """path: the file; channel: counted from 0; None: the first, with a warning where there are several.

        Raises BadInput for what is no audio, is not whole, or has no such channel.
        """
        self.path, self.seconds, self._say, self._checked = Path(path), None, once(), False
        with self._open() as (self.rate, self.channels, frames, _):
            self.channel = choose(channel, self.channels, path, self._say)
            if frames is not None:
                self.seconds = frames / self.rate

    def pieces(self):
        """The samples, float32 (N,) in the range of 16-bit integers, piece by piece.

        Raises BadInput, at the end at the latest, for a file that is not whole, and as cer.sound.levels.checked.
        """
        found = 0
        with self._open() as (rate, _, _, blocks):
            samples = (block[:, self.channel] for block in blocks)
            for piece in samples if self._checked else checked(samples, rate, self.path, self._say):
                found += len(piece)
                yield piece.astype(np.float32)
        self.seconds, self._checked = found / rate, True

    @contextlib.contextmanager
    def _open(self):
        """(Hz, channels, samples of a channel or None, an iterator of samples (N, channels))."""
        with regular(self.path) as (file, size):
            if not size:
                raise BadInput(f"{self.path}: empty (0 bytes); copy it again")
            start = _behind_tags(file)
            head = file.read(ENOUGH)
            file.seek(0)
            what = None
            if head[:4] in (b"RIFF", b"RIFX", b"RF64", b"BW64") and head[8:12] == b"WAVE":
                riff = Riff(file, self.path, size, say=self._say)
                if riff.form.subtype:
                    yield riff.form.rate, riff.form.channels, riff.frames, map(riff.decode, riff.blocks())
                    return
                if riff.size is None:
                    raise BadInput(f"{self.path}: {riff.form} of unknown length; write it anew: {pcm.CONVERT}")
                what = f"{riff.form} in {riff.magic.decode()}"
            with sndfile.opened(self.path, file, size, start, self._say, what) as (sound, expected):
                yield sound.samplerate, sound.channels, expected, sndfile.blocks(sound, self.path, expected)


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


def choose(channel, count, name, say=warn, what="the file"):
    """The channel to take of `count`, from 0; None: the first, with a warning. Raises BadInput if there is no such."""
    if channel is None and count > 1:
        say(
            f"{name}: the first of {count} channels is taken; another one: --channel N (in Python channel=N), counted"
            " from 0"
        )
    if (channel or 0) not in range(count):
        raise BadInput(f"{name}: channel {channel} asked for, {what} has {count} (counted from 0)")
    return int(channel or 0)


def _behind_tags(file):
    """Skip the ID3 tags at the start of a file; returns how many bytes they have."""
    start = 0
    while (head := file.read(10))[:3] == b"ID3":
        start += id3_size(head)
        file.seek(start)
    file.seek(start)
    return start


class WavStream:
    """A wav file as it comes through a pipe: `rate` in Hz, and pieces() once, each as soon as it is there."""

    def __init__(self, file, channel=None):
        """file: binary, open; channel: counted from 0; None: the first. Raises BadInput."""
        with contextlib.suppress(OSError):  # in memory
            os.set_blocking(file.fileno(), True)  # otherwise, as others may have left it, no sound yet is its end
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


def files(folder):
    """List the files below a folder whose names end as those of sound do, sorted.

    Warns of what is left out: other kinds of sound, unless it is there converted, too, and links to folders. Raises
    BadInput for a folder that cannot be read.
    """

    def fail(error):
        raise BadInput(f"{error.filename}: cannot be read ({error.strerror}); check its permissions")

    found, others, links = [], [], []
    for where, folders, names in os.walk(folder, onerror=fail):
        paths = [Path(where) / name for name in names]
        found += [path for path in paths if path.suffix.lower() in sndfile.SUFFIXES]
        others += [path for path in paths if path.suffix.lower() in OTHERS]
        links += [path for name in folders if (path := Path(where) / name).is_symlink()]
    converted = {path.with_suffix("") for path in found}
    if others := sorted(path for path in others if path.with_suffix("") not in converted):
        warn(f"{folder}: left out: {listed(others)}; convert such files: ffmpeg -i IN OUT.wav")
    if links:
        warn(f"{folder}: left out: {listed(sorted(links))}, links to folders; give a list of all recordings instead")
    return sorted(found)
