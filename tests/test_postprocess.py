import json

import numpy as np
import pytest
from conftest import make_data_dir
from test_train import train

from cer import postprocess
from cer.bin import fit_postprocess, predict, score
from cer.datadir import Archive
from cer.errors import BadInput
from cer.labels import later
from cer.metrics import ccc

TIME = np.arange(2000) * 0.04


def gold(phase):
    return 0.2 + 0.1 * np.sin(TIME / 3 + phase)


def values_of(fitted):
    return {each["step"]: each["value"] for each in fitted["steps"]}


def test_the_chain_undoes_offset_scale_spikes_and_delay():
    random, labels = np.random.default_rng(0), [gold(0), gold(1)]
    spikes = [np.where(random.random(2000) < 0.1, 5.0, 0.0) for _ in labels]
    predictions = [later(3 * y - 1 + spike, 30) for y, spike in zip(labels, spikes, strict=True)]
    fitted = postprocess.fit("chain", labels, predictions, 0.04)
    found = values_of(fitted)
    assert [each["step"] for each in fitted["steps"]] == ["median", "centre", "scale", "shift"]
    assert found["scale"][0] == pytest.approx(1 / 3, rel=0.1) and abs(found["shift"] + 30) <= 2
    after = postprocess.apply(fitted["steps"], predictions)
    assert ccc(np.concatenate(labels), np.concatenate(after)) == pytest.approx(fitted["ccc_after"])
    assert fitted["ccc_before"] < 0.2 and fitted["ccc_after"] > 0.98


def test_a_step_that_does_not_help_is_left_out():
    fitted = postprocess.fit("chain", [gold(0)], [gold(0)], 0.04)
    assert fitted["steps"] == [] and fitted["ccc_after"] == fitted["ccc_before"] == pytest.approx(1)


def test_smoothing_takes_noise_away_and_keeps_the_ends():
    noisy = gold(0) + np.random.default_rng(0).normal(0, 0.1, 2000)
    fitted = postprocess.fit("gaussian", [gold(0)], [noisy], 0.04)
    after = postprocess.apply(fitted["steps"], [noisy])[0]
    assert fitted["ccc_after"] > 0.95 > fitted["ccc_before"] and abs(after[0] - 0.2) < 0.1
    constant = postprocess.apply(fitted["steps"], [np.full(50, 0.3)])[0]
    assert np.allclose(constant, 0.3)


def test_constant_predictions_and_short_recordings_are_no_accident():
    fitted = postprocess.fit("chain", [gold(0)[:5]], [np.full(5, 0.1)], 0.04)
    assert np.isfinite(fitted["ccc_after"]) and "scale" not in values_of(fitted)
    with pytest.raises(BadInput, match="--method=kalman: expected one of chain, gaussian"):
        postprocess.fit("kalman", [gold(0)], [gold(0)], 0.04)


@pytest.fixture
def system(small):
    """A model folder of two runs with predictions for its training and dev set."""
    for run in (1, 2):
        train(small, small / "model" / f"run{run}", f"--srand={run}", "--max-epochs=5")
    for name in ("train", "dev"):
        predict.main([str(small / name), str(small / "model"), str(small / "model" / f"predict_{name}")])
        folder = small / "model" / f"predict_{name}"
        (folder / "output.scp").write_text((folder / "output.1.scp").read_text())
    return small


@pytest.mark.parametrize("fitted_on", ["train", "dev"])
def test_what_was_fitted_is_stored_and_applied_unchanged_to_other_data(system, fitted_on, capsys):
    new = system / "new"
    new.mkdir()
    for run in ("run1", "run2"):
        (new / run).symlink_to(f"../model/{run}")
    arguments = [system / fitted_on, system / "model" / f"predict_{fitted_on}", new]
    fit_postprocess.main(["--method=chain", *map(str, arguments)])
    fitted = json.loads((new / "postprocess.json").read_text())
    assert fitted["fitted_on"] == fitted_on and fitted["ccc_after"] > fitted["ccc_before"]
    assert ("optimistic" in capsys.readouterr().err) == (fitted_on == "dev")
    make_data_dir(system / "own", labels=False, seed=5)
    for model in ("model", "new"):
        predict.main([str(system / "own"), str(system / model), str(system / f"out_{model}")])
    for folder in (".", "run1"):
        plain, changed = (Archive(system / f"out_{model}" / folder / "output.1.scp") for model in ("model", "new"))
        for key in plain:
            expected = postprocess.apply(fitted["steps"], [plain[key][:, 0]])[0]
            assert np.allclose(changed[key][:, 0], expected, atol=1e-5)
    predict.main([str(system / "dev"), str(new), str(new / "predict_dev")])
    for folder in (".", "run1", "run2"):
        path = new / "predict_dev" / folder
        (path / "output.scp").write_text((path / "output.1.scp").read_text())
    score.main(["--system=new", "--set=dev", str(system / "dev"), str(new / "predict_dev")])
    text = (new / "predict_dev" / "score.txt").read_text()
    assert f"post-processing (chain, fitted on {fitted_on})" in text and ("optimistic" in text) == (fitted_on == "dev")
