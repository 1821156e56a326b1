"""Finished means finished, through the steps: what counts as up to date, and what stays when work fails."""

import json
import os
import shutil
import subprocess

import numpy as np
import pytest
import soundfile
from conftest import make_data_dir
from faults import forks
from test_recipe import copy_of_the_project, run, server

from cer.base import locks
from cer.base.files import write_text
from cer.data.datadir import Archive


@pytest.fixture(scope="module", autouse=True)
def project(tmp_path_factory):
    """Where call() works: a copy of the project whose Python starts at once."""
    call.project = copy_of_the_project(tmp_path_factory.mktemp("finished") / "cer")
    (call.project / ".python").mkdir()
    forks.python3(call.project / ".python")


def call(*words, status=0):
    environment = os.environ | server()[0]
    done = subprocess.run(
        [str(word) for word in words], cwd=call.project, env=environment, capture_output=True, text=True
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def listed(folder, *opts):
    """The number of runs of the system that are to be trained."""
    data = [folder / "train", folder / "dev"]
    words = ["--list", "true", "--check", "false", "--num-runs", "1", "--opts", " ".join(opts)]
    return call("steps/train.sh", *words, "linear_statistics", "arousal", *data, folder / "model").stdout.count("\n")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder of data directories and a model with its predictions, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    for number, name in enumerate(("train", "dev")):
        make_data_dir(folder / name, seed=number)
    data = [folder / "train", folder / "dev"]
    call(
        "steps/train.sh", "--check", "false", "--num-runs", "1", "linear_statistics", "arousal", *data, folder / "model"
    )
    call("steps/predict.sh", "--nj", "1", folder / "dev", folder / "model", folder / "model" / "predict_dev")
    return folder


@pytest.fixture
def kept(trained):
    """The folder, put back afterwards: stamps know files by their paths."""
    shutil.copytree(trained, trained.with_name("copy"))
    yield trained
    shutil.rmtree(trained)
    trained.with_name("copy").rename(trained)


def flip_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def append(path, text):
    path.write_text(path.read_text() + text)


CHANGES = {
    "frame shift": lambda f: (f / "train" / "frame_shift").write_text("0.02\n"),
    "label shift": lambda f: (f / "dev" / "label_shift").write_text("0.02\n"),
    "features": lambda f: flip_bit(f / "train" / "data" / "feats.ark"),
    "labels": lambda f: flip_bit(f / "dev" / "data" / "arousal.ark"),
    "speakers": lambda f: (f / "train" / "utt2spk").write_text("P00 P00\nP01 P01\nP02 P01\n"),
    "scale": lambda f: (f / "train" / "targets").write_text("arousal asleep awake\n"),
    "corpora": lambda f: (f / "dev" / "corpora").write_text("another\n"),
    "front end": lambda f: [(f / "train" / "conf").mkdir(), (f / "train/conf/fbank.conf").write_text("--dither=1\n")],
    "weights": lambda f: flip_bit(f / "model" / "run1" / "final.pt"),
    "description": lambda f: append(f / "model" / "run1" / "model.json", " "),
    "no weights": lambda f: (f / "model" / "run1" / "final.pt").unlink(),
    "a torn stamp": lambda f: (f / "model" / ".done.run1").write_text(""),
}


def test_whatever_changes_the_result_is_no_finished_training_and_times_are_nothing(trained):
    for path in trained.rglob("*"):
        os.utime(path, (1, 1))
    assert listed(trained) == 0
    copy = trained.with_name("copy")
    for name, change in CHANGES.items():
        shutil.copytree(trained, copy)
        change(trained)
        assert listed(trained) == 1, name
        shutil.rmtree(trained)
        copy.rename(trained)
    assert listed(trained, "--l2=1") == 1 and listed(trained) == 0


def test_a_scale_whose_ends_were_corrected_is_the_models_without_training_again(kept):
    words = ["--check", "false", "--num-runs", "1", "linear_statistics", "arousal"]
    weights, ends = kept / "model" / "run1" / "final.pt", ("asleep", "awake")
    before = weights.stat().st_mtime_ns
    for names in (ends, ends[::-1]):
        (kept / "train" / "targets").write_text(f"arousal {' '.join(names)}\n")
        said = call("steps/train.sh", *words, kept / "train", kept / "dev", kept / "model").stdout
        assert json.loads((weights.parent / "model.json").read_text())["ends"] == [*names], said
    assert weights.stat().st_mtime_ns == before
    assert listed(kept) == 0


def test_a_configuration_that_options_name_counts_by_its_content(kept):
    configuration = kept / "my.conf"
    option = f"--config={configuration}"
    configuration.write_text("--l2=0.5\n")
    words = ["--check", "false", "--num-runs", "1", "--opts", option, "linear_statistics", "arousal"]
    call("steps/train.sh", *words, kept / "train", kept / "dev", kept / "model")
    assert listed(kept, option) == 0
    configuration.write_text("--l2=0.25\n")
    assert listed(kept, option) == 1


def test_the_order_of_folders_of_configurations_counts(kept):
    for name in ("0.5", "0.25"):
        write_text(kept / name / "linear_statistics.conf", f"--l2={name}\n")
    data = ["linear_statistics", "arousal", kept / "train", kept / "dev", kept / "model"]
    words = ["--check", "false", "--num-runs", "1", "--conf-dirs"]
    call("steps/train.sh", *words, f"{kept}/0.5 {kept}/0.25", *data)
    for order, number in (("0.5 0.25", 0), ("0.25 0.5", 1)):
        folders = " ".join(str(kept / name) for name in order.split())
        assert call("steps/train.sh", "--list", "true", *words, folders, *data).stdout.count("\n") == number


def test_a_system_that_is_named_twice_is_trained_and_predicted_once(kept):
    call(
        "steps/train_systems.sh", "--num-runs", "1", *["linear_statistics " * 2, "arousal arousal"], kept, kept / "exp"
    )
    for name in ("train", "dev"):
        (kept / name / "wav.scp").touch()
    said = call("steps/predict_systems.sh", kept, kept / "exp", *["linear_statistics/arousal"] * 2).stderr
    assert "2 of 2 done" in said  # train and dev


def test_the_command_of_an_earlier_training_goes_and_that_of_a_finished_one_stays(kept):
    words = ["steps/train_systems.sh", "--num-runs", "1", "linear_statistics", "arousal", kept, kept / "exp"]
    command = kept / "exp" / "linear_statistics" / "arousal" / "command"
    command.parent.mkdir(parents=True)
    for stays in (False, True):
        command.write_text("# commit abc\n./run.sh\n")
        call(*words)
        assert command.exists() == stays


def test_a_system_that_a_call_trained_before_it_failed_keeps_no_earlier_command(kept):
    for name in ("train", "dev"):
        (kept / name / "joy.scp").write_text((kept / name / "arousal.scp").read_text())
    folders = [kept / "exp" / "linear_statistics" / target for target in ("arousal", "joy")]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "command").write_text("# commit abc\n./run.sh\n")
    (folders[1] / "run1").write_text("no folder")
    call("steps/train_systems.sh", "--num-runs", "1", "linear_statistics", "arousal joy", kept, kept / "exp", status=1)
    assert (folders[0] / ".done.run1").exists() and not (folders[0] / "command").exists()


