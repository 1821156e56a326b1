"""Related work: linear regression on stacked rows, the first of two kinds of context in Povolny et al. [7]."""

import torch
from torch import nn
from torch.nn import functional

from cer.base.kinds import NonNegative, RowCount, Whole
from cer.models.layers.regression import ridge


class Model(nn.Module):
    """Stack each row with its context rows, then apply ridge regression, solved in closed form.

    Options:
        context: number of context rows on each side
        every: distance between context rows, in rows; 1: adjacent rows
        penalty: ridge penalty, relative to the variance of a feature
    """

    def __init__(self, input_dim, *, context: Whole = 10, every: RowCount = 10, penalty: NonNegative = 0.01):
        super().__init__()
        self.context, self.every, self.penalty = context, every, penalty
        self.output = nn.Linear((2 * context + 1) * input_dim, 1)

    def _stack(self, x):
        """x: (T, input_dim) -> (T, (2 context + 1) input_dim), padded with copies of the first and the last row."""
        reach = self.context * self.every
        padded = functional.pad(x.T[None], (reach, reach), mode="replicate")[0].T
        shifts = range(0, 2 * reach + 1, self.every)
        return torch.cat([padded[shift : shift + x.shape[0]] for shift in shifts], 1)

    def fit(self, examples):
        """Solve for the weights; examples: iterable of (rows (T, input_dim), targets (T,))."""
        ridge(self.output, ((self._stack(x)[: len(y)], y) for x, y in examples), self.penalty)

    def forward(self, x):
        """x: (T, input_dim) -> (T,)."""
        return self.output(self._stack(x)).squeeze(1)

    def receptive_field(self):
        """Rows before and after its own that a prediction depends on."""
        return self.context * self.every, self.context * self.every
