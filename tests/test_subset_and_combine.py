"""utils/subset_data_dir.sh and combine_data.sh: tables of some or more utterances, with their labels and shifts."""

import subprocess

import data_dir
import pytest
from conftest import ROOT, called, make_data_dir
from datadir import selection

from cer.base.facts import Stamp
from cer.base.tables import read_table
from cer.data.datadir import Archive


def run(script, *words):
    """The status of the program of this script, and what it prints."""
    done = called(data_dir.main, script, *words)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("script, option", [("subset_data_dir.sh", "--utt-list"), ("combine_data.sh", None)])
def test_the_script_calls_its_program(source, tmp_path, script, option):
    (tmp_path / "list").write_text("P00\n")
    good = [option, tmp_path / "list", source, tmp_path / "new"] if option else [tmp_path / "new", source, source]
    for words, status, said in ((["--help"], 0, "e.g.:"), (["x"], 1, ""), (good, 0, f"{script}: {tmp_path}/new: ")):
        done = subprocess.run([ROOT / "utils" / script, *words], capture_output=True, text=True)
        assert done.returncode == status and said in done.stdout


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


@pytest.mark.parametrize("script", ["subset_data_dir.sh", "combine_data.sh"])
@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help(script, word):
    status, text = run(script, word)
    assert status == 0 and "e.g.:" in text


@pytest.fixture
def rated(source):
    """The same with two recordings cut into utterances, and the ratings behind the labels."""
    (source / "segments").write_text("P00 R1 0 1\nP01 R1 1 2\nP02 R2 0 1\nP03 R2 1 2\n")
    (source / "wav.scp").write_text("R1 1.wav\nR2 2.wav\n")
    (source / "ratings").mkdir()
    (source / "ratings" / "raters").write_text("FM1 FM2\n")
    (source / "ratings" / "arousal.scp").write_text("P00 r.ark:1\nP01 r.ark:2\nP03 r.ark:4\n")
    return source


def test_a_directory_of_two_makings_is_none(source, tmp_path, monkeypatch):
    (tmp_path / "list").write_text("P00\n")
    words = ("subset_data_dir.sh", "--utt-list", tmp_path / "list", source, tmp_path / "new")
    assert run(*words)[0] == 0
    write, written = selection.write_text, []

    def killed(path, text):
        written.append(path.name)
        if len(written) == 3:
            raise KeyboardInterrupt
        write(path, text)

    monkeypatch.setattr(selection, "write_text", killed)
    (tmp_path / "list").write_text("P01\n")
    with pytest.raises(KeyboardInterrupt):
        data_dir.main(["subset_data_dir.sh", *map(str, words[1:])])
    assert len(list((tmp_path / "new").iterdir())) > 3 and not (tmp_path / "new" / "utt2spk").exists()
    monkeypatch.undo()
    assert run(*words)[0] == 0 and list(read_table(tmp_path / "new" / "utt2spk")) == ["P01"]


def names(directory):
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


TABLES = {"utt2spk", "spk2utt", "feats.scp", "arousal.scp", "cmvn.scp", "utt2num_frames", "frame_shift", "label_shift"}


@pytest.mark.parametrize("script", ["subset_data_dir.sh", "combine_data.sh"])
def test_a_configuration_goes_only_with_the_features_that_were_made_with_it(source, tmp_path, script):
    words = ["--utt-list", source / "utt2spk", source, tmp_path / "new"]
    words = words if script.startswith("subset") else [tmp_path / "new", source]
    Stamp(source / ".done.fbank").commit([source / "feats.scp", source / "conf" / "fbank.conf"], {})
    assert run(script, *words)[0] == 0 and (tmp_path / "new" / "conf" / "fbank.conf").exists()
    archive = source / "data" / "feats.ark"
    archive.write_bytes(archive.read_bytes()[:-1] + b"?")  # by another program
    assert run(script, *words)[0] == 0 and not (tmp_path / "new" / "conf" / "fbank.conf").exists()


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


