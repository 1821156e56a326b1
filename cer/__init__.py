"""Continuous emotion recognition from speech: arousal and valence over time, after Khorram et al. 2017.

    from cer import load_model

    model = load_model("exp/synth/downup/arousal")      # made by ./run.sh
    prediction = model.predict("talk.flac")             # or predict(samples, rate)
    prediction.times, prediction.values                 # s, and arousal from calm (-1) to excited (+1), every 40 ms

    both = load_model(["exp/synth/downup/arousal", "exp/synth/downup/valence"]).predict("talk.flac")
    both["valence"]                                     # a column; both.values has all, both.targets their names

What there is:

    load_model     a folder, or a list of folders, of trained models -> Recognizer or Recognizers
    Recognizer     one model: predict() takes a file or samples, live() a stream
    Recognizers    several models, of one or more targets: predict()
    Prediction     what predict() returns: an array with `times`, `values` and `targets`
    BadInput       the exception, a ValueError, whose message says what was found, what was expected and what to do

On the command line, `cer-predict MODEL... FILE...` writes CSV files: cer-predict --help.
"""

from __future__ import annotations

from cer.base.errors import BadInput  # first, because cer.base looks after Ctrl-C

# isort: split
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from cer.prediction.recognizer import Recognizer
    from cer.prediction.recordings import Recognizers
    from cer.prediction.result import Prediction

__version__ = "0.1.0"
__all__ = ["BadInput", "Prediction", "Recognizer", "Recognizers", "load_model"]


@overload
def load_model(folder: str | os.PathLike[str]) -> Recognizer: ...  # type: ignore[overload-overlap]
@overload
def load_model(folder: Iterable[str | os.PathLike[str] | Recognizer]) -> Recognizers: ...
def load_model(
    folder: str | os.PathLike[str] | Iterable[str | os.PathLike[str] | Recognizer],
) -> Recognizer | Recognizers:
    """Load one trained model, or several that predict together.

    folder: a model folder with run1, run2 ..., whose predictions are averaged (Section 6.1 of the paper), or the folder
    of one run; or a list of such folders or loaded models, of one or more targets: those of the same target are
    averaged.

    Returns a Recognizer, of a list Recognizers: predict(file) or predict(samples, rate) gives a value for each target
    every `shift` seconds (40 ms); `targets` names them. Warns on stderr of models that learnt from a generated corpus.
    Raises BadInput, a ValueError, when a folder holds no model, a damaged one, or one whose features cannot be computed
    from recordings, and when shifts differ.
    """
    import os

    from cer.prediction import origin
    from cer.prediction.recognizer import Recognizer  # not at the top: importing torch takes a second
    from cer.prediction.recordings import Recognizers

    if isinstance(folder, (str, os.PathLike)):
        one = Recognizer(folder)
        origin.warn_of({one.target: [one]})
        return one
    several = Recognizers(folder)
    origin.warn_of(several.models)
    return several


def __getattr__(name: str) -> type:
    """The classes, which are imported when they are asked for."""
    homes = {"Prediction": "result", "Recognizer": "recognizer", "Recognizers": "recordings"}
    if name not in homes:
        raise AttributeError(f"module 'cer' has no attribute {name!r}")
    import importlib

    found: type = getattr(importlib.import_module(f"cer.prediction.{homes[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
