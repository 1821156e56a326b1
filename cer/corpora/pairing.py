"""Finds, by their names, the recordings of a folder and the files of traces that belong to them.

A file of traces belongs to the recording whose name is in its own, or is the name of a folder that it lies in:

    ann.wav  with  ann.csv  arousal/ann.csv  ann_arousal_rater1.csv  arousal/rater1/ann.txt  ann/valence.csv

What else is in its path says the target (one of cer/data/targets.py, or another name) and the rater.
"""

import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cer.base.errors import BadInput, listed
from cer.base.files import real
from cer.base.words import composed, counted
from cer.corpora.partition import set_of
from cer.data.targets import ENDS
from cer.sound.sndfile import SUFFIXES

TRACES = {".csv", ".tsv", ".txt", ".dat"}
UNREAD = {  # other formats of traces, tables and annotations
    *".xlsx .xls .xlsm .ods .numbers .eaf .textgrid .json .jsonl .xml .arff .mat .sav .annotation .log .asc .gz .zip"
    " .npy .npz .pkl .h5 .hdf5 .parquet .feather .rds .rdata .intensitytier .pitchtier".split()
}
UNHEARD = {*".m4a .aac .wma .amr .3gp .mp4 .m4v .mov .avi .mkv .webm .mpg".split()}  # recordings in other formats
ALIASES = {  # in English, German, French, Spanish, Italian, Turkish
    **dict.fromkeys("activation aro erregung aktivierung éveil activación attivazione uyarılma".split(), "arousal"),
    **dict.fromkeys("val valenz valencia valenza değerlik".split(), "valence"),
    **dict.fromkeys("dom dominanz dominancia dominanza".split(), "dominance"),
}
FILLERS = set(
    "annotation annotations trace traces label labels rating ratings rater raters gold csv txt data audio wav wavs"
    " sound individual emotional behaviour train dev devel test validation valid value values score second seconds"
    " carma darma annemo gtrace feeltrace".split()
) | {suffix[1:] for suffix in SUFFIXES | UNHEARD}  # say neither target nor rater: ann.mp4.csv


@dataclass
class Pair:
    """A file of traces and the recording that it belongs to, paths below the folder; target, rater: "" if not said."""

    recording: Path
    trace: Path
    target: str
    rater: str


def find(folder):
    """Find what belongs together: (Pairs, recordings without traces, traces without a recording, others), all sorted.

    Others: two lists, of files that may be recordings, and traces, in formats that are not read. Raises BadInput if
    there are no recordings, or no traces of them.
    """
    folder, paths = Path(folder), _paths(folder)
    for path in paths:
        _check_name(folder, path)
    kinds = (SUFFIXES, TRACES, UNREAD, UNHEARD)
    audio, traces, unread, unheard = ([path for path in paths if path.suffix.lower() in some] for some in kinds)
    if not audio:
        cure = "convert others, such as videos: ffmpeg -i IN.mp4 OUT.wav"
        raise BadInput(
            f"{folder}: found no recordings; expected names that end in {' '.join(sorted(SUFFIXES))}; {cure}"
        )
    names = {}
    for path in audio:
        names.setdefault(_plain(path.stem), []).append(path)
    pairs, alone = [], []
    fillers = FILLERS | {"val"} if _val_is_a_set([*audio, *traces]) else FILLERS
    for trace in traces:
        pair = _pair(trace, names, fillers)
        (pairs if pair else alone).append(pair or trace)
    if not pairs:
        found = f"{counted(len(audio), 'recording')} ({listed(audio, 3)}) and {counted(len(traces), 'file')}"
        found += f" that may hold traces ({listed(traces, 3) or 'none'})"
        name, also = audio[0].stem, ""
        if len(names[_plain(name)]) > 1:
            name, also = "_".join(audio[0].with_suffix("").parts), ", with its folder's as several have one name"
        other = f"; {listed(unread, 3)} cannot be read: save them as .csv" if unread else ""
        other += "; divide a table of several recordings (egs/folder/other_corpora.md)" if traces else ""
        raise BadInput(
            f"{folder}: found {found}, expected the recording's name in each{also}, such as arousal/{name}.csv or"
            f" {name}_arousal_rater1.csv{other}"
        )
    there = {pair.recording for pair in pairs}
    unheard = [path for path in unheard if _plain(path.stem) not in names]  # of others there is a converted one
    return pairs, [path for path in audio if path not in there], alone, (unheard, unread)


def _paths(folder):
    """All files in and below a folder, none hidden or in a hidden folder; paths below it.

    Links to folders are followed, but not to those that they lie in.
    """
    found = []
    for top, folders, names in os.walk(folder, followlinks=True):
        where = Path(top).absolute()
        above = {*map(real, (where, *where.parents))}
        folders[:] = sorted(name for name in folders if not name.startswith(".") and real(where / name) not in above)
        found += [(Path(top) / name).relative_to(folder) for name in sorted(names) if not name.startswith(".")]
    return found


def _val_is_a_set(paths):
    """Whether val stands for validation, not valence: beside train, never below it."""
    words = [{*_words(str(path.with_suffix("")).lower())} for path in paths]
    return any("train" in one for one in words) and not any({"val", "train"} <= one for one in words)


