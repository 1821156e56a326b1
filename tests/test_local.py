"""The scripts of local/: what stage 6 says about systems, on predictions made on the spot."""

import json
import os
import re
import shutil

import numpy as np
import pytest
from conftest import score_record, write_archive, write_predictions

from cer.base.errors import BadInput
from cer.base.facts import Stamp, take
from cer.base.files import write_text
from cer.base.tables import write_table
from cer.bin import score
from cer.data import datadir
from cer.scoring import significance
from cer.scoring.metrics import ccc
from local.page import draw_recordings
from local.paper import corpora, figure4, figure5, smoothness
from local.results import collect_results, compare, pairs, report, sections, style, summary, systems

SHIFT, ROWS, SPEAKERS = 0.04, 250, 4
TARGETS = {"good": ["arousal", "valence"], "poor": ["arousal", "valence"], "single": ["arousal"]}
NOISE = {"good": 0.1, "poor": 0.8, "single": 0.2}


def labels_of(seed):
    """Labels of two recordings a speaker, slow ones, one longer than the predictions."""
    random, time = np.random.default_rng(seed), SHIFT * np.arange(ROWS + 1)
    slow = [0.4 * np.sin(0.5 * time + random.uniform(0, 6)) + random.normal(0, 0.2) for _ in range(2 * SPEAKERS)]
    return {f"P{n // 2}-{n % 2}": one[:, None].astype(np.float32) for n, one in enumerate(slow)}


@pytest.fixture
def corpus(tmp_path):
    """(data, exp) as strings and paths: a dev set, and three systems scored on it, one of them on arousal only."""
    data, exp = tmp_path / "data", tmp_path / "exp"
    (data / "dev").mkdir(parents=True)
    (data / "dev" / "label_shift").write_text(f"{SHIFT}\n")
    for seed, target in enumerate(["arousal", "valence"]):
        labels = labels_of(seed)
        write_archive(data / "dev", target, labels)
        write_table(data / "dev" / "utt2spk", {key: key[:2] for key in labels})
        for system, targets in TARGETS.items():
            if target in targets:
                folder = exp / system / target / "predict_dev"
                write_predictions(folder, target, labels, NOISE[system], SHIFT)
                score.main([f"--system={system}", "--set=dev", str(data / "dev"), str(folder)])
    collect_results.main([str(exp)])
    return data, exp


def test_a_comparison_gives_both_systems_their_difference_and_a_test(corpus, capsys):
    data, exp = corpus
    capsys.readouterr()
    compare.main([str(data), str(exp), "--systems", "good", "poor", "--resamples", "500"])
    record = pair_of(exp, "good", "poor")
    assert (record["systems"], record["set"], record["speakers"]) == (["good", "poor"], "dev", SPEAKERS)
    for target in ("arousal", "valence"):
        scores = [json.loads((exp / s / target / "predict_dev" / "score.json").read_text()) for s in ("good", "poor")]
        ensemble, runs = (record["targets"][target][kind] for kind in ("ensemble", "runs"))
        assert ensemble["ccc"] == pytest.approx([one["ccc"] for one in scores], abs=1e-12)
        assert runs["ccc"] == pytest.approx([one["ccc_mean"] for one in scores], abs=1e-12) and runs["number"] == [2, 2]
        assert ensemble["difference"] == pytest.approx(scores[0]["ccc"] - scores[1]["ccc"])
        low, high = ensemble["interval"]
        assert 0 < low < ensemble["difference"] < high and ensemble["swaps"] == 2**SPEAKERS
        assert ensemble["p"] == runs["p"] == 2 / 2**SPEAKERS
    text = (exp / "sections" / "30-compare_dev.md").read_text()
    assert text.startswith("## Is one system better than another?\n")
    told = capsys.readouterr()
    assert told.out == f"{exp}/compare/dev.json: 1 pair compared, 0 as before\n" and not told.err
    # Of four speakers p is 2/16 at least: whatever the intervals say, nothing is shown.
    assert text.count("| 0.12 | 1 | 0.12 | not shown: too few speakers |") == 4
    low, high = record["targets"]["valence"]["runs"]["interval"]
    assert "| good | poor | dev | valence | 2 and 2 runs |" in text and f" [{low:+.3f}, {high:+.3f}] |" in text


def pair_of(exp, a, b, name="dev"):
    """What the table of a set says about a pair."""
    [found] = [one for one in table_of(exp, name) if one["systems"] == [a, b]]
    return found


def table_of(exp, name="dev"):
    return json.loads((exp / "compare" / f"{name}.json").read_text())["pairs"]


@pytest.mark.parametrize(
    "corrected, number, said",
    [(0.049, 1, "a"), (0.049, 4, "a"), (0.05, 4, "not shown"), (0.05, 5, "not shown: too few speakers for 5 pairs")],
)
def test_the_corrected_test_alone_decides_which_system_is_called_better(corrected, number, said):
    one = {"difference": 0.1, "interval": [0.02, 0.2], "p": 0.01, "swaps": 200, "least": 0.01}
    assert pairs.verdict(one, ["a", "b"], corrected, number) == said
    one |= {"difference": -0.1, "interval": [-0.2, 0.2]}
    assert pairs.verdict(one, ["a", "b"], corrected, number) == (said if said != "a" else "b")


