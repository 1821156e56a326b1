import json

import numpy as np
import pytest
from conftest import score_record

from cer.base.errors import BadInput
from cer.scoring import scores
from cer.scoring.metrics import ccc

RANDOM = np.random.default_rng(0)
LABELS = {key: RANDOM.standard_normal((100, 1)) + offset for key, offset in [("P16", 0), ("P17", 3)]}
PREDICTIONS = {key: labels[:99] + RANDOM.standard_normal((99, 1)) for key, labels in LABELS.items()}


def test_the_concatenation_and_the_mean_of_recordings_are_two_figures():
    result = scores.score(LABELS, PREDICTIONS)
    y, p = (np.concatenate([matrices[key][:99, 0] for key in LABELS]) for matrices in (LABELS, PREDICTIONS))
    each = [ccc(LABELS[key][:99, 0], PREDICTIONS[key][:, 0]) for key in LABELS]
    assert result["ccc"] == pytest.approx(ccc(y, p))
    assert result["ccc_per_recording"] == pytest.approx(np.mean(each)) != pytest.approx(result["ccc"], abs=0.05)
    assert result["rmse"] == pytest.approx(np.sqrt(np.mean((y - p) ** 2)))
    assert result["pcc"] == pytest.approx(np.corrcoef(y, p)[0, 1])
    assert result["recordings"]["P17"]["ccc"] == pytest.approx(each[1])


def test_sewas_convention_is_a_figure_of_its_own():
    # means 1.5 and 2, variances with n - 1 5/3 and 4/3, covariance with n 1: 2 / (5/3 + 4/3 + 1/4)
    y, p = np.array([[0.0], [1], [2], [3]]), np.array([[1.0], [1], [3], [3]])
    assert scores.score({"P16": y}, {"P16": p})["ccc_sewa"] == pytest.approx(8 / 13)
    halves = ({"P16": one[:1], "P17": one[1:]} for one in (y, p))
    assert scores.score(*halves)["ccc_sewa"] == pytest.approx(8 / 13)
    assert scores.score({"P16": y[:1]}, {"P16": p[:1]})["ccc_sewa"] == 0


def test_a_perfect_prediction_scores_1():
    result = scores.score(LABELS, LABELS)
    assert result["ccc"] == result["ccc_per_recording"] == pytest.approx(1) and result["rmse"] == 0


@pytest.mark.parametrize("value", [0, 1])
def test_a_constant_prediction_or_label_scores_0_with_a_warning(capsys, value):
    moving, still = {"P16": LABELS["P16"]}, {"P16": np.full((100, 1), value)}
    for labels, predictions, name in [(moving, still, "predictions"), (still, moving, "labels")]:
        result = scores.score(labels, predictions, "exp/a")
        assert result["ccc"] == result["pcc"] == 0
        assert f"exp/a: P16: {name} are constant; its CCC is 0" in capsys.readouterr().err


def test_what_moves_is_scored_without_a_warning(capsys):
    labels = np.array([[1.0], [-1.0], [1.0], [-1.0]])  # a deviation of 1
    assert scores.score({"P16": labels}, {"P16": labels})["ccc"] == 1
    assert capsys.readouterr().err == ""


def test_predictions_far_outside_the_labels_are_named(capsys):
    scores.score(LABELS, PREDICTIONS)
    assert capsys.readouterr().err == ""
    wild = PREDICTIONS | {"P17": np.append(PREDICTIONS["P17"], [[1e30]], axis=0)}
    scores.score(LABELS, wild, "exp/a")
    (told,) = capsys.readouterr().err.splitlines()
    assert "exp/a: P17: 1 of 100 outputs are outside -" in told and "labels' range; the furthest is 1e+30; are" in told


def test_a_missing_prediction_or_one_of_another_shape_is_an_error():
    with pytest.raises(BadInput, match="no prediction for P17"):
        scores.score(LABELS, {"P16": LABELS["P16"]})
    with pytest.raises(BadInput, match="P17: found 90 rows"):
        scores.score(LABELS, {**LABELS, "P17": LABELS["P17"][:90]})
    with pytest.raises(BadInput, match=r"^exp/a: P17: found shape \(100, 2\), expected one column"):
        scores.score(LABELS, {**LABELS, "P17": np.repeat(LABELS["P17"], 2, axis=1)}, "exp/a")


def test_of_many_missing_predictions_the_first_five_are_named():
    labels = {f"P{n}": LABELS["P16"] for n in range(1, 9)}
    with pytest.raises(BadInput, match=r"^exp/a: no prediction for P1, P2, P3, P4, P5 \(8 in all\); run stage 4 again"):
        scores.score(labels, {}, "exp/a")


def test_one_run_has_no_deviation():
    one = scores.score(LABELS, PREDICTIONS)
    summary = scores.summary(one, {"run1": one})
    assert summary["ccc_std"] is None and summary["ccc_mean"] == one["ccc"]
    text = scores.table({"system": "s", "target": "t", "set": "dev"} | summary)
    assert " +- " not in text and f"\nCCC {one['ccc']:.4f} of one run\n" in text
    assert "single runs" not in text and "ensemble" not in text and text.count(f"{one['rmse']:9.4f}") == 1


def measures(ccc, **more):
    return {"ccc": ccc, "rmse": ccc / 10, "pcc": ccc + 0.01} | more


