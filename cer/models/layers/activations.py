"""Activation functions that overwrite what they are applied to, with their gradients."""

from collections.abc import Callable
from typing import NamedTuple

import torch

from cer.base.errors import BadInput

MINUS_ONE = torch.tensor(-1.0)


class Activation(NamedTuple):
    """A function of each number, y = f(x)."""

    plain: Callable  # x -> y, a new tensor
    in_place: Callable  # overwrites x with y, without a record for gradients
    gradient: Callable  # (gradient for y, y) -> gradient for x


def _tanh_(x):
    """tanh x = 2 sigmoid 2x - 1 takes half of the time of torch's tanh on a CPU, and differs from it by 1e-7."""
    if x.device.type == "cpu":
        torch.add(MINUS_ONE, x.mul_(2).sigmoid_(), alpha=2, out=x)
    else:
        x.tanh_()


ACTIVATIONS = {
    "relu": Activation(torch.relu, torch.relu_, lambda grad, y: torch.ops.aten.threshold_backward(grad, y, 0)),
    "tanh": Activation(torch.tanh, _tanh_, torch.ops.aten.tanh_backward),
}


def activation(name):
    """Return the Activation called `name`. Raises BadInput for an unknown name."""
    if name not in ACTIVATIONS:
        raise BadInput(f"found activation {name!r}, expected one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
