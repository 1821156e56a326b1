"""Finds the recordings and traces of a folder, and guesses what they hold: the table that a user may edit."""

import re
from collections import Counter
from pathlib import Path

from cer.base.errors import BadInput, listed, warn
from cer.base.kinds import Seed
from cer.base.words import composed, counted
from cer.corpora import doubts, guess, pairing, pairs, scales
from cer.corpora.partition import read_partition, set_of, split
from cer.data.targets import ENDS
from cer.sound.audio import Recording

FEATURES = r"(?i)(.*[ _-])?features([ _-].*)?|feature_segments"  # folders that hold no traces
PEOPLE = r"left|right", r"(?:speaker|spk|talker)_?(?:[a-z]|\d+)"  # names of those who are heard in one recording
CHANNELS = r"l|r", r"ch\d"  # likewise, where it has two channels
ONE_EACH = "in one recording; make a recording of each; raters need other names"
MEANINGS = "targets.txt"  # what the ends of the scales of a folder's targets mean


def sets_of(speakers, traces=None, *, partition: str = "", seed: Seed = 1):
    """Choose the set of each recording: (recording -> set, how it was chosen); speakers: recording -> speaker.

    traces: recording -> the paths of its traces, which count if those of the recordings say no sets
    partition: file of lines `set id` for speakers or recordings, instead of folders named train, dev, test or a split
    seed: of the random split by speaker
    """
    if partition:
        sets = given(partition, speakers)
        _tell_left(partition, sorted(speakers.keys() - sets))
        return sets, f"as {partition} says"
    if said := _sets_in({one: [one] for one in speakers}):
        return said, "as the names say"
    if {"train", "dev"} <= {*(said := _sets_in(traces or {})).values()}:
        return said, "as the names of the traces say"
    found = split(Counter(speakers.values()), seed)
    return {one: found[speaker] for one, speaker in speakers.items()}, f"a split by speaker, --seed={seed}"


def given(partition, speakers, strict=True):
    """The sets by a file of lines `set id`: recording -> set, without those in no set; speakers: recording -> speaker.

    strict: whether the file may only name these. Raises BadInput.
    """
    said = {key: name for name, keys in read_partition(partition).items() for key in keys}
    names = {one: composed(Path(one).stem) for one in speakers}
    unknown = sorted(said.keys() - {*map(composed, speakers.values()), *names.values()})
    if unknown and strict:
        one = min(speakers)
        known = f"speakers such as {speakers[one]}, or names of recordings such as {names[one]}"
        raise BadInput(f"{partition}: found {listed(unknown)}, expected {known}")
    sets = {one: said.get(names[one], said.get(composed(speaker))) for one, speaker in speakers.items()}
    return {one: name for one, name in sets.items() if name}


def _tell_left(partition, recordings):
    if recordings:
        warn(f"{partition}: {listed(recordings)} left out: in no set")


def _sets_in(paths):
    """The sets that paths say, recording -> set; none unless all say one. paths: recording -> those of it."""
    found = {one: {*map(_set_in, all_its)} for one, all_its in paths.items()}
    alike = all(len(sets) == 1 and None not in sets for sets in found.values())
    return {one: sets.pop() for one, sets in found.items()} if alike else {}


def _set_in(path):
    return next(filter(None, map(set_of, re.split(r"[/_-]", str(Path(path).with_suffix(""))))), None)


def find(corpus, **choice):
    """Find recordings and their traces, and guess what they hold: (Lines of the table, what to tell).

    choice: options of sets_of(). Raises BadInput when no file of traces can be read.
    """
    paired, silent, alone, (unheard, unread) = pairing.find(corpus)
    rows, bad = _held(corpus, paired)
    if not rows:
        others = f"; files without a recording's name: {listed(alone, 3)}" if alone else ""
        raise BadInput(f"{corpus}: found no file of traces that can be read: {listed(_alike(bad), 3)}{others}")
    rate = scales.rate_of([held for _, held, *_ in rows])
    guessed = pairing.speakers_in({pair.recording for pair, *_ in rows})
    speakers = {str(one): pairs.name_of(speaker) for one, speaker in guessed.items()}
    sets, how = sets_of(speakers, _traces_of(rows), **choice)
    alone = [path for path in alone if str(path) != MEANINGS]
    left = [
        (silent, "recording", "without traces"),
        (unheard, "recording", "in other formats; convert: ffmpeg -i IN OUT.wav"),
        (alone, "file", "without a recording, or with the names of several"),
        (bad, "file", "without traces"),
        (unread, "file", "of other formats; save those with traces as .csv"),
    ]
    said = [f"left out: {counted(len(one), noun)} {why}: {listed(_alike(one), 3)}" for one, noun, why in left if one]
    return _lines(rows, speakers, sets, scales.of(rows), rate), [f"sets: {how}", *said, *doubts.of(rows)]


