#!/usr/bin/env python3
"""Time a training epoch of each network, and compare it with the time of its matrix products alone.

DATA contains the data directories train and dev; --random uses random rows and labels instead. An epoch is one step per
utterance of train (forward, backward, Adam), and the predictions for dev. The networks alternate epoch by epoch, so
that a busy machine slows all of them equally. The first round is a warm-up; medians of the others count. The floor of a
network is the time of its convolutions' matrix products alone, with the same sizes and counts, on preallocated arrays:
forward, and for training the gradients of the weights and of the input.
e.g.: . ./path.sh; local/benchmark/training.py data/synth
"""

import functools
import statistics
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from cer.base.errors import BadInput, program
from cer.base.kinds import Count, Name
from cer.base.markdown import table
from cer.base.options import Parser
from cer.bin import train as program_train
from cer.data import cmvn
from cer.models import architecture, architectures
from cer.models.layers import Conv
from cer.scoring.metrics import ccc
from cer.system.labels import Labels
from cer.system.network import predict
from cer.system.rows import Rows
from cer.system.utterances import Utterances
from local.results import sections

CONF = Path(__file__).resolve().parents[2] / "conf"
NETS = [("dilated", "dilated", {}), ("downup, width 32", "downup", {"width": 32}),
        ("downup, width 128", "downup", {"width": 128})]  # fmt: skip
LEGEND = """Median of {repeats} epochs each, in turn, after one to warm up; {threads} thread{s}, PyTorch {torch};
{data}.
*Floor*: the convolutions' matrix products alone (forward, gradients of weights and input), preallocated. The rates
count these products; one product of 1024 x 1024 matrices reaches {peak:.0f} GFLOP/s here. Ratios are within this run.
"""
NUMBERS = {  # option -> default, help
    "repeats": (3, "epochs to measure"),
    "num-threads": (1, "threads"),
    "num-utterances": (9, "--random: utterances per set"),
    "num-rows": (7500, "--random: rows per utterance"),
    "input-dim": (160, "--random: columns per row"),
}


class Net:
    """A network to compare, with its optimizer and its times."""

    def __init__(self, name, arch, input_dim, **changed):
        """changed: options that override those of the architecture's configuration."""
        parser, Model = program_train.parser(arch), architecture(arch)
        config = CONF / f"{arch}.conf"
        words = [f"--arch={arch}", "--target=any", "train", "dev", "folder"]
        if config.exists():
            words = [f"--config={config}", *words]
        torch.manual_seed(1)
        self.name, self.model = name, Model(input_dim, **parser.keywords(parser.parse(words), Model) | changed)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.001)
        self.seconds, self.floors = [], []

    def size(self):
        """Number of parameters."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    def epoch(self, train_set, dev_set):
        """Do one epoch as in training; train_set, dev_set: lists of (rows (T, D), labels (T,)), float32 arrays."""
        self.model.train()
        for rows, labels in train_set:
            self.optimizer.zero_grad()
            loss = 1 - ccc(torch.from_numpy(labels), self.model(torch.from_numpy(rows)))
            loss.backward()
            self.optimizer.step()
        for rows, _ in dev_set:
            predict(self.model, rows, Labels(0.0, 1.0))

    def products(self, train_set, dev_set):
        """Count the matrix products of an epoch's convolutions, one per tap: Counter of (kind, rows, inputs, outputs).

        None if the network has parameters outside of cer.models.layers.Conv, whose products are unknown.
        """
        convs = [module for module in self.model.modules() if isinstance(module, Conv)]
        if self.size() != sum(parameter.numel() for conv in convs for parameter in conv.parameters()):
            return None
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
        for mode, utterances in ((True, train_set), (False, dev_set)):
            self.model.train(mode)
            for rows, _ in utterances:
                self.model(torch.from_numpy(rows))
        for hook in hooks:
            hook.remove()
        return found


def operations(products):
    """Count the floating-point operations of a Counter of products: 2 per multiply-add."""
    return sum(2 * rows * inputs * outputs * times for (_, rows, inputs, outputs), times in products.items())


def floor(products):
    """Time the products alone, on preallocated arrays; returns seconds."""
    total = 0.0
    for (kind, rows, inputs, outputs), times in products.items():
        x, y, weight = torch.randn(rows, inputs), torch.randn(rows, outputs), torch.randn(inputs, outputs)
        left, right, result = {"forward": (x, weight, y.clone()), "grad weight": (x.T, y, weight.clone()),
                               "grad input": (y, weight.T, x.clone())}[kind]  # fmt: skip
        multiply = functools.partial(torch.mm, left, right, out=result)
        multiply()  # not measured: touches the memory pages
        total += seconds(lambda multiply, times: [multiply() for _ in range(times)], multiply, times)
    return total


def seconds(function, *arguments):
    """Return the duration of one call, seconds."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def peak():
    """Measure the GFLOP/s of one large product, the best of ten."""
    a, b, result = (torch.randn(1024, 1024) for _ in range(3))
    return 2 * 1024**3 / min(seconds(lambda: torch.mm(a, b, out=result)) for _ in range(10)) / 1e9


