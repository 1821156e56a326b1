"""Traces as the tools of raters write them: what is recognised, and what is refused by its line."""

import math

import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.corpora import traces

CARMA = """Time of Rating,2019-04-03 10:11
Multimedia File,talk 1.mp4
Lower Label,very, very calm
Upper Label,excited
Minimum Value,-100
Maximum Value,100
Number of Steps,9
Second,Rating
%%%%%%,%%%%%%
0.0333,0
0.0667,50
0.1,-100
"""


def read(folder, text, **options):
    path = folder / "x.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    trace = traces.read(path, **options)
    assert len(trace.times) == trace.values.shape[1] == len(trace.numbers)
    return trace


def told(folder, text, **options):
    """What is read: the times, and the values of each name."""
    trace = read(folder, text, **options)
    return trace.times.tolist(), dict(zip(trace.names, trace.values.tolist(), strict=True))


TWO = ([0, 0.5], {"a": [0, 1], "b": [-0.5, 0.25]})
BARE = ([0, 0.5], {"1": [0, 1], "2": [-0.5, 0.25]})
ROWS = "0;0;-0.5\n0.5;1;.25\n"


@pytest.mark.parametrize("text", [f"time;a;b\n{ROWS}", f"time;a;b\n{ROWS}".replace(";", ","),
    f"time;a;b\n{ROWS}".replace(";", "\t"), f"time;a;b\n{ROWS}".replace(";", "  "), f"time; a ;'b'\n{ROWS}",
    f"time;a;b\n{ROWS}".replace(".", ","), f"time;a;b\n{ROWS}".replace(";", " ").replace(".", ","),
    f"\ufefftime;a;b\r\n\r\n{ROWS}".replace("\n", "\r\n"), f"time;a;b\n{ROWS}"[:-1], f"Rated; on\n\ntime;a;b\n{ROWS}",
    f"ms;a;b\n{ROWS}".replace("\n0.5;", "\n500;"), f"Time (ms);a;b\n{ROWS}".replace("\n0.5;", "\n500;"),
    f"time;a;b\n{ROWS}".replace("-", "−"), f"time;a;b\n{ROWS}".translate({45: "−", 46: ",", 59: " "}),
    '"time","a","b"\n"0","0","-0,5"\n"0,5","1",",25"\n', 'time,"a",b\n0,0,"-0,5"\n"0,5",1,0.25\n',
    f"timestamp;a;b\n{ROWS}".replace("\n0.5;", "\n500;"), f"timestamp;a;b\n%%%;%%%\n{ROWS}",
    f"time;a;b\n{ROWS}".replace(";", ",\t"), f"time;a;b\n{ROWS}".replace(";", ";\t"),
    f"time;a;b\n{ROWS}".translate({46: ",", 59: "\t"})])  # fmt: skip
def test_one_table_however_it_is_written(tmp_path, text):
    assert told(tmp_path, text) == TWO
    assert told(tmp_path, text, columns=["B", "a"], names=["b", "a"])[1] == TWO[1]


def test_the_column_of_times_may_have_any_name_and_place(tmp_path):
    text = "a;When it was;b\n0;0;-0.5\n1;0.5;.25\n"
    assert told(tmp_path, text, time="when it was") == TWO and told(tmp_path, text, time=1) == TWO
    assert told(tmp_path, text, time="when_it_was", columns=["b"]) == ([0, 0.5], {"b": [-0.5, 0.25]})


def test_a_table_without_a_head_has_numbers_for_names(tmp_path):
    assert told(tmp_path, ROWS) == BARE
    assert told(tmp_path, f"a line of words\n{ROWS}") == BARE
    assert told(tmp_path, "# rate: 25 Hz\n0.5\n1\n", rate=2, columns=[0])[1] == {"0": [0.5, 1]}
    assert told(tmp_path, ROWS, unit="ms")[0] == [0, 0.0005]


@pytest.mark.parametrize("mark", ",;\t")
def test_a_head_may_have_as_many_commas_as_there_are_numbers(tmp_path, mark):
    assert told(tmp_path, f"rated{mark} by me\n0 0.5\n") == ([0], {"1": [0.5]})


@pytest.mark.parametrize("extra", ["", "About,more\n"])
def test_carmas_head_is_recognised_whatever_its_length(tmp_path, extra):
    trace = read(tmp_path, extra + CARMA, scale=(-100, 100))
    assert trace.names == ["Rating"] and trace.values.tolist() == [[0, 0.5, -1]]
    assert trace.numbers[0] == 10 + bool(extra) and trace.times[0] == 0.0333


