import json
import subprocess

import numpy as np
import pytest
import torch
from conftest import ROOT, make_data_dir

from cer.base.facts import Stamp, take
from cer.models import single
from cer.scoring.metrics import ccc
from cer.system.rows import Rows
from cer.system.utterances import Utterances
from cer.training.delay import fit_labels
from cer.training.train import Prepared
from local.paper import figure1, figure1_train
from local.results import sections


@pytest.fixture
def sets(small):
    front_end = Rows.of_features(small / "train", norm_means=True, norm_vars=True)
    return [Utterances(small / name, front_end, "arousal") for name in ("train", "dev")]


def alone(sets, width, run, epochs):
    """One run by plain means: the dev CCC after each epoch, in the order of utterances that the stack has."""
    torch.manual_seed(1 + run)
    model, labels = single.Model(16, filter_width=width), fit_labels(sets[0])
    prepared, dev = (Prepared(model, each) for each in sets)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(1, epochs + 1):
        for index in np.random.default_rng((1, epoch)).permutation(len(prepared)):
            optimizer.zero_grad()
            targets = torch.from_numpy(labels.targets(prepared.labels[index]))
            (1 - ccc(targets, model(prepared[index]))).backward()
            optimizer.step()
        with torch.no_grad():
            outputs = np.concatenate([model(inputs).numpy() for inputs in dev])
        gold = np.concatenate([*dev.labels])
        yield float(ccc(gold, labels.mean + labels.deviation * outputs))


def test_the_runs_of_a_stack_are_what_each_is_alone(sets):
    settings = {"num_runs": 3, "widest": 32, "learning_rate": 0.003, "rate_times_width": 1.0}
    point = figure1_train.train(1, *sets, torch.device("cpu"), **settings, max_epochs=4)
    assert point["filter_width"] == 16 and point["learning_rate"] == 0.003
    for run, found in enumerate(point["runs"]):
        assert found["dev_ccc"] == pytest.approx(max(alone(sets, 16, run, 4)), abs=1e-5)


def test_a_long_filter_has_a_small_rate_and_a_run_stops_when_its_patience_ends(sets):
    point = figure1_train.train(
        0, *sets, torch.device("cpu"), num_runs=2, widest=64, rate_times_width=0.0064, patience=2, max_epochs=50
    )
    assert point["learning_rate"] == pytest.approx(0.0001)
    assert all(1 <= run["best_epoch"] <= 50 for run in point["runs"])


def test_points_are_drawn_with_their_deviation(tmp_path):
    for n, name in enumerate(("train", "dev")):
        make_data_dir(tmp_path / name, seed=n)
    options = ["--num-runs=3", "--widest=8", "--max-epochs=3", "--target=arousal"]
    folder = tmp_path / "exp" / "figure1"
    for job in (1, 2, 3):
        data = [str(tmp_path / name) for name in ("train", "dev")]
        figure1_train.main([*options, f"--job={job}", *data, str(folder / f"arousal.{job}.json")])
    figure1.main([str(tmp_path / "exp")])
    points = json.loads((tmp_path / "exp" / "figure1.json").read_text())["arousal"]
    assert [point["filter_width"] for point in points] == [2, 4, 8]
    values = [run["dev_ccc"] for run in points[0]["runs"]]
    text = (tmp_path / "exp" / "sections" / "40-figure1.md").read_text()
    assert "| rows | 2 | 4 | 8 |\n" in text and "\n| seconds | 0.08 | 0.16 | 0.32 |\n" in text
    assert f"\n| arousal | {np.mean(values):.3f} ± {np.std(values, ddof=1):.3f} | " in text
    assert (tmp_path / "exp" / "figure1.png").stat().st_size > 10000


@pytest.mark.parametrize("runs, labels", [(1, ["dev CCC, one run"]), (2, ["dev CCC, mean of 2 runs", "deviation"])])
def test_one_run_has_no_panel_of_deviations(runs, labels):
    points = [{"filter_width": width, "label_shift": 0.04, "runs": runs * [{"dev_ccc": 0.5}]} for width in (2, 4)]
    assert [axes.get_ylabel() for axes in figure1.draw({"joy": points}).axes] == labels


def read_points(folder):
    return figure1.read_points(folder, figure1.current(folder))


