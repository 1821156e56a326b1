"""What lies in a Kaldi data directory: features, labels, and the seconds between their rows.

Beside Kaldi's own files a directory may hold labels: `<target>.scp`, one float matrix (T, 1) an utterance, one row
every `label_shift` seconds. Where these came from several raters, `ratings/` keeps the raters' own traces.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cer.base import kinds
from cer.base.errors import BadInput
from cer.base.files import read_text, replacing, set_aside, write_text
from cer.base.tables import KALDIS_OWN, as_text, check_name, id_fault, read_table, write_table
from cer.data import archives
from cer.sound import wav

ROOM = 64 << 20  # bytes: the labels of a hundred hours and more


@dataclass
class Recording:
    """One recording as a corpus's prepare script knows it: one utterance of one speaker."""

    id: str
    speaker: str
    wav: Path
    labels: dict[str, np.ndarray] = field(default_factory=dict)  # target -> (T,), one value a label shift
    ratings: dict[str, np.ndarray] = field(default_factory=dict)  # target -> (R, T), the raters' traces behind it


def part(table, share):
    """One job's share of a table: `J/N` is the J-th of N contiguous parts of nearly equal size, as split_scp.pl's."""
    match = re.fullmatch(r"(\d+)/(\d+)", share)
    job, num_jobs = map(int, match.groups()) if match else (0, 0)
    if not 1 <= job <= num_jobs:
        raise BadInput(f"--part={share}: expected J/N with 1 <= J <= N")
    keys = list(table)
    chosen = keys[len(keys) * (job - 1) // num_jobs : len(keys) * job // num_jobs]
    return {key: table[key] for key in chosen}


class Archive(Mapping):
    """The matrices of an scp file, read when asked for: utterance (or speaker) -> its own float array.

    Every form of Kaldi's: float and double, text, compressed, with ranges.
    """

    def __init__(self, scp, cure="check the path", vectors=False):
        """scp: path of the scp file; cure: what a user does when it is not there; vectors: a vector is one column."""
        self.scp, self._vectors = Path(scp), vectors
        self._where = read_table(scp, cure)

    def __getitem__(self, key):
        where = self._where[key]
        try:
            matrix = archives.load(where)
        except Exception as error:  # kaldiio raises whatever its parser stumbles over
            reason = getattr(error, "strerror", None) or str(error) or repr(error)
            raise BadInput(f"{self.scp}: {key}: cannot read {where}: {reason}") from error
        if self._vectors and matrix.ndim == 1:
            matrix = matrix[:, None]
        if matrix.ndim != 2 or not np.isfinite(matrix).all():
            raise BadInput(
                f"{self.scp}: {key}: found shape {matrix.shape} in {where}, expected rows x columns of finite numbers;"
                " make it again"
            )
        return matrix

    def __contains__(self, key):  # Mapping's would read the matrix
        return key in self._where

    def __iter__(self):
        return iter(self._where)

    def __len__(self):
        return len(self._where)


class Kept(Mapping):
    """A mapping to arrays, each read once: those that fit into `room` bytes are kept, others are read again."""

    def __init__(self, arrays, room=ROOM):
        self._arrays, self._room, self._kept = arrays, room, {}

    def __getitem__(self, key):
        if key in self._kept:
            return self._kept[key]
        array = self._arrays[key]
        if array.nbytes <= self._room:
            self._kept[key] = array
            self._room -= array.nbytes
        return array

    def __contains__(self, key):
        return key in self._arrays

    def __iter__(self):
        return iter(self._arrays)

    def __len__(self):
        return len(self._arrays)


def labels_of(data, target, cure="run stage 0"):
    """The labels of a data directory: an Archive of <target>.scp, (T, 1) an utterance, whether matrices or vectors.

    Raises BadInput, with the cure, when they are not there, and for a target that is no name.
    """
    return Archive(Path(data) / f"{check_name(target, 'target')}.scp", cure, vectors=True)


@contextlib.contextmanager
def writing_archive(stem, compress=False):
    """Write `stem`.ark and `stem`.scp; yields write(key, matrix). Both appear when the block ends well, or neither.

    The scp names the archive by its absolute path, as Kaldi's does.
    """
    ark, scp = Path(f"{stem}.ark").resolve(), {}
    as_text({"any": ark})  # raises BadInput, before the work, for a folder whose name no table can hold
    with replacing(ark, "wb") as file:

        def write(key, matrix):
            scp[key] = f"{ark}:{archives.save(file, key, matrix, compress)}"

        yield write
        text = as_text(scp)
    write_text(f"{stem}.scp", text)


def write_recordings(directory, recordings, label_shift, raters=()):
    """Make or renew a data directory: wav.scp, utt2spk, spk2utt, utt2dur, reco2dur, the labels and the ratings.

    recordings: list of Recording. label_shift: seconds between labels, and between ratings. raters: their names, in the
    order of each Recording's ratings. Labels and ratings that were there and are not given now move to .backup. Raises
    BadInput, before anything is written, for no recordings at all, an id that is there twice or does not begin with its
    speaker's, labels or ratings that are no numbers, ratings not of these raters, and a bad wav file.
    """
    directory = Path(directory)
    _check_recordings(directory, recordings, len(raters))
    durations = {}
    for rec in recordings:
        count, rate = wav.length(rec.wav)
        durations[rec.id] = f"{count / rate:.6g}"
    speakers = {}
    for rec in sorted(recordings, key=lambda rec: rec.id):
        speakers.setdefault(rec.speaker, []).append(rec.id)
    write_table(directory / "wav.scp", {rec.id: Path(rec.wav).resolve() for rec in recordings})
    write_table(directory / "utt2spk", {rec.id: rec.speaker for rec in recordings})
    write_table(directory / "spk2utt", {speaker: " ".join(ids) for speaker, ids in speakers.items()})
    write_table(directory / "utt2dur", durations)
    write_table(directory / "reco2dur", durations)
    write_text(directory / "label_shift", f"{float(label_shift)!r}\n")
    targets = sorted({target for rec in recordings for target in rec.labels})
    for path in directory.glob("*.scp"):
        if path.stem not in (*KALDIS_OWN, *targets):
            set_aside(path)
    for target in targets:
        _write_labels(directory, target, {rec.id: rec.labels[target] for rec in recordings if target in rec.labels})
    _write_ratings(directory / "ratings", recordings, raters)


def _check_recordings(directory, recordings, num_raters):
    ids = Counter(rec.id for rec in recordings)
    if not ids:
        raise BadInput(f"{directory}: there are no recordings for it; is the corpus's folder the right one?")
    for rec in recordings:
        if ids[rec.id] > 1 or not rec.id.startswith(rec.speaker):
            raise BadInput(
                f"{rec.wav}: id {rec.id}, speaker {rec.speaker}: expected unique ids that begin with the speaker's"
            )
        for name in (rec.id, rec.speaker):
            if fault := id_fault(name):
                raise BadInput(f"{rec.wav}: found the id {name!r}, expected {fault}; rename it")
        for target in (*rec.labels, *rec.ratings):
            check_name(target, f"{rec.id}: target")
        for target, labels in rec.labels.items():
            if labels.ndim != 1 or not len(labels):
                raise BadInput(f"{rec.id}: {target}: found labels of shape {labels.shape}, expected (T,), at least one")
            if not np.isfinite(labels).all():
                row = int(np.flatnonzero(~np.isfinite(labels))[0])
                raise BadInput(f"{rec.id}: {target}: found {labels[row]} in row {row}, expected finite numbers")
        for target, ratings in rec.ratings.items():
            if ratings.ndim != 2 or len(ratings) != num_raters or not np.isfinite(ratings).all():
                raise BadInput(
                    f"{rec.id}: {target}: found ratings of shape {ratings.shape}, expected ({num_raters}, T) finite"
                    " numbers"
                )


def _write_labels(directory, target, labels):
    stem = directory / "labels" / target
    with writing_archive(stem) as write:
        for key in sorted(labels):
            write(key, labels[key].astype(np.float32)[:, None])
    write_text(directory / f"{target}.scp", read_text(f"{stem}.scp"))


def _write_ratings(directory, recordings, raters):
    """The traces of each target, a float matrix (T, R) an utterance; the file `raters` names the columns."""
    targets = sorted({target for rec in recordings for target in rec.ratings})
    if directory.exists() and not {path.stem for path in directory.glob("*.scp")} <= set(targets):
        set_aside(directory)
    for target in targets:
        with writing_archive(directory / target) as write:
            for rec in sorted(recordings, key=lambda rec: rec.id):
                if target in rec.ratings:
                    write(rec.id, rec.ratings[target].T.astype(np.float32))
    if targets:
        write_text(directory / "raters", " ".join(raters) + "\n")


def frame_shift(directory):
    """Seconds between feature frames: the file `frame_shift`, or what utt2dur and utt2num_frames say, as Kaldi does.

    Their quotient is a little off where windows do not reach the edges. Kaldi takes 10 to 10.2 ms for 10; here any
    quotient within 0.2 ms of a whole number of milliseconds is taken for that.
    """
    directory = Path(directory)
    if (directory / "frame_shift").exists():
        return _seconds(directory / "frame_shift")
    cure = f"write the seconds between frames into {directory}/frame_shift"
    durations, frames = (read_table(directory / name, cure) for name in ("utt2dur", "utt2num_frames"))
    try:
        seconds, count = (sum(kinds.parse(kinds.Positive, v) for v in t.values()) for t in (durations, frames))
    except ValueError as error:
        raise BadInput(f"{directory}/utt2dur or utt2num_frames: {error}; {cure}") from None
    shift = seconds / count
    whole = round(shift, 3)
    return whole if whole > 0 and abs(shift - whole) <= 0.0002 + 1e-9 else shift


def label_shift(directory):
    """Seconds between labels, from the file `label_shift`."""
    return _seconds(Path(directory) / "label_shift")


def _seconds(path):
    cure = "write the seconds between two rows into it"
    try:
        return kinds.parse(kinds.Seconds, read_text(path, cure).strip())
    except ValueError as error:
        raise BadInput(str(error) if isinstance(error, BadInput) else f"{path}: {error} s; {cure}") from None
