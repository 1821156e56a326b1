"""Training, Section 6.1: whole utterances, one at a time, loss 1 - CCC, early stopping on the CCC of the dev set.

A model with a method fit is solved at once instead of trained; its folder and its dev CCC are made in the same way.
"""

import copy
import math
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch

from cer.base.errors import BadInput, warn
from cer.base.files import write_text
from cer.base.kinds import Count, NonNegative, Positive, Seed
from cer.base.words import counted
from cer.data.plausible import Range
from cer.system import tensors
from cer.system.device import on_cpu
from cer.system.model_folder import PROGRESS
from cer.system.network import Prepared, device_of, evaluate, exact_parts, parts
from cer.training import claim
from cer.training.epochs import epochs
from cer.training.scalars import Scalars
from cer.training.steps import one_pass, steps_of

LEAST = 0.05  # a training whose best dev CCC stays below this for `patience` epochs or more did not learn
PAUSE = 1.0  # s between two checkpoints on a GPU, where an epoch takes less time than writing one
FAR = 0.01  # an epoch with a larger share of dev outputs outside three times the labels' range is never the best
RESTART = 1_000_000  # added to the seed for the one restart: larger than the number of any run


def train(
    new_model,
    train_set,
    dev_set,
    labels,
    folder,
    description,
    extra=None,
    *,
    learning_rate: Positive = 0.001,
    l2: NonNegative = 0.0,
    max_epochs: Count = 100,
    patience: Count = 15,
    max_minutes: Positive = 60.0,
    srand: Seed = 1,
):
    """Train a model and write its folder, or resume a killed training with the same description from its checkpoint.

    A training that diverges or does not learn restarts once from another seed; the log and the result report this. If
    it fails again, its result is marked as failed. A model with a method fit does not restart.

    new_model: function seed -> Model with weights from that seed; train_set, dev_set: Utterances with labels; labels:
    Labels of the training set; description: the entries of model.json that identify the training: architecture,
    options, data, code; extra: further entries of model.json. Returns the result, a dict: "learnt" is True, False
    (with "reason", and with "diverged": True if no epoch is usable), or None after too few epochs to decide.

    Options:
        learning_rate: Adam's step size; the paper searches it on dev
        l2: weight of the L2 penalty on all parameters (Section 6.1 names the penalty, but no value)
        max_epochs: maximum number of epochs
        patience: early stopping: stop after so many epochs without a better dev CCC
        max_minutes: longer utterances are trained in parts of equal length, a gradient step each, to save memory
        srand: seed of the initial weights and of the order of the utterances
    """
    options = {"learning_rate": learning_rate, "l2": l2, "max_epochs": max_epochs, "patience": patience}
    options["max_minutes"] = max_minutes
    folder = Path(folder)
    done, state, folder = claim.claim(folder, description)
    if done:
        result = done["result"]
        claim.renew(folder, done, extra or {})
        print(f"{folder}: trained already (dev CCC {result['dev_ccc']:.4f}); remove it to train again", flush=True)
        return result
    state, bounds = (state or _new_state(srand, [])) | {"description": description}, Range.of(train_set)
    attempt = Attempt(new_model, (train_set, dev_set), labels, bounds, folder, state, options)
    fault = attempt.run()
    if fault and not state["restarts"] and not attempt.solved:
        seed = srand + RESTART
        warn(f"{folder}: {fault['reason']}; training once more from another seed, {seed}")
        state = _new_state(seed, [{"srand": seed, "reason": fault["reason"]}]) | {"description": description}
        tensors.write_tensors(folder / claim.CHECKPOINT, state)
        attempt = Attempt(new_model, (train_set, dev_set), labels, bounds, folder, state, options)
        fault = attempt.run()
    weights, result = attempt.outcome(fault)
    about = {"label_range": [bounds.low, bounds.high], "result": result}
    claim.write_model(folder, weights, description | (extra or {}) | about)
    return result


def _new_state(srand, restarts):
    """Return the state of a training before its first epoch, without the description."""
    return {"history": [], "best_ccc": -math.inf, "best_epoch": 0, "best": {}, "model": {}, "optimizer": {}, "far": "",
            "srand": srand, "restarts": restarts}  # fmt: skip


