import numpy as np
import pytest

from cer.scoring.gold_standard import METHODS, avec, combine, ewe, mean, pairwise
from cer.scoring.metrics import ccc, pcc
from cer.scoring.raters import refine

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


@pytest.mark.parametrize("method", METHODS)
def test_who_rated_nothing_counts_nothing_and_where_nobody_rated_is_a_gap(method, capsys):
    ratings = np.insert(RATINGS, 1, np.nan, axis=0)
    assert METHODS[method](ratings) == pytest.approx(METHODS[method](RATINGS))
    ratings[:, 100:120] = np.nan
    gold = METHODS[method](ratings)
    assert np.flatnonzero(np.isnan(gold)).tolist() == list(range(100, 120))
    assert np.isnan(METHODS[method](ratings * np.nan)).all() and not capsys.readouterr().err


def test_agreement_is_over_the_rows_that_both_rated():
    ratings = RATINGS.copy()
    ratings[0, :200], ratings[1, 150:300] = np.nan, np.nan
    a, b, c = ccc(ratings[0, 300:], ratings[1, 300:]), ccc(ratings[0, 200:], ratings[2, 200:]), None
    assert pairwise(ratings, ccc)[0] == pytest.approx((a + b) / 2)
    both = np.r_[:150, 300:500]
    c = ccc(ratings[1, both], ratings[2, both])
    assert pairwise(ratings, ccc)[1:] == pytest.approx([(a + c) / 2, (b + c) / 2])
    ratings[0] = np.nan
    ratings[0, 140] = 0.2  # shares a single row
    assert np.isnan(pairwise(ratings, ccc)[0]) and pairwise(ratings, ccc)[1] == pytest.approx(c, abs=0.02)


def test_avec_makes_no_step_where_a_rater_comes_or_goes():
    ratings = np.sin(T) * 0.3 + np.array([[0.1], [-0.3], [0.5]])
    ratings[0, :180], ratings[2, 300:340] = np.nan, np.nan
    gold = avec(ratings)
    assert np.ptp(gold - np.sin(T) * 0.3) < 1e-9
    assert np.ptp(mean(ratings) - np.sin(T) * 0.3) > 0.1  # the plain mean does


def test_ewe_with_gaps_is_the_weighted_mean_of_those_who_rated(capsys):
    ratings = RATINGS.copy()
    ratings[0, :200] = np.nan
    w = pairwise(ratings, pcc)
    expected = np.r_[w[1:] @ ratings[1:, :200] / w[1:].sum(), w @ ratings[:, 200:] / w.sum()]
    assert ewe(ratings) == pytest.approx(expected) and not capsys.readouterr().err
    apart = np.full((3, 500), np.nan)
    apart[:2, :250], apart[2, 250:] = RATINGS[:2, :250], RATINGS[2, 250:]  # the third shares no row
    assert ewe(apart)[250:] == pytest.approx(RATINGS[2, 250:]) and not capsys.readouterr().err


def test_rows_whose_raters_agree_with_nobody_are_averaged_aloud(capsys):
    ratings = np.stack([np.sin(T), -np.sin(T), 0.5 * np.sin(T)])
    ratings[2, :100] = np.nan
    ratings[0, 100:] = np.nan
    gold = ewe(ratings, "arousal/P1")
    assert gold == pytest.approx(np.r_[np.zeros(100), (-np.sin(T) + 0.5 * np.sin(T))[100:] / 2])
    assert "arousal/P1: the raters agree too little (weights 0, 0, 0) to be weighted;" in capsys.readouterr().err
    ratings[0, 200:300] = 0.5 * np.sin(T[200:300])
    ewe(ratings, "arousal/P1")
    assert "to be weighted in " in capsys.readouterr().err


def test_rows_that_nobody_rated_are_no_rows_without_agreement(capsys):
    ratings = np.stack([np.sin(T), -np.sin(T)])
    ratings[:, :100] = np.nan
    ewe(ratings, "arousal/P1")
    assert "(weights 0, 0) to be weighted; taking their plain mean" in capsys.readouterr().err  # wherever they rated


def test_combine_refines_then_combines(capsys):
    ratings = RATINGS * 0.5
    gold, refined = combine(ratings, 0.04, method="ewe", smooth=0.2, standardise=True, align="delay")
    assert (refined == refine(ratings, 0.04, smooth=0.2, standardise=True, align="delay")).all()
    assert (gold == ewe(refined)).all() and not capsys.readouterr().err
    gold, refined = combine(ratings, 0.04)
    assert refined is ratings and (gold == avec(ratings)).all()
    combine(np.array([[0, 0, 0, 0, 0.9], [0.8, 0.8, 0.8, 0.8, 1], [0.8, 0.8, 0.8, 0.8, 1]]), 0.04)
    assert capsys.readouterr().err.count("the gold standard goes from") == 1  # told once


def test_a_refined_gold_standard_beyond_the_ratings_themselves_is_told(capsys):
    ratings = np.array([[0, 0, 0, 0.9, 0.9, 0.9], [0, 0.1, 0.1, 0.1, 0.1, 0.1]])
    gold, refined = combine(ratings, 0.04, "arousal/P1", method="mean", standardise=True)
    assert gold.min() < 0 and gold.min() >= refined.min()
    assert (
        f"arousal/P1: the gold standard goes from {gold.min():.3g} to {gold.max():.3g}, the ratings from 0 to 0.9"
        in (capsys.readouterr().err)
    )


@pytest.mark.parametrize("method", METHODS)
def test_without_raters_all_is_a_gap(method, capsys):
    gold = METHODS[method](np.empty((0, 20)))
    assert gold.shape == (20,) and np.isnan(gold).all() and not capsys.readouterr().err