def test_too_few_random_swaps_are_not_called_too_few_speakers():
    """Of more than 13 speakers the least p depends on the number of swaps alone."""
    one = {"difference": 0.1, "interval": [0.02, 0.2], "swaps": 99, "least": significance.least_p(20, 99)}
    assert pairs.verdict(one, ["a", "b"], 0.05, 5) == "not shown: too few swaps (--resamples)"
    one |= {"swaps": 2**6, "least": significance.least_p(6)}
    assert pairs.verdict(one, ["a", "b"], 0.06, 2) == "not shown: too few speakers for 2 pairs"
    one |= {"swaps": 2**5, "least": significance.least_p(5)}
    assert pairs.verdict(one, ["a", "b"], 0.12, 2) == "not shown: too few speakers"


def test_what_rounds_to_zero_has_a_sign_only_where_it_is_a_difference():
    assert pairs._shown(-0.0001, [-0.0004, 0.1]) == "0.000 [0.000, 0.100]"
    assert pairs._shown(-0.0001, [-0.0004, 0.1], "+") == "-0.000 [-0.000, +0.100]"


def test_p_values_are_corrected_for_all_pairs_of_a_target_and_kind():
    def record(**ps):
        return {"targets": {target: {"runs": {"p": p}} for target, p in ps.items()}}

    found = pairs.families([record(joy=0.01, fear=0.2), record(joy=0.02)])
    assert found == [{("joy", "runs"): (0.02, 2), ("fear", "runs"): (0.2, 1)}, {("joy", "runs"): (0.02, 2)}]


def test_a_further_pair_corrects_those_before_and_only_it_is_computed(corpus, capsys, monkeypatch):
    data, exp = corpus
    section = exp / "sections" / "30-compare_dev.md"
    compare.main([str(data), str(exp), "--systems", "good", "poor"])
    assert section.read_text().count("| 0.12 | 1 | 0.12 |") == 4
    alone, read, moments = pair_of(exp, "good", "poor"), [], compare.moments
    monkeypatch.setattr(compare, "moments", lambda *words: read.append(words) or moments(*words))
    compare.main([str(data), str(exp)])
    text = section.read_text()
    assert text.count("| 0.12 | 3 | 0.38 |") == 6 and text.count("| 0.12 | 1 | 0.12 |") == 2  # two have valence
    assert "dev.json: 2 pairs compared, 1 as before" in capsys.readouterr().out
    assert pair_of(exp, "good", "poor") == alone and {target for _, target, _ in read} == {"arousal"}
    read.clear()
    before = section.stat().st_mtime_ns
    compare.main([str(data), str(exp)])
    assert not read and section.stat().st_mtime_ns == before
    report.main([str(exp)])
    text = (exp / "RESULTS.md").read_text()
    assert (
        text.count("| 3 | 0.38 |") == 6 and text.count("## Is one") == 1 and "left out" not in capsys.readouterr().err
    )


def test_pairs_that_are_computed_together_are_as_each_alone(corpus):
    """One system has fewer runs: it is computed apart."""
    data, exp = corpus
    write_predictions(exp / "poor/arousal/predict_dev", "arousal", labels_of(0), 0.9, SHIFT)
    shutil.rmtree(exp / "poor/arousal/predict_dev/run2")
    shutil.copytree(exp / "good", exp / "like")
    about = exp / "poor/arousal/predict_dev/predictions.json"
    about.write_text(about.read_text().replace(', "run2"', ""))
    for folder in exp.glob("*/*/predict_dev"):
        score.main([str(data / "dev"), str(folder)])
    collect_results.main([str(exp)])
    compare.main([str(data), str(exp)])
    together = table_of(exp)
    assert [one["systems"] for one in together] == [
        ["good", "like"], ["good", "poor"], ["good", "single"],
        ["like", "poor"], ["like", "single"], ["poor", "single"],
    ]  # fmt: skip
    assert pair_of(exp, "like", "poor")["targets"]["arousal"]["runs"]["number"] == [2, 1]
    for one in together:
        shutil.rmtree(exp / "compare")
        compare.main([str(data), str(exp), "--systems", *one["systems"]])
        assert table_of(exp) == [one]


def test_pairs_of_other_predictions_or_code_are_not_among_those_corrected_for(corpus, capsys):
    data, exp = corpus
    compare.main([str(data), str(exp), "--systems", "good", "poor"])
    write_predictions(exp / "poor" / "arousal" / "predict_dev", "arousal", labels_of(0), 0.9, SHIFT)
    compare.main([str(data), str(exp), "--systems", "good", "single"])
    assert "dev.json: left out: 1 pair, made from other predictions or by other code: good and poor" in (
        capsys.readouterr().err
    )
    assert "| 2 |" not in (exp / "sections" / "30-compare_dev.md").read_text()
    assert [one["systems"] for one in table_of(exp)] == [["good", "single"]]


def test_an_edited_table_of_pairs_is_made_again(corpus):
    data, exp = corpus
    compare.main([str(data), str(exp), "--systems", "good", "poor"])
    path = exp / "compare" / "dev.json"
    before = path.read_text()
    path.write_text(before.replace('"p": 0.125', '"p": 0.001'))
    compare.main([str(data), str(exp), "--systems", "good", "poor"])
    assert path.read_text() == before


def test_the_same_pair_the_other_way_round_takes_the_place_of_the_first(corpus):
    data, exp = corpus
    for names in (["good", "poor"], ["poor", "good"]):
        compare.main([str(data), str(exp), "--systems", *names])
        assert [one["systems"] for one in table_of(exp)] == [names]


