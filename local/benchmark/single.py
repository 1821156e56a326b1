"""Row on the single filter: a training step by FFT beside one with nn.Conv1d."""

import functools

import torch
from torch import nn

from cer.models import prepare
from cer.models.single import Model
from cer.training.steps import steps_of
from local.benchmark.measure import Row, alternate, timed

ROWS = ["single"]
WIDTH, DIM = 2048, 160  # rows of Figure 1's longest filter, columns
LENGTHS = 7500, 2500  # rows of the utterance; the second with --quick


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


def measure(names, settings):
    """Return the Rows of these names."""
    length, calls = LENGTHS[settings.quick], {}
    rows, targets = torch.randn(length, DIM), torch.randn(length)
    for kind in (Direct, Model):
        model = kind(DIM, filter_width=WIDTH)
        steps = steps_of(model, learning_rate=1e-5, l2=0.0)
        calls[kind] = functools.partial(timed, steps.step, prepare(model, rows), targets)
    times = alternate(calls, settings.repeats)
    what = f"step of a filter of {WIDTH} rows: nn.Conv1d / by FFT"
    return [Row("single", what, "", times[Direct], times[Model])]
