"""Training as a user meets it: the program, its folder, and what a kill leaves."""

import json
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from conftest import GOLDEN, ROOT, make_data_dir, write_archive, write_wav

from cer.base.errors import BadInput
from cer.base.words import counted
from cer.bin import predict as predict_program
from cer.bin import train as program
from cer.data.datadir import Archive
from cer.data.plausible import Range
from cer.features import waveform
from cer.features.fbank import Features as Fbank
from cer.models import architecture, architectures
from cer.scoring.metrics import ccc
from cer.system import model_folder, network, tensors
from cer.system.labels import Labels
from cer.system.network import Prepared, predict
from cer.system.rows import Rows
from cer.system.utterances import Utterances
from cer.training import claim, scalars
from cer.training import train as training
from cer.training.delay import fit_labels
from cer.training.steps import Steps

ARGUMENTS = ["--arch=downup", "--target=arousal", "--width=8", "--num-layers=2", "--max-epochs=30", "--patience=30"]


def train(small, folder, *options):
    """Train in the process of the test; an --arch among the options stands without downup's."""
    arguments = ARGUMENTS[1:2] if any(option.startswith("--arch=") for option in options) else ARGUMENTS
    program.main([*arguments, *options, str(small / "train"), str(small / "dev"), str(folder)])
    return model_folder.read_description(folder)


def test_a_model_learns_and_its_folder_tells_everything(small):
    result = train(small, small / "run1", "--learning-rate=0.01")
    assert result["result"]["dev_ccc"] > 0.5
    assert result["options"]["width"] == 8 and result["training"]["max_epochs"] == 30
    assert result["front_end"]["frame_subsampling_factor"] == 4 and result["train"]["rows"] == 600
    left = {path.name for path in (small / "run1").iterdir()} - {scalars.FOLDER}  # that one where tensorboard is there
    assert left == {"final.pt", "model.json", "progress.csv"}
    assert len((small / "run1" / "progress.csv").read_text().splitlines()) == 1 + result["result"]["epochs"]


@pytest.mark.parametrize("layers, warned", [(10, True), (9, True), (7, False)])  # 511, 255 and 63 rows either side
def test_filters_that_reach_beyond_all_recordings_are_told(small, capsys, layers, warned):
    train(small, small / "run1", "--arch=dilated", f"--num-layers={layers}", "--width=2", "--max-epochs=1")
    told = capsys.readouterr().err
    assert ("the longest utterance 200 rows (8.00 s): the outer filters see nothing of it" in told) == warned
    assert ("take fewer layers, --num-layers=7 (of run.sh: --train-opts --num-layers=7)" in told) == warned


def test_options_are_checked_without_training(small):
    data = [str(small / "train"), str(small / "dev"), str(small / "run1")]
    program.main([*ARGUMENTS, "--check", *data])
    for bad, message in [
        ("--widht=3", "unrecognized"),
        ("--width=x", "whole number"),
        ("--max-epochs=0", "from 1"),
        ("--num-runs=3", "unrecognized"),
    ]:
        with pytest.raises(SystemExit) as error:
            program.main([*ARGUMENTS, bad, "--check", *data])
        assert error.value.code == 2, message
    assert not (small / "run1").exists()


def test_the_model_of_the_best_epoch_is_kept_in_the_labels_units(small):
    result = train(small, small / "run1", "--learning-rate=0.03")
    model, front_end, description = network.read_model(small / "run1")
    dev, labels_of = Utterances(small / "dev", front_end, "arousal"), Labels(**description["labels"])
    predictions = np.concatenate([predict(model, rows, labels_of) for rows, _ in dev])
    labels = np.concatenate([labels for _, labels in dev])
    assert ccc(labels, predictions) == pytest.approx(result["result"]["dev_ccc"], abs=1e-5)
    lines = (small / "run1" / "progress.csv").read_text().splitlines()[1:]
    values = [float(line.split(",")[2]) for line in lines]
    assert max(values) == pytest.approx(result["result"]["dev_ccc"], abs=1e-6)
    assert values.index(max(values)) + 1 == result["result"]["best_epoch"]
    assert labels_of == fit_labels(Utterances(small / "train", front_end, "arousal"))


