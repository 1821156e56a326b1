"""The measurement of gold standards against the open corpus's truth, on tiny corpora."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT

from cer.scoring.gold_standard import combine
from cer.scoring.metrics import ccc
from egs.synth import gold_standards
from egs.synth.model import raters


@pytest.fixture(scope="module")
def corpus():
    return gold_standards.truth_and_ratings(1, 1, 20)


def test_raters_without_noise_who_are_alike_give_the_consensus(monkeypatch):
    alike = {"lag": (2.0, 2.0), "gain_spread": 0, "bias": (0, 0), "recording_bias": (0, 0), "noise": 0, "dead_band": 0}
    monkeypatch.setattr(raters, "JUDGEMENT", replace(raters.JUDGEMENT, **alike))
    for _, truth, ratings in gold_standards.truth_and_ratings(3, 1, 20)["arousal"]:
        assert abs(ratings - truth).max() <= 0.005 + 1e-9  # the slider's rounding


def test_the_consensus_has_the_raters_mean_lag_gain_and_bias():
    perceived = np.zeros((2, 400))
    perceived[:, 100:] = 1
    for d, track in enumerate(raters.consensus(7, perceived)):
        six = [raters.draw_rater(7, d, r) for r in range(6)]
        low = raters.JUDGEMENT.offset[d] + np.mean([one.bias for one in six])
        assert track[:100] == pytest.approx(low)
        assert track[-1] - low == pytest.approx(
            raters.JUDGEMENT.scale[d] * np.mean([one.gain for one in six]), rel=1e-3
        )
        assert np.argmax(track > low + 1e-9) == 100 + round(np.mean([one.lag for one in six]) * 25)


def test_each_gold_standard_is_scored_over_the_concatenated_recordings(corpus):
    found, truth = gold_standards.measure(corpus["arousal"]), np.concatenate([one for _, one, _ in corpus["arousal"]])
    for number, method in [(0, "avec"), (3, "ewe"), (6, "mean"), (9, "mean")]:
        choice, lags = gold_standards.REFINEMENTS[number], None
        if number == 9:
            lags = gold_standards.lags_of([one for *_, one in corpus["arousal"]], {"standardise": True})
        golds = [combine(ratings, 0.04, method=method, lags=lags, **choice)[0] for _, _, ratings in corpus["arousal"]]
        assert found[number, method][0] == pytest.approx(ccc(truth, np.concatenate(golds)))
    assert len(found) == 32 and (3, "avec") not in found


def test_the_truth_itself_is_nearest_and_on_time(corpus):
    truths = [one for _, one, _ in corpus["arousal"]]
    assert gold_standards._at_best(truths, truths) == pytest.approx((1, 0))
    late = [np.r_[[one[0]] * 10, one[:-10]] for one in truths]
    assert gold_standards._at_best(truths, late) == pytest.approx((1, 0.4), abs=1e-3)


def test_an_interval_is_students_over_the_corpora():
    assert gold_standards.interval(np.array([1.0, 2.0, 3.0])) == pytest.approx((2, 4.3027 / 3**0.5), rel=1e-4)


def test_a_section_names_the_nearest_and_who_is_not_shown_to_be_farther():
    keys = [(0, "avec"), (0, "mean"), (4, "ewe")]
    scores = [[0.5, 0.7, 0.6], [0.52, 0.71, 0.75], [0.51, 0.72, 0.5]]
    keys += [(7, "ewe")]
    for one, score in zip(scores, (0.62, 0.78, 0.51), strict=True):
        one.append(score)
    text = gold_standards.section("arousal", [{k: [s] * 6 for k, s in zip(keys, one, strict=True)} for one in scores])
    assert "Nearest: `mean`. 2 of the 3 others are not shown to be farther" in text
    assert "includes 0): `ewe` with `--align=lag`, `ewe` with `--align=delay`." in text
    assert "from the same with `--align=delay`: `ewe` with `--align=lag` +0.020 ± 0.025." in text
    assert "| none | mean | 0.710 ± 0.025 | +0.200 ± 0.025 |" in text and "| none | avec | 0.510 ± 0.025 |  |" in text


def test_the_program_prints_both_targets_and_the_command(capsys):
    gold_standards.main(["--seeds=1,2", "--num-speakers=1", "--duration=10"])
    text = capsys.readouterr().out
    assert "gold_standards --seeds=1,2 --num-speakers=1 --duration=10`" in text and "2 corpora" in text
    assert "## Arousal" in text and "## Valence" in text and text.count("| ewe |") == 24
    assert text.rstrip().splitlines()[-1].startswith("| valence | 2 |")


@pytest.mark.parametrize("seeds", ["1", "1,1", "1,x", ""])
def test_a_single_corpus_has_no_interval(seeds):
    with pytest.raises(SystemExit, match="--seeds=.*: expected different whole numbers, two or more"):
        gold_standards.main([f"--seeds={seeds}"])


def test_the_stored_results_are_of_this_program():
    text = (ROOT / "egs" / "synth" / "RESULTS-gold_standards.md").read_text()
    assert text.startswith(gold_standards.TEXT.partition("\n\nMade by")[0]) and "--seeds=1,2,3 --num-speakers=9" in text
    for refinement in gold_standards.REFINEMENTS:
        for method in gold_standards.methods_of(refinement):
            assert text.count(f"| {gold_standards.words(refinement)} | {method} |") == 2


def test_the_errors_of_delays_and_lags_are_told_beside_those_of_none(corpus):
    found = gold_standards.delay_errors(1, 0, corpus["arousal"])
    lags = [raters.draw_rater(1, 0, r).lag for r in range(6)]
    assert len(found) == 6 and found[4] == pytest.approx(np.std(lags)) and found[2] < found[4]