def test_the_interval_of_one_system_is_the_same_in_its_score_and_in_a_comparison(corpus):
    data, exp = corpus
    compare.main([str(data), str(exp), "--systems", "good", "poor"])
    record = pair_of(exp, "good", "poor")
    scored = json.loads((exp / "poor" / "arousal" / "predict_dev" / "score.json").read_text())
    assert record["targets"]["arousal"]["ensemble"]["intervals"][1] == pytest.approx(scored["interval"], abs=1e-12)


def test_a_system_against_its_like_is_said_not_to_differ(corpus):
    data, exp = corpus
    labels = dict(datadir.Archive(data / "dev" / "arousal.scp"))
    for system in ("good", "single"):
        folder = exp / system / "arousal" / "predict_dev"
        write_predictions(folder, "arousal", labels, NOISE["good"], SHIFT)
        score.main([str(data / "dev"), str(folder)])
    compare.main([str(data), str(exp), "--systems", "good", "single"])
    record = pair_of(exp, "good", "single")
    assert record["targets"].keys() == {"arousal"} and record["targets"]["arousal"]["ensemble"]["p"] == 1
    text = (exp / "sections" / "30-compare_dev.md").read_text()
    assert "| 1 | 1 | 1 | not shown" in text


def test_every_pair_is_compared_where_targets_are_shared(corpus):
    data, exp = corpus
    compare.main([str(data), str(exp), "--resamples", "50"])
    found = {"_".join(one["systems"]): [*one["targets"]] for one in table_of(exp)}
    both, one = ["arousal", "valence"], ["arousal"]
    assert found == {"good_poor": both, "good_single": one, "poor_single": one}
    assert [path.name for path in (exp / "compare").iterdir()] == ["dev.json"]
    assert [path.name for path in (exp / "sections").glob("*.md")] == ["30-compare_dev.md"]


def test_one_speaker_has_no_interval(corpus):
    data, exp = corpus
    write_table(data / "dev" / "utt2spk", dict.fromkeys(labels_of(0), "P"))
    folders = [exp / system / "arousal" / "predict_dev" for system in ("good", "poor")]
    score.main([word for folder in folders for word in (str(data / "dev"), str(folder))])
    folder = folders[0]
    assert json.loads((folder / "score.json").read_text())["interval"] is None
    assert "interval" not in (folder / "score.txt").read_text()
    compare.main([str(data), str(exp), "--systems", "good", "poor"])
    assert "not shown: one speaker only" in (exp / "sections" / "30-compare_dev.md").read_text()


@pytest.mark.parametrize(
    "options, message",
    [
        (["--systems", "good", "best"], "found best, not scored on this set; there are good poor single"),
        (["--systems", "good"], "--systems: found good, expected two or more different systems, each pair once"),
        (["--systems", "good", "good"], "expected two or more different systems"),
        (["--pairs", "good:best"], "--pairs: found best, not scored on this set; there are good poor single"),
        (["--pairs", "good:poor", "good:good"], "--pairs: found good:poor good:good, expected two or more different"),
        (["--pairs", "good:poor", "poor:good"], "each pair once"),
        (["--pairs", "good:poor", "--systems", "good", "poor"], "found --pairs and --systems, expected one of the two"),
        (["--targets", "anger"], "--targets: found anger, expected some of arousal,valence"),
        (["--set", "test"], "found no system scored on test"),
    ],
)
def test_a_comparison_that_cannot_be_is_refused(corpus, options, message):
    with pytest.raises(SystemExit) as error:
        compare.main([*map(str, corpus), *options])
    assert message in str(error.value)


def test_a_large_number_of_swaps_is_read_again(corpus, monkeypatch, capsys):
    monkeypatch.setattr(significance, "EXACT", 1)
    words = [*map(str, corpus), "--systems", "good", "poor", "--resamples", "100001"]
    for said in ("1 pair compared, 0 as before", "0 pairs compared, 1 as before"):
        compare.main(words)
        assert said in capsys.readouterr().out


@pytest.mark.parametrize("resamples", ["0", "1000001"])
def test_the_number_of_swaps_has_limits(corpus, resamples, capsys):
    with pytest.raises(SystemExit) as error:
        compare.main([*map(str, corpus), "--resamples", resamples])
    assert "--resamples" in str(error.value) + capsys.readouterr().err


def test_only_the_pairs_that_are_asked_for_are_compared(corpus):
    data, exp = corpus
    compare.main([str(data), str(exp), "--pairs", "poor:good", "good:single", "--resamples", "1"])
    assert [one["systems"] for one in table_of(exp)] == [["good", "single"], ["poor", "good"]]
    assert "| 2 |" in (exp / "sections" / "30-compare_dev.md").read_text()  # p corrected for two pairs


def test_systems_without_a_common_target_are_not_compared(corpus, capsys):
    data, exp = corpus
    shutil.rmtree(exp / "poor" / "arousal")
    collect_results.main([str(exp)])
    capsys.readouterr()
    compare.main([str(data), str(exp), "--systems", "single", "poor", "good", "--resamples", "1"])
    assert "single and poor predict no target in common; they are not compared" in capsys.readouterr().err
    assert [one["systems"] for one in table_of(exp)] == [["poor", "good"], ["single", "good"]]