def _alike(files):
    """Files, or what is wrong with them in words: once for those of which only the name or the line differs."""
    groups, name = {}, rf"(?i).*?({'|'.join(map(re.escape, sorted(pairing.TRACES)))})(:\d+)?(?=[: ])"
    for text in map(str, files):
        groups.setdefault(re.sub(name, "", text, count=1), []).append(text)
    return [texts[0] + f" (and {len(texts) - 1} more)" * (len(texts) > 1) for texts in groups.values()]


def _traces_of(rows):
    """The files of traces of each recording: its path -> their paths."""
    found = {}
    for pair, *_ in rows:
        found.setdefault(str(pair.recording), []).append(str(pair.trace))
    return found


def further(corpus, lines, partition=""):
    """What a table does not name, guessed as find() does: Lines that may be added to its own `lines`.

    Recordings of the table keep speaker and set. A new recording is in the set of its speaker, even if the user has
    renamed that one. A new speaker is in the set that `partition` says, a file of lines `set id`; without it, in that
    which the names say, if all do, or in train. A rater or target of one scale keeps it. Raises BadInput for a
    partition that contradicts the table.
    """
    named = {line.trace for line in lines}
    rows, _ = _held(corpus, [pair for pair in pairing.find(corpus)[0] if str(pair.trace) not in named])
    old = {line.recording: line for line in lines}
    before = {Path(one) for one in old}
    guessed = pairing.speakers_in(before | {pair.recording for pair, *_ in rows}, before)
    names = {str(one): pairs.name_of(speaker) for one, speaker in guessed.items()}
    called = {names[one]: line.speaker for one, line in old.items()}  # as the user may have edited it
    speakers = {one: line.speaker for one, line in old.items()}
    for one in sorted(names.keys() - speakers.keys()):
        speakers[one] = called.get(names[one], names[one])
    found = {kind: _kept(lines, *kind[:2]) or ends for kind, ends in scales.of(rows).items()}
    sets = {one: line.set for one, line in old.items()} | _new_sets(speakers, old, partition, _traces_of(rows))
    return _lines(rows, speakers, sets, found, lines[0].label_rate)


def _kept(lines, target, rater):
    """The scale that the Lines of a table have for a rater of a target, or for all of the target, if it is one."""
    of_target = [line for line in lines if line.target == target]
    for those in ([line for line in of_target if line.rater == rater], of_target):
        if len(said := {(line.low, line.high) for line in those}) == 1:
            return said.pop()
    return None


def _new_sets(speakers, old, partition, traces):
    """The sets of the recordings that are not in `old`, recording -> Line of the table; speakers: of all of them."""
    sets, new = {line.speaker: line.set for line in old.values()}, speakers.keys() - old.keys()
    if not partition:
        unknown = [one for one in new if speakers[one] not in sets]
        said = _sets_in({one: [one] for one in unknown}) or _sets_in({one: traces[one] for one in unknown})
        return {one: sets.get(speakers[one]) or said.get(one, "train") for one in new}
    said = given(partition, speakers)
    _tell_left(partition, sorted(new - said.keys()))
    for one in sorted(new & said.keys()):
        if (whole := sets.get(speakers[one], said[one])) != said[one]:
            found = f"found {said[one]} for {one}, the table has its speaker {speakers[one]} in {whole}"
            raise BadInput(f"{partition}: {found}; change one of them")
    return {one: said[one] for one in new & said.keys()}


def _people_in(text, channels):
    """The names of people in a text: a set for each pattern, as {"left", "right"}; channels: of the recording."""
    text = "_".join(re.split(r"[\W_]+", text.lower()))
    return [{*re.findall(rf"(?<![^_])(?:{one})(?![^_])", text)} for one in PEOPLE + (CHANNELS if channels > 1 else ())]


