"""Model folders: what a training leaves behind, whole at every moment.

run1/model.json       everything but the weights: architecture, options, front end, labels' scale, data, result
run1/final.pt         the weights of the best epoch
run1/progress.csv     one line an epoch
run1/checkpoint.pt    while training: all that is needed to go on; removed when final.pt is there
"""

import io
import json
import re
from pathlib import Path
from typing import Annotated

import torch

from cer import __version__, kinds, records
from cer.batches import FrontEnd
from cer.errors import BadInput
from cer.fbank import Fbank
from cer.files import replacing, set_aside, write_text
from cer.kinds import Count, Name, Range, Whole
from cer.labels import Labels
from cer.models import architecture, build

MODEL, FINAL, PROGRESS, CHECKPOINT = "model.json", "final.pt", "progress.csv", "checkpoint.pt"
AGAIN = "remove its folder and train again (stage 3)"
SET = {"utterances": Annotated[int, Range(1)], "rows": Annotated[int, Range(1)], "checksum": str}
ROWS = records.Listed(records.Listed(float, 2), 2, 2)
SHAPE = {  # of model.json
    "arch": Name, "target": Name, "options": {...: (bool, float, str)}, "training": {...: (bool, float, str)},
    "labels": records.of(Labels), "front_end": records.of(FrontEnd), "train": SET, "dev": SET,
    "result": {"best_epoch": Whole, "epochs": Count, "dev_ccc": float},
    "fbank?": records.of(Fbank), "global_cmvn?": ROWS,
}  # fmt: skip
STATE = {"model": dict, "optimizer": dict, "best": dict, "description": dict, "history": list,
         "best_ccc": float, "best_epoch": int}  # fmt: skip


def write_tensors(path, content):
    """torch.save, whole or not at all; equal content gives equal bytes, whatever the path."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with replacing(path, "wb") as file:
        file.write(buffer.getvalue())


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
    write_tensors(Path(folder) / FINAL, weights)
    made_with = {"cer": __version__, "torch": torch.__version__}
    write_text(Path(folder) / MODEL, json.dumps(description | {"made_with": made_with}, indent=2) + "\n")
    (Path(folder) / CHECKPOINT).unlink(missing_ok=True)


def read_description(folder):
    """The description of a finished training, or None where there is none."""
    path = Path(folder) / MODEL
    if not path.exists() or not (Path(folder) / FINAL).exists():
        return None
    description = records.read(path, SHAPE, AGAIN)
    options = records.of(architecture(description["arch"]))
    records.check(description["options"], options, path, AGAIN, "options")
    return description


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
    """Find what a training of this description has already done in `folder`.

    Returns (its finished description or None, the state of its checkpoint or None). A folder that belongs to a
    training of another description is first moved into .backup beside it: nothing is ever trained over.
    """
    folder = Path(folder)
    done, path = read_description(folder), folder / CHECKPOINT
    state = read_state(path) if not done and path.exists() else None
    owner = done or (state and state["description"])
    if owner and any(owner.get(name) != value for name, value in description.items()):
        print(f"{folder}: holds another training (options or data differ); moved to {set_aside(folder)}", flush=True)
        return None, None
    if done:
        read_tensors(folder / FINAL)  # a damaged file must not pass for finished work
    return done, state


def read_state(path):
    """The state of a training that was killed, as a checkpoint keeps it. Raises BadInput when it is anything else."""
    state = read_tensors(path)
    wrong = [name for name, kind in STATE.items() if not isinstance(state.get(name), kind)]
    if wrong:
        raise BadInput(
            f"{path}: found no {', '.join(wrong)} of a training in it; remove it, and the training starts anew"
        )
    return state
