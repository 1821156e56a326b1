"""Rows on training: an epoch beside the matrix products of its sizes, beside nn.Conv1d, and on a busy machine.

An epoch runs through the code of training: a step per utterance of train (forward, backward, Adam), then the evaluation
on dev. The floor is the time of the convolutions' matrix products alone, with the same sizes and counts, on
preallocated arrays: forward, and for training the gradients of the weights and of the input; of all rows, also for taps
that reach over the edge, less than 1 % of them.
"""

import contextlib
import functools
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cer.bin import train as program_train
from cer.models import architecture, build, in_rows
from cer.models.layers import Conv
from cer.system.network import Prepared, evaluate
from cer.training import data as training_data
from cer.training.steps import one_pass, steps_of
from local.benchmark import corpora
from local.benchmark.measure import ROOT, Row, Time, alternate, timed

NETS = {  # row -> architecture, options beside its configuration, goal
    "dilated": ("dilated", {}, "<= 1.5"),
    "downup32": ("downup", {"width": 32}, "<= 1.25"),
    "downup128": ("downup", {"width": 128}, "<= 1.2"),
}
ARCHS = sorted({arch for arch, *_ in NETS.values()} | {"blstm"})
ROWS = [*NETS, "conv1d", "blstm", "busy"]
SIZES = (9, 7500), (2, 7500)  # utterances of each generated set, rows of each; the second with --quick
MEGABYTES = 1000  # of features in memory
BUSY = "import numpy; a = numpy.ones((512, 512), 'f4'); print(flush=True)\nwhile True: a @ a"


class Net:
    """A network with its optimizer, and the sets that it is trained on."""

    def __init__(self, arch, folder, **changed):
        """folder: of the data directories train and dev; changed: options that override those of conf/<arch>.conf."""
        parser, Model = program_train.parser(arch), architecture(arch)
        config, words = ROOT / "conf" / f"{arch}.conf", [f"--arch={arch}", "--target=arousal", "train", "dev", "folder"]
        values = parser.parse([f"--config={config}", *words])
        both = [str(folder / name) for name in ("train", "dev")]
        rows = training_data.rows_of(both[0], None, parser.keywords(values, program_train.cmvn.apply))
        options = in_rows(arch, parser.keywords(values, Model) | changed, rows.label_shift)
        torch.manual_seed(1)
        delay = parser.keywords(values, program_train.fit_labels)
        sets, self.labels = training_data.read(*both, "arousal", rows, Model, MEGABYTES, delay)
        self.take(build(arch, rows.input_dim, options), sets)

    def take(self, model, sets):
        """Train this model on these sets of utterances."""
        self.model, self.steps = model, steps_of(model, learning_rate=0.001, l2=0.0)
        self.utterances, self.sets = sets, [Prepared(model, one) for one in sets]

    def epoch(self):
        """Do one epoch, as training does."""
        one_pass(self.steps, self.sets[0], self.labels, np.random.default_rng(1))
        evaluate(self.model, self.sets[1], self.labels, self.steps.outputs)

    def products(self):
        """Count the matrix products of an epoch's convolutions, per tap: Counter of (kind, rows, inputs, outputs)."""
        convs = [module for module in self.model.modules() if isinstance(module, Conv)]
        found = Counter()

        def count(conv, inputs):
            taps, *shape = conv.weight.shape
            kinds = ["forward"]
            if self.model.training:
                kinds.append("grad weight")
                if inputs[0].requires_grad:
                    kinds.append("grad input")
            found.update({(kind, len(inputs[0]), *shape): taps for kind in kinds})

        hooks = [conv.register_forward_pre_hook(count) for conv in convs]
        for training, utterances in zip((True, False), self.sets, strict=True):
            self.model.train(training)
            for inputs in utterances:
                self.model(inputs)
        for hook in hooks:
            hook.remove()
        return found


