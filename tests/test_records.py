"""cer/base/records.py: JSON files are what their shape says, or the field that is not is named."""

import json
from dataclasses import dataclass

import pytest

from cer.base import records
from cer.base.errors import BadInput
from cer.base.kinds import Count
from cer.base.records import Exactly, Listed, Such

SHAPE = {
    "name": str, "size": Count, "part?": float, "runs": Listed({"run": str}, 1, 2),
    "limit": (None, Listed(float, 2, 2)), "options": {...: (bool, float)}, "exact?": Exactly({"a": int, "b?": int}),
    "ends?": Such(Listed(int, 2, 2), lambda ends: ends[0] <= ends[1], "the lower one first"),
}  # fmt: skip
GOOD = {"name": "x", "size": 3, "runs": [{"run": "run1"}], "limit": None, "options": {"p": True, "q": 0.5}}


def with_more(more):
    """The good object with further fields, a text; it has none of its own of these names."""
    own = {name: value for name, value in GOOD.items() if f', "{name}":' not in more}
    return f"{json.dumps(own)[:-1]}{more}}}"


def read(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    return records.read(tmp_path / "x.json", SHAPE, "make it again")


@pytest.mark.parametrize(
    "more",
    ["", ', "part": 0.5', ', "part": 1', ', "else": [1]', ', "exact": {"a": 1}', ', "exact": {"a": 1, "b": 2}',
     ', "limit": [0.5, 1]', ', "runs": [{"run": "run1"}, {"run": "run2", "ccc": 0}]', ', "options": {}',
     ', "ends": [2, 2]', ', "else": "\\ud83d\\ude00 \\\\ud800"'],
)  # fmt: skip
def test_what_has_its_shape_is_read(tmp_path, more):
    found = read(tmp_path, with_more(more))
    assert found["name"] == "x" and found["size"] == 3


@pytest.mark.parametrize(
    "more, message",
    [
        (', "size": 0', "size: found 0, expected a whole number from 1 to 100000"),
        (', "size": true', "size: found True, expected a whole number"),
        (', "name": 3', "name: found 3, expected a text"),
        (', "part": "x"', "part: found 'x', expected a finite number"),
        (', "runs": []', r"runs: found \[\], expected a list of 1 or more"),
        (', "runs": [{"run": ""}, {"run": ""}, {"run": ""}]', "runs: found .*, expected a list of 1 or more"),
        (', "runs": {}', "runs: found {}, expected a list"),
        (', "runs": [{"run": "a"}, {"run": 2}]', r"runs\[1\].run: found 2, expected a text"),
        (', "runs": [{}]', r"runs\[0\]: found no run"),
        (', "limit": [1]', r"limit: found \[1\], expected null or a list of 2"),
        (', "limit": [1, 2, 3]', "limit: found .* expected null or a list of 2"),
        (', "limit": [1, null]', r"limit\[1\]: found None, expected a finite number"),
        (', "options": {"p": "x"}', "options.p: found 'x', expected true or false or a finite number"),
        (', "options": 1', "options: found 1, expected an object"),
        (', "exact": {"a": 1, "c": 2}', "exact: found 'c', expected a, b"),
        (', "exact": {}', "exact: found no a"),
        (', "ends": [2, 1]', r"ends: found \[2, 1\], expected the lower one first"),
        (', "ends": [2]', r"ends: found \[2\], expected a list of 2"),
        (', "part": NaN', r"is not JSON \(found NaN, which is no number\)"),
        (', "part": -Infinity', "is not JSON .found -Infinity"),
        (', "part": 1, "part": 2', "is not JSON .found the field 'part' twice in an object"),
        (", 3", "is not JSON"),
        (', "else": "a\\ud800"', r"found '\\ud800', half of a character"),
        (', "\\udfff": 1', r"found '\\udfff', half of a character"),
    ],
)
def test_the_field_that_has_not_is_named(tmp_path, more, message):
    with pytest.raises(BadInput, match=f"^{tmp_path}/x.json: {message}.*; make it again$"):
        read(tmp_path, with_more(more))


@pytest.mark.parametrize("text, message", [("[]", r"found \[\], expected an object"), ("{}", "found no limit, name, "),
                                           ("[" * 10**5, "is not JSON"), ("", "is not JSON")])  # fmt: skip
def test_a_file_of_another_kind_is_named(tmp_path, text, message):
    with pytest.raises(BadInput, match=f"^{tmp_path}/x.json: {message}"):
        read(tmp_path, text)
    with pytest.raises(BadInput, match="none.json: cannot be read .*; make it again"):
        records.read(tmp_path / "none.json", SHAPE, "make it again")


def test_the_shape_of_a_function_is_that_of_its_keywords():
    def function(first, *, width: Count, dropout: float = 0.0):
        """Nothing."""

    @dataclass
    class Data:
        name: str
        size: int = 3

    assert records.of(function) == {"width": Count, "dropout?": float} and isinstance(records.of(function), Exactly)
    assert records.of(Data) == {"name": str, "size?": int}


def test_a_list_without_ends_may_have_any_length():
    records.check([], Listed(int), "p", "cure")
    records.check([1] * 9, Listed(int), "p", "cure", "numbers")
    with pytest.raises(BadInput, match=r"^p: numbers: found 'x', expected a list; cure$"):
        records.check("x", Listed(int), "p", "cure", "numbers")