def test_points_of_different_settings_are_not_drawn_together(tmp_path):
    for name, settings in [("arousal.1", {"srand": 1}), ("arousal.2", {"srand": 2})]:
        point = {"target": "arousal", "label_shift": 0.04, "settings": settings, "filter_width": 2}
        point["runs"] = [{"dev_ccc": 0.5}]
        (tmp_path / f"{name}.json").write_text(json.dumps(point))
    with pytest.raises(figure1.BadInput, match="made with different settings"):
        read_points(tmp_path)
    with pytest.raises(figure1.BadInput, match=r"found no <target>.<job>.json; run local/figure1.sh"):
        read_points(tmp_path / "none")


def test_points_of_different_data_are_not_drawn_together(tmp_path):
    for name, data in [("arousal.1", "a"), ("arousal.2", "b"), ("valence.1", "c")]:
        point = {"target": name[:-2], "label_shift": 0.04, "settings": {}, "filter_width": 2, "data": [data, data]}
        (tmp_path / f"{name}.json").write_text(json.dumps(point | {"runs": [{"dev_ccc": 0.5}]}))
    with pytest.raises(figure1.BadInput, match="its points of arousal were made from different data"):
        read_points(tmp_path)
    (tmp_path / "arousal.2.json").unlink()
    assert [*read_points(tmp_path)] == ["arousal", "valence"]


def test_one_run_has_no_deviation(tmp_path):
    for width in (2, 4):
        point = {"target": "joy", "label_shift": 0.04, "filter_width": width, "runs": [{"dev_ccc": 0.5}]}
        point["settings"] = {"rate_times_width": 0.03, "learning_rate": 0.01}
        (tmp_path / "figure1").mkdir(exist_ok=True)
        (tmp_path / "figure1" / f"joy.{width}.json").write_text(json.dumps(point))
    figure1.main([str(tmp_path)])
    text = (tmp_path / "sections" / "40-figure1.md").read_text()
    assert ", one run\na width. " in text and "| joy | 0.500 | 0.500 |" in text and "±" not in text
    [curve] = json.loads((tmp_path / "figure1.curves.json").read_text())["curves"]
    assert "deviations" not in curve and (tmp_path / "figure1.pdf").exists()


@pytest.mark.slow
def test_configurations_in_options_and_what_defines_the_frame_shift_count(small, tmp_path):
    configuration, point = tmp_path / "my.conf", tmp_path / "exp" / "figure1" / "arousal.1.json"
    for data in (small / "train", small / "dev"):  # of which these files define the frame shift
        (data / "frame_shift").unlink()
        (data / "utt2num_frames").write_text("P00 800\n")
        (data / "utt2dur").write_text("P00 8\n")
    words = ["local/figure1.sh", "--num-points", "1", "--opts", f"--num-runs=1 --widest=2 --config={configuration}"]
    for epochs in (1, 2):
        configuration.write_text(f"--max-epochs={epochs}\n")
        subprocess.run([*words, str(small), str(tmp_path / "exp")], cwd=ROOT, check=True, capture_output=True)
        assert json.loads(point.read_text())["settings"]["max_epochs"] == epochs
    section = tmp_path / "exp" / "sections" / "40-figure1.md"
    assert sections.read(tmp_path / "exp") == [section.read_text().strip().replace("(../", "(")]
    stamp = point.with_name(".done.arousal.1").read_text()
    assert all(f"input {small}/{name}\t" in stamp for name in ("train/utt2num_frames", "dev/utt2dur"))


def test_points_whose_features_have_changed_and_what_was_made_from_them_are_left_out(tmp_path, capsys):
    (tmp_path / "figure1").mkdir()
    sources = {name: tmp_path / f"{name}.scp" for name in ("arousal", "valence")}
    for name, source in sources.items():
        point = {"target": name, "label_shift": 0.04, "filter_width": 2, "runs": [{"dev_ccc": 0.5}]}
        point["settings"] = {"rate_times_width": 0.03, "learning_rate": 0.01}
        (tmp_path / "figure1" / f"{name}.1.json").write_text(json.dumps(point))
        source.write_text("")
        Stamp(tmp_path / "figure1" / f".done.{name}.1").commit([], take([source]))
    figure1.main([str(tmp_path)])
    assert sections.is_current(tmp_path, "40-figure1") and len(sections.read(tmp_path)) == 1
    sources["arousal"].write_text("P1 other.ark:3\n")
    assert not sections.is_current(tmp_path, "40-figure1") and sections.read(tmp_path) == []
    figure1.main([str(tmp_path)])
    assert [*json.loads((tmp_path / "figure1.json").read_text())] == ["valence"]
    assert "arousal.1.json: is left out: made from something else" in capsys.readouterr().err
    assert sections.is_current(tmp_path, "40-figure1") and len(sections.read(tmp_path)) == 1
