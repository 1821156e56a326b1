"""What lies in a Kaldi data directory: features, labels, and the seconds between their rows.

Beside Kaldi's own files a directory may hold labels: `<target>.scp`, one float matrix (T, 1) an utterance, one row
every `label_shift` seconds. Where these came from several raters, `ratings/` keeps the raters' own traces.
"""

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cer.base import kinds
from cer.base.errors import BadInput
from cer.base.files import read_text, real, replacing, write_text
from cer.base.tables import as_text, read_table, taken_apart
from cer.data import archives
from cer.data.targets import check_name

ROOM = 64 << 20  # bytes: the labels of a hundred hours and more
ROWS = 65536  # of a matrix, looked at together
OF_LABELS = "run stage 0, or write it: egs/README.md says what a data directory holds"


def part(table, share):
    """One job's share of a table: `J/N` is the J-th of N contiguous parts of nearly equal size, as split_scp.pl's.

    Raises BadInput for another share.
    """
    match = re.fullmatch(r"(\d+)/(\d+)", share)
    job, num_jobs = map(int, match.groups()) if match else (0, 0)
    if not 1 <= job <= num_jobs:
        raise BadInput(f"--part={share}: expected J/N with 1 <= J <= N")
    keys = list(table)
    chosen = keys[len(keys) * (job - 1) // num_jobs : len(keys) * job // num_jobs]
    return {key: table[key] for key in chosen}


class Lazy(Mapping):
    """A mapping whose values are read when asked for; `_table`: a mapping with its keys, to where each value is."""

    def __contains__(self, key):  # Mapping's would read the value
        return key in self._table

    def __iter__(self):
        return iter(self._table)

    def __len__(self):
        return len(self._table)


class Archive(Lazy):
    """The matrices of an scp file, read when asked for: utterance (or speaker) -> its own float array.

    Every form of Kaldi's: float and double, text, compressed, with ranges. Raises BadInput for a matrix that cannot be
    read, and for values that are not finite.
    """

    def __init__(self, scp, cure="check the path", *, vectors=False, gaps=False, beside=False):
        """Open an scp file.

        scp: its path; cure: what a user does when it is not there; vectors: a vector is one column; gaps: NaN stands
        for a missing value, and is otherwise an error; beside: as places_beside().
        """
        self.scp, self._vectors, self._gaps = Path(scp), vectors, gaps
        self._table = places_beside(scp, cure) if beside else read_table(scp, cure)

    def __getitem__(self, key):
        where = self._table[key]
        try:
            matrix = archives.load(where)
        except Exception as error:  # kaldiio raises whatever its parser stumbles over
            reason = getattr(error, "strerror", None) or str(error) or repr(error)
            raise BadInput(f"{self.scp}: {key}: cannot read {where}: {reason}") from error
        if self._vectors and matrix.ndim == 1:
            matrix = matrix[:, None]
        if matrix.ndim != 2 or not _all_finite(matrix, self._gaps):
            found = f"shape {matrix.shape}" if matrix.ndim != 2 else "nan or infinite numbers"
            raise BadInput(
                f"{self.scp}: {key}: found {found} in {where}, expected rows x columns of finite numbers; make it again"
            )
        return matrix


def _all_finite(values, gaps):
    """Whether all values of a matrix are numbers; gaps: or NaN."""
    parts = (values[first : first + ROWS] for first in range(0, len(values), ROWS))
    return all(not np.isinf(part).any() if gaps else np.isfinite(part).all() for part in parts)


class Kept(Lazy):
    """A mapping to arrays, each read once: those that fit into `room` bytes are kept, others are read again."""

    def __init__(self, arrays, room=ROOM):
        self._table, self._room, self._kept = arrays, room, {}

    def __getitem__(self, key):
        if key in self._kept:
            return self._kept[key]
        array = self._table[key]
        if array.nbytes <= self._room:
            self._kept[key] = array
            self._room -= array.nbytes
        return array


def labels_of(data, target, cure=OF_LABELS):
    """The labels of a data directory: an Archive of <target>.scp, (T, 1) an utterance, whether matrices or vectors.

    A label that is NaN is missing: its row is rated by nobody.
    Raises BadInput, with the cure, when they are not there, and for a target that is no name.
    """
    return Archive(Path(data) / f"{check_name(target, 'target')}.scp", cure, vectors=True, gaps=True)


@contextlib.contextmanager
def writing_archive(stem, compress=False):
    """Write `stem`.ark and `stem`.scp; yields write(key, matrix). Both appear when the block ends well, or neither.

    The scp names the archive by its absolute path, as Kaldi's does.
    """
    ark, scp = real(f"{stem}.ark"), {}
    as_text({"any": ark})  # raises BadInput, before the work, for a folder whose name no table can hold
    with replacing(ark, "wb") as file:

        def write(key, matrix):
            scp[key] = f"{ark}:{archives.save(file, key, matrix, compress)}"

        yield write
        text = as_text(scp)
    write_text(f"{stem}.scp", text)


def places_beside(scp, cure="check the path"):
    """The table of an scp file that writing_archive() made, with the archive beside it: both may have moved since."""
    ark = real(scp).with_suffix(".ark")
    return {key: f"{ark}:{taken_apart(value)[1]}" for key, value in read_table(scp, cure).items()}


def frame_shift(directory):
    """Seconds between feature frames: the file `frame_shift`, or what utt2dur and utt2num_frames say, as Kaldi does.

    Utterances that only one of them has do not count. The quotient of the sums is a little off where windows do not
    reach the edges. Kaldi takes 10 to 10.2 ms for 10; here any quotient within 0.2 ms of a whole number of milliseconds
    is taken for that. Raises BadInput where no file says it, or a wrong number.
    """
    directory = Path(directory)
    if (directory / "frame_shift").exists():
        return _seconds(directory / "frame_shift")
    cure = f"write the seconds between frames into {directory}/frame_shift"
    durations, frames = (read_table(directory / name, cure) for name in ("utt2dur", "utt2num_frames"))
    both = [key for key in durations if key in frames]
    if not both:
        raise BadInput(f"{directory}/utt2dur and utt2num_frames: found no utterance that both have; {cure}")
    try:
        seconds, count = (sum(kinds.parse(kinds.Positive, t[key]) for key in both) for t in (durations, frames))
    except ValueError as error:
        raise BadInput(f"{directory}/utt2dur or utt2num_frames: {error}; {cure}") from None
    shift = seconds / count
    whole = round(shift, 3)
    return whole if whole > 0 and abs(shift - whole) <= 0.0002 + 1e-9 else shift


def label_shift(directory):
    """Seconds between labels, from the file `label_shift`. Raises BadInput if it is missing or holds anything else."""
    return _seconds(Path(directory) / "label_shift")


def _seconds(path):
    cure = "write the seconds between two rows into it" if path.parent.is_dir() else "is the folder's name right?"
    try:
        return kinds.parse(kinds.Seconds, read_text(path, cure).strip())
    except ValueError as error:
        raise BadInput(str(error) if isinstance(error, BadInput) else f"{path}: {error} s; {cure}") from None
