"""A folder of own recordings and traces: what belongs together, what is guessed, and the table that the user edits."""

import os
import subprocess
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import ROOT, write_wav
from corpus_programs import called
from test_traces import CARMA

from cer.base.errors import BadInput
from cer.base.tables import read_table
from cer.corpora import finding, guess, pairing, pairs, scales
from cer.data.datadir import Archive, label_shift
from egs.folder import prepare as program

SECONDS = 4
TIMES = np.arange(SECONDS * 25 + 1) / 25


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def rows(*columns, head="", separator=","):
    """The lines of a file of numbers."""
    return head + "".join(separator.join(f"{value:.4f}" for value in row) + "\n" for row in zip(*columns, strict=True))


def make(mine):
    """Six recordings of three speakers; traces of three shapes, rater 2 rated half of CARMA's recordings."""
    half = np.linspace(-0.5, 0.5, len(TIMES))
    (mine / "audio").mkdir(parents=True)
    for n, name in enumerate(f"{speaker}_{n}" for speaker in ("ann", "bob", "cleo") for n in (1, 2)):
        sound = np.sin(np.arange(16000 * SECONDS) / (9 + n)) / 2
        if n == 1:
            soundfile.write(mine / "audio" / f"{name}.flac", sound, 16000)
        else:
            write_wav(mine / "audio" / f"{name}.wav", sound * 9000)
        if name.startswith("ann"):
            carma = CARMA.partition("0.0333")[0] + rows(TIMES + 0.0123, half * 100)
            for rater in ("rater1", "rater2")[: 3 - int(name[-1])]:
                put(mine / "annotations" / "Arousal" / f"{name}_{rater}.csv", carma)
        elif name.startswith("bob"):
            put(mine / f"{name}_arousal.csv", rows(TIMES, half, -half / 2, head="time;x 1;y\n", separator=";"))
        else:
            fifty = np.arange(SECONDS * 50) / 50
            put(mine / "arousal" / "R1" / f"{name}.txt", rows(fifty, np.sin(fifty) / 2, separator=" "))
    put(mine / "notes.txt", "nothing\n")
    return mine


@pytest.fixture
def mine(tmp_path):
    return make(tmp_path / "mine")


