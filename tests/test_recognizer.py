"""Recordings of any format, rate and length, and live ones: the predictions are those of the recipe's own stages."""

import dataclasses
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from conftest import ROOT
from test_model_folder import DESCRIPTION
from test_stream import through

from cer import load_model
from cer.base.errors import BadInput
from cer.bin import compute_feats, list_recordings, predict_live, predict_recordings, train
from cer.data import cmvn, corpus, datadir
from cer.data.plausible import Range
from cer.models import build
from cer.prediction import recognizer
from cer.prediction.ensemble import Ensemble
from cer.sound import samples as arrays
from cer.sound.samples import as_samples, whole_rate
from cer.system import model_folder
from cer.system.front_end import computed_by
from cer.system.utterances import Utterances
from cer.training import claim

RATE = 16000
RNG = np.random.default_rng(5)
CONF = "--num-mel-bins=10\n--snip-edges=false\n--dither=0\n--allow-downsample=true\n--allow-upsample=true\n"


def speech(seconds, rate=RATE):
    """Noise whose loudness changes: int16 (N,)."""
    time = np.arange(round(seconds * rate)) / rate
    return (3000 * RNG.standard_normal(len(time)) * (1.2 + np.sin(time))).astype(np.int16)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Models of two architectures and targets, trained on features of recordings, and the data directory."""
    folder = tmp_path_factory.mktemp("recognizer")
    data = folder / "data"
    recordings = []
    for n in range(3):
        path = folder / f"P{n}.wav"
        soundfile.write(path, speech(12), RATE)
        labels = {"arousal": np.sin(np.arange(300) / (20 + n)), "valence": np.cos(np.arange(300) / (30 + n))}
        recordings.append(corpus.Recording(f"P{n}", f"P{n}", path, labels))
    corpus.write_recordings(data, recordings, 0.04)
    (data / "conf").mkdir()
    (data / "conf" / "fbank.conf").write_text(CONF)
    compute_feats.main([f"--config={data}/conf/fbank.conf", str(data), str(data / "feats")])
    (data / "frame_shift").write_text("0.01\n")
    stats = {key: cmvn.statistics([features]) for key, features in datadir.Archive(data / "feats.scp").items()}
    with datadir.writing_archive(data / "cmvn") as write:
        for key, matrix in stats.items():
            write(key, matrix)
    small = {
        "dilated": ["--num-layers=4", "--width=8", "--filter-width=3", "--activation=tanh"],
        "downup": ["--num-layers=2", "--width=8", "--activation=tanh"],
        "blstm": ["--width=4"],
        "end_to_end": ["--width=4", "--cells=4", "--segment=25"],
    }
    for arch, options in small.items():
        for target in ("arousal", "valence") if arch == "downup" else ("arousal",):
            for run in (1, 2):
                run_dir = folder / arch / target / f"run{run}"
                common = [f"--arch={arch}", f"--target={target}", f"--srand={run}", "--max-epochs=2"]
                train.main([*common, *options, str(data), str(data), str(run_dir)])
    return folder


@pytest.mark.parametrize("arch", ["dilated", "downup", "blstm", "end_to_end"])
def test_predictions_are_those_of_the_data_directory(trained, arch):
    ensemble = Ensemble(trained / arch / "arousal")
    rows, _ = Utterances(trained / "data", ensemble.rows, computed_by=computed_by(ensemble.description))[0]
    samples, rate = soundfile.read(trained / "P0.wav", dtype="int16")
    found = load_model(trained / arch / "arousal").predict(samples, rate)
    np.testing.assert_allclose(found, ensemble(rows)[1], atol=1e-6 if arch == "end_to_end" else 0)
    assert found.dtype == np.float32 and found.shape == (300,) and found.std() > 0


@pytest.mark.parametrize("arch", ["dilated", "downup", "blstm", "end_to_end"])
def test_pieces_give_what_the_whole_gives(trained, arch, monkeypatch):
    samples, model = speech(61.7, 44100), load_model(trained / arch / "arousal")
    whole = model.predict(samples, 44100)
    monkeypatch.setattr(arrays, "PIECE", 7001)
    monkeypatch.setattr("cer.system.network.CHUNK", 150)
    np.testing.assert_allclose(load_model(trained / arch / "arousal").predict(samples, 44100), whole, atol=1e-6)


def test_data_directories_too_are_predicted_in_chunks(trained, monkeypatch):
    ensemble = Ensemble(trained / "downup" / "arousal")
    rows = RNG.standard_normal((2000, ensemble.rows.input_dim)).astype(np.float32)
    runs, mean = ensemble(rows)
    monkeypatch.setattr("cer.system.network.CHUNK", 150)
    for found, expected in zip(ensemble(rows), (runs, mean), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_float_and_integer_samples_mean_the_same(trained):
    model, samples = load_model(trained / "downup" / "arousal" / "run1"), speech(8)
    assert np.array_equal(model.predict(samples, RATE), model.predict(samples / 32768, RATE))


@pytest.mark.parametrize(
    "wave, rate, message",
    [
        (np.zeros((10, 2, 2), np.int16), RATE, r"shape \(10, 2, 2\), expected \(N,\) or, with C channels, \(N, C\)"),
        (np.zeros((2, 9000)), RATE, r"shape \(2, 9000\), expected \(N, C\), channels last; transpose them: wave.T"),
        (np.zeros(9000, np.int16), None, r"samples without a rate; expected predict\(samples, rate\)"),
        (np.zeros(0, np.int16), RATE, "at least one sample"),
        (np.zeros(9000, np.int32), RATE, "type int32, expected int16, or float"),
        (np.arange(9000.0) % 2 * 20000, RATE, "size 20000, at 0.000 s, expected -1 to 1"),
        (np.full(9000, np.nan), RATE, "a sample that is no finite number, at 0.000 s; cut it out"),
        (np.zeros(9000), RATE, "one and the same value from beginning to end, no sound"),
        (np.zeros(9000, np.int16), 0, "a rate of 0 Hz, expected"),
        (np.zeros(9000, np.int16), "16k", "a rate of '16k' Hz, expected"),
        (np.arange(50, dtype=np.int16), RATE, "no frame of 25 ms"),
    ],
)
def test_bad_samples_are_refused(trained, wave, rate, message):
    with pytest.raises(BadInput, match=message):
        load_model(trained / "downup" / "arousal").predict(wave, rate)


def test_short_recordings_take_the_training_sets_statistics(trained, capsys):
    model, samples = load_model(trained / "downup" / "arousal"), speech(3)
    found = model.predict(samples, RATE)
    assert "3.00 s say little of its mean and variance" in capsys.readouterr().err
    expected = model.predict_pieces(lambda: [samples.astype(np.float32)], RATE, own_cmvn=False)
    np.testing.assert_array_equal(found, expected)
    total = sum(datadir.Archive(trained / "data" / "cmvn.scp").values())
    np.testing.assert_array_equal(model.global_stats, total)


def test_models_that_do_not_say_how_their_features_were_made_are_refused(trained, tmp_path):
    for name in ("final.pt", "model.json"):
        (tmp_path / name).write_bytes((trained / "downup" / "arousal" / "run1" / name).read_bytes())
    about = json.loads((tmp_path / "model.json").read_text())
    del about["features"], about["checksum"]  # as an earlier version left it
    (tmp_path / "model.json").write_text(json.dumps(about))
    with pytest.raises(BadInput, match="does not say how its features are computed"):
        load_model(tmp_path)


def folder_of_recordings(folder):
    (folder / "sub").mkdir(parents=True)
    samples = speech(7)
    soundfile.write(folder / "a.flac", samples, RATE)
    soundfile.write(folder / "a.b.wav", samples, RATE)
    soundfile.write(folder / "sub" / "c d.ogg", samples / 32768, RATE)
    stereo = np.stack([samples[::-1], samples], axis=1)
    soundfile.write(folder / "two.wav", stereo, RATE)
    return samples


def listed(folder, out, capsys):
    list_recordings.main([str(folder)])
    (out / "wav.scp").write_text(capsys.readouterr().out)
    return str(out / "wav.scp")


def read(csv):
    lines = csv.read_text().splitlines()
    return lines[0], np.array([[float(x) for x in line.split(",")] for line in lines[1:]])


def test_a_folder_of_recordings(trained, tmp_path, capsys):
    samples = folder_of_recordings(tmp_path / "in")
    scp = listed(tmp_path / "in", tmp_path, capsys)
    models = [str(trained / "downup" / target) for target in ("arousal", "valence")]
    predict_recordings.main([scp, *models, str(tmp_path / "out")])
    assert [path.name for path in sorted((tmp_path / "out" / "csv").iterdir())] == [
        "a.b.csv", "a.csv", "sub-c_d.csv", "two.csv",
    ]  # fmt: skip
    head, rows = read(tmp_path / "out" / "csv" / "a.csv")
    assert head == "time,arousal,valence" and rows.shape == (175, 3)
    np.testing.assert_allclose(rows[:, 0], 0.04 * np.arange(175))
    for column, target in enumerate(("arousal", "valence"), 1):
        expected = load_model(trained / "downup" / target).predict(samples, RATE)
        np.testing.assert_allclose(rows[:, column], expected, atol=1e-6)
        np.testing.assert_array_equal(datadir.Archive(tmp_path / "out" / target / "a.scp")["a"][:, 0], expected)
    assert np.array_equal(read(tmp_path / "out" / "csv" / "a.b.csv")[1], rows)


def test_several_models_of_a_target_are_averaged(trained, tmp_path, capsys):
    soundfile.write(tmp_path / "a.wav", speech(7), RATE)
    scp = listed(tmp_path / "a.wav", tmp_path, capsys)
    runs = [str(trained / "downup" / "arousal" / run) for run in ("run1", "run2")]
    for out, models in (("1", runs[:1]), ("2", runs[1:]), ("both", runs)):
        predict_recordings.main([scp, *models, str(tmp_path / out)])
    one, two, both = (read(tmp_path / out / "csv" / "a.csv")[1][:, 1] for out in ("1", "2", "both"))
    np.testing.assert_allclose(both, (one + two) / 2, atol=2e-6)
    assert not np.allclose(one, two)


def test_bad_files_are_reported_and_the_rest_goes_on(trained, tmp_path, capsys):
    folder_of_recordings(tmp_path / "in")
    (tmp_path / "in" / "bad.wav").write_bytes(b"no audio")
    whole = (tmp_path / "in" / "a.flac").read_bytes()
    (tmp_path / "in" / "cut.flac").write_bytes(whole[: len(whole) // 2])
    broken = (speech(7) / 32768).astype(np.float32)
    broken[RATE] = np.nan
    soundfile.write(tmp_path / "in" / "nan.wav", broken, RATE, subtype="FLOAT")
    scp = listed(tmp_path / "in", tmp_path, capsys)
    with pytest.raises(SystemExit, match="3 of 7 recordings failed: bad cut nan"):
        predict_recordings.main([scp, str(trained / "downup" / "arousal"), str(tmp_path / "out")])
    assert len(list((tmp_path / "out" / "csv").iterdir())) == 4
    failed = (tmp_path / "out" / "failed.1").read_text()
    assert "bad.wav: no audio that can be read" in failed and "cut" in failed
    assert "nan.wav: found a sample that is no finite number, at 1.000 s" in failed


def test_the_second_channel(trained, tmp_path, capsys):
    samples = folder_of_recordings(tmp_path / "in")
    scp = listed(tmp_path / "in" / "two.wav", tmp_path, capsys)
    predict_recordings.main(["--channel=1", scp, str(trained / "downup" / "arousal"), str(tmp_path / "out")])
    expected = load_model(trained / "downup" / "arousal").predict(samples, RATE)
    np.testing.assert_allclose(read(tmp_path / "out" / "csv" / "two.csv")[1][:, 1], expected, atol=1e-6)
    with pytest.raises(SystemExit):
        predict_recordings.main(["--channel=2", scp, str(trained / "downup" / "arousal"), str(tmp_path / "out2")])
    assert "channel 2 asked for, the file has 2" in (tmp_path / "out2" / "failed.1").read_text()


def wav_bytes(samples, rate=RATE):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def live(monkeypatch, capsys, data, *argv):
    """What predict_live prints for a stream that comes in small pieces."""

    class Dribble(io.BytesIO):
        def read1(self, size=-1):
            return super().read(min(size, 1234))

    monkeypatch.setattr(sys, "stdin", type("Input", (), {"buffer": Dribble(data)}))
    predict_live.main(list(map(str, argv)))
    return capsys.readouterr()


@pytest.mark.parametrize("rate", [RATE, 44100])
def test_live_is_offline_given_the_same_cmvn(trained, monkeypatch, capsys, rate):
    samples, models = speech(9, rate), [trained / "downup" / target for target in ("arousal", "valence")]
    printed = live(monkeypatch, capsys, wav_bytes(samples, rate), "--cmvn=global", *models)
    lines = printed.out.splitlines()
    assert lines[0] == "time,arousal,valence" and len(lines) == 1 + 225
    for column, model in enumerate(models, 1):
        expected = load_model(model).predict_pieces(lambda: [samples.astype(np.float32)], rate, own_cmvn=False)
        found = [float(line.split(",")[column]) for line in lines[1:]]
        np.testing.assert_allclose(found, expected, atol=1.5e-6)  # six decimals
    assert "look-ahead" in printed.err


@pytest.mark.parametrize("corpora, warned", [(["RECOLA", "SYNTHETIC corpus (seed=1)"], True), (["RECOLA"], False)])
def test_a_stream_begins_with_a_warning_of_networks_that_learnt_from_made_up_speech(
    trained, monkeypatch, capsys, corpora, warned
):
    def by_target(names):
        models = by_name(names)
        models["arousal"][0].ensemble.description["corpora"] = corpora
        return models

    by_name = predict_live.by_target
    monkeypatch.setattr(predict_live, "by_target", by_target)
    folder = trained / "downup" / "arousal"
    first = live(monkeypatch, capsys, wav_bytes(speech(6)), folder).err.splitlines()[0]
    assert (f"{folder}: trained on made-up babble: not for real speech" in first) is warned


@pytest.mark.parametrize("size", [16000 * 8 + extra for extra in (0, 1, 79, 80, 81, 559, 560, 561, 639)])
def test_models_of_waveform_and_of_frames_are_used_together_on_any_length(trained, tmp_path, size):
    soundfile.write(tmp_path / "a.wav", speech(9)[:size], RATE)
    (tmp_path / "wav.scp").write_text(f"a {tmp_path}/a.wav\n")
    models = [str(trained / arch / "arousal") for arch in ("end_to_end", "downup")]
    predict_recordings.main(
        [str(tmp_path / "wav.scp"), *models, str(trained / "downup/valence"), str(tmp_path / "out")]
    )
    parts = [load_model(model).predict(speech(9)[:size], RATE) for model in models]
    rows = len((tmp_path / "out" / "csv" / "a.csv").read_text().splitlines()) - 1
    assert rows == min(map(len, parts))


@pytest.mark.parametrize("delay", [3, 50, 400])
@pytest.mark.parametrize("arch", ["downup", "blstm"])
def test_a_label_delay_is_undone_piece_by_piece_as_in_the_whole(trained, arch, delay, monkeypatch):
    ensemble = Ensemble(trained / arch / "arousal")
    ensemble.labels = dataclasses.replace(ensemble.labels, delay=delay)
    rows = RNG.standard_normal((700, ensemble.rows.input_dim)).astype(np.float32)
    monkeypatch.setattr("cer.system.network.CHUNK", 1000)
    whole = ensemble(rows)[1]
    for piece in (1, 90, 700):
        found = through(ensemble.stage(chunk=1), rows, piece)
        np.testing.assert_allclose(found, whole, atol=1e-6)
    assert arch == "blstm" or ensemble.look_ahead() == max(0, 24 - delay)


@pytest.mark.parametrize("delay", [10, 100])
def test_a_label_delay_makes_live_output_so_much_earlier(trained, delay):
    model = load_model(trained / "downup" / "arousal")
    before = model.look_ahead(0.04)
    model.ensemble.labels = dataclasses.replace(model.ensemble.labels, delay=delay)
    assert model.look_ahead(0.04) == pytest.approx(
        before - min(delay, model.ensemble.models[0].receptive_field()[1]) * 0.04
    )
    stage, samples, late, rows = model.live(RATE, step=0.04), speech(20).astype(np.float32), [], 0
    for end in range(160, len(samples) + 1, 160):
        output = stage.push(samples[end - 160 : end])
        rows += 0 if output is None else len(output)
        late.append(end / RATE - rows * 0.04 if rows > delay else 0.0)
    assert max(late) <= model.look_ahead(0.04) + 0.01 < max(late) + 0.1
    assert rows <= 500 == rows + len(stage.finish())


def test_a_rate_of_labels_that_frames_do_not_divide_cannot_run_live_and_the_reason_is_said(trained, monkeypatch):
    model = load_model(trained / "downup" / "arousal")
    model.rows = dataclasses.replace(model.rows, frame_subsampling_factor=1 / 0.6)
    model.shift = model.rows.label_shift
    with pytest.raises(BadInput, match=r"predicts every 0.0166667 s, which is no whole number of its features' frames"):
        model.live(RATE)


def test_features_with_dither_are_said_to_be_computed_without(trained, tmp_path, capsys):
    shutil.copytree(trained / "downup" / "arousal" / "run1", tmp_path / "run1")
    description = model_folder.read_description(tmp_path / "run1")
    description["features"]["options"]["dither"] = 1.0
    model_folder.write_description(tmp_path / "run1", description)
    samples = speech(8)
    found = load_model(tmp_path).predict(samples, RATE)
    assert np.array_equal(found, load_model(trained / "downup" / "arousal" / "run1").predict(samples, RATE))
    assert "learnt from features with dither; recordings are predicted without" in capsys.readouterr().err


def test_predictions_far_outside_the_labels_range_are_named(trained, tmp_path, capsys):
    model = load_model(trained / "downup" / "arousal")
    model.predict(speech(8), RATE)
    assert "outputs are outside" not in capsys.readouterr().err
    model.ensemble.range = Range(7.0, 8.0)
    model.predict(speech(8), RATE)
    assert "the recording: arousal: 200 of 200 outputs are outside 6 to 9" in capsys.readouterr().err


@pytest.mark.parametrize("rate", [RATE, 44100, 48000, 22051])  # the last one's samples come in pieces of a second
def test_live_output_comes_after_the_stated_look_ahead(trained, rate):
    model, tick = load_model(trained / "dilated" / "arousal"), rate // 100
    stage, samples = model.live(rate, step=0.04), np.random.default_rng(0).normal(0, 900, 15 * rate).astype(np.float32)
    known, late = 0, []
    for start in range(0, len(samples), tick):
        rows = stage.push(samples[start : start + tick])
        known += 0 if rows is None else len(rows)
        late.append((start + tick) / rate - known * model.shift)
    assert max(late) <= model.look_ahead(0.04, rate) + 0.01 < max(late) + 0.1


def test_running_cmvn_becomes_the_recordings_own(trained):
    model = load_model(trained / "dilated" / "arousal")
    running = recognizer.RunningCmvn(model)
    features = RNG.standard_normal((3000, 10)).astype(np.float32) * 3 + 7
    pieces = [running(part) for part in np.split(features, [1, 700, 701])]
    assert np.array_equal(np.concatenate(pieces), recognizer.RunningCmvn(model)(features))
    own = model.normalise(features, cmvn.statistics([features]))
    np.testing.assert_allclose(pieces[-1][-1], own[-1], atol=1e-5)


@pytest.mark.parametrize(
    "data, message",
    [
        (b"", "empty .0 bytes.; expected a wav file"),
        (b"nonsense nonsense", "text, no sound; expected a wav file"),
        (wav_bytes(np.zeros(100, np.int16)).replace(b"fmt ", b"xxxx"), "before its format chunk"),
    ],
)
def test_bad_streams_are_refused(trained, monkeypatch, capsys, data, message):
    with pytest.raises(SystemExit, match=message):
        live(monkeypatch, capsys, data, trained / "downup" / "arousal")


def test_live_ends_with_the_sound_and_predicts_what_came_of_a_cut_stream(trained, monkeypatch, capsys):
    whole, model = wav_bytes(speech(3)), trained / "downup" / "arousal"
    expected = live(monkeypatch, capsys, whole, model).out
    assert expected.count("\n") == 1 + 75
    printed = live(monkeypatch, capsys, whole + b"LIST" + (9000).to_bytes(4, "little") + b"words" * 1800, model)
    assert printed.out == expected and "3.00 s heard, 75 predictions" in printed.err
    longer = whole[:40] + (len(whole) - 44 + RATE).to_bytes(4, "little") + whole[44:]
    with pytest.raises(SystemExit, match="standard input: truncated: 56000 samples promised, 48000 found"):
        live(monkeypatch, capsys, longer, model)
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("arch", ["end_to_end", "blstm"])
def test_a_network_that_needs_the_whole_recording_does_not_run_live(trained, monkeypatch, capsys, arch):
    with pytest.raises(SystemExit, match=f"{arch} needs the whole recording"):
        live(monkeypatch, capsys, wav_bytes(speech(1)), trained / arch / "arousal")


@pytest.mark.slow
def test_the_step_resumes_and_tells_what_failed(trained, tmp_path):
    folder_of_recordings(tmp_path / "in")
    out = tmp_path / "out [x]"  # bash must not take it for a pattern
    (tmp_path / "in" / "bad.wav").write_bytes(b"no audio")
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    def step(*options, model="downup", source="in"):
        argv = [
            ROOT / "steps" / "predict_recordings.sh",
            *options,
            tmp_path / source,
            trained / model / "arousal",
            out,
        ]
        done = subprocess.run(list(map(str, argv)), cwd=tmp_path, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    status, text = step("--nj", "9", "--plot", "true", "--page", "true")
    log = "".join(path.read_text() for path in (out / "log").glob("predict.*.log"))
    assert "1 of 5 recordings failed:\n  bad: " in text and log.count("bad: failed: ") == 1
    assert (
        status == 1
        and text.count("no audio that can be read") == 1
        and "two.wav: the first of 2 channels is taken" in text
    )
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.??*"))
    assert {"plots/sub-c_d.png", "pages/a.html"} <= {*files} and len(
        (out / "arousal.scp").read_text().splitlines()
    ) == 4
    done = [path for name in ("csv", "plots", "pages", "arousal") for path in (out / name).iterdir()]
    csvs = {path: path.stat().st_mtime_ns for path in done}
    Path(tmp_path / "in" / "bad.wav").unlink()
    status, text = step()
    assert status == 0, text
    assert {path: path.stat().st_mtime_ns for path in csvs} == csvs
    status, text = step(model="dilated")
    assert status == 1 and "predictions of other models" in text
    status, text = step("--resume", "false", "--plot", "false", model="dilated")
    assert status == 0, text
    assert all(path.stat().st_mtime_ns > before for path, before in csvs.items()), "a picture or page of other models"
    assert '"line":"dilated"' in (out / "pages" / "a.html").read_text()
    assert "dilated (arousal)" in (out / "index.html").read_text()
    status, text = step("--resume", "false", source="in/a.flac")
    assert status == 0 and "downup (arousal)" in (out / "index.html").read_text(), text


@pytest.mark.parametrize(
    "wave, samples",
    [
        (np.array([-32768, 5, 32767], np.int16), [-32768, 5, 32767]),
        (np.array([-1.0, 0.5, 1.0]), [-32768, 16384, 32768]),
        (np.array([0.25, 100], np.float16), [8192, 3276800]),
        ([0.5, -0.25], [16384, -8192]),
    ],
)
def test_samples_of_all_types_are_in_the_range_of_integers(wave, samples):
    found = as_samples(wave, RATE)
    assert found.dtype == np.float32 and found.tolist() == samples


@pytest.mark.parametrize("beyond", [100.01, -100.01])
def test_floats_far_beyond_full_scale_are_refused(beyond):
    with pytest.raises(BadInput, match="found a float sample of size 100.01, at 0.000 s, expected -1 to 1"):
        as_samples(np.array([0.0, beyond]), RATE)


def test_running_cmvn_counts_the_training_set_for_ten_seconds_less_what_was_heard():
    """Frames of 2.5 s: four of the training set's mean frame at first, and one fewer with every frame heard."""
    prior = np.array([[6.0, 3.0], [15.0, 0.0]])  # three frames: mean 2, mean square 5
    used = []
    model = SimpleNamespace(
        global_stats=prior,
        rows=SimpleNamespace(frame_shift=2.5),
        normalise=lambda frame, stats: used.append(stats.tolist()) or 10 * frame,
    )
    features = np.array([[1.0], [0.0], [4.0], [2.0], [3.0]], np.float32)
    assert np.array_equal(recognizer.RunningCmvn(model)(features), 10 * features)
    heard, squares = np.cumsum(features), np.cumsum(features**2)
    left = [3, 2, 1, 0, 0]
    assert used == [[[heard[n] + 2 * left[n], n + 1 + left[n]], [squares[n] + 5 * left[n], 0]] for n in range(5)]