def test_figure_4_counts_every_labelled_recording_once(corpus):
    data, exp = corpus
    (data / "subset").mkdir()
    for name in ("label_shift", "arousal.scp"):
        (data / "subset" / name).write_text((data / "dev" / name).read_text())
    figure4.main([str(data), str(exp)])
    record = json.loads((exp / "figure4.json").read_text())
    assert record["label_shift"] == SHIFT
    for one in record["targets"].values():
        assert one["recordings"] == 2 * SPEAKERS and list(one["ccc"]) == "2 4 8 16 32 64 128".split()
        assert one["ccc"]["2"] > 0.99999 and one["ccc"]["128"] < 0.99  # 0.08 Hz: 12.6 s, and one label in 5.12 s
        assert 0.95 < one["share_below_hz"]["0.2"] <= one["share_below_hz"]["1"] <= 1
    assert {"figure4.png", "figure4.pdf"} <= {path.name for path in exp.iterdir()}
    text = (exp / "sections" / "50-figure4.md").read_text()
    assert text.startswith("## ") and "| CCC, 1 in 64 |" in text and "(../figure4.png)" in text
    assert "0.08 0.16 0.32 0.64 1.28 2.56 5.12 s apart" in text and f"| arousal | {2 * SPEAKERS} |" in text
    assert f" | {record['targets']['valence']['ccc']['128']:.4f} |\n" in text


@pytest.mark.parametrize("rows", [1, 2, 3, 128, 129, 130, 300])
def test_a_spline_goes_through_the_labels_kept_and_ends_with_the_last(rows):
    x = np.random.default_rng(0).normal(size=rows).cumsum()
    y = figure4.rebuilt(x, 64)
    assert y.shape == x.shape and y[::64] == pytest.approx(x[::64]) and y[-1] == pytest.approx(x[-1])
    cubic = (np.arange(rows) / 100) ** 3
    assert rows < 200 or figure4.rebuilt(cubic, 64) == pytest.approx(cubic)


def test_corpora_without_labels_or_with_two_shifts_have_no_figure_4(tmp_path, corpus):
    data, exp = corpus
    with pytest.raises(SystemExit, match="found no labels"):
        figure4.main([str(exp), str(exp)])
    (data / "test").mkdir()
    (data / "test" / "label_shift").write_text("0.1\n")
    (data / "test" / "arousal.scp").write_text((data / "dev" / "arousal.scp").read_text())
    with pytest.raises(SystemExit, match="the same seconds in all sets"):
        figure4.main([str(data), str(exp)])


def test_constants_and_single_labels_between_gaps_have_no_share_of_power(corpus, capsys):
    data, exp = corpus
    labels = datadir.labels_of(data / "dev", "arousal")
    single = {key: np.where(np.arange(len(y)) % 2, np.nan, y[:, 0])[:, None].astype("f") for key, y in labels.items()}
    write_archive(data / "dev", "alone", single)
    write_archive(data / "dev", "flat", {key: np.ones_like(y) for key, y in labels.items()})
    figure4.main([str(data), str(exp)])
    targets = json.loads((exp / "figure4.json").read_text())["targets"]
    assert "alone" not in targets and targets["flat"]["share_below_hz"] == {"0.2": None, "1": None}
    assert f"| flat | {2 * SPEAKERS} | – | – |" in (exp / "sections" / "50-figure4.md").read_text()
    assert f"{data}: alone: no two labels follow one another without a gap" in capsys.readouterr().err
    nothing = smoothness.measure([], SHIFT)
    assert nothing == smoothness.measure([np.ones(1)], SHIFT) | {"deviation": None} and None in nothing.values()
    assert smoothness._cells(nothing) == ["–"] * 3


def test_noise_makes_a_system_less_smooth_and_the_mean_of_runs_smoother(corpus, capsys):
    data, exp = corpus
    capsys.readouterr()
    smoothness.main([str(data), str(exp)])
    assert len([one for one in sections.read(exp) if "How smooth" in one]) == 1
    record = json.loads((exp / "smoothness" / "dev" / "smoothness.json").read_text())["targets"]
    assert record["valence"]["systems"].keys() == {"good", "poor"} and record["arousal"]["systems"].keys() == {*TARGETS}
    for target in record.values():
        for name in ("share_above_1_hz", "deviation", "step"):
            good, poor = (target["systems"][system]["ensemble"][name] for system in ("good", "poor"))
            assert 0 <= target["gold"][name] < good < poor < target["systems"]["poor"]["runs"][name]
    # White noise: the difference of two has sqrt(2) times its deviation.
    assert record["arousal"]["systems"]["poor"]["runs"]["step"] == pytest.approx(np.sqrt(2) * NOISE["poor"], rel=0.05)
    text = (exp / "smoothness" / "dev" / "sections" / "60-smoothness.md").read_text()
    assert text.startswith("## How smooth the predictions are (the paper's Section 6.2), set dev\n")
    poor = record["arousal"]["systems"]["poor"]
    steps = f"{poor['ensemble']['step']:.4f} / {poor['runs']['step']:.4f} |"
    [line] = [line for line in text.splitlines() if line.startswith("| poor | 2 |")]
    assert steps in line and text.count("| gold standard |") == 1 and text.count("%") == text.count("Hz, %") == 2
    assert "| system | runs | arousal: above 1 Hz, % | arousal: deviation | arousal: step |" in text
    assert next(line for line in text.splitlines() if line.startswith("| single | 2 |")).endswith("| – | – | – |")
    assert capsys.readouterr().out == f"{exp}/smoothness/dev/smoothness.json: arousal, valence\n"


