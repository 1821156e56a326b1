"""Formats and faults of heads, read by stage 1, from archives and pipes, as own recordings and live: one rule for all.

Beside what we do stands what Kaldi (kaldi_native_io) and libsndfile do. We differ from Kaldi on purpose: it reads what
is there of a truncated file, walks odd and early chunks wrongly, and checks redundant numbers.
"""

import io
import os
import re
import struct
import threading
import time

import kaldi_native_io
import numpy as np
import pytest
import soundfile

from cer.base.errors import BadInput
from cer.sound import mp3, riff, sndfile, wav
from cer.sound.audio import Recording, WavStream
from cer.sound.samples import as_samples
from cer.sound.sndfile import Spliced

RATE, N = 16000, 1000
RNG = np.random.default_rng(3)
SAMPLES = RNG.integers(-9000, 9000, N).astype("<i2")
SOUND = SAMPLES.tobytes()
GUID = bytes.fromhex("000000001000800000aa00389b71")  # behind the two bytes of a format's code


def chunk(name, content, size=None, pad=True):
    size = len(content) if size is None else size
    return name + struct.pack("<I", size) + content + b"\0" * (pad and len(content) % 2)


def form(code=1, channels=1, bits=16, extra=b"", block=None, per_second=None):
    block = channels * bits // 8 if block is None else block
    per_second = RATE * channels * bits // 8 if per_second is None else per_second
    return chunk(b"fmt ", struct.pack("<HHIIHH", code, channels, RATE, per_second, block, bits) + extra)


def file(*chunks, size=None, magic=b"RIFF"):
    content = b"WAVE" + b"".join(chunks)
    return magic + struct.pack("<I", len(content) if size is None else size) + content


def sized(size):
    return file(form(), chunk(b"data", SOUND, size))


def rf64(size, magic=b"RF64"):
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 0, size, 0, 0))
    return file(ds64, form(), chunk(b"data", SOUND, 0xFFFFFFFF), size=0xFFFFFFFF, magic=magic)


