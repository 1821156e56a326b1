"""Predictions from samples: recordings of any length in bounded memory, and live streams.

    samples -> resampling -> front end -> CMVN -> rows -> all runs -> mean -> post-processing of the model folder

Each step is a stage (cer/base/stream.py): memory does not grow with the recording, and the result equals that of
processing it as a whole. A recording is read twice: first for its mean and variance, then for predictions. Live streams
use running statistics.
"""

import itertools
import math
from functools import partial
from numbers import Real

import numpy as np

from cer.base.errors import BadInput, warn
from cer.base.stream import Chain, Each, Whole, Window, join, outputs
from cer.data import cmvn
from cer.prediction.ensemble import Ensemble
from cer.sound import resample
from cer.sound.levels import checked
from cer.sound.pcm import FULL_SCALE, RATES
from cer.system import front_end

PIECE = 1 << 20  # samples per step
SHORTEST = 5.0  # shortest recording whose own mean and variance are reliable, s
PRIOR = 10.0  # initial weight of the training set's statistics in live CMVN, s


class Recognizer:
    """A model folder, loaded for recordings. `target`: what it predicts; `shift`: seconds between predictions."""

    def __init__(self, folder):
        """folder: as in load_model. Raises BadInput if the model's features cannot be computed from samples."""
        self.ensemble = Ensemble(folder)
        self.target, self.rows = self.ensemble.target, self.ensemble.rows
        self.shift = self.rows.label_shift
        told = self.ensemble.description
        if "features" not in told or ("global_cmvn" not in told and not front_end.computed_by(told)):
            raise BadInput(
                f"{folder}: model.json does not say how its features are computed from recordings; train again on"
                " features of steps/make_feats.sh, or predict a data directory with such features"
            )
        if noise := front_end.noisy(told):
            warn(
                f"{folder}: learnt from features with {noise[0]}; recordings are predicted without, the same each time"
            )
        self.front_end = front_end.of_system(self.ensemble.folders[0], told, self.rows)
        self.global_stats = None  # for front ends that normalise each recording by itself
        if self.front_end.archived:
            self.global_stats = np.array(told["global_cmvn"], np.float64)
        self.rate = self.front_end.rate and int(self.front_end.rate)  # None: any

    def predict(self, wave, rate):
        """Predict one recording.

        wave: (N,) int16, or float with full scale 1 (louder is allowed), at least one frame long; rate: Hz. Recordings
        below 5 s are normalised by the training set's mean and variance, with a warning. Returns (T,) float32, one
        value every `shift` seconds (40 ms), in the labels' units: arousal from calm (-1) to excited (+1), valence from
        negative (-1) to positive (+1). Raises BadInput for other types and shapes, for invalid rates, and for the
        reasons of cer.sound.levels.checked.
        """
        samples = as_samples(wave, whole_rate(rate))
        starts = range(0, len(samples), PIECE)
        return self.predict_pieces(lambda: (samples[start : start + PIECE] for start in starts), rate)

    def predict_pieces(self, pieces, rate, name="the recording", own_cmvn=True):
        """Predict one recording given in pieces, as predict().

        pieces: function that returns a new iterable of samples (N,), in the range of 16-bit integers, at each call;
        rate: Hz; name: for messages; own_cmvn: True: normalise by the recording's own mean and variance, unless it is
        too short; False: by the training set's.
        """
        stats = statistics(outputs(self.features(rate), pieces()))
        if stats is None:
            length = self.front_end.frame_length
            size = f" of {length:g} ms" if length else ""
            raise BadInput(f"{name}: holds no frame{size}; expected a longer recording")
        if self.global_stats is not None:  # the front end's recordings need not be normalised by themselves
            seconds = stats[0, -1] * self.rows.frame_shift
            if seconds < SHORTEST and own_cmvn:
                warn(f"{name}: {seconds:.2f} s say little of its mean and variance; using those of the training set")
            if seconds < SHORTEST or not own_cmvn:
                stats = self.global_stats
        stages = Chain([self.features(rate), *self.from_features(partial(self.normalise, stats=stats))])
        predictions = join(list(outputs(stages, pieces()))).astype(np.float32)
        self.ensemble.check(name, predictions)
        return predictions

    def live(self, rate, own_cmvn=True, step=0.2):
        """A stage: samples (N,) at `rate` Hz -> predictions (T,), each at most `look_ahead(step)` seconds late.

        own_cmvn: True: normalise by running statistics of the stream; False: by the training set's. step: minimum
        seconds per network call. Raises BadInput for systems that need the whole recording: networks or front ends
        without a finite look-ahead, and networks on the waveform, which is normalised as a whole.
        """
        where, arch = self.ensemble.folders[0], self.ensemble.description["arch"]
        if self.global_stats is None or math.isinf(self.ensemble.look_ahead()):
            raise BadInput(
                f"{where}: {arch} needs the whole recording and cannot run live; take a network on features with a"
                " receptive field, such as downup"
            )
        if self.front_end.look_ahead is None:
            raise BadInput(
                f"{where}: the front end {self.ensemble.description['features']['name']} takes whole recordings and"
                " cannot run live; take a system on features that can, such as fbank"
            )
        if not self.rows.whole:
            raise BadInput(
                f"{where}: it predicts every {self.shift:.6g} s, which is no whole number of its features' frames of"
                f" {self.rows.frame_shift:g} s, and cannot run live; train on features whose frame shift divides"
                " the label shift"
            )
        normalise = RunningCmvn(self) if own_cmvn else partial(self.normalise, stats=self.global_stats)
        return Chain([self.features(rate, at_once=1), *self.from_features(normalise, max(1, round(step / self.shift)))])

    def look_ahead(self, step=0.2):
        """Seconds of audio that a prediction needs after its time; step: as in live()."""
        rows = 1 + self.ensemble.look_ahead() + max(1, round(step / self.shift)) - 1
        return rows * self.shift + self.front_end.look_ahead

    def features(self, rate, at_once=None):
        """A stage: samples (N,) at `rate` Hz -> features (T, D); at_once: frames per step (None: the fastest)."""
        old = whole_rate(rate)
        self.front_end.check_rate(old, "the recording")
        resampling = [] if self.rate in (None, old) else [resample.stage(old, self.rate)]
        return Chain([*resampling, self.front_end.stream(old, at_once)])

    def normalise(self, features, stats):
        """Apply CMVN as in training: features (T, D), statistics (2, D + 1) of a speaker or recording -> (T, D)."""
        return self.front_end.normalise(features, stats, self.rows.norm_means, self.rows.norm_vars)

    def from_features(self, normalise, chunk=None):
        """Stages: features (T, D) -> predictions (T',); normalise: (T, D) -> (T, D); chunk: as in Ensemble.stage."""
        factor = self.rows.frame_subsampling_factor
        stack = partial(self.front_end.stack, factor=factor)
        rows = Window(stack, 0, 0, period=factor, out=1) if self.rows.whole else Whole(stack)  # interpolated as a whole
        return [Each(normalise), rows, self.ensemble.stage(chunk)]


