import numpy as np
import pytest

from cer.scoring.gold_standard import METHODS, avec, ewe, mean, pairwise
from cer.scoring.metrics import ccc, pcc

T = np.linspace(0, 20, 500)
RANDOM = np.random.default_rng(0)
RATINGS = np.stack([np.sin(T) * gain + offset for gain, offset in [(0.3, 0.1), (0.4, 0.0), (0.2, -0.3)]])
RATINGS = RATINGS + 0.05 * RANDOM.standard_normal(RATINGS.shape)


def test_agreement_is_the_mean_over_the_other_raters():
    one = pairwise(RATINGS, ccc)
    assert one[0] == pytest.approx((ccc(RATINGS[0], RATINGS[1]) + ccc(RATINGS[0], RATINGS[2])) / 2)


def test_avec_moves_the_level_and_never_the_shape():
    gold, plain = avec(RATINGS), mean(RATINGS)
    assert np.ptp(gold - plain) < 1e-12
    weights = pairwise(RATINGS, ccc)
    assert gold.mean() == pytest.approx((weights * RATINGS.mean(axis=1)).sum() / weights.sum())
    assert gold.mean() != pytest.approx(plain.mean(), abs=1e-3)


def test_avec_keeps_negative_agreement_and_ewe_sets_it_to_zero():
    ratings = np.stack([RATINGS[0], RATINGS[1], -RATINGS[2] - 0.22])
    w = pairwise(ratings, ccc)
    assert w[2] < 0
    level = (w * ratings.mean(axis=1)).sum() / w.sum()
    assert avec(ratings).mean() == pytest.approx(level)
    weights = np.maximum(pairwise(ratings, pcc), 0)
    assert weights[2] == 0 and np.allclose(ewe(ratings), np.average(ratings, axis=0, weights=weights))


def test_equal_raters_give_their_own_trace_by_every_method(capsys):
    for method in METHODS.values():
        assert np.allclose(method(np.stack([RATINGS[0]] * 4)), RATINGS[0])
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("sign", [1, -1])
def test_a_gold_standard_that_leaves_the_ratings_on_one_side_is_told(capsys, sign):
    """Two raters who agree at a high level carry the third one's peak beyond all of them."""
    ratings = np.array([[0, 0, 0, 0, 0.9], [0.8, 0.8, 0.8, 0.8, 1], [0.8, 0.8, 0.8, 0.8, 1]])
    gold = sign * avec(sign * ratings + 0.0, "arousal/P1")
    weights = pairwise(ratings, ccc)
    level = weights @ [0.18, 0.84, 0.84] / weights.sum()
    low, high = level - (0.18 + 0.04 + 0.04) / 3, level + (0.72 + 0.16 + 0.16) / 3  # centred traces, mean of three
    assert gold.tolist() == pytest.approx([low] * 4 + [high]) and low > 0 and high > 1
    ends = sorted([sign * low, sign * high]) + sorted([0 * sign, sign])
    said = "arousal/P1: the gold standard goes from {:.3g} to {:.3g}, the ratings from {:.3g} to {:.3g}".format(*ends)
    assert said in capsys.readouterr().err


def test_raters_without_any_agreement_are_averaged_with_a_warning(capsys):
    ratings = np.array([[0.1] * 50, [0.3] * 50])
    assert np.allclose(avec(ratings), 0.2) and np.allclose(ewe(ratings), 0.2)
    assert capsys.readouterr().err.count("agree too little") == 2


def test_a_level_outside_the_raters_own_is_their_plain_mean_aloud(capsys):
    random, left = np.random.default_rng(10), 0
    for n in range(200):
        drift = np.cumsum(random.normal(size=(3, 251)), 1) * 0.02
        ratings = np.clip(drift + random.normal(size=(3, 1)) * 0.2, -1, 1)
        gold, means, weights = avec(ratings, f"arousal/P{n}"), ratings.mean(axis=1), pairwise(ratings, ccc)
        level = weights @ means / weights.sum()
        inside = means.min() <= level <= means.max()
        assert gold.mean() == pytest.approx(level if inside else means.mean())
        said = capsys.readouterr().err
        assert (f"arousal/P{n}: the raters agree too little (weights {weights[0]:.3g}, " in said) != inside
        left += not inside
        reaches = gold.min() >= ratings.min() - 1e-9 and gold.max() <= ratings.max() + 1e-9
        assert ("the gold standard goes from" in said) != reaches
    assert 0 < left < 200


def test_a_single_rater_is_his_own_gold_standard_without_an_agreement(capsys):
    for method in METHODS.values():
        assert np.allclose(method(RATINGS[:1]), RATINGS[0])
    agreement = pairwise(RATINGS[:1], ccc)
    assert agreement.shape == (1,) and np.isnan(agreement).all() and not capsys.readouterr().err


def test_a_rater_who_never_moved_counts_nothing():
    ratings = np.vstack([RATINGS, np.zeros((1, 500))])
    assert pairwise(ratings, ccc)[3] == pytest.approx(0, abs=1e-12) and np.isfinite(avec(ratings)).all()
