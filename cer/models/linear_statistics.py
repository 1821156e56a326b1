"""Related work: linear regression on window statistics, the second of two kinds of context in Povolny et al. [7]."""

from torch import nn

from cer.base.kinds import NonNegative, RowCount
from cer.models.layers import windows
from cer.models.layers.regression import ridge


class Model(nn.Module):
    """Mean and standard deviation over a window around each row, then ridge regression, solved in closed form.

    Options:
        window: window length in rows (100: 4 s at 25 labels a second)
        penalty: ridge penalty, relative to the variance of a feature
    """

    def __init__(self, input_dim, *, window: RowCount = 100, penalty: NonNegative = 0.01):
        super().__init__()
        self.window, self.penalty = window, penalty
        self.output = nn.Linear(2 * input_dim, 1)

    def prepare(self, x):
        """x: (T, input_dim) -> statistics (T, 2 input_dim)."""
        return windows.moments(x, self.window)

    def fit(self, examples):
        """Solve for the weights; examples: iterable of (statistics (T, 2 input_dim), targets (T,))."""
        ridge(self.output, ((x[: len(y)], y) for x, y in examples), self.penalty)

    def forward(self, x):
        """x: statistics (T, 2 input_dim) -> (T,)."""
        return self.output(x).squeeze(1)

    def receptive_field(self):
        """Rows before and after its own that a prediction depends on."""
        return windows.reach(self.window)
