"""cer/scoring/sums.py: what numpy gives for all recordings as one, from recordings one by one."""

import numpy as np
import pytest

from cer.scoring import sums
from cer.scoring.metrics import ccc, of_moments, pcc, rmse

RANDOM = np.random.default_rng(0)


def recordings(*lengths):
    return [RANDOM.normal(0.3, 0.2, (length, 1)).astype(np.float32) for length in lengths]


@pytest.mark.parametrize("lengths", [[1], [5, 3], [7500] * 9, [sums.PIECE], [100_000, 1, 70_000], [30, 400_001, 2]])
def test_of_all_recordings_as_one_to_the_last_bit(lengths):
    labels, predictions = recordings(*lengths), recordings(*lengths)
    y, p = (np.concatenate(each)[:, 0].astype(np.float64) for each in (labels, predictions))
    pairs = lambda: ((a[:, 0].astype(float), b[:, 0].astype(float)) for a, b in zip(labels, predictions, strict=True))  # noqa: E731
    measures = of_moments(*sums.moments(pairs, len(y)))
    assert measures == {"ccc": float(ccc(y, p)), "rmse": rmse(y, p), "pcc": pcc(y, p)}
    assert sums.mean(iter(labels)) == np.concatenate(labels).mean(dtype=np.float64)


def test_a_row_is_taken_across_its_arrays_to_its_end():
    row = sums.Row([np.arange(6).reshape(2, 3), np.zeros((2, 0), int), np.arange(4).reshape(2, 2)])
    assert row.take(2).tolist() == [[0, 1], [3, 4]]
    assert row.take(2).tolist() == [[2, 0], [5, 2]]
    assert row.take(9).tolist() == [[1], [3]] and row.take(1) is None


def test_a_piece_takes_half_a_mebibyte_and_whole_ones_are_summed_as_numpy_does_it():
    assert 8 * sums.PIECE == 2**19 and sums.PIECE % 2**13 == 0
