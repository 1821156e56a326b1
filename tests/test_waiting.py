"""What preparations hold on the disk or find there: cer/corpora/{waiting,found,agreement,converted}.py."""

import math
import tempfile
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import write_wav

from cer.base.errors import BadInput
from cer.corpora import agreement, found, grid
from cer.corpora.converted import as_wav
from cer.corpora.waiting import Waiting

NAN = math.nan


def test_arrays_come_back_from_the_disk_as_they_were_and_those_of_raters_with_all_rows():
    with tempfile.TemporaryFile() as file:
        one, two = Waiting(file), Waiting(file)
        one.keep("joy", np.arange(3.0))
        two.keep("joy", np.array([[1.0, 2], [3, 4]]), ["C", "A"])
        one.keep("fear", np.array([7.0]))
        two.raters = ["A", "B", "C"]
        assert np.array_equal(two["joy"], [[3, 4], [NAN, NAN], [1, 2]], equal_nan=True)
        assert one["joy"].tolist() == [0, 1, 2] and one["fear"].tolist() == [7] and one["joy"].dtype == np.float32
        assert [*one] == ["joy", "fear"] and len(one) == 2 and len(two) == 1
        assert "joy" in one and "fear" not in two and not Waiting(file)


@pytest.fixture
def folder(tmp_path):
    """Files at several depths, hidden ones, and a link back to the top."""
    for name in ("b/x.WAV", "a.wav", "a.csv", "b/.x.wav", ".c/y.wav", "b/d/z.wav"):
        path = tmp_path / "top" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "top/b/up").symlink_to(tmp_path / "top/b")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/w.wav").write_text("")
    (tmp_path / "top/link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "top/gone.wav").symlink_to(tmp_path / "nothing")
    return tmp_path / "top"


def test_files_are_found_at_any_depth_and_through_links_once_each(folder):
    assert [str(path.relative_to(folder)) for path in found.walk(folder)] == [
        "a.csv",
        "a.wav",
        "b/d/z.wav",
        "b/x.WAV",
        "link/w.wav",
    ]
    assert found.files(folder / "b", ".wav", "sound") == {"x": folder / "b/x.WAV", "z": folder / "b/d/z.wav"}
    assert [*found.files(folder / "b", ".wav", "sound")] == ["x", "z"]
    with pytest.raises(BadInput, match=r"b: found no \.csv files, expected the labels; check the folder, and --corpus"):
        found.files(folder / "b", ".csv", "the labels")
    (folder / "b/d/x.wav").write_text("")
    with pytest.raises(BadInput, match=r"x.WAV: found another x in .*/b/d/x.wav, expected one; move it away"):
        found.files(folder / "b", ".wav", "sound")


def test_the_agreement_is_that_of_all_pairs_and_of_each_with_the_others():
    same, other = [0, 1, 2, 3], [3, 2, 1, 0]
    raters = grid.rated("x", 1.0, "ABC", np.array([same, same, other], float))
    assert agreement.of(None) == "- -"
    assert agreement.of(raters) == "-0.333 -0.333 A=0.000 B=0.000 C=-1.000"
    # halved: same variance apart, covariance 1/2: CCC 2 0.625 / (1.25 + 0.3125 + 0.75^2)
    twice = np.array([same, np.array(same) / 2])
    pair = grid.rated("x", 1.0, "AB", np.array([same, same], float))
    assert agreement.of(pair, twice) == "1.000 1.000 A=1.000 B=1.000 | 0.588 1.000 A=0.588 B=0.588"


def test_a_wav_file_of_16_bits_is_taken_as_it_is(tmp_path):
    path = write_wav(tmp_path / "x.wav", range(100))
    assert as_wav(str(path), tmp_path / "sound", "y") == path and not (tmp_path / "sound").exists()


@pytest.mark.parametrize("suffix, subtype", [("flac", "PCM_16"), ("wav", "FLOAT"), ("aiff", "PCM_24")])
def test_other_sound_becomes_one_of_16_bits_at_its_own_rate(tmp_path, suffix, subtype):
    samples = np.array([0, 1, -1, 100, 32767, -32768, 12345] * 300)
    soundfile.write(tmp_path / f"x.{suffix}", samples / 32768, 11025, subtype=subtype)
    out = as_wav(tmp_path / f"x.{suffix}", tmp_path / "sound", "y")
    assert out == tmp_path / "sound/y.wav" and isinstance(out, Path)
    with wave.open(str(out)) as sound:
        assert sound.getparams()[:4] == (1, 2, 11025, 2100)
        assert np.array_equal(np.frombuffer(sound.readframes(2100), "<i2"), samples)


def test_sound_beyond_full_scale_is_cut_off_and_no_sound_is_named(tmp_path, capsys):
    soundfile.write(tmp_path / "x.wav", np.array([1.5, -1.5, 0.5] * 500), 8000, subtype="FLOAT")
    with wave.open(str(as_wav(tmp_path / "x.wav", tmp_path, "y"))) as sound:
        assert np.frombuffer(sound.readframes(3), "<i2").tolist() == [32767, -32768, 16384]
    assert "x.wav: 66.7% of its samples are above full scale and were cut off; make it less" in capsys.readouterr().err
    soundfile.write(tmp_path / "x.wav", np.array([1.5, *[1, -1] * 999]), 8000, subtype="FLOAT")
    as_wav(tmp_path / "x.wav", tmp_path, "y")
    assert capsys.readouterr().err == ""
    (tmp_path / "z.flac").write_text("words")
    with pytest.raises(BadInput, match="z.flac"):
        as_wav(tmp_path / "z.flac", tmp_path, "z")
    assert not (tmp_path / "z.wav").exists()
