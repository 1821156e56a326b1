"""MuSe's tasks of 2020 (wav files of segments) and 2021 (whole recordings), made here on a tiny scale."""

import numpy as np
import pytest
from corpus_programs import check, edit, ids, labels, prepare, refusal, shell, sound, write

SETS = {"1": "train", "2": "devel", "10": "test", "11": "train"}
SEGMENTS = {"1": 8.0, "2": 20.0}  # s of the recording at which they begin
ROWS = 9  # labels of a segment, which lasts 2 s


def value(key, segment, row):
    return round(int(key) / 20 + int(segment) / 10 + row / 100, 3)


def rows(key, step, empty="", starts=None):
    """The rows of a label file: ms, value, segment."""
    starts = starts or SEGMENTS
    return "timestamp,value,segment_id\n" + "".join(
        f"{round(1000 * (start + row * step))},{empty or value(key, segment, row)},{segment}\n"
        for segment, start in starts.items()
        for row in range(ROWS)
    )


def make_2020(folder):
    """Two tasks with one list of recordings; test has files without labels."""
    write(folder / "metadata/partition.csv", "id,partition\n" + "".join(f"{k},{v}\n" for k, v in SETS.items()))
    for key, name in SETS.items():
        for segment in SEGMENTS:
            sound(folder / "c1_muse_wild/audio_segments" / key / f"{key}_{segment}.wav", 2.1, seed=int(key))
        for target in ("arousal", "valence"):
            if name != "test":
                write(folder / "c1_muse_wild/label_segments" / target / f"{key}.csv", rows(key, 0.25))
        write(folder / "c1_muse_wild/feature_segments/unaligned/mfcc" / f"{key}.csv", "timestamp,x\n0,no\n")
    write(folder / "c3_muse_trust/label_segments/trustworthiness/1.csv", rows("1", 0.25))
    return folder


def make(folder):
    """The task Stress of 2021, whole recordings, labels every 0.5 s, nan in test and once in train."""
    listing = "".join(f"{key},{n},{name}\n" for n, (key, name) in enumerate(SETS.items()))
    write(folder / "metadata/partition.csv", f"Id,Person,Proposal\n{listing}")
    for key, name in SETS.items():
        sound(folder / "raw_data/audio" / f"{key}.wav", 4.2, 44100 if key == "1" else 16000, int(key))
        for target in ("arousal", "valence"):
            text = rows(key, 0.5, "nan" if name == "test" else "", {"1": 0.0})
            text = text.replace(",0.16,", ",,")  # the second label of recording 1
            write(folder / "label_segments" / target / f"{key}.csv", text)
    return folder


def test_segments_have_their_own_sound_and_labels_from_its_start(tmp_path):
    data, printed = prepare("muse", make_2020(tmp_path / "muse"), "--task=c1_muse_wild")
    check(data)
    expected = {f"{key}_{segment}": key for key in ("0001", "0011") for segment in ("0001", "0002")}
    assert ids(data, "train") == expected and [*ids(data, "test")] == ["0010_0001", "0010_0002"]
    found = labels(data, "train", "valence")["0011_0002"]
    assert np.allclose(found, [value(11, 2, row) for row in range(ROWS)])
    assert (data / "dev/label_shift").read_text() == "0.25\n" and not (data / "test/valence.scp").exists()
    assert "WARNING" not in printed


def test_whole_recordings_have_labels_at_their_timestamps_and_nan_is_none(tmp_path):
    data, printed = prepare("muse", make(tmp_path / "muse"))
    check(data)
    assert ids(data, "train") == {"0001": "0001", "0011": "0011"} and "MuSe, muse; its own gold" in printed
    found = labels(data, "train", "arousal")["0001"]
    expected = [value(1, 1, row) if row != 1 else np.nan for row in range(ROWS)]
    assert np.allclose(found, expected, equal_nan=True)
    assert not (data / "test/arousal.scp").exists() and [*ids(data, "test")] == ["0010"]


def test_between_segments_of_a_whole_recording_is_a_gap(tmp_path):
    corpus = make(tmp_path / "muse")
    for key in ("1", "2", "11"):
        sound(corpus / "raw_data/audio" / f"{key}.wav", 23)
        write(corpus / f"label_segments/arousal/{key}.csv", rows(key, 0.25))
    data, printed = prepare("muse", corpus, "--targets=arousal")
    found = labels(data, "train", "arousal")["0011"]
    assert np.flatnonzero(~np.isnan(found)).tolist() == [*range(32, 32 + ROWS), *range(80, 80 + ROWS)]
    assert np.isclose(found[33], value(11, 1, 1)) and "WARNING" not in printed


