"""The front end against what Kaldi's compute-fbank-feats wrote, and against its definition."""

import numpy as np
import pytest

from cer import wav
from cer.bin import compute_fbank_feats
from cer.datadir import Archive
from cer.errors import BadInput
from cer.fbank import Fbank, resample, window

MAXIMUM, MEAN = 5e-3, 5e-5  # Kaldi differs from itself by 2e-3 between two builds


@pytest.mark.parametrize(
    "archive, options",
    [
        ("fbank", {}),
        ("fbank_nosnip", {"snip_edges": False}),
        ("fbank_44k", {"sample_frequency": 44100.0}),
        ("fbank_44to16", {"allow_downsample": True}),
    ],
)
def test_features_are_those_of_kaldi(golden, archive, options):
    fbank = Fbank(num_mel_bins=40, dither=0.0, **options)
    for key, expected in Archive(f"fbank/{archive}.scp").items():
        features = fbank(*wav.read(f"wav/{key}.wav"), key)
        assert features.dtype == np.float32 and features.shape == expected.shape
        difference = np.abs(features - expected)
        assert difference.max() < MAXIMUM and difference.mean() < MEAN


@pytest.mark.parametrize("kind", ["povey", "hanning", "hamming", "blackman", "sine", "rectangular"])
@pytest.mark.parametrize("energy", [{}, {"use_energy": True}, {"use_energy": True, "raw_energy": False}])
def test_every_window_and_energy_is_that_of_kaldis_library(golden, kind, energy):
    native = pytest.importorskip("kaldi_native_fbank")
    options = native.FbankOptions()
    options.frame_opts.dither, options.frame_opts.window_type, options.mel_opts.num_bins = 0.0, kind, 40
    for name, value in energy.items():
        setattr(options, name, value)
    samples, rate = wav.read("wav/P02-001.wav")
    online = native.OnlineFbank(options)
    online.accept_waveform(rate, samples.tolist())
    expected = np.stack([online.get_frame(t) for t in range(online.num_frames_ready)])
    difference = np.abs(Fbank(num_mel_bins=40, dither=0.0, window_type=kind, **energy)(samples, rate) - expected)
    assert difference.max() < 2 * MAXIMUM and difference.mean() < MEAN


@pytest.mark.parametrize(
    "seconds, rate, snip, frames",
    [(300, 16000, True, 29998), (300, 16000, False, 30000), (300.04, 16000, True, 30002), (300, 44100, True, 29998)],
)
def test_number_of_frames_follows_kaldis_rule(seconds, rate, snip, frames):
    assert Fbank(sample_frequency=float(rate), snip_edges=snip).num_frames(round(seconds * rate)) == frames


def test_digital_silence_stands_on_the_log_floor():
    features = Fbank(num_mel_bins=40, dither=0.0)(np.zeros(1600), 16000)
    assert np.allclose(features, np.log(np.finfo(np.float32).eps))


def test_dither_depends_on_the_utterance_and_on_nothing_else():
    fbank, samples = Fbank(dither=1.0), np.zeros(8000)
    assert np.array_equal(fbank(samples, 16000, "P16"), fbank(samples, 16000, "P16"))
    assert not np.array_equal(fbank(samples, 16000, "P16"), fbank(samples, 16000, "P17"))


def test_another_rate_is_an_error_unless_resampling_is_allowed():
    with pytest.raises(BadInput, match=r"P16: found 8000 Hz, expected 16000 Hz.*--allow-upsample"):
        Fbank()(np.zeros(8000), 8000, "P16")
    assert len(Fbank(allow_upsample=True, snip_edges=False)(np.zeros(8000), 8000)) == 100


def test_resampling_keeps_a_tone_and_removes_what_would_fold():
    time = np.arange(44100) / 44100
    kept, removed = (resample(np.sin(2 * np.pi * tone * time), 44100, 16000)[500:-500] for tone in (1000, 12000))
    expected = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)[500:-500]
    assert np.abs(kept - expected).max() < 0.01 and np.abs(removed).max() < 0.01


def test_too_short_a_recording_and_impossible_options_are_errors():
    with pytest.raises(BadInput, match="P16: 100 samples"):
        Fbank()(np.zeros(100), 16000, "P16")
    with pytest.raises(BadInput, match="window-type=kaiser, expected one of povey"):
        window("kaiser", 400)
    with pytest.raises(BadInput, match="20000"):
        Fbank(high_freq=20000.0)


def test_features_do_not_change_with_the_number_of_jobs(golden, tmp_path, capsys):
    for part in ("1/1", "1/2", "2/2"):
        stem = f"{tmp_path}/{part.replace('/', 'of')}"
        compute_fbank_feats.main([f"--part={part}", "data/g16", stem])
    one = Archive(tmp_path / "1of1.scp")
    two = {**Archive(tmp_path / "1of2.scp"), **Archive(tmp_path / "2of2.scp")}
    assert list(one) == list(two) and all(np.array_equal(one[key], two[key]) for key in one)
    assert (tmp_path / "1of1.utt2num_frames").read_text() == "P01-001 998\nP01-002 1018\nP02-001 980\n"
    assert (tmp_path / "1of1.utt2dur").read_text() == "P01-001 10\nP01-002 10.2\nP02-001 9.82369\n"
    assert (tmp_path / "1of1.frame_shift").read_text() == "0.01\n"
