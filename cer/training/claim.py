"""Where a training works, and what earlier work in its folder it resumes or keeps.

run1/checkpoint.pt    everything needed to resume; removed once the final weights are written
.run1.new/            folder of a training that replaces a finished one; renamed to run1 at the end
.run1.lock            lock file of the training that uses these folders
"""

import re
from pathlib import Path

import torch

from cer import __version__
from cer.base.errors import BadInput, warn
from cer.base.files import clear_abandoned, set_aside
from cer.system.model_folder import FINAL, read_description, write_description
from cer.system.tensors import read_tensors, write_tensors

CHECKPOINT = "checkpoint.pt"
OTHER = "holds another training (options, data or code differ)"
STATE = {"model": dict, "optimizer": dict, "best": dict, "description": dict, "history": list,
         "best_ccc": float, "best_epoch": int, "far": str, "srand": int, "restarts": list}  # fmt: skip
EACH = {"history": (list, [float, float]), "restarts": (dict, [int, str])}  # loss and CCC; seed and reason
SEEDS = range(1 << 40)  # torch's generators take no larger ones: it is multiplied by the epoch
ABOUT_DATA = "corpora", "ends"  # entries of model.json that do not change the training


def claim(folder, description):
    """Find earlier work of the training with this description, and choose the folder to work in.

    Returns (description of the finished training or None, state of its checkpoint or None, folder to work in). If
    `folder` holds another finished training, this one works in .<name>.new, and replaces it only when it is finished.
    Unfinished work of another training and damaged files move to .backup: no training overwrites earlier files.
    """
    folder = Path(folder)
    clear_abandoned(folder.parent / new_name(folder))
    clear_abandoned(folder)
    for place in (folder, folder.with_name(new_name(folder))):
        done, state = _found(place)
        owner = done or (state and state["description"])
        if owner and all(owner.get(name) == value for name, value in description.items()):
            return (done, state, finish(place) if done else place)
        if owner and not (done and place == folder):
            print(f"{place}: {OTHER}; moved to {set_aside(place)}", flush=True)
        elif done:
            print(f"{place}: {OTHER}; it stays until this one is finished", flush=True)
    done, _ = _found(folder)
    return None, None, folder.with_name(new_name(folder)) if done else folder


def _found(folder):
    """Read a folder: (description of a finished training or None, checkpoint of an unfinished one or None).

    Moves a folder with damaged files to .backup, with a warning.
    """
    try:
        done, path = read_description(folder), folder / CHECKPOINT
        return done, read_state(path) if not done and path.exists() else None
    except BadInput as error:
        warn(f"{error}; moved to {set_aside(folder)}")
        return None, None


def renew(folder, done, told):
    """Update the entries ABOUT_DATA in the model.json of a finished training, as its data directories are now.

    done: its content; told: the entries now, among others.
    """
    then, now = ({name: one[name] for name in ABOUT_DATA if name in one} for one in (done, told))
    if now and then != now:
        write_description(folder, {name: value for name, value in done.items() if name not in ABOUT_DATA} | now)


def new_name(folder):
    """Name of the folder where a training works while `folder` holds another finished training."""
    return f".{Path(folder).name}.new"


def finish(folder):
    """Remove the checkpoint of a finished training and rename .<name>.new to <name>; returns the final folder.

    An earlier training there moves to .backup.
    """
    folder = Path(folder)
    (folder / CHECKPOINT).unlink(missing_ok=True)
    if not (match := re.fullmatch(r"\.(.+)\.new", folder.name)):
        return folder
    place = folder.with_name(match[1])
    if place.exists():
        print(f"{place}: the earlier training is now {set_aside(place)}", flush=True)
    return folder.rename(place)


def write_model(folder, weights, description):
    """Write the weights, then model.json with their checksum, then finish the folder; returns the final folder."""
    weights = write_tensors(Path(folder) / FINAL, weights)
    made_with = {"cer": __version__, "torch": torch.__version__}
    write_description(folder, description | {"made_with": made_with, "weights": weights})
    return finish(folder)


def read_state(path):
    """Read a checkpoint, the state of an unfinished training. Raises BadInput when the file holds anything else."""
    state = read_tensors(path)
    wrong = [name for name, kind in STATE.items() if not isinstance(state.get(name), kind)]
    wrong = wrong or [name for name in EACH if not all(_holds(one, *EACH[name]) for one in state[name])]
    wrong = wrong or ["srand"] * (state["srand"] not in SEEDS)
    if wrong:
        raise BadInput(f"{path}: found no {', '.join(wrong)} of a training in it; remove it to restart the training")
    return state


def _holds(value, kind, parts):
    values = value.values() if isinstance(value, dict) else value
    return isinstance(value, kind) and [*map(type, values)] == parts
