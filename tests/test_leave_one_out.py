"""local/leave_one_out.sh: every speaker is predicted by networks that never heard them."""

import json
import subprocess

import numpy as np
import pytest
from conftest import ROOT, make_data_dir

from cer.base.errors import BadInput
from cer.base.tables import read_table
from cer.data.datadir import Archive
from local.leave_one_out.folds import folds


def test_each_speaker_is_tested_once_and_dev_is_the_next_in_the_circle():
    speakers = list("ABCDE")
    made = folds(speakers, 2)
    assert list(made) == speakers and made["D"] == {"test": ["D"], "dev": ["E", "A"], "train": ["B", "C"]}
    assert all(sorted(sets["test"] + sets["dev"] + sets["train"]) == speakers for sets in made.values())


@pytest.mark.parametrize("num_dev", [0, 4])
def test_too_few_speakers_are_refused(num_dev):
    with pytest.raises(BadInput, match=f"5 labelled speakers and --num-dev={num_dev}"):
        folds(list("ABCDE"), num_dev)


def rename(directory, old, new):
    for path in directory.iterdir():
        if path.is_file():
            path.write_text("".join(line.replace(old, new) for line in path.open()))


@pytest.fixture
def corpus(tmp_path):
    """Sets train (P00, P01), dev (Q00, Q01) and test (no labels)."""
    make_data_dir(tmp_path / "train", utterances=2, seed=1)
    rename(make_data_dir(tmp_path / "dev", utterances=2, seed=2), "P0", "Q0")
    rename(make_data_dir(tmp_path / "test", utterances=2, seed=3, labels=False), "P0", "R0")
    return tmp_path


def leave_one_out(corpus, *options):
    opts = ["--opts", "--max-epochs=2 --width=4", "--num-runs", "2", "--num-dev", "1", *options]
    words = ["downup", "arousal", corpus, corpus / "out"]
    done = subprocess.run(["local/leave_one_out.sh", *opts, *words], cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_all_labelled_speakers_are_held_out_and_scored_as_one(corpus):
    status, text = leave_one_out(corpus)
    assert status == 0, text
    out = corpus / "out"
    speakers = ["P00", "P01", "Q00", "Q01"]
    assert list(read_table(out / "Q01" / "data" / "test" / "utt2spk")) == ["Q01"]
    assert list(read_table(out / "Q01" / "data" / "dev" / "utt2spk")) == ["P00"]
    assert list(read_table(out / "Q01" / "data" / "train" / "utt2spk")) == ["P01", "Q00"]
    record = json.loads((out / "score.json").read_text())
    assert list(record["recordings"]) == list(record["speakers"]) == speakers and len(record["runs"]) == 2
    for speaker in speakers:
        assert record["speakers"][speaker]["ccc"] == pytest.approx(record["recordings"][speaker]["ccc"])
        own = Archive(out / speaker / "predict" / "output.scp")[speaker]
        assert np.array_equal(Archive(out / "predict_all" / "output.scp")[speaker], own)
    report = (out / "sections" / "85-leave_one_out.md").read_text()
    assert report.startswith("## Leave one speaker out: downup, arousal\n") and f"{record['ccc']:.3f}" in report

    weights = {path: path.stat().st_mtime_ns for path in out.glob("*/run*/final.pt")}
    (out / "P01" / ".done.run2").unlink()  # as after a kill
    status, text = leave_one_out(corpus)
    assert status == 0 and "P01: 1 of 2 runs are up to date" in text and text.count("2 of 2 runs") == 3, text
    assert {path: path.stat().st_mtime_ns for path in weights} == weights and len(weights) == 8


def test_without_labels_there_is_nothing_to_leave_out(corpus):
    status, text = leave_one_out(corpus, "--sets", "test")
    assert status == 1 and "no arousal.scp in any of" in text
