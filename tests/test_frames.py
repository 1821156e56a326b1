import numpy as np
import pytest

from cer import frames
from cer.datadir import Archive
from cer.errors import BadInput


def test_stacking_is_kaldis_splice_and_subsample(golden):
    normalised = Archive("fbank/fbank_norm.scp")
    for key, expected in Archive("fbank/fbank_norm_stack4.scp").items():
        assert np.array_equal(frames.stack(normalised[key], 4), expected)


@pytest.mark.parametrize("num_frames, rows", [(30000, 7500), (29998, 7500), (30001, 7501), (1, 1), (4, 1), (5, 2)])
def test_the_last_row_is_filled_with_the_last_frame(num_frames, rows):
    features = np.arange(num_frames)[:, None]
    stacked = frames.stack(features, 4)
    assert stacked.shape == (rows, 4)
    assert stacked.ravel()[:num_frames].tolist() == features.ravel().tolist()
    assert (stacked.ravel()[num_frames:] == num_frames - 1).all()


def test_labels_after_the_last_row_are_dropped_and_row_n_keeps_label_n():
    rows, labels = frames.pair(np.zeros((7500, 160)), np.arange(7501), "P16")
    assert len(rows) == 7500 and labels.tolist() == list(range(7500))


def test_a_recording_and_labels_of_different_length_are_refused():
    frames.pair(np.zeros((7499, 1)), np.zeros(7501), "P16")
    with pytest.raises(BadInput, match="P16: found 7498 rows of features or predictions and 7501 labels"):
        frames.pair(np.zeros((7498, 1)), np.zeros(7501), "P16")


def test_the_factor_follows_from_the_two_shifts():
    assert frames.subsampling_factor(0.01, 0.04) == 4
    assert frames.subsampling_factor(0.02, 0.04) == 2
    with pytest.raises(BadInput, match=r"labels every 0.04 s and features every 0.015 s"):
        frames.subsampling_factor(0.015, 0.04)
