"""cer/corpora/columns.py: which columns of a file of traces hold values, and what these are then taken for."""

import re

import numpy as np
import pytest
from conftest import write_wav
from test_folder import SECONDS, TIMES, guessed, put, rows

from cer.base.errors import BadInput
from cer.corpora import finding, guess, scales


@pytest.mark.parametrize("mark", [None, -5, -9])
def test_a_column_beside_targets_says_nothing_of_their_scale_and_marks(tmp_path, mark):
    said = [np.sin(TIMES * 2) / 2, np.cos(TIMES) / 2]
    if mark:
        said = [np.where(TIMES < 1, mark, one) for one in said]
    text = rows(TIMES, *said, 80 + 9 * np.sin(TIMES), head="time,arousal,valence,heart rate\n")
    found = guessed(tmp_path, text)
    assert (found.columns, found.marks) == (["arousal", "valence"], [mark] if mark else [])
    assert (found.low, found.high) == pytest.approx((min(said[0][TIMES >= 1]), 0.5), abs=2e-3)
    assert scales.scale_of([found]) == (-1, 1)


def test_a_file_of_marks_alone_is_left_out_and_says_nothing_of_the_scale(tmp_path):
    for name in ("ann", "bob", "cleo"):
        write_wav(tmp_path / f"{name}.wav", np.arange(64000) % 999)
        said = [np.full(len(TIMES), -5)] * 2 if name == "bob" else [np.sin(TIMES), np.cos(TIMES)]
        put(tmp_path / f"{name}.csv", rows(*said, head="valence,arousal\n"))
    lines, told = finding.find(tmp_path)
    assert {(line.recording, line.low, line.high) for line in lines} == {("ann.wav", -1, 1), ("cleo.wav", -1, 1)}
    assert f"left out: 1 file without traces: {tmp_path}/bob.csv: found no values but -5, which says" in told[-1]
    with pytest.raises(BadInput, match="found no values but -999"):
        guessed(tmp_path, rows(TIMES, np.full(len(TIMES), -999)))


