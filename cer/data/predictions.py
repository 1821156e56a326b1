"""A folder of predictions: stage 4 writes it, scoring and pictures read it.

output.scp, csv/<utterance>.csv         the mean of a system's runs
run1/output.scp, run1/csv/ ...          each run
predictions.json                        what was predicted, how often, by which runs
"""

from pathlib import Path

import numpy as np

from cer.base import records
from cer.base.files import replacing
from cer.base.kinds import Name, Seconds
from cer.data.datadir import writing_archive

ABOUT = "predictions.json"
FEW = 100  # utterances up to which each has its own CSV (and recordings a picture): more are seldom opened one by one
SHAPE = {  # of predictions.json
    "target": Name,
    "shift": Seconds,
    "runs": records.Listed(Name, 1),
    "postprocess?": str,
    "failed?": {...: str},
}


def read_about(folder):
    """What predictions.json says of its folder. Raises BadInput when it is missing or holds anything else."""
    return records.read(Path(folder) / ABOUT, SHAPE, "run stage 4 (steps/predict.sh)")


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
    with replacing(path) as file:
        file.write(f"{'id,' * ids}time,{','.join(next(iter(predictions.values())))}\n")
        for key, columns in predictions.items():
            line = f"{_quoted(key) * ids}%.10g{',%.6f' * len(columns)}\n"
            rows = enumerate(zip(*(column.tolist() for column in columns.values()), strict=True))
            file.write("".join(line % (n * shift, *row) for n, row in rows))


def _quoted(key):
    """An id as the first field of a line of a CSV, for the operator %."""
    key = key.replace("%", "%%")
    return '"{}",'.format(key.replace('"', '""')) if set(key) & {",", '"'} else f"{key},"


def write_predictions(folder, job, name, shift, predictions):
    """Write one job's share of one system's predictions: an archive of (T, 1) matrices and a CSV an utterance.

    folder/output.<job>.{ark,scp} and folder/csv/<utterance>.csv with the columns time (s) and <name>.
    predictions: utterance -> (T,), one value every `shift` seconds.
    """
    folder = Path(folder)
    with writing_archive(folder / f"output.{job}") as write:
        for key, values in predictions.items():
            write(key, values.astype(np.float32)[:, None])
    for key, values in predictions.items():
        write_csv(folder / "csv" / f"{key}.csv", shift, {key: {name: values}})
