import itertools
import time
import tracemalloc

import coverage_of_intervals
import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.scoring import metrics, significance

RANDOM = np.random.default_rng(0)
LABELS = {f"P{n:02d}-{u}": RANDOM.normal(3 + n / 9, 0.2, (150 + n, 1)) for n in range(9) for u in range(2)}
UTT2SPK = {key: key[:3] for key in LABELS}


def predictions(noise, random=RANDOM):
    return {key: (y + random.normal(0.05, noise, y.shape))[:-1] for key, y in LABELS.items()}


def moments(noise, seed=0):
    return significance.moments_of_speakers(LABELS, predictions(noise, np.random.default_rng(seed)), UTT2SPK)


def frames(keys, prediction):
    return (np.concatenate([one[key][: len(LABELS[key]) - 1, 0] for key in keys]) for one in (LABELS, prediction))


def test_the_ccc_of_moments_is_that_of_the_frames():
    prediction = predictions(0.1)
    sums = significance.moments_of_speakers(LABELS, prediction, UTT2SPK)
    assert sums.shape == (9, 6)
    assert abs(significance.ccc(sums.sum(0)) - metrics.ccc(*frames(LABELS, prediction))) < 1e-12
    drawn = [0, 0, 3, 8]
    keys = [key for n in drawn for key in LABELS if UTT2SPK[key] == f"P{n:02d}"]
    assert abs(significance.ccc(sums[drawn].sum(0)) - metrics.ccc(*frames(keys, prediction))) < 1e-12


def test_an_utterance_without_speaker_or_prediction_is_named():
    class Named(dict):  # as an Archive
        scp = "x/joy.scp"

    with pytest.raises(BadInput, match="^x/joy.scp: P00-0: has labels and no speaker in utt2spk beside it; add it"):
        significance.moments_of_speakers(Named(LABELS), LABELS, {})
    with pytest.raises(BadInput, match="^memory: P00-0: has labels and no prediction in x/joy.scp; add it, or leave"):
        significance.moments_of_speakers(LABELS, Named(), UTT2SPK)


def test_rows_in_gaps_of_the_labels_do_not_count():
    column = lambda *values: np.array(values, float)[:, None]  # noqa: E731
    gaps, without = {"a": column(1, np.nan, 2), "b": column(6)}, {"a": column(1, 2), "b": column(6)}
    predicted, fewer = {"a": column(3, 9, 5), "b": column(4)}, {"a": column(3, 5), "b": column(4)}
    sums = significance.moments_of_speakers(gaps, predicted, {"a": "a", "b": "b"})
    assert np.array_equal(sums, significance.moments_of_speakers(without, fewer, {"a": "a", "b": "b"}))


def students(values, half_width):
    """Student's t interval of the mean of these values."""
    return np.mean(values) + np.array([-1, 1]) * half_width * np.std(values, ddof=1) / np.sqrt(len(values))


def test_the_interval_of_a_mean_over_recordings_is_students_of_its_z():
    """Of one recording a speaker the mean of CCCs is a mean: its jackknife is the variance of the mean."""
    values = np.array([0.1, 0.5, 0.3, 0.4])
    sums = np.stack([np.ones(4), values], axis=-1)[None]
    low, high = np.arctanh(significance.interval_of_ccc(sums, significance.mean_of_recordings))
    left = np.arctanh((values.sum() - values) / 3)
    half = 3.182446 * np.sqrt(3 / 4 * ((left - left.mean()) ** 2).sum())  # of 3 degrees of freedom
    assert [low, high] == pytest.approx(np.arctanh(values.mean()) + np.array([-half, half]), rel=1e-6)
    other = np.stack([np.ones(4), [0.2, 0.2, 0.3, 0.1]], axis=-1)[None]
    difference = significance.interval_of_difference(sums, other, significance.mean_of_recordings)
    assert difference == pytest.approx(students(values - other[0, :, 1], 3.182446), rel=1e-6)


def test_the_interval_holds_the_ccc_and_is_the_same_for_twice_the_frames():
    """Twice the frames of the same speakers make no interval narrower."""
    sums = moments(0.1)[None]
    low, high = significance.interval_of_ccc(sums)
    assert low < significance.ccc(sums[0].sum(0)) < high
    assert significance.interval_of_ccc(2 * sums) == pytest.approx([low, high])


