"""A model folder as one torch module, from the input to post-processed predictions, for the exporter to trace.

    samples (N,) ── front end ──► features (F, D) ── CMVN ──► rows (T, D') ── each run ──► mean ── post-processing

Each step repeats the recipe's numpy code (fbank, cmvn, frames, labels, postprocess) in torch, with lengths that the
exporter can trace. CMVN uses the recording's own statistics.
"""

import copy

import torch
from torch import nn
from torch.nn import functional

from cer.data import cmvn
from cer.models import prepare

INPUTS = {  # kinds of input
    "samples": "float32 (number of samples,), one channel, in the range of 16-bit integers",
    "features": "float32 (number of frames, columns), as the training's front end makes them; normalised in the graph",
    "normalised": "float32 (number of frames, columns), features normalised already, e.g. with a speaker's statistics",
}


def at(x, index):
    """Return x[index] for x (T, ...), with indices beyond the ends clamped; index: integers of any shape."""
    return x[index.clamp(0, x.shape[0] - 1)]


def count(x):
    """Return the indices 0, 1 ... T - 1 of x (T, ...)."""
    return torch.arange(x.shape[0])


class Cmvn(nn.Module):
    """cer.data.cmvn.apply with the statistics of the features themselves: (T, D) -> (T, D)."""

    def __init__(self, norm_means, norm_vars):
        super().__init__()
        self.norm_means, self.norm_vars = norm_means, norm_vars

    def forward(self, x):
        """x: (T, D) -> (T, D)."""
        if not self.norm_means:
            return x
        mean, square = x.double().mean(0), (x * x).double().mean(0)
        if not self.norm_vars:
            return x - mean.float()
        scale = 1 / (square - mean * mean).clamp_min(cmvn.VARIANCE_FLOOR).sqrt()
        return x * scale.float() - (mean * scale).float()


class Stack(nn.Module):
    """cer.data.frames.stack: (T, D) -> (ceil(T / factor), factor D)."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        """x: (T, D) -> (ceil(T / factor), factor D)."""
        first = torch.arange((x.shape[0] + self.factor - 1) // self.factor)[:, None] * self.factor
        return at(x, first + torch.arange(self.factor)).flatten(1)


class Lstm(nn.Module):
    """An nn.LSTM as the ONNX operator LSTM: torch's exporter would unroll it to a fixed length."""

    def __init__(self, lstm):
        super().__init__()
        self.batch_first, self.hidden, self.directions = lstm.batch_first, lstm.hidden_size, 1 + lstm.bidirectional
        self.layers = nn.ParameterList()
        suffixes = ["", "_reverse"][: self.directions]
        for layer in range(lstm.num_layers):
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                both = [_gates(getattr(lstm, f"{kind}_l{layer}{suffix}")) for suffix in suffixes]
                self.layers.append(nn.Parameter(torch.stack(both), requires_grad=False))

    def forward(self, x):
        """x: (T, C), or (B, T, C) if batch_first -> (outputs, None), as nn.LSTM without its state."""
        batch = x.transpose(0, 1) if self.batch_first else x[:, None]  # ONNX: (T, B, C)
        attributes = {"hidden_size": self.hidden, "direction": ["forward", "bidirectional"][self.directions - 1]}
        for n in range(0, len(self.layers), 4):
            shape = (batch.shape[0], self.directions, batch.shape[1], self.hidden)
            inputs = (batch, self.layers[n], self.layers[n + 1], torch.cat([self.layers[n + 2], self.layers[n + 3]], 1))
            outputs = torch.onnx.ops.symbolic("LSTM", inputs, attributes, dtype=x.dtype, shape=shape)
            batch = outputs.transpose(1, 2).flatten(2)
        return (batch.transpose(0, 1) if self.batch_first else batch[:, 0]), None


def _gates(parameter):
    """Reorder the gates from torch's order (input, forget, cell, output) to ONNX's (input, output, forget, cell)."""
    input_gate, forget_gate, cell, output_gate = parameter.detach().chunk(4)
    return torch.cat([input_gate, output_gate, forget_gate, cell])


def smooth(x, sigma):
    """Scipy's gaussian_filter1d with mode nearest: x (T,) -> (T,)."""
    radius = int(4 * sigma + 0.5)
    reach = torch.arange(-radius, radius + 1)
    weights = torch.exp(-0.5 * (reach.double() / sigma) ** 2)
    padded = at(x, torch.arange(x.shape[0] + 2 * radius) - radius)
    return functional.conv1d(padded[None, None], (weights / weights.sum()).float()[None, None])[0, 0]


def median(x, size):
    """Scipy's median_filter with mode nearest: x (T,) -> (T,)."""
    windows = at(x, count(x)[:, None] + torch.arange(size) - size // 2)
    return windows.sort(1).values[:, size // 2]


def later(x, rows):
    """cer.system.labels.later: x (T,) -> (T,)."""
    return at(x, count(x) - rows)


# cer.prediction.postprocess.STEPS in torch
STEPS = {
    "median": median,
    "centre": lambda x, offset: x + offset,
    "scale": lambda x, value: value[1] + value[0] * (x - value[1]),
    "shift": later,
    "gaussian": smooth,
}


class Whole(nn.Module):
    """The whole system, from the input to the predictions."""

    def __init__(self, ensemble, kind, front_end=None, computed=False):
        """ensemble: an Ensemble; kind: one of INPUTS; front_end: for samples; computed: it returns normalised rows."""
        super().__init__()
        rows = ensemble.rows
        chain = [front_end.graph(rows.frame_subsampling_factor)] if front_end else []
        if not computed:
            chain += [Cmvn(rows.norm_means, rows.norm_vars)] if kind != "normalised" else []
            chain += [Stack(rows.frame_subsampling_factor)]
        self.front_end = nn.Sequential(*chain)
        self.models = nn.ModuleList(_plain(model) for model in ensemble.models)
        self.labels, self.steps = ensemble.labels, ensemble.steps

    def forward(self, x):
        """x: an input of the kind given to __init__ -> predictions (T,)."""
        rows = self.front_end(x)
        outputs = [later(model(prepare(model, rows)), self.labels.delay) for model in self.models]
        runs = [self.labels.mean + self.labels.deviation * output for output in outputs]
        mean = torch.stack(runs).mean(0)
        for each in self.steps:
            mean = STEPS[each["step"]](mean, each["value"])
        return mean


def _plain(model):
    """Return a copy of the model with its LSTM layers replaced for the exporter."""
    model = copy.deepcopy(model).requires_grad_(False)
    for name, layer in model.named_children():
        if isinstance(layer, nn.LSTM):
            setattr(model, name, Lstm(layer))
    return model
