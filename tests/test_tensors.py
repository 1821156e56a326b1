"""cer/system/tensors.py: files of tensors, and what is refused in them."""

import copy
import hashlib
import os
import pickle
import zipfile

import pytest
import torch

from cer.base.errors import BadInput
from cer.system.tensors import load_weights, read_tensors, write_tensors

AGAIN = r"; remove its folder and train again \(stage 3\)$"


def weights():
    return {"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([3.0])}


def test_what_is_written_is_read_back_with_the_files_checksum(tmp_path):
    found = write_tensors(tmp_path / "a.pt", weights() | {"epochs": 3})
    assert found == f"sha256 {hashlib.sha256((tmp_path / 'a.pt').read_bytes()).hexdigest()}"
    content = read_tensors(tmp_path / "a.pt")
    assert content["epochs"] == 3 and torch.equal(content["weight"], weights()["weight"])
    assert write_tensors(tmp_path / "another name.pt", weights() | {"epochs": 3}) == found


class Acts:
    """A pickle that makes a folder when it is loaded."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_a_file_that_is_none_of_ours_is_refused_and_never_run(tmp_path):
    path = tmp_path / "a.pt"
    with pytest.raises(BadInput, match=rf"a.pt: cannot be read \(No such file or directory\){AGAIN}"):
        read_tensors(path)
    torch.save([1, 2], path)
    with pytest.raises(BadInput, match=f"a.pt: found a list, expected tensors by their names{AGAIN}"):
        read_tensors(path)
    torch.save({"weight": Acts(str(tmp_path / "made"))}, path)
    for data in (path.read_bytes(), path.read_bytes()[:-9], pickle.dumps({}, 2), b"nonsense"):
        path.write_bytes(data)
        size = f"its {len(data)} bytes are no complete file of a training"
        with pytest.raises(BadInput, match=f"a.pt: cannot be read: {size}{AGAIN}"):
            read_tensors(path)
    assert not (tmp_path / "made").exists()


def packed(path, compression, times=1):
    """The tensors of a file in another zip file, the largest one named so many times."""
    with zipfile.ZipFile(path) as whole:
        parts = {one.filename: whole.read(one) for one in whole.infolist()}
    with zipfile.ZipFile(path, "w", compression) as new:
        for name, part in parts.items():
            new.writestr(name, part)
        largest = max(new.filelist, key=lambda one: one.file_size)
        for n in range(1, times):
            again = copy.copy(largest)
            again.filename = again.orig_filename = largest.filename.rpartition("/")[0] + f"/{n}"
            new.filelist.append(again)


@pytest.mark.parametrize("compression, times", [(zipfile.ZIP_DEFLATED, 1), (zipfile.ZIP_STORED, 9)])
def test_a_small_file_that_would_fill_the_memory_is_refused(tmp_path, compression, times):
    path = tmp_path / "a.pt"
    write_tensors(path, {"weight": torch.zeros(100_000)})
    packed(path, zipfile.ZIP_STORED)
    assert read_tensors(path)["weight"].shape == (100_000,)
    packed(path, compression, times)
    with pytest.raises(BadInput, match=f"a.pt: cannot be read: its .* bytes are no complete file of a training{AGAIN}"):
        read_tensors(path)


@pytest.mark.filterwarnings("error")  # what a library warns of is for its developers
def test_a_file_of_an_unknown_pickle_protocol_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "final.pt").write_bytes(b"\x80" * 999)
    with pytest.raises(BadInput, match="its 999 bytes are no complete file of a training"):
        read_tensors(tmp_path / "final.pt")


def test_weights_that_fit_are_taken():
    model = torch.nn.Linear(2, 1)
    load_weights(model, weights(), "a.pt")
    assert model(torch.tensor([[10.0, 100.0]])).item() == 213


FLOAT = r"torch\.float32"


@pytest.mark.parametrize(
    "change, found",
    [
        ({"bias": None}, rf"'bias': found nothing, expected \(1,\) {FLOAT}"),
        ({"more": torch.ones(2, 3)}, rf"'more': found \(2, 3\) {FLOAT}, expected nothing"),
        ({"weight": torch.ones(1, 3)}, rf"'weight': found \(1, 3\) {FLOAT}, expected \(1, 2\) {FLOAT}"),
        ({"weight": torch.ones(1, 2).double()}, r"'weight': found \(1, 2\) torch\.float64, expected \(1, 2\)"),
        ({"bias": 3.0}, "'bias': found a float that is no dense tensor, expected"),
        ({"weight": torch.ones(1, 2).to_sparse()}, "'weight': found a Tensor that is no dense tensor, expected"),
    ],
)
def test_weights_that_do_not_fit_are_named(change, found):
    given = {name: value for name, value in (weights() | change).items() if value is not None}
    with pytest.raises(BadInput, match=rf"^a.pt: {found}.* as model.json says{AGAIN}"):
        load_weights(torch.nn.Linear(2, 1), given, "a.pt")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(value):
    with pytest.raises(BadInput, match=f"^a.pt: bias: found weights that are no finite numbers{AGAIN}"):
        load_weights(torch.nn.Linear(2, 1), weights() | {"bias": torch.tensor([value])}, "a.pt")
