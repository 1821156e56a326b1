import os
import struct
import subprocess
import threading

import numpy as np
import pytest
from conftest import write_wav

from cer.base.errors import BadInput
from cer.sound import riff, wav


def patched(path, offset, form, *values):
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, offset, *values)
    path.write_bytes(data)
    return path


def test_samples_keep_the_range_of_16_bit_integers(tmp_path):
    samples, rate = wav.read(write_wav(tmp_path / "a.wav", [0, 1, -32768, 32767], 44100))
    assert rate == 44100 and samples.dtype == np.float32
    assert samples.tolist() == [0, 1, -32768, 32767]


def test_one_channel_of_several_is_chosen_by_number(tmp_path):
    path = write_wav(tmp_path / "a.wav", [1, 10, 2, 20, 3, 30], channels=2)
    assert wav.read(path)[0].tolist() == [1, 2, 3]
    assert wav.read(path, channel=1)[0].tolist() == [10, 20, 30]
    with pytest.raises(BadInput, match="channel 2 asked for, the file has 2"):
        wav.read(path, channel=2)


def test_a_wav_inside_an_archive_is_found_by_its_offset(tmp_path):
    one, two = (write_wav(tmp_path / f"{n}.wav", [n] * 5).read_bytes() for n in (1, 2))
    (tmp_path / "wav.ark").write_bytes(b"one " + one + b"two " + two)
    assert wav.read(f"{tmp_path}/wav.ark:{8 + len(one)}")[0].tolist() == [2] * 5
    for offset in ("9" * 18, "9" * 19, "9" * 30, "9" * 5000):
        with pytest.raises(BadInput, match=f"wav.ark:{offset}: (empty|cannot be read)"):
            wav.read(f"{tmp_path}/wav.ark:{offset}")


def test_extensible_pcm_and_chunks_before_the_data_are_read(tmp_path):
    extensible = struct.pack("<HHIIHHHHIH14s", 0xFFFE, 1, 16000, 32000, 2, 16, 22, 16, 4, 1, b"\0" * 14)
    chunks = (
        b"fmt " + struct.pack("<I", len(extensible)) + extensible + b"LIST\x03\0\0\0abc\0" + b"data\x04\0\0\0\1\0\2\0"
    )
    (tmp_path / "a.wav").write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    assert wav.read(tmp_path / "a.wav")[0].tolist() == [1, 2]


def test_a_length_left_open_by_a_pipe_means_to_the_end(tmp_path):
    path = patched(write_wav(tmp_path / "a.wav", [5] * 9), 40, "<I", 0xFFFFFFFF)
    assert wav.read(patched(path, 4, "<I", 0xFFFFFFFF))[0].tolist() == [5] * 9


def test_a_length_reads_the_head_alone(tmp_path, monkeypatch):
    path = write_wav(tmp_path / "a.wav", range(12), channels=2)
    (tmp_path / "wav.ark").write_bytes(b"one " + path.read_bytes())
    assert wav.length(f"{tmp_path}/wav.ark:4") == (6, 16000)
    monkeypatch.setattr(riff.Riff, "blocks", lambda *_: pytest.fail("the sound was read"))
    assert wav.length(path) == (6, 16000)


@pytest.mark.parametrize(
    "spoil, message",
    [
        (
            lambda path: path.write_bytes(path.read_bytes()[:-3]),
            "truncated: 8 samples promised, 6 found",
        ),
        (lambda path: path.write_bytes(path.read_bytes()[:40]), "truncated: it ends after 40 bytes"),
        (lambda path: write_wav(path, []), "holds no samples"),
        (lambda path: patched(path, 24, "<I", 3), "header cannot be right: 3 Hz"),
        (lambda path: patched(path, 28, "<I", 12345), "12345 bytes a second"),
        (lambda path: patched(path, 32, "<HH", 3, 24), "found 24-bit PCM in RIFF, expected 16-bit PCM"),
        (lambda path: patched(path, 34, "<H", 24), "header cannot be right: .*24 bits, 2 bytes a frame"),
        (
            lambda path: path.write_bytes(b"ID3 this is an mp3"),
            "begins with b'ID3 this is an m': an MP3 file; expected a wav file",
        ),
        (lambda path: path.unlink(), "cannot be read"),
    ],
)
def test_a_bad_file_is_named_with_what_was_found(tmp_path, spoil, message):
    path = write_wav(tmp_path / "bad.wav", range(8))
    spoil(path)
    with pytest.raises(BadInput, match=message) as error:
        wav.read(path)
    assert "bad.wav" in str(error.value)
    with pytest.raises(BadInput) as same:
        wav.length(path)
    assert str(same.value) == str(error.value)


def test_a_command_is_run_only_where_pipes_are_allowed(tmp_path):
    path = write_wav(tmp_path / "a.wav", [1, 10, 2, 20], 8000, channels=2)
    samples, rate = wav.read_channels(f"cat {path} |", allow_pipes=True)
    assert samples.tolist() == [[1, 2], [10, 20]] and rate == 8000
    assert wav.read_channels(str(path), allow_pipes=True)[0].tolist() == samples.tolist()
    for command in (f"touch {tmp_path}/ran; cat {path} |", f"cat {path} |"):
        with pytest.raises(BadInput, match="cannot be read"):
            wav.read_channels(command)
    assert not (tmp_path / "ran").exists()


def test_a_named_pipe_is_read_to_its_end(tmp_path):
    path = write_wav(tmp_path / "a.wav", [1, 2, 3])
    os.mkfifo(tmp_path / "fifo")
    with subprocess.Popen(["dd", "status=none", f"if={path}", f"of={tmp_path}/fifo"]):
        assert wav.read(tmp_path / "fifo")[0].tolist() == [1, 2, 3]


@pytest.mark.parametrize("command, status", [("cat {} | false |", 1), ("(cat {}; exit 3) | cat |", 3)])
def test_a_command_of_which_any_program_fails_is_an_error(tmp_path, command, status):
    path = write_wav(tmp_path / "a.wav", [1, 2])
    with pytest.raises(BadInput, match=f"the command failed with status {status}"):
        wav.read_channels(command.format(path), allow_pipes=True)


def test_the_head_of_another_wav_in_the_sound_matters_inside_an_archive_only(tmp_path):
    samples = np.frombuffer(b"RIFF\1\2\3\4WAVE" + bytes(20), "<i2")
    path = write_wav(tmp_path / "a.wav", samples)
    assert wav.read(path)[0].tolist() == samples.tolist()
    (tmp_path / "wav.ark").write_bytes(b"one " + path.read_bytes())
    with pytest.raises(BadInput, match="wav.ark:4: another wav begins within its sound"):
        wav.read(f"{tmp_path}/wav.ark:4")


def in_pieces(path):
    with wav.pieces(path) as (rate, channels, pieces):
        return sum(map(len, pieces)), rate * channels


@pytest.mark.parametrize("read", [wav.length, in_pieces])
def test_a_named_pipe_is_opened_once(tmp_path, read):
    sound = write_wav(tmp_path / "a.wav", [1, 2, 3], 16000).read_bytes()
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[sound], daemon=True)
    writer.start()
    assert read(tmp_path / "pipe") == (3, 16000)
    writer.join(5)
