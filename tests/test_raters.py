"""Raters' traces with gaps: levels, standardisation, smoothing, and their order."""

import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.scoring.alignment import ALIGNMENTS
from cer.scoring.gaps import bridged, mean
from cer.scoring.raters import levels, refine, smoothed, standardised

RANDOM = np.random.default_rng(3)
COMMON = np.cumsum(RANDOM.standard_normal(400)) * 0.02
LEVELS = np.array([0.1, -0.2, 0.4])
RATINGS = COMMON + LEVELS[:, None]
NAN = np.nan


def gapped(ratings, *gaps):
    ratings = ratings.copy()
    for rater, first, last in gaps:
        ratings[rater, first:last] = NAN
    return ratings


def test_a_mean_is_of_what_is_there():
    with np.errstate(all="raise"):  # numpy has nothing to complain of
        assert np.allclose(mean(np.array([[1, NAN, NAN], [3, 5, NAN]])), [2, 5, NAN], equal_nan=True)
        assert mean(np.array([1.0, NAN])) == 1 and np.isnan(mean(np.array([])))
    assert bridged(np.array([NAN, 1, NAN, NAN, 4, NAN])).tolist() == [1, 1, 2, 3, 4, 4]


def test_levels_without_gaps_are_the_means():
    assert (levels(RATINGS) == RATINGS.mean(axis=1)).all()


def test_levels_of_raters_who_rated_different_rows_are_compared_by_the_rows_they_share():
    found = levels(gapped(RATINGS, (0, 0, 200), (1, 150, 300), (2, 390, 400)))
    assert found - found.mean() == pytest.approx(LEVELS - LEVELS.mean())
    assert found.mean() == pytest.approx(RATINGS.mean(), abs=1e-9)


def test_levels_of_raters_who_share_no_row_are_equal_on_average():
    found = levels(gapped(RATINGS, (0, 200, 400), (1, 200, 400), (2, 0, 200)))
    assert found[0] - found[1] == pytest.approx(0.3) and found[:2].mean() == pytest.approx(found[2])


def test_a_rater_who_rated_nothing_has_no_level():
    found = levels(gapped(RATINGS, (1, 0, 400)))
    assert np.isnan(found).tolist() == [False, True, False]
    assert found[[0, 2]] == pytest.approx(RATINGS[[0, 2]].mean(axis=1)) and np.isnan(levels(RATINGS * NAN)).all()


def test_standardised_raters_have_the_mean_and_deviation_they_have_on_average():
    ratings = RATINGS * [[1], [3], [0.5]]
    found = standardised(ratings)
    assert found.mean(axis=1) == pytest.approx(ratings.mean()) and np.ptp(found, axis=0).max() < 1e-12
    assert found.std(axis=1) == pytest.approx(ratings.std(axis=1).mean())


def test_a_trace_that_never_moves_lies_on_the_common_level():
    found = standardised(np.vstack([RATINGS, np.full(400, 0.9)]))
    assert found[3] == pytest.approx(np.mean([*RATINGS.mean(axis=1), 0.9])) and np.isfinite(found).all()


def test_gaps_stay_gaps_when_standardised_and_smoothed():
    ratings = gapped(RATINGS, (0, 0, 100), (1, 50, 60), (2, 0, 400))
    for found in (standardised(ratings), smoothed(ratings, 5)):
        assert (np.isnan(found) == np.isnan(ratings)).all()
    assert np.isnan(standardised(ratings * NAN)).all()


def test_smoothing_is_a_gaussian_mean_of_the_rated_rows():
    ratings = gapped(RATINGS, (0, 100, 110))
    found, rows = smoothed(ratings, 4.0), np.arange(400)
    for t in (0, 99, 115, 200, 399):
        near = (abs(rows - t) <= 12) & ~np.isnan(ratings[0])
        weights = np.exp(-0.5 * ((rows - t) / 4) ** 2)[near]
        assert found[0, t] == pytest.approx(weights @ ratings[0, near] / weights.sum())
    assert smoothed(ratings, 0.2) == pytest.approx(ratings, nan_ok=True)


def test_smoothing_of_a_recording_shorter_than_the_filter():
    for deviation in (50, 1e12):
        found = smoothed(RATINGS[:, :5], deviation)
        assert found.shape == (3, 5) and np.ptp(found, axis=1).max() < 1e-3


def test_traces_are_smoothed_then_standardised_then_aligned():
    assert refine(RATINGS, 0.2) is RATINGS
    for align in ("delay", "lag", "warp"):
        expected = ALIGNMENTS[align](standardised(smoothed(RATINGS, 5)), 0.2, [3, 0, -3])
        assert (refine(RATINGS, 0.2, [3, 0, -3], smooth=1.0, standardise=True, align=align) == expected).all()


def test_an_unknown_alignment_is_refused_with_those_there_are():
    with pytest.raises(BadInput, match="--align=dtw: expected one of none, delay, lag, warp"):
        refine(RATINGS, 0.2, align="dtw")
