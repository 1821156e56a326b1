"""Layers over time that the architectures share. All inputs are time-major: x: (T, C), one utterance.

Layers read lengths as x.shape[0], because len(x) would fix an exported graph to the length of its example input.
"""

from cer.models.layers.conv import Conv, MaxPool, TransposedConv

__all__ = ["Conv", "MaxPool", "TransposedConv"]
