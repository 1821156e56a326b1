"""Model folders: what a training leaves behind, whole at every moment.

run1/model.json       everything but the weights: architecture, options, front end, labels' scale, data, result
run1/final.pt         the weights of the best epoch
run1/progress.csv     one line an epoch
run1/checkpoint.pt    while training: all that is needed to go on; removed when final.pt is there
"""

import io
import json
from pathlib import Path

import torch

from cer import __version__
from cer.batches import FrontEnd
from cer.errors import BadInput
from cer.files import replacing, set_aside, write_text
from cer.models import architecture

MODEL, FINAL, PROGRESS, CHECKPOINT = "model.json", "final.pt", "progress.csv", "checkpoint.pt"


def write_tensors(path, content):
    """torch.save, whole or not at all; equal content gives equal bytes, whatever the path."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with replacing(path, "wb") as file:
        file.write(buffer.getvalue())


def read_tensors(path):
    """Read what write_tensors wrote; tensors and plain values only, nothing in the file is run."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever its unpickler stumbles over
        raise BadInput(f"{path}: cannot be read ({error}); remove its folder and train again") from error


def write_model(folder, weights, description):
    """Finish a model folder: weights first, then the description that says they are there."""
    write_tensors(Path(folder) / FINAL, weights)
    made_with = {"cer": __version__, "torch": torch.__version__}
    write_text(Path(folder) / MODEL, json.dumps(description | {"made_with": made_with}, indent=2) + "\n")
    (Path(folder) / CHECKPOINT).unlink(missing_ok=True)


def read_description(folder):
    """The description of a finished training, or None where there is none."""
    path = Path(folder) / MODEL
    if not path.exists() or not (Path(folder) / FINAL).exists():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(f"{path}: is not JSON ({error}); remove its folder and train again") from None


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
    """Find what a training of this description has already done in `folder`.

    Returns (its finished description or None, the state of its checkpoint or None). A folder that belongs to a
    training of another description is first moved into .backup beside it: nothing is ever trained over.
    """
    folder = Path(folder)
    done, path = read_description(folder), folder / CHECKPOINT
    state = read_tensors(path) if not done and path.exists() else None
    owner = done or (state and state["description"])
    if owner and any(owner.get(name) != value for name, value in description.items()):
        print(f"{folder}: holds another training (options or data differ); moved to {set_aside(folder)}", flush=True)
        return None, None
    if done:
        read_tensors(folder / FINAL)  # a damaged file must not pass for finished work
    return done, state