PLAIN, DATA = form(), chunk(b"data", SOUND)
HALVES = [chunk(b"data", SOUND[:N]), chunk(b"data", SOUND[N:])]
WHOLE = file(PLAIN, DATA)
ODD = chunk(b"LIST", b"INFOISFT\5\0\0\0Lavf\0")
EXTENSIBLE = struct.pack("<HHIH", 22, 16, 4, 1) + GUID
RIFX = b"RIFX\0\0\0\0WAVEfmt " + struct.pack(">IHHIIHH4sI", 16, 1, 1, RATE, 2 * RATE, 2, 16, b"data", 2 * N)
OPEN = "does not say how long"
# name: (bytes, samples or error, warning, Kaldi's samples, libsndfile's; 0: it refuses)
HEADS = {
    "whole": (WHOLE, N, "", N, N),
    **{f"RIFF size {n:#x}": (file(PLAIN, DATA, size=n), N, "", N, N) for n in (0, 5, 36, 10**9, 0xFFFFFFFF)},
    "never filled in": (sized(0), N, OPEN, N, 0),
    "both 0": (file(PLAIN, chunk(b"data", SOUND, 0), size=0), N, OPEN, N, 0),
    **{
        f"data size {n:#x}": (sized(n), N, f"{OPEN} .*{n:#x}", N, N)
        for n in (0xFFFFFFFF, 0xFFFFFFDB, 0xFFFF1000, 0x7FFFFFFF, 0x7FFFFFDB, 0x7FFFF000, 0x80000000)
    },
    "one byte too many": (sized(2 * N + 1), N, "2001 bytes of sound promised, 2000 found", N, N),
    "one byte too few": (sized(2 * N - 1), N - 1, "1999 bytes of sound promised", N - 1, N - 1),
    "a sample too many": (sized(2 * N + 2), "truncated: 1001 samples promised, 1000 found", "", N, N),
    "size of the file": (sized(2 * N + 44), "truncated: 1022 samples promised", "", N, N),
    "no size we know": (sized(0x7F000000), "truncated: 1065353216 samples promised", "", N, N),
    "half the size": (sized(N), N // 2, "after the sound are no chunk.*--ignore-length", N // 2, N // 2),
    "cut": (WHOLE[: 44 + N], "truncated: 1000 samples promised, 500 found", "", N // 2, N // 2),
    "cut by a byte": (WHOLE[:-1], N - 1, "2000 bytes of sound promised, 1999 found", N - 1, N - 1),
    "cut behind the head": (WHOLE[:44], "truncated: 1000 samples promised, 0 found", "", 0, 0),
    "cut in the head": (WHOLE[:40], "truncated: it ends after 40 bytes", "", 0, 0),
    "no samples": (file(PLAIN, chunk(b"data", b"")), "holds no samples", "", 0, 0),
    "no samples, a chunk": (file(PLAIN, chunk(b"data", b""), ODD), "holds no samples", "", len(ODD) // 2, 0),
    "no data chunk": (file(PLAIN, ODD), "without its data chunk .its chunk b'LIST' promises 17", "", 0, 0),
    "chunks behind": (file(PLAIN, DATA, ODD, chunk(b"id3 ", b"x" * 7)), N, "", N, N),
    "a tag behind": (WHOLE + b"TAG" + b"\0" * 125, N, "", N, N),
    "zeros behind": (WHOLE + b"\0" * 500, N, "after the sound are no chunk", N, N),
    "a byte behind": (WHOLE + b"x", N, "after the sound are no chunk", N, N),
    "chunk in front": (file(PLAIN, ODD, DATA), N, "", 0, N),
    "pad byte forgotten": (file(PLAIN, ODD[:-1], DATA), N, "", N, 0),
    "pad byte of garbage": (file(PLAIN, ODD[:-1] + b"Q", DATA), N, "", 0, N),
    "JUNK and bext first": (file(chunk(b"JUNK", b"\0" * 28), chunk(b"bext", b"\0" * 603), PLAIN, DATA), N, "", 0, N),
    "a wrong fact": (file(PLAIN, chunk(b"fact", b"\5\0\0\0"), DATA), N, "", N, N),
    "two data chunks": (file(PLAIN, *HALVES), N // 2, "second data", N // 2, 0),
    "empty data, data": (file(PLAIN, chunk(b"data", b""), DATA), N, "", N + 4, 0),
    "a chunk without end": (file(PLAIN, chunk(b"LIST", b"abcd", 0xFFFFFFFF), DATA), "without its data chunk", "", 0, 0),
    "data before format": (file(DATA, PLAIN), "stands before its format chunk", "", 0, 0),
    "format of 14 bytes": (file(chunk(b"fmt ", PLAIN[8:22]), DATA), "format chunk has 14 bytes", "", 0, 0),
    "format of 17 bytes": (file(form(extra=b"\0"), DATA), N, "", 0, N),
    "format of 18 bytes": (file(form(extra=b"\0\0"), DATA), N, "", N, N),
    "format of 40 bytes": (file(form(extra=b"\0" * 24), DATA), N, "", N, N),
    "extensible": (file(form(0xFFFE, extra=EXTENSIBLE), DATA), N, "", N, N),
    "extensible, size 0": (file(form(0xFFFE, extra=b"\0\0" + EXTENSIBLE[2:]), DATA), N, "", 0, N),
    "wrong frame": (file(form(block=4), DATA), "cannot be right: .*4 bytes a frame", "", 0, N),
    "no channel": (file(form(channels=0), DATA), "cannot be right: .*0 channels", "", 0, 0),
    "tag in front": (b"ID3\3\0\0\0\0\0\x20" + bytes(32) + WHOLE, N, "", 0, N),
    "RIFX": (RIFX + SAMPLES.byteswap().tobytes(), N, "", N, N),
    "nothing": (b"", r"empty \(0 bytes\)", "", 0, 0),
    "zeros": (bytes(500), "zeros where its head should be", "", 0, 0),
    "a web page": (b"<!DOCTYPE html><html>404</html>", "a web page", "", 0, 0),
    "text": (b"no sound at all, but words", "text, no sound", "", 0, 0),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a", "run git lfs pull", "", 0, 0),
    "a video": (file(size=99).replace(b"WAVE", b"AVI ") + bytes(50), "AVI video", "", 0, 0),
}  # fmt: skip
# Stage 1 refuses these, as Kaldi does: it names them and the cure. The others read them. (bytes, samples, warning)
MORE = {
    "8 bits": (file(form(bits=8), chunk(b"data", bytes(range(250)) * 4)), N, ""),
    "24 bits": (file(form(bits=24), chunk(b"data", RNG.bytes(3 * N))), N, ""),
    "24 bits cut by a byte": (file(form(bits=24), chunk(b"data", RNG.bytes(3 * N)))[:-1], N - 1, "whole frames of 3"),
    "32 bits": (file(form(bits=32), chunk(b"data", RNG.bytes(4 * N))), N, ""),
    "float": (file(form(3, bits=32), chunk(b"data", (SAMPLES / 7000).astype("<f4").tobytes())), N, ""),
    "double, open": (file(form(3, bits=64), chunk(b"data", (SAMPLES / 7000).tobytes(), 0)), N, OPEN),
    "A-law": (file(form(6, bits=8), chunk(b"data", RNG.bytes(N))), N, ""),
    "mu-law": (file(form(7, bits=8, extra=b"\0\0"), chunk(b"data", RNG.bytes(N))), N, ""),
    "12 bits": (file(form(bits=12, block=2, per_second=2 * RATE), DATA), N, ""),
    "RF64": (rf64(2 * N), N, ""),
    "BW64": (rf64(2 * N, b"BW64"), N, ""),
    "RF64, open": (rf64(0), N, OPEN),
    "RF64 of -1": (rf64(2**64 - 1), N, OPEN),
    "RF64 without its chunk": (file(PLAIN, chunk(b"data", SOUND, 0xFFFFFFFF), magic=b"RF64"), N, OPEN),
    "bytes a second": (file(form(per_second=99), DATA), N, "99 bytes a second cannot be right"),
    "no bytes a second": (file(form(per_second=0), DATA), N, ""),
    "no bytes a frame": (file(form(block=0), DATA), N, ""),
}  # fmt: skip


class Dribble(io.BytesIO):
    """A pipe from which little comes at once."""

    def read1(self, size=-1):
        return super().read(min(size, 77))


def stage1(path):
    return wav.read(path)[0]


def piped(path):
    return wav.read_channels(f"cat {path} |", allow_pipes=True)[0][0]


def own(path):
    recording = Recording(path)
    samples = np.concatenate([*recording.pieces()])
    assert recording.seconds * recording.rate == len(samples) == len(np.concatenate([*recording.pieces()]))
    return samples


def live(path):
    return np.concatenate([*WavStream(Dribble(path.read_bytes())).pieces()])


def tried(way, path):
    """Samples, or the message of an error."""
    try:
        return way(path)
    except BadInput as error:
        return str(error)


def told(capsys):
    return capsys.readouterr().err


@pytest.mark.parametrize("way", [stage1, piped, own, live])
@pytest.mark.parametrize("name", HEADS)
def test_every_reader_obeys_one_rule(tmp_path, capsys, name, way):
    content, expected, warning, _, _ = HEADS[name]
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    found = tried(way, path)
    if isinstance(expected, str):
        assert isinstance(found, str) and re.search(expected, found), found
        assert ("a.wav" in found) == (way is not live) and ("standard input" in found) == (way is live)
        return
    assert np.array_equal(found, SAMPLES[:expected]), found
    text = told(capsys)
    if warning.startswith(f"{OPEN} ") and way in (piped, live):
        warning = ""  # who writes into a pipe cannot know the size
    assert re.search(warning, text) if warning else not text
    assert text.count("WARNING") <= 1


@pytest.mark.parametrize("name", [*HEADS, *MORE])
def test_a_length_is_what_reading_finds_with_the_same_words(tmp_path, capsys, name):
    path = tmp_path / "a.wav"
    path.write_bytes((HEADS | MORE)[name][0])
    read, words = tried(stage1, path), told(capsys)
    length = tried(wav.length, path)
    assert told(capsys) == words
    assert length == (read if isinstance(read, str) else (len(read), RATE))


@pytest.mark.parametrize("name", HEADS)
def test_what_kaldi_and_libsndfile_do(tmp_path, name):
    content, _, _, kaldi, libsndfile = HEADS[name]
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    try:
        found = kaldi_native_io.read_wave(str(path)).data.numpy().shape[1]
    except RuntimeError:
        found = 0
    assert found == kaldi
    try:
        assert len(soundfile.read(path)[0]) == libsndfile
    except soundfile.LibsndfileError:
        assert not libsndfile


@pytest.mark.parametrize("name", MORE)
def test_more_formats_are_read_but_by_stage_1_which_keeps_to_kaldis(tmp_path, capsys, name):
    content, expected, warning = MORE[name]
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    for way in (stage1, piped):
        message = tried(way, path)
        assert "expected 16-bit PCM in RIFF" in message or "which Kaldi's programs check" in message
        assert "sox IN -b 16 -e signed OUT.wav" in message
    told(capsys)
    found, text = own(path), told(capsys)
    assert len(found) == expected and (re.search(warning, text) if warning else not text)
    assert np.array_equal(found, live(path))
    if name not in (
        "double, open",
        "BW64",
        "RF64, open",
        "RF64 of -1",
        "RF64 without its chunk",
        "24 bits cut by a byte",
    ):
        np.testing.assert_array_equal(found, soundfile.read(path, dtype="float32")[0] * np.float32(32768))
    with pytest.raises(RuntimeError):
        kaldi_native_io.read_wave(str(path))


@pytest.mark.parametrize("subtype", ["IMA_ADPCM", "MS_ADPCM", "GSM610"])
def test_packed_samples_are_read_from_files_alone(tmp_path, subtype):
    path = tmp_path / "a.wav"
    soundfile.write(path, RNG.standard_normal(9000) / 10, RATE, subtype)
    assert np.array_equal(own(path), soundfile.read(path, dtype="float32")[0] * np.float32(32768))
    assert "expected 16-bit PCM" in tried(stage1, path) and "expected PCM or float" in tried(live, path)
    content = bytearray(path.read_bytes())
    path.write_bytes(content[:1000])
    assert "truncated: " in tried(own, path)
    struct.pack_into("<I", content, content.index(b"data") + 4, 0xFFFFFFFF)
    path.write_bytes(content)
    assert re.search("a.wav: .* of unknown length; write it anew: sox IN -b 16", tried(own, path))


def test_several_tags_may_stand_in_front(tmp_path):
    path, tag = tmp_path / "a", b"ID3\3\0\0\0\0\0\x20" + bytes(32)
    for kind in ("FLAC", "AIFF", "WAV"):
        path.write_bytes(tag + tag + written(path, SAMPLES, format=kind, subtype="PCM_16"))
        assert np.array_equal(own(path), SAMPLES)


def test_an_archive_holds_more_than_one_recording(tmp_path, capsys):
    path = tmp_path / "a.ark"
    for content, expected in ((WHOLE, N), (file(PLAIN, DATA, ODD), N), (sized(N), N // 2), (RIFX, "begins within")):
        path.write_bytes(b"one " + content + b"two " + WHOLE)
        found = tried(stage1, f"{path}:4")
        assert expected in found if isinstance(expected, str) else np.array_equal(found, SAMPLES[:expected])
        assert np.array_equal(stage1(f"{path}:{8 + len(content)}"), SAMPLES)
    assert not told(capsys)
    for content in (sized(0), sized(0xFFFFFFFF), WHOLE[: 44 + N]):
        path.write_bytes(b"one " + content + b"two " + WHOLE)
        assert "another wav begins within its sound" in tried(stage1, f"{path}:4")
        path.write_bytes(b"one " + content)
        found = tried(stage1, f"{path}:4")
        assert "truncated" in found if len(content) < len(WHOLE) else len(found) == N
    assert "empty" in tried(stage1, f"{path}:99999")
    assert "cannot be read" in tried(stage1, f"{path}:1²")


def test_wavs_of_4_gib_need_the_size_of_64_bits():
    assert riff.is_open(0xFFFFFFFF) and not riff.is_open(0xFFFFFFFF, 64)
    assert riff.is_open(2**64 - 1, 64) and riff.is_open(0, 64) and riff.is_open(2**63 - 1, 64)
    assert not any(map(riff.is_open, (1, 2**31 - 2**16 - 1, 2**31 + 1, 2**32 - 2**16 - 1)))


def written(path, samples, rate=RATE, **how):
    soundfile.write(path, samples, rate, **how)
    return path.read_bytes()


@pytest.mark.parametrize(
    "kind",
    "AIFF-PCM_16 AIFF-PCM_24 AIFF-ULAW AU-PCM_16 AU-FLOAT CAF-PCM_24 W64-PCM_16 W64-FLOAT RF64-PCM_24 SVX-PCM_16"
    " NIST-PCM_16 AVR-PCM_16 FLAC-PCM_16 OGG-VORBIS OGG-OPUS MP3-MPEG_LAYER_III VOC-PCM_16".split(),
)
def test_truncated_files_of_every_format_are_reported(tmp_path, capsys, kind):
    path = tmp_path / "a"
    whole = written(
        path, RNG.standard_normal(30000) / 10, **dict(zip(("format", "subtype"), kind.split("-"), strict=True))
    )
    expected = own(path)
    assert len(expected) == 30000 and not told(capsys)
    if kind != "VOC-PCM_16":  # what follows is not sound
        path.write_bytes(whole + b"TAG" + b"\1" * 125)
        assert np.array_equal(own(path), expected)
    path.write_bytes(b"ID3\3\0\0\0\0\0\x20" + bytes(32) + whole)
    np.testing.assert_allclose(own(path), expected, atol=1e-2)
    for part in (whole[: len(whole) // 2], whole[:-900], b"ID3\3\0\0\0\0\0\x20" + bytes(32) + whole[:-900]):
        path.write_bytes(part)
        told(capsys)
        assert "truncated" in tried(own, path)


@pytest.mark.parametrize("kind", ["AIFF", "AU", "AVR", "CAF", "W64", "NIST", "OGG", "MP3"])
def test_heads_cut_anywhere_and_sizes_without_sense_are_told_of(tmp_path, kind):
    path = tmp_path / "a"
    whole = written(path, RNG.standard_normal(9000) / 10, format=kind)
    for size in range(1, 140, 5):
        path.write_bytes(whole[:size])
        assert "a: " in tried(own, path)
    for at in range(4, 140, 3):
        path.write_bytes(whole[:at] + b"\xff\xff\xff\xff\xff\xff\xff\x7e" + whole[at + 8 :])
        tried(own, path)  # whatever it says, it is no other exception


def test_streams_one_after_the_other_are_not_read_by_half(tmp_path):
    path = tmp_path / "a.ogg"
    path.write_bytes(2 * written(path, RNG.standard_normal(30000) / 10))
    assert "several streams, one after the other" in tried(own, path)


def test_lengths_that_programs_left_open_in_other_formats(tmp_path, capsys):
    path = tmp_path / "a"
    for kind, name, sizes, length in (
        ("AU", None, (0xFFFFFFFF,), ">I"),
        ("AIFF", b"SSND", (0, 0x7FFFFFFF, 0xFFFFFFFF), ">I"),
        ("W64", b"data\xf3", (0, 2**63 - 1, 2**64 - 1), "<Q"),
    ):
        content = bytearray(written(path, SAMPLES, format=kind, subtype="PCM_16"))
        at = 8 if name is None else content.index(name) + (16 if kind == "W64" else 4)
        for size in sizes:
            struct.pack_into(length, content, at, size)
            path.write_bytes(content)
            assert np.array_equal(own(path), SAMPLES), (kind, size)
    content = bytearray(written(path, SAMPLES, format="FLAC"))
    content[21:26] = bytes([content[21] & 0xF0]) + bytes(4)  # as a FLAC that went through a pipe
    path.write_bytes(content)
    assert np.array_equal(own(path), SAMPLES) and not told(capsys)
    content = bytearray(written(path, SAMPLES, format="AU"))
    content[8:12] = bytes(4)
    path.write_bytes(content)
    assert "its header says that it holds no samples, of 2024 bytes" in tried(own, path)


def test_more_sound_in_a_flac_than_its_head_promises_is_refused(tmp_path):
    path = tmp_path / "a.flac"
    whole = written(path, SAMPLES)
    for behind in (bytes(3), b"TAG" + bytes(125), RNG.bytes(9999)):  # no sound
        path.write_bytes(whole + behind)
        assert np.array_equal(own(path), SAMPLES)
    short = whole[:21] + bytes([whole[21] & 0xF0]) + (N - 1).to_bytes(4) + whole[26:]
    tag = b"ID3\3\0\0\0\0\0\x20" + bytes(32)
    for content in (short, tag + short, whole + whole, tag + whole + tag + whole, short + whole):
        path.write_bytes(content)
        assert "a.flac: found more sound than the " in tried(own, path)


def test_text_in_utf_16_is_no_mp3_and_unknown_codecs_are_named(tmp_path):
    path = tmp_path / "a.mp3"
    path.write_text("\ufeffno sound " * 999, encoding="utf-16")
    assert "text in UTF-16, no sound" in tried(own, path)
    path.write_bytes(file(form(0x28F, bits=4, block=1), DATA))
    assert "no audio that can be read: format 0x28f in RIFF" in tried(own, path)


@pytest.mark.parametrize(
    "kind, width",
    [("AU-PCM_S8", 1), ("AIFF-PCM_U8", 1), ("AU-PCM_16", 2), ("CAF-PCM_24", 3), ("W64-PCM_32", 4), ("W64-FLOAT", 4),
     ("AIFF-DOUBLE", 8), ("AU-ULAW", 1), ("CAF-ALAW", 1), ("NIST-PCM_16", 2), ("AVR-PCM_16", 2), ("AVR-PCM_S8", 1)],
)  # fmt: skip
@pytest.mark.parametrize("channels", [1, 2])
def test_a_missing_frame_is_an_error_and_a_part_of_one_a_warning(tmp_path, capsys, kind, width, channels):
    path, size = tmp_path / "a", width * channels
    about = dict(zip(("format", "subtype"), kind.split("-"), strict=True))
    whole = written(path, np.stack([SAMPLES / 32768] * channels, axis=1), **about)
    sound = Recording(path, 0)
    expected = np.concatenate([*sound.pieces()])
    assert len(expected) == N and not told(capsys)
    path.write_bytes(whole[:-size])
    with pytest.raises(BadInput, match="truncated: 1000 samples promised, 999 found; copy it again"):
        list(Recording(path, 0).pieces())
    for cut in range(1, size):
        path.write_bytes(whole[:-cut])
        assert np.array_equal(np.concatenate([*Recording(path, 0).pieces()]), expected[:-1])
        words = f"{N * size} bytes of sound promised, {N * size - cut} found; the whole frames of {size} are read"
        assert words in told(capsys)


def test_the_last_page_of_a_long_ogg_is_looked_at(tmp_path):
    path = tmp_path / "a.ogg"
    whole = written(path, RNG.standard_normal(1_100_000) / 10, 48000)
    assert len(whole) > 131_000 and len(own(path)) == 1_100_000  # longer than two pages
    for part in (whole[:-1], whole[: len(whole) // 2]):
        path.write_bytes(part)
        assert "truncated: its last page is cut, or does not end the stream" in tried(own, path)


def test_damage_is_told_with_libsndfiles_words_and_a_file_it_cannot_open_with_its_sizes(tmp_path):
    path, tag = tmp_path / "a", b"ID3\3\0\0\0\0\0\x20" + bytes(32)
    whole = bytearray(written(path, RNG.standard_normal(30000) / 10, format="FLAC"))
    whole[30000:30300] = bytes(300)
    path.write_bytes(whole)
    words = "truncated or damaged: 30000 samples promised, not readable after 0 (libsndfile: Error : "
    assert words in tried(own, path)
    whole[21:26] = bytes([whole[21] & 0xF0]) + bytes(4)  # of a length that is not known
    path.write_bytes(whole)
    assert words.replace("30000 samples promised, ", "") in tried(own, path)
    whole = written(path, SAMPLES, format="CAF", subtype="PCM_16")
    for front in (b"", tag):
        path.write_bytes(front + whole[: -2 * N + 5])
        assert "a: truncated: 2000 bytes promised, 5 found; copy it again" in tried(own, path)


def test_less_than_a_frame_is_missing(tmp_path, capsys):
    path = tmp_path / "a.aiff"
    path.write_bytes(written(path, SAMPLES, subtype="PCM_24")[:-2])
    assert len(own(path)) == N - 1 and "3000 bytes of sound promised, 2998 found" in told(capsys)


@pytest.fixture(scope="module", params=[(RATE, 1, "VARIABLE"), (44100, 2, "VARIABLE"), (RATE, 2, "CONSTANT")])
def tape(request, tmp_path_factory):
    """An MP3 whose first quarter is loud, with a Xing head, and its frames; libsndfile's estimate is far too small."""
    rate, channels, mode = request.param
    sound = RNG.standard_normal((rate * 6, channels)) / 10
    sound[rate:] /= 1000
    path = tmp_path_factory.mktemp("mp3") / "a.mp3"
    content = written(path, sound, rate, subtype="MPEG_LAYER_III", bitrate_mode=mode)
    return path, content, mp3.count(content), rate * 6


def read_mp3(tape, content):
    tape[0].write_bytes(content)
    return np.concatenate([*Recording(tape[0], 0).pieces()])


def test_mp3_is_read_to_its_end_with_and_without_a_xing_head(tape, capsys):
    _, content, frames, length = tape
    whole, bare = read_mp3(tape, content), content[frames.first :]
    assert len(whole) == length and frames.promised == frames.found
    for front in (b"", b"ID3\3\0\0\0\0\0\x20" + bytes(32), bytes(700), b"what else" * 50):
        assert len(read_mp3(tape, front + content)) == length
        found = read_mp3(tape, front + bare)
        assert len(found) == frames.found * frames.samples
        np.testing.assert_allclose(found[1105 + 5000 :][:9000], whole[5000:14000], atol=0.1)
    assert len(read_mp3(tape, content + b"TAG" + bytes(125))) == length
    assert not told(capsys)


def test_mp3_that_is_cut_or_joined_is_said(tape, capsys):
    _, content, frames, _ = tape
    with pytest.raises(BadInput, match=f"truncated or damaged: {frames.found * frames.samples} samples promised"):
        read_mp3(tape, content[: len(content) // 2])
    assert len(read_mp3(tape, content[:-1])) and "ends within a frame" in told(capsys)
    assert len(read_mp3(tape, content[frames.first : -1])) and "ends within a frame" in told(capsys)
    assert len(read_mp3(tape, content + content)) >= 2 * frames.found * frames.samples - 1
    assert "samples promised" in told(capsys)


@pytest.mark.parametrize("more, words", [(2, "truncated or damaged"), (1, ""), (-1, ""), (-2, "all are read")])
def test_a_xing_head_may_be_wrong_by_a_frame(tape, capsys, more, words):
    """As those of encoders that count the head itself, or do not."""
    _, content, frames, length = tape
    at = max(content.find(b"Xing"), content.find(b"Info")) + 8
    assert struct.unpack_from(">I", content, at) == (frames.found,)
    content = bytearray(content)
    struct.pack_into(">I", content, at, frames.found + more)
    if more == 2:
        with pytest.raises(BadInput, match=f"{words}: {(frames.found + 2) * frames.samples} samples promised"):
            read_mp3(tape, content)
        return
    assert len(read_mp3(tape, content)) >= length - frames.samples
    text = told(capsys)
    assert words in text if words else not text


def test_bytes_in_front_of_a_file_are_read_as_one_with_it(tmp_path):
    (tmp_path / "a").write_bytes(bytes(range(100)))
    whole = io.BytesIO(b"HEAD" + bytes(range(30, 100)))
    with (tmp_path / "a").open("rb") as behind:
        spliced = Spliced(b"HEAD", behind, 30)
        for offset, whence in ((0, 0), (2, 0), (4, 0), (9, 0), (-5, 1), (3, 1), (0, 2), (-3, 2), (5, 2), (-74, 2)):
            assert spliced.seek(offset, whence) == whole.seek(offset, whence) == spliced.tell()
            for size in (1, 2, 6, 200):
                assert spliced.read(size) == whole.read(size) and spliced.tell() == whole.tell()


@pytest.mark.parametrize("ending", ["vox", "gsm", "au", "snd", "raw", "mp3", "wav", "ogg", "flac"])
def test_the_ending_of_a_name_does_not_make_sound_of_text(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"words are no sound\n" * 999)
    assert f"a.{ending}: no audio that can be read: begins with b'words are no sou': text" in tried(own, path)
    written(path, SAMPLES, format="WAV", subtype="PCM_16")
    assert np.array_equal(own(path), SAMPLES)


def test_what_is_no_file_is_told_apart(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder.wav").mkdir()
    assert "is a folder" in tried(own, tmp_path / "folder.wav")
    assert "is a pipe or device" in tried(own, tmp_path / "fifo")
    assert "No such file" in tried(own, tmp_path / "none.wav")
    assert "No such file" in tried(stage1, tmp_path / "none.wav") and "directory" in tried(stage1, tmp_path)


def test_channels_are_said_and_named(tmp_path, capsys):
    path = tmp_path / "a.flac"
    both = np.stack([SAMPLES, SAMPLES[::-1]], axis=1)
    written(path, both)
    assert np.array_equal(own(path), SAMPLES) and "the first of 2 channels is taken; another one: --channel N" in told(
        capsys
    )
    assert np.array_equal(np.concatenate([*Recording(path, 1).pieces()]), SAMPLES[::-1]) and not told(capsys)
    stream = io.BytesIO(file(form(channels=2), chunk(b"data", both.tobytes())))
    assert np.array_equal(np.concatenate([*WavStream(stream, 1).pieces()]), SAMPLES[::-1])
    for channel in (-1, 2):
        with pytest.raises(BadInput, match=f"channel {channel} asked for, the file has 2"):
            Recording(path, channel)


def test_a_stream_that_does_not_block_is_waited_for():
    read, write = os.pipe()
    os.set_blocking(read, False)
    parts = [WHOLE[:30], WHOLE[30:1001], WHOLE[1001:]]

    def send():
        for part in parts:
            time.sleep(0.05)
            os.write(write, part)
        os.close(write)

    sender = threading.Thread(target=send)
    sender.start()
    with os.fdopen(read, "rb") as stream:
        assert np.array_equal(np.concatenate([*WavStream(stream).pieces()]), SAMPLES)
    sender.join()


def test_a_piece_of_many_channels_takes_no_more_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(sndfile, "PIECE", 300)
    monkeypatch.setattr(sndfile, "MOST", 600)
    for channels, longest in ((1, 300), (2, 300), (3, 200), (255, 2)):
        samples = np.tile(SAMPLES[:, None], channels)
        written(tmp_path / "a.aiff", samples, subtype="PCM_16", format="AIFF")
        pieces = [*Recording(tmp_path / "a.aiff", channels - 1).pieces()]
        assert np.array_equal(np.concatenate(pieces), SAMPLES) and max(map(len, pieces)) == longest


@pytest.mark.parametrize("kind, known", [("WAV", True), ("WAV, open", True), ("FLAC", True), ("FLAC, open", False)])
def test_the_length_is_known_before_anything_is_read_where_the_head_tells_it(tmp_path, kind, known):
    path = tmp_path / "a"
    content = bytearray(written(path, SAMPLES[:200], format=kind.split(",")[0], subtype="PCM_16"))
    if kind == "FLAC, open":
        content[21:26] = bytes([content[21] & 0xF0]) + bytes(4)
    if kind == "WAV, open":
        content[40:44] = b"\xff" * 4
    path.write_bytes(content)
    sound = Recording(path)
    assert (sound.rate, sound.channel, sound.seconds) == (RATE, 0, 0.0125 if known else None)
    assert len(np.concatenate([*sound.pieces()])) == 200 and sound.seconds == 0.0125


def package(samples):
    return as_samples(samples, RATE)


@pytest.mark.parametrize("loud", [1.05, 1.129, 1.77, 30])
def test_loud_floats_are_taken_as_they_are_everywhere(tmp_path, loud):
    samples = (SAMPLES / 9000 * loud).astype(np.float32)
    written(tmp_path / "a.wav", samples, subtype="FLOAT")
    for found in (own(tmp_path / "a.wav"), live(tmp_path / "a.wav"), package(samples), package(samples.astype(float))):
        np.testing.assert_array_equal(found, samples * np.float32(32768))


@pytest.mark.parametrize(
    "at, message",
    [
        (np.nan, "a sample that is no finite number, at 0.025 s; cut it out"),
        (-np.inf, "no finite number, at 0.025 s"),
        (4000, "a float sample of size 4000, at 0.025 s, .*divide 16-bit numbers by 32768"),
    ],
)
def test_floats_that_cannot_be_sound_are_refused_everywhere(tmp_path, at, message):
    samples = (SAMPLES / 9000).astype(np.float32)
    samples[400] = at
    written(tmp_path / "a.wav", samples, subtype="FLOAT")
    for way, source in ((own, tmp_path / "a.wav"), (live, tmp_path / "a.wav"), (package, samples)):
        assert re.search(message, tried(way, source))


@pytest.mark.parametrize("value", [0, 77])
def test_digital_silence_is_said_and_nothing_else_refused(tmp_path, capsys, value):
    rate = 1000
    sound = RNG.integers(-900, 900, rate * 40).astype(np.int16)
    spoilt = {"8%": sound.copy(), "4%": sound.copy(), "pauses": sound.copy()}
    spoilt["8%"][rate * 30 : rate * 32] = spoilt["8%"][-rate:] = value  # a run over pieces and one at the end
    spoilt["4%"][: rate * 3 // 2] = value
    spoilt["pauses"].reshape(-1, rate)[:, : rate // 2] = value
    for name, samples in spoilt.items():
        written(tmp_path / "a.wav", samples, rate)
        for way in (own, live, lambda _, samples=samples: as_samples(samples, rate)):
            assert np.array_equal(way(tmp_path / "a.wav"), samples)
            text = told(capsys)
            assert "8% of it are digital silence" in text if name == "8%" else not text, (name, text)
    written(tmp_path / "a.wav", np.full(rate * 2, value, np.int16), rate)
    for way, source in ((own, tmp_path / "a.wav"), (live, tmp_path / "a.wav"), (package, np.full(99, value / 99))):
        assert "one and the same value from beginning to end" in tried(way, source)
