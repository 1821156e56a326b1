"""Layers over time that the architectures share. All inputs are time-major: x: (T, C), one utterance.

Layers read lengths as x.shape[0], because len(x) would fix an exported graph to the length of its example input.
"""

import torch

from cer.base.errors import BadInput
from cer.models.layers.conv import Conv, MaxPool, TransposedConv

__all__ = ["Conv", "MaxPool", "TransposedConv", "activation"]

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}


def activation(name):
    """Return the activation function called `name`. Raises BadInput for an unknown name."""
    if name not in ACTIVATIONS:
        raise BadInput(f"found activation {name!r}, expected one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