def by_script(mine, *options):
    """Run stage 0; returns the data folder and what it prints."""
    command = ["egs/folder/prepare.sh", "--opts", " ".join(options), str(mine), str(mine.parent / "data")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return mine.parent / "data", done.stdout


def prepare(mine, *options, status=0):
    """As stage 0 does it: find, then make; returns the data folder and what is printed, or the last sentence."""
    data, printed = mine.parent / "data", ""
    for step in ("--find", f"--pairs={mine.parent}/data/pairs.csv"):
        error, said = called("folder", step, *options, mine, data)
        printed += said
        if error:
            break
    assert bool(error) == bool(status), printed
    return error if status else (data, printed)


def test_a_folder_becomes_data_directories_and_a_table(mine):
    data, said = prepare(mine)
    assert f"all of that is in {data}/pairs.csv: edit it and run stage 0 again" in said
    assert (
        "left out: 1 file without a recording, or with the names of several: notes.txt" in said
        and "a split by speaker, --seed=1" in said
    )
    assert "6 recordings: train 2 (1 speaker), dev 2 (1 speaker), test 2 (1 speaker); 25 labels a second" in said
    assert (
        "arousal: 6 recordings, raters R1, rater1, rater2, x_1, y; scale of their values -1 to 1, -100 to 100" in said
    )
    utt2spk, found, ratings, wavs = {}, {}, {}, {}
    for name in ("train", "dev", "test"):
        utt2spk |= read_table(data / name / "utt2spk")
        wavs |= read_table(data / name / "wav.scp")
        found |= dict(Archive(data / name / "arousal.scp", gaps=True))
        names = (data / name / "ratings/raters").read_text().split()
        ratings |= {key: (names, one) for key, one in Archive(data / name / "ratings/arousal.scp", gaps=True).items()}
        assert label_shift(data / name) == 0.04
    assert utt2spk == {f"{name}-{n}": name for name in ("ann", "bob", "cleo") for n in (1, 2)}
    assert wavs["ann-1"] == str(mine / "audio/ann_1.wav") and wavs["ann-2"] == str(data / "sound/ann-2.wav")
    assert all(len(one) == len(TIMES) for one in found.values())
    assert np.allclose(ratings["bob-1"][1].T, [found["bob-1"][::-1, 0] * 0 + np.linspace(-0.5, 0.5, len(TIMES)),
                                               np.linspace(0.25, -0.25, len(TIMES))], atol=1e-4)  # fmt: skip
    assert ratings["ann-1"][0] == ["rater1", "rater2"] and np.isnan(ratings["ann-2"][1][:, 1]).all()
    assert np.nanmax(np.abs(found["ann-1"][1:, 0] - np.linspace(-0.5, 0.5, len(TIMES))[1:])) < 0.01
    assert np.nanmax(np.abs(found["cleo-1"][:-1, 0] - np.sin(TIMES[:-1]) / 2)) < 0.01


def test_the_table_is_used_as_the_user_leaves_it(mine, tmp_path):
    data, _ = by_script(mine)
    table = data / "pairs.csv"
    assert "up to date" in by_script(mine)[1]
    text = table.read_text()
    table.write_text(text.replace("-100,100", "-50,50").replace("ann,", "anna,").replace(",arousal,", ",joy,"))
    data, said = by_script(mine)
    assert "joy: 6 recordings" in said and "up to date" not in said
    [name] = [name for name in ("train", "dev", "test") if "anna-ann_1" in read_table(data / name / "utt2spk")]
    assert np.nanmax(Archive(data / name / "joy.scp", gaps=True)["anna-ann_1"]) > 0.95
    table.rename(tmp_path / "other.csv")
    assert "joy" in by_script(mine, f"--pairs={tmp_path}/other.csv")[1] and not table.exists()
    (tmp_path / "mine/targets.txt").write_text("arousal asleep wide_awake\n")
    data, said = by_script(mine, "--seed=2", "--targets=arousal")
    assert "--seed=2" in said and "arousal: 6" in said and (data / "dev/targets").exists()


@pytest.mark.parametrize("folder", ["annotations", "feature film"])
def test_a_trace_that_changes_counts_whatever_its_folder_is_called(mine, folder):
    (mine / "annotations").rename(mine / folder)
    by_script(mine)
    assert "up to date" in by_script(mine)[1]
    trace = mine / folder / "Arousal/ann_2_rater1.csv"
    lines = trace.read_text().splitlines(keepends=True)
    trace.write_text("".join(lines[:-1]))
    assert "up to date" not in by_script(mine)[1]


def test_what_came_later_is_told_and_taken_in_when_asked_for(mine):
    data, _ = prepare(mine)
    table = data / "pairs.csv"
    lines = pairs.read(table)
    [ann] = {line.set for line in lines if line.speaker == "ann"}
    pairs.write(table, [replace(line, speaker="anna" if line.speaker == "ann" else line.speaker) for line in lines])
    edited = table.read_text()
    for name in ("ann_3", "dora_1"):
        write_wav(mine / "audio" / f"{name}.wav", np.sin(np.arange(16000 * SECONDS) / 7) * 9000)
        lines = [f"{name};{t * 1000:.0f};-;{t / 5:.3f}\n".replace(".", ",") for t in TIMES]
        put(mine / f"{name}_arousal.csv", "name;Time [ms];note;felt\n" + "".join(lines))
    put(mine / "bob_1_words.txt", "no trace\n")
    said = prepare(mine)[1]
    assert (
        f"{table} does not name 2 files of traces (ann_3_arousal.csv, dora_1_arousal.csv); new recordings: audio/ann_3"
        in said
    )
    assert "--corpus-opts '--add=true' adds lines" in said and table.read_text() == edited
    assert "lines for them were added" in prepare(mine, "--add=true")[1]
    assert table.read_text().startswith(edited) and "does not name" not in prepare(mine)[1]
    assert "anna-ann_3" in read_table(data / ann / "utt2spk") and "dora-1" in read_table(data / "train/utt2spk")
    assert np.allclose(Archive(data / "train/arousal.scp", gaps=True)["dora-1"][:, 0], TIMES / 5 * 2 - 1, atol=2e-3)


def test_what_comes_later_goes_where_the_partition_says(mine, tmp_path):
    for name in ("ann_3", "dora_1", "emil_1", "emil_2"):
        write_wav(tmp_path / f"{name}.wav", np.sin(np.arange(16000 * SECONDS) / 7) * 9000)
    put(tmp_path / "sets.txt", "train ann\ndev bob_1\ntest bob_2\ntest cleo\n")
    given = f"--partition={tmp_path}/sets.txt"
    data, _ = prepare(mine, given)
    assert "WARNING" not in prepare(mine, given)[1]
    for name in ("ann_3", "dora_1", "emil_1", "emil_2"):
        (tmp_path / f"{name}.wav").rename(mine / "audio" / f"{name}.wav")
        put(mine / f"{name}_arousal.csv", rows(TIMES, TIMES / 9))
    put(mine / "joy/bob_1.csv", rows(TIMES, TIMES / 9))
    before = (data / "pairs.csv").read_text()
    put(tmp_path / "sets.txt", "dev ann\ndev bob_1\ntest bob_2\ntest cleo\ndev dora\n")
    assert "found dev for audio/ann_3.wav, the table has its speaker ann in train" in prepare(
        mine, given, "--add=true", status=1
    )
    assert (data / "pairs.csv").read_text() == before
    told = prepare(mine, given)[1]
    assert f"{data}/pairs.csv has other sets than {tmp_path}/sets.txt for audio/ann_1.wav, audio/ann_2.flac" in told
    put(tmp_path / "sets.txt", "train ann\ndev bob_1\ntest bob_2\ntest cleo\ndev dora\ntest emil_2\n")
    data, told = prepare(mine, given, "--add=true")
    assert "audio/emil_1.wav left out: in no set" in told and "other sets" not in told
    sets = {key: name for name in ("train", "dev", "test") for key in read_table(data / name / "utt2spk")}
    assert (sets["ann-3"], sets["dora-1"], sets["emil-2"], sets["bob-1"]) == ("train", "dev", "test", "dev")
    assert "emil-1" not in sets and "bob-1" in read_table(data / "dev/joy.scp")


def test_a_spreadsheet_may_part_columns_by_semicolons_where_commas_are_decimal(mine):
    lines, _ = finding.find(mine)
    table = mine.parent / "data/pairs.csv"
    pairs.write(table, [replace(line, low=line.low * 1.5, rate=line.rate and 49.979) for line in lines[1:]])
    expected = pairs.read(table)
    table.write_text("\ufeff" + table.read_text().replace(",", ";").replace(".5;", ",5;").replace("49.979", "49,979"))
    assert pairs.read(table) == expected
    pairs.append(table, lines[:1])
    assert pairs.read(table) == [*expected, lines[0]]


def test_a_table_of_an_earlier_version_has_times_first(mine):
    data, _ = prepare(mine)
    table = data / "pairs.csv"
    old = [",".join(line.split(",")[:4] + line.split(",")[5:]) for line in table.read_text().splitlines()]
    before = dict(Archive(data / "train/arousal.scp", gaps=True))
    table.write_text("\n".join(old) + "\n")
    prepare(mine)
    after = dict(Archive(data / "train/arousal.scp", gaps=True))
    assert all(np.array_equal(before[key], after[key], equal_nan=True) for key in before)


def test_sets_may_be_given_or_said_by_names(mine, tmp_path):
    put(tmp_path / "sets.txt", "train ann\ndev bob_1\ntest cleo\n")
    data, said = prepare(mine, f"--partition={tmp_path}/sets.txt")
    assert "bob_2.wav left out: in no set" in said or "train 2 (1 speaker), dev 1 (1 speaker), test 2 (1" in said
    assert [*read_table(data / "train/utt2spk")] == ["ann-1", "ann-2"]
    put(tmp_path / "sets.txt", "train ann\ndev zoe\n")
    (data / "pairs.csv").unlink()
    assert "sets.txt: found zoe, expected speakers such as ann, or names of recordings such as ann_1" in prepare(
        mine, f"--partition={tmp_path}/sets.txt", status=1
    )
    sets, how = finding.sets_of({"train/a.wav": "a", "b/devel_1.wav": "b"})
    assert sets == {"train/a.wav": "train", "b/devel_1.wav": "dev"} and how == "as the names say"


@pytest.mark.parametrize("hole, rate, options, bridged", [
    (1.0, 10, {}, True), (1.1, 10, {}, False), (1.1, 10, {"gap": 1.2}, True), (0.8, 10, {"gap": 0.5}, False),
    (1.25, 2, {}, True), (1.3, 2, {}, False),
])  # fmt: skip
def test_gaps_are_of_more_than_a_second_and_of_more_than_two_labels_and_a_half(tmp_path, hole, rate, options, bridged):
    sound, line = (
        write_wav(tmp_path / "x.wav", np.arange(64000) % 999),
        ["0", "1", "joy", "R1", 0, 2, "", "s", None, rate],
    )
    put(
        tmp_path / "x.csv", rows(np.r_[0:1.05:0.05, 1 + hole : 4 : 0.05], np.ones(21 + len(np.r_[1 + hole : 4 : 0.05])))
    )
    lines = [pairs.Line("x.wav", "ann", "dev", "x.csv", *line), pairs.Line("x.wav", "ann", "dev", "no.csv", *line)]
    lines[1].target = "fear"  # not asked for: its file is not read
    [item] = program.read(tmp_path, tmp_path / "data", lines, ["joy"], **options)
    assert (item.set, item.id, item.speaker, item.wav, [*item.rated]) == ("dev", "ann-x", "ann", sound, ["joy"])
    found = item.rated["joy"].raters
    assert found.shift == 1 / rate and found.names == ["R1"] and found.values[0, 0] == 0
    assert np.isnan(found.values[0, : int(3.9 * rate)]).any() != bridged


def test_targets_that_are_not_in_the_table_are_named_and_others_left_out(mine):
    put(mine / "ann_1_joy.csv", rows(TIMES, TIMES / 9))
    assert "--targets: found fear, expected some of arousal, joy" in prepare(mine, "--targets=fear,joy", status=1)
    (mine / "targets.txt").write_text("arousal asleep wide_awake\n")
    data, _ = prepare(mine, "--targets=arousal")
    assert not [*data.glob("*/joy.scp")] and len([*data.glob("*/arousal.scp")]) == 3
    assert read_table(data / "dev/targets") == {"arousal": "asleep wide_awake"}
    assert (data / "dev/corpora").read_text() == "recordings of mine\n"


@pytest.mark.parametrize("change, message", [
    (lambda t: t.replace("column,", "colour,"), "pairs.csv:1: found no column column"),
    (lambda t: t.replace(",train,", ",exam,"), ": found the set 'exam', expected one of train, dev, test"),
    (lambda t: t.replace("audio/bob_1", "../bob_1"), "found the recording '../bob_1.wav', expected a path below"),
    (lambda t: t.replace("audio/bob_1", "audio/bib_1"), "bib_1.wav: cannot be read (No such file"),
    (lambda t: t.replace("x_1", "z"), "found ['time', 'x 1', 'y'], expected the columns time, z"),
    (lambda t: t.replace("-100,100", "100,-100"), "expected low < high"),
    (lambda t: t.replace("-100,100", "low,100"), "pairs.csv:2: found 'low', expected a finite number"),
    (lambda t: t.replace("-100,100", "-10,10"), "Rating: found -50, expected -10 to 10"),
    (lambda t: t.replace(",25\n", ",50\n", 1), "found the label_rate 25, 50, expected one for all lines"),
    (lambda t: t.replace(",ann,", ",eve,", 1), "pairs.csv:3: found the speaker ann of audio/ann_1.wav, eve above"),
    (lambda t: t.replace(",s,,", ",,,"), "found the unit '' and rate None, expected one of the two"),
    (lambda t: t.replace(",arousal,", ",../x,"), "target: found '../x', expected letters"),
    (lambda t: t.partition("\n")[0] + "\n", "found no rows below the names"),
])  # fmt: skip
def test_what_is_wrong_in_the_table_is_named(mine, change, message):
    lines, _ = finding.find(mine)
    table = mine.parent / "data/pairs.csv"
    pairs.write(table, lines)
    table.write_text(change(table.read_text()))
    assert message.replace("Rating", "rater1") in prepare(mine, status=1)


@pytest.mark.parametrize("name, target, rater", [
    ("ann.csv", "", ""), ("arousal/ann.csv", "arousal", ""), ("ann_arousal.csv", "arousal", ""),
    ("ann/valence.csv", "valence", ""),
    ("ann_arousal_rater1.csv", "arousal", "rater1"), ("arousal/rater1/ann.txt", "arousal", "rater1"),
    ("Annotations/Valence/R_2/ann-trace.tsv", "valence", "R_2"), ("ANN.joy.csv", "joy", ""),
    ("ann/fm1/activation.dat", "arousal", "fm1"), ("CARMA/ann_arousal_fm1.csv", "arousal", "fm1"),
    ("ann_arousal2.csv", "arousal", "2"), ("JGValence/ann.mp4.csv", "valence", "JG"), ("ann.AVI_joy.csv", "joy", ""),
])  # fmt: skip
def test_names_say_what_belongs_together(tmp_path, name, target, rater):
    for other in ("ann.wav", "ann_b.wav", "an.wav", name, "annex_arousal.csv", ".hidden/ann.csv", "image.png"):
        put(tmp_path / other, "")
    found, silent, alone, _ = pairing.find(tmp_path)
    assert found == [pairing.Pair(Path("ann.wav"), Path(name), target, rater)]
    assert silent == [Path("an.wav"), Path("ann_b.wav")] and alone == [Path("annex_arousal.csv")]


def test_the_nearest_and_longest_name_says_the_recording(tmp_path):
    for name in ("ann.wav", "ann_b.wav", "bob.wav", "ann/bob_joy.csv", "ann_b_joy.csv", "bob/ann_joy.csv"):
        put(tmp_path / name, "")
    put(tmp_path / "elsewhere/bob.csv", "")
    (tmp_path / "joy").symlink_to(tmp_path / "elsewhere")
    found = {str(pair.trace): (str(pair.recording), pair.target, pair.rater) for pair in pairing.find(tmp_path)[0]}
    assert found == {
        "ann/bob_joy.csv": ("bob.wav", "ann", "joy"), "ann_b_joy.csv": ("ann_b.wav", "joy", ""),
        "bob/ann_joy.csv": ("ann.wav", "bob", "joy"), "elsewhere/bob.csv": ("bob.wav", "elsewhere", ""),
        "joy/bob.csv": ("bob.wav", "joy", ""),
    }  # fmt: skip


def test_a_link_to_a_folder_that_it_lies_in_is_not_followed(tmp_path, monkeypatch):
    for name in ("top/ann.wav", "top/a/ann_joy.csv"):
        put(tmp_path / name, "")
    (tmp_path / "top/a/up").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    found, silent, alone, _ = pairing.find("top")
    assert [str(pair.trace) for pair in found] == ["a/ann_joy.csv"] and silent == alone == []


def test_a_name_that_begins_with_a_recordings_is_of_that_one_whatever_else_it_holds(tmp_path):
    for name in ("1.wav", "2.wav", "10.wav", "2_rater_1.csv", "1_rater_10.csv", "rater_1_2.csv", "10_joy.csv"):
        put(tmp_path / name, "")
    found, _, alone, _ = pairing.find(tmp_path)
    assert {str(pair.trace): str(pair.recording) for pair in found} == {
        "2_rater_1.csv": "2.wav", "1_rater_10.csv": "1.wav", "10_joy.csv": "10.wav",
    }  # fmt: skip
    assert alone == [Path("rater_1_2.csv")]


def test_letters_beyond_ascii_are_letters(tmp_path):
    for name in ("jo.wav", "jo_joy.csv", "joël_joy.csv", "İİ_1.wav", "İİ_1_joy.csv"):
        put(tmp_path / name, "")
    found, _, alone, _ = pairing.find(tmp_path)
    assert [(str(pair.trace), pair.target) for pair in found] == [("jo_joy.csv", "joy"), ("İİ_1_joy.csv", "joy")]
    assert alone == [Path("joël_joy.csv")]


def test_recordings_of_one_name_are_told_apart_by_their_folders(tmp_path):
    for name in ("one/a.wav", "two/a.wav", "one/a_arousal.csv", "traces/two/a.csv"):
        put(tmp_path / name, "")
    found = {str(pair.trace): str(pair.recording) for pair in pairing.find(tmp_path)[0]}
    assert found == {"one/a_arousal.csv": "one/a.wav", "traces/two/a.csv": "two/a.wav"}
    lines = [
        pairs.Line(one, "s", "train", "", "", "", "", "", -1, 1, "", "s", None, 25)
        for one in ("one/a.wav", "two/a.wav")
    ]
    assert pairs.ids_of(lines) == {"one/a.wav": "s-a-one_a", "two/a.wav": "s-a-two_a"}


def test_traces_of_recordings_of_one_name_are_told_apart_by_the_names_of_their_folders(tmp_path):
    for name in ("ann/1.wav", "Jo\u0308 b/1.wav", "b/1.wav", "b/1.mp3", "ann/2.wav", "ann_b/2.wav", "arousal/3.wav",
                 "x/3.wav"):  # fmt: skip
        put(tmp_path / name, "")
    said = {
        "arousal/ann_1.csv": ("ann/1.wav", "arousal", ""), "joy/J\u00f6 b_1_r2.csv": ("J\u00f6 b/1.wav", "joy", "r2"),
        "b/joy/1.csv": ("b/1.wav", "joy", ""), "ann/1.csv": ("ann/1.wav", "", ""), "b/1.tsv": ("b/1.wav", "", ""),
        "ann_b_2_fear.csv": ("ann_b/2.wav", "fear", ""), "ann/fear_2.csv": ("ann/2.wav", "fear", ""),
        "arousal/3.csv": ("arousal/3.wav", "arousal", ""), "joy/1.csv": None, "1_ann_b.csv": None, "zoe_2.csv": None,
    }  # fmt: skip
    for name in said:
        put(tmp_path / name, "")
    found, _, alone, _ = pairing.find(tmp_path)
    nfc = {str(pair.trace): unicodedata.normalize("NFC", str(pair.recording)) for pair in found}
    assert {str(pair.trace): (nfc[str(pair.trace)], pair.target, pair.rater) for pair in found} == {
        name: what for name, what in said.items() if what
    }
    assert {*map(str, alone)} == {name for name, what in said.items() if not what}


def test_of_recordings_of_one_name_the_one_in_no_further_folder_counts(tmp_path):
    for name in ("a.wav", "old/a.wav", "b/c.wav", "b/old/c.wav", "joy/a.csv", "joy/c.csv"):
        put(tmp_path / name, "")
    assert [str(pair.recording) for pair in pairing.find(tmp_path)[0]] == ["a.wav", "b/c.wav"]
    put(tmp_path / "a.mp3", "")  # another format of it, which may begin later
    put(tmp_path / "b/c.flac", "")
    assert [str(pair.recording) for pair in pairing.find(tmp_path)[0]] == ["a.wav", "b/c.wav"]


@pytest.mark.parametrize("names, message", [
    (["a.wav", "a.xlsx", "x/a.TextGrid"], "rater1.csv; a.xlsx, x/a.TextGrid cannot be read: save them as .c"),
    (["ann/1.wav", "bob/1.wav", "joy/1.csv"], "with its folder's as several have one name, such as arousal/ann_1.c"),
    ([], "found no recordings; expected names that end in "), ([], "; convert others, such as videos: ffmpeg -i"),
    (["a.wav"], "found 1 recording (a.wav) and 0 files that may hold traces (none), expected the recording's name"),
    ("a.wav b.wav c.wav d.wav e.txt f.txt g.txt h.txt".split(),
     "recordings (a.wav, b.wav, c.wav and 1 more) and 4 files that may hold traces (e.txt, f.txt, g.txt and 1 more),"),
    (["a.wav", "b.csv"], "rater1.csv; divide a table of several recordings (egs/folder/other_corpora.md)"),
    (["a.wav", "b.csv"], "1 file that may hold traces (b.csv), expected the recording's name in each, such as arous"),
])  # fmt: skip
def test_a_folder_without_pairs_is_told_what_was_found(tmp_path, names, message):
    for name in names:
        put(tmp_path / name, "")
    with pytest.raises(BadInput) as error:
        pairing.find(tmp_path)
    assert message in str(error.value)


@pytest.mark.parametrize("names, speakers", [
    (["a_1", "a_2", "b-1", "c"], ["a", "a", "b", "c"]), (["rec_1", "rec_2", "rec_3"], ["rec_1", "rec_2", "rec_3"]),
    (["a1", "b1", "c1"], ["a1", "b1", "c1"]), (["train_1", "train_2", "dev_1", "test_1"],) * 2,
    (["a_1", "b_2", "c_3"],) * 2, (["a_1", "a_2", "b_1"],) * 2,
    (["a_1", "train_2", "train_3", "dev_4"], ["a", "train", "train", "dev"]),
    (["dyad_1_x", "dyad_1_y", "dyad_2_x", "dyad_3_x"], ["dyad_1", "dyad_1", "dyad_2", "dyad_3"]),
])  # fmt: skip
def test_names_group_speakers_or_do_not(names, speakers):
    assert [*pairing.speakers_of(names).values()] == speakers


@pytest.mark.parametrize("text, rate, unit, even", [
    (rows(TIMES, TIMES / 9), None, "s", True), (rows(TIMES * 1000, TIMES / 9), None, "ms", True),
    (rows(TIMES + 0.3, TIMES / 9), None, "s", False), (rows(TIMES / 9), 25, "s", True),
    (rows(np.sin(TIMES), np.cos(TIMES), head="arousal,valence\n"), 25, "s", True),
    (rows(np.zeros(200), np.zeros(200)), 50, "s", True), (rows(np.zeros(37)), 9, "s", True),
])  # fmt: skip
def test_times_and_rates_are_guessed_from_the_recordings_length(tmp_path, text, rate, unit, even):
    put(tmp_path / "x.csv", text)
    found = guess.guess(tmp_path / "x.csv", SECONDS)
    assert (found.rate, found.unit, found.even) == (rate, unit, even)


@pytest.mark.parametrize("text, time, columns, rate, unit", [
    (rows(TIMES / 9, TIMES, head="arousal,Time (s)\n"), "Time_(s)", ["arousal"], None, "s"),
    (rows(np.sin(TIMES), TIMES * 1000, head="joy;timestamp\n", separator=";"), "timestamp", ["joy"], None, "ms"),
    (rows(np.sin(TIMES), TIMES), "1", ["0"], None, "s"),
    (rows(TIMES + 1, TIMES, np.sin(TIMES), head="Time,VideoTime,a\n"), "VideoTime", ["a"], None, "s"),
    (rows(np.sin(TIMES), TIMES, np.cos(TIMES), head="MS,time,S\n"), "time", ["MS", "S"], None, "s"),
    (rows(np.arange(101), TIMES, np.sin(TIMES), head="frame,seconds,a\n"), "seconds", ["a"], None, "s"),
    (rows(np.arange(101), np.sin(TIMES), np.cos(TIMES), head="frame,a,b\n"), "", ["a", "b"], 25, "s"),
    (rows(np.sin(TIMES), TIMES / 9), "", ["0", "1"], 25, "s"),
    ("".join(f"'x.wav';{t:.2f};-;{t / 9:.3f};good\n" for t in TIMES).replace(".", ","), "1", ["3"], None, "s"),
    ("".join(f"{np.sin(t):.2f}\n" for t in TIMES).replace(".", ","), "", ["0"], 25, "s"),
    ("".join(f"{t},{t + 50}\n" for t in range(SECONDS)), "0", ["1"], None, "s"),
])  # fmt: skip
def test_columns_of_times_are_found_wherever_they_are(tmp_path, text, time, columns, rate, unit):
    put(tmp_path / "x.csv", text)
    found = guess.guess(tmp_path / "x.csv", SECONDS)
    assert (found.time, found.columns, found.rate, found.unit) == (time, columns, rate, unit)


@pytest.mark.parametrize(
    "rate", [1, 2, 3, 4, 5, 8, 10, 12.5, 15, 20, 24, 25, 30000 / 1001, 30, 40, 50, 60000 / 1001, 60, 100]
)
def test_usual_rates_are_guessed_though_the_recording_is_a_little_longer(tmp_path, rate):
    put(tmp_path / "x.dat", "0.5\n" * int(60 * rate))
    assert guess.guess(tmp_path / "x.dat", 60.01).rate == rate


def test_a_second_column_of_times_is_no_value(tmp_path):
    put(tmp_path / "x.csv", rows(TIMES * 1000, TIMES, TIMES / 9, head="timestamp,seconds,joy\n"))
    found = guess.guess(tmp_path / "x.csv", SECONDS)
    assert (found.time, found.columns, found.unit, found.high) == (
        "timestamp",
        ["joy"],
        "ms",
        pytest.approx(4 / 9, abs=1e-4),
    )
    put(tmp_path / "x.csv", rows(TIMES, TIMES / 9, head="time,seconds\n"))  # the only other one holds the values
    assert guess.guess(tmp_path / "x.csv", SECONDS).columns == ["seconds"]


def test_a_long_trace_at_an_odd_rate_is_guessed(tmp_path):
    for rate in (49.979, 50, 60):
        put(tmp_path / "x.dat", "0.5\n" * int(300 * rate))
        assert guess.guess(tmp_path / "x.dat", 300.02).rate == rate


@pytest.mark.parametrize("count, rate", [(97, 24), (98, 25), (102, 25), (103, 25.5), (197, 49), (198, 50), (202, 50)])
def test_a_rate_is_a_usual_one_if_it_explains_all_but_two_values(tmp_path, count, rate):
    put(tmp_path / "x.csv", "0.5\n" * count)
    found = guess.guess(tmp_path / "x.csv", SECONDS)
    assert found.rate == rate and found.step == pytest.approx(1 / rate) and found.even


def test_a_line_without_a_time_is_named(tmp_path):
    put(tmp_path / "x.csv", "time,rater1\n0,0.5\n,0.25\n" + rows(TIMES[2:], TIMES[2:] / 8))
    with pytest.raises(BadInput, match="x.csv:3: found no time, expected one in the column time"):
        guess.guess(tmp_path / "x.csv", SECONDS)


@pytest.mark.parametrize("last, unit", [(6, "s"), (6.1, None), (39, None), (41, "ms"), (6000, "ms"), (6001, None)])
def test_times_go_on_for_two_seconds_after_a_recording_at_most(tmp_path, last, unit):
    head = "ms,a\n" if unit == "ms" else ""
    put(tmp_path / "x.csv", f"{head}0,0.1\n{last / 2},0.2\n{last},0.3\n")
    if unit:
        found = guess.guess(tmp_path / "x.csv", SECONDS)
        assert (found.unit, found.rate) == (unit, None) and (found.low, found.high) == (0.1, 0.3)
        assert found.step == pytest.approx(last / 2 / (1000 if unit == "ms" else 1)) and found.even
    else:
        with pytest.raises(BadInput, match=f"found times up to {last:g}, expected those of a recording of 4 s"):
            guess.guess(tmp_path / "x.csv", SECONDS)


@pytest.mark.parametrize("head, ends", [
    ("Minimum Value,-100\nMaximum Value,100\n", (-100, 100)), ("min;0\nMAX;\t7.5\n", (0, 7.5)),
    ("Minimum Value,-100\n", None), ("Maximum,1\n", None), ("", None),
    ("about,me\n" * 18 + "min,0\nmax,5\n", (0, 5)), ("about,me\n" * 19 + "min,0\nmax,5\n", None),
])  # fmt: skip
def test_the_ends_of_a_scale_are_read_in_the_first_lines(tmp_path, head, ends):
    mark = ";" if ";" in head else ","
    put(tmp_path / "x.csv", head + rows(TIMES, TIMES / 9, separator=mark))
    found = guess.guess(tmp_path / "x.csv", SECONDS)
    assert found.ends == ends and found.unit == "s" and found.low == 0


@pytest.mark.parametrize("text, message", [
    ("words\nof a transcript\n", "expected numbers"),
    (rows(TIMES * 3, TIMES), "found times up to 12, expected those of a"),
    (rows(TIMES, TIMES / 9).replace("2.0000,", "2.0000;"), "x.csv:51: found 1 columns"),
    (rows(TIMES, TIMES / 9).replace("3.0000,", "3.0000;"), "x.csv:76: found 1 columns"),
    ("0,0\n", "found 1 values at 1 times"),
])  # fmt: skip
def test_what_holds_no_trace_of_the_recording_is_told(tmp_path, text, message):
    put(tmp_path / "x.csv", text)
    with pytest.raises(BadInput) as error:
        guess.guess(tmp_path / "x.csv", SECONDS)
    assert message in str(error.value)


@pytest.mark.parametrize("low, high, ends, scale", [
    (-0.5, 0.5, None, (-1, 1)), (0, 0.9, None, (0, 1)), (-3, 99, None, (-100, 100)), (20, 80, None, (0, 100)),
    (1, 5, None, (1, 5)), (-3, 3, None, (-3, 3)), (-2, 2, None, (-2, 2)), (-5, 5, None, (-10, 10)),
    (-3, 2.9, None, (-10, 10)), (-4, 4, None, (-4, 4)),
    (1, 7, None, (1, 7)), (1, 9, None, (1, 9)), (1, 4, None, (0, 10)), (2, 5, None, (0, 10)), (-1, 1, None, (-1, 1)),
    (0, 1, None, (0, 1)), (0, 10, None, (0, 10)), (-10.1, 0, None, (-100, 100)), (0, 1234.5, None, (0, 1235)),
    (0, 0.5, (-100.0, 100.0), (-100, 100)), (-2000, 1, None, (-2000, 2000)),
])  # fmt: skip
def test_scales_are_guessed(low, high, ends, scale):
    assert scales.scale_of([guess.Guess(["a"], "t", None, "s", low, high, ends, 0.1, True)]) == scale


def test_files_whose_heads_differ_have_the_scale_of_their_values():
    files = [guess.Guess(["a"], "0", None, "s", *values, 0.1, True) for values in ((0, 0.5, (-1, 1)), (-3, 2, (-9, 9)))]
    assert scales.scale_of(files) == (-10, 10) and scales.scale_of(files[:1] * 2) == (-1, 1)
    files[0].ends = None
    assert scales.scale_of(files) == (-10, 10)


@pytest.mark.parametrize("steps, even, rate", [
    ([0.1, 0.100009], True, 1 / 0.1000045), ([0.1, 0.1001], True, 10), ([0.02], False, 50), ([0.021], False, 50),
    ([0.022], False, 25), ([1.0], False, 1), ([1.1, 1.1], False, 0.5),
    ([0.1, 0.1], True, 10), ([1 / 49.979] * 2, True, 49.979), ([0.1, 0.5], True, 2),
    ([0.033, 0.035], False, 25), ([7, 7], False, 1 / 7),
])  # fmt: skip
def test_labels_come_as_often_as_the_traces_as_a_rule(steps, even, rate):
    guesses = [guess.Guess(["a"], "t", None, "s", 0, 1, None, step, even) for step in steps]
    assert scales.rate_of(guesses) == pytest.approx(rate)


def guessed(tmp_path, text):
    put(tmp_path / "x.csv", text)
    return guess.guess(tmp_path / "x.csv", SECONDS)


@pytest.mark.parametrize("mark, values, head, found", [
    (-5, TIMES / 5, "", -5), (-999, TIMES / 5, "", -999), (-9, TIMES - 2, "", -9),
    (-5, TIMES - 4.5, "", None),  # one more value
    (-99, TIMES * 25, "", -99), (-9, TIMES * 2 + 1, "", -9), (-99, TIMES * 50 - 90, "", None),  # 0 to 100, 1 to 9
    (-7, TIMES / 5, "", None), (-5, np.linspace(1, 20, len(TIMES)), "", None),
    (-99, TIMES / 5, "Minimum,-100\nMaximum,100\n", None),
    (99, TIMES * 2 + 1, "", 99), (999, TIMES * 25, "", 999), (9999, TIMES * 50 - 100, "", 9999),
    (99, TIMES * 2.6, "", None), (999, TIMES * 26, "", None), (999, TIMES - 101, "", None), (998, TIMES / 5, "", None),
])  # fmt: skip
def test_a_mark_far_from_all_other_values_is_a_missing_value(tmp_path, mark, values, head, found):
    values = np.where(np.arange(len(TIMES)) % 9 == 4, mark, values)
    held = guessed(tmp_path, rows(TIMES, values, head=head))
    assert held.marks == ([] if found is None else [found]) and (mark in (held.low, held.high)) == (found is None)


@pytest.mark.parametrize("mark", [-5, 999])
def test_missing_marks_are_gaps_and_the_table_says_them(mine, mark):
    for path in mine.glob("bob_*_arousal.csv"):
        lines = path.read_text().splitlines()
        lines[30:80] = [f"{line.split(';')[0]};{mark};{mark}" for line in lines[30:80]]
        put(path, "\n".join(lines))
    data, said = prepare(mine)
    assert f"scale of their values -1 to 1, -100 to 100; {mark} means no value" in said
    assert f",-1,1,{mark},s," in (data / "pairs.csv").read_text()
    found = {}
    for name in ("train", "dev", "test"):
        found |= dict(Archive(data / name / "arousal.scp", gaps=True))
    assert np.flatnonzero(np.isnan(found["bob-1"][:, 0])).tolist() == list(range(29, 79))


def test_a_column_without_values_is_left_out_and_one_of_times_alone_refused(tmp_path):
    assert guessed(tmp_path, rows(TIMES, TIMES / 9).replace("\n", ",\n")).columns == ["1"]
    text = "time,a,b\n" + rows(TIMES, TIMES / 9).replace("\n", ",nan\n")
    assert guessed(tmp_path, text).columns == ["a"]
    with pytest.raises(BadInput, match="found no column of numbers but the times, time, expected values"):
        guessed(tmp_path, "time;a\n" + "".join(f"{t};low\n" for t in TIMES))


def test_letters_of_two_characters_are_those_of_one(tmp_path):
    for name in ("J\u00f6rg.wav", "Jo\u0308rg_joy.csv"):
        put(tmp_path / name, "")
    assert [(pair.target, pair.rater) for pair in pairing.find(tmp_path)[0]] == [("joy", "")]


@pytest.mark.parametrize("name", [b"a\xff.wav", b"a\nb.wav", b"a\xff.csv"])
def test_names_that_no_table_can_hold_are_told_at_once(tmp_path, name):
    put(tmp_path / "a.wav", "")
    Path(os.fsdecode(bytes(tmp_path) + b"/" + name)).write_bytes(b"")
    with pytest.raises(BadInput, match="found the name '.*', expected .*UTF-8 without line ends; rename it"):
        pairing.find(tmp_path)


def test_the_table_must_name_recordings_to_train_and_to_choose_on(mine):
    data, _ = prepare(mine)
    table = data / "pairs.csv"
    table.write_text(table.read_text().replace(",dev,", ",train,"))
    assert f"{table}: found no recordings of dev, expected some; edit the column set" in prepare(mine, status=1)


def test_what_targets_mean_must_be_two_ends_and_is_no_trace(mine):
    put(mine / "targets.txt", "arousal low\n")
    data, said = mine.parent / "data", called("folder", "--find", mine, mine.parent / "data")[1]
    assert "targets.txt" not in said
    assert f"{mine}/targets.txt: arousal: found 1 words, expected two" in prepare(mine, status=1)
    assert not (data / "train").exists()


def test_the_first_channel_of_a_converted_recording_is_taken_and_told_once(mine):
    sound = np.stack([np.sin(np.arange(16000 * SECONDS) / 9) / 2, np.zeros(16000 * SECONDS)]).T
    soundfile.write(mine / "audio/ann_2.flac", sound, 16000)
    said = prepare(mine)[1]
    assert said.count("channels") == 1 and "ann_2.flac: the first of 2 channels is taken; for another one, put" in said


def test_labels_of_video_frames_with_marks_for_frames_without_a_label(tmp_path):
    text = "valence,arousal\n" + "".join(f"{-5 if n < 30 else n / 2000},{-5 if n < 30 else 0.5}\n" for n in range(1798))
    put(tmp_path / "x.txt", text)
    found = guess.guess(tmp_path / "x.txt", 60.01)
    assert (found.rate, found.marks, found.low, found.columns) == (30000 / 1001, [-5], 0.015, ["valence", "arousal"])
    assert scales.rate_of([found, found]) == pytest.approx(30000 / 1001)


@pytest.mark.parametrize("text, message", [
    ("time,joy\n" + "".join(f"00:00:{t:02.0f}:{t * 25 % 25:02.0f},{t / 9:.3f}\n" for t in TIMES),
     ":2: found the time '00:00:00:00', expected times in s, ms or as h:mm:ss.ss"),
    ("".join(f"2019-04-03T10:11:{t:06.3f},{t / 9:.3f}\n" for t in TIMES), ":1: found the time '2019-04-03T10:11:00.0"),
    ("time;joy\n" + "".join(f"{n}.040,5;0,{n}\n" for n in range(100, 200)), ":2: found the time '100.040,5', expected"),
    ("t,a,b\n" + "".join(f"{t},{t / 9:.3f},{t / 9:.3f}\n" if t < 3.5 else f"{t},0,!\n" for t in TIMES),
     ":90: found '!', expected a number, nothing or nan, as in other lines of this column"),
    ("t,a,b\n" + "".join(f"{t},{t / 9:.3f},{t / 9 if t < 1 else 'x'}\n" for t in TIMES), ":27: found 'x', expected"),
    ("".join(f"{t}\t{t + 0.04}\t{np.sin(t):.2f}\n\\\t90\t200\n" for t in TIMES), r":2: found '\\', expected a number,"),
    ("t,a,b\n" + "".join(f"{t},{t / 9:.3f},{t:.1f}%\n" for t in TIMES), ":2: found '0.0%', expected numbers without"),
])  # fmt: skip
def test_times_of_day_and_unknown_marks_are_refused_not_left_out_as_text(tmp_path, text, message):
    put(tmp_path / "x.csv", text)
    with pytest.raises(BadInput) as error:
        guess.guess(tmp_path / "x.csv", SECONDS)
    assert f"x.csv{message}" in str(error.value)


@pytest.mark.parametrize("mark", ["", "NaN", "-nan(ind)", "NULL", "#N/A", "#NV", "None", "-", ".", "?"])
def test_a_rater_who_stopped_early_is_no_text(tmp_path, mark):
    lines = [f"{t},{t / 9:.3f},{mark if t > 2 else t / 9}\n" for t in TIMES]
    put(tmp_path / "x.csv", "time,a,b\n" + "".join(lines))
    assert guess.guess(tmp_path / "x.csv", SECONDS).columns == ["a", "b"]


@pytest.mark.parametrize("text", [
    "clock,seconds,joy\n" + "".join(f"0:00:{t:05.2f},{t:.2f},{t / 9:.3f}\n" for t in TIMES),  # times in s, too
    "wall,t,joy\n" + "".join(f"14:59:{t + 58:05.2f},{t:.2f},{np.sin(t):.3f}\n" for t in TIMES[:50]),
    "date,joy\n" + "".join(f"2019-04-03 10:11,{np.sin(t):.3f}\n" for t in TIMES),
    rows(TIMES, np.sin(TIMES), head="time,joy\n") + "5,0.5,0.5\n",  # the last line is longer
    "note,joy\n" + "".join(f"{'' if n % 3 else f'so {n}'},{n % 7 / 9:.3f}\n" for n in range(101)),
])  # fmt: skip
def test_columns_of_text_are_left_out(tmp_path, text):
    put(tmp_path / "x.csv", text)
    assert guess.guess(tmp_path / "x.csv", SECONDS).columns == ["joy"]


@pytest.mark.parametrize("head, first", [
    ("frame", lambda n: n * 10), ("Frame no", lambda n: n + 250), ("sample", lambda n: n * 7),
    ("participant", lambda n: 7), ("Video ID", lambda n: 12), ("anything", lambda n: "3_1"),
])  # fmt: skip
def test_numbers_of_frames_and_people_are_neither_times_nor_values(tmp_path, head, first):
    put(tmp_path / "x.csv", f"{head},felt\n" + "".join(f"{first(n)},{np.sin(n / 9):.3f}\n" for n in range(101)))
    found = guess.guess(tmp_path / "x.csv", SECONDS)
    assert (found.columns, found.time, found.rate) == (["felt"], "", 25)


@pytest.mark.parametrize("head, columns, time, unit", [
    ("Timestamp,VideoTime,val", (TIMES * 1000 + 1.7e12, TIMES * 1000, np.sin(TIMES)), "VideoTime", "ms"),
    ("timestamp,time,val", (TIMES * 1000 + 1.7e12, TIMES, np.sin(TIMES)), "time", "s"),
    ("time,VideoTime,val", (TIMES, TIMES * 1000, np.sin(TIMES)), "VideoTime", "ms"),
    ("media time (s),val", (TIMES, np.sin(TIMES)), "media_time_(s)", "s"),
])  # fmt: skip
def test_of_several_columns_of_times_the_first_that_fits_the_recording_counts(tmp_path, head, columns, time, unit):
    put(tmp_path / "x.csv", rows(*columns, head=f"{head}\n"))
    found = guess.guess(tmp_path / "x.csv", SECONDS)
    assert (found.time, found.unit, found.columns, found.rate) == (time, unit, ["val"], None)


def test_a_column_of_reaction_times_holds_values(tmp_path):
    put(tmp_path / "x.csv", rows(TIMES, np.sin(TIMES), np.cos(TIMES), head="time,joy time,b\n"))
    assert guess.guess(tmp_path / "x.csv", SECONDS).columns == ["joy_time", "b"]


def test_intervals_are_no_trace(tmp_path):
    put(tmp_path / "x.txt", "0.0 1.2 hello\n1.2 3.1 you there\n3.2 4 ok\n")
    with pytest.raises(BadInput, match="x.txt: found no column of numbers but the times, 0, expected values"):
        guess.guess(tmp_path / "x.txt", SECONDS)
    put(tmp_path / "x.txt", rows(TIMES[:-1], TIMES[1:], np.sin(TIMES[1:]), head="start,end,a\n"))
    assert guess.guess(tmp_path / "x.txt", SECONDS).columns == ["a"]
    put(tmp_path / "x.txt", rows(TIMES, TIMES + 0.1))
    assert guess.guess(tmp_path / "x.txt", SECONDS).columns == ["1"]
