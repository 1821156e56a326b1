"""Log mel filterbank features, Section 3 of the paper: Kaldi's compute-fbank-feats in float32 numpy.

Options have Kaldi's names, meanings and defaults, so that both programs read the same conf/fbank.conf. Frames are
processed in blocks that fit the CPU cache: processing a whole recording at once takes twice as long.
"""

import math
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
import scipy.fft

from cer.base.errors import BadInput
from cer.base.kinds import Hertz, NonNegative, Range, Share
from cer.base.stream import Window, outputs
from cer.features import FrontEnd
from cer.features.parts.mel import Bank, mel_filters, window
from cer.features.parts.windows import put_emphasised, windows
from cer.sound.resample import stage as resampling

BLOCK = 256  # frames per block
MOST_SAMPLES = 1 << 17  # longest window, samples: 8 s at 16 kHz
EPSILON = np.finfo(np.float32).eps  # Kaldi's floor for energies before the logarithm
Milliseconds = Annotated[float, Range(0, 100_000, above=True)]


@dataclass(kw_only=True, eq=False)
class Features(FrontEnd):
    """Kaldi's log mel filterbank: fbank(samples, rate) -> (T, D) float32.

    Options:
        sample_frequency: sampling rate that the front end works at, Hz
        frame_length: window length, milliseconds
        frame_shift: distance between windows, milliseconds
        num_mel_bins: number of mel filters. The paper's Section 3: 40
        low_freq: lower edge of the first filter, Hz
        high_freq: upper edge of the last filter, Hz; a value of 0 or less is added to half the sampling rate
        dither: standard deviation of the noise added to each sample, in 16-bit steps; the utterance id seeds it
        preemphasis_coefficient: coefficient of the first-order high-pass filter in each window
        window_type: povey, hanning, hamming, blackman, sine or rectangular
        blackman_coeff: coefficient of the blackman window
        remove_dc_offset: subtract the mean of each window
        round_to_power_of_two: zero-pad each window to a power of two for the FFT
        snip_edges: true: only windows inside the recording; false: one window per shift, mirrored at the edges
        use_energy: add the log energy as the first column
        raw_energy: compute that energy before pre-emphasis and windowing
        energy_floor: floor of that energy; 0: no floor
        use_log_fbank: take the logarithm of the filter outputs
        use_power: true: power spectrum; false: magnitude spectrum
        htk_compat: put the energy in the last column
        allow_downsample: resample recordings with a higher sampling rate; false: refuse them
        allow_upsample: resample recordings with a lower sampling rate; false: refuse them
    """

    sample_frequency: Hertz = 16000.0
    frame_length: Milliseconds = 25.0
    frame_shift: Milliseconds = 10.0
    num_mel_bins: Annotated[int, Range(3, 1000)] = 23
    low_freq: NonNegative = 20.0
    high_freq: float = 0.0
    dither: NonNegative = 1.0
    preemphasis_coefficient: Share = 0.97
    window_type: str = "povey"
    blackman_coeff: Share = 0.42
    remove_dc_offset: bool = True
    round_to_power_of_two: bool = True
    snip_edges: bool = True
    use_energy: bool = False
    raw_energy: bool = True
    energy_floor: NonNegative = 0.0
    use_log_fbank: bool = True
    use_power: bool = True
    htk_compat: bool = False
    allow_downsample: bool = False
    allow_upsample: bool = False

    noise = ("dither",)
    permits = ("allow_downsample", "allow_upsample")

    def __post_init__(self):
        self.length = int(self.sample_frequency * 0.001 * self.frame_length)  # samples in a window
        self.shift = int(self.sample_frequency * 0.001 * self.frame_shift)  # samples between windows
        if not 2 <= self.length <= MOST_SAMPLES or self.shift < 1 or self.num_mel_bins > self.length:
            raise BadInput(
                f"fbank options: a window of {self.length} samples every {self.shift} with {self.num_mel_bins} mel"
                f" bins; expected 2 to {MOST_SAMPLES} samples, every 1 or more, and no more bins than samples"
            )
        self.fft_length = 1 << (self.length - 1).bit_length() if self.round_to_power_of_two else self.length
        self.window = window(self.window_type, self.length, self.blackman_coeff)
        self.padded_window = np.pad(self.window, (0, self.fft_length - self.length))
        nyquist = self.sample_frequency / 2
        self.edges = (self.low_freq, self.high_freq if self.high_freq > 0 else nyquist + self.high_freq)  # Hz
        if not 0 <= self.edges[0] < self.edges[1] <= nyquist:
            raise BadInput(
                f"fbank options: filters from {self.edges[0]} to {self.edges[1]} Hz within 0 to {nyquist} Hz"
            )

    @property
    def rate(self):
        """Sampling rate of the windowed samples, Hz."""
        return self.sample_frequency

    @property
    def frame_seconds(self):
        """Frame shift, seconds."""
        return self.frame_shift / 1000

    @property
    def dim(self):
        """Feature dimension: the mel filters, plus one column with --use-energy=true."""
        return self.num_mel_bins + self.use_energy

    @cached_property
    def mel(self):
        """Filter weights (fft_length / 2, num_mel_bins), float32."""
        return mel_filters(self.num_mel_bins, self.fft_length, self.sample_frequency, *self.edges)

    @cached_property
    def bank(self):
        """The filters as they are applied to spectra."""
        return Bank(self.mel, self.use_power)

    def describe(self):
        """Describe the features in one phrase, as predictions from recordings use them: without dither."""
        return (
            f"{self.dim} log mel filterbank features every {self.frame_seconds:g} s, without dither, as Kaldi's"
            " compute-fbank-feats makes them"
        )

    def num_frames(self, num_samples):
        """Count the frames of `num_samples` samples at the front end's rate, by Kaldi's rules for snip_edges."""
        if not self.snip_edges:
            return (num_samples + self.shift // 2) // self.shift
        return 0 if num_samples < self.length else 1 + (num_samples - self.length) // self.shift

    def __call__(self, samples, rate, key=""):
        """Compute the features of one recording: samples (N,), see of_pieces."""
        return self.of_pieces([np.ascontiguousarray(samples, np.float32)], rate, key)

    def of_pieces(self, pieces, rate, key=""):
        """Compute the features of one recording, whose samples come piece by piece; keeps only what later frames need.

        pieces: iterable of float32 (N,) in the range of 16-bit integers; rate: Hz; key: utterance id, which seeds the
        dither. Returns float32 (T, D). Raises BadInput when the rate differs and the options do not allow resampling,
        or when the recording is shorter than one frame.
        """
        noise = np.random.default_rng(zlib.crc32(key.encode()))
        total, done, blocks, samples = 0, 0, [], np.empty(0, np.float32)
        for piece in self._at_rate(pieces, rate, key):
            total += len(piece)
            samples = np.concatenate([samples, piece]) if len(samples) else piece
            ready = (len(samples) - 2 * self.length) // self.shift // BLOCK * BLOCK  # later samples change none of them
            if ready > 0:
                samples = samples if done else self._padded(samples, left=True)
                blocks += self._blocks(samples, ready, noise)
                samples, done = samples[ready * self.shift :], done + ready
        left = self.num_frames(total) - done
        if left + done < 1:
            raise BadInput(f"{key}: {total} samples at {self.sample_frequency:g} Hz are no frame of {self.length}")
        after = (left - 1) * self.shift + self.length
        blocks += self._blocks(self._padded(samples, left=not done, length=after), left, noise)
        return np.concatenate(blocks)

    def _at_rate(self, pieces, rate, key):
        """Bring pieces of samples to the front end's rate."""
        if rate == self.sample_frequency:
            return pieces
        self.check_rate(rate, key)
        return outputs(resampling(int(rate), int(self.sample_frequency)), pieces)

    def check_rate(self, rate, key):
        """Raise BadInput when a recording at this rate (Hz) needs resampling that the options do not allow."""
        lower = self.allow_upsample or rate >= self.sample_frequency
        if not (lower and (self.allow_downsample or rate <= self.sample_frequency)):
            raise BadInput(
                f"{key}: found {rate:g} Hz, expected {self.sample_frequency:g} Hz; resampling needs"
                " --allow-downsample=true or --allow-upsample=true in the configuration"
            )

    def reach(self):
        """Return how many samples a window covers before and after the `shift` samples of its frame."""
        before = 0 if self.snip_edges else self.length // 2 - self.shift // 2
        return max(0, before), max(0, self.length - before - self.shift)

    @property
    def look_ahead(self):
        """Seconds that a window covers after the shift of its frame."""
        return self.reach()[1] / self.rate

    def stream(self, rate, at_once=None):
        """A stage: samples (N,) at the front end's rate -> (T, D), in the blocks of __call__, for equal rounding."""
        (before, after), at_once = self.reach(), at_once or BLOCK
        period = self.shift * at_once
        return Window(self._piece, before, after, period=period, out=at_once, unit=period)

    def _piece(self, samples):
        if self.num_frames(len(samples)) < 1:
            return np.empty((0, self.dim), np.float32)
        return self(samples, self.rate)

    def graph(self, factor):
        """A torch module: samples (N,) at the front end's rate -> (T, D), without dither."""
        from cer.features.parts.fbank_graph import LogMel

        return LogMel(self)

    def _padded(self, samples, left, length=0):
        """Mirror samples at the recording's ends, for windows beyond them (snip_edges=false).

        left: whether the samples are the first ones; length: number of samples that the last windows need.
        """
        if self.snip_edges:
            return samples
        before = left * (self.length // 2 - self.shift // 2)  # the first window's centre: half a shift after the start
        after = max(0, length - before - len(samples))
        return np.pad(samples, (max(0, before), after), "symmetric")[max(0, -before) :]

    def _blocks(self, samples, count, noise):
        """Compute the features of the first `count` windows: list of (n, D)."""
        x = np.zeros((min(count, BLOCK), self.fft_length), np.float32)
        return [self._block(samples[n * self.shift :], x[: count - n], noise) for n in range(0, count, BLOCK)]

    def _block(self, samples, x, noise):
        """Compute features (n, D) of the first n windows, which overwrite x: (n, fft_length), zeros behind `length`."""
        frames, shift = windows(samples, len(x), self.length, self.shift), self.shift
        if self.dither:  # each window has noise of its own, so that they no longer overlap
            frames = frames + np.float32(self.dither) * noise.standard_normal(frames.shape, np.float32)
            samples, shift = frames.ravel(), self.length
        mean = frames.sum(axis=1, keepdims=True) / np.float32(self.length) if self.remove_dc_offset else np.float32(0)
        energy = _log_energy(frames - mean) if self.use_energy and self.raw_energy else None
        put_emphasised(x[:, : self.length], samples, shift, mean, self.preemphasis_coefficient)
        x *= self.padded_window
        if self.use_energy and not self.raw_energy:
            energy = _log_energy(x)
        mel = self.bank(scipy.fft.rfft(x))
        if self.use_log_fbank:
            np.log(np.maximum(mel, EPSILON, out=mel), out=mel)
        return mel if energy is None else self._with_energy(mel, energy)

    def _with_energy(self, mel, energy):
        if self.energy_floor > 0:
            energy = np.maximum(energy, np.float32(math.log(self.energy_floor)))
        return np.hstack([mel, energy] if self.htk_compat else [energy, mel])


def _log_energy(x):
    return np.log(np.maximum((x * x).sum(axis=1, keepdims=True), EPSILON))
