"""cer/data/predictions.py: predictions as people open them."""

import csv

import numpy as np
import pytest

from cer.data import predictions


@pytest.mark.parametrize(
    "asked, number, each", [("auto", 100, True), ("auto", 101, False), ("true", 10_000, True), ("false", 1, False)]
)
def test_each_utterance_has_its_csv_if_they_are_few_or_it_was_asked_for(asked, number, each):
    assert predictions.each_has_csv(asked, number) is each


def test_a_csv_has_the_time_and_each_target(tmp_path):
    columns = {"arousal": np.float32([0.1, -2]), "valence": np.float32([1 / 3, 0])}
    predictions.write_csv(tmp_path / "x.csv", 0.04, {"x": columns})
    assert (tmp_path / "x.csv").read_text() == "time,arousal,valence\n0,0.100000,0.333333\n0.04,-2.000000,0.000000\n"


def test_a_table_begins_with_the_id_whatever_it_is(tmp_path):
    each = {key: {"arousal": np.float32([1])} for key in ("a%d", 'say "a", b', "c")}
    predictions.write_csv(tmp_path / "x.csv", 0.04, each, ids=True)
    with (tmp_path / "x.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["id", "time", "arousal"], *([key, "0", "1.000000"] for key in each)]
