"""Splits a Kaldi data directory into parts for jobs, by the rules of Kaldi's split_data.sh."""

import os
from bisect import bisect_left
from itertools import pairwise
from pathlib import Path

from cer.base import tables
from cer.base.errors import BadInput

from .data_files import existing, further_scps, read, read_utt2spk, read_whole, recording_of, scps
from .words import WrongCall, check

USAGE = """\
Usage: utils/split_data.sh [--per-utt] <data-dir> <number-of-parts>
e.g.: utils/split_data.sh data/train 4
Makes <data-dir>/split4/1 to 4, each with complete speakers and a similar number of utterances, with their labels
(such as arousal.scp, ratings/), frame_shift, label_shift, corpora and conf/.
  --per-utt   split regardless of speakers, into <data-dir>/split4utt"""

BY_UTTERANCE = ["feats.scp", "text", "vad.scp", "utt2lang", "utt2dur", "utt2num_frames", "segments"]
BY_SPEAKER = ["spk2gender", "spk2warp", "cmvn.scp"]


def equal_parts(items, number):
    """Split a list into contiguous parts whose lengths differ by at most 1, longer parts first."""
    size, rest = divmod(len(items), number)
    ends = [part * size + min(part, rest) for part in range(number + 1)]
    return [items[begin:end] for begin, end in pairwise(ends)]


def speaker_parts(utt2spk, number):
    """Split into contiguous parts with complete speakers, at least one each, and similar numbers of utterances."""
    utterances = tables.inverse(utt2spk)
    speakers, reached = list(utterances), [0]
    for speaker in speakers:
        reached.append(reached[-1] + len(utterances[speaker].split()))
    borders = [0]
    for part in range(1, number):
        goal, first, last = part * reached[-1] / number, borders[-1] + 1, len(speakers) - (number - part)
        after = bisect_left(reached, goal, first, last)  # the nearest to the goal is this one or the one before it
        borders.append(min(range(max(first, after - 1), after + 1), key=lambda end: abs(reached[end] - goal)))
    borders.append(len(speakers))
    groups = [speakers[begin:end] for begin, end in pairwise(borders)]
    return [[utterance for speaker in group for utterance in utterances[speaker].split()] for group in groups]


class Source:
    """The files of the directory to split, read once."""

    def __init__(self, directory):
        """directory: Path of the data directory."""
        self.directory, self.utt2spk = directory, read_utt2spk(directory)
        self.whole = read_whole(directory)
        self.by_utterance = existing(directory, [*BY_UTTERANCE, *further_scps(directory, self.utt2spk.keys())])
        self.by_speaker = existing(directory, BY_SPEAKER)
        self.by_recording = existing(directory, ["wav.scp"])
        if existing(directory, ["segments"]):
            self.by_recording += existing(directory, ["reco2file_and_channel"])
        self.recording = recording_of(directory, self.utt2spk)
        names = [*self.by_utterance, *self.by_speaker, *self.by_recording]
        self.tables = {name: read(directory, name) for name in names}

    def part(self, utterances):
        """Return the files of one part: name -> text."""
        utt2spk = {key: self.utt2spk[key] for key in sorted(utterances)}
        texts = self.whole | {"utt2spk": tables.as_text(utt2spk), "spk2utt": tables.as_text(tables.inverse(utt2spk))}
        needed = {self.recording[utterance] for utterance in utterances if utterance in self.recording}
        groups = [(self.by_utterance, set(utterances)), (self.by_speaker, set(utt2spk.values()))]
        for names, ids in [*groups, (self.by_recording, needed)]:
            for name in names:
                table = self.tables[name]
                texts[name] = tables.as_text({key: table[key] for key in sorted(ids) if key in table})
        return texts


def split(directory, number, per_utterance=False):
    """Write the parts: <directory>/split<number>/<n>/. Unchanged files keep their modification times.

    Raises BadInput for more parts than speakers, or with per_utterance (folder split<number>utt) than utterances.
    """
    source = Source(directory)
    what, most = "speakers", len(set(source.utt2spk.values()))
    if per_utterance:
        what, most = "utterances", len(source.utt2spk)
    if not 1 <= number <= most:
        cure = "" if per_utterance else ", or give --per-utt to split between utterances"
        raise BadInput(
            f"{directory}: found {number} parts, expected 1 to {most}, the number of {what}; ask for fewer{cure}"
        )
    parts = equal_parts(sorted(source.utt2spk), number) if per_utterance else speaker_parts(source.utt2spk, number)
    top = directory / f"split{number}{'utt' if per_utterance else ''}"
    for n, utterances in enumerate(parts, 1):
        write_part(top / str(n), source.part(utterances))
    os.utime(top)  # Kaldi's scripts split again if a file of the directory is newer than this folder


def write_part(folder, texts):
    """Write the files of a part, and remove files that the directory no longer has."""
    for name, text in texts.items():
        tables.write_if_changed(folder / name, text)
    tables_there = existing(folder, [*BY_UTTERANCE, *BY_SPEAKER, "reco2file_and_channel"])
    for stale in {*scps(folder), *tables_there, *read_whole(folder)} - texts.keys():
        (folder / stale).unlink()


def work(argv):
    """Split the directory; argv: command-line arguments. Raises BadInput."""
    per_utterance = argv[:1] == ["--per-utt"]
    words = argv[1:] if per_utterance else argv
    check(words, USAGE)
    if not words[1].isdecimal():
        raise WrongCall(f"found {words[1]!r}, expected a number of parts")
    split(Path(words[0]), int(words[1]), per_utterance)
