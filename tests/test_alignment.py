"""Alignment of raters: known delays are found, time warping is the cheapest path, gaps stay gaps."""

import itertools

import numpy as np
import pytest

from cer.scoring.alignment import ALIGNMENTS, LIMIT, Lags, _coarse, correlations, delays, moved, paths, warped
from cer.scoring.metrics import pcc

SHIFT = 0.2
RANDOM = np.random.default_rng(5)
WALK = np.cumsum(RANDOM.standard_normal(1100)) * 0.02


def late(rows, length=900):
    """The same hidden trace, seen `rows` later."""
    return WALK[100 - rows : 100 - rows + length]


KNOWN = np.array([-7, -2, 0, 9])
RATERS = np.stack([gain * late(rows) + level for rows, gain, level in zip(KNOWN, [1, 2, 0.5, 1], [0, 1, -1, 3])])  # noqa: B905


def by_delay(ratings, shift):
    return moved(ratings, delays(ratings, shift))


def test_known_delays_are_found_whatever_gain_and_level():
    assert delays(RATERS, SHIFT).tolist() == KNOWN.tolist()
    inner = slice(20, -20)  # rows whose values were not repeated
    assert np.ptp((by_delay(RATERS, SHIFT)[[0, 3]] - [[0], [3]])[:, inner], axis=0).max() < 1e-12


def test_the_raters_mean_delay_stays():
    assert delays(RATERS[1:], SHIFT).tolist() == [-4, -2, 7]
    later = delays(RATERS[:2], SHIFT)
    assert later[1] - later[0] == 5 and abs(later.sum()) <= 1


def test_a_delay_is_never_beyond_the_limit():
    most = round(LIMIT / SHIFT)
    for far in (most + 25, 80, 100):
        assert abs(delays(np.stack([late(0), late(0), late(far)]), SHIFT)).max() <= most
    assert np.ptp(delays(np.stack([late(0), late(0), late(most - 1)]), SHIFT)) == most - 1


def test_a_rater_who_agrees_at_no_delay_is_not_moved():
    ramp = np.linspace(0, 1, 300)
    assert delays(np.stack([ramp, -ramp]), SHIFT).tolist() == [0, 0]
    assert delays(np.stack([np.ones(300), np.ones(300)]), SHIFT).tolist() == [0, 0]


def test_raters_who_share_few_rows_are_not_moved():
    ratings = np.stack([late(0), late(4)])
    ratings[0, :420], ratings[1, 480:] = np.nan, np.nan
    assert delays(ratings, SHIFT).tolist() == [0, 0]


def test_moved_traces_hold_their_ends_and_take_their_gaps_along():
    ratings = RATERS.copy()
    ratings[3, 500:550] = np.nan
    found = by_delay(ratings, SHIFT)
    assert (found[3, -9:] == ratings[3, -1]).all() and (found[0, :7] == ratings[0, 0]).all()
    assert np.flatnonzero(np.isnan(found[3])).tolist() == list(range(491, 541)) and not np.isnan(found[:3]).any()


def test_correlation_is_over_the_rows_that_both_rated():
    x, y = RANDOM.standard_normal((2, 60)) + 5
    x[10:20], y[40:45] = np.nan, np.nan
    found = correlations(x, y, 8)
    for d in range(-8, 9):
        pairs = [(x[t + d], y[t]) for t in range(60) if 0 <= t + d < 60]
        a, b = np.array([pair for pair in pairs if not np.isnan(pair).any()]).T
        assert found[8 + d] == pytest.approx(pcc(a, b))


def test_correlation_has_no_unit():
    x, y = RANDOM.standard_normal((2, 60))
    assert correlations(x / 1000, y / 1000, 8) == pytest.approx(correlations(x, y, 8))


def test_few_common_rows_are_no_correlation():
    x = np.concatenate([RANDOM.standard_normal(30), [0.0, 1.0]])
    y = np.concatenate([[0.0, 1.0], RANDOM.standard_normal(30)])
    found = correlations(x, y, 31)
    assert (found[:15] == 0).all() and (found[-15:] == 0).all() and found[15:-15].all()  # half of the rows are enough


def cheapest(x, y, most):
    """The least sum of squared distances over all paths, by trying each."""
    costs = {}
    for i, j in itertools.product(range(len(y)), range(len(x))):
        before = [costs[p] for p in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if p in costs]
        if abs(i - j) <= most and (before or (i, j) == (0, 0)):
            costs[i, j] = (x[j] - y[i]) ** 2 + min(before, default=0)
    return costs[len(y) - 1, len(x) - 1]


@pytest.mark.parametrize("most", [0, 1, 3, 11, 20])
def test_warping_takes_the_cheapest_path_in_the_band(most):
    x, y = RANDOM.standard_normal((2, 3, 12))
    for (first, last), a, b in zip(paths(x, y, most), x, y, strict=True):
        assert first[0] == 0 and last[-1] == 11
        pairs = [(t, u) for t in range(12) for u in range(first[t], last[t] + 1)]
        assert max(abs(t - u) for t, u in pairs) <= most
        assert set(first[1:] - last[:-1]) <= {0, 1}
        assert sum((a[u] - b[t]) ** 2 for t, u in pairs) == pytest.approx(cheapest(a, b, most))


