"""The training loop with early stopping."""

import time
from typing import NamedTuple

import numpy as np


class Epoch(NamedTuple):
    """The results of one epoch."""

    number: int  # from 1
    loss: object  # what step returned
    score: object  # what evaluate returned
    seconds: float  # mean duration of an epoch so far


def epochs(step, evaluate, best_epoch, *, max_epochs, patience, first=1):
    """Train with early stopping; yields an Epoch after each epoch, upon which the caller updates its best epoch.

    step(epoch): one pass over the training set, returns the loss; evaluate(): returns the score on dev; best_epoch():
    number of the best epoch so far, or an array of them for runs trained together; first: first epoch to train, above 1
    when a training resumes. Ends after max_epochs, or after `patience` epochs without a better one in any run.
    """
    started = time.monotonic()
    for number in range(first, max_epochs + 1):
        if np.all(number > np.asarray(best_epoch()) + patience):
            return
        loss, score = step(number), evaluate()
        yield Epoch(number, loss, score, (time.monotonic() - started) / (number - first + 1))
