"""What a network learns instead of the labels: standardised, and moved back in time by the annotators' delay.

    labels        y0 y1 y2 y3 y4 y5       what annotators say of what they heard `delay` rows before
    targets       y2 y3 y4 y5 y5 y5       delay 2; edges=mask leaves the last two rows without a target
    outputs       p0 p1 p2 p3 p4 p5
    predictions   p0 p0 p0 p1 p2 p3       the delay undone, before anything is scored

CCC is the same for (a + b y, a + b p) as for (y, p), so standardising changes nothing but the scale at which the output
starts. That matters: nine utterances are nine steps an epoch, and a small learning rate would spend its epochs on it.
The paper has no delay (Section 1: no "special handling of human evaluation lag"); He et al. [5] and others do.
"""

from dataclasses import dataclass

import numpy as np
import torch

from cer.errors import BadInput, warn
from cer.kinds import Positive, Whole
from cer.metrics import ccc
from cer.models.layers import windows

LONGEST = 8.0  # s, of a searched delay
STEP = 0.2  # s between searched delays
WINDOW = 4.0  # s of statistics that the search predicts from
PENALTY = 0.01  # of its ridge regression


@dataclass(frozen=True)
class Labels:
    """Mean and deviation of the training labels in their units, the delay in rows, and what stands at the end."""

    mean: float
    deviation: Positive
    delay: Whole = 0
    edges: str = "repeat"

    @classmethod
    def of(cls, utterances, *, label_delay: str = "none", delay_edges: str = "repeat"):
        """Fit to the labels of a training set, Utterances.

        label_delay: none, seconds that annotators lag behind, or search: the delay that serves the training set best
        delay_edges: repeat the last label where the delay leaves rows without one, or mask these rows

        Raises BadInput for constant labels and for a delay that cannot be.
        """
        if delay_edges not in ("repeat", "mask"):
            raise BadInput(f"--delay-edges={delay_edges}: expected repeat or mask")
        labels = np.concatenate([labels for _, labels in utterances]).astype(np.float64)
        if labels.std() == 0:
            raise BadInput(f"{utterances.data}: all labels are {labels[0]:g}; there is nothing to learn")
        delay = _rows_of(label_delay, utterances)
        return cls(float(labels.mean()), float(labels.std()), delay, delay_edges)

    def targets(self, labels):
        """labels (T,) -> what the network is to put out: (T,), or (T - delay,) for its first rows with edges=mask."""
        moved = labels[min(self.delay, len(labels) - 1) :]
        if self.edges == "repeat":
            moved = np.pad(moved, (0, len(labels) - len(moved)), "edge")
        return ((moved - self.mean) / self.deviation).astype(np.float32)

    def predictions(self, outputs):
        """outputs (T,) of the network -> predictions (T,) in the labels' units, with the delay undone."""
        return self.mean + self.deviation * later(outputs, self.delay)


def later(values, rows):
    """The values (T,) `rows` rows later (earlier for negative ones); the first (last) value is repeated."""
    rows = max(-len(values), min(rows, len(values)))
    if rows < 0:
        return np.concatenate([values[-rows:], np.repeat(values[-1:], -rows)])
    return np.concatenate([np.repeat(values[:1], rows), values[: len(values) - rows]])


def _rows_of(label_delay, utterances):
    """The option --label-delay in rows."""
    if label_delay == "none":
        return 0
    shift = utterances.front_end.label_shift
    if label_delay == "search":
        return search(utterances)
    try:
        seconds = float(label_delay)
    except ValueError:
        seconds = -1.0
    shortest = min(len(labels) for _, labels in utterances) * shift
    if not 0 <= seconds < shortest:
        raise BadInput(
            f"--label-delay={label_delay}: expected none, search, or seconds from 0 to less than {shortest:g},"
            " the shortest utterance"
        )
    return round(seconds / shift)


def search(utterances):
    """The delay in rows at which a ridge regression on window statistics predicts the training labels best.

    Each utterance is predicted by what was learnt from the others; CCC of all of them together decides, at delays from
    0 to LONGEST every STEP. Nothing but the training set is looked at. Raises BadInput for fewer than 2 utterances.
    """
    if len(utterances) < 2:
        raise BadInput(f"{utterances.data}: --label-delay=search needs 2 utterances or more; give the delay in seconds")
    shift = utterances.front_end.label_shift
    window = round(WINDOW / shift)
    features = [windows.moments(torch.from_numpy(rows), window).double().numpy() for rows, _ in utterances]
    labels = [labels.astype(np.float64) for _, labels in utterances]
    mean, deviation = (f(np.concatenate(features), axis=0) for f in (np.mean, np.std))
    designs = [np.insert((part - mean) / np.maximum(deviation, 1e-9), 0, 1.0, axis=1) for part in features]
    grams = np.array([design.T @ design for design in designs])
    delays = range(0, min(round(LONGEST / shift), min(map(len, labels)) - 1) + 1, max(1, round(STEP / shift)))
    scored = {delay: _left_out(designs, grams, labels, delay) for delay in delays}
    best = max(scored, key=scored.get)
    if scored[best] <= 0 or best == delays[-1]:
        warn(
            f"{utterances.data}: the search found a delay of {best * shift:.2f} s at a CCC of {scored[best]:.3f}, which"
            " says little; is the set large enough? --label-delay takes seconds, too"
        )
    print(
        f"label delay: {best * shift:.2f} s (CCC {scored[best]:.3f}, without: {scored[0]:.3f}; on left-out utterances)"
    )
    return best


def _left_out(designs, grams, labels, delay):
    """CCC of the predictions for each utterance from the others, against its labels `delay` rows later."""
    moved = [np.pad(y[delay:], (0, delay), "edge") for y in labels]
    products = np.array([design.T @ y for design, y in zip(designs, moved, strict=True)])
    ridge = PENALTY * sum(map(len, labels)) * np.eye(grams.shape[1])
    ridge[0, 0] = 0.0  # the offset
    predicted = []
    for n, design in enumerate(designs):
        weights = np.linalg.solve(grams.sum(0) - grams[n] + ridge, products.sum(0) - products[n])
        predicted.append(later(design @ weights, delay))
    return float(ccc(np.concatenate(labels), np.concatenate(predicted)))
