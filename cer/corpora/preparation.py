"""Recordings with what raters said of them -> the data directories train, dev and test, and a report of agreement.

A corpus's prepare program finds the recordings and reads their traces; the rest is the same for all corpora. Recordings
come one by one and wait on the disk: nothing that was there is replaced before all of them were read and found good.
"""

import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from cer.base.errors import BadInput, listed, warn
from cer.base.files import set_aside, write_text
from cer.base.kinds import names
from cer.base.options import show
from cer.base.words import counted
from cer.corpora import agreement
from cer.corpora.labelling import Labeller, Rated, names_of, taken
from cer.corpora.partition import SETS
from cer.corpora.waiting import Waiting
from cer.data import frames
from cer.data.corpora import write_corpora
from cer.data.corpus import Recording, check_ids, check_values, write_checked
from cer.scoring.gold_standard import METHODS
from cer.scoring.raters import refine
from cer.sound import wav

FULL = 16000  # Hz, the rate of conf/fbank.conf: sound of higher rates is brought to it
UNREFINED = (0, "none")  # values of options of refine() that change nothing; False is 0


@dataclass
class Item:
    """A recording, and target -> Rated; a target without labels is left out."""

    set: str  # train, dev or test
    id: str
    speaker: str
    wav: Path
    rated: dict[str, Rated] = field(default_factory=dict)


def add_options(options, targets):
    """Declare what all corpora have: --targets, --gold-standard, --annotators and the refinement of raters' traces."""
    text = f"dimensions to prepare (default: {','.join(targets) or 'all'})"
    options.add_argument("--targets", type=names, default=list(targets), help=text)
    options.add_keywords(method_of)
    options.add_keywords(refine)


def chosen(options, values, given, auto="avec"):
    """What prepare() takes of add_options()'s options; given, auto: as method_of takes them.

    Raises BadInput for options that exclude each other.
    """
    method, refinement = method_of(given, auto, **options.keywords(values, method_of)), options.keywords(values, refine)
    if method == "given" and _after(refinement):
        raise BadInput(
            "--smooth, --standardise and --align refine raters' traces, but the gold standard is the corpus's own;"
            f" leave them out, or choose --gold-standard={', '.join(METHODS)}"
        )
    return {"method": method, "annotators": values.annotators, "refinement": refinement}


def method_of(given, auto="avec", *, gold_standard: str = "auto", annotators: str = ""):
    """Choose the gold standard by the options: given, or one of cer.scoring.gold_standard.METHODS. Raises BadInput.

    given: whether the corpus has one of its own; auto: the method of a corpus without
    gold_standard: auto, given (the corpus's own), avec, mean or ewe; auto: given if the corpus has one, else avec, or
        mean if its README says so
    annotators: the raters to use, e.g. FM1,FM2,FF1; empty: all of them
    """
    methods = ["auto", "given", *METHODS]
    if gold_standard not in methods:
        raise BadInput(f"--gold-standard={gold_standard}: expected one of {', '.join(methods)}")
    if gold_standard == "given" and annotators:
        raise BadInput("--gold-standard=given takes no --annotators: it is the corpus's own; leave one of them out")
    if gold_standard == "given" and not given:
        raise BadInput("--gold-standard=given: this corpus, in this layout, has none of its own; leave it out")
    if gold_standard == "auto":
        return "given" if given and not annotators else auto
    return gold_standard


def prepare(data, what, items, *, method, annotators="", refinement=None, same_raters=False, meanings=None):
    """Make or renew data/{train,dev,test} and data/agreement.txt, and print a line a set.

    what: the corpus, a line of text; items: iterator of Item; method, annotators, refinement: as chosen() gives them.
    same_raters: whether all recordings must have the same raters; without it, a rater of whom a recording has no trace
    is NaN there. meanings: as cer.data.corpus.write_recordings takes it. Raises BadInput.
    """
    data, refinement = Path(data), refinement or {}
    data.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=data) as file:
        corpus = _Corpus(file, method, names_of(annotators), refinement, same_raters)
        for item in items:
            corpus.add(item)
        corpus.check()
        for name, recordings in corpus.sets.items():
            _write(data / name, recordings, corpus, what, meanings)
    raters = ", ".join(corpus.raters_of(rec for recordings in corpus.sets.values() for rec in recordings)) or "none"
    head = f"# {what}; gold standard: {method}{_after(refinement)}; raters {raters}\n"
    write_text(data / "agreement.txt", head + agreement.HEAD + "".join(f"{line}\n" for line in corpus.report))


def _after(refinement):
    """The refinement in words, "" for none."""
    used = [f"--{name}={show(value)}" for name, value in refinement.items() if value not in UNREFINED]
    return f" after {' '.join(used)}" if used else ""


def _write(directory, recordings, corpus, what, meanings):
    if not recordings:
        print(f"{directory}: not made: the corpus holds no recordings of it")
        if directory.exists():
            print(f"{directory}: the one that was there moved to {set_aside(directory)}")
        return
    raters = corpus.raters_of(recordings)
    for rec in recordings:
        rec.ratings.raters = raters
    write_checked(directory, recordings, corpus.shift, raters, meanings)
    write_corpora(directory, what)
    labelled = sum(bool(recording.labels) for recording in recordings)
    share = _missing(recordings)
    told = f", {share:.0%} of them missing" if share >= 0.005 else ""
    print(
        f"{directory}: {counted(len(recordings), 'recording')}, {labelled} with labels every {corpus.shift:g} s{told}"
    )