def blstm(input_dim, size):
    """Return [a BLSTM Net with nearly `size` parameters], or [] if there is no architecture blstm."""
    if "blstm" not in architectures():
        return []
    sizes, width = {}, 0
    while not sizes or sizes[width] < size:
        width += 1
        sizes[width] = Net("", "blstm", input_dim, width=width).size()
    nearest = min(sizes, key=lambda one: abs(sizes[one] - size))
    return [Net(f"blstm, width {nearest}", "blstm", input_dim, width=nearest)]


def read_sets(data, target):
    """Read the sets train and dev of a folder: lists of (rows, standardised labels); and a description of them."""
    data = Path(data)
    parser = program_train.parser(None)
    normalise = parser.keywords(parser.parse(["--arch=any", "--target=any", "train", "dev", "folder"]), cmvn.apply)
    front_end = Rows.of_features(data / "train", **normalise)
    sets = [list(Utterances(data / name, front_end, target)) for name in ("train", "dev")]
    labels = np.concatenate([labels for _, labels in sets[0]])
    return [[(rows, (one - labels.mean()) / labels.std()) for rows, one in utterances] for utterances in sets]


def random_sets(utterances, rows, input_dim):
    """Return two sets of random rows and labels, lists as from read_sets()."""
    random = np.random.default_rng(1)
    draw = random.standard_normal
    return [[(draw((rows, input_dim), "f4"), draw(rows, "f4")) for _ in range(utterances)] for _ in range(2)]


def report(nets, products, about):
    """Return the section for the reports; products: a Counter or None per net; about: values for LEGEND."""
    head = ["network", "parameters", "s an epoch", "to the fastest", "floor s", "to its floor", "GFLOP", "GFLOP/s"]
    medians = [statistics.median(net.seconds) for net in nets]
    rows = [head]
    for net, counted, median in zip(nets, products, medians, strict=True):
        row = [net.name, str(net.size()), f"{median:.3f}", f"{median / min(medians):.2f}", *4 * ["–"]]
        if counted:
            bare, work = statistics.median(net.floors), operations(counted) / 1e9
            row[4:] = [f"{bare:.3f}", f"{median / bare:.2f}", f"{work:.2f}", f"{work / median:.1f}"]
        rows.append(row)
    return f"## Efficiency of training\n\n{LEGEND.format(**about)}\n{table(rows)}\n"


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", nargs="?", help="folder with the data directories train and dev")
    options.add_argument("--random", action="store_true", help="random rows instead of DATA")
    options.add_argument("--target", type=Name, default="arousal", help="name of the labels (default: arousal)")
    options.add_argument("--exp", help="folder of systems whose reports show the table (default: only print it)")
    for name, (default, text) in NUMBERS.items():
        options.add_argument(f"--{name}", type=Count, default=default, help=f"{text} (default: {default})")
    values = options.parse(argv)
    if (values.data is None) != values.random:
        raise BadInput("expected either a folder of data or --random")
    torch.set_num_threads(values.num_threads)
    shape = values.num_utterances, values.num_rows, values.input_dim
    sets = random_sets(*shape) if values.random else read_sets(values.data, values.target)
    input_dim, lengths = sets[0][0][0].shape[1], [sum(len(rows) for rows, _ in one) for one in sets]
    nets = [Net(name, arch, input_dim, **changed) for name, arch, changed in NETS]
    nets += blstm(input_dim, nets[0].size())
    products = [net.products(*sets) for net in nets]
    for repeat in range(values.repeats + 1):
        for net, counted in zip(nets, products, strict=True):
            times = seconds(net.epoch, *sets), floor(counted) if counted else 0.0
            print(
                f"{net.name}: epoch {repeat} of {values.repeats}: {times[0]:.3f} s, floor {times[1]:.3f} s", flush=True
            )
            if repeat:
                net.seconds.append(times[0])
                net.floors.append(times[1])
    random = ", random" if values.random else ""
    data = f"{lengths[0]} rows of {input_dim} columns to learn from, {lengths[1]} for dev{random}"
    plural = "s" if values.num_threads > 1 else ""
    about = {"repeats": values.repeats, "threads": values.num_threads, "s": plural}
    text = report(nets, products, about | {"torch": torch.__version__, "data": data, "peak": peak()})
    print(text, end="")
    if values.exp:
        sections.write(values.exp, "80-efficiency", text)


if __name__ == "__main__":
    main()
