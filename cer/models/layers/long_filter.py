"""Convolution with long filters by FFT (overlap-save): the single filter of Section 4 has up to 2048 taps L.

    rows      |---- block 0 ----|            N rows, a power of two
                      |---- block 1 ----|    starts S = N - L + 1 rows after block 0
    outputs   |---- S ----|---- S ----|...   each block gives S outputs, whose L taps lie inside the block

For each block, output = irfft(conj(sum over columns of conj(rfft(block)) rfft(filter))). The rows need no gradient, so
their spectra are computed once per utterance; a training step transforms only the filters and their gradients.
"""

from dataclasses import dataclass, replace

import torch
from torch import nn
from torch.nn import functional

from cer.base.errors import BadInput

SMALLEST = 256  # fewest rows per block


@dataclass(frozen=True)
class Spectra:
    """Conjugate spectra of one utterance: blocks (N / 2 + 1, number of blocks, C); length: N, rows: T, step: S."""

    blocks: torch.Tensor
    length: int
    rows: int
    step: int

    @property
    def nbytes(self):
        """Size in memory, bytes."""
        return self.blocks.nbytes

    @property
    def shape(self):
        """What a CUDA graph, which is recorded for one shape, depends on."""
        return self.length, self.rows, self.step, self.blocks.shape

    def clone(self):
        """As torch.Tensor.clone."""
        return replace(self, blocks=self.blocks.clone())

    def copy_(self, other):
        """As torch.Tensor.copy_."""
        self.blocks.copy_(other.blocks)


class LongFilter(nn.Module):
    """Zero-padded convolution with long filters: rows (T, inputs) -> (T, outputs).

    Output t depends on rows t - before ... t + after. The filters get gradients, the rows do not. Initialised like
    nn.Conv1d.
    """

    def __init__(self, inputs, outputs, filter_width):
        """filter_width: number of taps, L. Raises BadInput below 1."""
        super().__init__()
        if filter_width < 1:
            raise BadInput(f"found a filter of {filter_width} rows, expected at least 1")
        self.before, self.after = (filter_width - 1) // 2, filter_width // 2
        self.length = max(SMALLEST, 1 << (2 * filter_width - 1).bit_length())
        bound = (inputs * filter_width) ** -0.5
        self.weight = nn.Parameter(torch.empty(filter_width, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))

    def spectra(self, x):
        """Return the Spectra of rows x: (T, inputs); during export return x itself, for conv1d."""
        if torch.compiler.is_exporting():
            return x
        step = self.length - len(self.weight) + 1
        count = -(-x.shape[0] // step)
        blocks = x.new_empty(self.length // 2 + 1, count, x.shape[1], dtype=x.dtype.to_complex())
        for n in range(count):  # one at a time: all of them together would need four times the memory
            start = n * step - self.before
            rows, missing = x[max(start, 0) : start + self.length], max(-start, 0)
            block = functional.pad(rows, (0, 0, missing, self.length - missing - len(rows)))
            blocks[:, n] = torch.fft.rfft(block, dim=0).conj()
        return Spectra(blocks, self.length, x.shape[0], step)

    def forward(self, x):
        """x: rows (T, inputs) or their Spectra -> (T, outputs)."""
        if torch.compiler.is_exporting():
            padded = functional.pad(x.T, (self.before, self.after))
            return functional.conv1d(padded, self.weight.permute(2, 1, 0), self.bias).T
        spectra = x if isinstance(x, Spectra) else self.spectra(x)
        return _OverlapSave.apply(self.weight, spectra) + self.bias


class _OverlapSave(torch.autograd.Function):
    """weight: (L, C, R), Spectra of (T, C) -> (T, R), and the gradient of the weight."""

    @staticmethod
    def forward(ctx, weight, spectra):
        ctx.spectra, ctx.taps = spectra, len(weight)
        filters = torch.fft.rfft(weight, spectra.length, dim=0)  # (F, C, R)
        products = torch.matmul(spectra.blocks, filters)  # (F, blocks, R)
        outputs = torch.fft.irfft(products.conj(), spectra.length, dim=0)[: spectra.step]  # (S, blocks, R)
        return outputs.transpose(0, 1).reshape(-1, weight.shape[2])[: spectra.rows]

    @staticmethod
    def backward(ctx, grad):
        spectra, blocks = ctx.spectra, ctx.spectra.blocks.shape[1]
        padded = functional.pad(grad, (0, 0, 0, blocks * spectra.step - spectra.rows))
        by_block = padded.reshape(blocks, spectra.step, -1).transpose(0, 1)  # (S, blocks, R)
        grads = torch.fft.rfft(by_block, spectra.length, dim=0)
        products = torch.matmul(spectra.blocks.transpose(1, 2), grads)  # (F, C, R)
        return torch.fft.irfft(products.conj(), spectra.length, dim=0)[: ctx.taps], None
