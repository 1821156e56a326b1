"""Downsampling/upsampling, Section 5.2 and Figure 3: reduce the time resolution, then restore it smoothly.

rows        7500 -> 2500 -> 834 -> 278 -> 93 -> 93 -> 279 -> 837 -> 2511 -> 7533, cut to 7500
            conv + max pool, four times     conv  transposed conv, four times   1x1
"""

from torch import nn

from cer.base.kinds import Count, Layers
from cer.models.layers import Conv, MaxPool, TransposedConv


class Model(nn.Module):
    """Convolutions with max pooling, an intermediate convolution, transposed convolutions and a 1x1 convolution.

    Options:
        num_layers: number of downsampling layers, and of upsampling layers (Section 6.1: 4)
        width: filters in each layer (Section 6.1: 32 for arousal, 128 for valence)
        factor: max pooling factor, and stride of the transposed convolutions (Section 6.1: 3)
        filter_width: taps of the downsampling filters; not given in the paper
        intermediate_filter_width: taps of the intermediate layer's filters; not given in the paper
        upsampling_filter_width: taps of the transposed filters, a multiple of factor; not given in the paper
        activation: relu or tanh, after each layer except the last; not given in the paper
    """

    def __init__(
        self,
        input_dim,
        *,
        num_layers: Layers = 4,
        width: Count = 32,
        factor: Count = 3,
        filter_width: Count = 3,
        intermediate_filter_width: Count = 1,
        upsampling_filter_width: Count = 9,
        activation: str = "relu",
    ):
        super().__init__()
        inputs = [input_dim] + (num_layers - 1) * [width]
        self.down = nn.ModuleList(Conv(channels, width, filter_width, activation=activation) for channels in inputs)
        self.pool = MaxPool(factor)
        self.intermediate = Conv(width, width, intermediate_filter_width, activation=activation)
        self.up = nn.ModuleList(
            TransposedConv(width, width, upsampling_filter_width, factor, activation) for _ in inputs
        )
        self.output = Conv(width, 1, 1)
        self.period = factor**num_layers  # rows per group after all pooling layers

    def forward(self, x):
        """x: (T, input_dim) -> (T,)."""
        rows = x.shape[0]
        for layer in self.down:
            x = self.pool(layer(x))
        x = self.intermediate(x)
        for layer in self.up:
            x = layer(x)
        return self.output(x).squeeze(1)[:rows]

    def receptive_field(self):
        """Rows before and after its own that a prediction depends on: each the maximum over the rows of a period."""
        seen = [self._seen(row) for row in range(self.period)]
        return max(row - first for row, (first, _) in enumerate(seen)), max(
            last - row for row, (_, last) in enumerate(seen)
        )

    def _seen(self, row):
        """First and last input row that the prediction of `row` depends on, traced back from output to input."""
        factor, first, last = self.pool.factor, row, row
        for layer in reversed(self.up):
            first, last = first // factor - layer.conv.before, last // factor + layer.conv.after
        first, last = first - self.intermediate.before, last + self.intermediate.after
        for layer in reversed(self.down):
            first, last = first * factor - layer.before, last * factor + factor - 1 + layer.after
        return first, last
