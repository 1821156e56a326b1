"""The raw waveform as a front end, and in a graph."""

import numpy as np
import pytest
import torch

from cer.features.waveform import Features
from cer.sound.resample import resample

SAMPLES = np.random.default_rng(6).normal(40, 300, 1000).astype(np.float32)


def test_a_sample_is_a_frame():
    end = Features()
    assert (end.rate, end.frame_seconds, end.dim, end.archived) == (16000, 1 / 16000, 1, False)
    assert np.array_equal(end(SAMPLES, 16000), SAMPLES[:, None])
    assert np.array_equal(end(SAMPLES, 8000), resample(SAMPLES, 8000, 16000)[:, None])
    assert np.array_equal(Features(sample_frequency=8000.0)(SAMPLES, 16000), resample(SAMPLES, 16000, 8000)[:, None])
    assert np.array_equal(end.stream(16000).push(SAMPLES), SAMPLES[:, None])


@pytest.mark.parametrize("scale", [1, 1e-4])
def test_a_recording_has_mean_0_and_variance_1_by_itself_or_by_statistics(scale):
    end, x = Features(), scale * SAMPLES[:, None]
    expected = (SAMPLES - SAMPLES.mean()) / SAMPLES.std()
    np.testing.assert_allclose(end.alone(x)[:, 0], expected, atol=1e-5)
    stats = np.array([[x.sum(dtype=float), len(x)], [np.square(x, dtype=float).sum(), 0]])
    for flags in ((True, True), (False, False)):
        found = end.normalise(x, stats, *flags)
        assert found.shape == (1000, 1) and found.dtype == np.float32
        np.testing.assert_allclose(found[:, 0], expected, atol=1e-5)


def test_one_value_alone_stays_finite():
    end, x = Features(), np.full((50, 1), 7, np.float32)
    assert not end.alone(x).any()
    assert not end.normalise(x, np.array([[350.0, 50], [2450, 0]]), True, True).any()
    assert not end.graph(10)(torch.from_numpy(x[:, 0])).any()


@pytest.mark.parametrize("size", [1, 39, 40, 41, 1000])
def test_rows_of_samples_end_with_zeros_and_are_the_same_in_a_graph(size):
    end, x = Features(), SAMPLES[:size, None]
    rows = end.stack(x, 40)
    assert rows.shape == (-(-size // 40), 40) and rows.dtype == np.float32
    assert np.array_equal(rows.ravel()[:size], x[:, 0]) and not rows.ravel()[size:].any()
    for scale in (1, 1e-4):
        samples = scale * SAMPLES[:size]
        found = end.graph(40)(torch.from_numpy(samples)).numpy()
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, end.stack(end.alone(end(samples, 16000)), 40), atol=1e-5)
