"""Exported models: the graph's predictions against the recipe's, every length, and a README that works as pasted."""

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from conftest import ROOT, score_record, write_wav

from cer.base.errors import BadInput
from cer.base.facts import Stamp, take
from cer.base.files import write_text
from cer.base.options import defaults
from cer.bin import export
from cer.export.exported import Exported
from cer.export.graph import Whole
from cer.features.fbank import Features as Fbank
from cer.models import architecture, architectures
from cer.system import model_folder
from cer.system.labels import Labels
from cer.system.rows import Rows
from cer.training import claim

FBANK = {"num_mel_bins": 8, "dither": 0.0, "snip_edges": False}
SMALL = {
    "dilated": {"num_layers": 4, "width": 4},
    "downup": {"num_layers": 3, "width": 4},
    "dnn": {"width": 4},
    "single": {"filter_width": 60},
    "linear_stacking": {"context": 2},
    "linear_statistics": {"window": 20},
    "svr": {"window": 20},
    "blstm": {"num_layers": 2, "width": 4},
    "end_to_end": {"width": 4, "cells": 4, "segment": 20},
    "sparse_coding": {"atoms": 4, "iterations": 2},
}
STEPS = [
    {"step": "median", "value": 11},
    {"step": "centre", "value": 0.1},
    {"step": "scale", "value": [1.5, 0.2]},
    {"step": "shift", "value": -3},
    {"step": "gaussian", "value": 2.5},
]


def make_model(folder, arch, runs=2, steps=(), fbank=FBANK, told=True, **normalise):
    """A model folder of runs with random weights, as a training leaves it."""
    end = Rows(8 + ("use_energy" in fbank), 0.01, 4, **{"norm_means": True, "norm_vars": True} | normalise)
    features = {"name": "fbank", "options": defaults(Fbank) | fbank}
    if getattr(architecture(arch), "front_end", None):
        end = Rows(1, 1 / 16000, 640, False, False)
        features = {"name": "waveform", "options": {"sample_frequency": 16000.0}}
    for run in range(1, runs + 1):
        torch.manual_seed(run)
        model = architecture(arch)(end.input_dim, **SMALL[arch])
        data = {"utterances": 9, "rows": 67500, "checksum": "0123abcd"}
        description = {
            "arch": arch, "target": "arousal", "options": SMALL[arch], "training": {"srand": run}, "train": data,
            "labels": asdict(Labels(-0.1, 0.2, 7)), "front_end": asdict(end), "dev": data,
            "result": {"best_epoch": 1, "epochs": 1, "dev_ccc": 0.5},
        }  # fmt: skip
        claim.write_model(
            folder / f"run{run}", model.state_dict(), description | ({"features": features} if told else {})
        )
    if steps:
        write_text(folder / "postprocess.json", json.dumps({"method": "chain", "fitted_on": "train", "steps": steps}))
    return folder


def worst(exported, predict, lengths):
    """The largest difference to the recipe, which must have as many predictions."""
    differences = []
    for length in lengths:
        x = exported.noise(length, seed=length)
        found, expected = predict(x), exported.recipe(x)
        assert found.shape == expected.shape and np.isfinite(found).all()
        differences.append(np.abs(found - expected).max())
    return max(differences)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"snip_edges": True, "use_energy": True},
        {"use_energy": True, "htk_compat": True, "raw_energy": False, "energy_floor": 1e6, "use_log_fbank": False},
        {"remove_dc_offset": False, "preemphasis_coefficient": 0.0, "use_power": False, "window_type": "hamming"},
        {"preemphasis_coefficient": 0.5, "window_type": "rectangular", "use_energy": True, "raw_energy": False},
        {"sample_frequency": 11025.0, "frame_length": 20.0, "round_to_power_of_two": False},
        {"frame_length": 100.0},  # the shortest recordings are mirrored several times over
    ],
)
@pytest.mark.parametrize("normalise", [{}, {"norm_vars": False}, {"norm_vars": False, "norm_means": False}])
def test_the_graphs_front_end_is_the_recipes(tmp_path, options, normalise):
    exported = Exported(make_model(tmp_path, "linear_stacking", 1, fbank=FBANK | options, **normalise), "samples")
    front_end = Whole(exported.ensemble, "samples", exported.front_end).front_end[0]
    for size in (exported.shortest, 4321, 16000):
        x = exported.noise(size)
        expected = exported.front_end(x, exported.front_end.rate)
        assert np.abs(front_end(torch.from_numpy(x)).numpy() - expected).max() <= 1e-4 * max(1, np.abs(expected).max())
    whole = Whole(exported.ensemble, "samples", exported.front_end)
    scale = max(1, np.abs(exported.recipe(exported.noise(4321))).max())  # features that are no logarithms are large
    assert worst(exported, lambda x: whole(torch.from_numpy(x)).detach().numpy(), [4321, 16000]) <= 1e-4 * scale


