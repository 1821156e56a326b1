"""What is no sound, and digital silence, wherever pieces end."""

import itertools

import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.sound.levels import Silence, checked

RNG = np.random.default_rng(4)


def through(*pieces, rate=100):
    """The pieces as passed on, and the warnings."""
    said = []
    return [*checked(iter(pieces), rate, "a", said.append)], said


def cut(samples):
    return np.split(samples, sorted(RNG.integers(0, len(samples) + 1, 5)))


@pytest.mark.parametrize("least", [1, 2, 3, 7])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_runs_are_counted_wherever_pieces_end(least, dtype):
    for _ in range(40):
        samples = np.repeat(RNG.integers(-2, 2, 12), RNG.integers(1, 9, 12)).astype(dtype)
        silence = Silence(least)
        for piece in cut(samples):
            silence.push(piece)
        runs = [len([*run]) for _, run in itertools.groupby(samples)]
        assert silence.total() == sum(run for run in runs if run >= least)
        assert silence.changes == len(runs) - 1


def test_runs_are_of_values_that_are_one_in_16_bits():
    silence = Silence(2)
    silence.push(np.array([0.1, -0.4, 0.4, 0.6, 1.4, 0.4], np.float32))
    assert (silence.total(), silence.changes) == (5, 2)


def sound(silent, of=1000, run=None):
    """16-bit noise without runs, but for `silent` samples in its middle, all at once or in runs."""
    samples = np.arange(of, dtype=np.int16)
    for at in range(0, silent, run or silent or 1):
        samples[of // 4 + 2 * at :][: run or silent] = 7
    return samples


@pytest.mark.parametrize(
    "samples, share",
    [(sound(0), None), (sound(99, 1000), None), (sound(100, 1000), "10%"), (sound(100, 2000), None),
     (sound(101, 2000), "5%"), (sound(300, 1000, 100), "30%"), (sound(300, 1000, 50), None)],
)  # fmt: skip
def test_more_than_5_percent_in_runs_of_a_second_are_said(samples, share):
    pieces = cut(samples)
    passed, said = through(*pieces)
    assert all(np.array_equal(one, other) for one, other in zip(passed, pieces, strict=True))
    assert bool(said) == bool(share) and len(said) <= 1
    assert not share or said[0].startswith(f"a: {share} of it are digital silence; ")


def test_pieces_are_passed_on_as_they_come():
    pieces = iter([np.arange(3, dtype=np.int16)])
    assert len(next(checked(pieces, 100, "a"))) == 3
    assert through() == ([], [])
    assert through(np.array([], np.float32)) != ([], []) and not through(np.array([], np.float32))[1]


@pytest.mark.parametrize("value", [0, -5])
def test_one_value_alone_is_no_sound(value):
    with pytest.raises(BadInput, match="a: holds one and the same value from beginning to end"):
        through(np.full(30, value, np.int16), np.full(20, value, np.int16))
    passed, _ = through(np.full(30, value, np.int16), np.full(20, value + 1, np.int16))
    assert len(passed) == 2


@pytest.mark.parametrize(
    "at, odd, message",
    [
        (7, np.nan, "a: found a sample that is no finite number, at 0.070 s; cut it out"),
        (12, np.inf, "no finite number, at 0.120 s"),
        (12, 3_276_801.0, "float sample of size 100, at 0.120 s, expected -1 to 1 .up to 100 is taken as loud"),
        (3, -65_536_000.0, "float sample of size 2000, at 0.030 s"),
    ],
)
def test_the_place_of_a_bad_sample_is_told(at, odd, message):
    samples = np.arange(20, dtype=np.float64)
    samples[at] = odd
    with pytest.raises(BadInput, match=message):
        through(samples[:10], samples[10:])


def test_floats_up_to_100_times_full_scale_are_loud_and_integers_are_not_looked_at():
    through(np.array([0, 3_276_800.0, -3_276_800.0, 1], np.float32))
    through(np.array([-32768, 32767], np.int16))
