"""Predictions of one or more systems for a recording, written to its CSV file and archives."""

import inspect
import time
from pathlib import Path

import numpy as np

from cer.base import facts
from cer.base.errors import BadInput
from cer.base.files import write_text
from cer.data import frames
from cer.data.datadir import writing_archive
from cer.prediction import postprocess
from cer.prediction.recognizer import Recognizer
from cer.system.model_folder import FINAL, MODEL


def by_target(folders):
    """Load model folders, grouped by target: target -> list of Recognizer. Raises BadInput if their shifts differ."""
    models = {}
    for folder in folders:
        model = Recognizer(folder)
        models.setdefault(model.target, []).append(model)
    shifts = {round(model.shift, 9) for each in models.values() for model in each}
    if len(shifts) > 1:
        raise BadInput(f"{' '.join(folders)}: found predictions every {sorted(shifts)} s, expected one shift for all")
    return models


def facts_of(models, folders, options, program):
    """Return the facts (cer/base/facts.py) that the predictions of all recordings have in common.

    models: from by_target(); folders: of the models; options: list of words; program: path of the calling program.
    """
    each = [model.ensemble for some in models.values() for model in some]
    files = [run / name for ensemble in each for run in ensemble.folders for name in (FINAL, MODEL)]
    files += [Path(folder) / postprocess.FILE for folder in folders]
    made_by = [model.front_end for some in models.values() for model in some]
    made_by += [network for ensemble in each for network in ensemble.models]
    code = [program, *{inspect.getfile(type(one)) for one in made_by}]
    return {"made with": facts.summary(facts.take(files, options, code))}


def predict_recording(models, key, recording, folder, own_cmvn):
    """Predict one recording and write its files; returns their paths, a list, and a line for the log.

    models: from by_target(); key: recording id; recording: a Recording (cer/sound/audio.py); folder: to write into;
    own_cmvn: as in Recognizer.predict_pieces.
    """
    begun = time.monotonic()
    found = {target: [model.predict_pieces(recording.pieces, recording.rate, key, own_cmvn) for model in each]
             for target, each in models.items()}  # fmt: skip
    rows = frames.common([one for each in found.values() for one in each], key)
    columns = {target: np.mean([one[:rows] for one in each], 0) for target, each in found.items()}
    shift = next(iter(models.values()))[0].shift
    for target, column in columns.items():
        with writing_archive(folder / target / key) as write:
            write(key, column.astype(np.float32)[:, None])
    lines = "".join(f"{n * shift:.10g},{','.join(f'{y:.6f}' for y in row)}\n"
                    for n, row in enumerate(zip(*columns.values(), strict=True)))  # fmt: skip
    write_text(folder / "csv" / f"{key}.csv", f"time,{','.join(columns)}\n{lines}")
    files = [folder / "csv" / f"{key}.csv", *(folder / target / f"{key}.scp" for target in models)]
    seconds = time.monotonic() - begun
    factor = f"real-time factor {seconds / recording.seconds:.4f}"
    return files, f"{recording.seconds:.1f} s in {seconds:.1f} s, {factor}"
