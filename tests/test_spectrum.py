import numpy as np
import pytest

from cer.scoring import spectrum

SHIFT = 0.04


def sinusoid(frequency, rows=7500, amplitude=1.0):
    """Whole half-periods from crest or trough on: one line in the spectrum."""
    return amplitude * np.cos(2 * np.pi * frequency * SHIFT * (np.arange(rows) + 0.5))


@pytest.mark.parametrize("rows", [100, 101, 2, 1])
def test_the_power_sums_to_that_of_the_signal_without_its_mean(rows):
    x = np.random.default_rng(0).normal(3, 1, rows)
    frequencies, power = spectrum.power(x, SHIFT)
    assert len(frequencies) == len(power) == rows + 1
    assert power.sum() == pytest.approx(((x - x.mean()) ** 2).sum())
    assert power[[0, -1]] == pytest.approx(0)


def test_a_sinusoid_has_its_power_at_its_frequency():
    frequencies, power = spectrum.power(5 + sinusoid(0.5), SHIFT)
    assert frequencies[power.argmax()] == pytest.approx(0.5) and power.max() == pytest.approx(7500 / 2)


@pytest.mark.parametrize("amplitude", [1, 1e-4])
def test_shares_are_those_of_the_sinusoids_put_in(amplitude):
    x = amplitude * (sinusoid(0.1) + sinusoid(0.5, amplitude=2) + sinusoid(4))  # powers 1 : 4 : 1
    assert [spectrum.share_below([x], SHIFT, limit) for limit in (0.2, 1, 5)] == pytest.approx([1 / 6, 5 / 6, 1])


def test_recordings_weigh_as_much_as_their_power_and_their_means_nothing():
    shares = spectrum.share_below([100 + sinusoid(0.5), -100 + sinusoid(2, 3750)], SHIFT, 1)
    assert shares == pytest.approx(2 / 3)


def test_what_stands_at_the_limit_is_not_below_it():
    assert spectrum.share_below([sinusoid(1.0)], SHIFT, 1) == pytest.approx(0, abs=1e-9)


@pytest.mark.filterwarnings("error")
def test_constants_and_no_recordings_have_no_share():
    constant = np.full(7500, 0.1, "f")  # its mean is rounded
    assert [spectrum.share_below(each, SHIFT, 1) for each in ([constant], [constant[:1]], [])] == [None, None, None]
    assert [spectrum.deviation([]), spectrum.step([]), spectrum.step([constant[:1]])] == [None, None, None]


def test_the_jump_between_the_ends_is_not_taken_for_power():
    assert spectrum.share_below([np.linspace(-1, 1, 7500)], SHIFT, 1) > 1 - 1e-6


def test_any_phase_and_frequency_stays_about_where_it_is():
    x = np.sin(2 * np.pi * 0.7123 * SHIFT * np.arange(7500) + 0.3)
    assert spectrum.share_below([x], SHIFT, 1) > 0.998 and spectrum.share_below([x], SHIFT, 0.2) < 0.002


def test_deviation_and_step_of_a_sinusoid():
    x = [3 + sinusoid(0.5), sinusoid(0.5) - 3]
    assert spectrum.deviation(x) == pytest.approx(np.sqrt(1 / 2))
    assert spectrum.step(x) == pytest.approx(np.sqrt(2) * np.sin(np.pi * 0.5 * SHIFT), rel=1e-3)
    assert spectrum.step([np.arange(9) % 2]) == pytest.approx(1)


@pytest.mark.filterwarnings("error")
def test_a_recording_of_two_values_has_one_step_and_of_one_value_none():
    zigzag = np.arange(5) % 2  # steps 1, -1, 1, -1 around 0; the pair's only step is its own mean
    assert spectrum.step([zigzag, np.array([5.0, 7.0]), np.array([3.0])]) == pytest.approx(np.sqrt(4 / 5))
