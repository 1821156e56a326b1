"""Format chunks, and samples as bytes."""

import struct

import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.sound import pcm


def form(code=1, channels=1, rate=16000, per_second=0, block=0, bits=16):
    return pcm.Form(code, channels, rate, per_second, block, bits)


@pytest.mark.parametrize(
    "code, bits, subtype, width, words",
    [
        (1, 8, "PCM_U8", 1, "8-bit PCM"), (1, 12, "PCM_16", 2, "12-bit PCM"), (1, 16, "PCM_16", 2, "16-bit PCM"),
        (1, 17, "PCM_24", 3, "17-bit PCM"), (1, 24, "PCM_24", 3, "24-bit PCM"), (1, 32, "PCM_32", 4, "32-bit PCM"),
        (3, 32, "FLOAT", 4, "32-bit float"), (3, 64, "DOUBLE", 8, "64-bit float"), (3, 16, None, 99, "16-bit float"),
        (6, 8, "ALAW", 1, "8-bit A-law"), (7, 8, "ULAW", 1, "8-bit mu-law"), (1, 40, None, 99, "40-bit PCM"),
        (2, 4, None, 99, "4-bit Microsoft ADPCM"), (0x11, 4, None, 99, "4-bit IMA ADPCM"),
        (0x31, 0, None, 99, "format 0x31"),
    ],
)  # fmt: skip
def test_a_format_says_how_wide_a_frame_is(code, bits, subtype, width, words):
    one, two = (form(code, channels, block=99, bits=bits) for channels in (1, 2))
    assert (one.subtype, one.width, str(one)) == (subtype, width, words)
    assert two.width == (2 * width if subtype else 99)


@pytest.mark.parametrize("order", "<>")
def test_a_chunk_is_read_in_either_order(order):
    chunk = struct.pack(f"{order}HHIIHH", 1, 2, 48000, 192000, 4, 16)
    expected = form(1, 2, 48000, 192000, 4, 16)
    assert pcm.read_form(chunk, order, "a") == pcm.read_form(chunk + b"xx", order, "a") == expected
    with pytest.raises(BadInput, match="a: its format chunk has 15 bytes, expected 16 or more"):
        pcm.read_form(chunk[:15], order, "a")
    extensible = struct.pack(f"{order}HHIIHHHHIH", 0xFFFE, 2, 48000, 192000, 4, 16, 22, 16, 3, 1)
    assert pcm.read_form(extensible, order, "a") == expected
    assert pcm.read_form(extensible[:25], order, "a").code == 0xFFFE  # cut before the code proper


@pytest.mark.parametrize("rate, channels, bits, block, good", [
    (1000, 1, 16, 2, True), (999, 1, 16, 2, False), (768_000, 1, 16, 2, True), (768_001, 1, 16, 2, False),
    (8000, 2, 16, 4, True), (8000, 2, 16, 0, True), (8000, 2, 16, 2, False), (8000, 0, 16, 0, False),
    (8000, 1, 0, 0, False), (8000, 3, 24, 9, True),
])  # fmt: skip
def test_a_head_that_cannot_be_right_is_refused(rate, channels, bits, block, good):
    chunk = struct.pack("<HHIIHH", 1, channels, rate, 0, block, bits)
    if good:
        assert pcm.read_form(chunk, "<", "a")[1:3] == (channels, rate)
        return
    with pytest.raises(BadInput, match=f"a: .* {rate} Hz, {channels} channels, {bits} bits, {block} bytes a frame;"):
        pcm.read_form(chunk, "<", "a")


@pytest.mark.parametrize(
    "code, bits, data, samples",
    [
        (1, 8, bytes([128, 0, 255, 129]), [0, -32768, 127 * 256, 256]),
        (1, 16, bytes([1, 0, 0, 0x80]), [1, -32768]),
        (1, 24, bytes([0, 1, 0, 0, 0, 0x80]), [1, -32768]),
        (1, 32, bytes([0, 0, 1, 0, 0, 0, 0, 0x80]), [1, -32768]),
        (3, 32, struct.pack("<2f", 1, -2.5), [32768, -81920]),
        (3, 64, struct.pack("<2d", 1, -2.5), [32768, -81920]),
        (6, 8, bytes([0xD5, 0x55, 0xAA]), [8, -8, 32256]),  # G.711
        (7, 8, bytes([0xFF, 0x00, 0x80]), [0, -32124, 32124]),
    ],
)
def test_samples_have_the_range_of_16_bit_integers(code, bits, data, samples):
    one, size = form(code, bits=bits), bits // 8
    assert pcm.decode(data, one, "<").tolist() == [[value] for value in samples]
    turned = b"".join(data[at : at + size][::-1] for at in range(0, len(data), size))
    assert pcm.decode(turned, one, ">").tolist() == [[value] for value in samples]
    two = pcm.decode(data + data, form(code, 2, bits=bits), "<")
    assert two.shape == (len(samples), 2) and two.ravel().tolist() == 2 * samples
    assert two.dtype == (np.int16 if (code, bits) == (1, 16) else np.float32)
    many = pcm.decode(data * 2000, form(code, 1000 * len(samples), bits=bits), "<")  # libsndfile takes 1024 channels
    assert many.shape == (2, 1000 * len(samples)) and many.ravel().tolist() == 2000 * samples