@pytest.mark.parametrize("rate", [1000, 768_000, 16000.0, np.int64(44100), np.float32(8000)])
def test_whole_rates_in_range_are_taken(rate):
    found = whole_rate(rate)
    assert found == rate and type(found) is int


@pytest.mark.parametrize("rate", [999, 768_001, 16000.5, -16000, True, float("nan"), float("inf"), None, "16000"])
def test_other_rates_are_refused(rate):
    with pytest.raises(BadInput, match=f"found a rate of {rate!r} Hz, expected a whole number from 1000 to 768000"):
        whole_rate(rate)


FBANK = {"num_mel_bins": 4, "snip_edges": False, "dither": 0.0}
CMVN = [[8.0, 9.0, 10.0, 11.0, 1.0], [65.0, 83.0, 102.0, 123.0, 0.0]]
NETWORK = {"num_layers": 3, "width": 3}  # sees 3 rows before its own and 4 after


def untrained(folder, factor=4, **changes):
    """A network as it is at first, on four filters, one row for `factor` frames."""
    about = DESCRIPTION | {"arch": "dilated", "options": NETWORK} | changes
    about["front_end"] = about["front_end"] | {"frame_subsampling_factor": factor}
    about = {"features": {"name": "fbank", "options": FBANK}, "global_cmvn": CMVN} | about
    torch.manual_seed(0)
    weights = build("dilated", 4 * factor, NETWORK).state_dict()
    claim.write_model(folder / "run1", weights, {name: value for name, value in about.items() if value is not None})
    return load_model(folder)


