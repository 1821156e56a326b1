import json
import subprocess

import numpy as np
import pytest
import torch
from conftest import ROOT, make_data_dir, write_archive
from test_model_folder import DESCRIPTION
from test_stream import through
from test_train import train

from cer.base.errors import BadInput
from cer.bin import predict, score
from cer.data import cmvn
from cer.data.datadir import Archive
from cer.data.predictions import read_about, write_csv, writing_predictions
from cer.models import build
from cer.prediction import ensemble, postprocess
from cer.prediction.ensemble import Ensemble
from cer.system import model_folder
from cer.system.labels import later
from cer.system.utterances import Utterances
from cer.training import claim

LABELS = {"mean": 0.5, "deviation": 2.0}


@pytest.fixture
def model(small):
    for run in (1, 2, 10):
        train(small, small / "model" / f"run{run}", f"--srand={run}", "--max-epochs=5")
    return small / "model"


def run(data, model, out, *options):
    predict.main([*options, str(data), str(model), str(out)])
    return out


def test_constant_features_are_named(small, model, capsys):
    data, same = small / "dev", np.full((800, 4), 7, np.float32)
    feats = dict(Archive(data / "feats.scp").items()) | {"P01": same}
    write_archive(data, "feats", feats)
    write_archive(data, "cmvn", {key: cmvn.statistics([one]) for key, one in feats.items()})
    capsys.readouterr()
    run(data, model / "run1", small / "out")
    (told,) = capsys.readouterr().err.splitlines()
    assert told.endswith(f"{data}: P01: all of its features are constant, so its predictions say nothing")


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


@pytest.mark.parametrize(
    "options, made, said",
    [
        ([], [], "no CSV files of 3 utterances, more than 2; --csv true or --csv table makes them"),
        (["--csv=false"], [], ""),
        (["--csv=true"], ["csv/P00.csv", "csv/P01.csv", "csv/P02.csv"], ""),
        (["--csv=runs"], [f"{run}csv/P0{n}.csv" for run in ("", "run1/") for n in range(3)], ""),
        (["--csv=table", "--part=3/3"], ["csv/output.3.csv"], ""),
    ],
)
def test_of_many_utterances_there_is_a_csv_only_if_asked_for(small, model, capsys, monkeypatch, options, made, said):
    monkeypatch.setattr("cer.data.predictions.FEW", 2)
    monkeypatch.setattr("cer.bin.predict.FEW", 2)
    out = run(small / "dev", model, small / "out", "--num-runs=1", *options)
    assert sorted(str(path.relative_to(out)) for path in out.rglob("csv/*.csv")) == made
    assert (out / "targets.csv").exists() == bool(made)
    text = capsys.readouterr().out
    assert (said in text) if said else "no CSV" not in text
    if "--csv=table" in options:
        head, *rows = (out / made[0]).read_text().splitlines()
        assert head == "id,time,arousal" and len(rows) == 200 and rows[1].startswith("P02,0.04,")


def test_predictions_that_fail_on_the_way_leave_no_archive(small, model, monkeypatch):
    def one(self, index):
        if index == 2:
            raise BadInput("enough")
        return read(self, index)

    read = Utterances.__getitem__
    monkeypatch.setattr(Utterances, "__getitem__", one)
    with pytest.raises(SystemExit, match="enough"):
        run(small / "dev", model, small / "out")
    assert not list((small / "out").rglob("output.*"))


def test_predictions_do_not_change_with_the_number_of_jobs_and_one_run_is_a_model_too(small, model):
    whole = Archive(run(small / "dev", model, small / "whole") / "output.1.scp")
    for part in ("1/2", "2/2"):
        run(small / "dev", model, small / "parts", f"--part={part}")
    parts = {key: m for n in (1, 2) for key, m in Archive(small / "parts" / f"output.{n}.scp").items()}
    assert list(parts) == list(whole) and all(np.array_equal(parts[key], whole[key]) for key in whole)
    single = Archive(run(small / "dev", model / "run2", small / "single") / "output.1.scp")
    run2 = Archive(small / "whole" / "run2" / "output.1.scp")
    assert all(np.array_equal(single[key], run2[key]) for key in run2)


def test_one_run_may_be_called_anything_and_its_predictions_are_those_of_run1(small, model):
    mark((model / "run2").rename(small / "my best"), **UNLEARNT)
    out = run(small / "dev", small / "my best", small / "out")
    about = read_about(out)
    assert [path.parent.name for path in out.glob("*/output.1.scp")] == about["runs"] == ["run1"]
    assert about["failed"].keys() == {"run1"}


