"""Predictions from samples: recordings of any length in bounded memory, and live streams.

    samples -> resampling -> front end -> CMVN -> rows -> all runs -> mean -> post-processing of the model folder

Each step is a stage (cer/base/stream.py): memory does not grow with the recording, and the result equals that of
processing it as a whole. A recording is read twice: first for its mean and variance, then for predictions. Live streams
use running statistics.
"""

from __future__ import annotations  # help() shows them as they stand here

import math
import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cer.base.errors import BadInput, warn
from cer.base.stream import Chain, Each, Whole, Window, join, outputs
from cer.data.cmvn import statistics
from cer.prediction.ensemble import Ensemble
from cer.prediction.result import Prediction
from cer.sound import resample, samples
from cer.system import front_end

SHORTEST = 5.0  # shortest recording whose own mean and variance are reliable, s
PRIOR = 10.0  # initial weight of the training set's statistics in live CMVN, s


class Recognizer:
    """A trained model, from its folder: predict() takes recordings, live() streams.

    target: what it predicts, such as arousal, and targets: the same, as a tuple; shift: s between predictions.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """folder: as in load_model. Raises BadInput if the model's features cannot be computed from samples."""
        self.folder, self.ensemble = folder, Ensemble(folder)
        self.rows = self.ensemble.rows
        self.target: str = self.ensemble.target
        self.targets: tuple[str, ...] = (self.target,)
        self.shift: float = self.rows.label_shift
        told = self.ensemble.description
        if "features" not in told or ("global_cmvn" not in told and not front_end.computed_by(told)):
            raise BadInput(
                f"{folder}: model.json does not say how its features are computed from recordings; train again on"
                " features of steps/make_feats.sh, or make the same features, for steps/predict.sh"
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

    def __repr__(self) -> str:
        told, runs = self.ensemble.description, len(self.ensemble.folders)
        of = f"the mean of {runs} {told['arch']} models" if runs > 1 else f"a {told['arch']} model"
        front_end = told.get("features", {"name": "features"})["name"]
        learnt = f", trained on {' and '.join(told['corpora'])}" if told.get("corpora") else ""
        return f"<Recognizer {str(self.folder)!r}: {self.target} every {self.shift:g} s, {of} on {front_end}{learnt}>"

    def predict(
        self,
        source: samples.Source,
        rate: float | None = None,
        channel: int | None = None,
        cmvn: Literal["own", "global"] = "own",
    ) -> Prediction:
        """Predict one recording.

        source: the name of an audio file, of any format, rate and length; or samples, (N,), or (N, C) with C channels,
        as soundfile.read gives them: int16, or float with full scale 1 (louder is allowed, up to 100, as in files).
        rate: of samples, Hz; a file says its own. channel: counted from 0; None: the first, with a warning where there
        are several. cmvn: own: normalise by the recording's own mean and variance, unless it is shorter than 5 s;
        global: by the training set's, as for short recordings, with a warning.

        Returns a Prediction, an array of float32 (T,) with one value every `shift` seconds (40 ms), in the labels'
        units: arousal from calm (-1) to excited (+1), valence from negative (-1) to positive (+1).

        Raises BadInput, a ValueError, for a file that is missing, damaged or no audio; for other shapes and types, more
        channels than samples, a channel that is not there, and invalid rates; for samples that are not finite, floats
        beyond 100, a single value from beginning to end; and for less than a frame, 5 ms with the recipe's fbank.conf.

        The method is that of Khorram et al. 2017: Section 3 has the features, Section 6.1 the mean of several runs.
        """
        sound = samples.of_source(source, rate, channel)
        values = self.predict_pieces(sound.pieces, sound.rate, str(sound.path), is_own(cmvn))
        return Prediction({self.target: values}, self.shift)

    def predict_pieces(
        self,
        pieces: Callable[[], Iterable[NDArray[Any]]],
        rate: float,
        name: str = "the recording",
        own_cmvn: bool = True,
        say: Callable[[str], None] = warn,
    ) -> NDArray[np.float32]:
        """Predict one recording given in pieces: float32 (T,). Raises BadInput, as predict().

        pieces: function that returns a new iterable of samples (N,), in the range of 16-bit integers, at each call;
        rate: Hz; name: for messages; own_cmvn: True: normalise by the recording's own mean and variance, unless it is
        too short; False: by the training set's. say: what takes warnings.
        """
        stats = statistics(outputs(self.features(rate), pieces()))
        self.tell_rate(rate, say)
        if stats is None:
            length = self.front_end.frame_length
            size = f" of {length:g} ms" if length else ""
            raise BadInput(f"{name}: holds no frame{size}; expected a longer recording")
        if self.global_stats is not None:  # the front end's recordings need not be normalised by themselves
            seconds = stats[0, -1] * self.rows.frame_shift
            if seconds < SHORTEST and own_cmvn:
                say(f"{name}: {seconds:.2f} s say little of its mean and variance; using those of the training set")
            if seconds < SHORTEST or not own_cmvn:
                stats = self.global_stats
        stages = Chain([self.features(rate), *self.from_features(partial(self.normalise, stats=stats))])
        predictions = join(list(outputs(stages, pieces()))).astype(np.float32)
        self.ensemble.check(name, predictions)
        return predictions

    def live(self, rate: float, own_cmvn: bool = True, step: float = 0.2) -> Chain:
        """A stage: samples (N,) at `rate` Hz -> predictions (T,), each at most `look_ahead(step, rate)` seconds late.

        Samples are int16, or floats in the range of 16-bit integers: multiply those with full scale 1, which predict()
        takes, by 32768. push(samples) returns the predictions that are known now, finish() the rest; None for none.
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

    def look_ahead(self, step: float = 0.2, rate: float | None = None) -> float:
        """Seconds of audio that a prediction needs after its time; step: as in live(); rate: Hz, if it is resampled."""
        rows = self.ensemble.look_ahead() + max(1, round(step / self.shift))
        late = resample.delay(int(rate), self.rate) if rate and self.rate not in (None, rate) else 0.0
        return late + rows * self.shift + self.front_end.look_ahead

    def tell_rate(self, rate: float, say: Callable[[str], None] = warn) -> None:
        """Warn of sound at a lower rate (Hz) than that of the features: its upper frequencies are missing."""
        if self.rate and rate < self.rate:
            say(
                f"found sound of {rate:g} Hz, expected {self.rate:g} Hz or more, the rate of the network's features:"
                f" it has nothing above {rate / 2:g} Hz; predictions are wrong unless the network was trained on such"
                " sound"
            )

    def features(self, rate, at_once=None):
        """A stage: samples (N,) at `rate` Hz -> features (T, D); at_once: frames per step (None: the fastest)."""
        old = samples.whole_rate(rate)
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


def is_own(cmvn):
    """Whether cmvn, own or global, means that a recording is normalised by itself. Raises BadInput."""
    if cmvn not in ("own", "global"):
        raise BadInput(f"found cmvn={cmvn!r}, expected 'own' or 'global'")
    return cmvn == "own"


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
            self._sums += statistics([frame[None]])
            missing = max(0.0, self._frames - self._sums[0, -1])
            normalised[n] = self._recognizer.normalise(frame[None], self._sums + missing * self._prior)[0]
        return normalised
