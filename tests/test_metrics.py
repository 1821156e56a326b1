from fractions import Fraction
from operator import mul

import numpy as np
import pytest
import torch

from cer.scoring.metrics import ccc, pcc, rmse

Y, P = np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 1.0, 3.0, 3.0])


@pytest.mark.parametrize("unit", [1, 0.01, 50])
def test_a_hand_computed_case_in_any_unit(unit):
    # means 1.5 and 2, variances 1.25 and 1, covariance 1: 2 / (1.25 + 1 + 0.25)
    y, p = unit * Y, unit * P
    assert ccc(y, p) == pytest.approx(0.8)
    assert pcc(y, p) == pytest.approx(1 / np.sqrt(1.25))
    assert rmse(y, p) == pytest.approx(unit * np.sqrt(0.5))


def test_far_from_zero_no_digits_are_lost():
    """Against rational numbers, which do not round: a mean that is not taken off both signals costs half the digits."""
    y, p = 1e6 + np.random.default_rng(2).normal(0, 0.1, (2, 300))
    a, b = ([Fraction(x) for x in one] for one in (y, p))
    my, mp = sum(a) / 300, sum(b) / 300
    vy, vp, cov = (
        sum(map(mul, u, v)) / 300 - mu * mv for u, v, mu, mv in [(a, a, my, my), (b, b, mp, mp), (a, b, my, mp)]
    )
    assert ccc(y, p) == pytest.approx(float(2 * cov / (vy + vp + (my - mp) ** 2)), rel=1e-10)
    assert pcc(y, p) == pytest.approx(float(cov) / float(vy * vp) ** 0.5, rel=1e-10)


def test_one_ccc_serves_as_loss_and_as_score():
    y, p = np.random.default_rng(0).standard_normal((2, 1000))
    assert ccc(torch.from_numpy(y), torch.from_numpy(p)).item() == pytest.approx(ccc(y, p), rel=1e-12)


def test_ccc_is_1_only_for_equal_signals_and_suffers_from_offset_and_gain():
    y = np.random.default_rng(1).standard_normal(1000)
    assert ccc(y, y) == pytest.approx(1) and ccc(y, -y) < 0
    assert ccc(y, y + 1) < 0.8 and ccc(y, 2 * y) < 0.9
    assert ccc(3 + 2 * y, 3 + 2 * (y + 1)) == pytest.approx(ccc(y, y + 1))


def test_constant_signals_have_a_defined_ccc_and_gradient():
    zeros, p = np.zeros(5), torch.zeros(5, requires_grad=True)
    assert ccc(zeros, zeros) == 0 and ccc(Y, np.full(4, 1.5)) == 0 and pcc(Y, np.ones(4)) == 0
    ccc(torch.zeros(5), p).backward()
    assert torch.isfinite(p.grad).all()


def test_the_loss_has_the_right_gradient():
    y = torch.randn(20, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda p: ccc(y, p), torch.randn(20, dtype=torch.float64, requires_grad=True))