def test_early_stopping_waits_for_as_many_epochs_as_it_is_told(small):
    result = train(small, small / "run1", "--patience=3", "--max-epochs=500", "--learning-rate=0.03")["result"]
    assert result["epochs"] == result["best_epoch"] + 3 < 500


def test_a_killed_training_ends_with_the_same_bytes(small, capsys):
    short, data = "--max-epochs=20", [str(small / "train"), str(small / "dev")]
    command = [sys.executable, "-m", "cer.bin.train", *ARGUMENTS, short, *data]
    for kill_after in ("epoch 3 ", "epoch 6 "):
        with subprocess.Popen([*command, str(small / "killed")], stdout=subprocess.PIPE, text=True, cwd=ROOT) as job:
            next(line for line in job.stdout if kill_after in line)
            job.send_signal(signal.SIGKILL)
        assert not (small / "killed" / "final.pt").exists()
    train(small, small / "killed", short)
    again = capsys.readouterr().out
    assert "going on after epoch" in again and "epoch 3 of" not in again
    train(small, small / "whole", short)
    for name in ("final.pt", "model.json", "progress.csv"):
        assert (small / "killed" / name).read_bytes() == (small / "whole" / name).read_bytes()


def test_a_model_tells_how_its_features_were_made_and_is_still_the_same_training(small, capsys):
    before = train(small, small / "run1", "--max-epochs=2")
    sums = np.sum([*Archive(small / "train" / "cmvn.scp").values()], axis=0)
    assert "features" not in before and np.array_equal(before["global_cmvn"], sums) and sums[0, -1] == 2400
    (small / "train" / "conf").mkdir()
    (small / "train" / "conf" / "fbank.conf").write_text("--num-mel-bins=4\n--dither=0\n")
    found = train(small, small / "run2", "--max-epochs=2")
    options = found["features"]["options"]
    assert found["features"]["name"] == "fbank" and Fbank(**options).num_mel_bins == 4 and options["dither"] == 0
    path = small / "run2" / "model.json"
    path.write_text(
        json.dumps({name: value for name, value in found.items() if name not in ("features", "global_cmvn")})
    )
    train(small, small / "run2", "--max-epochs=2")  # a folder of an earlier version is finished work
    assert "trained already" in capsys.readouterr().out
    (small / "train" / "conf" / "fbank.conf").write_text("--num-mel-bins=4\n--vtln-low=100\n")
    assert "features" not in train(small, small / "run3", "--max-epochs=2")
    assert "--vtln-low=100 is no option of ours" in capsys.readouterr().err


def test_seeds_differ_and_repeat(small):
    for folder, srand in [("a", 1), ("b", 1), ("c", 2)]:
        train(small, small / folder, f"--srand={srand}", "--max-epochs=3")
    a, b, c = ((small / folder / "final.pt").read_bytes() for folder in "abc")
    assert a == b != c


def test_finished_work_is_not_done_again_and_other_work_never_takes_its_place(small, capsys):
    train(small, small / "run1", "--max-epochs=3")
    before = (small / "run1" / "final.pt").stat().st_mtime_ns
    train(small, small / "run1", "--max-epochs=3")
    assert "trained already" in capsys.readouterr().out
    assert (small / "run1" / "final.pt").stat().st_mtime_ns == before
    train(small, small / "run1", "--max-epochs=4")
    assert "it stays until this one is finished" in capsys.readouterr().out
    assert (small / ".backup" / "run1.1" / "final.pt").stat().st_mtime_ns == before
    make_data_dir(small / "train", seed=7)
    train(small, small / "run1", "--max-epochs=4")
    assert (small / ".backup" / "run1.2" / "final.pt").exists()