def _missing(recordings):
    """The share of their labels that are gaps."""
    counts = [(np.isnan(labels).sum(), labels.size) for rec in recordings for labels in rec.labels.values()]
    return sum(gaps for gaps, _ in counts) / max(sum(size for _, size in counts), 1)


def check_length(trace, duration):
    """Raise BadInput unless a Trace has the rows of a recording of `duration` s, to within frames.TOLERANCE."""
    rows, shift = trace.values.shape[1], trace.shift
    expected = round(duration / shift) + 1
    if abs(rows - expected) > frames.TOLERANCE:
        raise BadInput(
            f"{trace.path}: found {rows} rows of labels, expected {expected} (or up to {frames.TOLERANCE} more or"
            f" less): 0 to {duration:g} s, the recording's length, every {shift:g} s"
        )


class _Corpus:
    """The recordings of all sets, checked as they come; their labels and ratings wait in a file."""

    def __init__(self, file, method, wanted, refinement, same_raters):
        """file: where arrays wait; wanted: the raters to choose, none: all; method ...: as prepare()'s."""
        self.sets, self._labeller = {name: [] for name in SETS}, Labeller(method, refinement)
        self._file, self._method, self._wanted, self._same_raters = file, method, wanted, same_raters
        self._raters, self._first = dict.fromkeys(self._wanted), None  # name -> its first file
        self._counts, self._rates = Counter(), {}  # Hz -> ids of recordings

    @property
    def report(self):
        """The lines of agreement.txt, one a recording and target."""
        return self._labeller.report

    @property
    def shift(self):
        """Seconds between labels, equal in all files."""
        return self._first.shift

    def raters_of(self, recordings):
        """The names of the raters of some recordings, in the order of the columns of ratings."""
        used = {name for rec in recordings for names in rec.ratings.names.values() for name in names}
        return [name for name in self._raters if name in used]

    def add(self, item):
        """Check a recording, and put its labels and ratings on the disk."""
        count, rate = wav.length(item.wav)
        self._rates.setdefault(rate, []).append(item.id)
        rec = Recording(item.id, item.speaker, item.wav, Waiting(self._file), Waiting(self._file))
        for target, rated in item.rated.items():
            gold, raters = taken(rated, self._method, self._wanted, self._same_raters)
            if not (gold or raters):
                continue
            for trace in filter(None, (gold, raters)):
                check_length(trace, count / rate)
                self._check(trace)
            if raters:
                self._check_raters(raters)
            self._labeller.take(rec, item.set, target, gold, raters)
            if raters:
                check_values(Recording(rec.id, "", rec.wav, {}, {target: raters.values}), len(raters.names))
                rec.ratings.keep(target, raters.values, raters.names)
        self.sets[item.set].append(rec)

    def _check(self, trace):
        rows, shift = trace.values.shape[1], trace.shift
        self._first = self._first or replace(trace, values=None)
        if abs(shift - self.shift) * rows > self.shift / 4:
            raise BadInput(f"{trace.path}: labels every {shift:g} s, every {self.shift:g} s in {self._first.path}")
        self._counts["times that stand there twice, of which the last counts"] += trace.repeated
        self._counts["columns that nobody asked for"] += trace.ignored

    def _check_raters(self, trace):
        if self._same_raters and self._raters and [*self._raters] != trace.names:
            first = next(iter(self._raters.values()))
            raise BadInput(
                f"{trace.path}: found the raters {', '.join(trace.names)}, {', '.join(self._raters)} in {first};"
                " expected the same in all files, in one order: --annotators=A,B takes those whom all have"
            )
        for name in trace.names:
            self._raters[name] = self._raters.get(name) or trace.path

    def check(self):
        """Label what waits for that, and check the sets; nothing is written before. Raises BadInput."""
        self._labeller.finish()
        for name, recordings in self.sets.items():
            if recordings or name != "test":
                check_ids(name, recordings)
                if name != "test" and not any(rec.labels for rec in recordings):
                    raise BadInput(f"{name}: found no labels of its {len(recordings)} recordings, expected some")
        unseen = [name for name in self._wanted if self._raters[name] is None]
        if unseen:
            raise BadInput(f"--annotators: found no rater {', '.join(unseen)} in any file")
        for what, count in self._counts.items():
            if count:
                warn(f"found {count} {what}")
        most = max(self._rates, default=0)
        for rate, ids in sorted(self._rates.items()):
            if rate < min(most, FULL):
                found = f"{counted(len(ids), 'recording')} of {rate} Hz ({listed(ids, 3)}), others of up to {most} Hz"
                cure = "a network may tell them by it: bring all to the lowest rate, or leave these out"
                warn(f"found {found}; these have nothing above {rate / 2:g} Hz, and {cure}")
