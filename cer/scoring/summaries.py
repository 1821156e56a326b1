"""Predictions over intervals: mean, deviation, slope and the share of time above 0, of each interval and speaker."""

from typing import NamedTuple

import numpy as np

from cer.data import intervals

FIELDS = ("rows", "mean", "deviation", "slope", "positive")  # what tables call the fields of a Summary


class Summary(NamedTuple):
    """What some rows say together; NaN is what they do not say, all of no row, the slope of one."""

    rows: int
    mean: float
    deviation: float  # the root of the mean squared distance from the mean
    slope: float  # of the straight line with the least squares, a second
    positive: float  # share of the rows above 0

    def words(self):
        """For people."""
        if not self.rows:
            return "no row"
        slope = "" if np.isnan(self.slope) else f", {self.slope:+.3f}/s"
        return f"{self.mean:+.2f} ± {self.deviation:.2f}{slope}, {self.positive:.0%} above 0"


def summary(times, values):
    """The Summary of rows; times, values: (T,), s and predictions."""
    if not len(values):
        return Summary(0, *4 * [np.nan])
    times, values = (np.asarray(one, np.float64) for one in (times, values))
    mean, since = values.mean(), times - times.mean()
    spread = (since * since).sum()
    slope = (since * values).sum() / spread if spread > 0 else np.nan
    return Summary(len(values), mean, values.std(), slope, (values > 0).mean())


def of_recordings(found, archives, shift, spans):
    """The predictions that count for each speaker of each recording, one by one: yields (recording, intervals, tracks).

    found: recording -> its intervals; archives: {target: utterance -> (T, 1)}; shift: s between rows; spans: utterance
    -> intervals.Span. tracks: {speaker: {target: (times, values)}}, s and predictions (T,); times rise.
    """
    by_recording, known = {}, {span.speaker for span in spans.values()}
    for key, span in sorted(spans.items()):
        by_recording.setdefault(span.recording, {})[key] = span
    for recording, table in found.items():
        yield recording, table, _tracks(table, archives, shift, by_recording[recording], known)


def _tracks(table, archives, shift, spans, known):
    """The tracks of one recording, as of_recordings() yields them; spans: of its utterances, in order.

    table: its intervals; known: as in intervals.heard.
    """
    speakers, found = {one.speaker for one in table}, {}
    for speaker in sorted(speakers):
        keys = [key for key, span in spans.items() if speaker in intervals.heard(speakers, span, known)]
        found[speaker] = {name: _track(archive, shift, keys, spans) for name, archive in archives.items()}
    return found


def _track(archive, shift, keys, spans):
    values = {key: archive[key][:, 0] for key in keys if key in archive}
    times = [spans[key].start + shift * np.arange(len(one)) for key, one in values.items()]
    times, values = (np.concatenate([np.zeros(0), *parts]) for parts in (times, values.values()))
    order = np.argsort(times, kind="stable")  # utterances may overlap
    return times[order], values[order]


def of_intervals(table, tracks):
    """The intervals of one recording with summaries: list of (Interval, {target: Summary}).

    tracks: as of_recordings() yields them.
    """

    def rows(one, times, values):
        inside = intervals.rows_of(one, times)
        return summary(times[inside], values[inside])

    return [(one, {name: rows(one, *track) for name, track in tracks[one.speaker].items()}) for one in table]


def of_speakers(table, tracks):
    """Summarise each speaker of one recording, all intervals together: {speaker: {target: Summary}}. A row counts once.

    table: the recording's intervals; tracks: {speaker: {target: (times in s (T,), values (T,))}}.
    """
    found = {}
    for speaker, each in tracks.items():
        inside = {name: intervals.among(table, times, {speaker}) for name, (times, _) in each.items()}
        found[speaker] = {
            name: summary(times[inside[name]], values[inside[name]]) for name, (times, values) in each.items()
        }
    return found


def tiers(summed):
    """Tiers for textgrid.text: of each speaker one with the texts, and one a target with the summaries.

    summed: from of_intervals(). Where intervals of a speaker overlap, further tiers hold them.
    """
    layers = {}
    for one in summed:
        place = 1
        while (one[0].speaker, place) in layers and layers[one[0].speaker, place][-1][0].end > one[0].start:
            place += 1
        layers.setdefault((one[0].speaker, place), []).append(one)
    found = []
    for (speaker, place), layer in sorted(layers.items()):
        name = f"{speaker} {place}" if place > 1 else speaker
        found.append((name, [(one.start, one.end, one.text or speaker) for one, _ in layer]))
        for target in layer[0][1]:
            found.append((f"{name} {target}", [(one.start, one.end, each[target].words()) for one, each in layer]))
    return found
