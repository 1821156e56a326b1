"""Reading recordings: 16-bit PCM RIFF files, the one format every Kaldi program reads, checked to the last byte."""

import struct
import subprocess
from pathlib import Path

import numpy as np

from cer.errors import BadInput

PCM, EXTENSIBLE = 1, 0xFFFE
UNKNOWN_LENGTH = (0, 0xFFFFFFFF, 0x7FFFF000)  # what a program that writes into a pipe puts for the length
RATES = range(1000, 768001)  # Hz


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


def read_channels(source, allow_pipes=False):
    """Read all channels: (samples int16 (channels, N), rate in Hz).

    source: as for `read`, or with allow_pipes a command that ends in | and puts out a wav file. Raises BadInput as
    `read` does, and when any program of the command fails.
    """
    piped = allow_pipes and str(source).endswith("|")
    data, rate, channels = _parse(_output(str(source)) if piped else _bytes(source), source)
    return np.frombuffer(data, "<i2").reshape(-1, channels).T, rate


def _output(source):
    """What a command puts out. In bash, with pipefail: half a recording must not pass for a whole one."""
    command = ["bash", "-o", "pipefail", "-c", source.removesuffix("|")]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if done.returncode:
        raise BadInput(f"{source}: the command failed with status {done.returncode}; try it by hand")
    return done.stdout


def _bytes(source):
    path, _, offset = str(source).rpartition(":")
    if not path or not offset.isdigit():
        path, offset = str(source), "0"
    try:
        with Path(path).open("rb") as file:
            file.seek(int(offset))
            head = file.read(8)
            size = struct.unpack("<I", head[4:])[0] if len(head) == 8 else 0
            return head + file.read(-1 if size in UNKNOWN_LENGTH else size)
    except OSError as error:
        raise BadInput(f"{source}: cannot be read ({error.strerror}); check the path in wav.scp") from None


def _parse(riff, source):
    """Walk the chunks of a RIFF file; returns (the sample bytes, rate in Hz, number of channels)."""
    if riff[:4] != b"RIFF" or riff[8:12] != b"WAVE":
        raise BadInput(f"{source}: not a RIFF wav file (starts with {riff[:12]!r}); convert it, e.g. with sox")
    at, form = 12, None
    while at + 8 <= len(riff):
        name, size = riff[at : at + 4], struct.unpack("<I", riff[at + 4 : at + 8])[0]
        at += 8
        if name == b"fmt ":
            form = read_format(riff[at : at + size], source)
        elif name == b"data":
            return _samples(riff[at:], size, form, source)
        at += size + size % 2
    raise BadInput(f"{source}: truncated: it ends after {len(riff)} bytes without its data chunk; copy it again")


def read_format(chunk, source):
    """Check a fmt chunk; returns (rate in Hz, number of channels)."""
    if len(chunk) < 16:
        raise BadInput(f"{source}: its format chunk has {len(chunk)} bytes, expected 16 or more")
    code, channels, rate, bytes_per_second, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if code == EXTENSIBLE and len(chunk) >= 26:
        code = struct.unpack("<H", chunk[24:26])[0]
    if code != PCM or bits != 16:
        raise BadInput(
            f"{source}: format {code} with {bits} bits, expected 16-bit PCM; convert it: sox IN -b 16 -e signed OUT.wav"
        )
    if channels == 0 or rate not in RATES or bytes_per_second != rate * channels * 2:
        raise BadInput(
            f"{source}: its header cannot be right: {rate} Hz, {channels} channels, {bytes_per_second} bytes a second;"
            f" expected {RATES.start} to {RATES.stop - 1} Hz and rate x channels x 2 bytes a second"
        )
    return rate, channels


def _samples(rest, size, form, source):
    if form is None:
        raise BadInput(f"{source}: its data chunk stands before its format chunk")
    rate, channels = form
    if size in UNKNOWN_LENGTH and len(rest):
        size = len(rest) - len(rest) % (2 * channels)
    if size == 0:
        raise BadInput(f"{source}: holds no samples")
    if size > len(rest):
        raise BadInput(
            f"{source}: truncated: the header promises {size // (2 * channels)} samples,"
            f" {len(rest) // (2 * channels)} are there; copy it again"
        )
    if size % (2 * channels):
        raise BadInput(f"{source}: {size} bytes of samples are no whole number of {channels}-channel 16-bit frames")
    return rest[:size], rate, channels