def test_features_that_the_model_was_not_made_for_are_refused(small, model):
    make_data_dir(small / "wide", dim=6)
    with pytest.raises(SystemExit, match="of 6 columns, expected 4"):
        run(small / "wide", model, small / "out")
    with pytest.raises(BadInput, match="no such folder, expected that of a trained system"):
        Ensemble(small / "nothing")


def test_features_of_other_settings_than_the_trainings_are_refused_whatever_their_size(small):
    def make(name, config, front_end="fbank"):
        make_data_dir(small / name, seed=3)
        (small / name / "conf").mkdir(exist_ok=True)
        (small / name / "conf" / f"{front_end}.conf").write_text(config)

    make("train", "--num-mel-bins=4\n")
    make("dev", "--num-mel-bins=4\n--dither=0\n--allow-upsample=true\n")
    train(small, small / "model" / "run1", "--max-epochs=2")
    run(small / "dev", small / "model", small / "out")
    make("other", "--num-mel-bins=4\n--low-freq=300\n")
    with pytest.raises(
        SystemExit, match="other/conf/fbank.conf: found features made with low_freq=300.0, expected low"
    ):
        run(small / "other", small / "model", small / "new")
    make("egemaps", "", "egemaps")
    with pytest.raises(SystemExit, match="conf/egemaps.conf: found .* features=egemaps, expected features=fbank as in"):
        run(small / "egemaps", small / "model", small / "new")
    make("dev", "--num-mel-bins=4\n--low-freq=300\n")
    with pytest.raises(SystemExit, match="dev/conf/fbank.conf: found .* low_freq=300.0"):
        train(small, small / "model" / "run2", "--max-epochs=2")


@pytest.mark.parametrize("rate", [60, 30, 25])
def test_the_times_of_predictions_do_not_drift(tmp_path, rate):
    write_csv(tmp_path / "csv/P1.csv", 1 / rate, {"P1": {"arousal": np.zeros(18001)}})
    lines = (tmp_path / "csv" / "P1.csv").read_text().splitlines()[1:]
    times = np.array([float(line.partition(",")[0]) for line in lines])
    assert np.abs(times - np.arange(18001) / rate).max() < 1e-7


def test_a_jobs_share_is_an_archive_and_a_csv_for_each_utterance(tmp_path):
    one = np.array([0.1234567, -1.0, 2.0])
    with writing_predictions(tmp_path / "out", 3, "joy", 0.04, "true") as write:
        write("P2", one)
        write("P1", one[:1])
    archive = Archive(tmp_path / "out" / "output.3.scp")
    assert {key: matrix.tolist() for key, matrix in archive.items()} == {
        "P1": [[np.float32(0.1234567)]], "P2": [[np.float32(0.1234567)], [-1], [2]],
    }  # fmt: skip
    texts = {path.name: path.read_text() for path in (tmp_path / "out" / "csv").iterdir()}
    assert texts == {
        "P1.csv": "time,joy\n0,0.123457\n",
        "P2.csv": "time,joy\n0,0.123457\n0.04,-1.000000\n0.08,2.000000\n",
    }


@pytest.mark.parametrize(
    "more, message",
    [
        ({}, None), ({"postprocess": "median 3", "failed": {"run3": "blew up"}}, None), ({"runs": []}, "runs"),
        ({"shift": 0}, "shift"), ({"target": "../x"}, "target"), ({"failed": {"run3": 3}}, "failed"),
    ],
)  # fmt: skip
def test_predictions_json_is_read_as_it_was_written_or_refused(tmp_path, more, message):
    about = {"target": "joy", "shift": 0.04, "runs": ["run1"]} | more
    (tmp_path / "predictions.json").write_text(json.dumps(about))
    if message is None:
        assert read_about(tmp_path) == about
    else:
        with pytest.raises(BadInput, match=f"predictions.json: .*{message}"):
            read_about(tmp_path)
    with pytest.raises(BadInput, match=r"none/predictions.json: .*; run stage 4"):
        read_about(tmp_path / "none")


def mark(run, **result):
    description = model_folder.read_description(run)
    model_folder.write_description(run, description | {"result": description["result"] | result})


BLEW_UP = {"learnt": False, "diverged": True, "reason": "the loss is nan"}
UNLEARNT = {"learnt": False, "diverged": False, "reason": "the best dev CCC is 0.01"}


