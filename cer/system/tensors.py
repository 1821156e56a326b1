"""Files of tensors: loading never runs code from a file; errors name the tensors that do not fit the network."""

import io
import warnings
import zipfile
from pathlib import Path

import torch

from cer.base import kinds
from cer.base.contents import checksum
from cer.base.errors import BadInput
from cer.base.files import replacing
from cer.system.model_folder import AGAIN, MODEL


def write_tensors(path, content):
    """torch.save with an atomic rename; equal content gives equal bytes at any path. Returns their checksum."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with replacing(path, "wb") as file:
        file.write(buffer.getvalue())
    return checksum(buffer.getvalue())


def read_tensors(path):
    """Read a file of write_tensors, without running code from it: dict of tensors and plain values.

    Raises BadInput when the file cannot be read, or holds anything else.
    """
    try:
        _check_packing(path)
        with warnings.catch_warnings(action="ignore"):  # torch's guesses at what a damaged file may be
            content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); {AGAIN}") from None
    except Exception as error:  # torch raises many types, with messages about its own options
        size = Path(path).stat().st_size
        raise BadInput(
            f"{path}: cannot be read: its {size} bytes are no complete file of a training; {AGAIN}"
        ) from error
    if not isinstance(content, dict):
        raise BadInput(f"{path}: found a {type(content).__name__}, expected tensors by their names; {AGAIN}")
    return content


def _check_packing(path):
    """Raise ValueError for a zip file that holds more than its own size: torch.save packs nothing, a bomb would."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > Path(path).stat().st_size:
                raise ValueError("packed")


def load_weights(model, weights, path):
    """Load weights into a model; path: their file, for messages. Raises BadInput for wrong names or shapes, and NaN."""
    expected = model.state_dict()
    for name in dict.fromkeys([*expected, *weights]):
        found, wanted = (_shape(one.get(name)) for one in (weights, expected))
        if found != wanted:
            raise BadInput(f"{path}: {kinds.shown(name)}: found {found}, expected {wanted} as {MODEL} says; {AGAIN}")
        if not torch.isfinite(weights[name]).all():
            raise BadInput(f"{path}: {name}: found weights that are no finite numbers; {AGAIN}")
    model.load_state_dict(weights)


def _shape(tensor):
    """Describe a tensor, or another value in its place, for messages."""
    if not isinstance(tensor, torch.Tensor) or tensor.layout is not torch.strided:
        return "nothing" if tensor is None else f"a {type(tensor).__name__} that is no dense tensor"
    return f"{tuple(tensor.shape)} {tensor.dtype}"