@pytest.mark.parametrize("missing", ["features", "global_cmvn"])
def test_a_system_needs_its_front_end_and_the_training_sets_statistics(tmp_path, missing):
    model = untrained(tmp_path / "whole")
    assert (model.target, model.shift, model.rate) == ("arousal", 0.04, 16000)
    assert model.global_stats.tolist() == CMVN
    with pytest.raises(BadInput, match="model.json does not say how its features are computed from recordings; train"):
        untrained(tmp_path / "part", **{missing: None})


@pytest.mark.parametrize("samples, short", [(80_000, False), (79_840, True)])
@pytest.mark.parametrize("own", [True, False])
def test_recordings_of_five_seconds_are_normalised_by_themselves_unless_the_training_set_is_asked_for(
    tmp_path, capsys, samples, short, own
):
    model, pieces = untrained(tmp_path), [speech(5)[:samples].astype(np.float32)]
    features = model.front_end(pieces[0], RATE, "")
    assert len(features) == samples / 160
    stats = cmvn.statistics([features]) if own and not short else np.array(CMVN)
    rows = model.front_end.stack(model.normalise(features, stats), 4)
    found = model.predict_pieces(lambda: pieces, RATE, "P1", own)
    np.testing.assert_allclose(found, model.ensemble(rows)[1], atol=1e-6)
    said = "P1: 4.99 s say little of its mean and variance; using those of the training set"
    assert (said in capsys.readouterr().err) == (short and own)


