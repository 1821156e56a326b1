"""A folder of predictions: stage 4 writes it, scoring and pictures read it.

output.scp                              the mean of a system's runs
csv/<utterance>.csv                     the same for people, if the utterances are few or it was asked for
csv/output.<job>.csv                    instead, a job's table of all its utterances, if it was asked for
run1/output.scp ...                     each run; run1/csv/ only if it was asked for
predictions.json                        what was predicted, how often, by which runs
"""

import contextlib
from pathlib import Path

import numpy as np

from cer.base import records
from cer.base.errors import BadInput, warn
from cer.base.facts import Stamp
from cer.base.files import replacing
from cer.base.kinds import Name, Seconds
from cer.base.tables import KALDIS_OWN
from cer.data.datadir import Archive, label_shift, writing_archive

ABOUT = "predictions.json"
FEW = 100  # utterances up to which each has its own CSV (and recordings a picture): more are seldom opened one by one
SHAPE = {  # of predictions.json
    "target": Name,
    "shift": Seconds,
    "runs": records.Such(records.Listed(Name, 1), lambda runs: len({*runs}) == len(runs), "each run once"),
    "postprocess?": str,
    "failed?": {...: str},
    "undecided?": records.Listed(Name, 1),
}


def read_about(folder):
    """What predictions.json says of its folder. Raises BadInput when it is missing or holds anything else."""
    return records.read(Path(folder) / ABOUT, SHAPE, "run stage 4 (steps/predict.sh)")


def tell_outdated(folder):
    """Warn if networks or features have changed since the predictions in a folder, as far as it is known."""
    if changed := Stamp(Path(folder) / ".done").outdated():
        warn(f"{folder}: predictions made from something else ({changed[0]}); run stage 4 (steps/predict.sh) again")


def read_folder(folder):
    """The predictions in a folder of a system or of recordings: ({target: Archive}, seconds between rows).

    Raises BadInput when there are none.
    """
    folder = Path(folder)
    if (folder / ABOUT).exists():
        about = read_about(folder)
        return {about["target"]: Archive(folder / "output.scp")}, about["shift"]
    names = sorted(path.stem for path in folder.glob("*.scp") if path.stem not in KALDIS_OWN)
    if not names:
        raise BadInput(
            f"{folder}: found no predictions, expected a folder of steps/predict.sh or predict_recordings.sh"
        )
    return {name: Archive(folder / f"{name}.scp") for name in names}, label_shift(folder)


def each_has_csv(asked, number):
    """Whether each of `number` utterances has its own CSV; asked: true, false, or auto, only a few have.

    Where it has none, the shard that it belongs to has a table, as write_csv() writes it.
    """
    return asked == "true" or (asked == "auto" and number <= FEW)


def write_csv(path, shift, predictions, ids=False):
    """Write predictions as a CSV: time (s) and a column a target.

    predictions: utterance -> {target: (T,)}, one value every `shift` seconds; ids: a table of several utterances, whose
    first column is the id.
    """
    with writing_csv(path, shift, list(next(iter(predictions.values()))), ids) as write:
        for key, columns in predictions.items():
            write(key, list(columns.values()))


@contextlib.contextmanager
def writing_csv(path, shift, targets, ids=False):
    """Write a CSV as write_csv does, one utterance at a time: yields a function write(utterance, columns).

    columns: list of (T,), the values of each of the `targets`; shift: seconds between values.
    """
    with replacing(path) as file:
        file.write(f"{'id,' * ids}time,{','.join(targets)}\n")

        def write(key, columns):
            line = f"{_quoted(key) * ids}%.10g{',%.6f' * len(columns)}\n"
            rows = enumerate(zip(*(column.tolist() for column in columns), strict=True))
            file.write("".join(line % (n * shift, *row) for n, row in rows))

        yield write


def _quoted(key):
    """An id as the first field of a line of a CSV, for the operator %."""
    key = key.replace("%", "%%")
    return '"{}",'.format(key.replace('"', '""')) if set(key) & {",", '"'} else f"{key},"


@contextlib.contextmanager
def writing_predictions(folder, job, name, shift, csv="false"):
    """Write one job's share of one system's predictions, utterance by utterance: yields write(utterance, (T,)).

    folder/output.<job>.{ark,scp}: an archive of (T, 1) matrices, one value every `shift` seconds. csv: true, also
    folder/csv/<utterance>.csv with the columns time (s) and <name>; table, folder/csv/output.<job>.csv; false, none.
    """
    folder = Path(folder) / "csv"
    with contextlib.ExitStack() as files:
        archive = files.enter_context(writing_archive(folder.parent / f"output.{job}"))
        if csv == "table":
            table = files.enter_context(writing_csv(folder / f"output.{job}.csv", shift, [name], ids=True))

        def write(key, values):
            archive(key, values.astype(np.float32)[:, None])
            if csv == "table":
                table(key, [values])
            elif csv == "true":
                write_csv(folder / f"{key}.csv", shift, {key: {name: values}})

        yield write
