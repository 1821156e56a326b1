"""Generated data directories for the benchmarks: features with labels, and recordings, of any number and length."""

import wave

import numpy as np

from cer.base.files import write_text
from cer.base.tables import read_table, write_table
from cer.data import cmvn
from cer.data.datadir import writing_archive

SHIFT, FRAMES, DIM = 0.04, 4, 40  # s between labels, frames a label, columns of a frame: 160 columns a row
TARGETS = ("arousal", "valence")
BLOCK = 1 << 20  # samples written at once


def features(directory, number, rows):
    """Make a data directory of `number` utterances of `rows` rows, a speaker each: features, CMVN, labels."""
    ids, random = _ids(directory, number), np.random.default_rng(number)
    noise = random.standard_normal((rows * FRAMES, DIM), np.float32)
    stats = cmvn.statistics([noise])
    _archive(directory, "feats", ids, lambda: np.roll(noise, random.integers(len(noise)), axis=0))
    _archive(directory, "cmvn", ids, lambda: stats)
    labels(directory, ids, lambda: rows, random)
    write_text(directory / "frame_shift", f"{SHIFT / FRAMES}\n")


def labels(directory, ids, rows, random):
    """Add labels to a data directory: slow waves; rows: function that returns the number of rows of an utterance."""

    def curve():
        angle = np.arange(rows(), dtype=np.float32) * SHIFT / random.uniform(3, 30) + random.uniform(0, 6)
        return np.sin(angle, dtype=np.float32)[:, None]

    for target in TARGETS:
        _archive(directory, target, ids, curve)
    write_text(directory / "label_shift", f"{SHIFT}\n")


def recordings(directory, number, seconds, rate):
    """Make a data directory of `number` recordings of noise, 16-bit wav files, a speaker each."""
    ids, random = _ids(directory, number), np.random.default_rng(number)
    block = random.normal(0, 1000, BLOCK).astype("<i2")
    folder = directory / "wav"
    folder.mkdir()
    for key in ids:
        with wave.open(str(folder / f"{key}.wav"), "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
            for start in range(0, left := round(seconds * rate), BLOCK):
                part = np.roll(block, random.integers(BLOCK))[: left - start]
                file.writeframes(part.tobytes())
    write_table(directory / "wav.scp", {key: (folder / f"{key}.wav").resolve() for key in ids})
    for name in ("utt2dur", "reco2dur"):
        write_table(directory / name, dict.fromkeys(ids, f"{seconds:g}"))


def _ids(directory, number):
    """Make the folder and who speaks what; returns the utterances' ids."""
    directory.mkdir(parents=True)
    ids = [f"{directory.name}{n:05d}" for n in range(number)]
    for name in ("utt2spk", "spk2utt"):
        write_table(directory / name, {key: key for key in ids})
    return ids


def _archive(directory, name, ids, matrix):
    """Write an archive, and its scp file into the directory itself; matrix: function that returns the next matrix."""
    with writing_archive(directory / "data" / name) as write:
        for key in ids:
            write(key, matrix())
    write_table(directory / f"{name}.scp", read_table(directory / "data" / f"{name}.scp"))
