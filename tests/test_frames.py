import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.data import frames
from cer.data.datadir import Archive
from cer.features.fbank import Features as Fbank


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


@pytest.mark.parametrize(
    "frame_shift, factor, frames_a_row",
    [(0.01, 4, 4), (0.02, 2, 2), (0.04, 1, 1), (0.016, 2.5, 3), (0.025, 1.6, 2), (0.08, 0.5, 1), (0.0199, 2.01, 2)],
)
def test_the_factor_follows_from_the_two_shifts(frame_shift, factor, frames_a_row):
    found = frames.subsampling_factor(frame_shift, 0.04)
    assert found == pytest.approx(factor, rel=1e-3) and isinstance(found, type(factor))
    assert frames.frames_a_row(found) == frames_a_row


def test_shifts_in_another_unit_are_refused():
    with pytest.raises(BadInput, match=r"labels every 0.04 s and features every 20 s: .*in seconds"):
        frames.subsampling_factor(20, 0.04)


@pytest.mark.parametrize("frame_shift", [0.016, 0.025, 0.03, 0.08, 0.2])
def test_frames_of_any_shift_stand_at_their_own_time(frame_shift):
    seconds = 12.0
    middles = (np.arange(round(seconds / frame_shift)) + 0.5) * frame_shift
    rows = frames.stack(np.stack([middles, -middles], axis=1), frames.subsampling_factor(frame_shift, 0.04))
    assert len(rows) == 300
    times = rows.reshape(-1, 2)  # features that are their own time must be the times of the new frames
    shift = seconds / len(times)
    expected = np.clip((np.arange(len(times)) + 0.5) * shift, middles[0], middles[-1])
    assert shift <= frame_shift and np.allclose(times, np.stack([expected, -expected], axis=1), atol=1e-9)


def test_an_utterance_of_one_frame_and_one_that_ends_inside_a_row_are_filled():
    assert frames.stack(np.array([[3.0]]), 0.5).tolist() == [[3.0]] * 2
    assert frames.stack(np.array([[3.0]]), 2.5).tolist() == [[3.0] * 3]
    assert len(frames.stack(np.zeros((6, 2)), 1.6)) == 4  # 150 ms: the fourth label's row is not whole


@pytest.mark.parametrize("frame", [25.0, 32.0])
@pytest.mark.parametrize("snip", [False, True])
def test_rows_of_samples_and_rows_of_frames_have_a_length_in_common(frame, snip):
    fbank, differ = Fbank(frame_length=frame, snip_edges=snip), 0
    for size in range(16000, 16640):
        lengths = -(-size // 640), -(-fbank.num_frames(size) // 4)
        assert frames.common([range(n) for n in lengths], "P1") == min(lengths)
        differ += lengths[0] != lengths[1]
    assert 0 < differ < 640
    assert frames.common([range(7), range(5)], "P1") == 5
    with pytest.raises(BadInput, match="P1: found 5 rows of predictions by one model and 8 by another"):
        frames.common([range(8), range(5), range(6)], "P1")


def test_a_frame_may_span_25_labels_and_no_more():
    assert frames.subsampling_factor(1.0, 0.04) == 0.04
    with pytest.raises(BadInput, match="labels every 0.04 s and features every 1.02 s: .* 25 labels at most"):
        frames.subsampling_factor(1.02, 0.04)


@pytest.mark.parametrize("factor, found", [(1.05, 1), (2.1, 2), (2.11, 3), (2.9, 3), (3.05, 3), (0.3, 1), (7, 7)])
def test_a_tenth_of_a_frame_more_is_no_further_frame(factor, found):
    assert frames.frames_a_row(factor) == found


@pytest.mark.parametrize("factor, whole", [(1, True), (4.0, True), (2.5, False), (0.5, False)])
def test_frames_are_stacked_as_they_are_where_the_factor_is_a_whole_number(factor, whole):
    assert frames.is_whole(factor) is whole


@pytest.mark.parametrize("rows, labels", [(5, 7), (7, 5), (6, 6)])
def test_rows_and_labels_are_cut_to_what_both_have(rows, labels):
    found = frames.pair(np.arange(rows), np.arange(labels), "P16")
    assert [one.tolist() for one in found] == 2 * [[*range(min(rows, labels))]]


def test_a_label_may_hold_ten_thousand_frames_and_no_more():
    assert frames.subsampling_factor(0.0001, 1.0) == 10_000
    with pytest.raises(BadInput, match="expected 10000 frames a label at most"):
        frames.subsampling_factor(0.0001, 1.0001)
