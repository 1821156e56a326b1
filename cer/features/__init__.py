"""Front ends: each file has a class Features(FrontEnd) that turns the samples of a recording into frames.

    Features(*, options ...)         each option is a typed keyword argument with a default and a line in the docstring
    features.frame_seconds           frame shift, seconds
    features.dim                     feature dimension
    features(samples, rate, key)     samples (N,) in the range of 16-bit integers, at `rate` Hz -> float32 (T, dim);
                                     key: utterance id. May leave out the last frame if it is incomplete. Raises
                                     BadInput for a recording shorter than one frame

Optional members; the class FrontEnd below holds their defaults:

    features.of_pieces(pieces, rate, key)    the same for samples that come piece by piece, to save memory; default:
                                     joins them
    features.rate                    sampling rate, Hz, that the front end works at: features(...) resamples to it,
                                     a stream expects samples at it. None: any rate
    features.check_rate(rate, key)   raises BadInput for a sampling rate that the front end cannot resample
    features.stream(rate, at_once)   a stage of cer/base/stream.py: samples at features.rate (at `rate` if that is None)
                                     -> frames, `at_once` per step (None: the fastest block size; a front end may ignore
                                     it). At the end, the function of a Window also gets the samples that are left: if
                                     they are less than a frame, it returns (0, dim)
    features.look_ahead              seconds of samples that a streamed frame needs after its own shift. 0: nothing
                                     beyond that shift. None: the front end needs the whole recording, and cannot run
                                     live. Set it only together with a stream of your own
    features.graph(factor)           torch module for ONNX export: samples at features.rate -> frames
    features.num_frames(samples)     number of frames in so many samples; needed with graph. Without graph, an exported
                                     model takes features: steps/export.sh --input features
    Features.noise                   names of the options that add noise; they are set to 0 for prediction
    Features.permits                 names of the options that only permit an input, such as a sampling rate
    Features.archived = False        stage 1 writes no archive and stage 2 no speaker statistics: frames are computed
                                     each time they are read, and each recording is normalised by its own statistics.
                                     The class then defines alone(), normalise() and stack(), and graph returns rows of
                                     `factor` frames

To add a front end, add a file here and conf/<name>.conf: no other file names it.
"""

import importlib
import pkgutil

import numpy as np

from cer.base.errors import BadInput
from cer.base.options import Parser, read_config
from cer.base.stream import Whole
from cer.data import cmvn, frames


class FrontEnd:
    """Base class of all front ends: the defaults of the optional members."""

    archived, noise, permits, rate, look_ahead, graph = True, (), (), None, None, None
    frame_length = None  # ms, for messages

    def describe(self):
        """Describe the features in one phrase, for messages and reports."""
        return f"{self.dim} features every {self.frame_seconds:g} s"

    def check_rate(self, rate, key):
        """Raise BadInput for a sampling rate (Hz) that the front end cannot process. Default: accept all rates."""

    def of_pieces(self, pieces, rate, key):
        """Compute the features of a recording; pieces: an iterable of samples (N,). Returns float32 (T, dim)."""
        return self(np.concatenate([*pieces]), rate, key)

    def stream(self, rate, at_once=None):
        """Return a stage (cer/base/stream.py) that takes samples (N,) of this rate (Hz) and gives frames (T, dim)."""
        return Whole(lambda samples: self(samples, self.rate or rate, "the recording"))

    def normalise(self, features, stats, norm_means, norm_vars):
        """Apply CMVN as in training: features (T, dim), stats (2, dim + 1) of a speaker or recording -> (T, dim)."""
        return cmvn.apply(features, stats, norm_means=norm_means, norm_vars=norm_vars)

    def stack(self, features, factor):
        """Stack frames (T, dim) into network input rows (ceil(T / factor), frames_a_row(factor) dim)."""
        return frames.stack(features, factor)


def names():
    """List the names of all front ends: the files in this folder."""
    return [module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg]


def front_end(name):
    """Return the class Features of cer/features/<name>.py. Raises BadInput when there is none that can be used."""
    if name not in names():
        raise BadInput(f"--features={name}: no such front end; there are {', '.join(names())}")
    module = importlib.import_module(f"{__name__}.{name}")
    Features = getattr(module, "Features", None)
    if not (isinstance(Features, type) and issubclass(Features, FrontEnd)):
        raise BadInput(f"{module.__file__}: expected a class Features(FrontEnd); see cer/features/__init__.py")
    if Features.look_ahead is not None and Features.stream is FrontEnd.stream:
        raise BadInput(
            f"{module.__file__}: found look_ahead without a stream of its own, expected both or neither; see"
            " cer/features/__init__.py"
        )
    return Features


def options_of(name, config):
    """Read a front end's options from a configuration file; options that it does not set have their defaults.

    Returns (dict of options, None), or (None, the first `--name=value` that the front end does not have).
    """
    parser = Parser("")
    parser.add_keywords(front_end(name))
    tokens = [option for _, option in read_config(config)]
    values, unknown = parser.parse_known_args(tokens)
    return (None, unknown[0]) if unknown else (parser.keywords(values, front_end(name)), None)
