"""The grid of labels under irregular times."""

import math
from pathlib import Path

import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.corpora import grid
from cer.corpora.traces import Trace

NAN = math.nan


def trace(times, *values):
    times = np.array(times, float)
    return Trace([f"r{n}" for n in range(len(values))], times, np.array(values, float), Path("x"), [*range(len(times))])


def same(found, expected):
    return np.allclose(found, expected, equal_nan=True)


def test_an_interval_with_values_has_their_mean():
    found = grid.onto(trace([0.1, 0.2, 0.6, 1.4, 1.6], [1, 2, 5, 7, 9]), 1, 2, gap=math.inf)
    assert same(found, [[1.5, 6, 9]])


@pytest.mark.parametrize("step, first", [(1, 0.5), (0.5, 0), (0.25, 0), (1 / 3, 0.5 / 3), (0.1, 0)])
def test_a_rising_line_is_neither_early_nor_late_on_the_grid(step, first):
    times = first + step * np.arange(9 / step)  # those in the middle between two labels are of both
    assert same(grid.onto(trace(times, times), 1, 8, gap=0)[:, 1:-1], [np.arange(1, 8)])


@pytest.mark.parametrize("gap, between", [(3, [0.25, 0.5]), (2.9, [NAN, NAN]), (math.inf, [0.25, 0.5])])
def test_between_neighbours_that_are_near_enough_it_is_a_straight_line(gap, between):
    assert same(grid.onto(trace([0, 3.2], [0, 0.8]), 1, 4, gap + 0.2)[:, 1:3], [between])


def test_each_gap_is_measured_between_its_own_neighbours():
    assert same(
        grid.onto(trace([0, 3, 4, 7], [0, 0.3, 0.4, 0.7]), 1, 7, gap=2), [[0, NAN, NAN, 0.3, 0.4, NAN, NAN, 0.7]]
    )


def test_before_the_first_and_after_the_last_value_there_is_none():
    assert same(grid.onto(trace([2, 3], [0.5, 1]), 1, 5, gap=9), [[NAN, NAN, 0.5, 1, NAN, NAN]])
    assert same(grid.onto(trace([2], [0.5]), 1, 3, gap=9), [[NAN, NAN, 0.5, NAN]])
    assert same(grid.onto(trace([1, 2], [NAN, NAN]), 1, 2, gap=9), [[NAN] * 3])


def test_each_rater_has_gaps_of_its_own():
    found = grid.onto(trace([0, 1, 2, 3], [0, NAN, 0.2, 0.3], [NAN, 1, NAN, 0]), 1, 3, gap=2)
    assert same(found, [[0, 0.1, 0.2, 0.3], [NAN, 1, 0.5, 0]])


def test_a_part_of_a_recording_lies_where_it_begins_and_what_is_outside_is_left_out():
    assert same(grid.onto(trace([0, 1, 2], [0.1, 0.2, 0.3]), 1, 4, 9, offset=2), [[NAN, NAN, 0.1, 0.2, 0.3]])
    assert same(grid.onto(trace([0, 1, 2, 3], [0.1, 0.2, 0.3, 0.4]), 1, 1, 9, offset=-1), [[0.2, 0.3]])


@pytest.mark.parametrize("shift", [0.04, 0.1, 1 / 60, 1 / 49.979, 1.0])
@pytest.mark.parametrize("digits", [4, 15])
def test_even_times_stay_what_they_are(shift, digits):
    values = np.sin(np.arange(300))
    found = trace(np.round(np.arange(300) * shift, digits), values)
    assert same(grid.onto(found, shift, 299 * shift, gap=0), [values])
    assert grid.even(found).shift == pytest.approx(shift, abs=1e-6)


@pytest.mark.parametrize("early, shift", [(0.0014, 1 / 30), (0.001, 0.0333)])
def test_a_round_rate_is_taken_if_it_fits_nearly_as_well_as_the_mean_step(early, shift):
    times = 0.0333 * np.arange(76)  # a rate of 30 Hz would end 2.5 ms later
    times[1] -= early
    assert grid.shift_of(times) == pytest.approx(shift, abs=1e-9)


def test_times_are_even_up_to_a_quarter_of_a_step():
    for times, shift in (([0, 1, 2.24, 3, 4], 1), ([0.24, 1, 2, 3, 4.24], 1), ([0, 1.3, 2.6], 1.3)):
        assert grid.even(trace(times, np.zeros(len(times)))).shift == pytest.approx(shift)


@pytest.mark.parametrize("times, message", [
    ([0], ":0: found 1 rows of labels, expected one every few hundredths"),
    ([0, 0, 0], ":1: found the time 0 after 0, expected a later one"),
    ([0, 1, 0.5, -1, -2], ":2: found the time 0.5 after 1, expected a later one"),
    ([0, 1, 2, 3, -5], ":4: found the time -5 after 3, expected a later one"),
    ([0, 1, 2.26, 3, 4], ":2: found the time 2.26, expected 2: times from 0 in steps of 1 s, none twice"),
    ([1, 2, 3], ":0: found the time 1, expected 0: times from 0"),
    ([0, 1, 3, 4], ":2: found the time 3, expected 2: times from 0"),
    ([0, 1, 1, 2, 3], ":2: found the time 1, expected 2: times from 0"),
])  # fmt: skip
def test_times_that_are_not_even_are_refused_by_their_line(times, message):
    with pytest.raises(BadInput, match=f"^x{message}"):
        grid.even(trace(times, np.zeros(len(times))))


def test_values_on_the_grid_are_a_trace_from_0():
    found = grid.rated(Path("y"), 0.5, "ab", np.array([[1, 2, 3], [4, NAN, 6]]))
    assert (found.names, found.times.tolist(), found.shift, found.path) == (["a", "b"], [0, 0.5, 1], 0.5, Path("y"))
    assert same(found.values, [[1, 2, 3], [4, NAN, 6]]) and (found.repeated, found.ignored) == (0, 0)


def test_parts_are_joined_rater_by_rater():
    parts = [(["a", "b"], np.array([[1, NAN, 3], [NAN, 5, NAN]])), (["c", "a"], np.array([[7, 8, 9], [NAN, 2, 4]]))]
    names, values = grid.together(parts)
    assert names == ["a", "b", "c"] and same(values, [[1, 2, 4], [NAN, 5, NAN], [7, 8, 9]])