class Attempt:
    """A training from one seed, starting at its state: until early stopping, the last epoch, or divergence."""

    def __init__(self, new_model, sets, labels, bounds, folder, state, options):
        """sets: Utterances of train and dev; bounds: Range of the labels; options: those of train(), except srand.

        Raises BadInput for a checkpoint that does not fit the model.
        """
        self.model, self._new_model = new_model(state["srand"]), new_model
        self.solved = hasattr(self.model, "fit")
        most = max(1, round(60 * options["max_minutes"] / sets[0].rows.label_shift))
        exact = partial(exact_parts, self.model)
        self.train_set = Prepared(self.model, sets[0], exact if self.solved else partial(parts, most=most))
        self.dev_set = Prepared(self.model, sets[1], exact)
        self.labels, self.bounds, self.folder, self.state = labels, bounds, folder, state
        self.options = options | ({"max_epochs": 1} if self.solved else {})
        self.steps = steps_of(self.model, learning_rate=options["learning_rate"], l2=options["l2"])
        self._pause = PAUSE if device_of(self.model).type == "cuda" else 0.0
        self._saved = time.monotonic()
        if state["history"]:
            path = folder / claim.CHECKPOINT
            for weights in [state["best"], state["model"]] if state["best_epoch"] else [state["model"]]:
                tensors.load_weights(self.model, weights, path)
            try:
                self.steps.optimizer.load(state["optimizer"])
            except (ValueError, TypeError, RuntimeError) as error:
                raise BadInput(
                    f"{path}: its optimizer does not fit ({error}); remove it to restart the training"
                ) from None
            print(f"{folder}: going on after epoch {len(state['history'])}", flush=True)

    def run(self):
        """Train to the end; returns None, or the failure: {"reason": text, "diverged": True if no epoch is usable}."""
        state, scalars = self.state, Scalars(self.folder, self.state["history"])
        _write_progress(self.folder, state["history"])
        going = epochs(
            self._step, self._evaluate, lambda: state["best_epoch"], first=len(state["history"]) + 1,
            max_epochs=self.options["max_epochs"], patience=self.options["patience"],
        )  # fmt: skip
        for epoch, loss, (dev_ccc, outputs), seconds in going:
            if not math.isfinite(loss + dev_ccc):
                lower = "" if self.solved else f"; lower --learning-rate (is {self.options['learning_rate']})"
                return {
                    "reason": f"the loss is {loss}, the dev CCC {dev_ccc} in epoch {epoch}{lower}",
                    "diverged": True,
                }
            number = sum(self.bounds.far(one).sum() for one in outputs)
            far = number > FAR * sum(map(len, outputs)) and self.bounds.complaint(np.concatenate(outputs))
            self._note(loss, dev_ccc, far)
            if time.monotonic() >= self._saved + self._pause:
                self._save()
            _report(self.folder, state, self.options, seconds, far)
            scalars.add(epoch, loss, dev_ccc)
        scalars.close()
        _write_progress(self.folder, state["history"])
        return self._fault()

    def _step(self, epoch):
        """One pass over the training set; returns the loss. Seeds depend on the epoch, so resuming changes nothing."""
        seed = self.state["srand"]
        torch.manual_seed(seed * 1_000_003 + epoch)
        order = np.random.default_rng((seed, epoch))
        return one_pass(self.steps, self.train_set, self.labels, order)

    def _evaluate(self):
        return evaluate(self.model, self.dev_set, self.labels, self.steps.outputs)

    def _note(self, loss, dev_ccc, far):
        """Add an epoch to the state, with its weights as the best if its dev CCC is the highest and `far` is empty."""
        state, weights = self.state, self.model.state_dict()
        state["history"].append([loss, dev_ccc])
        if dev_ccc > state["best_ccc"] and not far:
            state.update(best_ccc=dev_ccc, best_epoch=len(state["history"]), best=copy.deepcopy(weights))
        state.update(model=weights, optimizer=self.steps.optimizer.state, far=far or "")

    def _save(self):
        """Write the checkpoint and progress.csv; PAUSE says how often on a GPU, on the CPU it is after each epoch."""
        tensors.write_tensors(self.folder / claim.CHECKPOINT, on_cpu(self.state))
        _write_progress(self.folder, self.state["history"])
        self._saved = time.monotonic()

    def _fault(self):
        """Return what run() returns for a training that reached its end: None, or the failure."""
        state, epochs = self.state, len(self.state["history"])
        if not state["best_epoch"]:
            return {
                "reason": f"no epoch of {epochs} can be used: in the last one, on dev, {state['far']}",
                "diverged": True,
            }
        if state["best_ccc"] >= LEAST or not self._long_enough():
            return None
        reason = f"the best dev CCC of {counted(epochs, 'epoch')} is {state['best_ccc']:.4f}, expected {LEAST} or more"
        return {"reason": reason, "diverged": False}

    def _long_enough(self):
        return self.solved or len(self.state["history"]) >= self.options["patience"]

    def outcome(self, fault):
        """Return the weights of the best epoch and the result; without a usable epoch, the initial weights."""
        state, weights = self.state, self.state["best"]
        result = {"best_epoch": state["best_epoch"], "epochs": len(state["history"]), "dev_ccc": state["best_ccc"]}
        if not state["best_epoch"]:
            model = self._new_model(state["srand"])
            dev_ccc, _ = evaluate(model, self.dev_set, self.labels)
            weights = model.state_dict()
            result["dev_ccc"] = dev_ccc if math.isfinite(dev_ccc) else 0.0
        learnt = not fault
        if not fault and state["best_ccc"] < LEAST:
            learnt = None
            warn(f"{self.folder}: dev CCC {state['best_ccc']:.4f}: too few epochs to tell whether it learns")
        return on_cpu(weights), result | {"srand": state["srand"], "restarts": state["restarts"], "learnt": learnt} | (
            fault or {}
        )


def _write_progress(folder, history):
    rows = [f"{n},{loss:.6f},{ccc:.6f}\n" for n, (loss, ccc) in enumerate(history, 1)]
    write_text(folder / PROGRESS, "epoch,train_loss,dev_ccc\n" + "".join(rows))


def _report(folder, state, options, seconds, far):
    """Print a log line with the time left at most; far: why this epoch cannot be the best, or ""."""
    name = "/".join(folder.parts[-3:])  # system/target/run: short enough for the status line of a narrow terminal
    epoch, (loss, dev_ccc) = len(state["history"]), state["history"][-1]
    left = seconds * (min(options["max_epochs"], state["best_epoch"] + options["patience"]) - epoch)
    print(
        f"{name}: epoch {epoch} of at most {options['max_epochs']}: dev CCC {dev_ccc:.4f}"
        f" (best {state['best_ccc']:.4f} in epoch {state['best_epoch']}), loss {loss:.4f}; {seconds:.2f} s an epoch,"
        f" {left:.0f} s to the end unless it improves{'; not chosen: ' + far if far else ''}",
        flush=True,
    )