def test_a_run_ends_with_its_scores_the_page_and_how_to_predict(corpus, capsys, monkeypatch):
    _, exp = corpus
    scores = {}
    for name in ("good/arousal", "good/valence", "single/arousal"):
        one = json.loads((exp / name / "predict_dev" / "score.json").read_text())
        scores[name] = "{} {:.3f} [{:.3f}, {:.3f}]".format(one["target"], one["ccc"], *one["interval"])
    capsys.readouterr()
    names = ["single/arousal", "good/arousal", "good/valence", "good/dominance"]
    summary.main([str(exp), *names])
    assert capsys.readouterr().out.splitlines() == [
        f"dev CCC of single: {scores['single/arousal']}",
        f"dev CCC of good: {scores['good/arousal']}, {scores['good/valence']}",
        f"open in a browser: {exp}/report.html (in brackets: 95 % intervals)",
        "predict a recording: steps/predict_recordings.sh your.wav \\",
        f"  {exp}/good/arousal {exp}/good/valence predictions",
    ]
    monkeypatch.setattr(summary, "hears", lambda model: "good" not in model)
    summary.main([str(exp), *names])
    assert capsys.readouterr().out.splitlines()[-1].startswith("open in a browser: ")


@pytest.mark.parametrize("known", [{}, {"features": {"name": "fbank"}}])
def test_a_model_of_features_made_elsewhere_predicts_no_recordings(tmp_path, monkeypatch, known):
    monkeypatch.setattr(summary, "SHAPE", {"features?": {"name": str}})
    (tmp_path / "run1").mkdir()
    write_text(tmp_path / "run1/model.json", json.dumps(known))
    assert summary.hears(tmp_path) == bool(known)


def test_the_summary_of_many_systems_stays_short_and_names_none_that_was_fitted_on_dev():
    records = [
        score_record(system, "arousal", "dev", ccc)
        for system, ccc in zip("abcde", (0.3, 0.2, 0.5, 0.1, 0.4), strict=True)
    ]
    records[2]["postprocess"] = "chain, fitted on dev: optimistic"
    names = [f"{system}/arousal" for system in "abcde"]
    lines = summary.summary("exp/x", records, names)
    assert [line[:13] for line in lines[:3]] == ["dev CCC of a:", "dev CCC of b:", "dev CCC of c:"]
    joy = score_record("a", "joy", "dev", 0.3) | {"failed": {"run2": "x"}}
    assert summary.summary("exp/x", [*records, joy], ["a/arousal", "a/joy"]) == [
        "dev CCC of a: arousal 0.300, joy 0.300 (failed: run2)"
    ]
    assert (
        lines[3:] == ["and 2 more systems: exp/x/RESULTS.md"] and len(summary.summary("exp/x", records, names[1:])) == 4
    )
    assert summary.best(records, names) == ["e/arousal"]


def test_the_report_lists_systems_sorted_with_intervals_and_runs(corpus):
    _, exp = corpus
    (exp / "good" / "arousal" / "command").write_text("# commit 1\n./run.sh --archs good --targets arousal\n")
    report.main([str(exp)])
    text = (exp / "RESULTS.md").read_text()
    one = json.loads((exp / "good" / "valence" / "predict_dev" / "score.json").read_text())
    low, high = one["interval"]
    assert (
        f"| good | {one['ccc']:.3f} | {low:.3f} to {high:.3f} | {one['ccc_mean']:.3f} ± {one['ccc_std']:.3f} | 2 |"
        in text
    )
    arousal, valence = text.split("## Valence")
    assert [line.split()[1] for line in arousal.splitlines() if line[:3] in ("| g", "| p", "| s")][1:] == [*TARGETS]
    assert "| single |" not in valence and "figure5" not in text
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {11}
    assert text.index("## Valence") < text.index("## Commands")


def test_the_report_takes_in_every_section_that_was_made(corpus):
    data, exp = corpus
    for script in (figure4, figure5, smoothness, compare):
        script.main([str(data), str(exp)])
    own = {"leave_one_out/downup_arousal": "85-leave_one_out", "search/rate": "90-search"}
    each = {"20-corpora": ".", "40-figure1": ".", "70-ceiling": ".", "80-efficiency": "."}
    for name, folder in (each | {name: folder for folder, name in own.items()}).items():
        sections.write(exp / folder, name, f"## Of {name[3:]}\n\ntext {{braces}}\n")
    report.main([str(exp)])
    text = (exp / "RESULTS.md").read_text()
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    wanted = ["Arousal", "Valence", "Trajectories", "Of corpora", "Is one system better"]
    wanted += ["Of figure1", "How slow", "Of ceiling", "Of efficiency", "Further results"]
    assert len(heads) == len(wanted) and all(h.startswith(f"## {w}") for h, w in zip(heads, wanted, strict=True))
    table = [line for line in text.splitlines() if re.match(r"\| (good|poor) \| (poor|single) \| dev \|", line)]
    assert [line.split()[7] for line in table] == ["arousal"] * 2 + ["valence"] * 2 + ["arousal"] * 4
    for name, head in (("leave_one_out", "Of leave_one_out"), ("search", "Of search"), ("smoothness", "How smooth")):
        assert f"\n## {head}" in (exp / f"RESULTS-{name}.md").read_text() and f"](RESULTS-{name}.md)" in text


