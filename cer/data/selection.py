"""The time of some speakers: labels of a data directory outside their intervals become NaN, which means a gap."""

import numpy as np

from cer.base.errors import BadInput, listed, warn
from cer.base.tables import read_table
from cer.base.words import counted
from cer.data import intervals
from cer.data.datadir import Archive, label_shift


class Selection:
    """The time of some speakers in a data directory."""

    def __init__(self, data, table, speakers, alone):
        """table: list of Interval. Raises BadInput for intervals of other recordings only."""
        self.data, self.speakers, self._alone = data, speakers, alone
        self._shift = label_shift(data)
        self._spans = intervals.spans(data / "segments", read_table(data / "utt2spk"))
        self._table = intervals.of_recordings(table, {span.recording for span in self._spans.values()}, data)
        self._known, self._full = {span.speaker for span in self._spans.values()}, set()
        self._whole = not (data / "segments").is_file()  # utterances are whole recordings
        self._ends = {}  # recording -> where its labels end, s; of whole recordings

    def archive(self, name):
        """The labels or ratings of this name."""
        return Archive(self.data / f"{name}.scp", vectors=True, gaps=True)

    def of(self, key, labels):
        """Labels (T, D) of an utterance, with NaN in all rows that are not selected."""
        span = self._spans[key]
        times, table = span.start + self._shift * np.arange(len(labels)), self._table.get(span.recording, [])
        if self._whole:
            self._ends[key] = max(self._ends.get(key, 0), self._shift * len(labels))
        speakers = intervals.heard(self.speakers, span, self._known)
        full = (one for one in table if one.speaker in speakers and times[intervals.rows_of(one, times)].size)
        self._full.update(full)
        return np.where(intervals.among(table, times, speakers, self._alone)[:, None], labels, np.nan)

    def left(self, name):
        """The utterances that have a label of this target left. Raises BadInput if none has."""
        labels, left, rows, total = self.archive(name), [], 0, 0
        for key in labels:
            if key in self._spans:
                there = np.isfinite(self.of(key, labels[key])).any(axis=1).sum()
                rows, total = rows + there, total + len(labels[key])
                left += [key] if there else []
        who = listed(sorted(self.speakers))
        if not left:
            raise BadInput(
                f"{labels.scp}: found no label in the intervals of {who}, expected some; do they fit together?"
            )
        seconds = f"{rows * self._shift:.1f} of {total * self._shift:.1f} s"
        print(f"{name}: {seconds}, in {counted(len(left), 'utterance')}, count: {who}")
        return left

    def tell(self):
        """Warn of the intervals that hold no row, and of those that hold some and go on behind the last one."""
        each = [one for table in self._table.values() for one in table if one.speaker in self.speakers]
        if empty := [one for one in each if one not in self._full]:
            number, where = counted(len(empty), "interval"), listed(one.where for one in empty)
            warn(f"found no label in {number}, outside the labels or between two of them: {where}")
        ends = {key: end + self._shift + intervals.SLACK for key, end in self._ends.items()}  # up to a row later
        if beyond := [one for one in each if one in self._full and one.end > ends.get(one.recording, np.inf)]:
            where = listed(f"{one.where} (to {one.end:g} s)" for one in beyond)
            warn(f"cut at the end of the labels: {counted(len(beyond), 'interval')}: {where}")
