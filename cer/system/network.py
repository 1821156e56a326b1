"""A trained network: loading, prediction, and evaluation against labels."""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, pairwise
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

CHUNK = 16384  # rows, 11 min: shorter utterances are computed in one piece
WHOLE = slice(None)


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
    """Utterances with model.prepare applied, on the model's device: [i] -> input of model(...).

    Long ones may be cut into parts, which count as utterances. Prepared inputs of whole utterances are kept in the
    memory that the utterances share; on a GPU all inputs, in half of its free memory.
    """

    def __init__(self, model, utterances, cut=None):
        """cut: function that cuts an utterance, given its number of rows, as parts() does (default: none is cut)."""
        self._model, self._utterances, self._kept, self._whole = model, utterances, {}, (None, None)
        self._parts = [(number, WHOLE, WHOLE) for number in range(len(utterances))]
        if cut:
            lengths = enumerate(map(len, utterances.survey().labels))
            self._parts = [(n, *part) for n, rows in lengths for part in cut(rows)]
        places = groupby(range(len(self._parts)), lambda index: self._parts[index][0])
        self._of = [[*indices] for _, indices in places]  # each utterance's places in _parts
        on_gpu = device_of(model).type == "cuda"
        self._memory = Memory(torch.cuda.mem_get_info()[0] // 2) if on_gpu else utterances.memory
        self._keeps = [on_gpu or (hasattr(model, "prepare") and taken == WHOLE) for _, taken, _ in self._parts]

    def __len__(self):
        return len(self._parts)

    def __getitem__(self, index):
        if index in self._kept:
            return self._kept[index]
        rows = torch.from_numpy(self._rows(*self._parts[index][:2]))
        inputs = prepare(self._model, rows.to(device_of(self._model)))
        if self._keeps[index] and self._memory.take(inputs.nbytes):
            self._kept[index] = inputs
        return inputs

    def _rows(self, number, taken):
        if taken == WHOLE:
            return self._utterances[number][0]
        if self._whole[0] != number:  # the parts of an utterance follow each other, and it is read once
            self._whole = number, self._utterances[number][0]
        return self._whole[1][taken]

    def shuffled(self, random):
        """List the numbers of all utterances in random order; random: numpy's generator."""
        return [index for number in random.permutation(len(self._of)) for index in self._of[number]]

    @property
    def labels(self):
        """The labels of each whole utterance, (T,)."""
        return self._utterances.survey().labels

    def targets(self, labels, order):
        """Iterate over the training targets of these numbers, (T' <= T,); labels: Labels.

        NaN in gaps, and in the rows that a part has only as context of its own.
        """
        for number, each in groupby((self._parts[index] for index in order), lambda part: part[0]):
            whole = labels.targets(self.labels[number])
            for _, taken, own in each:
                part = np.full_like(whole[taken], np.nan)
                part[own] = whole[taken][own]
                yield part

    def joined(self, outputs):
        """Iterate over the outputs of each whole utterance, (T,); outputs: those of all parts in order, an iterable."""
        for _, each in groupby(zip(self._parts, outputs, strict=True), lambda pair: pair[0][0]):
            yield np.concatenate([output[own] for (_, _, own), output in each])

    def in_order(self, order):
        """Iterate over the inputs of these numbers; those not in memory are read while the caller computes."""
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


def chunk(model):
    """Rows of the longest utterances that are computed in one piece: None, if outputs depend on all rows."""
    field = sum(model.receptive_field())
    return max(CHUNK, 8 * field) if math.isfinite(field) else None  # many more, so that the overlap costs little


def exact_parts(model, rows):
    """Cut an utterance of more than chunk(model) rows into parts() whose outputs are those of the whole."""
    most = chunk(model) or rows
    return parts(rows, most, *model.receptive_field(), getattr(model, "period", 1))


def parts(rows, most, before=0, after=0, period=1):
    """Cut an utterance into as few parts as have at most `most` rows, nearly equal multiples of `period`.

    Returns a list of pairs of slices: of the rows to take, a part with `before` rows before it and `after` rows after
    it, and in these of the part itself.
    """
    if rows <= most:
        return [(WHOLE, WHOLE)]
    count, found = -(-rows // most), []
    for start, stop in pairwise(sorted({*(rows * n // count // period * period for n in range(count)), rows})):
        first = max(0, start - before) // period * period
        found.append((slice(first, min(rows, stop + after)), slice(start - first, stop - first)))
    return found


def evaluate(model, prepared, labels, outputs=None):
    """Evaluate on a Prepared set: returns the CCC of all labelled rows as one, a float, and the predictions.

    outputs: function that computes the model's outputs (default: the model itself). The predictions are a list, (T,)
    float32 for each utterance.
    """
    computed = (_output(model, inputs, outputs) for inputs in prepared.in_order(range(len(prepared))))
    predictions = [labels.predictions(one) for one in prepared.joined(computed)]

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
