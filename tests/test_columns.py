"""cer/corpora/columns.py: which columns of a file of traces hold values, and what these are then taken for."""

import numpy as np
import pytest
from test_folder import SECONDS, TIMES, put, rows
from test_wav import write as write_wav

from cer.base.errors import BadInput
from cer.corpora import finding, guess


def guessed(tmp_path, text):
    put(tmp_path / "x.csv", text)
    return guess.guess(tmp_path / "x.csv", SECONDS)


@pytest.mark.parametrize("mark", [None, -5, -9])
def test_a_column_beside_targets_says_nothing_of_their_scale_and_marks(tmp_path, mark):
    said = [np.sin(TIMES * 2) / 2, np.cos(TIMES) / 2]
    if mark:
        said = [np.where(TIMES < 1, mark, one) for one in said]
    text = rows(TIMES, *said, 80 + 9 * np.sin(TIMES), head="time,arousal,valence,heart rate\n")
    found = guessed(tmp_path, text)
    assert (found.columns, found.mark) == (["arousal", "valence"], mark)
    assert (found.low, found.high) == pytest.approx((min(said[0][TIMES >= 1]), 0.5), abs=2e-3)
    assert guess.scale_of([found]) == (-1, 1)


def test_a_file_of_marks_alone_is_left_out_and_says_nothing_of_the_scale(tmp_path):
    for name in ("ann", "bob", "cleo"):
        write_wav(tmp_path / f"{name}.wav", np.arange(64000) % 999)
        said = [np.full(len(TIMES), -5)] * 2 if name == "bob" else [np.sin(TIMES), np.cos(TIMES)]
        put(tmp_path / f"{name}.csv", rows(*said, head="valence,arousal\n"))
    lines, told = finding.find(tmp_path)
    assert {(line.recording, line.low, line.high) for line in lines} == {("ann.wav", -1, 1), ("cleo.wav", -1, 1)}
    assert f"left out: 1 files without traces: {tmp_path}/bob.csv: found no values but -5, which says" in told[-1]
    with pytest.raises(BadInput, match="found no values but -999"):
        guessed(tmp_path, rows(TIMES, np.full(len(TIMES), -999)))
