import numpy as np
import pytest
from conftest import write_wav

from cer.base.errors import BadInput
from cer.base.tables import read_table
from cer.bin import compute_feats
from cer.data.datadir import Archive
from cer.data.recordings import Recordings
from cer.features import waveform
from cer.sound import wav
from cer.system.utterances import Computed

RATE = 16000


@pytest.fixture
def data(tmp_path):
    """A recording of 2 s, whose samples tell their own number, one of 1 s with two channels, and segments of both."""
    one = write_wav(tmp_path / "R1.wav", np.arange(2 * RATE))
    two = write_wav(tmp_path / "R2.wav", np.stack([np.arange(RATE), -np.arange(RATE)], axis=1), channels=2)
    directory = tmp_path / "data"
    directory.mkdir()
    (directory / "wav.scp").write_text(f"R1 {one}\nR2 {two}\n")
    (directory / "segments").write_text("A-1 R1 0 1.00005\nA-2 R1 0.5 2.4\nB-1 R2 0.25 0.75\n")
    (directory / "reco2file_and_channel").write_text("R1 one B\nR2 two B\n")
    return directory


def test_without_segments_a_recording_is_an_utterance(data):
    (data / "segments").unlink()
    recordings = Recordings(data)
    assert list(recordings) == ["R1", "R2"] and len(recordings["R1"][0]) == 2 * RATE and recordings["R1"][1] == RATE
    assert len(recordings) == 2


def test_segments_are_rounded_and_cut_as_kaldi_does(data):
    recordings = Recordings(data)
    assert list(recordings) == ["A-1", "A-2", "B-1"] and len(recordings) == 3
    assert np.array_equal(recordings["A-1"][0], np.arange(16001))  # int(1.00005 * 16000 + 0.5)
    assert np.array_equal(recordings["A-2"][0], np.arange(8000, 32000))  # 0.4 s past the end
    assert recordings["A-2"][0].dtype == np.float32


def test_the_channel_is_that_of_reco2file_and_channel_where_the_file_has_several(data, capsys):
    assert np.array_equal(Recordings(data)["B-1"][0], -np.arange(4000, 12000))
    assert np.array_equal(Recordings(data, channel=0)["B-1"][0], np.arange(4000, 12000))
    assert capsys.readouterr().err == ""
    (data / "reco2file_and_channel").unlink()
    assert np.array_equal(Recordings(data)["B-1"][0], np.arange(4000, 12000))
    assert "R2: the first of 2 channels is taken" in capsys.readouterr().err
    with pytest.raises(BadInput, match=r"R2: channel 2 asked for, there are 2"):
        Recordings(data, channel=2)["B-1"]


def test_the_segments_of_one_recording_read_it_once(data, monkeypatch):
    read, sources = wav.read_channels, []
    monkeypatch.setattr(wav, "read_channels", lambda source, pipes: sources.append(source) or read(source, pipes))
    recordings = Recordings(data)
    assert [int(recordings[key][0][-1]) for key in recordings] == [16000, 31999, -11999]
    assert sources == [str(data.parent / name) for name in ("R1.wav", "R2.wav")]


@pytest.mark.parametrize(
    "line, message",
    [
        ("A-2 R1 0.5 2.5", "A-2: found 0.5 to 2.5 s of a recording of 2 s"),  # Kaldi takes less than half a second more
        ("A-2 R1 0.5 0.6", "A-2: found 0.5 to 0.6 s .*more than 0.1 s"),
        ("A-2 R1 1.95 2.3", "A-2: found 1.95"),
        ("A-2 R1 3 3.4", "A-2: found 3 to 3.4"),
        ("A-2 R1 0.5 -1", "segments:2: A-2: found 0.5 to -1 s, expected 0 <= start < end"),
        ("A-2 R1 0.5 inf", "segments:2: A-2: found 0.5 to inf s, expected 0 <= start < end"),
        ("A-2 R1 nan 1", "segments:2: A-2: found nan to 1 s"),
        ("A-2 R1 0.5", "segments:2: found 'R1 0.5'"),
        ("A-2 R1 0.5 end", "segments:2: found 'R1 0.5 end'"),
        ("A-2 R3 0.5 1", "segments:2: A-2: its recording R3 is not in"),
    ],
)
def test_what_kaldi_drops_is_an_error_that_names_the_utterance(data, line, message):
    text = (data / "segments").read_text()
    (data / "segments").write_text(text.replace("A-2 R1 0.5 2.4", line))
    with pytest.raises(BadInput, match=message):
        Recordings(data)["A-2"]


