"""cer/data/intervals.py: who speaks from when to when, whatever file says so, and which rows that means."""

from itertools import pairwise

import numpy as np
import pytest
from test_captions import SRT, VTT
from test_textgrid import LONG

from cer.base.errors import BadInput
from cer.data import intervals
from cer.data.intervals import Interval

RTTM = """;; a comment
SPKR-INFO talk 1 <NA> <NA> <NA> unknown ann <NA>
SPEAKER talk 1 2.50 0.5 <NA> <NA> bob <NA> <NA>
SPEAKER talk 1 0.0 1.25 <NA> <NA> ann <NA>
"""
ANN = Interval("talk", "ann", 0.0, 1.0, "", "talk.rttm:1")
FILES = {"talk.rttm": RTTM, "talk.TextGrid": LONG, "talk.srt": SRT, "talk.vtt": VTT}


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_rttm_is_read_without_its_other_lines(tmp_path):
    path = put(tmp_path, "x.rttm", RTTM)
    assert intervals.read(path) == [
        ("talk", "ann", 0, 1.25, "", f"{path}:4"),
        ("talk", "bob", 2.5, 3, "", f"{path}:3"),
    ]


@pytest.mark.parametrize("name", ["segments", "my.segments"])
def test_kaldis_segments_take_speaker_and_text_from_the_files_beside_them(tmp_path, name):
    path = put(tmp_path, name, "ann-1 talk 0 1.25\nbob-1 talk 2.5 3\n")
    assert [one.speaker for one in intervals.read(path)] == ["ann-1", "bob-1"]
    put(tmp_path, "utt2spk", "ann-1 ann\nbob-1 bob\n")
    put(tmp_path, "text", "ann-1 good day\nbob-1\n")
    assert intervals.read(path) == [
        ("talk", "ann", 0, 1.25, "good day", f"{path}:1: ann-1"),
        ("talk", "bob", 2.5, 3, "", f"{path}:2: bob-1"),
    ]
    put(tmp_path, "utt2spk", "ann-1 ann\n")
    with pytest.raises(BadInput, match=rf"{name}:2: bob-1: its speaker is not in .*utt2spk; add it"):
        intervals.read(path)


