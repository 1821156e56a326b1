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
    """A trained model, ready for recordings: its predict(wave, rate) returns one value every 40 ms.

    folder: a model folder, with run1, run2 ... (the mean of all is predicted), or one of these. Returns a Recognizer
    (cer/prediction/recognizer.py), whose `target` says what it predicts and whose `shift` how many seconds lie between
    predictions. Raises BadInput (cer/base/errors.py), a ValueError, when the folder holds no model, or one whose
    features cannot be computed from recordings.
    """
    from cer.prediction.recognizer import (
        Recognizer,  # here: torch takes a second to import
    )

    return Recognizer(folder)