def test_damaged_weights_are_named_and_trained_again(kept):
    before = (kept / "model" / "run1" / "final.pt").read_bytes()
    flip_bit(kept / "model" / "run1" / "final.pt")
    done = call("steps/predict.sh", "--nj", "1", kept / "dev", kept / "model", kept / "out", status=1)
    assert "run1/final.pt: has the checksum" in done.stdout + done.stderr
    data = [kept / "train", kept / "dev"]
    call("steps/train.sh", "--check", "false", "--num-runs", "1", "linear_statistics", "arousal", *data, kept / "model")
    log = (kept / "model" / "log" / "job.1.log").read_text()
    assert "run1/final.pt: was sha256" in log and "damaged or edited" in log
    assert (kept / "model" / "run1" / "final.pt").read_bytes() == before


def test_predictions_that_fail_leave_the_old_ones(kept):
    out = kept / "model" / "predict_dev"
    before = {path.name: path.read_bytes() for path in out.glob("output*")}
    (kept / "dev" / "cmvn.scp").write_text("P00 /nowhere:5\n")
    call("steps/predict.sh", "--nj", "1", kept / "dev", kept / "model", out, status=1)
    assert {path.name: path.read_bytes() for path in out.glob("output*")} == before
    assert set(Archive(out / "output.scp")) == {"P00", "P01", "P02"}


