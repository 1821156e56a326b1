"""The recurrent baseline of Section 6: a bidirectional LSTM over the whole utterance."""

import math

import torch
from torch import nn

from cer.base.errors import BadInput
from cer.base.kinds import Count, Layers, Whole

PIECE = 16384  # rows, 11 min: a longer recording is predicted in pieces, since its gates would take GBs


class Model(nn.Module):
    """Bidirectional LSTM layers, then a linear output.

    Options:
        num_layers: bidirectional layers
        width: cells per layer and direction
        memory: longest time constant of the cells at initialisation, 3 rows or more; 0 keeps PyTorch's initialisation
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
        """Initialise the gate biases for time constants u from 2 to `memory` rows, drawn uniformly.

        Forget bias: log(u - 1); input bias: -log(u - 1) (Tallec and Ollivier 2018, "Can recurrent neural networks warp
        time?"). With the usual initialisation cells forget half of their state at every row. At 25 rows per second they
        cannot learn from input that is seconds back.
        """
        for name, bias in self.lstm.named_parameters():
            if "bias" not in name:
                continue
            with torch.no_grad():
                bias.zero_()
                if "_hh" not in name:  # torch adds two biases; bias_hh stays 0
                    input_gate, forget_gate = bias.chunk(4)[:2]  # torch's order: input, forget, cell, output
                    forget_gate.uniform_(2, memory).sub_(1).log_()
                    input_gate.copy_(-forget_gate)

    def forward(self, x):
        """x: (T, input_dim) -> (T,)."""
        at_once = torch.compiler.is_exporting() or torch.is_grad_enabled() or x.is_cuda or x.shape[0] <= PIECE
        return self.output(self.lstm(x)[0] if at_once else self._in_pieces(x)).squeeze(1)

    def _in_pieces(self, x):
        """As self.lstm(x)[0], with the memory of a piece beside x and the result."""
        for layer in range(self.lstm.num_layers):
            outputs = x.new_empty(len(x), 2, self.lstm.hidden_size)
            forwards, backwards = self.lstm.all_weights[2 * layer :][:2]
            _run(x, forwards, outputs[:, 0])
            _run(x, backwards, outputs[:, 1], reverse=True)
            x = outputs.view(len(x), -1)
        return x

    def receptive_field(self):
        """Rows before and after its own that a prediction depends on: all, so both are infinite."""
        return math.inf, math.inf


def _run(x, weights, outputs, *, reverse=False):
    """Run one direction of one layer: x (T, inputs) -> outputs (T, width), overwritten."""
    state = [x.new_zeros(1, 1, outputs.shape[1])] * 2  # the last outputs, the cells; it passes from piece to piece
    pieces = [*zip(x.split(PIECE), outputs.split(PIECE), strict=True)]
    for rows, own in reversed(pieces) if reverse else pieces:
        rows = rows.flip(0) if reverse else rows
        found, *state = torch.lstm(rows[:, None], state, weights, True, 1, 0.0, False, False, False)
        own.copy_(found[:, 0].flip(0) if reverse else found[:, 0])
