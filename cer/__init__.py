"""Continuous emotion recognition from speech, after Khorram et al. 2017.

    from cer import load_model
    arousal = load_model("exp/synth/downup/arousal").predict(wave, rate)

Imports point one way, from the right to the left:

    base <- sound <- data <- features <- scoring <- models <- system <- training
                                                                     <- prediction <- export
    bin stands on top of all: parse, call, write
"""

__version__ = "0.1.0"


def load_model(folder):
    """Load a trained model for recordings: its predict(wave, rate) returns one value every 40 ms.

    folder: a model folder with run1, run2 ..., whose predictions are averaged, or the folder of one run. Returns a
    Recognizer (cer/prediction/recognizer.py): `target` names what it predicts, `shift` is the time between predictions
    in seconds. Raises BadInput (cer/base/errors.py), a ValueError, when the folder holds no model, or a model whose
    features cannot be computed from recordings.
    """
    from cer.prediction.recognizer import (
        Recognizer,  # not at the top: importing torch takes a second
    )

    return Recognizer(folder)