def test_files_of_one_recording_each_name_it_and_a_folder_holds_many(tmp_path):
    put(tmp_path, "a b/first talk.TextGrid", LONG)
    put(tmp_path, "second.vtt", VTT)
    put(tmp_path, "third.SRT", SRT)
    put(tmp_path, "notes.txt", "no intervals")
    found = intervals.read(tmp_path)
    assert {(one.recording, one.speaker) for one in found} == {
        ("a_b-first_talk", "ann"), ("second", "Ann_Lee"), ("second", "Bob"), ("second", "Cleo"),
        ("third", "Ännchen_Lee"), ("third", "SPEAKER_01"), ("third", "unknown"),
    }  # fmt: skip
    assert found == sorted(found) and len(found) == 9
    assert intervals.read(tmp_path / "second.vtt") == [one for one in found if one.recording == "second"]


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("x.rttm", RTTM.replace("0.5 <", "x <"), r"x.rttm:3: found 'x', expected a finite number"),
        ("x.rttm", RTTM.replace("0.5 <", "nan <"), r"x.rttm:3: found 'nan', expected a finite number"),
        ("x.rttm", RTTM.replace("0.5 <", "0 <"), r"x.rttm:3: found 2.5 to 2.5 s, expected 0 <= start < end"),
        ("x.rttm", RTTM.replace("2.50", "-2.5"), r"x.rttm:3: found -2.5 to -2 s, expected 0 <= start < end"),
        (
            "x.rttm",
            RTTM.replace(" ann <NA>\n", " ann\n"),
            "x.rttm:4: found 'SPEAKER .*, expected SPEAKER, a rec",
        ),
        ("x.rttm", "SPEACER" + RTTM[40:], "x.rttm:1: found 'SPEACER"),
        ("x.rttm", ";; none\n", "x.rttm: found no interval with a speaker"),
        ("x.rttm", "", "x.rttm: is empty"),
        ("segments", "a talk 0\n", r"segments:1: found 'talk 0', expected a recording, start and end in s"),
        ("segments", "a talk 1_0 2_0\n", r"segments:1: found 'talk 1_0 2_0', expected a recording, start and end in s"),
        ("segments", "a talk 1 1e999\n", r"segments:1: a: found 1 to inf s, expected 0 <= start < end"),
        ("x.TextGrid", LONG.replace("xmax = 1.5", "xmax = 0"), r"x.TextGrid:16: found 0 to 0 s, expected 0 <= start"),
        ("x.srt", SRT.replace("00:00:08", "00:00:07"), r"x.srt:13: found 7 to 7 s, expected 0 <= start < end"),
        ("x.txt", RTTM, r"x.txt: found another kind of file, expected a name that ends in rttm segments textgrid srt"),
        ("none/x.txt", "", r"none: found no file of intervals, expected names that end in rttm segments textgrid srt"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(tmp_path, name, content, message):
    path = put(tmp_path, name, content)
    with pytest.raises(BadInput, match=message):
        intervals.read(path.parent if name.startswith("none") else path)
    with pytest.raises(BadInput, match="missing.rttm: cannot be read"):
        intervals.read(tmp_path / "missing.rttm")


@pytest.mark.parametrize(
    "start, end, rows",
    [
        (0, 0.08, [0, 1]),  # a row whose time is the end is not in it
        (0.08, 0.16, [2, 3]),  # it is in the next one
        (0.04 * 3, 0.04 * 7, [3, 4, 5, 6]),  # 0.12000000000000001: rounding does not count
        (0.01, 0.03, []),  # between two rows
        (0.03, 0.05, [1]),
        (0.3, 7, [8, 9]),  # 10 rows end at 0.4 s
        (0.4, 0.8, []),
        (5, 6, []),
    ],
)
def test_a_row_belongs_to_an_interval_if_its_time_does(start, end, rows):
    times = 0.04 * np.arange(10)
    found = intervals.rows_of(ANN._replace(start=start, end=end), times)
    assert np.arange(10)[found].tolist() == rows


def test_intervals_without_gaps_share_no_row_and_lose_none():
    times, cuts = np.arange(1000) / 49.979, np.linspace(0, 21, 301)
    parts = [intervals.rows_of(ANN._replace(start=a, end=b), times) for a, b in pairwise(cuts)]
    assert np.concatenate([np.arange(1000)[part] for part in parts]).tolist() == [*range(1000)]


def test_intervals_of_other_recordings_are_left_out_and_told(capsys):
    table = [ANN, ANN._replace(recording="other"), ANN._replace(recording="other")]
    assert intervals.of_recordings(table, {"talk"}, "data/in") == {"talk": [ANN]}
    assert "left out: 2 intervals of recordings that are not in data/in: other" in capsys.readouterr().err
    with pytest.raises(BadInput, match="talk.rttm:1: found intervals of talk, expected recordings that are in data/in"):
        intervals.of_recordings([ANN], {"other"}, "data/in")


def test_an_utterance_is_a_recording_or_a_segment_of_one(tmp_path):
    assert intervals.spans(tmp_path / "segments", ["talk"]) == {"talk": ("talk", 0, "")}
    put(tmp_path, "segments", "ann-1 talk 0.5 1.25\nann-2 talk 2.5 3\n")
    assert intervals.spans(tmp_path / "segments", ["ann-2"]) == {"ann-2": ("talk", 2.5, "")}
    with pytest.raises(BadInput, match="segments: found no line for bob-1, bob-2, expected one for each"):
        intervals.spans(tmp_path / "segments", ["ann-1", "bob-1", "bob-2"])
    put(tmp_path, "utt2spk", "ann-1 ann\nann-2 ann\n")
    found = intervals.spans(tmp_path / "segments", ["ann-2"])["ann-2"]
    assert found == ("talk", 2.5, "ann")
    assert intervals.heard({"ann", "bob", "x"}, found, {"ann", "bob"}) == {"ann", "x"}
