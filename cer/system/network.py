"""A trained network: loading, prediction, and evaluation against labels."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from cer.base.errors import BadInput
from cer.models import build, prepare
from cer.scoring.metrics import ccc
from cer.system.model_folder import AGAIN, FINAL, MODEL, read_description
from cer.system.rows import Rows
from cer.system.tensors import load_weights, read_tensors
from cer.system.utterances import MEMORY


def read_model(folder):
    """Load a trained network: returns (model in eval mode, its Rows, its description).

    Raises BadInput when the folder holds none, or its files are invalid.
    """
    description = read_description(folder)
    if description is None:
        raise BadInput(f"{folder}: found no {FINAL} and {MODEL}; run stage 3 (steps/train.sh)")
    rows = Rows(**description["front_end"])
    try:
        model = build(description["arch"], rows.input_dim, description["options"])
    except BadInput as error:
        raise BadInput(f"{Path(folder) / MODEL}: {error}; {AGAIN}") from None
    load_weights(model, read_tensors(Path(folder) / FINAL), Path(folder) / FINAL)
    return model.eval(), rows, description


class Prepared(Sequence):
    """Utterances with model.prepare applied: [i] -> (input of model(...), labels (T,)), cached within MEMORY bytes."""

    def __init__(self, model, utterances):
        self._model, self._utterances, self._kept, self._room = model, utterances, {}, MEMORY

    def __len__(self):
        return len(self._utterances)

    def __getitem__(self, index):
        if index in self._kept:
            return self._kept[index]
        rows, labels = self._utterances[index]
        inputs = prepare(self._model, torch.from_numpy(rows).to(device_of(self._model)))
        if hasattr(self._model, "prepare") and inputs.nbytes <= self._room:
            self._kept[index] = inputs, labels
            self._room -= inputs.nbytes
        return inputs, labels


def evaluate(model, prepared, labels):
    """Evaluate on a Prepared set: returns the CCC of all utterances concatenated, a float, and the predictions (T,)."""
    predictions = np.concatenate([labels.predictions(_output(model, inputs)) for inputs, _ in prepared]).astype(
        np.float64
    )
    gold = np.concatenate([gold for _, gold in prepared]).astype(np.float64)
    return float(ccc(gold, predictions)), predictions


def predict(model, rows, labels):
    """Predict one utterance: rows (T, D) -> (T,) float32, in the labels' units; labels: the model's Labels."""
    return labels.predictions(network_output(model, rows))


def network_output(model, rows):
    """Run the network: rows (T, D) -> outputs (T,) float32, standardised and without the delay undone."""
    return _output(model, prepare(model, torch.from_numpy(rows).to(device_of(model))))


def device_of(model):
    """Return the device of a model's weights."""
    return next(model.parameters()).device


@torch.inference_mode()
def _output(model, inputs):
    model.eval()
    return model(inputs).cpu().numpy()
