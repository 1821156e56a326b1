#!/usr/bin/env python3
"""Prepare RECOLA: either layout -> data directories train, dev and test with labels, and a report of agreement."""

import sys
from pathlib import Path

import numpy as np
from annotations import read_gold_standard, read_ratings
from layouts import SETS, choose, find, original, read_partition

from cer.base.errors import BadInput, program
from cer.base.files import read_text, set_aside, write_text
from cer.base.kinds import names
from cer.base.options import Parser
from cer.data import frames
from cer.data.corpora import MADE_UP, write_corpora
from cer.data.corpus import Recording, write_recordings
from cer.scoring.gold_standard import METHODS, pairwise
from cer.scoring.metrics import ccc, pcc
from cer.sound import wav

AVEC_PARTITION = Path(__file__).resolve().parent / "partition.txt"


def method_of(layout, *, gold_standard: str = "auto", annotators: str = ""):
    """Choose the gold standard by the options: given, or one of cer.scoring.gold_standard.METHODS.

    gold_standard: auto, given (the package's ARFF), avec, mean or ewe; auto: given if it exists, else avec
    annotators: the raters to use, e.g. FM1,FM2,FF1; empty: all of them
    """
    methods = ["auto", "given", *METHODS]
    if gold_standard not in methods:
        raise BadInput(f"--gold-standard={gold_standard}: expected one of {', '.join(methods)}")
    if gold_standard == "given" and (annotators or layout.gold is None):
        raise BadInput(
            "--gold-standard=given is the AVEC package's ARFF: it takes no --annotators and needs that package"
        )
    if gold_standard == "auto":
        return "given" if layout.gold and not annotators else "avec"
    return gold_standard


def labels_of(layout, target, key, method, annotators):
    """Read the labels of one recording.

    Returns (labels (T,), shift in s, raters' Trace or None), or (None, None, None) for a recording without labels.
    """
    raters, gold = layout.ratings_of(target, key), layout.gold_of(target, key)
    ratings = _choose(read_ratings(raters), annotators, raters) if raters.exists() else None
    if method == "given" and gold:
        trace = read_gold_standard(gold)
        return trace.values[0], trace.shift, ratings
    if method == "given" or ratings is None:
        return None, None, None
    return METHODS[method](ratings.values, f"{target}/{key}"), ratings.shift, ratings


def _choose(trace, annotators, path):
    if annotators:
        try:
            wanted = names(annotators)
        except ValueError as error:
            raise BadInput(f"--annotators: {error}") from None
        unknown = [name for name in wanted if name not in trace.names]
        if unknown:
            raise BadInput(f"{path}: found no rater {', '.join(unknown)}; there are {', '.join(trace.names)}")
        rows = [trace.names.index(name) for name in wanted]
        trace.names, trace.values = wanted, trace.values[rows]
    return trace


def partition_of(values):
    """Read the partition, set -> ids, and tell whether it is the user's own; values: of parser()."""
    own = Path(values.corpus) / "partition.txt"
    given = values.partition or (own if own.exists() else None)
    return read_partition(given or AVEC_PARTITION), given is not None


def kind_of(corpus):
    """Name a corpus as its data directories do: RECOLA, or a generated one with its options."""
    marker = Path(corpus) / "SYNTHETIC"
    return f"{MADE_UP} corpus ({read_text(marker).strip()})" if marker.exists() else "RECOLA"


