"""cer/corpora/refusals.py: heads of files of traces, lines of these that say nothing, and decimal commas."""

import numpy as np
import pytest
from test_folder import SECONDS, TIMES, guessed, put, rows

from cer.base.errors import BadInput
from cer.corpora import guess, traces
from cer.corpora.marks import MISSING

SINE, CURE = np.sin(TIMES), "; are commas decimal? Then save it with semicolons between columns"
TENTHS = np.arange(SECONDS * 10 + 1) / 10


@pytest.mark.parametrize("heads, message", [
    ("time,Arousal,,valence,\n,A1,A2,V1,V2\n", ":1: found the targets arousal, valence above another line of"),
    ("mine\n,Arousal,Arousal,Valenz,Valenz\ntime,a,b,c,d\n", ":2: found the targets arousal, valence"),
    ("Second,Valence,Arousal,B,C\n%%%%%%,%%%%%%,%%%%%%,%%%%%%,%%%%%%\n", ""),
    ("time,Arousal,,valence,\ntime,arousal_1,x,y,z\n", ""), ("about,Arousal,,,\ntime,a,b,c,d\n", ""),
])  # fmt: skip
def test_targets_in_a_line_above_the_names_are_refused(tmp_path, heads, message):
    text = heads + rows(TIMES, *[np.sin(TIMES)] * 4)
    if not message:
        count = {"t": 1, "S": 2}.get(heads[0], 4)
        assert len(guessed(tmp_path, text).columns) == count
        return
    with pytest.raises(BadInput) as error:
        guessed(tmp_path, text)
    assert f"{tmp_path}/x.csv{message}" in str(error.value) and "expected one line of names, such as" in str(
        error.value
    )


@pytest.mark.parametrize("pattern", ["00:00:{:06.3f}", "0:{:05.2f}"])
def test_times_on_the_clock_in_the_columns_of_elan_are_read_and_are_no_values(tmp_path, pattern):
    lines = [f"{pattern.format(t)}\t{pattern.format(t + 0.04)}\t{np.sin(t):.2f}\n" for t in TIMES]
    head = "Begin Time - hh:mm:ss.ms\tEnd Time - hh:mm:ss.ms\tArousal\n"
    for mark in ".,":
        found = guessed(tmp_path, head + "".join([*lines[:9], "\n", *lines[9:]]).replace(".", mark))
        assert (found.columns, found.step, found.last, found.unit) == (["Arousal"], 0.04, 4, "s")


@pytest.mark.parametrize("head, line, unsaid, first", [
    ("", "{0:.4f}\n", "\n", 1), ("joy\n", "{0:.4f}\n", "\n", 2), ("a\tb\n", "{0:.4f}\t{1:.4f}\n", "\t\n", 2)
])  # fmt: skip
def test_empty_lines_among_values_without_times_are_refused(tmp_path, head, line, unsaid, first):
    said = [line.format(value, -value) for value in np.sin(TIMES)]
    for start, stop in ((0, 9), (30, 31)):
        text = head + "".join(unsaid if start <= n < stop else one for n, one in enumerate(said))
        with pytest.raises(
            BadInput, match=rf"x.csv:{start + first}: found an empty line among values without times; if"
        ):
            guessed(tmp_path, text)
    whole = head + "".join(said)
    twice = whole.replace("\n", "\r\r\n")  # as Python writes it on Windows without newline=""
    for text in (twice, f"{whole}\n\n", f"a title\n\n{whole}" if head else whole):
        assert guessed(tmp_path, text).rate == 25


@pytest.mark.parametrize("head, columns, unsaid", [
    ("", ["0"], '""'), ("joy\n", ["joy"], '""'), ("", ["0", "1"], ";"), ("a;b\n", ["a", "b"], '"";""'),
    (";\na;b\n", ["a", "b"], ";"),
])  # fmt: skip
def test_lines_of_which_all_fields_are_empty_are_missing_values(tmp_path, head, columns, unsaid):
    for start in (0, 30, len(TIMES) - 9):
        gap = range(start, start + 9)
        values = np.round(np.sin(TIMES * 3), 3)
        said = [unsaid if n in gap else ";".join([f"{one}"] * len(columns)) for n, one in enumerate(values)]
        held = guessed(tmp_path, head + "\n".join(said) + "\n")
        assert (held.columns, held.rate) == (columns, 25)
        name = int(columns[0]) if columns[0].isdigit() else columns[0]
        found = traces.read(tmp_path / "x.csv", rate=25, columns=[name], scale=None, missing=MISSING).values[0]
        assert np.isnan(found[gap]).all() and np.array_equal(np.delete(found, gap), np.delete(values, gap))


