"""Utterances for a network: features are normalised and stacked while they are read, and paired with labels.

No second copy of the features is written to disk. A batch is one whole utterance (the paper's Section 6.1).
"""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cer.base.errors import BadInput, listed, warn
from cer.base.facts import others_made
from cer.base.tables import read_table
from cer.base.words import counted
from cer.data import cmvn, datadir, frames
from cer.data.recordings import Recordings
from cer.system.rows import NO_FEATURES

NO_PIPES = "a wav file, because networks on the waveform read it many times; write the command's output to a file"


class Memory:
    """An amount of memory that several caches share."""

    def __init__(self, size=0):
        """size: bytes."""
        self.left = size

    def take(self, size):
        """Take `size` bytes if there are so many; returns whether there were."""
        if size > self.left:
            return False
        self.left -= size
        return True


class Survey(NamedTuple):
    """What is known of a set once all of it has been read."""

    labels: Sequence  # of each utterance, (T,) float32
    rows: int  # of all utterances together
    checksum: str  # CRC-32 of all rows and labels, hexadecimal


class AllLabels(Sequence):
    """The labels of utterances, each cut to the rows of its features: [i] -> (T,) float32, read when asked for."""

    def __init__(self, table, ids, lengths):
        """table: utterance -> (T', 1); ids: their utterances, in order; lengths: rows of each."""
        self._table, self._ids, self._lengths = table, ids, lengths

    def __len__(self):
        return len(self._ids)

    def __getitem__(self, index):
        labels = self._table[self._ids[index]][: self._lengths[index], 0]
        return labels.astype(np.float32, copy=False)


class Computed(datadir.Lazy):
    """Frames computed from recordings at each access: utterance -> (T, dim), normalised by its own statistics."""

    def __init__(self, data, front_end):
        """data: directory with wav.scp; front_end: a Features with archived = False (cer/features/__init__.py).

        Raises BadInput for the same reasons as Recordings, and for pipes in wav.scp.
        """
        self._table, self._front_end = Recordings(data, pipes_need=NO_PIPES), front_end
        self.scp = self._table.scp

    def __getitem__(self, key):
        samples, rate = self._table[key]
        return self._front_end.alone(self._front_end(samples, rate, key))


