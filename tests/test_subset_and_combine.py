"""utils/subset_data_dir.sh and combine_data.sh: tables of some or more utterances, with their labels and shifts."""

import subprocess

import pytest
from conftest import ROOT, make_data_dir

from cer.datadir import Archive, read_table


def run(script, *words):
    done = subprocess.run([f"utils/{script}", *words], cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def source(tmp_path):
    directory = make_data_dir(tmp_path / "source", utterances=4)
    (directory / "utt2spk").write_text("P00 A\nP01 A\nP02 B\nP03 C\n")
    (directory / "spk2utt").write_text("A P00 P01\nB P02\nC P03\n")
    (directory / "cmvn.scp").write_text("A a.ark:1\nB a.ark:2\nC a.ark:3\n")
    (directory / "utt2num_frames").write_text("P00 1\nP01 2\nP02 3\nP03 4\n")
    (directory / "conf").mkdir()
    (directory / "conf" / "fbank.conf").write_text("--dither=0\n")
    return directory


def names(directory):
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


TABLES = {"utt2spk", "spk2utt", "feats.scp", "arousal.scp", "cmvn.scp", "utt2num_frames", "frame_shift", "label_shift"}


@pytest.mark.parametrize("option, ids", [("--spk-list", "C\nA extra words\n"), ("--utt-list", "P03\nP00\nP01\n")])
def test_a_subset_has_the_lines_of_its_utterances_and_no_archive(source, tmp_path, option, ids):
    (tmp_path / "list").write_text(ids)
    status, text = run("subset_data_dir.sh", option, tmp_path / "list", source, tmp_path / "few")
    assert status == 0 and "3 of the 4 utterances" in text
    few = tmp_path / "few"
    assert names(few) == TABLES | {"conf/fbank.conf"}
    assert (few / "utt2spk").read_text() == "P00 A\nP01 A\nP03 C\n" and set(Archive(few / "feats.scp")) == {
        "P00",
        "P01",
        "P03",
    }
    assert read_table(few / "spk2utt") == {"A": "P00 P01", "C": "P03"} and set(read_table(few / "cmvn.scp")) == {
        "A",
        "C",
    }
    assert (Archive(few / "arousal.scp")["P03"] == Archive(source / "arousal.scp")["P03"]).all()
    assert (few / "label_shift").read_text() == "0.04\n"


def test_a_subset_by_recordings_follows_segments(source, tmp_path):
    (source / "segments").write_text("P00 R1 0 1\nP01 R1 1 2\nP02 R2 0 1\nP03 R2 1 2\n")
    (source / "wav.scp").write_text("R1 1.wav\nR2 2.wav\n")
    (tmp_path / "list").write_text("A\n")
    assert run("subset_data_dir.sh", "--spk-list", tmp_path / "list", source, tmp_path / "few")[0] == 0
    assert (tmp_path / "few" / "wav.scp").read_text() == "R1 1.wav\n"


def test_what_a_subset_held_before_does_not_stay(source, tmp_path):
    (tmp_path / "list").write_text("A\n")
    (tmp_path / "few" / "conf").mkdir(parents=True)
    (tmp_path / "few" / "conf" / "pitch.conf").write_text("--x=1\n")
    (tmp_path / "few" / "valence.scp").write_text("P00 old.ark:1\n")
    (tmp_path / "few" / "utt2dur").write_text("P00 1\n")
    assert run("subset_data_dir.sh", "--spk-list", tmp_path / "list", source, tmp_path / "few")[0] == 0
    assert not {"valence.scp", "utt2dur", "conf/pitch.conf"} & names(tmp_path / "few")


@pytest.mark.parametrize(
    "words, message",
    [
        (["--spk-list", "list", "source", "few"], "none of its 1 ids is in"),
        (["--spk-list", "no", "source", "few"], "no: no such file"),
        (["--utt-list", "list", "no", "few"], "no: no such directory"),
        (["--utt-list", "good", "source", "source"], "name another directory"),
        (["source", "100", "few"], "expected\nUsage"),
    ],
)
def test_a_subset_that_cannot_be_is_refused(source, tmp_path, words, message):
    (tmp_path / "list").write_text("X\n")
    (tmp_path / "good").write_text("P00\n")
    status, text = run("subset_data_dir.sh", *(w if w.startswith("--") or w == "100" else tmp_path / w for w in words))
    assert status == 1 and message in text and not (tmp_path / "few").exists()


def test_parts_combined_are_the_whole_again(source, tmp_path):
    for name, ids in {"one": "C\n", "two": "A\nB\n"}.items():
        (tmp_path / "list").write_text(ids)
        run("subset_data_dir.sh", "--spk-list", tmp_path / "list", source, tmp_path / name)
    status, text = run("combine_data.sh", tmp_path / "all", tmp_path / "one", tmp_path / "two")
    assert status == 0 and "4 utterances of 2 directories" in text
    for name in TABLES | {"conf/fbank.conf"}:
        assert (tmp_path / "all" / name).read_text() == (source / name).read_text()


def test_combining_takes_labels_where_they_are_and_other_files_only_from_all(source, tmp_path):
    other = make_data_dir(tmp_path / "other", utterances=1, labels=False)
    for name in ("utt2spk", "spk2utt", "feats.scp", "cmvn.scp"):
        (other / name).write_text((other / name).read_text().replace("P00 ", "Q00 ").replace(" P00", " Q00"))
    status, text = run("combine_data.sh", tmp_path / "all", source, other)
    assert status == 0 and "utt2num_frames is left out" in text, text
    assert (
        len(read_table(tmp_path / "all" / "feats.scp")) == 5 and len(read_table(tmp_path / "all" / "arousal.scp")) == 4
    )
    assert not (tmp_path / "all" / "utt2num_frames").exists() and (tmp_path / "all" / "frame_shift").exists()


def test_sources_that_contradict_each_other_are_refused(source, tmp_path):
    other = make_data_dir(tmp_path / "other", utterances=1)
    status, text = run("combine_data.sh", tmp_path / "all", source, other)
    assert status == 1 and "found 'P00 P00', and 'P00 A' in a source before it" in text
    (tmp_path / "list").write_text("A\n")
    run("subset_data_dir.sh", "--spk-list", tmp_path / "list", source, tmp_path / "few")
    (tmp_path / "few" / "frame_shift").write_text("0.02\n")
    status, text = run("combine_data.sh", tmp_path / "all", source, tmp_path / "few")
    assert status == 1 and "few/frame_shift: differs from" in text and not (tmp_path / "all").exists()
