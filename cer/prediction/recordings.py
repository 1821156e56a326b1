"""Predictions of one or more systems for a recording."""

import inspect
import time
from pathlib import Path

import numpy as np

from cer.base import facts
from cer.base.errors import BadInput
from cer.data import frames
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


def predict_recording(models, key, recording, own_cmvn):
    """Predict one recording: ({target: (T,) float32}, a line for the log).

    models: from by_target(); key: recording id; recording: a Recording (cer/sound/audio.py); own_cmvn: as in
    Recognizer.predict_pieces.
    """
    begun = time.monotonic()
    found = {target: [model.predict_pieces(recording.pieces, recording.rate, key, own_cmvn) for model in each]
             for target, each in models.items()}  # fmt: skip
    rows = frames.common([one for each in found.values() for one in each], key)
    columns = {target: np.mean([one[:rows] for one in each], 0).astype(np.float32) for target, each in found.items()}
    seconds = time.monotonic() - begun
    factor = f"real-time factor {seconds / recording.seconds:.4f}"
    return columns, f"{recording.seconds:.1f} s in {seconds:.1f} s, {factor}"
