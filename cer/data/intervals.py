"""Intervals: who speaks from when to when, in which recording. One table, whatever file it stands in.

file                      recording            speaker                            text
NAME.rttm                 second field         eighth field                       none
segments, NAME.segments   second field         of utt2spk beside it, or the id    of the file text beside it
NAME.TextGrid             NAME                 name of the tier                   of the interval: none means silence
NAME.srt, NAME.vtt        NAME                 captions.py says where it stands   of the caption

A row belongs to the interval [start, end) where its time is: that of row n is n times the seconds between rows. An
interval that ends where the next one starts shares no row with it, and one shorter than a row may hold none.
"""

import math
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cer.base import csvs
from cer.base.errors import BadInput, listed, warn
from cer.base.files import read_bytes
from cer.base.tables import fields, id_of, read_table
from cer.base.words import counted
from cer.data import captions, textgrid

SLACK = 1e-6  # s, of rounding
UNKNOWN = "unknown"  # speaker of captions that do not say who speaks
OTHER_RTTM = {*"SEGMENT NOSCORE NO_RT_METADATA LEXEME NON-LEX NON-SPEECH FILLER EDIT IP SU CB A/P SPKR-INFO".split()}


class Interval(NamedTuple):
    """Somebody speaks: times in s; where: file and line, for messages."""

    recording: str
    speaker: str
    start: float
    end: float
    text: str
    where: str


def read(path):
    """Read the intervals of a file, or of all such files in a folder: list of Interval, sorted by recording and start.

    Recordings are called as by cer.bin.list_recordings; blanks in the names of speakers become `_`. Raises BadInput,
    naming file and line.
    """
    path = Path(path)
    if path.is_dir():
        files = {one.relative_to(path): one for one in path.rglob("*") if one.is_file() and _reader(one)}
        if not files:
            raise BadInput(f"{path}: found no file of intervals, expected names that end in {' '.join(READERS)}")
    else:
        files = {Path(path.name): path}
    found = []
    for name, file in files.items():
        read_bytes(file)  # a file that is not there is told first
        if not _reader(file):
            raise BadInput(f"{file}: found another kind of file, expected a name that ends in {' '.join(READERS)}")
        found += _reader(file)(file, id_of(name.with_suffix("")))
    if not found:
        raise BadInput(f"{path}: found no interval with a speaker, expected one or more; check the path")
    return sorted(found)


def _reader(path):
    return READERS.get("segments" if path.name == "segments" else path.suffix.lower().removeprefix("."))


def _interval(where, recording, speaker, start, end, text=""):
    if not 0 <= start < end < math.inf:
        raise BadInput(f"{where}: found {start:g} to {end:g} s, expected 0 <= start < end")
    return Interval(recording, re.sub(r"\s+", "_", speaker.strip()) or UNKNOWN, start, end, text, where)


def _of_rttm(path, _):
    found = []
    for number, line in csvs.lines(path):
        row = fields(line)
        if row[0].startswith(";;") or row[0] in OTHER_RTTM:
            continue
        if row[0] != "SPEAKER" or len(row) not in (9, 10):
            expected = "SPEAKER, a recording, channel, start and duration (s), <NA>, <NA>, a speaker, <NA>, <NA>"
            raise BadInput(f"{path}:{number}: found {line!r}, expected {expected}")
        start, duration = (csvs.value(path, number, field) for field in row[3:5])
        found.append(_interval(f"{path}:{number}", row[1], row[7], start, start + duration))
    return found


def segments(path):
    """Read Kaldi's table of segments: utterance -> Interval, whose speaker is the utterance.

    Raises BadInput naming the line.
    """
    found = {}
    for number, (key, line) in enumerate(read_table(path).items(), 1):
        try:
            recording, *times = fields(line)
            start, end = (csvs.value(path, number, time, finite=False) for time in times)
        except ValueError:
            raise BadInput(f"{path}:{number}: found {line!r}, expected a recording, start and end in s") from None
        found[key] = _interval(f"{path}:{number}: {key}", recording, key, start, end)
    return found


def _of_segments(path, _):
    beside = [path.with_name(name) for name in ("utt2spk", "text")]
    speakers, texts = (read_table(one, bare=True) if one.is_file() else {} for one in beside)
    found = segments(path)
    if speakers and (lacking := [key for key in found if key not in speakers]):
        raise BadInput(f"{found[lacking[0]].where}: its speaker is not in {beside[0]}; add it")
    return [one._replace(speaker=speakers.get(key, key), text=texts.get(key, "")) for key, one in found.items()]


def _of_one_recording(read_file):
    def read_intervals(path, recording):
        rows = read_file(path)
        return [_interval(f"{path}:{line}", recording, who, *times, text) for line, who, *times, text in rows]

    return read_intervals


READERS = {
    "rttm": _of_rttm,
    "segments": _of_segments,
    "textgrid": _of_one_recording(textgrid.read),
    "srt": _of_one_recording(captions.read),
    "vtt": _of_one_recording(captions.read),
}


def of_recordings(table, recordings, what):
    """Group the intervals of these recordings: recording -> list of Interval. Others are left out, with a warning.

    what: where the recordings are, for messages. Raises BadInput if there are none.
    """
    found, others = {}, {}
    for one in table:
        (found if one.recording in recordings else others).setdefault(one.recording, []).append(one)
    if not found:
        few = listed(others, 3)
        raise BadInput(f"{table[0].where}: found intervals of {few}, expected recordings that are in {what}")
    if others:
        number = counted(sum(map(len, others.values())), "interval")
        warn(f"left out: {number} of recordings that are not in {what}: {listed(others)}")
    return found


class Span(NamedTuple):
    """Where an utterance lies: its start in the recording in s; speaker: "" where an utterance is a whole recording."""

    recording: str
    start: float
    speaker: str


def spans(path, utterances):
    """The Span of each utterance: utterance -> Span; path: of a table of segments, perhaps with utt2spk beside it.

    Without that file each of the utterances is a recording. Raises BadInput if one is not in the table.
    """
    if not Path(path).is_file():
        return {key: Span(key, 0.0, "") for key in utterances}
    table, beside = segments(path), Path(path).with_name("utt2spk")
    if lacking := [key for key in utterances if key not in table]:
        raise BadInput(f"{path}: found no line for {listed(lacking)}, expected one for each utterance; add them")
    speakers = read_table(beside) if beside.is_file() else {}
    return {key: Span(table[key].recording, table[key].start, speakers.get(key, "")) for key in utterances}


def heard(speakers, span, known):
    """Those of some speakers whose intervals count in an utterance, a Span; known: the speakers of all utterances.

    A speaker who has utterances counts only in these: in those of others both may speak at the same time.
    """
    return {one for one in speakers if one == span.speaker or one not in known}


def rows_of(interval, times):
    """The rows in an interval, a slice; times: of all rows, rising (T,), s."""
    return slice(*np.searchsorted(times, [interval.start - SLACK, interval.end - SLACK]).tolist())


def among(table, times, speakers, alone=False):
    """Whether each row lies in an interval of these speakers, (T,); alone: and in none of another speaker.

    table: the intervals of one recording; times: of all rows, rising (T,), s.
    """
    inside, others = np.zeros((2, len(times)), bool)
    for one in table:
        (inside if one.speaker in speakers else others)[rows_of(one, times)] = True
    return inside & ~others if alone else inside