HALF = """#!/usr/bin/env bash
n=$([ -e "$0.killed" ] && echo 2 || echo 1)
"$3" "$4" $n > /dev/null || exit 1
[ -e "$0.killed" ] || { touch "$0.killed"; exit 2; }
touch "$4.1.ok"
"""


@pytest.mark.slow
def test_jobs_that_a_killed_call_left_on_a_cluster_count_for_the_next_one(kept):
    (kept / "half.sh").write_text(HALF)
    (kept / "half.sh").chmod(0o755)
    words = ["steps/predict.sh", "--nj", "2", "--cmd", kept / "half.sh", kept / "dev", kept / "model", kept / "out"]
    call(*words, status=2)
    call(*words)
    assert set(Archive(kept / "out/output.scp")) == {"P00", "P01", "P02"} and not (kept / "out/.given").exists()
    (kept / "half.sh.killed").unlink()
    call(*words[:-1], kept / "out2", status=2)
    (kept / "dev" / "frame_shift").write_text("0.010\n")  # what they were given is not the same any more
    assert "output.1.scp" in call(*words[:-1], kept / "out2", status=1).stderr


def test_predictions_of_other_utterances_leave_no_csv_of_the_old_ones_and_a_last_line_may_lack_its_end(kept):
    for old, new in (("P00", "P0/0"), ("P0/0", "P00")):
        for name in ("feats.scp", "utt2spk"):
            path = kept / "dev" / name
            path.write_text(path.read_text().replace(f"{old} ", f"{new} ").splitlines()[0])
        call("steps/predict.sh", kept / "dev", kept / "model", kept / "model" / "predict_dev")
        csv = kept / "model" / "predict_dev" / "csv"
        assert [path for path in csv.rglob("*") if path.is_file()] == [csv / f"{new}.csv"]
    assert [*csv.iterdir()] == [csv / "P00.csv"]


@pytest.mark.parametrize("target", ["arousal", "ärger"])
def test_post_processing_is_fitted_again_when_the_labels_change(kept, target):
    about = kept / "model" / "predict_dev" / "predictions.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | {"target": target}))
    labels = kept / "dev" / f"{target}.scp"
    (kept / "dev" / "arousal.scp").rename(labels)
    fit = ["steps/postprocess.sh", kept / "dev", kept / "model", kept / "new"]
    assert "post-processing (chain" in call(*fit).stdout
    assert "up to date" in call(*fit).stdout
    labels.write_text("".join(labels.read_text().splitlines(keepends=True)[1:]))
    assert "post-processing (chain" in call(*fit).stdout


def test_predictions_of_earlier_networks_are_told_where_they_are_scored_and_fitted_to(kept):
    predictions, said = kept / "model" / "predict_dev", "predict_dev: predictions made from something else (input "
    score = ["steps/score.sh", "--system", "net", kept / "dev", predictions]
    assert said not in call(*score).stderr
    words = ["--check", "false", "--num-runs", "1", "--opts", "--l2=0.5", "linear_statistics", "arousal"]
    call("steps/train.sh", *words, kept / "train", kept / "dev", kept / "model")
    for command in (score, ["steps/postprocess.sh", kept / "dev", kept / "model", kept / "new"]):
        assert said in call(*command).stderr