def test_the_table_of_two_runs_is_this_text():
    ensemble = measures(0.75, ccc_per_recording=0.5, ccc_sewa=0.625, recordings={"P16": measures(0.25)})
    runs = {"run1": measures(0.5, ccc_per_recording=0.4), "run2": measures(0.7, ccc_per_recording=0.3)}
    summary = scores.summary(ensemble, runs)
    assert summary["ccc_mean"] == pytest.approx(0.6) and summary["ccc_std"] == pytest.approx(np.sqrt(0.02))
    assert summary["ccc"] == 0.75 and [run["run"] for run in summary["runs"]] == ["run1", "run2"]
    about = {"system": "downup", "target": "arousal", "set": "dev", "postprocess": "median 3"}
    intervals = {"interval": [0.6, 0.875], "interval_per_recording": [0.4, 0.625], "interval_runs": [0.5, 0.65]}
    text = scores.table(about | summary | intervals | {"speakers": 9})
    assert (
        text
        == """\
system downup, target arousal, set dev
CCC 0.7500 of the ensemble (mean prediction of 2 runs)
    convention: CCC of the concatenated recordings, biased moments
    AVEC 2018's, mean of the recordings' own: 0.5000
    SEWA's (AVEC 2017), variances with n - 1: 0.6250
    95 % interval over 9 speakers: 0.6000 to 0.8750
    95 % interval of the mean over recordings: 0.4000 to 0.6250
    median 3
CCC 0.6000 +- 0.1414 (sample deviation) of the single runs, mean
    95 % interval over 9 speakers and 2 runs: 0.5000 to 0.6500

                  CCC CCC/rec.     RMSE      PCC
ensemble       0.7500   0.5000   0.0750   0.7600
run1           0.5000   0.4000   0.0500   0.5100
run2           0.7000   0.3000   0.0700   0.7100

recordings, ensemble
P16            0.2500            0.0250   0.2600
"""
    )


def test_results_are_read_back_and_missed_by_name(tmp_path):
    path = tmp_path / "results.json"
    with pytest.raises(BadInput, match=f"{path}: cannot be read .*; stage 5 makes it"):
        scores.read_results(path)
    records = [score_record("a", "arousal", "dev", 0.5)]
    path.write_text(json.dumps(records))
    assert scores.read_results(path) == records


class Archive(dict):
    """Matrices by their keys, said to be from a file."""

    scp = "exp/output.scp"


LABELLED = Archive(P1=0, P2=0, P3=0)


def test_predictions_of_all_labelled_utterances_are_complete_and_further_ones_are_told(tmp_path, capsys):
    scores.check_complete(LABELLED, Archive(P3=0, P2=0, P1=0), tmp_path)
    assert capsys.readouterr().err == ""
    scores.check_complete(LABELLED, Archive(P0=0, P1=0, P2=0, P3=0, P4=0), str(tmp_path))
    said = "exp/output.scp: not compared: 2 utterances without labels: P0, P4\n"
    assert capsys.readouterr().err.endswith(said)


@pytest.mark.parametrize("features", [None, "P1 a\nP2 b\nP3 c\n"])
def test_utterances_without_a_prediction_are_to_be_predicted(tmp_path, features):
    if features:
        (tmp_path / "feats.scp").write_text(features)
    with pytest.raises(BadInput, match=r"^exp/output.scp: no prediction for P1, P3; run stage 4 \(steps/predict.sh\)"):
        scores.check_complete(LABELLED, Archive(P2=0), tmp_path)


def test_utterances_without_features_are_told_before_those_without_a_prediction(tmp_path):
    (tmp_path / "feats.scp").write_text("P1 a\nP2 b\n")
    cure = f"which are not in {tmp_path}/feats.scp: make features again .*: utils/fix_data_dir.sh {tmp_path}$"
    with pytest.raises(BadInput, match=f"^exp/output.scp: no prediction for P3, {cure}"):
        scores.check_complete(LABELLED, Archive(P2=0), tmp_path)


def test_runs_that_failed_are_said_to_be_in_the_mean_or_not():
    why = {"run1": "blew up (nan)", "run2": "did not learn (0.01)"}
    expected = [
        "run1 blew up (nan): left out of the mean", "run2 did not learn (0.01): in the mean, since no run learnt",
    ]  # fmt: skip
    for runs in (["run2"], [measures(0.01, run="run2")]):
        assert scores.doubts({"runs": runs, "failed": why}) == expected and scores.doubts({"runs": runs}) == []
        short = ["run2 had too few epochs to tell whether it learns"]
        assert scores.doubts({"runs": runs, "undecided": ["run2"]}) == short


@pytest.mark.parametrize(
    "change, fits",
    [
        ({"interval": [0.1, 0.2], "speakers": 9, "failed": {"run2": "nan"}, "postprocess": "median"}, True),
        ({"interval": None, "ccc_std": 0.5}, True),
        ({"interval": [0.1]}, False),
        ({"interval": [0.1, 0.2, 0.3]}, False),
        ({"runs": []}, False),
        ({"ccc": None}, False),
        ({"speakers": -1}, False),
    ],
)
def test_a_score_is_read_as_it_was_written_or_refused(tmp_path, change, fits):
    record, path = score_record("a", "arousal", "dev", 0.5) | change, tmp_path / "score.json"
    path.write_text(json.dumps(record))
    if fits:
        assert scores.read_score(path) == record
    else:
        with pytest.raises(BadInput, match=r"score.json: .*; run stage 5 again \(steps/score.sh\)"):
            scores.read_score(path)