class Utterances(Sequence):
    """The utterances of a data directory: utterances[i] -> (rows (T, D) float32, labels (T,) float32 or None)."""

    def __init__(self, data, rows, target=None, computed_by=None, memory=None):
        """Open a data directory with feats.scp and cmvn.scp, or with wav.scp if a front end computes the frames.

        data: the directory; rows: the Rows to make; target: name of the labels to pair (`<target>.scp`), None for none;
        computed_by: a Features with archived = False; None if frames come from feats.scp; memory: a Memory to keep
        utterances in, those beyond it are read at each access (default: none is kept). Leaves out utterances without
        features or labels, with a warning. Raises BadInput when features or labels do not fit the rows, and when no
        utterance has both.
        """
        self.data, self.rows, self._computed_by = Path(data), rows, computed_by
        if computed_by:
            self._features, self._stats = Computed(self.data, computed_by), {}
        else:
            self._features = datadir.Archive(self.data / "feats.scp", NO_FEATURES)
            self._stats = datadir.Archive(self.data / "cmvn.scp", "run stage 2 (steps/compute_cmvn_stats.sh)")
            self._expect("frame_shift", datadir.frame_shift(self.data), rows.frame_shift)
            if others_made(self.data / ".done.cmvn", self._features.scp, self._stats.scp):
                cure = f"run steps/compute_cmvn_stats.sh {self.data} again"
                warn(f"{self._stats.scp}: found statistics of earlier features, not of those in feats.scp; {cure}")
        self._speaker = read_table(self.data / "utt2spk", "run stage 0")
        self._labels = datadir.labels_of(self.data, target) if target else None
        self.ids = [key for key in self._features if not target or key in self._labels]
        if not self.ids:
            raise BadInput(f"{self.data}: no utterance is in both feats.scp and {target}.scp")
        source = Path(self._features.scp).name
        wanted, why = (self._labels, f"with {target} and") if target else (self._speaker, "in utt2spk and")
        cure = f"; make it again, or run utils/fix_data_dir.sh {self.data}"
        self._tell([key for key in wanted if key not in self._features], f"{why} not in {source}", cure)
        if target:
            self._tell([key for key in self._features if key not in self._labels], f"in {source} without {target}")
            self._expect("label_shift", datadir.label_shift(self.data), rows.label_shift)
        self._kept, self._survey, self.memory = {}, None, memory or Memory()

    def _tell(self, keys, why, cure=""):
        if keys:
            warn(f"{self.data}: left out: {counted(len(keys), 'utterance')} {why}: {listed(keys)}{cure}")

    def leave_out(self, keys, why):
        """Remove utterances, with a warning; keys: their ids; why: for the message. Raises BadInput if none is left."""
        self._tell(keys, why)
        gone = {*keys}
        self.ids = [key for key in self.ids if key not in gone]
        if gone:
            self._survey = None
        if not self.ids:
            raise BadInput(f"{self.data}: no utterance is left: all are {why}")

    @property
    def speakers(self):
        """List the speaker of each utterance. Raises BadInput for one that is not in utt2spk."""
        return [self._lookup(self._speaker, key, "utt2spk") for key in self.ids]

    def _expect(self, name, found, expected):
        if abs(found - expected) > 1e-6:
            raise BadInput(
                f"{self.data}/{name}: found {found:g}, expected {expected:g} as in the training data; make the features"
                " with the same configuration (without this file, utt2dur and utt2num_frames give the value)"
            )

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        key = self.ids[index]
        if key in self._kept:
            return self._kept[key]
        utterance = self._read(key)
        size = sum(part.nbytes for part in utterance if part is not None)
        if self.memory.take(size):
            self._kept[key] = utterance
        return utterance

    def _read(self, key):
        wanted = self.rows
        features = self._features[key].astype(np.float32, copy=False)
        if features.shape[1] != wanted.feat_dim or not len(features):
            raise BadInput(
                f"{self._features.scp}: {key}: found {len(features)} frames of {features.shape[1]} columns,"
                f" expected {wanted.feat_dim} columns as in the training data"
            )
        if not self._computed_by:
            speaker = self._lookup(self._speaker, key, "utt2spk")
            stats = self._lookup(self._stats, speaker, "cmvn.scp")
            try:
                norm = {"norm_means": wanted.norm_means, "norm_vars": wanted.norm_vars}
                features = cmvn.apply(features, stats, features, **norm)
            except BadInput as error:
                raise BadInput(f"{self.data}/cmvn.scp: {speaker}: {error}") from None
        stack = self._computed_by.stack if self._computed_by else frames.stack
        rows = stack(features, wanted.frame_subsampling_factor)
        if self._labels is None:
            return rows, None
        labels = self._labels[key]
        if labels.shape[1] != 1:
            raise BadInput(f"{self._labels.scp}: {key}: found shape {labels.shape}, expected one column")
        return frames.pair(rows, labels[:, 0].astype(np.float32, copy=False), f"{self._labels.scp}: {key}")

    def _lookup(self, table, key, name):
        if key not in table:
            raise BadInput(
                f"{self.data}/{name}: {key} is missing; run utils/fix_data_dir.sh {self.data} or make it again"
            )
        return table[key]

    @property
    def in_memory(self):
        """Whether all utterances are in memory."""
        return len(self._kept) >= len(self.ids)

    def survey(self):
        """Read all utterances, with labels; returns their Survey. Only the first call reads."""
        if self._survey is None:
            lengths, crc = [], 0
            for rows, labels in self:
                lengths.append(len(rows))
                crc = zlib.crc32(np.ascontiguousarray(labels), zlib.crc32(np.ascontiguousarray(rows), crc))
            all_labels = AllLabels(datadir.Kept(self._labels), self.ids, lengths)
            self._survey = Survey(all_labels, sum(lengths), f"{crc:08x}")
        return self._survey
