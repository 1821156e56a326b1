"""Related work: linear support vector regression on functionals over several seconds, Valstar et al. [2].

They used functionals of eGeMAPS descriptors; here they are of the features in the data directory.
"""

import torch
from torch import nn

from cer.base.kinds import Count, NonNegative, Positive, RowCount
from cer.models.layers import windows
from cer.models.layers.regression import support_vector


class Model(nn.Module):
    """Mean, standard deviation, minimum, maximum and slope over a window around each row, then a linear SVR.

    Options:
        window: window length in rows ([2]: 4 s for arousal, 6 s for valence: 100 and 150 at 25 labels a second)
        cost: liblinear's C, the weight of errors relative to the L2 penalty
        epsilon: half the width of the SVR's insensitive zone, in standard deviations of the labels
        every: train on every n-th row only
    """

    def __init__(
        self,
        input_dim,
        *,
        window: RowCount = 100,
        cost: Positive = 0.0001,
        epsilon: NonNegative = 0.1,
        every: Count = 10,
    ):
        super().__init__()
        self.window, self.settings = window, {"cost": cost, "epsilon": epsilon, "every": every}
        self.output = nn.Linear(5 * input_dim, 1)

    def prepare(self, x):
        """x: (T, input_dim) -> functionals (T, 5 input_dim)."""
        parts = (windows.moments, windows.extremes, windows.slope)
        return torch.cat([functional(x, self.window) for functional in parts], 1)

    def fit(self, examples):
        """Solve for the weights; examples: iterable of (functionals (T, 5 input_dim), targets (T,))."""
        support_vector(self.output, ((x[: len(y)], y) for x, y in examples), **self.settings)

    def forward(self, x):
        """x: functionals (T, 5 input_dim) -> (T,)."""
        return self.output(x).squeeze(1)

    def receptive_field(self):
        """Rows before and after its own that a prediction depends on."""
        return windows.reach(self.window)
