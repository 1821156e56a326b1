"""cer/corpora/finding.py: the lines of the table that are made of recordings and files of traces."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from conftest import write_wav
from test_folder import SECONDS, TIMES, put, rows

from cer.base.errors import BadInput
from cer.corpora import finding, pairing, placing
from cer.data.targets import ENDS
from egs.folder.prepare import read_trace

SPEAKERS = {"a_1.wav": "a", "a_2.wav": "a", "b/c_1.wav": "c", "d.wav": "d"}


@pytest.mark.parametrize("text, sets, told", [
    ("train a\ndev c\ntest d\n", "train train dev test", ""),
    ("train a\ndev a_2\ntest c_1 \ntrain d\n", "train dev test train", ""),
    ("train a\ndev c\n", "train train dev", "d.wav left out: in no set\n"),
    ("dev c\n", "- - dev", "a_1.wav, a_2.wav, d.wav left out: in no set\n"),
])  # fmt: skip
def test_the_users_sets_are_of_recordings_and_else_of_speakers(tmp_path, capsys, text, sets, told):
    put(tmp_path / "sets", text)
    found, how = finding.sets_of(SPEAKERS, partition=str(tmp_path / "sets"))
    assert found == {one: name for one, name in zip(SPEAKERS, sets.split(), strict=False) if name != "-"}
    assert how == f"as {tmp_path}/sets says"
    said = capsys.readouterr().err
    assert said.endswith(f"{tmp_path}/sets: {told}") if told else said == ""


def test_a_name_in_the_users_sets_that_nobody_has_is_told(tmp_path):
    put(tmp_path / "sets", "train a\ndev zoe\n")
    with pytest.raises(BadInput, match="sets: found zoe, expected speakers such as a"):
        finding.sets_of(SPEAKERS, partition=str(tmp_path / "sets"))


def test_names_say_sets_only_if_all_do():
    assert finding.sets_of({"Train/a.wav": "a", "devel_b.wav": "b", "test-c.wav": "c"})[0] == {
        "Train/a.wav": "train", "devel_b.wav": "dev", "test-c.wav": "test"
    }  # fmt: skip
    found, how = finding.sets_of({"Train/a.wav": "a", "devel_b.wav": "b", "c.wav": "c"}, seed=3)
    assert sorted(found.values()) == ["dev", "test", "train"] and how == "a split by speaker, --seed=3"


@pytest.fixture
def mine(tmp_path):
    """Recordings of three speakers without traces."""
    for name in ("ann", "bob", "cleo"):
        write_wav(tmp_path / f"{name}.wav", np.arange(64000) % 999)
    return tmp_path


def told(lines):
    return [(line.trace, line.column, line.target, line.rater) for line in lines]


RISE = np.linspace(-0.5, 0.5, len(TIMES))


def test_columns_are_targets_or_raters_by_their_names(mine):
    put(mine / "ann_R1.csv", rows(TIMES, RISE, RISE, RISE, head="time,Valence,Arousal,note\n"))
    put(mine / "bob_joy.csv", rows(TIMES, RISE, RISE, head="time,x 1,y\n"))
    put(mine / "cleo.csv", rows(TIMES, RISE, head="time,fear\n"))
    put(mine / "cleo_R7.csv", rows(TIMES, RISE))
    lines, said = finding.find(mine)
    assert told(lines) == [
        ("ann_R1.csv", "Arousal", "arousal", "R1"), ("ann_R1.csv", "Valence", "valence", "R1"),
        ("bob_joy.csv", "x_1", "joy", "x_1"), ("bob_joy.csv", "y", "joy", "y"), ("cleo.csv", "fear", "fear", "1"),
        ("cleo_R7.csv", "1", "label", "R7"),
    ]  # fmt: skip
    assert {(line.low, line.high, line.unit, line.rate, line.label_rate) for line in lines} == {(-1, 1, "s", None, 25)}
    assert said[0] == "sets: a split by speaker, --seed=1" and {line.speaker for line in lines} == {
        "ann",
        "bob",
        "cleo",
    }


def test_targets_may_be_called_so_in_other_languages(mine):
    heads = ("Erregung,Valenz,Puls", "Activation,valencia (x),Dominanza", "Uyarılma,Değerlik")
    for name, head in zip(("ann", "bob", "cleo"), heads, strict=True):
        put(mine / f"{name}_R1.csv", rows(TIMES, *[RISE] * len(head.split(",")), head=f"t,{head}\n"))
    lines, _ = finding.find(mine)
    assert [(line.recording[0], line.column, line.target) for line in lines] == [
        ("a", "Erregung", "arousal"), ("a", "Valenz", "valence"), ("b", "Activation", "arousal"),
        ("b", "Dominanza", "dominance"), ("b", "valencia_(x)", "valence"),
        ("c", "Uyarılma", "arousal"), ("c", "Değerlik", "valence"),
    ]  # fmt: skip
    assert lines[0].rater == "R1"


def test_a_word_in_the_path_is_a_rater_where_the_head_says_the_target(mine):
    text = rows(TIMES, RISE, RISE, head="time,Arousal,Valence\n")
    for name in ("ann_A", "ann_B", "Eva/bob", "bob_valence_R2_x", "cleo_joy_R1"):
        put(mine / f"{name}.csv", text)
    found = {(line.trace, line.rater) for line in finding.find(mine)[0]}
    assert found == {
        ("ann_A.csv", "a"), ("ann_B.csv", "b"), ("Eva/bob.csv", "eva"), ("bob_valence_R2_x.csv", "R2_x"),
        ("cleo_joy_R1.csv", "joy_R1"),
    }  # fmt: skip


def test_a_scale_in_a_head_is_no_rater(mine):
    for name, head in (("ann", "Arousal (0-100)"), ("bob_R1", "Arousal [-1..1]"), ("cleo", "Arousal 2 (0-10)")):
        put(mine / f"{name}.csv", rows(TIMES, RISE, head=f"time,{head}\n"))
    assert [(target, rater) for _, _, target, rater in told(finding.find(mine)[0])] == [
        ("arousal", "1"), ("arousal", "R1"), ("arousal", "1")
    ]  # fmt: skip


def test_two_columns_of_one_target_are_two_raters_as_pandas_and_others_call_them(mine):
    for name, heads in (("ann", "arousal,arousal.1"), ("bob", "arousal1,arousal2"), ("cleo", "AnnArousal,Arousal Bob")):
        put(mine / f"{name}.csv", rows(TIMES, RISE, -RISE, head=f"time,{heads}\n"))
    assert [(target, rater) for _, _, target, rater in told(finding.find(mine)[0])] == [
        ("arousal", one) for one in ("arousal", "arousal.1", "1", "2", "Ann", "Bob")
    ]


def test_columns_of_left_and_right_are_of_two_people(mine):
    put(mine / "ann.csv", rows(TIMES, RISE, RISE, head="time,arousal_left,Arousal (right)\n"))
    put(mine / "bob.csv", rows(TIMES, RISE, RISE, head="time,arousal_left,arousal\n"))
    put(mine / "cleo.csv", rows(TIMES, RISE, head="time,arousal_right\n"))
    lines, said = finding.find(mine)
    assert {line.trace for line in lines} == {"bob.csv", "cleo.csv"}
    assert "file without traces: ann.csv has columns of several people, left and right, in one recording" in said[-1]


@pytest.mark.parametrize("sides", ["LR", ("ch1", "ch2"), ("ch0", "ch1")])
def test_names_of_channels_are_of_two_people_where_a_recording_has_two(mine, sides):
    for name in ("ann", "bob"):
        for side in sides:
            put(mine / f"{name}_arousal_{side}.csv", rows(TIMES, RISE))
    put(mine / "cleo.csv", rows(TIMES, RISE, RISE, head="time," + ",".join(f"joy_{side}" for side in sides) + "\n"))
    soundfile.write(mine / "ann.wav", np.ones((16000 * SECONDS, 2)) / 2, 16000)
    lines, said = finding.find(mine)
    assert len(lines) == 4 and {line.recording for line in lines} == {"bob.wav", "cleo.wav"}
    people = " and ".join(sides).lower()
    assert f"is of one of several people, {people}, in one recording" in "\n".join(said)
    write_wav(mine / "ann.wav", np.arange(64000) % 999)
    soundfile.write(mine / "cleo.wav", np.ones((16000 * SECONDS, 2)) / 2, 16000)
    assert "cleo.csv has columns of several people" in "\n".join(finding.find(mine)[1])


@pytest.mark.parametrize("names", [("speakerA", "speakerB"), ("Speaker 1", "Speaker 2"), ("spk0", "spk1")])
def test_speakers_of_a_recording_are_people_not_raters(mine, names):
    for name in names:
        put(mine / f"ann_arousal_{name}_R1.csv", rows(TIMES, RISE))
    put(mine / "bob.csv", rows(TIMES, *[RISE] * len(names), head=f"time,{','.join(f'{one} joy' for one in names)}\n"))
    put(mine / f"cleo_{names[0]}.csv", rows(TIMES, RISE))
    (mine / "sets").write_text("train cleo\n")
    lines, said = finding.find(mine, partition=str(mine / "sets"))
    assert [line.trace for line in lines] == [f"cleo_{names[0]}.csv"]
    found = " and ".join(one.lower().replace(" ", "_") for one in names)
    assert f"is of one of several people, {found}, in one recording" in "".join(said)
    assert f"bob.csv has columns of several people, {found}, in one" in "".join(said)


def test_raters_of_one_name_in_two_files_are_told_apart_by_the_files(mine):
    for name in ("ann_s1", "ann_s2", "bob_s1"):
        put(mine / f"{name}.csv", rows(TIMES, RISE, RISE, head="time,x,y\n"))
    found = [(line.trace, line.rater) for line in finding.find(mine)[0]]
    assert found == [("ann_s1.csv", "s1_x"), ("ann_s1.csv", "s1_y"), ("ann_s2.csv", "s2_x"), ("ann_s2.csv", "s2_y"),
                     ("bob_s1.csv", "x"), ("bob_s1.csv", "y")]  # fmt: skip


def test_what_is_left_out_is_counted_and_named(mine):
    put(mine / "ann.csv", rows(TIMES, RISE))
    put(mine / "bob.csv", "words\nof a transcript\n")
    put(mine / "notes.txt", "x")
    for name in (
        "cleo.eaf",
        ".hidden/ann.xlsx",
        "picture.png",
        "raters/cleo.XLSX",
        "dora.M4A",
        "video/ann.mp4",
        "e.npy",
    ):
        put(mine / name, "x")
    (mine / "sets").write_text("train ann\n")
    lines, said = finding.find(mine, partition=str(mine / "sets"))
    assert [line.recording for line in lines] == ["ann.wav"] and said[0] == f"sets: as {mine}/sets says"
    assert said[1:4] == [
        "left out: 1 recording without traces: cleo.wav",
        "left out: 1 recording in other formats; convert: ffmpeg -i IN OUT.wav: dora.M4A",
        "left out: 1 file without a recording, or with the names of several: notes.txt",
    ]
    assert len(said) == 6 and said[4].startswith(f"left out: 1 file without traces: {mine}/bob.csv:")
    others = "cleo.eaf, e.npy, raters/cleo.XLSX"
    assert said[5] == f"left out: 3 files of other formats; save those with traces as .csv: {others}"
    (mine / "ann.csv").unlink()
    with pytest.raises(
        BadInput, match="can be read: .*bob.csv:.* expected numbers.*; files without a recording's name: notes.txt"
    ):
        finding.find(mine)


def test_what_comes_later_keeps_the_speakers_set_and_the_targets_scale(mine):
    put(mine / "ann_joy.csv", rows(TIMES, RISE))
    put(mine / "ann_fear.csv", rows(TIMES, RISE))
    put(mine / "bob_fear.csv", rows(TIMES, RISE))
    lines = finding.find(mine)[0]
    scales = {"ann_joy.csv": (-5, 5), "ann_fear.csv": (-7, 7), "bob_fear.csv": (-9, 9)}
    lines = [replace(one, low=scales[one.trace][0], high=scales[one.trace][1], set="dev") for one in lines]
    assert finding.further(mine, lines) == []
    for name in ("bob_joy", "cleo_fear", "cleo_joy"):
        put(mine / f"{name}.csv", rows(TIMES, RISE))
    found = {line.trace: (line.set, line.low, line.high) for line in finding.further(mine, lines)}
    assert found == {
        "bob_joy.csv": ("dev", -5, 5), "cleo_fear.csv": ("train", -1, 1), "cleo_joy.csv": ("train", -5, 5)
    }  # fmt: skip


def test_a_rater_who_is_the_only_one_in_a_file_keeps_the_name(mine):
    put(mine / "ann_joy.csv", rows(TIMES, RISE, RISE, head="time,FM1,FM2\n"))
    put(mine / "bob_joy.csv", "time,FM1,FM2\n" + rows(TIMES, RISE).replace("\n", ",nan\n"))
    put(mine / "cleo_joy.csv", rows(TIMES, RISE))
    found = told(finding.find(mine)[0])
    assert [(column, rater) for _, column, _, rater in found] == [
        ("FM1", "FM1"), ("FM2", "FM2"), ("FM1", "FM1"), ("1", "1")
    ]  # fmt: skip


@pytest.mark.parametrize("one, rater", [
    ("A", "A"), ("Rater 2", "Rater_2"), ("Anna K", "Anna_K"), ("value", "1"), ("2", "1"), ("bob", "1"), ("Joy", "1"),
])  # fmt: skip
def test_a_column_that_is_alone_names_its_rater_as_one_among_others_does(mine, one, rater):
    put(mine / "ann_joy.csv", rows(TIMES, RISE, RISE, head=f"time,{one},x\n"))
    put(mine / "bob_joy.csv", rows(TIMES, RISE, head=f"time,{one}\n"))
    assert finding.find(mine)[0][-1].rater == rater


@pytest.mark.parametrize(
    "head", ["name;time;1;2", "name;time;2;1", "name;time;R;r", "name;time;r;R", "name;time;x 1;1"]
)
def test_columns_are_those_of_the_head_whatever_it_calls_them(tmp_path, head):
    write_wav(tmp_path / "ann.wav", np.arange(16000 * 4) % 999)
    write_wav(tmp_path / "bob.wav", np.arange(16000 * 4) % 999)
    for name in ("ann", "bob"):
        lines = [f"{name};{t};{np.sin(t):.3f};{np.cos(t):.3f}\n" for t in TIMES]
        put(tmp_path / f"{name}_joy.csv", f"{head}\n{''.join(lines)}")
    lines, _ = finding.find(tmp_path)
    found = {line.rater: read_trace(tmp_path, line).values[0] for line in lines if line.recording == "ann.wav"}
    first, second = (name.replace(" ", "_") for name in head.split(";")[2:])
    assert np.allclose(found[first], np.sin(TIMES), atol=1e-3) and np.allclose(found[second], np.cos(TIMES), atol=1e-3)


@pytest.mark.parametrize("text", [
    "time,joy,fear\n" + "".join(f"{t:.2f},{t / 9:.4f},{t / 8:.4f},\n" for t in TIMES),
    '"time" "joy" "fear"\n' + "".join(f'"{n}" {t:.2f} {t / 9:.4f} {t / 8:.4f}\n' for n, t in enumerate(TIMES, 1)),
    "# time joy fear\n" + rows(TIMES, TIMES / 9, TIMES / 8, separator=" "),
    ",time,joy,fear\n" + "".join(f"{n},{t:.2f},{t / 9:.4f},{t / 8:.4f}\n" for n, t in enumerate(TIMES)),
], ids=["a separator at the end", "R", "numpy", "pandas"])  # fmt: skip
def test_a_head_of_another_width_names_the_columns(tmp_path, text):
    for name in ("ann", "bob"):
        write_wav(tmp_path / f"{name}.wav", np.arange(16000 * 4) % 999)
        put(tmp_path / f"{name}.csv", text)
    lines, _ = finding.find(tmp_path)
    found = {line.column: read_trace(tmp_path, line).values[0] for line in lines if line.recording == "ann.wav"}
    assert [*found] == ["joy", "fear"] and {line.time for line in lines} == {"time"}
    assert np.allclose(found["joy"], TIMES / 9 * 2 - 1, atol=1e-3)
    assert np.allclose(found["fear"], TIMES / 8 * 2 - 1, atol=1e-3)


def test_speakers_are_folders_that_all_have_the_same_few_names(tmp_path):
    def of(*paths, before=()):
        found = pairing.speakers_in({*map(Path, paths)}, {*map(Path, before)})
        return [found[Path(one)] for one in paths]

    assert of("ann/s1.wav", "ann/s2.wav", "bob/s1.wav", "x/bob/s2.wav") == ["ann", "ann", "bob", "x_bob"]
    assert of("ann/s.wav", "bob/s.wav") == ["ann", "bob"]
    tasks = "joy/ann_1.wav", "joy/ann_2.wav", "joy/bob_1.wav", "joy/cleo_1.wav", "fear/ann_1.wav"
    assert of(*tasks) == ["ann", "ann", "bob", "cleo", "ann"]
    assert of("s.wav", "bob/s.wav") == ["s", "s"] and of("train/s.wav", "dev/s.wav") == ["s", "s"]
    assert of("ann/s1.wav", "bob/s2.wav") == ["s1", "s2"]
    few = "ann/s1.wav", "ann/s2.wav", "bob/s1.wav"
    assert of(*few, "cleo/s3.wav", "dora.wav", before=few) == ["ann", "ann", "bob", "cleo", "dora"]
    for one in few:
        (tmp_path / "mine" / one).parent.mkdir(parents=True, exist_ok=True)
        write_wav(tmp_path / "mine" / one, np.arange(16000 * 4) % 999)
        put(tmp_path / "mine" / one.replace("wav", "csv"), rows(TIMES, RISE))
    lines, _ = finding.find(tmp_path / "mine")
    assert [line.speaker for line in lines] == ["ann", "ann", "bob"]
    write_wav(tmp_path / "mine/bob/s2.wav", np.arange(16000 * 4) % 999)
    put(tmp_path / "mine/bob/s2.csv", rows(TIMES, RISE))
    [line] = finding.further(tmp_path / "mine", lines)
    assert (line.speaker, line.set) == ("bob", lines[2].set)


def test_a_column_that_is_never_below_0_has_the_scale_of_the_others(mine):
    put(mine / "ann_joy.csv", rows(TIMES, RISE + 0.5, head="time,ann\n"))
    put(mine / "bob_joy.csv", rows(TIMES, RISE, head="time,bob\n"))
    put(mine / "cleo_joy.csv", rows(TIMES, RISE * 80 + 40, head="time,cleo\n"))
    put(mine / "ann_fear.csv", rows(TIMES, RISE + 0.5, head="time,ann\n"))
    scales = {(line.recording, line.target): (line.low, line.high) for line in finding.find(mine)[0]}
    assert scales == {("ann.wav", "joy"): (-1, 1), ("bob.wav", "joy"): (-1, 1), ("cleo.wav", "joy"): (0, 100),
                      ("ann.wav", "fear"): (0, 1)}  # fmt: skip


BINS = "Time of Rating,3-Apr-2019{0}\nMultimedia File,x.mp4{0}\n{1}{0}\nSecond,{2}\n%%%%%%{3}\n"


@pytest.mark.parametrize("size", [0.25, 0.5, 1])
@pytest.mark.parametrize("tool", ["CARMA", "DARMA", "CARMA 5", "quoted"])
def test_the_means_of_bins_count_in_their_middle_and_no_column_of_settings_is_a_rater(mine, size, tool):
    ends = np.arange(1, SECONDS / size + 1) * size
    means = (ends - size / 2) / SECONDS * 100  # of a line from 0 to 100
    head = BINS.format("", "Number of Steps,9\nMinimum Value,-100\nMaximum Value,100", "Rating", ",%%%%%%")
    text = rows(ends, means, head=head)
    if tool == "DARMA":
        text = rows(
            ends, means, -means, ends * 0, head=BINS.format(",,", "Magnitude,100", "Joy,Y,Button", ",%%%%%%" * 3)
        )
    elif tool == "quoted":
        text = "\n".join(f'"{line}"'.replace(",", '","') for line in text.splitlines())
    elif tool == "CARMA 5":
        head, settings = (
            "Filename,Lower Label,Minimum Value,Midpoint Value,Maximum Value,Number of Steps",
            "x,low,-100,0,100,9,",
        )
        text = f"{head},Second,Rating\n" + "".join(f"{settings}{line}\n" for line in rows(ends, means).split())
    put(mine / "ann_joy.csv", text)
    put(mine / "bob_joy.csv", text)
    lines, said = finding.find(mine)
    joy = [line for line in lines if line.target == "joy"]
    assert {(line.low, line.high) for line in joy} == {(-100, 100)} and len(lines) == (4 if tool == "DARMA" else 2)
    [found] = placing.ratings([(read_trace(mine, joy[0]), 0)], mine / "ann.wav", shift=size, gap=0).values
    assert np.allclose(found[1:-1], size * np.arange(1, len(ends)) / SECONDS, atol=1e-6)
    told = f"by CARMA or DARMA: ann_joy.csv ({size:g} s), bob_joy.csv ({size:g} s); they count half a bin earlier, in"
    assert f"means of bins with the times of their ends, {told} the middle" in said


@pytest.mark.parametrize("axes, button", [(["X", "Y"], "B"), (["Affiliation", "Arousal"], "Button")])
def test_the_axes_of_darma_are_targets_on_its_scale_and_its_button_is_nothing(mine, axes, button):
    names = ",".join(["Second", *axes, button])
    head = f"Time of Rating,3-Apr-2019,,\nMultimedia File,x.mp4,,\nMagnitude,100,,\n{names}\n"
    for name in ("ann", "bob"):
        text = rows(TIMES, RISE, -RISE, RISE * 0, head=f"{head}{','.join(['%%%%%%'] * 4)}\n")
        put(mine / f"{name}_fm1.csv", text)
    lines = {line.target: line for line in finding.find(mine)[0]}
    assert sorted(lines) == sorted(axis.lower() for axis in axes)
    assert {(line.rater, line.low, line.high, line.time) for line in lines.values()} == {("fm1", -100, 100, "Second")}
    assert np.allclose(read_trace(mine, lines[axes[1].lower()]).values[0], -RISE / 100, atol=1e-4)


@pytest.mark.parametrize("name, sets", [
    ("labels/{}_Set/{}_R1.csv", "train dev test"), ("{}/{}_arousal.csv", "train val test"),
    ("ratings/{}/EWE/{}_aro.csv", "Train Valid Test"),
])  # fmt: skip
def test_folders_of_traces_say_sets_where_recordings_do_not_and_val_may_be_one(mine, name, sets):
    for recording, word in zip(("ann", "bob", "cleo"), sets.split(), strict=True):
        for path in (name, name.replace("arousal", "dom").replace("aro", "dom")):
            put(mine / path.format(word, recording), rows(TIMES, RISE))
    lines, told = finding.find(mine)
    assert {line.target for line in lines} == ({"arousal", "dominance"} if "aro" in name else {"set"})
    assert {(line.recording, line.set) for line in lines} == {
        ("ann.wav", "train"), ("bob.wav", "dev"), ("cleo.wav", "test")
    }  # fmt: skip
    assert told[0] == "sets: as the names of the traces say"
    write_wav(mine / "dora.wav", np.arange(64000) % 999)
    put(mine / name.format(sets.split()[1], "dora"), rows(TIMES, RISE))
    assert [line.set for line in finding.further(mine, lines)] == ["dev"]


@pytest.mark.parametrize("names", [("train/ann", "train/bob", "train/cleo"), ("train/ann", "dev/bob", "cleo")])
def test_folders_of_traces_that_name_no_dev_or_not_all_sets_say_none(mine, names):
    for name in names:
        put(mine / f"{name}.csv", rows(TIMES, RISE))
    lines, told = finding.find(mine)
    assert told[0] == "sets: a split by speaker, --seed=1" and {line.set for line in lines} == {"train", "dev", "test"}


@pytest.mark.parametrize("place", ["{}/{}_val.csv", "val/{}_{}.csv", "val/{1}.csv"])
def test_val_is_valence_below_train_and_where_no_sets_are(mine, place):
    for word, name in (("train", "ann"), ("dev", "bob"), ("test", "cleo")):
        put(mine / place.format(word, name), rows(TIMES, RISE))
    assert {line.target for line in finding.find(mine)[0]} == {"valence"}


def test_left_and_right_of_a_recording_are_people_not_raters(mine):
    for name in ("ann_left", "ann_Right", "bob_left", "bob_R1", "cleo_joy_left", "cleo_fear_right", "ann_R1_left"):
        put(mine / f"{name}.csv", rows(TIMES, RISE))
    lines, said = finding.find(mine)
    assert [line.trace for line in lines] == [
        "ann_R1_left.csv", "bob_R1.csv", "bob_left.csv", "cleo_fear_right.csv", "cleo_joy_left.csv"
    ]  # fmt: skip
    [told] = [one for one in said if "people" in one]
    assert told.startswith(
        "left out: 2 files without traces: ann_Right.csv is of one of several people, left and right, in"
    )
    assert told.endswith("raters need other names (and 1 more)")


@pytest.mark.parametrize("low, high, span, scales", [
    (0, 1, (1, 9), {"arousal": (0, 1), "valence": (1, 9)}), (-1, 1, (1, 4.9), dict.fromkeys(ENDS, (-10, 10))),
    (0, 1.1, (0, 99), dict.fromkeys(ENDS, (0, 100))), (0, 0, (-5, 5), dict.fromkeys(ENDS, (-10, 10))),
    (-1, 0.1, (0, 5), {"arousal": (-1, 1), "valence": (0, 10)}), (0, 0.1, (-1, 1), dict.fromkeys(ENDS, (-1, 1))),
])  # fmt: skip
def test_targets_of_one_file_that_differ_plainly_have_scales_of_their_own(mine, low, high, span, scales):
    for name in ("ann", "bob"):
        values = [(RISE + 0.5) * (top - end) + end for end, top in ((low, high), span)]
        put(mine / f"{name}.csv", rows(TIMES, *values, head="time,arousal,valence\n"))
    assert {line.target: (line.low, line.high) for line in finding.find(mine)[0]} == {
        target: scales[target] for target in ("arousal", "valence")
    }


@pytest.mark.parametrize("values, others, scales", [
    (RISE * 2, 50 - RISE * 100, [(-1, 1), (0, 100)]), (np.round(RISE + 0.5), 50 - RISE * 100, [(0, 100)] * 2),
    (127.5 - RISE * 255, RISE * 99, [(-255, 255)] * 2), (RISE * 254, RISE * 254, [(-127, 127)] * 2),
    (RISE * 190, RISE * 190, [(-100, 100)] * 2),
])  # fmt: skip
@pytest.mark.parametrize("files", [False, True])
def test_raters_may_have_scales_of_their_own_whose_ends_several_traces_touch(mine, values, others, scales, files):
    for name in ("ann", "bob"):
        values, others = np.roll(values, 1), np.roll(others, 1)
        if files:
            put(mine / f"{name}_joy_R1.csv", rows(TIMES, values, head="time,value\n"))
            put(mine / f"{name}_joy_R2.csv", rows(TIMES, others, head="time,value\n"))
        else:
            put(mine / f"{name}_joy.csv", rows(TIMES, values, others, head="time,R1,R2\n"))
    lines = finding.find(mine)[0]
    assert [{(line.low, line.high) for line in lines if line.rater == rater} for rater in ("R1", "R2")] == [
        {scale} for scale in scales
    ]
    put(mine / "cleo_joy_R1.csv", rows(TIMES, RISE, head="time,value\n"))
    assert [(line.low, line.high) for line in finding.further(mine, lines)] == scales[:1]
