"""cer/corpora/placing.py: traces on the grid of a whole recording, and what is told of those that do not fit it."""

import math
from pathlib import Path

import numpy as np
import pytest
from conftest import write_wav

from cer.base.errors import BadInput
from cer.corpora import placing
from cer.corpora.traces import Trace

NAN = math.nan


@pytest.fixture
def sound(tmp_path):
    """A recording of 4 s."""
    return write_wav(tmp_path / "x.wav", np.arange(4000), 1000)


def trace(times, *values, names="ABC", path="a/x.csv", **about):
    times = np.array(times, float)
    return Trace(
        [*names][: len(values)], times, np.array(values, float), Path(path), [*range(1, len(times) + 1)], **about
    )


def placed(found, sound, start=0.0, shift=1.0, gap=0.5):
    return placing.ratings([(found, start)], sound, shift=shift, gap=gap)


def test_without_options_labels_come_every_40_ms_and_gaps_of_2_s_are_bridged(sound):
    found = placing.ratings([(trace([0, 2, 4], [0, 0.5, 1]), 0.0)], sound, **placing.placement())
    assert found.shift == 0.04 and found.values.shape == (1, 101)
    assert np.allclose(found.values[0], np.arange(101) / 100)
    found = placing.ratings([(trace([0, 2.1, 4], [0, 0.5, 1]), 0.0)], sound, **placing.placement())
    assert np.isnan(found.values[0, 1:52]).all() and not np.isnan(found.values[0, 53:]).any()


def test_parts_of_a_recording_are_put_together_rater_by_rater(sound, capsys):
    parts = [(trace([0, 1], [0.1, 0.2], [0.3, 0.4], repeated=2, ignored=1), 0.0),
             (trace([0, 1], [0.5, 0.6], names="B", path="a/y.csv", repeated=1, ignored=3), 2.0)]  # fmt: skip
    found = placing.ratings(parts, sound, shift=1.0, gap=0.5)
    assert found.names == ["A", "B"] and found.path == Path("a") and (found.repeated, found.ignored) == (3, 4)
    assert np.allclose(found.values, [[0.1, 0.2, NAN, NAN, NAN], [0.3, 0.4, 0.5, 0.6, NAN]], equal_nan=True)
    assert found.times.tolist() == [0, 1, 2, 3, 4] and capsys.readouterr().err == ""
    assert placed(trace([0, 1], [0, 0]), sound).path == Path("a/x.csv")


@pytest.mark.parametrize("start, told", [(2.0, False), (2.01, True), (3.5, True)])
def test_a_trace_that_goes_on_for_more_than_a_second_is_told(sound, capsys, start, told):
    found = placed(trace([0, 3], [0, 1]), sound, start)
    said = f"a/x.csv: found times from {start:g} to {start + 3:g} s, {sound} has 0 to 4 s\n"
    assert capsys.readouterr().err.endswith(said) == told and not np.isnan(found.values).all()


def test_two_files_of_one_rater_are_told_if_they_have_more_than_a_second_in_common(sound, capsys):
    parts = [(trace([0, 1, 2], [0, 0, 0], [0, 0, NAN]), 0.0), (trace([2, 3, 4], [1, 1, 1], path="b/x.csv"), 0.0)]
    assert placing.ratings(parts, sound, shift=1.0, gap=1.0).values[0].tolist() == [0, 0, 1, 1, 1]
    assert capsys.readouterr().err == ""
    parts[1] = (trace([1, 2, 3], [1, 1, 1], [1, 1, 1], path="b/x.csv", names="AC"), 0.0)
    assert placing.ratings(parts, sound, shift=1.0, gap=1.0).values[0, :4].tolist() == [0, 1, 1, 1]
    told = "b/x.csv: its values count for 2 s that a/x.csv has of the same rater, A; two raters need two names"
    assert capsys.readouterr().err.count(told) == 1


def test_a_trace_of_another_time_is_refused(sound):
    with pytest.raises(BadInput, match=r"a/x.csv: found times from 9 to 11 s, .*x.wav has 0 to 4 s; are both whole"):
        placed(trace([0, 2], [0, 1]), sound, 9.0)
    with pytest.raises(BadInput, match=r"x.wav: found no traces of it, expected some; check that the corpus is whole"):
        placing.ratings([], sound, shift=1.0, gap=1.0)


def test_a_gold_standard_is_a_trace_a_target_at_its_own_rate(sound, capsys):
    found = placing.gold(trace(np.arange(0.5, 4.4, 0.5), [*range(8)], [NAN] * 8, names=["joy", "fear"]), sound)
    assert [*found] == ["joy"] and found["joy"].names == ["joy"] and found["joy"].shift == 0.5
    assert np.allclose(found["joy"].values, [[NAN, *range(8)]], equal_nan=True) and capsys.readouterr().err == ""
    assert placing.gold(trace([0, 1], [NAN, NAN]), sound) == {}
    assert placing.gold(trace([0], [0.5]), sound, shift=2.0, whole=False)["A"].values.shape == (1, 3)
    with pytest.raises(BadInput, match="a/x.csv:1: found 1 row of labels, expected more"):
        placing.gold(trace([0], [0.5]), sound)
    assert np.isnan(placing.gold(trace([0, 2], [0, 1]), sound, shift=1.0)["A"].values[0, 1])  # no line between


def test_the_rate_of_a_gold_standard_is_found_wherever_it_begins(sound):
    found = placing.gold(trace(1 + np.arange(100) / 49.979, np.zeros(100)), sound)
    assert found["A"].shift == pytest.approx(1 / 49.979, rel=1e-9)


@pytest.mark.parametrize("first, last, whole, told", [
    (0, 4, True, False), (1, 3, True, False), (1.1, 4, True, True), (0, 2.9, True, True), (1.1, 2.9, False, False),
])  # fmt: skip
def test_a_gold_standard_that_is_not_whole_is_told(sound, capsys, first, last, whole, told):
    placing.gold(trace([first, last], [0, 1]), sound, shift=0.1, whole=whole)
    said = f"a/x.csv: found times from {first:g} to {last:g} s, {sound} has 0 to 4 s\n"
    assert capsys.readouterr().err.endswith(said) == told


@pytest.mark.parametrize("text, joy, fear", [
    ("", (-1, 1), (-1, 1)), ("0:100", (0, 100), (0, 100)), ("joy=-1.5:5", (-1.5, 5), (-1, 1)),
    ("1:9,fear=0:0.5", (1, 9), (0, 0.5)), ("joy=1:2,,fear=3:4", (1, 2), (3, 4)),
])  # fmt: skip
def test_scales_are_of_all_targets_or_of_one(text, joy, fear):
    assert placing.scales(["joy", "fear"], scale=text) == {"joy": joy, "fear": fear}


@pytest.mark.parametrize("text", ["1", "1:1", "2:1", "anger=0:1", "joy=", "0:x", "joy=0:1:2", "joy:0=1"])
def test_a_scale_that_cannot_be_is_named(text):
    with pytest.raises(
        BadInput, match=f"--scale: found '{text}', expected LOW:HIGH or TARGET=LOW:HIGH, with joy, fear"
    ):
        placing.scales(["joy", "fear"], scale=text)
