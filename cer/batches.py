"""Utterances as a network takes them: features normalised and stacked while they are read, paired with labels.

No second copy of the features is ever written. A batch is one whole utterance (the paper's Section 6.1).
"""

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from cer import cmvn, datadir, frames
from cer.errors import BadInput

MEMORY = 4 << 30  # bytes of utterances kept; what is beyond is read again each time


@dataclass(frozen=True)
class FrontEnd:
    """What stands between a data directory and a network; it travels with the model."""

    feat_dim: int  # columns of feats.scp
    frame_shift: float  # seconds
    frame_subsampling_factor: int  # frames a row
    norm_means: bool
    norm_vars: bool

    @property
    def input_dim(self):
        """Columns of a row."""
        return self.feat_dim * self.frame_subsampling_factor

    @property
    def label_shift(self):
        """Seconds between rows, and so between predictions."""
        return self.frame_shift * self.frame_subsampling_factor

    def check(self, other, where):
        """Raise BadInput unless the data in `where`, described by `other`, are what this front end was made for."""
        found, expected = asdict(other), asdict(self)
        differ = [name for name in expected if found[name] != expected[name]]
        if differ:
            what = "; ".join(f"{name} {found[name]}, expected {expected[name]}" for name in differ)
            raise BadInput(f"{where}: found {what}; make its features with the configuration of the training data")


class Utterances(Sequence):
    """The utterances of a data directory: utterances[i] -> (rows (T, D) float32, labels (T,) float32 or None)."""

    def __init__(self, data, target=None, *, norm_means: bool = True, norm_vars: bool = True):
        """Open a data directory that has feats.scp and cmvn.scp.

        data: the directory; target: whose labels (`<target>.scp`) to pair, None for none. Utterances without
        features or labels are left out. norm_means, norm_vars: as in cmvn.apply.
        """
        self.data = Path(data)
        self._features = datadir.Archive(self.data / "feats.scp", "run stage 1 (steps/make_fbank.sh)")
        self._stats = datadir.Archive(self.data / "cmvn.scp", "run stage 2 (steps/compute_cmvn_stats.sh)")
        self._speaker = datadir.read_table(self.data / "utt2spk", "run stage 0")
        self._labels = datadir.Archive(self.data / f"{target}.scp", "run stage 0") if target else None
        self._cmvn = {"norm_means": norm_means, "norm_vars": norm_vars}
        self.ids = [key for key in self._features if not target or key in self._labels]
        if not self.ids:
            raise BadInput(f"{self.data}: no utterance stands in both feats.scp and {target}.scp")
        shift = datadir.frame_shift(self.data)
        factor = frames.subsampling_factor(shift, datadir.label_shift(self.data)) if target else 1
        self.front_end = FrontEnd(self._features[self.ids[0]].shape[1], shift, factor, norm_means, norm_vars)
        self._kept, self._room = {}, MEMORY

    def use(self, front_end):
        """Take over a model's front end, checked against this directory's features; returns self."""
        if not self._labels:
            ours = FrontEnd(**asdict(self.front_end) | {"frame_subsampling_factor": front_end.frame_subsampling_factor})
            self.front_end = ours
        front_end.check(self.front_end, self.data)
        return self

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        key = self.ids[index]
        if key in self._kept:
            return self._kept[key]
        utterance = self._read(key)
        size = sum(part.nbytes for part in utterance if part is not None)
        if size <= self._room:
            self._kept[key] = utterance
            self._room -= size
        return utterance

    def _read(self, key):
        features = self._features[key].astype(np.float32, copy=False)
        speaker = self._lookup(self._speaker, key, "utt2spk")
        stats = self._lookup(self._stats, speaker, "cmvn.scp")
        if features.shape[1] != self.front_end.feat_dim or not len(features):
            raise BadInput(
                f"{self.data}/feats.scp: {key}: found shape {features.shape}, expected (T, {self.front_end.feat_dim})"
            )
        rows = frames.stack(cmvn.apply(features, stats, **self._cmvn), self.front_end.frame_subsampling_factor)
        if self._labels is None:
            return rows, None
        labels = self._labels[key]
        if labels.shape[1] != 1:
            raise BadInput(f"{self._labels.scp}: {key}: found shape {labels.shape}, expected one column")
        return frames.pair(rows, labels[:, 0].astype(np.float32, copy=False), key)

    def _lookup(self, table, key, name):
        if key not in table:
            raise BadInput(
                f"{self.data}/{name}: {key} is missing; run utils/fix_data_dir.sh {self.data} or make it again"
            )
        return table[key]

    def checksum(self):
        """CRC-32 of every row and label: tells whether a resumed training sees the data it began with."""
        crc = 0
        for rows, labels in self:
            for part in (rows, labels):
                crc = zlib.crc32(np.ascontiguousarray(part), crc) if part is not None else crc
        return f"{crc:08x}"
