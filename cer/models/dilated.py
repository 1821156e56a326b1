"""Dilated convolutions, Section 5.1 and Figure 2: the receptive field grows exponentially with depth, at full rate."""

from torch import nn

from cer.base.kinds import Count, Layers
from cer.models.layers import Conv


class Model(nn.Module):
    """A stack of convolutions whose dilation grows exponentially with the layer, then a 1x1 convolution.

    Options:
        num_layers: dilated layers (Section 6.1: 10)
        width: filters in each layer (Section 6.1: 32)
        filter_width: taps of each filter; not given in the paper
        dilation: the taps of layer n are dilation^n rows apart, n from 0 (Section 5.1: 2)
        activation: relu or tanh, after each dilated layer; not given in the paper
    """

    def __init__(
        self,
        input_dim,
        *,
        num_layers: Layers = 10,
        width: Count = 32,
        filter_width: Count = 2,
        dilation: Count = 2,
        activation: str = "relu",
    ):
        super().__init__()
        widths = [input_dim] + num_layers * [width]
        self.layers = nn.ModuleList(
            Conv(widths[n], widths[n + 1], filter_width, dilation**n, activation) for n in range(num_layers)
        )
        self.output = Conv(width, 1, 1)

    def forward(self, x):
        """x: (T, input_dim) -> (T,)."""
        for layer in self.layers:
            x = layer(x)
        return self.output(x).squeeze(1)

    def receptive_field(self):
        """Rows before and after its own that a prediction depends on."""
        return sum(layer.before for layer in self.layers), sum(layer.after for layer in self.layers)
