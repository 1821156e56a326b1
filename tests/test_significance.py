import itertools
import time

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
    with pytest.raises(BadInput, match="P00-0: has labels and no speaker"):
        significance.moments_of_speakers(LABELS, LABELS, {})
    with pytest.raises(BadInput, match="P00-0: has labels and no prediction"):
        significance.moments_of_speakers(LABELS, {}, UTT2SPK)


def test_draws_are_as_many_as_there_are():
    counts = significance.draws(1000, 9, np.random.default_rng(1))
    assert counts.shape == (1000, 9) and (counts.sum(1) == 9).all() and counts.mean(0) == pytest.approx(1, abs=0.15)


def test_the_interval_holds_the_ccc_and_can_be_repeated():
    sums = moments(0.1)
    low, high = significance.interval_of_ccc(sums)
    assert low < significance.ccc(sums.sum(0)) < high
    assert significance.interval_of_ccc(sums) == [low, high] != significance.interval_of_ccc(sums, srand=2)
    assert significance.interval_of_ccc(sums[:1]) is None


def test_intervals_of_a_mean_cover_it_about_as_often_as_they_say():
    # A speaker's moments such that the CCC is nearly linear in one number of mean 0.5: the bootstrap of a mean.
    random, hits = np.random.default_rng(3), 0
    for n in range(200):
        product = random.normal(0.5, 0.2, 30)
        sums = np.stack([np.ones(30), np.zeros(30), np.zeros(30), np.ones(30), np.ones(30), product], axis=1)
        low, high = significance.interval_of_ccc(sums, resamples=1000, srand=n)
        hits += low < 0.5 < high
    assert 180 <= hits <= 198


def test_resampling_frames_of_few_speakers_is_not_what_is_done():
    """Twice the frames of the same speakers make no interval narrower."""
    sums = moments(0.1)
    assert significance.interval_of_ccc(2 * sums) == pytest.approx(significance.interval_of_ccc(sums))


def test_the_two_level_bootstrap_draws_runs_too():
    random, runs = np.random.default_rng(1), np.stack([moments(noise) for noise in (0.05, 0.1, 0.3)])
    each = significance.bootstrap(runs, 500, random)
    fixed, both = significance.mean_over_runs(each), significance.mean_over_runs(each, random)
    again = np.random.default_rng(1)
    speakers, chosen = significance.draws(500, 9, again), significance.draws(500, 3, again)
    first = [significance.ccc(speakers[0] @ one) for one in runs]
    assert fixed[0] == pytest.approx(np.mean(first)) and both[0] == pytest.approx(np.mean(chosen[0] * first))
    assert both.std() > 2 * fixed.std()


@pytest.mark.parametrize("size", [2, 5])
def test_the_exact_test_tries_every_swap(size):
    a, b = moments(0.1)[:size], moments(0.12, seed=1)[:size]
    observed = abs(significance.ccc(a.sum(0)) - significance.ccc(b.sum(0)))
    differences = []
    for swap in itertools.product([False, True], repeat=size):
        x, y = (np.where(np.array(swap)[:, None], *pair).sum(0) for pair in ((b, a), (a, b)))
        differences.append(abs(significance.ccc(x) - significance.ccc(y)))
    p, number = significance.permutation_test(a, b)
    assert number == 2**size and p == np.mean([one >= observed - 1e-12 for one in differences])


def test_a_clear_difference_is_found_and_none_where_there_is_none():
    assert significance.permutation_test(moments(0.05), moments(0.3)) == (2 / 512, 512)
    assert significance.permutation_test(moments(0.1), moments(0.1)) == (1, 512)


def test_the_test_keeps_its_level():
    """Of two systems alike, p is below .1 in about a tenth of the cases."""
    ps = [
        significance.permutation_test(moments(0.2, 2 * n + 100)[:8], moments(0.2, 2 * n + 101)[:8])[0]
        for n in range(150)
    ]
    assert 4 <= sum(p <= 0.1 for p in ps) <= 28


def test_many_speakers_are_sampled_and_quickly():
    a, b = (np.concatenate([moments(0.2, seed + more) for seed in range(3)]) for more in (0, 10))
    start = time.process_time()
    p, number = significance.permutation_test(a, b)
    significance.bootstrap(np.stack([a] * 5), 10000, np.random.default_rng(0))
    assert time.process_time() - start < 1
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


def test_an_interval_leaves_half_of_the_rest_on_either_side():
    values = np.arange(201.0)
    assert significance.interval(values) == pytest.approx([5, 195])
    assert significance.interval(values, level=0.5) == pytest.approx([50, 150])


def test_two_speakers_have_an_interval_and_the_same_one_each_time():
    sums = moments(0.1)[:2]
    possible = [significance.ccc(drawn) for drawn in (2 * sums[0], sums[0] + sums[1], 2 * sums[1])]  # 1/4, 1/2, 1/4
    assert significance.interval_of_ccc(sums) == pytest.approx([min(possible), max(possible)])
    sums = moments(0.1)
    default = significance.interval_of_ccc(sums)
    assert default == significance.interval_of_ccc(sums, resamples=10000, srand=1)
    assert default != significance.interval_of_ccc(sums, resamples=9999)


def test_thirteen_speakers_are_tried_in_full_and_fourteen_sampled():
    a, b = (np.concatenate([moments(noise), moments(noise, seed=1)]) for noise in (0.05, 0.4))
    assert significance.permutation_test(a[:13], b[:13], resamples=99) == (2 / 2**13, 2**13)
    # the one as it is counts among the sampled ones: none of 99 is as far, so 1 in 100
    assert significance.permutation_test(a[:14], b[:14], resamples=99) == (1 / 100, 99)
    assert significance.permutation_test(a, a, resamples=99) == (1, 99)
    c = np.concatenate([moments(0.1), moments(0.1, seed=1)])
    d = np.concatenate([moments(0.1, seed=2), moments(0.1, seed=3)])
    assert significance.permutation_test(c, d) == significance.permutation_test(c, d, resamples=10000, srand=1)


def test_draws_in_blocks_are_the_draws_at_once(monkeypatch):
    a, b = (np.concatenate([moments(noise), moments(noise, seed=1)]) for noise in (0.1, 0.11))
    both, random = np.stack([a, b]), np.random.default_rng(1)
    at_once = significance.bootstrap(both, 1000, random), random.random(), significance.permutation_test(a, b)
    sizes = []
    multinomial = significance.draws
    monkeypatch.setattr(significance, "draws", lambda *args: sizes.append(args[:2]) or multinomial(*args))
    monkeypatch.setattr(significance, "BLOCK", 18 * 300)
    random = np.random.default_rng(1)
    in_blocks = significance.bootstrap(both, 1000, random), random.random(), significance.permutation_test(a, b)
    assert np.array_equal(at_once[0], in_blocks[0]) and at_once[1:] == in_blocks[1:]
    assert sizes == [(300, 18)] * 3 + [(100, 18)]


def test_a_block_holds_a_bounded_number_of_draws():
    for size in (1, 9, 10_000, 10**9):
        rows = significance._blocks(10_000, size)
        assert sum(rows) == 10_000 and (max(rows) * size <= significance.BLOCK or set(rows) == {1})
