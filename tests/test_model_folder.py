"""cer/system/model_folder.py: model.json of this version and of earlier ones, checksums, runs of a folder."""

import json
from pathlib import Path

import pytest

from cer.base.errors import BadInput
from cer.system import model_folder

SET = {"utterances": 2, "rows": 100, "checksum": "0123abcd"}
ROWS = {"feat_dim": 4, "frame_shift": 0.01, "frame_subsampling_factor": 4, "norm_means": True, "norm_vars": True}
DESCRIPTION = {
    "arch": "dnn", "target": "arousal", "options": {"width": 3, "num_layers": 1}, "training": {"srand": 1},
    "labels": {"mean": 0.25, "deviation": 0.5}, "front_end": ROWS, "train": SET, "dev": SET,
    "result": {"best_epoch": 1, "epochs": 2, "dev_ccc": 0.5},
}  # fmt: skip


def weights_in(folder, content=b"weights"):
    """Weights in a folder; returns their checksum, as model.json has it."""
    folder.mkdir(exist_ok=True)
    (folder / "final.pt").write_bytes(content)
    return model_folder.checksum(content)


def earlier(folder, **changes):
    """Read a model.json without checksums, as earlier versions wrote it."""
    weights_in(folder)
    (folder / "model.json").write_text(json.dumps(DESCRIPTION | changes))
    return model_folder.read_description(folder)


def test_a_description_is_read_as_it_was_written_whatever_its_order_and_spaces(tmp_path):
    given = DESCRIPTION | {"weights": weights_in(tmp_path)}
    model_folder.write_description(tmp_path, given)
    assert model_folder.read_description(tmp_path) == given
    path = tmp_path / "model.json"
    assert path.read_text().endswith("}\n")
    path.write_text(json.dumps(dict(reversed(json.loads(path.read_text()).items()))))
    assert model_folder.read_description(tmp_path) == given


@pytest.mark.parametrize("name", ["model.json", "final.pt"])
def test_a_folder_without_weights_or_description_holds_no_training(tmp_path, name):
    model_folder.write_description(tmp_path, DESCRIPTION | {"weights": weights_in(tmp_path)})
    (tmp_path / name).unlink()
    assert model_folder.read_description(tmp_path) is None


def test_an_edited_description_or_edited_weights_are_told_by_their_checksums(tmp_path):
    expected = weights_in(tmp_path)
    model_folder.write_description(tmp_path, DESCRIPTION | {"weights": expected})
    found, cure = weights_in(tmp_path, b"other"), "damaged or edited; copy the folder again, or remove it and train"
    with pytest.raises(BadInput, match=f"final.pt: has the checksum {found}, .*model.json says {expected}: {cure}"):
        model_folder.read_description(tmp_path)
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace("0.25", "0.75"))
    with pytest.raises(BadInput, match=rf"model.json: its content has the checksum sha256 \w+, expected .*: {cure}"):
        model_folder.read_description(tmp_path)


def test_weights_that_are_a_device_are_not_read(tmp_path, monkeypatch):
    model_folder.write_description(tmp_path, DESCRIPTION | {"weights": weights_in(tmp_path)})
    (tmp_path / "final.pt").unlink()
    (tmp_path / "final.pt").symlink_to("/dev/zero")
    monkeypatch.setattr(Path, "read_bytes", lambda path: b"")  # it would take all memory
    with pytest.raises(BadInput, match="final.pt: cannot be read .it is a device"):
        model_folder.read_description(tmp_path)


