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

from cer.base.kinds import Positive, Whole


@dataclass(frozen=True)
class Labels:
    """Mean and deviation of the training labels in their units, the delay in rows, and what stands at the end."""

    mean: float
    deviation: Positive
    delay: Whole = 0
    edges: str = "repeat"

    def too_short(self, utterances):
        """Ids of the Utterances that the delay leaves without a label: there is nothing to learn from them."""
        ids = utterances.ids if self.delay else []
        return [key for key, (_, labels) in zip(ids, utterances, strict=False) if len(labels) <= self.delay]

    def targets(self, labels):
        """labels (T,) -> what the network is to put out: (T,), or (T - delay,) for its first rows with edges=mask."""
        moved = labels[min(self.delay, len(labels) - 1) :]
        if self.edges == "repeat":
            moved = np.pad(moved, (0, len(labels) - len(moved)), "edge")
        return ((moved - self.mean) / self.deviation).astype(np.float32)

    def predictions(self, outputs):
        """outputs (T,) of the network -> predictions (T,) in the labels' units, with the delay undone."""
        return self.mean + self.deviation * later(outputs, self.delay)


@dataclass(frozen=True)
class Range:
    """The lowest and the highest training label. Predictions beyond three times that range are no predictions."""

    low: float
    high: float

    @classmethod
    def of(cls, utterances):
        """Of a training set, Utterances with labels."""
        ends = [(float(labels.min()), float(labels.max())) for _, labels in utterances]
        return cls(min(low for low, _ in ends), max(high for _, high in ends))

    @classmethod
    def of_model(cls, description):
        """What model.json says; of an earlier version, which does not: three deviations to each side of the mean."""
        labels = description["labels"]
        spread = [labels["mean"] + sign * 3 * labels["deviation"] for sign in (-1, 1)]
        return cls(*description.get("label_range", spread))

    def far(self, values):
        """Which of the values (T,) lie outside three times the range, around its middle; what is no number does."""
        reach = self.high - self.low
        return ~((values >= self.low - reach) & (values <= self.high + reach))

    def complaint(self, values):
        """What is to be said of values (T,) of which some are far, as a text; None where none is."""
        far = values[self.far(values)]
        if not len(far):
            return None
        worst, reach = far[np.argmax(np.abs(np.nan_to_num(far, nan=np.inf)))], self.high - self.low
        return (
            f"{len(far)} of {len(values)} outputs are outside {self.low - reach:.3g} to {self.high + reach:.3g}, three"
            f" times the training labels' range; the furthest is {worst:.4g}"
        )


def later(values, rows):
    """The values (T, ...) `rows` rows later (earlier for negative ones); the first (last) value is repeated."""
    rows = max(-len(values), min(rows, len(values)))
    if rows < 0:
        return np.concatenate([values[-rows:], np.repeat(values[-1:], -rows, axis=0)])
    return np.concatenate([np.repeat(values[:1], rows, axis=0), values[: len(values) - rows]])