@pytest.mark.parametrize("step, rows", [(0.2, 5), (0.04, 1), (0.01, 1), (0.1, 2), (1.0, 25)])
def test_live_rows_come_step_by_step_and_the_look_ahead_says_how_late(tmp_path, step, rows):
    model = untrained(tmp_path)
    assert model.look_ahead(step) == pytest.approx((4 + rows) * 0.04 + 0.0075)  # half of 25 - 10 ms
    assert model.look_ahead() == model.look_ahead(0.2)
    stage, samples = model.live(RATE, step=step), speech(6).astype(np.float32)
    sizes = [len(y) for n in range(0, len(samples), 160) if (y := stage.push(samples[n : n + 160])) is not None]
    assert {*sizes} == {rows}


@pytest.mark.parametrize("factor", [1, 3, 4])
def test_a_live_row_comes_as_soon_as_its_look_ahead_has_passed(tmp_path, factor):
    model = untrained(tmp_path, factor)
    stage, samples, known, late = model.live(RATE, step=0.01), speech(1.2).astype(np.float32), 0, []
    for end in range(8, len(samples) + 1, 8):  # every half millisecond
        if (rows := stage.push(samples[end - 8 : end])) is not None:
            late.append(end / RATE - known * model.shift)
            known += len(rows)
    assert model.shift == 0.01 * factor and late == pytest.approx([model.look_ahead(0.01)] * known, abs=1e-3)