@pytest.mark.parametrize("option, ids", [("--spk-list", "A"), ("--utt-list", r"P00\nP01")])
def test_the_list_of_a_subset_may_be_a_pipe(source, tmp_path, option, ids):
    call = f"{ROOT}/utils/subset_data_dir.sh {option} <(printf '{ids}\\n') {source} {tmp_path}/few"
    done = subprocess.run(["bash", "-c", call], capture_output=True, text=True)
    assert done.returncode == 0 and set(read_table(tmp_path / "few/utt2spk")) == {"P00", "P01"}, done.stderr


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


def test_ids_that_the_source_lacks_are_named_five_at_most(source, tmp_path):
    (tmp_path / "list").write_text("P00\nQ1\nQ3\nQ2\nQ4\nQ5\nQ6\n")
    status, text = run("subset_data_dir.sh", "--utt-list", tmp_path / "list", source, tmp_path / "few")
    warning = f"subset_data_dir.sh: WARNING: 6 ids of {tmp_path}/list are not in {source}: Q1 Q2 Q3 Q4 Q5\n"
    assert status == 0 and warning in text
    (tmp_path / "list").write_text("A\n")
    assert "WARNING" not in run("subset_data_dir.sh", "--spk-list", tmp_path / "list", source, tmp_path / "few")[1]


