"""Training, Section 6.1: whole utterances, one at a time, loss 1 - CCC, early stopping on the CCC of the dev set.

A model with a method fit is solved at once instead; the rest (its folder, its dev CCC) is the same.
"""

import copy
import math
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from cer import checkpoint
from cer.batches import MEMORY
from cer.device import on_cpu
from cer.errors import BadInput
from cer.files import write_text
from cer.kinds import Count, NonNegative, Positive, Seed
from cer.metrics import ccc
from cer.models import prepare
from cer.scalars import Scalars


def train(
    model,
    train_set,
    dev_set,
    labels,
    folder,
    description,
    facts=None,
    *,
    learning_rate: Positive = 0.001,
    l2: NonNegative = 0.0,
    max_epochs: Count = 100,
    patience: Count = 15,
    srand: Seed = 1,
):
    """Train a model into its folder, or go on where a killed training of the same description stopped.

    model: an architecture's Model, initialised; train_set, dev_set: Utterances with labels; labels: the Labels of the
    training set; description: what makes this training this training (architecture, options, data), for its folder;
    facts: a dict of what else its folder is to tell, which makes it no other training.
    Returns the result, a dict. Raises BadInput when the loss is not a number any more.

    Options:
        learning_rate: Adam's step size; the paper searches it on dev
        l2: weight of the sum of squared parameters (Section 6.1 names it without a value)
        max_epochs: passes over the training set at most
        patience: stop after so many epochs without a better dev CCC
        srand: seed of the initial weights and of the order of the utterances
    """
    folder = Path(folder)
    done, state, folder = checkpoint.claim(folder, description)
    if done:
        result = done["result"]
        print(f"{folder}: trained already (dev CCC {result['dev_ccc']:.4f}); remove it to train again", flush=True)
        return result
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, weight_decay=l2)
    train_set, dev_set = Prepared(model, train_set), Prepared(model, dev_set)
    max_epochs = 1 if hasattr(model, "fit") else max_epochs
    state = _resume(folder, state, model, optimizer) | {"description": description}
    scalars, started = Scalars(folder, state["history"]), time.monotonic()
    first = len(state["history"]) + 1
    for epoch in range(first, max_epochs + 1):
        if epoch > state["best_epoch"] + patience:
            break
        torch.manual_seed(srand * 1_000_003 + epoch)  # dropout and the like go on the same after a kill
        loss = _epoch(model, optimizer, train_set, labels, np.random.default_rng((srand, epoch)))
        dev_ccc = evaluate(model, dev_set, labels)
        if not math.isfinite(loss + dev_ccc):
            raise BadInput(f"{folder}: the loss is {loss} in epoch {epoch}; lower --learning-rate (is {learning_rate})")
        _note(state, loss, dev_ccc, model)
        state.update(model=_portable(model, model.state_dict()), optimizer=_portable(model, optimizer.state_dict()))
        checkpoint.write_tensors(folder / checkpoint.CHECKPOINT, state)
        _report(folder, state, max_epochs, patience, (time.monotonic() - started) / (epoch - first + 1))
        scalars.add(epoch, loss, dev_ccc)
    scalars.close()
    result = {"best_epoch": state["best_epoch"], "epochs": len(state["history"]), "dev_ccc": state["best_ccc"]}
    checkpoint.write_model(folder, state["best"], description | (facts or {}) | {"result": result})
    return result


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
    """CCC of the concatenated predictions for a Prepared set, a float."""
    predictions = [_predict(model, inputs, labels) for inputs, _ in prepared]
    gold = [gold for _, gold in prepared]
    return float(ccc(np.concatenate(gold).astype(np.float64), np.concatenate(predictions).astype(np.float64)))


def predict(model, rows, labels):
    """Predictions (T,) float32, in the labels' units, for rows (T, D) of one utterance; labels: the model's Labels."""
    return labels.predictions(network_output(model, rows))


def network_output(model, rows):
    """What the network puts out, (T,) float32, for rows (T, D)."""
    return _output(model, prepare(model, torch.from_numpy(rows).to(device_of(model))))


def device_of(model):
    """The device that a model's weights are on."""
    return next(model.parameters()).device


def _predict(model, inputs, labels):
    return labels.predictions(_output(model, inputs))


@torch.inference_mode()
def _output(model, inputs):
    model.eval()
    return model(inputs).cpu().numpy()


def _epoch(model, optimizer, prepared, labels, order):
    """One step an utterance, in random order, or the solution at once; returns the mean loss."""
    if hasattr(model, "fit"):
        with torch.no_grad():
            model.fit([(inputs, torch.from_numpy(labels.targets(gold))) for inputs, gold in prepared])
        return 1 - evaluate(model, prepared, labels)
    model.train()
    losses, device = [], device_of(model)
    for index in order.permutation(len(prepared)):
        inputs, gold = prepared[index]
        targets = torch.from_numpy(labels.targets(gold)).to(device)
        optimizer.zero_grad()
        loss = 1 - ccc(targets, model(inputs)[: len(targets)])
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return sum(map(float, losses)) / len(prepared)  # read at the end: a card need not wait for each step


def _resume(folder, state, model, optimizer):
    """Put a checkpoint's state, if there is one, into model and optimizer; returns it, or that of a new training."""
    if state is None:
        return {"history": [], "best_ccc": -math.inf, "best_epoch": 0, "best": {}}
    path = folder / checkpoint.CHECKPOINT
    checkpoint.load_weights(model, state["model"], path)
    try:
        optimizer.load_state_dict(state["optimizer"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"{path}: its optimizer does not fit ({error}); remove it, and the training starts anew"
        ) from None
    print(f"{folder}: going on after epoch {len(state['history'])}", flush=True)
    return state


def _note(state, loss, dev_ccc, model):
    """Add an epoch to the state's history, and its weights if they are the best so far."""
    state["history"].append([loss, dev_ccc])
    if dev_ccc > state["best_ccc"]:
        best = copy.deepcopy(_portable(model, model.state_dict()))
        state.update(best_ccc=dev_ccc, best_epoch=len(state["history"]), best=best)


def _portable(model, state):
    """A state that any machine can read, whatever device the model is on."""
    return state if device_of(model).type == "cpu" else on_cpu(state)


def _report(folder, state, max_epochs, patience, seconds):
    """Write progress.csv and one line to the log: what, how far, how long still at most."""
    epoch, (loss, dev_ccc) = len(state["history"]), state["history"][-1]
    rows = [f"{n},{loss:.6f},{ccc:.6f}\n" for n, (loss, ccc) in enumerate(state["history"], 1)]
    write_text(folder / checkpoint.PROGRESS, "epoch,train_loss,dev_ccc\n" + "".join(rows))
    left = seconds * (min(max_epochs, state["best_epoch"] + patience) - epoch)
    print(
        f"{folder}: epoch {epoch} of at most {max_epochs}: loss {loss:.4f}, dev CCC {dev_ccc:.4f}"
        f" (best {state['best_ccc']:.4f} in epoch {state['best_epoch']}); {seconds:.2f} s an epoch,"
        f" {left:.0f} s to the end unless it improves",
        flush=True,
    )
