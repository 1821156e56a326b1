"""Rows, the input of a network: frames of a front end, normalised and stacked to one row per label."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cer.base.errors import BadInput
from cer.base.kinds import Count, Range, Seconds
from cer.data import datadir, frames

NO_FEATURES = "run stage 1 (steps/make_feats.sh)"  # what messages advise when features are missing


@dataclass(frozen=True)
class Rows:
    """How frames become rows; model.json stores it as "front_end"."""

    feat_dim: Count  # columns of a frame
    frame_shift: Seconds
    frame_subsampling_factor: Annotated[float, Range(0.01, 1_000_000)]  # frames per label (cer/data/frames.py)
    norm_means: bool
    norm_vars: bool

    @classmethod
    def of_features(cls, data, *, norm_means, norm_vars):
        """Return the Rows of a data directory with features and labels; norm_means, norm_vars: as in cmvn.apply."""
        data = Path(data)
        features = datadir.Archive(data / "feats.scp", NO_FEATURES)
        shift = datadir.frame_shift(data)
        factor = frames.subsampling_factor(shift, datadir.label_shift(data))
        return cls(next(iter(features.values())).shape[1], shift, factor, norm_means, norm_vars)

    @classmethod
    def of_recordings(cls, data, front_end):
        """Return the Rows of a data directory with recordings and labels, for a front end with archived = False.

        Raises BadInput unless the label shift is a whole number of frames.
        """
        shift, rate = datadir.label_shift(data), 1 / front_end.frame_seconds
        if abs(round(shift * rate) - shift * rate) > 1e-6:
            raise BadInput(f"{data}/label_shift: found {shift:.9g} s, expected whole samples at {rate:g} Hz")
        return cls(front_end.dim, front_end.frame_seconds, round(shift * rate), False, False)

    @property
    def input_dim(self):
        """Columns of a row."""
        return self.feat_dim * frames.frames_a_row(self.frame_subsampling_factor)

    @property
    def label_shift(self):
        """Seconds between rows, and between predictions."""
        return self.frame_shift * self.frame_subsampling_factor

    @property
    def whole(self):
        """Whether the label shift is a whole number of frames; otherwise frames are interpolated."""
        return frames.is_whole(self.frame_subsampling_factor)
