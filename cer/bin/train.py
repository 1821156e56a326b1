"""Train one run of an architecture on a target: two data directories -> a model folder."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

import torch

from cer import cmvn
from cer.batches import Utterances
from cer.errors import program
from cer.models import architecture, architectures
from cer.options import Parser, read_config
from cer.train import train


def parser(arch):
    """The command line for one architecture: its options come from its constructor."""
    options = Parser(__doc__)
    options.add_argument("--arch", required=True, help=f"one of {', '.join(architectures())}; --help tells its options")
    options.add_argument("--target", required=True, help="which labels: arousal stands for <data>/arousal.scp")
    options.add_argument("train_data", help="data directory to learn from")
    options.add_argument("dev_data", help="data directory for early stopping")
    options.add_argument("folder", help="the model folder to make")
    for function in [train, cmvn.apply] + ([architecture(arch)] if arch else []):
        options.add_keywords(function)
    return options


def describe(utterances):
    """What a set of data is, for a model's description."""
    rows = sum(len(rows) for rows, _ in utterances)
    return {"utterances": len(utterances), "rows": rows, "checksum": utterances.checksum()}


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)  # two threads on two busy cores are slower than one; parallelism comes from jobs
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--arch")
    options = parser(first.parse_known_args(argv)[0].arch)
    values = options.parse(argv)
    Model = architecture(values.arch)
    normalise, training = options.keywords(values, cmvn.apply), options.keywords(values, train)
    train_set = Utterances(values.train_data, values.target, **normalise)
    dev_set = Utterances(values.dev_data, values.target, **normalise).use(train_set.front_end)
    fbank_conf = Path(values.train_data) / "conf" / "fbank.conf"
    description = {
        "arch": values.arch,
        "target": values.target,
        "options": options.keywords(values, Model),
        "training": training,
        "front_end": asdict(train_set.front_end),
        "fbank_conf": [option for _, option in read_config(fbank_conf)] if fbank_conf.exists() else None,
        "train": describe(train_set),
        "dev": describe(dev_set),
    }
    torch.manual_seed(values.srand)
    model = Model(train_set.front_end.input_dim, **options.keywords(values, Model))
    before, after = model.receptive_field()
    shift = train_set.front_end.label_shift
    print(
        f"{values.arch} for {values.target}: {sum(p.numel() for p in model.parameters())} parameters, receptive field"
        f" {before + 1 + after} rows ({(before + 1 + after) * shift:.2f} s, {after * shift:.2f} s of them ahead)"
    )
    result = train(model, train_set, dev_set, values.folder, description, **training)
    print(f"{values.folder}: dev CCC {result['dev_ccc']:.4f}, of epoch {result['best_epoch']}")


if __name__ == "__main__":
    sys.exit(main())