def test_a_run_in_a_folder_of_any_name_is_predicted_as_run1_once(kept):
    (kept / "model" / "run1").rename(kept / "my best")
    words = ["steps/predict.sh", "--nj", "1", kept / "dev", kept / "my best", kept / "out"]
    call(*words)
    assert set(Archive(kept / "out/run1/output.scp")) == {"P00", "P01", "P02"}
    assert "is up to date" in call(*words).stderr
    (kept / "out/run1/output.scp").unlink()
    call(*words)
    assert (kept / "out/run1/output.scp").exists()


@pytest.mark.parametrize("out", ["model", "model/run1", "dev"])
def test_nothing_is_predicted_into_a_model_or_a_data_directory(kept, out):
    before = sorted(path for path in kept.rglob("*"))
    done = call("steps/predict.sh", kept / "dev", kept / "model", kept / out, status=1)
    assert "expected an empty or new output folder" in done.stderr and sorted(kept.rglob("*")) == before


def test_features_that_fail_leave_the_old_ones(tmp_path):
    data = tmp_path / "a [b]"
    data.mkdir()
    random = np.random.default_rng(0)
    for name in ("P1", "P2"):
        soundfile.write(data / f"{name}.wav", random.normal(0, 0.1, 8000), 16000, "PCM_16")
    (data / "wav.scp").write_text("".join(f"{n} {data}/{n}.wav\n" for n in ("P1", "P2")))
    (data / "utt2spk").write_text("P1 P1\nP2 P2\n")
    (data / "spk2utt").write_text("P1 P1\nP2 P2\n")
    make = ["steps/make_fbank.sh", "--fbank-config", tmp_path / "fbank.conf", "--nj"]
    (tmp_path / "fbank.conf").write_text("--num-mel-bins=20\n")
    call(*make, 1, data)
    before = {key: matrix.copy() for key, matrix in Archive(data / "feats.scp").items()}
    (tmp_path / "fbank.conf").write_text("--num-mel-bins=many\n")
    call(*make, 1, data, status=1)
    soundfile.write(data / "P3.wav", np.zeros(0), 16000)
    (data / "P2.wav").rename(data / "P2.whole")
    (data / "P3.wav").rename(data / "P2.wav")
    (tmp_path / "fbank.conf").write_text("--num-mel-bins=30\n")
    call(*make, 2, data, status=1)  # one of two jobs fails
    after = Archive(data / "feats.scp")
    assert all(np.array_equal(after[key], before[key]) for key in before)
    (data / "P2.whole").rename(data / "P2.wav")
    call(*make, 2, data)
    assert Archive(data / "feats.scp")["P2"].shape[1] == 30
    assert "up to date" in call(*make, 2, data).stdout


def test_no_table_names_archives_of_which_some_are_replaced(tmp_path):
    data, put = tmp_path / "data", call.project / "utils" / "put_in_place.py"
    of_one_recording(data)
    call("steps/make_fbank.sh", data)
    soundfile.write(data / "P1.wav", np.random.default_rng(1).normal(0, 0.1, 7000), 16000, "PCM_16")
    put.rename(put.with_suffix(".whole"))
    try:
        put.write_text('#!/bin/sh\nmv "$1"/*.1.ark "$2"\nexit 1\n')  # as if it ended half-way
        put.chmod(0o755)
        call("steps/make_fbank.sh", data, status=1)
    finally:
        put.with_suffix(".whole").rename(put)
    assert "no such file" in call("steps/compute_cmvn_stats.sh", data, status=1).stderr
    call("steps/make_fbank.sh", data)
    call("steps/compute_cmvn_stats.sh", data)


def of_one_recording(data):
    """A data directory of half a second of noise."""
    data.mkdir(parents=True)
    soundfile.write(data / "P1.wav", np.random.default_rng(0).normal(0, 0.1, 8000), 16000, "PCM_16")
    for name, value in {"wav.scp": data / "P1.wav", "utt2spk": "P1", "spk2utt": "P1"}.items():
        (data / name).write_text(f"P1 {value}\n")
    return data