@pytest.mark.parametrize("shift", [0.2, 0.04, 0.5])
def test_warping_undoes_a_delay_that_changes_with_time(shift):
    rows = np.arange(len(WALK) - 200)
    wander = (2 / shift * 0.5) * np.sin(rows / 90)  # up to 1 s early and late
    smooth = np.convolve(WALK, np.hanning(30) / np.hanning(30).sum(), "same")
    one, two = (np.interp(100 + rows + sign * wander, np.arange(len(WALK)), smooth) for sign in (1, -1))
    a, b, c = warped(np.stack([one, 2 * two + 1, 0.5 * two]), shift)
    assert 1 - pcc(a, b) < 0.25 * (1 - pcc(one, two))
    assert set(a) <= set(one) and set(b) <= set(2 * two + 1)
    assert pcc(b, c) > 0.999


def test_of_equal_paths_warping_takes_the_straight_one():
    still = np.zeros((2, 9))
    assert (paths(still, still, 4) == np.arange(9)).all()


def test_points_of_the_grid_are_means_of_the_rows_around_them():
    assert _coarse(np.arange(12.0), 5) == pytest.approx([0.6, 5, 9.8])
    assert _coarse(np.arange(4.0), 1).tolist() == [0, 1, 2, 3]


def test_warping_leaves_equal_traces_and_single_raters_as_they_are():
    same = np.stack([late(0)] * 3)
    assert (warped(same, SHIFT) == same).all() and (warped(same[:1], SHIFT) == same[:1]).all()


@pytest.mark.parametrize("align", [by_delay, warped])
def test_who_rated_nothing_changes_nothing(align):
    ratings = np.insert(RATERS, 2, np.nan, axis=0)
    found = align(ratings, SHIFT)
    assert np.isnan(found[2]).all() and (np.delete(found, 2, axis=0) == align(RATERS, SHIFT)).all()
    assert np.isnan(align(ratings[2:3], SHIFT)).all() and np.isnan(align(ratings[[2, 2]], SHIFT)).all()


def test_warping_keeps_gaps():
    ratings = RATERS.copy()
    ratings[1, 300:400] = np.nan
    found = np.isnan(warped(ratings, SHIFT))
    most = round(LIMIT / SHIFT)
    assert 40 <= found[1].sum() <= 160 and found.sum() == found[1].sum()
    assert not found[1, : 300 - most].any() and not found[1, 400 + most :].any()


@pytest.mark.parametrize("align", [by_delay, warped])
@pytest.mark.parametrize("length", [1, 2, 3, 10, 151])
def test_short_recordings_are_aligned_too(align, length):
    ratings = RATERS[:, :length]
    found = align(ratings, 0.04)
    assert found.shape == ratings.shape and np.isfinite(found).all()
    assert found.min() >= ratings.min() and found.max() <= ratings.max()


def lags_of(*recordings, shift=SHIFT):
    """recordings: (names, ratings)."""
    lags = Lags(shift)
    for names, ratings in recordings:
        lags.add(names, ratings)
    return lags.find()


def test_lags_are_those_that_generated_the_ratings_whatever_gain_and_level():
    assert lags_of(("ABCD", RATERS)) == dict(zip("ABCD", KNOWN, strict=True))
    assert lags_of(("BCD", RATERS[1:])) == {"B": -4, "C": -2, "D": 7}
    assert np.ptp(ALIGNMENTS["lag"](RATERS, SHIFT, KNOWN)[[0, 3], 20:-20] - [[0], [3]], axis=0).max() < 1e-12


def test_a_lag_counts_all_recordings_by_their_length_and_raters_may_be_in_some_only():
    noise = np.random.default_rng(3).standard_normal((4, 150)) / 16
    noisy = ("ABCD", RATERS[:, 300:450] + noise)
    pairs = [(names, RATERS[["ABCD".index(name) for name in names]]) for names in ("AB", "BC", "DC")]
    assert lags_of(noisy) != dict(zip("ABCD", KNOWN, strict=True))
    assert lags_of(noisy, *pairs) == dict(zip("ABCD", KNOWN, strict=True))
    apart = [("BC", RATERS[1:3]), ("CB", RATERS[[2, 1]]), ("AD", RATERS[[0, 3]]), ("X", RATERS[:1])]
    assert lags_of(*apart) == {"B": -1, "C": 1, "A": -8, "D": 8}


def test_who_does_not_agree_has_no_lag_and_none_is_beyond_the_limit():
    ramp = np.linspace(0, 1, 300)
    assert lags_of(("AB", np.stack([ramp, -ramp])), ("C", ramp[None])) == {}
    assert lags_of(("AB", np.full((2, 9), np.nan))) == {}
    most = round(LIMIT / SHIFT)
    assert max(map(abs, lags_of(("ABC", np.stack([late(0), late(0), late(90)]))).values())) <= most
