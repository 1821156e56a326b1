"""Layers over time that the architectures share. Everything is time-major: x: (T, C), one utterance.

Lengths are asked for as x.shape[0]: len(x) would fix an exported graph to the length of its trace.
"""

import torch

from cer.base.errors import BadInput
from cer.models.layers.conv import Conv, MaxPool, TransposedConv

__all__ = ["Conv", "MaxPool", "TransposedConv", "activation"]

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}


def activation(name):
    """The function called `name`; BadInput lists what there is."""
    if name not in ACTIVATIONS:
        raise BadInput(f"found activation {name!r}, expected one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