def test_archives_that_another_data_directory_of_the_same_name_has_are_not_replaced(tmp_path):
    one, two = (of_one_recording(tmp_path / name / "train") for name in ("one", "two"))
    for step, table in (("steps/make_fbank.sh", "feats.scp"), ("steps/compute_cmvn_stats.sh", "cmvn.scp")):
        call(step, one, tmp_path / "log", tmp_path / "archives")
        before = {path: path.read_bytes() for path in (tmp_path / "archives").glob("[!.]*")}
        said = call(step, two, tmp_path / "log", tmp_path / "archives", status=1).stderr
        assert f"found the archives of {one}, expected another folder" in said and not (two / table).exists()
        assert {path: path.read_bytes() for path in (tmp_path / "archives").glob("[!.]*")} == before
        call(step, two)
    one.rename(tmp_path / "one" / "dev")
    for step in ("steps/make_fbank.sh", "steps/compute_cmvn_stats.sh"):
        call(step, two, tmp_path / "log", tmp_path / "archives")


@pytest.mark.parametrize(
    "step, name", [("make_fbank", "raw_fbank_train"), ("compute_cmvn_stats", "cmvn_train")], ids=["fbank", "cmvn"]
)
def test_two_data_directories_of_the_same_name_are_not_at_work_in_one_folder_together(tmp_path, step, name):
    one, two = (of_one_recording(tmp_path / name / "train") for name in ("one", "two"))
    call("steps/make_fbank.sh", one)
    words, lock = [f"steps/{step}.sh", one, tmp_path / "log", tmp_path / "archives"], f"archives/.{name}.lock"
    with locks.alone(tmp_path / lock, two):
        assert f"{lock}: process {os.getpid()} on " in call(*words, status=1).stderr
    assert not [*(tmp_path / "archives").glob("[!.]*")]
    call(*words)


def test_a_table_of_archives_elsewhere_is_kept_beside_one_that_was_kept_before(tmp_path):
    data = of_one_recording(tmp_path / "data")
    tables = ["P1 /first.ark:4\n", "P1 /second.ark:4\n"]
    write_text(data / ".backup" / "feats.scp", tables[0])  # as utils/fix_data_dir.sh keeps it
    (data / "feats.scp").write_text(tables[1])
    call("steps/make_fbank.sh", data)
    assert sorted(path.read_text() for path in (data / ".backup").iterdir()) == tables


def test_in_a_shared_folder_only_archives_of_earlier_jobs_go_not_those_of_a_name_that_begins_alike(tmp_path):
    names, archives = ("tr.b", "tr.7", "tr"), tmp_path / "archives"
    for name in names:
        call("steps/make_fbank.sh", of_one_recording(tmp_path / name), tmp_path / "log", archives)
    for end in ("ark", "scp", "utt2dur"):
        (archives / f"raw_fbank_tr.2.{end}").write_text("of an earlier call with two jobs")
    (tmp_path / "short.conf").write_text("--frame-shift=20\n")
    words = ["--fbank-config", tmp_path / "short.conf", tmp_path / "tr", tmp_path / "log", archives]
    call("steps/make_fbank.sh", *words)
    assert [len(Archive(tmp_path / name / "feats.scp")["P1"]) for name in names] == [50, 50, 24]
    assert not [*archives.glob("raw_fbank_tr.2.*")] and len([*archives.glob("*.ark")]) == 3


def test_archives_and_tables_that_a_finished_call_did_not_make_are_made_when_asked_for(tmp_path):
    data = of_one_recording(tmp_path / "data")
    for option, name in (("--write-utt2num-frames", "utt2num_frames"), ("--write-utt2dur", "utt2dur")):
        (data / name).unlink(missing_ok=True)
        call("steps/make_fbank.sh", option, "false", data)
        assert not (data / name).exists()
        call("steps/make_fbank.sh", data)
        assert (data / name).exists()
    for step, table in (("steps/make_fbank.sh", "feats.scp"), ("steps/compute_cmvn_stats.sh", "cmvn.scp")):
        for folder in ("one", "two"):
            assert "up to date" not in call(step, data, tmp_path / "log", tmp_path / folder).stdout
            assert f" {tmp_path}/{folder}/" in (data / table).read_text()
            assert "up to date" in call(step, data, tmp_path / "log", tmp_path / folder).stdout


