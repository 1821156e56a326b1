"""Train one run of an architecture on a target: two data directories -> a model folder."""

from dataclasses import asdict
from pathlib import Path

from cer.base.errors import program, warn  # first: it says so if a package is missing

# isort: split
import torch

from cer.base.kinds import Count, Name
from cer.base.locks import alone
from cer.base.options import Parser, peek
from cer.data import cmvn
from cer.models import architecture, architectures, build, check, in_rows
from cer.system import device
from cer.system.model_folder import MODEL, failure
from cer.training import data, description
from cer.training.delay import fit_labels
from cer.training.train import train


def parser(arch):
    """Return the command-line parser for an architecture: its options are the keyword arguments of its constructor."""
    options = Parser(__doc__)
    options.add_argument("--arch", required=True, help=f"one of {', '.join(architectures())}; --help lists its options")
    options.add_argument(
        "--target", type=Name, required=True, help="name of the labels: arousal reads <data>/arousal.scp"
    )
    options.add_argument("train_data", help="data directory of the training set")
    options.add_argument("dev_data", help="data directory of the dev set, for early stopping")
    options.add_argument("folder", help="output: the folder of this run")
    options.add_argument("--use-gpu", choices=["true", "false"], default="false",
                         help="train on a GPU; an error if there is none (default: false)")  # fmt: skip
    options.add_argument("--max-memory", type=Count, default=1000,
                         help="MB of features of both sets that are kept in memory; further ones are read again in"
                         " each epoch (default: 1000)")  # fmt: skip
    options.add_argument("--check", action="store_true", help="only check the options; write nothing")
    for function in [train, fit_labels, cmvn.apply] + ([architecture(arch)] if arch else []):
        options.add_keywords(function)
    return options


def conclude(folder, result):
    """Print the result of a training in one line; warn if it failed."""
    seed = f", after a restart from seed {result['srand']}" if result.get("restarts") else ""
    print(f"{folder}: dev CCC {result['dev_ccc']:.4f}, of epoch {result['best_epoch']}{seed}")
    if result.get("learnt") is False:
        warn(f"{folder}: {failure(result)}; {MODEL} marks the run, and no ensemble takes it beside runs that learnt")


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)  # two threads on two busy cores are slower than one; parallelism comes from jobs
    options = parser(peek(argv, "arch"))
    values = options.parse(argv)
    Model, folder = architecture(values.arch), Path(values.folder)
    network, training = options.keywords(values, Model), options.keywords(values, train)
    computed_by, normalise = data.front_end_of(Model), options.keywords(values, cmvn.apply)
    rows = data.rows_of(values.train_data, computed_by, normalise)
    network = in_rows(values.arch, network, rows.label_shift)
    check(build(values.arch, rows.input_dim, network), values.arch, rows.input_dim)
    if values.check:
        return
    where = device.choose(values.use_gpu == "true")
    if where.type != "cpu" and hasattr(Model, "fit"):
        print(f"{values.arch} is solved without gradient steps, on the CPU: the GPU is not used", flush=True)
        where = torch.device("cpu")
    both, delay = (values.train_data, values.dev_data), options.keywords(values, fit_labels)
    sets, labels = data.read(*both, values.target, rows, Model, values.max_memory, delay)
    own = {"arch": values.arch, "target": values.target, "options": network, "training": training}
    own |= {"labels": asdict(labels), "front_end": asdict(rows), **description.of_data(*sets, computed_by)}
    own["code"] = description.code_of(Model, __file__)

    def new_model(seed):
        torch.manual_seed(seed)
        return build(values.arch, rows.input_dim, network).to(where)

    longest = max(map(len, sets[0].survey().labels))

    def of_layers(number):
        return build(values.arch, rows.input_dim, network | {"num_layers": number})

    more = of_layers if "num_layers" in network else None
    description.introduce(values.arch, values.target, new_model(values.srand), rows.label_shift, longest, more)
    extra = description.features_of(values.train_data, computed_by) | description.origin_of(values.target, *both)
    with alone(folder.with_name(f".{folder.name}.lock"), folder):
        result = train(new_model, *sets, labels, folder, own, extra, **training)
    conclude(values.folder, result)


if __name__ == "__main__":
    main()