def test_runs_that_differ_widen_the_interval_as_a_second_source_of_variance():
    """Figures that are a speaker's number plus a run's: the variance of the mean is that of both means."""
    of_runs, of_speakers = np.array([-0.3, 0.0, 0.3]), np.array([0.01, -0.02, 0.0, 0.01])
    values = of_runs[:, None] + of_speakers
    sums = np.stack([np.ones((3, 4)), values], axis=-1)
    none = np.stack([np.ones((1, 4)), np.zeros((1, 4))], axis=-1)
    low, high = significance.interval_of_difference(sums, none, significance.mean_of_recordings)
    runs, speakers = of_runs.var(ddof=1) / 3, of_speakers.var(ddof=1) / 4
    freedom = (runs + speakers) ** 2 / (runs**2 / 2 + speakers**2 / 3)
    assert 2 < freedom < 2.1 and high + low == pytest.approx(0, abs=1e-12)
    assert high / np.sqrt(runs + speakers) == pytest.approx(4.30, rel=0.01)  # t of 2 degrees of freedom
    alike = significance.interval_of_difference(sums[[1, 1, 1]], none, significance.mean_of_recordings)
    assert alike == pytest.approx(students(of_speakers, 3.182446), rel=1e-6)


def test_how_runs_differ_from_speaker_to_speaker_is_counted_once():
    """Noise of each run and speaker alone: no more variance than speakers show."""
    sums = np.ones((400, 5, 9, 2))
    sums[..., 1] = np.random.default_rng(1).normal(0, 0.3, (400, 5, 9))
    low, high = np.moveaxis(significance.interval_of_ccc(sums, significance.mean_of_recordings), -1, 0)
    assert 0.94 < np.mean((low < 0) & (high > 0)) < 0.99
    assert np.mean(high - low) < 1.35 * 2 * 2.306 * 0.3 / np.sqrt(45)


def test_longer_recordings_leave_fewer_degrees_of_freedom():
    sums = moments(0.2)[None]
    ratio = [1, 1, 1, 1, 1, 1, 1, 1, 10]
    assert significance._freedom(np.ones((1, 9, 6))) == 8 and significance._freedom(sums) == pytest.approx(8, abs=0.1)
    assert significance._freedom(np.ones((1, 9, 6)) * np.array(ratio)[:, None]) == pytest.approx(18**2 / 108 - 1)
    assert significance._freedom(np.ones((1, 2, 6)) * np.array([[1], [1000]])) == 1


def test_several_recordings_of_a_speaker_are_one_thing_that_is_left_out():
    sums = significance.recordings_of_speakers(
        {"a-1": 0.5, "b-1": 0.2, "a-2": 0.25}, {"a-1": "a", "a-2": "a", "b-1": "b"}
    )
    assert sums.tolist() == [[2, 0.75], [1, 0.2]] and significance.mean_of_recordings(sums.sum(0)) == 0.95 / 3


@pytest.mark.parametrize("of, size", [(significance.ccc, 6), (significance.mean_of_recordings, 2)])
def test_one_speaker_has_no_interval_and_no_difference_is_shown(of, size):
    one = np.ones((3, 1, size))
    assert significance.interval_of_ccc(one, of) is None and significance.interval_of_difference(one, one, of) is None
    assert significance.permutation_test(moments(0.1)[None, :1], moments(0.2)[None, :1]) == (1, 2)


def test_two_speakers_have_wide_intervals_and_no_difference_is_shown():
    both = np.stack([moments(0.1), moments(0.3)])[:, :2]
    for sums in (both, both[:1]):
        low, high = significance.interval_of_ccc(sums)
        assert -1 <= low < significance.ccc(sums.sum(1)).mean() < high <= 1
    low, high = significance.interval_of_difference(both[:1], both[1:])
    assert -2 <= low < high <= 2 and significance.permutation_test(both[:1], both[1:])[0] >= 0.5


def test_intervals_stay_within_the_limits():
    """Speakers as different as they can be, some of whom are told the opposite."""
    random = np.random.default_rng(0)
    for size in (2, 3, 9):
        values = np.tanh(random.normal(0, 5, (200, 2, size)))
        sums = np.stack([np.ones_like(values), values], axis=-1)
        limits = significance.interval_of_ccc(sums, significance.mean_of_recordings)
        assert np.isfinite(limits).all() and np.abs(limits).max() <= 1 and (limits[:, 0] <= limits[:, 1]).all()
        limits = significance.interval_of_difference(sums, -sums, lambda sums: sums[..., 1] / np.abs(sums[..., 0]))
        assert np.isfinite(limits).all() and np.abs(limits).max() <= 2


@pytest.mark.parametrize("constant", [0.0, 3.0])
def test_constant_predictions_have_a_ccc_of_0_and_no_width(constant):
    flat = significance.moments_of_speakers(
        LABELS, {key: np.full_like(y, constant) for key, y in LABELS.items()}, UTT2SPK
    )
    assert significance.interval_of_ccc(np.stack([flat, flat])) == pytest.approx([0, 0], abs=1e-9)
    good = moments(0.1)[None]
    difference, value = significance.interval_of_difference(good, flat[None]), significance.ccc(good[0].sum(0))
    assert difference[0] < value < difference[1]


