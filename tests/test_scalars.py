"""TensorBoard's curves of a training: each epoch once, whatever was killed before, and nothing without the package."""

import sys
import types

import pytest

from cer.training.scalars import FOLDER, Scalars


def read(folder):
    """What TensorBoard itself finds: name of a curve -> list of (epoch, value)."""
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator", reason="no tensorboard")
    found = accumulator.EventAccumulator(str(folder / FOLDER))
    found.Reload()
    return {tag: [(e.step, round(e.value, 4)) for e in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_a_resumed_training_continues_the_curves(tmp_path):
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    killed = Scalars(tmp_path, [])
    for epoch in (1, 2, 3):  # the third was not in the checkpoint yet
        killed.add(epoch, 1 / epoch, 0.1 * epoch)
    killed.close()
    resumed = Scalars(tmp_path, [(1.0, 0.1), (0.5, 0.2)])
    resumed.add(3, 0.25, 0.4)
    resumed.close()
    assert read(tmp_path) == {"loss/train": [(1, 1), (2, 0.5), (3, 0.25)], "ccc/dev": [(1, 0.1), (2, 0.2), (3, 0.4)]}


def test_without_tensorboard_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    scalars = Scalars(tmp_path, [(1.0, 0.1)])
    scalars.add(2, 0.5, 0.2)
    scalars.close()
    assert not list(tmp_path.iterdir())


def test_every_epoch_of_the_history_is_written_once_then_the_next(tmp_path, monkeypatch):
    """Where TensorBoard is not installed, too: what its writer is told."""
    told = []

    class Writer:
        def __init__(self, folder):
            told.append(folder)

        def __getattr__(self, name):
            return lambda *values: told.append((name, *values))

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", types.SimpleNamespace(SummaryWriter=Writer))
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "of a killed training").touch()
    scalars = Scalars(tmp_path, [(1.0, 0.1), (0.5, 0.2)])
    assert not list(tmp_path.rglob("of*"))
    scalars.add(3, 0.25, 0.4)
    scalars.close()
    expected = [str(tmp_path / FOLDER)]
    for n, loss, ccc in [(1, 1.0, 0.1), (2, 0.5, 0.2), (3, 0.25, 0.4)]:
        expected += [("add_scalar", "loss/train", loss, n), ("add_scalar", "ccc/dev", ccc, n), ("flush",)]
    assert told == [*expected, ("close",)]
