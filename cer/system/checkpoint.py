"""Model folders: what a training leaves behind, whole at every moment.

run1/model.json       everything but the weights: architecture, options, front end, labels' scale, data, result, and the
                      checksums of the weights and of itself
run1/final.pt         the weights of the best epoch
run1/progress.csv     one line an epoch
run1/checkpoint.pt    while training: all that is needed to go on; removed when final.pt is there
.run1.new/            all this, of a training that is to replace a finished one: it takes its place when it is finished
.run1.lock            held by the training that works in either folder
"""

import io
import json
import re
from pathlib import Path
from typing import Annotated

import torch

from cer import __version__
from cer.base import kinds, records
from cer.base.contents import sha256
from cer.base.errors import BadInput, warn
from cer.base.files import clear_abandoned, replacing, set_aside, write_text
from cer.base.kinds import Name, Range, Whole
from cer.features.fbank import Fbank
from cer.models import architecture, build
from cer.system.labels import Labels
from cer.system.utterances import FrontEnd

MODEL, FINAL, PROGRESS, CHECKPOINT = "model.json", "final.pt", "progress.csv", "checkpoint.pt"
OTHER = "holds another training (options, data or code differ)"
DAMAGED = "damaged or edited; copy the folder again, or remove it and train again"
AGAIN = "remove its folder and train again (stage 3)"
SET = {"utterances": Annotated[int, Range(1)], "rows": Annotated[int, Range(1)], "checksum": str}
ROWS = records.Listed(records.Listed(float, 2), 2, 2)
SEED = Annotated[int, Range(0)]
SHAPE = {  # of model.json
    "arch": Name, "target": Name, "options": {...: (bool, float, str)}, "training": {...: (bool, float, str)},
    "labels": records.of(Labels), "front_end": records.of(FrontEnd), "train": SET, "dev": SET,
    "result": {"best_epoch": Whole, "epochs": Whole, "dev_ccc": float, "srand?": SEED, "learnt?": (bool, None),
               "diverged?": bool, "reason?": str, "restarts?": records.Listed({"srand": SEED, "reason": str})},
    "label_range?": records.Listed(float, 2, 2),
    "fbank?": records.of(Fbank), "global_cmvn?": ROWS,
}  # fmt: skip
STATE = {"model": dict, "optimizer": dict, "best": dict, "description": dict, "history": list,
         "best_ccc": float, "best_epoch": int, "far": str, "srand": int, "restarts": list}  # fmt: skip


def write_tensors(path, content):
    """torch.save, whole or not at all; equal content gives equal bytes, whatever the path. Returns their checksum."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with replacing(path, "wb") as file:
        file.write(buffer.getvalue())
    return _checksum(buffer.getvalue())


def read_tensors(path):
    """Read what write_tensors wrote: a dict of tensors and plain values; nothing in the file is run."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); {AGAIN}") from None
    except Exception as error:  # torch raises whatever its unpickler stumbles over, and speaks of its own options
        size = Path(path).stat().st_size
        raise BadInput(
            f"{path}: cannot be read: its {size} bytes are not, or not all, what a training writes; {AGAIN}"
        ) from error
    if not isinstance(content, dict):
        raise BadInput(f"{path}: found a {type(content).__name__}, expected tensors by their names; {AGAIN}")
    return content


def write_model(folder, weights, description):
    """Finish a model folder: weights first, then the description that says they are there."""
    weights = write_tensors(Path(folder) / FINAL, weights)
    made_with = {"cer": __version__, "torch": torch.__version__}
    write_description(folder, description | {"made_with": made_with, "weights": weights})
    return finish(folder)


def write_description(folder, description):
    """Write model.json with its own checksum."""
    text = json.dumps(description | {"checksum": _checksum(_plain(description))}, indent=2)
    write_text(Path(folder) / MODEL, text + "\n")


def _checksum(content):
    return f"sha256 {sha256(content)}"


def _plain(description):
    """What the checksum of a description is made from: bytes that do not depend on its layout."""
    return json.dumps(description, sort_keys=True).encode()


