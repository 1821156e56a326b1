"""Related work: a feed-forward network on context frames, Cardinal et al. [4], and the first stage of Le et al. [3]."""

from torch import nn

from cer.base.kinds import Count, Layers, RowCount, Share, Whole
from cer.models.layers import Conv


class Model(nn.Module):
    """A multi-layer perceptron applied to each row and its context: a wide convolution, then 1x1 convolutions.

    Options:
        context: number of context rows on each side
        every: distance between context rows, in rows; 1: adjacent rows
        num_layers: hidden layers
        width: units per hidden layer
        dropout: dropout rate during training
        activation: relu or tanh, after each hidden layer
    """

    def __init__(
        self,
        input_dim,
        *,
        context: Whole = 6,
        every: RowCount = 2,
        num_layers: Layers = 2,
        width: Count = 64,
        dropout: Share = 0.0,
        activation: str = "relu",
    ):
        super().__init__()
        self.layers = nn.ModuleList(
            [Conv(input_dim, width, 2 * context + 1, every, activation)]
            + [Conv(width, width, 1, activation=activation) for _ in range(num_layers - 1)]
        )
        self.dropout = nn.Dropout(dropout)
        self.output = Conv(width, 1, 1)

    def forward(self, x):
        """x: (T, input_dim) -> (T,)."""
        for layer in self.layers:
            x = self.dropout(layer(x))
        return self.output(x).squeeze(1)

    def receptive_field(self):
        """Rows before and after its own that a prediction depends on."""
        return self.layers[0].before, self.layers[0].after