POWER = '''"""The power of every 20 ms."""

import numpy as np

from cer.features import FrontEnd


class Features(FrontEnd):
    """One column.

    Options:
        floor: the least power
    """

    frame_seconds, dim = 0.02, 1

    def __init__(self, *, floor: float = 1.0):
        self.floor = floor

    def __call__(self, samples, rate, key=""):
        """samples (N,) at `rate` Hz -> (T, 1)."""
        frames = samples[: len(samples) // 320 * 320].reshape(-1, 320)
        power = (frames.astype(float) ** 2).mean(axis=1, keepdims=True)
        return np.log(np.maximum(power, self.floor)).astype(np.float32)
'''


@pytest.fixture
def recorded(tmp_path):
    """A data directory of one recording, one second long."""
    data = tmp_path / "data"
    data.mkdir()
    soundfile.write(data / "P1.wav", np.random.default_rng(0).normal(0, 0.1, 16000), 16000, "PCM_16")
    (data / "wav.scp").write_text(f"P1 {data}/P1.wav\n")
    (data / "utt2spk").write_text("P1 P1\n")
    (data / "spk2utt").write_text("P1 P1\n")
    return data


@pytest.mark.parametrize("segmented", [False, True])
def test_when_a_recording_is_mended_only_its_part_is_made_again(recorded, segmented):
    shutil.copy(recorded / "P1.wav", recorded / "P2.wav")
    for name, line in (("wav.scp", f"P2 {recorded}/P2.wav\n"), ("utt2spk", "P2 P2\n"), ("spk2utt", "P2 P2\n")):
        (recorded / name).write_text((recorded / name).read_text() + line)
    if segmented:
        (recorded / "segments").write_text("P1 P1 0 0.5\nP2 P2 0 0.5\n")
    sound = (recorded / "P2.wav").read_bytes()
    (recorded / "P2.wav").write_bytes(sound[:30])
    call("steps/make_feats.sh", "--nj", "2", recorded, status=1)
    made = (recorded / "data/.new.fbank_data/raw_fbank_data.1.ark").stat()
    (recorded / "P2.wav").write_bytes(sound)
    call("steps/make_feats.sh", "--nj", "2", recorded)
    found = (recorded / "data/raw_fbank_data.1.ark").stat()
    assert (found.st_ino, found.st_mtime_ns) == (made.st_ino, made.st_mtime_ns)
    assert {key: len(each) for key, each in Archive(recorded / "feats.scp").items()} == dict.fromkeys(
        ("P1", "P2"), 50 if segmented else 100
    )
    assert not [*(recorded / "data").glob("part*")]


def test_seconds_that_the_step_wrote_are_renewed_with_the_recordings_and_those_of_others_stay(recorded):
    seconds = recorded / "utt2dur"
    call("steps/make_feats.sh", recorded)
    assert seconds.read_text() == "P1 1\n"
    soundfile.write(recorded / "P1.wav", np.ones(8000), 16000, "PCM_16")
    for name, line in (("wav.scp", f"P2 {recorded}/P1.wav\n"), ("utt2spk", "P2 P2\n"), ("spk2utt", "P2 P2\n")):
        (recorded / name).write_text((recorded / name).read_text() + line)
    call("steps/make_feats.sh", recorded)
    assert seconds.read_text() == "P1 0.5\nP2 0.5\n"
    soundfile.write(recorded / "P1.wav", np.ones(4000), 16000, "PCM_16")
    seconds.write_text("P1 0.5\nP2 0.25\n")
    call("steps/make_feats.sh", recorded)
    assert seconds.read_text() == "P1 0.5\nP2 0.25\n"


def test_numbers_of_frames_that_were_left_out_come_when_they_are_wanted_and_are_never_of_other_features(recorded):
    frames, short = recorded / "utt2num_frames", recorded.parent / "short.conf"
    short.write_text("--frame-shift=20\n")

    def make(*opts):
        return call("steps/make_feats.sh", *opts, recorded).stdout

    without = ["--write-utt2num-frames", "false", "--write-utt2dur", "false"]
    make(*without)
    assert "up to date" in make(*without) and not frames.exists() and not (recorded / "utt2dur").exists()
    make()
    assert "up to date" in make() and frames.read_text() == "P1 100\n" and (recorded / "utt2dur").exists()
    make("--feats-config", short, *without)
    assert len(Archive(recorded / "feats.scp")["P1"]) == 49 and not frames.exists()


