"""Train one point of the paper's Figure 1: several runs of the single filter (Section 4) of one width -> a JSON file.

One model contains all runs, which takes a sixth to a half of the time of separate trainings. The runs are independent,
because Adam updates each weight separately and each run has its own loss; they share only the order of the utterances.
"""

import json
from typing import Annotated

from cer.base.errors import BadInput, program  # first: it says so if a package is missing

# isort: split
import numpy as np
import torch

from cer.base.files import write_text
from cer.base.kinds import Count, Name, Positive, Range, Seed
from cer.base.options import Parser
from cer.models import single
from cer.scoring.metrics import ccc
from cer.system import device
from cer.system.network import Prepared
from cer.system.rows import Rows
from cer.system.utterances import Memory, Utterances
from cer.training.delay import fit_labels
from cer.training.epochs import epochs
from cer.training.steps import one_pass, steps_of

each_ccc = torch.vmap(ccc, in_dims=(None, 1))  # (T,), (T, runs) -> (runs,)


def train(
    widest_minus: int,
    train_set,
    dev_set,
    where,
    *,
    num_runs: Count = 10,
    widest: Count = 2048,
    learning_rate: Positive = 0.01,
    rate_times_width: Positive = 0.03,
    max_epochs: Count = 100,
    patience: Count = 15,
    srand: Seed = 1,
):
    """Train the runs of one width; returns {"filter_width": , "learning_rate": , "runs": [{"dev_ccc": , ...}]}.

    widest_minus: index of the point, from 0 for the widest filter; each step halves the width; train_set, dev_set:
    Utterances; where: a torch device.

    Options:
        num_runs: runs with different initial weights (Figure 1: 10)
        widest: length of the longest filter, rows (Figure 1: 2048)
        learning_rate: upper limit of Adam's step size, reached by short filters
        rate_times_width: upper limit of step size times width, as a step changes the output by the sum over all taps
        max_epochs: maximum number of epochs
        patience: early stopping: a run stops after so many epochs without a better dev CCC
        srand: seed of the initial weights of the first run, and of the order of the utterances
    """
    width = widest >> widest_minus
    if not width:
        raise BadInput(f"--job={widest_minus + 1}: found a filter of 0 rows, expected fewer halvings of {widest} rows")
    rate = min(learning_rate, rate_times_width / width)
    labels = fit_labels(train_set)
    model = stack(train_set.rows.input_dim, width, num_runs, srand).to(where)
    train_set, dev_set = Prepared(model, train_set), Prepared(model, dev_set)
    steps = steps_of(model, learning_rate=rate, loss=loss_of_all)
    best, best_epoch = np.full(num_runs, -np.inf), np.zeros(num_runs, int)

    def step(epoch):
        one_pass(steps, train_set, labels, np.random.default_rng((srand, epoch)))

    going = epochs(
        step, lambda: evaluate(steps, dev_set, labels), lambda: best_epoch, max_epochs=max_epochs, patience=patience
    )
    for epoch, _, now, seconds in going:
        still = epoch <= best_epoch + patience
        better = still & (now > best)
        best, best_epoch = np.where(better, now, best), np.where(better, epoch, best_epoch)
        print(
            f"epoch {epoch} of at most {max_epochs}: filter of {width} rows: dev CCC {best.mean():.4f} (mean of runs),"
            f" {still.sum()} of {num_runs} runs going on; {seconds:.2f} s an epoch,"
            f" {seconds * (max_epochs - epoch):.0f} s left at most",
            flush=True,
        )
    runs = [{"dev_ccc": float(c), "best_epoch": int(e)} for c, e in zip(best, best_epoch, strict=True)]
    return {"filter_width": width, "learning_rate": rate, "runs": runs}


def stack(input_dim, width, num_runs, srand):
    """Return a single.Model with `num_runs` filters, each initialised from its own seed as in a separate training."""
    model = single.Model(input_dim, filter_width=width, num_filters=num_runs)
    for run in range(num_runs):
        torch.manual_seed(srand + run)
        one = single.Model(input_dim, filter_width=width)
        with torch.no_grad():
            for whole, part in zip(model.parameters(), one.parameters(), strict=True):
                whole[..., run : run + 1] = part
    return model


def loss_of_all(targets, outputs):
    """Return the sum of 1 - CCC of all runs; targets: (T,); outputs: (T, runs), or (T,) for one."""
    return (1 - each_ccc(targets, outputs.reshape(len(targets), -1))).sum()


def evaluate(steps, prepared, labels):
    """Return the CCC over the concatenated recordings of each run: float64 (runs,).

    steps: has outputs(inputs) -> (T, runs); prepared: Prepared of the set; labels: Labels, whose scale outputs get.
    """
    outputs = [steps.outputs(inputs).cpu() for inputs in prepared.in_order(range(len(prepared)))]
    outputs = torch.cat([one.reshape(len(one), -1) for one in outputs]).double()
    gold = torch.cat([torch.from_numpy(one) for one in prepared.labels]).double()
    gold, outputs = gold[~gold.isnan()], outputs[~gold.isnan()]
    return each_ccc(gold, labels.mean + labels.deviation * outputs).numpy()


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)
    options = Parser(__doc__)
    options.add_argument("--target", type=Name, required=True, help="name of the labels")
    options.add_argument(
        "--job", type=Annotated[int, Range(1, 64)], required=True, help="width: 1 is the widest, 2 half of it ..."
    )
    options.add_argument("train_data", help="data directory of the training set")
    options.add_argument("dev_data", help="data directory for early stopping and for the CCC of the figure")
    options.add_argument("--use-gpu", choices=["true", "false"], default="false", help="as in cer.bin.train")
    options.add_argument("--max-memory", type=Count, default=1000, help="as in cer.bin.train (default: 1000)")
    options.add_argument("point", help="output: a JSON file")
    options.add_keywords(train)
    values = options.parse(argv)
    where = device.choose(values.use_gpu == "true")
    front_end = Rows.of_features(values.train_data, norm_means=True, norm_vars=True)
    memory = Memory(values.max_memory * 10**6)
    both = values.train_data, values.dev_data
    sets = [Utterances(data, front_end, values.target, memory=memory) for data in both]
    settings = options.keywords(values, train)
    about = {"target": values.target, "label_shift": front_end.label_shift, "settings": settings}
    about |= {"data": [data.survey().checksum for data in sets]}
    write_text(values.point, json.dumps(about | train(values.job - 1, *sets, where, **settings), indent=1) + "\n")


if __name__ == "__main__":
    main()
