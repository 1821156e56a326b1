"""A trained network, what it puts out for utterances, and how near that is to their labels."""

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
    """A trained network ready to predict: returns (model, its Rows, its description)."""
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
    """Utterances as a model takes them: [i] -> (what model(...) takes, labels (T,)), kept while there is room."""

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
    """For a Prepared set: the CCC of the concatenated predictions, a float, and these predictions (T,)."""
    predictions = np.concatenate([labels.predictions(_output(model, inputs)) for inputs, _ in prepared]).astype(
        np.float64
    )
    gold = np.concatenate([gold for _, gold in prepared]).astype(np.float64)
    return float(ccc(gold, predictions)), predictions


def predict(model, rows, labels):
    """Predictions (T,) float32, in the labels' units, for rows (T, D) of one utterance; labels: the model's Labels."""
    return labels.predictions(network_output(model, rows))


def network_output(model, rows):
    """What the network puts out, (T,) float32, for rows (T, D)."""
    return _output(model, prepare(model, torch.from_numpy(rows).to(device_of(model))))


def device_of(model):
    """The device that a model's weights are on."""
    return next(model.parameters()).device


@torch.inference_mode()
def _output(model, inputs):
    model.eval()
    return model(inputs).cpu().numpy()
