"""The package cer as a Python program uses it: files and arrays in, arrays that know their times and targets out."""

import os
import shutil
import subprocess
import sys
import tomllib

import numpy as np
import pytest
import soundfile
from conftest import ROOT
from test_recognizer import RATE, folder_of_recordings, speech, trained  # noqa: F401 (a fixture)

import cer
from cer.base import contents
from cer.bin import predict_files, predict_recordings
from cer.prediction.recordings import claim
from cer.sound.samples import as_samples
from cer.system import model_folder


@pytest.fixture
def model(trained):  # noqa: F811
    return cer.load_model(trained / "downup" / "arousal")


def test_a_file_is_predicted_as_its_samples_are(model, tmp_path):
    samples = speech(8)
    soundfile.write(tmp_path / "a.flac", samples, RATE)
    expected = np.asarray(model.predict(samples, RATE))
    for found in (model.predict(tmp_path / "a.flac"), model.predict(str(tmp_path / "a.flac"), rate=RATE)):
        assert np.array_equal(found, expected)
    with pytest.raises(cer.BadInput, match="a.flac: found 16000 Hz, but rate=8000 was given; leave out the rate"):
        model.predict(tmp_path / "a.flac", 8000)
    with pytest.raises(cer.BadInput, match="none.wav: cannot be read"):
        model.predict(tmp_path / "none.wav")


def test_of_several_channels_the_first_is_taken_with_a_warning_or_another_one(model, tmp_path, capsys):
    left, right = speech(8), speech(8)
    both = np.stack([left, right], axis=1)
    soundfile.write(tmp_path / "two.wav", both, RATE)
    for source, rate in ((both, RATE), (tmp_path / "two.wav", None)):
        assert np.array_equal(model.predict(source, rate), model.predict(left, RATE))
        assert "the first of 2 channels is taken; another one: --channel N (in Python" in capsys.readouterr().err
        assert np.array_equal(model.predict(source, rate, channel=1), model.predict(right, RATE))
        assert capsys.readouterr().err == ""
        with pytest.raises(cer.BadInput, match=r"channel 2 asked for, the (array|file) has 2 \(counted from 0\)"):
            model.predict(source, rate, channel=2)
    assert np.array_equal(model.predict(left[:, None], RATE), model.predict(left, RATE))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("shape", [(3, 1), (3, 3), (4, 3)])
def test_channels_are_last_and_no_more_than_samples(shape):
    wave = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    assert as_samples(wave, RATE, 0).tolist() == wave[:, 0].tolist()
    if len({*shape}) > 1 and shape[1] > 1:
        with pytest.raises(cer.BadInput, match=r"\(3, 4\), expected \(N, C\), channels last; transpose them"):
            as_samples(wave.T, RATE)


def test_floats_beyond_full_scale_are_taken_as_from_a_file(model, tmp_path):
    loud = (speech(8) / 6000).astype(np.float32)
    assert np.abs(loud).max() > 1.5
    soundfile.write(tmp_path / "a.wav", loud, RATE, subtype="FLOAT")
    assert np.array_equal(model.predict(loud, RATE), model.predict(tmp_path / "a.wav"))
    soundfile.write(tmp_path / "b.wav", 200 * loud, RATE, subtype="FLOAT")
    for source, rate in ((200 * loud, RATE), (tmp_path / "b.wav", None)):
        with pytest.raises(cer.BadInput, match="found a float sample of size .* expected -1 to 1"):
            model.predict(source, rate)


def test_cmvn_is_of_the_recording_or_of_the_training_set(model, capsys):
    samples = speech(8)
    expected = model.predict_pieces(lambda: [samples.astype(np.float32)], RATE, own_cmvn=False)
    assert np.array_equal(model.predict(samples, RATE, cmvn="global"), expected)
    assert not np.array_equal(model.predict(samples, RATE), expected)
    with pytest.raises(cer.BadInput, match="found cmvn='mine', expected 'own' or 'global'"):
        model.predict(samples, RATE, cmvn="mine")


def test_models_of_several_targets_give_a_column_each(trained, tmp_path):  # noqa: F811
    folders = [trained / "downup" / name for name in ("arousal/run1", "valence", "arousal/run2")]
    samples, parts = speech(8), [cer.load_model(folder) for folder in folders]
    alone = [part.predict(samples, RATE).values for part in parts]
    for models in (cer.load_model(folders), cer.load_model(part for part in parts)):
        found = models.predict(samples, RATE)
        assert models.targets == found.targets == ("arousal", "valence") and models.shift == 0.04
        assert found.shape == (200, 2) and found.dtype == np.float32 and np.array_equal(found["valence"], alone[1])
        np.testing.assert_allclose(found["arousal"], (alone[0] + alone[2]) / 2, atol=1e-6)
    one = cer.load_model(folders[:1]).predict(samples, RATE)
    assert one.targets == ("arousal",) and np.array_equal(one, alone[0])
    with pytest.raises(cer.BadInput, match="found no models"):
        cer.load_model([])


def test_models_say_what_they_are(trained):  # noqa: F811
    folder = trained / "downup" / "arousal"
    text = f"<Recognizer {str(folder)!r}: arousal every 0.04 s, the mean of 2 downup models on fbank>"
    assert repr(cer.load_model(folder)) == text
    one = f"<Recognizer {str(folder / 'run1')!r}: arousal every 0.04 s, a downup model on fbank>"
    assert repr(cer.load_model([folder, folder / "run1"])) == f"Recognizers([{text}, {one}])"


