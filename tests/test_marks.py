"""cer/corpora/marks.py: values that mean that there is none."""

import numpy as np
import pytest
from conftest import write_wav
from test_folder import TIMES, prepare, put, rows

from cer.corpora import marks
from cer.data.datadir import Archive

SLIDER = np.linspace(0, 1, 101)


@pytest.mark.parametrize("values, found", [
    ([*SLIDER, -9, -99], [-99, -9]), ([*SLIDER, -999, 999], [-999, 999]), ([*SLIDER * 2 - 1, -5, -9], [-9, -5]),
    ([*SLIDER * 100, -999, -9999, -1], [-9999, -999, -1]), ([*range(-10, 11), -99], [-99]), ([-5, -9], [-9, -5]),
    ([*SLIDER * 100, 99], []), ([*range(-10, 11), -9999, 999], [-9999, 999]), (SLIDER, []), ([5, 5], []),
])  # fmt: skip
def test_there_may_be_several_marks(values, found):
    assert marks.marks_of(np.array(values, float)) == found


@pytest.mark.parametrize("values, mark, alone", [
    (SLIDER, True, True), (SLIDER * 100, True, True), (SLIDER * 8 + 1, True, True), (range(1, 101), True, True),
    (range(1, 6), True, True), ([1, 1, 5], True, True), (range(1, 5), False, True), (range(101), False, True),
    ([0, 1], False, True), ([0, 0.5, 1], False, True), (SLIDER[:11], True, True), (SLIDER[:10], False, True),
    ([*SLIDER, -0.01], False, False), ([*SLIDER, -2], False, False), ([-1, -1], False, False),
])  # fmt: skip
def test_minus_one_is_a_mark_where_no_scale_goes_down_to_it(values, mark, alone):
    values = np.array([*values, -1], float)
    assert marks.marks_of(values) == ([-1] if mark else []) and marks.is_alone(values) == alone
    assert not marks.is_alone(values[:-1]) or -1 in values[:-1]


def test_two_marks_are_gaps_and_say_nothing_of_the_scale(tmp_path):
    said = np.where(TIMES < 1, -1, np.where(TIMES > 3, -9, TIMES / 4))
    for name in ("ann", "bob"):
        put(tmp_path / f"mine/{name}_joy.csv", rows(TIMES, said, head="time,R1\n"))
        write_wav(tmp_path / f"mine/{name}.wav", np.arange(64000) % 999)
    data, told = prepare(tmp_path / "mine")
    assert "scale of their values 0 to 1; -1 means no value; -9 means no value" in told
    assert ",0,1,-9 -1,s," in (data / "pairs.csv").read_text()
    labels = Archive(data / "train/joy.scp", gaps=True)
    found = next(iter(labels.values()))[:, 0]
    expected = np.where((TIMES < 1) | (TIMES > 3), np.nan, TIMES / 2 - 1)
    assert np.allclose(found, expected, atol=1e-3, equal_nan=True)
