"""cer/base/kinds.py: what a value may be, in Python and as it is typed."""

import sys
from typing import Annotated

import pytest

from cer.base import kinds
from cer.base.kinds import Count, Layers, Name, NonNegative, Pattern, Positive, Range, Seconds, Seed, Share, Whole

LARGEST = sys.float_info.max
ENDS = [  # a kind, the least and the most that fits, what is just out of it
    (Count, 1, 100_000, [0, 100_001]),
    (Layers, 1, 64, [0, 65]),
    (Whole, 0, 100_000, [-1, 100_001]),
    (Seed, 0, 2**31 - 1, [-1, 2**31]),
    (Positive, 5e-324, LARGEST, [0.0, -1e-9, float("inf"), float("nan")]),
    (NonNegative, 0.0, LARGEST, [-5e-324, float("inf"), float("-inf")]),
    (Share, 0.0, 1.0, [-1e-9, 1.0000001]),
    (Seconds, 1e-9, 3600.0, [0.0, 3600.001]),
    (float, -LARGEST, LARGEST, [float("inf"), float("nan"), "1", None, True, [1.0]]),
    (int, -(10**30), 10**30, [1.0, "1", None, False]),
    (int | float, 1, 1.5, [float("inf"), "x"]),
    (bool, False, True, [0, 1, "true", None]),
    (str, "", "x y", [1, None, True, ["x"]]),
]


@pytest.mark.parametrize("kind, least, most, out", ENDS, ids=[kinds.words(row[0]) for row in ENDS])
def test_a_kind_has_these_ends(kind, least, most, out):
    assert kinds.fits(kind, least) and kinds.fits(kind, most)
    assert not any(kinds.fits(kind, value) for value in out)


@pytest.mark.parametrize(
    "kind, text, value",
    [
        (Count, "7", 7), (float, "1e-3", 0.001), (float, "5", 5.0), (bool, "true", True), (bool, "false", False),
        (str, "a b", "a b"), (Name, "arousal", "arousal"), (Whole, "0", 0), (Seed, "2147483647", 2**31 - 1),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_a_value_of_its_type(kind, text, value):
    found = kinds.parse(kind, text)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    "kind, text, expected",
    [
        (Count, "0", "a whole number from 1 to 100000"),
        (Count, "1.0", "a whole number from 1 to 100000"),
        (Positive, "0", "a finite number above 0"),
        (NonNegative, "-1", "a finite number from 0 on"),
        (Seconds, "3601", "a finite number above 0 to 3600"),
        (Share, "2", "a finite number from 0 to 1"),
        (float, "nan", "a finite number"),
        (float, "1e999", "a finite number"),
        (int, "x", "a whole number"),
        (Count, "1_0", "a whole number from 1 to 100000"),
        (Positive, "0.0_4", "a finite number above 0"),
        (bool, "True", "true or false"),
        (Name, "a/b", "letters, digits, '_', '-' and '.', the first one neither '-' nor '.'"),
        (Annotated[float, Range(high=5)], "6", "a finite number"),
    ],
)
def test_what_cannot_be_is_told_with_what_could(kind, text, expected):
    with pytest.raises(ValueError) as error:
        kinds.parse(kind, text)
    assert str(error.value) == f"found {text!r}, expected {expected}"


def test_a_pattern_is_of_the_whole_text_and_printable():
    kind = Annotated[str, Pattern("a.*", "an a")]
    assert kinds.fits(kind, "abc") and kinds.words(kind) == "an a"
    assert not any(kinds.fits(kind, text) for text in ("ba", "a\x1b", "", 1))


@pytest.mark.parametrize("text, found", [("a", ["a"]), ("arousal,valence", ["arousal", "valence"])])
def test_names_are_parted_by_commas(text, found):
    assert kinds.names(text) == found


@pytest.mark.parametrize("text", ["", ",", "a,", "a,a", "a, b", "a/b", "../a"])
def test_names_that_are_none_or_stand_there_twice_are_refused(text):
    with pytest.raises(ValueError, match="expected names parted by commas, each once"):
        kinds.names(text)


def test_long_values_are_cut_to_sixty_characters():
    assert kinds.shown("x" * 58) == repr("x" * 58)  # sixty with the quotes
    assert kinds.shown("x" * 59) == "'" + "x" * 55 + " ..." and len(kinds.shown([1] * 10**4)) == 60
    nested = []
    nested.append(nested)
    assert kinds.shown(nested) == "[[...]]"
    deep = []
    for _ in range(10**5):
        deep = [deep]
    assert kinds.shown(deep) == "a list with too much inside"


@pytest.mark.parametrize("text, shift, rows", [("8s", 0.04, 200), ("8s", 0.1, 80), ("0.4s", 0.04, 10), ("0.01s", 1, 0)])
def test_a_number_of_rows_may_be_given_in_seconds(text, shift, rows):
    assert kinds.parse(kinds.RowCount, text).rows(shift) == rows


@pytest.mark.parametrize("text", ["8 s", "-8s", "s", "1e3s", "8S", "0"])
def test_what_is_no_number_of_rows_is_named_with_both_ways_to_give_it(text):
    with pytest.raises(ValueError, match="expected a whole number from 1 to 100000, or seconds, such as 8s"):
        kinds.parse(kinds.RowCount, text)


def test_other_whole_numbers_are_never_seconds():
    assert kinds.parse(kinds.RowCount, "8") == 8
    with pytest.raises(ValueError, match="expected a whole number from 1 to 100000$"):
        kinds.parse(kinds.Count, "8s")
