"""A corpus as its prepare script knows it, recordings with labels and raters' traces, made into data directories."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cer.base.errors import BadInput
from cer.base.files import read_text, real, set_aside, write_text
from cer.base.tables import KALDIS_OWN, id_fault, inverse, write_table
from cer.data.datadir import writing_archive
from cer.data.targets import check_name, write_meanings
from cer.sound import wav


@dataclass
class Recording:
    """One recording as a corpus's prepare script knows it: one utterance of one speaker."""

    id: str
    speaker: str
    wav: Path
    labels: Mapping[str, np.ndarray] = field(default_factory=dict)  # target -> (T,), one value a label shift
    ratings: Mapping[str, np.ndarray] = field(default_factory=dict)  # target -> (R, T), the raters' traces behind it
    # A label that is missing, and a rating of a rater who rated nothing there, is NaN.


def write_recordings(directory, recordings, label_shift, raters=(), meanings=None):
    """Make or renew a data directory: wav.scp, utt2spk, spk2utt, utt2dur, reco2dur, the labels and the ratings.

    recordings: list of Recording, whose labels and ratings are read once each, one at a time. label_shift: seconds
    between labels, and between ratings. raters: their names, in the order of each Recording's ratings. meanings: target
    -> (low end, high end), for targets that cer/data/targets.py does not know, or of which this corpus has its own
    scale. Labels and ratings that were there and are not given now move to .backup. Raises BadInput, before anything is
    written, for no recordings at all, an id that is there twice or does not begin with its speaker's, labels or ratings
    that are no numbers, ratings not of these raters, and a bad wav file.
    """
    check_ids(directory, recordings)
    for rec in recordings:
        check_values(rec, len(raters))
    write_checked(directory, recordings, label_shift, raters, meanings)


def write_checked(directory, recordings, label_shift, raters, meanings):
    """write_recordings() without its checks of ids and values."""
    directory = Path(directory)
    durations = {}
    for rec in recordings:
        count, rate = wav.length(rec.wav)
        durations[rec.id] = f"{count / rate:.6g}"
    utt2spk = {rec.id: rec.speaker for rec in recordings}
    write_table(directory / "wav.scp", {rec.id: real(rec.wav) for rec in recordings})
    write_table(directory / "utt2spk", utt2spk)
    write_table(directory / "spk2utt", inverse(utt2spk))
    write_table(directory / "utt2dur", durations)
    write_table(directory / "reco2dur", durations)
    write_text(directory / "label_shift", f"{float(label_shift)!r}\n")
    targets = sorted({target for rec in recordings for target in rec.labels})
    for path in directory.glob("*.scp"):
        if path.stem not in (*KALDIS_OWN, *targets):
            set_aside(path)
    for target in targets:
        _write_labels(directory, target, [rec for rec in recordings if target in rec.labels])
    _write_ratings(directory / "ratings", recordings, raters)
    write_meanings(directory, meanings or {})


def check_ids(directory, recordings):
    """Raise BadInput if there are no recordings, or one's id or speaker cannot be."""
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


def check_values(rec, num_raters):
    """Raise BadInput unless a Recording has labels (T,) and ratings (num_raters, T), finite or NaN but not all NaN."""
    for target in (*rec.labels, *rec.ratings):
        check_name(target, f"{rec.id}: target")
    for target, labels in rec.labels.items():
        if labels.ndim != 1 or not len(labels):
            raise BadInput(f"{rec.id}: {target}: found labels of shape {labels.shape}, expected (T,), at least one")
        if np.isnan(labels).all() or np.isinf(labels).any():
            row = 0 if np.isnan(labels).all() else int(np.flatnonzero(np.isinf(labels))[0])
            raise BadInput(
                f"{rec.id}: {target}: found {labels[row]} in row {row}, expected finite numbers, and nan in gaps"
            )
    for target, ratings in rec.ratings.items():
        if ratings.ndim != 2 or len(ratings) != num_raters or np.isinf(ratings).any() or np.isnan(ratings).all():
            raise BadInput(
                f"{rec.id}: {target}: found ratings of shape {ratings.shape}, expected ({num_raters}, T) finite"
                " numbers, and nan where a rater rated nothing"
            )


def _write_labels(directory, target, recordings):
    stem = directory / "labels" / target
    with writing_archive(stem) as write:
        for rec in sorted(recordings, key=lambda rec: rec.id):
            write(rec.id, rec.labels[target].astype(np.float32)[:, None])
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
