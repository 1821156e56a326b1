"""Model folders: what a training leaves behind, whole at every moment.

run1/model.json       everything but the weights: architecture, options, front end, labels' scale, data, result, and the
                      checksums of the weights and of itself
run1/final.pt         the weights of the best epoch
run1/progress.csv     one line an epoch
run1/checkpoint.pt    while training: all that is needed to go on; removed when final.pt is there
.run1.new/            all this, of a training that is to replace a finished one: it takes its place when it is finished
.run1.lock            held by the training that works in either folder
"""

import hashlib
import io
import json
import re
from pathlib import Path

import torch

from cer import __version__
from cer.batches import FrontEnd
from cer.errors import BadInput, warn
from cer.files import clear_abandoned, replacing, set_aside, write_text
from cer.models import architecture

MODEL, FINAL, PROGRESS, CHECKPOINT = "model.json", "final.pt", "progress.csv", "checkpoint.pt"
OTHER = "holds another training (options, data or code differ)"
DAMAGED = "damaged or edited; copy the folder again, or remove it and train again"


def write_tensors(path, content):
    """torch.save, whole or not at all; equal content gives equal bytes, whatever the path. Returns their checksum."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with replacing(path, "wb") as file:
        file.write(buffer.getvalue())
    return _checksum(buffer.getvalue())


def read_tensors(path):
    """Read what write_tensors wrote; tensors and plain values only, nothing in the file is run."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever its unpickler stumbles over
        raise BadInput(f"{path}: cannot be read ({error}); remove its folder and train again") from error


def write_model(folder, weights, description):
    """Finish a model folder: weights first, then the description that says they are there."""
    weights = write_tensors(Path(folder) / FINAL, weights)
    made_with = {"cer": __version__, "torch": torch.__version__}
    write_description(folder, description | {"made_with": made_with, "weights": weights})
    (Path(folder) / CHECKPOINT).unlink(missing_ok=True)
    return finish(folder)


def write_description(folder, description):
    """Write model.json with its own checksum."""
    text = json.dumps(description | {"checksum": _checksum(_plain(description))}, indent=2)
    write_text(Path(folder) / MODEL, text + "\n")


def _checksum(content):
    return f"sha256 {hashlib.sha256(content).hexdigest()}"


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
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(f"{path}: is not JSON ({error}); remove its folder and train again") from None
    if "checksum" not in found:  # written before there were checksums
        return found
    expected, is_now = found.pop("checksum"), _checksum(_plain(found))
    if is_now != expected:
        raise BadInput(f"{path}: its content has the checksum {is_now}, it says {expected}: {DAMAGED}")
    weights = _checksum((Path(folder) / FINAL).read_bytes())
    if weights != found["weights"]:
        raise BadInput(f"{Path(folder) / FINAL}: has the checksum {weights}, {path} says {found['weights']}: {DAMAGED}")
    return found


def read_model(folder):
    """A trained network ready to predict: returns (model, front end, description)."""
    description = read_description(folder)
    if description is None:
        raise BadInput(f"{folder}: found no {FINAL} and {MODEL}; run stage 3 (steps/train.sh)")
    front_end = FrontEnd(**description["front_end"])
    model = architecture(description["arch"])(front_end.input_dim, **description["options"])
    model.load_state_dict(read_tensors(Path(folder) / FINAL))
    return model.eval(), front_end, description


def run_folders(folder):
    """The runs of a model folder, run1, run2 ... in their order; a folder that is itself one run is its only run."""
    folder = Path(folder)
    if (folder / MODEL).exists():
        return [folder]
    runs = sorted(folder.glob("run[0-9]*"), key=lambda run: int(run.name[3:]))
    if not runs:
        raise BadInput(f"{folder}: found no trained run (run1/{MODEL}); run stage 3 (steps/train.sh)")
    return runs


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
            print(
                f"{place}: holds another training (options, data or code differ); moved to {set_aside(place)}",
                flush=True,
            )
        elif done:
            print(
                f"{place}: holds another training (options, data or code differ); it stays until this one is finished"
            )
    done, _ = _found(folder)
    return None, None, folder.with_name(new_name(folder)) if done else folder


def _found(folder):
    """What a folder holds: (the description of a finished training or None, the state of an unfinished one or None)."""
    try:
        done, path = read_description(folder), folder / CHECKPOINT
        return done, read_tensors(path) if not done and path.exists() else None
    except BadInput as error:
        warn(f"{error}; moved to {set_aside(folder)}")
        return None, None


def new_name(folder):
    """Where a training works while another one's result stands in its place."""
    return f".{Path(folder).name}.new"


def finish(folder):
    """Put a finished training in its place; what stood there moves to .backup. Returns the place."""
    folder = Path(folder)
    if not (match := re.fullmatch(r"\.(.+)\.new", folder.name)):
        return folder
    place = folder.with_name(match[1])
    if place.exists():
        print(f"{place}: the earlier training is now {set_aside(place)}", flush=True)
    return folder.rename(place)