def test_what_needs_whole_recordings_does_not_run_live(tmp_path, monkeypatch):
    model = untrained(tmp_path)
    monkeypatch.setattr(type(model.front_end), "look_ahead", None)
    with pytest.raises(BadInput, match="run1: the front end fbank takes whole recordings and cannot run live"):
        model.live(RATE)
    model.global_stats = None
    with pytest.raises(BadInput, match="run1: dilated needs the whole recording and cannot run live"):
        model.live(RATE)


@pytest.mark.parametrize("rate, permitted", [(8000, "allow_upsample"), (44100, "allow_downsample")])
def test_recordings_of_another_rate_need_the_permission_of_the_front_end(tmp_path, rate, permitted):
    with pytest.raises(BadInput, match=f"the recording: found {rate} Hz, expected 16000 Hz"):
        untrained(tmp_path / "one").predict(speech(6, rate), rate)
    told = {"name": "fbank", "options": FBANK | {permitted: True}}
    assert untrained(tmp_path / "two", features=told).predict(speech(6, rate), rate).shape == (150,)


@pytest.mark.parametrize("rate, warned", [(8000, 1), (RATE, 0), (44100, 0)])
def test_sound_of_a_lower_rate_than_the_features_is_told_once(trained, tmp_path, monkeypatch, capsys, rate, warned):
    models = [trained / "downup" / target for target in ("arousal", "valence")]
    told = f"found sound of {rate} Hz, expected 16000 Hz or more, the rate of the network's features: it has nothing"
    for name in ("a", "b"):
        soundfile.write(tmp_path / f"{name}.wav", speech(6, rate), rate)
    (tmp_path / "wav.scp").write_text("".join(f"{name} {tmp_path}/{name}.wav\n" for name in "ab"))
    predict_recordings.main([str(tmp_path / "wav.scp"), *map(str, models), str(tmp_path / "out")])
    assert capsys.readouterr().err.count(told) == warned
    assert live(monkeypatch, capsys, wav_bytes(speech(6, rate), rate), *models).err.count(told) == warned
    load_model(models[0]).predict(speech(6, rate), rate)
    assert capsys.readouterr().err.count(told) == warned
