"""Scores of a system's predictions against the gold standard: every convention, every run, and the ensemble.

The score that counts is the CCC of the concatenated recordings with biased moments (Section 3; AVEC 2016). The mean
of the recordings' own CCCs (AVEC 2018) differs from it by up to 0.04 on the open corpus, that with variances of n - 1
(SEWA, AVEC 2017) by a share of one in the number of labels. All are always written down.
"""

import statistics
from pathlib import Path
from typing import Annotated

import numpy as np

from cer.base.errors import BadInput, listed, warn
from cer.base.kinds import Name, NonNegative, Range, Whole
from cer.base.records import Listed, Such, read
from cer.base.tables import read_table
from cer.base.words import counted
from cer.data import frames, plausible
from cer.scoring.metrics import ccc, ccc_of_sewa, of_moments, pcc, rmse
from cer.scoring.sums import moments

CONVENTION = "CCC of the concatenated recordings, biased moments"

INTERVAL = (Listed(float, 2, 2), None)
CORRELATION = Annotated[float, Range(-1.000001, 1.000001)]  # rounding may exceed 1
MEASURES = {"ccc": CORRELATION, "rmse": NonNegative, "pcc": CORRELATION}
# Of score.json; results.json is a list of these.
RECORD = MEASURES | {
    "system": Name, "target": Name, "set": Name,
    "ccc_mean": float, "ccc_std": (float, None), "ccc_per_recording": float, "ccc_sewa?": float,
    "interval?": INTERVAL, "interval_runs?": INTERVAL, "interval_per_recording?": INTERVAL, "speakers?": Whole,
    "postprocess?": str, "failed?": {...: str}, "undecided?": Listed(Name, 1),
    "recordings": {...: MEASURES},
    "runs": Listed(MEASURES | {"run": Name}, 1),
}  # fmt: skip


def check_complete(labels, predictions, data):
    """Raise BadInput, with the cure, for labelled utterances without a prediction; warn of predictions without labels.

    labels, predictions: Archives of a set; data: its directory.
    """
    missing = [key for key in labels if key not in predictions]
    features = Path(data) / "feats.scp"
    known = read_table(features) if missing and features.exists() else missing
    if without := [key for key in missing if key not in known]:
        raise BadInput(
            f"{predictions.scp}: no prediction for {listed(without)}, which are not in {features}: make features again"
            f" (stage 1 and on), or take them out of the set: utils/fix_data_dir.sh {data}"
        )
    if missing:
        raise BadInput(f"{predictions.scp}: no prediction for {listed(missing)}; run stage 4 (steps/predict.sh) again")
    if further := [key for key in predictions if key not in labels]:
        warn(f"{predictions.scp}: not compared: {counted(len(further), 'utterance')} without labels: {listed(further)}")


def doubts(record):
    """A line for each run that blew up, did not learn or was too short; record: of score.json or predictions.json."""
    used = [run if isinstance(run, str) else run["run"] for run in record["runs"]]
    lines = [
        f"{name} {why}: {'in the mean, since no run learnt' if name in used else 'left out of the mean'}"
        for name, why in record.get("failed", {}).items()
    ]
    return lines + [f"{name} had too few epochs to tell whether it learns" for name in record.get("undecided", [])]


def score(labels, predictions, where=""):
    """Score one prediction of a set.

    labels, predictions: mappings utterance -> (T, 1), read several times; every labelled utterance needs one. Returns
    {"ccc": , "ccc_per_recording": , "ccc_sewa": , "rmse": , "pcc": , "recordings": {utterance: {"ccc": , "rmse": ,
    "pcc": }}}. Raises BadInput when one is missing or of another length; warns where a prediction is constant, or far
    outside the range of all labels.
    """
    missing = [key for key in labels if key not in predictions]
    if missing:
        raise BadInput(
            f"{where}: no prediction for {', '.join(missing[:5])} ({len(missing)} in all); run stage 4 again"
        )
    recordings, ends, rows = {}, {}, 0

    def pair(key):
        return _pair(labels[key], predictions[key], f"{where}: {key}" if where else key)

    for key in labels:
        y, p = pair(key)
        ends[key] = np.array([y.min(), y.max(), p.min(), p.max()])
        if (constant := ends[key][::2] == ends[key][1::2]).any():
            warn(f"{where}: {key}: {'labels' if constant[0] else 'predictions'} are constant; its CCC is 0")
        recordings[key], rows = _measures(y, p), rows + len(y)
    bounds = plausible.Range(min(one[0] for one in ends.values()), max(one[1] for one in ends.values()))
    for key in (key for key, one in ends.items() if bounds.low < bounds.high and bounds.far(one).any()):
        warn(f"{where}: {key}: {bounds.complaint(pair(key)[1])}; are they in the unit of the labels?")
    per_recording = statistics.fmean(one["ccc"] for one in recordings.values())
    found = moments(lambda: map(pair, labels), rows)
    others = {"ccc_per_recording": per_recording, "ccc_sewa": ccc_of_sewa(*found[:5], rows)}
    return of_moments(*found) | others | {"recordings": recordings}


