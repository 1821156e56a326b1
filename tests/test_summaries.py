"""cer/scoring/summaries.py, steps/summarise_intervals.sh: predictions over intervals, against values found by hand."""

import csv
import subprocess

import numpy as np
import pytest
from conftest import ROOT, write_archive, write_predictions
from praatio import textgrid as praatio
from test_selection import rttm

from cer.bin import summarise_intervals
from cer.data.intervals import Interval
from cer.data.targets import write_scales
from cer.scoring import summaries
from cer.scoring.summaries import summary

# A row every 0.5 s: at 0, 0.5 ... 3.5.
AROUSAL = np.array([1, 2, 3, -1, 0, 0, 4, -4], np.float32)
TALK = [
    ("talk", "ann", 0, 1.5),  # rows 0, 1, 2: 1 2 3; the row at 1.5 is bob's
    ("talk", "bob", 1.5, 2.5),  # -1 0
    ("talk", "ann", 1.25, 2.1),  # overlaps both: 3 is before it; -1 0
    ("talk", "bob", 2.6, 2.9),  # between two rows
    ("talk", "ann", 3, 99),  # ends after the recording: 4 -4
    ("talk", "bob", 50, 51),  # outside
]
# speaker, start: rows, mean, deviation, slope, share above 0
EXPECTED = {
    ("ann", "0"): (3, 2, (2 / 3) ** 0.5, 2, 1),
    ("ann", "1.25"): (2, -0.5, 0.5, 2, 0),
    ("ann", "3"): (2, 0, 4, -16, 0.5),
    ("bob", "1.5"): (2, -0.5, 0.5, 2, 0),
    ("bob", "2.6"): (0, "", "", "", ""),
    ("bob", "50"): (0, "", "", "", ""),
}


@pytest.fixture
def talk(tmp_path):
    """Predictions as of steps/predict_recordings.sh, and their intervals."""
    out = tmp_path / "predictions"
    out.mkdir()
    for target, values in (("arousal", AROUSAL), ("valence", -AROUSAL)):
        write_archive(out, target, {"talk": values[:, None], "talk2": values[:, None]})
    (out / "label_shift").write_text("0.5\n")
    (out / "wav.scp").write_text("talk talk.wav\ntalk2 talk2.wav\n")
    return out, rttm(tmp_path / "talk.rttm", TALK)


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def numbers(row):
    return tuple("" if row[name] == "" else float(row[name]) for name in summaries.FIELDS)


def test_a_summary_is_that_of_its_rows():
    found = summary([0, 0.5, 1.5], [1, 2, 6])
    assert found == pytest.approx((3, 3, (14 / 3) ** 0.5, 3.4285714, 1))  # slope: (2/3 + 1/6 + 5/6 3) / (7/6)
    assert summary([2.5], [-3])[:3] == (1, -3, 0) and summary([2.5], [-3]).positive == 0
    assert np.isnan(summary([2.5], [-3]).slope) and np.isnan(summary([1, 1], [2, 3]).slope)
    nothing = summary([], [])
    assert nothing.rows == 0 and np.isnan(nothing[1:]).all()
    assert summary([0, 1], [0, 1]).positive == 0.5  # 0 is not above 0
    words = "+3.00 ± 2.16, +3.429/s, 100% above 0"
    assert found.words() == words and nothing.words() == "no row"
    assert summary([2.5], [-3]).words() == "-3.00 ± 0.00, 0% above 0"


def test_no_recording_of_an_earlier_call_stays_beside_the_tables(talk, tmp_path):
    predictions, _ = talk
    for name, recordings in (("both", ["talk", "talk2"]), ("one", ["talk2"])):
        path = rttm(tmp_path / f"{name}.rttm", [(key, "ann", 0, 2) for key in recordings])
        summarise_intervals.main([str(path), str(predictions), str(tmp_path / "out")])
        assert {row["recording"] for row in read(tmp_path / "out" / "intervals.csv")} == {*recordings}
        assert [path.stem for path in sorted((tmp_path / "out" / "textgrids").glob("*.TextGrid"))] == recordings
    assert (tmp_path / "out" / "textgrids" / ".backup").is_dir()  # it may be a person's own


