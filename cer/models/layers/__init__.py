"""Layers over time that the architectures share. All inputs are time-major: x: (T, C), one utterance.

Layers read lengths as x.shape[0], because len(x) would fix an exported graph to the length of its example input.
"""

import torch

from cer.base.errors import BadInput
from cer.models.layers.conv import Conv, MaxPool, TransposedConv

__all__ = ["Conv", "MaxPool", "TransposedConv", "activation"]

ACTIVATIONS = {"relu": (torch.relu, torch.relu_), "tanh": (torch.tanh, torch.tanh_)}


def activation(name, in_place=False):
    """Return the activation function called `name`; in_place: one that overwrites its argument, to save memory.

    Raises BadInput for an unknown name.
    """
    if name not in ACTIVATIONS:
        raise BadInput(f"found activation {name!r}, expected one of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name][in_place]