class Corpus:
    """All recordings and labels, read and checked before anything is written."""

    def __init__(self, layout, sets, targets, *choice):
        """sets: name -> ids; targets: list; choice: method and annotators for labels_of(). Raises BadInput."""
        self.recordings, self.report, self.shifts, self.raters = {}, [], {}, {}
        for name in SETS:
            self.recordings[name] = [self._read(layout, name, key, targets, choice) for key in sets[name]]

    @property
    def shift(self):
        """Seconds between labels, equal in all files."""
        return next(iter(self.shifts))

    def _read(self, layout, name, key, targets, choice):
        count, rate = wav.length(layout.wav(key))
        recording, duration = Recording(key, key, layout.wav(key)), count / rate
        for target in targets:
            labels, shift, ratings = labels_of(layout, target, key, *choice)
            if labels is None and name == "test":
                continue  # not public
            if labels is None:
                raise BadInput(f"{layout.expected(target, key, choice[0])}: no such file; {name} needs labels of {key}")
            self._check(layout.expected(target, key, choice[0]), len(labels), shift, duration, ratings)
            recording.labels[target] = labels
            if ratings:
                self._check(layout.ratings_of(target, key), ratings.values.shape[1], ratings.shift, duration, ratings)
                recording.ratings[target] = ratings.values
            self.report.append(_agreement(name, key, target, ratings))
        return recording

    def _check(self, path, rows, shift, duration, ratings):
        expected = round(duration / shift) + 1
        if abs(rows - expected) > frames.TOLERANCE:
            raise BadInput(
                f"{path}: found {rows} rows of labels, expected {expected} (or up to {frames.TOLERANCE} more or less):"
                f" 0 to {duration:g} s, the recording's length, every {shift:g} s"
            )
        self.shifts.setdefault(shift, path)
        if len(self.shifts) > 1:
            raise BadInput(f"{path}: labels every {shift:g} s, every {self.shift:g} s in {self.shifts[self.shift]}")
        if ratings:
            self.raters.setdefault(tuple(ratings.names), path)
        if len(self.raters) > 1:
            names, first = next(iter(self.raters.items()))
            raise BadInput(f"{path}: found the raters {', '.join(ratings.names)}, {', '.join(names)} in {first}")


def _agreement(name, key, target, ratings):
    """Return one report line: mean CCC and PCC of all pairs of raters, then each rater's mean CCC with the others."""
    if ratings is None:
        return f"{name} {key} {target} - -"
    each = pairwise(ratings.values, ccc)
    mean = f"{each.mean():.3f} {np.mean(pairwise(ratings.values, pcc)):.3f}"
    return f"{name} {key} {target} {mean} " + " ".join(f"{r}={c:.3f}" for r, c in zip(ratings.names, each, strict=True))


def parser(description=__doc__):
    """Return the command-line parser; description: of the program, for its help."""
    options = Parser(description)
    options.add_argument("corpus", help="folder of the corpus, in either layout")
    options.add_argument("data", help="output folder for train, dev and test")
    options.add_argument(
        "--partition", metavar="FILE", help="lines `set id` (default: partition.txt in the corpus, else AVEC's)"
    )
    options.add_argument(
        "--targets", type=names, default="arousal,valence", help="dimensions to prepare (default: arousal,valence)"
    )
    options.add_argument(
        "--check-options", action="store_true", help="only check the options, for an original release yet to be made"
    )
    options.add_keywords(method_of)
    return options


@program
def main(argv=None):
    """Run the program."""
    options = parser()
    values = options.parse(argv)
    if values.check_options:
        method_of(original(values.corpus), **options.keywords(values, method_of))
        read_partition(values.partition or AVEC_PARTITION)
        return
    data, layout = Path(values.data), find(values.corpus)
    sets = choose(layout, *partition_of(values))
    method = method_of(layout, **options.keywords(values, method_of))
    corpus = Corpus(layout, sets, values.targets, method, values.annotators)
    what = kind_of(values.corpus)
    print(f"{values.corpus}: {what}, {layout.name}; gold standard: {method}")
    for name, recordings in corpus.recordings.items():
        if not recordings:
            print(f"{data}/{name}: not made: the corpus holds no recordings of it")
            if (data / name).exists():
                print(f"{data}/{name}: the one that was there moved to {set_aside(data / name)}")
            continue
        write_recordings(data / name, recordings, corpus.shift, next(iter(corpus.raters), ()))
        write_corpora(data / name, what)
        labelled = sum(bool(recording.labels) for recording in recordings)
        print(f"{data}/{name}: {len(recordings)} recordings, {labelled} with labels every {corpus.shift:g} s")
    raters = ", ".join(next(iter(corpus.raters), ["none"]))
    head = f"# {what}; gold standard: {method}; raters {raters}\n"
    head += "# set recording target, mean CCC and PCC of all pairs of raters, each rater's mean CCC with the others\n"
    write_text(data / "agreement.txt", head + "".join(f"{line}\n" for line in corpus.report))


if __name__ == "__main__":
    sys.exit(main())
