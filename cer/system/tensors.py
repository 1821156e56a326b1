"""Tensors in files: nothing in a file is run, and what does not fit a network is named."""

import io
from pathlib import Path

import torch

from cer.base import kinds
from cer.base.errors import BadInput
from cer.base.files import replacing
from cer.system.model_folder import AGAIN, MODEL, checksum


def write_tensors(path, content):
    """torch.save, whole or not at all; equal content gives equal bytes, whatever the path. Returns their checksum."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with replacing(path, "wb") as file:
        file.write(buffer.getvalue())
    return checksum(buffer.getvalue())


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
