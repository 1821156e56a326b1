"""The recurrent reference of Section 6: a bidirectional LSTM over the whole utterance."""

import math

import torch
from torch import nn

from cer.base.errors import BadInput
from cer.base.kinds import Count, Layers, Whole


class Model(nn.Module):
    """Bidirectional LSTM layers, then a linear output.

    Options:
        num_layers: layers, each of both directions
        width: cells of a layer in each direction
        memory: rows that the slowest cells remember at the start; 0 keeps PyTorch's initial values
    """

    def __init__(self, input_dim, *, num_layers: Layers = 1, width: Count = 28, memory: Whole = 512):
        super().__init__()
        if memory in (1, 2):
            raise BadInput(f"found a memory of {memory} rows, expected 3 or more, or 0")
        self.lstm = nn.LSTM(input_dim, width, num_layers, bidirectional=True)
        self.output = nn.Linear(2 * width, 1)
        if memory:
            self._remember(memory)

    def _remember(self, memory):
        """Start the gates for time scales from 2 to `memory` rows: forget bias log(u - 1), u uniform, input -that.

        Tallec and Ollivier 2018, "Can recurrent neural networks warp time?". At 25 rows a second, cells that forget
        half at every row, as usual initial values have it, learn nothing of what lies seconds back.
        """
        for name, bias in self.lstm.named_parameters():
            if "bias" not in name:
                continue
            with torch.no_grad():
                bias.zero_()
                if "_hh" not in name:  # the other of torch's two biases
                    input_gate, forget_gate = bias.chunk(4)[:2]  # torch's order: input, forget, cell, output
                    forget_gate.uniform_(2, memory).sub_(1).log_()
                    input_gate.copy_(-forget_gate)

    def forward(self, x):
        """x: (T, input_dim) -> (T,)."""
        return self.output(self.lstm(x)[0]).squeeze(1)

    def receptive_field(self):
        """Rows before and after its own that a prediction sees: all of them."""
        return math.inf, math.inf

    def num_frames(self, rows):
        """Predictions for `rows` input rows: as many."""
        return rows
