"""The annotators' delay: given by the user, or searched on the training set.

The paper has no delay (Section 1: no "special handling of human evaluation lag"); He et al. [5] and others do.
"""

from typing import Annotated

import numpy as np
import torch

from cer.base.errors import BadInput, listed, warn
from cer.base.kinds import Pattern, number
from cer.base.words import counted
from cer.data.frames import labelled
from cer.data.plausible import Range
from cer.models.layers import windows
from cer.scoring.metrics import ccc
from cer.system.labels import Edges, Labels, later
from cer.system.network import CHUNK

LONGEST = 8.0  # longest delay that the search tries, s
STEP = 0.2  # between the delays that it tries, s
WINDOW = 4.0  # window of the statistics that it predicts from, s
MOST = 200_000  # rows that the search uses: they take about 1 GB of memory
PENALTY = 0.01  # of its ridge regression
SECONDS = r"\+?(\d{1,9}(\.\d*)?|\.\d+)(e[+-]?\d{1,2})?"
Delay = Annotated[str, Pattern(f"none|search|{SECONDS}", "none, search, or seconds from 0 on")]


def fit_labels(utterances, *, label_delay: Delay = "none", delay_edges: Edges = "repeat"):
    """Return the Labels of a training set: their mean, standard deviation and delay; utterances: Utterances.

    label_delay: none, the annotators' delay in seconds, or search: the delay that predicts the training set best
    delay_edges: repeat the last label where the delay leaves rows without one, or mask these rows

    Gaps in the labels, NaN, count for nothing. Raises BadInput for constant labels, for a delay as long as the
    longest utterance, and for a search with fewer than 2 speakers.
    """

    def total(of_labels):
        return sum(of_labels(labelled(labels)[0]) for labels in utterances.survey().labels)

    count = total(len)
    mean = total(lambda labels: labels.sum(dtype=np.float64)) / count
    deviation = np.sqrt(total(lambda labels: ((labels.astype(np.float64) - mean) ** 2).sum()) / count)
    bounds = Range.of(utterances)
    if bounds.low == bounds.high:
        raise BadInput(f"{utterances.data}: all labels are {bounds.low:g}; there is nothing to learn")
    return Labels(float(mean), float(deviation), _rows_of(label_delay, utterances), delay_edges)


def _rows_of(label_delay, utterances):
    """Convert the option --label-delay to rows."""
    if label_delay == "none":
        return 0
    shift = utterances.rows.label_shift
    if label_delay == "search":
        return search(utterances)
    seconds = number(label_delay)
    longest = max(map(len, utterances.survey().labels)) * shift
    if seconds >= longest:
        raise BadInput(
            f"--label-delay={label_delay}: expected none, search, or seconds from 0 to less than {longest:g},"
            " the longest utterance"
        )
    return round(seconds / shift)


def search(utterances):
    """Search the delay, in rows, at which a ridge regression on window statistics predicts the training labels best.

    Leave-one-speaker-out cross-validation on the training set alone: the delay with the highest CCC over all speakers
    wins, from 0 to LONGEST in steps of STEP, but below the median utterance length. Utterances no longer than the
    longest delay are left out of the search, with a warning; of long ones the first CHUNK rows are used. Raises
    BadInput for fewer than 2 speakers.
    """
    shift = utterances.rows.label_shift
    lengths = [len(labels) for labels in utterances.survey().labels]
    limit = min(round(LONGEST / shift), int(np.median(lengths)) - 1)
    used = _used(utterances, lengths, limit)
    speakers = np.unique(np.array(utterances.speakers)[used], return_inverse=True)[1]
    if len(set(speakers)) < 2:
        raise BadInput(f"{utterances.data}: --label-delay=search needs 2 speakers or more; give the delay in seconds")
    designs, labels = _designs(utterances, used, round(WINDOW / shift))
    grams = np.array([design.T @ design for design in designs])
    delays = range(0, limit + 1, max(1, round(STEP / shift)))
    scored = {delay: _left_out(designs, grams, labels, speakers, delay) for delay in delays}
    best = max(scored, key=scored.get)
    if scored[best] <= 0 or best == delays[-1]:
        warn(
            f"{utterances.data}: the search found a delay of {best * shift:.2f} s at a CCC of {scored[best]:.3f}, which"
            " says little; is the set large enough? --label-delay takes seconds, too"
        )
    print(f"label delay: {best * shift:.2f} s (CCC {scored[best]:.3f}, without: {scored[0]:.3f}; on left-out speakers)")
    return best


def _used(utterances, lengths, limit):
    """The indices of the utterances to search on: those of more than `limit` rows, and no more than MOST rows in all.

    lengths: rows of each utterance.
    """
    used = [n for n, length in enumerate(lengths) if length > limit]
    if len(used) < len(utterances):
        short = [key for key, length in zip(utterances.ids, lengths, strict=True) if length <= limit]
        warn(
            f"{utterances.data}: left out of the search for the label delay: {counted(len(short), 'utterance')} of"
            f" {limit * utterances.rows.label_shift:g} s or less: {listed(short)}"
        )
    every = -(-sum(min(length, CHUNK) for length in lengths) // MOST)
    if every > 1:
        used = used[::every]
        print(f"label delay: searched on {len(used)} of {len(utterances)} utterances, one in {every}")
    return used


def _designs(utterances, used, window):
    """The regression's inputs and labels: lists of (T, D), standardised, behind a column of ones, and of (T,); float64.

    used: indices of utterances; window: rows that the statistics are taken of.
    """
    parts = [[each[:CHUNK].copy() for each in utterances[n]] for n in used]
    features = [windows.moments(torch.from_numpy(rows), window).double().numpy() for rows, _ in parts]
    mean, deviation = (f(np.concatenate(features), axis=0) for f in (np.mean, np.std))
    designs = [np.insert((part - mean) / np.maximum(deviation, 1e-9), 0, 1.0, axis=1) for part in features]
    return designs, [labels.astype(np.float64) for _, labels in parts]


def _left_out(designs, grams, labels, speakers, delay):
    """Leave-one-speaker-out CCC of the ridge regression at a delay in rows.

    designs: list of (T, D) per utterance; grams: (utterances, D, D); labels: list of (T,); speakers: integer array,
    one per utterance.
    """
    moved = [np.pad(y[delay:], (0, delay), "edge") for y in labels]
    if any(np.isnan(y).any() for y in moved):  # the regression learns from rows that have a label after the delay
        pairs = [labelled(y, design) for y, design in zip(moved, designs, strict=True)]
        moved, known = zip(*pairs, strict=True)
        grams = np.array([design.T @ design for design in known])
    else:
        known = designs
    products = np.array([design.T @ y for design, y in zip(known, moved, strict=True)])
    ridge = PENALTY * sum(map(len, moved)) * np.eye(grams.shape[1])
    ridge[0, 0] = 0.0  # the offset
    predicted = []
    for design, speaker in zip(designs, speakers, strict=True):
        own = speakers == speaker
        weights = np.linalg.solve(grams.sum(0) - grams[own].sum(0) + ridge, products.sum(0) - products[own].sum(0))
        predicted.append(later(design @ weights, delay))
    return float(ccc(*labelled(np.concatenate(labels), np.concatenate(predicted))))
