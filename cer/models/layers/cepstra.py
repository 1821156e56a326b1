"""Mel-frequency cepstral coefficients and shifted delta cepstra from log mel energies."""

import math

import torch
from torch.nn import functional


def mfcc(log_mel, num_ceps, lifter=22.0):
    """Kaldi's compute-mfcc-feats --use-energy=false from log mel energies: (T, bins) -> (T, num_ceps).

    An orthonormal cosine transform and the lifter 1 + Q / 2 sin(pi n / Q). Both are linear, so mean-normalised energies
    give mean-normalised coefficients.
    """
    bins = log_mel.shape[1]
    n, k = torch.arange(min(num_ceps, bins))[:, None], torch.arange(bins)[None]
    cosines = torch.cos(math.pi / bins * n * (k + 0.5)) * math.sqrt(2 / bins)
    cosines[0] = math.sqrt(1 / bins)
    weights = cosines * (1 + lifter / 2 * torch.sin(math.pi * n / lifter))
    return log_mel @ weights.to(log_mel.dtype).T


def shifted_deltas(x, *, window, num_blocks, block_shift):
    """Shifted delta cepstra (Torres-Carrasquillo et al. 2002), Kaldi's add-deltas-sdc: (T, C) -> (T, (1 + blocks) C).

    Columns: x(t), then x(t + i block_shift + window) - x(t + i block_shift - window) for i from 0 to num_blocks - 1.
    Copies of the first and the last frame pad the ends.
    """
    after = (num_blocks - 1) * block_shift + window
    padded = functional.pad(x.T[None], (window, after), mode="replicate")[0].T
    deltas = padded[2 * window :] - padded[: -2 * window]  # x(t + window) - x(t - window) for t >= 0
    return torch.cat([x] + [deltas[i * block_shift : i * block_shift + x.shape[0]] for i in range(num_blocks)], 1)