def test_runs_that_failed_are_left_out_of_the_mean_aloud_and_the_score_tells_it(small, model, capsys):
    mark(model / "run1", **UNLEARNT)
    mark(model / "run10", **BLEW_UP)
    mark(model / "run2", learnt=None)
    said = "run1 did not learn (the best dev CCC is 0.01)", "run10 blew up (the loss is nan)"
    out = run(small / "dev", model, small / "out")
    assert f"{model}: left out of the mean: {said[0]}; {said[1]}" in capsys.readouterr().err
    mean, only = (Archive(small / "out" / name / "output.1.scp") for name in (".", "run2"))
    assert all(np.array_equal(mean[key], only[key]) for key in mean) and not (out / "run1").exists()
    for folder in (out, out / "run2"):
        (folder / "output.1.scp").rename(folder / "output.scp")
    score.main(["--system=downup", "--set=dev", str(small / "dev"), str(out)])
    text, told = (out / "score.txt").read_text(), capsys.readouterr().err
    assert f"{said[1]}: left out of the mean" in text and said[0] in told
    assert all("run2 had too few epochs to tell whether it learns\n" in one for one in (text, told))
    record = json.loads((out / "score.json").read_text())
    assert record["failed"].keys() == {"run1", "run10"} and record["undecided"] == ["run2"]


def test_of_runs_that_all_failed_those_that_blew_up_are_never_used(small, model, capsys):
    for name, result in [("run1", BLEW_UP), ("run2", UNLEARNT), ("run10", BLEW_UP)]:
        mark(model / name, **result)
    assert [one.name for one in Ensemble(model).folders] == ["run2"]
    assert f"{model}: no run learnt anything, so its predictions say nothing: run1 blew" in capsys.readouterr().err
    mark(model / "run2", **BLEW_UP)
    with pytest.raises(BadInput, match=r"model: no run can be used: run1 blew up \(the loss is nan\); run2 blew"):
        Ensemble(model)


def test_predictions_far_outside_the_labels_range_are_named(small, model, capsys):
    run(small / "dev", model, small / "out")
    assert "outputs are outside" not in capsys.readouterr().err
    for one in model_folder.run_folders(model):
        model_folder.write_description(one, model_folder.read_description(one) | {"label_range": [5.0, 6.0]})
    run(small / "dev", model, small / "out")
    said = capsys.readouterr().err
    assert f"{small}/dev: P01: arousal: 200 of 200 outputs are outside 4 to 7, three times" in said
    assert said.count("outputs are outside") == 3


def test_utterances_that_cannot_be_scored_are_named_with_the_cure_that_helps(small, model, capsys):
    whole = (small / "dev" / "feats.scp").read_text()
    (small / "dev" / "feats.scp").write_text("".join(whole.splitlines(keepends=True)[:2]))
    out = run(small / "dev", model / "run1", small / "out")
    for folder in (out, out / "run1"):
        (folder / "output.1.scp").rename(folder / "output.scp")
    arguments = ["--system=downup", "--set=dev", str(small / "dev"), str(out)]
    with pytest.raises(SystemExit, match=rf"no prediction for P02, which are not in .*fix_data_dir.sh {small}/dev"):
        score.main(arguments)
    subprocess.run([ROOT / "utils" / "fix_data_dir.sh", small / "dev"], check=True, cwd=ROOT)
    score.main(arguments)
    assert not (out / "score.txt").read_text().count("P02")
    labels = (small / "dev" / "arousal.scp").read_text().splitlines(keepends=True)
    (small / "dev" / "arousal.scp").write_text(labels[0])
    score.main(arguments)
    assert "not compared: 1 utterance without labels: P01" in capsys.readouterr().err
    (small / "dev" / "feats.scp").write_text(whole)
    (out / "output.scp").write_text("P01" + (out / "output.scp").read_text().splitlines(keepends=True)[1][3:])
    with pytest.raises(SystemExit, match=r"no prediction for P00; run stage 4 \(steps/predict.sh\) again"):
        score.main(arguments)


def test_runs_of_different_targets_are_no_ensemble(small, model):
    model_folder.write_description(
        model / "run2", model_folder.read_description(model / "run2") | {"target": "valence"}
    )
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


def test_labels_of_another_shift_than_the_predictions_are_refused(small):
    (small / "out").mkdir()
    (small / "out" / "predictions.json").write_text('{"target": "arousal", "shift": 0.04, "runs": ["run1"]}')
    (small / "dev" / "label_shift").write_text("0.02\n")
    with pytest.raises(SystemExit, match="dev/label_shift: found 0.02 s between labels, expected 0.04 s as between"):
        score.main(["--system=downup", "--set=dev", str(small / "dev"), str(small / "out")])


