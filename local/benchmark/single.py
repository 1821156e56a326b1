#!/usr/bin/env python3
"""Time a training step of one long filter, by FFT and by torch's nn.Conv1d alternately, and print the ratio.

Both do the whole step on one utterance of random rows: forward, tanh, linear, loss 1 - CCC, gradients, Adam.
"""

import time

import numpy as np
import torch
from torch import nn

from cer.base.errors import program
from cer.base.kinds import Count
from cer.base.options import Parser
from cer.models import prepare
from cer.models.single import Model
from cer.scoring.metrics import ccc


class Direct(nn.Module):
    """The single filter with nn.Conv1d."""

    def __init__(self, input_dim, *, filter_width):
        super().__init__()
        self.filter = nn.Conv1d(input_dim, 1, filter_width)
        self.output = nn.Linear(1, 1)
        self.pad = nn.ZeroPad1d(((filter_width - 1) // 2, filter_width // 2))

    def forward(self, x):
        """x: (T, input_dim) -> (T,)."""
        return self.output(torch.tanh(self.filter(self.pad(x.T))).T).squeeze(1)


def step(model, optimizer, inputs, targets):
    """Do one training step; returns its duration, seconds."""
    start = time.perf_counter()
    optimizer.zero_grad()
    (1 - ccc(targets, model(inputs))).backward()
    optimizer.step()
    return time.perf_counter() - start


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)
    options = Parser(__doc__)
    options.add_argument("--filter-width", type=Count, default=2048, help="rows (default: Figure 1's longest, 2048)")
    options.add_argument("--rows", type=Count, default=7500, help="of the utterance (default: 300 s at 40 ms)")
    options.add_argument("--input-dim", type=Count, default=160, help="columns of a row (default: 160)")
    options.add_argument("--repeats", type=Count, default=3, help="steps of each; the median counts (default: 3)")
    values = options.parse(argv)
    rows, targets = torch.randn(values.rows, values.input_dim), torch.randn(values.rows)
    models = [kind(values.input_dim, filter_width=values.filter_width) for kind in (Model, Direct)]
    systems = [(m, torch.optim.Adam(m.parameters(), lr=1e-5), prepare(m, rows), targets) for m in models]
    for system in systems:  # not measured: the first step allocates memory
        step(*system)
    seconds = np.median([[step(*system) for system in systems] for _ in range(values.repeats)], axis=0)
    print(
        f"filter of {values.filter_width} rows, utterance of {values.rows}: FFT {seconds[0] * 1000:.1f} ms a step,"
        f" nn.Conv1d {seconds[1] * 1000:.0f} ms, ratio {seconds[1] / seconds[0]:.0f}"
    )


if __name__ == "__main__":
    main()