def read_description(folder):
    """The description of a finished training, or None where there is none.

    Raises BadInput when it or the weights are not what the training left: damaged, or edited.
    """
    path = Path(folder) / MODEL
    if not path.exists() or not (Path(folder) / FINAL).exists():
        return None
    description = records.read(path, SHAPE, AGAIN)
    if "checksum" in description:  # there was none once
        _check(description, Path(folder) / FINAL, path)
    options = records.of(architecture(description["arch"]))
    records.check(description["options"], options, path, AGAIN, "options")
    return description


def _check(description, weights, path):
    """Raise BadInput when the weights or the description, less its checksum, have another checksum than it says."""
    expected, is_now = description.pop("checksum"), _checksum(_plain(description))
    if is_now != expected:
        raise BadInput(f"{path}: its content has the checksum {is_now}, it says {expected}: {DAMAGED}")
    found, expected = _checksum(weights.read_bytes()), description.get("weights")
    if found != expected:
        raise BadInput(f"{weights}: has the checksum {found}, {path} says {expected}: {DAMAGED}")


def read_model(folder):
    """A trained network ready to predict: returns (model, front end, description)."""
    description = read_description(folder)
    if description is None:
        raise BadInput(f"{folder}: found no {FINAL} and {MODEL}; run stage 3 (steps/train.sh)")
    front_end = FrontEnd(**description["front_end"])
    try:
        model = build(description["arch"], front_end.input_dim, description["options"])
    except BadInput as error:
        raise BadInput(f"{Path(folder) / MODEL}: {error}; {AGAIN}") from None
    load_weights(model, read_tensors(Path(folder) / FINAL), Path(folder) / FINAL)
    return model.eval(), front_end, description


def load_weights(model, weights, path):
    """Put weights, as read from a path, into a model. Raises BadInput for those of another network, and for NaN."""
    expected = model.state_dict()
    for name in dict.fromkeys([*expected, *weights]):
        found, wanted = (_shape(one.get(name)) for one in (weights, expected))
        if found != wanted:
            raise BadInput(f"{path}: {kinds.shown(name)}: found {found}, expected {wanted} as {MODEL} says; {AGAIN}")
        if not torch.isfinite(weights[name]).all():
            raise BadInput(f"{path}: {name}: found weights that are no finite numbers; {AGAIN}")
    model.load_state_dict(weights)


def _shape(tensor):
    """What messages say of a tensor, or of what should be one."""
    if not isinstance(tensor, torch.Tensor) or tensor.layout is not torch.strided:
        return "nothing" if tensor is None else f"a {type(tensor).__name__} that is no dense tensor"
    return f"{tuple(tensor.shape)} {tensor.dtype}"


def failure(result):
    """Why a training's result is marked as of no use, one line; None where it is not. Earlier versions marked none."""
    if result.get("learnt", True) is not False:
        return None
    return f"{'blew up' if result.get('diverged') else 'did not learn'} ({result.get('reason', 'no reason is told')})"


def run_folders(folder):
    """The runs of a model folder, run1, run2 ... in their order; a folder that is itself one run is its only run."""
    folder = Path(folder)
    if (folder / MODEL).exists():
        return [folder]
    runs = [run for run in folder.glob("run*") if re.fullmatch("run[0-9]{1,9}", run.name)]  # not run1.old and the like
    if not runs:
        raise BadInput(f"{folder}: found no trained run (run1/{MODEL}); run stage 3 (steps/train.sh)")
    return sorted(runs, key=lambda run: int(run.name[3:]))


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


def read_state(path):
    """The state of a training that was killed, as a checkpoint keeps it. Raises BadInput when it is anything else."""
    state = read_tensors(path)
    wrong = [name for name, kind in STATE.items() if not isinstance(state.get(name), kind)]
    if wrong:
        raise BadInput(
            f"{path}: found no {', '.join(wrong)} of a training in it; remove it, and the training starts anew"
        )
    return state
