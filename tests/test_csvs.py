"""cer/base/csvs.py: tables of numbers."""

import numpy as np
import pytest

from cer.base import csvs
from cer.base.errors import BadInput


@pytest.mark.parametrize(
    "text",
    [
        "time,a,b\n0,1,2\n0.04,3,4\n",
        '\ufeff"time" , a,\'b\'\r\n\r\n0,1, 2\r\n0.04,"3",4',
        "Time,a,b\r0,1,2\r0.04,3,4\r",
    ],
)
def test_a_table_is_read_whoever_saved_it(tmp_path, text):
    (tmp_path / "x.csv").write_text(text, newline="")
    names, numbers, values = csvs.read(tmp_path / "x.csv", first="time")
    assert names[1:] == ["a", "b"] and values.tolist() == [[0, 1, 2], [0.04, 3, 4]] and numbers[0] in (2, 3)
    times, columns, shift = csvs.read_predictions(tmp_path / "x.csv")
    assert times.tolist() == [0, 0.04] and columns["b"].tolist() == [2, 4] and shift == 0.04


def test_texts_may_be_quoted_and_hold_commas(tmp_path):
    (tmp_path / "x.csv").write_bytes(b'\xef\xbb\xbfpath, who\r\n"a, ""b"".wav", me\r\n\r\nc.wav,\r\n')
    found = csvs.texts(tmp_path / "x.csv", "path")
    assert found == [{"path": 'a, "b".wav', "who": "me"}, {"path": "c.wav", "who": ""}]


def test_a_table_without_rows_has_none(tmp_path):
    (tmp_path / "x.csv").write_text("a;b\n")
    assert csvs.read(tmp_path / "x.csv", ";")[2].shape == (0, 2)


def test_numbers_may_be_none_when_told(tmp_path):
    (tmp_path / "x.csv").write_text("epoch,loss\n1,nan\n2,inf\n")
    assert np.isnan(csvs.read(tmp_path / "x.csv", finite=False)[2][0, 1])


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "x.csv: is empty; run stage 4"),
        (b" \n\n", "x.csv: is empty; run stage 4"),
        (b"\n\nwhen,a\n0,1\n", "x.csv:3: found the header 'when,a', expected time,NAME,NAME"),
        (b"time\n0\n", "x.csv:1: found the header 'time'"),
        (b"time,a,a\n0,1,2\n", "x.csv:1: found the header .* different names"),
        (b"time,a,\n0,1,2\n", "x.csv:1: found the header"),
        (b"time,a\n0,1\n\n1\n", "x.csv:4: found 1 columns in '1', expected 2"),
        (b"time,a\n0,1\n1,1,1\n", "x.csv:3: found 3 columns"),
        (b"time,a\n0,x\n", "x.csv:2: found 'x', expected a finite number"),
        (b"time,a\n0,nan\n", "x.csv:2: found 'nan', expected a finite number"),
        (b"time,a\n0,\n", "x.csv:2: found '', expected a finite number"),
        (b"time,caf\xe9\n0,1\n", "x.csv:1: found .*, which is not UTF-8"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path, content, message):
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(BadInput, match=message):
        csvs.read(tmp_path / "x.csv", cure="run stage 4", first="time")


@pytest.mark.parametrize(
    "text, message",
    [
        ("0,1\n", "found 1 rows of predictions"),
        ("-5,1\n-4.96,1\n", "x.csv:2: found the time -5, expected times from 0 on"),
        ("0,1\n0.04,1e308\n", r"x.csv:3: found 1e\+308, expected a number of single precision"),
        ("0,1\n\n0.04,1\n0.2,1\n0.24,1\n", "x.csv:5: found the time 0.2, expected evenly spaced, rising times"),
        ("0,1\n0,1\n", "x.csv:2: found the time 0, expected evenly spaced"),
        ("0.04,1\n0,1\n", "x.csv:2: found the time 0.04, expected evenly spaced"),
    ],
)
def test_predictions_are_single_precision_and_evenly_spaced_from_0_on(tmp_path, text, message):
    (tmp_path / "x.csv").write_text(f"time,a\n{text}")
    with pytest.raises(BadInput, match=message):
        csvs.read_predictions(tmp_path / "x.csv")