def test_values_alone_come_at_a_rate(tmp_path):
    times, values = told(tmp_path, "0.5\n-0.25\n0\n", rate=49.979)
    assert times == [0, 1 / 49.979, 2 / 49.979] and values == {"0": [0.5, -0.25, 0]}
    assert told(tmp_path, "0,5\n-0,25\n0\n", rate=2)[1] == {"0": [0.5, -0.25, 0]}
    assert told(tmp_path, "7 0.5\n8 -0.25\n", rate=2, columns=[1], names=["me"]) == ([0, 0.5], {"me": [0.5, -0.25]})
    text = "-5 -5\nnan -5\n.5 1\n"  # it may begin with marks
    assert np.isnan(read(tmp_path, text, rate=2, missing=[-5, "nan"]).values).sum() == 4
    assert np.isnan(read(tmp_path, text, rate=2, missing=[-5, "nan"], columns=[1]).values).sum() == 2
    assert told(tmp_path, "valence,arousal\n.5,1\n", rate=2)[1] == {"valence": [0.5], "arousal": [1]}


def test_columns_that_are_not_asked_for_may_hold_anything_and_are_counted(tmp_path):
    text = "'Train_01';0;0.1;0.2;0.3\n'Train_01';0.1;0.4;0.5;x\n"
    trace = read(tmp_path, text, time=1, columns=[2, 3], names=["arousal", "valence"])
    assert trace.values.tolist() == [[0.1, 0.4], [0.2, 0.5]] and trace.ignored == 2
    trace = read(tmp_path, "timestamp,value,segment_id\n0,.5,1\n250,.25,1\n", columns=["value"])
    assert trace.times.tolist() == [0, 0.25] and trace.ignored == 1
    trace = read(tmp_path, "0,50,7\n1,25\n", columns=[1], scale=(-50, 50))  # some lines have a column more
    assert trace.values.tolist() == [[1, 0.5]] and trace.ignored == 1


@pytest.mark.parametrize("text, name", [("timestamp;a\n0;0\n.1;0\n", [0, 0.1]), ("timestamp;a\n0;0\n5;0\n", [0, 5]),
                                        ("moments;a\n0;0\n40;0\n", [0, 40]),
                                        ("timestamp;a\n0;0\n10;0\n", [0, 0.01]),
                                        ("timestamp;a\n3;0\n", [3])])  # fmt: skip
def test_times_are_in_seconds_unless_they_cannot_be(tmp_path, text, name):
    assert told(tmp_path, text)[0] == name


@pytest.mark.parametrize(
    "mark, missing", [("", [""]), ("nan", ["NaN"]), ("-5", [-5]), ("-5.0", ["-5"]), ("n/a", ["N/A"])]
)
@pytest.mark.parametrize("separator", ";\t,")
def test_missing_values_are_those_that_the_caller_names(tmp_path, mark, missing, separator):
    text = f"t;a;b\n0;{mark};1\n1;0;{mark}\n".replace(";", separator)
    values = read(tmp_path, text, missing=missing).values
    assert np.array_equal(values, [[math.nan, 0], [1, math.nan]], equal_nan=True)
    values = read(tmp_path, text.partition("\n")[2], missing=missing, columns=[1, 2]).values
    assert np.array_equal(values, [[math.nan, 0], [1, math.nan]], equal_nan=True)
    with pytest.raises(
        BadInput, match=r"x.csv:[23]: (found '.*', expected a finite number|a: found -5, expected -1 to 1)"
    ):
        read(tmp_path, text)


def test_the_last_of_equal_times_counts(tmp_path):
    trace = read(tmp_path, "t;a\n0;0\n1;.5\n1;.75\n1;1\n2;0\n")
    assert trace.times.tolist() == [0, 1, 2] and trace.values.tolist() == [[0, 1, 0]]
    assert trace.repeated == 2 and trace.numbers == [2, 5, 6]


def test_scales_become_one(tmp_path):
    text = "t;a;b\n0;0;4\n1;50;1\n"
    assert told(tmp_path, text, scale={"a": (0, 100), "b": (1, 5)})[1] == {"a": [-1, 0], "b": [0.5, -1]}
    assert told(tmp_path, text, scale=None)[1] == {"a": [0, 50], "b": [4, 1]}


