"""cer/corpora/commas.py: decimal commas where commas part columns, too."""

import numpy as np
import pytest
from test_folder import SECONDS, TIMES, put

from cer.base.errors import BadInput
from cer.corpora import guess

SINE, CURE = np.sin(TIMES), "; are commas decimal? Then save it with semicolons between columns"
TENTHS = np.arange(SECONDS * 10 + 1) / 10


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
