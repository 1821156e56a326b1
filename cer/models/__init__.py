"""Architectures: one file each, whose class Model maps the rows of one utterance to one value a row.

    Model(input_dim, *, options ...)      every option a typed keyword with a line in the docstring
    model(x)                              x: (T, input_dim) -> (T,)
    model.receptive_field()               (before, after): rows that a prediction sees besides its own
    model.num_frames(rows)                predictions for so many rows

and, where it needs them,

    model.prepare(x)                      what forward takes instead of x; done once an utterance, not once a step
    model.fit(examples)                   solve for the weights instead of training them; examples: a list of
                                          (x or what prepare made of it, targets (T' <= T,))
    model.period                          rows after which its arithmetic repeats, such as those of a pooling: a part
                                          of an utterance is treated as the whole is if it begins with one (default: 1)
    Model.waveform = True                 rows are samples of the recording, not features

Adding an architecture is adding a file here and a conf/<name>.conf: nothing else knows its name.
"""

import importlib
import pkgutil

from cer.errors import BadInput


def architecture(name):
    """The class Model of cer/models/<name>.py. Raises BadInput listing what there is."""
    if name not in architectures():
        raise BadInput(f"--arch={name}: no such architecture; there are {', '.join(architectures())}")
    return importlib.import_module(f"{__name__}.{name}").Model


def architectures():
    """Names of all architectures: the files of this folder but the layers they share."""
    return [module.name for module in pkgutil.iter_modules(__path__) if module.name != "layers"]


def prepare(model, x):
    """What model(...) takes for the rows x, a tensor (T, input_dim)."""
    return model.prepare(x) if hasattr(model, "prepare") else x
