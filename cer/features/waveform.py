"""Raw samples, for networks that learn their own features (Trigeorgis et al. [9])."""

import math

import numpy as np

from cer.base.kinds import Hertz
from cer.base.stream import Each
from cer.features import FrontEnd
from cer.sound.resample import resample


class Features(FrontEnd):
    """One sample per frame: features(samples, rate) -> (N, 1) float32.

    Each recording is normalised to mean 0 and variance 1, as in [9].

    Options:
        sample_frequency: sampling rate that recordings are resampled to, Hz
    """

    archived, dim = False, 1

    def __init__(self, *, sample_frequency: Hertz = 16000.0):
        self.rate, self.frame_seconds = sample_frequency, 1 / sample_frequency

    def __call__(self, samples, rate, key=""):
        """samples: (N,) in the range of 16-bit integers; rate: Hz -> float32 (T, 1), at the front end's rate."""
        if rate != self.rate:
            samples = resample(samples, int(rate), int(self.rate))
        return samples[:, None]

    def stream(self, rate, at_once=None):
        """A stage: samples (N,) at the front end's rate -> (N, 1)."""
        return Each(lambda samples: samples[:, None])

    def alone(self, features):
        """Normalise the frames (N, 1) of a whole recording to mean 0 and variance 1."""
        deviation = max(features.std(), 1e-9)  # before the next line: each needs as much memory as the recording
        normalised = features - features.mean()
        normalised /= deviation
        return normalised

    def normalise(self, features, stats, norm_means, norm_vars):
        """Normalise with precomputed statistics (2, 2) to mean 0 and variance 1, whatever norm_means, norm_vars say."""
        mean = stats[0, 0] / stats[0, -1]
        deviation = math.sqrt(max(stats[1, 0] / stats[0, -1] - mean**2, 1e-18))
        return ((features - mean) / deviation).astype(np.float32)

    def stack(self, features, factor):
        """Frames (N, 1) -> rows (ceil(N / factor), factor) float32; zeros pad the last row."""
        samples = features[:, 0].astype(np.float32, copy=False)
        if lacking := -len(samples) % factor:
            samples = np.pad(samples, (0, lacking))
        return samples.reshape(-1, factor)

    def graph(self, factor):
        """A torch module: samples (N,) at the front end's rate -> rows (ceil(N / factor), factor)."""
        from cer.features.parts.waveform_graph import Level

        return Level(factor)