def test_labels_and_predictions_of_the_same_constant_have_a_ccc_of_0():
    labels = {f"{n}": np.full((50 + n, 1), 0.1, np.float32) for n in range(4)}
    sums = significance.moments_of_speakers(labels, labels, {key: key for key in labels})
    assert significance.interval_of_ccc(sums[None]).tolist() == [0, 0]


def test_perfect_predictions_have_an_interval_of_1():
    sums = significance.moments_of_speakers(LABELS, LABELS, UTT2SPK)
    assert significance.interval_of_ccc(np.stack([sums, sums])) == pytest.approx([1, 1])


@pytest.mark.parametrize("size", [2, 5])
def test_the_exact_test_tries_every_swap(size):
    a, b = moments(0.1)[:size], moments(0.12, seed=1)[:size]
    observed = abs(significance.ccc(a.sum(0)) - significance.ccc(b.sum(0)))
    differences = []
    for swap in itertools.product([False, True], repeat=size):
        x, y = (np.where(np.array(swap)[:, None], *pair).sum(0) for pair in ((b, a), (a, b)))
        differences.append(abs(significance.ccc(x) - significance.ccc(y)))
    p, number = significance.permutation_test(a[None], b[None])
    assert number == 2**size and p == np.mean([one >= observed - 1e-12 for one in differences])


def runs_of(noise, first, number=1):
    return np.stack([moments(noise, seed) for seed in range(first, first + number)])


def test_a_clear_difference_is_found_and_none_where_there_is_none():
    assert significance.permutation_test(runs_of(0.05, 0), runs_of(0.3, 0)) == (2 / 512, 512)
    assert significance.permutation_test(runs_of(0.1, 0), runs_of(0.1, 0)) == (1, 512)
    assert significance.permutation_test(runs_of(0.05, 0, 5), runs_of(0.3, 0, 4)) == (2 / 512, 512)
    assert significance.permutation_test(runs_of(0.1, 0, 3), runs_of(0.1, 0, 3)) == (1, 512)


def test_each_run_swaps_with_each_run_of_the_other_system():
    a, b = runs_of(0.2, 0, 2)[:, :3], runs_of(0.22, 5, 3)[:, :3]
    swap = np.array([[0, 1, 1.0]])
    wanted = np.mean([significance.ccc(one[0] + other[1] + other[2]) for one in a for other in b])
    moved = significance._moved(1 - swap, a), significance._moved(swap, b)
    assert significance._together(*moved) == pytest.approx(wanted)


def test_a_system_is_tested_against_several_others_as_against_each():
    a, others = runs_of(0.1, 0, 2), np.stack([runs_of(noise, 5, 3) for noise in (0.1, 0.11, 0.3)])
    for size in (1, 9):
        ps, number = significance.permutation_test(a[:, :size], others[:, :, :size])
        each = [significance.permutation_test(a[:, :size], b[:, :size]) for b in others]
        assert ps.shape == (3,) and [(p, number) for p in ps] == each
    assert len({*ps}) == 3


def test_half_of_the_swaps_stands_for_all():
    found = np.concatenate([*significance._half_of_swaps(11)])
    assert len({tuple(row) for row in np.concatenate([found, 1 - found])}) == 2**11 == 2 * len(found)


def test_a_difference_that_the_luck_of_runs_explains_is_not_shown():
    """Every speaker is better off with the second system, but its runs differ by more."""
    good, poor = moments(0.3), moments(0.31)
    assert significance.permutation_test(good[None], poor[None])[0] <= 0.01
    runs = np.stack([moments(0.2), moments(0.45)])
    a = np.stack([good, good])
    assert abs(significance.ccc(a.sum(1)).mean() - significance.ccc(runs.sum(1)).mean()) > 0.01
    assert significance.permutation_test(a, runs)[0] > 0.5


def test_many_speakers_are_sampled_and_quickly():
    a, b = (np.concatenate([runs_of(0.2, seed + more, 5) for seed in range(3)], axis=1) for more in (0, 10))
    start = time.process_time()
    p, number = significance.permutation_test(a, b)
    significance.interval_of_ccc(a)
    assert time.process_time() - start < 3
    assert number == 10000 and 1 / 10001 <= p <= 1
    assert (p, number) == significance.permutation_test(a, b) != significance.permutation_test(a, b, srand=2)


