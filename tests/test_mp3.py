"""Frames of MP3, by the standard's sizes (ISO 11172-3, 13818-3), and as libsndfile's decoder finds them."""

import io
import struct

import numpy as np
import pytest
import soundfile

from cer.sound import mp3

KBITS = {3: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]}
KBITS |= {version: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160] for version in (2, 0)}
HZ = {3: [44100, 48000, 32000], 2: [22050, 24000, 16000], 0: [11025, 12000, 8000]}
SIDE = {(3, 0): 32, (3, 3): 17, (2, 0): 17, (2, 3): 9, (0, 0): 17, (0, 3): 9}  # bytes by version, mode (3: one channel)


def frame(version=3, kbits=9, rate=0, padding=0, mode=3, layer=1):
    """A silent frame of a version (3: MPEG-1), an index of bit rates from 1 on, and one of sampling rates."""
    head = bytes([0xFF, 0xE1 | version << 3 | layer << 1, kbits << 4 | rate << 2 | padding << 1, mode << 6])
    samples = 1152 if version == 3 else 576
    return head.ljust(samples * 125 * KBITS[version][kbits - 1] // HZ[version][rate] + padding, b"\0")


ONE, OTHER = frame(), frame(kbits=5)


@pytest.mark.parametrize("version", [3, 2, 0])
@pytest.mark.parametrize("rate", [0, 1, 2])
@pytest.mark.parametrize("kbits", range(1, 15))
def test_every_kind_of_frame_has_the_standards_size(version, rate, kbits):
    made = frame(version, kbits, rate) + 9 * frame(version, kbits, rate, padding=1)
    found, samples = mp3.count(made), 1152 if version == 3 else 576
    assert found == mp3.Frames(0, 0, None, 10, False, samples, made[:4])
    sound, hz = soundfile.read(io.BytesIO(mp3.xing(found) + made))
    assert (len(sound), hz) == (10 * samples, HZ[version][rate])  # the decoder agrees


@pytest.mark.parametrize("version, mode", SIDE)
def test_a_head_that_promises_frames_precedes_them(version, mode):
    def made(words):
        one = frame(version, mode=mode, kbits=8)
        return one[: 4 + SIDE[version, mode]] + words + one[4 + SIDE[version, mode] + len(words) :] + 3 * one

    size = len(made(b"")) // 4
    for name in (b"Xing", b"Info"):
        assert mp3.count(made(name + struct.pack(">II", 1, 77)))[:4] == (0, size, 77, 3)
        assert mp3.count(made(name + struct.pack(">II", 15, 77)))[:4] == (0, size, 77, 3)
        assert mp3.count(made(name + struct.pack(">II", 14, 77)))[:4] == (0, size, None, 3)  # does not say how many
        assert mp3.count(made(name + struct.pack(">II", 1, 0)))[:4] == (0, size, None, 3)
    assert mp3.count(made(b"Ximg" + struct.pack(">II", 1, 77)))[:4] == (0, 0, None, 4)
    assert mp3.count(made(b""))[:4] == (0, 0, None, 4)


def test_a_vbri_head_is_no_sound():
    assert mp3.count(ONE[:36] + b"VBRI" + ONE[40:] + 3 * ONE)[:4] == (0, len(ONE), None, 3)


def test_what_a_new_head_promises_is_what_there_is():
    for version, mode in SIDE:
        one = frame(version, mode=mode, kbits=3)
        head = mp3.xing(mp3.count(9 * one))
        found = mp3.count(head + 9 * one)
        assert (found.promised, found.found, found.cut) == (10, 10, False)
        assert len(soundfile.read(io.BytesIO(head + 9 * one))[0]) == 9 * found.samples
        np.testing.assert_array_equal(soundfile.read(io.BytesIO(head + 9 * one))[0], 0)


@pytest.mark.parametrize("search", [1, 2, 500])
def test_the_first_frame_may_begin_in_so_many_bytes(search):
    junk = b"\xff\xfb\0\0" + bytes(search)
    assert mp3.count(junk[: search - 1] + 3 * ONE, 0, search)[:4] == (search - 1, search - 1, None, 3)
    assert mp3.count(junk[:search] + 3 * ONE, 0, search) is None
    assert mp3.count(b"xy" + junk[: search - 1] + 3 * ONE, 2, search)[:4] == (search + 1, search + 1, None, 3)


def test_a_frame_is_one_if_another_of_its_kind_follows_it_or_the_end():
    assert mp3.count(ONE).found == 1 and mp3.count(ONE + OTHER).found == 2
    assert mp3.count(ONE[:-1]) is None and mp3.count(ONE + b"x") is None
    assert mp3.count(ONE + ONE[:3]) is None and mp3.count(ONE + ONE[:4])[3:5] == (1, True)
    assert mp3.count(ONE + frame(2)) is None  # of another version
    unprotected = bytes([0xFF, 0xFA]) + ONE[2:]  # with a checksum, or without: the same kind
    assert mp3.count(ONE + unprotected + ONE).found == 3
    assert mp3.count(frame(layer=2)[:4].ljust(417, b"\0") * 3) is None  # layer II
    assert mp3.count((bytes([0xFF, 0xEB]) + ONE[2:]) * 3) is None  # a version that there is not


@pytest.mark.parametrize("third", [0x00, 0xF0, 0x9C])
def test_no_frame_has_a_free_or_forbidden_bit_rate_or_no_sampling_rate(third):
    assert mp3.count((ONE[:2] + bytes([third]) + ONE[3:]) * 3) is None


def test_a_part_of_a_frame_at_the_end_is_told_and_what_is_between_frames_passed_over():
    assert mp3.count(3 * ONE)[3:5] == (3, False)
    assert mp3.count(3 * ONE + ONE[:-1])[3:5] == (3, True)
    assert mp3.count(3 * ONE + b"TAG" + bytes(125))[3:5] == (3, False)
    assert mp3.count(3 * ONE + b"damage" + 2 * ONE)[3:5] == (5, False)
    assert mp3.count(3 * ONE + b"damage" + 2 * ONE + ONE[:9])[3:5] == (5, True)
    assert mp3.count(b"") is None and mp3.count(bytes(99)) is None
