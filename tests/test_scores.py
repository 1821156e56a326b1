import numpy as np
import pytest

from cer import scores
from cer.errors import BadInput
from cer.metrics import ccc

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


def test_a_perfect_prediction_scores_1():
    result = scores.score(LABELS, LABELS)
    assert result["ccc"] == result["ccc_per_recording"] == pytest.approx(1) and result["rmse"] == 0


def test_a_constant_prediction_scores_0_with_a_warning(capsys):
    result = scores.score({"P16": LABELS["P16"]}, {"P16": np.zeros((100, 1))})
    assert result["ccc"] == result["pcc"] == 0
    assert "P16: predictions are constant" in capsys.readouterr().err


def test_a_missing_prediction_or_one_of_another_length_is_an_error():
    with pytest.raises(BadInput, match="no prediction for P17"):
        scores.score(LABELS, {"P16": LABELS["P16"]})
    with pytest.raises(BadInput, match="P17: found 90 rows"):
        scores.score(LABELS, {**LABELS, "P17": LABELS["P17"][:90]})


def test_one_run_has_no_deviation():
    one = scores.score(LABELS, PREDICTIONS)
    summary = scores.summary(one, {"run1": one})
    assert summary["ccc_std"] is None and summary["ccc_mean"] == one["ccc"]
    assert "CCC" in scores.table({"system": "s", "target": "t", "set": "dev"} | summary)