@pytest.mark.parametrize("head", ["", "time;a;b\n", "time;a;b\n;;\n"])
def test_lines_without_a_time_and_values_say_nothing(tmp_path, head):
    text = head + rows(TIMES, np.sin(TIMES), np.cos(TIMES), separator=";") + ";;\n" * 60
    held = guessed(tmp_path, text)
    assert (held.time, held.columns) == (("time", ["a", "b"]) if head else ("0", ["1", "2"]))
    time, *columns = (int(one) if one.isdigit() else one for one in (held.time, *held.columns))
    trace = traces.read(tmp_path / "x.csv", time=time, columns=columns, missing=MISSING)
    assert np.allclose(trace.times, TIMES) and np.allclose(trace.values, [np.sin(TIMES), np.cos(TIMES)], atol=1e-4)
    with pytest.raises(BadInput, match="found no rows below the head"):
        (tmp_path / "x.csv").write_text("time;a;b\n;;\n")
        traces.read(tmp_path / "x.csv", time="time", columns=["a"], missing=MISSING)


def lines(*columns):
    """Lines of numbers as their formats write them, with a comma for each point."""
    written = [[f"{value:{form}}" for value in values] for form, values in columns]
    return "".join(",".join(row).replace(".", ",") + "\n" for row in zip(*written, strict=True))


MS, S = (".0f", TIMES * 1000), (".2f", TIMES)


@pytest.mark.parametrize("text, message", [
    ("time,joy\n" + lines(S, (".2f", SINE)), ":1: found 2 columns in the head and 4 whole numbers in the lines below"),
    ("time,joy\n" + lines(MS, (".2f", SINE)), ":1: found 2 columns in the head and 3 whole numbers"),
    ("time,joy\n" + lines(MS, ("g", np.round(SINE + 1, 2))) + "4040,1\n", ":1: found 2 columns in the head"),
    ("Time of Rating,now\nSecond,Rating\n%%%%%%,%%%%%%\n" + lines(S, (".2f", SINE)), ":3: found 2 columns in the head"),
    (lines(MS, (".2f", SINE + 2)), ":1: found 00 among whole numbers"),
    (lines(MS, (".1f", SINE)), ":1: found -0 among whole numbers"),
    (lines((".1f", TENTHS), (".1f", TENTHS % 3)), ":1: found times such as 4,0 among whole numbers"),
    (lines((".1f", TENTHS), (".0f", TENTHS * 9)), ":1: found times such as 4,0 among whole numbers"),
])  # fmt: skip
def test_halves_of_numbers_are_no_columns(tmp_path, text, message):
    put(tmp_path / "x.csv", text)
    with pytest.raises(BadInput) as error:
        guess.guess(tmp_path / "x.csv", SECONDS)
    assert str(error.value).startswith(f"{tmp_path}/x.csv{message}") and str(error.value).endswith(CURE)


@pytest.mark.parametrize("text, columns", [
    ("time,a,b\n" + lines(MS, (".0f", SINE * 100), (".0f", SINE * 50)), ["a", "b"]),
    (lines(MS, (".0f", SINE * 9 + 9), (".0f", SINE * 5 + 9)), ["1", "2"]), (lines(MS, (".0f", 9 - TIMES * 7)), ["1"]),
    ("time,a\n" + lines(MS, (".0f", SINE * 100)) + "4040,5,7\n", ["a"]),
    ("time,id,a\n" + "".join(f"{n * 40},007,{n % 9 + 1}\n" for n in range(101)), ["a"]),
    ("a\n" + "".join(f"{n % 9 + 1}\n" for n in range(101)), ["a"]),
    ("0,0,0\n4,1,1\n", ["1", "2"]),
])  # fmt: skip
def test_whole_numbers_are_columns(tmp_path, text, columns):
    put(tmp_path / "x.csv", text)
    assert guess.guess(tmp_path / "x.csv", SECONDS).columns == columns


@pytest.mark.parametrize("line, message", [
    ("0:{0:02d}.{1:02d},{2:.2f}\n", "x.csv: found times such as 0.01 and none beyond 0.24 of a second, expected parts"),
    ("{0:d}.{1:02d},{2:.2f}\n", "x.csv: found times such as 0.01 and none beyond 0.24 of a second, expected parts"),
    ("0:00:{0:02d};{1:02d},{2:.2f}\n", "x.csv: found no column of numbers but the times, 0, expected values"),
])  # fmt: skip
def test_frames_within_seconds_are_no_parts_of_these(tmp_path, line, message):
    text = "".join(line.format(n // 25, n % 25, np.sin(n)) for n in range(100))
    with pytest.raises(BadInput) as error:
        guessed(tmp_path, text)
    assert message in str(error.value)
