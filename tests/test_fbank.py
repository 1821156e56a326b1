"""The front end against what Kaldi's compute-fbank-feats wrote, and against its definition."""

import tracemalloc

import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.bin import compute_feats
from cer.data.datadir import Archive
from cer.features import options_of
from cer.features.fbank import Features as Fbank
from cer.features.parts.mel import mel_scale, window
from cer.sound import resample as resampling
from cer.sound import wav
from cer.sound.resample import resample

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


@pytest.mark.parametrize("value", [0, 137, -20000])
def test_digital_silence_stands_on_the_log_floor(value):
    features = Fbank(num_mel_bins=40, dither=0.0)(np.full(1600, value), 16000)
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
        window("kaiser", 400, 0.42)
    with pytest.raises(BadInput, match="20000"):
        Fbank(high_freq=20000.0)


def test_features_do_not_change_with_the_number_of_jobs(golden, tmp_path, capsys):
    for part in ("1/1", "1/2", "2/2"):
        stem = f"{tmp_path}/{part.replace('/', 'of')}"
        compute_feats.main([f"--part={part}", "data/g16", stem])
    one = Archive(tmp_path / "1of1.scp")
    two = {**Archive(tmp_path / "1of2.scp"), **Archive(tmp_path / "2of2.scp")}
    assert list(one) == list(two) and all(np.array_equal(one[key], two[key]) for key in one)
    assert (tmp_path / "1of1.utt2num_frames").read_text() == "P01-001 998\nP01-002 1018\nP02-001 980\n"
    assert (tmp_path / "1of1.utt2dur").read_text() == "P01-001 10\nP01-002 10.2\nP02-001 9.82369\n"
    assert (tmp_path / "1of1.frame_shift").read_text() == "0.01\n"


def library(samples, rate=16000, **options):
    """Features and options of Kaldi's front end as a library; options by Kaldi's names."""
    native = pytest.importorskip("kaldi_native_fbank")
    made = native.FbankOptions()
    made.frame_opts.dither = 0.0
    names = {"preemphasis_coefficient": "preemph_coeff", "num_mel_bins": "num_bins", "sample_frequency": "samp_freq",
             "frame_length": "frame_length_ms", "frame_shift": "frame_shift_ms"}  # fmt: skip
    for name, value in options.items():
        name = names.get(name, name)
        place = next(one for one in (made, made.frame_opts, made.mel_opts) if hasattr(one, name))
        setattr(place, name, value)
    online = native.OnlineFbank(made)
    online.accept_waveform(rate, samples.tolist())
    online.input_finished()
    return np.stack([online.get_frame(t) for t in range(online.num_frames_ready)]), made


NOISE = np.random.default_rng(0).normal(0, 500, 4000).astype(np.float32)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_mel_bins": 15, "low_freq": 100.0, "high_freq": 3800.0},
        {"high_freq": -200.0},
        {"frame_length": 20.0, "frame_shift": 7.5},
        {"frame_length": 32.0},  # 512 samples, a power of two itself
        {"sample_frequency": 8000.0},
        {"preemphasis_coefficient": 0.0},
        {"preemphasis_coefficient": 0.5, "remove_dc_offset": False},
        {"round_to_power_of_two": False},
        {"window_type": "blackman", "blackman_coeff": 0.3},
        {"use_energy": True, "energy_floor": 1e9},
        {"use_energy": True, "energy_floor": 0.5, "raw_energy": False},
        {"use_energy": True, "htk_compat": True},
        {"use_power": False},
        {"use_log_fbank": False, "use_power": False},
        {"snip_edges": False, "frame_length": 5.0, "num_mel_bins": 5, "remove_dc_offset": False},
    ],
    ids=str,
)
def test_every_option_is_that_of_kaldis_library(options):
    rate = options.get("sample_frequency", 16000)
    expected, _ = library(NOISE, rate, **options)
    features = Fbank(dither=0.0, **options)(NOISE, rate)
    assert features.shape == expected.shape
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=2e-3)


def test_defaults_are_kaldis():
    _, made = library(NOISE)
    frame, mel, ours = made.frame_opts, made.mel_opts, Fbank()
    assert (ours.sample_frequency, ours.frame_length, ours.frame_shift) == (16000, 25, 10)
    for name in "window_type remove_dc_offset round_to_power_of_two snip_edges".split():
        assert getattr(ours, name) == getattr(frame, name)
    for name in "use_energy raw_energy energy_floor use_log_fbank use_power htk_compat".split():
        assert getattr(ours, name) == getattr(made, name)
    assert (ours.num_mel_bins, ours.low_freq, ours.high_freq) == (mel.num_bins, mel.low_freq, mel.high_freq)
    assert ours.preemphasis_coefficient == pytest.approx(frame.preemph_coeff)
    assert ours.blackman_coeff == pytest.approx(frame.blackman_coeff)
    assert ours.dither == 1 and not ours.allow_downsample and not ours.allow_upsample  # the command's, in 16-bit steps