@pytest.mark.parametrize("head, second", [
    ("timestamp,value,segment_id", np.arange(101) // 40 + 1), ("time,felt,Turn", np.arange(101) // 9 + 4),
    ("Time,Mean,Std", 0.2), ("time,valence (mean),valence (std)", 0.2), ("time,valence,valence_sd", 0.2),
    ("time,value,confidence", np.cos(TIMES) ** 2), ("time,R1,R1 standard deviation", 0.2),
])  # fmt: skip
def test_numbers_of_segments_and_how_sure_a_value_is_are_no_raters(tmp_path, head, second):
    found = guessed(tmp_path, rows(TIMES, np.sin(TIMES), TIMES * 0 + second, head=head + "\n"))
    assert found.columns == ["_".join(head.split(",")[1].split())] and found.high < 1.01


@pytest.mark.parametrize("head, other, expected", [
    ("", np.ones(len(TIMES)), ["1"]), ("", np.cos(TIMES), ["1", "2"]), ("time,felt,one\n", TIMES * 0, ["felt", "one"]),
    ("t,rating,frameN\n", TIMES * 60, ["rating"]), ("t,slider.response,trials.thisRepN\n", 0, ["slider.response"]),
    ("t,rating,thisIndex\n", TIMES // 1, ["rating"]), ("t,mouse.x,Rating\n", 9, ["Rating"]),
    ("t,rating,rating.1\n", 0.5, ["rating", "rating.1"]), ("t,rating_A,rating_B\n", 0.5, ["rating_A", "rating_B"]),
])  # fmt: skip
def test_the_confidence_of_nova_and_what_psychopy_writes_beside_ratings_are_no_raters(tmp_path, head, other, expected):
    assert guessed(tmp_path, rows(TIMES, np.sin(TIMES), TIMES * 0 + other, head=head)).columns == expected


@pytest.mark.parametrize("name", ["speaker", "Person ID", "turn", "clip"])
def test_numbers_of_people_and_places_in_any_order_are_no_raters_beside_fractions(tmp_path, name):
    for who, values, expected in (
        (TIMES // 0.5 % 3, np.sin(TIMES), ["felt"]), (TIMES // 0.5 % 3 + 0.5, np.sin(TIMES), [name, "felt"]),
        (TIMES // 0.5 % 3, TIMES // 0.4 % 5, [name, "felt"]),
    ):  # fmt: skip
        found = guessed(tmp_path, rows(TIMES, who, values, head=f"time,{name},felt\n"))
        assert found.columns == [one.replace(" ", "_") for one in expected]


@pytest.mark.parametrize("head", ["time,JK,SD", "time,mean,SD2", "time,segment,turn", "time,std,sem", "time,a,a_b"])
def test_other_columns_of_such_names_are_raters(tmp_path, head):
    assert len(guessed(tmp_path, rows(TIMES, np.sin(TIMES), np.cos(TIMES), head=head + "\n")).columns) == 2


@pytest.mark.parametrize("units", [(1,), (1, 1000), (1000, 1), (1000,)])
def test_the_length_of_intervals_and_their_times_in_another_unit_are_no_values(tmp_path, units):
    start = np.arange(8) / 2
    both = [time * unit for time in (start, start + 0.5, start * 0 + 0.5) for unit in units]
    text = rows(*both, np.arange(8) % 5 + 1, separator="\t")
    found = guessed(tmp_path, text)
    assert (found.columns, found.unit) == ([str(len(both))], "ms" if units[0] > 1 else "s") and (
        found.low,
        found.high,
    ) == (1, 5)
    put(tmp_path / "x.csv", rows(*both, separator="\t"))
    with pytest.raises(BadInput, match="no column of numbers but the times"):
        guess.guess(tmp_path / "x.csv", SECONDS)


@pytest.mark.parametrize("text, message", [
    (rows(TIMES, np.sin(TIMES), TIMES / 9, head="frameTime;Loudness_sma3;mfcc1_sma3_amean\n", separator=";"),
     "found openSMILE's features (Loudness_sma3 ...), expected what raters said"),
    ("WorkerId,sample_15000ms,sample_15500ms,sample_16000ms\nx,0.1,0.2,0.3\ny,0.2,0.3,0.1\nz,0.4,0.1,0.2\n",
     "found times in the head (... sample_16000ms), expected a line for each time; egs/folder/other_cor"),
    ("".join(",".join(f"{np.sin(n + line):.3f}" for n in range(21)) + "\n" for line in range(20)),
     "found 21 columns of numbers in 20 lines, expected a line for each time and a column for each rater"),
    ("time,who,joy\n" + "".join(f"{t},ann,{t / 9}\n{t},bob,{t / 8}\n" for t in TIMES),
     "found each time 2 times, expected once, and a column for each rater or target"),
    ("time,who,joy\n" + "".join(f"{t},1,{t / 9}\n{t},2,{t / 8}\n" for t in TIMES[:-1]) + "4,1,0.5\n",
     "found each time 2 times"),
    ("".join(f"{t} 1 {t / 9}\n{t} 2 {t / 8}\n{t} 3 0\n" for t in TIMES), "found each time 3 times"),
    ("".join(f"{t} 1 {t / 9}\n{t} 2 {t / 8}\n" for t in np.sqrt(TIMES * SECONDS)), "found each time 2 times"),
    ("".join(f"{t * 1000:.0f} 1 {np.sin(t)}\n{t * 1000:.0f} 2 0\n" for t in TIMES), "found each time 2 times"),
])  # fmt: skip
def test_features_rows_of_raters_and_columns_of_both_are_no_traces(tmp_path, text, message):
    with pytest.raises(BadInput) as error:
        guessed(tmp_path, text)
    assert re.sub(r":\d+: ", ": ", str(error.value)).startswith(f"{tmp_path}/x.csv: {message}"), str(error.value)


@pytest.mark.parametrize("head", ["Zeit;Wert", "Temps (s);éveil", "zaman;x", "Sekunden;Erregung", ""])
def test_times_that_are_rounded_are_times_in_other_languages_and_without_a_name(tmp_path, head):
    fast = np.arange(SECONDS * 100 + 1) / 100
    text = rows(np.round(fast, 1), np.sin(fast), head=f"{head}\n" * bool(head), separator=";")
    with pytest.raises(BadInput, match="x.csv: found each time 9 times, expected once"):
        guessed(tmp_path, text)
    uneven = np.repeat(np.arange(50), np.arange(50) % 7 + 2) / 12
    found = guessed(tmp_path, rows(uneven, np.sin(np.arange(len(uneven)))))  # a slider that only rises
    assert (found.columns, found.time) == (["0", "1"], "")


@pytest.mark.parametrize("head", ["time,joy", "Bild,Erregung", "timestamp,joy", ""])
def test_numbers_of_frames_are_no_times_in_ms(tmp_path, head):
    frames = np.arange(61) * 25
    put(tmp_path / "x.csv", rows(frames, np.sin(frames), head=f"{head}\n" * bool(head)))
    with pytest.raises(
        BadInput, match="x.csv: found times up to 1500, .*; are they numbers of frames. Then divide them"
    ):
        guess.guess(tmp_path / "x.csv", 60.0)
    put(tmp_path / "x.csv", rows(frames * 8, np.sin(frames), head=f"{head}\n" * bool(head)))
    assert guess.guess(tmp_path / "x.csv", 60.0).unit == "ms"
    put(tmp_path / "x.csv", rows(frames, np.sin(frames), head="Time [ms],joy\n"))
    assert guess.guess(tmp_path / "x.csv", 60.0).unit == "ms"


LOG = "time,{},value\n" + "".join(f"{t + n % 3 / 99},{{{n % 2}}},{n % 2 - 0.5}\n" for n, t in enumerate(TIMES[:-1]))


@pytest.mark.parametrize("head, raters, message", [
    ("rater", "01", "found several raters in the column rater, expected a column for each"),
    ("worker_id", "21", "found several raters in the column worker_id"),
    ("Annotator", ("ann", "bob"), "found 'ann' and 'bob' in one column, expected a column for each rater or target"),
    ("what", ("valence", "Arousal"), "found 'Arousal' and 'valence' in one column, expected a column for each rater"),
])  # fmt: skip
def test_a_log_of_several_raters_or_targets_is_refused(tmp_path, head, raters, message):
    with pytest.raises(BadInput) as error:
        guessed(tmp_path, LOG.replace("{}", head).format(*raters))
    assert f"{tmp_path}/x.csv: {message}" in str(error.value)


@pytest.mark.parametrize("head, words, found", [
    ("", ("Angst", "Freude"), False), ("Tier", ("Angst", "Freude"), False), ("note", ("so", "oh"), True),
    ("", ("Angst", "Angst"), True), ("", ("word {}", "and {}"), True),
])  # fmt: skip
def test_words_that_recur_without_a_name_may_be_tiers(tmp_path, head, words, found):
    lines = [f"{words[n % 2].format(n)};{t + n % 2 / 99:.3f};{n % 2 - 0.5}\n" for n, t in enumerate(TIMES[:-1])]
    text = f"{head};time;felt\n" * bool(head) + "".join(lines)
    if found:
        assert len(guessed(tmp_path, text).columns) == 1
        return
    with pytest.raises(BadInput, match="x.csv: found 'Angst' and 'Freude' in one column, expected a column for each"):
        guessed(tmp_path, text)


def test_a_column_of_one_rater_or_of_other_words_is_left_out(tmp_path):
    for head, said in (("rater", ("ann", "ann")), ("what", ("arousal", "arousal")), ("note", ("so", "valence"))):
        assert guessed(tmp_path, LOG.replace("{}", head).format(*said)).columns == ["value"]
    assert guessed(tmp_path, rows(TIMES, np.sin(TIMES), head="time,rater\n")).columns == ["rater"]


@pytest.mark.parametrize("head", ["time,1,2", "Tier,time,1", "time,x,y"])
def test_short_files_have_heads_too(tmp_path, head):
    first = "Arousal" if "Tier" in head else "0.5"
    lines = [f"{first},{n / 2},0.5\n" if "Tier" in head else f"{n / 2},{first},0.5\n" for n in range(3)]
    found = guessed(tmp_path, f"{head}\n{''.join(lines)}")
    assert found.time == "time" and len(found.columns) == (1 if "Tier" in head else 2) and found.high == 0.5


@pytest.mark.parametrize("text, count", [
    ("".join(",".join(f"{np.sin(n + line):.3f}" for n in range(20)) + "\n" for line in range(5)), 20),
    ("".join(",".join(f"{np.sin(n + line):.3f}" for n in range(30)) + "\n" for line in range(30)), 30),
    (rows(TIMES // 0.05 * 0.05, np.sin(TIMES), head="time,joy\n"), 1),  # some times twice
    (rows(TIMES // 0.5 / 9, np.sin(TIMES)), 2),
    (rows(TIMES, np.sin(TIMES), np.cos(TIMES), head="time,rater,gold\n"), 2),
    (rows(TIMES, np.sin(TIMES), np.cos(TIMES), head="time,x_small,y_sma\n"), 2),
    (rows(TIMES, np.sin(TIMES), np.cos(TIMES), head="time,rater1s,rater2s\n"), 2),
])  # fmt: skip
def test_many_raters_and_times_that_stand_there_twice_are_traces(tmp_path, text, count):
    assert len(guessed(tmp_path, text).columns) == count


@pytest.mark.parametrize("head, times", [(",0,1,2", True), (",0,1,2", False), ("0,1,2,3", True), ("0,1,2", False)])
def test_numbers_of_columns_are_no_values(tmp_path, head, times):
    index = [np.arange(len(TIMES))] if head[0] == "," and not times else []
    text = rows(*index, *[TIMES] * times, *(np.sin(TIMES + n) for n in range(3)), head=f"{head}\n")
    held = guessed(tmp_path, text)
    assert (len(held.columns), held.rate) == (3, None if times else 25) and held.high < 1


def test_files_in_a_folder_of_features_are_left_out_and_told(tmp_path):
    for name in ("ann", "bob"):
        put(tmp_path / "feature film" / f"{name}_arousal.csv", rows(TIMES, np.sin(TIMES)))
        write_wav(tmp_path / "feature film" / f"{name}.wav", np.arange(64000) % 999)
        for folder in ("features/mfcc", "Audio_Features_mfcc", "feature_segments"):
            put(tmp_path / folder / f"{name}.csv", rows(TIMES[::10], 9 * np.sin(TIMES[::10])))
    lines, told = finding.find(tmp_path)
    assert {(line.target, line.label_rate) for line in lines} == {("arousal", 25)} and len(lines) == 2
    assert (
        "left out: 6 files without traces: Audio_Features_mfcc/ann.csv lies in a folder of features (and 5 more)"
        in told[-1]
    )


@pytest.mark.parametrize("name", ["frameRate", "fps", "frame_rate (Hz)", "Sampling rate"])
def test_the_rate_of_frames_is_no_rater_if_it_never_changes(tmp_path, name):
    still = np.full(len(TIMES), 59.94)
    for values, expected in ((still, ["joy"]), (still + TIMES, ["_".join(name.split()), "joy"])):
        assert guessed(tmp_path, rows(TIMES, values, np.sin(TIMES), head=f"time,{name},joy\n")).columns == expected


@pytest.mark.parametrize("name, rate, scale, fits", [
    ("time", 10, 1 / 60, False), ("time_(min)", 1, 1 / 60, False), ("Minutes", 1, 1 / 60, False), ("t", 25, 0.01, 0),
    ("time", 1, 1 / 60, True), ("time", 9, 0.0999, True), ("time_(min)", 25, 1, True), ("min", 25, 0.11, True),
])  # fmt: skip
def test_times_in_minutes_or_shares_are_refused(tmp_path, name, rate, scale, fits):
    times = np.arange(60 * rate + 1) / rate
    put(tmp_path / "x.csv", rows(times * scale, np.sin(times), head=f"{name},joy\n"))
    if fits:
        assert guess.guess(tmp_path / "x.csv", times[-1]).time == name
        return
    with pytest.raises(
        BadInput, match=rf"found times up to .* in the column {re.escape(name)} and a recording of 60 s"
    ):
        guess.guess(tmp_path / "x.csv", times[-1])


@pytest.mark.parametrize("name, counts, fits", [
    ("frame", range(50, 101), False), ("frame", [*range(20), *range(50, 81)], False), ("#", range(2, 103), True),
    ("frame", range(0, 505, 5), True), ("row", range(1, 102), True), ("frame", range(5, 510, 5), True),
    ("Frame no", range(50, 151), True), ("frame", range(20, 100), False),
])  # fmt: skip
def test_frames_that_begin_late_or_are_left_out_are_no_rate(tmp_path, name, counts, fits):
    text = rows(counts, np.sin(np.arange(len(counts))), head=f"{name},joy\n")
    if fits:
        assert guessed(tmp_path, text).rate == pytest.approx(25)
        return
    with pytest.raises(
        BadInput, match=f"from {counts[0]} to {counts[-1]} in the column {name}, and no times; expected"
    ):
        guessed(tmp_path, text)