@pytest.mark.parametrize("floor", [0.0, 0.5, 2.0])
def test_silence_stands_on_the_recipes_floors_in_the_graph(tmp_path, floor):
    options = FBANK | {"use_energy": True, "energy_floor": floor}
    exported = Exported(make_model(tmp_path, "linear_stacking", 1, fbank=options), "samples")
    found = Whole(exported.ensemble, "samples", exported.front_end).front_end[0](torch.zeros(800)).numpy()
    np.testing.assert_allclose(found, exported.front_end(np.zeros(800), 16000), rtol=1e-6)


def test_post_processing_in_the_graph_is_the_recipes_at_every_length(tmp_path):
    exported = Exported(make_model(tmp_path, "dilated", steps=STEPS), "features")
    whole = Whole(exported.ensemble, "features")
    assert worst(exported, lambda x: whole(torch.from_numpy(x)).detach().numpy(), [2, 3, 5, 9, 40, 77, 1003]) <= 1e-5
    for step in STEPS:
        other = make_model(tmp_path, "dilated", steps=[each for each in STEPS if each != step])
        assert worst(Exported(other, "features"), lambda x: whole(torch.from_numpy(x)).detach().numpy(), [400]) > 1e-4


def run_graph(exported):
    """What a session of the exported graph predicts, as a function."""
    session = onnxruntime.InferenceSession(exported.to_onnx({"target": "arousal"}))
    assert session.get_modelmeta().custom_metadata_map["target"] == "arousal"
    return lambda x: session.run(["predictions"], {exported.kind: x})[0]


@pytest.mark.slow
def test_features_of_every_length_into_an_ensemble(tmp_path):
    exported = Exported(make_model(tmp_path, "downup", steps=STEPS), "features")
    assert worst(exported, run_graph(exported), [*range(2, 14), *range(100, 121), 1237, 7500]) <= 1e-5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arch", "kind"),
    [("dilated", "normalised"), *((arch, "samples") for arch in architectures() if arch != "sparse_coding")],
)
def test_every_length_into_every_architecture(tmp_path, arch, kind):
    exported = Exported(make_model(tmp_path, arch), kind)
    lengths = [exported.shortest, *(round(seconds * exported.rate) for seconds in (0.1, 0.333, 1.01, 2.0, 5.4321, 20))]
    assert worst(exported, run_graph(exported), lengths) <= 1e-4
    assert exported.check(exported.to_onnx({})) <= 1e-4


def test_what_cannot_be_exported_is_a_clear_error(tmp_path):
    with pytest.raises(BadInput, match="does not tell how the features were made.*--input features"):
        Exported(make_model(tmp_path / "a", "dilated", told=False), "samples")
    with pytest.raises(BadInput, match="makes 9 columns.*had 8"):
        Exported(make_model(tmp_path / "b", "dilated", fbank=FBANK | {"num_mel_bins": 9}), "samples")
    with pytest.raises(BadInput, match="--input=wav: expected one of samples"):
        Exported(make_model(tmp_path / "c", "dilated"), "wav")
    with pytest.raises(BadInput, match="expected --input=samples"):
        Exported(make_model(tmp_path / "d", "end_to_end"), "features")


@pytest.mark.slow
def test_an_architecture_that_onnx_lacks_an_operator_for_is_named(tmp_path):
    with pytest.raises(BadInput, match="the architecture sparse_coding cannot be exported"):
        Exported(make_model(tmp_path / "e", "sparse_coding"), "features").to_onnx({})


def step(model, out, *options, **environment):
    command = [ROOT / "steps" / "export.sh", *options, model, out]
    return subprocess.run(command, cwd=ROOT, env=environment or None, capture_output=True, text=True)


def paste(folder):
    """Run the README's example there; returns its lines of time and value."""
    [text] = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    run = subprocess.run([sys.executable, "-c", text], cwd=folder, capture_output=True, text=True, check=True)
    return np.array([line.split() for line in run.stdout.splitlines()], float)


