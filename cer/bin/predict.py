"""Predict a data directory with a model folder: predictions of each run, and of their mean.

The mean is written to FOLDER/output.J.{ark,scp}, each run to the same names below FOLDER/run1, run2 ...; for people the
mean of up to 100 utterances also to FOLDER/csv/<utterance>.csv. No labels are needed. CMVN, stacking, label delay and
post-processing are as in the model folder.
"""

import contextlib
import json
from pathlib import Path

from cer.base.errors import program, warn  # first: it says so if a package is missing

# isort: split
import numpy as np
import torch

from cer.base.files import write_text
from cer.base.kinds import Count
from cer.base.options import Parser
from cer.data.datadir import part
from cer.data.predictions import ABOUT, FEW, each_has_csv, writing_predictions
from cer.data.targets import write_scales
from cer.prediction.ensemble import Ensemble
from cer.prediction.postprocess import describe
from cer.system import device
from cer.system.front_end import computed_by, expect_same
from cer.system.model_folder import name_of
from cer.system.utterances import Utterances


def csv_of(asked, data, number):
    """Return which CSV files `number` utterances have, as writing_predictions() takes it; says so if they have none."""
    if asked == "table" or each_has_csv("true" if asked == "runs" else asked, number):
        return "table" if asked == "table" else "true"
    if asked == "auto":
        print(f"{data}: no CSV files of {number} utterances, more than {FEW}; --csv true or --csv table makes them")
    return "false"


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)
    options = Parser(__doc__)
    options.add_argument("data", help="data directory with feats.scp and cmvn.scp")
    options.add_argument("model", help="model folder with run1, run2 ..., or the folder of one run")
    options.add_argument("folder", help="output folder")
    options.add_argument("--part", default="1/1", metavar="J/N", help="process the J-th of N parts of feats.scp")
    options.add_argument("--num-runs", type=Count, help="use only the first NUM_RUNS runs (default: all)")
    options.add_argument("--use-gpu", choices=["true", "false"], default="false", help="predict on a GPU; an error if"
                         " there is none (default: false)")  # fmt: skip
    options.add_argument("--csv", choices=["auto", "true", "runs", "table", "false"], default="auto",
                         help="CSV: auto, of the mean of each of up to 100 utterances; true, of however many; runs,"
                         " also of each run; table, one of all utterances; false, none (default: auto)")  # fmt: skip
    values = options.parse(argv)
    where = device.choose(values.use_gpu == "true")
    ensemble, folder = Ensemble(values.model, values.num_runs, where), Path(values.folder)
    shift = ensemble.rows.label_shift
    own = computed_by(ensemble.description)
    utterances = Utterances(values.data, ensemble.rows, computed_by=own)
    if not own:
        expect_same(values.data, ensemble.description.get("features"))
    job = values.part.partition("/")[0]
    csv = csv_of(values.csv, values.data, len(utterances))
    runs_csv, names = csv if values.csv == "runs" else "false", [*map(name_of, ensemble.folders)]
    places = {folder: csv} | {folder / name: runs_csv for name in names}
    chosen = part(dict(zip(utterances.ids, range(len(utterances)), strict=True)), values.part)
    with contextlib.ExitStack() as files:
        writers = [
            files.enter_context(writing_predictions(place, job, ensemble.target, shift, form))
            for place, form in places.items()
        ]
        for done, (key, index) in enumerate(chosen.items(), 1):
            rows = utterances[index][0]
            if len(rows) > 1 and not np.ptp(rows, axis=0).any():
                warn(f"{values.data}: {key}: all of its features are constant, so its predictions say nothing")
            runs, mean = ensemble(rows)
            ensemble.check(f"{values.data}: {key}", mean, *runs)
            for write, output in zip(writers, [mean, *runs], strict=True):
                write(key, output)
            print(f"{done} of {len(chosen)}: {key}, {len(mean)} rows", flush=True)
    about = {"target": ensemble.target, "shift": shift, "runs": names}
    if ensemble.failed:
        about["failed"] = ensemble.failed
    if ensemble.undecided:
        about["undecided"] = ensemble.undecided
    if ensemble.postprocess:
        about["postprocess"] = describe(ensemble.postprocess, shift)
    if csv != "false":
        own = ensemble.description.get("ends")
        write_scales(folder, [ensemble.target], {ensemble.target: own} if own else {})
    write_text(folder / ABOUT, json.dumps(about) + "\n")


if __name__ == "__main__":
    main()
