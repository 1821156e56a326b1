"""CMVN against Kaldi's own statistics and normalised features: equal to the last bit."""

import tracemalloc

import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.base.tables import read_table
from cer.data import cmvn
from cer.data.datadir import Archive


def test_statistics_are_kaldis_bit_for_bit(golden):
    features, speakers = Archive("fbank/fbank.scp"), read_table("data/g16/spk2utt")
    expected = Archive("cmvn/cmvn.scp")
    for speaker, ids in speakers.items():
        stats = cmvn.statistics(features[key] for key in ids.split())
        assert stats.dtype == np.float64 and np.array_equal(stats, expected[speaker])


@pytest.mark.parametrize("archive, norm_vars", [("fbank_norm", True), ("fbank_meanonly", False)])
def test_normalised_features_are_kaldis_bit_for_bit(golden, archive, norm_vars):
    features, stats, speaker = Archive("fbank/fbank.scp"), Archive("cmvn/cmvn.scp"), read_table("data/g16/utt2spk")
    for key, expected in Archive(f"fbank/{archive}.scp").items():
        normalised = cmvn.apply(features[key], stats[speaker[key]], norm_vars=norm_vars)
        assert normalised.dtype == np.float32 and np.array_equal(normalised, expected)


def test_a_long_recording_is_summed_row_after_row_in_little_memory():
    features = np.random.default_rng(0).normal(3, 1, (100_000, 20)).astype(np.float32)
    tracemalloc.start()
    stats = cmvn.statistics([features])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    total, squares = np.zeros((2, 20))
    for row in features:
        total, squares = total + row, squares + row * row
    assert np.array_equal(stats[:, :-1], [total, squares]) and peak < features.nbytes / 2


def test_statistics_of_pieces_are_those_of_the_whole_and_of_none_there_are_none():
    x = np.random.default_rng(0).standard_normal((9, 3)).astype(np.float32)
    assert cmvn.statistics(iter([])) is None
    assert np.array_equal(cmvn.statistics(iter([x[:4], x[4:5], x[5:]])), cmvn.statistics([x]))


def test_a_speakers_features_come_out_with_mean_0_and_variance_1():
    features = np.random.default_rng(0).normal(7, 3, (5000, 4)).astype(np.float32)
    normalised = cmvn.apply(features, cmvn.statistics([features[:2000], features[2000:]]))
    assert np.allclose(normalised.mean(axis=0), 0, atol=1e-5) and np.allclose(normalised.var(axis=0), 1, atol=1e-4)


@pytest.mark.parametrize("frames", [1, 10])
def test_a_constant_features_variance_is_kaldis_floor(frames):
    stats = cmvn.statistics([np.ones((frames, 1), np.float32)])
    normalised = cmvn.apply(np.float32([[1], [3], [0]]), stats)  # a single frame is enough for Kaldi
    assert normalised[:, 0] == pytest.approx([0, 2e10, -1e10])  # (x - 1) / sqrt(1e-20)


def test_statistics_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match=r"found shape \(2, 4\) and count 5, expected \(2, 5\)"):
        cmvn.apply(np.ones((5, 4), np.float32), cmvn.statistics([np.ones((5, 3), np.float32)]))
    for count in (0, 0.5):
        with pytest.raises(BadInput, match=f"count {count}, .*at least 1 frame"):
            cmvn.apply(np.ones((5, 3), np.float32), np.full((2, 4), count))
    with pytest.raises(BadInput, match="needs --norm-means=true"):
        cmvn.apply(np.ones((5, 3), np.float32), np.ones((2, 4)), norm_means=False)


def test_without_means_features_stay_as_they_are():
    features = np.float32([[1, 2], [3, 5]])
    unfit = np.zeros((2, 9))  # nobody looks at them
    assert np.array_equal(cmvn.apply(features, unfit, norm_means=False, norm_vars=False), [[1, 2], [3, 5]])


def test_the_count_decides_and_not_the_sums():
    features = np.float32([[-5], [-7]])  # a sum below 0, two frames
    assert cmvn.apply(features, cmvn.statistics([features]))[:, 0].tolist() == [1, -1]