def _of_people(paired, channels):
    """The files of traces of several people in a recording, as video_left.txt beside video_right.txt: trace -> names.

    channels: recording -> how many
    """
    found = {}
    for pair in paired:
        text = f"{pair.target}_{pair.rater}"
        for pattern, names in enumerate(_people_in(text, channels[pair.recording])):
            for name in names:
                others = tuple(sorted({*re.split("_+", text.lower())} - {*name.split("_"), ""}))
                found.setdefault((pattern, pair.recording, others), {})[name] = pair.trace
    return {trace: sorted(names) for names in found.values() if len(names) > 1 for trace in names.values()}


def _held(corpus, paired):
    """What the files of Pairs hold: ([(Pair, Guess, column, target, rater)], what is wrong with files without any)."""
    rows, bad, heard = [], [], {}
    for recording in {pair.recording for pair in paired}:
        sound = Recording(corpus / recording, channel=0)
        heard[recording] = sound.seconds or sum(map(len, sound.pieces())) / sound.rate, sound.channels
    people = _of_people(paired, {recording: channels for recording, (_, channels) in heard.items()})
    for pair in paired:
        if any(re.fullmatch(FEATURES, part) for part in pair.trace.parent.parts):
            bad.append(f"{pair.trace} lies in a folder of features")
            continue
        if names := people.get(pair.trace):
            bad.append(f"{pair.trace} is of one of several people, {' and '.join(names)}, {ONE_EACH}")
            continue
        seconds, channels = heard[pair.recording]
        try:
            held = guess.guess(corpus / pair.trace, seconds)
        except BadInput as error:
            bad.append(str(error))
            continue
        if names := next((one for one in _people_in("_".join(held.heads), channels) if len(one) > 1), None):
            bad.append(f"{pair.trace} has columns of several people, {' and '.join(sorted(names))}, {ONE_EACH}")
            continue
        rows += [(pair, held, *row) for row in _columns(pair, held)]
    return rows, bad


def _lines(rows, speakers, sets, ends, rate):
    """The Lines of what was found; a recording without a set is left out."""
    count, table = Counter((pair.recording, target, rater) for pair, _, _, target, rater in rows), []
    for pair, held, column, target, rater in sorted(rows, key=lambda row: (row[0].recording, row[3], row[0].trace)):
        if (one := str(pair.recording)) in sets:
            low, high = map(float, ends[scales.kind_of(target, rater, held)])
            if count[pair.recording, target, rater] > 1 and pair.rater:
                rater = pairs.name_of(f"{pair.rater}_{rater}")
            unit, marks = "" if held.rate else held.unit, " ".join(f"{mark:g}" for mark in held.marks)
            what = (column, target, rater, low, high, marks, unit, held.rate, rate)
            table.append(pairs.Line(one, speakers[one], sets[one], str(pair.trace), held.time, *what))
    return table


def _columns(pair, held):
    """(column, target, rater) of the columns that count: those that are called as targets, or else all, as raters."""
    pairs_of_names = zip(held.columns, held.heads, strict=True)
    both = [(column, head, *pairing.target_and_rater(head)) for column, head in pairs_of_names]
    named, whose = held.axes or any(target in ENDS for _, _, target, _ in both), pair.rater
    if named and pair.target not in ENDS:  # where the head says the targets, a word that is none is a rater
        whose = "_".join(filter(None, (pair.target, pair.rater)))
    if held.axes:
        found = [(column, target, "") for column, _, target, _ in both]
    elif named:
        scale = r"\d+(_\d+)+"  # of Arousal (0-100)
        found = [(column, target, re.sub(scale, "", rater)) for column, _, target, rater in both if target in ENDS]
    elif len(both) == 1:
        [(column, head, target, rater)] = both
        own = {pair.target, *re.split(r"[\W_]+", pair.recording.stem.lower())}  # these are no rater's name
        rater = head if pair.target and target not in own and (target or rater) else rater
        name = rater if re.search(r"[^\W\d_]", rater) else ""  # a place is no name
        found = [(column, pair.target or target, pair.rater or name)]
    else:
        found = [(column, pair.target, head) for column, head, *_ in both]
    names = [(target or "label", pairs.name_of(rater or whose or "1")) for _, target, rater in found]
    for (column, *_), (target, rater) in zip(found, names, strict=True):
        twice = names.count((target, rater)) > 1  # arousal and arousal.1, as pandas calls the second of them
        yield column, target, pairs.name_of(column) if twice else rater