def test_the_report_gives_commands_of_one_commit_and_kind_as_one(corpus):
    _, exp = corpus
    for system, runs in (("good", 5), ("poor", 5), ("single", 1)):
        for target in ("arousal", "valence"):
            if (exp / system / target).exists():
                command = f"./run.sh --archs {system} --targets {target} --num-runs {runs} --train-opts '--l2=0'"
                (exp / system / target / "command").write_text(f"# commit abc\n{command}\n")
    report.main([str(exp)])
    block = (exp / "RESULTS.md").read_text().split("```\n")[1]
    assert block.splitlines() == [
        "# commit abc",
        "./run.sh --archs 'good poor' --targets 'arousal valence' --num-runs 5 --train-opts '--l2=0'",
        "./run.sh --archs single --targets arousal --num-runs 1 --train-opts '--l2=0'",
    ]


def test_a_comparison_of_earlier_predictions_is_left_out(corpus, capsys):
    data, exp = corpus
    compare.main([str(data), str(exp), "--resamples", "50"])
    write_predictions(exp / "poor" / "arousal" / "predict_dev", "arousal", labels_of(1), 0.9, SHIFT)
    report.main([str(exp)])
    assert "| good | single | dev |" not in (exp / "RESULTS.md").read_text()
    assert "30-compare_dev.md: is left out: made from something else" in capsys.readouterr().err
    compare.main([str(data), str(exp), "--resamples", "50", "--systems", "good", "single"])
    report.main([str(exp)])
    text = (exp / "RESULTS.md").read_text()
    assert "| good | single | dev |" in text and "| good | poor |" not in text and "| poor | single |" not in text


def test_a_system_without_dev_scores_has_dashes(corpus):
    _, exp = corpus
    records = json.loads((exp / "results.json").read_text())
    records.append(records[0] | {"system": "elsewhere", "set": "test"})
    (exp / "results.json").write_text(json.dumps(records))
    report.main([str(exp)])
    assert "| elsewhere | – | – | – | – | – | – | – | 0." in (exp / "RESULTS.md").read_text()


def test_figure_5_takes_the_papers_systems_or_the_first_five(corpus):
    assert figure5.chosen({"downup_wide", "blstm", "downup", "dilated"}) == ["dilated", "downup"]
    assert figure5.chosen({"downup", "blstm"}) == ["downup"]
    assert figure5.chosen({f"s{n:02d}" for n in range(12)}) == ["s00", "s01", "s02", "s03", "s04"]
    data, exp = corpus
    figure5.main([str(data), str(exp), "--systems", "single"])  # of valence, nothing
    with pytest.raises(SystemExit, match="found blstm, not scored"):
        figure5.main([str(data), str(exp), "--systems", "blstm"])


def test_pictures_have_the_same_bytes_again(corpus):
    data, exp = corpus
    for name, script in {"figure4": figure4, "figure5": figure5}.items():
        saved = []
        for _ in range(2):
            script.main([str(data), str(exp)])
            saved.append([(exp / f"{name}.{kind}").read_bytes() for kind in ("png", "pdf")])
        assert saved[0] == saved[1]


def test_the_ccc_of_figure_4_is_that_of_the_concatenated_recordings(corpus):
    recordings = {key: one[:, 0] for key, one in labels_of(0).items()}
    y = np.concatenate([*recordings.values()]).astype(float)
    p = np.concatenate([figure4.rebuilt(one.astype(float), 128) for one in recordings.values()])
    assert figure4.measure(recordings, SHIFT)["ccc"]["128"] == pytest.approx(ccc(y, p))


def test_systems_are_set_side_by_side_over_corpora(tmp_path, capsys):
    values = {"a": {"one": 0.5, "two": 0.7}, "b": {"one": 0.4, "two": 0.75}, "c": {"one": 0.1}}
    for corpus in ("one", "two"):
        records = [
            score_record(system, "arousal", name, each[corpus] + (name == "test") / 10)
            for system, each in values.items()
            for name in ("dev", "test")
            if corpus in each
        ]
        records[-1]["postprocess"] = "chain, fitted on dev"
        (tmp_path / corpus).mkdir()
        (tmp_path / corpus / "results.json").write_text(json.dumps(records))
    folders = [str(tmp_path / corpus) for corpus in ("one", "two")]
    corpora.main([*folders, "--pairs", "a:b", "a:c"])
    text = (tmp_path / "one" / "sections" / "20-corpora.md").read_text()
    assert "| a | 0.500 / 0.700 | 0.600 ± 0.141 | 0.600 / 0.800 | 0.700 ± 0.141 |" in text
    assert "| c |" not in text
    assert "| b (fitted on dev: optimistic) | 0.400 / 0.750 |" in text
    assert "| a – b | +0.100 / -0.050 | +0.100 / -0.050 | changes |" in text
    assert "| a – c | +0.400 / – | +0.400 / – | same |" in text
    assert len(json.loads((tmp_path / "one" / "corpora.json").read_text())) == 10
    assert sections.is_current(tmp_path / "one", "20-corpora")
    write_text(tmp_path / "two" / "b" / "arousal" / "predict_test" / "score.json", "of other labels")
    assert not sections.is_current(tmp_path / "one", "20-corpora")
    before = (tmp_path / "one" / "corpora.json").read_bytes()
    for words, message in (
        (["--pairs", "a:z"], "found 'a:z', expected a:b of a, b, c"),
        (["--sets", "tset"], "--sets: no system of one two is scored on tset"),
        ([str(tmp_path / "one")], "expected folders of different names, one a corpus"),
    ):
        with pytest.raises(SystemExit, match=message):
            corpora.main([*folders, *words])
    assert (tmp_path / "one" / "corpora.json").read_bytes() == before
    records = [score_record("d", "arousal", name, 0.3) for name in ("dev", "test")]
    (tmp_path / "two" / "results.json").write_text(json.dumps(records))
    corpora.main([*folders, "--pairs", "c:d", "--sets", "dev,tset,test"])  # RECOLA has no labels of test
    assert "--sets: no system of one two is scored on tset; left out" in capsys.readouterr().err
    assert "| c – d | – / – | – / – | – |" in (tmp_path / "one" / "sections" / "20-corpora.md").read_text()


