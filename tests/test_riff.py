"""Tags and chunks of any size around the sound."""

import io

import numpy as np
import pytest
from test_sound_grid import DATA, PLAIN, RATE, SAMPLES, WHOLE, Dribble, chunk, file, form, own, stage1, told

from cer.base.errors import BadInput
from cer.sound import riff
from cer.sound.audio import WavStream
from cer.sound.riff import Riff, id3_size, is_name, is_open

LONG = np.resize(SAMPLES, 600_000)  # more than is read at once


@pytest.mark.parametrize(
    "flags, size, expected",
    [(0, b"\0\0\0\0", 10), (0, b"\0\0\0\x7f", 137), (0, b"\0\0\2\1", 267), (0, b"\0\1\0\0", 16394),
     (0x10, b"\0\0\0\5", 25), (0xEF, b"\0\0\0\5", 15), (0, b"\x7f\x7f\x7f\x7f", 268435465)],
)  # fmt: skip
def test_the_size_of_a_tag_has_7_bits_a_byte(flags, size, expected):
    assert id3_size(b"ID3\4\0" + bytes([flags]) + size) == expected
    assert id3_size((b"ID3\4\0" + bytes([flags]) + size)[:9]) == 10


def piped(path):
    return np.concatenate([*WavStream(io.BytesIO(path.read_bytes())).pieces()])


@pytest.mark.parametrize("way", [stage1, own, piped])
def test_long_tags_and_chunks_stand_around_the_sound(tmp_path, capsys, way):
    tag = b"ID3\4\0\x10\0\0\2\1" + b"\1" * 257 + b"3DI\4\0\x10\0\0\2\1"  # with a footer
    big, path = chunk(b"LIST", bytes(2_000_001)), tmp_path / "a.wav"
    path.write_bytes(tag + tag + file(big, PLAIN, big, chunk(b"data", LONG.tobytes()), big, big))
    assert np.array_equal(way(path), LONG) and not told(capsys)


@pytest.mark.parametrize("way", [stage1, own, piped])
def test_the_first_of_two_format_chunks_holds(tmp_path, way):
    path = tmp_path / "a.wav"
    path.write_bytes(file(PLAIN, form(channels=2, bits=8), DATA))
    assert np.array_equal(way(path), SAMPLES)


def blocks(content, **options):
    return Riff(io.BytesIO(content), "a", len(content), **options)


def test_blocks_are_whole_frames_of_at_most_so_many_bytes():
    content = file(form(channels=3), chunk(b"data", SAMPLES[:990].tobytes()))
    sound = blocks(content)
    assert (sound.size, sound.frames, sound.order, sound.magic) == (1980, 330, "<", b"RIFF")
    found = [*sound.blocks(20)]
    assert b"".join(found) == SAMPLES[:990].tobytes()
    assert all(0 < len(block) <= 24 and len(block) % 6 == 0 for block in found)
    assert b"".join(Riff(Dribble(content), "a", kind="stream").blocks()) == SAMPLES[:990].tobytes()


def test_a_length_is_passed_over_without_reading():
    for content, frames in (
        (WHOLE, 1000),
        (file(PLAIN, chunk(b"data", SAMPLES.tobytes(), 0)), 1000),
        (WHOLE[:-1], 999),
    ):
        said = []
        one, other = blocks(content, say=said.append), blocks(content, say=said.append)
        assert one.pass_over() == frames == len(b"".join(other.blocks())) // 2
        assert said[: len(said) // 2] == said[len(said) // 2 :]


@pytest.mark.parametrize("per_second, said", [(0, 0), (2 * RATE, 0), (2 * RATE + 1, 1), (1, 1)])
def test_wrong_bytes_a_second_are_said(per_second, said):
    words = []
    blocks(file(form(per_second=per_second), DATA), say=words.append)
    assert len(words) == said
    assert not said or words[0].startswith(f"a: {per_second} bytes a second cannot be right at 16000 Hz")


@pytest.mark.parametrize(
    "kind, cure",
    [("file", "copy it again, or keep what is there"), ("archive", "make the archive again"),
     ("pipe", "the command stopped early"), ("stream", "what writes it stopped early")],
)  # fmt: skip
def test_who_truncated_the_sound_is_told_how_to_mend_it(kind, cure):
    total = len(WHOLE) - 2 if kind in ("file", "archive") else None
    with pytest.raises(BadInput, match=f"a: truncated: 1000 samples promised, 999 found; {cure}"):
        list(Riff(io.BytesIO(WHOLE[:-2]), "a", total, kind=kind).blocks())


@pytest.mark.parametrize("size, bits, unknown", [
    (0, 32, True), (1, 32, False), (2**32 - 1, 32, True), (2**32 - 2**16, 32, True), (2**32 - 2**16 - 1, 32, False),
    (2**31, 32, True), (2**31 + 1, 32, False), (2**31 - 2**16, 32, True), (2**31 - 2**16 - 1, 32, False),
    (2**32 - 1, 64, False), (2**64 - 2**16, 64, True), (2**64 - 2**16 - 1, 64, False), (2**63, 64, True),
    (2**63 + 1, 64, False), (2**63 - 2**16, 64, True), (2**63 - 2**16 - 1, 64, False),
])  # fmt: skip
def test_sizes_that_stand_for_unknown(size, bits, unknown):
    assert is_open(size, bits) == unknown and (bits == 64 or is_open(size) == unknown)


def test_the_name_of_a_chunk_is_four_letters():
    assert all(map(is_name, [*riff.CHUNKS, b"~~~~", b"    "]))
    assert not any(map(is_name, [b"dat", b"datas", b"da\0a", b"d\x7fta", b"abc\n"]))
