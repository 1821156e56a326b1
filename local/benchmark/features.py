"""Rows on filterbank features: the recipe's program over a list of recordings, beside kaldi-native-fbank.

kaldi-native-fbank, which `tests/run.sh` installs, is Kaldi's front end as a library. Both do the whole job: they read
wav.scp and its 16-bit wav files, and write an archive and its scp file, by the same function. The library gets samples
from Python's module wave as a numpy array (a list takes as long) and gives a numpy array a frame (get_frame). It does
not resample, so recordings at 44.1 kHz have features at that rate (--sample-frequency=44100); all other options are
those of conf/fbank.conf.
"""

import contextlib
import functools
import os
import tempfile
import wave
from pathlib import Path

import numpy as np

from cer.base.tables import read_table
from cer.bin import compute_feats
from cer.data.datadir import writing_archive
from local.benchmark import corpora
from local.benchmark.measure import ROOT, Row, alternate, process, program, timed

RATES = {"fbank16": 16000, "fbank44": 44100}
ROWS = [*RATES, "fbank-memory"]
SIZES = (10, 60.0), (4, 60.0)  # recordings, seconds of each; the second with --quick
LONG = 3600.0, 600.0  # seconds of the long recording


def words(data, rate):
    """Return the arguments of cer.bin.compute_feats for a data directory."""
    return [f"--config={ROOT}/conf/fbank.conf", f"--sample-frequency={rate}", str(data), str(data / "feats")]


def ours(data, rate):
    """Compute the features of a data directory, as the recipe does, and write them."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        compute_feats.main(words(data, rate))


def native(data, rate):
    """Compute the same features with kaldi-native-fbank, and write them."""
    with writing_archive(data / "native") as write:
        for key, path in read_table(data / "wav.scp").items():
            write(key, native_features(path, rate))


def native_features(path, rate):
    """Features (T, D) of a wav file by kaldi-native-fbank."""
    import kaldi_native_fbank  # here: only these rows need it

    with wave.open(path) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither, options.frame_opts.snip_edges = 0.0, False
    options.frame_opts.samp_freq, options.mel_opts.num_bins = rate, 40
    fbank = kaldi_native_fbank.OnlineFbank(options)
    fbank.accept_waveform(rate, samples)
    fbank.input_finished()
    return np.array([fbank.get_frame(n) for n in range(fbank.num_frames_ready)])


def measure(names, settings):
    """Return the Rows of these names."""
    number, seconds = SIZES[settings.quick]
    with tempfile.TemporaryDirectory() as folder:
        for name, rate in RATES.items():
            if name in names:
                data = Path(folder) / name
                corpora.recordings(data, number, seconds, rate)
                calls = {one.__name__: functools.partial(timed, one, data, rate) for one in (native, ours)}
                times = alternate(calls, settings.repeats)
                what = f"features of {number} recordings at {rate / 1000:g} kHz: kaldi-native-fbank / ours"
                yield Row(name, what, ">= 8", times["native"], times["ours"])
        if "fbank-memory" in names:
            data, length = Path(folder) / "long", LONG[settings.quick]
            corpora.recordings(data, 1, length, 44100)
            used = process(program("cer.bin.compute_feats", *words(data, 44100)))
            what = f"features of {length / 60:g} min at 44.1 kHz: peak memory"
            yield Row("fbank-memory", what, "<= 400 MB", [used], counts="megabytes")