@pytest.mark.parametrize(
    "words, message",
    [
        (["--spk-list", "list", "source", "few"], "none of its 1 ids is in"),
        (["--spk-list", "no", "source", "few"], "no: no such file"),
        (["--utt-list", "list", "no", "few"], "no: no such directory"),
        (["--utt-list", "good", "source", "source"], "name another directory"),
        (["source", "100", "few"], "source, expected --utt-list or --spk-list first"),
        (["--utt-list", "good", "source"], "source, missing: <dest-dir>"),
        (["--first", "good", "source", "few"], "found --first, expected --utt-list or --spk-list first"),
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


def test_a_source_without_segments_or_utt2uniq_gets_them_where_another_has_them(rated, tmp_path):
    other = make_data_dir(tmp_path / "other", utterances=1)
    for path in other.iterdir():
        if path.is_file():
            path.write_text(path.read_text().replace("P00 ", "Q00 ").replace(" P00", " Q00"))
    (other / "wav.scp").write_text("Q00 q.wav\n")
    (rated / "utt2uniq").write_text("P00 P00\nP01 P00\nP02 P02\nP03 P03\n")
    status, text = run("combine_data.sh", tmp_path / "all", rated, other)
    assert status == 1 and f"{other}: found no segments" in text and not (tmp_path / "all").exists()
    for name in ("reco2dur", "utt2dur"):
        (other / name).write_text("Q00 2.5\n")
        for sources in ([rated, other], [other, rated]):
            assert run("combine_data.sh", tmp_path / "all", *sources)[0] == 0
            assert (tmp_path / "all/segments").read_text() == (rated / "segments").read_text() + "Q00 Q00 0 2.5\n"
            assert (tmp_path / "all/utt2uniq").read_text() == (rated / "utt2uniq").read_text() + "Q00 Q00\n"
            assert run("validate_data_dir.sh", "--no-text", tmp_path / "all")[0] == 0
        (other / name).unlink()


@pytest.mark.parametrize(
    "words, message",
    [
        ([], "combine_data.sh: found no argument, missing: <dest-dir> <source-dir>"),
        (["all"], "all, missing: <source-dir>"),
        (["--skip-fix", "all", "source"], "found --skip-fix, expected <dest-dir> <source-dir> after"),
        (["source", "source"], "source: is read and would be written over; name another directory"),
        (["all", "source", "none"], "none: no such directory"),
    ],
)
def test_a_combination_that_cannot_be_is_refused(source, tmp_path, words, message):
    status, text = run("combine_data.sh", *(w if w.startswith("--") else tmp_path / w for w in words))
    assert status == 1 and message in text and not (tmp_path / "all").exists()


def test_one_source_alone_is_copied(source, tmp_path):
    assert run("combine_data.sh", tmp_path / "all", source) == (
        0, f"combine_data.sh: {tmp_path}/all: 4 utterances of 1 directories\n"
    )  # fmt: skip
    assert names(tmp_path / "all") == TABLES | {"conf/fbank.conf"}


def test_sources_that_contradict_each_other_are_refused(source, tmp_path):
    other = make_data_dir(tmp_path / "other", utterances=1)
    status, text = run("combine_data.sh", tmp_path / "all", source, other)
    assert status == 1 and "found 'P00 P00', and 'P00 A' in a source before it" in text
    (tmp_path / "list").write_text("A\n")
    run("subset_data_dir.sh", "--spk-list", tmp_path / "list", source, tmp_path / "few")
    (tmp_path / "few" / "frame_shift").write_text("0.02\n")
    status, text = run("combine_data.sh", tmp_path / "all", source, tmp_path / "few")
    assert status == 1 and "few/frame_shift: differs from" in text and not (tmp_path / "all").exists()


def test_statistics_of_a_speaker_in_several_sources_are_left_out_unless_they_are_the_same(source, tmp_path):
    for name, ids in {"one": "P00\nP02\n", "two": "P01\nP03\n"}.items():
        (tmp_path / "list").write_text(ids)
        run("subset_data_dir.sh", "--utt-list", tmp_path / "list", source, tmp_path / name)
    words = ("combine_data.sh", tmp_path / "all", tmp_path / "one", tmp_path / "two")
    assert run(*words)[0] == 0 and set(read_table(tmp_path / "all" / "cmvn.scp")) == {"A", "B", "C"}
    (tmp_path / "two" / "cmvn.scp").write_text("A b.ark:1\nC b.ark:3\n")
    status, text = run(*words)
    assert status == 0 and "cmvn.scp is left out: " in text and "run steps/compute_cmvn_stats.sh\n" in text
    assert not (tmp_path / "all" / "cmvn.scp").exists() and len(read_table(tmp_path / "all" / "feats.scp")) == 4
    assert run("validate_data_dir.sh", "--no-wav", "--no-text", tmp_path / "all")[0] == 0


def keys(path):
    return [line.split()[0] for line in path.read_text().splitlines()]


def test_a_subset_takes_its_ratings_along_and_combining_gives_them_back(rated, tmp_path):
    for name, ids in {"one": "A\n", "two": "B\nC\n"}.items():
        (tmp_path / "list").write_text(ids)
        assert run("subset_data_dir.sh", "--spk-list", tmp_path / "list", rated, tmp_path / name)[0] == 0
        assert run("validate_data_dir.sh", "--no-text", tmp_path / name)[0] == 0
    assert keys(tmp_path / "two" / "ratings" / "arousal.scp") == ["P03"]
    assert (tmp_path / "two" / "ratings" / "raters").read_text() == "FM1 FM2\n"
    status, text = run("combine_data.sh", tmp_path / "all", tmp_path / "one", tmp_path / "two")
    assert status == 0, text
    for name in names(rated) - {name for name in names(rated) if name.startswith("data/")}:
        assert (tmp_path / "all" / name).read_text() == (rated / name).read_text(), name
    (tmp_path / "two" / "ratings" / "raters").write_text("FF1 FF2\n")
    status, text = run("combine_data.sh", tmp_path / "all", tmp_path / "one", tmp_path / "two")
    assert status == 1 and "two/ratings/raters: differs from" in text


def test_label_shift_and_raters_come_from_those_that_have_labels(rated, tmp_path):
    other = make_data_dir(tmp_path / "other", utterances=1, labels=False)
    for name in ("utt2spk", "spk2utt", "feats.scp", "cmvn.scp"):
        (other / name).write_text((other / name).read_text().replace("P00 ", "Q00 ").replace(" P00", " Q00"))
    for sources in ([rated, other], [other, rated]):
        status, text = run("combine_data.sh", tmp_path / "all", *sources)
        assert status == 0, text
        assert (tmp_path / "all" / "label_shift").read_text() == "0.04\n"
        assert (tmp_path / "all" / "ratings" / "raters").exists() and not (tmp_path / "all" / "conf").exists()


def test_what_targets_mean_is_kept_unless_sources_contradict_each_other(source, tmp_path):
    other = make_data_dir(tmp_path / "other", utterances=1)
    for name in ("utt2spk", "spk2utt", "feats.scp", "cmvn.scp", "arousal.scp"):
        (other / name).write_text((other / name).read_text().replace("P00 ", "Q00 ").replace(" P00", " Q00"))
    (source / "targets").write_text("arousal asleep awake\n")
    assert run("subset_data_dir.sh", "--utt-list", source / "utt2spk", source, tmp_path / "few")[0] == 0
    assert (tmp_path / "few" / "targets").read_text() == "arousal asleep awake\n"
    for of_other, kept in ((None, True), ("arousal asleep awake\n", True), ("joy none some\n", False)):
        if of_other:
            (other / "targets").write_text(of_other)
        status, text = run("combine_data.sh", tmp_path / "all", source, other)
        assert status == 0 and (tmp_path / "all" / "targets").exists() == kept, text


def test_what_a_subset_held_before_of_ratings_does_not_stay(rated, tmp_path):
    (tmp_path / "list").write_text("A\n")
    run("subset_data_dir.sh", "--spk-list", tmp_path / "list", rated, tmp_path / "few")
    for name in ("arousal.scp", "raters"):
        (rated / "ratings" / name).unlink()
    run("subset_data_dir.sh", "--spk-list", tmp_path / "list", rated, tmp_path / "few")
    assert not {"ratings/arousal.scp", "ratings/raters"} & names(tmp_path / "few")


@pytest.mark.parametrize("option, part, ids, recordings", [
    ([], "split2/2", ["P02", "P03"], ["R2"]), (["--per-utt"], "split3utt/1", ["P00", "P01"], ["R1"]),
])  # fmt: skip
def test_a_part_of_a_split_is_a_data_directory_with_labels_ratings_and_shifts(rated, option, part, ids, recordings):
    number = part[5]
    assert run("split_data.sh", *option, rated, number)[0] == 0
    folder = rated / part
    for name in ("utt2spk", "segments", "feats.scp", "arousal.scp", "utt2num_frames"):
        assert keys(folder / name) == ids, name
    assert keys(folder / "wav.scp") == recordings
    assert keys(folder / "ratings" / "arousal.scp") == [key for key in ids if key != "P02"]
    for name in ("label_shift", "frame_shift", "ratings/raters", "conf/fbank.conf"):
        assert (folder / name).read_text() == (rated / name).read_text()
    assert run("validate_data_dir.sh", "--no-text", folder)[0] == 0
    (rated / "label_shift").unlink()
    assert run("split_data.sh", *option, rated, number)[0] == 0 and not (folder / "label_shift").exists()


def test_fixing_keeps_labels_and_ratings_in_step_with_segments(rated):
    (rated / "segments").write_text((rated / "segments").read_text().replace("P01 R1 1 2\n", ""))
    status, text = run("fix_data_dir.sh", rated)
    assert status == 0 and "kept 3 utterances out of 4" in text
    for name in ("feats.scp", "arousal.scp", "utt2num_frames"):
        assert keys(rated / name) == ["P00", "P02", "P03"]
    assert keys(rated / "ratings" / "arousal.scp") == ["P00", "P03"]
    assert len(keys(rated / ".backup" / "ratings" / "arousal.scp")) == 3
    assert run("validate_data_dir.sh", "--no-text", rated)[0] == 0
    (rated / "ratings" / "arousal.scp").write_text("P00 r.ark:1\nP99 r.ark:4\n")
    status, text = run("validate_data_dir.sh", "--no-text", rated)
    assert status == 1 and "ratings/arousal.scp:2: found P99" in text
