#!/usr/bin/env python3
"""Time the front end and kaldi-native-fbank on one recording, alternately, and print the ratio.

kaldi-native-fbank, which `tests/run.sh` installs, is Kaldi's front end as a library.
"""

import time

import kaldi_native_fbank
import numpy as np

from cer.base.options import Parser
from cer.features.fbank import Features as Fbank


def ours(samples, rate):
    """Compute features (T, 40) with cer.features.fbank."""
    return Fbank(num_mel_bins=40, dither=0.0, sample_frequency=float(rate))(samples, rate)


def native(samples, rate):
    """Compute the same features with kaldi-native-fbank, without copying them to numpy."""
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither, options.frame_opts.samp_freq, options.mel_opts.num_bins = 0.0, rate, 40
    fbank = kaldi_native_fbank.OnlineFbank(options)
    fbank.accept_waveform(rate, samples)
    fbank.input_finished()
    return fbank


def seconds(function, *arguments):
    """Return the duration of one call, seconds."""
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def main():
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("--duration", type=float, default=300.0, help="seconds of noise (default: 300)")
    options.add_argument(
        "--repeats", type=int, default=5, help="number of measurements; the median counts (default: 5)"
    )
    values = options.parse()
    for rate in (16000, 44100):
        noise = np.random.default_rng(0).normal(0, 1000, round(values.duration * rate)).astype(np.float32)
        pairs = [(seconds(ours, noise, rate), seconds(native, noise, rate)) for _ in range(values.repeats)]
        mine, other = np.median(pairs, axis=0)
        print(f"{rate} Hz: cer.features.fbank {mine:.3f} s, kaldi-native-fbank {other:.3f} s, ratio {other / mine:.1f}")


if __name__ == "__main__":
    main()