@pytest.mark.parametrize("dither", [0.5, 3.0])
def test_dither_is_noise_of_that_deviation(dither):
    fbank = Fbank(dither=dither, use_energy=True, remove_dc_offset=False)
    energy = np.exp(fbank(np.zeros(160000), 16000, "P16")[:, 0].astype(np.float64))
    assert energy.mean() / 400 == pytest.approx(dither**2, rel=0.01)


@pytest.mark.parametrize("snip_edges", [True, False])
@pytest.mark.parametrize("length, shift", [(25.0, 10.0), (10.0, 10.0), (5.0, 10.0)])
def test_a_frame_sees_the_samples_of_its_reach_and_no_others(snip_edges, length, shift):
    options = {"window_type": "rectangular", "num_mel_bins": 3, "remove_dc_offset": False, "preemphasis_coefficient": 0}
    fbank = Fbank(dither=0.0, snip_edges=snip_edges, frame_length=length, frame_shift=shift, **options)
    before, after = fbank.reach()
    edge = (0, 240) if snip_edges else (120, 120)
    assert (before, after) == (edge if length == 25 else (0, 0))
    quiet, first, last = fbank(np.zeros(3200), 16000), 10 * 160 - before, 11 * 160 + after - 1  # of frame 10
    for sample, seen in [
        (first - 1, False),
        (last + 1, False),
        *([(first, True), (last, True)] if length >= 10 else []),
    ]:
        click = np.zeros(3200)
        click[sample] = 10000
        assert (fbank(click, 16000)[10] != quiet[10]).any() == seen


