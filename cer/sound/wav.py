"""Recordings of corpora: 16-bit PCM RIFF files, the one format every Kaldi program reads; also in archives, pipes."""

import contextlib
import io
import os
import re
import stat
import subprocess
from pathlib import Path

import numpy as np

from cer.base.errors import BadInput
from cer.sound import pcm
from cer.sound.riff import Riff

WHOLE = 1 << 30  # bytes read at once: as a rule everything, without a copy


def read(source, channel=0):
    """Read one channel of a wav file.

    source: a path, or Kaldi's `archive:offset` for a wav inside an archive. channel: counted from 0.
    Returns (samples, rate): float32 (N,) in the range of 16-bit integers, as Kaldi's front end takes them; Hz.
    Raises BadInput for a missing, truncated or empty file, another format, or a rate that cannot be.
    """
    samples, rate = read_channels(source)
    if not 0 <= channel < len(samples):
        raise BadInput(f"{source}: channel {channel} asked for, the file has {len(samples)} (counted from 0)")
    return samples[channel].astype(np.float32), rate


def length(source):
    """How long a wav file is, by its head and the file's size: (samples of a channel, rate in Hz).

    source: as for `read`, which finds as many samples. Raises BadInput, and warns, as `read` does.
    """
    with _opened(str(source)) as riff:
        if riff.kind == "file":
            return riff.pass_over(), riff.form.rate
        samples, rate = _whole(riff)
        return samples.shape[1], rate


@contextlib.contextmanager
def pieces(source):
    """Open a wav file to read it piece by piece: (rate in Hz, channels, iterator of int16 (N, channels)).

    source: as for `read`. Raises BadInput as `read` does: what is wrong with the sound itself, at the end of it.
    """
    with _opened(str(source)) as riff:
        if riff.kind == "file":
            yield riff.form.rate, riff.form.channels, map(riff.decode, riff.blocks())
        else:
            samples, rate = _whole(riff)
            yield rate, len(samples), iter([samples.T])


def read_channels(source, allow_pipes=False):
    """Read all channels: (samples int16 (channels, N), rate in Hz).

    source: as for `read`, or with allow_pipes a command that ends in | and puts out a wav file. Raises BadInput as
    `read` does, and when any program of the command fails.
    """
    source = str(source)
    with _piped(source) if allow_pipes and source.endswith("|") else _opened(source) as riff:
        return _whole(riff)


def _whole(riff):
    """All channels: (samples int16 (channels, N), rate in Hz)."""
    data = b"".join(riff.blocks(WHOLE))
    if riff.kind == "archive" and re.search(rb"RI(FF|FX).{4}WAVE", data, re.DOTALL):
        raise BadInput(
            f"{riff.name}: another wav begins within its sound: it is truncated, or its header has no size or a wrong"
            f" one; write it anew, with {pcm.CONVERT}, before it goes into an archive"
        )
    return riff.decode(data).T, riff.form.rate


@contextlib.contextmanager
def _piped(source):
    """The Riff that a command puts out. In bash, with pipefail: half a recording must not pass for a whole one."""
    command = ["bash", "-o", "pipefail", "-c", source.removesuffix("|")]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if done.returncode:
        raise BadInput(f"{source}: the command failed with status {done.returncode}; try it by hand")
    yield _head(io.BytesIO(done.stdout), source, len(done.stdout), "pipe")


@contextlib.contextmanager
def _opened(source):
    """The Riff of a file, of a place in an archive or of a named pipe, whose end is not known."""
    path, _, offset = source.rpartition(":")
    inside = bool(path) and re.fullmatch("[0-9]{1,18}", offset)  # no file has more bytes
    try:
        with Path(path if inside else source).open("rb") as file:
            if inside:
                file.seek(int(offset))
            about = os.fstat(file.fileno())
            if stat.S_ISREG(about.st_mode):
                left = about.st_size - (int(offset) if inside else 0)
                yield _head(file, source, left, "archive" if inside else "file")
            else:
                yield _head(file, source, None, "pipe")
    except OSError as error:
        raise BadInput(f"{source}: cannot be read ({error.strerror}); check the path in wav.scp") from None


def _head(file, source, total, kind):
    """A Riff, read up to its first sample. Raises BadInput for what Kaldi's programs refuse: other formats than 16-bit
    PCM, and a wrong number of bytes a second."""
    riff = Riff(file, source, total, kind=kind)
    form = riff.form
    if riff.magic[:3] != b"RIF" or form.subtype != "PCM_16" or form.bits != 16:
        raise BadInput(
            f"{riff.name}: found {form} in {riff.magic.decode()}, expected 16-bit PCM in RIFF, which Kaldi's programs"
            f" read; convert it: {pcm.CONVERT}"
        )
    if form.bytes_per_second != form.rate * form.channels * 2 or form.block != form.width:
        raise BadInput(
            f"{riff.name}: its header cannot be right: {form.rate} Hz, {form.channels} channels,"
            f" {form.bytes_per_second} bytes a second, {form.block} a frame; expected rate x channels x 2 bytes a"
            f" second, which Kaldi's programs check; write it anew: {pcm.CONVERT}"
        )
    return riff
