"""The data of a training: the sets train and dev, and the scale and delay of their labels."""

import functools
from pathlib import Path

import numpy as np

from cer.base.contents import named_files
from cer.base.errors import listed, warn
from cer.base.words import counted
from cer.system.front_end import expect_same, told_by
from cer.system.rows import Rows
from cer.system.utterances import Memory, Utterances
from cer.training.delay import fit_labels


def front_end_of(Model):
    """Return an architecture's own front end, with default options; None if its frames come from feats.scp."""
    Features = getattr(Model, "front_end", None)
    return Features and Features()


def rows_of(train_data, computed_by, normalise):
    """Return the Rows of a training set; normalise: keyword arguments of cmvn.apply, a dict."""
    return Rows.of_recordings(train_data, computed_by) if computed_by else Rows.of_features(train_data, **normalise)


def read(train_data, dev_data, target, rows, Model, megabytes, delay):
    """Read the training and the dev set; returns (two Utterances, the Labels of the training set).

    rows: Rows; Model: class of the architecture; megabytes: memory for both sets; delay: keyword arguments of
    fit_labels, a dict. Warns about speakers in both sets, and about utterances that the delay leaves without labels:
    they are left out. Runs of one system that are trained in one process read the data once.
    """
    delay = tuple(sorted(delay.items()))
    return _read(train_data, dev_data, target, rows, Model, megabytes, delay, _state(train_data, dev_data))


@functools.lru_cache(1)
def _read(train_data, dev_data, target, rows, Model, megabytes, delay, _):
    memory, computed_by = Memory(megabytes * 10**6), front_end_of(Model)
    sets = [Utterances(data, rows, target, computed_by, memory) for data in (train_data, dev_data)]
    if shared := sorted({*sets[0].speakers} & {*sets[1].speakers}):
        warn(
            f"in both {train_data} and {dev_data}: {counted(len(shared), 'speaker')}: {listed(shared)}; the dev CCC"
            " says little about new speakers, and early stopping comes too late for them"
        )
    if not computed_by:
        expect_same(dev_data, told_by(train_data)[0])
    for one in sets:
        each = zip(one.ids, one.survey().labels, strict=True)
        one.leave_out([key for key, labels in each if np.isnan(labels).all()], f"with only nan in {target}.scp")
    labels = fit_labels(sets[0], **dict(delay))
    seconds = labels.delay * rows.label_shift
    sets[0].leave_out(labels.too_short(sets[0]), f"no longer than the label delay of {seconds:.2f} s")
    return sets, labels


def _state(*folders):
    """Return what changes when a file of these data directories changes: names, sizes and times."""
    tables = [path for folder in folders for path in sorted(Path(folder).iterdir()) if path.is_file()]
    named = [Path(name) for table in tables if table.suffix == ".scp" for name in named_files(table)]
    found = [(path, path.stat()) for path in [*tables, *named]]
    return tuple((str(path), status.st_size, status.st_mtime_ns, status.st_ino) for path, status in found)
