"""What a file is, by its first bytes: as programs write them, and by their standards."""

import gzip
import io
import zipfile

import numpy as np
import pytest
import soundfile

from cer.sound.sniff import ENOUGH, begins, looks_like


@pytest.mark.parametrize(
    "kind, words",
    [("WAV", "a wav file"), ("RF64", "a wav file"), ("FLAC", "a FLAC file"), ("OGG", "an Ogg file"),
     ("MP3", "an MP3 file"), ("AIFF", "an AIFF file"), ("AU", "an AU file"), ("CAF", "a CAF file"),
     ("W64", "a Wave64 file"), ("NIST", "a NIST SPHERE file")],
)  # fmt: skip
@pytest.mark.parametrize("size", [12, ENOUGH])
def test_sound_is_known_by_what_libsndfile_writes(kind, words, size):
    file = io.BytesIO()
    soundfile.write(file, np.zeros(4000), 16000, format=kind)
    assert looks_like(file.getvalue()[:size]) == words


def packed(file, content=b"x" * 99):
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("a.wav", content)
    return file.getvalue()


@pytest.mark.parametrize(
    "head, words",
    [
        (b"", "empty (0 bytes)"),
        (bytes(64), "zeros where its head should be (a copy that was set up, but not filled); copy it again"),
        (bytes(63) + b"\x01", "none of the kinds known here"),
        (b"<!doctype html>", "a web page or XML, no sound; download it again"),
        (b"\xef\xbb\xbf\n <?xml version", "a web page or XML, no sound; download it again"),
        (b"version https://git-lfs.github.com/spec/v1", "a pointer of Git LFS, not the file itself; run git lfs pull"),
        (b'{"message": "Not found"}', "JSON, no sound; download it again"),
        (b'[ "a"', "JSON, no sound; download it again"),
        (b"RIFF\1\2\n\4AVI LIST", "an AVI video; take its sound: ffmpeg -i IN OUT.wav"),
        (b"RIFX\1\2\n\4WAVE", "a wav file"),
        (b"BW64\1\2\n\4WAVE", "a wav file"),
        (b"\xff\xfea\0b\0", "text in UTF-16, no sound"),
        (b"\xfe\xff\0a\0b", "text in UTF-16, no sound"),
        (b"\xff\xf1\x50\x80", "an AAC file; convert it: ffmpeg -i IN OUT.wav"),  # ADTS
        (b"ID3\4\0\0\0\0", "an MP3 file"),
        (b"\xff\xe3\x18\xc4", "an MP3 file"),  # MPEG-2.5
        (b"dns.\0\0\0\0", "an AU file"),
        (b"\0\0\0 ftypM4A ", "an MP4 or M4A file; convert it: ffmpeg -i IN OUT.wav"),
        (b"\x1aE\xdf\xa3\x9f", "a Matroska or WebM file; convert it: ffmpeg -i IN OUT.wav"),
        (b"\x30\x26\xb2\x75\x8e", "a Windows Media file; convert it: ffmpeg -i IN OUT.wav"),
        (b"#!AMR-WB\n\x14", "an AMR file; convert it: ffmpeg -i IN OUT.wav"),
        (b"wvPK\1\2", "a file of a codec that libsndfile does not read; convert it: ffmpeg -i IN OUT.wav"),
        (packed(io.BytesIO()), "a packed file; unpack it first"),
        (gzip.compress(b"x", mtime=0), "a packed file; unpack it first"),
        (b"%PDF-1.7\n", "a PDF document, no sound"),
        (b"\0\5\x16\7\0\2\0\0Mac", "a companion file that macOS leaves beside each file (._NAME), no sound; remove it"),
        (b"a few words\r\n", "text, no sound"),
        (b"a few words\x07", "none of the kinds known here"),
    ],
)  # fmt: skip
def test_other_files_are_known_by_their_first_bytes(head, words):
    assert looks_like(head[:ENOUGH]) == words


def test_a_message_shows_16_bytes():
    assert begins(b"0123456789abcdefgh") == "begins with b'0123456789abcdef': text, no sound"
    assert begins(b"") == "empty (0 bytes)"
