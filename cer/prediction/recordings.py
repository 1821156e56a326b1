"""Predictions of one or more systems for a recording."""

from __future__ import annotations  # help() shows them as they stand here

import inspect
import os
import time
from collections.abc import Iterable
from typing import Literal

import numpy as np

from cer.base import facts
from cer.base.errors import BadInput, once
from cer.base.files import real
from cer.data import frames
from cer.prediction import postprocess
from cer.prediction.recognizer import Recognizer, is_own
from cer.prediction.result import Prediction
from cer.sound import samples
from cer.system.model_folder import FINAL, MODEL, run_folders

MODELS = ".models"  # the stamp of an output folder: its models and options


class Recognizers:
    """Several trained models that predict together: those of the same target are averaged.

    targets: what they predict, a tuple; shift: s between predictions.
    """

    def __init__(self, models: Iterable[str | os.PathLike[str] | Recognizer]) -> None:
        """models: their folders, as in load_model, or a Recognizer each. Raises BadInput, as by_target."""
        self.models: dict[str, list[Recognizer]] = by_target(list(models))
        self.targets: tuple[str, ...] = tuple(self.models)
        self.shift: float = self.models[self.targets[0]][0].shift

    def __repr__(self) -> str:
        return f"Recognizers({[model for each in self.models.values() for model in each]})"

    def predict(
        self,
        source: samples.Source,
        rate: float | None = None,
        channel: int | None = None,
        cmvn: Literal["own", "global"] = "own",
    ) -> Prediction:
        """Predict one recording, as Recognizer.predict does it, with the same errors.

        Returns a Prediction, float32 (T, number of targets), with columns in the order of `targets`; (T,) of one.
        """
        sound = samples.of_source(source, rate, channel)
        return Prediction(predict_recording(self.models, str(sound.path), sound, is_own(cmvn))[0], self.shift)


def by_target(folders):
    """Load models, grouped by target: target -> list of Recognizer.

    folders: of models, or models that are loaded. Raises BadInput for none, and if their shifts differ.
    """
    models = {}
    for folder in folders:
        model = Recognizer(folder) if isinstance(folder, (str, os.PathLike)) else folder
        models.setdefault(model.target, []).append(model)
    if not models:
        raise BadInput("found no models, expected one or more model folders")
    shifts = {round(model.shift, 9) for each in models.values() for model in each}
    if len(shifts) > 1:
        raise BadInput(
            f"{' '.join(map(str, folders))}: found predictions every {sorted(shifts)} s, expected one shift for all"
        )
    return models


def check_folder(out):
    """Raise BadInput unless predictions may be written into a folder: a new or empty one, or one that has some."""
    files = [] if not out.is_dir() or (out / MODELS).exists() else sorted(path.name for path in out.iterdir())
    if foreign := [name for name in files if name != ".lock"]:
        raise BadInput(f"{out}: found {foreign[0]} in it, expected an empty or new output folder; name another one")


def claim(out, models, options, resume):
    """Record which model folders and options (words) an output folder is for, as steps/predict_recordings.sh does it.

    resume: raise BadInput if it holds predictions of others; otherwise they will be replaced.
    """
    places = [real(model) for model in models]  # however they are named
    files = [run / name for place in places for run in run_folders(place) for name in (FINAL, MODEL)]
    files += [place / postprocess.FILE for place in places]
    stamp = facts.Stamp(out / MODELS)
    made_from = stamp.take(files, options)
    if resume and (out / ".done").is_dir() and stamp.path.exists() and stamp.stale(made_from):
        raise BadInput(
            f"{out} holds predictions of other models or options; name another folder, or replace them with --resume"
            " false"
        )
    stamp.commit([], made_from)


def facts_of(models, folders, options, program):
    """Return the facts (cer/base/facts.py) that the predictions of all recordings have in common.

    models: from by_target(); folders: of the models; options: list of words; program: path of the calling program.
    """
    each = [model.ensemble for some in models.values() for model in some]
    files = [real(run) / name for ensemble in each for run in ensemble.folders for name in (FINAL, MODEL)]
    files += [real(folder) / postprocess.FILE for folder in folders]
    made_by = [model.front_end for some in models.values() for model in some]
    made_by += [network for ensemble in each for network in ensemble.models]
    code = [program, *{inspect.getfile(type(one)) for one in made_by}]
    return {"made with": facts.summary(facts.take(files, options, code))}


def predict_recording(models, key, recording, own_cmvn, say=None):
    """Predict one recording: ({target: (T,) float32}, a line for the log).

    models: from by_target(); key: recording id; recording: a Recording (cer/sound/audio.py) or Samples
    (cer/sound/samples.py); own_cmvn: as in Recognizer.predict_pieces; say: a once() of several recordings, so that none
    of them repeats a warning.
    """
    begun = time.monotonic()
    what = recording.pieces, recording.rate, key, own_cmvn, say or once()
    found = {target: [model.predict_pieces(*what) for model in each] for target, each in models.items()}
    rows = frames.common([one for each in found.values() for one in each], key)
    columns = {target: np.mean([one[:rows] for one in each], 0).astype(np.float32) for target, each in found.items()}
    seconds = time.monotonic() - begun
    factor = f"real-time factor {seconds / recording.seconds:.4f}"
    return columns, f"{recording.seconds:.1f} s in {seconds:.1f} s, {factor}"
