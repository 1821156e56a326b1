"""Generated corpora for the benchmarks: features, labels, recordings and predictions, of any number and length.

The disk holds at most DISTINCT recordings, or matrices of features. The tables name these again and again, so that
every step reads as much as of a real corpus of this size.
"""

import itertools
import json
import wave

import numpy as np

from cer.base.files import write_text
from cer.base.tables import read_table, write_table
from cer.data import cmvn
from cer.data.datadir import labels_of, writing_archive
from cer.data.predictions import ABOUT

SHIFT, FRAMES, DIM = 0.04, 4, 40  # s between labels, frames a label, columns of a frame: 160 columns a row
TARGETS = ("arousal", "valence")
BLOCK = 1 << 20  # samples written at once
DISTINCT = 108  # recordings or matrices of features on the disk: 9 hours of 300 s, or 9 minutes of 5 s


def features(directory, number, rows):
    """Make a data directory of `number` utterances of `rows` rows, a speaker each: features, CMVN, labels.

    The features of utterance n are those of n + DISTINCT.
    """
    ids, random = speakers(directory, number), np.random.default_rng(number)
    noise = random.standard_normal((rows * FRAMES, DIM), np.float32)
    stats = cmvn.statistics([noise])
    _archive(directory, "feats", ids, lambda: np.roll(noise, random.integers(len(noise)), axis=0), DISTINCT)
    _archive(directory, "cmvn", ids, lambda: stats)
    labels(directory, ids, rows)
    write_text(directory / "frame_shift", f"{SHIFT / FRAMES}\n")


def labels(directory, ids, rows):
    """Add labels of so many rows to a data directory: slow waves."""
    random = np.random.default_rng(rows)

    def curve():
        angle = np.arange(rows, dtype=np.float32) * SHIFT / random.uniform(3, 30) + random.uniform(0, 6)
        return np.sin(angle, dtype=np.float32)[:, None]

    for target in TARGETS:
        _archive(directory, target, ids, curve)
    write_text(directory / "label_shift", f"{SHIFT}\n")


def recordings(directory, number, seconds, rate):
    """Make a data directory of `number` recordings of noise, 16-bit wav files, a speaker each; returns their ids.

    Recording n is the file of n + DISTINCT.
    """
    ids, random = speakers(directory, number), np.random.default_rng(number)
    block = random.normal(0, 1000, BLOCK).astype("<i2")
    folder = directory / "wav"
    folder.mkdir()
    for key in ids[:DISTINCT]:
        with wave.open(str(folder / f"{key}.wav"), "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
            for start in range(0, left := round(seconds * rate), BLOCK):
                part = np.roll(block, random.integers(BLOCK))[: left - start]
                file.writeframes(part.tobytes())
    files = [(folder / f"{key}.wav").resolve() for key in ids[:DISTINCT]]
    write_table(directory / "wav.scp", dict(zip(ids, itertools.cycle(files), strict=False)))
    for name in ("utt2dur", "reco2dur"):
        write_table(directory / name, dict.fromkeys(ids, f"{seconds:g}"))
    return ids


def predictions(folder, data, target, runs):
    """Make a system's predictions of a data directory: its labels with noise, of so many runs and their mean."""
    names, gold = [f"run{n + 1}" for n in range(runs)], labels_of(data, target)
    for name in (".", *names):
        random = np.random.default_rng([*f"{folder.parent.parent.name} {name}".encode()])
        with writing_archive(folder / name / "output") as write:
            for key, values in gold.items():
                write(key, values + np.float32(0.1) * random.standard_normal(values.shape, np.float32))
    write_text(folder / ABOUT, json.dumps({"target": target, "shift": SHIFT, "runs": names}) + "\n")


def speakers(directory, number):
    """Make a data directory of utterances of a speaker each, with nothing else; returns their ids."""
    directory.mkdir(parents=True)
    ids = [f"{directory.name}{n:05d}" for n in range(number)]
    for name in ("utt2spk", "spk2utt"):
        write_table(directory / name, {key: key for key in ids})
    return ids


def _archive(directory, name, ids, matrix, distinct=None):
    """Write an archive, and its scp file into the directory itself.

    matrix: function that returns the next matrix; distinct: number of matrices, each for every so many-th utterance
    (default: one for each).
    """
    with writing_archive(directory / "data" / name) as write:
        for key in ids[:distinct]:
            write(key, matrix())
    places = read_table(directory / "data" / f"{name}.scp").values()
    write_table(directory / f"{name}.scp", dict(zip(ids, itertools.cycle(places), strict=False)))
