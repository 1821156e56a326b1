"""Architectures: each file has a class Model that maps the rows of one utterance to one value per row.

A row is the network's input for one label: one or more stacked frames.

    Model(input_dim, *, options ...)      each option is a typed keyword argument with a default and a line in
                                          the docstring
    model(x)                              x: (T, input_dim) -> (T,)
    model.receptive_field()               (before, after): rows before and after its own that a prediction depends on

Optional members:

    model.prepare(x)                      precompute the input of forward from x, once per utterance, not at every step
    model.fit(examples)                   solve for the weights at once, instead of gradient steps; examples: an
                                          iterable of (x or prepare(x), targets (T' <= T,), NaN where there is none) of
                                          utterances, or of overlapping parts of long ones, more than once
    model.period                          rows per pooling group or segment: a chunk of an utterance gives the same
                                          outputs as the whole only if it starts at a multiple of period (default: 1)
    Model.front_end = Features            front end (cer/features/) that computes frames from recordings each time they
                                          are read; without it frames come from feats.scp

cer.base.kinds has the types of options. Those of type cer.base.kinds.RowCount also take seconds, `--window=8s`. The
label shift converts these to rows, so that one configuration suits corpora of any label rate. model.json stores rows.

To add an architecture, add a file here and conf/<name>.conf: no other file names it.
"""

import importlib
import inspect
import math
import pkgutil

from cer.base import kinds
from cer.base.errors import BadInput

MOST_WEIGHTS = 100_000_000  # 400 MB; training takes five times as much
MOST_SOLVED = 20_000  # weights that a model with fit may have: their Gram matrix takes 3.2 GB
TRIAL = 50  # rows that a new network is tried on
MOST_ROWS = 1_000_000  # largest receptive field: 11 hours at 25 rows per second


def architecture(name):
    """Return the class Model of cer/models/<name>.py. Raises BadInput for an unknown name."""
    if name not in architectures():
        raise BadInput(f"--arch={name}: no such architecture; there are {', '.join(architectures())}")
    return importlib.import_module(f"{__name__}.{name}").Model


def build(arch, input_dim, options):
    """Create the Model of an architecture for rows of `input_dim` columns; options: dict of its keyword arguments.

    Raises BadInput for options that the architecture refuses, and for a network above the limits at the top of this
    file, before it allocates the memory.
    """
    import torch  # not at the top: importing it takes a second, and listing the architectures does not need it
    from torch.overrides import TorchFunctionMode

    class Limit(TorchFunctionMode):
        """Sum the sizes of all tensors that the constructor creates."""

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


def in_rows(arch, options, shift):
    """Options of an architecture, a dict, those in seconds converted to rows; shift: seconds between rows.

    Raises BadInput for seconds that are no number of rows that the option allows.
    """
    kinds_of = {name: one.annotation for name, one in inspect.signature(architecture(arch)).parameters.items()}
    converted = {}
    for name, value in options.items():
        if isinstance(value, kinds.Span):
            rows = value.rows(shift)
            if not kinds.fits(kinds_of[name], rows):
                raise BadInput(
                    f"--{name.replace('_', '-')}: found {value.seconds:g} s, which are {rows} rows of {shift:g} s,"
                    f" expected {kinds.words(kinds_of[name])}"
                )
            value = rows
        converted[name] = value
    return converted


def architectures():
    """List the names of all architectures: the files in this folder, without the shared layers."""
    return [module.name for module in pkgutil.iter_modules(__path__) if module.name != "layers"]


def prepare(model, x):
    """Return the input of model(...) for rows x: tensor (T, input_dim)."""
    return model.prepare(x) if hasattr(model, "prepare") else x


def check(model, arch, input_dim):
    """Raise BadInput when a new architecture's output has another shape than training needs."""
    import torch

    with torch.no_grad():
        outputs = model(prepare(model, torch.zeros(TRIAL, input_dim)))
    if outputs.shape != (TRIAL,):
        raise BadInput(
            f"cer/models/{arch}.py: found outputs of shape {tuple(outputs.shape)} for {TRIAL} rows, expected ({TRIAL},)"
            "; see cer/models/__init__.py"
        )