def slowly_resampled(x, rate, new_rate):
    """Kaldi's LinearResample by its definition: sum over n of x[n] h(t - n / rate) / rate, h of six zeros a side."""
    cutoff = 0.99 * min(rate, new_rate) / 2
    t = np.arange(-(-len(x) * new_rate // rate))[:, None] / new_rate - np.arange(len(x)) / rate
    window = np.where(np.abs(t) < 6 / (2 * cutoff), 0.5 * (1 + np.cos(2 * np.pi * cutoff / 6 * t)), 0)
    return (2 * cutoff * np.sinc(2 * cutoff * t) * window) @ x / rate


@pytest.mark.parametrize("rate, new_rate, reach", [(44100, 16000, 18), (8000, 16000, 8), (16000, 8000, 14), (3, 2, 11)])
def test_resampling_is_kaldis_by_its_definition(rate, new_rate, reach):
    x = NOISE[:300]
    found = resample(x, rate, new_rate)
    assert found.dtype == np.float32 and len(found) == -(-300 * new_rate // rate)
    np.testing.assert_allclose(found, slowly_resampled(x, rate, new_rate), atol=0.01)
    assert resampling.reach(rate, new_rate) == reach


def test_the_mel_scale_and_its_filters():
    assert mel_scale(0) == 0 and mel_scale(700) == pytest.approx(1127 * np.log(2))
    mel = Fbank(num_mel_bins=10, high_freq=8000.0).mel
    assert mel.shape == (256, 10) and mel.dtype == np.float32 and (mel >= 0).all()
    edges = np.linspace(mel_scale(20), mel_scale(8000), 12)
    points = mel_scale(np.arange(256) * 31.25)
    between = (points >= edges[1]) & (points <= edges[-2])
    assert mel.sum(axis=1)[between] == pytest.approx(1, abs=1e-5)  # neighbours' slopes add up to one
    assert (mel.argmax(axis=0) == [abs(points - centre).argmin() for centre in edges[1:-1]]).all()


BAD = [
    ({"sample_frequency": 1000.0, "frame_length": 1.0, "frame_shift": 1.0}, "a window of 1 samples every 1"),
    ({"sample_frequency": 1000.0, "frame_length": 2.0, "frame_shift": 0.5}, "a window of 2 samples every 0"),
    ({"sample_frequency": 1000.0, "frame_length": 4.0, "num_mel_bins": 5}, "a window of 4 samples .* with 5 mel bins"),
    ({"frame_length": 8192.1}, "a window of 131073 samples .* expected 2 to 131072 samples"),
    ({"low_freq": -1.0}, "filters from -1.0 to 8000.0 Hz within 0 to 8000.0 Hz"),
    ({"low_freq": 300.0, "high_freq": 300.0}, "filters from 300.0 to 300.0"),
    ({"high_freq": 8000.5}, "filters from 20.0 to 8000.5"),
    ({"high_freq": -7980.0}, "filters from 20.0 to 20.0"),
]


@pytest.mark.parametrize("options, message", BAD, ids=str)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(BadInput, match=message):
        Fbank(**options)


def test_options_just_within_their_bounds_serve():
    least = Fbank(sample_frequency=1000.0, frame_length=2.0, frame_shift=1.0, num_mel_bins=2, low_freq=0.0)
    assert (least.length, least.shift, least.edges) == (2, 1, (0, 500))
    assert Fbank(frame_length=8192.0).length == 131072
    assert Fbank(high_freq=8000.0).edges == (20, 8000) and Fbank(high_freq=-100.0).edges == (20, 7900)
    assert Fbank(high_freq=0.5, low_freq=0.0).edges == (0, 0.5)
    with pytest.raises(BadInput, match="200 mel bins leave some without a point of the 512-point FFT"):
        _ = Fbank(num_mel_bins=200).mel


@pytest.mark.parametrize("samples, frames", [(399, 0), (400, 1), (559, 1), (560, 2)])
def test_frames_begin_with_the_first_whole_window(samples, frames):
    assert Fbank().num_frames(samples) == frames
    if frames:
        assert Fbank()(np.zeros(samples), 16000).shape == (frames, 23)


@pytest.mark.parametrize("rate, allowed, good", [
    (8000, {"allow_upsample": True}, True), (8000, {"allow_downsample": True}, False),
    (44100, {"allow_downsample": True}, True), (44100, {"allow_upsample": True}, False), (16000, {}, True),
])  # fmt: skip
def test_each_way_of_resampling_has_its_own_permission(rate, allowed, good):
    try:
        Fbank(**allowed).check_rate(rate, "P16")
        assert good
    except BadInput:
        assert not good


@pytest.mark.parametrize("samples, frames", [(0, 0), (79, 0), (80, 1), (239, 1), (240, 2)])
def test_without_snipping_a_frame_begins_with_the_middle_of_its_shift(samples, frames):
    assert Fbank(snip_edges=False).num_frames(samples) == frames
    if samples:
        native = pytest.importorskip("kaldi_native_fbank")
        options = native.FbankOptions()
        options.frame_opts.snip_edges = False
        online = native.OnlineFbank(options)
        online.accept_waveform(16000, [0.0] * samples)
        online.input_finished()
        assert online.num_frames_ready == frames


@pytest.mark.parametrize("length, good", [("0.5", True), ("0", False), ("100000", True), ("100001", False)])
def test_a_window_has_a_length(tmp_path, capsys, length, good):
    (tmp_path / "fbank.conf").write_text(f"--frame-length={length}\n")
    if good:
        assert options_of("fbank", tmp_path / "fbank.conf")[0]["frame_length"] == float(length)
        return
    with pytest.raises(SystemExit):
        options_of("fbank", tmp_path / "fbank.conf")
    assert f"--frame-length: found '{length}', expected a finite number above 0 to 100000" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"snip_edges": False},
        {"sample_frequency": 8000.0, "allow_downsample": True},
        {"snip_edges": False, "frame_shift": 40.0},  # windows that leave samples out
        {"snip_edges": False, "frame_length": 100.0, "use_energy": True},
    ],
)
@pytest.mark.parametrize("number", [700, 3000, 65537, 160000])
def test_a_recording_in_pieces_has_the_same_features(options, number):
    samples = np.random.default_rng(number).normal(0, 1000, number).astype(np.float32)
    fbank = Fbank(num_mel_bins=10, **options)  # with dither
    if not fbank.num_frames(number * fbank.rate / 16000):
        return
    whole = fbank(samples, 16000, "P01")
    for size in (777, 41000):
        pieces = (samples[first : first + size] for first in range(0, number, size))
        assert np.array_equal(fbank.of_pieces(pieces, 16000, "P01"), whole)


def test_one_of_two_channels_in_turn_has_the_same_features():
    both = np.stack([NOISE, -NOISE], axis=1)
    assert np.array_equal(Fbank(dither=0.0)(both[:, 0], 16000), Fbank(dither=0.0)(NOISE, 16000))


def test_a_long_recording_takes_little_memory():
    second = np.random.default_rng(1).normal(0, 1000, 44100).astype(np.float32)
    fbank = Fbank(num_mel_bins=10, sample_frequency=16000.0, allow_downsample=True)
    tracemalloc.start()
    features = fbank.of_pieces((second for _ in range(120)), 44100, "P01")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(features) == 11998 and peak < 8e6 + 2 * features.nbytes  # the samples alone would take 21 MB
