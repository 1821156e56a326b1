"""The preliminary experiment, Section 4: one long filter, tanh, linear regression."""

import torch
from torch import nn

from cer.base.kinds import Count, RowCount
from cer.models.layers.long_filter import LongFilter


class Model(nn.Module):
    """One long filter, tanh, then a factor and an offset.

    Options:
        filter_width: filter length in rows (Section 4: 2 to 2048)
        num_filters: independent filters, each with its own output: several runs of an experiment trained together
    """

    def __init__(self, input_dim, *, filter_width: RowCount = 512, num_filters: Count = 1):
        super().__init__()
        self.filter = LongFilter(input_dim, num_filters, filter_width)
        self.factor = nn.Parameter(torch.ones(num_filters))
        self.offset = nn.Parameter(torch.zeros(num_filters))

    def prepare(self, x):
        """x: (T, input_dim) -> Spectra of x."""
        return self.filter.spectra(x)

    def forward(self, x):
        """x: Spectra of (T, input_dim) -> (T,); with several filters (T, num_filters)."""
        return (self.offset + self.factor * torch.tanh(self.filter(x))).squeeze(1)

    def receptive_field(self):
        """Rows before and after its own that a prediction depends on."""
        return self.filter.before, self.filter.after
