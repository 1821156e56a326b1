"""What a training finds in its folder, and where it works.

run1/checkpoint.pt    while training: all that is needed to go on; removed when the weights are there
.run1.new/            a training that is to replace a finished one: it takes its place when it is finished
.run1.lock            held by the training that works in either folder
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


def claim(folder, description):
    """Find what a training of this description has already done in `folder`, and where it is to work.

    Returns (its finished description or None, the state of its checkpoint or None, the folder to work in). What
    another training finished in `folder` stays there until this one is finished: it works in .<name>.new until then.
    What another training began, and damaged files, are moved into .backup: nothing is ever trained over.
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
    """What a folder holds: (the description of a finished training or None, the state of an unfinished one or None)."""
    try:
        done, path = read_description(folder), folder / CHECKPOINT
        return done, read_state(path) if not done and path.exists() else None
    except BadInput as error:
        warn(f"{error}; moved to {set_aside(folder)}")
        return None, None


def new_name(folder):
    """Where a training works while another one's result stands in its place."""
    return f".{Path(folder).name}.new"


def finish(folder):
    """Put a finished training in its place, without checkpoint; what was there moves to .backup. Returns the place."""
    folder = Path(folder)
    (folder / CHECKPOINT).unlink(missing_ok=True)
    if not (match := re.fullmatch(r"\.(.+)\.new", folder.name)):
        return folder
    place = folder.with_name(match[1])
    if place.exists():
        print(f"{place}: the earlier training is now {set_aside(place)}", flush=True)
    return folder.rename(place)


def write_model(folder, weights, description):
    """Finish a model folder: weights first, then the description that says they are there."""
    weights = write_tensors(Path(folder) / FINAL, weights)
    made_with = {"cer": __version__, "torch": torch.__version__}
    write_description(folder, description | {"made_with": made_with, "weights": weights})
    return finish(folder)


def read_state(path):
    """The state of a training that was killed, as a checkpoint keeps it. Raises BadInput when it is anything else."""
    state = read_tensors(path)
    wrong = [name for name, kind in STATE.items() if not isinstance(state.get(name), kind)]
    if wrong:
        raise BadInput(
            f"{path}: found no {', '.join(wrong)} of a training in it; remove it, and the training starts anew"
        )
    return state
