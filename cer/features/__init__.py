"""Front ends: one file each, whose class Features turns the samples of a recording into frames.

    Features(*, options ...)         every option a typed keyword with a line in the docstring
    features.frame_seconds           seconds between frames
    features.dim                     columns of a frame
    features(samples, rate, key)     samples (N,) in the range of 16-bit integers, at `rate` Hz -> float32 (T, dim);
                                     key: the utterance's id. Raises BadInput for a recording that holds no frame

and, where it needs them (FrontEnd, below, says what holds otherwise),

    features.rate                    Hz of the samples that it works on; features(...) brings them to it, streams get
                                     samples at it
    features.check_rate(rate, key)   raises BadInput for recordings that it does not bring to its rate
    features.stream(rate, at_once)   a stage of cer/base/stream.py: samples at its rate, or at `rate` if it has none ->
                                     frames, `at_once` of them at a time (None: as many as are fast)
    features.look_ahead              seconds that a frame of the stream sees after its own; without it a recording is
                                     taken as a whole, and live recognition is refused
    features.graph(factor)           a torch module for an exported graph: samples at its rate -> frames; and
    features.num_frames(samples)     how many frames so many samples hold. Without these a graph takes features
    Features.noise                   names of options that add noise: 0 where the same is to come out each time
    Features.archived = False        frames are not written into archives (stage 1) and normalised by speaker (stage 2):
                                     they are computed when they are read, and each recording is normalised by itself.
                                     Then alone(), normalise(), stack() say how, and graph gives rows of `factor` frames

Adding a front end is adding a file here and a conf/<name>.conf: nothing else knows its name.
"""

import importlib
import pkgutil

from cer.base.errors import BadInput
from cer.base.options import Parser, read_config
from cer.base.stream import Whole
from cer.data import cmvn, frames


class FrontEnd:
    """What a front end inherits, and replaces where it is different."""

    archived, noise, rate, look_ahead, graph = True, (), None, None, None
    frame_length = None  # ms, for messages

    def describe(self):
        """What the features are, for people."""
        return f"{self.dim} features every {self.frame_seconds:g} s"

    def check_rate(self, rate, key):
        """Raise BadInput for recordings of a rate (Hz) that it cannot take. This one takes all."""

    def stream(self, rate, at_once=None):
        """A stage: samples (N,) -> frames (T, dim)."""
        return Whole(lambda samples: self(samples, self.rate or rate, "the recording"))

    def normalise(self, features, stats, norm_means, norm_vars):
        """features (T, dim) with the statistics (2, dim + 1) of a speaker or recording -> (T, dim), as for training."""
        return cmvn.apply(features, stats, norm_means=norm_means, norm_vars=norm_vars)

    def stack(self, features, factor):
        """Frames (T, dim) -> rows of a network (ceil(T / factor), frames_a_row(factor) dim)."""
        return frames.stack(features, factor)


def names():
    """Names of all front ends: the files of this folder."""
    return [module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg]


def front_end(name):
    """The class Features of cer/features/<name>.py. Raises BadInput listing what there is."""
    if name not in names():
        raise BadInput(f"--features={name}: no such front end; there are {', '.join(names())}")
    return importlib.import_module(f"{__name__}.{name}").Features


def options_of(name, config):
    """The options of a front end that a configuration file sets, with the defaults of the others: dict, first unknown.

    Returns (options, None), or (None, the first `--name=value` that is no option of ours).
    """
    parser = Parser("")
    parser.add_keywords(front_end(name))
    tokens = [option for _, option in read_config(config)]
    values, unknown = parser.parse_known_args(tokens)
    return (None, unknown[0]) if unknown else (parser.keywords(values, front_end(name)), None)
