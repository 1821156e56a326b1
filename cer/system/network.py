"""A trained network: loading, prediction, and evaluation against labels."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

from cer.base.errors import BadInput
from cer.data.frames import labelled
from cer.models import build, prepare
from cer.scoring.metrics import of_moments
from cer.scoring.sums import moments
from cer.system.model_folder import AGAIN, FINAL, MODEL, read_description
from cer.system.rows import Rows
from cer.system.tensors import load_weights, read_tensors
from cer.system.utterances import Memory


def read_model(folder):
    """Load a trained network: returns (model in eval mode, its Rows, its description).

    Raises BadInput when the folder holds none, or its files are invalid.
    """
    description = read_description(folder)
    if description is None:
        if (link := Path(folder)).is_symlink() and not link.exists():
            raise BadInput(f"{link}: links to {link.readlink()}, which is not there; copy its folder with cp -rL")
        raise BadInput(f"{folder}: found no {FINAL} and {MODEL}; run stage 3 (steps/train.sh)")
    rows = Rows(**description["front_end"])
    try:
        model = build(description["arch"], rows.input_dim, description["options"])
    except BadInput as error:
        raise BadInput(f"{Path(folder) / MODEL}: {error}; {AGAIN}") from None
    load_weights(model, read_tensors(Path(folder) / FINAL), Path(folder) / FINAL)
    return model.eval(), rows, description


class Prepared(Sequence):
    """Utterances with model.prepare applied, on the model's device: [i] -> (input of model(...), labels (T,)).

    Long ones may be cut into parts of equal length, which count as utterances. Prepared inputs are kept in the memory
    that the utterances share; on a GPU all inputs, in half of its free memory.
    """

    def __init__(self, model, utterances, max_minutes=None):
        """max_minutes: longer utterances are cut (default: none)."""
        self._model, self._utterances, self._kept, self._whole = model, utterances, {}, (None, None)
        self._parts = [(number, None) for number in range(len(utterances))]
        if max_minutes:
            most = max(1, round(60 * max_minutes / utterances.rows.label_shift))
            lengths = enumerate(map(len, utterances.survey().labels))
            self._parts = [(number, part) for number, rows in lengths for part in parts(rows, most)]
        on_gpu = device_of(model).type == "cuda"
        self._memory = Memory(torch.cuda.mem_get_info()[0] // 2) if on_gpu else utterances.memory
        self._keeps = on_gpu or hasattr(model, "prepare")

    def __len__(self):
        return len(self._parts)

    def __getitem__(self, index):
        if index in self._kept:
            return self._kept[index]
        rows, labels = self._part(*self._parts[index])
        inputs = prepare(self._model, torch.from_numpy(rows).to(device_of(self._model)))
        if self._keeps and self._memory.take(inputs.nbytes):
            self._kept[index] = inputs, labels
        return inputs, labels

    def _part(self, number, part):
        if part is None:
            return self._utterances[number]
        if self._whole[0] != number:  # the parts of an utterance follow each other, and it is read once
            self._whole = number, self._utterances[number]
        return [whole[part] for whole in self._whole[1]]

    def shuffled(self, random):
        """List the numbers of all utterances in random order; random: numpy's generator."""
        of = {}
        for index, (number, _) in enumerate(self._parts):
            of.setdefault(number, []).append(index)
        return [index for number in random.permutation(len(of)) for index in of[number]]

    @property
    def labels(self):
        """The labels of each utterance, (T,)."""
        return self._utterances.survey().labels

    def in_order(self, order):
        """Iterate over the utterances of these numbers; those not in memory are read while the caller computes."""
        if self._utterances.in_memory or len(self._kept) == len(self):
            yield from (self[index] for index in order)
        else:
            with ThreadPoolExecutor(1) as pool:
                coming = pool.submit(self.__getitem__, order[0])
                for index in order[1:]:
                    found, coming = coming.result(), pool.submit(self.__getitem__, index)
                    yield found
                yield coming.result()
        self._whole = None, None


def parts(rows, most):
    """Cut an utterance into as few equal parts as have at most `most` rows: list of slices, [None] if it is whole."""
    if rows <= most:
        return [None]
    count = -(-rows // most)
    return [slice(rows * n // count, rows * (n + 1) // count) for n in range(count)]


def evaluate(model, prepared, labels, outputs=None):
    """Evaluate on a Prepared set: returns the CCC of all labelled rows as one, a float, and the predictions.

    outputs: function that computes the model's outputs (default: the model itself). The predictions are a list, (T,)
    float32 for each utterance.
    """
    inputs = (inputs for inputs, _ in prepared.in_order(range(len(prepared))))
    predictions = [labels.predictions(_output(model, one, outputs)) for one in inputs]

    def pairs():
        for gold, prediction in zip(prepared.labels, predictions, strict=True):
            yield labelled(gold.astype(np.float64), prediction.astype(np.float64))

    count = sum(np.count_nonzero(~np.isnan(gold)) for gold in prepared.labels)
    return of_moments(*moments(pairs, count))["ccc"], predictions


def predict(model, rows, labels):
    """Predict one utterance: rows (T, D) -> (T,) float32, in the labels' units; labels: the model's Labels."""
    return labels.predictions(network_output(model, rows))


def network_output(model, rows):
    """Run the network: rows (T, D) -> outputs (T,) float32, standardised and without the delay undone."""
    return _output(model, prepare(model, torch.from_numpy(rows).to(device_of(model))))


def device_of(model):
    """Return the device of a model's weights."""
    return next(model.parameters()).device


@torch.no_grad()
def _output(model, inputs, outputs=None):
    if model.training:  # asked first, since eval() calls each layer
        model.eval()
    return (outputs or model)(inputs).cpu().numpy()
