"""Cards: asked for, they are used or missed aloud; what is trained on one can be read anywhere."""

import os
import re
import subprocess

import pytest
import torch
from conftest import ROOT, make_data_dir
from test_train import Killed, train

from cer.base.errors import BadInput
from cer.system import device, network, tensors
from cer.training import train as training

needs_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="no card here that torch can use")


@pytest.fixture
def small(tmp_path):
    make_data_dir(tmp_path / "train")
    make_data_dir(tmp_path / "dev", seed=1)
    return tmp_path


def test_without_a_wish_the_cpu_is_taken():
    assert device.choose(False) == torch.device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card here")
def test_a_missing_card_stops_the_training_before_it_begins(small, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    with pytest.raises(BadInput, match="found no GPU .*CUDA_VISIBLE_DEVICES: 3.*--gpu 1"):
        device.choose(True)
    with pytest.raises(SystemExit, match="--use-gpu=true: found no GPU"):
        train(small, small / "run1", "--use-gpu=true", "--max-epochs=1")
    assert not (small / "run1").exists()


def test_of_several_cards_the_first_is_taken_if_asked_for(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert device.choose(True) == torch.device("cuda", 0) and device.choose(False) == torch.device("cpu")


def test_without_a_card_the_message_says_which_are_visible(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for visible, said in [("3", "3"), (None, "not set"), ("", "")]:
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
        with pytest.raises(
            BadInput, match=rf"torch {re.escape(torch.__version__)} can use \(CUDA_VISIBLE_DEVICES: {said}\); "
        ):
            device.choose(True)


def test_states_come_to_the_cpu_whatever_they_are_nested_in(monkeypatch):
    monkeypatch.setattr(torch.Tensor, "cpu", lambda tensor: f"{tensor.item():g} from the card")
    state = {"a": [torch.Size([2]), (torch.tensor(3.0), 1)], "b": {"c": torch.tensor(1.0), 7: None}}
    moved = device.on_cpu(state)
    assert moved == {"a": [torch.Size([2]), ("3 from the card", 1)], "b": {"c": "1 from the card", 7: None}}
    assert type(moved["a"][0]) is torch.Size


@needs_card
@pytest.mark.parametrize("arch", ["dilated", "downup", "single", "blstm", "dnn"])
def test_what_a_card_trained_is_read_and_goes_on_anywhere(small, arch):
    on_card = train(small, small / "card", f"--arch={arch}", "--use-gpu=true", "--max-epochs=2")
    on_cpu = train(small, small / "cpu", f"--arch={arch}", "--max-epochs=2")
    assert on_card["result"]["dev_ccc"] == pytest.approx(on_cpu["result"]["dev_ccc"], abs=1e-3)
    model, _, _ = network.read_model(small / "card")
    assert next(model.parameters()).device.type == "cpu"


@needs_card
def test_a_training_that_was_killed_on_a_card_goes_on_to_the_same_result(small, monkeypatch):
    monkeypatch.setattr(training, "PAUSE", 0.0)
    written = []
    whole = train(small, small / "whole", "--use-gpu=true", "--max-epochs=6", "--width=8")

    def killed(path, content, write=tensors.write_tensors):
        write(path, content)
        written.append(path)
        if len(written) == 3:
            raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(tensors, "write_tensors", killed)
        train(small, small / "again", "--use-gpu=true", "--max-epochs=6", "--width=8")
    again = train(small, small / "again", "--use-gpu=true", "--max-epochs=6", "--width=8")
    assert again["result"]["dev_ccc"] == pytest.approx(whole["result"]["dev_ccc"], abs=1e-4)
    assert again["result"]["epochs"] == whole["result"]["epochs"] == 6


@needs_card
def test_on_a_card_a_training_beyond_its_memory_reads_ahead_and_learns_the_same(tmp_path):
    make_data_dir(tmp_path / "train", utterances=4, rows=2000, dim=20)
    make_data_dir(tmp_path / "dev", utterances=2, rows=2000, dim=20, seed=1)
    options = "--use-gpu=true", "--max-epochs=3", "--width=8"
    ahead, kept = (train(tmp_path, tmp_path / size, *options, f"--max-memory={size}") for size in ("1", "1000"))
    assert ahead["result"]["dev_ccc"] == pytest.approx(kept["result"]["dev_ccc"], abs=1e-4)


@pytest.mark.parametrize("cards, jobs", [("1", 1), ("2", 2), ("9", 3)])
def test_every_job_of_the_array_is_asked_a_card_for(small, cards, jobs):
    launcher = small / "asked.sh"
    launcher.write_text('#!/bin/sh\necho "$@" >> "$(dirname "$0")/asked"\n')
    launcher.chmod(0o755)
    subprocess.run(
        ["steps/train.sh", "--use-gpu", "true", "--cmd", launcher, "--num-gpus", cards, "--num-runs", "3",
         "--opts", "--width=8", "downup", "arousal", small / "train", small / "dev", small / "model"],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, check=False, capture_output=True,
    )  # fmt: skip
    assert (small / "asked").read_text().startswith(f"--gpu 1 JOB=1:{jobs} ")
    (lines,) = (small / "model" / "log").glob("lines.*[0-9]")
    assert lines.read_text().count("--use-gpu=true") == 3


def test_a_wrong_option_is_found_before_anything_is_submitted(small):
    done = subprocess.run(
        ["steps/train.sh", "--cmd", "false", "--opts", "--widht=8",
         "downup", "arousal", small / "train", small / "dev", small / "model"],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0 and "--widht=8" in done.stderr
    assert not (small / "model").exists()
