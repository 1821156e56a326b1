"""Training targets: labels, standardised and moved earlier in time by the annotators' delay.

    labels        y0 y1 y2 y3 y4 y5       annotators react `delay` rows after the speech
    targets       y2 y3 y4 y5 y5 y5       delay 2; with edges=mask the last two rows have no target
    outputs       p0 p1 p2 p3 p4 p5
    predictions   p0 p0 p0 p1 p2 p3       moved later by the delay, before scoring

CCC(a + b y, a + b p) = CCC(y, p), so standardising changes only the scale of the initial outputs. That matters: nine
utterances are nine steps per epoch, and with a small learning rate it would take many epochs to reach the scale.
The paper has no delay (Section 1: no "special handling of human evaluation lag"); He et al. [5] and others do.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from cer.base.kinds import Pattern, Positive, Whole

Edges = Annotated[str, Pattern("repeat|mask", "repeat or mask")]


@dataclass(frozen=True)
class Labels:
    """Mean and standard deviation of the training labels, in their units; delay in rows; edges: repeat or mask."""

    mean: float
    deviation: Positive
    delay: Whole = 0
    edges: Edges = "repeat"

    def too_short(self, utterances):
        """List the ids of the Utterances in which no label after the delay is left to train on."""
        if not self.delay:
            return []
        each = zip(utterances.ids, utterances.survey().labels, strict=True)
        return [key for key, labels in each if np.isnan(labels[self.delay :]).all()]

    def targets(self, labels):
        """labels (T,) -> training targets: (T,), or with edges=mask (T - delay,), for the first rows; NaN in gaps."""
        moved = labels[min(self.delay, len(labels) - 1) :]
        if self.edges == "repeat":
            moved = np.pad(moved, (0, len(labels) - len(moved)), "edge")
        return ((moved - self.mean) / self.deviation).astype(np.float32)

    def predictions(self, outputs):
        """outputs (T,) of the network -> predictions (T,) in the labels' units, moved later by the delay."""
        return self.mean + self.deviation * later(outputs, self.delay)


def later(values, rows):
    """Move values (T, ...) later by `rows` rows (negative: earlier); copies of the first (last) value fill the gap."""
    rows = max(-len(values), min(rows, len(values)))
    if rows < 0:
        return np.concatenate([values[-rows:], np.repeat(values[-1:], -rows, axis=0)])
    return np.concatenate([np.repeat(values[:1], rows, axis=0), values[: len(values) - rows]])