def summary(ensemble, runs):
    """Join the score of the ensemble with those of its runs (name -> score): mean and sample deviation of their CCC."""
    values = [run["ccc"] for run in runs.values()]
    spread = {
        "ccc_mean": statistics.fmean(values),
        "ccc_std": statistics.stdev(values) if len(values) > 1 else None,
    }
    return ensemble | spread | {"runs": [{"run": name} | run for name, run in runs.items()]}


def _each_once(records):
    return len({(record["system"], record["target"], record["set"]) for record in records}) == len(records)


def read_results(path):
    """The records of a results.json. Raises BadInput when it is missing or holds anything else."""
    return read(path, Such(Listed(RECORD), _each_once, "each system, target and set once"), "stage 5 makes it")


def read_score(path):
    """The record of a score.json. Raises BadInput when it is missing or holds anything else."""
    return read(path, RECORD, "run stage 5 again (steps/score.sh)")


def table(record):
    """A record as text for people: the convention, the ensemble, the runs, the recordings.

    record: a summary with "system", "target" and "set", and perhaps the intervals over "speakers".
    """
    spread = "" if record["ccc_std"] is None else f" +- {record['ccc_std']:.4f} (sample deviation)"
    several = len(record["runs"]) > 1
    runs = f"{len(record['runs'])} runs"
    over = f"over {record.get('speakers')} speakers"
    lines = [
        f"system {record['system']}, target {record['target']}, set {record['set']}",
        f"CCC {record['ccc']:z.4f} of {f'the ensemble (mean prediction of {runs})' if several else 'one run'}",
        f"    convention: {CONVENTION}",
        f"    AVEC 2018's, mean of the recordings' own: {record['ccc_per_recording']:z.4f}",
        *([f"    SEWA's (AVEC 2017), variances with n - 1: {record['ccc_sewa']:z.4f}"] if "ccc_sewa" in record else []),
        *_interval(record, "interval", over),
        *_interval(record, "interval_per_recording", "of the mean over recordings"),
        *(f"    {line}" for line in doubts(record)),
        *([f"    {record['postprocess']}"] if "postprocess" in record else []),
        *([f"CCC {record['ccc_mean']:z.4f}{spread} of the single runs, mean"] if several else []),
        *(_interval(record, "interval_runs", f"{over} and {runs}") if several else []),
        "",
        f"{'':12}{'CCC':>9}{'CCC/rec.':>9}{'RMSE':>9}{'PCC':>9}",
        *([_line("ensemble", record)] if several else []),
        *[_line(run["run"], run) for run in record["runs"]],
        "",
        f"recordings{', ensemble' if several else ''}",
        *[_line(key, one) for key, one in record["recordings"].items()],
    ]
    return "\n".join(lines) + "\n"


def _interval(record, name, what):
    if record.get(name) is None:
        return []
    low, high = record[name]
    return [f"    95 % interval {what}: {low:z.4f} to {high:z.4f}"]


def _line(name, one):
    per_recording = f"{one['ccc_per_recording']:z9.4f}" if "ccc_per_recording" in one else f"{'':9}"
    return f"{name:12}{one['ccc']:z9.4f}{per_recording}{one['rmse']:9.4f}{one['pcc']:z9.4f}"


def _pair(labels, predictions, key):
    for array in (predictions, labels):
        if array.shape[1] != 1:
            raise BadInput(f"{key}: found shape {array.shape}, expected one column, of the one target")
    predictions, labels = frames.pair_labelled(predictions, labels, key)
    return labels[:, 0].astype(np.float64), predictions[:, 0].astype(np.float64)


def _measures(y, p):
    return {"ccc": float(ccc(y, p)), "rmse": rmse(y, p), "pcc": pcc(y, p)}