def test_a_front_end_of_ones_own_is_one_file_and_a_directory_tells_which_made_its_features(recorded, tmp_path):
    project, data = copy_of_the_project(tmp_path / "cer"), recorded
    (project / "cer" / "features" / "power.py").write_text(POWER)

    def make(name):
        status, text = run(project, "--features", name, str(data), script="steps/make_feats.sh")
        assert status == 0, text
        return text

    def made(name):
        text = make(name)
        files = {path.name: path.read_text() for path in (data / "conf").iterdir()}
        return "up to date" in text, Archive(data / "feats.scp")["P1"].shape, files

    assert made("fbank")[:2] == (False, (100, 40))
    assert made("power") == (False, (50, 1), {"power.conf": ""}) and made("power")[0]
    assert (data / "frame_shift").read_text() == "0.02\n"
    (project / "conf" / "power.conf").write_text("--floor=1e12\n")
    assert made("power") == (False, (50, 1), {"power.conf": "--floor=1e12\n"})
    assert Archive(data / "feats.scp")["P1"] == pytest.approx(np.log(1e12))
    assert made("fbank")[1:] == ((100, 40), {"fbank.conf": (project / "conf" / "fbank.conf").read_text()})
    (data / "conf" / "fbank.conf").unlink()
    assert "up to date" not in make("of_my_own")  # feats.scp and frame_shift are there


@pytest.mark.parametrize("name", ["csv/mine.csv", "output.txt", "run1/mine", "sub/run1/model.json"])
def test_files_of_others_in_an_output_folder_are_never_removed(kept, name):
    out = kept / "results"
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text("precious")
    done = call("steps/predict.sh", "--nj", "1", kept / "dev", kept / "model", out, status=1)
    assert "expected an empty or new output folder" in done.stderr and (out / name).read_text() == "precious"


@pytest.mark.parametrize(
    "words, there", [("predict.sh --nj 1 dev", ".models wav.scp csv/a.csv .done/a.done"),
                     ("predict_recordings.sh --nj 1 sound", "predictions.json output.scp csv/a.csv .done .done.lock")]
)  # fmt: skip
def test_predictions_of_recordings_and_of_data_directories_have_folders_of_their_own(kept, words, there):
    out, (step, *options, source) = kept / "results", words.split()
    for name in there.split():
        write_text(out / name, "precious")
    before = sorted(out.rglob("*"))
    done = call(f"steps/{step}", *options, kept / source, kept / "model", out, status=1)
    assert "expected an empty or new output folder" in done.stderr and sorted(out.rglob("*")) == before


@pytest.mark.parametrize("name", ["README.md", "LICENSE"])
def test_an_export_replaces_no_file_of_others(kept, name):
    (kept / "mine").mkdir()
    (kept / "mine" / name).write_text("precious")
    done = call("steps/export.sh", kept / "model", kept / "mine", status=1)
    assert f"found {name} in it, expected an empty or new output folder" in done.stderr
    assert (kept / "mine" / name).read_text() == "precious"


def test_features_of_ones_own_are_not_said_to_be_a_front_ends(kept):
    (kept / "dev" / "conf").mkdir(exist_ok=True)
    (kept / "dev" / "conf" / "fbank.conf").write_text("--dither=0\n")
    done = call("steps/make_feats.sh", "--features", "mine", kept / "dev", status=1)
    assert "dev/conf/fbank.conf, which says that fbank made these features; remove it" in done.stderr


def test_a_file_in_the_place_of_a_folder_is_named(kept):
    (kept / "place").write_text("a file")
    done = call("steps/predict.sh", "--nj", "1", kept / "dev", kept / "model", kept / "place", status=1)
    assert "place: found a file, expected an empty or new output folder" in done.stderr
