"""cer/prediction/recordings.py: several systems on one recording."""

import types
from pathlib import Path

import numpy as np
import pytest

from cer.base.errors import BadInput, once
from cer.models import architecture
from cer.prediction import recordings

PIECES = object()
RECORDING = types.SimpleNamespace(pieces=PIECES, rate=16000, seconds=20.0)


class Recognizer:
    """Of a folder named <target>/<shift>: predicts the values that it is given."""

    def __init__(self, folder, values=()):
        self.target, shift = folder.split("/")
        self.shift, self.values, self.asked = float(shift), np.array(values), None
        self.front_end = types.SimpleNamespace()
        self.ensemble = types.SimpleNamespace(folders=[], models=[])

    def predict_pieces(self, *asked):
        self.asked = asked
        return self.values


def test_systems_are_grouped_by_their_targets_in_order(monkeypatch):
    monkeypatch.setattr(recordings, "Recognizer", Recognizer)
    models = recordings.by_target(["joy/0.04", "fear/0.04", "joy/0.0400000000001"])
    assert {target: len(each) for target, each in models.items()} == {"joy": 2, "fear": 1}
    with pytest.raises(BadInput, match=r"^joy/0.04 fear/0.1: found predictions every \[0.04, 0.1\] s, expected one"):
        recordings.by_target(["joy/0.04", "fear/0.1"])


def test_without_models_there_is_no_prediction():
    with pytest.raises(BadInput, match="found no models, expected one or more model folders"):
        recordings.by_target([])


def test_several_models_predict_samples_together(monkeypatch):
    asked = []
    monkeypatch.setattr(
        recordings, "predict_recording", lambda *words: asked.append(words) or ({"joy": np.float32([1, 2])}, "")
    )
    models = recordings.Recognizers([Recognizer("joy/0.5"), Recognizer("fear/0.5")])
    assert models.targets == ("joy", "fear") and models.shift == 0.5
    assert repr(models).startswith("Recognizers([<") and repr(models).count("Recognizer object") == 2
    sound = np.sin(np.arange(2000))
    found = models.predict(sound, 8000, cmvn="global")
    assert found.tolist() == [1, 2] and found.targets == ("joy",) and found.times.tolist() == [0, 0.5]
    models.predict(sound, 8000)
    assert [(words[0], words[2].rate, words[3]) for words in asked] == [
        (models.models, 8000, False),
        (models.models, 8000, True),
    ]


def test_predictions_are_written_into_a_new_folder_or_one_that_has_some(tmp_path):
    recordings.check_folder(tmp_path / "new")
    recordings.check_folder(tmp_path)
    (tmp_path / ".lock").write_text("")
    recordings.check_folder(tmp_path)
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(BadInput, match="found notes in it, expected an empty or new output folder; name another one"):
        recordings.check_folder(tmp_path)
    (tmp_path / recordings.MODELS).write_text("")
    recordings.check_folder(tmp_path)


def test_a_folder_goes_on_with_the_models_and_options_that_it_began_with(tmp_path, monkeypatch):
    model, out = tmp_path / "net", tmp_path / "out"
    for name in ("run1/final.pt", "run1/model.json", "postprocess.json"):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_text(name)

    def claim(resume, *options):
        recordings.claim(out, [str(model)], ["--cmvn=own", *options], resume)

    out.mkdir()
    claim(True)
    claim(True, "--channel=1")  # nothing was predicted before
    (out / ".done").mkdir()
    claim(True, "--channel=1")
    for change in (lambda: None, *(lambda path=path: path.write_text("other") for path in sorted(model.rglob("*.*")))):
        change()
        options = [] if change.__defaults__ is None else ["--channel=1"]
        with pytest.raises(BadInput, match="out holds predictions of other models or options; name another folder, or"):
            claim(True, *options)
        claim(False, *options)
        claim(True, *options)
        claim(False, "--channel=1")
    (tmp_path / "link").symlink_to(model)
    monkeypatch.chdir(tmp_path)
    for same in ("net", "net/", "./link"):
        recordings.claim(out, [same], ["--cmvn=own", "--channel=1"], True)


def test_the_models_of_a_target_are_averaged_over_the_rows_that_all_have(monkeypatch):
    clock = iter([100.0, 105.0])
    monkeypatch.setattr(recordings, "time", types.SimpleNamespace(monotonic=lambda: next(clock)))
    one, two = Recognizer("joy/0.04", [1.0, 2, 3, 4]), Recognizer("joy/0.04", [3.0, 2, 1])
    three = Recognizer("fear/0.04", [9.0, 8, 7, 6])
    found, line = recordings.predict_recording({"joy": [one, two], "fear": [three]}, "P1", RECORDING, False)
    assert {target: values.tolist() for target, values in found.items()} == {"joy": [2, 2, 2], "fear": [9, 8, 7]}
    assert all(values.dtype == np.float32 for values in found.values())
    assert line == "20.0 s in 5.0 s, real-time factor 0.2500"
    assert one.asked == two.asked == three.asked and one.asked[:-1] == (PIECES, 16000, "P1", False)


def test_what_all_models_warn_of_is_said_once(capsys):
    class Warns(Recognizer):
        def predict_pieces(self, *asked):
            asked[-1](f"{asked[2]}: is short")
            return self.values

    models = {target: [Warns(f"{target}/0.04", [1.0, 2])] * 2 for target in ("joy", "fear")}
    for key in ("P1", "P2"):
        recordings.predict_recording(models, key, RECORDING, True)
    say = once()
    for key in ("P3", "P3"):
        recordings.predict_recording(models, key, RECORDING, True, say)
    assert [line.partition(") ")[2] for line in capsys.readouterr().err.splitlines()] == [
        "P1: is short", "P2: is short", "P3: is short"
    ]  # fmt: skip


def test_predictions_are_made_from_files_options_and_code(tmp_path, monkeypatch):
    (tmp_path / "run1").mkdir()
    for name in ("final.pt", "model.json"):
        (tmp_path / "run1" / name).write_text("one")
    model = Recognizer("joy/0.04")
    model.ensemble = types.SimpleNamespace(folders=[tmp_path / "run1"], models=[architecture("dnn")(4)])
    model.front_end = model.ensemble.models[0]

    def made(options=("--cmvn=own",), folder=tmp_path):
        return recordings.facts_of({"joy": [model]}, [folder], list(options), recordings.__file__)

    known = [made(), made(["--cmvn=global"])]
    for path in ("run1/final.pt", "run1/model.json", "postprocess.json"):
        (tmp_path / path).write_text("two")
        known.append(made())
    model.ensemble.models.append(architecture("svr")(4))
    known.append(made())
    model.front_end = architecture("blstm")(4)
    known.append(made())
    assert len({str(one) for one in known}) == 7 and known[-1] == made() and known[0].keys() == {"made with"}
    monkeypatch.chdir(tmp_path)
    model.ensemble.folders = [Path("run1")]
    assert made(folder=".") == known[-1]
