"""The recordings of a data directory, utterance by utterance.

wav.scp                  recording -> a wav file, archive:offset or, where that is allowed, a command that ends in |
segments                 utterance -> its recording, start and end in seconds; without it each recording is an utterance
reco2file_and_channel    recording -> its file and the channel, A or B, that counts where the wav file has several

A segment's samples are those from int(start rate + 0.5) to int(end rate + 0.5), as in Kaldi's extract-segments, and an
end less than OVERSHOOT after the recording's is cut, as there. What Kaldi drops with a warning is an error here: later
ends, segments of SHORTEST or less, recordings that are not there.
"""

import contextlib
from pathlib import Path

import numpy as np

from cer.base.errors import BadInput, warn
from cer.base.tables import fields, read_table
from cer.data.datadir import Lazy
from cer.data.intervals import segments
from cer.sound import wav

OVERSHOOT, SHORTEST = 0.5, 0.1  # s
CHANNELS = {"A": 0, "B": 1, "1": 0}  # Kaldi's letters; "1" is what some corpora say for the only one


class Recordings(Lazy):
    """The sound of each utterance: utterance -> (samples float32 (N,) in the range of 16-bit integers, rate in Hz)."""

    def __init__(self, data, *, allow_pipes=False, channel=None, pipes_need="a wav file"):
        """Open a data directory that has wav.scp.

        allow_pipes: run the commands in wav.scp; pipes_need: what to do instead when it is not allowed. channel:
        counted from 0, of every recording; None: what reco2file_and_channel says, or the first, with a warning.
        Raises BadInput, naming file and line, for pipes that are not allowed, and for bad segments or channels.
        """
        self.scp = Path(data) / "wav.scp"
        self._where, self._pipes, self._channel = read_table(self.scp, "run stage 0"), allow_pipes, channel
        for number, (recording, where) in enumerate(self._where.items(), 1):
            if where.endswith("|") and not allow_pipes:
                raise BadInput(f"{self.scp}:{number}: {recording}: found the pipe {where!r}, expected {pipes_need}")
        self._segments, self._channels = self._read_segments(), self._read_channels()
        self._table = self._where if self._segments is None else self._segments
        self._last = None  # recording that was read last, its samples (channels, N) and rate: segments come in a row

    def _read_segments(self):
        path = self.scp.with_name("segments")
        found = segments(path) if path.exists() else None
        for one in (found or {}).values():
            if one.recording not in self._where:
                raise BadInput(f"{one.where}: its recording {one.recording} is not in {self.scp}; add it")
        return found

    def _read_channels(self):
        path, channels = self.scp.with_name("reco2file_and_channel"), {}
        for number, (key, line) in enumerate((read_table(path) if path.exists() else {}).items(), 1):
            channels[key] = CHANNELS.get(fields(line)[-1])
            if channels[key] is None:
                raise BadInput(f"{path}:{number}: {key}: found {line!r}, expected its file and the channel, A or B")
        return channels

    def __getitem__(self, key):
        segment = None if self._segments is None else self._segments[key]
        recording = segment.recording if segment else key
        if not self._last or self._last[0] != recording:
            self._last = None  # not two in memory
            samples, rate = wav.read_channels(self._where[recording], self._pipes)
            self._last = recording, samples[self._channel_of(recording, len(samples))], rate
        _, samples, rate = self._last
        if segment:
            samples = self._cut(key, samples, rate, segment.start, segment.end)
        return samples.astype(np.float32), rate

    @contextlib.contextmanager
    def opened(self, key):
        """Open an utterance: (rate in Hz, iterator of its samples, float32 (N,)), a whole wav file in pieces.

        Raises BadInput for bad sound, a bad segment and a channel that is not there.
        """
        if self._segments is not None or self._where[key].endswith("|"):
            samples, rate = self[key]
            yield rate, iter([samples])
            return
        with wav.pieces(self._where[key]) as (rate, channels, blocks):
            channel = self._channel_of(key, channels)
            yield rate, (block[:, channel].astype(np.float32) for block in blocks)

    def _channel_of(self, recording, count):
        chosen = self._channel
        if chosen is None and count > 1:
            chosen = self._channels.get(recording)
            if chosen is None:
                warn(f"{self.scp}: {recording}: the first of {count} channels is taken; reco2file_and_channel may tell")
        chosen = chosen or 0
        if not chosen < count:
            raise BadInput(f"{self.scp}: {recording}: channel {chosen} asked for, there are {count} (counted from 0)")
        return chosen

    def _cut(self, key, samples, rate, start, end):
        first, last = int(start * rate + 0.5), int(end * rate + 0.5)
        if last >= len(samples) + int(OVERSHOOT * rate) or min(last, len(samples)) - first <= int(SHORTEST * rate):
            raise BadInput(
                f"{self.scp.with_name('segments')}: {key}: found {start:g} to {end:g} s of a"
                f" recording of {len(samples) / rate:g} s, expected more than {SHORTEST:g} s that end less than"
                f" {OVERSHOOT:g} s after it; mend or remove the line, then run utils/fix_data_dir.sh"
            )
        return samples[first:last]
