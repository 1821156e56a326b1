"""Prepare studyforrest's film: observers' notes of portrayed emotions, features of its sound -> train, dev, test."""

import wave
from pathlib import Path

from cer.base.errors import BadInput, program  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base import csvs
from cer.base.files import replacing, write_text
from cer.base.options import Parser
from cer.corpora import grid
from cer.corpora.preparation import Item, Rated, add_options, chosen, prepare
from cer.data.datadir import writing_archive

NOTES, CONFOUNDS = "paper-f1000_gumpemotions", "studyforrest-data-confoundsannotation"
STARTS = [0, 886.00, 1752.08, 2612.16, 3572.20, 4480.28, 5342.36, 6410.44]  # s, by researchcut2segments.py
SETS = {"train": range(5), "dev": [5], "test": [6, 7]}  # leave-one-out joins them
TRACKS = {"ao": "fg_ad", "av": "fg_av_ger"}  # what the observers heard
SIGNS = {"arousal": {"HIGH": 1, "LOW": -1}, "valence": {"POS": 1, "NEG": -1}}
SHIFT, LABEL_SHIFT, FLOOR = 0.04, 1.0, 1e-5  # s, s, rms


def read_notes(path):
    """An observer's notes: list of (start, end, {target: 1 or -1}), s of the film. Raises BadInput."""
    (number, head), *lines = csvs.lines(path)
    names, notes = csvs.split(path, number, head, ","), []
    if lacking := {"start", "end", *SIGNS} - {*names}:
        raise BadInput(f"{path}:{number}: found no column {', '.join(sorted(lacking))} in {head!r}")
    for number, line in lines:
        row = dict(zip(names, csvs.split(path, number, line, ",", len(names)), strict=True))
        start, end = (csvs.value(path, number, row[name]) for name in ("start", "end"))
        if end < start or any(row[target] not in signs for target, signs in SIGNS.items()):
            raise BadInput(f"{path}:{number}: found {line!r}, expected a later end, HIGH or LOW, and POS or NEG")
        notes.append((start, end, {target: signs[row[target]] for target, signs in SIGNS.items()}))
    return notes


def series(notes, target, start, count):
    """What an observer noted in each of `count` seconds from `start`, of anyone: 1, -1, 0 for both or neither."""
    begins = start + LABEL_SHIFT * np.arange(count)
    noted = {1: np.zeros(count, bool), -1: np.zeros(count, bool)}
    for first, last, signs in notes:
        noted[signs[target]] |= (begins + LABEL_SHIFT > first) & (begins < last)
    return noted[1].astype(float) - noted[-1]


def read_features(folder, track, n):
    """Loudness (dB) and left-right difference of a segment, (T, 2), until the next one begins. Raises BadInput."""
    columns = []
    for name in ("rms", "lrdiff"):
        path = folder / f"{track}_seg{n}_{name}.tsv"
        names, lines, values = csvs.read(path, "\t", first="onset")
        if names != ["onset", "duration", name] or not len(values):
            raise BadInput(f"{path}: found {len(values)} rows of {names}, expected some of onset, duration, {name}")
        for row in np.flatnonzero(np.abs(values[:, 0] - SHIFT * np.arange(len(values))) > SHIFT / 2)[:1]:
            expected = f"{SHIFT * row:.2f}: one every {SHIFT} s from 0"
            raise BadInput(f"{path}:{lines[row]}: found the onset {values[row, 0]:g}, expected {expected}")
        columns.append(values[:, 2])
    if len(columns[0]) != len(columns[1]):
        raise BadInput(f"{path}: found {len(columns[1])} rows, expected {len(columns[0])}, as of rms")
    columns[0] = 20 * np.log10(np.maximum(columns[0], FLOOR))
    length = round((STARTS[n + 1] - STARTS[n]) / SHIFT) if n + 1 < len(STARTS) else None
    return np.array(columns).T[:length]


def normalised(features):
    """Features of all segments, segment -> (T, D), by the mean and deviation of the whole film, float32."""
    film = np.concatenate([*features.values()])
    return {key: np.float32((one - film.mean(axis=0)) / film.std(axis=0)) for key, one in features.items()}


def silence(path, seconds):
    """Write a wav file of silence, which stands for the sound that is not public."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path, "wb") as file, wave.open(file) as sound:
        sound.setparams((1, 2, 1000, 0, "NONE", "NONE"))
        sound.writeframes(bytes(2 * round(1000 * seconds)))
    return path


def read(features, notes, folder, data, targets):
    """The segments one by one: yields Items. notes: of each observer; folder: theirs, which messages name."""
    for name, n in ((name, n) for name, numbers in SETS.items() for n in numbers):
        key, seconds = f"seg{n}", len(features[f"seg{n}"]) * SHIFT
        item = Item(name, key, key, silence(data / "silence" / f"{key}.wav", seconds))
        for target in targets:
            rows = [series(one, target, STARTS[n], int(seconds / LABEL_SHIFT)) for one in notes.values()]
            item.rated[target] = Rated(grid.rated(folder, LABEL_SHIFT, [*notes], np.array(rows)))
        yield item


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("corpus", help="folder that holds the clones")
    options.add_argument("data", help="output folder for train, dev and test")
    options.add_argument("--observers", choices=[*TRACKS], default="ao", help="whose notes count (default: ao)")
    add_options(options, SIGNS)
    values = options.parse(argv)
    corpus, data, choice = Path(values.corpus), Path(values.data), chosen(options, values, given=False, auto="mean")
    if not {*values.targets} <= {*SIGNS}:
        raise BadInput(f"--targets: found {', '.join(values.targets)}, expected {', '.join(SIGNS)}")
    for name in (NOTES, CONFOUNDS):
        if not (corpus / name).is_dir():
            raise BadInput(f"{corpus}: found no {name}; clone https://github.com/psychoinformatics-de/{name} there")
    folder, sounds = corpus / NOTES / "data" / "raw", corpus / CONFOUNDS / "annotation" / "audio"
    notes = {path.stem: read_notes(path) for path in sorted(folder.glob(f"{values.observers}*.csv"))}
    if not notes:
        raise BadInput(f"{folder}: found no {values.observers}*.csv, an observer each; is the clone whole?")
    features = normalised({f"seg{n}": read_features(sounds, TRACKS[values.observers], n) for n in range(len(STARTS))})
    prepare(data, "studyforrest", read(features, notes, folder, data, values.targets), same_raters=True, **choice)
    for name, numbers in SETS.items():
        with writing_archive(data / name / "feats") as write:
            for n in numbers:
                write(f"seg{n}", features[f"seg{n}"])
        write_text(data / name / "frame_shift", f"{SHIFT}\n")


if __name__ == "__main__":
    main()