@pytest.mark.parametrize("text, options, message", [
    ("", {}, ": is empty"),
    ("a head\n", {}, ":1: found a, head, expected numbers"),
    ("t;a\n", {"columns": ["a"]}, ": found no rows below the head"),
    ("t;a\n0;0\n", {"columns": ["b"]}, ":1: found ['t', 'a'], expected the columns 0, b"),
    ("t;a\n0;high\n1;0\n", {}, ":2: found 'high', expected a finite number"),
    ("t;a\n0;0\n1;inf\n", {}, ":3: found 'inf'"),
    ("t;a\n0\n1;0\n2;0\n", {}, ":2: found 1 columns"),
    ("t;a\n0;0\n1\n2;0\n", {}, ":3: found 1 columns in '1', expected 2"),
    ("t;a\n0;0\n1;0;0\n2;0\n", {}, ":3: found 3 columns in '1;0;0', expected 2"),
    ("t;a\n0;0\n;0\n2;0\n", {"missing": [""]}, ":3: found '', expected a time"),
    ("t;a\n0;0\n2;0\n1;0\n", {}, ":4: found the time 1 after 2, expected a later one"),
    ("t;a;b\n0;0;0\n1;0;1.01\n", {}, ":3: b: found 1.01, expected -1 to 1"),
    ("t;a\n0;0\n1;-100.5\n", {"scale": (-100, 100)}, ":3: a: found -100.5, expected -100 to 100"),
    ("t;a;a\n0;0;0\n", {}, ": found the columns a, a, expected different names"),
    ("0\n1\n\n0\n", {"rate": 2}, ":3: found an empty line among values without times; if it is a missing value, write"),
    ("t;a;b\n0;0;0\n", {"names": ["a"]}, ": found 2 columns of values, expected a"),
    (b"t;caf\xe9\n0;0\n", {}, ":1: found b'\\xe9', which is not UTF-8"),
])  # fmt: skip
def test_a_trace_that_cannot_be_is_named_by_its_line(tmp_path, text, options, message):
    with pytest.raises(BadInput) as error:
        read(tmp_path, text, **options)
    assert f"x.csv{message}" in str(error.value)


WIDE = "WorkerId, sample_15000ms, sample_15500ms\nabc, 0.1, -0.25\ndef, , 1\n"


def test_a_row_may_hold_a_rater_or_a_recording(tmp_path):
    (tmp_path / "x.csv").write_text(WIDE)
    trace = traces.read_rows(tmp_path / "x.csv")
    assert trace.names == ["1", "2"] and trace.times.tolist() == [15, 15.5]  # no id of a person
    assert np.array_equal(trace.values, [[0.1, -0.25], [math.nan, 1]], equal_nan=True)
    assert traces.read_rows(tmp_path / "x.csv", key="WorkerId").names == ["abc", "def"]
    (tmp_path / "x.csv").write_text("0.5s\t1s\n75\t50\n")
    assert traces.read_rows(tmp_path / "x.csv", scale=(0, 100)).values.tolist() == [[0.5, 0]]


@pytest.mark.parametrize("text, key, message", [
    ("a_1..5s, b_1.s.\n1, 2\n", None, ":1: found the head 'a_1..5s, b_1.s.', expected times and times such as 500ms"),
    (f"a_{'9' * 400}s\n1\n", None, "expected times and times such as 500ms"),
    ("a, b\n1, 2\n", None, ":1: found the head 'a, b', expected times and times such as 500ms"),
    (WIDE, "song", "expected song and times such as 500ms"),
    (WIDE.replace("def", "abc"), "WorkerId", ": found the rows abc, abc, expected different ones"),
    (WIDE.replace("1\n", "2\n"), None, "x.csv:3: 2: found 2, expected -1 to 1"),
    ("\n\na, 500ms, 400ms\n1, 0, 0\n", None, "x.csv:3: found the time 0.4 after 0.5, expected a later one"),
    (WIDE.replace("1\n", "x\n"), None, ":3: found 'x', expected a finite number"),
    (WIDE.replace(", 1\n", "\n"), None, ":3: found 2 columns"),
    (WIDE.partition("\n")[0], None, ": found the rows none"),
])  # fmt: skip
def test_a_wide_file_that_cannot_be_is_named(tmp_path, text, key, message):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(BadInput) as error:
        traces.read_rows(tmp_path / "x.csv", key=key)
    assert message in str(error.value)
