import json

import numpy as np
import pytest
from conftest import make_data_dir
from test_train import train

from cer import checkpoint
from cer.bin import predict, score
from cer.datadir import Archive
from cer.errors import BadInput
from cer.predict import Ensemble


@pytest.fixture
def model(small):
    for run in (1, 2, 10):
        train(small, small / "model" / f"run{run}", f"--srand={run}", "--max-epochs=5")
    return small / "model"


def run(data, model, out, *options):
    predict.main([*options, str(data), str(model), str(out)])
    return out


def test_the_runs_and_their_mean_are_written_as_archives_and_csv(small, model):
    make_data_dir(small / "new", labels=False, seed=9)
    out = run(small / "new", model, small / "out")
    runs = [Archive(out / name / "output.1.scp") for name in ("run1", "run2", "run10")]
    for key, mean in Archive(out / "output.1.scp").items():
        assert mean.shape == (200, 1) and mean.dtype == np.float32
        assert np.allclose(mean, np.mean([one[key] for one in runs], axis=0), atol=1e-6)
        lines = (out / "csv" / f"{key}.csv").read_text().splitlines()
        assert lines[0] == "time,arousal" and lines[2].startswith("0.04,") and lines[-1].startswith("7.96,")
        assert np.allclose([float(line.split(",")[1]) for line in lines[1:]], mean[:, 0], atol=1e-6)
    assert json.loads((out / "predictions.json").read_text())["runs"] == ["run1", "run2", "run10"]


def test_predictions_do_not_change_with_the_number_of_jobs_and_one_run_is_a_model_too(small, model):
    whole = Archive(run(small / "dev", model, small / "whole") / "output.1.scp")
    for part in ("1/2", "2/2"):
        run(small / "dev", model, small / "parts", f"--part={part}")
    parts = {key: m for n in (1, 2) for key, m in Archive(small / "parts" / f"output.{n}.scp").items()}
    assert list(parts) == list(whole) and all(np.array_equal(parts[key], whole[key]) for key in whole)
    single = Archive(run(small / "dev", model / "run2", small / "single") / "output.1.scp")
    run2 = Archive(small / "whole" / "run2" / "output.1.scp")
    assert all(np.array_equal(single[key], run2[key]) for key in run2)


def test_features_that_the_model_was_not_made_for_are_refused(small, model):
    make_data_dir(small / "wide", dim=6)
    with pytest.raises(SystemExit, match="of 6 columns, expected 4"):
        run(small / "wide", model, small / "out")
    with pytest.raises(BadInput, match=r"stage 3"):
        Ensemble(small / "nothing")


def test_runs_of_different_targets_are_no_ensemble(small, model):
    checkpoint.write_description(model / "run2", checkpoint.read_description(model / "run2") | {"target": "valence"})
    with pytest.raises(BadInput, match=r"run2: its target differ from those of .*run1"):
        Ensemble(model)


def test_runs_of_different_options_are_no_ensemble_but_the_first_of_them_can_be_used(small, model):
    train(small, model / "run2", "--srand=2", "--max-epochs=4")
    with pytest.raises(BadInput, match=r"run2: its training differ"):
        Ensemble(model)
    assert [run.name for run in Ensemble(model, 1).folders] == ["run1"]


def test_scores_of_the_program_are_those_of_its_files(small, model):
    out = run(small / "dev", model, small / "out")
    for folder in [out, *out.glob("run*")]:
        (folder / "output.1.scp").rename(folder / "output.scp")
    score.main(["--system=downup", "--set=dev", str(small / "dev"), str(out)])
    record = json.loads((out / "score.json").read_text())
    assert {"system", "target", "set", "ccc", "ccc_mean", "ccc_std", "ccc_per_recording", "rmse", "pcc", "runs"} <= set(
        record
    )
    assert [r["run"] for r in record["runs"]] == ["run1", "run2", "run10"]
    assert record["ccc_mean"] == pytest.approx(np.mean([r["ccc"] for r in record["runs"]]))
    assert record["ccc_std"] == pytest.approx(np.std([r["ccc"] for r in record["runs"]], ddof=1))
    low, high = record["interval"]
    assert record["speakers"] == 3 and low <= record["ccc"] <= high
    text = (out / "score.txt").read_text()
    assert f"95 % interval over 3 speakers: {low:.4f} to {high:.4f}" in text
    assert "concatenated" in text and f"{record['ccc']:.4f}" in text and "run10" in text
