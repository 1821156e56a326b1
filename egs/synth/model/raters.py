"""The six raters, each with their own lag, gain and bias (section 6 of the model)."""

from dataclasses import dataclass

import numpy as np

from .parameters import DIMENSIONS, JUDGEMENT, LABEL_RATE, RATERS
from .streams import leaky, ornstein_uhlenbeck, stream


@dataclass(frozen=True)
class Rater:
    """A rater's constants for one dimension, the same for the whole corpus."""

    lag: float  # s
    gain: float  # factor
    bias: float  # of the slider


def draw_rater(seed, d, r):
    """Rater r's constants for dimension d."""
    rng = stream(seed, "rater", d, r)
    return Rater(
        lag=rng.uniform(*JUDGEMENT.lag),
        gain=np.exp(rng.normal(0, JUDGEMENT.gain_spread)),
        bias=rng.normal(0, JUDGEMENT.bias[d]),
    )


def rate(seed, slot, perceived):
    """The ratings of a recording: (2, 6, T) in [-1, 1], multiples of .01; perceived: (2, T)."""
    traces = np.empty((len(DIMENSIONS), len(RATERS), perceived.shape[1]))
    for d, r in np.ndindex(traces.shape[:2]):
        rng = stream(seed, slot, "rate", d, r)
        traces[d, r] = _trace(_judgement(rng, draw_rater(seed, d, r), d, perceived[d]))
    return traces


def consensus(seed, perceived):
    """What the six raters' ratings tell of a recording without noise: (2, T); perceived: (2, T).

    c (g q(t - l)) + o + b through the slider's inertia, with the means of the raters' gains g, lags l and biases b; no
    bias of the recording, no dead band, no rounding.
    """
    tracks = []
    for d, track in enumerate(perceived):
        raters = [draw_rater(seed, d, r) for r in range(len(RATERS))]
        lag, gain, bias = (np.mean([getattr(rater, name) for rater in raters]) for name in ("lag", "gain", "bias"))
        tracks.append(_inertia(JUDGEMENT.scale[d] * gain * _delayed(track, lag) + JUDGEMENT.offset[d] + bias))
    return np.stack(tracks)


def _judgement(rng, rater, d, perceived):
    """The slider position that the rater intends, (T,): c (g q(t - lag) + .9 noise) + o + biases."""
    noise = sum(
        np.sqrt(share) * ornstein_uhlenbeck(rng, len(perceived), tau, LABEL_RATE)
        for share, tau in JUDGEMENT.noise_parts
    )
    judged = rater.gain * _delayed(perceived, rater.lag) + JUDGEMENT.noise * noise
    bias = rater.bias + rng.normal(0, JUDGEMENT.recording_bias[d])
    return JUDGEMENT.scale[d] * judged + JUDGEMENT.offset[d] + bias


def _delayed(track, lag):
    """The track `lag` (s) later; before it starts, its first value."""
    frames = round(lag * LABEL_RATE)
    return np.concatenate([np.full(frames, track[0]), track])[: len(track)]


def _trace(judgement):
    """What the slider records of a judgement, (T,)."""
    slider = _inertia(_dead_band(judgement, JUDGEMENT.dead_band))
    return np.clip(np.round(slider, 2), -1, 1) + 0.0  # no -0.00


def _inertia(slider):
    """The slider's track, (T,), after the hand's two low-passes."""
    for _ in range(2):
        slider = leaky(slider, JUDGEMENT.motor_tau, LABEL_RATE, settled=True)
    return slider


def _dead_band(judgement, band):
    """Move the slider only when the judgement is more than `band` away, and then by the smallest possible amount."""
    slider, at = [], judgement[0]
    for wanted in judgement.tolist():
        if wanted - at > band:
            at = wanted - band
        elif at - wanted > band:
            at = wanted + band
        slider.append(at)
    return np.array(slider)
