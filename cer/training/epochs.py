"""The training loop: one epoch after another, until nothing has improved for a while."""

import time
from typing import NamedTuple

import numpy as np


class Epoch(NamedTuple):
    """What one epoch gave."""

    number: int  # from 1
    loss: object  # what step returned
    score: object  # what evaluate returned
    seconds: float  # an epoch, on average so far


def epochs(step, evaluate, best_epoch, *, max_epochs, patience, first=1):
    """Train epoch by epoch; yields an Epoch each, after which the caller notes whether it is the best so far.

    step(epoch): one pass over the training set, returns the loss; evaluate(): the score on dev; best_epoch(): the
    number of the best epoch so far, or an array of them for runs that are trained side by side. Ends after max_epochs,
    or when no run has had a better epoch for `patience` of them. first: the epoch to begin with, of a resumed training.
    """
    started = time.monotonic()
    for number in range(first, max_epochs + 1):
        if np.all(number > np.asarray(best_epoch()) + patience):
            return
        loss, score = step(number), evaluate()
        yield Epoch(number, loss, score, (time.monotonic() - started) / (number - first + 1))