def add_recordings(data, rate=16000):
    """Give the utterances of a small data directory noise of 8 s, as loud as their labels are high."""
    random, labels = np.random.default_rng(0), Archive(data / "arousal.scp")
    for key, y in labels.items():
        samples = random.normal(0, 1000, 8 * rate) * np.repeat(1 + np.abs(y[:200, 0]), rate // 25)
        write_wav(data / f"{key}.wav", samples.clip(-32768, 32767), rate)
    (data / "wav.scp").write_text("".join(f"{key} {data}/{key}.wav\n" for key in labels))


@pytest.mark.parametrize("arch", architectures())
def test_every_architecture_is_trained_and_predicts_what_it_was_chosen_for(small, arch):
    for name in ("train", "dev"):
        add_recordings(small / name)
    found = train(small, small / "model" / "run1", f"--arch={arch}", "--max-epochs=2")
    predict_program.main([str(small / "dev"), str(small / "model"), str(small / "out")])
    outputs = Archive(small / "out" / "output.1.scp")
    pairs = [(y[:200, 0], outputs[key][:, 0]) for key, y in Archive(small / "dev" / "arousal.scp").items()]
    gold, predicted = (np.concatenate(part).astype(np.float64) for part in zip(*pairs, strict=True))
    assert ccc(gold, predicted) == pytest.approx(found["result"]["dev_ccc"], abs=1e-4)


def test_rows_of_samples_are_levelled_and_brought_to_the_models_rate(small):
    add_recordings(small / "train", 44100)
    front_end = waveform.Features()
    utterances = Utterances(small / "train", Rows.of_recordings(small / "train", front_end), "arousal", front_end)
    rows, labels = utterances[0]
    assert rows.shape == (200, 640) and len(labels) == 200
    assert abs(rows.mean()) < 1e-3 and rows.std() == pytest.approx(1, abs=0.05)
    (small / "train" / "label_shift").write_text("0.04003\n")
    with pytest.raises(BadInput, match="found 0.04003 s, expected whole samples at 16000 Hz"):
        Rows.of_recordings(small / "train", front_end)


@pytest.mark.parametrize(
    "options, message",
    [
        (["--upsampling-filter-width=7"], "expected a multiple of the factor 3"),
        (["--target=joy"], r"joy.scp: cannot be read"),
        (["--arch=lstm"], "no such architecture"),
    ],
)
def test_what_cannot_be_trained_ends_with_a_message(small, options, message):
    with pytest.raises(SystemExit) as error:
        train(small, small / "run1", *options)
    assert message in str(error.value) and str(error.value).startswith("ERROR (")
    assert not (small / "run1").exists()


SECOND = 1 + training.RESTART


def test_a_training_that_blew_up_is_restarted_once_marked_and_keeps_weights_that_are_numbers(small, capsys):
    for rate, why in [("1e30", "the loss is nan"), ("30", "no epoch of 2 can be used: in the last one, on dev, ")]:
        result = train(small, small / rate, f"--learning-rate={rate}", "--max-epochs=2")["result"]
        assert (result["learnt"], result["diverged"], result["best_epoch"]) == (False, True, 0)
        assert why in result["reason"] and np.isfinite(result["dev_ccc"])
        [again] = result["restarts"]
        assert again["srand"] == result["srand"] == SECOND and why in again["reason"]
        said = capsys.readouterr()
        assert f"training once more from another seed, {SECOND}" in said.err and "blew up (" in said.err
        assert f"of epoch 0, after a restart from seed {SECOND}" in said.out
        torch.manual_seed(SECOND)
        first = architecture("downup")(16, width=8, num_layers=2).state_dict()
        kept = tensors.read_tensors(small / rate / "final.pt")
        assert all(torch.equal(first[name], kept[name]) for name in first)


def test_a_training_that_did_not_learn_is_restarted_and_one_that_then_learns_is_not_marked(small, capsys, monkeypatch):
    options = ["--learning-rate=0.01", "--patience=3", "--max-epochs=12"]
    one, other = (train(small, small / f"{seed}", *options, f"--srand={seed}")["result"] for seed in (1, SECOND))
    low, high = sorted([one["dev_ccc"], other["dev_ccc"]])
    assert one["learnt"] and other["learnt"] and one["restarts"] == other["restarts"] == []
    monkeypatch.setattr(training, "LEAST", high + 0.1)
    failed = train(small, small / "failed", *options)["result"]
    assert failed["learnt"] is False and failed["diverged"] is False and failed["dev_ccc"] == other["dev_ccc"]
    assert failed["reason"].startswith(
        f"the best dev CCC of {counted(other['epochs'], 'epoch')} is {high if high == other['dev_ccc'] else low:.4f}"
    )
    assert "did not learn (the best dev CCC of" in capsys.readouterr().err
    monkeypatch.setattr(training, "LEAST", (low + high) / 2)
    seed, worse = (1, one) if low == one["dev_ccc"] else (SECOND, other)
    again = train(small, small / "again", *options, f"--srand={seed}")["result"]
    assert [each["srand"] for each in again["restarts"]] == [seed + training.RESTART]
    assert f"{worse['dev_ccc']:.4f}" in again["restarts"][0]["reason"]


class Killed(BaseException):
    """What ends a training in the middle."""


def test_a_restart_too_goes_on_with_the_same_bytes_wherever_it_was_killed(small, monkeypatch):
    options, write, made = ["--patience=2", "--max-epochs=3"], tensors.write_tensors, []
    monkeypatch.setattr(training, "LEAST", 2.0)

    def killed(path, content):
        checksum = write(path, content)
        made.append(path.name)
        if len(made) == at and path.name == claim.CHECKPOINT:
            raise Killed
        return checksum

    at = 0
    monkeypatch.setattr(tensors, "write_tensors", killed)
    train(small, small / "whole", *options)
    for at in range(1, len(made)):
        made.clear()
        with pytest.raises(Killed):
            train(small, small / f"killed{at}", *options)
        train(small, small / f"killed{at}", *options)
        for name in ("final.pt", "model.json", "progress.csv"):
            assert (small / f"killed{at}" / name).read_bytes() == (small / "whole" / name).read_bytes()
    assert at >= 5  # two epochs, the restart, two epochs


def test_an_epoch_whose_outputs_are_far_from_all_labels_is_never_the_best(small, monkeypatch):
    plain = train(small, small / "plain", "--learning-rate=0.01", "--max-epochs=4")["result"]
    assert plain["best_epoch"] == 4
    found, asked = training.Range.far, []

    def far(self, values):
        asked.append(len(values))
        return np.arange(len(values)) < 7 if len(asked) > 6 else found(self, values)  # 7 of 200 rows, three times

    monkeypatch.setattr(training.Range, "far", far)
    result = train(small, small / "run1", "--learning-rate=0.01", "--max-epochs=4")["result"]
    assert result["best_epoch"] == 2 and result["epochs"] == 4


def test_what_is_solved_at_once_is_only_marked(small, monkeypatch):
    monkeypatch.setattr(training, "LEAST", 2.0)
    result = train(small, small / "run1", "--arch=linear_statistics")["result"]
    assert result["learnt"] is False and result["restarts"] == [] and result["best_epoch"] == 1


def test_too_few_epochs_to_tell_are_told(small, capsys, monkeypatch):
    monkeypatch.setattr(training, "LEAST", 2.0)
    result = train(small, small / "run1", "--max-epochs=2")["result"]
    assert result["learnt"] is None and result["restarts"] == []
    assert "too few epochs to tell whether it learns" in capsys.readouterr().err


def test_the_labels_range_is_told_and_three_times_it_is_not_far(small):
    found = train(small, small / "run1", "--max-epochs=1")
    labels = np.concatenate(
        [y for _, y in Utterances(small / "train", network.read_model(small / "run1")[1], "arousal")]
    )
    assert found["label_range"] == [labels.min(), labels.max()]
    bounds = Range(-1.0, 0.5)
    assert bounds.far(np.array([-2.5, -2.6, 2.0, 2.1, np.nan, np.inf])).tolist() == [
        False,
        True,
        False,
        True,
        True,
        True,
    ]
    assert bounds.complaint(np.array([-2.5, 2.0])) is None
    assert bounds.complaint(np.array([3.0, -1258.0, 0.0])) == (
        "2 of 3 outputs are outside -2.5 to 2, three times the labels' range; the furthest is -1258"
    )
    old = Range.of_model({"labels": {"mean": 0.1, "deviation": 0.2}})
    assert (old.low, old.high) == pytest.approx((-0.5, 0.7))


def test_everything_that_is_left_out_of_a_training_is_named(small, capsys):
    def without(data, name, key):
        lines = (small / data / name).read_text().splitlines(keepends=True)
        (small / data / name).write_text("".join(line for line in lines if not line.startswith(key)))

    without("train", "feats.scp", "P01")
    without("dev", "feats.scp", "P02")
    without("dev", "arousal.scp", "P00")
    train(small, small / "run1", "--max-epochs=1")
    said = capsys.readouterr().err
    cure = f"make it again, or run utils/fix_data_dir.sh {small}"
    assert f"{small}/train: left out: 1 utterance with arousal and not in feats.scp: P01; {cure}/train" in said
    assert f"{small}/dev: left out: 1 utterance with arousal and not in feats.scp: P02; {cure}/dev" in said
    assert f"{small}/dev: left out: 1 utterance in feats.scp without arousal: P00" in said
    assert "speakers are in both" not in said  # train has P00 and P02 left, dev P01
    predict_program.main([str(small / "train"), str(small / "run1"), str(small / "out")])
    assert f"{small}/train: left out: 1 utterance in utt2spk and not in feats.scp: P01" in capsys.readouterr().err


def test_speakers_in_both_sets_are_named(small, capsys):
    train(small, small / "run1", "--max-epochs=1")
    assert f"in both {small}/train and {small}/dev: 3 speakers: P00, P01, P02; " in capsys.readouterr().err


def test_an_unreadable_checkpoint_is_named(small):
    train(small, small / "run1", "--max-epochs=3")
    (small / "run1" / "final.pt").write_bytes(b"nonsense")
    with pytest.raises(BadInput, match=r"run1/final.pt: has the checksum sha256 .* damaged or edited"):
        network.read_model(small / "run1")
    description = json.loads((small / "run1" / "model.json").read_text())
    assert description["made_with"].keys() == {"cer", "torch"}


@pytest.mark.parametrize("archive, rows", [("fbank", ""), ("fbank_cm1", ""), ("fbank", "[0:899]")])
def test_features_and_statistics_that_kaldi_made_are_trained_on(tmp_path, archive, rows):
    for name in ("utt2spk", "spk2utt", "utt2dur", "utt2num_frames"):
        shutil.copy(GOLDEN / "data" / "g16" / name, tmp_path)
    for name, source, ending in [("feats.scp", f"fbank/{archive}.scp", rows), ("cmvn.scp", "cmvn/cmvn.scp", "")]:
        lines = [line.split() for line in (GOLDEN / source).read_text().splitlines()]
        (tmp_path / name).write_text("".join(f"{key} {GOLDEN}/{where}{ending}\n" for key, where in lines))
    frames = {key: len(matrix) for key, matrix in Archive(tmp_path / "feats.scp").items()}
    labels = {key: np.sin(np.arange(-(-count // 4)) / 9)[:, None].astype("f") for key, count in frames.items()}
    write_archive(tmp_path, "arousal", labels)
    (tmp_path / "label_shift").write_text("0.04\n")
    program.main([*ARGUMENTS, "--max-epochs=2", str(tmp_path), str(tmp_path), str(tmp_path / "run1")])
    description = model_folder.read_description(tmp_path / "run1")
    assert description["front_end"]["feat_dim"] == 40
    assert description["train"]["rows"] == sum(-(-count // 4) for count in frames.values())


@pytest.mark.parametrize("label_shift, rows", [("0.04", 50), ("0.1", 20)])
def test_options_in_seconds_become_rows_at_the_distance_of_the_labels(small, label_shift, rows):
    for name in ("train", "dev"):
        (small / name / "frame_shift").write_text(f"{float(label_shift) / 4}\n")
        (small / name / "label_shift").write_text(f"{label_shift}\n")
    found = train(small, small / "run1", "--arch=linear_statistics", "--window=2s")
    assert found["options"]["window"] == rows


@pytest.mark.parametrize("seconds, rows", [("0.01s", 0), ("0s", 0), ("9999s", 249975)])
def test_seconds_that_are_no_number_of_rows_are_refused(small, seconds, rows):
    with pytest.raises(SystemExit, match=f"--window: found .* s, which are {rows} rows of 0.04 s, expected"):
        train(small, small / "run1", "--arch=linear_statistics", f"--window={seconds}")
    assert not (small / "run1").exists()


def test_beyond_its_memory_a_training_reads_ahead_and_leaves_the_same_bytes(tmp_path):
    for name, seed in [("train", 1), ("dev", 2)]:
        make_data_dir(tmp_path / name, utterances=4, rows=4000, seed=seed)
    train(tmp_path, tmp_path / "kept", "--max-epochs=3")
    train(tmp_path, tmp_path / "read", "--max-epochs=3", "--max-memory=1")  # room for 3 of 8 utterances
    for name in ("final.pt", "model.json", "progress.csv"):
        assert (tmp_path / "kept" / name).read_bytes() == (tmp_path / "read" / name).read_bytes()


@pytest.mark.parametrize("arch", ["downup", "single", "blstm"])
def test_long_utterances_are_trained_in_parts(small, arch, monkeypatch):
    lengths = {"step": [], "outputs": []}
    for name, found in lengths.items():

        def told(self, inputs, *others, name=name, found=found):
            found.append(inputs.rows if arch == "single" else len(inputs))
            return getattr(Steps, f"own_{name}")(self, inputs, *others)

        monkeypatch.setattr(Steps, f"own_{name}", getattr(Steps, name), raising=False)
        monkeypatch.setattr(Steps, name, told)
    options = ["--max-epochs=1", f"--arch={arch}"] if arch != "downup" else ["--max-epochs=1"]
    assert train(small, small / "whole", *options)["training"]["max_minutes"] == 60
    whole = {name: sorted(found) for name, found in lengths.items()}
    longest = max(whole["step"])
    for found in lengths.values():
        found.clear()
    train(small, small / "parts", *options, f"--max-minutes={longest * 0.04 / 60 / 3}")
    assert sorted(lengths["outputs"]) == whole["outputs"] and len(lengths["step"]) == 3 * len(whole["step"])
    assert max(lengths["step"]) == -(-longest // 3) and sum(lengths["step"]) == sum(whole["step"])


SOLVED = {
    "linear_statistics": ["--window=10"],
    "linear_stacking": ["--context=2", "--every=5"],
    "svr": ["--window=10", "--every=1"],
    "sparse_coding": ["--norm-vars=false", "--atoms=4", "--window=10", "--every=1"],
}


@pytest.mark.parametrize("delay", [0, 7])
@pytest.mark.parametrize("arch", SOLVED)
def test_what_is_solved_takes_long_utterances_in_parts_to_the_same_result(small, arch, delay, monkeypatch):
    options = [f"--arch={arch}", *SOLVED[arch], f"--label-delay={delay * 0.04}", "--delay-edges=mask"]
    whole = train(small, small / "whole", *options)["result"]["dev_ccc"]
    monkeypatch.setattr(network, "CHUNK", 50)
    taken, targets = [], Prepared.targets
    monkeypatch.setattr(Prepared, "targets", lambda self, *others: taken.append(len(self)) or targets(self, *others))
    parts = train(small, small / "parts", *options)["result"]["dev_ccc"]
    assert min(taken) > 3  # utterances
    close = {"abs": 0.02} if arch == "sparse_coding" else {"abs": 1e-4}  # its dictionary is learnt from other frames
    assert parts == pytest.approx(whole, **close)


def test_runs_in_one_process_read_their_data_once_unless_it_changes(small, monkeypatch):
    read = []
    original = Utterances._read
    monkeypatch.setattr(Utterances, "_read", lambda self, key: read.append(key) or original(self, key))
    for run in ("1", "2"):
        train(small, small / f"run{run}", "--max-epochs=2", f"--srand={run}")
    assert sorted(read) == ["P00", "P00", "P01", "P01", "P02", "P02"]  # of both sets
    make_data_dir(small / "dev", seed=3)
    before, after = (train(small, small / f"run{run}", "--max-epochs=2", f"--srand={run}") for run in ("2", "3"))
    assert len(read) == 12 and before["dev"]["checksum"] == after["dev"]["checksum"]
