"""Samples as bytes: what a wav file's format chunk says about them, and how they are decoded."""

import io
import struct
from typing import NamedTuple

import numpy as np

from cer.base.errors import BadInput

RATES = range(1000, 768001)  # Hz
EXTENSIBLE = 0xFFFE  # the code proper stands further back in the chunk
SUBTYPES = {  # format code, bytes a sample -> libsndfile's name
    (1, 1): "PCM_U8", (1, 2): "PCM_16", (1, 3): "PCM_24", (1, 4): "PCM_32",
    (3, 4): "FLOAT", (3, 8): "DOUBLE", (6, 1): "ALAW", (7, 1): "ULAW",
}  # fmt: skip
CODES = {1: "PCM", 2: "Microsoft ADPCM", 3: "float", 6: "A-law", 7: "mu-law", 0x11: "IMA ADPCM"}
CONVERT = "sox IN -b 16 -e signed OUT.wav"
STREAM = "sox IN -b 16 -e signed -t wav - | ..."
FULL_SCALE = np.float32(32768)  # of 16-bit integers, whose range all samples have here


class Form(NamedTuple):
    """What a format chunk says."""

    code: int  # of CODES
    channels: int
    rate: int  # Hz
    bytes_per_second: int
    block: int  # bytes of a frame, as the chunk says
    bits: int  # of a sample

    @property
    def subtype(self):
        """libsndfile's name of the samples' type; None where several are packed in a block."""
        return SUBTYPES.get((self.code, -(-self.bits // 8)))

    @property
    def width(self):
        """Bytes of a frame (a sample of every channel), or of a block."""
        return self.channels * -(-self.bits // 8) if self.subtype else self.block

    def __str__(self):
        return f"{self.bits}-bit {CODES[self.code]}" if self.code in CODES else f"format {self.code:#x}"


def read_form(chunk, order, name):
    """The Form of a format chunk's bytes; order: "<" or ">"; name: for messages. Raises BadInput.

    Channels, bits and the bytes of a frame must agree; the bytes a second are not looked at.
    """
    if len(chunk) < 16:
        raise BadInput(
            f"{name}: its format chunk has {len(chunk)} bytes, expected 16 or more; write it anew: {CONVERT}"
        )
    form = Form(*struct.unpack(f"{order}HHIIHH", chunk[:16]))
    if form.code == EXTENSIBLE and len(chunk) >= 26:
        form = form._replace(code=struct.unpack(f"{order}H", chunk[24:26])[0])
    if not form.channels or form.rate not in RATES or not form.width or form.block not in (0, form.width):
        raise BadInput(
            f"{name}: its header cannot be right: {form.rate} Hz, {form.channels} channels, {form.bits} bits,"
            f" {form.block} bytes a frame; expected {RATES.start} to {RATES.stop - 1} Hz, and channels x bits / 8 bytes"
            " a frame; copy it again"
        )
    return form


def decode(data, form, order):
    """Samples (N, channels) of whole frames: int16, or float32 in the range of 16-bit integers; order: "<" or ">"."""
    if form.subtype == "PCM_16":
        return np.frombuffer(data, f"{order}i2").reshape(-1, form.channels)
    import soundfile  # here, because stage 1 needs none of it

    samples, _ = soundfile.read(
        io.BytesIO(data), dtype="float32", format="RAW", subtype=form.subtype, channels=1, samplerate=form.rate,
        endian="BIG" if order == ">" else "LITTLE",
    )  # fmt: skip
    return samples.reshape(-1, form.channels) * FULL_SCALE  # libsndfile takes no more than 1024 channels
