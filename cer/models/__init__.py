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
    Model.front_end = Features            the front end (cer/features/) that computes its frames from recordings each
                                          time; without it they are those of feats.scp

Options of the kind RowCount may be given in seconds, `--window=8s`: these become rows by the distance of the labels, so
that one configuration serves corpora of every label rate. model.json keeps rows.

Adding an architecture is adding a file here and a conf/<name>.conf: nothing else knows its name.
"""

import importlib
import math
import pkgutil

from cer.base import kinds
from cer.base.errors import BadInput

MOST_WEIGHTS = 100_000_000  # 400 MB; training takes five times as much
MOST_SOLVED = 20_000  # weights that are solved for: their Gram matrix takes 3.2 GB
MOST_ROWS = 1_000_000  # that a prediction may see: 11 hours


def architecture(name):
    """The class Model of cer/models/<name>.py. Raises BadInput listing what there is."""
    if name not in architectures():
        raise BadInput(f"--arch={name}: no such architecture; there are {', '.join(architectures())}")
    return importlib.import_module(f"{__name__}.{name}").Model


def build(arch, input_dim, options):
    """The Model of an architecture for rows of so many columns, with its options, a dict.

    Raises BadInput for a network that no machine of ours could hold or train, before its memory is taken.
    """
    import torch  # here, because it takes a second: the names of architectures are asked for without it
    from torch.overrides import TorchFunctionMode

    class Limit(TorchFunctionMode):
        """Adds up the sizes of all tensors that are made."""

        weights = 0

        def __torch_function__(self, function, types, args=(), kwargs=None):
            if function in (torch.empty, torch.zeros, torch.ones, torch.eye):
                sizes = args[0] if isinstance(args[0], list | tuple) else args
                self.weights += math.prod(sizes)
                _expect(self.weights <= MOST_WEIGHTS, f"more than {MOST_WEIGHTS:.0e} weights")
            return function(*args, **(kwargs or {}))

    def _expect(fits, found):
        if not fits:
            shown = ", ".join(f"--{name.replace('_', '-')}={value}" for name, value in options.items())
            raise BadInput(
                f"{arch} for rows of {input_dim} columns has {found}; expected a smaller network than {shown}"
            )

    with Limit():
        model = architecture(arch)(input_dim, **options)
    period = getattr(model, "period", 1)
    _expect(period <= MOST_ROWS // 10, f"a period of {period} rows")
    before, after = model.receptive_field()
    _expect(before + after <= MOST_ROWS or math.isinf(before + after), f"a receptive field of {before + after} rows")
    solved = sum(weights.numel() for weights in model.parameters()) if hasattr(model, "fit") else 0
    _expect(solved <= MOST_SOLVED, f"{solved} weights to be solved for")
    return model


def in_rows(options, shift):
    """Options of an architecture, a dict, those in seconds brought to rows; shift: seconds between rows."""
    return {name: value.rows(shift) if isinstance(value, kinds.Span) else value for name, value in options.items()}


def architectures():
    """Names of all architectures: the files of this folder but the layers they share."""
    return [module.name for module in pkgutil.iter_modules(__path__) if module.name != "layers"]


def prepare(model, x):
    """What model(...) takes for the rows x, a tensor (T, input_dim)."""
    return model.prepare(x) if hasattr(model, "prepare") else x