def test_descriptions_of_earlier_versions_are_read(tmp_path):
    assert earlier(tmp_path) == DESCRIPTION
    assert "features" not in earlier(tmp_path)
    found = earlier(tmp_path, fbank={"num_mel_bins": 4})
    assert found["features"] == {"name": "fbank", "options": {"num_mel_bins": 4}} and "fbank" not in found
    samples = {"feat_dim": 640, "frame_shift": 0.04, "frame_subsampling_factor": 1, "sample_frequency": 16000}
    found = earlier(tmp_path, front_end=samples | {"norm_means": False, "norm_vars": False})
    assert found["features"] == {"name": "waveform", "options": {"sample_frequency": 16000}}
    assert found["front_end"] == {
        "feat_dim": 1, "frame_shift": 1 / 16000, "frame_subsampling_factor": 640, "norm_means": False,
        "norm_vars": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "change, message",
    [
        ({"arch": "lstm"}, "arch: found lstm, expected one of blstm, dilated, "),
        ({"options": {"height": 3}}, "options: found 'height', expected context, every, num_layers"),
        ({"options": {"width": 0}}, "options.width: found 0, expected a whole number from 1"),
        ({"features": {"name": "mfcc", "options": {}}}, "features.name: found mfcc, expected one of .*fbank"),
        ({"features": {"name": "fbank", "options": {"bins": 3}}}, "features.options: found 'bins', expected"),
        (
            {"front_end": ROWS | {"norm_means": False}},
            "front_end: .* expected norm_vars to be false where norm_means is",
        ),
        ({"front_end": ROWS | {"more": 1}}, "front_end: found 'more', expected feat_dim"),
        ({"label_range": [1.0, -1.0]}, "label_range: found .*, expected the lower number first"),
        ({"label_range": [1.0]}, "label_range: found .*, expected a list of 2"),
        ({"global_cmvn": [[1.0]]}, "global_cmvn: found .*, expected a list of 2"),
        ({"global_cmvn": [[1.0], [2.0]]}, "global_cmvn.0.: found .*, expected a list of 2 or more"),
        ({"train": SET | {"utterances": 0}}, "train.utterances: found 0, expected a whole number from 1"),
        ({"dev": SET | {"rows": 0}}, "dev.rows: found 0, expected a whole number from 1"),
        ({"result": DESCRIPTION["result"] | {"srand": -1}}, "result.srand: found -1, expected a whole number from 0"),
    ],
)
def test_what_cannot_be_is_refused_by_name(tmp_path, change, message):
    with pytest.raises(BadInput, match=f"model.json: {message}.*; remove its folder and train again"):
        earlier(tmp_path, **change)


def test_the_least_that_can_be_is_taken(tmp_path):
    least = SET | {"utterances": 1, "rows": 1}
    plain = ROWS | {"norm_means": False, "norm_vars": False}
    more = {"label_range": [1.0, 1.0], "global_cmvn": [[1.0, 2.0], [3.0, 0.0]], "front_end": plain, "train": least}
    result = DESCRIPTION["result"] | {"srand": 0, "learnt": None, "restarts": []}
    assert earlier(tmp_path, **more, result=result) == DESCRIPTION | more | {"result": result}
    assert earlier(tmp_path, front_end=ROWS | {"norm_vars": False})["front_end"]["norm_vars"] is False


@pytest.mark.parametrize(
    "result, why",
    [
        ({}, None),
        ({"learnt": True}, None),
        ({"learnt": None}, None),
        ({"learnt": False}, "did not learn (no reason given)"),
        ({"learnt": False, "diverged": False, "reason": "too slow"}, "did not learn (too slow)"),
        ({"learnt": False, "diverged": True, "reason": "nan"}, "blew up (nan)"),
    ],
)
def test_a_failed_training_says_how(result, why):
    assert model_folder.failure(result) == why


def test_runs_are_in_the_order_of_their_numbers(tmp_path):
    with pytest.raises(BadInput, match="none: no such folder, expected that of a trained system; is its name right"):
        model_folder.run_folders(tmp_path / "none")
    with pytest.raises(BadInput, match=r"found no trained run \(run1/model.json\); run stage 3 \(steps/train.sh\)"):
        model_folder.run_folders(tmp_path)
    for name in ("run10", "run2", "run1", "run3.old", "run", "runs", "run1234567890", "other"):
        (tmp_path / name).mkdir()
    assert [run.name for run in model_folder.run_folders(tmp_path)] == ["run1", "run2", "run10"]
    (tmp_path / "run2" / "model.json").touch()
    assert model_folder.run_folders(tmp_path / "run2") == [tmp_path / "run2"]
    (tmp_path / "run999999999").mkdir()
    assert model_folder.run_folders(tmp_path)[-1].name == "run999999999"
