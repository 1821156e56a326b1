"""Model folders: training writes them, prediction reads them. All files are complete at any time.

run1/model.json       everything except the weights: architecture, options, front end, label scale, data, result, and
                      the checksums of the weights and of this file
run1/final.pt         the weights of the best epoch
run1/progress.csv     one line per epoch
"""

import json
import re
from pathlib import Path
from typing import Annotated

from cer.base import records
from cer.base.contents import checksum
from cer.base.errors import BadInput
from cer.base.files import read_bytes, write_text
from cer.base.kinds import Name, Range, Whole
from cer.base.tables import KALDIS_OWN
from cer.features import front_end, names
from cer.system.labels import Labels
from cer.system.rows import Rows

MODEL, FINAL, PROGRESS = "model.json", "final.pt", "progress.csv"
RUN = "run[0-9]{1,9}"  # names of runs: not run1.old and the like
DAMAGED = "damaged or edited; copy the folder again, or remove it and train again"
AGAIN = "remove its folder and train again (stage 3)"
OPTIONS = {...: (bool, float, str)}
SET = {"utterances": Annotated[int, Range(1)], "rows": Annotated[int, Range(1)], "checksum": str}
ROWS = records.Listed(records.Listed(float, 2), 2, 2)
SEED = Annotated[int, Range(0)]
FRONT_END = records.Such(
    records.Exactly(records.of(Rows) | {"sample_frequency?": float}),
    lambda rows: rows["norm_means"] or not rows["norm_vars"],
    "norm_vars to be false where norm_means is",
)
RANGE = records.Such(records.Listed(float, 2, 2), lambda ends: ends[0] <= ends[1], "the lower number first")
TARGET = records.Such(Name, lambda name: name not in KALDIS_OWN, f"none of {', '.join(KALDIS_OWN)}")  # NAME.scp
SHAPE = {  # of model.json
    "arch": Name, "target": TARGET, "options": OPTIONS, "training": OPTIONS, "labels": records.of(Labels),
    "front_end": FRONT_END, "train": SET, "dev": SET,
    "result": {"best_epoch": Whole, "epochs": Whole, "dev_ccc": float, "srand?": SEED, "learnt?": (bool, None),
               "diverged?": bool, "reason?": str, "restarts?": records.Listed({"srand": SEED, "reason": str})},
    "label_range?": RANGE,
    "features?": {"name": Name, "options": OPTIONS}, "global_cmvn?": ROWS, "corpora?": records.Listed(str),
    "ends?": records.Listed(str, 2, 2),
    "fbank?": OPTIONS,  # and front_end.sample_frequency: earlier versions
}  # fmt: skip


def write_description(folder, description):
    """Write model.json with its own checksum; folder: of a run; description: its content, a dict."""
    text = json.dumps(description | {"checksum": checksum(_plain(description))}, indent=2)
    write_text(Path(folder) / MODEL, text + "\n")


def _plain(description):
    """Serialise a description for its checksum: the bytes do not depend on the order of keys or on white space."""
    return json.dumps(description, sort_keys=True).encode()


def read_description(folder):
    """Read the description of a finished training, the content of model.json; None if the folder holds none.

    Raises BadInput when model.json is invalid, or a checksum shows that it or the weights are damaged or edited.
    """
    path = Path(folder) / MODEL
    if not path.exists() or not (Path(folder) / FINAL).exists():
        return None
    description = records.read(path, SHAPE, AGAIN)
    if "checksum" in description:  # earlier versions wrote none
        _check(description, Path(folder) / FINAL, path)
    _of_earlier_versions(description)
    if (told := description.get("features")) and told["name"] not in names():
        raise BadInput(f"{path}: features.name: found {told['name']}, expected one of {', '.join(names())}; {AGAIN}")
    if told:
        records.check(told["options"], records.of(front_end(told["name"])), path, AGAIN, "features.options")
    from cer.models import architecture, architectures  # not at the top: torch takes a second to import

    if description["arch"] not in architectures():
        raise BadInput(
            f"{path}: arch: found {description['arch']}, expected one of {', '.join(architectures())}; {AGAIN}"
        )
    options = records.of(architecture(description["arch"]))
    records.check(description["options"], options, path, AGAIN, "options")
    return description


def _of_earlier_versions(description):
    """Convert a description of earlier versions: front ends had no names; waveform rows had other keys."""
    if "fbank" in description:
        description["features"] = {"name": "fbank", "options": description.pop("fbank")}
    if rate := description["front_end"].pop("sample_frequency", 0.0):
        description["features"] = {"name": "waveform", "options": {"sample_frequency": rate}}
        factor = description["front_end"]["feat_dim"]
        description["front_end"] |= {"feat_dim": 1, "frame_shift": 1 / rate, "frame_subsampling_factor": factor}


def _check(description, weights, path):
    """Raise BadInput when the checksum of the weights or of the description differs from the one it states."""
    expected, is_now = description.pop("checksum"), checksum(_plain(description))
    if is_now != expected:
        raise BadInput(f"{path}: its content has the checksum {is_now}, expected {expected}: {DAMAGED}")
    found, expected = checksum(read_bytes(weights, AGAIN)), description.get("weights")
    if found != expected:
        raise BadInput(f"{weights}: has the checksum {found}, {path} says {expected}: {DAMAGED}")


def failure(result):
    """Return why a result is marked as a failed training, in one line; None if it is not, as in earlier versions."""
    if result.get("learnt", True) is not False:
        return None
    return f"{'blew up' if result.get('diverged') else 'did not learn'} ({result.get('reason', 'no reason given')})"


def is_undecided(result):
    """Whether a training had too few epochs to tell whether it learns."""
    return result.get("learnt", True) is None


def is_run(folder):
    """Whether a folder has the name of a run; that of a single run may have any other."""
    return re.fullmatch(RUN, Path(folder).name) is not None


def name_of(run):
    """Return what a run is called in folders of predictions: as its own folder, or run1 if that is called otherwise."""
    return run.name if is_run(run) else "run1"


def run_folders(folder):
    """List the runs of a model folder, run1, run2 ... in order; for the folder of a single run, that folder.

    Raises BadInput when there is none.
    """
    folder = Path(folder)
    if (folder / MODEL).exists():
        return [folder]
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder, expected that of a trained system; is its name right?")
    runs = [run for run in folder.glob("run*") if is_run(run)]
    if not runs:
        raise BadInput(f"{folder}: found no trained run (run1/{MODEL}); run stage 3 (steps/train.sh)")
    return sorted(runs, key=lambda run: int(run.name[3:]))