def test_wav_files_may_be_elsewhere_and_scales_are_the_users(tmp_path):
    corpus = make(tmp_path / "muse")
    (corpus / "raw_data").rename(tmp_path / "wavs")
    options = [f"--audio={tmp_path}/wavs", "--scale=arousal=-2:2", "--targets=valence,arousal"]
    found = labels(prepare("muse", corpus, *options)[0], "dev", "arousal")["0002"]
    assert np.allclose(found, [value(2, 1, row) / 2 for row in range(ROWS)])


@pytest.mark.parametrize("name", ["anno12_EDA", "physio-arousal"])  # of 2021 and 2022
def test_a_list_may_have_no_head_and_a_target_any_name(tmp_path, name):
    corpus = make(tmp_path / "muse")
    write(corpus / "metadata/partition.csv", "1,Train\n2,devel\n10,test\n11,train\n")
    (corpus / "label_segments/arousal").rename(corpus / "label_segments" / name)
    data, _ = prepare("muse", corpus)
    assert {*labels(data, "train", name)} == {"0001", "0011"}


LABEL = "label_segments/arousal/1.csv"


@pytest.mark.parametrize("spoil, options, message", [
    (edit(LABEL, ",0.15,", ",high,"), [], "arousal/1.csv:2: found 'high', expected a finite number"),
    (edit(LABEL, ",0.15,", ",1.5,"), [], "arousal/1.csv:2: value: found 1.5, expected -1 to 1"),
    (edit(LABEL, "value", "level"), [], "arousal/1.csv:1: found ['timestamp', 'level', 'segment_id'], expected"),
    (edit(LABEL, "1000,", "9000,"), [], "arousal/1.csv:5: found the time 1.5 after 9"),
    (edit(LABEL, ",0.15,1\n", ",0.15\n"), [], "arousal/1.csv:2: found 2 columns"),
    (lambda corpus: (corpus / LABEL).unlink(), [], "arousal/1.csv: no such file; train needs labels of 1"),
    (edit("metadata/partition.csv", "0,train", "0,exam"), [], "partition.csv:2: found '1,0,exam', expected an id"),
    (edit("metadata/partition.csv", "11,3", "1,3"), [], "partition.csv:5: 1 stands here in train, and in line 2"),
    (lambda corpus: (corpus / "metadata/partition.csv").unlink(), [], "found no metadata/partition.csv; to divide"),
    (lambda corpus: (corpus / "raw_data/audio/1.wav").unlink(), [], "train needs 1, which is not there"),
    (lambda corpus: sound(corpus / "again/1.wav", 1), [], "1.wav: found another 1 in"),
    (lambda corpus: None, ["--targets=joy"], "--targets: found joy, "),
    (lambda corpus: None, ["--scale=1:0"], "--scale: found '1:0', expected LOW:HIGH or TARGET=LOW:HIGH, with arousal"),
    (lambda corpus: None, ["--scale=joy=0:1"], "--scale: found 'joy=0:1', expected"),
    (lambda corpus: None, ["--task=c1"], "found none with label_segments, expected one task; name it by --task"),
])  # fmt: skip
def test_what_cannot_be_is_named(tmp_path, spoil, options, message):
    corpus = make(tmp_path / "muse")
    spoil(corpus)
    assert message in refusal("muse", corpus, *options)


def test_segments_without_labels_are_named_and_one_of_several_tasks_must_be_chosen(tmp_path):
    corpus = make_2020(tmp_path / "muse")
    assert "found c1_muse_wild, c3_muse_trust with label_segments" in refusal("muse", corpus)
    sound(corpus / "c1_muse_wild/audio_segments/1/1_7.wav", 2)
    assert "1.csv: found no row of segment 7, expected some" in refusal("muse", corpus, "--task=c1_muse_wild")
    text = rows("1", 0.25).replace("segment_id", "part")
    write(corpus / "c1_muse_wild/label_segments/arousal/1.csv", text)
    assert "1.csv:1: found ['timestamp', 'value', 'part']" in refusal("muse", corpus, "--task=c1_muse_wild")


def test_recordings_that_audio_names_are_an_input_of_stage_0(tmp_path):
    corpus, data, option = make(tmp_path / "muse"), tmp_path / "data", f"--audio={tmp_path}/wavs"
    (corpus / "raw_data/audio").rename(tmp_path / "wavs")
    (tmp_path / "wavs/10.wav").rename(tmp_path / "10.wav")
    assert "up to date" not in shell("muse", corpus, data, option)[1] and not (data / "test").exists()
    assert "up to date" in shell("muse", corpus, data, option)[1]
    (tmp_path / "10.wav").rename(tmp_path / "wavs/10.wav")
    assert "up to date" not in shell("muse", corpus, data, option)[1] and [*ids(data, "test")] == ["0010"]