def test_a_bad_channel_is_named(data):
    (data / "reco2file_and_channel").write_text("R1 one A\nR2 two C\n")
    with pytest.raises(BadInput, match=r"reco2file_and_channel:2: R2: found 'two C'"):
        Recordings(data)


def test_all_utterances_that_fail_are_named_at_once_and_nothing_is_written(data, tmp_path):
    (data / "segments").write_text("A-1 R1 0 9\nA-2 R1 0.5 1\nB-1 R2 2 3\n")
    with pytest.raises(SystemExit, match=r"(?s)A-1: found 0 to 9 s.*B-1: found 2 to 3 s.*2 of 3 utterances failed"):
        compute_feats.main([str(data), str(tmp_path / "raw")])
    assert not list(tmp_path.glob("raw*"))


def test_features_of_segments_are_those_of_their_samples(data, tmp_path):
    compute_feats.main([str(data), str(tmp_path / "raw"), "--dither=0"])
    assert read_table(tmp_path / "raw.utt2dur") == {"A-1": "1.00006", "A-2": "1.5", "B-1": "0.5"}
    write_wav(tmp_path / "B-1.wav", -np.arange(4000, 12000))
    (data / "segments").unlink()
    (data / "wav.scp").write_text(f"B-1 {tmp_path}/B-1.wav\n")
    compute_feats.main([str(data), str(tmp_path / "alone"), "--dither=0"])
    assert np.array_equal(Archive(tmp_path / "raw.scp")["B-1"], Archive(tmp_path / "alone.scp")["B-1"])


def test_pipes_run_only_when_they_are_allowed(data, tmp_path):
    (data / "wav.scp").write_text(f"R1 {tmp_path}/R1.wav\nR2 touch {tmp_path}/ran; cat {tmp_path}/R2.wav |\n")
    with pytest.raises(SystemExit, match=r"wav.scp:2: R2: found the pipe .*--allow-pipes true"):
        compute_feats.main([str(data), str(tmp_path / "raw")])
    with pytest.raises(BadInput, match=r"wav.scp:2: .*networks on the waveform"):
        Computed(data, waveform.Features())
    assert not (tmp_path / "ran").exists()
    assert np.array_equal(Recordings(data, allow_pipes=True)["B-1"][0], -np.arange(4000, 12000))
    compute_feats.main([str(data), str(tmp_path / "raw"), "--allow-pipes=true"])
    assert list(Archive(tmp_path / "raw.scp")) == ["A-1", "A-2", "B-1"]


@pytest.mark.parametrize("command", ["{} && exit 3 |", "false | {} |", "{} | head -c 1000 |", "{}x |", "true |"])
def test_a_pipe_that_fails_or_stops_early_is_an_error(data, tmp_path, command):
    command = command.format(f"cat {tmp_path}/R1.wav")
    (data / "wav.scp").write_text(f"R1 {command}\nR2 x.wav\n")
    with pytest.raises(BadInput, match=r"R1.wav|true"):
        Recordings(data, allow_pipes=True)["A-1"]


def test_a_network_that_reads_the_waveform_takes_segments_and_archives(data, tmp_path):
    archive = tmp_path / "wav.ark"
    archive.write_bytes(b"R1 " + (tmp_path / "R1.wav").read_bytes())
    (data / "wav.scp").write_text(f"R1 {archive}:3\nR2 {tmp_path}/R2.wav\n")
    front_end = waveform.Features()
    rows = {key: front_end.stack(frames, 640) for key, frames in Computed(data, front_end).items()}
    assert list(rows) == ["A-1", "A-2", "B-1"] and rows["B-1"].shape == (13, 640) and rows["A-2"].shape == (38, 640)
    assert rows["A-2"][0, 0] == pytest.approx((8000 - np.arange(8000, 32000).mean()) / np.arange(8000, 32000).std())


@pytest.mark.parametrize("letter, sign", [("A", 1), ("B", -1), ("1", 1)])
def test_channels_are_kaldis_letters_and_1_is_the_first(data, letter, sign):
    (data / "reco2file_and_channel").write_text(f"R1 one A\nR2 two {letter}\n")
    assert np.array_equal(Recordings(data)["B-1"][0], sign * np.arange(4000, 12000))