def test_a_slope_is_that_of_the_line_with_the_least_squares():
    times, values = np.random.default_rng(0).normal(0, 1, (2, 50))
    assert summary(times, values).slope == pytest.approx(np.polyfit(times, values, 1)[0])


def test_intervals_and_speakers_have_a_line_each_for_each_target(talk, tmp_path):
    predictions, intervals = talk
    out = tmp_path / "out"
    write_scales(predictions, ["arousal"], {"arousal": ("asleep", "awake")})
    words = [str(one) for one in (ROOT / "steps/summarise_intervals.sh", intervals, predictions, out)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (
        f"found no prediction in 2 intervals, outside them or between two rows: {intervals}:4, {intervals}:6"
        in done.stderr
    )
    assert f"6 intervals of 1 recording, arousal, valence: {out}/intervals.csv" in done.stdout
    rows = read(out / "intervals.csv")
    names = "recording speaker start end text target rows mean deviation slope positive low_end high_end"
    assert list(rows[0]) == names.split()
    ends = {"arousal": ("asleep", "awake"), "valence": ("negative", "positive")}
    for row in [*rows, *read(out / "speakers.csv")]:
        assert (row["low_end"], row["high_end"]) == ends[row["target"]]
    arousal = {(row["speaker"], row["start"]): numbers(row) for row in rows if row["target"] == "arousal"}
    assert arousal.keys() == EXPECTED.keys() and len(rows) == 12
    for key, values in EXPECTED.items():
        assert arousal[key] == pytest.approx(values, abs=1e-6)
    valence = [row for row in rows if row["target"] == "valence" and row["start"] == "0"]
    assert numbers(valence[0]) == pytest.approx((3, -2, (2 / 3) ** 0.5, -2, 0), abs=1e-6)
    rows = [row for row in read(out / "speakers.csv") if row["target"] == "arousal"]
    assert [(row["recording"], row["speaker"], row["intervals"]) for row in rows] == [
        ("talk", "ann", "3"), ("talk", "bob", "3")
    ]  # fmt: skip
    values, times = np.array([1, 2, 3, -1, 0, 4, -4]), np.array([0, 0.5, 1, 1.5, 2, 3, 3.5])
    slope = np.polyfit(times, values, 1)[0]
    assert numbers(rows[0]) == pytest.approx((7, 5 / 7, values.std(), slope, 4 / 7), abs=1e-6)
    assert numbers(rows[1]) == pytest.approx((2, -0.5, 0.5, 2, 0), abs=1e-6)


def test_a_textgrid_shows_texts_and_summaries_of_each_speaker(talk, tmp_path):
    predictions, intervals = talk
    summarise_intervals.main([str(intervals), str(predictions), str(tmp_path / "out")])
    grid = praatio.openTextgrid(str(tmp_path / "out/textgrids/talk.TextGrid"), False, reportingMode="error")
    names = [name for who in ("ann", "ann 2", "bob") for name in (who, f"{who} arousal", f"{who} valence")]
    assert list(grid.tierNames) == names and grid.maxTimestamp == 99
    assert [tuple(one) for one in grid.getTier("ann arousal").entries] == [
        (0, 1.5, "+2.00 ± 0.82, +2.000/s, 100% above 0"), (3, 99, "+0.00 ± 4.00, -16.000/s, 50% above 0")
    ]  # fmt: skip
    assert [tuple(one) for one in grid.getTier("ann 2").entries] == [(1.25, 2.1, "ann")]
    assert [one[2] for one in grid.getTier("bob valence").entries][1:] == ["no row", "no row"]
    assert not (tmp_path / "out/textgrids/talk2.TextGrid").exists()


def test_predictions_of_a_system_and_of_segments(tmp_path):
    folder = tmp_path / "predict_dev"
    write_predictions(folder, "arousal", {"ann-1": np.arange(5.0)[:, None], "bob-1": np.arange(9.0)[:, None]}, 0, 0.5)
    (tmp_path / "segments").write_text("ann-1 talk 10 12\nbob-1 talk 11 15\n")
    intervals = rttm(tmp_path / "x.rttm", [("talk", "ann", 10.5, 11.2), ("talk", "bob", 13, 15)])
    words = [str(intervals), str(folder), str(tmp_path / "out"), f"--segments={tmp_path}/segments"]
    summarise_intervals.main(words)
    ann, bob = read(tmp_path / "out/intervals.csv")
    assert numbers(ann)[:2] == pytest.approx((3, 1))  # 1 and 2 of ann-1, 0 of bob-1
    assert numbers(bob)[:2] == pytest.approx((4, 5.5))
    (tmp_path / "utt2spk").write_text("ann-1 ann\nbob-1 bob\n")
    summarise_intervals.main(words)
    ann, bob = read(tmp_path / "out/intervals.csv")
    assert numbers(ann)[:2] == pytest.approx((2, 1.5)) and numbers(bob)[:2] == pytest.approx((4, 5.5))
    summarise_intervals.main([str(tmp_path / "segments"), *words[1:]])
    ann, bob = read(tmp_path / "out/intervals.csv")
    assert (ann["speaker"], ann["rows"], bob["speaker"], bob["rows"]) == ("ann", "4", "bob", "8")
    summarise_intervals.main([str(rttm(intervals, [("talk", "x", 10.5, 11.2)])), *words[1:]])  # of no such speaker
    assert numbers(read(tmp_path / "out/intervals.csv")[0])[:2] == pytest.approx((3, 1))


def test_tiers_hold_intervals_that_touch_and_no_two_that_overlap():
    table = [Interval("talk", "ann", start, end, text, "") for start, end, text in
             ((0, 2, "a"), (1, 3, "b"), (1.5, 4, "c"), (2, 2.5, "d"), (3, 5, "e"))]  # fmt: skip
    found = summaries.tiers(summaries.of_intervals(table, {"ann": {}}))
    assert [(name, [words for *_, words in each]) for name, each in found] == [
        ("ann", ["a", "d", "e"]), ("ann 2", ["b"]), ("ann 3", ["c"])
    ]  # fmt: skip


def test_what_cannot_be_summarised_is_told_and_other_files_stay(talk, tmp_path):
    predictions, intervals = talk
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("x")
    (tmp_path / "none").mkdir()
    for words, message in [
        ([intervals, predictions, tmp_path / "full"], "full: found other files in it, expected an empty or new"),
        (
            [intervals, tmp_path / "none", tmp_path / "out"],
            "none: found no predictions, expected a folder of ",
        ),
        (
            [rttm(tmp_path / "x.rttm", [("p", "ann", 0, 1)]), predictions, tmp_path / "out"],
            "x.rttm:1: found interval",
        ),
        (
            [intervals, predictions, tmp_path / "out", f"--segments={intervals}"],
            "talk.rttm:2: SPEAKER stands here",
        ),
    ]:
        with pytest.raises(SystemExit, match=message):
            summarise_intervals.main([*map(str, words)])
    assert not (tmp_path / "out").exists() and (tmp_path / "full/mine").read_text() == "x"


def test_no_text_becomes_a_formula(talk, tmp_path):
    texts = ['=cmd|"/C calc"!A0', "+1+1", "-1+1", "@SUM(1)", "- Hello", "a=b", "-1.5", "3", ""]
    captions = "".join(f"00:00:0{n % 4}.000 --> 00:00:0{n % 4}.900\n{text}\n\n" for n, text in enumerate(texts) if text)
    (tmp_path / "talk.vtt").write_text(f"WEBVTT\n\n{captions}")
    summarise_intervals.main([str(tmp_path / "talk.vtt"), str(talk[0]), str(tmp_path / "out")])
    found = {row["text"] for row in read(tmp_path / "out/intervals.csv")}
    assert found == {f"'{text}" for text in texts[:5]} | {"a=b", "-1.5", "3"}