def untrained(folder, arch="dilated", runs=2, labels=LABELS, **options):
    """The ensemble of networks as they are at first, for rows of 4 columns."""
    rows = {"feat_dim": 4, "frame_shift": 0.01, "frame_subsampling_factor": 1, "norm_means": True, "norm_vars": True}
    about = DESCRIPTION | {"arch": arch, "options": options, "front_end": rows, "labels": labels}
    for run in range(1, runs + 1):
        torch.manual_seed(run)
        claim.write_model(folder / f"run{run}", build(arch, 4, options).state_dict(), about)
    return Ensemble(folder)


SMALL = {"dilated": {"num_layers": 3, "width": 3}, "downup": {"num_layers": 2, "width": 3}, "blstm": {"width": 3}}
X = np.random.default_rng(0).normal(size=(300, 4)).astype("f")


@pytest.mark.parametrize("delay", [0, 2, 9])
@pytest.mark.parametrize("arch", SMALL)
def test_an_ensemble_in_pieces_is_the_scaled_mean_of_its_runs_moved_by_the_delay(tmp_path, arch, delay):
    one = untrained(tmp_path, arch, labels=LABELS | {"delay": delay}, **SMALL[arch])
    with torch.no_grad():
        outputs = np.stack([model(torch.from_numpy(X)).numpy() for model in one.models])
    runs, mean = one(X)
    assert runs == pytest.approx(0.5 + 2 * later(outputs.T, delay).T, abs=1e-6)
    assert mean == pytest.approx(runs.mean(axis=0), abs=1e-6)
    for chunk, piece in [(1, 1), (1, 7), (50, 90), (None, 300)]:
        assert through(one.stage(chunk), X, piece) == pytest.approx(mean, abs=1e-6)


@pytest.mark.parametrize("delay, ahead", [(0, 4), (3, 1), (4, 0), (9, 0)])
def test_each_prediction_comes_after_its_look_ahead(tmp_path, delay, ahead):
    one = untrained(tmp_path, labels=LABELS | {"delay": delay}, **SMALL["dilated"])
    assert one.models[0].receptive_field() == (3, 4) and one.look_ahead() == ahead
    stage, known = one.stage(chunk=1), 0
    for rows in range(1, 40):
        found = stage.push(X[rows - 1 : rows])
        known += 0 if found is None else len(found)
        assert known == (rows - ahead if rows > 4 else 0)  # the first ones wait for the network's
    assert len(stage.finish()) == 39 - known if ahead else stage.finish() is None


def test_post_processing_looks_ahead_too_and_some_networks_without_end(tmp_path):
    steps = [{"step": "median", "value": 11}, {"step": "centre", "value": 0.5}, {"step": "shift", "value": -3}]
    (tmp_path / "postprocess.json").write_text(json.dumps({"method": "chain", "fitted_on": "train", "steps": steps}))
    one = untrained(tmp_path, **SMALL["dilated"])
    assert one.look_ahead() == 4 + 5 + 3
    runs, mean = one(X)
    with torch.no_grad():
        raw = [0.5 + 2 * model(torch.from_numpy(X)).numpy() for model in one.models]
    expected = postprocess.apply(steps, [*raw, np.mean(raw, axis=0)])
    assert [*runs, mean] == [pytest.approx(y, abs=1e-6) for y in expected]
    assert through(one.stage(1), X, 10) == pytest.approx(mean, abs=1e-6)
    assert untrained(tmp_path / "blstm", "blstm", **SMALL["blstm"]).look_ahead() == np.inf


@pytest.mark.parametrize("most", [300, 100])
def test_long_utterances_are_computed_in_chunks(tmp_path, monkeypatch, most):
    one, seen, output = untrained(tmp_path, **SMALL["dilated"]), [], ensemble.network.network_output
    expected = one(X)
    monkeypatch.setattr("cer.system.network.CHUNK", most)
    monkeypatch.setattr(ensemble.network, "network_output", lambda model, x: seen.append(len(x)) or output(model, x))
    found = one(X)
    assert all(a == pytest.approx(b, abs=1e-6) for a, b in zip(found, expected, strict=True))
    assert seen == [300, 300] if most == 300 else len(seen) > 2 and max(seen) <= 2 * 100 + 3 + 4


def test_of_predictions_far_from_the_labels_the_first_are_told(tmp_path, capsys):
    one = untrained(tmp_path, **SMALL["dilated"])
    one.check("P1", np.zeros(3), np.ones(3))
    assert capsys.readouterr().err == ""
    one.check("P1", np.zeros(3), np.array([0, 1e3, 1e3]), np.full(3, 1e9))
    said = capsys.readouterr().err
    assert "P1: arousal: 2 of 3 outputs are outside" in said and said.count("outputs") == 1
    assert said.endswith(f"is it of the kind that {tmp_path}/run1 was trained on?\n")
