"""Related work: end to end, Trigeorgis et al. [9], waveform -> convolutions -> LSTM on five-second segments.

rows       (T, 640)            40 ms of samples at 16 kHz
first      (20 T, width)       filters of 6 ms, stride 2 ms; max pooling to 10 ms
second     (4 T, width)        filters over 10 ms frames; max pooling to 40 ms rows
LSTM       (B, 125, cells)     reset at the start of each segment; then a linear output
"""

from torch import nn
from torch.nn import functional

from cer.base.errors import BadInput
from cer.base.kinds import Count, Layers, RowCount
from cer.features import waveform
from cer.models.layers import Conv, MaxPool

STEPS, FRAMES = 20, 4  # outputs per row of the first and the second convolution: every 2 ms and 10 ms


class Model(nn.Module):
    """Two convolutions with max pooling on the waveform, then LSTM layers on each segment.

    Options:
        segment: rows per segment (125: five seconds at 25 labels a second, as in [9])
        width: filters of each convolution
        filter_width: taps of the second convolution, 10 ms apart
        num_layers: LSTM layers
        cells: cells per LSTM layer
    """

    front_end = waveform.Features

    def __init__(
        self,
        input_dim,
        *,
        segment: RowCount = 125,
        width: Count = 32,
        filter_width: Count = 11,
        num_layers: Layers = 2,
        cells: Count = 64,
    ):
        super().__init__()
        if input_dim % STEPS:
            raise BadInput(f"found rows of {input_dim} samples, expected a multiple of {STEPS}")
        self.segment = self.period = segment
        self.first = Conv(input_dim // STEPS, width, 3, activation="relu")
        self.second = Conv(width, width, filter_width, activation="relu")
        self.pools = nn.ModuleList([MaxPool(STEPS // FRAMES), MaxPool(FRAMES)])
        self.lstm = nn.LSTM(width, cells, num_layers, batch_first=True)
        self.output = nn.Linear(cells, 1)

    def forward(self, x):
        """x: (T, input_dim) -> (T,)."""
        rows = x.shape[0]
        x = x.reshape(STEPS * rows, -1)
        for conv, pool in zip((self.first, self.second), self.pools, strict=True):
            x = pool(conv(x))
        segments = functional.pad(x, (0, 0, 0, -rows % self.segment)).reshape(-1, self.segment, x.shape[1])
        return self.output(self.lstm(segments)[0]).reshape(-1)[:rows]

    def receptive_field(self):
        """Rows before and after its own that a prediction depends on: the LSTM looks back to the segment's start."""
        reaches = ((self.first.before, self.second.before), (self.first.after, self.second.after))
        frames = [-(-first * FRAMES // STEPS) + second for first, second in reaches]
        before, after = (-(-reach // FRAMES) for reach in frames)
        return self.segment - 1 + before, after
