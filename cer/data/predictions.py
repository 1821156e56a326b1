"""A folder of predictions: stage 4 writes it, scoring and pictures read it.

output.scp, csv/<utterance>.csv         the mean of a system's runs
run1/output.scp, run1/csv/ ...          each run
predictions.json                        what was predicted, how often, by which runs
"""

from pathlib import Path

import numpy as np

from cer.base import records
from cer.base.files import write_text
from cer.base.kinds import Name, Seconds
from cer.data.datadir import writing_archive

ABOUT = "predictions.json"
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
        rows = "".join(f"{n * shift:.10g},{value:.6f}\n" for n, value in enumerate(values))
        write_text(folder / "csv" / f"{key}.csv", f"time,{name}\n{rows}")
