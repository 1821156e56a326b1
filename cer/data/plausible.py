"""What predictions are plausible: those within three times the range of the labels."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Range:
    """The lowest and the highest label. Predictions outside three times that range are implausible."""

    low: float
    high: float

    @classmethod
    def of(cls, utterances):
        """Return the Range of a training set: Utterances with labels."""
        ends = [(float(np.nanmin(labels)), float(np.nanmax(labels))) for labels in utterances.survey().labels]
        return cls(min(low for low, _ in ends), max(high for _, high in ends))

    @classmethod
    def of_model(cls, description):
        """Read the Range from model.json; where an earlier version wrote none: mean ± 3 standard deviations."""
        labels = description["labels"]
        spread = [labels["mean"] + sign * 3 * labels["deviation"] for sign in (-1, 1)]
        return cls(*description.get("label_range", spread))

    def far(self, values):
        """Mark the values (T,) outside three times the range around its centre, and NaN: bool (T,)."""
        reach = self.high - self.low
        return ~((values >= self.low - reach) & (values <= self.high + reach))

    def complaint(self, values):
        """Describe the values that far() marks, for a warning; values: (T,). None if it marks none."""
        far = values[self.far(values)]
        if not len(far):
            return None
        worst, reach = far[np.argmax(np.abs(np.nan_to_num(far, nan=np.inf)))], self.high - self.low
        return (
            f"{len(far)} of {len(values)} outputs are outside {self.low - reach:.3g} to {self.high + reach:.3g}, three"
            f" times the labels' range; the furthest is {worst:.4g}"
        )