def test_leave_one_out_is_set_side_by_side_over_corpora(tmp_path):
    for corpus, value in (("one", 0.5), ("two", 0.75)):
        folder = tmp_path / corpus / "leave_one_out" / "a_arousal" / "predict_all"
        folder.mkdir(parents=True)
        (folder / "score.json").write_text(json.dumps(score_record("a", "arousal", "leave_one_out", value)))
    folders = [str(tmp_path / corpus) for corpus in ("one", "two")]
    corpora.main([*folders, "--sets=leave_one_out"])
    [(experiment, [text])] = [item for item in sections.files(tmp_path / "one").items() if item[0]]
    assert experiment == "leave_one_out" and "| a | 0.500 / 0.750 | 0.625 ± 0.177 |" in text
    write_text(folder / "score.json", json.dumps(score_record("a", "arousal", "leave_one_out", 0.8)))
    assert sections.files(tmp_path / "one")[experiment] == []
    with pytest.raises(SystemExit, match="three/leave_one_out: found no scores in it; local"):
        corpora.main([*folders, str(tmp_path / "three"), "--sets=leave_one_out"])


@pytest.mark.parametrize("changed", ["run1/final.pt", "predict_dev/output.scp", "labels.scp"])
def test_scores_and_figures_of_what_is_there_no_more_are_left_out(tmp_path, capsys, changed):
    for system in ("new", "old"):
        folder = tmp_path / system / "arousal"
        for name in ("run1/final.pt", "predict_dev/output.scp", "labels.scp"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("P1 x\n")
        (folder / "predict_dev" / "score.json").write_text(json.dumps(score_record(system, "arousal", "dev", 0.5)))
        predictions = [folder / "predict_dev" / "output.scp"]
        Stamp(folder / "predict_dev" / ".done").commit(predictions, take([folder / "run1" / "final.pt"]))
        labels = [folder / "labels.scp", *predictions]
        Stamp(folder / "predict_dev" / ".done.score").commit([folder / "predict_dev" / "score.json"], take(labels))
        os.utime(folder / "run1" / "final.pt", (1, 1) if system == "new" else None)  # times say nothing
    (tmp_path / "old" / "arousal" / changed).write_text("P1 y\n")
    collect_results.main([str(tmp_path)])
    assert [r["system"] for r in json.loads((tmp_path / "results.json").read_text())] == ["new"]
    assert "old/arousal/predict_dev: is left out: made from something else (" in capsys.readouterr().err
    (tmp_path / "new" / "arousal" / changed).write_text("P1 y\n")
    with pytest.raises(BadInput, match="no system scored on dev"):
        systems.scored(tmp_path, "dev")


@pytest.mark.parametrize("seconds, each", [(0.04, 100), (100, 100), (300, 100), (800, 100), (801, 200), (36000, 4500)])
def test_pictures_of_long_recordings_have_a_bounded_number_of_rows(seconds, each):
    assert draw_recordings.row_seconds(seconds) == each and seconds / each <= draw_recordings.MOST


@pytest.mark.parametrize(
    "highest, limit, rows", [(0, "1", 250), (0.9, "1", 7500), (0.9, "1", 7501), (1.5, "2", 1), (-9, "16", 30000)]
)
def test_pictures_of_recordings_have_one_scale_that_is_told(tmp_path, monkeypatch, highest, limit, rows):
    figures = []
    monkeypatch.setattr(style, "save", lambda figure, *about: figures.append(figure))
    values = np.full(rows, highest, dtype=np.float32)
    draw_recordings.draw("P1", {"arousal": values, "joy": values / 2}, SHIFT, tmp_path / "P1")
    panels = figures[0].axes
    assert panels[0].get_title() == f"P1; scale: −{limit} to {limit}"
    assert {axes.get_ylim() for axes in panels} == {(-float(limit), float(limit))}
    assert (
        sum(len(line.get_xdata()) - 1 for axes in panels for line in axes.lines[:1]) == rows - 1
    )  # rows overlap by one
    lines = [line for axes in panels for line in axes.lines[:2]]
    assert {(len(line.get_xdata()) > 1, line.get_marker()) for line in lines} == {
        (rows > 1, "None" if rows > 1 else ".")
    }
    assert figures[0].get_figwidth() == style.COLUMN
    names = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert names == ["arousal (calm to excited)", "joy (units of the labels)"]


def test_a_picture_holds_only_the_beginning_of_long_texts(tmp_path, monkeypatch):
    figures, long = [], "word " * 40_000
    monkeypatch.setattr(style, "save", lambda figure, *about: figures.append(figure))
    draw_recordings.draw("P1", {"joy": np.zeros(9)}, SHIFT, tmp_path / "P1", f"{long}\nend", {"joy": ("sad", long)})
    below = figures[0].get_supxlabel().split("\n")
    assert len(below) == draw_recordings.LINES and below[-1] == "..." and figures[0].get_figheight() < 6
    assert figures[0].legends[0].get_texts()[0].get_text().startswith("joy (sad to word")


def test_figure_5_tells_the_ccc_of_what_it_shows_and_of_the_recording(corpus, monkeypatch):
    data, exp = corpus
    titles, heads = [], []
    monkeypatch.setattr(
        figure5,
        "save",
        lambda figure, stem: (
            titles.extend(a.get_title("left") for a in figure.axes),
            heads.append(figure.get_suptitle()),
        ),
    )
    figure5.main([str(data), str(exp), "--duration=4", "--start=2", "--systems", "good"])
    gold = dict(datadir.labels_of(data / "dev", "arousal"))
    key = next(iter(gold))
    mine = datadir.Archive(exp / "good" / "arousal" / "predict_dev" / "output.scp")[key][:, 0].astype(float)
    y = gold[key][: len(mine), 0].astype(float)
    here = ccc(y[50:150], mine[50:150])
    assert titles[0] == f"CCC here (whole recording): good {here:.2f} ({ccc(y, mine):.2f})"
    assert "Figure 5" in (exp / "sections" / "10-figure5.md").read_text()
    assert heads == [f"{key}, set dev: gold standard and predictions (mean of 2 runs)"]


def test_figure_5_shows_one_recording_of_all_targets_and_names_what_it_shows(corpus, monkeypatch):
    data, exp = corpus
    first, *others = labels_of(1)
    heads = []
    monkeypatch.setattr(figure5, "save", lambda figure, stem: heads.append(figure.get_suptitle().partition(",")[0]))
    for kept in (others, [first]):  # of valence; of arousal the others
        for target, keys in (("valence", kept), ("arousal", [first, *others] if kept == others else others)):
            labels = labels_of(["arousal", "valence"].index(target))
            write_archive(data / "dev", target, {key: labels[key] for key in keys})
            score.main(["--system=good", "--set=dev", str(data / "dev"), str(exp / "good" / target / "predict_dev")])
        figure5.main([str(data), str(exp), "--systems", "good"])
    assert heads == [others[0], f"{others[0]} and {first}"]


@pytest.mark.parametrize(
    "options, message",
    [
        (["--start=2", "--duration=9"], "expected a duration of 0.04 s or more, and a start of 1.04 s or less"),
        (["--start=12"], "--start=12 --duration=40: P0-0 has 251 labels, one every 0.04 s; .* a start of 0 s or less"),
        (["--duration=0.01"], "expected a duration of 0.04 s or more"),
    ],
)
def test_figure_5_refuses_an_excerpt_beyond_the_recording_and_an_empty_one(corpus, options, message):
    data, exp = corpus
    with pytest.raises(SystemExit, match=message):
        figure5.main([str(data), str(exp), "--systems", "good", *options])
    assert not (exp / "figure5.png").exists()


def test_the_title_of_figure_5_stays_in_the_picture_whatever_the_recording_is_called(corpus, monkeypatch):
    data, exp = corpus
    for path in [*data.rglob("*.scp"), data / "dev" / "utt2spk", *exp.rglob("*.scp")]:
        path.write_text(re.sub(r"(?m)^P", "interview_of_a_long_afternoon_P", path.read_text()))
    score.main([str(data / "dev"), str(exp / "good" / "arousal" / "predict_dev")])
    drawn = []
    monkeypatch.setattr(figure5, "save", lambda figure, stem: drawn.append(figure))
    figure5.main([str(data), str(exp), "--duration=4", "--systems", "good"])
    drawn[0].draw_without_rendering()
    box, page = (one.get_window_extent() for one in (drawn[0]._suptitle, drawn[0]))
    assert page.x0 <= box.x0 and box.x1 <= page.x1 and box.y1 <= page.y1


def test_a_corpus_with_targets_of_its_own_is_not_set_beside_the_paper(corpus):
    data, exp = corpus
    write_archive(data / "dev", "joy", labels_of(3))
    for target in ("arousal", "valence"):
        (data / "dev" / f"{target}.scp").unlink()
        for system in TARGETS:
            shutil.rmtree(exp / system / target, ignore_errors=True)
    folder = exp / "good" / "joy" / "predict_dev"
    write_predictions(folder, "joy", labels_of(3), NOISE["good"], SHIFT)
    score.main(["--system=good", "--set=dev", str(data / "dev"), str(folder)])
    collect_results.main([str(exp)])
    for script in (figure4, figure5, smoothness):
        script.main([str(data), str(exp)])
    report.main([str(exp)])
    text = "".join(path.read_text() for path in exp.glob("RESULTS*.md"))
    assert "## Joy" in text and "## How slow" in text and "## How smooth" in text and "## Trajectories" in text
    assert not re.search("RECOLA|paper", text)
