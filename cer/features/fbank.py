"""Log mel filterbank features, Section 3 of the paper: what Kaldi's compute-fbank-feats computes, in float32 numpy.

Options carry Kaldi's names, meanings and defaults, so that one conf/fbank.conf serves both programs. Frames are
worked through in blocks that stay in the cache: a whole recording at once takes twice the time.
"""

import math
import zlib
from functools import cached_property
from typing import Annotated

import numpy as np
import scipy.fft
import scipy.signal

from cer.base.errors import BadInput
from cer.base.kinds import NonNegative, Range, Share

BLOCK = 256  # frames worked on at once
MOST_SAMPLES = 1 << 17  # of a window: 8 s at 16 kHz
EPSILON = np.finfo(np.float32).eps  # Kaldi's floor under every energy before its logarithm


Hertz = Annotated[float, Range(1000, 768_000)]  # of recordings, as in cer/sound/pcm.py
Milliseconds = Annotated[float, Range(0, 100_000, above=True)]


class Fbank:
    """Kaldi's log mel filterbank: fbank(samples, rate) -> (T, D) float32.

    Options:
        sample_frequency: sampling rate of the features' front end, Hz
        frame_length: window length, milliseconds
        frame_shift: distance of two windows, milliseconds
        num_mel_bins: mel filters. The paper's Section 3: 40
        low_freq: lower edge of the first filter, Hz
        high_freq: upper edge of the last filter, Hz; 0 or less counts down from half the sampling rate
        dither: standard deviation of the noise added to each sample, in 16-bit steps; its seed is the utterance's id
        preemphasis_coefficient: of the first-order high-pass in each window
        window_type: povey, hanning, hamming, blackman, sine or rectangular
        blackman_coeff: of the blackman window
        remove_dc_offset: subtract each window's mean
        round_to_power_of_two: pad the FFT's length to a power of two
        snip_edges: true: only windows that fit the recording; false: one window a shift, mirrored at the edges
        use_energy: put the log energy before the filters
        raw_energy: take that energy before pre-emphasis and window
        energy_floor: least energy of that first column; 0 is none
        use_log_fbank: log of the filters' outputs
        use_power: power spectrum; false is the magnitude
        htk_compat: put the energy last
        allow_downsample: resample recordings of a higher rate; without it they are an error
        allow_upsample: resample recordings of a lower rate; without it they are an error
    """

    def __init__(
        self,
        *,
        sample_frequency: Hertz = 16000.0,
        frame_length: Milliseconds = 25.0,
        frame_shift: Milliseconds = 10.0,
        num_mel_bins: Annotated[int, Range(3, 1000)] = 23,
        low_freq: NonNegative = 20.0,
        high_freq: float = 0.0,
        dither: NonNegative = 1.0,
        preemphasis_coefficient: Share = 0.97,
        window_type: str = "povey",
        blackman_coeff: Share = 0.42,
        remove_dc_offset: bool = True,
        round_to_power_of_two: bool = True,
        snip_edges: bool = True,
        use_energy: bool = False,
        raw_energy: bool = True,
        energy_floor: NonNegative = 0.0,
        use_log_fbank: bool = True,
        use_power: bool = True,
        htk_compat: bool = False,
        allow_downsample: bool = False,
        allow_upsample: bool = False,
    ):
        vars(self).update({name: value for name, value in locals().items() if name != "self"})
        self.length = int(sample_frequency * 0.001 * frame_length)  # samples in a window
        self.shift = int(sample_frequency * 0.001 * frame_shift)  # samples between windows
        if not 2 <= self.length <= MOST_SAMPLES or self.shift < 1 or num_mel_bins > self.length:
            raise BadInput(
                f"fbank options: a window of {self.length} samples every {self.shift} with {num_mel_bins} mel bins;"
                f" expected 2 to {MOST_SAMPLES} samples, every 1 or more, and no more bins than samples"
            )
        self.fft_length = 1 << (self.length - 1).bit_length() if round_to_power_of_two else self.length
        self.window = window(window_type, self.length, blackman_coeff)
        nyquist = sample_frequency / 2
        self.edges = (low_freq, high_freq if high_freq > 0 else nyquist + high_freq)  # Hz
        if not 0 <= self.edges[0] < self.edges[1] <= nyquist:
            raise BadInput(
                f"fbank options: filters from {self.edges[0]} to {self.edges[1]} Hz within 0 to {nyquist} Hz"
            )

    @cached_property
    def mel(self):
        """Filter weights (fft_length / 2, num_mel_bins), float32."""
        return mel_filters(self.num_mel_bins, self.fft_length, self.sample_frequency, *self.edges)

    def num_frames(self, num_samples):
        """Frames of a recording of `num_samples` at the front end's rate; Kaldi's rule for each kind of edge."""
        if not self.snip_edges:
            return (num_samples + self.shift // 2) // self.shift
        return 0 if num_samples < self.length else 1 + (num_samples - self.length) // self.shift

    def __call__(self, samples, rate, key=""):
        """Compute the features of one recording.

        samples: (N,) in the range of 16-bit integers; rate: Hz; key: the utterance's id, which seeds the dither.
        Returns float32 (T, D). Raises BadInput when the rate differs and resampling is not allowed, or when the
        recording is shorter than one frame.
        """
        samples = self._at_rate(np.asarray(samples, np.float32), rate, key)
        num_frames = self.num_frames(len(samples))
        if num_frames < 1:
            raise BadInput(
                f"{key}: {len(samples)} samples at {self.sample_frequency:g} Hz are no frame of {self.length}"
            )
        frames = self._frames(samples, num_frames)
        noise = np.random.default_rng(zlib.crc32(key.encode()))
        features = np.empty((num_frames, self.num_mel_bins + self.use_energy), np.float32)
        for start in range(0, num_frames, BLOCK):
            features[start : start + BLOCK] = self._block(frames[start : start + BLOCK], noise)
        return features

    def _at_rate(self, samples, rate, key):
        if rate == self.sample_frequency:
            return samples
        self.check_rate(rate, key)
        return resample(samples, int(rate), int(self.sample_frequency))

    def check_rate(self, rate, key):
        """Raise BadInput if a recording of this rate (Hz) must be resampled and the options do not allow it."""
        lower = self.allow_upsample or rate >= self.sample_frequency
        if not (lower and (self.allow_downsample or rate <= self.sample_frequency)):
            raise BadInput(
                f"{key}: found {rate:g} Hz, expected {self.sample_frequency:g} Hz; resampling needs"
                " --allow-downsample=true or --allow-upsample=true in the configuration"
            )

    def reach(self):
        """Samples that a frame sees before its own `shift` samples, and after them."""
        before = 0 if self.snip_edges else self.length // 2 - self.shift // 2
        return max(0, before), max(0, self.length - before - self.shift)

    def _frames(self, samples, num_frames):
        """A view (num_frames, length) of the samples, without copying."""
        if not self.snip_edges:  # the first window is centred half a shift into the recording
            before = self.length // 2 - self.shift // 2
            after = max(0, (num_frames - 1) * self.shift + self.length - before - len(samples))
            samples = np.pad(samples, (max(0, before), after), "symmetric")[max(0, -before) :]
        return np.lib.stride_tricks.sliding_window_view(samples, self.length)[:: self.shift][:num_frames]

    def _block(self, frames, noise):
        """Features (n, D) of frames (n, length)."""
        x = frames.astype(np.float32)  # a copy, worked on in place
        if self.dither:
            x += np.float32(self.dither) * noise.standard_normal(x.shape, np.float32)
        if self.remove_dc_offset:
            x -= x.mean(axis=1, keepdims=True)
        energy = _log_energy(x) if self.use_energy and self.raw_energy else None
        if self.preemphasis_coefficient:
            x[:, 1:] -= np.float32(self.preemphasis_coefficient) * x[:, :-1]
            x[:, 0] *= np.float32(1 - self.preemphasis_coefficient)
        x *= self.window
        if self.use_energy and not self.raw_energy:
            energy = _log_energy(x)
        spectrum = scipy.fft.rfft(x, self.fft_length)[:, : self.fft_length // 2]  # Kaldi leaves out half the rate
        power = spectrum.real**2 + spectrum.imag**2
        mel = (power if self.use_power else np.sqrt(power)) @ self.mel
        if self.use_log_fbank:
            mel = np.log(np.maximum(mel, EPSILON))
        return mel if energy is None else self._with_energy(mel, energy)

    def _with_energy(self, mel, energy):
        if self.energy_floor > 0:
            energy = np.maximum(energy, np.float32(math.log(self.energy_floor)))
        return np.hstack([mel, energy] if self.htk_compat else [energy, mel])


def _log_energy(x):
    return np.log(np.maximum((x * x).sum(axis=1, keepdims=True), EPSILON))


def window(kind, length, blackman_coeff=0.42):
    """Kaldi's window functions: float32 (length,), symmetric."""
    phase = 2 * np.pi * np.arange(length) / (length - 1)
    shapes = {
        "povey": lambda: (0.5 - 0.5 * np.cos(phase)) ** 0.85,
        "hanning": lambda: 0.5 - 0.5 * np.cos(phase),
        "hamming": lambda: 0.54 - 0.46 * np.cos(phase),
        "sine": lambda: np.sin(phase / 2),
        "rectangular": lambda: np.ones(length),
        "blackman": lambda: blackman_coeff - 0.5 * np.cos(phase) + (0.5 - blackman_coeff) * np.cos(2 * phase),
    }
    if kind not in shapes:
        raise BadInput(f"fbank options: found --window-type={kind}, expected one of {', '.join(shapes)}")
    return shapes[kind]().astype(np.float32)


def mel_scale(frequency):
    """Hz to mel: 1127 ln(1 + f / 700)."""
    return 1127 * np.log1p(frequency / 700)


def mel_filters(num_bins, fft_length, rate, low, high):
    """Triangles that are straight in mel: weights float32 (fft_length / 2, num_bins)."""
    mel = mel_scale(np.arange(fft_length // 2) * rate / fft_length)[:, None]
    edges = np.linspace(mel_scale(low), mel_scale(high), num_bins + 2)
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (mel - left) / (centre - left), (right - mel) / (right - centre)
    weights = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    if not weights.any(axis=0).all():
        raise BadInput(f"fbank options: {num_bins} mel bins leave some without a point of the {fft_length}-point FFT")
    return weights


def resample(samples, rate, new_rate, num_zeros=6):
    """Bring (N,) samples to another rate with Kaldi's filter: a sinc cut at 99 % of the lower half rate, Hann window.

    Returns float32 (ceil(N new_rate / rate),). Source: the definition of Kaldi's LinearResample.
    """
    common = math.gcd(rate, new_rate)
    up, down = new_rate // common, rate // common
    cutoff = _cutoff(rate, new_rate)
    ticks = rate * up  # the least rate that holds both
    half = int(num_zeros / (2 * cutoff) * ticks)
    time = np.arange(-half, half + 1) / ticks  # s
    hann = 0.5 * (1 + np.cos(2 * np.pi * cutoff / num_zeros * time))
    taps = 2 * cutoff * np.sinc(2 * cutoff * time) * hann / ticks  # resample_poly multiplies by `up` again
    return scipy.signal.resample_poly(samples, up, down, window=taps).astype(np.float32)


def resample_reach(rate, new_rate, num_zeros=6):
    """Samples at the old rate that a resampled one sees on either side."""
    return math.ceil(num_zeros / (2 * _cutoff(rate, new_rate)) * rate) + 1


def _cutoff(rate, new_rate):
    return 0.99 * 0.5 * min(rate, new_rate)  # Hz