def test_a_score_of_other_runs_or_earlier_weights_is_not_the_exported_models(tmp_path, capsys):
    model, folder = tmp_path / "model", tmp_path / "model" / "predict_dev"
    weights, score = [model / f"run{n}" / "final.pt" for n in (1, 2)], folder / "score.json"
    for path in (*weights, folder / "output.scp", score):
        write_text(path, str(path))
    runs, left_out = ["run1", "run2"], "score.json: is left out: it is of other"

    def is_of(num_runs, names=runs):
        record = score_record("x", "arousal", "dev", 0.5, runs)
        return export.is_of(score, record, model, num_runs, names)

    assert is_of(None) and not capsys.readouterr().err  # only the record tells of which runs it is
    for names in (["run1"], ["run1", "run2", "run3"], ["run1", "run3"]):
        assert not is_of(None, names) and left_out in capsys.readouterr().err
    Stamp(folder / ".done").commit([], take([*weights, model / "postprocess.json"]))
    Stamp(folder / ".done.score").commit([score], take([folder / "output.scp"]))
    model, folder = model.rename(tmp_path / "moved"), tmp_path / "moved" / "predict_dev"
    score = folder / "score.json"
    assert is_of(None) and is_of(2) and not capsys.readouterr().err
    assert not is_of(1) and not is_of(1, ["run1"]) and left_out in capsys.readouterr().err
    for path in (model / "run2" / "final.pt", folder / "output.scp", model / "postprocess.json"):
        text = path.read_text() if path.exists() else None
        write_text(path, "others")
        assert not is_of(None)
        path.unlink() if text is None else write_text(path, text)
    assert is_of(None)


def test_an_export_that_fails_leaves_the_earlier_one_and_a_killed_one_no_readme_of_another_graph(tmp_path, monkeypatch):
    model, out = make_model(tmp_path / "model", "linear_stacking"), tmp_path / "out"
    graphs = iter([b"first", b"second", b"third"])
    monkeypatch.setattr(Exported, "to_onnx", lambda *_: next(graphs))
    monkeypatch.setattr(Exported, "check", lambda *_: 0.0)
    words, replace = ["--input=features", str(model), str(out)], Path.replace
    export.main(words)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert before["model.onnx"] == b"first" and before["README.md"].startswith(b"# arousal")

    def full(*_):
        raise OSError(28, "No space left on device")

    def stop(path, target):
        if target.name == "README.md":
            raise KeyboardInterrupt
        return replace(path, target)

    with monkeypatch.context() as patch, pytest.raises(SystemExit, match="No space left on device"):
        patch.setattr(export, "readme", full)
        export.main(words)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", stop)
        export.main.__wrapped__(words)
    assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [("model.onnx", b"third")]


@pytest.mark.slow
def test_the_exported_folder_explains_itself_and_its_example_works_as_pasted(tmp_path):
    model, out = make_model(tmp_path / "model", "dilated"), tmp_path / "out"
    write_text(model / "command", "# commit 0\n./run.sh --corpus synth --archs dilated\n")
    score = score_record("dilated", "arousal", "test", 0.7321, runs=("run1", "run2"))
    score |= {"ccc_mean": 0.7, "ccc_std": 0.01, "interval": [0.6, 0.8], "rmse": 0.1, "pcc": 0.8}
    write_text(model / "predict_test" / "score.json", json.dumps(score))
    done = step(model, out)
    assert done.returncode == 0, done.stderr
    assert [line[:7] for line in done.stdout.splitlines() if " of 3: " in line] == ["1 of 3:", "2 of 3:", "3 of 3:"]
    assert sorted(path.name for path in out.iterdir()) == ["LICENSE", "README.md", "model.onnx"]
    exported = Exported(model, "samples")
    samples = exported.noise(20123)
    write_wav(out / "recording.wav", samples)
    time, values = paste(out).T
    assert np.abs(values - exported.recipe(samples)).max() <= 1e-4 + 5e-5 and np.allclose(np.diff(time), 0.04)
    text = (out / "README.md").read_text()
    for fact in ("| test | 0.732 | 0.600 to 0.800 | 0.700 ± 0.010 (2)", "calm (−1) to excited (+1)", "biased moments",
                 "16000 Hz", "from\n240 samples", "corpus: synth", "9 recordings", "torch 2.13",
                 "and open"):  # fmt: skip
        assert fact.replace("\n", " ") in text.replace("\n", " "), fact
    assert "RECOLA" not in text


def test_the_step_says_what_to_install_and_what_is_missing(tmp_path):
    (tmp_path / "onnxscript.py").write_text("raise ImportError('no onnxscript')")
    model = make_model(tmp_path / "model", "dilated", 1)
    found = step(model, tmp_path / "out", PATH="/usr/bin:/bin", PYTHONPATH=str(tmp_path))
    assert found.returncode == 1 and "utils/setup.sh export" in found.stderr and not (tmp_path / "out").exists()
    found = step(tmp_path, tmp_path / "out")
    assert found.returncode == 1 and f"{tmp_path}: found a system, expected one of its targets" in found.stderr


@pytest.mark.parametrize("kind", ["samples", "features", "normalised"])
def test_rows_that_are_no_whole_number_of_frames_cannot_be_exported(tmp_path, kind):
    folder = make_model(tmp_path, "dnn", runs=1)
    description = model_folder.read_description(folder / "run1")
    description["front_end"]["frame_subsampling_factor"] = 3.7
    model_folder.write_description(folder / "run1", description)
    with pytest.raises(BadInput, match=r"predicts every 0.037 s, which is no whole number of its features' frames"):
        Exported(folder, kind)