def _check_name(folder, path):
    """Raise BadInput for a recording or a file of traces whose path no table can hold."""
    if path.suffix.lower() in {*SUFFIXES, *TRACES}:
        try:
            fits = len(str(path).encode().splitlines()) == 1
        except UnicodeEncodeError:
            fits = False
        if not fits:
            raise BadInput(
                f"{folder}: found the name {str(path)!r}, expected one in UTF-8 without line ends; rename it"
            )


def _plain(text):
    """A name in lower case, as long as it was, composed."""
    return "".join(one if len(one.lower()) > 1 else one.lower() for one in composed(text))


def _pair(trace, names, fillers):
    """The Pair of a file of traces, or None; names: stem of recordings -> their paths; fillers: words to ignore."""
    parts = [*map(composed, (*trace.parent.parts, trace.stem))]
    for place in range(len(parts) - 1, -1, -1):  # the file's own name first
        here = _plain(parts[place])
        inside = {name: at for name in names if (at := _place(name, here)) is not None}
        if inside:
            name = _whose(inside)
            if name is None:
                return None
            at = inside[name]
            rest = [*parts[:place], parts[place][:at], parts[place][at + len(name) :], *parts[place + 1 :]]
            found = _nearest(names[name], "/".join(rest))
            return found and Pair(found[0], trace, *target_and_rater(found[1], fillers))
    return None


def _nearest(paths, rest):
    """Which of the recordings of one name a trace is of, and what its path says but for that: None if several may be.

    It is of the one whose folders are in the rest of its path. These then say neither target nor rater.
    """
    fits, here = [], _plain(rest)
    for path in paths:
        folders = _folders(path)
        places = [(at, part) for part in folders if (at := _place(part, here)) is not None]
        fits.append(({n for at, part in places for n in range(at, at + len(part))}, len(folders) - len(places), path))
    most = set().union(*(covered for covered, *_ in fits))
    best = [(lacking, path) for covered, lacking, path in fits if covered == most]
    least = min((lacking for lacking, _ in best), default=0)
    best = [path for lacking, path in best if lacking == least]
    if len({path.with_suffix("") for path in best}) != 1:  # in one folder it may be one recording in two formats
        return None
    best.sort(key=lambda path: path.suffix.lower() != ".wav")  # an MP3 made of it may begin later
    if len(best) < len(paths) and not any(map(target_of, _words("/".join(best[0].parent.parts)))):
        rest = "".join("/" if n in most else one for n, one in enumerate(rest))
    return best[0], rest


@functools.cache  # of all recordings of one name, for each of their traces
def _folders(path):
    return tuple(map(_plain, path.parent.parts))


def _whose(inside):
    """The name that counts of those in a text, name -> its place; None if several do: neither first nor in another."""
    alone = [
        one
        for one, at in inside.items()
        if not any(at >= place and at + len(one) <= place + len(name) for name, place in inside.items() if name != one)
    ]
    first = [one for one in alone if inside[one] == 0]
    return (first or alone)[0] if len(first or alone) == 1 else None


def _place(name, text):
    """Where a name begins in a text, letters and digits neither before nor behind it; None for nowhere."""
    if name not in text:  # a pattern for each pair of the names of a large corpus would take minutes
        return None
    found = re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", text)
    return found and found.start()


def _words(text):
    return [word for word in re.split(r"[\W_]+", text) if word]


def _parts(word):
    """A word, or its parts if one is a target: arousal and 2 of arousal2, mean and Valence of meanValence."""
    parts = re.split(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", word)
    return parts if any(map(target_of, parts)) else [word]


def target_and_rater(text, fillers=FILLERS):
    """The target and the rater that a path or the name of a column says, "" for what it does not.

    A target that nobody knows is the first word without digits. fillers: words that say nothing
    """
    words = [part for word in _words(text) for part in _parts(word) if part.lower() not in fillers]
    named = [word for word in words if target_of(word)] or [word for word in words if word.isalpha()]
    target = named[0] if named else ""
    return target_of(target) or target.lower(), "_".join(word for word in words if word != target)


def target_of(word):
    """The target that a word means, "" for none."""
    word = word.strip().lower()
    return ALIASES.get(word, word if word in ENDS else "")


def speakers_in(recordings, before=()):
    """Guess the speakers of recordings: path -> speaker, by their names, or their folders where they say more.

    Folders do if names repeat, and are no more than the folders: ann/session1.wav, bob/session1.wav. before: those of
    the recordings that decide this; none: all of them
    """
    deciding = before or recordings
    names, folders = {one.stem for one in deciding}, {str(one.parent) for one in deciding}
    if (
        len(names) < len(deciding)
        and len(names) <= len(folders)
        and "." not in folders
        and not all(map(set_of, folders))
    ):
        return {one: "_".join(one.parent.parts) or one.stem for one in recordings}
    found = speakers_of(sorted({one.stem for one in recordings}))
    return {one: found[one.stem] for one in recordings}


def speakers_of(names):
    """Guess the speakers of recordings: name -> speaker, the part before the last - or _ where it groups them.

    Names that would all be of one or two speakers, or each of another, or of speakers called train, dev and test, are
    each a speaker of their own.
    """
    found = {name: re.sub(r"[-_]+[^-_]*$", "", composed(name)) or name for name in names}
    groups = {*found.values()}
    return found if 2 < len(groups) < len(found) and not all(map(set_of, groups)) else {name: name for name in names}