def test_predictions_may_begin_at_any_time(tmp_path):
    (tmp_path / "x.csv").write_text("time,a\n10,1\n10.5,2\n11,3\n")
    times, columns, shift = csvs.read_predictions(tmp_path / "x.csv")
    assert times.tolist() == [10, 10.5, 11] and columns["a"].tolist() == [1, 2, 3] and shift == 0.5


def test_a_number_is_finite_unless_told_otherwise():
    assert csvs.value("x.csv", 2, "1e3") == 1000 and csvs.value("x.csv", 2, "-inf", finite=False) == -np.inf
    for field in ("inf", "nan"):
        with pytest.raises(BadInput, match=f"x.csv:2: found '{field}', expected a finite number"):
            csvs.value("x.csv", 2, field)


@pytest.mark.parametrize("name, place", [("R1", 1), ("r1", 2), ("x_1", 3), ("X 1", 3), ("TIME", 0)])
def test_a_column_is_the_one_with_the_same_letters_before_one_in_another_case(name, place):
    assert csvs.place_of(name, ["time", "R1", "r1", "x  1"], lambda one: "_".join(one.lower().split())) == place


@pytest.mark.parametrize("head, body, whole", [
    ("t a", ["0 1 ", "2 3 "], "t a "),
    ("t a", ["x 1 2", "y 3 4"], "row.names t a"), ("t a", ["1 5 6", "2 7 8"], "row.names t a"),
    ("t a", ["5 5 6", "7 7 8"], "t a"), ("# t a", ["0 1", "2 3"], "t a"), ("# t a", ["0 1 2", "2 3 4"], "# t a"),
    ("t", ["1 5", "2 7"], "t"), ("0 a", ["1 5 6", "2 7 8"], "0 a"), ("t a", ["0 1 ", "2 3 4"], "t a"),
])  # fmt: skip
def test_a_head_may_lack_the_name_of_an_empty_last_column_or_of_the_names_of_rows(head, body, whole):
    rows = [(n, line.split(" ")) for n, line in enumerate(["words", head, *body], 1)]
    assert csvs.with_whole_head(rows) == [rows[0], (2, whole.split(" ")), *rows[2:]]
    assert csvs.with_whole_head([]) == [] and csvs.with_whole_head(rows[:1]) == rows[:1]


@pytest.mark.parametrize("lines, are_names", [
    ([";0;1", "0;1;2", "1;2;3"], True), ([";0", "0,0;0,5", "0,04;0,5"], True), ([";0", "0,5;0,5", "0,5;0,4"], False),
    (["0;1", "0;.5", ".04;.5"], True), (["0;1", "1;5", "2;5"], False), (["0;1;2", ".5;1;1", "-1;.5;2"], True),
    (["0;1;2", "1;1;2", "-1;0;2.5"], False), (["0;1;3", "0;.5;.5", ".04;.5;.5"], False),
    (["0;1;2", "0;.5", ".04;.5"], False), (["0;1;2", "0;.5;.5"], False), (["0", "0", "1"], False),
    ([";0", "0;.5", "x;.5"], False), ([";1;2", "0;1;2", "1;2;3"], False),
])  # fmt: skip
def test_numbers_that_can_only_be_those_of_columns_are_no_data(lines, are_names):
    rows = [(n, line.split(";")) for n, line in enumerate(lines, 1)]
    assert csvs.with_whole_head(rows) == rows[are_names:]


def test_a_number_holds_no_underscores():
    with pytest.raises(BadInput, match="x.csv:3: found '0_5', expected a finite number"):
        csvs.value("x.csv", 3, "0_5")


@pytest.mark.parametrize("line, separator, fields", [
    ('1, "a, b" ,\'c\'', ",", ["1", "a, b", "c"]), ('"0,5";"x ""y"" z"', ";", ["0,5", 'x "y" z']),
    ('5" of 7", 8', ",", ['5" of 7', "8"]), ('"a b"  c\t', " ", ["a", "b", "c"]), ('"a,b', ",", ["a,b"]),
])  # fmt: skip
def test_what_stands_in_double_quotes_is_one_field(line, separator, fields):
    assert csvs.split("x", 1, line, separator) == fields
    with pytest.raises(BadInput, match="x:7: is no CSV"):
        csvs.split("x", 7, '"' + "a" * 200_000, ",")
