"""Train one run of an architecture on a target: two data directories -> a model folder."""

import argparse
import inspect
import math
from dataclasses import asdict
from pathlib import Path

import torch

from cer.base.errors import listed, program, warn
from cer.base.facts import alone, summary, take
from cer.base.kinds import Name
from cer.base.options import Parser, read_config
from cer.data import cmvn
from cer.data.datadir import Archive
from cer.features.fbank import Fbank
from cer.models import architecture, architectures, build
from cer.system import device
from cer.system.checkpoint import MODEL, failure
from cer.system.labels import Labels
from cer.system.utterances import FrontEnd, Utterances
from cer.training.train import train


def parser(arch):
    """The command line for one architecture: its options come from its constructor."""
    options = Parser(__doc__)
    options.add_argument("--arch", required=True, help=f"one of {', '.join(architectures())}; --help tells its options")
    options.add_argument(
        "--target", type=Name, required=True, help="which labels: arousal stands for <data>/arousal.scp"
    )
    options.add_argument("train_data", help="data directory to learn from")
    options.add_argument("dev_data", help="data directory for early stopping")
    options.add_argument("folder", help="the model folder to make")
    options.add_argument("--use-gpu", choices=["true", "false", "yes", "no"], default="false",
                         help="train on a card, an error without one (default: false)")  # fmt: skip
    options.add_argument("--check", action="store_true", help="only tell whether the options can be used; make nothing")
    for function in [train, Labels.of, cmvn.apply] + ([architecture(arch)] if arch else []):
        options.add_keywords(function)
    return options


def describe(utterances):
    """What a set of data is, for a model's description."""
    rows = sum(len(rows) for rows, _ in utterances)
    return {"utterances": len(utterances), "rows": rows, "checksum": utterances.checksum()}


def front_end_of(values, normalise, waveform):
    """The front end of the training set."""
    return FrontEnd.of_waveform(values.train_data) if waveform else FrontEnd.of(values.train_data, **normalise)


def read_sets(values, normalise, waveform):
    """The training and the dev set, with the front end of the training set."""
    front_end = front_end_of(values, normalise, waveform)
    return [Utterances(data, front_end, values.target) for data in (values.train_data, values.dev_data)]


def tell_shared(train_set, dev_set):
    """Warn of speakers that are in both sets: early stopping on those that were learnt from tells nothing of others."""
    if shared := sorted({*train_set.speakers} & {*dev_set.speakers}):
        warn(
            f"{len(shared)} speakers are in both {train_set.data} and {dev_set.data}: {listed(shared)}; the dev CCC"
            " says little of new speakers, and training stops too late for them"
        )


def fbank_options(data):
    """The options of the front end that made a directory's features, or None when it does not tell."""
    path = Path(data) / "conf" / "fbank.conf"
    return [option for _, option in read_config(path)] if path.exists() else None


def facts(data):
    """What a model folder tells of a training directory's features beside what makes the training, a dict.

    global_cmvn: Kaldi's statistics of all speakers together, 2 x (D + 1); fbank: every option of the front end, where
    the directory tells and cer.features.fbank has them all.
    """
    found = {"global_cmvn": sum(Archive(Path(data) / "cmvn.scp").values()).tolist()}
    tokens, options = fbank_options(data), Parser("")
    if tokens is None:
        return found
    options.add_keywords(Fbank)
    values, unknown = options.parse_known_args(tokens)
    if unknown:  # features that another program made
        warn(f"{data}/conf/fbank.conf: {unknown[0]} is no option of ours; {MODEL} will not tell how to make features")
        return found
    return found | {"fbank": options.keywords(values, Fbank)}


def code_of(Model):
    """One value for the code that trains a model: another architecture of the same name is another training."""
    return summary(take(code=[__file__, inspect.getfile(Model)]))


def introduce(arch, target, model, shift):
    """Print what will be trained; shift: seconds between rows."""
    before, after = model.receptive_field()
    size = sum(parameter.numel() for parameter in model.parameters())
    field = f"{before + 1 + after} rows ({(before + 1 + after) * shift:.2f} s, {after * shift:.2f} s of them ahead)"
    field = field if math.isfinite(before + after) else "the whole utterance"
    print(f"{arch} for {target}: {size} parameters, receptive field {field}", flush=True)


def conclude(folder, result):
    """Print what came out of a training, in one line; and warn of one that failed."""
    seed = f", after a restart from seed {result['srand']}" if result.get("restarts") else ""
    print(f"{folder}: dev CCC {result['dev_ccc']:.4f}, of epoch {result['best_epoch']}{seed}")
    if result.get("learnt") is False:
        warn(f"{folder}: {failure(result)}; {MODEL} marks the run, and no ensemble takes it beside runs that learnt")


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)  # two threads on two busy cores are slower than one; parallelism comes from jobs
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--arch")
    options = parser(first.parse_known_args(argv)[0].arch)
    values = options.parse(argv)
    Model = architecture(values.arch)
    model_options, training = options.keywords(values, Model), options.keywords(values, train)
    normalise, waveform = options.keywords(values, cmvn.apply), getattr(Model, "waveform", False)
    if values.check:
        build(values.arch, front_end_of(values, normalise, waveform).input_dim, model_options)
        return
    where = device.choose(values.use_gpu in ("true", "yes"))
    if where.type != "cpu" and hasattr(Model, "fit"):
        print(f"{values.arch} is solved for, which the CPU does: the card stays idle", flush=True)
        where = torch.device("cpu")
    train_set, dev_set = read_sets(values, normalise, waveform)
    tell_shared(train_set, dev_set)
    labels = Labels.of(train_set, **options.keywords(values, Labels.of))
    delay = labels.delay * train_set.front_end.label_shift
    train_set.leave_out(labels.too_short(train_set), f"are no longer than the label delay of {delay:.2f} s")
    description = {
        "arch": values.arch,
        "target": values.target,
        "options": model_options,
        "training": training,
        "labels": asdict(labels),
        "front_end": asdict(train_set.front_end),
        "fbank_conf": None if waveform else fbank_options(values.train_data),
        "train": describe(train_set),
        "dev": describe(dev_set),
        "code": code_of(Model),
    }

    def new_model(seed):
        torch.manual_seed(seed)
        return build(values.arch, train_set.front_end.input_dim, model_options).to(where)

    introduce(values.arch, values.target, new_model(values.srand), train_set.front_end.label_shift)
    told = {} if waveform else facts(values.train_data)
    folder = Path(values.folder)
    with alone(folder.with_name(f".{folder.name}.lock"), folder):
        result = train(new_model, train_set, dev_set, labels, folder, description, told, **training)
    conclude(values.folder, result)


if __name__ == "__main__":
    main()
