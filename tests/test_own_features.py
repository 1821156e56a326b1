"""Features of the user's own in place of the filterbank: any frame shift, from feats.scp to the score."""

import json
import shutil

import numpy as np
import pytest
from conftest import write_archive
from test_recipe import copy_of_the_project, run

from cer.base.tables import read_table, write_table
from cer.bin import predict, train
from cer.data import cmvn, datadir
from cer.system import model_folder, tensors

SECONDS, LABELS = 60, 1501  # RECOLA's labels: both ends are rated


def make_data_dir(directory, frame_shift, estimated=False, seed=0):
    """Made-up embeddings of 48 dimensions, mixed of four slow signals; the label is the first one at its own time."""
    random = np.random.default_rng(seed)
    mixing = np.random.default_rng(0).standard_normal((4, 48))
    middles = (np.arange(int(SECONDS / frame_shift)) + 0.5) * frame_shift
    features, labels = {}, {}
    for key in ("P01", "P02", "P03"):
        periods, phases = random.uniform(1.5, 4, 4), random.uniform(0, 6, 4)
        signals = [np.sin(2 * np.pi * t[:, None] / periods + phases) for t in (middles, np.arange(LABELS) * 0.04)]
        features[key] = (signals[0] @ mixing + random.normal(0, 0.1, (len(middles), 48))).astype(np.float32)
        labels[key] = signals[1][:, :1].astype(np.float32)
    directory.mkdir(parents=True)
    for name in ("utt2spk", "spk2utt"):
        write_table(directory / name, {key: key for key in features})
    write_archive(directory, "feats", features)
    write_archive(directory, "cmvn", {key: cmvn.statistics([one]) for key, one in features.items()})
    write_archive(directory, "arousal", labels)
    (directory / "label_shift").write_text("0.04\n")
    if estimated:
        write_table(directory / "utt2dur", dict.fromkeys(features, SECONDS + 0.01))
        write_table(directory / "utt2num_frames", {key: len(one) for key, one in features.items()})
    else:
        (directory / "frame_shift").write_text(f"{frame_shift:g}\n")
    return directory


def fit(folder, frame_shift, **options):
    """Train on made-up embeddings; returns the description of the model."""
    data = [
        str(make_data_dir(folder / name, frame_shift, seed=n, **options)) for n, name in enumerate(("train", "dev"))
    ]
    train.main(["--arch=linear_stacking", "--target=arousal", "--context=1", "--every=1", *data, str(folder / "model")])
    return model_folder.read_description(folder / "model")


@pytest.mark.parametrize(
    "frame_shift, frames_a_row", [(0.02, 2), (0.04, 1), (0.025, 2), (0.016, 3), (0.03, 2), (0.08, 1)]
)
def test_features_of_any_frame_shift_meet_their_labels(tmp_path, frame_shift, frames_a_row):
    model = fit(tmp_path, frame_shift)
    assert model["result"]["dev_ccc"] > 0.95
    assert model["front_end"]["frame_shift"] == frame_shift and model["front_end"]["feat_dim"] == 48
    assert len(tensors.read_tensors(tmp_path / "model/final.pt")["output.weight"][0]) == 3 * 48 * frames_a_row
    predict.main([str(tmp_path / "dev"), str(tmp_path / "model"), str(tmp_path / "out")])
    assert {matrix.shape for matrix in datadir.Archive(tmp_path / "out/output.1.scp").values()} == {(1500, 1)}
    lines = (tmp_path / "out/csv/P01.csv").read_text().splitlines()
    assert lines[2].startswith("0.04,") and lines[-1].startswith("59.96,")


def test_the_frame_shift_may_follow_from_durations(tmp_path):
    assert fit(tmp_path, 0.02, estimated=True)["front_end"]["frame_shift"] == 0.02


def test_a_whole_number_of_frames_is_stacked_as_it_is_and_kept_as_an_integer(tmp_path):
    model = fit(tmp_path, 0.02)["front_end"]
    assert json.dumps(model["frame_subsampling_factor"]) == "2"


def test_data_of_another_frame_shift_than_the_models_is_refused(tmp_path):
    fit(tmp_path, 0.025)
    other = make_data_dir(tmp_path / "other", 0.02)
    with pytest.raises(SystemExit, match=r"other/frame_shift: found 0.02, expected 0.025 as in the training data"):
        predict.main([str(other), str(tmp_path / "model"), str(tmp_path / "out")])
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_readmes_commands_lead_from_embeddings_to_scores(tmp_path):
    project = copy_of_the_project(tmp_path / "cer")
    options = ["--features", "hubert", "--corpus-opts", "--num-speakers=3 --duration=20", "--targets", "arousal",
               "--archs", "linear_stacking", "--num-runs", "1"]  # fmt: skip
    status, text = run(project, *options, "--stop-stage", "0")
    assert status == 0, text
    status, text = run(project, *options, "--stage", "1", "--stop-stage", "5")
    assert status == 1 and "no such file data/synth_hubert/train/feats.scp; put features" in text
    for data in (project / "data" / "synth_hubert" / name for name in ("train", "dev", "test")):
        keys = read_table(data / "utt2spk")
        write_archive(data, "feats", {key: np.random.default_rng(1).random((800, 48), np.float32) for key in keys})
        (data / "frame_shift").write_text("0.025\n")
    status, text = run(project, *options, "--stage", "1", "--stop-stage", "5")
    assert status == 0, text
    folder = project / "exp" / "synth" / "linear_stacking_hubert" / "arousal"
    assert "CCC" in (folder / "predict_test" / "score.txt").read_text()
    shutil.rmtree(project / "data" / "synth_hubert" / "dev" / "data")
    status, text = run(project, *options, "--stage", "2", "--stop-stage", "2")
    assert status == 1 and "feats.scp" in text