class RunningCmvn:
    """Online CMVN: normalises each frame by the statistics of all frames so far, as in Kaldi's online CMVN.

    The training set's statistics fill up the count to PRIOR seconds: their weight is PRIOR minus the seconds so far.
    """

    def __init__(self, recognizer):
        """recognizer: a Recognizer with global_stats."""
        self._recognizer, stats = recognizer, recognizer.global_stats
        self._prior = stats / stats[0, -1]  # scaled to one frame
        self._frames = PRIOR / recognizer.rows.frame_shift
        self._sums = np.zeros_like(stats)

    def __call__(self, features):
        """Normalise the next features (T, D) -> (T, D)."""
        normalised = np.empty_like(features)
        for n, frame in enumerate(features):
            self._sums += cmvn.statistics([frame[None]])
            missing = max(0.0, self._frames - self._sums[0, -1])
            normalised[n] = self._recognizer.normalise(frame[None], self._sums + missing * self._prior)[0]
        return normalised


def whole_rate(rate):
    """Convert a sampling rate in Hz to int. Raises BadInput for fractions and rates out of range."""
    if not isinstance(rate, Real) or not RATES.start <= rate < RATES.stop or rate != int(rate):
        raise BadInput(f"found a rate of {rate!r} Hz, expected a whole number from {RATES.start} to {RATES.stop - 1}")
    return int(rate)


def as_samples(wave, rate):
    """Convert (N,) int16, or float with full scale 1, at `rate` Hz to (N,) float32 in the range of 16-bit integers.

    Raises BadInput for other types and shapes, and for the reasons of cer.sound.levels.checked.
    """
    wave = np.asarray(wave)
    if wave.ndim != 1 or not len(wave):
        raise BadInput(f"found samples of shape {wave.shape}, expected (N,): one channel, at least one sample")
    if wave.dtype == np.int16:
        samples = wave.astype(np.float32)
    elif wave.dtype.kind == "f":
        samples = wave.astype(np.float32) * FULL_SCALE
    else:
        raise BadInput(f"found samples of type {wave.dtype}, expected int16, or float from -1 to 1")
    return np.concatenate([*checked([samples], rate, "the recording")])


def statistics(pieces):
    """Compute cmvn.statistics of features in pieces: iterator of (T, D) -> (2, D + 1), or None for no piece."""
    first = next(pieces, None)
    return None if first is None else cmvn.statistics(itertools.chain([first], pieces))
