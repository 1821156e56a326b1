"""The score files of a folder of predictions, score.txt and score.json: made where they are not up to date."""

import functools
import json
from pathlib import Path

import numpy as np

from cer.base import facts, locks
from cer.base.errors import BadInput, warn
from cer.base.files import clear_abandoned, write_text
from cer.base.tables import read_table
from cer.data.datadir import Archive, Kept, label_shift, labels_of
from cer.data.predictions import read_about, tell_outdated
from cer.scoring import scores, significance

SETS = 8  # sets of labels that stay in memory
CURE = "run stage 4 (steps/predict.sh)"


def expect_same_shift(data, folder, shift):
    """Raise BadInput unless the labels of a data directory are as far apart as predictions every `shift` seconds."""
    path = Path(data) / "label_shift"
    if path.exists() and abs(label_shift(data) - shift) > 1e-6:
        raise BadInput(
            f"{path}: found {label_shift(data):g} s between labels, expected {shift:g} s as between the predictions in"
            f" {folder}; correct it, or train on labels with this shift"
        )


@functools.lru_cache(SETS)
def labels_made_from(data, target, _facts):
    """Read the labels of a data directory once for many predictions; _facts: of these labels, now."""
    return Kept(labels_of(data, target, "this set has no labels to score against"))


def intervals(ensemble, runs, recordings, utt2spk):
    """The 95 % intervals of a record, as lists of two or None, and the number of speakers.

    ensemble, runs: moments of the speakers (S, 6), and a list of those of each run; recordings: utterance -> CCC.
    """
    of_recordings = significance.recordings_of_speakers(recordings, utt2spk)
    found = {
        "interval": significance.interval_of_ccc(ensemble[None]),
        "interval_per_recording": significance.interval_of_ccc(of_recordings[None], significance.mean_of_recordings),
        "interval_runs": significance.interval_of_ccc(np.array(runs)),
    }
    return {name: None if one is None else one.tolist() for name, one in found.items()} | {"speakers": len(ensemble)}


def score(data, folder, names, about, labels):
    """Write score.txt and score.json of one folder of predictions.

    data: data directory; names: of system and set; about: content of predictions.json; labels: utterance -> (T, 1).
    """
    outputs = {name: folder / name / "output.scp" for name in [".", *about["runs"]]}
    archive = Archive(outputs.pop("."), CURE)
    scores.check_complete(labels, archive, data)
    ensemble = Kept(archive)
    utt2spk = read_table(Path(data) / "utt2spk")
    mean, runs = scores.score(labels, ensemble, folder / "output.scp"), {}
    moments, of_runs = significance.moments_of_speakers(labels, ensemble, utt2spk), []
    for name, path in outputs.items():
        run = Kept(Archive(path, CURE))
        runs[name] = scores.score(labels, run, path)
        of_runs.append(significance.moments_of_speakers(labels, run, utt2spk))
    names = {"system": names["system"], "target": about["target"], "set": names["set"]}
    names |= {name: about[name] for name in ("postprocess", "failed", "undecided") if name in about}
    spread = intervals(moments, of_runs, {key: one["ccc"] for key, one in mean["recordings"].items()}, utt2spk)
    record = names | spread | scores.summary(mean, runs)
    write_text(folder / "score.json", json.dumps(record, indent=1) + "\n")
    write_text(folder / "score.txt", scores.table(record))
    for line in scores.doubts(record):
        warn(f"{folder}: {line}")
    return record


def score_if_needed(data, folder, names, code):
    """Score a folder of predictions unless its stamp says that this is done; code: facts of this program.

    data: data directory; names: of system and set. Raises BadInput when labels and predictions do not fit together, and
    when they change meanwhile.
    """
    about, folder = read_about(folder), Path(folder)
    tell_outdated(folder)
    stamp, stem = facts.Stamp(folder / ".done.score"), f"{data}/{about['target']}"
    of_labels = facts.take([f"{stem}.scp"])
    inputs = [
        f"{data}/utt2spk",
        f"{data}/label_shift",
        folder / "predictions.json",
        folder / "output.scp",
        *sorted(folder.glob("run*/output.scp")),
    ]
    made_from = of_labels | facts.take(inputs, names.values()) | code
    if not stamp.stale(made_from):
        print(f"{folder}/score.txt is up to date")
        return
    with locks.alone(folder / ".done.score.lock", stamp.path):
        for text in stamp.damaged():
            warn(f"{text}: damaged or edited since it was made; making it again")
        clear_abandoned(folder)
        expect_same_shift(data, folder, about["shift"])
        labels = labels_made_from(data, about["target"], tuple(of_labels.items()))
        record = score(data, folder, names, about, labels)
        if changed := stamp.commit([folder / "score.txt", folder / "score.json"], made_from):
            raise BadInput(f"{stamp.path}: {changed[0]}; it changed while it was worked on: run it again")
    several = f" (ensemble), {record['ccc_mean']:z.4f} (mean of runs)" if len(record["runs"]) > 1 else ""
    print(f"{names['set']}: CCC {record['ccc']:z.4f}{several}; {folder}/score.txt")