def test_a_model_that_learnt_from_a_generated_corpus_says_so(trained, tmp_path, capsys):  # noqa: F811
    shutil.copytree(trained / "downup" / "arousal" / "run1", tmp_path / "run1")
    about = model_folder.read_description(tmp_path / "run1") | {"corpora": ["SYNTHETIC babble"]}
    model_folder.write_description(tmp_path / "run1", about)
    for folders in (tmp_path, [tmp_path]):
        assert "a downup model on fbank, trained on SYNTHETIC babble>" in repr(cer.load_model(folders))
        assert capsys.readouterr().err.count("trained on made-up babble: not for real speech") == 1


def test_cer_predict_writes_what_the_recipes_program_writes(trained, tmp_path, capsys):  # noqa: F811
    folder_of_recordings(tmp_path / "in")
    models = [str(trained / "downup" / target) for target in ("arousal", "valence")]
    files = [tmp_path / "in" / "a.flac", tmp_path / "in" / "sub", tmp_path / "in" / "two.wav"]
    words = [*models, *map(str, files), f"--out={tmp_path / 'out'}", "--channel=0"]
    predict_files.main(words)
    said = capsys.readouterr()
    assert f"predictions of 3 recordings are in {tmp_path / 'out' / 'csv'}" in said.out and not said.err
    predict_recordings.main(["--channel=0", str(tmp_path / "out" / "wav.scp"), *models, str(tmp_path / "other")])
    for name in ("a", "c_d", "two"):
        text = (tmp_path / "out" / "csv" / f"{name}.csv").read_text()
        assert text.startswith("time,arousal,valence\n0,")
        assert text == (tmp_path / "other" / "csv" / f"{name}.csv").read_text()
    capsys.readouterr()
    predict_files.main(words)
    assert "real-time" not in capsys.readouterr().out  # nothing is predicted again
    os.utime(shutil.copy(files[2], files[0]), (1, 1))  # another recording, and an older one
    predict_files.main(words)
    assert capsys.readouterr().out.count("real-time") == 1
    models[0] += "/run1"
    claim(tmp_path / "out", models, ["0", "own"], False)  # where another model's call was killed
    predict_files.main([*models, *words[2:]])
    assert capsys.readouterr().out.count("real-time") == 3


def test_cer_predict_tells_what_failed_and_predicts_the_rest(trained, tmp_path):  # noqa: F811
    folder_of_recordings(tmp_path / "in")
    (tmp_path / "in" / "bad.wav").write_text("no audio")
    model = str(trained / "downup" / "arousal")
    with pytest.raises(SystemExit, match=r"failed:\n  bad: .*bad.wav: no audio that can be read"):
        predict_files.main([model, str(tmp_path / "in"), f"--out={tmp_path / 'out'}"])
    assert len(list((tmp_path / "out" / "csv").iterdir())) == 4
    with pytest.raises(SystemExit, match="out holds predictions of other models or options; name another folder"):
        predict_files.main([f"{model}/run1", str(tmp_path / "in"), f"--out={tmp_path / 'out'}"])
    predict_files.main([f"{model}/run1", str(tmp_path / "in/a.flac"), f"--out={tmp_path / 'out'}", "--resume=false"])


@pytest.mark.parametrize(
    "words, message",
    [
        (["in"], "in: found no trained model .run1/model.json.; expected MODEL folders, then FILEs"),
        (["MODEL"], "arousal: found a model and no recordings; expected MODEL folders, then FILEs"),
        (["MODEL", "none.wav"], "none.wav: cannot be read"),
        (["MODEL", "a.wav", "--out=in"], "in: found sub in it, expected an empty or new output folder"),
    ],
)
def test_cer_predict_refuses_what_it_cannot_use(trained, tmp_path, monkeypatch, words, message):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "sub").mkdir(parents=True)
    soundfile.write("a.wav", speech(1), RATE)
    with pytest.raises(SystemExit, match=message):
        predict_files.main([word.replace("MODEL", str(trained / "downup" / "arousal")) for word in words])
    assert sorted(map(str, tmp_path.rglob("*"))) == [str(tmp_path / name) for name in ("a.wav", "in", "in/sub")]


def test_help_names_all_that_the_package_offers_and_importing_it_is_quick():
    code = "import sys, cer, pydoc as p; print({'numpy', 'torch'} & {*sys.modules}); print(p.plain(p.render_doc(cer)))"
    text = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert text.startswith("set()\n") and not hasattr(cer, "no_such_name")
    for name in cer.__all__:
        assert name in text.partition("CLASSES")[2]
    assert "source: 'samples.Source'" in text and "cer-predict" in text


def test_what_pip_installs_is_in_ranges_and_what_the_recipe_installs_is_exact():
    about = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras, groups = about["project"]["optional-dependencies"], about["dependency-groups"]
    loose = [*about["project"]["dependencies"], *(package for extra in extras.values() for package in extra)]
    assert all(">=" in package and "==" not in package for package in loose)
    exact = [package.partition("==") for group in groups.values() for package in group]
    assert all(version for _, _, version in exact)
    assert {package.partition(">=")[0] for package in loose} <= {name for name, _, _ in exact}
    assert (ROOT / "cer" / "py.typed").exists() and about["tool"]["setuptools"]["package-data"]["cer"] == ["py.typed"]


def test_git_ignores_what_pip_leaves_in_the_folder():
    made = ["build/lib/cer/__init__.py", "continuous_emotion.egg-info/PKG-INFO"]
    found = subprocess.run(["git", "check-ignore", *made], cwd=ROOT, capture_output=True, text=True).stdout
    assert found.split() == made


def test_code_of_an_installed_package_is_its_own_and_not_its_neighbours(monkeypatch):
    program = ROOT / "cer" / "bin" / "predict_files.py"
    monkeypatch.setattr(contents, "INSTALLED", True)
    (known,) = [contents._modules(ROOT, ["cer", "bin", "predict_files"])]
    assert program in known and contents._modules(ROOT, ["local", "results"]) == []