def test_moments_are_these_sums_around_the_mean_of_all_labels():
    column = lambda *values: np.array(values, float)[:, None]  # noqa: E731
    labels = {"a-1": column(1, 2), "a-2": column(6), "b-1": column(3)}  # mean 3
    predicted = {"a-1": column(3, 5), "a-2": column(4), "b-1": column(1)}
    speakers = {"a-1": "a", "a-2": "a", "b-1": "b"}
    sums = significance.moments_of_speakers(labels, predicted, speakers)
    # y - 3: -2 -1 3 | 0; p - 3: 0 2 1 | -2
    assert sums.tolist() == [[3, 0, 3, 14, 5, 1], [1, 0, -2, 0, 4, 0]]
    assert significance.ccc(sums.sum(0)) == pytest.approx(2 * (1 / 4 - 0) / (14 / 4 + 9 / 4 - 1 / 16 + 1 / 16))
    assert significance.ccc(np.array([5.0, 10, 10, 20, 20, 20])) == 0  # both are the constant 2: 0 / 0


def test_thirteen_speakers_are_tried_in_full_and_fourteen_sampled():
    a, b = (np.concatenate([runs_of(noise, 0), runs_of(noise, 1)], axis=1) for noise in (0.05, 0.4))
    assert significance.permutation_test(a[:, :13], b[:, :13], resamples=99) == (2 / 2**13, 2**13)
    # the one as it is counts among the sampled ones: none of 99 is as far, so 1 in 100
    assert significance.permutation_test(a[:, :14], b[:, :14], resamples=99) == (1 / 100, 99)
    assert significance.permutation_test(a, a, resamples=99) == (1, 99)
    assert [significance.least_p(size, 99) for size in (1, 13, 14)] == [1, 2 / 2**13, 1 / 100]
    c, d = (np.concatenate([runs_of(0.1, first), runs_of(0.1, first + 1)], axis=1) for first in (0, 2))
    assert significance.permutation_test(c, d) == significance.permutation_test(c, d, resamples=10000, srand=1)


@pytest.mark.parametrize("size", [9, 18])
def test_swaps_in_blocks_are_the_swaps_at_once(monkeypatch, size):
    a, b = (np.concatenate([runs_of(noise, 0, 2), runs_of(noise, 2, 2)], axis=1)[:, :size] for noise in (0.1, 0.11))
    monkeypatch.setattr(significance, "ROWS", 10_000)
    at_once = significance.permutation_test(a, b)
    for name, value in (("ROWS", 77), ("BLOCK", 18 * 55)):
        monkeypatch.setattr(significance, name, value)
        assert significance.permutation_test(a, b) == at_once


def test_drawn_swaps_take_few_megabytes_at_a_time():
    for size in (9, 10_000, 10**6):
        block = next(significance._some_swaps(size, 10_000, np.random.default_rng(1)))
        assert block.nbytes <= 16 * 2**20 and len(block) == min(512, 2**21 // size)


def test_ten_thousand_speakers_take_little_memory():
    a = np.tile(moments(0.1), (1112, 1))[None].repeat(5, axis=0)
    tracemalloc.start()
    low, high = significance.interval_of_ccc(a)
    significance.interval_of_difference(a, a)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert low < high < low + 0.01 and held < 20 * a.nbytes


def test_p_values_are_corrected_by_holms_method():
    assert significance.holm([]) == [] and significance.holm([0.2]) == [0.2]
    assert significance.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert significance.holm([0.5, 0.4]) == [0.8, 0.8] and significance.holm([0.9, 0.6]) == [1, 1]


CELLS = [(runs, speakers) for runs in (1, 2, 5) for speakers in coverage_of_intervals.SPEAKERS]


@pytest.mark.slow
@pytest.mark.parametrize("runs, speakers", CELLS)
def test_intervals_hold_the_truth_as_often_as_they_say(runs, speakers):
    for quality in coverage_of_intervals.QUALITIES:
        for held, wrong in coverage_of_intervals.coverage(2000, speakers, runs, quality).values():
            least, sampling = 0.92 if speakers == 6 else 0.93, 0.011  # twice the deviation of 2000 draws
            assert least - sampling <= held <= 0.97 + sampling
            assert 0.015 <= wrong <= 0.07


@pytest.mark.slow
@pytest.mark.parametrize("runs, speakers", CELLS)
def test_the_test_calls_one_of_two_equal_systems_better_in_at_most_a_twentieth(runs, speakers):
    wrong = [coverage_of_intervals.errors(250, speakers, runs, q) for q in coverage_of_intervals.QUALITIES]
    assert 0.005 < np.mean(wrong) < 0.065  # of 1000 draws: .05 and twice its deviation of .007


def test_the_interval_of_a_mean_is_students():
    # t of .975 and 3 degrees of freedom is 3.18245; the variance is 5 / 3.
    low, high = significance.interval_of_mean(np.array([1.0, 2, 3, 4]))
    assert (low, high) == pytest.approx((2.5 - 3.18245 * (5 / 12) ** 0.5, 2.5 + 3.18245 * (5 / 12) ** 0.5), abs=1e-5)