class Stock(nn.Module):
    """A dilated network with torch's nn.Conv1d, channels first: the same weights, the same outputs."""

    def __init__(self, model):
        super().__init__()
        layers = []
        for conv in [*model.layers, model.output]:
            taps, inputs, outputs = conv.weight.shape
            own = nn.Conv1d(inputs, outputs, taps, dilation=conv.dilation, padding="same")
            own.weight.data.copy_(conv.weight.permute(2, 1, 0))
            own.bias.data.copy_(conv.bias)
            layers.append(own)
        self.layers, self.activation = nn.ModuleList(layers), model.layers[0].activation.plain

    def prepare(self, x):
        """x: (T, inputs) -> (inputs, T)."""
        return x.T.contiguous()

    def forward(self, x):
        """x: (inputs, T) -> (T,)."""
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x).squeeze(0)


def floor(products):
    """Time the products alone, on preallocated arrays."""
    total = Time(0.0, 0.0)
    for (kind, rows, inputs, outputs), times in products.items():
        x, y, weight = torch.randn(rows, inputs), torch.randn(rows, outputs), torch.randn(inputs, outputs)
        left, right, result = {"forward": (x, weight, y.clone()), "grad weight": (x.T, y, weight.clone()),
                               "grad input": (y, weight.T, x.clone())}[kind]  # fmt: skip
        multiply = functools.partial(torch.mm, left, right, out=result)
        multiply()  # not measured: touches the memory pages
        one = timed(lambda multiply, times: [multiply() for _ in range(times)], multiply, times)
        total = Time(total.wall + one.wall, total.cpu + one.cpu)
    return total


@contextlib.contextmanager
def another_process():
    """Keep another process busy with matrix products, with one thread, while the block runs."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE, env=environment) as busy:
        try:
            busy.stdout.readline()
            yield
        finally:
            busy.kill()


def _beside(net):
    with another_process():
        return timed(net.epoch)


def measure(names, settings):
    """Return the Rows of these names."""
    with tempfile.TemporaryDirectory() as folder:
        data = settings.data or Path(folder)
        if not settings.data:
            for name in ("train", "dev"):
                corpora.features(data / name, *SIZES[settings.quick])
        return [*_networks(names, data, settings.repeats), *_busy(names, data, settings.repeats)]


def _networks(names, data, repeats):
    """Return the rows of the networks, whose epochs take turns with each other and with their floors."""
    calls, nets = {}, {}
    for name, (arch, changed, _) in NETS.items():
        if name in names or (name == "dilated" and {"conv1d", "blstm"} & {*names}):
            nets[name] = Net(arch, data, **changed)
            calls[name] = functools.partial(timed, nets[name].epoch)
        if name in names:
            calls[f"floor of {name}"] = functools.partial(floor, nets[name].products())
    if "conv1d" in names:
        stock = Net("dilated", data)
        stock.take(Stock(stock.model), stock.utterances)
        calls["conv1d"] = functools.partial(timed, stock.epoch)
    if "blstm" in names:
        calls["blstm"] = functools.partial(timed, Net("blstm", data).epoch)
    times = alternate(calls, repeats) if calls else {}
    for name, (_, _, goal) in NETS.items():
        if name in names:
            yield Row(name, f"{name}: epoch / its matrix products", goal, times[name], times[f"floor of {name}"])
    if "conv1d" in names:
        yield Row("conv1d", "dilated: epoch with nn.Conv1d / ours", ">= 1.6", times["conv1d"], times["dilated"])
    if "blstm" in names:
        yield Row("blstm", "epoch of blstm (as many parameters) / of dilated", "", times["blstm"], times["dilated"])


def _busy(names, data, repeats):
    if "busy" in names:
        net = Net("dilated", data)
        calls = {"busy": functools.partial(_beside, net), "alone": functools.partial(timed, net.epoch)}
        times = alternate(calls, repeats)
        what = "dilated: epoch beside another busy process / without"
        yield Row("busy", what, "<= 1.5", times["busy"], times["alone"], "wall")
